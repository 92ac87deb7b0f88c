//! What a page tells in its own place of what it does not take.

use axum::http::StatusCode;
use carrel_api::Code;
use carrel_api::problem::FieldError;

use crate::problem::{Problem, Result};

/// Why something was not taken; templates show it by `refusal.html`.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) told: String,
    pub(super) errors: Vec<FieldError>,
}

impl Refusal {
    /// # Errors
    /// A fault of ours is a page of its own.
    pub(super) fn of(problem: Problem) -> Result<Self> {
        if !problem.status().is_client_error() && problem.code() != Code::Busy {
            return Err(problem);
        }
        let told = problem.to_string();
        let mut errors = problem.document().errors.clone();
        // Where the one error is the whole message, it is not said twice.
        errors.retain(|error| error.message != told);
        Ok(Self {
            status: problem.status(),
            told,
            errors,
        })
    }
}
