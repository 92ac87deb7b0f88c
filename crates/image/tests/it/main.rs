//! Environments from packages made here: no network and no privilege, but for the tests that say so.
#![expect(clippy::unwrap_used, reason = "tests")]

mod package;
mod store;
