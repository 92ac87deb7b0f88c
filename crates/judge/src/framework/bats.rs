//! bats, with the learner's program in a sandbox of its own.
//!
//! The tests run in one sandbox, where each of the learner's files is a stub
//! that asks the other sandbox to run the real one. The learner's program sees
//! arguments, standard input and the files that a test made; never the tests.
//! A test that sources the learner's script needs it in its own process: there
//! the real file is used, and what that means is told in
//! `docs/check-integrity.md`.

use std::os::fd::OwnedFd;

use carrel_model::Cause;
use carrel_sandbox::{FileInput, Report, Spec, Stream};

use crate::case::{CaseStatus, UnitOutcome, UnitRequest};
use crate::cause;
use crate::check::RunMade;
use crate::error::Error;
use crate::framework::{outcome, placement, tap};
use crate::sandboxes::Sandboxes;

/// Interpreters that are asked for by name with one of the learner's files as an argument.
const INTERPRETERS: [&str; 14] = [
    "awk", "gawk", "mawk", "jq", "python3", "node", "ruby", "lua", "lua5.4", "perl", "php", "sed",
    "bc", "dc",
];

/// Runs the suite in two sandboxes.
///
/// # Errors
/// A platform fault, or a suite without test files.
pub(crate) fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
) -> Result<UnitOutcome, Error> {
    let mut suites: Vec<&str> = request
        .tests
        .keys()
        .map(String::as_str)
        .filter(|path| path.ends_with(".bats"))
        .collect();
    suites.sort_unstable();
    if suites.is_empty() {
        return Err(outcome::author_error(request, "no file ends with `.bats`"));
    }
    let (requests_out, requests_in) = pipe()?;
    let (answers_out, answers_in) = pipe()?;
    let host = host_spec(request, &suites, answers_out, requests_in);
    let agent = agent_spec(request, requests_out, answers_in);
    let (host, agent) =
        sandboxes.run_pair((request.environment, host), (request.environment, agent))?;
    outcome::refuse_not_started(request, &host)?;
    outcome::refuse_not_started(request, &agent)?;
    Ok(conclude(request, host, agent))
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Error> {
    let (reader, writer) = std::io::pipe().map_err(|source| Error::File {
        doing: "making a pipe between",
        path: "two sandboxes".into(),
        source,
    })?;
    Ok((reader.into(), writer.into()))
}

fn host_spec(
    request: &UnitRequest<'_>,
    suites: &[&str],
    answers: OwnedFd,
    requests: OwnedFd,
) -> Spec {
    let mut argv = placement::arguments(&["/bin/bash", "/work/.carrel/host.sh"]);
    argv.extend(suites.iter().map(|path| format!("./{path}")));
    let mut spec = placement::spec(request, argv, Vec::new());
    spec.report_channel = false;
    spec.stdin = Stream::Descriptor(answers);
    spec.stderr = Stream::Descriptor(requests);
    if request.unit.include_skipped {
        spec.environment
            .push(("BATS_RUN_SKIPPED".to_owned(), "true".to_owned()));
    }
    for (path, content) in request.tests.iter().chain(request.supplied) {
        spec.files.retain(|file| file.path != *path);
        spec.files.push(placement::read_only(path, content));
    }
    let tests: Vec<String> = request
        .tests
        .values()
        .map(|content| String::from_utf8_lossy(content).into_owned())
        .collect();
    for (path, content) in request.learner {
        if spec.files.iter().any(|file| file.path == *path) {
            continue;
        }
        let sourced = tests.iter().any(|test| is_sourced(test, path));
        spec.files.push(if sourced {
            placement::read_only(path, content)
        } else {
            stub(path, content)
        });
    }
    let harness = [
        ("host.sh", include_str!("../../harness/bats/host.sh")),
        ("remote", include_str!("../../harness/bats/remote.sh")),
    ];
    for (name, content) in harness {
        spec.files
            .push(executable(&format!(".carrel/{name}"), content));
    }
    let names: Vec<String> = request
        .learner
        .keys()
        .map(|path| word_pattern(path))
        .collect();
    for interpreter in INTERPRETERS {
        spec.files.push(executable(
            &format!(".carrel/bin/{interpreter}"),
            &shim(interpreter, &names),
        ));
    }
    spec
}

fn agent_spec(request: &UnitRequest<'_>, requests: OwnedFd, answers: OwnedFd) -> Spec {
    let argv = placement::arguments(&["/bin/bash", "/tmp/.carrel/agent.sh"]);
    let mut spec = placement::spec(request, argv, Vec::new());
    spec.report_channel = false;
    spec.stdin = Stream::Descriptor(requests);
    spec.stdout = Stream::Descriptor(answers);
    spec.files = placement::program_files(request);
    for file in &mut spec.files {
        file.executable = true;
    }
    let agent = include_str!("../../harness/bats/agent.sh");
    spec.files
        .push(placement::harness_file("agent.sh", agent.as_bytes()));
    spec
}

fn executable(path: &str, content: &str) -> FileInput {
    FileInput {
        path: path.to_owned(),
        content: content.as_bytes().to_vec(),
        executable: true,
        writable: false,
    }
}

/// Stands for one of the learner's files where the tests run.
fn stub(path: &str, content: &[u8]) -> FileInput {
    let first = content
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    let is_shell = !first.starts_with("#!") || first.contains("sh");
    let quoted = format!("'/work/{}'", path.replace('\'', "'\\''"));
    let command = if is_shell {
        format!("bash {quoted}")
    } else {
        quoted
    };
    executable(
        path,
        &format!("#!/bin/bash\nexec /bin/bash /work/.carrel/remote {command} \"$@\"\n"),
    )
}

/// Goes to the other sandbox where an argument is one of the learner's files.
fn shim(interpreter: &str, names: &[String]) -> String {
    format!(
        "#!/bin/sh\nfor word in \"$@\"; do case $word in {}) exec /bin/bash /work/.carrel/remote {interpreter} \"$@\" ;; esac; done\n\
         case :$PATH: in *:/work/.carrel/bin:*) rest=:$PATH:; rest=${{rest%%:/work/.carrel/bin:*}}:${{rest#*:/work/.carrel/bin:}}; rest=${{rest#:}}; PATH=${{rest%:}} ;; esac\n\
         exec {interpreter} \"$@\"\n",
        if names.is_empty() {
            "''".to_owned()
        } else {
            names.join("|")
        },
    )
}

/// The shell patterns of a file's name: as it is, with `./`, and absolute.
fn word_pattern(path: &str) -> String {
    let quoted = path.replace('\'', "'\\''");
    format!("'{quoted}'|'./{quoted}'|'/work/{quoted}'")
}

/// Whether a test reads this script into its own shell.
fn is_sourced(test: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".sh").unwrap_or(name);
    test.lines().any(|line| {
        let code = line.trim_start();
        let words = ["source ", ". ", "load "];
        words.iter().any(|word| {
            code.match_indices(word).any(|(place, _)| {
                let starts = place == 0 || code[..place].ends_with([' ', ';', '&', '(', '"', '\'']);
                let rest = &code[place + word.len()..];
                let target = rest.split_whitespace().next().unwrap_or_default();
                starts
                    && (target.contains(name) || target.trim_matches(['"', '\'']).ends_with(stem))
            })
        })
    })
}

