//! Ids that named something else in an earlier version: told, and refused where
//! learners have results that would be taken for those of the other thing.

use std::collections::{BTreeMap, BTreeSet};

use carrel_api::Code;
use carrel_api::problem::FieldError;
use carrel_course::course::Course;
use carrel_course::difference::{Identities, Reuse, Reused, SubjectKind};
use carrel_course::raw::PROJECT_FILE;
use carrel_store::PageRequest;
use carrel_store::attempt::AttemptFilter;
use carrel_store::page::PAGE_MAX;

use crate::app::App;
use crate::attempt;
use crate::catalogue::{self, run_blocking};
use crate::problem::{Problem, Result};

/// Most earlier versions that are read for ids that the present one does not have.
const VERSIONS_READ_MAX: usize = 500;

/// What was found about the ids of a version to be.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Ids that named something else.
    pub(super) reused: Vec<Reuse>,
    /// Those of them that learners have results of.
    mixed: Vec<FieldError>,
}

impl Looked {
    /// Refuses a version under which results would count for what they are not of.
    ///
    /// # Errors
    /// There are such results.
    pub(crate) fn refuse_mixed(&self) -> Result<()> {
        if self.mixed.is_empty() {
            return Ok(());
        }
        let detail =
            "ids name other things than those that learners have results of; nothing was published";
        Err(Problem::new(Code::CourseInvalid, detail).with_errors(self.mixed.iter().cloned()))
    }
}

/// Looks for ids of a version to be that named something else, in the present version
/// and, of ids that it does not have, in those before.
///
/// # Errors
/// The store, or the files of the present version, cannot be read.
pub(crate) async fn look(app: &App, course: &Course) -> Result<Looked> {
    let present = match app.store.course(&course.id).await {
        Ok(version) => version.digest,
        Err(carrel_store::Error::Missing { .. }) => return Ok(Looked::default()),
        Err(error) => return Err(error.into()),
    };
    let new = Identities::of(course);
    let mut earlier = Identities::of(&*app.catalogue.course(app, &present).await?);
    if earlier.lacks_some_of(&new) {
        for digest in earlier_versions(app, &course.id, &present).await? {
            if let Some(older) = read(app, &digest).await? {
                earlier.add_older(older);
            }
        }
    }
    let reused = earlier.find_reused(&new);
    let mut attempted = Attempted::default();
    let mut mixed = Vec::new();
    for one in &reused {
        if has_results(app, course, one, &mut attempted).await? {
            mixed.push(describe(course, one));
        }
    }
    Ok(Looked { reused, mixed })
}

async fn earlier_versions(app: &App, course: &str, present: &str) -> Result<Vec<String>> {
    let mut digests = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = app.store.course_versions(course, request).await?;
        let others = page.items.into_iter().map(|version| version.digest);
        digests.extend(others.filter(|digest| digest != present));
        after = page.next;
        if after.is_none() || digests.len() >= VERSIONS_READ_MAX {
            digests.truncate(VERSIONS_READ_MAX);
            return Ok(digests);
        }
    }
}

/// The ids of an earlier version. Not of the catalogue: what is read once would
/// push out what learners work with.
async fn read(app: &App, digest: &str) -> Result<Option<Identities>> {
    let path = catalogue::directory(app).join(digest);
    let loaded = run_blocking(move || {
        carrel_course::course::load(&path).map(|course| Identities::of(&course))
    });
    match loaded.await? {
        Ok(identities) => Ok(Some(identities)),
        Err(problems) => {
            tracing::warn!(version = %digest, %problems, "an earlier version cannot be read for its ids");
            Ok(None)
        }
    }
}

/// Versions in which learners attempted a quiz, by quiz.
type Attempted = BTreeMap<String, BTreeSet<String>>;

/// Whether learners have results of what an id named.
async fn has_results(
    app: &App,
    course: &Course,
    reuse: &Reuse,
    attempted: &mut Attempted,
) -> Result<bool> {
    let subject = reuse.subject.as_str();
    if let Reused::Subject(SubjectKind::Challenge) = reuse.what {
        let judged = app.store.judged(&course.id, subject, 1).await?;
        return Ok(!judged.is_empty());
    }
    let is_quiz = reuse.what == Reused::Subject(SubjectKind::Quiz);
    if !is_quiz && reuse.what != Reused::Question {
        return Ok(false);
    }
    if !attempted.contains_key(subject) {
        let versions = attempted_versions(app, &course.id, subject).await?;
        attempted.insert(subject.to_owned(), versions);
    }
    let versions = attempted.get(subject).into_iter().flatten();
    for digest in versions {
        let Some(question) = &reuse.question else {
            return Ok(true);
        };
        let then = app.catalogue.course(app, digest).await?;
        let kind_of = |course: &Course| {
            let question = course.quiz(subject)?.quiz.question(question)?;
            Some(question.kind.name())
        };
        if kind_of(&then).is_some_and(|kind| Some(kind) != kind_of(course)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn attempted_versions(app: &App, course: &str, quiz: &str) -> Result<BTreeSet<String>> {
    let filter = AttemptFilter {
        course: Some(course.to_owned()),
        quiz: Some(quiz.to_owned()),
        ..AttemptFilter::default()
    };
    let mut versions = BTreeSet::new();
    let mut after = None;
    loop {
        let request = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = app.store.attempts(filter.clone(), request).await?;
        for row in page.items {
            if !versions.contains(&row.course_version) && !attempt::is_rehearsal(&row)? {
                versions.insert(row.course_version);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(versions);
        }
    }
}

fn describe(course: &Course, reuse: &Reuse) -> FieldError {
    let Reuse {
        subject,
        question,
        before,
        after,
        ..
    } = reuse;
    let of_quiz = course.quiz(subject).map(|quiz| quiz.path.clone());
    let of_lesson = || course.lesson(subject).map(|lesson| lesson.path.clone());
    let of_project = || {
        let project = course.project(subject)?;
        Some(format!("{}/{PROJECT_FILE}", project.path))
    };
    let name = match question {
        Some(question) => format!("the id `{question}` of quiz `{subject}`"),
        None => format!("the id `{subject}`"),
    };
    FieldError {
        field: of_quiz
            .or_else(of_lesson)
            .or_else(of_project)
            .unwrap_or_else(|| "course.toml".to_owned()),
        message: format!(
            "{name} named {before} in an earlier version, and learners have results of that; now it names {after}"
        ),
        hint: Some("give what is new an id of its own: results are kept by id".to_owned()),
    }
}
