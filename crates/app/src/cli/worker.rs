//! `carrel worker`: claims submissions and judges them in sandboxes.

use super::Session;
use super::serve;
use crate::config::log;
use crate::config::service::SettingArguments;
use crate::exit_code;
use crate::failure::Outcome;
use crate::supervise::lock::{Holder, Lock};
use crate::wire::service::life::Life;
use crate::wire::service::prepare::make_state_directory;
use crate::wire::service::worker;

/// Arguments of `carrel worker`.
#[derive(Debug, clap::Args)]
pub struct WorkerArguments {
    #[command(flatten)]
    settings: SettingArguments,
    /// Take orders and settings from `carrel serve`.
    #[arg(long, hide = true)]
    supervised: bool,
}

/// Judges until it is told to stop.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &WorkerArguments, session: &mut Session) -> Outcome {
    // Held until it ends; that of a supervisor judges under its lock.
    let mut lock = None;
    let (settings, life) = if arguments.supervised {
        let (settings, _, life) = Life::join()?;
        (settings, life)
    } else {
        let settings = arguments.settings.resolve()?;
        if arguments.settings.print_config {
            return serve::print(&settings, session);
        }
        make_state_directory(&session.state)?;
        lock = Some(Lock::take(&session.state.directory, Holder::Worker)?);
        (settings, Life::alone())
    };
    log::begin(&settings, "worker")?;
    worker::run(&settings, &session.state, life)?;
    drop(lock);
    Ok(exit_code::OK)
}
