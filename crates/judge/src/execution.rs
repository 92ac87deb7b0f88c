//! Ad-hoc execution: a program is compiled and run, and nothing is judged.

use carrel_course::pattern::check_path;
use carrel_image::definition::HOST;
use carrel_model::execution::{
    ExecutionRequest, ExecutionResult, OutputPart, OutputStream, Stage, StageResult,
};
use carrel_model::result::{EnvironmentUsed, Usage};
use carrel_model::{Cause, Limits};
use carrel_sandbox::{Ending, Output, Report, Stream};

use crate::case::SuiteFailure;
use crate::cause;
use crate::check::describe_usage;
use crate::compile::Compiler;
use crate::error::Error;
use crate::judge::{Judge, has_no_room, incidents_of, is_ours, tell_chain};
use crate::language::{self, Language};
use crate::partner::{self, Partner};
use crate::program::{Prepared, Ready, prepare_execution};
use crate::sandboxes::Sandboxes;

/// Most runs of one execution.
pub const RUNS_MAX: u32 = 20;

impl Judge<'_> {
    /// Compiles and runs a program, each time in a fresh sandbox.
    ///
    /// A fault of ours gives a result too, with [`ExecutionResult::platform_fault`].
    ///
    /// # Errors
    /// What was sent can not be run, or the environment is missing: never what the program did.
    pub fn execute(&self, request: &ExecutionRequest) -> Result<ExecutionResult, Error> {
        self.execute_with(request, None)
    }

    /// As [`Self::execute`], and somebody talks with the program while it runs.
    ///
    /// # Errors
    /// As there.
    pub fn execute_with(
        &self,
        request: &ExecutionRequest,
        partner: Option<&dyn Partner>,
    ) -> Result<ExecutionResult, Error> {
        let language = check(request)?;
        let environment = self.choose_environment(request, language)?;
        let known = [environment.clone()];
        let compiler = Compiler::new(self.sandboxes, self.cache).knowing(&known);
        let mut result = ExecutionResult {
            environment,
            compile: None,
            run: None,
            platform_fault: None,
            incidents: Vec::new(),
        };
        let with = With {
            sandboxes: self.sandboxes,
            compiler: &compiler,
            partner,
        };
        match execute(request, language, with, &mut result) {
            Ok(()) => {}
            Err(error) if has_no_room(&error) => {
                result.run = Some(stage_without_report(Cause::DiskLimit));
            }
            Err(error) if is_ours(&error) => result.platform_fault = Some(tell_chain(&error)),
            // Who names an environment answers for what is in it.
            Err(Error::Command(problem))
                if request.environment.is_some() && !request.environment_of_challenge =>
            {
                return Err(Error::Submission(problem));
            }
            Err(error) => return Err(error),
        }
        Ok(result)
    }

    /// The one named; else the language's own, or the host where only that is there.
    fn choose_environment(
        &self,
        request: &ExecutionRequest,
        language: &Language,
    ) -> Result<EnvironmentUsed, Error> {
        if let Some(name) = &request.environment {
            return self.environments.describe(name);
        }
        self.environments
            .describe(&language.environment)
            .or_else(|error| self.environments.describe(HOST).map_err(|_| error))
    }
}

/// Refuses what no sandbox can run; the sender's fault.
fn check(request: &ExecutionRequest) -> Result<&'static Language, Error> {
    let refuse = |problem: String| Err(Error::Submission(problem));
    let Some(language) = language::find(&request.language) else {
        let known: Vec<&str> = language::all()
            .iter()
            .map(|known| known.id.as_str())
            .collect();
        return refuse(format!(
            "language `{}` is not known; the languages are {}",
            request.language.escape_debug(),
            known.join(", ")
        ));
    };
    if request.files.is_empty() {
        return refuse("there are no files to run".to_owned());
    }
    for path in request.files.keys() {
        if let Err(problem) = check_path(path) {
            return refuse(format!("the path `{}` {problem}", path.escape_debug()));
        }
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        if let Some(file) = above
            .into_iter()
            .find(|above| request.files.contains_key(*above))
        {
            return refuse(format!(
                "`{file}` is a file, and `{path}` needs a directory there"
            ));
        }
    }
    if let Some(entry) = &request.entry
        && !request.files.contains_key(entry)
    {
        return refuse(format!(
            "the entry `{}` is none of the files",
            entry.escape_debug()
        ));
    }
    let words = request.arguments.iter().chain(&request.compiler_arguments);
    if words.into_iter().any(|word| word.contains('\0')) {
        return refuse("an argument holds a NUL byte".to_owned());
    }
    if !(1..=RUNS_MAX).contains(&request.runs) {
        return refuse(format!(
            "it is to be run {} times; 1 to {RUNS_MAX} are possible",
            request.runs
        ));
    }
    for limits in [Some(&request.limits), request.compile_limits.as_ref()] {
        if let Some(Err(problem)) = limits.map(Limits::check) {
            return refuse(problem.to_string());
        }
    }
    Ok(language)
}

