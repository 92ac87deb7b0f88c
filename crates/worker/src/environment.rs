//! The role that a worker needs of environments.

/// The environments of this node, opened when they are first needed.
///
/// [`carrel_judge::Environments::describe`] and `open` refuse a missing or
/// forbidden one with a text that an operator can act on: it becomes the reason
/// of the parked job. They are asked for every run, so an environment that is
/// built or replaced while the worker runs is used from the next run on.
pub trait NodeEnvironments: carrel_judge::Environments {
    /// Name and digest of every environment that may be used now (no digest: not repeatable).
    fn available(&self) -> Vec<(String, Option<String>)>;
}
