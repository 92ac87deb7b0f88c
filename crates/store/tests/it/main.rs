//! The store as its callers see it.

mod conformance;
mod sqlite;
