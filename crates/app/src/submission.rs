//! Files named on the command line, put under the names that a challenge expects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use carrel_model::Challenge;

use crate::failure::Failure;

/// Most files of a submission.
pub const FILES_MAX: usize = 1_000;
/// Most bytes of all files of a submission together.
pub const BYTES_MAX: u64 = 64 << 20;

/// Files by their path in the work directory.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads what the command line names: files (`SRC` or `SRC:DST`) and directories.
///
/// A file goes where its path ends as an editable path of the challenge does;
/// a single file for a challenge with a single editable file goes there whatever
/// its name, if it has the same extension or none; any other file keeps its name. A directory's files keep their
/// paths within it.
///
/// # Errors
/// A file cannot be read, two go to one place, or there are too many.
pub fn read_arguments(challenge: &Challenge, arguments: &[PathBuf]) -> Result<Files, Failure> {
    let mut sources: Vec<(String, PathBuf)> = Vec::new();
    for argument in arguments {
        let (source, target) = split_target(argument);
        match target {
            None if !source.is_dir() => {
                let target = place(challenge, &source, arguments.len() == 1)?;
                sources.push((target, source));
            }
            _ => sources.extend(self::sources(argument)?),
        }
    }
    let mut files = BTreeMap::new();
    for (target, source) in sources {
        if files.insert(target.clone(), source).is_some() {
            return Err(Failure::usage(format!("two files go to `{target}`")));
        }
    }
    read(&files)
}

/// What one argument names: pairs of a place in the work directory and a source.
/// `SRC:DST` goes to that place, a file under its name, a directory's files by
/// their paths within it.
///
/// # Errors
/// Something named is not a regular file or directory, or has no usable name.
pub fn sources(argument: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let (source, target) = split_target(argument);
    let mut sources = Vec::new();
    if source.is_dir() {
        list_directory(&source, &source, &mut sources)?;
        if let Some(target) = target {
            for (name, _) in &mut sources {
                *name = format!("{target}/{name}");
            }
        }
    } else {
        let name = source
            .file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned);
        match target.or(name) {
            Some(target) => sources.push((target, source)),
            None => return Err(nameless(&source)),
        }
    }
    Ok(sources)
}

fn nameless(source: &Path) -> Failure {
    Failure::usage(format!("`{}` has no usable file name", source.display()))
        .hint("name its place: SRC:DST")
}

/// Reads files of a challenge.
///
/// # Errors
/// A file cannot be read, or they are too many or too large together.
pub fn read(paths: &BTreeMap<String, PathBuf>) -> Result<Files, Failure> {
    if paths.len() > FILES_MAX {
        return Err(Failure::usage(format!(
            "{} files; at most {FILES_MAX} are taken",
            paths.len()
        )));
    }
    let mut total = 0;
    let mut files = BTreeMap::new();
    for (target, source) in paths {
        let failed = |error: std::io::Error| {
            Failure::usage(format!("cannot read `{}`: {error}", source.display()))
        };
        total += fs::metadata(source).map_err(failed)?.len();
        if total > BYTES_MAX {
            return Err(Failure::usage(format!(
                "the files are more than {BYTES_MAX} bytes together, counted up to `{}`",
                source.display()
            )));
        }
        files.insert(target.clone(), fs::read(source).map_err(failed)?);
    }
    Ok(files)
}

/// `SRC:DST` unless a file of the whole name exists.
fn split_target(argument: &Path) -> (PathBuf, Option<String>) {
    let whole = || (argument.to_owned(), None);
    if argument.exists() {
        return whole();
    }
    let Some((source, target)) = argument.to_str().and_then(|text| text.rsplit_once(':')) else {
        return whole();
    };
    (PathBuf::from(source), Some(target.to_owned()))
}

fn place(challenge: &Challenge, source: &Path, alone: bool) -> Result<String, Failure> {
    let exact: Vec<&String> = challenge
        .editable
        .iter()
        .filter(|pattern| !pattern.contains('*'))
        .collect();
    let longest = exact
        .iter()
        .filter(|path| source.ends_with(path))
        .max_by_key(|path| path.len());
    if let Some(path) = longest {
        return Ok((**path).clone());
    }
    if let ([only], true) = (challenge.editable.as_slice(), alone && exact.len() == 1) {
        let (given, wanted) = (source.extension(), Path::new(only).extension());
        if given.is_some() && given != wanted {
            return Err(Failure::usage(format!(
                "`{}` does not look like `{only}`, which is to be sent",
                source.display()
            ))
            .hint(format!(
                "to send it all the same: {}:{only}",
                source.display()
            )));
        }
        return Ok(only.clone());
    }
    let name = source.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| nameless(source))
}

