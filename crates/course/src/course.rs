//! A course directory: `course.toml` and its challenges; or a directory of challenges without one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carrel_model::Challenge;
use carrel_model::course::Course;

use crate::challenge;
use crate::document::Document;
use crate::pattern::check_path;
use crate::placed::Placed;
use crate::problem::Problems;
use crate::raw::{CHALLENGE_FILE, COURSE_FILE, CourseFile};

/// Most challenges of a course.
const CHALLENGES_MAX: usize = 5_000;
/// How deep challenges are looked for below a directory.
const DEPTH_MAX: usize = 4;

/// Reads a course: a directory with `course.toml`, a single challenge, or a
/// directory that holds challenges (an imported track).
///
/// # Errors
/// Every problem of the course and all of its challenges.
pub fn load(directory: &Path) -> Result<Course, Problems> {
    let mut problems = Problems::new();
    let course = if directory.join(COURSE_FILE).is_file() {
        load_file(directory, &mut problems)
    } else {
        load_loose(directory, &mut problems)
    };
    match course {
        Some(course) if problems.is_empty() => Ok(course),
        _ => Err(problems),
    }
}

/// The directories below that hold a challenge, in order of their paths.
fn find_challenges(directory: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    if challenge::is_challenge(directory) {
        return vec![directory.to_owned()];
    }
    let mut found = Vec::new();
    let mut open = vec![(directory.to_owned(), 0)];
    while let Some((path, depth)) = open.pop() {
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => {
                problems.push_path(path, format!("cannot be listed: {error}"), "");
                continue;
            }
        };
        for entry in entries.flatten() {
            // `file_type` does not follow links: a link cannot lead out, or in a circle.
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if !is_directory || hidden {
                continue;
            }
            if challenge::is_challenge(&entry.path()) {
                found.push(entry.path());
            } else if depth + 1 < DEPTH_MAX {
                open.push((entry.path(), depth + 1));
            }
        }
        if found.len() > CHALLENGES_MAX {
            let message = format!("holds more than {CHALLENGES_MAX} challenges");
            problems.push_path(directory, message, "split the course");
            break;
        }
    }
    found.sort();
    found
}

fn load_loose(directory: &Path, problems: &mut Problems) -> Option<Course> {
    let paths = find_challenges(directory, problems);
    if paths.is_empty() {
        let message =
            format!("holds neither `{COURSE_FILE}` nor a directory with `{CHALLENGE_FILE}`");
        problems.push_path(directory, message, "name a course or challenge directory");
        return None;
    }
    let name = directory.canonicalize().ok();
    let name = name
        .as_deref()
        .unwrap_or(directory)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "course".to_owned());
    let challenges = load_all(&paths, problems);
    Some(Course {
        directory: directory.to_owned(),
        id: name.clone(),
        title: name,
        challenges,
    })
}

fn load_file(directory: &Path, problems: &mut Problems) -> Option<Course> {
    let mut document = Document::open(&directory.join(COURSE_FILE), problems)?;
    let file: CourseFile = document.parse(problems)?;
    let id = require(&document, file.id.as_ref(), "id", problems);
    let title = require(&document, file.title.as_ref(), "title", problems);
    let listed = check_units(&document, &file, problems);
    let drafts: Vec<PathBuf> = file
        .drafts
        .iter()
        .filter_map(|path| find_directory(directory, &document, path, problems))
        .collect();
    let mut paths = Vec::new();
    for path in listed {
        paths.extend(find_directory(directory, &document, path, problems));
    }
    for path in find_challenges(directory, problems) {
        if !paths.contains(&path) && !drafts.contains(&path) {
            let message = "holds a challenge that no unit lists";
            problems.push_path(
                path,
                message,
                "list it in a unit of course.toml, or in `drafts`",
            );
        }
    }
    let challenges = load_all(&paths, problems);
    Some(Course {
        directory: directory.to_owned(),
        id,
        title,
        challenges,
    })
}

fn require(
    document: &Document,
    text: Option<&Placed<String>>,
    key: &str,
    problems: &mut Problems,
) -> String {
    match text {
        Some(text) if !text.value.trim().is_empty() => text.value.clone(),
        Some(text) => {
            problems.push(document.describe(
                Some(text.span.clone()),
                format!("`{key}` is empty"),
                "",
            ));
            String::new()
        }
        None => {
            if !document.was_refused(key) {
                problems.push(document.describe(Some(0..0), format!("`{key}` is missing"), ""));
            }
            String::new()
        }
    }
}

/// The challenge directories of all units, each listed once.
fn check_units<'a>(
    document: &Document,
    file: &'a CourseFile,
    problems: &mut Problems,
) -> Vec<&'a Placed<String>> {
    if file.units.is_empty() && !document.was_refused("units") {
        let hint = "add [[units]] with id, title and challenges = [\"directory\", …]";
        problems.push(document.describe(Some(0..0), "the course has no unit", hint));
    }
    let mut ids: Vec<&str> = Vec::new();
    let mut listed: Vec<&Placed<String>> = Vec::new();
    for unit in &file.units {
        match &unit.value.id {
            Some(id) if ids.contains(&id.value.as_str()) => {
                let message = format!("two units have the id `{}`", id.value);
                problems.push(document.describe(
                    Some(id.span.clone()),
                    message,
                    "give each its own",
                ));
            }
            Some(id) => ids.push(&id.value),
            None => {
                problems.push(document.describe(
                    Some(unit.span.clone()),
                    "`id` is missing",
                    "every unit has an id",
                ));
            }
        }
        if unit.value.title.is_none() {
            problems.push(document.describe(
                Some(unit.span.clone()),
                "`title` is missing",
                "what learners see",
            ));
        }
        for path in &unit.value.challenges {
            if listed.iter().any(|other| other.value == path.value) {
                let message = format!("challenge `{}` is listed twice", path.value);
                problems.push(document.describe(Some(path.span.clone()), message, "list it once"));
            } else {
                listed.push(path);
            }
        }
    }
    listed
}

