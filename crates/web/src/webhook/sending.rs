//! Sends what is due, signed (Standard Webhooks 1.0), and tells the store how it went.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_bus::Hint;
use carrel_store::webhook::{Delivery, Progress, Undelivered};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

use super::dialect;
use super::receiver::{PublicOnly, check_url};
use crate::app::App;
use crate::containment::contain;
use crate::metrics::ReasonLabels;

/// Most deliveries on their way at one moment.
const SENDING_MAX: usize = 16;
/// How often the store is asked when no hint came, milliseconds.
const LOOK_MS: u64 = 2_000;
/// Longest time of one attempt, milliseconds.
const ATTEMPT_MS: u64 = 10_000;
/// How long deliveries are held: longer than an attempt takes, milliseconds.
const LEASE_MS: u64 = 30_000;

/// Sends until the service stops.
pub(crate) async fn run(app: App) {
    let agent = agent(app.config.webhooks_to_private_addresses);
    let slots = Arc::new(Semaphore::new(SENDING_MAX));
    let mut sending = JoinSet::new();
    let mut hints = app.bus.listen();
    loop {
        while sending.try_join_next().is_some() {}
        let free = u32::try_from(slots.available_permits()).unwrap_or(0);
        let due = if free == 0 {
            Vec::new()
        } else {
            match app.store.due_deliveries(free, LEASE_MS).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "cannot read what is to be delivered");
                    Vec::new()
                }
            }
        };
        let any = !due.is_empty();
        for delivery in due {
            let Ok(permit) = Arc::clone(&slots).try_acquire_owned() else {
                // Held by its lease; it is due again afterwards.
                break;
            };
            let (app, agent) = (app.clone(), agent.clone());
            sending.spawn(async move {
                deliver(&app, agent, delivery).await;
                drop(permit);
            });
        }
        if any {
            continue;
        }
        tokio::select! {
            () = app.stopped() => break,
            () = wait_for_end_of_some(&mut hints) => {}
        }
    }
    // What is on its way may end: its outcome is worth knowing.
    let rest = async { while sending.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_millis(ATTEMPT_MS), rest).await;
}

/// Returns when some submission ended, or after [`LOOK_MS`].
async fn wait_for_end_of_some(hints: &mut tokio::sync::broadcast::Receiver<Hint>) {
    let heard = async {
        loop {
            match hints.recv().await {
                Ok(Hint::Events { last: true, .. }) => return,
                Ok(_) => {}
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => return,
                Err(tokio::sync::broadcast::error::RecvError::Closed) => {
                    std::future::pending::<()>().await;
                }
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(LOOK_MS), heard).await;
}

fn agent(private_allowed: bool) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(Duration::from_millis(ATTEMPT_MS)))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent(concat!("carrel/", env!("CARGO_PKG_VERSION")))
        .build();
    let resolver = PublicOnly {
        private_allowed,
        ..PublicOnly::default()
    };
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

async fn deliver(app: &App, agent: Agent, delivery: Delivery) {
    let id = delivery.id;
    let webhook = delivery.webhook.as_ref().map(|webhook| webhook.id);
    let to = redact(&delivery.url);
    let private_allowed = app.config.webhooks_to_private_addresses;
    let outcome = match dialect::write_body(app, &delivery).await {
        Err(reason) => Err(failed(reason)),
        Ok(body) => {
            let delivery = Delivery { body, ..delivery };
            let work = move || send(&agent, &delivery, private_allowed);
            let sent = tokio::task::spawn_blocking(|| contain(work)).await;
            sent.unwrap_or_else(|error| Err(failed(error.to_string())))
        }
    };
    let failure = outcome.as_ref().err().map(|failure| failure.reason.clone());
    let noted = match app.store.delivered(id, outcome).await {
        Ok(noted) => noted,
        Err(error) => {
            // It stays due: the receiver may get it twice, with the same id.
            tracing::warn!(delivery = %id, %error, "cannot note a delivery");
            return;
        }
    };
    count(
        app,
        if failure.is_none() {
            "delivered"
        } else {
            "failed"
        },
    );
    let webhook = webhook.map(|id| id.to_string()).unwrap_or_default();
    if let Some(reason) = failure {
        if noted.progress == Progress::GivenUp {
            count(app, "given_up");
            tracing::warn!(delivery = %id, webhook, to, reason, "delivery given up");
        } else {
            tracing::info!(delivery = %id, webhook, to, reason, "delivery failed");
        }
    }
    if noted.disabled {
        tracing::warn!(webhook, to, "webhook disabled: it takes nothing any more");
    }
}

fn count(app: &App, reason: &'static str) {
    let labels = ReasonLabels { reason };
    app.metrics.deliveries.get_or_create(&labels).inc();
}

/// An address for the log, without what may hold secrets: user, query and fragment.
fn redact(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}/{path}")
}

fn failed(reason: String) -> Undelivered {
    Undelivered {
        reason,
        gone: false,
    }
}

/// One attempt. The receiver says with 2xx that it has taken it, and with 410 that it wants
/// nothing any more (Standard Webhooks).
fn send(agent: &Agent, delivery: &Delivery, private_allowed: bool) -> Result<(), Undelivered> {
    check_url(&delivery.url, private_allowed)
        .map_err(|error| failed(format!("the URL {error}")))?;
    let request = match delivery.method.as_str() {
        "PUT" => agent.put(&delivery.url),
        _ => agent.post(&delivery.url),
    };
    let mut request = request.content_type("application/json");
    if let Some(webhook) = &delivery.webhook {
        let id = delivery.id.to_string();
        let timestamp = Timestamp::now().as_second().to_string();
        let signature = sign(&webhook.secret, &id, &timestamp, &delivery.body);
        request = request
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature);
    }
    let response = request
        .send(delivery.body.as_bytes())
        .map_err(|error| failed(error.to_string()))?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    Err(Undelivered {
        reason: format!("the receiver answered {status}"),
        gone: status.as_u16() == 410,
    })
}

/// Signature of Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over id, time and body joined by dots.
#[must_use]
pub fn sign(secret: &[u8], id: &str, timestamp: &str, body: &str) -> String {
    // HMAC takes keys of any length (RFC 2104 §2).
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_standards_own_example() {
        // https://github.com/standard-webhooks/standard-webhooks, tests of its libraries.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            "{\"test\": 2432232314}",
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_of_an_address_stay_out_of_the_log() {
        assert_eq!(redact("https://a.example/x?key=1#y"), "https://a.example/x");
        assert_eq!(redact("https://ann:pw@a.example/x"), "https://a.example/x");
    }
}
