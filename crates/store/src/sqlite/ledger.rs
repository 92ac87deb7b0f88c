//! Incidents and the audit log.

use async_trait::async_trait;
use carrel_model::id::{IncidentId, NodeId, SubmissionId, UserId};
use rusqlite::{Row, params};

use super::SqliteStore;
use super::codec::{cursor_id, cursor_number, key, page, rows_wanted, time, uuid, uuid_maybe};
use super::write::Durability;
use crate::error::Result;
use crate::ledger::{AuditRow, IncidentRow, Ledger};
use crate::page::{Page, PageRequest};

pub(super) fn read_incident(row: &Row<'_>) -> rusqlite::Result<IncidentRow> {
    Ok(IncidentRow {
        id: IncidentId(uuid(row, "id")?),
        at: time(row, "at_us")?,
        node: uuid_maybe(row, "node")?.map(NodeId),
        submission: uuid_maybe(row, "submission")?.map(SubmissionId),
        user: uuid_maybe(row, "user")?.map(UserId),
        kind: row.get("kind")?,
        detail: row.get("detail")?,
    })
}

pub(super) fn read_audit(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        at: time(row, "at_us")?,
        user: uuid_maybe(row, "user")?.map(UserId),
        through: row.get("through")?,
        address: row.get("address")?,
        action: row.get("action")?,
        object: row.get("object")?,
        detail: row.get("detail")?,
    })
}

#[async_trait]
impl Ledger for SqliteStore {
    async fn add_incidents(&self, incidents: Vec<IncidentRow>) -> Result<()> {
        self.write(Durability::Durable, "adding incidents", move |tx| {
            for incident in &incidents {
                tx.sql
                    .prepare_cached(
                        "INSERT INTO incident (id, at_us, node, submission, user, kind, detail)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![
                        key(incident.id.0),
                        incident.at.as_microsecond(),
                        incident.node.map(|node| key(node.0)),
                        incident.submission.map(|submission| key(submission.0)),
                        incident.user.map(|user| key(user.0)),
                        incident.kind,
                        incident.detail
                    ])?;
            }
            Ok(())
        })
        .await
    }

    async fn incidents(
        &self,
        kind: Option<&str>,
        request: PageRequest,
    ) -> Result<Page<IncidentRow>> {
        let kind = kind.map(ToOwned::to_owned);
        self.read("listing incidents", move |tx| {
            let mut statement = tx.sql.prepare_cached(match kind {
                Some(_) => {
                    "SELECT * FROM incident WHERE kind = ?1 AND id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                     ORDER BY id DESC LIMIT ?3"
                }
                None => {
                    "SELECT * FROM incident WHERE ?1 IS NULL AND id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                     ORDER BY id DESC LIMIT ?3"
                }
            })?;
            let after = cursor_id(&request)?;
            let rows =
                statement.query_map(params![kind, after, rows_wanted(&request)], read_incident)?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |incident: &IncidentRow| {
                incident.id.to_string()
            }))
        })
        .await
    }

    async fn add_audit(&self, entry: AuditRow) -> Result<()> {
        self.write(Durability::Durable, "adding to the audit log", move |tx| {
            tx.sql
                .prepare_cached(
                    "INSERT INTO audit (at_us, user, through, address, action, object, detail)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    entry.at.as_microsecond(),
                    entry.user.map(|user| key(user.0)),
                    entry.through,
                    entry.address,
                    entry.action,
                    entry.object,
                    entry.detail
                ])?;
            Ok(())
        })
        .await
    }

    async fn audit(&self, user: Option<UserId>, request: PageRequest) -> Result<Page<AuditRow>> {
        self.read("reading the audit log", move |tx| {
            let mut statement = tx.sql.prepare_cached(match user {
                Some(_) => {
                    "SELECT * FROM audit WHERE user = ?1 AND number < coalesce(?2, 9223372036854775807)
                     ORDER BY number DESC LIMIT ?3"
                }
                None => {
                    "SELECT * FROM audit WHERE ?1 IS NULL AND number < coalesce(?2, 9223372036854775807)
                     ORDER BY number DESC LIMIT ?3"
                }
            })?;
            let rows = statement.query_map(
                params![
                    user.map(|user| key(user.0)),
                    cursor_number(&request)?,
                    rows_wanted(&request)
                ],
                |row| Ok((read_audit(row)?, row.get::<_, i64>("number")?)),
            )?;
            let rows: Vec<(AuditRow, i64)> = rows.collect::<rusqlite::Result<_>>()?;
            let page = page(rows, &request, |(_, number)| number.to_string());
            Ok(Page {
                items: page.items.into_iter().map(|(entry, _)| entry).collect(),
                next: page.next,
            })
        })
        .await
    }
}
