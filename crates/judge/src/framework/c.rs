//! Tests in C and C++: the learner's sources are compiled apart from the
//! tests, then linked behind a harness that reads its key first.

use carrel_model::Cause;
use carrel_sandbox::{FileInput, Report};

use crate::case::{CaseResult, CaseStatus, SuiteFailure, UnitOutcome, UnitRequest};
use crate::cause;
use crate::check::RunMade;
use crate::compile::{CompileRequest, Compiler};
use crate::error::Error;
use crate::framework::session::Session;
use crate::framework::transcript::{self, Transcript};
use crate::framework::{outcome, placement, tap};
use crate::language;
use crate::sandboxes::Sandboxes;
use crate::text;

/// Directory of objects and harness sources below the work directory.
const BUILD: &str = ".carrel";
/// The program that is built.
const PROGRAM: &str = "carrel-tests";
/// Most characters of output in a message.
const OUTPUT_CHARACTERS_MAX: usize = 4_000;
/// Flags where the challenge gives no compile command.
const FLAGS: [&str; 4] = ["-g", "-O1", "-Wall", "-Wextra"];
/// Functions of the C library that assertions and the start of a program rest
/// on: one of the learner's by such a name could tell the tests from the canaries.
const RELIED_ON: [&str; 22] = [
    "_?setjmp",
    "__sigsetjmp",
    "sigsetjmp",
    "_?longjmp",
    "siglongjmp",
    "__longjmp_chk",
    "__assert",
    "__assert_fail",
    "__assert_perror_fail",
    "abort",
    "memcmp",
    "__memcmpeq",
    "bcmp",
    "strcmp",
    "strncmp",
    "strcasecmp",
    "strncasecmp",
    "strcoll",
    "wcscmp",
    "wmemcmp",
    "__libc_start_main",
    "_start",
];
/// Standards that go with them.
const STANDARDS: [(&str, &str); 2] = [("gcc", "-std=c17"), ("g++", "-std=c++17")];

/// What a build takes beside the request.
pub(crate) struct Build {
    /// Test sources by path, as they are to be compiled.
    pub(crate) tests: Vec<(String, Vec<u8>)>,
    /// Definitions and other flags for the test sources.
    pub(crate) test_flags: Vec<&'static str>,
}

/// What a test program told.
pub(crate) struct Told {
    pub(crate) transcript: Transcript,
    pub(crate) runs: Vec<RunMade>,
}

/// The author's main: TAP through `carrel_check`, or its exit code.
///
/// # Errors
/// A platform fault, or tests that cannot be used as they are.
pub(crate) fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
    compiler: &Compiler<'_>,
) -> Result<UnitOutcome, Error> {
    let tests = request
        .tests
        .iter()
        .map(|(path, content)| (path.clone(), content.clone()))
        .collect();
    let build = Build {
        tests,
        test_flags: Vec::new(),
    };
    let mut runs = Vec::new();
    let program = match compile(request, compiler, &build, &mut runs)? {
        Ok(program) => program,
        Err(failure) => {
            return Ok(UnitOutcome {
                cases: Vec::new(),
                failure: Some(failure),
                runs,
            });
        }
    };
    let told = execute(request, sandboxes, program, runs)?;
    Ok(conclude(request, told))
}

fn conclude(request: &UnitRequest<'_>, told: Told) -> UnitOutcome {
    let Told { transcript, runs } = told;
    if let Some(failure) = unfinished(request, &transcript, &runs) {
        let document = tap::parse(&transcript.lines.join("\n"));
        let forged = failure.cause == Cause::ResultsForged;
        let cases = if forged { Vec::new() } else { document.cases };
        return UnitOutcome {
            cases,
            failure: Some(failure),
            runs,
        };
    }
    if transcript
        .lines
        .iter()
        .any(|line| line.starts_with("ok ") || line.starts_with("not ok "))
    {
        let count = transcript
            .lines
            .iter()
            .filter(|line| !line.starts_with('#'))
            .count();
        let mut document = tap::parse(&format!("{}\n1..{count}\n", transcript.lines.join("\n")));
        let problem = tap::missing_case(request, &document.cases);
        if let Some(test) = &request.unit.test {
            document.cases.retain(|case| case.name == *test);
        }
        let failure = problem.map(|message| SuiteFailure {
            cause: Cause::ResultsForged,
            message,
        });
        return UnitOutcome {
            cases: document.cases,
            failure,
            runs,
        };
    }
    let passed = transcript.end_text.as_deref() == Some("000");
    let output = runs
        .last()
        .map(|run| report_output(&run.report))
        .unwrap_or_default();
    let case = CaseResult {
        name: request
            .unit
            .expected
            .first()
            .cloned()
            .unwrap_or_else(|| "tests".to_owned()),
        status: if passed {
            CaseStatus::Passed
        } else {
            CaseStatus::Failed
        },
        message: (!passed && !output.is_empty()).then(|| output.clone()),
        output: None,
        test_code: None,
        cause: None,
    };
    UnitOutcome {
        cases: vec![case],
        failure: None,
        runs,
    }
}

