//! An attempt: answering, submitting, reviewing.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use carrel_api::Code;
use carrel_api::attempt::{AskedQuestion, Attempt, SaveAnswer, SavedAnswer, TryAnswer};
use carrel_quiz::presentation::ShownKind;
use carrel_store::account::Scope;

use super::answer;
use super::control::Control;
use super::question::{self, Shown};
use crate::app::App;
use crate::attempt;
use crate::caller::Caller;
use crate::extract::Json;
use crate::page::text::{self, Source};
use crate::page::{self, Fields, Frame, Place};
use crate::problem::{Problem, Result};

#[derive(Template)]
#[template(path = "quiz/attempt.html")]
struct AttemptPage {
    frame: Frame,
    id: String,
    course: String,
    home: String,
    quiz: String,
    title: String,
    introduction: Option<Arc<str>>,
    /// Milliseconds left, and when the time is over, as markup.
    left: Option<(u64, String)>,
    sequential: bool,
    position: Option<String>,
    is_last: bool,
    questions: Vec<Shown>,
    /// Questions whose newer answers were kept instead of those posted.
    superseded: Vec<usize>,
    /// Of an attempt that is over.
    end: Option<End>,
    is_own: bool,
    place: u32,
}

struct End {
    when: String,
    by_deadline: bool,
    late: bool,
    points: Option<String>,
    share: Option<f64>,
    passed: Option<bool>,
    waits: bool,
    hidden: bool,
}

async fn read(app: &App, caller: &Caller, id: &str) -> Result<(Attempt, bool)> {
    let opened = attempt::open(app, caller, id).await?;
    let shown = attempt::show(app, caller, &opened)?;
    let own = shown.summary.user == caller.id();
    Ok((shown, own))
}

pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response> {
    let (attempt, is_own) = read(&app, &caller, &id).await?;
    page::show(&page_of(&app, frame, attempt, (is_own, Vec::new())).await?)
}

async fn page_of(
    app: &App,
    frame: Frame,
    attempt: Attempt,
    (is_own, superseded): (bool, Vec<usize>),
) -> Result<AttemptPage> {
    let place = Place::of(app, attempt.summary.version.clone()).await?;
    let questions = question::show_all(app, &frame, &place, &attempt).await?;
    let introduction = attempt.introduction.iter().map(|text| Source {
        directory: attempt.directory.clone(),
        text: text.clone(),
        heading_shift: 1,
        inline: false,
    });
    let introduction = text::render(app, &frame, &place, introduction.collect()).await?;
    let deadline = attempt.summary.deadline_at.map(|at| frame.time(at));
    let total = attempt.questions_total;
    Ok(AttemptPage {
        id: attempt.summary.id.to_string(),
        course: place.course.title.clone(),
        home: place.address(),
        quiz: place.activity(
            carrel_course::course::ActivityKind::Quiz,
            &attempt.summary.quiz,
        ),
        introduction: introduction.into_iter().next(),
        left: attempt.remaining_ms.zip(deadline),
        sequential: attempt.sequential,
        position: attempt.sequential.then(|| {
            frame.fill2(
                "quiz-position",
                ("number", attempt.place + 1),
                ("all", total),
            )
        }),
        is_last: attempt.place + 1 >= total,
        questions,
        superseded,
        end: end_of(&frame, &attempt),
        is_own,
        place: attempt.place,
        title: attempt.title,
        frame,
    })
}

fn end_of(frame: &Frame, attempt: &Attempt) -> Option<End> {
    use carrel_api::attempt::SubmittedBy;
    let summary = &attempt.summary;
    let when = summary.submitted_at?;
    let grade = summary.grade;
    Some(End {
        when: frame.time(when),
        by_deadline: summary.submitted_by == Some(SubmittedBy::Deadline),
        late: summary.late,
        points: grade.map(|grade| frame.points_of("points-of", grade.points, grade.points_max)),
        share: grade.map(|grade| grade.points / grade.points_max.max(f64::MIN_POSITIVE)),
        passed: grade.and_then(|grade| grade.passed),
        waits: grade.is_some_and(|grade| grade.needs_grading),
        hidden: grade.is_none(),
    })
}

/// What a button of the form asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Save,
    Submit,
    GoOn,
    Try(u32),
    Hint(u32, u32),
}

impl Wish {
    fn read(fields: &Fields) -> Self {
        let told = fields.value("do").unwrap_or("save");
        let mut words = told.split('.');
        let kind = words.next().unwrap_or_default();
        let mut numbers = words.filter_map(|word| word.parse().ok());
        match (kind, numbers.next(), numbers.next()) {
            ("submit", ..) => Self::Submit,
            ("go-on", ..) => Self::GoOn,
            ("try", Some(place), _) => Self::Try(place),
            ("hint", Some(place), Some(index)) => Self::Hint(place, index),
            _ => Self::Save,
        }
    }
}

