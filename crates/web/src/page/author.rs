//! Pages of authors: who sent what with which verdict, regrades, versions of their course.

mod regrades;
mod submissions;
mod versions;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Path;
use axum::response::Redirect;
use axum::routing::get;
use carrel_model::id::UserId;

use crate::app::App;

/// Rows of a list on one page.
const ROWS_MAX: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses/{course}/author", get(lead_on))
        .merge(submissions::routes())
        .merge(regrades::routes())
        .merge(versions::routes())
}

async fn lead_on(Path(course): Path<String>) -> Redirect {
    Redirect::to(&address(&course, "submissions"))
}

/// Address of an author's page of a course.
fn address(course: &str, rest: &str) -> String {
    format!("/courses/{}/author/{rest}", percent(course))
}

/// An id as a part of a path.
fn percent(id: &str) -> String {
    let mut text = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
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
