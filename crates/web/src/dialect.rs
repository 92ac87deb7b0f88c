//! What the interfaces of other services ([`crate::piston`], [`crate::judge0`]) share.
//!
//! A client of such a service works with this one by changing its base URL: paths, fields, types,
//! status codes and the form of errors are theirs. Both become an ad-hoc execution that goes the
//! same way as any other ([`crate::intake`]), so that admission, fairness and durability hold here too.

pub mod client;
pub mod ending;
pub mod files;
pub mod language;
pub mod version;

use axum::response::{IntoResponse as _, Response};

use crate::problem::Problem;
use crate::{judge0, piston};

/// A refusal before any route was reached, in the form of the interface that was asked.
pub(crate) fn refuse(path: &str, problem: Problem) -> Response {
    let is_below = |place: &str| {
        let rest = path.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if is_below("/judge0") {
        judge0::refuse(problem)
    } else if is_below("/api/v2") || is_below("/piston") {
        piston::refuse(problem)
    } else {
        problem.into_response()
    }
}
