//! Tables for spreadsheets: RFC 4180, with what a spreadsheet would take for a formula made harmless.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

/// Media type of a table.
const MEDIA_TYPE: &str = "text/csv; charset=utf-8";

/// Whether the caller asks for a table rather than JSON.
#[must_use]
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let kinds = accept.unwrap_or_default().split(',');
    let mut kinds = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("text/csv"))
}

/// A table as an answer, to be saved under a name.
#[must_use]
pub fn answer(name: &str, table: String) -> Response {
    let disposition = HeaderValue::from_str(&save_as(name));
    let mut response = ([(header::CONTENT_TYPE, MEDIA_TYPE)], table).into_response();
    if let Ok(disposition) = disposition {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// A `Content-Disposition` by which an answer is saved under a name, as far as that is harmless.
#[must_use]
pub fn save_as(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || "-_.".contains(letter) {
                letter
            } else {
                '_'
            }
        })
        .collect();
    format!("attachment; filename=\"{safe}\"")
}

/// Adds a row.
pub fn write_row(text: &mut String, fields: impl IntoIterator<Item = String>) {
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_field(text, &field);
    }
    text.push_str("\r\n");
}

fn write_field(text: &mut String, field: &str) {
    // People choose their names: one that a spreadsheet would run gets a quote before it.
    let is_formula =
        field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    let quoted = is_formula || field.contains(['"', ',', '\n', '\r']);
    if !quoted {
        text.push_str(field);
        return;
    }
    text.push('"');
    if is_formula {
        text.push('\'');
    }
    text.push_str(&field.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[&str]) -> String {
        let mut text = String::new();
        write_row(&mut text, fields.iter().map(|field| (*field).to_owned()));
        text
    }

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        assert_eq!(row(&["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(
            row(&["a,b", "say \"x\"", "1\n2"]),
            "\"a,b\",\"say \"\"x\"\"\",\"1\n2\"\r\n"
        );
    }

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(
            row(&["=cmd()", "-1.5", "-x"]),
            "\"'=cmd()\",-1.5,\"'-x\"\r\n"
        );
    }

    #[test]
    fn the_first_kind_asked_for_decides() {
        let with = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            headers
        };
        assert!(is_wanted(&with("text/csv; charset=utf-8, */*")));
        assert!(!is_wanted(&with("application/json, text/csv")));
        assert!(!is_wanted(&HeaderMap::new()));
    }
}
