//! JUnit 4 and 5, through the JUnit platform's launcher and a runner of ours.
//!
//! The learner's classes are compiled without the tests, then the tests
//! against them; the runner by itself, once per environment, for it takes
//! as long as both. The jars are those of Debian's `junit5` and
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
/// Directory of the classes of the runner.
const RUNNER_CLASSES: &str = "classes/runner";
/// Directory of the classes of the tests.
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
    let limits = request
        .compile
        .map_or_else(java_limits, |compile| compile.limits);
    let of_learner = Sources {
        paths: &sources,
        class_path: "/nonexistent",
        into: LEARNER,
        files: files.clone(),
    };
    let first = compile(request, compiler, of_learner, limits)?;
    runs.push(RunMade::compile(first.report, first.cached));
    if let Some(failure) = first.failure {
        return Ok(UnitOutcome {
            cases: Vec::new(),
            failure: Some(failure),
            runs,
        });
    }
    let tests = test_sources(request);
    let mut files = [first.files.clone(), compile_runner(request, compiler)?].concat();
    // Without any there is nothing to find, which the runner tells.
    if !tests.is_empty() {
        let second = compile_tests(request, compiler, (&tests, first.files), limits)?;
        runs.push(RunMade::compile(second.report, second.cached));
        if let Some(failure) = second.failure {
            return Ok(UnitOutcome {
                cases: Vec::new(),
                failure: Some(failure),
                runs,
            });
        }
        files.extend(second.files);
    }
    let classes: Vec<String> = tests
        .iter()
        .filter_map(|path| test_class(path, request))
        .collect();
    let session = Session::draw(sandboxes)?;
    let mut spec = run_spec(request, &session, &classes);
    spec.files.append(&mut files);
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

fn test_sources<'a>(request: &UnitRequest<'a>) -> Vec<&'a str> {
    let paths = request.tests.keys().map(String::as_str);
    paths.filter(|path| path.ends_with(".java")).collect()
}

/// The classes of the tests, against those of the learner.
fn compile_tests(
    request: &UnitRequest<'_>,
    compiler: &Compiler<'_>,
    (paths, mut files): (&[&str], Vec<FileInput>),
    limits: carrel_model::Limits,
) -> Result<Compiled, Error> {
    let tests = request.tests.iter();
    files.extend(tests.map(|(path, content)| placement::read_only(path, content)));
    let sources = Sources {
        paths,
        class_path: &format!("{JARS}:{LEARNER}"),
        into: TESTS,
        files,
    };
    compile(request, compiler, sources, limits)
}

/// The classes of the runner: no run of the learner's, and told to nobody.
fn compile_runner(
    request: &UnitRequest<'_>,
    compiler: &Compiler<'_>,
) -> Result<Vec<FileInput>, Error> {
    let sources = Sources {
        paths: &RUNNER.map(|(path, _)| path),
        class_path: JARS,
        into: RUNNER_CLASSES,
        files: RUNNER
            .map(|(path, content)| placement::read_only(path, content))
            .into(),
    };
    let compiled = compile(request, compiler, sources, java_limits())?;
    match compiled.failure {
        None => Ok(compiled.files),
        Some(failure) => Err(Error::Environment(format!(
            "environment `{}` can not compile the runner of JUnit tests: {}",
            request.environment, failure.message
        ))),
    }
}

fn run_spec(
    request: &UnitRequest<'_>,
    session: &Session,
    classes: &[String],
) -> carrel_sandbox::Spec {
    // The runner loads the classes of tests and learner itself.
    let path = format!("{JARS}:{RUNNER_CLASSES}");
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

/// What one run of the compiler is given.
struct Sources<'a> {
    /// Source files.
    paths: &'a [&'a str],
    /// Where it finds other classes.
    class_path: &'a str,
    /// Directory of the classes, which is what is kept.
    into: &'a str,
    /// Everything that lies in the work directory.
    files: Vec<FileInput>,
}

fn compile(
    request: &UnitRequest<'_>,
    compiler: &Compiler<'_>,
    sources: Sources<'_>,
    limits: carrel_model::Limits,
) -> Result<Compiled, Error> {
    let mut command = placement::arguments(&[
        "javac",
        "-J-XX:+UseSerialGC",
        "-J-XX:TieredStopAtLevel=1",
        "-proc:none",
        "-encoding",
        "UTF-8",
        "-cp",
        sources.class_path,
        "-d",
        sources.into,
    ]);
    command.extend(sources.paths.iter().map(|path| format!("./{path}")));
    compiler.compile(&CompileRequest {
        environment: request.environment,
        environment_digest: request.environment_digest,
        command,
        files: sources.files,
        outputs: vec![sources.into.to_owned()],
        limits,
        loopback: false,
        keep_failures: sources.into != RUNNER_CLASSES,
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
