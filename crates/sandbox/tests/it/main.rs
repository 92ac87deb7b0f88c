//! Integration tests of the sandbox: real sandboxes over the host's own /usr.

mod battery;
mod case;
mod deaths;
mod directive;
mod faults;
mod host;
mod runs;
mod world;
