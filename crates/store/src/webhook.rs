//! Receivers of events, and what is still to be sent to them.

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
    /// Deliveries that are due, held for `lease_ms` by the caller.
    async fn due_deliveries(&self, max: u32, lease_ms: u64) -> Result<Vec<Delivery>>;
    /// Notes how an attempt went; after a failure it is due again with backoff, until [`DELIVERY_ATTEMPTS_MAX`].
    /// A receiver that takes nothing any more ([`GIVEN_UP_MAX`]) or says that it is gone is disabled, and what waits for it is given up.
    async fn delivered(
        &self,
        id: DeliveryId,
        outcome: std::result::Result<(), Undelivered>,
    ) -> Result<Noted>;
    /// Sends to a receiver again, also what was given up and is still kept: it is due now, as if
    /// never tried. Does nothing where it is not disabled.
    async fn enable_webhook(&self, id: WebhookId) -> Result<()>;
}
