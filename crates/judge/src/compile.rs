//! The compile step: run once per content, in a sandbox like any other program.

use std::collections::BTreeMap;

use carrel_model::result::EnvironmentUsed;
use carrel_model::{Cause, Limits};
use carrel_sandbox::{CollectedContent, Ending, FileInput, Network, Report, Spec};

use crate::case::SuiteFailure;
use crate::cause;
use crate::compile_cache::{CompileCache, Entry, Key, KeyBuilder, Reach};
use crate::diagnostic::{Pattern, locate};
use crate::error::Error;
use crate::language;
use crate::limits::sandbox_limits;
use crate::sandboxes::Sandboxes;
use crate::text;

/// Most bytes that the kept files of one compile run have together.
pub const COLLECT_BYTES_MAX: u64 = 512 << 20;
/// What is asked of the sandbox to keep everything.
const EVERYTHING: &str = ".";

/// One compile run.
#[derive(Debug, Clone)]
pub struct CompileRequest<'a> {
    /// Environment name.
    pub environment: &'a str,
    /// Digest of its image; `None`: as the compiler knows the environment. One without a digest
    /// (`host`) may change between two starts, so that the result is kept in this process only.
    pub environment_digest: Option<&'a str>,
    /// Program and arguments, placeholders already replaced.
    pub command: Vec<String>,
    /// Everything that lies in the work directory.
    pub files: Vec<FileInput>,
    /// Paths to keep; empty: everything.
    pub outputs: Vec<String>,
    /// Limits of the run.
    pub limits: Limits,
    /// A loopback device inside.
    pub loopback: bool,
    /// A failure is kept too: the same sources fail again. Not where they are ours and are known
    /// to be right, for then the host was the reason.
    pub keep_failures: bool,
}

/// What a compile run gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The files kept, with their execute bits; a program can read but not change them.
    pub files: Vec<FileInput>,
    /// What the run did; from the original run where `cached`.
    pub report: Report,
    /// It came from the cache.
    pub cached: bool,
    /// Why there is nothing to run; `None` after success.
    pub failure: Option<SuiteFailure>,
}

/// Compiles in sandboxes and keeps the results by content.
#[derive(Clone, Copy)]
pub struct Compiler<'a> {
    sandboxes: &'a dyn Sandboxes,
    cache: &'a CompileCache,
    environments: &'a [EnvironmentUsed],
}

impl std::fmt::Debug for Compiler<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Compiler")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

impl<'a> Compiler<'a> {
    /// A compiler that runs in these sandboxes.
    #[must_use]
    pub fn new(sandboxes: &'a dyn Sandboxes, cache: &'a CompileCache) -> Self {
        Self {
            sandboxes,
            cache,
            environments: &[],
        }
    }

    /// The same, knowing the digests of these environments.
    #[must_use]
    pub fn knowing(self, environments: &'a [EnvironmentUsed]) -> Self {
        Self {
            environments,
            ..self
        }
    }

    fn digest_of<'r>(&'r self, request: &CompileRequest<'r>) -> Option<&'r str> {
        let known = |used: &&EnvironmentUsed| used.name == request.environment;
        let digest = || self.environments.iter().find(known)?.digest.as_deref();
        request.environment_digest.or_else(digest)
    }

    /// Compiles, or finds the result of having compiled the same before.
    ///
    /// # Errors
    /// A platform fault, or a command that the environment does not have.
    /// A compile error is not one: it is in [`Compiled::failure`].
    pub fn compile(&self, request: &CompileRequest<'_>) -> Result<Compiled, Error> {
        let digest = self.digest_of(request);
        let key = key(request, digest);
        let reach = match digest {
            Some(_) => Reach::Disk,
            None => Reach::Process,
        };
        if let Some(entry) = self.cache.get(&key, reach) {
            return Ok(compiled(entry, true));
        }
        let report = self.sandboxes.run(request.environment, spec(request))?;
        refuse_missing_command(request, &report)?;
        let entry = judge_run(request, report);
        if may_keep(&entry) && (request.keep_failures || entry.failure.is_none()) {
            self.cache.put(key, reach, &entry);
        }
        Ok(compiled(entry, false))
    }
}

fn compiled(entry: Entry, cached: bool) -> Compiled {
    Compiled {
        files: entry.files,
        report: entry.report,
        cached,
        failure: entry.failure,
    }
}

/// All that decides the outcome, and nothing else: no time, no path of this host.
fn key(request: &CompileRequest<'_>, digest: Option<&str>) -> Key {
    let mut key = KeyBuilder::new();
    key.part(digest.unwrap_or("").as_bytes());
    key.part(request.environment.as_bytes());
    key.count(request.command.len());
    for argument in &request.command {
        key.part(argument.as_bytes());
    }
    key.count(request.files.len());
    let mut files: Vec<&FileInput> = request.files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for file in files {
        key.part(file.path.as_bytes());
        key.part(&file.content);
        key.part(&[u8::from(file.executable), u8::from(file.writable)]);
    }
    key.count(request.outputs.len());
    for output in &request.outputs {
        key.part(output.as_bytes());
    }
    for value in request.limits.values() {
        key.part(&value.to_le_bytes());
    }
    key.part(&[u8::from(request.loopback)]);
    key.finish()
}

