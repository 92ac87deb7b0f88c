//! A question as one attempt shows it: variables drawn, order shuffled.
//!
//! An instance is a pure function of question and seed, and is stored with the
//! attempt: even if a later version drew otherwise, the learner keeps what was seen.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::expression::{self, ExpressionError, Values};
use crate::kind::{Accept, BlankKey, Choice, Kind, NumberKey, PatternKind};
use crate::limits::CONDITION_DRAWS_MAX;
use crate::question::Question;
use crate::random::Random;
use crate::template::{Amount, Template, Value, VariableSource};

/// What a seed makes of a question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The seed.
    pub seed: u64,
    /// Values of the variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: Values,
    /// Ids in the order shown: of `options`, `items`, `targets`, and of the
    /// options of the blank x as `blank x`. What is not named stands in the author's order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub order: BTreeMap<String, Vec<String>>,
}

/// What keeps a question from being drawn or filled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InstanceError {
    /// An expression has no value.
    #[error("evaluating `{part}` of question `{question}`")]
    Expression {
        /// Id of the question.
        question: String,
        /// Which part of it: `variable a`, `where 1`, `text`, `answer 1`.
        part: String,
        /// What is wrong with it.
        #[source]
        cause: ExpressionError,
    },
    /// The conditions never held.
    #[error(
        "no values of the variables of question `{question}` meet its conditions; tried {CONDITION_DRAWS_MAX}"
    )]
    ConditionsNeverHold {
        /// Id of the question.
        question: String,
    },
    /// A text where a number is needed.
    #[error(
        "`{part}` of question `{question}` is computed by `{expression}`, which gives a text, not a number"
    )]
    NotANumber {
        /// Id of the question.
        question: String,
        /// Which part of it.
        part: String,
        /// The expression.
        expression: String,
    },
}

impl InstanceError {
    /// The part of the question that it is about; empty: the whole.
    #[must_use]
    pub fn part(&self) -> &str {
        match self {
            Self::Expression { part, .. } | Self::NotANumber { part, .. } => part,
            Self::ConditionsNeverHold { .. } => "where 1",
        }
    }
}

impl Instance {
    /// Draws what the seed gives for a question.
    ///
    /// # Errors
    /// When variables cannot be computed or their conditions never hold.
    pub fn draw(question: &Question, seed: u64) -> Result<Self, InstanceError> {
        let mut random = Random::for_purpose(seed, &question.id);
        let values = match &question.template {
            Some(template) => draw_values(&question.id, template, &mut random)?,
            None => Values::new(),
        };
        Ok(Self {
            seed,
            values,
            order: draw_order(&question.kind, &mut random),
        })
    }

    /// The question with the values in place of its variables; without a template, as it is.
    ///
    /// # Errors
    /// When an expression has no value.
    pub fn resolve(&self, question: &Question) -> Result<Question, InstanceError> {
        let mut resolved = question.clone();
        if question.template.is_none() {
            return Ok(resolved);
        }
        resolved.template = None;
        let mut failure = None;
        resolved.for_each_string_mut(&mut |passage| {
            let shape = passage.shape;
            match expression::substitute(passage.source, &self.values, |value| shape.apply(value)) {
                Ok(filled) => *passage.source = filled,
                Err(cause) => {
                    failure.get_or_insert_with(|| InstanceError::Expression {
                        question: question.id.clone(),
                        part: passage.part.to_string(),
                        cause,
                    });
                }
            }
        });
        if let Some(error) = failure {
            return Err(error);
        }
        let mut failure = None;
        for_each_amount(&mut resolved.kind, &mut |part, amount| {
            if let Err(error) = self.resolve_amount(&question.id, part, amount) {
                failure.get_or_insert(error);
            }
        });
        failure.map_or(Ok(resolved), Err)
    }

    fn resolve_amount(
        &self,
        question: &str,
        part: fmt::Arguments<'_>,
        amount: &mut Amount,
    ) -> Result<(), InstanceError> {
        let Amount::Expression(source) = amount else {
            return Ok(());
        };
        match expression::evaluate(source, &self.values) {
            Ok(Value::Number(number)) => *amount = Amount::Number(number),
            Ok(Value::Text(_)) => {
                return Err(InstanceError::NotANumber {
                    question: question.to_owned(),
                    part: part.to_string(),
                    expression: source.clone(),
                });
            }
            Err(cause) => {
                return Err(InstanceError::Expression {
                    question: question.to_owned(),
                    part: part.to_string(),
                    cause,
                });
            }
        }
        Ok(())
    }
}

/// Hands every number of the answers to `visit`, with the part of the question that it is.
pub(crate) fn for_each_amount(
    kind: &mut Kind,
    visit: &mut dyn FnMut(fmt::Arguments<'_>, &mut Amount),
) {
    let mut visit_key = |prefix: fmt::Arguments<'_>, key: &mut NumberKey| {
        for (index, answer) in key.answers.iter_mut().enumerate() {
            let number = index + 1;
            match &mut answer.accept {
                Accept::Near { value, .. } => {
                    visit(format_args!("{prefix}answer {number}"), value);
                }
                Accept::Range { min, max } => {
                    visit(format_args!("{prefix}answer {number}"), min);
                    visit(format_args!("{prefix}answer {number} upper"), max);
                }
                Accept::Any => {}
            }
        }
    };
    match kind {
        Kind::Numeric(key) => visit_key(format_args!(""), key),
        Kind::Blanks(blanks) => {
            for blank in &mut blanks.blanks {
                if let BlankKey::Number(key) = &mut blank.key {
                    visit_key(format_args!("blank {} ", blank.id), key);
                }
            }
        }
        _ => {}
    }
}

