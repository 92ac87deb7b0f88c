//! The parts that a sandbox is set up from, each used in one place of
//! `server` (once per keeper), `init` or `program` (once per run).

pub(crate) mod files;
pub(crate) mod landlock;
pub(crate) mod limits;
pub(crate) mod mounts;
pub(crate) mod seccomp;
pub(crate) mod template;
