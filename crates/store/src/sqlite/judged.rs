//! What learners sent, as figures of a challenge and records of a course need it.

use std::collections::BTreeSet;

use carrel_model::id::UserId;
use carrel_model::result::Status;
use carrel_model::verdict::Cause;
use rusqlite::params;
use serde::Deserialize;

use super::codec::{cursor_id, page, rows_wanted, time, time_maybe, uuid, word_of};
use super::failure::Step;
use super::history;
use super::write::Tx;
use crate::page::{Page, PageRequest};
use crate::submission::{JudgedRow, SentRow};

/// The newest of a challenge.
const NEWEST: &str = "
    SELECT submission.user, submission.created_us, submission.step, submission.verdict, counting.outcome,
        opened.opened_us
    FROM submission
    LEFT JOIN challenge_opened AS opened
        ON opened.user = submission.user AND opened.course = ?1 AND opened.challenge = ?2
    LEFT JOIN verdict AS counting
        ON counting.submission = submission.id AND counting.number = submission.counting
    WHERE submission.execution = 0 AND submission.course = ?1 AND submission.challenge = ?2
        AND submission.verdict IS NOT NULL AND submission.verdict <> 'platform_fault'
        AND {by_learner}
    ORDER BY submission.id DESC LIMIT ?3";

/// Those of a course that were not taken back, before an id.
const SENT: &str = "
    SELECT submission.*, {sent_version}, {previews}, opened.opened_us
    FROM submission
    LEFT JOIN challenge_opened AS opened
        ON opened.user = submission.user AND opened.course = ?1
            AND opened.challenge = submission.challenge
    WHERE submission.course = ?1 AND submission.id < ?2 AND submission.execution = 0
        AND submission.state <> 'cancelled' AND {by_learner}
    ORDER BY submission.id DESC LIMIT ?3";

/// The condition that a row of this table is of a learner of the course `?1`. What authors of
/// the course and operators do is a rehearsal, unless an operator is a learner of the course.
pub(super) fn by_learner(table: &str) -> String {
    format!(
        "coalesce(
            (SELECT membership.role = 'learner' FROM membership
             WHERE membership.user = {table}.user AND membership.course = ?1),
            (SELECT user.operator = 0 FROM user WHERE user.id = {table}.user),
            1)"
    )
}

/// A page of what learners sent to the challenges of a course, newest first.
pub(super) fn sent(tx: &Tx<'_>, course: &str, request: &PageRequest) -> Step<Page<SentRow>> {
    let sql = SENT.replace("{by_learner}", &by_learner("submission"));
    let sql = sql.replace("{sent_version}", history::SENT_VERSION);
    let sql = sql.replace("{previews}", &history::previews());
    let before = cursor_id(request)?.unwrap_or([u8::MAX; 16]);
    let mut statement = tx.sql.prepare_cached(&sql)?;
    let rows = statement.query_map(params![course, before, rows_wanted(request)], |row| {
        Ok(SentRow {
            submission: history::read(row)?,
            opened_at: time_maybe(row, "opened_us")?,
        })
    })?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    Ok(page(rows, request, |row: &SentRow| {
        row.submission.id.to_string()
    }))
}

/// What is needed of an outcome; the rest is not kept in memory.
#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    check: String,
    status: Status,
    #[serde(default)]
    cause: Option<Cause>,
}

/// The newest judged submissions of learners, newest first.
pub(super) fn list(tx: &Tx<'_>, course: &str, challenge: &str, limit: u32) -> Step<Vec<JudgedRow>> {
    let sql = NEWEST.replace("{by_learner}", &by_learner("submission"));
    let mut statement = tx.sql.prepare_cached(&sql)?;
    let mut rows = statement.query(params![course, challenge, limit])?;
    let mut judged = Vec::new();
    while let Some(row) = rows.next()? {
        let document: Option<String> = row.get("outcome")?;
        let failing = match document {
            Some(document) => failing(&document)?,
            None => Vec::new(),
        };
        judged.push(JudgedRow {
            user: UserId(uuid(row, "user")?),
            created_at: time(row, "created_us")?,
            opened_at: time_maybe(row, "opened_us")?,
            step: row.get("step")?,
            verdict: word_of(row, "verdict")?,
            failing,
        });
    }
    Ok(judged)
}

fn failing(document: &str) -> Step<Vec<String>> {
    let outcome: Outcome = serde_json::from_str(document)?;
    let failed = outcome.tests.into_iter();
    // One that was skipped because another did not pass says nothing of its own.
    let failed = failed.filter(|test| {
        let skipped = matches!(test.cause, Some(Cause::DependencyFailed { .. }));
        test.status != Status::Pass && !skipped
    });
    let checks: BTreeSet<String> = failed.map(|test| test.check).collect();
    Ok(checks.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_that_did_not_pass_is_told_once() {
        let document = r#"{"kind": "judged", "tests": [
            {"check": "b", "status": "fail", "output": "x"}, {"check": "a", "status": "pass"},
            {"check": "b", "status": "error", "cause": {"kind": "wrong_answer"}},
            {"check": "a0", "status": "error"},
            {"check": "c", "status": "fail",
             "cause": {"kind": "dependency_failed", "check": "b"}}]}"#;
        assert_eq!(failing(document).unwrap(), ["a0", "b"]);
        assert!(
            failing(r#"{"kind": "refused", "fault": "author"}"#)
                .unwrap()
                .is_empty()
        );
        assert!(failing("[").is_err());
    }
}
