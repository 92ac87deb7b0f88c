//! The lists of a person's export that may be long, in pages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_model::id::{AttemptId, SubmissionId, UserId};
use rusqlite::{Row, params};
use serde_json::{Value, json};

use super::accounts;
use super::codec::{cursor_as, cursor_id, cursor_number, key, time, time_maybe, timestamp, uuid};
use super::failure::Step;
use super::history::IS_PREVIEW;
use super::marks;
use super::person::parsed;
use super::responses;
use super::write::Tx;
use crate::page::{Cursor, Page, PageRequest};
use crate::upkeep::ExportList;

/// Rows of one page at most.
const ROWS_MAX: i64 = 200;
/// Text of one page after which it ends, bytes.
const PAGE_BYTES: usize = 1 << 20;
/// Entries of the audit log that one page looks at.
const ENTRIES_READ_MAX: i64 = 5_000;

/// A page that ends when it is full of text.
struct Filling {
    items: Vec<String>,
    bytes: usize,
    next: Option<Cursor>,
}

impl Filling {
    fn new() -> Self {
        Self {
            items: Vec::new(),
            bytes: 0,
            next: None,
        }
    }

    /// Adds a row; `false`: no other fits.
    fn add(&mut self, item: &Value, cursor: impl FnOnce() -> String) -> bool {
        let text = item.to_string();
        self.bytes += text.len();
        self.items.push(text);
        let full = self.bytes >= PAGE_BYTES
            || i64::try_from(self.items.len()).is_ok_and(|rows| rows >= ROWS_MAX);
        if full {
            self.next = Some(Cursor(cursor()));
        }
        !full
    }

    fn page(self) -> Page<String> {
        Page {
            items: self.items,
            next: self.next,
        }
    }
}

/// A page of a list, each item an object of JSON as text.
pub(super) fn list(
    tx: &Tx<'_>,
    user: UserId,
    list: ExportList,
    request: &PageRequest,
) -> Step<Page<String>> {
    // Of somebody who is gone meanwhile half of an export would look like the whole.
    accounts::find(tx, user)?;
    match list {
        ExportList::Drafts => drafts(tx, user, request),
        ExportList::Submissions => submissions(tx, user, request),
        ExportList::Attempts => attempts(tx, user, request),
        ExportList::Incidents => incidents(tx, user, request),
        ExportList::Audit => audit(tx, user, request),
    }
}

/// One entry per file.
fn drafts(tx: &Tx<'_>, user: UserId, request: &PageRequest) -> Step<Page<String>> {
    let after: Option<(String, String, String)> =
        cursor_as(request, |text| serde_json::from_str(text).ok())?;
    let (course, challenge, path) = after.unwrap_or_default();
    let mut statement = tx.sql.prepare_cached(
        "SELECT draft_file.*, draft.changed_us FROM draft_file
         JOIN draft USING (user, course, challenge)
         WHERE user = ?1 AND (course, challenge, path) > (?2, ?3, ?4)
         ORDER BY course, challenge, path LIMIT ?5",
    )?;
    let bound = params![key(user.0), course, challenge, path, ROWS_MAX];
    let mut rows = statement.query(bound)?;
    let mut filling = Filling::new();
    while let Some(row) = rows.next()? {
        let place: (String, String, String) =
            (row.get("course")?, row.get("challenge")?, row.get("path")?);
        let (encoding, text) = encode(row.get("content")?);
        let item = json!({
            "course": place.0,
            "challenge": place.1,
            "changed_at": time(row, "changed_us")?,
            "path": place.2,
            "encoding": encoding,
            "content": text,
        });
        if !filling.add(&item, || json!(place).to_string()) {
            break;
        }
    }
    Ok(filling.page())
}

fn submissions(tx: &Tx<'_>, user: UserId, request: &PageRequest) -> Step<Page<String>> {
    let after = cursor_id(request)?.unwrap_or_default();
    let mut statement = tx.sql.prepare_cached(
        "SELECT submission.*, work.document FROM submission
         LEFT JOIN work ON work.submission = submission.id
         WHERE user = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![key(user.0), after, ROWS_MAX])?;
    let mut filling = Filling::new();
    while let Some(row) = rows.next()? {
        let id = SubmissionId(uuid(row, "id")?);
        let mut item = submission(row)?;
        item["attachments"] = Value::Array(attachments(tx, id)?);
        item["verdicts"] = Value::Array(verdicts(tx, id)?);
        if !filling.add(&item, || id.to_string()) {
            break;
        }
    }
    Ok(filling.page())
}

fn submission(row: &Row<'_>) -> Step<Value> {
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
}

fn attempts(tx: &Tx<'_>, user: UserId, request: &PageRequest) -> Step<Page<String>> {
    let after = cursor_id(request)?.unwrap_or_default();
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM attempt
         WHERE user = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![key(user.0), after, ROWS_MAX])?;
    let mut filling = Filling::new();
    while let Some(row) = rows.next()? {
        let id = AttemptId(uuid(row, "id")?);
        let item = attempt(tx, row, id)?;
        if !filling.add(&item, || id.to_string()) {
            break;
        }
    }
    Ok(filling.page())
}

