//! Figures of a challenge and its checks.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use carrel_model::Challenge;
use carrel_quiz::statistics::challenge::{ChallengeStatistics, FailingCheck, Spread};
use carrel_store::account::Role;

use crate::app::App;
use crate::caller::Caller;
use crate::page::author::address;
use crate::page::place::encode;
use crate::page::{Frame, show};
use crate::problem::Result;
use crate::{catalogue, csv, statistics};

/// Most rows of the table of attempts; the last one has all further ones.
const ATTEMPTS_SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "author/results_challenge.html")]
struct ChallengePage {
    frame: Frame,
    course: String,
    title: String,
    challenge: String,
    table: String,
    submissions: String,
    accommodations: String,
    learners: usize,
    facts: Vec<(String, String)>,
    attempts: Vec<Attempts>,
    checks: Vec<Check>,
}

/// How many learners passed with so many submissions.
struct Attempts {
    label: String,
    learners: usize,
    of: usize,
}

struct Check {
    title: String,
    submissions: usize,
    share: String,
    learners: usize,
    stuck: usize,
}

pub(super) async fn show_figures(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let figures = statistics::challenge::compute(&app, &course, &id).await?;
    let found = catalogue::find(&app, &course, &id).await?;
    let challenge = found.challenge();
    let table = format!("results/challenges/{}/table", encode(&id));
    let submissions = format!("submissions?challenge={}", encode(&id));
    let accommodations = format!("accommodations?activity={}", encode(&id));
    let failing = figures.failing_checks.iter();
    show(&ChallengePage {
        table: address(&course, &table),
        submissions: address(&course, &submissions),
        accommodations: address(&course, &accommodations),
        course,
        title: found.version.title.clone(),
        challenge: challenge.title.clone(),
        learners: figures.learners,
        facts: facts(&frame, &figures),
        attempts: attempts(&frame, &figures),
        checks: failing
            .map(|one| Check::of(&frame, challenge, one))
            .collect(),
        frame,
    })
}

pub(super) async fn save_table(
    State(app): State<App>,
    caller: Caller,
    Path((course, challenge)): Path<(String, String)>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let figures = statistics::challenge::compute(&app, &course, &challenge).await?;
    let name = format!("{course}-{challenge}-statistics.csv");
    Ok(csv::answer(
        &name,
        statistics::challenge::table(&challenge, &figures),
    ))
}

/// Figures of the challenge as a whole, as terms and values; what is not known is left out.
fn facts(frame: &Frame, figures: &ChallengeStatistics) -> Vec<(String, String)> {
    let passed = ("passed", figures.passed);
    let of = ("learners", figures.learners);
    let mut facts = vec![
        (
            frame.text("results-passed"),
            frame.fill2("results-passed-of", passed, of),
        ),
        (
            frame.text("results-submissions"),
            figures.submissions.to_string(),
        ),
    ];
    let mut tell = |name: &str, spread: Spread, value: &dyn Fn(f64) -> String| {
        if let Some(((least, middle), most)) = spread.min.zip(spread.median).zip(spread.max) {
            let range = frame.fill2(
                "results-range",
                ("least", value(least)),
                ("most", value(most)),
            );
            facts.push((frame.text(name), format!("{} ({range})", value(middle))));
        }
    };
    let number = |value: f64| frame.number(value);
    let time = |ms: f64| frame.duration(ms);
    tell(
        "results-attempts-to-pass",
        figures.attempts_to_pass,
        &number,
    );
    tell("results-time-to-pass", figures.time_to_pass_ms, &time);
    facts
}

/// Learners by the number of submissions until they passed.
fn attempts(frame: &Frame, figures: &ChallengeStatistics) -> Vec<Attempts> {
    let most = figures.attempts_histogram.keys().max().copied();
    let Some(most) = most else {
        return Vec::new();
    };
    let rows = (1..=most.min(ATTEMPTS_SHOWN)).map(|number| {
        let is_last = number == ATTEMPTS_SHOWN && most > ATTEMPTS_SHOWN;
        let counted = figures.attempts_histogram.iter();
        let counted = counted.filter(|(count, _)| **count == number || is_last && **count > number);
        Attempts {
            label: if is_last {
                frame.fill("results-or-more", "count", number)
            } else {
                frame.number(u32::try_from(number).unwrap_or(u32::MAX))
            },
            learners: counted.map(|(_, learners)| learners).sum(),
            of: figures.passed,
        }
    });
    rows.collect()
}

impl Check {
    fn of(frame: &Frame, challenge: &Challenge, figures: &FailingCheck) -> Self {
        let mut known = challenge.checks.iter();
        let known = known.find(|check| check.id == figures.check);
        let share = frame.number((figures.share * 100.0).round());
        Self {
            // One of an earlier version keeps its id.
            title: known.map_or_else(|| figures.check.clone(), |check| check.title.clone()),
            submissions: figures.submissions,
            share: frame.fill("percent", "share", share),
            learners: figures.learners,
            stuck: figures.stuck,
        }
    }
}
