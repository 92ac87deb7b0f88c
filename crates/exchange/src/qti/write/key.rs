//! What is right, as response declarations.

use carrel_quiz::kind::{
    Accept, Case, Choice, ChoiceScheme, NumberKey, PatternKind, Select, TextKey, TextPattern,
    Tolerance,
};
use carrel_quiz::template::Amount;

use super::response::{Entry, Response, Worth, identifier};
use crate::moodle::encode;
use crate::qti::pattern as qti_pattern;

/// What is lost while a key is written.
pub(super) type Lost<'l> = dyn FnMut(String) + 'l;

/// A choice that is worth `points`.
pub(super) fn choice(id: &str, choice: &Choice, points: f64, lost: &mut Lost<'_>) -> Response {
    let one = choice.select == Select::One;
    let right: Vec<String> = choice
        .options
        .iter()
        .filter(|option| option.correct)
        .map(|option| identifier(&option.id))
        .collect();
    let weights = weights(choice);
    if choice.scheme == ChoiceScheme::EveryDecision {
        lost("the share of right decisions became right ones minus wrong ones".to_owned());
    }
    let usual = one && right.len() == 1 && is_plain(choice, &weights);
    let worth = if usual || choice.scheme == ChoiceScheme::AllOrNothing && !one {
        Worth::Whole(points)
    } else {
        let (floor, ceiling) = match choice.scheme {
            ChoiceScheme::Weights { floor, ceiling } => (floor, ceiling),
            _ => (0.0, 1.0),
        };
        if ceiling < 1.0 {
            lost(
                "the most that can be reached is less than the whole: the points became that"
                    .to_owned(),
            );
        }
        let entries = choice.options.iter().zip(&weights);
        Worth::Map {
            entries: entries
                .filter(|(_, weight)| **weight != 0.0)
                .map(|(option, weight)| Entry {
                    key: identifier(&option.id),
                    points: weight * points,
                    case_sensitive: None,
                })
                .collect(),
            default: 0.0,
            lower: floor * points,
            upper: ceiling * points,
        }
    };
    let best = |ids: Vec<String>| match one {
        // A single response has one right value.
        true => {
            let best = choice
                .options
                .iter()
                .zip(&weights)
                .filter(|(option, _)| option.correct)
                .max_by(|one, other| one.1.total_cmp(other.1));
            best.map(|(option, _)| identifier(&option.id))
                .into_iter()
                .collect()
        }
        false => ids,
    };
    Response {
        id: id.to_owned(),
        cardinality: if one { "single" } else { "multiple" },
        base: "identifier",
        correct: best(right),
        computed: None,
        worth,
    }
}

/// What each option gives, as a share of the whole.
fn weights(choice: &Choice) -> Vec<f64> {
    let options = choice.options.iter();
    if let ChoiceScheme::Weights { .. } = choice.scheme {
        return options.map(|option| choice.weight(option)).collect();
    }
    let share = 1.0 / choice.right_count().max(1) as f64;
    options
        .map(|option| if option.correct { share } else { -share })
        .collect()
}

/// Whether weights say no more than which option is right.
fn is_plain(choice: &Choice, weights: &[f64]) -> bool {
    let full = matches!(choice.scheme, ChoiceScheme::Weights { ceiling, .. } if ceiling >= 1.0);
    let same = |(option, weight): (&carrel_quiz::kind::ChoiceOption, &f64)| {
        *weight == f64::from(u8::from(option.correct))
    };
    let scheme = full || !matches!(choice.scheme, ChoiceScheme::Weights { .. });
    let counted = choice.scheme == ChoiceScheme::AllOrNothing;
    scheme && (counted || choice.options.iter().zip(weights).all(same))
}

/// A typed text; `None` when nothing of it can be told in QTI.
pub(super) fn text(id: &str, key: &TextKey, points: f64, lost: &mut Lost<'_>) -> Option<Response> {
    let case = key.rules.case == Case::Exact;
    let exact = |pattern: &TextPattern| pattern.kind == PatternKind::Exact;
    if !key.patterns.iter().all(exact) {
        return patterns(id, key, points, lost);
    }
    let mut entries: Vec<Entry> = Vec::new();
    for pattern in &key.patterns {
        let fold = |text: &str| {
            if case {
                text.to_owned()
            } else {
                text.to_lowercase()
            }
        };
        let known = |entry: &Entry| fold(&entry.key) == fold(&pattern.pattern);
        if !entries.iter().any(known) {
            entries.push(Entry {
                key: pattern.pattern.clone(),
                points: pattern.score * points,
                case_sensitive: Some(case),
            });
        }
    }
    let best = entries.iter().find(|entry| entry.points >= points)?;
    let correct = vec![best.key.clone()];
    let worth = if case && entries.len() == 1 {
        Worth::Whole(points)
    } else {
        let lower = entries.iter().map(|entry| entry.points).fold(0.0, f64::min);
        Worth::Map {
            entries,
            default: 0.0,
            lower,
            upper: points,
        }
    };
    Some(Response {
        id: id.to_owned(),
        cardinality: "single",
        base: "string",
        correct,
        computed: None,
        worth,
    })
}

