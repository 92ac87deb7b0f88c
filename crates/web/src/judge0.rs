//! The Judge0 CE dialect: `/submissions`, `/languages`, `/statuses` and others at the root.

use axum::Router;

use crate::app::App;

/// Settings of this dialect.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Config {}

/// Routes below the root.
pub fn routes() -> Router<App> {
    Router::new()
}
