//! Receivers of events, and what is still to be sent to them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use carrel_model::id::{DeliveryId, UserId, WebhookId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::page::{Page, PageRequest};

/// Attempts to deliver before an event is given up.
pub const DELIVERY_ATTEMPTS_MAX: u32 = 10;

/// A receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Id.
    pub id: WebhookId,
    /// Whose.
    pub user: UserId,
    /// Events of this course; `None`: all courses (operators only).
    pub course: Option<String>,
    /// Where to.
    pub url: String,
    /// Key of the signature (Standard Webhooks), as bytes.
    pub secret: Vec<u8>,
    /// Sends nothing.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Events given up one after another, with none delivered in between, before a receiver is
/// disabled. Each of them was tried for three days.
pub const GIVEN_UP_MAX: u32 = 10;

/// How deliveries to a receiver go, as far back as they are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookState {
    /// Events still to be delivered.
    pub waiting: u64,
    /// Events given up.
    pub given_up: u64,
    /// The latest event that was tried.
    pub last: Option<LastDelivery>,
}

/// The latest event that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDelivery {
    /// When the event was.
    pub at: Timestamp,
    /// Where it is now.
    pub progress: Progress,
    /// Attempts made.
    pub attempts: u32,
    /// Why the latest attempt failed.
    pub error: Option<String>,
}

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// To be tried, again or for the first time.
    Waiting,
    /// The receiver has it.
    Delivered,
    /// It will not be tried again.
    GivenUp,
}

/// What became of a delivery, and of its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// Where the delivery is.
    pub progress: Progress,
    /// Its receiver was disabled for it: [`GIVEN_UP_MAX`], or the receiver said that it is gone.
    pub disabled: bool,
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// For people.
    pub reason: String,
    /// The receiver wants nothing more, ever (HTTP 410).
    pub gone: bool,
}

/// An event on its way to a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Id; the receiver's `webhook-id`, the same for every attempt.
    pub id: DeliveryId,
    /// To which registered receiver; `None`: a submission's own callback.
    pub webhook: Option<WebhookRow>,
    /// Where to.
    pub url: String,
    /// `PUT` or `POST`.
    pub method: String,
    /// JSON text.
    pub body: String,
    /// Attempts made.
    pub attempts: u32,
}

/// Who a delivery is sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A registered receiver.
    Webhook,
    /// A submission with an address of its own to call back.
    Callback,
}

impl Delivery {
    /// Who it is sent for.
    #[must_use]
    pub const fn sender(&self) -> Sender {
        match self.webhook {
            Some(_) => Sender::Webhook,
            None => Sender::Callback,
        }
    }
}

/// Places for deliveries that are on their way at once: so many for webhooks, so many for
/// callbacks, and of both together only a few to one host, which may hang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    webhooks: u32,
    callbacks: u32,
    host_max: u32,
    hosts: BTreeMap<String, u32>,
}

impl Room {
    /// Nothing on its way; so many places for each sender, and for each host.
    #[must_use]
    pub const fn of(sender_max: u32, host_max: u32) -> Self {
        Self {
            webhooks: sender_max,
            callbacks: sender_max,
            host_max,
            hosts: BTreeMap::new(),
        }
    }

    /// Whether nothing more fits in, wherever it goes.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.webhooks == 0 && self.callbacks == 0
    }

    const fn free(&mut self, sender: Sender) -> &mut u32 {
        match sender {
            Sender::Webhook => &mut self.webhooks,
            Sender::Callback => &mut self.callbacks,
        }
    }

    /// Takes a place; `false`: there is none for it.
    pub fn take(&mut self, sender: Sender, url: &str) -> bool {
        let host = host(url);
        let there = self.hosts.get(&host).copied().unwrap_or_default();
        if *self.free(sender) == 0 || there >= self.host_max {
            return false;
        }
        *self.free(sender) -= 1;
        self.hosts.insert(host, there + 1);
        true
    }

    /// Gives back a place that was taken.
    pub fn give_back(&mut self, sender: Sender, url: &str) {
        *self.free(sender) += 1;
        let host = host(url);
        match self.hosts.get_mut(&host) {
            Some(there) if *there > 1 => *there -= 1,
            _ => {
                self.hosts.remove(&host);
            }
        }
    }
}

/// The host of a URL, in lower case, without user, password and port.
#[must_use]
pub fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    let host = match place.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((host, port)) if !port.contains(']') => host,
        _ => place,
    };
    host.to_ascii_lowercase()
}

/// Keeps receivers and deliveries. A delivery is queued in the transaction that writes the verdict.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Adds a receiver.
    async fn add_webhook(&self, webhook: WebhookRow) -> Result<()>;
    /// Receivers of a course (or the operators' own), newest first.
    async fn webhooks(&self, course: Option<&str>, page: PageRequest) -> Result<Page<WebhookRow>>;
    /// How deliveries to a receiver go.
    async fn webhook_state(&self, id: WebhookId) -> Result<WebhookState>;
    /// Removes a receiver and what was still to be sent to it.
    async fn remove_webhook(&self, id: WebhookId) -> Result<()>;
    /// Queues a delivery.
    async fn add_delivery(&self, delivery: Delivery) -> Result<()>;
    /// Deliveries that are due and fit in, the longest due first, held for `lease_ms` by the caller.
    async fn due_deliveries(&self, room: Room, lease_ms: u64) -> Result<Vec<Delivery>>;
    /// Notes how an attempt went; after a failure it is due again with backoff, until [`DELIVERY_ATTEMPTS_MAX`].
    /// A receiver that takes nothing any more ([`GIVEN_UP_MAX`]) or says that it is gone is disabled, and what waits for it is given up.
    async fn delivered(
        &self,
        id: DeliveryId,
        outcome: std::result::Result<(), Undelivered>,
    ) -> Result<Noted>;
    /// Sends to a receiver again, also what was given up within so long, in milliseconds, and is
    /// still kept: it is due now, as if never tried. What was given up before stays so, and counts
    /// against the receiver no more. Tells how many are sent again. Does nothing where it is not
    /// disabled.
    async fn enable_webhook(&self, id: WebhookId, resend_ms: u64) -> Result<u64>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_told_without_what_stands_around_it() {
        for (url, told) in [
            ("https://A.example/x?key=1#y", "a.example"),
            ("https://ann:pw@a.example:8443", "a.example"),
            ("https://[2001:db8::1]:8443/x", "[2001:db8::1]"),
            ("https://[2001:db8::1]/x", "[2001:db8::1]"),
            ("https://a.example?u=b@c.example", "a.example"),
            ("", ""),
        ] {
            assert_eq!(host(url), told, "{url}");
        }
    }

    #[test]
    fn a_host_takes_a_few_places_and_no_sender_those_of_the_other() {
        let mut room = Room::of(3, 2);
        let slow = "https://slow.example/a";
        assert!(room.take(Sender::Webhook, slow));
        assert!(room.take(Sender::Webhook, "https://SLOW.example:1/b"));
        assert!(!room.take(Sender::Callback, slow), "two to one host");
        assert!(room.take(Sender::Webhook, "https://other.example/"));
        assert!(!room.take(Sender::Webhook, "https://third.example/"));
        for number in 0..3 {
            let url = format!("https://{number}.example/");
            assert!(room.take(Sender::Callback, &url));
        }
        assert!(room.is_full());
        room.give_back(Sender::Webhook, slow);
        assert!(!room.is_full());
        assert!(room.take(Sender::Webhook, slow));
    }
}
