//! Incidents and the audit log.

use std::borrow::Cow;

use async_trait::async_trait;
use carrel_model::id::{IncidentId, NodeId, SubmissionId, UserId};
use rusqlite::{Row, params};

use super::SqliteStore;
use super::codec::{cursor_id, cursor_number, key, page, rows_wanted, time, uuid, uuid_maybe};
use super::write::Durability;
use crate::error::Result;
use crate::ledger::{AuditFilter, AuditRow, IncidentFilter, IncidentRow, Ledger};
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
        course: row.get("course")?,
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
        filter: IncidentFilter,
        request: PageRequest,
    ) -> Result<Page<IncidentRow>> {
        self.read("listing incidents", move |tx| {
            let sql = format!(
                "SELECT * FROM incident
                 WHERE id < coalesce(?1, x'ffffffffffffffffffffffffffffffffff') AND {} AND {}
                 ORDER BY id DESC LIMIT ?4",
                asked(filter.kind.as_ref(), "kind = ?2", "?2"),
                asked(
                    filter.course.as_ref(),
                    "EXISTS (SELECT 1 FROM submission
                     WHERE submission.id = incident.submission AND submission.course = ?3)",
                    "?3"
                ),
            );
            let mut statement = tx.sql.prepare_cached(&sql)?;
            let after = cursor_id(&request)?;
            let rows = statement.query_map(
                params![after, filter.kind, filter.course, rows_wanted(&request)],
                read_incident,
            )?;
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
                    "INSERT INTO audit (at_us, user, through, address, action, object, detail, course)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    entry.at.as_microsecond(),
                    entry.user.map(|user| key(user.0)),
                    entry.through,
                    entry.address,
                    entry.action,
                    entry.object,
                    entry.detail,
                    entry.course
                ])?;
            Ok(())
        })
        .await
    }

    async fn audit(&self, filter: AuditFilter, request: PageRequest) -> Result<Page<AuditRow>> {
        self.read("reading the audit log", move |tx| {
            let sql = format!(
                "SELECT * FROM audit WHERE number < coalesce(?1, 9223372036854775807)
                     AND {} AND {} ORDER BY number DESC LIMIT ?4",
                asked(filter.user.as_ref(), "user = ?2", "?2"),
                asked(filter.course.as_ref(), "course = ?3", "?3"),
            );
            let mut statement = tx.sql.prepare_cached(&sql)?;
            let rows = statement.query_map(
                params![
                    cursor_number(&request)?,
                    filter.user.map(|user| key(user.0)),
                    filter.course,
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

/// A condition where something is asked for. A statement for each, so that each uses the index
/// that is made for it; what is not asked for is bound to nothing.
fn asked<'a, T>(wanted: Option<&T>, condition: &'a str, parameter: &str) -> Cow<'a, str> {
    match wanted {
        Some(_) => Cow::Borrowed(condition),
        None => Cow::Owned(format!("{parameter} IS NULL")),
    }
}
