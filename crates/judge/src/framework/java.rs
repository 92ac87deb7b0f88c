//! JUnit 4 and 5, through the JUnit platform's launcher and a runner of ours.
//!
//! The learner's classes are compiled without the tests, then the tests and
//! the runner against them. The jars are those of Debian's `junit5` and
//! `junit4` packages. The learner's classes come last, and the runner takes
//! from them every right that reaches the tests (`CarrelPolicy.java`).

use carrel_sandbox::FileInput;

use crate::case::{UnitOutcome, UnitRequest};
use crate::check::RunMade;
use crate::compile::{CompileRequest, Compiled, Compiler};
use crate::error::Error;
use crate::framework::session::Session;
use crate::framework::{outcome, placement, transcript};
use crate::language;
use crate::sandboxes::Sandboxes;

/// Where Debian puts the jars; `*` stands for all of them.
const JARS: &str = "/usr/share/java/junit-platform-launcher.jar:/usr/share/java/junit-platform-engine.jar:\
/usr/share/java/junit-platform-commons.jar:/usr/share/java/junit-jupiter-api.jar:\
/usr/share/java/junit-jupiter-engine.jar:/usr/share/java/junit-jupiter-params.jar:\
/usr/share/java/junit-vintage-engine.jar:/usr/share/java/junit4.jar:/usr/share/java/hamcrest.jar:\
/usr/share/java/hamcrest-core.jar:/usr/share/java/opentest4j.jar:/usr/share/java/apiguardian-api.jar:\
/usr/share/java/univocity-parsers.jar:/usr/share/java/assertj-core.jar";
/// Directory of the learner's classes.
const LEARNER: &str = "classes/learner";
/// Directory of the classes of tests and runner.
const TESTS: &str = "classes/tests";
/// The sources of the runner.
const RUNNER: [(&str, &[u8]); 3] = [
    (
        ".carrel/CarrelLoader.java",
        include_bytes!("../../harness/java/CarrelLoader.java"),
    ),
    (
        ".carrel/CarrelPolicy.java",
        include_bytes!("../../harness/java/CarrelPolicy.java"),
    ),
    (
        ".carrel/CarrelRunner.java",
        include_bytes!("../../harness/java/CarrelRunner.java"),
    ),
];
/// How the virtual machine warns of what the runner does.
const WARNING: &[u8] = b"WARNING: ";

/// Builds and runs the tests.
///
/// # Errors
/// A platform fault, or tests that do not compile against any solution.
pub(crate) fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
    compiler: &Compiler<'_>,
) -> Result<UnitOutcome, Error> {
    let mut runs = Vec::new();
    let files = placement::program_files(request);
    let sources: Vec<&str> = files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| path.ends_with(".java"))
        .collect();
    let first = compile(request, compiler, (&sources, "", LEARNER), files.clone())?;
    runs.push(RunMade::compile(first.report, first.cached));
    if let Some(failure) = first.failure {
        return Ok(UnitOutcome {
            cases: Vec::new(),
            failure: Some(failure),
            runs,
        });
    }
    let mut test_files: Vec<FileInput> = first.files.clone();
    for (path, content) in request.tests {
        test_files.push(placement::read_only(path, content));
    }
    for (path, content) in RUNNER {
        test_files.push(placement::read_only(path, content));
    }
    let mut sources: Vec<&str> = request
        .tests
        .keys()
        .map(String::as_str)
        .filter(|path| path.ends_with(".java"))
        .collect();
    let classes: Vec<String> = sources
        .iter()
        .filter_map(|path| test_class(path, request))
        .collect();
    sources.extend(RUNNER.map(|(path, _)| path));
    let second = compile(request, compiler, (&sources, LEARNER, TESTS), test_files)?;
    runs.push(RunMade::compile(second.report, second.cached));
    if let Some(failure) = second.failure {
        return Ok(UnitOutcome {
            cases: Vec::new(),
            failure: Some(failure),
            runs,
        });
    }
    let session = Session::draw(sandboxes)?;
    let mut spec = run_spec(request, &session, &classes);
    spec.files
        .extend(first.files.into_iter().chain(second.files));
    for (path, content) in request.supplied.iter().chain(request.tests) {
        if !path.ends_with(".java") {
            spec.files.push(placement::read_only(path, content));
        }
    }
    let mut report = sandboxes.run(request.environment, spec)?;
    report.stderr.bytes = without_warnings(&report.stderr.bytes);
    let transcript = transcript::read(&report.report.bytes, &session.key);
    let mut concluded = outcome::conclude(request, &session, &transcript, report)?;
    runs.append(&mut concluded.runs);
    Ok(UnitOutcome { runs, ..concluded })
}