fn conclude(request: &UnitRequest<'_>, host: Report, agent: Report) -> UnitOutcome {
    let stream = String::from_utf8_lossy(&host.stdout.bytes).into_owned();
    let document = tap::parse(&stream);
    // What the learner's program ended by is why its tests fail.
    let ended = cause::of_report(&agent, &request.limits, 0).filter(|ended| {
        !matches!(
            ended.cause,
            Cause::RuntimeError {
                exit_code: Some(_),
                ..
            }
        )
    });
    let mut outcome = tap::conclude(
        request,
        document,
        vec![RunMade::new("check", agent), RunMade::new("check", host)],
    );
    if let Some(ended) = ended {
        let failing =
            |status: CaseStatus| matches!(status, CaseStatus::Failed | CaseStatus::Errored);
        for case in outcome.cases.iter_mut().filter(|case| failing(case.status)) {
            case.cause = Some(ended.cause.clone());
            let said = case.message.take().unwrap_or_default();
            case.message = Some(format!("{}\n{said}", ended.message).trim_end().to_owned());
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sourcing_is_seen_and_running_is_not() {
        assert!(is_sourced("setup() { source list_ops.sh; }", "list_ops.sh"));
        assert!(is_sourced("  . ./list_ops.sh", "list_ops.sh"));
        assert!(is_sourced("load list_ops", "list_ops.sh"));
        assert!(!is_sourced("run bash list_ops.sh 1", "list_ops.sh"));
        assert!(!is_sourced("load bats-extra", "leap.sh"));
    }

    #[test]
    fn a_stub_never_holds_the_learners_code() {
        let stub = stub("it's.sh", b"echo secret");
        let text = String::from_utf8(stub.content).unwrap();
        assert!(!text.contains("secret"));
        assert!(text.contains("bash '/work/it'\\''s.sh' \"$@\""), "{text}");
    }
}
