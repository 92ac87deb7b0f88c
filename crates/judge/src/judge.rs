//! A submission to its result: runs the plan, check by check.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::time::Instant;

use carrel_model::challenge::{Static, Unit};
use carrel_model::result::{EnvironmentUsed, IncidentNote, ResultDocument, Run, TestResult};
use carrel_model::{Cause, Challenge, Check, CheckKind};
use carrel_sandbox::Report;

use crate::case::{CaseStatus, SuiteFailure, UnitRequest};
use crate::check::{self, CheckOutcome, Context, RunMade, describe_run};
use crate::compile::Compiler;
use crate::compile_cache::CompileCache;
use crate::decide::{Circumstances, Conclusion, decide, results_of, skipped};
use crate::environment::Environments;
use crate::error::Error;
use crate::language;
use crate::plan::{Plan, plan};
use crate::program::{Ready, prepare_submission, read_files};
use crate::sandboxes::Sandboxes;
use crate::shared_run::{SharedRun, may_share, whole_suite};
use crate::submission::{Submission, check_files};
use crate::view::{show, show_results};
use crate::watcher::{Each, Watcher};
use crate::{framework, static_rule, syntax};

/// Judges submissions. Several threads may use one at once.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    pub(crate) environments: &'a dyn Environments,
    pub(crate) sandboxes: &'a dyn Sandboxes,
    pub(crate) cache: &'a CompileCache,
}

impl std::fmt::Debug for Judge<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Judge")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

impl<'a> Judge<'a> {
    /// A judge that finds environments here, runs everything there, and keeps compile results in this cache.
    #[must_use]
    pub fn new(
        environments: &'a dyn Environments,
        sandboxes: &'a dyn Sandboxes,
        cache: &'a CompileCache,
    ) -> Self {
        Self {
            environments,
            sandboxes,
            cache,
        }
    }

    /// Judges one submission. The observer gets every check's results as they
    /// come, in the view that the submission names, as the document has them.
    ///
    /// A fault of ours gives a document too, with the verdict `platform_fault`.
    ///
    /// # Errors
    /// Files that may not be sent, a missing environment, or a challenge that
    /// can not be judged as it is written: never what the learner's program did.
    pub fn judge(
        &self,
        challenge: &Challenge,
        submission: &Submission,
        observer: &mut dyn FnMut(&TestResult),
    ) -> Result<ResultDocument, Error> {
        self.judge_watched(challenge, submission, &mut Each(observer))
    }

    /// As [`Self::judge`]; the watcher hears check by check.
    ///
    /// # Errors
    /// As of [`Self::judge`].
    pub fn judge_watched(
        &self,
        challenge: &Challenge,
        submission: &Submission,
        watcher: &mut dyn Watcher,
    ) -> Result<ResultDocument, Error> {
        let start = Instant::now();
        check_files(challenge, submission)?;
        let plan = plan(challenge, submission.step.as_deref())
            .map_err(|error| Error::Submission(error.to_string()))?;
        let environments = self.describe(challenge)?;
        let mut session = Session {
            challenge,
            submission,
            sandboxes: self.sandboxes,
            compiler: Compiler::new(self.sandboxes, self.cache).knowing(&environments),
            digest: environments.first().and_then(|used| used.digest.as_deref()),
            supplied: read_files(challenge, &challenge.supplied)?,
            runs: Vec::new(),
            incidents: Vec::new(),
            syntax_examined: false,
            shared_runs: Vec::new(),
        };
        let conclusion = match session.conclude(&plan, watcher) {
            Ok(conclusion) => conclusion,
            Err(error) if has_no_room(&error) => Conclusion::NotCompiled(too_large(challenge)),
            Err(error) if is_ours(&error) => Conclusion::PlatformFault(tell_chain(&error)),
            Err(error) => return Err(error),
        };
        let circumstances = Circumstances {
            runs: session.runs,
            incidents: session.incidents,
            failures: submission.failures,
            duration_ms: start.elapsed().as_secs_f64() * 1_000.0,
            environment: self.environments.describe(&challenge.environment)?,
        };
        let document = decide(challenge, &plan, conclusion, circumstances);
        Ok(show(challenge, &document, submission.view))
    }

