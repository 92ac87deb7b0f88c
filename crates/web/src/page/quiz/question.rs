//! A question as its template shows it: to be answered, or to be reviewed.

use std::sync::Arc;

use carrel_api::attempt::{AskedQuestion, OfferedHint, QuestionResult};
use carrel_quiz::Answer;
use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::Outcome;
use carrel_quiz::presentation::{Presentation, ShownKind};
use carrel_quiz::score::ScoreState;
use carrel_quiz::text::Text;

use super::blank;
use super::control::{self, Control};
use crate::app::App;
use crate::page::text::{self, Source};
use crate::page::{Frame, Place};
use crate::problem::Result;

/// One question.
pub(super) struct Shown {
    pub(super) place: u32,
    /// Number among those that ask something; `None`: a text between them.
    pub(super) number: Option<usize>,
    pub(super) points: String,
    pub(super) html: String,
    pub(super) control: Control,
    pub(super) disabled: bool,
    pub(super) sequence: u64,
    pub(super) is_answered: bool,
    pub(super) saved: Option<String>,
    /// What in the answer cannot be read.
    pub(super) unreadable: Vec<String>,
    pub(super) tries: Option<String>,
    pub(super) can_try: bool,
    pub(super) hints: Vec<Hint>,
    pub(super) verdict: Option<Verdict>,
}

/// A hint, taken or to be taken.
pub(super) struct Hint {
    pub(super) index: u32,
    pub(super) text: Option<Arc<str>>,
    pub(super) cost: Option<String>,
    pub(super) right: Option<String>,
    pub(super) clears: bool,
    pub(super) due: bool,
    pub(super) after: u32,
}