fn report_output(report: &Report) -> String {
    let out = text::readable(&report.stdout.bytes, OUTPUT_CHARACTERS_MAX);
    let errors = text::readable(&report.stderr.bytes, OUTPUT_CHARACTERS_MAX);
    format!("{}\n{}", out.trim(), errors.trim())
        .trim()
        .to_owned()
}

/// Why a test program did not come to its end, or cannot be trusted.
pub(crate) fn unfinished(
    request: &UnitRequest<'_>,
    transcript: &Transcript,
    runs: &[RunMade],
) -> Option<SuiteFailure> {
    if let Some(reason) = &transcript.forged {
        let message = format!("the results of the tests cannot be trusted: {reason}");
        return Some(SuiteFailure {
            cause: Cause::ResultsForged,
            message,
        });
    }
    if transcript.ended {
        return None;
    }
    let report = &runs.last()?.report;
    let (cause, message) = match cause::of_report(report, &request.limits, 0) {
        Some(ended) => (ended.cause, ended.message),
        None => (
            Cause::RuntimeError {
                signal: None,
                exit_code: Some(0),
            },
            "the program ended itself with exit code 0 before the tests were over".to_owned(),
        ),
    };
    let output = report_output(report);
    let message = if output.is_empty() {
        message
    } else {
        format!("{message}\n{output}")
    };
    Some(SuiteFailure { cause, message })
}

/// Runs the built program with its key.
pub(crate) fn execute(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
    program: Vec<FileInput>,
    mut runs: Vec<RunMade>,
) -> Result<Told, Error> {
    let session = Session::draw(sandboxes)?;
    let key = session.key.clone().into_bytes();
    let mut spec = placement::spec(request, vec![format!("./{PROGRAM}")], key);
    spec.files = program;
    for (path, content) in request.supplied.iter().chain(request.tests) {
        if !is_source(path) && !is_header(path) {
            spec.files.push(placement::read_only(path, content));
        }
    }
    let report = sandboxes.run(request.environment, spec)?;
    outcome::refuse_not_started(request, &report)?;
    let transcript = transcript::read_sealed(&report.report.bytes, &session.key);
    runs.push(RunMade::new("check", report));
    Ok(Told { transcript, runs })
}

/// Compiles the learner's sources without the tests, then the tests, and links.
/// The inner error is the learner's.
pub(crate) fn compile(
    request: &UnitRequest<'_>,
    compiler: &Compiler<'_>,
    build: &Build,
    runs: &mut Vec<RunMade>,
) -> Result<Result<Vec<FileInput>, SuiteFailure>, Error> {
    if let Some(failure) = refuse_headers(request) {
        return Ok(Err(failure));
    }
    let mut files = placement::program_files(request);
    for (path, content) in &build.tests {
        if is_header(path) && !files.iter().any(|file| file.path == *path) {
            files.push(placement::read_only(path, content));
        }
    }
    let sources: Vec<String> = files
        .iter()
        .map(|file| file.path.clone())
        .filter(|path| is_source(path))
        .collect();
    let first = compiler.compile(&CompileRequest {
        environment: request.environment,
        environment_digest: request.environment_digest,
        command: shell(&objects_script(request, &sources)),
        files: files.clone(),
        outputs: vec![BUILD.to_owned()],
        limits: compile_limits(request),
        loopback: false,
        keep_failures: true,
    })?;
    runs.push(RunMade::compile(first.report, first.cached));
    if let Some(failure) = first.failure {
        return Ok(Err(failure));
    }
    let mut linked = first.files;
    linked.extend(files.into_iter().filter(|file| !is_source(&file.path)));
    for (path, content) in &build.tests {
        linked.retain(|file| file.path != *path);
        linked.push(placement::read_only(path, content));
    }
    for (name, content) in [
        (
            format!("{BUILD}/carrel_main.c"),
            include_bytes!("../../harness/c/carrel_main.c").as_slice(),
        ),
        (
            format!("{BUILD}/carrel_check.h"),
            include_bytes!("../../harness/c/carrel_check.h").as_slice(),
        ),
    ] {
        linked.push(placement::read_only(&name, content));
    }
    let second = compiler.compile(&CompileRequest {
        environment: request.environment,
        environment_digest: request.environment_digest,
        command: shell(&link_script(request, build, sources.len())),
        files: linked,
        outputs: vec![PROGRAM.to_owned()],
        limits: compile_limits(request),
        loopback: false,
        keep_failures: true,
    })?;
    runs.push(RunMade::compile(second.report, second.cached));
    Ok(match second.failure {
        Some(failure) => Err(failure),
        None => Ok(second.files),
    })
}

