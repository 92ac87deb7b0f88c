//! Programs of a package: their language, and the output validator among them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::problem::Problem;
use super::super::source::Source;
use super::metadata::{Format, Metadata};

/// Our language ids by file ending (the format's appendix "Languages").
const LANGUAGES: [(&str, &str); 17] = [
    ("py", "python"),
    ("py3", "python"),
    ("c", "c"),
    ("cc", "cpp"),
    ("cpp", "cpp"),
    ("cxx", "cpp"),
    ("c++", "cpp"),
    ("C", "cpp"),
    ("java", "java"),
    ("js", "javascript"),
    ("rb", "ruby"),
    ("go", "go"),
    ("rs", "rust"),
    ("php", "php"),
    ("lua", "lua"),
    ("sh", "bash"),
    ("bash", "bash"),
];
/// File endings of languages of the format that we have no environment for.
const OTHERS: [(&str, &str); 34] = [
    ("adb", "Ada"),
    ("ads", "Ada"),
    ("a68", "Algol 68"),
    ("apl", "APL"),
    ("cob", "COBOL"),
    ("cr", "Crystal"),
    ("cs", "C#"),
    ("d", "D"),
    ("dart", "Dart"),
    ("ex", "Elixir"),
    ("erl", "Erlang"),
    ("fth", "Forth"),
    ("f90", "Fortran"),
    ("fs", "F#"),
    ("ss", "Gerbil"),
    ("hs", "Haskell"),
    ("jl", "Julia"),
    ("kt", "Kotlin"),
    ("lisp", "Common Lisp"),
    ("cl", "Common Lisp"),
    ("mod", "Modula-2"),
    ("nim", "Nim"),
    ("m", "Objective-C"),
    ("ml", "OCaml"),
    ("odin", "Odin"),
    ("pas", "Pascal"),
    ("pm", "Perl"),
    ("pl", "Prolog"),
    ("py2", "Python 2"),
    ("rkt", "Racket"),
    ("scala", "Scala"),
    ("swift", "Swift"),
    ("ts", "TypeScript"),
    ("zig", "Zig"),
];
/// Our language ids by the code that the format uses.
const CODES: [(&str, &str); 11] = [
    ("python3", "python"),
    ("c", "c"),
    ("cpp", "cpp"),
    ("java", "java"),
    ("javascript", "javascript"),
    ("ruby", "ruby"),
    ("go", "go"),
    ("rust", "rust"),
    ("php", "php"),
    ("lua", "lua"),
    ("bash", "bash"),
];

/// Our language id for a code of the format.
pub(super) fn language_of_code(code: &str) -> Option<&'static str> {
    CODES
        .iter()
        .find(|(name, _)| *name == code)
        .map(|(_, id)| *id)
}

/// The code of the format for our language id.
pub(super) fn code_of_language(id: &str) -> &'static str {
    CODES
        .iter()
        .find(|(_, ours)| *ours == id)
        .map_or("", |(code, _)| *code)
}

/// Name of the starter file of a language.
pub(super) fn main_file(id: &str) -> String {
    if id == "java" {
        return "Main.java".to_owned();
    }
    let ending = LANGUAGES
        .iter()
        .find(|(_, ours)| *ours == id)
        .map_or("txt", |(ending, _)| *ending);
    format!("main.{ending}")
}

/// The one language that the endings of these files tell, else why not.
pub(super) fn detect<'p>(files: impl Iterator<Item = &'p PathBuf>) -> Result<&'static str, String> {
    let mut found = BTreeSet::new();
    let mut others = BTreeSet::new();
    for file in files {
        let ending = file
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        found.extend(
            LANGUAGES
                .iter()
                .filter(|(known, _)| *known == ending)
                .map(|(_, id)| *id),
        );
        others.extend(
            OTHERS
                .iter()
                .filter(|(known, _)| *known == ending)
                .map(|(_, name)| *name),
        );
    }
    match (found.len(), found.first(), others.first()) {
        (1, Some(id), None) => Ok(id),
        (0, _, Some(name)) => Err(format!("no environment for {name}")),
        (0, _, None) => Err("its language cannot be told by its file names".to_owned()),
        _ => Err("it is written in more than one language".to_owned()),
    }
}

