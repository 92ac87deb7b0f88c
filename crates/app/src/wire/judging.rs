//! The judge over the environments of this host.

use std::collections::BTreeSet;

use carrel_model::ResultDocument;
use carrel_model::challenge::{Challenge, CheckKind, Program};
use carrel_model::result::TestResult;

use crate::cli::Session;
use crate::failure::Failure;
use crate::submission::Files;

/// Whose eyes a result is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum View {
    /// A learner: what checks hide stays hidden.
    #[default]
    Learner,
    /// The author: everything.
    Author,
}

/// What the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgingOptions {
    /// Environments that are not the same bits on every machine.
    pub allow_unrepeatable: bool,
    /// Hosts without some layer of isolation.
    pub allow_missing_layers: bool,
    /// Build what is missing first.
    pub build: bool,
}

/// One submission.
#[derive(Debug, Clone)]
pub struct Request {
    /// Files by path in the work directory.
    pub files: Files,
    /// Step up to which it is judged; `None`: all.
    pub step: Option<String>,
    /// Failed submissions so far.
    pub failures: u32,
    /// Whose eyes the result is for.
    pub view: View,
    /// The due date has passed.
    pub after_due: bool,
}

/// Judges submissions; used by several threads at once.
#[derive(Debug)]
pub struct Judging {}

impl Judging {
    /// Opens the store and looks at the environments.
    ///
    /// # Errors
    /// One is missing or refused.
    pub fn start(
        _session: &mut Session,
        _environments: &BTreeSet<String>,
        _options: JudgingOptions,
    ) -> Result<Self, Failure> {
        Err(Failure::platform(anyhow::anyhow!("not in this build")))
    }

    /// Judges one submission.
    ///
    /// # Errors
    /// A fault of the platform or the author.
    pub fn judge(
        &self,
        _challenge: &Challenge,
        _request: Request,
        _observer: &mut dyn FnMut(&TestResult),
    ) -> Result<ResultDocument, Failure> {
        Err(Failure::platform(anyhow::anyhow!("not in this build")))
    }
}

/// Names of all environments that judging this challenge takes.
#[must_use]
pub fn environments_of(challenge: &Challenge) -> BTreeSet<String> {
    let programs = challenge
        .checks
        .iter()
        .filter_map(|check| match &check.kind {
            CheckKind::Validator(validator) => Some(&validator.program),
            CheckKind::Interactive(interactive) => Some(&interactive.validator.program),
            CheckKind::Unit(_) | CheckKind::Io(_) | CheckKind::Static(_) => None,
        });
    let own = programs.filter_map(|program: &Program| program.environment.clone());
    own.chain([challenge.environment.clone()]).collect()
}

/// The document as JUnit XML.
#[must_use]
pub fn junit(_document: &ResultDocument) -> String {
    String::new()
}

/// The document as CTRF.
#[must_use]
pub fn ctrf(_document: &ResultDocument) -> String {
    String::new()
}
