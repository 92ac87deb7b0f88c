//! The real binary, as its users drive it: exit codes, output, messages.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells of a skip"
)]

mod admin;
mod authoring;
mod bad_challenge;
mod course;
mod documents;
mod exchange;
mod judging;
mod panic;
mod sandbox_run;
mod schema;
mod service;
mod test;
mod usage;
