//! A program made ready to run: its files read, compiled where its language needs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carrel_model::Limits;
use carrel_model::challenge::{Challenge, Compile, Program};
use carrel_model::execution::ExecutionRequest;
use carrel_sandbox::{FileInput, Network, Report, Spec};

use crate::case::SuiteFailure;
use crate::compile::{CompileRequest, Compiled, Compiler};
use crate::error::Error;
use crate::language::{self, Language, Placeholders, expand};
use crate::limits::sandbox_limits;

/// File names that a program of an author begins with, where there are several sources.
const ENTRY_STEMS: [&str; 6] = [
    "validate",
    "validator",
    "main",
    "Main",
    "judge",
    "interactor",
];

/// What a run needs, again and again.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) environment: String,
    pub(crate) argv: Vec<String>,
    pub(crate) files: Vec<FileInput>,
    pub(crate) limits: Limits,
    pub(crate) loopback: bool,
}

/// A program after its compile step.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Ready to run, or why it is not.
    pub(crate) ready: Result<Ready, SuiteFailure>,
    /// The compile run, where there was one, and whether it came from the cache.
    pub(crate) compile_run: Option<(Report, bool)>,
}

impl Ready {
    /// A spec of one run, with files and arguments added.
    pub(crate) fn spec(
        &self,
        arguments: &[String],
        files: Vec<FileInput>,
        limits: &Limits,
    ) -> Spec {
        let mut argv = self.argv.clone();
        argv.extend_from_slice(arguments);
        let mut spec = Spec::new(argv);
        spec.files.clone_from(&self.files);
        spec.files.extend(files);
        spec.limits = sandbox_limits(limits);
        if self.loopback {
            spec.network = Network::Loopback;
        }
        spec
    }
}

/// Reads an author's files.
///
/// # Errors
/// One can not be read: [`Error::Unread`].
pub(crate) fn read_files(
    challenge: &Challenge,
    files: &BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let read =
        |(place, path): (&String, &PathBuf)| Ok((place.clone(), read_file(challenge, path)?));
    files.iter().map(read).collect()
}

/// Reads one file of an author's.
///
/// # Errors
/// It can not be read: [`Error::Unread`].
pub(crate) fn read_file(challenge: &Challenge, path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Unread {
        challenge: challenge.id.clone(),
        path: path.to_owned(),
        source,
    })
}

/// A file that the program may only read; executable where it is a script that names its interpreter.
pub(crate) fn read_only(path: &str, content: Vec<u8>) -> FileInput {
    let executable = content.starts_with(b"#!") || content.starts_with(b"\x7fELF");
    FileInput {
        path: path.to_owned(),
        content,
        executable,
        writable: false,
    }
}

/// The learner's program with the author's files beside it.
///
/// # Errors
/// A platform fault, or the challenge can not be run as it is written.
pub(crate) fn prepare_submission(
    challenge: &Challenge,
    learner: &BTreeMap<String, Vec<u8>>,
    supplied: &BTreeMap<String, Vec<u8>>,
    compiler: &Compiler<'_>,
) -> Result<Prepared, Error> {
    let language = find_language(challenge, &challenge.language)?;
    let mut files: BTreeMap<String, FileInput> = BTreeMap::new();
    for (path, content) in learner {
        let file = read_only(path, content.clone());
        files.insert(
            path.clone(),
            FileInput {
                writable: true,
                ..file
            },
        );
    }
    for (path, content) in supplied {
        files.insert(path.clone(), read_only(path, content.clone()));
    }
    let entry = challenge
        .entry
        .clone()
        .unwrap_or_else(|| first_source(language, learner.keys()));
    let source = Source {
        language,
        entry: &entry,
        files,
        compile: challenge.compile.as_ref(),
        compile_limits: None,
        options: &[],
        run: challenge.run.as_deref(),
        environment: &challenge.environment,
        limits: raise_processes(challenge.limits, language),
        loopback: challenge.loopback,
    };
    prepare(source, compiler)
}

