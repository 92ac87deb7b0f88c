//! Pages of those who run the service: how it does, what waits for them, who is there, which
//! courses come, who did what.

mod audit;
mod courses;
mod dashboard;
mod incidents;
mod parked;
mod people;

use axum::Router;

use crate::app::App;

/// Rows of a list on one page.
const ROWS_MAX: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(dashboard::routes())
        .merge(parked::routes())
        .merge(incidents::routes())
        .merge(people::routes())
        .merge(courses::routes())
        .merge(audit::routes())
}

/// Where a list goes on.
#[derive(Debug, serde::Deserialize)]
struct After {
    after: Option<String>,
}

impl After {
    fn request(self) -> crate::problem::Result<carrel_store::PageRequest> {
        crate::extract::page(carrel_api::list::PageQuery {
            cursor: self.after.filter(|after| !after.is_empty()),
            limit: Some(ROWS_MAX),
        })
    }
}
