//! Integration tests of the sandbox: real sandboxes over the host's own /usr.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod adoption;
mod battery;
mod case;
mod deaths;
mod directive;
mod faults;
mod host;
mod runs;
mod world;
