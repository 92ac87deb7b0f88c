//! Questions as interaction activities, and answers as responses.

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::{
    Accept, BlankKey, Case, Choice, Kind, NumberKey, Outcome, PatternKind, Select, TextKey,
    Tolerance,
};
use carrel_quiz::template::Amount;
use carrel_quiz::{Answer, Question, Text};
use serde_json::{Value, json};

use crate::markup::{html, plain};

const INTERACTION: &str = "http://adlnet.gov/expapi/activities/cmi.interaction";
/// Between parts of a response.
const AND: &str = "[,]";
/// Most patterns of one question.
const PATTERNS_MAX: usize = 100;

/// The definition of a question.
pub(super) fn definition(question: &Question, language: &str) -> Value {
    let text = plain(&html(&question.text));
    let name = match question.title.as_str() {
        "" => &question.id,
        title => title,
    };
    let (kind, mut patterns) = kind_of(question);
    patterns.truncate(PATTERNS_MAX);
    let mut definition = json!({
        "type": INTERACTION,
        "name": {language: name},
        "description": {language: text},
        "interactionType": kind,
    });
    if !patterns.is_empty() {
        definition["correctResponsesPattern"] = json!(patterns);
    }
    let part =
        |id: &str, text: &Text| json!({"id": id, "description": {language: plain(&html(text))}});
    match &question.kind {
        Kind::Choice(choice) => {
            let parts = choice
                .options
                .iter()
                .map(|option| part(&option.id, &option.text));
            definition["choices"] = parts.collect();
        }
        Kind::Ordering(ordering) => {
            let items = ordering.items.iter().chain(&ordering.distractors);
            definition["choices"] = items.map(|item| part(&item.id, &item.text)).collect();
        }
        Kind::Matching(matching) => {
            let items = matching.items.iter().map(|item| part(&item.id, &item.text));
            definition["source"] = items.collect();
            let targets = matching
                .targets
                .iter()
                .map(|target| part(&target.id, &target.text));
            definition["target"] = targets.collect();
        }
        _ => {}
    }
    definition
}

/// Type of interaction, and patterns of right responses.
fn kind_of(question: &Question) -> (&'static str, Vec<String>) {
    match &question.kind {
        Kind::Choice(choice) => ("choice", choices(choice)),
        Kind::TrueFalse(answer) => ("true-false", vec![answer.correct.to_string()]),
        Kind::ShortAnswer(key) => {
            let case = case_of(key);
            let texts = texts(key);
            (
                "fill-in",
                texts.iter().map(|text| format!("{case}{text}")).collect(),
            )
        }
        Kind::Numeric(key) => ("numeric", numbers(key)),
        Kind::Matching(matching) => {
            let pairs: Vec<String> = matching
                .items
                .iter()
                .map(|item| format!("{}[.]{}", item.id, item.target))
                .collect();
            ("matching", vec![pairs.join(AND)])
        }
        Kind::Ordering(ordering) => {
            let ids: Vec<&str> = ordering.items.iter().map(|item| item.id.as_str()).collect();
            ("sequencing", vec![ids.join(AND)])
        }
        Kind::Blanks(blanks) => {
            let parts: Option<Vec<String>> = blanks
                .blanks
                .iter()
                .map(|blank| in_blank(&blank.key))
                .collect();
            let exact = blanks.blanks.iter().all(|blank| match &blank.key {
                BlankKey::Text(key) => key.rules.case == Case::Exact,
                _ => true,
            });
            let pattern = parts.map(|parts| format!("{{case_matters={exact}}}{}", parts.join(AND)));
            ("fill-in", pattern.into_iter().collect())
        }
        Kind::Tracing(tracing) => ("long-fill-in", vec![outcome(&tracing.expected)]),
        Kind::Essay(_) => ("long-fill-in", Vec::new()),
        Kind::BugLine(bugs) => {
            let lines: Vec<String> = bugs
                .bugs
                .iter()
                .map(|bug| bug.first_line.to_string())
                .collect();
            ("other", vec![lines.join(AND)])
        }
        Kind::Description => ("other", Vec::new()),
    }
}