/// How a value is put into a string: patterns must not be changed in meaning by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As it is.
    Literal,
    /// Into a wildcard pattern: stars and backslashes are escaped.
    Wildcard,
    /// Into a regular expression: everything special is escaped.
    Regex,
}

impl Shape {
    fn apply(self, value: &str) -> String {
        match self {
            Self::Literal => value.to_owned(),
            Self::Wildcard => value.replace('\\', "\\\\").replace('*', "\\*"),
            Self::Regex => regex::escape(value),
        }
    }

    pub(crate) fn of_pattern(kind: PatternKind) -> Self {
        match kind {
            PatternKind::Exact => Self::Literal,
            PatternKind::Wildcard => Self::Wildcard,
            PatternKind::Regex => Self::Regex,
        }
    }
}

fn draw_values(
    question: &str,
    template: &Template,
    random: &mut Random,
) -> Result<Values, InstanceError> {
    let fail = |part: String, cause| InstanceError::Expression {
        question: question.to_owned(),
        part,
        cause,
    };
    for _ in 0..CONDITION_DRAWS_MAX {
        let mut values = Values::new();
        if let Err((name, cause)) = draw_once(template, random, &mut values) {
            // `where: a != 0` may be there for the very variable that divides by `a`.
            let is_excluded = |condition: &String| {
                expression::evaluate(condition, &values) == Ok(Value::Number(0.0))
            };
            if template.conditions.iter().any(is_excluded) {
                continue;
            }
            return Err(fail(format!("variable {name}"), cause));
        }
        let mut holds = true;
        for (index, condition) in template.conditions.iter().enumerate() {
            let value = expression::evaluate(condition, &values)
                .map_err(|cause| fail(format!("where {}", index + 1), cause))?;
            holds = matches!(&value, Value::Number(number) if *number != 0.0);
            // What the others say may not have a value then.
            if !holds {
                break;
            }
        }
        if holds {
            return Ok(values);
        }
    }
    Err(InstanceError::ConditionsNeverHold {
        question: question.to_owned(),
    })
}

fn draw_once(
    template: &Template,
    random: &mut Random,
    values: &mut Values,
) -> Result<(), (String, ExpressionError)> {
    let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
    for variable in &template.variables {
        let value = match &variable.source {
            VariableSource::Range { min, max, step } => {
                Value::Number(draw_from_range(*min, *max, *step, random))
            }
            VariableSource::List {
                values: list,
                group,
            } => {
                let draw = match group {
                    Some(group) => *groups.entry(group).or_insert_with(|| random.next_number()),
                    None => random.next_number(),
                };
                let index = Random::new(draw).index(list.len());
                list.get(index).cloned().unwrap_or(Value::Number(0.0))
            }
            VariableSource::Expression { expression } => {
                expression::evaluate(expression, values)
                    .map_err(|cause| (variable.name.clone(), cause))?
            }
        };
        values.insert(variable.name.clone(), value);
    }
    Ok(())
}

fn draw_from_range(min: f64, max: f64, step: f64, random: &mut Random) -> f64 {
    let steps = ((max - min) / step + 1e-9).floor();
    if !(steps.is_finite() && (0.0..1e15).contains(&steps)) {
        return min;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be from 0 to 10^15"
    )]
    let count = steps as u64 + 1;
    // Steps such as 0.1 are not exact in binary: 0.3 must not read 0.30000000000000004.
    expression::round_noise(min + step * random.below(count) as f64)
}

fn draw_order(kind: &Kind, random: &mut Random) -> BTreeMap<String, Vec<String>> {
    let mut order = BTreeMap::new();
    let ids = |list: Vec<&String>| list.into_iter().cloned().collect::<Vec<String>>();
    match kind {
        Kind::Choice(choice) if choice.shuffle => {
            order.insert("options".to_owned(), shuffle_options(choice, random));
        }
        Kind::Blanks(blanks) => {
            for blank in &blanks.blanks {
                if let BlankKey::Choice(choice) = &blank.key
                    && choice.shuffle
                {
                    let shuffled = shuffle_options(choice, random);
                    order.insert(format!("blank {}", blank.id), shuffled);
                }
            }
        }
        Kind::Matching(matching) if matching.shuffle => {
            let mut items = ids(matching.items.iter().map(|item| &item.id).collect());
            random.shuffle(&mut items);
            let mut targets = ids(matching.targets.iter().map(|target| &target.id).collect());
            random.shuffle(&mut targets);
            order.insert("items".to_owned(), items);
            order.insert("targets".to_owned(), targets);
        }
        Kind::Ordering(ordering) => {
            let right = ids(ordering.items.iter().map(|item| &item.id).collect());
            let mut shown = right.clone();
            shown.extend(ordering.distractors.iter().map(|item| item.id.clone()));
            random.shuffle(&mut shown);
            // Shown in the right order, it would be answered by doing nothing.
            if shown == right && shown.len() > 1 {
                shown.rotate_left(1);
            }
            order.insert("items".to_owned(), shown);
        }
        _ => {}
    }
    order
}

fn shuffle_options(choice: &Choice, random: &mut Random) -> Vec<String> {
    let mut free: Vec<&String> = choice
        .options
        .iter()
        .filter(|option| !option.fixed)
        .map(|option| &option.id)
        .collect();
    random.shuffle(&mut free);
    let mut free = free.into_iter();
    choice
        .options
        .iter()
        .filter_map(|option| {
            if option.fixed {
                Some(option.id.clone())
            } else {
                free.next().cloned()
            }
        })
        .collect()
}
