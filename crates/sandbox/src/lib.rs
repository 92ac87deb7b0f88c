//! One fresh, single-use sandbox: a [`Spec`] in, a [`Report`] out.
//!
//! Theory of operation, the processes and who holds which descriptor are
//! told in [`keeper`]. This crate knows nothing of learners, languages or
//! HTTP; it needs Linux.

pub mod error;
pub mod keeper;
pub mod report;
pub mod spec;

pub use error::Error;
pub use keeper::{KEEPER_NAME, Keeper, KeeperOptions};
pub use report::{Collected, CollectedContent, Ending, Incident, Limit, Output, Report, Usage};
pub use spec::{Entry, FileInput, Limits, Network, Root, Spec, Stream, WORK_DIRECTORY};
