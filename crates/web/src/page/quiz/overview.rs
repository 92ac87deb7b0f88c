//! A quiz before an attempt: its rules, the attempts there were, and the way in.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use carrel_api::attempt::AttemptSummary;
use carrel_api::progress::{QuizOverview, Standing};

use crate::app::App;
use crate::caller::Caller;
use crate::content::overview;
use crate::page::text::{self, Source};
use crate::page::{self, Frame, Place, held};
use crate::problem::Result;

#[derive(Template)]
#[template(path = "quiz/overview.html")]
struct OverviewPage {
    frame: Frame,
    course: String,
    home: String,
    own: String,
    title: String,
    introduction: Option<Arc<str>>,
    facts: Vec<(String, String)>,
    /// Why no attempt can be started, as text.
    refused: Option<String>,
    /// What holds learners back, as markup: told to authors.
    held: Option<String>,
    running: Option<String>,
    attempts: Vec<Past>,
    points: Option<String>,
}

struct Past {
    address: String,
    number: u32,
    when: String,
    is_running: bool,
    late: bool,
    points: Option<String>,
    passed: Option<bool>,
    waits: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
) -> Result<Response> {
    let quiz = overview(&app, &caller, &course, &id).await?;
    let place = Place::of(&app, quiz.version.clone()).await?;
    let directory = quiz
        .path
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory);
    let sources = quiz.introduction.iter().map(|text| Source {
        directory: directory.to_owned(),
        text: text.clone(),
        heading_shift: 1,
        inline: false,
    });
    let held = held::notice(&app, &frame, (&caller, &place.course), &id).await?;
    let introduction = text::render(&app, &frame, &place, sources.collect()).await?;
    page::show(&OverviewPage {
        course: place.course.title.clone(),
        home: place.address(),
        own: place.activity(carrel_course::course::ActivityKind::Quiz, &id),
        introduction: introduction.into_iter().next(),
        facts: facts(&frame, &quiz),
        refused: refused(&frame, &place, &quiz),
        held: held.filter(|_| frame.is_author(&course)),
        running: quiz.running.map(|attempt| format!("/attempts/{attempt}")),
        attempts: quiz
            .attempts
            .iter()
            .rev()
            .map(|one| past(&frame, one))
            .collect(),
        points: points_of(&frame, quiz.points, quiz.points_max),
        title: quiz.title,
        frame,
    })
}

fn points_of(frame: &Frame, points: Option<f64>, most: Option<f64>) -> Option<String> {
    Some(frame.points_of("points-of", points?, most?))
}

/// What one should know before, as terms and values in markup.
fn facts(frame: &Frame, quiz: &QuizOverview) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut tell = |name: &str, value: String| facts.push((frame.text(name), value));
    let count = frame.fill("quiz-questions", "count", quiz.questions);
    tell("quiz-fact-questions", count);
    if let Some(most) = quiz.points_max {
        tell("quiz-fact-points", frame.number(most));
    }
    if let Some(seconds) = quiz.time_limit_seconds {
        let minutes = frame.number(std::time::Duration::from_secs(seconds).as_secs_f64() / 60.0);
        tell(
            "quiz-fact-time",
            frame.fill("quiz-minutes", "minutes", minutes),
        );
    }
    let attempts = match quiz.attempts_max {
        Some(most) => frame.fill2(
            "quiz-attempts-of",
            ("used", quiz.attempts.len()),
            ("most", most),
        ),
        None => frame.text("quiz-attempts-any"),
    };
    tell("quiz-fact-attempts", attempts);
    match quiz.tries {
        Some(1) => {}
        Some(tries) => tell("quiz-fact-tries", tries.to_string()),
        None => tell("quiz-fact-tries", frame.text("quiz-tries-any")),
    }
    if let Some(pass) = quiz.pass {
        let share = frame.number(pass * 100.0);
        tell("quiz-fact-pass", frame.fill("percent", "share", share));
    }
    if quiz.sequential {
        tell("quiz-fact-order", frame.text("quiz-sequential"));
    }
    if let Some(due) = quiz.due_at {
        tell("activity-due", frame.time(due));
    }
    if let Some(closes) = quiz.closes_at {
        tell("quiz-fact-closes", frame.time(closes));
    }
    facts
}

fn refused(frame: &Frame, place: &Place, quiz: &QuizOverview) -> Option<String> {
    match quiz.standing {
        Standing::Open => {}
        Standing::NotYet => return Some(frame.text("quiz-not-yet")),
        Standing::Closed => return Some(frame.text("quiz-closed")),
        Standing::Locked => {
            let titles = quiz.missing.iter();
            let titles = titles.map(|id| place.course.title_of(id).unwrap_or(id).to_owned());
            let titles: Vec<String> = titles.collect();
            return Some(frame.fill("activity-locked", "titles", titles.join(", ")));
        }
    }
    let used = quiz.attempts.len();
    let none_left = quiz.attempts_max.is_some_and(|most| used >= most as usize);
    (none_left && quiz.running.is_none()).then(|| frame.text("quiz-no-attempts-left"))
}

fn past(frame: &Frame, attempt: &AttemptSummary) -> Past {
    let grade = attempt.grade;
    Past {
        address: format!("/attempts/{}", attempt.id),
        number: attempt.number,
        when: frame.time(attempt.submitted_at.unwrap_or(attempt.started_at)),
        is_running: attempt.submitted_at.is_none(),
        late: attempt.late,
        points: grade
            .and_then(|grade| points_of(frame, Some(grade.points), Some(grade.points_max))),
        passed: grade.and_then(|grade| grade.passed),
        waits: grade.is_some_and(|grade| grade.needs_grading),
    }
}

/// Starts an attempt, or goes on with the one there is.
pub(super) async fn start(
    State(app): State<App>,
    caller: Caller,
    Path((course, quiz)): Path<(String, String)>,
) -> Result<Redirect> {
    let started = crate::attempt::start(&app, &caller, &course, &quiz).await?;
    let id = started.attempt.summary.id;
    Ok(Redirect::to(&format!("/attempts/{id}")))
}