/// The files of a program, which is a file or a directory.
pub(super) fn program_files(source: &Source, path: &Path) -> BTreeMap<PathBuf, PathBuf> {
    if source.is_directory(path) {
        return source.under(path);
    }
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    source
        .file(path)
        .map(|real| BTreeMap::from([(name, real.to_owned())]))
        .unwrap_or_default()
}

/// The custom output validator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ValidatorProgram {
    /// Its files by path.
    pub(super) files: BTreeMap<PathBuf, PathBuf>,
    /// Our language id.
    pub(super) language: &'static str,
    /// It has a `build` script.
    pub(super) build: bool,
    /// It has a `run` script, or `build` makes one.
    pub(super) run: bool,
}

/// Finds the output validator that a package has, if any.
pub(super) fn find_validator(
    source: &Source,
    metadata: &Metadata,
    problems: &mut Vec<Problem>,
) -> Option<ValidatorProgram> {
    let directory = match metadata.format {
        Format::Legacy => "output_validators",
        Format::Current { .. } => "output_validator",
    };
    let wanted = metadata.legacy_validation.custom || metadata.interactive || metadata.multi_pass;
    let other = if metadata.format == Format::Legacy {
        "output_validator"
    } else {
        "output_validators"
    };
    if source.is_directory(other) {
        problems.push(
            Problem::of(other, "is a directory of another version of the format")
                .hint(format!("this one has `{directory}`")),
        );
    }
    if metadata.format == Format::Legacy && !metadata.legacy_validation.custom {
        return None;
    }
    let children = source.children(directory);
    if children.is_empty() {
        if source.is_directory(directory) || wanted {
            problems.push(
                Problem::of(directory, "holds no output validator")
                    .hint("add one, or use the default validator with a type that is neither interactive nor multi-pass"),
            );
        }
        return None;
    }
    let directories: Vec<_> = children
        .iter()
        .filter(|path| source.is_directory(path))
        .collect();
    let root = match (metadata.format, children.as_slice(), directories.as_slice()) {
        (_, [only], [_]) => only.clone(),
        (Format::Current { .. }, _, _) => PathBuf::from(directory),
        (Format::Legacy, [only], []) => only.clone(),
        (Format::Legacy, _, _) => {
            problems.push(
                Problem::of(directory, "holds more than one output validator")
                    .hint("only packages with one can be imported"),
            );
            return None;
        }
    };
    let files = program_files(source, &root);
    let has = |name: &str| files.contains_key(Path::new(name));
    let (build, run) = (has("build"), has("run"));
    let language = match detect(files.keys()) {
        Ok(language) => language,
        // A script alone: the format promises it python3, cc and c++; C++'s environment has the compilers.
        Err(_) if build || run => "cpp",
        Err(reason) => {
            problems.push(Problem::of(
                &root,
                format!("is no output validator that can be run: {reason}"),
            ));
            return None;
        }
    };
    Some(ValidatorProgram {
        files,
        language,
        build,
        run: run || build,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[&str]) -> Result<&'static str, String> {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        detect(files.iter())
    }

    #[test]
    fn endings_tell_the_language() {
        assert_eq!(told(&["validate.cc", "validate.h"]), Ok("cpp"));
        assert_eq!(told(&["a.C"]), Ok("cpp"));
        assert_eq!(told(&["a.c"]), Ok("c"));
        assert!(
            told(&["a.c", "b.py"])
                .unwrap_err()
                .contains("more than one")
        );
        assert!(told(&["a.kt"]).unwrap_err().contains("Kotlin"));
        assert!(told(&["README"]).is_err());
        assert_eq!(language_of_code("python3"), Some("python"));
        assert_eq!(main_file("java"), "Main.java");
    }
}
