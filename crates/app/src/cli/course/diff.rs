//! `carrel course diff`: what changes for learners from one version of a course to the next.

use std::path::{Path, PathBuf};

use carrel_course::course::Course;
use carrel_course::difference::{self, Difference, Version};

use super::publish::ServiceArguments;
use crate::cli::Session;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::publication::pack::pack;
use crate::terminal::difference::difference_lines;
use crate::wire::course::load_whole_course;

/// Arguments of `carrel course diff`.
#[derive(Debug, clap::Args)]
pub struct CourseDiffArguments {
    /// Directory of the older version; with --against, of the newer one.
    old: PathBuf,
    /// Directory of the newer version.
    #[arg(required_unless_present = "against", conflicts_with = "against")]
    new: Option<PathBuf>,
    /// Compare with the version that is published on this service.
    #[arg(long, value_name = "URL")]
    against: Option<String>,
    #[command(flatten)]
    service: ServiceArguments,
    /// Print the difference as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CourseDiffArguments, session: &mut Session) -> Outcome {
    let difference = match (&arguments.new, &arguments.against) {
        (Some(new), _) => compare(&arguments.old, new)?,
        (None, Some(address)) => compare_published(arguments, address)?,
        (None, None) => return Err(Failure::usage("name two directories, or one and --against")),
    };
    let terminal = &mut session.terminal;
    if arguments.json {
        terminal.json(&difference)?;
        return Ok(exit_code::OK);
    }
    let paint = terminal.paint;
    for line in difference_lines(&difference, paint) {
        terminal.line(format_args!("{line}"))?;
    }
    Ok(exit_code::OK)
}

fn compare(old: &Path, new: &Path) -> Result<Difference, Failure> {
    let (old, new) = (load(old)?, load(new)?);
    if old.id != new.id {
        return Err(Failure::usage(format!(
            "these are two courses, `{}` and `{}`, not two versions of one",
            old.id, new.id
        )));
    }
    Ok(difference::between(&read(&old)?, &read(&new)?))
}

fn compare_published(
    arguments: &CourseDiffArguments,
    address: &str,
) -> Result<Difference, Failure> {
    let client = arguments.service.client(address)?;
    let course = load(&arguments.old)?;
    let preview = client.preview(&course.id, &pack(&arguments.old)?)?;
    if preview.first {
        return Err(Failure::usage(format!(
            "`{}` is not published there yet",
            course.id
        )));
    }
    Ok(preview.difference)
}

fn load(directory: &Path) -> Result<Course, Failure> {
    if !directory.is_dir() {
        let path = directory.display();
        return Err(Failure::usage(format!("`{path}` is not a directory"))
            .hint("name the directory that holds course.toml"));
    }
    load_whole_course(directory)
}

fn read(course: &Course) -> Result<Version<'_>, Failure> {
    Version::read(course).map_err(|error| {
        Failure::platform(anyhow::Error::new(error).context("reading the files of the course"))
    })
}