/// A program of the author's.
///
/// # Errors
/// A platform fault; the program can not be read or does not compile.
pub(crate) fn prepare_program(
    challenge: &Challenge,
    program: &Program,
    compiler: &Compiler<'_>,
) -> Result<Ready, Error> {
    let language = find_language(challenge, &program.language)?;
    let read = read_files(challenge, &program.files)?;
    let entry = author_entry(language, &read);
    let files = read
        .into_iter()
        .map(|(path, content)| (path.clone(), read_only(&path, content)));
    let source = Source {
        language,
        entry: &entry,
        files: files.collect(),
        compile: program.compile.as_ref(),
        compile_limits: None,
        options: &[],
        run: program.run.as_deref(),
        environment: program
            .environment
            .as_ref()
            .unwrap_or(&challenge.environment),
        limits: raise_processes(program.limits, language),
        loopback: false,
    };
    prepare(source, compiler)?
        .ready
        .map_err(|failure| Error::Challenge {
            challenge: challenge.id.clone(),
            problem: format!(
                "its program `{entry}` does not compile: {}",
                failure.message
            ),
        })
}

/// A program to be run for its own sake.
///
/// # Errors
/// A platform fault, or a compiler that the environment does not have.
pub(crate) fn prepare_execution(
    request: &ExecutionRequest,
    language: &Language,
    environment: &str,
    compiler: &Compiler<'_>,
) -> Result<Prepared, Error> {
    let file = |(path, content): (&String, &Vec<u8>)| {
        let file = read_only(path, content.clone());
        let writable = true;
        (path.clone(), FileInput { writable, ..file })
    };
    let first = || first_source(language, request.files.keys());
    let entry = request.entry.clone().unwrap_or_else(first);
    let source = Source {
        language,
        entry: &entry,
        files: request.files.iter().map(file).collect(),
        compile: None,
        compile_limits: request.compile_limits,
        options: &request.compiler_arguments,
        run: None,
        environment,
        limits: raise_processes(request.limits, language),
        loopback: false,
    };
    prepare(source, compiler)
}

struct Source<'a> {
    language: &'a Language,
    entry: &'a str,
    files: BTreeMap<String, FileInput>,
    compile: Option<&'a Compile>,
    /// Limits of the language's own compile step where they are others.
    compile_limits: Option<Limits>,
    /// Further arguments of the compiler.
    options: &'a [String],
    run: Option<&'a [String]>,
    environment: &'a str,
    limits: Limits,
    loopback: bool,
}

fn prepare(source: Source<'_>, compiler: &Compiler<'_>) -> Result<Prepared, Error> {
    let language = source.language;
    let paths: Vec<String> = source
        .files
        .keys()
        .filter(|path| language.is_source(path))
        .cloned()
        .collect();
    let values = Placeholders {
        files: &paths,
        entry: source.entry,
        file: "",
        options: source.options,
    };
    let argv = expand(source.run.unwrap_or(&language.run), &values);
    let step = match (source.compile, &language.compile) {
        (Some(own), _) => Some((&own.command, &own.outputs, own.limits)),
        // A run command of the author's own may not need the language's program.
        (None, Some(common)) => {
            let limits = source.compile_limits.unwrap_or(common.limits);
            Some((&common.command, &common.outputs, limits))
        }
        (None, None) => None,
    };
    let mut files: Vec<FileInput> = source.files.values().cloned().collect();
    let mut compile_run = None;
    if let Some((command, outputs, limits)) = step {
        let request = CompileRequest {
            environment: source.environment,
            environment_digest: None,
            command: expand(command, &values),
            files: files.clone(),
            outputs: expand(outputs, &values),
            limits,
            loopback: source.loopback,
            keep_failures: true,
        };
        let compiled = compiler.compile(&request)?;
        compile_run = Some((compiled.report.clone(), compiled.cached));
        if let Some(failure) = compiled.failure {
            return Ok(Prepared {
                ready: Err(failure),
                compile_run,
            });
        }
        files = beside_compiled(language, files, compiled);
    }
    let ready = Ready {
        environment: source.environment.to_owned(),
        argv,
        files,
        limits: source.limits,
        loopback: source.loopback,
    };
    Ok(Prepared {
        ready: Ok(ready),
        compile_run,
    })
}

/// The compiled files and what is not source: data that the program reads stays beside it.
fn beside_compiled(
    language: &Language,
    files: Vec<FileInput>,
    compiled: Compiled,
) -> Vec<FileInput> {
    let mut beside: BTreeMap<String, FileInput> = files
        .into_iter()
        .filter(|file| !language.is_source(&file.path) && !language.is_header(&file.path))
        .map(|file| (file.path.clone(), file))
        .collect();
    for file in compiled.files {
        beside.insert(file.path.clone(), file);
    }
    beside.into_values().collect()
}