/// A typed text that is compared with patterns: rules of its own.
fn patterns(id: &str, key: &TextKey, points: f64, lost: &mut Lost<'_>) -> Option<Response> {
    let any_case = key.rules.case == Case::Ignore;
    let variable = format!("<variable identifier=\"{id}\"/>");
    let (mut rules, mut correct, mut best) = (Vec::new(), None, f64::NEG_INFINITY);
    for pattern in &key.patterns {
        let TextPattern {
            kind,
            pattern: source,
            score,
            feedback: _,
        } = pattern;
        let written = match kind {
            PatternKind::Exact => None,
            PatternKind::Wildcard => qti_pattern::write_wildcard(source, any_case),
            PatternKind::Regex => qti_pattern::write(source, any_case),
        };
        let test = match (kind, written) {
            (PatternKind::Exact, _) => format!(
                "<stringMatch caseSensitive=\"{}\">{variable}<baseValue baseType=\"string\">{}</baseValue></stringMatch>",
                !any_case,
                encode(source)
            ),
            (PatternKind::Wildcard, _) if source.trim() == "*" => {
                format!("<not><isNull>{variable}</isNull></not>")
            }
            (_, Some(written)) => format!(
                "<patternMatch pattern=\"{}\">{variable}</patternMatch>",
                encode(&written)
            ),
            (_, None) => {
                lost(format!(
                    "the pattern `{source}` was left out: QTI has no such expression"
                ));
                continue;
            }
        };
        let sample = match kind {
            PatternKind::Exact => Some(source.clone()),
            PatternKind::Wildcard => Some(source.replace(['*', '\\'], "")),
            PatternKind::Regex => None,
        };
        if *score >= 1.0 && correct.is_none() {
            correct = sample.filter(|sample| !sample.trim().is_empty());
        }
        best = best.max(*score);
        rules.push((test, score * points));
    }
    (best >= 1.0).then(|| Response {
        id: id.to_owned(),
        cardinality: "single",
        base: "string",
        correct: correct.into_iter().collect(),
        computed: None,
        worth: Worth::Rules(rules),
    })
}

/// A typed number; `None` when nothing of it can be told in QTI.
pub(super) fn number(
    id: &str,
    key: &NumberKey,
    points: f64,
    lost: &mut Lost<'_>,
) -> Option<Response> {
    let mut rules = Vec::new();
    let (mut correct, mut computed) = (None, None);
    for answer in &key.answers {
        let Some((test, right)) = accepts(id, &answer.accept) else {
            lost("a computed answer was left out".to_owned());
            continue;
        };
        if answer.score >= 1.0 && correct.is_none() && computed.is_none() {
            correct = right;
            computed = match &answer.accept {
                Accept::Near { value, .. } | Accept::Range { min: value, .. }
                    if correct.is_none() =>
                {
                    amount(value)
                }
                _ => None,
            };
        }
        rules.push((test, answer.score * points));
    }
    if correct.is_none() && computed.is_none() {
        return None;
    }
    Some(Response {
        id: id.to_owned(),
        cardinality: "single",
        base: "float",
        correct: correct.into_iter().collect(),
        computed,
        worth: Worth::Rules(rules),
    })
}

/// Test for an answer, and a number that passes it.
fn accepts(id: &str, accept: &Accept) -> Option<(String, Option<String>)> {
    let variable = format!("<variable identifier=\"{id}\"/>");
    let range = |low: &str, high: &str| {
        format!("<and><gte>{variable}{low}</gte><lte>{variable}{high}</lte></and>")
    };
    let near = |how: &str, value: &str| format!("<equal {how}>{variable}{value}</equal>");
    Some(match accept {
        Accept::Any => (
            format!("<not><isNull>{variable}</isNull></not>"),
            Some("0".to_owned()),
        ),
        Accept::Range { min, max } => (
            range(&amount(min)?, &amount(max)?),
            constant(min).map(|min| min.to_string()),
        ),
        Accept::Near { value, tolerance } => {
            let right = constant(value);
            let shown = amount(value)?;
            let around = |by: f64| {
                near(
                    &format!("toleranceMode=\"absolute\" tolerance=\"{by} {by}\""),
                    &shown,
                )
            };
            let test = match (*tolerance, right) {
                (Tolerance::Exact, _) => near("toleranceMode=\"exact\"", &shown),
                (Tolerance::Absolute { by }, _) => around(by),
                // The first number is the measure: the value, not the answer.
                (Tolerance::Relative { by }, _) => format!(
                    "<equal toleranceMode=\"relative\" tolerance=\"{0} {0}\">{shown}{variable}</equal>",
                    by * 100.0
                ),
                (Tolerance::Decimals { digits }, _) => around(half_unit(-i64::from(digits))),
                (Tolerance::SignificantDigits { digits }, Some(value)) => {
                    around(half_unit(magnitude(value) + 1 - i64::from(digits)))
                }
                (Tolerance::Geometric { by }, Some(value)) => {
                    let (one, other) = (value / (1.0 + by), value * (1.0 + by));
                    range(&base(one.min(other)), &base(one.max(other)))
                }
                _ => return None,
            };
            (test, right.map(|right| right.to_string()))
        }
    })
}

/// Half a unit of a decimal place.
fn half_unit(place: i64) -> f64 {
    0.5 * 10_f64.powi(i32::try_from(place).unwrap_or(0))
}

/// Place of the first digit: 0 for 1 to 9.
fn magnitude(value: f64) -> i64 {
    if value == 0.0 {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a finite number is small"
    )]
    let place = value.abs().log10().floor() as i64;
    place
}

fn constant(amount: &Amount) -> Option<f64> {
    match amount {
        Amount::Number(number) => Some(*number),
        Amount::Expression(_) => None,
    }
}

/// A number, or a variable by its name.
fn amount(amount: &Amount) -> Option<String> {
    match amount {
        Amount::Number(number) => Some(base(*number)),
        Amount::Expression(expression) => super::variable::expression(expression),
    }
}

fn base(number: f64) -> String {
    format!(
        "<baseValue baseType=\"float\">{}</baseValue>",
        encode(&number.to_string())
    )
}
