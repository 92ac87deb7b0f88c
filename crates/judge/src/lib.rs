//! Submission to verdict: plan (pure), run, check, decide (pure), report.
//!
//! [`Judge::judge`] takes a challenge and a submission to a
//! [`carrel_model::ResultDocument`]. It runs everything through the role
//! [`sandboxes::Sandboxes`], which [`pool::KeeperPool`] plays.

pub mod cancellation;
pub mod case;
pub mod cause;
pub mod check;
pub mod compile;
pub mod compile_cache;
pub mod decide;
pub mod diagnostic;
pub mod environment;
pub mod error;
pub mod execution;
#[cfg(test)]
mod fixture;
pub mod framework;
pub mod judge;
pub mod language;
pub mod limits;
pub mod partner;
pub mod plan;
pub mod pool;
mod program;
pub mod report_format;
pub mod sandboxes;
mod score;
#[cfg(test)]
mod scripted;
mod shared_run;
pub mod static_rule;
pub mod submission;
mod syntax;
pub mod text;
pub mod version;
pub mod view;
pub mod watcher;

pub use cancellation::Cancellation;
pub use check::comparator;
pub use compile::{CompileRequest, Compiled, Compiler};
pub use compile_cache::CompileCache;
pub use environment::{Environment, Environments};
pub use error::Error;
pub use judge::Judge;
pub use pool::KeeperPool;
pub use submission::Submission;
pub use version::Versions;
pub use view::View;
pub use watcher::Watcher;
