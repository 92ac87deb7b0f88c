//! `carrel env`: build, list and keep environments.

use std::path::PathBuf;

use clap::Subcommand;

use super::Session;
use crate::failure::{Failure, Outcome};

/// Commands on environments.
#[derive(Debug, Subcommand)]
pub enum EnvCommand {
    /// List the environments that are built, and those that can be.
    Ls {
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Build environments.
    Build(BuildArguments),
    /// Say what is in an environment.
    Show {
        /// Name.
        name: String,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Choose package versions anew and write the lock file.
    Lock(LockArguments),
    /// Read everything again and compare it with its digest.
    Verify {
        /// Names; all that are built where none is given.
        names: Vec<String>,
    },
    /// Remove environments from the store.
    Rm {
        /// Names.
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Remove what no environment uses any more.
    Gc,
}

/// Arguments of `carrel env build`.
#[derive(Debug, clap::Args)]
pub struct BuildArguments {
    /// Names of stock environments, or directories that hold an environment.toml.
    #[arg(required = true)]
    names: Vec<String>,
    /// Package mirror [default: the host's own package sources].
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// Build again what is built already.
    #[arg(long)]
    force: bool,
}

/// Arguments of `carrel env lock`.
#[derive(Debug, clap::Args)]
pub struct LockArguments {
    /// Name of a stock environment, or directory that holds an environment.toml.
    name: String,
    /// Package mirror [default: the host's own package sources].
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// File to write [default: environment.lock beside the definition; standard output for a stock environment].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// See [`crate::exit_code`].
pub fn run(_command: &EnvCommand, _session: &mut Session) -> Outcome {
    Err(Failure::platform(anyhow::anyhow!("not in this build")))
}