fn spec(request: &CompileRequest<'_>) -> Spec {
    let mut spec = Spec::new(request.command.clone());
    spec.files.clone_from(&request.files);
    spec.limits = sandbox_limits(&request.limits);
    if request.loopback {
        spec.network = Network::Loopback;
    }
    spec.collect = match request.outputs.as_slice() {
        [] => vec![EVERYTHING.to_owned()],
        outputs => outputs.to_vec(),
    };
    spec.collect_bytes_max = COLLECT_BYTES_MAX;
    spec
}

/// A compiler that is not there is a fault of the environment or of the author's command.
fn refuse_missing_command(request: &CompileRequest<'_>, report: &Report) -> Result<(), Error> {
    let Ending::NotStarted(reason) = &report.ending else {
        return Ok(());
    };
    let command = request.command.first().map_or("", String::as_str);
    Err(Error::Command(format!(
        "environment `{}` can not start the compile command `{command}`: {reason}; \
         name an environment that has it, or another command",
        request.environment
    )))
}

fn judge_run(request: &CompileRequest<'_>, mut report: Report) -> Entry {
    let collected = std::mem::take(&mut report.files);
    if let Some(failure) = failure_of(request, &report) {
        return Entry {
            files: Vec::new(),
            report,
            failure: Some(failure),
        };
    }
    let mut files = BTreeMap::new();
    for found in collected {
        match found.content {
            CollectedContent::Bytes(content) => {
                let path = found.path.trim_start_matches("./").to_owned();
                let executable = found.executable;
                let file = FileInput {
                    path: path.clone(),
                    content,
                    executable,
                    writable: false,
                };
                files.insert(path, file);
            }
            CollectedContent::Refused(reason) => {
                let failure = refused(&found.path, &reason);
                return Entry {
                    files: Vec::new(),
                    report,
                    failure: Some(failure),
                };
            }
        }
    }
    let missing = request
        .outputs
        .iter()
        .find(|output| !is_there(&files, output));
    let failure = missing.map(|output| SuiteFailure {
        cause: Cause::CompileError {
            file: None,
            line: None,
        },
        message: format!("the compile step ended well but left no `{output}`"),
    });
    let files = if failure.is_none() {
        files.into_values().collect()
    } else {
        Vec::new()
    };
    Entry {
        files,
        report,
        failure,
    }
}

/// The output itself, or anything in it where it is a directory.
fn is_there(files: &BTreeMap<String, FileInput>, output: &str) -> bool {
    let output = output.trim_start_matches("./").trim_end_matches('/');
    let inside = format!("{output}/");
    output == EVERYTHING
        || files.contains_key(output)
        || files.keys().any(|path| path.starts_with(&inside))
}

fn refused(path: &str, reason: &str) -> SuiteFailure {
    SuiteFailure {
        cause: Cause::CompileError {
            file: None,
            line: None,
        },
        message: format!("the compile step left something that is not kept: `{path}`: {reason}"),
    }
}

fn failure_of(request: &CompileRequest<'_>, report: &Report) -> Option<SuiteFailure> {
    let ended = cause::of_report(report, &request.limits, 0)?;
    let said = said(report);
    if !matches!(report.ending, Ending::Exited(_)) || ended.cause.verdict() != plain_verdict() {
        let message = format!("the compile step was ended: {}\n{said}", ended.message);
        let cause = Cause::CompileError {
            file: None,
            line: None,
        };
        return Some(SuiteFailure {
            cause,
            message: message.trim_end().to_owned(),
        });
    }
    let paths: Vec<&str> = request
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    let place = locate(&said, &patterns_for(&paths), &paths);
    let (file, line) = place.map_or((None, None), |place| (place.file, place.line));
    let message = if said.is_empty() { ended.message } else { said };
    Some(SuiteFailure {
        cause: Cause::CompileError { file, line },
        message,
    })
}

/// The patterns of the languages that the files are written in: those of others would find warnings.
fn patterns_for(paths: &[&str]) -> Vec<Pattern> {
    let written_in = |language: &&language::Language| {
        language.compile.is_some() && paths.iter().any(|path| language.is_source(path))
    };
    language::all()
        .iter()
        .filter(written_in)
        .flat_map(|language| language.errors.clone())
        .collect()
}

/// What an exit code other than 0 is, as opposed to a limit that made the compiler give up.
fn plain_verdict() -> carrel_model::Verdict {
    carrel_model::Verdict::RuntimeError
}

/// Both streams: compilers differ in which they use.
fn said(report: &Report) -> String {
    let both = [&report.stderr.bytes[..], &report.stdout.bytes[..]].join(&b'\n');
    let text = text::readable(&both, carrel_model::result::MESSAGE_CHARACTERS_MAX);
    text.trim().to_owned()
}

