//! What learners do with the questions of their attempts.

use carrel_model::id::AttemptId;
use rusqlite::{OptionalExtension, Row, params};

use super::attempts;
use super::codec::{clock_time, count, document, key, signed, time};
use super::failure::Step;
use super::write::Tx;
use crate::attempt::{Kept, NewResponse, ResponseRow};

fn read(row: &Row<'_>) -> rusqlite::Result<ResponseRow> {
    Ok(ResponseRow {
        question: row.get("question")?,
        sequence: count(row, "sequence")?,
        revision: count(row, "revision")?,
        saved_at: time(row, "saved_us")?,
        document: document(row, "document")?,
    })
}

/// All of an attempt.
pub(super) fn all(tx: &Tx<'_>, id: AttemptId) -> Step<Vec<ResponseRow>> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT * FROM attempt_response WHERE attempt = ?1 ORDER BY question")?;
    let rows = statement.query_map([key(id.0)], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps one, unless the attempt is over or another came first.
pub(super) fn keep(tx: &Tx<'_>, id: AttemptId, new: &NewResponse) -> Step<Kept> {
    let attempt = attempts::find(tx, id)?;
    let now = clock_time(tx.now_us);
    if attempt.ended.is_some() || attempt.ends_at.is_some_and(|ends| now >= ends) {
        return Ok(Kept::Over);
    }
    let before: Option<(u64, u64)> = tx
        .sql
        .prepare_cached(
            "SELECT revision, sequence FROM attempt_response WHERE attempt = ?1 AND question = ?2",
        )?
        .query_row(params![key(id.0), new.question], |row| {
            Ok((count(row, "revision")?, count(row, "sequence")?))
        })
        .optional()?;
    let (revision, sequence) = before.unwrap_or((0, 0));
    if revision != new.revision || sequence > new.sequence {
        return Ok(Kept::Stale);
    }
    tx.sql
        .prepare_cached(
            "INSERT INTO attempt_response (attempt, question, sequence, revision, saved_us,
                document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET sequence = excluded.sequence,
                revision = excluded.revision, saved_us = excluded.saved_us,
                document = excluded.document",
        )?
        .execute(params![
            key(id.0),
            new.question,
            signed(new.sequence),
            signed(revision + 1),
            tx.now_us,
            serde_json::to_string(&new.document)?,
        ])?;
    attempts::touch(tx, id)?;
    Ok(Kept::Done(now))
}
