//! What was read from another tool, as files of a course.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use carrel_course::course::{self, QUIZ_SUFFIX};
use carrel_course::pattern::check_path;
use carrel_course::{Problem, Problems};
use carrel_exchange::{Directory, File, Imported, Loss};
use carrel_quiz::defect::{self, Severity};
use carrel_quiz::{Item, Question, Quiz, notation};

use super::super::course::failure;
use crate::failure::Failure;
use crate::staging::Staging;

/// A quiz or challenge among the files that are being put together.
#[derive(Debug)]
pub(super) struct Activity {
    pub(super) id: String,
    /// Path in the course.
    pub(super) path: String,
    pub(super) questions: usize,
    pub(super) attachments: usize,
    /// What keeps it from being part of the course.
    pub(super) problems: Vec<String>,
}

/// Writes a quiz with its files; `None` where no question is left of it.
pub(super) fn write_quiz(
    imported: &mut Imported,
    (id, title): (&str, &str),
    staging: &mut Staging,
) -> Result<Option<Activity>, Failure> {
    let quiz = &mut imported.quiz;
    id.clone_into(&mut quiz.id);
    if quiz.title.trim().is_empty() {
        title.clone_into(&mut quiz.title);
    }
    leave_out_broken(quiz, &mut imported.losses);
    let questions = quiz.questions().count();
    if questions == 0 {
        return Ok(None);
    }
    // Two quizzes of one directory may have questions of the same id.
    let beside = |path: &str| format!("files/{id}/{}", path.trim_start_matches("files/"));
    let mut used = BTreeSet::new();
    for question in questions_of(quiz) {
        for attachment in &mut question.attachments {
            used.insert(attachment.path.clone());
            attachment.path = beside(&attachment.path);
        }
    }
    let mut attachments = 0;
    for File { path, bytes } in &imported.files {
        if used.contains(path) {
            let path = format!("quizzes/{}", beside(path));
            write(staging, &path, bytes)?;
            attachments += 1;
        }
    }
    let path = format!("quizzes/{id}{QUIZ_SUFFIX}");
    write(staging, &path, notation::write(quiz).as_bytes())?;
    if attachments > 0 {
        staging.plan(&format!("quizzes/files/{id}"))?;
    }
    staging.plan(&path)?;
    Ok(Some(Activity {
        id: id.to_owned(),
        path,
        questions,
        attachments,
        problems: Vec::new(),
    }))
}

/// Writes a challenge under an id that may differ from the one it was read with.
pub(super) fn write_challenge(
    directory: &Directory,
    id: &str,
    staging: &mut Staging,
) -> Result<Activity, Failure> {
    let root = format!("challenges/{id}");
    for File { path, bytes } in &directory.files {
        let full = format!("{root}/{path}");
        if path == carrel_course::raw::CHALLENGE_FILE {
            let text = String::from_utf8_lossy(bytes);
            let before = format!("id = \"{}\"", directory.name);
            let text = text.replacen(&before, &format!("id = \"{id}\""), 1);
            write(staging, &full, text.as_bytes())?;
        } else {
            write(staging, &full, bytes)?;
        }
    }
    staging.plan(&root)?;
    Ok(Activity {
        id: id.to_owned(),
        path: root,
        questions: 0,
        attachments: 0,
        problems: Vec::new(),
    })
}

/// What a path says was made of the file's own names: it is looked at once more before it is used.
fn write(staging: &Staging, path: &str, bytes: &[u8]) -> Result<(), Failure> {
    check_path(path).map_err(|reason| {
        Failure::bad_challenge(anyhow::anyhow!("the file's path `{path}` {reason}"))
    })?;
    staging.write(path, bytes)
}

fn questions_of(quiz: &mut Quiz) -> impl Iterator<Item = &mut Question> {
    quiz.items.iter_mut().flat_map(|item| match item {
        Item::Question(question) => std::slice::from_mut(question).iter_mut(),
        Item::Pool(pool) => pool.questions.iter_mut(),
    })
}

