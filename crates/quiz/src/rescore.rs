//! Scoring again after an answer key was changed: first a preview, then the change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::instance::Instance;
use crate::question::Question;
use crate::response::{Response, TryRules};
use crate::score::{ScoreError, Scorer};
use crate::settings::Settings;

/// A response as it was graded before.
#[derive(Debug, Clone, PartialEq)]
pub struct Given<'a> {
    /// Id of the attempt.
    pub attempt: &'a str,
    /// The question as it was shown.
    pub instance: &'a Instance,
    /// What the learner did.
    pub response: &'a Response,
    /// Points it got.
    pub points_before: f64,
    /// Points that a fully right answer gets.
    pub points_max: f64,
}

/// What may happen to points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RescorePolicy {
    /// Points become what the new key gives.
    Replace,
    /// Points only rise.
    NeverLower,
}

/// What scoring again does to one response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Id of the attempt.
    pub attempt: String,
    /// Points before.
    pub points_before: f64,
    /// Points that the new key gives; `None` where it cannot score the answer.
    pub points_new: Option<f64>,
    /// Points from now on.
    pub points_after: f64,
    /// What happens.
    pub effect: Effect,
    /// Why, line by line.
    pub explanation: Vec<String>,
}

/// What happens to points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// They stay, for the new key gives the same.
    Same,
    /// They rise.
    Raised,
    /// They fall.
    Lowered,
    /// They stay, though the new key gives less.
    KeptHigher,
    /// They stay, for the answer does not fit the new question (an option that is gone).
    NotScorable,
}

/// What scoring again would do, response by response; nothing is changed.
///
/// # Errors
/// When the new question itself cannot score: the author's fault.
pub fn preview(
    question: &Question,
    settings: &Settings,
    given: &[Given<'_>],
    policy: RescorePolicy,
) -> Result<Vec<Change>, ScoreError> {
    let mut changes = Vec::with_capacity(given.len());
    // Most questions have no variables: one scorer serves all.
    let shared = match question.template {
        None => Some(Scorer::new(question, &Instance::default())?),
        Some(_) => None,
    };
    for one in given {
        let own;
        let scorer = match &shared {
            Some(scorer) => scorer,
            None => {
                own = Scorer::new(question, one.instance)?;
                &own
            }
        };
        let rules = TryRules::new(settings, question, one.points_max);
        changes.push(match one.response.grade(scorer, &rules, true) {
            Ok(graded) => {
                let mut explanation = graded.score.explanation;
                explanation.extend(graded.explanation);
                change(one, graded.points, explanation, policy)
            }
            Err(error) => Change {
                attempt: one.attempt.to_owned(),
                points_before: one.points_before,
                points_new: None,
                points_after: one.points_before,
                effect: Effect::NotScorable,
                explanation: vec![error.to_string()],
            },
        });
    }
    Ok(changes)
}

fn change(
    given: &Given<'_>,
    points_new: f64,
    explanation: Vec<String>,
    policy: RescorePolicy,
) -> Change {
    /// Differences below this are floating point's.
    const SAME: f64 = 1e-9;
    let before = given.points_before;
    let effect = if (points_new - before).abs() < SAME {
        Effect::Same
    } else if points_new > before {
        Effect::Raised
    } else if policy == RescorePolicy::NeverLower {
        Effect::KeptHigher
    } else {
        Effect::Lowered
    };
    let points_after = match effect {
        Effect::Raised | Effect::Lowered => points_new,
        _ => before,
    };
    Change {
        attempt: given.attempt.to_owned(),
        points_before: before,
        points_new: Some(points_new),
        points_after,
        effect,
        explanation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::kind::{Choice, ChoiceOption, Kind};
    use crate::text::Text;

    fn question(right: &str) -> Question {
        let option = |id: &str| ChoiceOption::new(id, Text::plain(id), id == right);
        let kind = Kind::Choice(Choice::one(vec![option("a"), option("b")]));
        Question::new("q", Text::plain("?"), kind)
    }

    fn chose(option: &str) -> Response {
        Response {
            answer: Some(Answer::Choice {
                options: vec![option.to_owned()],
            }),
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_changed_key_raises_and_lowers_unless_forbidden() {
        let (a, b, gone) = (chose("a"), chose("b"), chose("z"));
        let instance = Instance::default();
        let given: Vec<Given<'_>> = [(&a, 2.0), (&b, 0.0), (&gone, 1.0)]
            .into_iter()
            .map(|(response, points_before)| Given {
                attempt: "1",
                instance: &instance,
                response,
                points_before,
                points_max: 2.0,
            })
            .collect();
        let run = |policy| {
            preview(&question("b"), &Settings::default(), &given, policy)
                .unwrap()
                .into_iter()
                .map(|change| (change.effect, change.points_after))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            run(RescorePolicy::Replace),
            [
                (Effect::Lowered, 0.0),
                (Effect::Raised, 2.0),
                (Effect::NotScorable, 1.0)
            ]
        );
        assert_eq!(
            run(RescorePolicy::NeverLower),
            [
                (Effect::KeptHigher, 2.0),
                (Effect::Raised, 2.0),
                (Effect::NotScorable, 1.0)
            ]
        );
    }
}
