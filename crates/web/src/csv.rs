//! Tables for spreadsheets as answers; [`carrel_exchange::table`] writes them.

use std::convert::Infallible;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described, StatusCode};
use aide::{OperationInput, OperationOutput};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
pub use carrel_exchange::table::{number, write_row};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;

use crate::extract::Json;
use crate::openapi::declaring;

/// Media type of a table.
const MEDIA_TYPE: &str = "text/csv; charset=utf-8";

fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let kinds = accept.unwrap_or_default().split(',');
    let mut kinds = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("text/csv"))
}

/// Whether a table is asked for rather than JSON: the header `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(is_wanted(&parts.headers)))
    }
}

// `Accept` is told by the forms of the answer (OpenAPI 3.1 §4.8.12.1).
impl OperationInput for Wanted {}

/// An answer as JSON, or as a table with the name to save it under.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonOrTable<T> {
    /// As JSON.
    Json(T),
    /// As a table.
    Table {
        /// Name of the file.
        name: String,
        /// Its text.
        text: String,
    },
}

impl<T: Serialize> IntoResponse for JsonOrTable<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Json(value) => Json(value).into_response(),
            Self::Table { name, text } => answer(&name, text),
        }
    }
}

impl<T: JsonSchema> OperationOutput for JsonOrTable<T> {
    type Inner = T;

    fn operation_response(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Option<Described> {
        let mut described = Json::<T>::operation_response(context, operation)?;
        let table = json_schema!({"type": "string"});
        let table = declaring::give("", [("text/csv", table)]);
        described.content.extend(table.content);
        Some(described)
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Described)> {
        let described = Self::operation_response(context, operation);
        let described = described.map(|described| (Some(StatusCode::Code(200)), described));
        described.into_iter().collect()
    }
}

/// A table whose rows are about several kinds of things and fill the columns of theirs.
#[derive(Debug)]
pub struct Table {
    columns: &'static [&'static str],
    text: String,
}

impl Table {
    /// A table with its head.
    #[must_use]
    pub fn new(columns: &'static [&'static str]) -> Self {
        let mut text = String::new();
        write_row(&mut text, columns.iter().map(|column| (*column).to_owned()));
        Self { columns, text }
    }

    /// Adds a row; the columns that it does not name stay empty.
    pub fn add(&mut self, cells: &[(&'static str, String)]) {
        let is_known = |(name, _): &(&'static str, String)| self.columns.contains(name);
        debug_assert!(cells.iter().all(is_known), "{cells:?}");
        let row = self.columns.iter().map(|column| {
            let mut named = cells.iter().filter(|(name, _)| name == column);
            named
                .next()
                .map_or_else(String::new, |(_, text)| text.clone())
        });
        write_row(&mut self.text, row);
    }

    /// The whole text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }
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
    fn rows_fill_the_columns_that_they_name() {
        let mut table = Table::new(&["about", "name", "count"]);
        table.add(&[("count", "1".to_owned()), ("about", "=x".to_owned())]);
        table.add(&[("name", "a,b".to_owned())]);
        let text = table.into_text();
        assert_eq!(text, "about,name,count\r\n'=x,,1\r\n,\"a,b\",\r\n");
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