/// Questions that no learner could be asked are left out by name.
fn leave_out_broken(quiz: &mut Quiz, losses: &mut Vec<Loss>) {
    let mut broken: Vec<String> = Vec::new();
    for defect in defect::find(quiz) {
        let Some(id) = defect
            .question
            .filter(|_| defect.severity != Severity::Warning)
        else {
            continue;
        };
        if !broken.contains(&id) {
            losses.push(Loss {
                line: 0,
                question: id.clone(),
                what: format!("left out: {}", defect.message),
            });
            broken.push(id);
        }
    }
    quiz.items.retain_mut(|item| match item {
        Item::Question(question) => !broken.contains(&question.id),
        Item::Pool(pool) => {
            pool.questions.retain(|one| !broken.contains(&one.id));
            let left = u32::try_from(pool.questions.len()).unwrap_or(u32::MAX);
            pool.draw = pool.draw.min(left);
            left > 0 && !broken.contains(&pool.id)
        }
    });
}

/// Reads what was put together as a course of its own, until nothing is wrong with those that
/// have no problems told of them.
pub(super) fn check(activities: &mut [&mut Activity], staging: &Staging) -> Result<(), Failure> {
    loop {
        staging.write("course.toml", course_of(activities)?.as_bytes())?;
        let problems = match course::load(staging.directory()) {
            Ok(course) => course::check_texts(&course),
            Err(problems) => problems,
        };
        if problems.is_empty() {
            return Ok(());
        }
        let mut is_known = false;
        for problem in problems.list() {
            let path = problem.path.strip_prefix(staging.directory());
            let path = path.map_or_else(|_| problem.path.clone(), Path::to_owned);
            let of = |activity: &&mut &mut Activity| path.starts_with(&activity.path);
            if let Some(activity) = activities.iter_mut().find(of) {
                is_known |= activity.problems.is_empty();
                activity.problems.push(tell(problem, path));
            }
        }
        if !is_known {
            return Err(failure(problems));
        }
    }
}

fn tell(problem: &Problem, path: PathBuf) -> String {
    let mut problem = problem.clone();
    problem.path = path;
    let mut problems = Problems::new();
    problems.push(problem);
    problems.to_string()
}

/// A course that lists the activities without problems, and has the others as drafts.
fn course_of(activities: &[&mut Activity]) -> Result<String, Failure> {
    let paths = |sound: bool| -> Vec<&str> {
        let chosen = activities
            .iter()
            .filter(|one| one.problems.is_empty() == sound);
        chosen.map(|one| one.path.as_str()).collect()
    };
    let mut unit = "import".to_owned();
    while activities.iter().any(|one| one.id == unit) {
        unit.push('-');
    }
    let course = serde_json::json!({
        "id": "import",
        "title": "Import",
        "drafts": paths(false),
        "units": [{"id": unit, "title": "Import", "activities": paths(true)}],
    });
    toml::to_string(&course).map_err(Failure::platform)
}

#[cfg(test)]
mod tests {
    use carrel_quiz::Text;
    use carrel_quiz::kind::{Choice, ChoiceOption, Kind};
    use carrel_quiz::quiz::Pool;

    use super::*;

    fn question(id: &str, is_right: bool) -> Question {
        let options = vec![
            ChoiceOption::new("a", Text::plain("one"), is_right),
            ChoiceOption::new("b", Text::plain("two"), false),
        ];
        Question::new(
            id,
            Text::plain("Which?"),
            Kind::Choice(Choice::one(options)),
        )
    }

    #[test]
    fn what_nobody_could_answer_is_left_out_by_name() {
        let pool = Pool {
            id: "p".to_owned(),
            title: String::new(),
            draw: 2,
            points: None,
            questions: vec![question("one", true), question("two", false)],
        };
        let mut quiz = Quiz {
            id: "q".to_owned(),
            items: vec![Item::Pool(pool), Item::Question(question("three", false))],
            ..Quiz::default()
        };
        let mut losses = Vec::new();
        leave_out_broken(&mut quiz, &mut losses);
        let left: Vec<&str> = quiz.questions().map(|one| one.id.as_str()).collect();
        assert_eq!(left, ["one"]);
        let lost: Vec<&str> = losses.iter().map(|loss| loss.question.as_str()).collect();
        assert_eq!(lost, ["two", "three"]);
        assert!(losses[0].what.starts_with("left out: "), "{losses:?}");
        assert!(
            defect::find(&quiz)
                .iter()
                .all(|one| one.severity == Severity::Warning)
        );
    }
}
