//! `carrel course publish`: a directory or a commit becomes the present version on a service.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use carrel_course::course::Course;
use carrel_model::quantity::number_of;
use carrel_web::publish::Preview;

use crate::cli::Session;
use crate::config::token;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::publication::checkout::Checkout;
use crate::publication::client::Client;
use crate::publication::pack::{Archive, pack};
use crate::publication::repository::{Revision, Source};
use crate::terminal::Terminal;
use crate::terminal::difference::difference_lines;
use crate::terminal::quantity::show_bytes;
use crate::terminal::text::printable;
use crate::wire::course::load_whole_course;

/// Letters of a version that people are shown.
const VERSION_LETTERS: usize = 12;

/// Where a service is, and as whom it is asked.
#[derive(Debug, clap::Args)]
pub struct ServiceArguments {
    /// File that holds a token of yours for that service [default: what CARREL_TOKEN holds].
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl ServiceArguments {
    /// A client of the service at this address.
    ///
    /// # Errors
    /// There is no token, or the address is none.
    pub fn client(&self, address: &str) -> Result<Client, Failure> {
        Client::new(address, token::resolve(self.token_file.as_deref())?)
    }
}

/// Arguments of `carrel course publish`.
#[derive(Debug, clap::Args)]
pub struct CoursePublishArguments {
    /// Directory of the course, or a git repository: https://…, ssh://…, user@host:path.
    #[arg(value_name = "DIRECTORY|REPOSITORY")]
    source: String,
    /// Address of the service, such as https://carrel.example.org.
    #[arg(long, value_name = "URL")]
    to: String,
    #[command(flatten)]
    service: ServiceArguments,
    /// Publish this branch, tag or commit of the repository, not the files as they lie there.
    #[arg(long, value_name = "REVISION", value_parser = Revision::parse)]
    revision: Option<Revision>,
    /// Where the course lies in the repository, where not at its top.
    #[arg(long, value_name = "DIRECTORY")]
    path: Option<PathBuf>,
    /// Publish without asking.
    #[arg(long, short)]
    yes: bool,
    /// Print what was published as JSON.
    #[arg(long)]
    json: bool,
}

/// What is to be published.
struct Ready {
    /// What the files are of, where they are of a repository. Its copy is gone when they are packed,
    /// so that nothing is left of it whoever breaks off the question.
    commit: Option<String>,
    course: Course,
    archive: Archive,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CoursePublishArguments, session: &mut Session) -> Outcome {
    // What is wrong with address and token is told before anything is fetched.
    let client = arguments.service.client(&arguments.to)?;
    let ready = make_ready(arguments)?;
    let course = ready.course.id.as_str();
    let preview = client.preview(course, &ready.archive)?;
    let terminal = &mut session.terminal;
    tell(terminal, &ready, &preview)?;
    if !preview.unchanged && !arguments.yes {
        confirm(terminal, &arguments.to, course)?;
    }
    let commit = ready.commit.as_deref();
    let published = client.publish(course, &ready.archive, commit)?;
    if arguments.json {
        terminal.json(&published)?;
        return Ok(exit_code::OK);
    }
    let version = printable(&published.version);
    terminal.line(format_args!(
        "{} {} {version}",
        if published.unchanged {
            "unchanged:"
        } else {
            "published"
        },
        printable(&published.course),
    ))?;
    Ok(exit_code::OK)
}

fn make_ready(arguments: &CoursePublishArguments) -> Result<Ready, Failure> {
    let revision = arguments.revision.as_ref();
    let (checkout, directory) = match Source::parse(&arguments.source, revision)? {
        Source::Directory(_) if arguments.path.is_some() => {
            return Err(Failure::usage(
                "--path is for a repository; name the directory of the course itself",
            ));
        }
        Source::Directory(directory) => (None, directory),
        Source::Repository(address) => {
            let checkout = Checkout::make(&address, revision)?;
            let directory = checkout.course(arguments.path.as_deref())?;
            (Some(checkout), directory)
        }
    };
    if !directory.join("course.toml").is_file() {
        let failure = Failure::bad_challenge(anyhow::anyhow!(
            "`{}` has no `course.toml`",
            arguments.source.escape_debug()
        ));
        return Err(
            failure.hint("name the directory of a whole course; of a repository, with --path")
        );
    }
    let course = load_whole_course(&directory)?;
    let archive = pack(&directory)?;
    Ok(Ready {
        commit: checkout.map(|checkout| checkout.commit),
        course,
        archive,
    })
}

/// On standard error: standard output is for what was published.
fn tell(terminal: &mut Terminal, ready: &Ready, preview: &Preview) -> io::Result<()> {
    let (course, archive) = (&ready.course, &ready.archive);
    terminal.note(format_args!(
        "{}: {}, {}",
        printable(&course.title),
        number_of(archive.files, "file", "files"),
        show_bytes(archive.bytes())
    ))?;
    if let Some(commit) = &ready.commit {
        terminal.note(format_args!("commit {}", printable(commit)))?;
    }
    if !preview.missing_environments.is_empty() {
        terminal.note(format_args!(
            "warning: {}",
            tell_missing(&preview.missing_environments)
        ))?;
    }
    if preview.unchanged {
        return terminal.note(format_args!("it is the present version already"));
    }
    if preview.first {
        return terminal.note(format_args!(
            "a new course: {}, {}, {}, {}, {}",
            number_of(course.units.len(), "unit", "units"),
            number_of(course.lessons.len(), "lesson", "lessons"),
            number_of(course.quizzes.len(), "quiz", "quizzes"),
            number_of(course.challenges.len(), "challenge", "challenges"),
            number_of(course.projects.len(), "project", "projects")
        ));
    }
    let paint = terminal.paint;
    for line in difference_lines(&preview.difference, paint) {
        terminal.note(format_args!("{line}"))?;
    }
    let version: String = preview.version.chars().take(VERSION_LETTERS).collect();
    terminal.note(format_args!(
        "this becomes version {}; who is in the middle of an attempt stays on theirs",
        printable(&version)
    ))
}

/// Environments that no node has.
fn tell_missing(names: &[String]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| printable(name).to_string())
        .collect();
    format!(
        "no node of the service has these environments now: {}; submissions to challenges that \
         need them are refused until one has (its operator can build them)",
        names.join(", ")
    )
}

/// Asks, where somebody can answer.
fn confirm(terminal: &mut Terminal, address: &str, course: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(
            Failure::usage("nothing was published: nobody can be asked here")
                .hint("look at what changes above, and publish with --yes"),
        );
    }
    terminal.note(format_args!(
        "publish `{}` to {}? [y/N]",
        printable(course),
        printable(address)
    ))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(
        exit_code::REJECTED,
        anyhow::anyhow!("nothing was published"),
    ))
}