/// What an execution is made with.
#[derive(Clone, Copy)]
struct With<'a> {
    sandboxes: &'a dyn Sandboxes,
    compiler: &'a Compiler<'a>,
    partner: Option<&'a dyn Partner>,
}

impl With<'_> {
    fn begins(&self, stage: Stage) {
        if let Some(partner) = self.partner {
            partner.begins(stage);
        }
    }

    fn ended(&self, stage: Stage, result: &StageResult) {
        if let Some(partner) = self.partner {
            partner.ended(stage, result);
        }
    }

    /// One run of the program.
    fn run(&self, ready: &Ready, request: &ExecutionRequest) -> Result<Report, Error> {
        let mut spec = ready.spec(&request.arguments, Vec::new(), &ready.limits);
        if request.merge_stderr {
            spec.stderr = Stream::Stdout;
        }
        if let Some(partner) = self.partner {
            return partner::run(self.sandboxes, &ready.environment, spec, partner);
        }
        spec.stdin = Stream::Bytes(request.stdin.clone());
        self.sandboxes.run(&ready.environment, spec)
    }
}

fn execute(
    request: &ExecutionRequest,
    language: &Language,
    with: With<'_>,
    result: &mut ExecutionResult,
) -> Result<(), Error> {
    let environment = result.environment.name.clone();
    if language.compile.is_some() {
        with.begins(Stage::Compile);
    }
    let prepared = prepare_execution(request, language, &environment, with.compiler)?;
    let Prepared { ready, compile_run } = prepared;
    if let Some((report, _)) = &compile_run {
        let compiled = compile_stage(report, ready.as_ref().err());
        with.ended(Stage::Compile, &compiled);
        result.compile = Some(compiled);
        result.incidents.extend(incidents_of(report));
    }
    let Ok(ready) = ready else {
        return Ok(());
    };
    with.begins(Stage::Run);
    let mut usages = Vec::new();
    for _ in 0..request.runs {
        let report = with.run(&ready, request)?;
        refuse_missing_command(&ready, &report)?;
        result.incidents.extend(incidents_of(&report));
        usages.push(describe_usage(&report));
        let cause = cause::of_report(&report, &ready.limits, 0).map(|ended| ended.cause);
        let ended_well = cause.is_none();
        result.run = Some(stage(&report, cause));
        if !ended_well {
            // The run that failed is the one told, with its own usage.
            break;
        }
        if let Some(run) = &mut result.run {
            run.usage = mean(&usages);
        }
    }
    if let Some(run) = &result.run {
        with.ended(Stage::Run, run);
    }
    Ok(())
}

/// A command that is none of the program's own files is missing in the environment.
fn refuse_missing_command(ready: &Ready, report: &Report) -> Result<(), Error> {
    let Ending::NotStarted(reason) = &report.ending else {
        return Ok(());
    };
    let command = ready.argv.first().map_or("", String::as_str);
    let own = command.trim_start_matches("./");
    if ready.files.iter().any(|file| file.path == own) {
        return Ok(());
    }
    Err(Error::Command(format!(
        "environment `{}` can not start `{command}`: {reason}; name an environment that has it",
        ready.environment
    )))
}

/// The compile step: an error of it looks the same whatever ended it, so that is told beside it.
fn compile_stage(report: &Report, failure: Option<&SuiteFailure>) -> StageResult {
    let Some(failure) = failure else {
        return stage(report, None);
    };
    let ended = cause::of_report(report, &Limits::default(), 0).map(|ended| ended.cause);
    let limit = ended.filter(is_limit);
    // What the compiler said stands in its streams already.
    let is_said = limit.is_none() && matches!(report.ending, Ending::Exited(code) if code != 0);
    let told = failure.message.lines().next();
    let message = told.filter(|_| !is_said).map(str::to_owned);
    StageResult {
        limit,
        message,
        ..stage(report, Some(failure.cause.clone()))
    }
}

/// Whether it is a limit of the sandbox that ended a stage.
fn is_limit(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::TimeLimit { .. }
            | Cause::MemoryLimit
            | Cause::OutputLimit
            | Cause::DiskLimit
            | Cause::ProcessLimit
            | Cause::ForbiddenSystemCall { .. }
    )
}

fn stage(report: &Report, cause: Option<Cause>) -> StageResult {
    let (exit_code, signal) = match report.ending {
        Ending::Exited(code) => (Some(code), None),
        Ending::Signalled(signal) => (None, Some(signal)),
        _ => (None, None),
    };
    StageResult {
        stdout: whole(&report.stdout),
        stderr: whole(&report.stderr),
        order: report.order.iter().map(order_part).collect(),
        exit_code,
        signal,
        cause,
        limit: None,
        message: None,
        usage: describe_usage(report),
    }
}

