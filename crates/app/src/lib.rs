//! Everything of the `carrel` binary but its `main`: command line, configuration, wiring.
//!
//! A command is one file of [`cli`]: its arguments as typed, what they mean on
//! this host, and what it does. Only [`config`] reads the environment, only
//! [`wire`] knows every crate, only [`terminal`] writes to the terminal.

pub mod audit;
pub mod cli;
pub mod config;
pub mod exit_code;
pub mod failure;
pub mod naming;
pub mod panic;
pub mod publication;
pub mod staging;
pub mod submission;
pub mod supervise;
pub mod terminal;
pub mod trace;
pub mod wire;

use std::ffi::OsString;

pub use failure::{Failure, Outcome};

/// Parses the command line, runs the command, tells of a failure once, and
/// returns the exit code (see [`exit_code`]).
#[must_use]
pub fn main(arguments: Vec<OsString>) -> u8 {
    panic::end_the_process();
    cli::run(arguments)
}
