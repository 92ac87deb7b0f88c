//! Reading submissions: one, its outcomes, lists.

use carrel_model::execution::SubmissionState;
use carrel_model::id::{SubmissionId, UserId};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};

use super::codec::{
    cursor_id, key, page, rows_wanted, time, time_maybe, uuid, word, word_maybe, word_of,
};
use super::failure::{Step, missing, state};
use super::submissions::exists;
use super::work;
use super::write::Tx;
use crate::page::{Page, PageRequest};
use crate::submission::{Outcome, SubmissionFilter, SubmissionRow, VerdictRow};

/// The version that a submission was sent to: that of its first verdict, for later ones may be by
/// others.
pub(super) const SENT_VERSION: &str = "coalesce(
        (SELECT first.course_version FROM verdict AS first
         WHERE first.submission = submission.id AND first.number = 1),
        submission.course_version) AS sent_version";

/// Whether a verdict of the history is that of a preview which nobody applied.
pub(super) const IS_PREVIEW: &str = "counts = 0 AND EXISTS
        (SELECT 1 FROM regrade AS looked_at WHERE looked_at.id = verdict.regrade
         AND looked_at.preview = 1 AND looked_at.state <> 'applied')";

/// How many of its verdicts are those of previews.
pub(super) fn previews() -> String {
    format!(
        "(SELECT count(*) FROM verdict
          WHERE verdict.submission = submission.id AND {IS_PREVIEW}) AS previews"
    )
}

/// Submissions with everything that is read of them.
fn rows() -> String {
    format!("SELECT *, {SENT_VERSION}, {} FROM submission", previews())
}

/// One submission.
pub(super) fn find(tx: &Tx<'_>, id: SubmissionId) -> Step<SubmissionRow> {
    tx.sql
        .prepare_cached(&format!("{} WHERE id = ?1", rows()))?
        .query_row([key(id.0)], read)
        .optional()?
        .ok_or_else(|| missing("submission", id))
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<SubmissionRow> {
    Ok(SubmissionRow {
        id: SubmissionId(uuid(row, "id")?),
        user: UserId(uuid(row, "user")?),
        course: row.get("course")?,
        course_version: row.get("course_version")?,
        sent_version: row.get("sent_version")?,
        challenge: row.get("challenge")?,
        step: row.get("step")?,
        state: word_of(row, "state")?,
        created_at: time(row, "created_us")?,
        started_at: time_maybe(row, "started_us")?,
        finished_at: time_maybe(row, "finished_us")?,
        verdict: word_maybe(row, "verdict")?,
        points: row.get("points")?,
        points_max: row.get("points_max")?,
        verdicts: row.get("verdicts")?,
        previews: row.get("previews")?,
        parked_reason: row.get("parked_reason")?,
    })
}

/// The outcome that counts.
pub(super) fn outcome(tx: &Tx<'_>, id: SubmissionId) -> Step<Option<Outcome>> {
    let found: Option<(u32, Option<String>)> = tx
        .sql
        .prepare_cached("SELECT number, outcome FROM verdict WHERE submission = ?1 AND counts = 1")?
        .query_row([key(id.0)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((number, Some(document))) => work::load_outcome(tx, id, number, &document).map(Some),
        Some((_, None)) => Err(state("the outcome of submission", id, "expired")),
        None if exists(tx, id)? => Ok(None),
        None => Err(missing("submission", id)),
    }
}

/// All verdicts, oldest first; of those whose document has expired what else is known.
pub(super) fn all(tx: &Tx<'_>, id: SubmissionId) -> Step<Vec<VerdictRow>> {
    let mut statement = tx.sql.prepare_cached(&format!(
        "SELECT number, at_us, reason, course_version, counts, verdict, points, outcome,
            ({IS_PREVIEW}) AS preview
         FROM verdict WHERE submission = ?1 ORDER BY number",
    ))?;
    let rows = statement.query_map([key(id.0)], |row| {
        let verdict = VerdictRow {
            number: row.get("number")?,
            at: time(row, "at_us")?,
            reason: row.get("reason")?,
            course_version: row.get("course_version")?,
            verdict: word_maybe(row, "verdict")?,
            points: row.get("points")?,
            outcome: None,
            counts: row.get("counts")?,
            preview: row.get("preview")?,
        };
        Ok((verdict, row.get::<_, Option<String>>("outcome")?))
    })?;
    let mut history = Vec::new();
    for row in rows {
        let (mut verdict, document) = row?;
        if let Some(document) = document {
            verdict.outcome = Some(work::load_outcome(tx, id, verdict.number, &document)?);
        }
        history.push(verdict);
    }
    if history.is_empty() && !exists(tx, id)? {
        return Err(missing("submission", id));
    }
    Ok(history)
}

/// A page of submissions, newest first.
pub(super) fn list(
    tx: &Tx<'_>,
    filter: &SubmissionFilter,
    request: &PageRequest,
) -> Step<Page<SubmissionRow>> {
    let (sql, values) = query(filter, request)?;
    let mut statement = tx.sql.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), read)?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    Ok(page(rows, request, |row: &SubmissionRow| {
        row.id.to_string()
    }))
}

