//! Removing a person and all that is kept of them, in bounded passes. That they are being
//! removed is kept with them, so that it goes on after a stop.

use carrel_model::id::{SubmissionId, UserId};
use rusqlite::{OptionalExtension, params};

use super::accounts;
use super::codec::{is_full, key, uuid};
use super::content::{self, Budget};
use super::failure::Step;
use super::feeding;
use super::jobs;
use super::retention;
use super::write::Tx;
use crate::account::Authority;

/// Submissions, attempts and drafts, of each kind, removed by one pass at most.
const ROWS_MAX: i64 = 100;
/// Entries of the audit log that one pass clears at most.
const ENTRIES_MAX: i64 = 2_000;
/// Entries of the audit log whose detail one pass reads at most.
const ENTRIES_READ_MAX: i64 = 20_000;
/// Most passes that cut free pages off the file: others write meanwhile.
pub(super) const CUTS_MAX: u32 = 10_000;
/// Free pages that one pass cuts off.
const PAGES_CUT_MAX: u32 = 2_000;
/// What stands in the audit log where a person was the object.
const GONE: &str = "a deleted person";

/// How far removing somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removed {
    /// More is left.
    Part,
    /// Rows are gone, and the audit log is cleared up to this entry.
    Ledger(i64),
    /// Nothing is left.
    All,
}

/// From now on somebody is being removed. Ends what they are signed in with, so that nothing
/// new comes.
pub(super) fn begin(tx: &Tx<'_>, user: UserId, by: Authority) -> Step<()> {
    let row = accounts::find(tx, user)?;
    accounts::require_authority(tx, &row, by)?;
    accounts::require_other_operator(tx, &row)?;
    tx.sql
        .prepare_cached("UPDATE user SET deleting = 1 WHERE id = ?1")?
        .execute([key(user.0)])?;
    sign_out(tx, user)
}

fn sign_out(tx: &Tx<'_>, user: UserId) -> Step<()> {
    for sql in [
        "UPDATE user SET disabled = 1 WHERE id = ?1",
        "DELETE FROM session WHERE user = ?1",
        "DELETE FROM token WHERE user = ?1",
    ] {
        tx.sql.prepare_cached(sql)?.execute([key(user.0)])?;
    }
    Ok(())
}

/// Those whose removal was begun and is not over.
pub(super) fn unfinished(tx: &Tx<'_>) -> Step<Vec<UserId>> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT id FROM user WHERE deleting = 1 ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok(UserId(uuid(row, "id")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One pass. The details of the audit log are cleared up to the entry `cleared` already. Pages
/// that become free are overwritten, which is left out elsewhere for what it costs.
pub(super) fn pass(tx: &Tx<'_>, user: UserId, cleared: i64) -> Step<Removed> {
    tx.sql.pragma_update(None, "secure_delete", true)?;
    let removed = remove(tx, user, cleared);
    tx.sql.pragma_update(None, "secure_delete", "FAST")?;
    removed
}

fn remove(tx: &Tx<'_>, user: UserId, cleared: i64) -> Step<Removed> {
    let is_there: Option<bool> = tx
        .sql
        .prepare_cached("SELECT deleting FROM user WHERE id = ?1")?
        .query_row([key(user.0)], |row| row.get(0))
        .optional()?;
    if is_there.is_none() {
        // Somebody else removed the rest.
        return Ok(Removed::All);
    }
    // An operator may have let them in again.
    sign_out(tx, user)?;
    let mut budget = Budget::new();
    if submissions(tx, user, &mut budget)?
        || attempts(tx, user, &mut budget)?
        || drafts(tx, user, &mut budget)?
        || entries(tx, user)?
    {
        return Ok(Removed::Part);
    }
    let reached = details(tx, user, cleared)?;
    let more: bool = tx
        .sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM audit WHERE number > ?1)")?
        .query_row([reached], |row| row.get(0))?;
    if more {
        return Ok(Removed::Ledger(reached));
    }
    last(tx, user)?;
    Ok(Removed::All)
}

/// Some submissions; tells whether more may be left.
fn submissions(tx: &Tx<'_>, user: UserId, budget: &mut Budget) -> Step<bool> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT id FROM submission WHERE user = ?1 ORDER BY id LIMIT ?2")?;
    let rows = statement.query_map(params![key(user.0), ROWS_MAX], |row| {
        Ok(SubmissionId(uuid(row, "id")?))
    })?;
    let batch: Vec<SubmissionId> = rows.collect::<rusqlite::Result<_>>()?;
    for id in &batch {
        if !budget.has_room() {
            return Ok(true);
        }
        budget.spend(content::of_submission(tx, *id)?);
        if let Some(job) = jobs::find(tx, *id)? {
            jobs::end(tx, &job)?;
            if let Some(regrade) = job.regrade {
                feeding::skipped(tx, regrade)?;
            }
        }
        tx.sql
            .prepare_cached("DELETE FROM submission WHERE id = ?1")?
            .execute([key(id.0)])?;
    }
    Ok(is_full(batch.len(), ROWS_MAX))
}

