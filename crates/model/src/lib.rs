//! The nouns of Carrel: challenges, limits, verdicts and the result contract.
//!
//! No I/O, no async, no SQL. What arrives from outside is parsed into these
//! types once, at the edge.

pub mod account;
pub mod challenge;
pub mod execution;
pub mod id;
pub mod limits;
pub mod quantity;
pub mod result;
pub mod trace;
pub mod verdict;
pub mod view;

pub use challenge::{Challenge, Check, CheckKind, Step, Visibility};
pub use limits::Limits;
pub use result::ResultDocument;
pub use verdict::{Cause, Verdict};