/// What was kept of a stream; text that was cut ends with a whole character.
fn whole(output: &Output) -> Vec<u8> {
    let bytes = &output.bytes;
    let end = match std::str::from_utf8(bytes) {
        Err(error) if output.truncated && error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    bytes[..end].to_vec()
}

fn order_part(part: &carrel_sandbox::Part) -> OutputPart {
    OutputPart {
        stream: match part.stream {
            carrel_sandbox::OutputStream::Stdout => OutputStream::Stdout,
            carrel_sandbox::OutputStream::Stderr => OutputStream::Stderr,
        },
        bytes: part.bytes,
    }
}

fn stage_without_report(cause: Cause) -> StageResult {
    StageResult {
        stdout: Vec::new(),
        stderr: Vec::new(),
        order: Vec::new(),
        exit_code: None,
        signal: None,
        cause: Some(cause),
        limit: None,
        message: None,
        usage: Usage::default(),
    }
}

/// The mean of times and output, the highest of peaks.
fn mean(usages: &[Usage]) -> Usage {
    let count = u32::try_from(usages.len()).unwrap_or(u32::MAX).max(1);
    let mean = |of: fn(&Usage) -> f64| usages.iter().map(of).sum::<f64>() / f64::from(count);
    let highest = |of: fn(&Usage) -> u64| usages.iter().map(of).max().unwrap_or(0);
    Usage {
        cpu_ms: mean(|usage| usage.cpu_ms),
        wall_ms: mean(|usage| usage.wall_ms),
        memory_peak_bytes: highest(|usage| usage.memory_peak_bytes),
        processes_peak: highest(|usage| usage.processes_peak),
        output_bytes: highest(|usage| usage.output_bytes),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::compile_cache::CompileCache;
    use crate::environment::{Environment, Environments};
    use crate::scripted::{Scripted, report};

    /// Has only the environments of its list.
    struct Known(&'static [&'static str]);

    impl Environments for Known {
        fn describe(&self, name: &str) -> Result<EnvironmentUsed, Error> {
            if !self.0.contains(&name) {
                return Err(Error::Environment(format!("there is no `{name}`")));
            }
            Ok(EnvironmentUsed {
                name: name.to_owned(),
                digest: None,
                repeatable: false,
            })
        }

        fn open(&self, name: &str) -> Result<Environment, Error> {
            Err(Error::Environment(format!("`{name}` is not opened here")))
        }
    }

    fn request(language: &str, path: &str) -> ExecutionRequest {
        ExecutionRequest {
            language: language.to_owned(),
            environment: None,
            environment_of_challenge: false,
            files: BTreeMap::from([(path.to_owned(), b"x".to_vec())]),
            entry: None,
            arguments: vec!["-a".to_owned()],
            compiler_arguments: Vec::new(),
            stdin: b"in".to_vec(),
            limits: Limits::default(),
            compile_limits: None,
            merge_stderr: false,
            runs: 1,
            note: None,
            conversation: None,
        }
    }

    fn run(
        environments: &Known,
        sandboxes: &Scripted,
        request: &ExecutionRequest,
    ) -> Result<ExecutionResult, Error> {
        let cache = CompileCache::in_memory();
        Judge::new(environments, sandboxes, &cache).execute(request)
    }

    #[test]
    fn what_cannot_be_run_is_the_senders_fault() {
        let good = || request("python", "a.py");
        let changes: [fn(&mut ExecutionRequest); 8] = [
            |request| request.language = "cobol".to_owned(),
            |request| request.files.clear(),
            |request| {
                request.files.insert("../b".to_owned(), Vec::new());
            },
            |request| {
                request.files.insert("a.py/b".to_owned(), Vec::new());
            },
            |request| request.entry = Some("other.py".to_owned()),
            |request| request.runs = RUNS_MAX + 1,
            |request| request.limits.cpu_ms = 0,
            |request| request.arguments.push("\0".to_owned()),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut bad = good();
            change(&mut bad);
            let error = run(&Known(&["python"]), &Scripted::default(), &bad).unwrap_err();
            assert!(matches!(error, Error::Submission(_)), "{number}: {error}");
        }
    }

    #[test]
    fn the_host_stands_in_only_where_the_own_environment_is_missing() {
        let used = |known: &Known| {
            run(
                known,
                &Scripted::new([report(0)]),
                &request("python", "a.py"),
            )
            .map(|result| result.environment.name)
        };
        assert_eq!(used(&Known(&["python", "host"])).unwrap(), "python");
        assert_eq!(used(&Known(&["host"])).unwrap(), "host");
        let missing = used(&Known(&[])).unwrap_err();
        assert!(missing.to_string().contains("`python`"), "{missing}");
    }

    #[test]
    fn runs_are_repeated_until_one_fails_and_usage_is_their_mean() {
        let using = |cpu_us, code| {
            let mut report = report(code);
            report.usage.cpu_us = cpu_us;
            report
        };
        let known = Known(&["python"]);
        let mut three = request("python", "a.py");
        three.runs = 3;
        let good = [using(1_000, 0), using(2_000, 0), using(6_000, 0)];
        let result = run(&known, &Scripted::new(good), &three).unwrap();
        let told = result.run.unwrap();
        assert_eq!((told.usage.cpu_ms, told.cause), (3.0, None));
        let sandboxes = Scripted::new([using(1_000, 0), using(2_000, 9)]);
        let told = run(&known, &sandboxes, &three).unwrap().run.unwrap();
        assert_eq!((told.usage.cpu_ms, told.exit_code), (2.0, Some(9)));
        assert_eq!(sandboxes.runs(), 2);
    }

    #[test]
    fn what_does_not_compile_is_not_run() {
        let mut failed = report(1);
        failed.stderr.bytes = b"a.c:1:1: error: no\n".to_vec();
        let sandboxes = Scripted::new([failed]);
        let mut asked = request("c", "a.c");
        asked.compiler_arguments = vec!["-O0".to_owned()];
        let result = run(&Known(&["c"]), &sandboxes, &asked).unwrap();
        let compile = result.compile.unwrap();
        assert!(matches!(compile.cause, Some(Cause::CompileError { .. })));
        assert!(result.run.is_none() && result.platform_fault.is_none());
        let argv = &sandboxes.asked.lock().unwrap()[0].argv;
        let at = |word: &str| argv.iter().position(|argument| argument == word);
        assert!(at("-O0").unwrap() < at("a.c").unwrap(), "{argv:?}");
    }

    #[test]
    fn a_missing_runtime_is_the_senders_fault_where_they_named_the_environment() {
        for (language, path) in [("python", "a.py"), ("c", "a.c")] {
            let missing = || {
                let ending = Ending::NotStarted("not found in PATH".to_owned());
                Scripted::new([Report::of(ending)])
            };
            let known = Known(&["python", "c", "lua"]);
            let mut asked = request(language, path);
            let error = run(&known, &missing(), &asked).unwrap_err();
            assert!(matches!(error, Error::Command(_)), "{error}");
            asked.environment = Some("lua".to_owned());
            let error = run(&known, &missing(), &asked).unwrap_err();
            assert!(matches!(error, Error::Submission(_)), "{error}");
            assert!(error.to_string().contains("`lua`"), "{error}");
            // An environment that is not there is looked for on another node.
            asked.environment = Some("none".to_owned());
            let error = run(&known, &missing(), &asked).unwrap_err();
            assert!(matches!(error, Error::Environment(_)), "{error}");
        }
    }

    #[test]
    fn text_that_was_cut_ends_with_a_whole_character() {
        let told = |bytes: &[u8], truncated| {
            let mut report = report(0);
            report.stdout = Output {
                bytes: bytes.to_vec(),
                truncated,
            };
            let known = Known(&["python"]);
            let result = run(&known, &Scripted::new([report]), &request("python", "a.py"));
            result.unwrap().run.unwrap().stdout
        };
        let cut = &"a€".as_bytes()[..3];
        assert_eq!(told(cut, true), b"a");
        assert_eq!(told(cut, false), cut, "the program wrote just that");
        assert_eq!(told(b"\xff\xe2\x82", true), b"\xff\xe2\x82", "no text");
    }

    #[test]
    fn a_limit_that_ended_the_compile_step_is_told_beside_the_error() {
        use carrel_model::verdict::Clock;
        use carrel_sandbox::Limit;

        let told = |report| {
            let result = run(
                &Known(&["c"]),
                &Scripted::new([report]),
                &request("c", "a.c"),
            );
            let compile = result.unwrap().compile.unwrap();
            assert!(matches!(compile.cause, Some(Cause::CompileError { .. })));
            (compile.limit, compile.message)
        };
        let (limit, message) = told(Report::of(Ending::Limit(Limit::Cpu)));
        assert_eq!(limit, Some(Cause::TimeLimit { clock: Clock::Cpu }));
        let message = message.unwrap();
        assert!(message.contains("processor time (limit"), "{message}");
        let (limit, message) = told(report(0));
        assert_eq!(limit, None);
        let message = message.unwrap();
        assert!(message.contains("left no `program`"), "{message}");
        let mut said = report(1);
        said.stderr.bytes = b"a.c:1:1: error: no\n".to_vec();
        assert_eq!(told(said), (None, None));
    }
}