fn find_language(challenge: &Challenge, id: &str) -> Result<&'static Language, Error> {
    language::find(id).ok_or_else(|| Error::Challenge {
        challenge: challenge.id.clone(),
        problem: format!(
            "language `{id}` is not known; the languages are {}",
            language::all()
                .iter()
                .map(|known| known.id.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ),
    })
}

/// A runtime that needs threads of its own gets them beside the author's number.
fn raise_processes(limits: Limits, language: &Language) -> Limits {
    let least = language.processes.unwrap_or(0);
    Limits {
        processes: limits.processes.max(least),
        ..limits
    }
}

fn first_source<'a>(
    language: &Language,
    mut paths: impl Iterator<Item = &'a String> + Clone,
) -> String {
    let source = paths.clone().find(|path| language.is_source(path));
    source.or_else(|| paths.next()).cloned().unwrap_or_default()
}

fn author_entry(language: &Language, files: &BTreeMap<String, Vec<u8>>) -> String {
    let stem_of = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.split('.').next().unwrap_or(name).to_owned()
    };
    let sources = files.keys().filter(|path| language.is_source(path));
    let named = ENTRY_STEMS
        .iter()
        .find_map(|stem| sources.clone().find(|path| stem_of(path) == *stem));
    named
        .cloned()
        .unwrap_or_else(|| first_source(language, files.keys()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile_cache::CompileCache;
    use crate::fixture::challenge;
    use crate::scripted::{Scripted, report};
    use carrel_sandbox::{Collected, CollectedContent};

    fn files(names: &[&str]) -> BTreeMap<String, Vec<u8>> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), b"x".to_vec()))
            .collect()
    }

    fn ready(prepared: Prepared) -> Ready {
        prepared.ready.unwrap()
    }

    #[test]
    fn an_interpreted_submission_runs_its_first_source() {
        let sandboxes = Scripted::default();
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let learner = files(&["data.txt", "sum.py"]);
        let prepared = prepare_submission(&challenge(), &learner, &files(&["lib.py"]), &compiler);
        let ready = ready(prepared.unwrap());
        assert_eq!(ready.argv, ["python3", "sum.py"]);
        let writable: Vec<(&str, bool)> = ready
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.writable))
            .collect();
        assert_eq!(
            writable,
            [("data.txt", true), ("lib.py", false), ("sum.py", true)]
        );
        assert_eq!(sandboxes.runs(), 0);
    }

    #[test]
    fn a_compiled_submission_keeps_its_data_but_not_its_source() {
        let mut done = report(0);
        done.files.push(Collected {
            path: "program".to_owned(),
            content: CollectedContent::Bytes(b"ELF".to_vec()),
            executable: true,
        });
        let sandboxes = Scripted::new([done]);
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let mut challenge = challenge();
        challenge.language = "c".to_owned();
        let supplied = files(&["lib.h", "lib.c", "words.txt"]);
        let prepared = prepare_submission(&challenge, &files(&["a.c"]), &supplied, &compiler);
        let ready = ready(prepared.unwrap());
        assert_eq!(ready.argv, ["./program"]);
        let paths: Vec<&str> = ready.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["program", "words.txt"]);
        let asked = sandboxes.asked.lock().unwrap();
        assert!(
            asked[0]
                .argv
                .ends_with(&["a.c", "lib.c", "-lm"].map(str::to_owned))
        );
    }

    #[test]
    fn an_author_program_begins_with_the_file_named_so() {
        let python = language::find("python").unwrap();
        assert_eq!(
            author_entry(python, &files(&["a.py", "sub/validate.py"])),
            "sub/validate.py"
        );
        assert_eq!(author_entry(python, &files(&["b.py", "c.py"])), "b.py");
    }

    #[test]
    fn an_unknown_language_is_the_authors_fault() {
        let mut challenge = challenge();
        challenge.language = "cobol".to_owned();
        let error = find_language(&challenge, "cobol").unwrap_err();
        assert!(error.to_string().contains("`cobol` is not known"));
    }
}
