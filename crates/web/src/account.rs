//! People: users, tokens, roles, rate limits, the audit log, a person's data.

use aide::axum::ApiRouter;

use crate::app::App;

/// Settings of accounts and sessions.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Config {}

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
}
