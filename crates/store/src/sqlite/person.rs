//! What is kept of one person, but for the long lists, which are in [`super::export`].

use carrel_model::id::UserId;
use serde_json::{Value, json};

use super::accounts;
use super::codec::{key, time, time_maybe, uuid};
use super::failure::Step;
use super::write::Tx;

/// What is short of one person. Secrets and their hashes are left out.
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
        "accommodations": accommodations(tx, user)?,
        "lessons_seen": lessons_seen(tx, user)?,
        "projects_done": projects_done(tx, user)?,
        "challenges_opened": challenges_opened(tx, user)?,
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

/// A kept document as it is, or its text where it is none.
pub(super) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
