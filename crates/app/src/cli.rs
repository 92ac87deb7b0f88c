//! The command line: one module per command, each with its arguments as typed
//! (`…Arguments`), and a `run` that makes sense of them and does the work.

pub mod admin;
pub mod check;
pub mod course;
pub mod doctor;
pub mod env;
pub mod import;
pub mod limits;
pub mod prepare;
pub mod run;
pub mod schema;
pub mod serve;
pub mod web;
pub mod worker;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use crate::config::display::{Colour, Display};
use crate::config::state::State;
use crate::exit_code;
use crate::failure::Outcome;
use crate::terminal::Terminal;

/// Judge code challenges in fresh, single-use sandboxes.
#[derive(Debug, Parser)]
#[command(name = "carrel", version, propagate_version = true)]
pub struct Arguments {
    #[command(flatten)]
    global: GlobalArguments,
    #[command(subcommand)]
    command: Command,
}

/// Taken by every command.
#[derive(Debug, clap::Args)]
struct GlobalArguments {
    /// Directory of environments and caches [default: /var/lib/carrel for root, else the XDG state directory].
    #[arg(long, global = true, value_name = "DIRECTORY")]
    state_directory: Option<PathBuf>,
    /// Directory of the service's own part of the state, of a service that keeps nothing.
    #[arg(long, global = true, hide = true, value_name = "DIRECTORY")]
    apart: Option<PathBuf>,
    /// When to use colour.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        alias = "colour",
        default_value = "auto"
    )]
    color: Colour,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    /// Judge one submission of a challenge.
    Check(check::CheckArguments),
    /// Work with a whole course.
    #[command(subcommand)]
    Course(course::CourseCommand),
    /// Run any command in a fresh sandbox and report what it used.
    Run(run::RunArguments),
    /// Build, list and keep environments.
    #[command(subcommand)]
    Env(env::EnvCommand),
    /// Import challenges from another format.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Run the whole service on this machine: web and worker, supervised.
    Serve(Box<serve::ServeArguments>),
    /// Answer over HTTP; `carrel serve` starts it where all is on one machine.
    Web(Box<web::WebArguments>),
    /// Judge submissions; `carrel serve` starts it where all is on one machine.
    Worker(Box<worker::WorkerArguments>),
    /// Make ready what `carrel serve` needs.
    #[command(hide = true)]
    Prepare(prepare::PrepareArguments),
    /// People, roles, tokens, backup and restore of the service.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Say what this host can do, layer by layer.
    Doctor(doctor::DoctorArguments),
    /// Print the JSON Schema of a document.
    Schema(schema::SchemaArguments),
}

/// What every command works with.
#[derive(Debug)]
pub struct Session {
    /// Where environments and caches are.
    pub state: State,
    /// Where output goes.
    pub terminal: Terminal,
}

/// The clap command, for the man page.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command().after_help(format!("Exit codes:\n{}", exit_code::table()))
}

/// Parses, runs, tells of a failure. Returns the exit code.
#[must_use]
pub fn run(arguments: Vec<OsString>) -> u8 {
    let parsed = command()
        .try_get_matches_from(arguments)
        .and_then(|matches| <Arguments as clap::FromArgMatches>::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way too, with code 0.
            let _ = error.print();
            return if error.use_stderr() {
                exit_code::USAGE
            } else {
                exit_code::OK
            };
        }
    };
    let mut terminal = Terminal::of_process(Display::resolve(arguments.global.color));
    let state = match State::resolve(arguments.global.state_directory.as_deref()) {
        Ok(state) => State {
            apart: arguments.global.apart,
            ..state
        },
        Err(failure) => {
            terminal.tell(&failure);
            return failure.exit_code;
        }
    };
    let mut session = Session { state, terminal };
    match dispatch(arguments.command, &mut session) {
        Ok(code) => code,
        // The reader has seen enough (`carrel … | head`).
        Err(failure) if failure.is_broken_pipe() => exit_code::OK,
        Err(failure) => {
            session.terminal.tell(&failure);
            failure.exit_code
        }
    }
}

fn dispatch(command: Command, session: &mut Session) -> Outcome {
    match command {
        Command::Check(arguments) => check::run(&arguments, session),
        Command::Course(command) => course::run(&command, session),
        Command::Run(arguments) => run::run(&arguments, session),
        Command::Env(command) => env::run(&command, session),
        Command::Import(command) => import::run(&command, session),
        Command::Serve(arguments) => serve::run(&arguments, session),
        Command::Web(arguments) => web::run(&arguments, session),
        Command::Worker(arguments) => worker::run(&arguments, session),
        Command::Prepare(arguments) => prepare::run(&arguments, session),
        Command::Admin(command) => admin::run(&command, session),
        Command::Doctor(arguments) => doctor::run(&arguments, session),
        Command::Schema(arguments) => schema::run(&arguments, session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn help_names_every_exit_code() {
        let help = command().render_help().to_string();
        for (code, name, _) in exit_code::ALL {
            assert!(help.contains(&format!("{code}  {name}")), "{name}");
        }
    }
}
