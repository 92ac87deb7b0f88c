//! The store as its callers see it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test fails where it panics and tells of a skip"
)]

mod conformance;
mod crash;
mod erasure;
mod fixture;
mod full_disk;
mod migration;
mod model;
mod sqlite;
