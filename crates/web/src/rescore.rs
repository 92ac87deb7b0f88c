//! Rescoring: points of submitted attempts after an answer key was changed. What changes is
//! computed here from the versions of the quiz, told as a preview, and made to count by the store.

mod computing;
mod routes;

use carrel_api::grading::{
    ChangeState, NewRescore, QuestionChange, Rescore, RescoreChange, RescoreState,
};
use carrel_model::id::RescoreId;
use carrel_store::account::Role;
use carrel_store::attempt::{AttemptFilter, NewMark};
use carrel_store::page::PAGE_MAX;
use carrel_store::{PageRequest, rescore as kept};

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::applying::apply_rescore;
use crate::attempt::{self, Opened};
use crate::caller::Caller;
use crate::problem::{Problem, Result};
use computing::Key;

pub(crate) use routes::find;
pub use routes::routes;

/// Rescores of one quiz that an attempt which ends is brought up to date with at most: the newest.
const APPLIED_MAX: usize = 50;

fn show(row: kept::RescoreRow) -> Rescore {
    let kept::RescoreRow {
        rescore,
        state,
        created_at,
        applied_at,
        changed,
        skipped,
    } = row;
    Rescore {
        id: rescore.id,
        course: rescore.course,
        quiz: rescore.quiz,
        version: rescore.course_version,
        never_lower: rescore.never_lower,
        user: rescore.user,
        state: match state {
            kept::RescoreState::Preview => RescoreState::Preview,
            kept::RescoreState::Applying => RescoreState::Applying,
            kept::RescoreState::Applied => RescoreState::Applied,
        },
        created_at,
        applied_at: applied_at.filter(|_| state == kept::RescoreState::Applied),
        attempts: rescore.attempts,
        changed,
        skipped,
    }
}

fn show_change(row: kept::ChangeRow) -> RescoreChange {
    let change = row.change;
    let questions = change.marks.into_iter().map(|mark| QuestionChange {
        question: mark.question,
        points: mark.points,
        explanation: mark.explanation,
    });
    RescoreChange {
        attempt: change.attempt,
        user: row.user,
        points_before: change.points_before,
        after: attempt::show_grade(change.after),
        questions: questions.collect(),
        state: match row.state {
            kept::ChangeState::Waiting => ChangeState::Waiting,
            kept::ChangeState::Applied => ChangeState::Applied,
            kept::ChangeState::Skipped => ChangeState::Skipped,
        },
    }
}

/// Computes what another key makes of all submitted attempts at a quiz; applies it unless
/// only a preview is wanted.
///
/// # Errors
/// The caller is no author, there is no such version, quiz or question, or the key cannot score.
pub async fn create(
    app: &App,
    caller: &Caller,
    auditor: &Auditor,
    (course, quiz): (&str, &str),
    new: NewRescore,
) -> Result<Rescore> {
    caller.require_role(course, Role::Author)?;
    let version = match &new.version {
        Some(version) => app.store.course_version(course, version).await?,
        None => app.store.course(course).await?,
    };
    let files = app.catalogue.course(app, &version.digest).await?;
    let asked = attempt::find_quiz(&files, quiz)?;
    let key = Key {
        quiz: asked,
        never_lower: new.never_lower,
        only: new.questions.as_deref(),
    };
    key.check()?;
    let (attempts, changes) = look_at_all(app, (course, quiz), &key).await?;
    let rescore = kept::NewRescore {
        id: RescoreId::new(),
        course: course.to_owned(),
        quiz: quiz.to_owned(),
        course_version: version.digest,
        never_lower: new.never_lower,
        user: caller.id(),
        attempts,
    };
    let id = rescore.id;
    let mut row = app.store.rescore(rescore, changes).await?;
    let detail = format!(
        "{course}/{quiz} preview={} never_lower={}",
        new.preview, new.never_lower
    );
    let auditor = auditor.of_course(course);
    auditor
        .record(app, action::RESCORE_CREATE, id, &detail)
        .await;
    if !new.preview {
        row = apply_rescore(app, &auditor, &row).await?;
    }
    Ok(show(row))
}

async fn look_at_all(
    app: &App,
    (course, quiz): (&str, &str),
    key: &Key<'_>,
) -> Result<(u64, Vec<kept::NewChange>)> {
    let filter = AttemptFilter {
        course: Some(course.to_owned()),
        quiz: Some(quiz.to_owned()),
        ended: Some(true),
        ..AttemptFilter::default()
    };
    let mut changes = Vec::new();
    let (mut attempts, mut after) = (0, None);
    loop {
        let request = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = app.store.attempts(filter.clone(), request).await?;
        for row in page.items.iter().filter(|row| !row.answers_gone) {
            attempts += 1;
            let opened = attempt::read(app, row.id).await?;
            changes.extend(key.change(&opened)?);
        }
        if changes.len() > kept::CHANGES_MAX {
            let detail = format!("it would change more than {} attempts", kept::CHANGES_MAX);
            return Err(Problem::new(carrel_api::Code::TooLarge, detail));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok((attempts, changes)),
        }
        // Live work goes first.
        tokio::task::yield_now().await;
    }
}

/// Marks of rescores that were applied while an attempt went on: it is worth what it
/// would be had it been submitted before.
///
/// # Errors
/// The files of a version are missing: a fault of the service.
pub(crate) async fn marks_at_end(app: &App, opened: &Opened) -> Result<Vec<(RescoreId, NewMark)>> {
    let row = &opened.row;
    let applied = app.store.applied_rescores(&row.course, &row.quiz).await?;
    let since = applied.into_iter().filter(|one| {
        let is_later = one.applied_at.is_some_and(|at| at >= row.started_at);
        is_later && one.rescore.course_version != row.course_version
    });
    let since: Vec<_> = since.collect();
    let newest = &since[since.len().saturating_sub(APPLIED_MAX)..];
    let mut opened = opened.clone();
    let mut marks = Vec::new();
    for one in newest {
        let rescore = &one.rescore;
        let files = app.catalogue.course(app, &rescore.course_version).await?;
        let key = Key {
            quiz: attempt::find_quiz(&files, &row.quiz)?,
            never_lower: rescore.never_lower,
            only: None,
        };
        for mark in key.marks(&opened)? {
            opened.marks.push(computing::row_of(&mark, rescore.id));
            marks.push((rescore.id, mark));
        }
    }
    Ok(marks)
}
