//! Figures of a quiz and its questions.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use carrel_quiz::statistics::{
    AnswerCount, PartAnswers, PositionStatistics, QuizStatistics, Selection,
};
use carrel_quiz::{Question, Quiz, Text};
use carrel_store::account::Role;
use serde::Deserialize;

use crate::app::App;
use crate::attempt::find_quiz;
use crate::caller::Caller;
use crate::page::author::address;
use crate::page::place::encode;
use crate::page::{Frame, show};
use crate::problem::Result;
use crate::{csv, statistics};

/// Most typed answers to one part that the page shows.
const ANSWERS_SHOWN: usize = 12;
/// Most characters of a question or answer that the page shows.
const CHARACTERS_SHOWN: usize = 90;
/// Below so many attempts the figures of a question are mostly chance.
const ATTEMPTS_TELLING: usize = 10;

/// What can be chosen, and its name in the address and in the catalogue.
const SELECTIONS: [(Selection, &str); 4] = [
    (Selection::Highest, "highest"),
    (Selection::First, "first"),
    (Selection::Last, "last"),
    (Selection::All, "all"),
];

#[derive(Template)]
#[template(path = "author/results_quiz.html")]
struct QuizPage {
    frame: Frame,
    course: String,
    title: String,
    quiz: String,
    table: String,
    accommodations: String,
    selected: &'static str,
    attempts: usize,
    few: bool,
    facts: Vec<(String, String)>,
    positions: Vec<Position>,
    drawn: Vec<Position>,
}

/// A question with its figures.
struct Position {
    id: String,
    title: String,
    attempts: usize,
    facility: Option<String>,
    guess: Option<String>,
    discrimination: Option<String>,
    efficiency: Option<String>,
    deviation: Option<String>,
    weights: Option<(String, String)>,
    /// Name of the word for it in the catalogue, and whether it is one of concern.
    verdict: Option<(&'static str, bool)>,
    parts: Vec<Part>,
}

struct Part {
    name: String,
    answers: Vec<Given>,
    others: usize,
}

struct Given {
    answer: Option<String>,
    right: bool,
    count: usize,
    share: String,
    permille: u32,
}

/// Which attempts the figures are of.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    attempts: Selection,
}

pub(super) async fn show_figures(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let figures = statistics::quiz::compute(&app, &course, &id, wanted.attempts).await?;
    let version = app.store.course(&course).await?;
    let files = app.catalogue.course(&app, &version.digest).await?;
    let quiz = find_quiz(&files, &id)?;
    let selected = SELECTIONS.iter().find(|(one, _)| *one == wanted.attempts);
    let selected = selected.map_or("highest", |(_, name)| name);
    let table = format!("results/quizzes/{}/table?attempts={selected}", encode(&id));
    let counted = figures.counts.iter();
    let attempts = counted
        .filter(|count| count.selection == figures.selection)
        .map(|count| count.attempts)
        .sum();
    let describe = |all: &[PositionStatistics]| {
        let shown = all.iter().map(|one| Position::of(&frame, quiz, one));
        shown.collect::<Vec<_>>()
    };
    show(&QuizPage {
        table: address(&course, &table),
        accommodations: address(&course, &format!("accommodations?activity={}", encode(&id))),
        course,
        title: version.title,
        quiz: quiz.title.clone(),
        selected,
        attempts,
        few: attempts < ATTEMPTS_TELLING,
        facts: facts(&frame, &figures),
        positions: describe(&figures.positions),
        drawn: describe(&figures.drawn),
        frame,
    })
}

