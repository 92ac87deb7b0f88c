//! The HTTP contract of Carrel: what requests and responses look like, which
//! errors there are, which limits hold. No I/O, no server: a client may use it too.
//!
//! `docs/api.md` tells how to use it; `docs/openapi.json` is generated from the
//! routes of `carrel-web` and these types.

pub mod account;
pub mod attempt;
pub mod content;
pub mod course;
pub mod draft;
pub mod execution;
pub mod grading;
pub mod limits;
pub mod list;
pub mod operation;
pub mod problem;
pub mod progress;
pub mod submission;

pub use content::Content;
pub use list::List;
pub use problem::{Code, FieldError, ProblemDocument};
