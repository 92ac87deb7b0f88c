//! Pages of authors: who sent what with which verdict, results, members, what single people have
//! beyond the others, regrades and rescores, versions of their course and how a new one comes in, quizzes of
//! other tools.

mod accommodations;
mod changes;
mod import;
mod members;
mod publish;
mod regrades;
mod rescores;
mod results;
mod submissions;
mod versions;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Path;
use axum::response::Redirect;
use axum::routing::get;
use carrel_model::id::UserId;

use crate::app::App;
use crate::page::place::encode;
use crate::problem::{Problem, Result};

/// Rows of a list on one page.
const ROWS_MAX: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses/{course}/author", get(lead_on))
        .merge(submissions::routes())
        .merge(results::routes())
        .merge(accommodations::routes())
        .merge(regrades::routes())
        .merge(rescores::routes())
        .merge(versions::routes())
        .merge(publish::routes())
        .merge(import::routes())
        .merge(members::routes())
}

async fn lead_on(Path(course): Path<String>) -> Redirect {
    Redirect::to(&address(&course, "submissions"))
}

/// Address of an author's page of a course.
fn address(course: &str, rest: &str) -> String {
    format!("/courses/{}/author/{rest}", encode(course))
}

/// Where a page of a course shows a thing by its id, one of another course is not there.
fn require_here(course: &str, found: &str, what: &str, id: &str) -> Result<()> {
    if found == course {
        Ok(())
    } else {
        Err(Problem::missing(what, id))
    }
}

/// Names of people by id, for lists; whoever was removed keeps the id.
#[derive(Debug, Default)]
struct Names(BTreeMap<UserId, String>);

impl Names {
    async fn read(app: &App, users: impl Iterator<Item = UserId>) -> Self {
        let mut names = BTreeMap::new();
        for user in users {
            if !names.contains_key(&user)
                && let Ok(row) = app.store.user(user).await
            {
                names.insert(user, row.display_name);
            }
        }
        Self(names)
    }

    fn of(&self, user: &UserId) -> String {
        let known = self.0.get(user);
        known.cloned().unwrap_or_else(|| user.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_elsewhere() {
        assert_eq!(address("a/../b?c", "x"), "/courses/a%2F..%2Fb%3Fc/author/x");
        assert_eq!(address("sample-1", "x"), "/courses/sample-1/author/x");
    }
}
