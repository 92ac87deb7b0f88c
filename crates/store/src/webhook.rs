//! Receivers of events, and what is still to be sent to them.

use async_trait::async_trait;
use carrel_model::id::{DeliveryId, UserId, WebhookId};
use jiff::Timestamp;

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
    /// Removes a receiver and what was still to be sent to it.
    async fn remove_webhook(&self, id: WebhookId) -> Result<()>;
    /// Queues a delivery.
    async fn add_delivery(&self, delivery: Delivery) -> Result<()>;
    /// Deliveries that are due, held for `lease_ms` by the caller.
    async fn due_deliveries(&self, max: u32, lease_ms: u64) -> Result<Vec<Delivery>>;
    /// Notes how an attempt went; after a failure it is due again with backoff, until [`DELIVERY_ATTEMPTS_MAX`].
    async fn delivered(
        &self,
        id: DeliveryId,
        outcome: std::result::Result<(), String>,
    ) -> Result<()>;
}
