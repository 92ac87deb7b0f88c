//! Between rows and types.

use carrel_model::id::SubmissionId;
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::failure::{Step, foreign_cursor};
use crate::page::{Cursor, PAGE_MAX, Page, PageRequest};
use crate::queue::Band;

/// An id as it is bound.
pub(super) fn key(id: Uuid) -> [u8; 16] {
    *id.as_bytes()
}

/// An id of a row.
pub(super) fn uuid(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    Ok(Uuid::from_bytes(row.get::<_, [u8; 16]>(column)?))
}

/// An id that may be missing.
pub(super) fn uuid_maybe(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Uuid>> {
    Ok(row
        .get::<_, Option<[u8; 16]>>(column)?
        .map(Uuid::from_bytes))
}

/// The submission of a row.
pub(super) fn submission(row: &Row<'_>) -> rusqlite::Result<SubmissionId> {
    Ok(SubmissionId(uuid(row, "submission")?))
}

/// A time of a row.
pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    timestamp(row.get(column)?)
}

/// A time that may be missing.
pub(super) fn time_maybe(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?
        .map(timestamp)
        .transpose()
}

/// Microseconds as a time.
pub(super) fn timestamp(microseconds: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(microseconds).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Integer, Box::new(error))
    })
}

/// The engine's own clock reading as a time; it was a time before.
pub(super) fn clock_time(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Milliseconds as microseconds of the engine's arithmetic.
pub(super) fn microseconds(milliseconds: u64) -> i64 {
    i64::try_from(milliseconds.saturating_mul(1_000)).unwrap_or(i64::MAX / 4)
}

/// The word for a value in rows: that of its JSON.
pub(super) fn word<T: Serialize>(value: T) -> Step<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}

/// The value of a word.
pub(super) fn value<T: DeserializeOwned>(word: String) -> rusqlite::Result<T> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(conversion)
}

/// The value of a word of a row.
pub(super) fn word_of<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    value(row.get(column)?)
}

/// The value of a word that may be missing.
pub(super) fn word_maybe<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<Option<T>> {
    row.get::<_, Option<String>>(column)?.map(value).transpose()
}

/// A JSON document of a row.
pub(super) fn document<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(conversion)
}

fn conversion(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

/// A number that is never negative, as bound.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count of a row.
pub(super) fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

/// As many rows as were asked for: there may be more.
pub(super) fn is_full(rows: usize, max: i64) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows >= max)
}

/// The number of a band in rows.
pub(super) fn band_number(band: Band) -> i64 {
    match band {
        Band::Interactive => 0,
        Band::Batch => 1,
        Band::Regrade => 2,
    }
}

/// The band of a number; the schema allows no other.
pub(super) fn band(number: i64) -> Band {
    match number {
        0 => Band::Interactive,
        1 => Band::Batch,
        _ => Band::Regrade,
    }
}

/// Rows to ask for: one more than shown tells whether there is a next page.
pub(super) fn rows_wanted(page: &PageRequest) -> i64 {
    i64::from(page.limit.clamp(1, PAGE_MAX)) + 1
}

/// Cuts rows to a page.
pub(super) fn page<T>(
    mut items: Vec<T>,
    request: &PageRequest,
    cursor: impl Fn(&T) -> String,
) -> Page<T> {
    let limit = request.limit.clamp(1, PAGE_MAX) as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| Cursor(cursor(last)));
    Page { items, next }
}

/// The id that a cursor holds.
pub(super) fn cursor_id(request: &PageRequest) -> Step<Option<[u8; 16]>> {
    cursor_as(request, |text| text.parse::<Uuid>().ok().map(key))
}

/// The number that a cursor holds.
pub(super) fn cursor_number(request: &PageRequest) -> Step<Option<i64>> {
    cursor_as(request, |text| text.parse().ok())
}

/// The id and the text that a cursor holds.
pub(super) fn cursor_pair(request: &PageRequest) -> Step<Option<([u8; 16], String)>> {
    cursor_as(request, |text| {
        let (id, text) = text.split_once('/')?;
        Some((key(id.parse().ok()?), text.to_owned()))
    })
}

/// What stands before a text in a cursor, so that not every text is one.
const TEXT_CURSOR: &str = "after.";

/// The cursor after a text.
pub(super) fn text_cursor(text: &str) -> String {
    format!("{TEXT_CURSOR}{text}")
}

/// The text that a cursor holds; the empty one, which is before every other, where there is none.
pub(super) fn cursor_text(request: &PageRequest) -> Step<String> {
    let text = cursor_as(request, |text| {
        text.strip_prefix(TEXT_CURSOR).map(str::to_owned)
    })?;
    Ok(text.unwrap_or_default())
}

/// What a cursor holds, in the form of its list.
pub(super) fn cursor_as<T>(
    request: &PageRequest,
    parse: impl Fn(&str) -> Option<T>,
) -> Step<Option<T>> {
    match &request.after {
        None => Ok(None),
        Some(cursor) => match parse(&cursor.0) {
            Some(value) => Ok(Some(value)),
            None => Err(foreign_cursor(&cursor.0)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_json() {
        assert_eq!(
            word(carrel_model::Verdict::TimeLimit).unwrap(),
            "time_limit"
        );
        let back: carrel_model::Verdict = value("time_limit".into()).unwrap();
        assert_eq!(back, carrel_model::Verdict::TimeLimit);
        assert!(value::<carrel_model::Verdict>("slow".into()).is_err());
    }

    #[test]
    fn a_page_says_whether_there_is_more() {
        let request = PageRequest {
            after: None,
            limit: 2,
        };
        let whole = page(vec![1, 2], &request, ToString::to_string);
        assert_eq!((whole.items, whole.next), (vec![1, 2], None));
        let cut = page(vec![1, 2, 3], &request, ToString::to_string);
        assert_eq!(cut.items, [1, 2]);
        assert_eq!(cut.next, Some(Cursor("2".into())));
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let request = PageRequest {
            after: Some(Cursor("x".into())),
            limit: 2,
        };
        assert!(cursor_id(&request).is_err());
        assert!(cursor_number(&request).is_err());
        assert!(cursor_pair(&request).is_err());
        assert!(cursor_text(&request).is_err());
        let text = PageRequest {
            after: Some(Cursor(text_cursor("x"))),
            limit: 2,
        };
        assert!(matches!(cursor_text(&text), Ok(text) if text == "x"));
    }
}
