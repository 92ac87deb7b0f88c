//! Submission to verdict: plan (pure), run, check, decide (pure), report.

pub mod case;
pub mod error;
pub mod sandboxes;

pub use error::Error;