fn choices(choice: &Choice) -> Vec<String> {
    let right = choice.options.iter().filter(|option| option.correct);
    let right: Vec<String> = right.map(|option| option.id.clone()).collect();
    match choice.select {
        // Any one of them.
        Select::One => right,
        Select::Many { .. } if right.is_empty() => Vec::new(),
        Select::Many { .. } => vec![right.join(AND)],
    }
}

fn case_of(key: &TextKey) -> &'static str {
    match key.rules.case {
        Case::Exact => "{case_matters=true}",
        Case::Ignore => "{case_matters=false}",
    }
}

/// Texts that are fully right; patterns name none.
fn texts(key: &TextKey) -> Vec<String> {
    key.patterns
        .iter()
        .filter(|pattern| pattern.score >= 1.0 && pattern.kind == PatternKind::Exact)
        .map(|pattern| pattern.pattern.clone())
        .collect()
}

/// Ranges that are fully right.
fn numbers(key: &NumberKey) -> Vec<String> {
    let right = key.answers.iter().filter(|answer| answer.score >= 1.0);
    right
        .filter_map(|answer| match &answer.accept {
            Accept::Range {
                min: Amount::Number(min),
                max: Amount::Number(max),
            } => Some(format!("{min}[:]{max}")),
            Accept::Near {
                value: Amount::Number(value),
                tolerance,
            } => {
                let by = match *tolerance {
                    Tolerance::Exact => return Some(value.to_string()),
                    Tolerance::Absolute { by } => by,
                    Tolerance::Relative { by } => by * value.abs(),
                    Tolerance::Decimals { digits } => {
                        0.5 * 10_f64.powi(-i32::try_from(digits).unwrap_or(0))
                    }
                    Tolerance::Geometric { .. } | Tolerance::SignificantDigits { .. } => {
                        return None;
                    }
                };
                Some(format!("{}[:]{}", value - by, value + by))
            }
            _ => None,
        })
        .collect()
}

fn in_blank(key: &BlankKey) -> Option<String> {
    match key {
        BlankKey::Text(key) => texts(key).into_iter().next(),
        BlankKey::Number(key) => key.answers.iter().find_map(|answer| match &answer.accept {
            Accept::Near {
                value: Amount::Number(value),
                ..
            } if answer.score >= 1.0 => Some(value.to_string()),
            _ => None,
        }),
        BlankKey::Choice(choice) => {
            let right = choice.options.iter().find(|option| option.correct)?;
            Some(plain(&html(&right.text)))
        }
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Prints { output } => output.clone(),
        Outcome::CompileError => "compile error".to_owned(),
        Outcome::RuntimeError { output } => format!("{output}\nruntime error"),
    }
}

/// An answer as a response.
pub(super) fn response(answer: &Answer) -> String {
    match answer {
        Answer::Choice { options } => options.join(AND),
        Answer::TrueFalse { value } => value.to_string(),
        Answer::ShortAnswer { text } | Answer::Essay { text, .. } => text.clone(),
        Answer::Numeric { number, unit } => match unit {
            Some(unit) => format!("{number} {unit}"),
            None => number.clone(),
        },
        Answer::Matching { targets } => {
            let pairs: Vec<String> = targets
                .iter()
                .map(|(item, target)| format!("{item}[.]{target}"))
                .collect();
            pairs.join(AND)
        }
        Answer::Ordering { items } => items.join(AND),
        Answer::Blanks { blanks } => {
            let typed = |answer: &BlankAnswer| match answer {
                BlankAnswer::Typed(text) => text.clone(),
                BlankAnswer::Chosen(ids) => ids.join(" "),
            };
            blanks.values().map(typed).collect::<Vec<_>>().join(AND)
        }
        Answer::Tracing { outcome: given } => outcome(given),
        Answer::BugLine { lines } => {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            lines.join(AND)
        }
    }
}
