//! Durable state behind roles (traits): rows and the job queue.
//!
//! # Theory of operation
//!
//! State has one home. A submission and its job are written in one
//! transaction; a worker holds a job by a *lease* with a fencing token that
//! only grows, and its result counts only while the lease is still its own.
//! Time is the engine's own clock. Every list is bounded and paged by a cursor.
//!
//! [`sqlite`] is the embedded engine: one writer thread that commits many
//! closures at once (group commit), readers with connections of their own. A
//! submission becomes visible to workers at once, and is acknowledged to its
//! sender only when it is on the disk; a verdict is written only after that, in the
//! same log, so it cannot outlive the submission it belongs to
//! (`docs/design/0003-store.md`).
//!
//! Roles are narrow so that a user of one does not see the others; [`Store`] is all of them.

pub mod account;
pub mod attempt;
pub mod course;
pub mod draft;
pub mod error;
pub mod event;
pub mod export;
pub mod ledger;
pub mod node;
pub mod page;
pub mod progress;
pub mod queue;
pub mod regrade;
pub mod rescore;
pub mod spare;
pub mod sqlite;
pub mod submission;
pub mod upkeep;
pub mod webhook;

pub use error::Error;
pub use page::{Cursor, Page, PageRequest};

/// Everything that is kept.
pub trait Store:
    account::Accounts
    + attempt::Attempts
    + course::Courses
    + draft::Drafts
    + event::Events
    + ledger::Ledger
    + node::Nodes
    + progress::Progress
    + queue::Queue
    + regrade::Regrades
    + rescore::Rescores
    + submission::Submissions
    + upkeep::Upkeep
    + webhook::Webhooks
{
}