/// Saves all answers of a form, then does what its button says.
pub(super) async fn act(
    State(app): State<App>,
    (frame, caller): (Frame, Caller),
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response> {
    use axum::response::IntoResponse as _;
    caller.require_scope(Scope::Submit)?;
    let (shown, is_own) = read(&app, &caller, &id).await?;
    let own = format!("/attempts/{id}");
    if shown.summary.submitted_at.is_some() {
        // Its time was over meanwhile: what was saved before counts.
        return Ok(Redirect::to(&own).into_response());
    }
    let wish = Wish::read(&fields);
    let tried = match wish {
        Wish::Try(place) => Some(place),
        _ => None,
    };
    let mut superseded = Vec::new();
    for (index, asked) in shown.questions.iter().enumerate() {
        if tried == Some(asked.place) {
            continue;
        }
        match save_if_changed(&app, &caller, &id, (asked, &fields)).await {
            Err(problem) if problem.code() == Code::AnswerSuperseded => superseded.push(index + 1),
            other => other?,
        }
    }
    if !superseded.is_empty() {
        let (attempt, _) = read(&app, &caller, &id).await?;
        return page::show(&page_of(&app, frame, attempt, (is_own, superseded)).await?);
    }
    let target = match wish {
        Wish::Save => own,
        Wish::Submit => format!("{own}/submit"),
        Wish::GoOn => {
            let from = fields.value("from").and_then(|from| from.parse().ok());
            attempt::go_on(&app, &caller, &id, from).await?;
            own
        }
        Wish::Try(place) => {
            try_question(&app, &caller, (&id, place), (&shown, &fields)).await?;
            format!("{own}#q{place}")
        }
        Wish::Hint(place, index) => {
            let question = find(&shown, place)?;
            attempt::take_hint(&app, &caller, &id, &question.id, index).await?;
            format!("{own}#q{place}")
        }
    };
    Ok(Redirect::to(&target).into_response())
}

fn find(attempt: &Attempt, place: u32) -> Result<&AskedQuestion> {
    let mut questions = attempt.questions.iter();
    let found = questions.find(|question| question.place == place);
    found.ok_or_else(|| Problem::missing("question", place))
}

/// Number of the save that a form makes: one more than what it was shown.
fn sequence(place: u32, fields: &Fields) -> Option<u64> {
    let shown: u64 = fields
        .value(&answer::name_of(place, "sequence"))?
        .parse()
        .ok()?;
    Some(shown + 1)
}

async fn save_if_changed(
    app: &App,
    caller: &Caller,
    id: &str,
    (asked, fields): (&AskedQuestion, &Fields),
) -> Result<()> {
    // What is not in the form, or was scored for good, is left as it is.
    let Some(sequence) = sequence(asked.place, fields) else {
        return Ok(());
    };
    let given = answer::read(asked.place, &asked.presentation, fields);
    if given == asked.answer {
        return Ok(());
    }
    let new = SaveAnswer {
        answer: given,
        sequence: Some(sequence),
    };
    attempt::save(app, caller, id, &asked.id, new).await?;
    Ok(())
}

async fn try_question(
    app: &App,
    caller: &Caller,
    (id, place): (&str, u32),
    (shown, fields): (&Attempt, &Fields),
) -> Result<()> {
    let asked = find(shown, place)?;
    let Some(given) = answer::read(place, &asked.presentation, fields) else {
        // Nothing was answered: no try is used up.
        return Ok(());
    };
    let new = TryAnswer {
        answer: given,
        sequence: sequence(place, fields),
    };
    attempt::try_answer(app, caller, id, &asked.id, new).await?;
    Ok(())
}

/// Saves one question: what the script sends as it is answered.
pub(super) async fn save_one(
    State(app): State<App>,
    caller: Caller,
    Path((id, place)): Path<(String, u32)>,
    fields: Fields,
) -> Result<Json<SavedAnswer>> {
    caller.require_scope(Scope::Submit)?;
    let (shown, _) = read(&app, &caller, &id).await?;
    let asked = find(&shown, place)?;
    let new = SaveAnswer {
        answer: answer::read(place, &asked.presentation, &fields),
        sequence: sequence(place, &fields),
    };
    let saved = attempt::save(&app, &caller, &id, &asked.id, new).await?;
    Ok(Json(saved))
}

#[derive(Template)]
#[template(path = "quiz/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    id: String,
    title: String,
    open: Vec<(u32, usize)>,
    answered: usize,
    total: usize,
}

/// Asks before an attempt is submitted, and says what is not answered.
pub(super) async fn confirm(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response> {
    use axum::response::IntoResponse as _;
    let (attempt, _) = read(&app, &caller, &id).await?;
    if attempt.summary.submitted_at.is_some() {
        return Ok(Redirect::to(&format!("/attempts/{id}")).into_response());
    }
    let questions = attempt.questions.iter();
    let asking = questions.filter(|one| !matches!(one.presentation.kind, ShownKind::Description));
    let numbered: Vec<_> = (1..).zip(asking).collect();
    let open = numbered.iter().filter(|(_, one)| one.answer.is_none());
    let open: Vec<(u32, usize)> = open.map(|(number, one)| (one.place, *number)).collect();
    page::show(&ConfirmPage {
        frame,
        id,
        title: attempt.title,
        answered: numbered.len() - open.len(),
        total: numbered.len(),
        open,
    })
}

pub(super) async fn submit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Redirect> {
    caller.require_scope(Scope::Submit)?;
    attempt::submit(&app, &caller, &id).await?;
    Ok(Redirect::to(&format!("/attempts/{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_says_what_is_wished() {
        let of = |told: &str| Wish::read(&Fields(vec![("do".to_owned(), told.to_owned())]));
        assert_eq!(of("submit"), Wish::Submit);
        assert_eq!(of("try.3"), Wish::Try(3));
        assert_eq!(of("hint.3.0"), Wish::Hint(3, 0));
        assert_eq!(of("hint.3"), Wish::Save);
        assert_eq!(of("try.x"), Wish::Save);
        assert_eq!(Wish::read(&Fields(Vec::new())), Wish::Save);
    }
}
