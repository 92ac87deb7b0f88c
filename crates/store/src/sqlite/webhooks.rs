//! Receivers and deliveries.

use async_trait::async_trait;
use carrel_model::id::{DeliveryId, UserId, WebhookId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::SqliteStore;
use super::accounts;
use super::codec::{
    count, cursor_id, key, microseconds, page, rows_wanted, time, uuid, uuid_maybe, word, word_of,
};
use super::failure::{Step, is_conflict, missing};
use super::retry;
use super::write::{Durability, Tx};
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::webhook::{
    DELIVERY_ATTEMPTS_MAX, Delivery, GIVEN_UP_MAX, LastDelivery, Noted, Progress, Room, Sender,
    Undelivered, WebhookRow, WebhookState, Webhooks,
};

/// Callbacks that are due and that one look reads at most.
const CALLBACKS_READ_MAX: u32 = 1_000;
/// Deliveries handed out at once at most.
const DUE_MAX: usize = 256;

fn read(row: &Row<'_>) -> rusqlite::Result<WebhookRow> {
    Ok(WebhookRow {
        id: WebhookId(uuid(row, "id")?),
        user: UserId(uuid(row, "user")?),
        course: row.get("course")?,
        url: row.get("url")?,
        secret: row.get("secret")?,
        disabled: row.get("disabled")?,
        created_at: time(row, "created_us")?,
    })
}

#[async_trait]
impl Webhooks for SqliteStore {
    async fn add_webhook(&self, webhook: WebhookRow) -> Result<()> {
        self.write(Durability::Durable, "adding a webhook", move |tx| {
            accounts::find(tx, webhook.user)?;
            let added = tx
                .sql
                .prepare_cached(
                    "INSERT INTO webhook (id, user, course, url, secret, disabled, created_us)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    key(webhook.id.0),
                    key(webhook.user.0),
                    webhook.course,
                    webhook.url,
                    webhook.secret,
                    webhook.disabled,
                    webhook.created_at.as_microsecond()
                ]);
            match added {
                Err(error) if is_conflict(&error) => Err(Error::Exists {
                    what: "webhook",
                    id: webhook.id.to_string(),
                }
                .into()),
                other => Ok(other.map(|_| ())?),
            }
        })
        .await
    }

    async fn webhooks(
        &self,
        course: Option<&str>,
        request: PageRequest,
    ) -> Result<Page<WebhookRow>> {
        let course = course.map(ToOwned::to_owned);
        self.read("listing webhooks", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM webhook WHERE course IS ?1 AND id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                 ORDER BY id DESC LIMIT ?3",
            )?;
            let after = cursor_id(&request)?;
            let rows = statement.query_map(params![course, after, rows_wanted(&request)], read)?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |webhook: &WebhookRow| {
                webhook.id.to_string()
            }))
        })
        .await
    }

    async fn webhook_state(&self, id: WebhookId) -> Result<WebhookState> {
        self.read("looking at deliveries", move |tx| look(tx, id))
            .await
    }

    async fn remove_webhook(&self, id: WebhookId) -> Result<()> {
        self.write(Durability::Durable, "removing a webhook", move |tx| {
            let removed = tx
                .sql
                .prepare_cached("DELETE FROM webhook WHERE id = ?1")?
                .execute([key(id.0)])?;
            if removed == 0 {
                return Err(missing("webhook", id));
            }
            Ok(())
        })
        .await
    }

    async fn add_delivery(&self, delivery: Delivery) -> Result<()> {
        self.write(Durability::Durable, "queueing a delivery", move |tx| {
            tx.sql
                .prepare_cached(
                    "INSERT INTO delivery (id, webhook, url, method, body, attempts, due_us,
                        state, created_us)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', ?7) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    key(delivery.id.0),
                    delivery.webhook.as_ref().map(|webhook| key(webhook.id.0)),
                    delivery.url,
                    delivery.method,
                    delivery.body,
                    delivery.attempts,
                    tx.now_us
                ])?;
            Ok(())
        })
        .await
    }

    async fn due_deliveries(&self, room: Room, lease_ms: u64) -> Result<Vec<Delivery>> {
        let doing = "taking due deliveries";
        // Chosen by a reader: what a host that hangs leaves waiting may be much to pass over.
        let chosen = self.read(doing, move |tx| choose(tx, room)).await?;
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        self.write(Durability::Relaxed, doing, move |tx| {
            hold(tx, &chosen, microseconds(lease_ms))
        })
        .await
    }

    async fn delivered(
        &self,
        id: DeliveryId,
        outcome: std::result::Result<(), Undelivered>,
    ) -> Result<Noted> {
        self.write(Durability::Durable, "noting a delivery", move |tx| {
            delivered(tx, id, &outcome)
        })
        .await
    }

    async fn enable_webhook(&self, id: WebhookId, resend_ms: u64) -> Result<u64> {
        self.write(Durability::Durable, "enabling a webhook", move |tx| {
            enable(tx, id, microseconds(resend_ms))
        })
        .await
    }
}