    /// The environment of the challenge, then those of its programs.
    fn describe(&self, challenge: &Challenge) -> Result<Vec<EnvironmentUsed>, Error> {
        let mut names = vec![challenge.environment.as_str()];
        for check in &challenge.checks {
            let program = match &check.kind {
                CheckKind::Validator(validator) => &validator.program,
                CheckKind::Interactive(interactive) => &interactive.validator.program,
                CheckKind::Unit(_) | CheckKind::Io(_) | CheckKind::Static(_) => continue,
            };
            let name = program.environment.as_deref();
            names.extend(name.filter(|name| !names.contains(name)));
        }
        names
            .into_iter()
            .map(|name| self.environments.describe(name))
            .collect()
    }
}

/// Ours, not the author's or the sender's.
pub(crate) fn is_ours(error: &Error) -> bool {
    match error {
        Error::Sandbox { .. } | Error::File { .. } => true,
        Error::Environment(_)
        | Error::Command(_)
        | Error::Challenge { .. }
        | Error::Unread { .. }
        | Error::Submission(_)
        | Error::Cancelled => false,
    }
}

/// The files of a run do not fit into the space that its limits leave.
pub(crate) fn has_no_room(error: &Error) -> bool {
    matches!(error, Error::Sandbox { source, .. } if source.is_no_room())
}

/// The author's files fit beside the reference solution (`course check` runs
/// it): what is too large is the submission, or what its compile step made.
fn too_large(challenge: &Challenge) -> SuiteFailure {
    SuiteFailure {
        cause: Cause::DiskLimit,
        message: format!(
            "the submission, or the program compiled from it, does not fit into the writable \
             space of a run (limit {} bytes, {} files)",
            challenge.limits.disk_bytes, challenge.limits.inodes
        ),
    }
}

/// An error with all its causes on one line, for the operator.
pub(crate) fn tell_chain(error: &Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told.push_str(": ");
        told.push_str(&cause.to_string());
        source = cause.source();
    }
    told
}

/// One submission while it is judged.
struct Session<'a> {
    challenge: &'a Challenge,
    submission: &'a Submission,
    sandboxes: &'a dyn Sandboxes,
    compiler: Compiler<'a>,
    /// Digest of the challenge's environment.
    digest: Option<&'a str>,
    supplied: BTreeMap<String, Vec<u8>>,
    runs: Vec<Run>,
    incidents: Vec<IncidentNote>,
    syntax_examined: bool,
    /// Suites that were run once for several checks.
    shared_runs: Vec<SharedRun<'a>>,
}

impl<'a> Session<'a> {
    fn conclude(&mut self, plan: &Plan, watcher: &mut dyn Watcher) -> Result<Conclusion, Error> {
        let challenge = self.challenge;
        let checks: Vec<&'a Check> = plan
            .checks
            .iter()
            .map(|index| &challenge.checks[*index])
            .collect();
        let mut program = None;
        if checks
            .iter()
            .any(|check| needs_program(challenge, &check.kind))
        {
            let files = &self.submission.files;
            if has_compile_step(challenge) {
                watcher.compiling();
            }
            let prepared = prepare_submission(challenge, files, &self.supplied, &self.compiler)?;
            if let Some((report, cached)) = prepared.compile_run {
                self.record(None, &[RunMade::compile(report, cached)]);
            }
            match prepared.ready {
                Ok(ready) => program = Some(ready),
                Err(failure) => return Ok(Conclusion::NotCompiled(failure)),
            }
        }
        let planned: BTreeSet<&str> = checks.iter().map(|check| check.id.as_str()).collect();
        let mut passed: BTreeSet<&str> = BTreeSet::new();
        let mut all = Vec::new();
        for check in &checks {
            let check = *check;
            let needed = check.depends_on.iter().map(String::as_str);
            let missing = needed
                .into_iter()
                .find(|id| planned.contains(id) && !passed.contains(id));
            let results = if let Some(missing) = missing {
                vec![skipped(challenge, check, missing)]
            } else {
                let (outcome, numbers) = match self.deal(check, &checks, program.as_ref())? {
                    Some(dealt) => dealt,
                    None => {
                        let outcome = self.run_check(check, program.as_ref())?;
                        let numbers = self.record(Some(&check.id), &outcome.runs);
                        (outcome, numbers)
                    }
                };
                if outcome.passed() {
                    passed.insert(&check.id);
                } else if let Some(failure) = self.examine_syntax(check, &outcome, &passed)? {
                    return Ok(Conclusion::NotCompiled(failure));
                }
                results_of(challenge, check, &outcome, &numbers)
            };
            watcher.checked(&show_results(challenge, &results, self.submission.view));
            all.extend(results);
        }
        Ok(Conclusion::Checked(all))
    }

