//! `carrel prepare`, for `carrel serve` alone: makes directories and database,
//! publishes courses, builds environments; then ends.

use std::path::PathBuf;

use super::Session;
use crate::config::log;
use crate::config::service::Places;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::supervise::identity;
use crate::supervise::member::Member;
use crate::wire::service::prepare;

/// Arguments of `carrel prepare`.
#[derive(Debug, clap::Args)]
pub struct PrepareArguments {
    /// Take settings from `carrel serve`.
    #[arg(long, required = true)]
    supervised: bool,
    /// Publish this course.
    #[arg(long)]
    course: Vec<PathBuf>,
    /// Build environments that the courses need.
    #[arg(long)]
    build: bool,
    /// Whose the web's files are.
    #[arg(long)]
    owner: Option<String>,
}

/// Prepares.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &PrepareArguments, session: &mut Session) -> Outcome {
    let given = Member::join()?;
    log::begin(&given.settings, "prepare")?;
    let owner = match arguments.owner.as_deref() {
        Some(name) => identity::choose(Some(name)).map_err(Failure::usage)?,
        None => None,
    };
    let places = Places::of(&session.state);
    prepare::make_directories(&session.state, &places, owner.as_ref())?;
    for course in &arguments.course {
        prepare::ensure_environments(session, course, &given.settings, arguments.build)?;
    }
    prepare::fill(
        &places,
        &arguments.course,
        owner.as_ref(),
        &given.settings,
        session,
    )?;
    Ok(exit_code::OK)
}
