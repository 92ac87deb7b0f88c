//! `carrel web`: answers over HTTP. Needs no privilege.

use super::Session;
use super::serve;
use crate::config::log;
use crate::config::service::{Places, SettingArguments};
use crate::exit_code;
use crate::failure::Outcome;
use crate::wire::service::life::Life;
use crate::wire::service::web;

/// Arguments of `carrel web`.
#[derive(Debug, clap::Args)]
pub struct WebArguments {
    #[command(flatten)]
    settings: SettingArguments,
    /// Take orders, settings and sockets from `carrel serve`.
    #[arg(long, hide = true)]
    supervised: bool,
}

/// Serves until it is told to stop.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &WebArguments, session: &mut Session) -> Outcome {
    let (settings, listeners, life) = if arguments.supervised {
        Life::join()?
    } else {
        let settings = arguments.settings.resolve()?;
        if arguments.settings.print_config {
            return serve::print(&settings, session);
        }
        let listeners = serve::listen(&settings)?;
        (settings, listeners, Life::alone())
    };
    log::begin(&settings, "web")?;
    web::run(&settings, &Places::of(&session.state), listeners, life)?;
    Ok(exit_code::OK)
}
