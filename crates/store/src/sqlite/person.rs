//! All that is kept of one person: told and removed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_model::id::{AttemptId, SubmissionId, UserId};
use rusqlite::params;
use serde_json::{Value, json};

use super::accounts;
use super::codec::{is_full, key, time, time_maybe, timestamp, uuid};
use super::failure::Step;
use super::feeding;
use super::jobs;
use super::marks;
use super::responses;
use super::write::Tx;

/// Submissions removed by one transaction at most.
const BATCH: i64 = 100;

/// Everything of one person. Secrets and their hashes are left out.
pub(super) fn export(tx: &Tx<'_>, user: UserId) -> Step<Value> {
    let row = accounts::find(tx, user)?;
    Ok(json!({
        "user": {
            "id": row.id,
            "name": row.name,
            "display_name": row.display_name,
            "email": row.email,
            "operator": row.operator,
            "disabled": row.disabled,
            "issuer": row.subject.as_ref().map(|(issuer, _)| issuer),
            "subject": row.subject.as_ref().map(|(_, subject)| subject),
            "created_at": row.created_at,
        },
        "roles": rows(tx, user, "SELECT course, role FROM membership WHERE user = ?1", |row| {
            Ok(json!({
                "course": row.get::<_, String>("course")?,
                "role": row.get::<_, String>("role")?,
            }))
        })?,
        "sessions": rows(tx, user, "SELECT * FROM session WHERE user = ?1", |row| {
            Ok(json!({
                "created_at": time(row, "created_us")?,
                "expires_at": time(row, "expires_us")?,
                "seen_at": time(row, "seen_us")?,
            }))
        })?,
        "tokens": rows(tx, user, "SELECT * FROM token WHERE user = ?1", |row| {
            Ok(json!({
                "id": uuid(row, "id")?,
                "name": row.get::<_, String>("name")?,
                "course": row.get::<_, Option<String>>("course")?,
                "created_at": time(row, "created_us")?,
                "expires_at": time_maybe(row, "expires_us")?,
                "used_at": time_maybe(row, "used_us")?,
                "revoked_at": time_maybe(row, "revoked_us")?,
            }))
        })?,
        "webhooks": webhooks(tx, user)?,
        "drafts": drafts(tx, user)?,
        "submissions": submissions(tx, user)?,
        "attempts": attempts(tx, user)?,
        "accommodations": accommodations(tx, user)?,
        "lessons_seen": lessons_seen(tx, user)?,
        "projects_done": projects_done(tx, user)?,
        "challenges_opened": challenges_opened(tx, user)?,
        "incidents": rows(tx, user, "SELECT * FROM incident WHERE user = ?1", |row| {
            Ok(json!({
                "at": time(row, "at_us")?,
                "kind": row.get::<_, String>("kind")?,
                "detail": row.get::<_, String>("detail")?,
            }))
        })?,
        "audit": rows(tx, user, "SELECT * FROM audit WHERE user = ?1", |row| {
            Ok(json!({
                "at": time(row, "at_us")?,
                "through": row.get::<_, String>("through")?,
                "address": row.get::<_, Option<String>>("address")?,
                "action": row.get::<_, String>("action")?,
                "object": row.get::<_, String>("object")?,
                "detail": row.get::<_, String>("detail")?,
            }))
        })?,
    }))
}