fn find_directory(
    directory: &Path,
    document: &Document,
    path: &Placed<String>,
    problems: &mut Problems,
) -> Option<PathBuf> {
    let place = Some(path.span.clone());
    if let Err(reason) = check_path(&path.value) {
        let message = format!("path `{}` {reason}", path.value);
        problems.push(document.describe(place, message, "example: challenges/leap-year"));
        return None;
    }
    let full = directory.join(&path.value);
    let stays = match (directory.canonicalize(), full.canonicalize()) {
        (Ok(root), Ok(target)) => target.starts_with(root),
        _ => true,
    };
    if !stays {
        let message = format!("`{}` leads out of the course directory", path.value);
        problems.push(document.describe(place, message, "put the challenge into the course"));
        return None;
    }
    if !challenge::is_challenge(&full) {
        let message = format!("`{}` holds no `{CHALLENGE_FILE}`", path.value);
        problems.push(document.describe(
            place,
            message,
            "correct the path, relative to the course directory",
        ));
        return None;
    }
    Some(full)
}

fn load_all(paths: &[PathBuf], problems: &mut Problems) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut ids: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in paths {
        match challenge::load(path) {
            Ok(challenge) => {
                if let Some(other) = ids.insert(challenge.id.clone(), path.clone()) {
                    let message = format!("has the id `{}` of `{}`", challenge.id, other.display());
                    problems.push_path(
                        path.join(CHALLENGE_FILE),
                        message,
                        "give each challenge its own id",
                    );
                }
                challenges.push(challenge);
            }
            Err(more) => problems.append(more),
        }
    }
    challenges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_challenge(directory: &Path, id: &str) {
        std::fs::create_dir_all(directory.join("tests")).unwrap();
        std::fs::create_dir_all(directory.join("start")).unwrap();
        std::fs::create_dir_all(directory.join("solution")).unwrap();
        std::fs::write(directory.join("tests/test_a.py"), "").unwrap();
        std::fs::write(directory.join("start/a.py"), "").unwrap();
        std::fs::write(directory.join("solution/a.py"), "").unwrap();
        let text = format!("id = '{id}'\ntitle = 'T'\nlanguage = 'python'\n");
        std::fs::write(directory.join(CHALLENGE_FILE), text).unwrap();
    }

    #[test]
    fn loads_units_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        write_challenge(&root.join("b"), "b");
        write_challenge(&root.join("deep/a"), "a");
        write_challenge(&root.join("draft"), "draft");
        let text = "id='c'\ntitle='C'\ndrafts=['draft']\n[[units]]\nid='one'\ntitle='One'\nchallenges=['b','deep/a']\n";
        std::fs::write(root.join(COURSE_FILE), text).unwrap();
        let course = load(root).unwrap();
        let ids: Vec<&str> = course
            .challenges
            .iter()
            .map(|challenge| challenge.id.as_str())
            .collect();
        assert_eq!((course.id.as_str(), ids), ("c", vec!["b", "a"]));
    }

    #[test]
    fn loads_a_track_and_a_single_challenge() {
        let directory = tempfile::tempdir().unwrap();
        write_challenge(&directory.path().join("x/two"), "two");
        write_challenge(&directory.path().join("x/one"), "one");
        let course = load(directory.path()).unwrap();
        assert_eq!(course.challenges.len(), 2);
        assert_eq!(course.challenges[0].id, "one");
        assert_eq!(
            load(&directory.path().join("x/two")).unwrap().challenges[0].id,
            "two"
        );
    }

    #[test]
    fn reports_all_problems_of_a_course_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        write_challenge(&root.join("a"), "same");
        write_challenge(&root.join("b"), "same");
        write_challenge(&root.join("unlisted"), "unlisted");
        let text = "titel='C'\n[[units]]\nid='one'\nchallenges=['a','b','missing','../out','a']\n";
        std::fs::write(root.join(COURSE_FILE), text).unwrap();
        let text = load(root).unwrap_err().to_string();
        for expected in [
            "course.toml:1:1: unknown key `titel`",
            "`id` is missing",
            "course.toml:2:1: `title` is missing",
            "course.toml:4:21: `missing` holds no `challenge.toml`",
            "path `../out` has a part `..`",
            "challenge `a` is listed twice",
            "has the id `same` of",
            "unlisted: holds a challenge that no unit lists",
        ] {
            assert!(text.contains(expected), "{expected} not in:\n{text}");
        }
    }

    #[test]
    fn an_empty_directory_is_no_course() {
        let directory = tempfile::tempdir().unwrap();
        assert!(
            load(directory.path())
                .unwrap_err()
                .to_string()
                .contains("holds neither")
        );
        assert!(load(&directory.path().join("missing")).is_err());
    }
}
