//! The service over real HTTP, on the real store. Where a verdict is needed, a test claims and
//! finishes the job through the store, as a worker does.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and tells of a skip"
)]

mod accommodations;
mod account;
mod admission;
mod attempt_rules;
mod attempts;
mod audit;
mod author_import;
mod author_pages;
mod author_publish;
mod author_results;
mod authorisation;
mod bodies;
mod challenge_pages;
mod course_operators;
mod courses;
mod dialect;
mod drafts;
mod due;
mod events;
mod executions;
mod expired;
mod fixture;
mod health;
mod hints;
mod identities;
mod lists;
mod openapi;
mod operator_courses;
mod operator_pages;
mod own_export;
mod parameters;
mod project_pages;
mod regrades;
mod school;
mod statements;
mod steps;
mod submissions;
mod surface;
mod unreadable;
mod webhooks;
mod world;