/// What is due and fits in; everything else is passed over. A backlog of one receiver is not read
/// beyond what it has room for: it may be long, and this is asked at every verdict.
fn choose(tx: &Tx<'_>, mut room: Room) -> Step<Vec<Uuid>> {
    let mut chosen = Vec::new();
    for (webhook, url) in receivers(tx)? {
        let mut statement = tx.sql.prepare_cached(
            "SELECT id FROM delivery
             WHERE webhook = ?1 AND due_us IS NOT NULL AND due_us <= ?2 ORDER BY due_us, id",
        )?;
        let mut rows = statement.query(params![key(webhook), tx.now_us])?;
        while chosen.len() < DUE_MAX
            && let Some(row) = rows.next()?
            && room.take(Sender::Webhook, &url)
        {
            chosen.push(uuid(row, "id")?);
        }
    }
    let mut statement = tx.sql.prepare_cached(
        "SELECT id, url FROM delivery
         WHERE webhook IS NULL AND due_us IS NOT NULL AND due_us <= ?1
         ORDER BY due_us, id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![tx.now_us, CALLBACKS_READ_MAX])?;
    while chosen.len() < DUE_MAX
        && let Some(row) = rows.next()?
    {
        let url: String = row.get("url")?;
        if room.take(Sender::Callback, &url) {
            chosen.push(uuid(row, "id")?);
        }
    }
    Ok(chosen)
}

