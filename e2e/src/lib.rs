//! Drives the real service, as its users and its accidents do.
//!
//! [`server`] starts `carrel serve` over a state directory of its own and knows
//! its processes; [`people`] are who use it; [`client`] speaks HTTP; [`work`] is what is submitted, with the
//! verdicts that are right for it; [`ledger`] remembers what was acknowledged and
//! looks afterwards whether it was kept; [`crash`] kills while submitting;
//! [`load`] submits at a fixed rate, whatever the answers (open loop), to a [`course`] open to all.

pub mod client;
pub mod course;
pub mod crash;
pub mod ledger;
pub mod load;
pub mod people;
pub mod random;
pub mod server;
pub mod work;

pub use client::{Client, Response};
pub use ledger::Ledger;
pub use people::People;
pub use server::Server;
pub use work::Work;
