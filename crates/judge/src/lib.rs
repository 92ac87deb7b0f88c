//! Submission to verdict: plan (pure), run, check, decide (pure), report.

pub mod case;
pub mod cause;
pub mod compile;
pub mod compile_cache;
pub mod diagnostic;
pub mod error;
pub mod framework;
pub mod language;
pub mod limits;
pub mod sandboxes;
#[cfg(test)]
mod scripted;
pub mod text;

pub use compile::{CompileRequest, Compiled, Compiler};
pub use compile_cache::CompileCache;
pub use error::Error;