/// The query of a list, with what is bound.
fn query(filter: &SubmissionFilter, request: &PageRequest) -> Step<(String, Vec<Value>)> {
    // Not bound, so that the engine sees which indexes hold all that is looked for.
    let execution = i32::from(filter.executions);
    let mut sql = format!("{} WHERE execution = {execution}", rows());
    let mut values: Vec<Value> = Vec::new();
    let mut also = |condition: &str, value: Value| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.push(value);
    };
    if let Some(user) = filter.user {
        also("user = ?", Value::from(key(user.0).to_vec()));
    }
    // A unary plus keeps the engine from an index that is worse than the one of the
    // person or of open submissions.
    let open = filter
        .state
        .is_some_and(|state| state != SubmissionState::Finished);
    let narrow = filter.user.is_some() || open;
    if let Some(course) = &filter.course {
        let condition = if narrow { "+course = ?" } else { "course = ?" };
        also(condition, Value::from(course.clone()));
    }
    if let Some(challenge) = &filter.challenge {
        let condition = if narrow {
            "+challenge = ?"
        } else {
            "challenge = ?"
        };
        also(condition, Value::from(challenge.clone()));
    }
    if let Some(wanted) = filter.state {
        let condition = match wanted {
            SubmissionState::Finished => "state = ?",
            // The index of open submissions is found by this.
            _ => "state <> 'finished' AND state = ?",
        };
        also(condition, Value::from(word(wanted)?));
    }
    if let Some(verdict) = filter.verdict {
        let condition = if narrow {
            "+verdict = ?"
        } else {
            "verdict = ?"
        };
        also(condition, Value::from(verdict.name().to_owned()));
    }
    if let Some(after) = cursor_id(request)? {
        also("id < ?", Value::from(after.to_vec()));
    }
    sql.push_str(" ORDER BY id DESC LIMIT ?");
    values.push(Value::from(rows_wanted(request)));
    Ok((sql, values))
}

#[cfg(test)]
mod tests {
    use carrel_model::Verdict;
    use rusqlite::Connection;

    use super::super::schema::MIGRATIONS;
    use super::*;

    /// How the engine would look for a list.
    fn plan(filter: &SubmissionFilter) -> String {
        let sql = Connection::open_in_memory().unwrap();
        for step in MIGRATIONS {
            sql.execute_batch(step).unwrap();
        }
        let request = PageRequest {
            after: None,
            limit: 30,
        };
        let (list, values) = query(filter, &request).unwrap_or_else(|error| panic!("{error:?}"));
        let mut statement = sql.prepare(&format!("EXPLAIN QUERY PLAN {list}")).unwrap();
        let rows = statement
            .query_map(params_from_iter(values), |row| {
                row.get::<_, String>("detail")
            })
            .unwrap();
        let lines: Vec<String> = rows.map(Result::unwrap).collect();
        lines.join("\n")
    }

    #[test]
    fn every_list_is_read_in_the_order_of_an_index() {
        let course = SubmissionFilter {
            course: Some("demo".into()),
            ..SubmissionFilter::default()
        };
        let challenge = SubmissionFilter {
            challenge: Some("double".into()),
            ..course.clone()
        };
        let wrong = Some(Verdict::WrongAnswer);
        let user = Some(UserId::new());
        let executions = SubmissionFilter {
            executions: true,
            ..SubmissionFilter::default()
        };
        let of = |filter: &SubmissionFilter, verdict, user| SubmissionFilter {
            verdict,
            user,
            ..filter.clone()
        };
        for (filter, index) in [
            (of(&course, None, None), "submission_course"),
            (of(&course, wrong, None), "submission_verdict"),
            (of(&challenge, None, None), "submission_challenge"),
            (of(&challenge, wrong, None), "submission_challenge_verdict"),
            (of(&challenge, wrong, user), "submission_user"),
            (executions.clone(), "submission_executed"),
            (of(&executions, None, user), "submission_user"),
        ] {
            let plan = plan(&filter);
            let first = plan.lines().next().unwrap();
            assert!(
                first.split_whitespace().any(|word| word == index),
                "{filter:?}: {plan}"
            );
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }
}