fn run_spec(
    request: &UnitRequest<'_>,
    session: &Session,
    classes: &[String],
) -> carrel_sandbox::Spec {
    // The runner loads the learner's classes itself.
    let path = format!("{JARS}:{TESTS}");
    let mut argv = placement::arguments(&[
        "java",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+DisableAttachMechanism",
        "-Djava.security.manager=allow",
        "--add-opens=java.base/java.io=ALL-UNNAMED",
        "-cp",
        &path,
        "CarrelRunner",
    ]);
    argv.extend(classes.iter().cloned());
    let mut blocks = session.blocks();
    let include_skipped = if request.unit.include_skipped {
        "1"
    } else {
        "0"
    };
    blocks.push("option", "include_skipped", include_skipped.as_bytes());
    if let Some(test) = &request.unit.test {
        blocks.push("option", "only", test.as_bytes());
    }
    let mut spec = placement::spec(request, argv, blocks.into_bytes());
    let known = language::find("java").and_then(|language| language.processes);
    spec.limits.processes = spec.limits.processes.max(known.unwrap_or(0));
    spec
}

/// The virtual machine's own warnings at the start of error output are about the runner.
fn without_warnings(bytes: &[u8]) -> Vec<u8> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .skip_while(|line| line.starts_with(WARNING))
        .collect::<Vec<_>>()
        .concat()
}

/// Compiles `sources` against `class_path` into a directory, which is what is kept.
fn compile(
    request: &UnitRequest<'_>,
    compiler: &Compiler<'_>,
    (sources, class_path, into): (&[&str], &str, &str),
    files: Vec<FileInput>,
) -> Result<Compiled, Error> {
    let path = if class_path.is_empty() {
        "/nonexistent".to_owned()
    } else {
        format!("{JARS}:{class_path}")
    };
    let mut command = placement::arguments(&[
        "javac",
        "-J-XX:+UseSerialGC",
        "-J-XX:TieredStopAtLevel=1",
        "-proc:none",
        "-encoding",
        "UTF-8",
        "-cp",
        &path,
        "-d",
        into,
    ]);
    command.extend(sources.iter().map(|source| format!("./{source}")));
    compiler.compile(&CompileRequest {
        environment: request.environment,
        environment_digest: request.environment_digest,
        command,
        files,
        outputs: vec![into.to_owned()],
        limits: request
            .compile
            .map_or_else(java_limits, |compile| compile.limits),
        loopback: false,
    })
}

fn java_limits() -> carrel_model::Limits {
    let limits = language::compile_limits();
    carrel_model::Limits {
        processes: limits.processes.max(256),
        cpu_ms: limits.cpu_ms.max(30_000),
        ..limits
    }
}

/// The class of a test source: its package and its file's name; helpers without a test are left out.
fn test_class(path: &str, request: &UnitRequest<'_>) -> Option<String> {
    let source = String::from_utf8_lossy(request.tests.get(path)?);
    if !source.contains("@Test")
        && !source.contains("@ParameterizedTest")
        && !source.contains("@RunWith")
    {
        return None;
    }
    let name = path.rsplit('/').next()?.strip_suffix(".java")?;
    let package = source
        .lines()
        .find_map(|line| line.trim().strip_prefix("package ")?.split(';').next());
    Some(match package {
        Some(package) => format!("{}.{name}", package.trim()),
        None => name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_warnings_at_the_start_go() {
        let told = b"WARNING: one\nWARNING: two\nmine\nWARNING: mine too\n";
        assert_eq!(without_warnings(told), b"mine\nWARNING: mine too\n");
        assert!(without_warnings(b"").is_empty());
    }
}
