//! Who did what, newest first.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use carrel_model::id::UserId;
use carrel_store::ledger::{AuditFilter, AuditRow};
use serde::Deserialize;

use super::After;
use crate::account::named;
use crate::app::App;
use crate::caller::Caller;
use crate::page::{Frame, show};
use crate::problem::Result;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/operator/audit", get(list_entries))
}

#[derive(Template)]
#[template(path = "operator/audit.html")]
struct AuditPage {
    frame: Frame,
    person: String,
    entries: Vec<AuditRow>,
    names: BTreeMap<UserId, String>,
    next: Option<String>,
}

impl AuditPage {
    fn name(&self, user: &UserId) -> String {
        let known = self.names.get(user);
        known.cloned().unwrap_or_else(|| user.to_string())
    }
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    person: String,
    #[serde(flatten)]
    after: After,
}

async fn list_entries(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    caller.require_operator()?;
    let person = wanted.person.trim().to_owned();
    let user = match person.as_str() {
        "" => None,
        text => Some(named(&app, text).await?.id),
    };
    let filter = AuditFilter { user, course: None };
    let rows = app.store.audit(filter, wanted.after.request()?).await?;
    let mut names = BTreeMap::new();
    for user in rows.items.iter().filter_map(|row| row.user) {
        // Whoever was removed since has no name any more; the id stays.
        if !names.contains_key(&user)
            && let Ok(row) = app.store.user(user).await
        {
            names.insert(user, row.name);
        }
    }
    show(&AuditPage {
        frame,
        person,
        entries: rows.items,
        names,
        next: rows.next.map(|cursor| cursor.0),
    })
}
