//! Tests across modules: the notation's document, its problems, and properties.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod document;
mod kinds;
mod notation_properties;
mod odd;
mod presentation;
mod problems;
mod scoring_properties;
mod slips;
mod statistics;
mod strategies;
