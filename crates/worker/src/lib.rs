//! Claims jobs, judges them, records verdicts.
//!
//! # Theory of operation
//!
//! [`worker::run`] holds as many leases as it has slots. Small tasks on the
//! async runtime claim ([`worker`]), renew (`leases`), tell how the node is
//! (`beat`), try the whole path (`canary`) and append events (`telling`). A
//! submission is judged on a blocking thread (`judging`), which sees the store
//! only through what it was given.
//!
//! Every run of a submission has a journal in the run directory (`runs`), so
//! that it goes on when this process dies. The next worker of the node takes
//! the leases over, judges the same submissions again from the start, and finds
//! for each run it asks for that it has ended, goes on, or was lost; the secrets
//! that harnesses draw are the same again (`runs`). What it has told already is
//! not told twice (`telling`). A verdict counts only under the lease's token,
//! so that at most one is written.
//!
//! A fault of ours never becomes a verdict: the job is released with its reason
//! and parked for an operator after [`carrel_store::queue::ATTEMPTS_MAX`] attempts. Work
//! whose environment this node lacks is no fault: it is passed over, for a node that has it
//! (`needs`), and offered again when environments change here.

mod beat;
mod canary;
mod conversation;
mod courses;
pub mod environment;
pub mod error;
mod identity;
mod judging;
mod leases;
mod leftovers;
mod metrics;
mod needs;
mod node;
mod pace;
mod recording;
mod runs;
pub mod settings;
mod telling;
pub mod worker;

pub use environment::NodeEnvironments;
pub use error::Error;
pub use settings::{Settings, spare_slots};
pub use worker::{Parts, run};
