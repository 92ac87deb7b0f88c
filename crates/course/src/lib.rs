//! The author's files: read, checked as a whole, and parsed into [`carrel_model`] types.
//!
//! [`challenge::load`] reads one challenge directory, [`course::load`] a course
//! of them. Both report every problem they find at once, each with file, line,
//! column and the way out ([`Problem`]). The format is told in
//! `docs/challenge-format.md`; its JSON Schema is generated from [`raw`].
//!
//! Nothing here runs anything or reads more than names, sizes and the TOML
//! files themselves: contents of tests and data are read when they are judged.

pub mod challenge;
pub mod course;
pub mod difference;
mod document;
pub mod import;
pub mod indentation;
mod language;
pub mod markdown;
pub mod pattern;
mod placed;
mod problem;
pub mod raw;
pub mod sent;
mod slug;
mod tree;

pub use placed::Placed;
pub use problem::{Problem, Problems};
pub use slug::is_slug;
