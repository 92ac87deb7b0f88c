//! Forms as browsers post them.
//!
//! That they come from a page of ours is checked where the caller is recognised
//! ([`crate::session::origin`]): a form of another site has no caller.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use carrel_api::Code;
use serde::de::DeserializeOwned;

use crate::problem::{Problem, Result};

/// Largest form, bytes.
pub const FORM_BYTES_MAX: usize = 256 * 1024;
/// Most fields of a form.
const FIELDS_MAX: usize = 2_000;
const KIND: &[u8] = b"application/x-www-form-urlencoded";

/// A form, read into a type of its own.
#[derive(Debug)]
pub struct Form<T>(pub(crate) T);

/// The fields of a form in order, for forms whose fields depend on what is shown.
#[derive(Debug)]
pub struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// Value of the first field of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// Values of all fields of this name, in order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

async fn read(request: Request) -> Result<Vec<u8>> {
    let kind = request.headers().get(CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(KIND)) {
        let detail = "a form is posted as `application/x-www-form-urlencoded`";
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    let bytes = to_bytes(request.into_body(), FORM_BYTES_MAX).await;
    let bytes = bytes.map_err(|_| {
        let detail = format!("the form broke off, or has more than {FORM_BYTES_MAX} bytes");
        Problem::new(Code::TooLarge, detail)
    })?;
    Ok(bytes.to_vec())
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let bytes = read(request).await?;
        serde_urlencoded::from_bytes(&bytes)
            .map(Self)
            .map_err(|error| {
                let detail =
                    format!("the form does not fit its page: {error}; load the page again");
                Problem::new(Code::Invalid, detail)
            })
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let bytes = read(request).await?;
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&bytes).map_err(|error| {
                Problem::new(Code::Invalid, format!("the form is not valid: {error}"))
            })?;
        if fields.len() > FIELDS_MAX {
            let detail = format!("the form has more than {FIELDS_MAX} fields");
            return Err(Problem::new(Code::TooLarge, detail));
        }
        Ok(Self(fields))
    }
}
