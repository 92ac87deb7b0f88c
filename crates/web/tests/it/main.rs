//! The service over real HTTP, on the real store.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells of a skip"
)]

mod account;
