//! How much content one pass removes: a pass is bounded by bytes as well as by rows, for the
//! writer does nothing else meanwhile.

use carrel_model::id::SubmissionId;
use rusqlite::{Params, params};

use super::codec::key;
use super::failure::Step;
use super::write::Tx;

/// Content that one pass removes before it stops, bytes.
const PASS_BYTES: i64 = 16 << 20;

/// What a pass may still remove.
#[derive(Debug)]
pub(super) struct Budget {
    left: i64,
}

impl Budget {
    /// Of a new pass.
    pub(super) fn new() -> Self {
        Self { left: PASS_BYTES }
    }

    /// Something more may be removed; whatever it weighs, so that each pass gets somewhere.
    pub(super) fn has_room(&self) -> bool {
        self.left > 0
    }

    /// So much was removed.
    pub(super) fn spend(&mut self, bytes: i64) {
        self.left = self.left.saturating_sub(bytes);
    }
}

/// A sum of sizes. The engine knows the size of a value without reading it.
fn sum(tx: &Tx<'_>, sql: &str, of: impl Params) -> Step<i64> {
    let mut statement = tx.sql.prepare_cached(sql)?;
    Ok(statement.query_row(of, |row| row.get(0))?)
}

/// Bytes of the files that were sent.
pub(super) fn of_sources(tx: &Tx<'_>, id: [u8; 16]) -> Step<i64> {
    let sql = "SELECT coalesce(sum(octet_length(content)), 0) FROM attachment
         WHERE submission = ?1 AND part = 'source'";
    sum(tx, sql, [id])
}

/// Bytes of documents and events.
pub(super) fn of_outputs(tx: &Tx<'_>, id: [u8; 16]) -> Step<i64> {
    let sql = "SELECT (SELECT coalesce(sum(octet_length(outcome)), 0) FROM verdict
                 WHERE submission = ?1)
             + (SELECT coalesce(sum(octet_length(kind)), 0) FROM event WHERE submission = ?1)";
    sum(tx, sql, [id])
}

/// Bytes of all that is kept of a submission.
pub(super) fn of_submission(tx: &Tx<'_>, id: SubmissionId) -> Step<i64> {
    let sql = "SELECT coalesce(sum(octet_length(content)), 0) FROM attachment
         WHERE submission = ?1";
    Ok(sum(tx, sql, [key(id.0)])? + of_outputs(tx, key(id.0))?)
}

/// Bytes of the paper and the responses of an attempt.
pub(super) fn of_attempt(tx: &Tx<'_>, id: [u8; 16]) -> Step<i64> {
    let sql = "SELECT (SELECT coalesce(sum(octet_length(document)), 0) FROM attempt_paper
                 WHERE attempt = ?1)
             + (SELECT coalesce(sum(octet_length(document)), 0) FROM attempt_response
                 WHERE attempt = ?1)";
    sum(tx, sql, [id])
}

/// Bytes of the files of a draft.
pub(super) fn of_draft(
    tx: &Tx<'_>,
    (user, course, challenge): &([u8; 16], String, String),
) -> Step<i64> {
    let sql = "SELECT coalesce(sum(octet_length(content)), 0) FROM draft_file
         WHERE user = ?1 AND course = ?2 AND challenge = ?3";
    sum(tx, sql, params![user, course, challenge])
}
