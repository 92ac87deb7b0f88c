//! The HTTP service: routes, sessions, streams. Holds no sandbox and needs no privilege.
//!
//! # Theory of operation
//!
//! [`router`] puts the routes of every resource together over one [`App`]: the
//! store, the bus, the configuration and what is measured. A request gets an id
//! ([`request_id`]), then a [`Caller`] ([`session`]), is parsed once at the edge
//! ([`extract`]) and answered from the store. Everything that goes wrong leaves
//! as one envelope ([`Problem`]).
//!
//! What is to be judged goes through [`intake`], which asks [`admission`] first:
//! work that cannot meet its target is refused at once instead of queued. Who
//! waits for a verdict ([`live`]) is woken by hints of the bus and looks into the
//! store; a lost hint costs a moment, never an answer.
//!
//! [`serve`] answers connections until it is told to stop, then drains.

pub mod accommodation;
pub mod account;
mod achievement;
pub mod address;
pub mod admission;
pub mod allowance;
pub mod app;
mod applying;
pub mod archive;
pub mod attempt;
pub mod availability;
pub mod caller;
pub mod catalogue;
pub mod condition;
pub mod config;
pub mod containment;
pub mod content;
pub mod course;
pub mod csv;
pub mod dialect;
pub mod draft;
pub mod events;
pub mod execution;
mod exposition;
pub mod extract;
pub mod gradebook;
pub mod health;
pub mod history;
mod holding;
pub mod idempotency;
pub mod intake;
pub mod judge0;
mod leftover;
pub mod live;
pub mod metrics;
pub mod node;
pub mod nodes;
mod objects;
mod observe;
pub mod openapi;
pub mod operation;
pub mod pace;
pub mod page;
mod patience;
pub mod piston;
pub mod prefer;
pub mod problem;
pub mod progress;
pub mod project;
pub mod provision;
pub mod publish;
mod query;
pub mod regrade;
pub mod request_id;
pub mod rescore;
pub mod router;
pub mod serve;
pub mod session;
pub mod stages;
pub mod statistics;
pub mod submission;
mod tasks;
pub mod trace;
pub mod webhook;
pub mod xapi;

pub use app::App;
pub use caller::{Caller, Through};
pub use config::Config;
pub use problem::Problem;
pub use router::router;
pub use serve::{Listener, serve};
