//! A copy of one revision of a repository, made by the git of this host.
//!
//! The files are data of whoever wrote the repository. git is told to run nothing of theirs: no
//! hooks, no submodules, no templates, no protocol but those of [`repository::PROTOCOLS`]. Keys
//! and credential helpers stay the author's own, from their configuration of git.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::interruption::Interruption;
use super::repository::{self, Address, Revision};
use crate::failure::Failure;

/// Most bytes of what git says that are told.
const TOLD_BYTES_MAX: u64 = 4_096;
/// What git is told before each of its commands.
const SETTINGS: [&str; 8] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=true",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "advice.detachedHead=false",
    "init.defaultBranch=main",
    "gc.auto=0",
];
/// Variables of a git command around this one, such as a hook that publishes.
const NOT_FOR_GIT: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_TEMPLATE_DIR",
];

/// How often git is looked at whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// The files of a commit, in a directory that goes with this; also when somebody breaks off.
#[derive(Debug)]
pub struct Checkout {
    directory: TempDir,
    /// The commit.
    pub commit: String,
    /// Goes after the directory.
    _interruption: Interruption,
}

impl Checkout {
    /// Fetches one commit of a repository and lays its files out.
    ///
    /// # Errors
    /// There is no git, or it fails: what it said is told.
    pub fn make(address: &Address, revision: Option<&Revision>) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::platform(anyhow::Error::new(error).context("making a directory"))
        };
        // Before the directory, so that it goes after it in every case.
        let interruption = Interruption::hold_back().map_err(failed)?;
        let directory = tempfile::Builder::new()
            .prefix("carrel-checkout-")
            .tempdir();
        let directory = directory.map_err(failed)?;
        let git = Git {
            directory: directory.path(),
            interruption: &interruption,
        };
        git.run(&["init", "--quiet", "--template="])?;
        let named = revision.map_or("HEAD", Revision::as_text);
        git.run(&[
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            address.as_text(),
            named,
        ])
        .map_err(|failure| match revision {
            Some(_) => failure.hint(format!(
                "is `{named}` a branch, tag or whole commit of that repository, and may you read it?"
            )),
            None => failure.hint("is there such a repository, and may you read it?"),
        })?;
        git.run(&["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
        let commit = git.run(&["rev-parse", "--verify", "HEAD^{commit}"])?;
        Ok(Self {
            commit: commit.trim().to_owned(),
            directory,
            _interruption: interruption,
        })
    }

    /// Where the course lies in it.
    ///
    /// # Errors
    /// There is no such directory.
    pub fn course(&self, below: Option<&Path>) -> Result<PathBuf, Failure> {
        let Some(below) = below else {
            return Ok(self.directory.path().to_owned());
        };
        let inside = below.to_str().map(carrel_course::pattern::check_path);
        let course = self.directory.path().join(below);
        let whole = self.directory.path().canonicalize();
        let stays = match (course.canonicalize(), whole) {
            (Ok(course), Ok(whole)) => course.starts_with(whole) && course.is_dir(),
            _ => false,
        };
        if inside == Some(Ok(())) && stays {
            return Ok(course);
        }
        Err(Failure::usage(format!(
            "the repository has no directory `{}`",
            below.display()
        ))
        .hint("--path names the directory of the course below the top of the repository"))
    }
}

struct Git<'a> {
    directory: &'a Path,
    interruption: &'a Interruption,
}

impl Git<'_> {
    /// Runs a git command in the copy; returns its standard output.
    fn run(&self, words: &[&str]) -> Result<String, Failure> {
        let failed = |error: io::Error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let failure = Failure::not_ready(anyhow::Error::new(error).context("running git"));
            if missing {
                failure.hint("install git, or publish a directory instead of a repository")
            } else {
                failure
            }
        };
        let (status, output, told) = self.watch(words).map_err(failed)?;
        if status.success() {
            return Ok(output);
        }
        let doing = words.first().copied().unwrap_or_default();
        Err(Failure::usage(format!(
            "git {doing} failed\n{}",
            told.trim_end()
        )))
    }

    /// Runs it to its end, or until somebody breaks off; what it says goes into files, so that it
    /// never waits for a reader.
    fn watch(&self, words: &[&str]) -> io::Result<(ExitStatus, String, String)> {
        let (output, told) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut command = self.command(words);
        command.stdout(output.try_clone()?);
        command.stderr(told.try_clone()?);
        let mut child = command.spawn()?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if self.interruption.has_come() {
                // It ends the programs that it has started itself.
                let git = rustix::process::Pid::from_child(&child);
                rustix::process::kill_process(git, rustix::process::Signal::TERM)?;
                break child.wait()?;
            }
            std::thread::sleep(LOOK);
        };
        Ok((status, read(output)?, read(told)?))
    }

    fn command(&self, words: &[&str]) -> Command {
        #[expect(
            clippy::disallowed_methods,
            reason = "the author's own git fetches what they name; nothing of the repository is run"
        )]
        let mut command = Command::new("git");
        for name in NOT_FOR_GIT {
            command.env_remove(name);
        }
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
            .args(words.iter().map(OsString::from))
            .current_dir(self.directory)
            .env("GIT_ALLOW_PROTOCOL", repository::PROTOCOLS)
            .stdin(Stdio::null());
        command
    }
}

/// The beginning of what git said.
fn read(mut file: File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(TOLD_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