    /// What a check gets from a run that it shares with other planned checks,
    /// with the numbers of the runs; `None`: it runs alone.
    fn deal(
        &mut self,
        check: &'a Check,
        planned: &[&'a Check],
        program: Option<&Ready>,
    ) -> Result<Option<(CheckOutcome, Vec<usize>)>, Error> {
        let Some((whole, test)) = whole_suite(check) else {
            return Ok(None);
        };
        let known = self
            .shared_runs
            .iter()
            .position(|shared| may_share(shared.check, check));
        let place = match known {
            Some(place) => place,
            None => {
                let sharing = planned.iter().filter(|other| may_share(check, other));
                if sharing.count() < 2 {
                    return Ok(None);
                }
                let outcome = self.run_unit(check, &whole, program)?;
                let runs = self.record(Some(&check.id), &outcome.runs);
                self.shared_runs.push(SharedRun {
                    check,
                    outcome,
                    runs,
                });
                self.shared_runs.len() - 1
            }
        };
        let shared = &self.shared_runs[place];
        Ok(shared
            .deal(test)
            .map(|outcome| (outcome, shared.runs.clone())))
    }

    fn run_check(&self, check: &Check, program: Option<&Ready>) -> Result<CheckOutcome, Error> {
        let outcome = match &check.kind {
            CheckKind::Unit(unit) => self.run_unit(check, unit, program)?,
            CheckKind::Static(rule) => self.evaluate_rule(rule)?,
            CheckKind::Io(io) => check::io::run(&self.context(check, program)?, io)?,
            CheckKind::Validator(validator) => {
                check::validator::run(&self.context(check, program)?, validator)?
            }
            CheckKind::Interactive(interactive) => {
                check::interactive::run(&self.context(check, program)?, interactive)?
            }
        };
        let counts = outcome
            .cases
            .iter()
            .any(|case| case.status != CaseStatus::Skipped);
        if !counts && outcome.failure.is_none() {
            return Err(self.author_fault(check, "every one of its tests is marked as skipped"));
        }
        Ok(outcome)
    }

    fn context<'c>(
        &'c self,
        check: &'c Check,
        program: Option<&'c Ready>,
    ) -> Result<Context<'c>, Error> {
        let program =
            program.ok_or_else(|| self.author_fault(check, "there is no program to run"))?;
        Ok(Context {
            challenge: self.challenge,
            check,
            program,
            sandboxes: self.sandboxes,
            compiler: &self.compiler,
        })
    }

    fn author_fault(&self, check: &Check, problem: &str) -> Error {
        Error::Challenge {
            challenge: self.challenge.id.clone(),
            problem: format!("check `{}`: {problem}", check.id),
        }
    }

    fn run_unit(
        &self,
        check: &Check,
        unit: &Unit,
        program: Option<&Ready>,
    ) -> Result<CheckOutcome, Error> {
        let made = program.filter(|_| takes_program(self.challenge, unit));
        let tests = read_files(self.challenge, &unit.files)?;
        let outcome = framework::run(
            &UnitRequest {
                unit,
                language: &self.challenge.language,
                environment: &self.challenge.environment,
                environment_digest: self.digest,
                learner: &self.submission.files,
                supplied: &self.supplied,
                tests: &tests,
                program: made.map_or(&[], |ready| &ready.files),
                compile: self.challenge.compile.as_ref(),
                limits: check.limits.unwrap_or(self.challenge.limits),
                loopback: self.challenge.loopback,
            },
            self.sandboxes,
            &self.compiler,
        )
        .map_err(|error| self.name_check(check, error))?;
        Ok(CheckOutcome {
            cases: outcome.cases,
            failure: outcome.failure,
            runs: outcome.runs,
            ..CheckOutcome::default()
        })
    }

    /// A framework does not know the challenge's id: an author's fault is told with it.
    fn name_check(&self, check: &Check, error: Error) -> Error {
        match error {
            Error::Challenge { challenge, problem } if challenge != self.challenge.id => {
                self.author_fault(check, &format!("{challenge}: {problem}"))
            }
            other => other,
        }
    }

    fn evaluate_rule(&self, rule: &Static) -> Result<CheckOutcome, Error> {
        let language = rule.language.as_deref().unwrap_or(&self.challenge.language);
        let case = static_rule::evaluate(rule, language, &self.submission.files)?;
        Ok(CheckOutcome {
            cases: vec![case],
            ..CheckOutcome::default()
        })
    }

    /// Once, at the first check that did not pass: is it the language already?
    /// A compiled language has said so itself, and is only asked which line of
    /// the learner's own files is meant.
    fn examine_syntax(
        &mut self,
        check: &Check,
        outcome: &CheckOutcome,
        passed: &BTreeSet<&str>,
    ) -> Result<Option<SuiteFailure>, Error> {
        let compiled = language::find(&self.challenge.language)
            .is_some_and(|language| language.compile.is_some());
        let is_compile_error = |cause: &Cause| matches!(cause, Cause::CompileError { .. });
        let said = outcome
            .failure
            .as_ref()
            .is_some_and(|failure| is_compile_error(&failure.cause));
        let is_rule = |kind: &CheckKind| matches!(kind, CheckKind::Static(_));
        let ran_before = self
            .challenge
            .checks
            .iter()
            .any(|other| passed.contains(other.id.as_str()) && !is_rule(&other.kind));
        let case_passed = outcome
            .cases
            .iter()
            .any(|case| case.status == CaseStatus::Passed);
        let one_file = self.submission.files.len() == 1;
        let cannot_be = one_file && !said && (ran_before || case_passed);
        if self.syntax_examined || (compiled && !said) || is_rule(&check.kind) || cannot_be {
            return Ok(None);
        }
        self.syntax_examined = true;
        let finding = syntax::examine(
            self.challenge,
            &self.submission.files,
            &self.supplied,
            self.sandboxes,
        )?;
        self.record(None, &finding.runs);
        Ok(finding.failure)
    }

    /// Adds runs to the document; their numbers.
    fn record(&mut self, check: Option<&str>, made: &[RunMade]) -> Vec<usize> {
        let first = self.runs.len();
        for run in made {
            self.runs.push(describe_run(check, run));
            self.incidents.extend(incidents_of(&run.report));
        }
        (first..self.runs.len()).collect()
    }
}

fn has_compile_step(challenge: &Challenge) -> bool {
    let by_language =
        || language::find(&challenge.language).is_some_and(|language| language.compile.is_some());
    challenge.compile.is_some() || by_language()
}

fn needs_program(challenge: &Challenge, kind: &CheckKind) -> bool {
    match kind {
        CheckKind::Io(_) | CheckKind::Validator(_) | CheckKind::Interactive(_) => true,
        CheckKind::Unit(unit) => takes_program(challenge, unit),
        CheckKind::Static(_) => false,
    }
}

/// Frameworks of ours compile for themselves. A command of the author's finds the program that
/// the challenge says how to compile: once for all checks, and an error there is told as such.
fn takes_program(challenge: &Challenge, unit: &Unit) -> bool {
    challenge.compile.is_some() && matches!(unit.framework.as_str(), "tap" | "junit_xml")
}

pub(crate) fn incidents_of(report: &Report) -> impl Iterator<Item = IncidentNote> + '_ {
    report.incidents.iter().map(|incident| IncidentNote {
        kind: incident.kind.clone(),
        detail: crate::text::cut(&crate::text::clean(&incident.detail), 1_000),
    })
}
