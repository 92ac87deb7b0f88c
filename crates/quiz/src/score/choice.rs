//! Choices.

use super::sentence::{quote, short, signed};
use super::{Outcome, PartScore, ScoreError, ScoreState, check_ids, shown};
use crate::kind::{Choice, ChoiceScheme, Select};
use crate::quantity::number_of;

pub(super) fn score(
    question: &str,
    choice: &Choice,
    chosen: &[String],
) -> Result<Outcome, ScoreError> {
    check_ids(
        question,
        "option",
        chosen.iter().map(String::as_str),
        |id| choice.options.iter().any(|option| option.id == id),
    )?;
    let most = match choice.select {
        Select::One => 1,
        Select::Many { max, .. } => max.map_or(usize::MAX, |max| max as usize),
    };
    if chosen.len() > most {
        return Err(ScoreError::TooLarge {
            question: question.to_owned(),
            limit: number_of(most, "option", "options"),
        });
    }
    if chosen.is_empty() && !choice.options.iter().all(|option| !option.correct) {
        return Ok(Outcome::unanswered());
    }
    let mut outcome = weigh(choice, chosen);
    for option in &choice.options {
        let is_chosen = chosen.contains(&option.id);
        let feedback = if is_chosen {
            &option.feedback
        } else {
            &option.feedback_not_chosen
        };
        outcome
            .feedback
            .extend(shown(Some(&option.id), feedback.as_ref()));
        if is_chosen {
            let state = if option.correct {
                ScoreState::Correct
            } else {
                ScoreState::Incorrect
            };
            outcome.parts.push(PartScore {
                part: option.id.clone(),
                state,
                fraction: f64::from(u8::from(option.correct)),
                weight: 1.0,
            });
        }
    }
    Ok(outcome)
}

/// Counts that the schemes need.
struct Counts {
    right: usize,
    right_chosen: usize,
    wrong_chosen: usize,
}

fn weigh(choice: &Choice, chosen: &[String]) -> Outcome {
    let picked = || {
        choice
            .options
            .iter()
            .filter(|option| chosen.contains(&option.id))
    };
    let right_chosen = picked().filter(|option| option.correct).count();
    let counts = Counts {
        right: choice.right_count(),
        right_chosen,
        wrong_chosen: chosen.len() - right_chosen,
    };
    match choice.scheme {
        ChoiceScheme::Weights { floor, ceiling } => {
            let mut explanation = Vec::with_capacity(chosen.len() + 2);
            let mut sum = 0.0;
            for option in picked() {
                let weight = choice.weight(option);
                sum += weight;
                explanation.push(format!(
                    "{} chosen: {}",
                    quote(&option.text, &option.id),
                    signed(weight)
                ));
            }
            let fraction = super::clean_share(sum).clamp(floor, ceiling.max(floor));
            if chosen.len() > 1 {
                explanation.push(format!("together {}", short(sum)));
            }
            if (fraction - sum).abs() > 1e-6 {
                explanation.push(format!(
                    "held within {} and {}",
                    short(floor),
                    short(ceiling)
                ));
            }
            Outcome {
                fraction,
                explanation,
                ..Outcome::default()
            }
        }
        _ => weigh_counts(choice, &counts),
    }
}

fn weigh_counts(choice: &Choice, counts: &Counts) -> Outcome {
    let Counts {
        right,
        right_chosen,
        wrong_chosen,
    } = *counts;
    let mut explanation = vec![format!(
        "{right_chosen} of {right} right options chosen, {wrong_chosen} wrong ones"
    )];
    let share = |part: f64, whole: usize| {
        if whole == 0 { 1.0 } else { part / whole as f64 }
    };
    let exact = right_chosen == right && wrong_chosen == 0;
    let fraction = match choice.scheme {
        ChoiceScheme::RightMinusWrong if right > 0 => {
            let net = right_chosen as f64 - wrong_chosen as f64;
            explanation.push(format!(
                "({right_chosen} − {wrong_chosen}) / {right} = {}{}",
                short(share(net, right)),
                if net < 0.0 { ", at least 0" } else { "" }
            ));
            share(net, right).max(0.0)
        }
        ChoiceScheme::EveryDecision => {
            let total = choice.options.len();
            let missed = right - right_chosen;
            let decided = total - missed - wrong_chosen;
            explanation.push(format!(
                "{decided} of {total} options rightly chosen or left: {}",
                short(share(decided as f64, total))
            ));
            share(decided as f64, total)
        }
        _ => {
            if !exact {
                explanation.push("only exactly the right options count".to_owned());
            }
            f64::from(u8::from(exact))
        }
    };
    Outcome {
        fraction,
        explanation,
        ..Outcome::default()
    }
}