pub(super) async fn save_table(
    State(app): State<App>,
    caller: Caller,
    Path((course, quiz)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let figures = statistics::quiz::compute(&app, &course, &quiz, wanted.attempts).await?;
    let name = format!("{course}-{quiz}-statistics.csv");
    Ok(csv::answer(&name, statistics::quiz::table(&quiz, &figures)))
}

/// Figures of the quiz as a whole, as terms and values; what cannot be computed is left out.
fn facts(frame: &Frame, figures: &QuizStatistics) -> Vec<(String, String)> {
    let points = |value: f64| frame.points_of("points-of", value, figures.points_max);
    let percent = |value: f64| frame.fill("percent", "share", frame.number(value.round()));
    let known = [
        ("results-mean", figures.mean.map(points)),
        ("results-median", figures.median.map(points)),
        (
            "results-deviation",
            figures.standard_deviation.map(|value| frame.number(value)),
        ),
        (
            "results-consistency",
            figures.internal_consistency.map(percent),
        ),
        (
            "results-standard-error",
            figures.standard_error.map(|value| frame.number(value)),
        ),
    ];
    let known = known.into_iter();
    known
        .filter_map(|(name, value)| Some((frame.text(name), value?)))
        .collect()
}

impl Position {
    fn of(frame: &Frame, quiz: &Quiz, figures: &PositionStatistics) -> Self {
        let question = quiz.question(&figures.name);
        let percent = |value: f64| frame.fill("percent", "share", frame.number(value.round()));
        let weights = figures.intended_weight.zip(figures.effective_weight);
        Self {
            id: figures.name.clone(),
            title: question.map_or_else(|| figures.name.clone(), title_of),
            attempts: figures.attempts,
            facility: figures.facility.map(|share| percent(share * 100.0)),
            guess: figures
                .random_guess_score
                .map(|share| percent(share * 100.0)),
            discrimination: figures.discrimination_index.map(percent),
            efficiency: figures.discriminative_efficiency.map(percent),
            deviation: figures.standard_deviation.map(|value| frame.number(value)),
            weights: weights.map(|(meant, real)| (percent(meant), percent(real))),
            verdict: judge(figures),
            parts: figures
                .answers
                .iter()
                .map(|part| Part::of(frame, part))
                .collect(),
        }
    }
}

/// The bounds are those of Moodle's manual for its statistics report.
fn judge(figures: &PositionStatistics) -> Option<(&'static str, bool)> {
    if figures.attempts < ATTEMPTS_TELLING {
        return None;
    }
    let facility = figures.facility?;
    let discrimination = figures.discrimination_index;
    Some(match (facility, discrimination) {
        (_, Some(index)) if index < 0.0 => ("results-works-against", true),
        (share, _) if share <= 0.10 => ("results-very-hard", true),
        (share, _) if share >= 0.95 => ("results-very-easy", false),
        (_, Some(index)) if index < 20.0 => ("results-tells-little", true),
        (share, _) if share < 0.35 => ("results-hard", false),
        (share, _) if share > 0.80 => ("results-easy", false),
        _ => ("results-about-right", false),
    })
}

impl Part {
    /// What can be chosen is shown whole, of what was typed the most frequent.
    fn of(frame: &Frame, part: &PartAnswers) -> Self {
        let answers = part.answers.iter().enumerate();
        let (shown, rest): (Vec<_>, Vec<_>) =
            answers.partition(|(place, one)| *place < ANSWERS_SHOWN || one.right.is_some());
        Self {
            name: part.part.clone(),
            others: part.others + rest.iter().map(|(_, one)| one.count).sum::<usize>(),
            answers: shown
                .into_iter()
                .map(|(_, one)| Given::of(frame, one))
                .collect(),
        }
    }
}

impl Given {
    fn of(frame: &Frame, one: &AnswerCount) -> Self {
        let percent = frame.number((one.share * 100.0).round());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share is from 0 to 1"
        )]
        let permille = (one.share * 1_000.0).round() as u32;
        Self {
            answer: one.text.as_deref().or(one.answer.as_deref()).map(cut),
            right: one.right == Some(true),
            count: one.count,
            share: frame.fill("percent", "share", percent),
            permille,
        }
    }
}

fn title_of(question: &Question) -> String {
    match question.title.as_str() {
        "" => excerpt(&question.text),
        title => title.to_owned(),
    }
}

/// The beginning of a text, without its markup's line breaks.
fn excerpt(text: &Text) -> String {
    let words: Vec<&str> = text.source.split_whitespace().collect();
    cut(&words.join(" "))
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(CHARACTERS_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(attempts: usize, facility: f64, index: f64) -> PositionStatistics {
        PositionStatistics {
            name: "q".to_owned(),
            points_max: 1.0,
            attempts,
            facility: Some(facility),
            standard_deviation: None,
            random_guess_score: None,
            intended_weight: None,
            effective_weight: None,
            discrimination_index: Some(index),
            discriminative_efficiency: None,
            answers: Vec::new(),
        }
    }

    #[test]
    fn a_question_is_judged_by_enough_attempts_only() {
        assert_eq!(judge(&figures(9, 0.5, -40.0)), None);
        for (facility, index, name) in [
            (0.5, -1.0, "results-works-against"),
            (0.05, 30.0, "results-very-hard"),
            (0.99, 3.0, "results-very-easy"),
            (0.5, 10.0, "results-tells-little"),
            (0.3, 40.0, "results-hard"),
            (0.9, 40.0, "results-easy"),
            (0.6, 40.0, "results-about-right"),
        ] {
            let found = judge(&figures(10, facility, index)).map(|(name, _)| name);
            assert_eq!(found, Some(name));
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("a b"), "a b");
        assert_eq!(cut(&"é".repeat(200)).chars().count(), CHARACTERS_SHOWN + 1);
    }
}
