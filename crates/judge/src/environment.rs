//! The role that names environments: which one is used, and its root file system.

use carrel_model::result::EnvironmentUsed;
use carrel_sandbox::Root;

use crate::error::Error;

/// An environment, opened for one keeper.
#[derive(Debug)]
pub struct Environment {
    /// Its root file system.
    pub root: Root,
    /// Variables that its programs get, over those that every program gets.
    pub variables: Vec<(String, String)>,
}

/// Finds environments by name. A missing one is refused with the way out, never replaced.
pub trait Environments: Send + Sync {
    /// What is recorded with every submission judged in it.
    ///
    /// # Errors
    /// It is missing, or refused for judging.
    fn describe(&self, name: &str) -> Result<EnvironmentUsed, Error>;

    /// Opens it; called once for every keeper that is started.
    ///
    /// # Errors
    /// It is missing, refused for judging, or can not be opened.
    fn open(&self, name: &str) -> Result<Environment, Error>;
}
