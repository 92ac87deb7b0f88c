//! Sends what is due, signed (Standard Webhooks 1.0), and tells the store how it went.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_bus::Hint;
use carrel_store::webhook::{Delivery, Progress, Room, Sender, Undelivered, host};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use tokio::task::JoinSet;
use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

use super::dialect;
use super::receiver::{PublicOnly, check_callback, check_url};
use crate::app::App;
use crate::containment::contain;
use crate::metrics::ReasonLabels;

/// Most deliveries of webhooks on their way at one moment, and most callbacks of submissions.
const SENDING_MAX: u32 = 16;
/// Most of them all to one host: one that hangs stops nobody else's.
const HOST_SENDING_MAX: u32 = 4;
/// How often the store is asked when no hint came, milliseconds.
const LOOK_MS: u64 = 2_000;
/// Longest time of one attempt, milliseconds.
const ATTEMPT_MS: u64 = 10_000;
/// How long deliveries are held: longer than an attempt takes, milliseconds.
const LEASE_MS: u64 = 30_000;

/// Sends until the service stops.
pub(crate) async fn run(app: App) {
    let agent = agent(app.config.webhooks_to_private_addresses);
    let room = Arc::new(Mutex::new(Room::of(SENDING_MAX, HOST_SENDING_MAX)));
    let mut sending = JoinSet::new();
    let mut hints = app.bus.listen();
    loop {
        while sending.try_join_next().is_some() {}
        let free = room.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let due = if free.is_full() {
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
            // Held by its lease where there is none; it is due again afterwards.
            let Some(place) = Place::take(&room, &delivery) else {
                continue;
            };
            let (app, agent) = (app.clone(), agent.clone());
            sending.spawn(async move {
                deliver(&app, agent, delivery).await;
                drop(place);
            });
        }
        if any {
            continue;
        }
        tokio::select! {
            () = app.stopped() => break,
            () = wait_for_end_of_some(&mut hints) => {}
            // A place is free again.
            Some(_) = sending.join_next() => {}
        }
    }
    // What is on its way may end: its outcome is worth knowing.
    let rest = async { while sending.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_millis(ATTEMPT_MS), rest).await;
}

/// A place of one delivery, given back when it is over, however it ends.
struct Place {
    room: Arc<Mutex<Room>>,
    sender: Sender,
    url: String,
}

impl Place {
    fn take(room: &Arc<Mutex<Room>>, delivery: &Delivery) -> Option<Self> {
        let (sender, url) = (delivery.sender(), delivery.url.clone());
        let mut free = room.lock().unwrap_or_else(PoisonError::into_inner);
        free.take(sender, &url).then(|| Self {
            room: Arc::clone(room),
            sender,
            url,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        room.give_back(self.sender, &self.url);
    }
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
    // Some receivers have their secret in the path: nothing of it goes to the log.
    let to = host(&delivery.url);
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

fn failed(reason: String) -> Undelivered {
    Undelivered {
        reason,
        gone: false,
    }
}

/// One attempt. The receiver says with 2xx that it has taken it, and with 410 that it wants
/// nothing any more (Standard Webhooks).
fn send(agent: &Agent, delivery: &Delivery, private_allowed: bool) -> Result<(), Undelivered> {
    let check = match delivery.webhook {
        Some(_) => check_url,
        None => check_callback,
    };
    check(&delivery.url, private_allowed).map_err(|error| failed(format!("the URL {error}")))?;
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
}