/// Some attempts; tells whether more may be left.
fn attempts(tx: &Tx<'_>, user: UserId, budget: &mut Budget) -> Step<bool> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT id FROM attempt WHERE user = ?1 ORDER BY id LIMIT ?2")?;
    let rows = statement.query_map(params![key(user.0), ROWS_MAX], |row| {
        Ok(key(uuid(row, "id")?))
    })?;
    let batch: Vec<[u8; 16]> = rows.collect::<rusqlite::Result<_>>()?;
    for id in &batch {
        if !budget.has_room() {
            return Ok(true);
        }
        budget.spend(content::of_attempt(tx, *id)?);
        tx.sql
            .prepare_cached("DELETE FROM attempt WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(is_full(batch.len(), ROWS_MAX))
}

/// Some drafts; tells whether more may be left.
fn drafts(tx: &Tx<'_>, user: UserId, budget: &mut Budget) -> Step<bool> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT course, challenge FROM draft WHERE user = ?1 ORDER BY course, challenge LIMIT ?2",
    )?;
    let rows = statement.query_map(params![key(user.0), ROWS_MAX], |row| {
        Ok((key(user.0), row.get("course")?, row.get("challenge")?))
    })?;
    let batch: Vec<([u8; 16], String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    for draft in &batch {
        if !budget.has_room() {
            return Ok(true);
        }
        budget.spend(content::of_draft(tx, draft)?);
        tx.sql
            .prepare_cached("DELETE FROM draft WHERE user = ?1 AND course = ?2 AND challenge = ?3")?
            .execute(params![draft.0, draft.1, draft.2])?;
    }
    Ok(is_full(batch.len(), ROWS_MAX))
}

/// Takes person and address out of some entries of theirs, and the person out of entries about
/// them: who acted on them stays, what was done to whom does not. Tells whether more may be left.
fn entries(tx: &Tx<'_>, user: UserId) -> Step<bool> {
    let by = tx
        .sql
        .prepare_cached(
            "UPDATE audit SET user = NULL, address = NULL WHERE number IN
                (SELECT number FROM audit WHERE user = ?1 LIMIT ?2)",
        )?
        .execute(params![key(user.0), ENTRIES_MAX])?;
    let about = tx
        .sql
        .prepare_cached(
            "UPDATE audit SET object = ?3, detail = '',
                address = CASE WHEN user IS NULL THEN NULL ELSE address END
             WHERE number IN (SELECT number FROM audit WHERE object = ?1 LIMIT ?2)",
        )?
        .execute(params![user.to_string(), ENTRIES_MAX, GONE])?;
    Ok(is_full(by.max(about), ENTRIES_MAX))
}

/// Clears details that name somebody, in entries after this one; the entry that was reached.
fn details(tx: &Tx<'_>, user: UserId, after: i64) -> Step<i64> {
    let reached: Option<i64> = tx
        .sql
        .prepare_cached(
            "SELECT max(number) FROM
                (SELECT number FROM audit WHERE number > ?1 ORDER BY number LIMIT ?2)",
        )?
        .query_row(params![after, ENTRIES_READ_MAX], |row| row.get(0))?;
    let Some(reached) = reached else {
        return Ok(after);
    };
    tx.sql
        .prepare_cached(
            "UPDATE audit SET detail = '',
                address = CASE WHEN user IS NULL THEN NULL ELSE address END
             WHERE number > ?1 AND number <= ?2 AND instr(detail, ?3) > 0",
        )?
        .execute(params![after, reached, user.to_string()])?;
    Ok(reached)
}

/// Cuts some of the free pages off the file: pages that were freed before, by drafts that were
/// written over or by what expired, hold what stood in them. Whether none is left.
pub(super) fn cut(tx: &Tx<'_>) -> Step<bool> {
    retention::cut_pages(tx, PAGES_CUT_MAX)?;
    let free: i64 = tx
        .sql
        .query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    Ok(free == 0)
}

/// What is left when their work is gone.
fn last(tx: &Tx<'_>, user: UserId) -> Step<()> {
    for sql in [
        "UPDATE incident SET user = NULL WHERE user = ?1",
        "UPDATE regrade SET user = zeroblob(16) WHERE user = ?1",
        "UPDATE rescore SET user = zeroblob(16) WHERE user = ?1",
        "UPDATE attempt_mark SET user = NULL WHERE user = ?1",
        "UPDATE accommodation SET changed_by = NULL WHERE changed_by = ?1",
        // Receivers are a course's, or the service's: they stay, with somebody who may see them.
        "UPDATE webhook SET user = coalesce(
            (SELECT m.user FROM membership AS m JOIN user AS u ON u.id = m.user
             WHERE m.course = webhook.course AND m.role <> 'learner' AND m.user <> ?1
                AND u.disabled = 0 ORDER BY m.user LIMIT 1),
            (SELECT id FROM user WHERE operator = 1 AND disabled = 0 AND id <> ?1
             ORDER BY id LIMIT 1),
            user) WHERE user = ?1",
        "DELETE FROM user WHERE id = ?1",
    ] {
        tx.sql.prepare_cached(sql)?.execute([key(user.0)])?;
    }
    Ok(())
}