/// What an answer is worth.
pub(super) struct Verdict {
    /// Name of the text, and the class, of its state.
    pub(super) state: Option<(String, &'static str)>,
    pub(super) points: Option<String>,
    pub(super) explanation: Vec<String>,
    pub(super) feedback: Vec<(Option<String>, Arc<str>)>,
    pub(super) parts: Vec<(String, String, &'static str)>,
    pub(super) general: Option<Arc<str>>,
    pub(super) right: Option<String>,
    pub(super) comment: Option<String>,
}

/// Texts of a question in the order in which they are taken back after rendering.
fn sources(asked: &AskedQuestion, directory: &str) -> Vec<Source> {
    let source = |text: Text, inline: bool| Source {
        directory: directory.to_owned(),
        text,
        heading_shift: 2,
        inline,
    };
    let mut sources = vec![source(blank::mark(&asked.presentation), false)];
    let parts = control::texts(&asked.presentation);
    sources.extend(parts.into_iter().map(|text| source(text, true)));
    let hints = asked.hints.iter().filter_map(|hint| hint.text.clone());
    sources.extend(hints.map(|text| source(text, false)));
    if let Some(result) = &asked.result {
        let feedback = result.feedback.iter().map(|one| one.text.clone());
        let general = result.general_feedback.clone();
        sources.extend(feedback.chain(general).map(|text| source(text, false)));
    }
    sources
}

/// Questions of an attempt, ready to be shown.
///
/// # Errors
/// Rendering failed: a fault of ours.
pub(super) async fn show_all(
    app: &App,
    frame: &Frame,
    place: &Place,
    attempt: &carrel_api::attempt::Attempt,
) -> Result<Vec<Shown>> {
    let questions = &attempt.questions;
    let all = questions
        .iter()
        .flat_map(|one| sources(one, &attempt.directory));
    let rendered = text::render(app, frame, place, all.collect()).await?;
    let mut rendered = rendered.into_iter();
    let over = attempt.summary.submitted_at.is_some();
    let mut number = usize::try_from(attempt.place).unwrap_or(0);
    if questions.len() > 1 || over || !attempt.sequential {
        number = 0;
    }
    let show = |asked: &AskedQuestion| {
        if !matches!(asked.presentation.kind, ShownKind::Description) {
            number += 1;
        }
        one(frame, asked, (number, over), &mut rendered)
    };
    Ok(questions.iter().map(show).collect())
}

fn one(
    frame: &Frame,
    asked: &AskedQuestion,
    (number, over): (usize, bool),
    rendered: &mut dyn Iterator<Item = Arc<str>>,
) -> Shown {
    let shown = &asked.presentation;
    let asks = !matches!(shown.kind, ShownKind::Description);
    let state = asked.result.as_ref().and_then(|result| result.state);
    let done = asked.at_once
        && (state == Some(ScoreState::Correct)
            || asked.tries_max.is_some_and(|most| asked.tries >= most));
    let disabled = over || done;
    let html = rendered.next().unwrap_or_else(|| Arc::from(""));
    let answer = asked.answer.as_ref();
    let control = Control::new(asked.place, shown, answer, rendered);
    let hints = asked.hints.iter();
    let hints: Vec<Hint> = hints
        .map(|hint| show_hint(frame, asked, hint, rendered))
        .collect();
    let verdict = asked
        .result
        .as_ref()
        .map(|result| tell(frame, shown, result, rendered));
    let tries = (asked.at_once && asked.tries_max != Some(1)).then(|| match asked.tries_max {
        Some(most) => frame.fill2("quiz-tries-of", ("used", asked.tries), ("most", most)),
        None => frame.fill("quiz-tries-used", "used", asked.tries),
    });
    let unreadable = asked.unreadable.iter().map(|one| match &one.part {
        Some(part) => format!("{}: {}", name_part(frame, shown, part), one.message),
        None => one.message.clone(),
    });
    Shown {
        unreadable: unreadable.collect(),
        place: asked.place,
        number: asks.then_some(number),
        points: frame.fill("points", "points", asked.points_max),
        html: blank::place(frame, &html, (asked.place, shown), (answer, disabled)),
        control,
        disabled,
        sequence: asked.sequence,
        is_answered: answer.is_some(),
        saved: asked
            .saved_at
            .filter(|_| answer.is_some())
            .map(|at| frame.time(at)),
        tries,
        can_try: asked.at_once && !disabled && asks,
        hints,
        verdict,
    }
}

fn show_hint(
    frame: &Frame,
    asked: &AskedQuestion,
    hint: &OfferedHint,
    rendered: &mut dyn Iterator<Item = Arc<str>>,
) -> Hint {
    let share = frame.number(hint.cost * 100.0);
    Hint {
        index: hint.index,
        text: hint.text.as_ref().and_then(|_| rendered.next()),
        cost: (hint.cost > 0.0).then(|| frame.fill("quiz-hint-cost", "share", share)),
        right: hint
            .right
            .map(|count| frame.fill2("quiz-hint-right", ("right", count.right), ("all", count.of))),
        clears: hint.clears_wrong,
        due: asked.tries >= hint.after_tries,
        after: hint.after_tries,
    }
}

/// Text and class of a state.
fn describe(frame: &Frame, state: ScoreState) -> (String, &'static str) {
    match state {
        ScoreState::Correct => (frame.text("state-correct"), "tag-good"),
        ScoreState::PartiallyCorrect => (frame.text("state-partly"), "tag-warn"),
        ScoreState::Incorrect => (frame.text("state-incorrect"), "tag-bad"),
        ScoreState::Unanswered => (frame.text("state-unanswered"), ""),
        ScoreState::Invalid => (frame.text("state-invalid"), "tag-warn"),
        ScoreState::NeedsGrading => (frame.text("state-needs-grading"), "tag-accent"),
        ScoreState::NotScored => (frame.text("state-not-scored"), ""),
    }
}

fn tell(
    frame: &Frame,
    shown: &Presentation,
    result: &QuestionResult,
    rendered: &mut dyn Iterator<Item = Arc<str>>,
) -> Verdict {
    let mut next = || rendered.next().unwrap_or_else(|| Arc::from(""));
    let feedback = result.feedback.iter().map(|one| {
        let part = one
            .part
            .as_deref()
            .map(|part| name_part(frame, shown, part));
        (part, next())
    });
    let feedback = feedback.collect();
    let parts = result.parts.iter().map(|part| {
        let (state, class) = describe(frame, part.state);
        (name_part(frame, shown, &part.part), state, class)
    });
    Verdict {
        state: result.state.map(|state| describe(frame, state)),
        points: result
            .points
            .map(|points| frame.points_of("points-of", points, shown.points_max)),
        explanation: result.explanation.clone(),
        feedback,
        parts: if result.parts.len() > 1 {
            parts.collect()
        } else {
            Vec::new()
        },
        general: result.general_feedback.as_ref().map(|_| next()),
        right: result
            .right_answer
            .as_ref()
            .map(|right| say(frame, shown, right)),
        comment: result.comment.clone(),
    }
}

/// A part by what stands there, as text.
fn name_part(frame: &Frame, shown: &Presentation, part: &str) -> String {
    let of = |name: &str, text: &Text| (name == part).then(|| text.source.clone());
    let found = match &shown.kind {
        ShownKind::Choice(choice) => {
            let mut options = choice.options.iter();
            options.find_map(|option| of(&option.name, &option.text))
        }
        ShownKind::Matching { items, .. } | ShownKind::Ordering { items } => {
            items.iter().find_map(|item| of(&item.name, &item.text))
        }
        ShownKind::Blanks { blanks } => {
            let at = blanks.iter().position(|blank| blank.id == part);
            at.map(|at| frame.fill("quiz-blank", "number", at + 1))
        }
        ShownKind::BugLine { .. } => Some(frame.fill("quiz-line", "number", part)),
        _ => None,
    };
    found.unwrap_or_else(|| part.to_owned())
}

/// An answer in words.
fn say(frame: &Frame, shown: &Presentation, answer: &Answer) -> String {
    let name = |part: &String| name_part(frame, shown, part);
    let join = |parts: &[String]| parts.iter().map(name).collect::<Vec<_>>().join(" · ");
    match answer {
        Answer::Choice { options } => join(options),
        Answer::TrueFalse { value: true } => frame.text("quiz-true"),
        Answer::TrueFalse { value: false } => frame.text("quiz-false"),
        Answer::Blanks { blanks } => say_blanks(shown, blanks),
        Answer::ShortAnswer { text } | Answer::Essay { text, .. } => text.clone(),
        Answer::Numeric { number, unit } => match unit {
            Some(unit) => format!("{number} {unit}"),
            None => number.clone(),
        },
        Answer::Matching { targets } => {
            let pair = |(item, target): (&String, &String)| {
                format!("{} → {}", name(item), name_target(shown, target))
            };
            targets.iter().map(pair).collect::<Vec<_>>().join(" · ")
        }
        Answer::Ordering { items } => items.iter().map(name).collect::<Vec<_>>().join(" → "),
        Answer::Tracing { outcome } => match outcome {
            Outcome::Prints { output } => output.clone(),
            Outcome::CompileError => frame.text("quiz-compile-error"),
            Outcome::RuntimeError { output } if output.is_empty() => {
                frame.text("quiz-runtime-error")
            }
            Outcome::RuntimeError { output } => {
                format!("{output}\n{}", frame.text("quiz-runtime-error"))
            }
        },
        Answer::BugLine { lines } => {
            let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
            lines.join(", ")
        }
    }
}

fn name_target(shown: &Presentation, target: &str) -> String {
    let ShownKind::Matching { targets, .. } = &shown.kind else {
        return target.to_owned();
    };
    let found = targets.iter().find(|one| one.name == target);
    found.map_or_else(|| target.to_owned(), |found| found.text.source.clone())
}

fn say_blanks(
    shown: &Presentation,
    given: &std::collections::BTreeMap<String, BlankAnswer>,
) -> String {
    use carrel_quiz::presentation::BlankField;
    let ShownKind::Blanks { blanks } = &shown.kind else {
        return String::new();
    };
    let told = blanks
        .iter()
        .filter_map(|blank| match given.get(&blank.id)? {
            BlankAnswer::Typed(typed) => Some(typed.clone()),
            BlankAnswer::Chosen(chosen) => {
                let BlankField::Choice(choice) = &blank.field else {
                    return None;
                };
                let text = |name: &String| {
                    let found = choice.options.iter().find(|option| option.name == *name);
                    found.map(|option| option.text.source.clone())
                };
                Some(
                    chosen
                        .iter()
                        .filter_map(text)
                        .collect::<Vec<_>>()
                        .join(", "),
                )
            }
        });
    told.collect::<Vec<_>>().join(" · ")
}