fn list_directory(
    top: &Path,
    directory: &Path,
    sources: &mut Vec<(String, PathBuf)>,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::usage(format!(
            "cannot read directory `{}`: {error}",
            directory.display()
        ))
    };
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            list_directory(top, &path, sources)?;
        } else if kind.is_file() {
            sources.push((relative(top, &path)?, path));
        } else {
            return Err(Failure::usage(format!(
                "`{}` is not a regular file",
                path.display()
            )));
        }
        if sources.len() > FILES_MAX {
            return Err(Failure::usage(format!(
                "`{}` holds more than {FILES_MAX} files",
                top.display()
            )));
        }
    }
    Ok(())
}

fn relative(top: &Path, path: &Path) -> Result<String, Failure> {
    let below = path.strip_prefix(top).unwrap_or(path);
    let parts: Option<Vec<&str>> = below
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    parts
        .map(|parts| parts.join("/"))
        .ok_or_else(|| Failure::usage(format!("`{}` has a name that is not UTF-8", path.display())))
}

#[cfg(test)]
pub(crate) mod tests {
    use carrel_model::Limits;
    use carrel_model::challenge::Grading;

    use super::*;

    pub(crate) fn challenge(editable: &[&str]) -> Challenge {
        Challenge {
            directory: PathBuf::new(),
            id: "adding".into(),
            title: "Adding".into(),
            language: "python".into(),
            environment: "python".into(),
            editable: editable.iter().map(|path| (*path).to_owned()).collect(),
            entry: None,
            supplied: BTreeMap::new(),
            start: BTreeMap::new(),
            solution: BTreeMap::new(),
            compile: None,
            run: None,
            limits: Limits::default(),
            loopback: false,
            steps: Vec::new(),
            checks: Vec::new(),
            submissions: Vec::new(),
            starter_verdicts: Vec::new(),
            target_ms: None,
            pass_points: None,
            grading: Grading::Sum,
        }
    }

    fn names(files: &Files) -> Vec<&str> {
        files.keys().map(String::as_str).collect()
    }

    #[test]
    fn a_single_file_goes_to_the_single_editable_path() {
        let directory = tempfile::tempdir().unwrap();
        let wrong = directory.path().join("wrong.py");
        fs::write(&wrong, "x").unwrap();
        let files =
            read_arguments(&challenge(&["adding.py"]), std::slice::from_ref(&wrong)).unwrap();
        assert_eq!(names(&files), ["adding.py"]);
        let files =
            read_arguments(&challenge(&["a.py", "b.py"]), std::slice::from_ref(&wrong)).unwrap();
        assert_eq!(names(&files), ["wrong.py"]);
        let other = directory.path().join("README.md");
        fs::write(&other, "x").unwrap();
        let refused =
            read_arguments(&challenge(&["adding.py"]), std::slice::from_ref(&other)).unwrap_err();
        assert!(
            refused
                .error
                .to_string()
                .contains("does not look like `adding.py`")
        );
        let named = PathBuf::from(format!("{}:adding.py", other.display()));
        let files = read_arguments(&challenge(&["adding.py"]), &[named]).unwrap();
        assert_eq!(names(&files), ["adding.py"]);
    }

    #[test]
    fn the_longest_editable_ending_wins_and_a_place_can_be_named() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("src")).unwrap();
        let main = directory.path().join("src/main.c");
        fs::write(&main, "x").unwrap();
        let expected = challenge(&["main.c", "src/main.c"]);
        assert_eq!(
            names(&read_arguments(&expected, std::slice::from_ref(&main)).unwrap()),
            ["src/main.c"]
        );
        let named = PathBuf::from(format!("{}:lib/x.c", main.display()));
        assert_eq!(
            names(&read_arguments(&expected, &[named]).unwrap()),
            ["lib/x.c"]
        );
    }

    #[test]
    fn a_directory_keeps_its_paths_and_a_clash_is_told() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("src")).unwrap();
        fs::write(directory.path().join("src/main.c"), "x").unwrap();
        let expected = challenge(&["src/*.c"]);
        let whole = directory.path().to_owned();
        assert_eq!(
            names(&read_arguments(&expected, std::slice::from_ref(&whole)).unwrap()),
            ["src/main.c"]
        );
        let twice = [whole.clone(), whole];
        let failure = read_arguments(&expected, &twice).unwrap_err();
        assert!(
            failure
                .error
                .to_string()
                .contains("two files go to `src/main.c`")
        );
    }

    #[test]
    fn links_and_missing_files_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", directory.path().join("a.py")).unwrap();
        assert!(read_arguments(&challenge(&["a.py"]), &[directory.path().to_owned()]).is_err());
        let missing = [PathBuf::from("/nonexistent/a.py")];
        let failure = read_arguments(&challenge(&["a.py"]), &missing).unwrap_err();
        assert_eq!(failure.exit_code, crate::exit_code::USAGE);
    }
}
