//! A directory of challenges without `course.toml`: a course of one unit.

use std::path::Path;

use super::content::Contents;
use super::{
    Activity, ActivityKind, Availability, Course, DEFAULT_LANGUAGE, Unit, Visibility, discovery,
};
use crate::problem::Problems;
use crate::raw::{CHALLENGE_FILE, COURSE_FILE};

/// Id of the only unit.
const UNIT_ID: &str = "challenges";

pub(super) fn load(directory: &Path, problems: &mut Problems) -> Option<Course> {
    let paths = discovery::find(directory, problems).challenges;
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
    let mut contents = Contents::default();
    let activities = paths
        .iter()
        .filter_map(|path| contents.read_challenge(path, problems))
        .map(|id| Activity {
            kind: ActivityKind::Challenge,
            id,
            requires: Vec::new(),
            availability: Availability::default(),
            visibility: Visibility::default(),
            points: None,
            optional: false,
        })
        .collect();
    Some(Course {
        directory: directory.to_owned(),
        id: name.clone(),
        title: name.clone(),
        description: None,
        language: DEFAULT_LANGUAGE.to_owned(),
        licence: None,
        units: vec![Unit {
            id: UNIT_ID.to_owned(),
            title: name,
            description: None,
            requires: Vec::new(),
            availability: Availability::default(),
            visibility: Visibility::default(),
            activities,
        }],
        lessons: contents.lessons,
        quizzes: contents.quizzes,
        challenges: contents.challenges,
        projects: contents.projects,
    })
}
