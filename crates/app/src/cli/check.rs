//! `carrel check`: judge one submission of a challenge.

use std::path::{Path, PathBuf};

use carrel_model::challenge::Challenge;
use carrel_model::result::{ResultDocument, TestResult};
use carrel_model::verdict::Verdict;

use super::Session;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::submission::{self, Files};
use crate::terminal::Terminal;
use crate::terminal::document::{step_heading, summary_lines, test_lines};
use crate::wire::judging::{Judging, JudgingOptions, Request, View};

/// Arguments of `carrel check`.
#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    /// Directory that holds `challenge.toml`.
    challenge: PathBuf,
    /// The submission: files (SRC or SRC:DST) or directories; without any, the reference solution is judged.
    files: Vec<PathBuf>,
    /// Print the result document as JSON.
    #[arg(long)]
    json: bool,
    /// Write a JUnit XML report.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a CTRF report.
    #[arg(long, value_name = "FILE")]
    ctrf: Option<PathBuf>,
    /// Judge up to this step.
    #[arg(long, value_name = "ID")]
    step: Option<String>,
    /// Whose eyes the result is for.
    #[arg(long, value_enum, default_value_t = View::Learner)]
    view: View,
    /// The due date has passed: the learner's view shows what was hidden until then.
    #[arg(long)]
    after_due: bool,
    /// Failed submissions so far; hints are shown by it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    failures: u32,
    /// Use this environment in place of the challenge's.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    #[command(flatten)]
    judging: JudgingArguments,
}

/// What an operator may allow; shared with `carrel course check`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct JudgingArguments {
    /// Judge in environments that are not the same bits on every machine, such as `host`.
    #[arg(long)]
    pub allow_unrepeatable: bool,
    /// Judge even where layers of isolation are missing on this host; every report names them.
    #[arg(long)]
    pub allow_missing_layers: bool,
    /// Build missing stock environments first.
    #[arg(long)]
    pub build: bool,
}

impl JudgingArguments {
    /// The options of the judging they ask for.
    #[must_use]
    pub fn options(self) -> JudgingOptions {
        JudgingOptions {
            allow_unrepeatable: self.allow_unrepeatable,
            allow_missing_layers: self.allow_missing_layers,
            build: self.build,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CheckArguments, session: &mut Session) -> Outcome {
    let mut challenge = load(&arguments.challenge)?;
    if let Some(environment) = &arguments.environment {
        challenge.environment.clone_from(environment);
    }
    let files = choose_files(arguments, &challenge, &mut session.terminal)?;
    let environments = challenge
        .environments()
        .into_iter()
        .map(|name| (name, challenge.directory.as_path()))
        .collect();
    let options = arguments.judging.options();
    let judging = Judging::start(session, &environments, options)?;
    if !arguments.json {
        heading(&challenge, &mut session.terminal)?;
    }
    let view = arguments.view.at(arguments.after_due);
    let request = Request {
        files,
        step: arguments.step.clone(),
        failures: arguments.failures,
        view,
    };
    let terminal = &mut session.terminal;
    let mut printer = Printer::new(&challenge, terminal, (view, arguments.json));
    let document = judging.judge(&challenge, request, &mut |test| printer.test(test))?;
    printer.finish(&document)?;
    write_reports(arguments, &document)?;
    Ok(exit_code_of(document.verdict))
}

/// Reads a challenge.
///
/// # Errors
/// Everything that is wrong with it, by file and line.
pub fn load(directory: &Path) -> Result<Challenge, Failure> {
    if !directory.is_dir() {
        return Err(
            Failure::usage(format!("`{}` is not a directory", directory.display()))
                .hint("name the directory that holds challenge.toml"),
        );
    }
    crate::wire::course::load_challenge(directory)
}

/// The exit code that a verdict gives.
#[must_use]
pub fn exit_code_of(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accepted => exit_code::OK,
        Verdict::PlatformFault => exit_code::PLATFORM_FAULT,
        _ => exit_code::REJECTED,
    }
}

fn choose_files(
    arguments: &CheckArguments,
    challenge: &Challenge,
    terminal: &mut Terminal,
) -> Result<Files, Failure> {
    if !arguments.files.is_empty() {
        return submission::read_arguments(challenge, &arguments.files);
    }
    let mut solution = challenge.solution.clone();
    let step = arguments.step.as_ref();
    if let Some(step) = step.and_then(|id| challenge.steps.iter().find(|step| step.id == *id)) {
        solution.extend(step.solution.clone());
    }
    if solution.is_empty() {
        return Err(Failure::usage(format!(
            "challenge `{}` has no reference solution",
            challenge.id
        ))
        .hint("name the files of a submission: carrel check CHALLENGE FILE…"));
    }
    terminal.note(format_args!(
        "no files named: judging the reference solution"
    ))?;
    submission::read(&solution)
}

fn heading(challenge: &Challenge, terminal: &mut Terminal) -> Result<(), Failure> {
    let paint = terminal.paint;
    let title = paint.strong(crate::terminal::text::printable(&challenge.title));
    let rest = paint.dim(format_args!(
        "{} · {}",
        challenge.language, challenge.environment
    ));
    terminal.line(format_args!("{title}  {rest}"))?;
    Ok(())
}

/// Shows checks as they end.
struct Printer<'a> {
    challenge: &'a Challenge,
    terminal: &'a mut Terminal,
    view: carrel_judge::view::View,
    json: bool,
    step: Option<String>,
    shown: Vec<String>,
    failed: Option<std::io::Error>,
}

