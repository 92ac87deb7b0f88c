//! What is wrong with one question.

use super::{Defect, Found, alike, check_own_id, is_points, is_share, kind, name};
use crate::answer::Answer;
use crate::expression::ExpressionError;
use crate::instance::{Instance, InstanceError};
use crate::kind::{BlankKey, Kind, TextKey};
use crate::limits::{PARTS_MAX, TEXT_BYTES_MAX, VARIABLES_MAX};
use crate::question::Question;
use crate::right::right_answer;
use crate::score::{ScoreError, ScoreState, Scorer};
use crate::template::{Template, VariableSource};

/// Seeds that a question with variables is scored with.
const SEEDS_TRIED: u64 = 5;
/// Seeds that its variables are drawn with: what fails for one value among many is found too.
const DRAWS_TRIED: u64 = 100;

pub(super) fn find(question: &Question) -> Vec<Defect> {
    let mut found = Found::new(Some(&question.id));
    check_own_id(&question.id, ("question", ""), &mut found);
    check_shares(question, &mut found);
    if question.text.is_blank() {
        found.error("", "the question has no text", "write what is asked");
    }
    if let Some(template) = &question.template {
        check_template(template, &mut found);
    }
    name::check(question, &mut found);
    check_attachments(question, &mut found);
    kind::check(question, &mut found);
    check_special(question, &mut found);
    if !found.has_errors() {
        check_scoring(question, &mut found);
    }
    if !found.has_errors() && question.template.is_some() {
        check_draws(question, &mut found);
    }
    found.list
}

fn check_shares(question: &Question, found: &mut Found<'_>) {
    if !is_points(question.points) {
        found.error(
            "points",
            format!("the question has {} points", question.points),
            "give 0 or more",
        );
    }
    if question.penalty.is_some_and(|share| !is_share(share)) {
        found.error(
            "penalty",
            "the penalty is no share from 0 to 1",
            "0.25 means a quarter of the points for each wrong try",
        );
    }
    if question.tries == Some(0) {
        found.error("tries", "`tries` is 0", "give at least 1");
    }
    for (what, count) in [
        ("hints", question.hints.len()),
        ("files", question.attachments.len()),
    ] {
        if count > PARTS_MAX {
            let message = format!("{count} {what}, more than {PARTS_MAX}");
            found.error("", message, "keep those that help");
        }
    }
    for (index, hint) in question.hints.iter().enumerate() {
        if !is_share(hint.cost) {
            found.error(
                &format!("hint {}", index + 1),
                format!("a hint costs {}", hint.cost),
                "give a share from 0 to 1",
            );
        }
    }
    // The visitor changes nothing; it is the one place that knows every text.
    question.clone().for_each_string_mut(&mut |passage| {
        if passage.source.len() > TEXT_BYTES_MAX {
            found.error(
                &passage.part.to_string(),
                format!("a text is longer than {TEXT_BYTES_MAX} bytes"),
                "put pictures and data into files beside the quiz",
            );
        }
    });
}

/// What a question says of whole answers.
fn check_special(question: &Question, found: &mut Found<'_>) {
    let is_possible = |share: f64| (-1.0..=1.0).contains(&share);
    if !is_possible(question.wrong) {
        found.error(
            "wrong",
            "what a wrong answer gives is no share from -1 to 1",
            "-0.25 takes a quarter of the points away",
        );
    }
    if question.special.len() > PARTS_MAX {
        found.error(
            "",
            format!(
                "{} answers with a share of their own, more than {PARTS_MAX}",
                question.special.len()
            ),
            "split the question",
        );
        return;
    }
    if question.special.is_empty() {
        return;
    }
    // What cannot be drawn or prepared is told where it stands.
    let instance = Instance::draw(question, 0);
    let scorer = instance.map(|instance| Scorer::new(question, &instance));
    for (index, special) in question.special.iter().enumerate() {
        let part = format!("special {}", index + 1);
        if !is_possible(special.share) {
            found.error(
                &part,
                format!("{} is no share from -1 to 1", special.share),
                "0.5 gives half of the points",
            );
        }
        let is_told = matches!(
            special.answer,
            Answer::Choice { .. } | Answer::Ordering { .. } | Answer::Matching { .. }
        );
        let Ok(Ok(scorer)) = &scorer else {
            continue;
        };
        match scorer.score(Some(&special.answer)) {
            Ok(score) if is_told && score.state != ScoreState::Unanswered => {}
            Ok(_) => found.error(&part, "the answer says nothing", "name options, or items"),
            Err(error) => found.error(&part, error.to_string(), "name what the question has"),
        }
    }
}

fn check_attachments(question: &Question, found: &mut Found<'_>) {
    for attachment in &question.attachments {
        let escapes = attachment.path.starts_with('/')
            || attachment.path.contains('\\')
            || attachment.path.split('/').any(|part| part == "..");
        if attachment.path.is_empty() || escapes {
            found.error(
                &format!("file {}", attachment.name),
                format!("`{}` is no path below the quiz", attachment.path),
                "give a path relative to the quiz's file, without `..`",
            );
        }
    }
}

