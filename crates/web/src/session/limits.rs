//! How many requests a person, a token, and an address without either may make.

use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use carrel_api::Code;
use carrel_model::id::{TokenId, UserId};
use carrel_model::quantity::number_of;

use super::network::Network;
use super::rate::{Allowance, Rate, RateTable};
use crate::caller::{Recognised, Through};
use crate::problem::Problem;

/// Most keys that are kept of each kind.
const KEYS_MAX: usize = 100_000;
/// Names of the headers (draft-ietf-httpapi-ratelimit-headers-10).
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The rates. A rate of 0 requests is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of one person, through whatever.
    pub user: Rate,
    /// Of one token.
    pub token: Rate,
    /// Of one address whose requests carry nothing that counts.
    pub address: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            user: Rate::per_minute(6_000),
            token: Rate::per_minute(6_000),
            address: Rate::per_minute(600),
        }
    }
}

/// The buckets of all three kinds.
#[derive(Debug)]
pub struct Limits {
    users: RateTable<UserId>,
    tokens: RateTable<TokenId>,
    addresses: RateTable<Network>,
}

/// What a request found.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    policy: &'static str,
    rate: Rate,
    allowance: Allowance,
}

impl Limits {
    /// Full buckets.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        Self {
            users: RateTable::new(rates.user, KEYS_MAX),
            tokens: RateTable::new(rates.token, KEYS_MAX),
            addresses: RateTable::new(rates.address, KEYS_MAX),
        }
    }

    /// Takes one request out of the buckets that it belongs to; the tightest one counts.
    #[must_use]
    pub fn take(&self, recognised: &Recognised, network: Network, now: Instant) -> Share {
        let Recognised::Caller(caller) = recognised else {
            let allowance = self.addresses.take(network, now);
            return Share {
                policy: "address",
                rate: self.addresses.rate(),
                allowance,
            };
        };
        if let Through::Token(token) = caller.through() {
            let allowance = self.tokens.take(token.id, now);
            let share = Share {
                policy: "token",
                rate: self.tokens.rate(),
                allowance,
            };
            // A refused request costs its person nothing.
            if !allowance.allowed {
                return share;
            }
            let user = self.take_of_user(caller.id(), now);
            return if user.allowance.remaining < allowance.remaining || !user.allowance.allowed {
                user
            } else {
                share
            };
        }
        self.take_of_user(caller.id(), now)
    }

    fn take_of_user(&self, user: UserId, now: Instant) -> Share {
        let allowance = self.users.take(user, now);
        Share {
            policy: "user",
            rate: self.users.rate(),
            allowance,
        }
    }
}

impl Share {
    /// The answer to a request that is one too many.
    #[must_use]
    pub fn refusal(&self) -> Option<Problem> {
        if self.allowance.allowed {
            return None;
        }
        let Rate { requests, window } = self.rate;
        let detail = format!(
            "more than {} in {} s of this {}",
            number_of(requests, "request", "requests"),
            window.as_secs(),
            self.policy
        );
        Some(Problem::new(Code::RateLimited, detail).with_retry_after(millis(self.allowance.reset)))
    }

    /// Tells what is left, in the headers of the answer.
    pub fn tell(&self, headers: &mut HeaderMap) {
        if self.rate.is_unlimited() {
            return;
        }
        let Self {
            policy,
            rate,
            allowance,
        } = self;
        let quota = format!(
            "\"{policy}\";q={};w={}",
            rate.requests,
            rate.window.as_secs()
        );
        let left = format!(
            "\"{policy}\";r={};t={}",
            allowance.remaining,
            millis(allowance.reset).div_ceil(1_000)
        );
        for (name, text) in [(POLICY, quota), (LIMIT, left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Whole milliseconds, rounded up.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse as _;

    use super::*;

    #[test]
    fn one_too_many_is_told_with_when_to_come_back() {
        let rates = Rates {
            address: Rate {
                requests: 2,
                window: Duration::from_secs(10),
            },
            ..Rates::default()
        };
        let (limits, now) = (Limits::new(rates), Instant::now());
        let network = Network::of(None);
        let take = || limits.take(&Recognised::Nobody, network, now);
        assert!(take().refusal().is_none());
        let mut headers = HeaderMap::new();
        take().tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"address\";q=2;w=10");
        assert_eq!(headers["ratelimit"], "\"address\";r=0;t=10");
        let refused = take().refusal().unwrap().into_response();
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()[RETRY_AFTER], "5");
    }

    #[test]
    fn what_does_not_count_is_charged_to_its_address() {
        let rates = Rates {
            address: Rate::per_minute(1),
            ..Rates::default()
        };
        let (limits, now) = (Limits::new(rates), Instant::now());
        let refused = Recognised::Refused(Problem::new(Code::InvalidToken, "x"));
        assert!(
            limits
                .take(&refused, Network::of(None), now)
                .refusal()
                .is_none()
        );
        assert!(
            limits
                .take(&refused, Network::of(None), now)
                .refusal()
                .is_some()
        );
    }
}