impl<'a> Printer<'a> {
    fn new(
        challenge: &'a Challenge,
        terminal: &'a mut Terminal,
        (view, json): (carrel_judge::view::View, bool),
    ) -> Self {
        Self {
            challenge,
            terminal,
            view,
            json,
            step: None,
            shown: Vec::new(),
            failed: None,
        }
    }

    fn test(&mut self, test: &TestResult) {
        if self.json || self.failed.is_some() {
            return;
        }
        self.shown.push(test.id.clone());
        if let Err(error) = self.show(test) {
            self.failed = Some(error);
        }
    }

    fn show(&mut self, test: &TestResult) -> std::io::Result<()> {
        if self.challenge.steps.len() > 1 && self.step.as_ref() != Some(&test.step) {
            let step = self
                .challenge
                .steps
                .iter()
                .find(|step| step.id == test.step);
            let title = step.map_or(test.step.as_str(), |step| step.title.as_str());
            let heading = step_heading(title, self.terminal.paint);
            self.terminal.line(format_args!("{heading}"))?;
            self.step = Some(test.step.clone());
        }
        for line in test_lines(test, self.terminal.paint) {
            self.terminal.line(format_args!("{line}"))?;
        }
        Ok(())
    }

    /// Shows what was not told while it happened (results replaced by a compile error), and the verdict.
    fn finish(mut self, document: &ResultDocument) -> Result<(), Failure> {
        if let Some(error) = self.failed.take() {
            return Err(error.into());
        }
        if self.json {
            return Ok(self.terminal.json(document)?);
        }
        // One message for the whole says it better than every check failing alike.
        if document.message.is_none() {
            let shown = std::mem::take(&mut self.shown);
            for test in document
                .tests
                .iter()
                .filter(|test| !shown.contains(&test.id))
            {
                self.show(test)?;
            }
        }
        for line in summary_lines(document, self.view, self.terminal.paint) {
            self.terminal.line(format_args!("{line}"))?;
        }
        Ok(())
    }
}

fn write_reports(arguments: &CheckArguments, document: &ResultDocument) -> Result<(), Failure> {
    let written = [
        (
            &arguments.junit,
            crate::wire::judging::junit as fn(&ResultDocument) -> String,
        ),
        (&arguments.ctrf, crate::wire::judging::ctrf),
    ];
    for (path, format) in written {
        let Some(path) = path else { continue };
        std::fs::write(path, format(document)).map_err(|error| {
            let doing = format!("writing the report `{}`", path.display());
            Failure::usage(format!("{doing}: {error}"))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_give_the_promised_exit_codes() {
        assert_eq!(exit_code_of(Verdict::Accepted), 0);
        assert_eq!(exit_code_of(Verdict::PlatformFault), 4);
        for verdict in Verdict::DECLARABLE
            .into_iter()
            .filter(|v| *v != Verdict::Accepted)
        {
            assert_eq!(exit_code_of(verdict), 1, "{}", verdict.name());
        }
    }
}