fn rows(
    tx: &Tx<'_>,
    user: UserId,
    sql: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<Value>,
) -> Step<Vec<Value>> {
    let mut statement = tx.sql.prepare_cached(sql)?;
    let rows = statement.query_map([key(user.0)], |row| read(row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn webhooks(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    rows(tx, user, "SELECT * FROM webhook WHERE user = ?1", |row| {
        Ok(json!({
            "id": uuid(row, "id")?,
            "course": row.get::<_, Option<String>>("course")?,
            "url": row.get::<_, String>("url")?,
            "created_at": time(row, "created_us")?,
        }))
    })
}

fn accommodations(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    let sql = "SELECT * FROM accommodation WHERE user = ?1";
    rows(tx, user, sql, |row| {
        Ok(json!({
            "course": row.get::<_, String>("course")?,
            "quiz": row.get::<_, String>("quiz")?,
            "given": parsed(&row.get::<_, String>("document")?),
            "changed_at": time(row, "changed_us")?,
        }))
    })
}

fn lessons_seen(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    rows(
        tx,
        user,
        "SELECT * FROM lesson_seen WHERE user = ?1",
        |row| {
            Ok(json!({
                "course": row.get::<_, String>("course")?,
                "lesson": row.get::<_, String>("lesson")?,
                "seen_at": time(row, "seen_us")?,
            }))
        },
    )
}

fn projects_done(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    let sql = "SELECT * FROM project_done WHERE user = ?1";
    rows(tx, user, sql, |row| {
        Ok(json!({
            "course": row.get::<_, String>("course")?,
            "project": row.get::<_, String>("project")?,
            "done_at": time(row, "done_us")?,
        }))
    })
}

fn challenges_opened(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    let sql = "SELECT * FROM challenge_opened WHERE user = ?1";
    rows(tx, user, sql, |row| {
        Ok(json!({
            "course": row.get::<_, String>("course")?,
            "challenge": row.get::<_, String>("challenge")?,
            "opened_at": time(row, "opened_us")?,
        }))
    })
}

fn submissions(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    let sql = "SELECT submission.*, work.document FROM submission
         LEFT JOIN work ON work.submission = submission.id
         WHERE user = ?1 ORDER BY id";
    let mut submissions = rows(tx, user, sql, |row| {
        let work: Option<String> = row.get("document")?;
        Ok(json!({
            "id": uuid(row, "id")?,
            "course": row.get::<_, Option<String>>("course")?,
            "course_version": row.get::<_, Option<String>>("course_version")?,
            "challenge": row.get::<_, Option<String>>("challenge")?,
            "state": row.get::<_, String>("state")?,
            "created_at": time(row, "created_us")?,
            "started_at": time_maybe(row, "started_us")?,
            "finished_at": time_maybe(row, "finished_us")?,
            "verdict": row.get::<_, Option<String>>("verdict")?,
            "points": row.get::<_, Option<f64>>("points")?,
            "points_max": row.get::<_, Option<f64>>("points_max")?,
            "work": work.map(|text| parsed(&text)),
        }))
    })?;
    for submission in &mut submissions {
        let id: SubmissionId = serde_json::from_value(submission["id"].clone())?;
        submission["attachments"] = Value::Array(attachments(tx, id)?);
        submission["verdicts"] = Value::Array(verdicts(tx, id)?);
    }
    Ok(submissions)
}

fn attempts(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    let sql = "SELECT attempt.*, attempt_paper.document FROM attempt
         LEFT JOIN attempt_paper ON attempt_paper.attempt = attempt.id
         WHERE user = ?1 ORDER BY id";
    let mut attempts = rows(tx, user, sql, |row| {
        let paper: Option<String> = row.get("document")?;
        Ok(json!({
            "id": uuid(row, "id")?,
            "course": row.get::<_, String>("course")?,
            "course_version": row.get::<_, String>("course_version")?,
            "quiz": row.get::<_, String>("quiz")?,
            "number": row.get::<_, u32>("number")?,
            "started_at": time(row, "started_us")?,
            "ended_at": time_maybe(row, "ended_us")?,
            "points": row.get::<_, Option<f64>>("points")?,
            "points_max": row.get::<_, Option<f64>>("points_max")?,
            "passed": row.get::<_, Option<bool>>("passed")?,
            "paper": paper.map(|text| parsed(&text)),
        }))
    })?;
    for attempt in &mut attempts {
        let id: AttemptId = serde_json::from_value(attempt["id"].clone())?;
        let responses = responses::all(tx, id)?.into_iter().map(|row| {
            json!({"question": row.question, "saved_at": row.saved_at, "response": row.document})
        });
        attempt["responses"] = responses.collect();
        let marks = marks::all(tx, id)?.into_iter().map(|row| {
            json!({
                "question": row.mark.question,
                "at": row.at,
                "points": row.mark.points,
                "comment": row.mark.comment,
            })
        });
        attempt["marks"] = marks.collect();
    }
    Ok(attempts)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Bytes as text where they are, else in base64.
fn encode(content: Vec<u8>) -> (&'static str, String) {
    match String::from_utf8(content) {
        Ok(text) => ("text", text),
        Err(bytes) => ("base64", STANDARD.encode(bytes.as_bytes())),
    }
}

/// One entry per file.
fn drafts(tx: &Tx<'_>, user: UserId) -> Step<Vec<Value>> {
    let sql = "SELECT draft_file.*, draft.changed_us FROM draft_file
         JOIN draft USING (user, course, challenge)
         WHERE user = ?1 ORDER BY course, challenge, path";
    rows(tx, user, sql, |row| {
        let (encoding, text) = encode(row.get("content")?);
        Ok(json!({
            "course": row.get::<_, String>("course")?,
            "challenge": row.get::<_, String>("challenge")?,
            "changed_at": time(row, "changed_us")?,
            "path": row.get::<_, String>("path")?,
            "encoding": encoding,
            "content": text,
        }))
    })
}

fn attachments(tx: &Tx<'_>, id: SubmissionId) -> Step<Vec<Value>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT part, path, content FROM attachment WHERE submission = ?1 ORDER BY part, path",
    )?;
    let rows = statement.query_map([key(id.0)], |row| {
        let (encoding, text) = encode(row.get("content")?);
        Ok(json!({
            "part": row.get::<_, String>("part")?,
            "path": row.get::<_, String>("path")?,
            "encoding": encoding,
            "content": text,
        }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn verdicts(tx: &Tx<'_>, id: SubmissionId) -> Step<Vec<Value>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT number, at_us, reason, counts, verdict, points, outcome FROM verdict
         WHERE submission = ?1 ORDER BY number",
    )?;
    let rows = statement.query_map([key(id.0)], |row| {
        let outcome: Option<String> = row.get("outcome")?;
        Ok(json!({
            "number": row.get::<_, u32>("number")?,
            "at": timestamp(row.get("at_us")?)?,
            "reason": row.get::<_, String>("reason")?,
            "counts": row.get::<_, bool>("counts")?,
            "verdict": row.get::<_, Option<String>>("verdict")?,
            "points": row.get::<_, Option<f64>>("points")?,
            "outcome": outcome.map(|text| parsed(&text)),
        }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Removes a bounded part of a person; tells whether more is left. The first one ends
/// what they are signed in with, so that nothing new comes. Pages that become free are
/// overwritten, which is left out elsewhere for what it costs.
pub(super) fn delete_batch(tx: &Tx<'_>, user: UserId) -> Step<bool> {
    tx.sql.pragma_update(None, "secure_delete", true)?;
    let more = remove_batch(tx, user);
    tx.sql.pragma_update(None, "secure_delete", "FAST")?;
    more
}

fn remove_batch(tx: &Tx<'_>, user: UserId) -> Step<bool> {
    accounts::require_other_operator(tx, &accounts::find(tx, user)?)?;
    for sql in [
        "UPDATE user SET disabled = 1 WHERE id = ?1",
        "DELETE FROM session WHERE user = ?1",
        "DELETE FROM token WHERE user = ?1",
    ] {
        tx.sql.prepare_cached(sql)?.execute([key(user.0)])?;
    }
    let batch = batch(tx, user)?;
    for id in &batch {
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
    let attempts = tx
        .sql
        .prepare_cached(
            "DELETE FROM attempt WHERE id IN (SELECT id FROM attempt WHERE user = ?1 LIMIT ?2)",
        )?
        .execute(params![key(user.0), BATCH])?;
    if is_full(batch.len().max(attempts), BATCH) {
        return Ok(true);
    }
    for sql in [
        "UPDATE audit SET user = NULL, address = NULL WHERE user = ?1",
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
    Ok(false)
}

fn batch(tx: &Tx<'_>, user: UserId) -> Step<Vec<SubmissionId>> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT id FROM submission WHERE user = ?1 ORDER BY id LIMIT ?2")?;
    let rows = statement.query_map(params![key(user.0), BATCH], |row| {
        Ok(SubmissionId(uuid(row, "id")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
