//! What an attempt is worth: by its answers, and by the marks of persons and rescores.

use std::collections::BTreeSet;

use carrel_api::attempt::{Attempt as Shown, NewMarks};
use carrel_model::quantity::number_of;
use carrel_quiz::attempt::QuestionGrade;
use carrel_quiz::score::ScoreState;
use carrel_store::account::Role;
use carrel_store::attempt::{Grade, MarkRow, NewMark, NewMarking};

use super::opened::{Opened, busy, open, read};
use super::{explain, shown};
use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// Longest words of a grader, bytes.
const COMMENT_BYTES_MAX: usize = 16 << 10;
/// Differences below this are floating point's.
const SAME: f64 = 1e-9;

/// What an attempt is worth, question by question.
#[derive(Debug, Clone, PartialEq)]
pub struct Worth {
    /// Questions in the order shown, marks taken into account.
    pub questions: Vec<QuestionGrade>,
    /// The whole.
    pub grade: Grade,
}

/// What an attempt is worth now.
///
/// # Errors
/// Its version of the quiz cannot score it: a fault of the service.
pub fn grade(opened: &Opened) -> Result<Worth> {
    let rules = opened.rules()?;
    let graded = opened.attempt.grade(rules);
    let graded = graded.map_err(|error| explain(&error, 0))?;
    let mut questions = graded.questions;
    for one in &mut questions {
        if let Some(mark) = opened.mark(&one.question) {
            apply(one, mark);
        }
    }
    Ok(Worth {
        grade: total(opened, &questions)?,
        questions,
    })
}

/// The points of a mark stand for those of the answer.
pub(super) fn apply(one: &mut QuestionGrade, row: &MarkRow) {
    let graded = &mut one.graded;
    let mark = &row.mark;
    graded.points = mark.points;
    graded.fraction = if graded.points_max > 0.0 {
        mark.points / graded.points_max
    } else {
        0.0
    };
    graded.score.state = if mark.points >= graded.points_max - SAME {
        ScoreState::Correct
    } else if mark.points <= SAME {
        ScoreState::Incorrect
    } else {
        ScoreState::PartiallyCorrect
    };
    graded.score.explanation.clone_from(&mark.explanation);
    graded.explanation.clear();
    if row.rescore.is_some() {
        // They are of the key that was changed.
        graded.score.parts.clear();
    }
}

/// Sum of the questions, as [`carrel_quiz::attempt::Attempt::grade`] makes it.
pub(crate) fn total(opened: &Opened, questions: &[QuestionGrade]) -> Result<Grade> {
    let sum: f64 = questions.iter().map(|one| one.graded.points).sum();
    let points = ((sum * 1e9).round() / 1e9).max(0.0);
    let points_max = opened.attempt.paper.points_max();
    let needs_grading = questions
        .iter()
        .any(|one| one.graded.score.state == ScoreState::NeedsGrading);
    let passed = opened.quiz()?.settings.pass.and_then(|share| {
        let enough = points >= share * points_max - SAME;
        (enough || !needs_grading).then_some(enough)
    });
    Ok(Grade {
        points,
        points_max,
        passed,
        needs_grading,
    })
}

/// Gives points and words of a person to answers of an ended attempt; the whole as it is then.
///
/// # Errors
/// The caller is no author, the attempt goes on, or a mark does not fit the question.
pub async fn give_marks(
    app: &App,
    caller: &Caller,
    auditor: &Auditor,
    id: &str,
    new: NewMarks,
) -> Result<Shown> {
    let mut opened = open(app, caller, id).await?;
    caller.require_role(&opened.row.course, Role::Author)?;
    check(&opened, &new)?;
    for _ in 0..super::CHANGE_TRIES_MAX {
        let marks: Vec<NewMark> = new.marks.iter().map(given).collect();
        let mut after = opened.clone();
        after.marks.extend(marks.iter().map(|mark| MarkRow {
            mark: mark.clone(),
            at: app.store.now(),
            by: Some(caller.id()),
            rescore: None,
        }));
        let grade = grade(&after)?.grade;
        let (id, revision) = (opened.row.id, opened.row.revision);
        let marking = NewMarking {
            by: caller.id(),
            marks,
            grade,
        };
        let done = app.store.mark_attempt(id, revision, marking).await?;
        opened = read(app, id).await?;
        if done {
            let detail = number_of(new.marks.len(), "question", "questions");
            auditor
                .of_course(&opened.row.course)
                .record(app, action::ATTEMPT_GRADE, id, &detail)
                .await;
            return shown::show(app, caller, &opened);
        }
    }
    Err(busy())
}

fn given(new: &carrel_api::attempt::NewMark) -> NewMark {
    NewMark {
        question: new.question.clone(),
        points: new.points,
        comment: new.comment.clone(),
        explanation: vec!["graded by a person".to_owned()],
    }
}

fn check(opened: &Opened, new: &NewMarks) -> Result<()> {
    if new.marks.is_empty() {
        return Err(Problem::field("marks", "holds at least one"));
    }
    let mut seen = BTreeSet::new();
    for (index, mark) in new.marks.iter().enumerate() {
        let field = |name: &str| format!("marks[{index}].{name}");
        let Some(entry) = opened.attempt.paper.entry(&mark.question) else {
            let message = format!("the attempt has no question `{}`", mark.question);
            return Err(Problem::field(field("question"), message));
        };
        if !seen.insert(&mark.question) {
            return Err(Problem::field(field("question"), "is there twice"));
        }
        if !(0.0..=entry.points_max).contains(&mark.points) {
            let message = format!("is {}; from 0 to {}", mark.points, entry.points_max);
            return Err(Problem::field(field("points"), message));
        }
        let words = mark.comment.as_deref().unwrap_or_default();
        if words.len() > COMMENT_BYTES_MAX {
            let message = format!("is longer than {COMMENT_BYTES_MAX} bytes");
            return Err(Problem::field(field("comment"), message));
        }
    }
    Ok(())
}
