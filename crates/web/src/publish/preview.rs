//! What publishing would change for learners, told without publishing.

use std::fs::File;

use carrel_api::problem::FieldError;
use carrel_course::course::find_warnings;
use carrel_course::difference::{self, Difference, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Checked, PlaceError, check, explain, list_problems, look, receive_archive};
use crate::app::App;
use crate::catalogue::{self, run_blocking};
use crate::problem::Result;
use crate::provision;

/// What publishing would change for learners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Preview {
    /// Course id.
    pub course: String,
    /// Version that it would be.
    pub version: String,
    /// Title.
    pub title: String,
    /// It would be the first version of the course.
    #[serde(default)]
    pub first: bool,
    /// It is the present version: nothing would change.
    pub unchanged: bool,
    /// Environments that its challenges and projects need and that no node has now: submissions
    /// to such challenges are refused until one has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_environments: Vec<String>,
    /// What would change, subject by subject. Who is in the middle of an attempt stays on their version.
    pub difference: Difference,
}

/// Checks an archive as publishing does and compares it with the present version; keeps nothing.
///
/// # Errors
/// As of publishing.
pub async fn preview_archive(app: &App, archive: File, course: &str) -> Result<Preview> {
    let present = match app.store.course(course).await {
        Ok(version) => Some(version),
        Err(carrel_store::Error::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let before = match &present {
        Some(version) => Some(app.catalogue.course(app, &version.digest).await?),
        None => None,
    };
    let courses = catalogue::directory(app);
    let wanted = course.to_owned();
    let checked = run_blocking(move || {
        let incoming = receive_archive(&courses, archive)?;
        check(incoming, Some(wanted))
    });
    let checked = checked.await?.map_err(explain)?;
    let looked = look(app, &checked.course).await?;
    looked.refuse_mixed()?;
    let compared = run_blocking(move || {
        let course = &checked.course;
        let after = Version::read(course).map_err(PlaceError::Write)?;
        let mut difference = match &before {
            Some(before) => {
                let before = Version::read(before).map_err(PlaceError::Write)?;
                difference::between(&before, &after)
            }
            None => Difference::default(),
        };
        difference.add_reused(&looked.reused, course);
        let Checked { course, digest, .. } = checked;
        Ok((course, digest, difference))
    });
    let (after, version, difference) = compared.await?.map_err(explain)?;
    Ok(Preview {
        missing_environments: provision::missing_for(app, &after).await?,
        course: course.to_owned(),
        first: present.is_none(),
        unchanged: present.is_some_and(|present| present.digest == version),
        version,
        title: after.title,
        difference,
    })
}

/// What an archive of a course holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// Course id.
    pub course: String,
    /// Version that it would be.
    pub version: String,
    /// Title.
    pub title: String,
    /// Number of units.
    pub units: usize,
    /// Number of lessons.
    pub lessons: usize,
    /// Number of quizzes.
    pub quizzes: usize,
    /// Number of their questions.
    pub questions: usize,
    /// Number of challenges.
    pub challenges: usize,
    /// Number of workspace projects.
    pub projects: usize,
    /// What is odd in its files, though they can be used.
    pub warnings: Vec<FieldError>,
}

/// Checks an archive as publishing does, of whatever course it is; keeps nothing.
///
/// # Errors
/// As of publishing.
pub async fn look_into(app: &App, archive: File) -> Result<Contents> {
    let courses = catalogue::directory(app);
    let looked = run_blocking(move || {
        let incoming = receive_archive(&courses, archive)?;
        let Checked {
            course,
            digest,
            root,
            _incoming,
        } = check(incoming, None)?;
        let questions = course
            .quizzes
            .iter()
            .map(|quiz| quiz.quiz.questions().count());
        Ok(Contents {
            version: digest,
            units: course.units.len(),
            lessons: course.lessons.len(),
            quizzes: course.quizzes.len(),
            questions: questions.sum(),
            challenges: course.challenges.len(),
            projects: course.projects.len(),
            warnings: list_problems(&find_warnings(&course), &root).collect(),
            course: course.id,
            title: course.title,
        })
    });
    looked.await?.map_err(explain)
}