fn compile_limits(request: &UnitRequest<'_>) -> carrel_model::Limits {
    request
        .compile
        .map_or_else(language::compile_limits, |compile| compile.limits)
}

fn shell(script: &str) -> Vec<String> {
    placement::arguments(&["/bin/sh", "-c", script])
}

/// Flags of the challenge's own compile command, or the default ones.
fn flags(request: &UnitRequest<'_>, compiler: &str) -> Vec<String> {
    match request.compile {
        None => {
            let standard = STANDARDS.iter().filter(|(name, _)| *name == compiler);
            let standard = standard.map(|(_, flag)| *flag);
            FLAGS
                .iter()
                .copied()
                .chain(standard)
                .map(str::to_owned)
                .collect()
        }
        Some(compile) => {
            let mut words = compile.command.iter().skip(1).peekable();
            let mut kept = Vec::new();
            while let Some(word) = words.next() {
                if word == "-o" {
                    words.next();
                } else if word.starts_with('-') && word != "-c" && !word.contains('{') {
                    kept.push(word.clone());
                }
            }
            kept
        }
    }
}

fn joined(words: &[String]) -> String {
    words
        .iter()
        .map(|word| quote(word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word that the shell takes as it is.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn compiler_of(path: &str) -> &'static str {
    if path.ends_with(".c") { "gcc" } else { "g++" }
}

fn objects_script(request: &UnitRequest<'_>, sources: &[String]) -> String {
    use std::fmt::Write as _;
    let mut script = format!("set -e; mkdir -p {BUILD}\n: > {BUILD}/learner\n");
    for (number, source) in sources.iter().enumerate() {
        let compiler = compiler_of(source);
        let flags = joined(&flags(request, compiler));
        let source = quote(&format!("./{source}"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            script,
            "{compiler} {flags} -I. -c -o {BUILD}/learner{number}.o {source}"
        );
    }
    script
}

/// What `nm` must not say of a learner's object: that it names the harness or
/// the framework, that it defines what assertions rest on, or that it has an
/// indirect function, whose resolver would run before the harness has its key.
fn taken_names() -> String {
    format!(
        " (carrel_|Unity|_Z[0-9]+carrel_)|^[0-9a-f]+ (i |. ({})(@.*)?$)",
        RELIED_ON.join("|")
    )
}

/// Names of the harness and the framework are not the learner's to use; the
/// object of the harness comes first, so that it runs first.
fn link_script(request: &UnitRequest<'_>, build: &Build, objects: usize) -> String {
    use std::fmt::Write as _;
    let test_flags = build
        .test_flags
        .iter()
        .map(|flag| quote(flag))
        .collect::<Vec<_>>()
        .join(" ");
    let mut linker = "gcc";
    let mut script = String::from("set -e\n");
    for number in 0..objects {
        let object = format!("{BUILD}/learner{number}.o");
        let _ = writeln!(
            script,
            "if nm {object} | grep -E '{}'; then \
             echo 'error: these names belong to the tests; your code cannot use or define them' >&2; exit 1; fi",
            taken_names()
        );
    }
    let _ = writeln!(
        script,
        "gcc -O1 -fPIE -c -o {BUILD}/main.o {BUILD}/carrel_main.c"
    );
    let mut tests = Vec::new();
    for (number, (path, _)) in build
        .tests
        .iter()
        .enumerate()
        .filter(|(_, (path, _))| is_source(path))
    {
        let compiler = compiler_of(path);
        let source = quote(&format!("./{path}"));
        let flags = joined(&flags(request, compiler));
        let _ = writeln!(
            script,
            "{compiler} {flags} -w -I. -I{BUILD} -Dmain=carrel_tests_main {test_flags} -c -o {BUILD}/test{number}.o {source}"
        );
        tests.push(format!("{BUILD}/test{number}.o"));
    }
    let any_cpp = request
        .learner
        .keys()
        .chain(request.tests.keys())
        .chain(request.supplied.keys())
        .any(|path| is_source(path) && compiler_of(path) == "g++");
    if any_cpp {
        linker = "g++";
    }
    let flags = joined(&flags(request, linker));
    let learner: Vec<String> = (0..objects)
        .map(|number| format!("{BUILD}/learner{number}.o"))
        .collect();
    let _ = writeln!(
        script,
        "{linker} -o {PROGRAM} {BUILD}/main.o {} {} {flags} -lm",
        tests.join(" "),
        learner.join(" ")
    );
    script
}

/// A header of the learner's is read together with the tests: it must not
/// redefine their words.
fn refuse_headers(request: &UnitRequest<'_>) -> Option<SuiteFailure> {
    for (path, content) in request.learner.iter().filter(|(path, _)| is_header(path)) {
        let content = String::from_utf8_lossy(content);
        let joined = content.replace("\\\r\n", "").replace("\\\n", "");
        for (number, line) in joined.lines().enumerate() {
            let Some(name) = redefined(line) else {
                continue;
            };
            let line = u64::try_from(number + 1).ok();
            let message = format!(
                "{path}:{}: error: a header cannot define, undefine or include `{name}`: the tests use it",
                number + 1
            );
            let cause = Cause::CompileError {
                file: Some(path.clone()),
                line,
            };
            return Some(SuiteFailure { cause, message });
        }
    }
    None
}

/// The name that a preprocessor line takes from the tests, if any.
fn redefined(line: &str) -> Option<&str> {
    let directive = line
        .trim_start()
        .strip_prefix('#')
        .or(line.trim_start().strip_prefix("%:"))?;
    let directive = directive.trim_start();
    let (word, rest) = directive.split_once([' ', '\t', '"', '<'])?;
    let name_end = |text: &str| {
        text.find(|character: char| !character.is_alphanumeric() && character != '_')
            .unwrap_or(text.len())
    };
    let rest = rest.trim_start();
    let name = &rest[..name_end(rest)];
    let taken = [
        "TEST_", "UNITY_", "Unity", "RUN_TEST", "CARREL_", "carrel_", "__",
    ];
    let keywords = [
        "if", "return", "while", "for", "else", "int", "assert", "main", "setUp", "tearDown",
        "longjmp", "setjmp",
    ];
    match word {
        "define" | "undef"
            if taken.iter().any(|start| name.starts_with(start)) || keywords.contains(&name) =>
        {
            Some(name)
        }
        "include" | "include_next" | "embed"
            if directive.contains("test_")
                || directive.contains("_test")
                || directive.contains("/proc")
                || directive.contains("/dev") =>
        {
            Some(directive[word.len()..].trim())
        }
        _ => None,
    }
}

pub(crate) fn is_source(path: &str) -> bool {
    [".c", ".cc", ".cpp", ".cxx"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

fn is_header(path: &str) -> bool {
    [".h", ".hh", ".hpp", ".hxx"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_cannot_take_the_words_of_the_tests() {
        assert_eq!(
            redefined("#define TEST_ASSERT_EQUAL(a, b)"),
            Some("TEST_ASSERT_EQUAL")
        );
        assert_eq!(redefined("  # undef RUN_TEST"), Some("RUN_TEST"));
        assert_eq!(redefined("#define if while"), Some("if"));
        assert_eq!(
            redefined("#include \"test_leap.c\""),
            Some("\"test_leap.c\"")
        );
        assert_eq!(redefined("#ifndef LEAP_H"), None);
        assert_eq!(redefined("#define LEAP_H"), None);
        assert_eq!(redefined("#include <stdbool.h>"), None);
        assert_eq!(redefined("int test_this(void);"), None);
    }

    #[test]
    fn words_stay_words_in_the_shell() {
        assert_eq!(quote("it's; rm -rf"), "'it'\\''s; rm -rf'");
    }
}