/// Webhooks that something is due for, whose is due for longest first.
fn receivers(tx: &Tx<'_>) -> Step<Vec<(Uuid, String)>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT id, url, (SELECT min(due_us) FROM delivery AS d
             WHERE d.webhook = webhook.id AND d.due_us IS NOT NULL) AS first_us
         FROM webhook WHERE first_us <= ?1 ORDER BY first_us, id",
    )?;
    let rows = statement.query_map([tx.now_us], |row| Ok((uuid(row, "id")?, row.get("url")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Holds those of the chosen ones that are still due.
fn hold(tx: &Tx<'_>, chosen: &[Uuid], lease_us: i64) -> Step<Vec<Delivery>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT id, webhook, url, method, body, attempts FROM delivery
         WHERE id = ?1 AND due_us IS NOT NULL AND due_us <= ?2",
    )?;
    let mut deliveries = Vec::new();
    for id in chosen {
        let found = statement.query_row(params![key(*id), tx.now_us], |row| {
            let webhook = uuid_maybe(row, "webhook")?;
            let delivery = Delivery {
                id: DeliveryId(uuid(row, "id")?),
                webhook: None,
                url: row.get("url")?,
                method: row.get("method")?,
                body: row.get("body")?,
                attempts: row.get("attempts")?,
            };
            Ok((delivery, webhook))
        });
        let Some((mut delivery, webhook)) = found.optional()? else {
            continue;
        };
        if let Some(webhook) = webhook {
            let found = tx
                .sql
                .prepare_cached("SELECT * FROM webhook WHERE id = ?1")?
                .query_row([key(webhook)], read)?;
            // The receiver may have moved since the event.
            delivery.url.clone_from(&found.url);
            delivery.webhook = Some(found);
        }
        tx.sql
            .prepare_cached("UPDATE delivery SET due_us = ?2 WHERE id = ?1")?
            .execute(params![
                key(delivery.id.0),
                tx.now_us.saturating_add(lease_us)
            ])?;
        deliveries.push(delivery);
    }
    Ok(deliveries)
}

fn delivered(
    tx: &Tx<'_>,
    id: DeliveryId,
    outcome: &std::result::Result<(), Undelivered>,
) -> Step<Noted> {
    let (attempts, webhook) = tx
        .sql
        .prepare_cached(
            "UPDATE delivery SET attempts = attempts + 1 WHERE id = ?1 AND state = 'waiting'
             RETURNING attempts, webhook",
        )?
        .query_row([key(id.0)], |row| {
            Ok((row.get::<_, u32>("attempts")?, uuid_maybe(row, "webhook")?))
        })
        .optional()?
        .ok_or_else(|| missing("delivery", id))?;
    let (progress, due_us, error) = match outcome {
        Ok(()) => (Progress::Delivered, None, None),
        Err(failure) if failure.gone || attempts >= DELIVERY_ATTEMPTS_MAX => {
            (Progress::GivenUp, None, Some(&failure.reason))
        }
        Err(failure) => {
            let pause_us = retry::pause_us(retry::DELIVERY, attempts, id.0);
            let due_us = tx.now_us.saturating_add(pause_us);
            (Progress::Waiting, Some(due_us), Some(&failure.reason))
        }
    };
    tx.sql
        .prepare_cached(
            "UPDATE delivery SET state = ?2, due_us = ?3, error = ?4,
                given_up_us = CASE WHEN ?2 = 'given_up' THEN ?5 END
             WHERE id = ?1",
        )?
        .execute(params![
            key(id.0),
            word(progress)?,
            due_us,
            error,
            tx.now_us
        ])?;
    let gone = outcome.as_ref().is_err_and(|failure| failure.gone);
    let disabled = match webhook {
        Some(webhook) if progress == Progress::GivenUp && (gone || takes_nothing(tx, webhook)?) => {
            disable(tx, webhook)?
        }
        _ => false,
    };
    Ok(Noted { progress, disabled })
}

/// Whether a receiver has taken nothing for long.
fn takes_nothing(tx: &Tx<'_>, webhook: Uuid) -> Step<bool> {
    // Ids grow with time.
    let given_up: u32 = tx
        .sql
        .prepare_cached(
            "SELECT count(*) FROM delivery WHERE webhook = ?1 AND given_up_us IS NOT NULL
                AND id > coalesce((SELECT max(id) FROM delivery
                    WHERE webhook = ?1 AND state = 'delivered'), x'')",
        )?
        .query_row([key(webhook)], |row| row.get(0))?;
    Ok(given_up >= GIVEN_UP_MAX)
}

/// Disables a receiver; `false`: it was before.
fn disable(tx: &Tx<'_>, webhook: Uuid) -> Step<bool> {
    let disabled = tx
        .sql
        .prepare_cached("UPDATE webhook SET disabled = 1 WHERE id = ?1 AND disabled = 0")?
        .execute([key(webhook)])?;
    tx.sql
        .prepare_cached(
            "UPDATE delivery SET state = 'given_up', due_us = NULL, given_up_us = ?2
             WHERE webhook = ?1 AND state = 'waiting'",
        )?
        .execute(params![key(webhook), tx.now_us])?;
    Ok(disabled > 0)
}

fn enable(tx: &Tx<'_>, id: WebhookId, resend_us: i64) -> Step<u64> {
    let disabled: bool = tx
        .sql
        .prepare_cached("SELECT disabled FROM webhook WHERE id = ?1")?
        .query_row([key(id.0)], |row| row.get(0))
        .optional()?
        .ok_or_else(|| missing("webhook", id))?;
    if !disabled {
        return Ok(0);
    }
    tx.sql
        .prepare_cached("UPDATE webhook SET disabled = 0 WHERE id = ?1")?
        .execute([key(id.0)])?;
    // Whoever mends a receiver wants what it missed just now, not the whole of a dead term.
    let since_us = tx.now_us.saturating_sub(resend_us);
    let resent = tx
        .sql
        .prepare_cached(
            "UPDATE delivery SET state = 'waiting', attempts = 0, due_us = ?2, error = NULL,
                given_up_us = NULL
             WHERE webhook = ?1 AND given_up_us > ?3",
        )?
        .execute(params![key(id.0), tx.now_us, since_us])?;
    // The rest would count against it at its next failure.
    tx.sql
        .prepare_cached(
            "UPDATE delivery SET given_up_us = NULL
             WHERE webhook = ?1 AND given_up_us IS NOT NULL",
        )?
        .execute([key(id.0)])?;
    Ok(resent as u64)
}

fn look(tx: &Tx<'_>, id: WebhookId) -> Step<WebhookState> {
    let (waiting, given_up) = tx
        .sql
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
                count(*) FILTER (WHERE state = 'given_up') AS given_up
             FROM delivery WHERE webhook = ?1",
        )?
        .query_row([key(id.0)], |row| {
            Ok((count(row, "waiting")?, count(row, "given_up")?))
        })?;
    let last = tx
        .sql
        .prepare_cached(
            "SELECT created_us, state, attempts, error FROM delivery
             WHERE webhook = ?1 AND attempts > 0 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([key(id.0)], |row| {
            Ok(LastDelivery {
                at: time(row, "created_us")?,
                progress: word_of(row, "state")?,
                attempts: row.get("attempts")?,
                error: row.get("error")?,
            })
        })
        .optional()?;
    Ok(WebhookState {
        waiting,
        given_up,
        last,
    })
}
