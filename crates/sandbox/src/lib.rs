//! One fresh, single-use sandbox: a [`Spec`] in, a [`Report`] out.
//!
//! Theory of operation, the processes and who holds which descriptor are
//! told in [`keeper`]. This crate knows nothing of learners, languages or
//! HTTP; it needs Linux.

mod account;
mod capture;
mod cgroup;
mod collect;
pub mod error;
mod init;
mod isolation;
pub mod journal;
pub mod keeper;
pub mod layer;
mod policy;
pub mod probe;
mod program;
mod protocol;
pub mod report;
mod seed;
mod server;
mod setup;
mod slot;
pub mod spec;
mod step;
mod streams;
mod supervisor;
pub mod sweep;
mod sys;

pub use error::Error;
pub use keeper::{Canceller, KEEPER_NAME, Keeper, KeeperOptions, TestOptions};
pub use report::{Collected, CollectedContent, Ending, Incident, Limit, Output, Report, Usage};
pub use spec::{Entry, FileInput, Limits, Network, Root, Spec, Stream, WORK_DIRECTORY};
