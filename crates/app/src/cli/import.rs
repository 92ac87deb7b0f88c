//! `carrel import`: challenges from another format, with a report of what could not be carried over.

use std::path::PathBuf;

use clap::Subcommand;

use super::Session;
use super::check::JudgingArguments;
use crate::failure::Outcome;
use crate::wire;

/// Formats that can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// An Exercism exercise, or a whole track.
    Exercism(ImportArguments),
    /// A Kattis problem package (2025-09, legacy, legacy-icpc).
    Kattis(KattisArguments),
}

/// Arguments of every import.
#[derive(Debug, clap::Args)]
pub struct ImportArguments {
    /// Directory to import.
    pub source: PathBuf,
    /// Directory to write the challenge, or the challenges of a track, to.
    pub destination: PathBuf,
    /// Replace what is at the destination.
    #[arg(long)]
    pub overwrite: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `carrel import kattis`.
#[derive(Debug, clap::Args)]
pub struct KattisArguments {
    /// Source and destination.
    #[command(flatten)]
    pub import: ImportArguments,
    /// Take a package that lacks parts that judging can do without; the report notes them.
    #[arg(long)]
    pub incomplete: bool,
    /// Leave the provisional time limit where the package leaves it to measurement.
    #[arg(long)]
    pub no_measure: bool,
    /// For the measuring of time limits.
    #[command(flatten)]
    pub judging: JudgingArguments,
}

/// Runs the command.
///
/// # Errors
/// See [`crate::exit_code`].
pub fn run(command: &ImportCommand, session: &mut Session) -> Outcome {
    match command {
        ImportCommand::Exercism(arguments) => wire::import::exercism(arguments, session),
        ImportCommand::Kattis(arguments) => wire::import::kattis(arguments, session),
    }
}