fn check_template(template: &Template, found: &mut Found<'_>) {
    if template.variables.len().max(template.conditions.len()) > VARIABLES_MAX {
        found.error(
            "",
            format!("more than {VARIABLES_MAX} variables or conditions"),
            "compute some of them in one expression",
        );
    }
    if template.variables.is_empty() {
        found.error(
            "where 1",
            "conditions without variables",
            "declare a variable: `variable a: 1 .. 10`",
        );
    }
    let names: Vec<&str> = template
        .variables
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    for (index, variable) in template.variables.iter().enumerate() {
        let part = format!("variable {}", variable.name);
        if !is_name(&variable.name) {
            found.error(
                &part,
                format!("`{}` is no name of a variable", variable.name),
                "use a letter, then letters, digits and `_`; not `and`, `or`, `not`",
            );
        }
        if names[..index].contains(&variable.name.as_str()) {
            found.error(
                &part,
                format!("two variables are named `{}`", variable.name),
                "give each its own name",
            );
        }
        match &variable.source {
            VariableSource::Range { min, max, step } => {
                let is_range = min.is_finite() && max.is_finite() && min <= max;
                if !(is_range && step.is_finite() && *step > 0.0) {
                    found.error(
                        &part,
                        format!("`{min} .. {max} step {step}` is no range"),
                        "give the least value first and a step above 0",
                    );
                }
            }
            VariableSource::List { values, .. } if values.is_empty() => {
                found.error(&part, "the list of values is empty", "give at least one");
            }
            VariableSource::List { .. } => {}
            VariableSource::Expression { .. } => {}
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !["and", "or", "not"].contains(&name)
}

/// Prepares the question as attempts would, and gives its own right answer.
fn check_scoring(question: &Question, found: &mut Found<'_>) {
    let seeds = if question.template.is_some() {
        SEEDS_TRIED
    } else {
        1
    };
    for seed in 0..seeds {
        let scorer = Instance::draw(question, seed)
            .map_err(|cause| ScoreError::Instance {
                question: question.id.clone(),
                cause,
            })
            .and_then(|instance| Scorer::new(question, &instance));
        let scorer = match scorer {
            Ok(scorer) => scorer,
            Err(error) => {
                let part = part_of(question, &error);
                if is_unknown(&error) && found.refuse_slips(&part) {
                    return;
                }
                let (message, hint) = match &error {
                    ScoreError::Instance { cause, .. } => (chain(cause), hint_for(cause)),
                    _ => (chain(&error), "mend the pattern"),
                };
                found.error(&part, message, hint);
                return;
            }
        };
        if !found.has_warnings() {
            alike::check(scorer.question(), found);
        }
        let Some(answer) = right_answer(scorer.question()) else {
            continue;
        };
        match scorer.score(Some(&answer)) {
            Ok(score) if score.fraction < 1.0 && question.points > 0.0 => {
                found.warning(
                    "",
                    format!(
                        "the answer declared right gets {} of the points",
                        crate::expression::format_number(score.fraction)
                    ),
                    "let the right parts add up to 1",
                );
                return;
            }
            Ok(_) => {}
            Err(error) => {
                found.error("", chain(&error), "mend the answer");
                return;
            }
        }
    }
}

/// Whether an expression names what is not known: that is told at its place.
fn is_unknown(error: &ScoreError) -> bool {
    let ScoreError::Instance {
        cause: InstanceError::Expression { cause, .. },
        ..
    } = error
    else {
        return false;
    };
    matches!(
        cause,
        ExpressionError::UnknownVariable(_)
            | ExpressionError::UnknownFunction(_)
            | ExpressionError::WrongArguments(_)
    )
}

fn hint_for(error: &InstanceError) -> &'static str {
    match error {
        InstanceError::ConditionsNeverHold { .. } => {
            "loosen the conditions, or draw from more values"
        }
        InstanceError::NotANumber { .. } => "ask for a short answer, or compute a number",
        InstanceError::Expression { .. } => {
            "leave out the values for which it fails with a condition, such as `where: a != 0`, or mend the expression"
        }
    }
}

/// The part that an error of scoring is about; empty: the whole.
fn part_of(question: &Question, error: &ScoreError) -> String {
    let pattern = match error {
        ScoreError::Pattern { pattern, .. } => pattern,
        ScoreError::Instance { cause, .. } => return cause.part().to_owned(),
        _ => return String::new(),
    };
    let find = |key: &TextKey| {
        let mut patterns = key.patterns.iter();
        let index = patterns.position(|one| one.pattern == *pattern)?;
        Some(format!("answer {}", index + 1))
    };
    let found = match &question.kind {
        Kind::ShortAnswer(key) => find(key),
        Kind::Blanks(blanks) => blanks.blanks.iter().find_map(|blank| match &blank.key {
            BlankKey::Text(key) => find(key).map(|part| format!("blank {} {part}", blank.id)),
            _ => None,
        }),
        _ => None,
    };
    found.unwrap_or_default()
}

/// Draws more often than scoring is tried: a learner whose draw fails could not begin.
fn check_draws(question: &Question, found: &mut Found<'_>) {
    let draw = |seed| Instance::draw(question, seed).and_then(|drawn| drawn.resolve(question));
    let failures: Vec<_> = (0..DRAWS_TRIED)
        .filter_map(|seed| draw(seed).err())
        .collect();
    if let Some(first) = failures.first() {
        found.slip(
            first.part(),
            format!(
                "{} of {DRAWS_TRIED} draws of the variables fail: {}",
                failures.len(),
                chain(first)
            ),
            "leave out the values for which it fails with a condition, such as `where: a != 0`",
        );
    }
}

/// An error with its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        // Of a regular expression's picture, the last line tells what is wrong.
        let message = error.to_string();
        text.push_str(message.lines().last().unwrap_or_default().trim());
        cause = error.source();
    }
    text
}