/// Without the paper: orders and values as they were drawn tell right answers.
fn attempt(tx: &Tx<'_>, row: &Row<'_>, id: AttemptId) -> Step<Value> {
    let responses = responses::all(tx, id)?.into_iter().map(
        |row| json!({"question": row.question, "saved_at": row.saved_at, "response": row.document}),
    );
    let marks = marks::all(tx, id)?.into_iter().map(|row| {
        json!({
            "question": row.mark.question,
            "at": row.at,
            "points": row.mark.points,
            "comment": row.mark.comment,
        })
    });
    Ok(json!({
        "id": id,
        "course": row.get::<_, String>("course")?,
        "course_version": row.get::<_, String>("course_version")?,
        "quiz": row.get::<_, String>("quiz")?,
        "number": row.get::<_, u32>("number")?,
        "started_at": time(row, "started_us")?,
        "ended_at": time_maybe(row, "ended_us")?,
        "points": row.get::<_, Option<f64>>("points")?,
        "points_max": row.get::<_, Option<f64>>("points_max")?,
        "passed": row.get::<_, Option<bool>>("passed")?,

        "responses": responses.collect::<Vec<_>>(),
        "marks": marks.collect::<Vec<_>>(),
    }))
}

fn incidents(tx: &Tx<'_>, user: UserId, request: &PageRequest) -> Step<Page<String>> {
    let after = cursor_id(request)?.unwrap_or_default();
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM incident WHERE user = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![key(user.0), after, ROWS_MAX])?;
    let mut filling = Filling::new();
    while let Some(row) = rows.next()? {
        let id = uuid(row, "id")?;
        let item = json!({
            "at": time(row, "at_us")?,
            "kind": row.get::<_, String>("kind")?,
            "detail": row.get::<_, String>("detail")?,
        });
        if !filling.add(&item, || id.to_string()) {
            break;
        }
    }
    Ok(filling.page())
}

/// What somebody did, and what was done about them: by others, whose address is not told.
fn audit(tx: &Tx<'_>, user: UserId, request: &PageRequest) -> Step<Page<String>> {
    let first: Option<i64> = tx
        .sql
        .prepare_cached("SELECT min(number) FROM audit")?
        .query_row([], |row| row.get(0))?;
    let after = match cursor_number(request)? {
        Some(after) => after,
        None => first.unwrap_or(1) - 1,
    };
    let mut statement = tx.sql.prepare_cached(
        "SELECT *, user IS ?1 AS own, user IS NOT NULL AND user <> ?1 AS others FROM audit
         WHERE number > ?2 AND number <= ?2 + ?4
           AND (user IS ?1 OR object = ?3 OR instr(detail, ?3) > 0)
         ORDER BY number",
    )?;
    let bound = params![key(user.0), after, user.to_string(), ENTRIES_READ_MAX];
    let rows = statement.query_map(bound, |row| {
        let address: Option<String> = row.get("address")?;
        let others: bool = row.get("others")?;
        let item = json!({
            "at": time(row, "at_us")?,
            "own": row.get::<_, bool>("own")?,
            "through": row.get::<_, String>("through")?,
            "address": address.filter(|_| !others),
            "action": row.get::<_, String>("action")?,
            "course": row.get::<_, Option<String>>("course")?,
            "object": row.get::<_, String>("object")?,
            "detail": row.get::<_, String>("detail")?,
        });
        Ok(item.to_string())
    })?;
    let items = rows.collect::<rusqlite::Result<_>>()?;
    let reached = after + ENTRIES_READ_MAX;
    let more: bool = tx
        .sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM audit WHERE number > ?1)")?
        .query_row([reached], |row| row.get(0))?;
    Ok(Page {
        items,
        next: more.then(|| Cursor(reached.to_string())),
    })
}

/// Bytes as text where they are, else in base64.
fn encode(content: Vec<u8>) -> (&'static str, String) {
    match String::from_utf8(content) {
        Ok(text) => ("text", text),
        Err(bytes) => ("base64", STANDARD.encode(bytes.as_bytes())),
    }
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

/// Without what checks found, which tells of hidden tests, and without previews of regrades.
fn verdicts(tx: &Tx<'_>, id: SubmissionId) -> Step<Vec<Value>> {
    let mut statement = tx.sql.prepare_cached(&format!(
        "SELECT number, at_us, reason, counts, verdict, points FROM verdict
         WHERE submission = ?1 AND NOT ({IS_PREVIEW}) ORDER BY number",
    ))?;
    let rows = statement.query_map([key(id.0)], |row| {
        Ok(json!({
            "number": row.get::<_, u32>("number")?,
            "at": timestamp(row.get("at_us")?)?,
            "reason": row.get::<_, String>("reason")?,
            "counts": row.get::<_, bool>("counts")?,
            "verdict": row.get::<_, Option<String>>("verdict")?,
            "points": row.get::<_, Option<f64>>("points")?,
        }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
