//! Points of questions that a person or a changed key gave.

use carrel_model::id::{AttemptId, RescoreId, UserId};
use rusqlite::{Row, params};

use super::codec::{document, key, time, uuid_maybe};
use super::failure::Step;
use super::write::Tx;
use crate::attempt::{MarkRow, NewMark};

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<MarkRow> {
    Ok(MarkRow {
        mark: NewMark {
            question: row.get("question")?,
            points: row.get("points")?,
            comment: row.get("comment")?,
            explanation: document(row, "explanation")?,
        },
        at: time(row, "at_us")?,
        by: uuid_maybe(row, "user")?.map(UserId),
        rescore: uuid_maybe(row, "rescore")?.map(RescoreId),
    })
}

/// All of an attempt, oldest first.
pub(super) fn all(tx: &Tx<'_>, id: AttemptId) -> Step<Vec<MarkRow>> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT * FROM attempt_mark WHERE attempt = ?1 ORDER BY number")?;
    let rows = statement.query_map([key(id.0)], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds one; those before it stay as history.
pub(super) fn add(
    tx: &Tx<'_>,
    id: AttemptId,
    mark: &NewMark,
    by: Option<UserId>,
    rescore: Option<RescoreId>,
) -> Step<()> {
    tx.sql
        .prepare_cached(
            "INSERT INTO attempt_mark (attempt, number, question, at_us, user, rescore, points,
                comment, explanation)
             SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
             FROM attempt_mark WHERE attempt = ?1",
        )?
        .execute(params![
            key(id.0),
            mark.question,
            tx.now_us,
            by.map(|user| key(user.0)),
            rescore.map(|rescore| key(rescore.0)),
            mark.points,
            mark.comment,
            serde_json::to_string(&mark.explanation)?,
        ])?;
    Ok(())
}
