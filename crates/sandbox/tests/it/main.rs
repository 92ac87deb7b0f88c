//! Integration tests of the sandbox: real sandboxes over the host's own /usr.

mod runs;
mod world;
