//! Tables for spreadsheets as answers; [`carrel_exchange::table`] writes them.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
pub use carrel_exchange::table::write_row;

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

#[cfg(test)]
mod tests {
    use super::*;

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
