//! The Piston v2 dialect under `/api/v2`.

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