/// Success and plain compile errors only. What a clock, a full disk or a
/// refused process ended may go better on the next try.
fn may_keep(entry: &Entry) -> bool {
    let report = &entry.report;
    matches!(report.ending, Ending::Exited(_))
        && report.missing_layers.is_empty()
        && (entry.failure.is_none() || (report.processes_refused == 0 && !report.disk_full))
}

#[cfg(test)]
mod tests {
    use carrel_sandbox::{Collected, Limit};

    use super::*;
    use crate::scripted::{Scripted, report};

    fn request<'a>(digest: Option<&'a str>, source: &str) -> CompileRequest<'a> {
        let file = FileInput {
            path: "a.c".to_owned(),
            content: source.as_bytes().to_vec(),
            executable: false,
            writable: false,
        };
        CompileRequest {
            environment: "c",
            environment_digest: digest,
            command: vec!["gcc".to_owned(), "a.c".to_owned()],
            files: vec![file],
            outputs: vec!["program".to_owned()],
            limits: Limits::default(),
            loopback: false,
            keep_failures: true,
        }
    }

    fn collected(content: CollectedContent) -> Report {
        let mut done = report(0);
        let path = "program".to_owned();
        done.files.push(Collected {
            path,
            content,
            executable: true,
        });
        done
    }

    fn success() -> Report {
        collected(CollectedContent::Bytes(b"ELF".to_vec()))
    }

    #[test]
    fn the_same_content_is_compiled_once_other_content_again() {
        let sandboxes = Scripted::new([success(), success(), success()]);
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let first = compiler.compile(&request(None, "x")).unwrap();
        let again = compiler.compile(&request(None, "x")).unwrap();
        assert!(!first.cached && again.cached);
        assert_eq!(again.files, first.files);
        assert!(again.files[0].executable && !again.files[0].writable);
        assert_eq!(sandboxes.runs(), 1);
        compiler.compile(&request(None, "y")).unwrap();
        let other_limits = Limits {
            processes: 1,
            ..Limits::default()
        };
        let mut other = request(None, "x");
        other.limits = other_limits;
        compiler.compile(&other).unwrap();
        assert_eq!(sandboxes.runs(), 3);
    }

    #[test]
    fn a_compile_error_names_the_place_and_is_kept() {
        let mut failed = report(1);
        failed.stderr.bytes = b"a.c:2:1: warning: x\na.c:4:2: error: no\n".to_vec();
        let sandboxes = Scripted::new([failed]);
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let compiled = compiler.compile(&request(None, "x")).unwrap();
        let failure = compiled.failure.unwrap();
        let cause = Cause::CompileError {
            file: Some("a.c".to_owned()),
            line: Some(4),
        };
        assert_eq!(failure.cause, cause);
        assert!(failure.message.contains("error: no"));
        assert!(compiler.compile(&request(None, "x")).unwrap().cached);
    }

    #[test]
    fn what_a_limit_ended_is_a_compile_error_but_not_kept() {
        let ended = Report::of(Ending::Limit(Limit::Wall));
        let mut refused = report(1);
        refused.processes_refused = 1;
        let sandboxes = Scripted::new([ended, refused, success()]);
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let first = compiler
            .compile(&request(None, "x"))
            .unwrap()
            .failure
            .unwrap();
        assert!(first.message.contains("limit 10.0 s"), "{}", first.message);
        assert!(
            compiler
                .compile(&request(None, "x"))
                .unwrap()
                .failure
                .is_some()
        );
        assert!(
            compiler
                .compile(&request(None, "x"))
                .unwrap()
                .failure
                .is_none()
        );
    }

    #[test]
    fn a_failure_of_what_is_known_to_be_right_is_not_kept() {
        let sandboxes = Scripted::new([report(1), success()]);
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let mut ours = request(None, "x");
        ours.keep_failures = false;
        assert!(compiler.compile(&ours).unwrap().failure.is_some());
        assert!(compiler.compile(&ours).unwrap().failure.is_none());
    }

    #[test]
    fn a_missing_output_and_a_link_in_its_place_are_told() {
        let link = collected(CollectedContent::Refused("a symbolic link".to_owned()));
        let sandboxes = Scripted::new([report(0), link]);
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let missing = compiler.compile(&request(None, "x")).unwrap();
        assert!(
            missing
                .failure
                .unwrap()
                .message
                .contains("left no `program`")
        );
        let linked = compiler.compile(&request(None, "y")).unwrap();
        assert!(linked.failure.unwrap().message.contains("a symbolic link"));
        assert_eq!(linked.files, []);
    }

    #[test]
    fn a_missing_compiler_is_not_the_learners_fault() {
        let ending = Ending::NotStarted("no such file".to_owned());
        let sandboxes = Scripted::new([Report::of(ending)]);
        let cache = CompileCache::in_memory();
        let error = Compiler::new(&sandboxes, &cache)
            .compile(&request(None, "x"))
            .unwrap_err();
        assert!(matches!(error, Error::Command(text) if text.contains("`gcc`")));
    }
}
