//! The item's own response processing beside the question that was made of it: the same responses
//! must get the same points.
//!
//! [`Trial::new`] parses the rules, [`Trial::samples`] runs them for responses that the item may
//! get (all of them where they are few), and [`settle`] compares the points with those that the
//! question gives, mends the question where one of Carrel's schemes says the same, and tells what
//! differs otherwise.

mod answer;
mod evaluate;
mod fit;
mod operation;
mod program;
mod response;
mod typed;
pub(super) mod value;
mod whole;

use std::collections::BTreeMap;

use carrel_model::quantity::{noun, number_of};
use carrel_quiz::template::Value as Drawn;
use carrel_quiz::{Answer, Instance, Question, Scorer};
use roxmltree::{Document, Node};

use super::declaration::Declaration;
use super::node::attribute;
use answer::Given;
use evaluate::{Machine, outcomes};
use program::{Program, Rule};
use value::{Atom, Value};

/// How much is tried for one item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Most responses.
    responses_max: usize,
    /// Most rules and expressions that are run, all responses together.
    steps_max: usize,
}

impl Effort {
    /// While an item is read.
    pub(super) const READING: Self = Self {
        responses_max: 256,
        steps_max: 100_000,
    };
    /// When what was read is checked afterwards: other responses too.
    pub(super) const CHECKING: Self = Self {
        responses_max: 2_048,
        steps_max: 1_000_000,
    };
}

/// Seeds of which a question with variables is tried.
const SEEDS: u64 = 3;

/// The rules of an item, ready to run.
pub(super) struct Trial<'a> {
    root: Node<'a, 'a>,
    declared: &'a BTreeMap<String, Declaration>,
    /// The responses with their interactions, in the order of the text.
    interactions: Vec<(String, Node<'a, 'a>)>,
    program: Program,
    /// Name of the outcome that holds the points.
    score: Option<String>,
}

/// One response, and what the item's rules make of it.
#[derive(Debug)]
pub(super) struct Sample {
    given: Given,
    pub(super) points: f64,
    /// Whether the item's rules speak of this very response.
    is_named: bool,
    pub(super) outcomes: BTreeMap<String, Value>,
    /// The variables it was run with.
    pub(super) instance: usize,
}

/// Samples with the instances of the question that they belong to.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) all: Vec<Sample>,
    pub(super) instances: Vec<Instance>,
}

impl Sample {
    /// Whether nothing at all was given.
    pub(super) fn is_empty(&self) -> bool {
        !self.given.is_empty() && self.given.values().all(|value| *value == Value::Null)
    }

    /// The answer that says the same.
    pub(super) fn answer(&self, question: &Question) -> Option<Answer> {
        answer::answer(question, &self.given)
    }
}

impl<'a> Trial<'a> {
    /// Nothing where the item says nothing of points; the reason where they are of a kind that is not run.
    pub(super) fn new(
        document: &'a Document<'a>,
        declared: &'a BTreeMap<String, Declaration>,
        interactions: &[Node<'a, 'a>],
    ) -> Result<Option<Self>, String> {
        let named = |node: &Node<'a, 'a>| {
            let id = attribute(*node, "responseIdentifier")?;
            declared.contains_key(id).then(|| (id.to_owned(), *node))
        };
        let interactions: Vec<_> = interactions.iter().filter_map(named).collect();
        let ids: Vec<&str> = interactions.iter().map(|(id, _)| id.as_str()).collect();
        let Some(program) = program::parse(document, declared, &ids)? else {
            return Ok(None);
        };
        let mut set = Vec::new();
        targets(&program.rules, &mut set);
        let scores = |name: &&String| {
            let name = name.to_ascii_uppercase();
            name.contains("SCORE") && !name.contains("MAX")
        };
        let exact = set.iter().find(|name| *name == "SCORE");
        let score = exact.or_else(|| set.iter().find(scores)).cloned();
        Ok(Some(Self {
            root: document.root_element(),
            declared,
            interactions,
            program,
            score,
        }))
    }

    /// Whether the rules give points.
    pub(super) fn is_scored(&self) -> bool {
        self.score.is_some()
    }

    /// Responses that the item may get, with what its rules make of them.
    pub(super) fn samples(&self, question: &Question, effort: Effort) -> Samples {
        let mut samples = Samples::default();
        let seeds = if question.template.is_some() {
            SEEDS
        } else {
            1
        };
        let mappings = self
            .declared
            .values()
            .filter_map(|one| one.mapping.as_ref());
        let entries: usize = mappings.map(|mapping| mapping.entries.len()).sum();
        let named = self.program.named();
        let limit = effort.steps_max / (self.program.parts + entries);
        let limit = limit.clamp(8, effort.responses_max);
        for seed in 0..seeds {
            // What cannot be drawn is told when the course is checked.
            let Ok(instance) = Instance::draw(question, seed) else {
                continue;
            };
            let right = self.right(&instance);
            let drawn = instance.values.iter().map(|(name, value)| {
                let value = match value {
                    Drawn::Number(number) => Value::number(*number),
                    Drawn::Text(text) => Value::text(text.clone()),
                };
                (name.clone(), value)
            });
            let mut start = outcomes(self.root);
            start.extend(drawn);
            let each = if self.interactions.len() > 1 {
                limit / 4
            } else {
                limit
            };
            let parts: Vec<(String, Vec<Value>)> = self
                .interactions
                .iter()
                .filter_map(|(id, node)| {
                    let declaration = self.declared.get(id)?;
                    let right = right.get(id).unwrap_or(&Value::Null);
                    Some((
                        id.clone(),
                        response::possible(*node, declaration, right, &named, each),
                    ))
                })
                .collect();
            for given in answer::together(&parts, limit) {
                let outcomes = self.run(&start, &right, &given);
                let score = self.score.as_ref().and_then(|name| outcomes.get(name));
                let is_named = |(id, value): (&String, &Value)| {
                    named
                        .iter()
                        .chain(right.get(id))
                        .any(|named| named.is(value))
                };
                samples.all.push(Sample {
                    is_named: given.len() == 1 && given.iter().any(is_named),
                    points: score.and_then(Value::as_number).unwrap_or(0.0),
                    given,
                    outcomes,
                    instance: samples.instances.len(),
                });
            }
            samples.instances.push(instance);
        }
        samples
    }

    fn run(
        &self,
        start: &BTreeMap<String, Value>,
        right: &BTreeMap<String, Value>,
        given: &Given,
    ) -> BTreeMap<String, Value> {
        let mut values = start.clone();
        values.extend(given.iter().map(|(id, value)| (id.clone(), value.clone())));
        let mut machine = Machine {
            root: self.root,
            declared: self.declared,
            right,
            values,
        };
        machine.run(&self.program);
        machine.values
    }

    fn right(&self, instance: &Instance) -> BTreeMap<String, Value> {
        let one = |(id, declaration): (&String, &Declaration)| {
            let computed = declaration.computed.as_ref().and_then(|expression| {
                carrel_quiz::expression::evaluate(expression, &instance.values).ok()
            });
            let value = match computed {
                Some(Drawn::Number(number)) => Value::number(number),
                Some(Drawn::Text(text)) => {
                    Atom::parse(&declaration.base, &text).map_or(Value::Null, Value::One)
                }
                None => declaration.value(&declaration.correct),
            };
            (id.clone(), value)
        };
        self.declared.iter().map(one).collect()
    }
}

/// Outcomes that rules set.
fn targets(rules: &[Rule], found: &mut Vec<String>) {
    for rule in rules {
        match rule {
            Rule::Set(name, _) | Rule::LookUp(name, _) => found.push(name.clone()),
            Rule::Condition(branches) => {
                branches.iter().for_each(|(_, rules)| targets(rules, found));
            }
            Rule::Exit => {}
        }
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) tried: usize,
    pub(super) differing: usize,
    /// The first that differs: what was given, the item's points, and those here.
    pub(super) example: Option<(String, f64, f64)>,
    /// Points that the item gives for no answer, and those here, where they differ.
    empty: Option<(f64, f64)>,
}

pub(super) fn compare(question: &Question, samples: &Samples) -> Option<Comparison> {
    let mut scorers = Vec::new();
    for instance in &samples.instances {
        scorers.push(Scorer::new(question, instance).ok()?);
    }
    let mut found = Comparison::default();
    let near = |one: f64, other: f64| (one - other).abs() <= 1e-6 * one.abs().max(1.0);
    for sample in &samples.all {
        if sample.is_empty() {
            let answer = sample.answer(question);
            let score = scorers[sample.instance].score(answer.as_ref()).ok();
            let ours = score.map_or(0.0, |score| score.points);
            found.empty = Some((sample.points, ours)).filter(|_| !near(sample.points, ours));
            continue;
        }
        let Some(answer) = sample.answer(question) else {
            continue;
        };
        let Ok(score) = scorers[sample.instance].score(Some(&answer)) else {
            continue;
        };
        found.tried += 1;
        if !near(sample.points, score.points) {
            found.differing += 1;
            found.example.get_or_insert_with(|| {
                let given = sample.given.values().map(ToString::to_string);
                let given = given.collect::<Vec<_>>().join("; ");
                (given, sample.points, score.points)
            });
        }
    }
    Some(found)
}

/// Makes the question give the points that the item gives, where it can; tells where they differ.
pub(super) fn settle(question: &mut Question, samples: &Samples) -> Vec<String> {
    if !question.kind.is_scored() {
        let scored = samples.all.iter().any(|sample| sample.points != 0.0);
        return match scored {
            true => vec!["the item gives points by its rules; here a person does".to_owned()],
            false => Vec::new(),
        };
    }
    let Some(mut found) = compare(question, samples) else {
        // Its patterns do not compile, which is told when the course is checked.
        return vec!["its points were not compared with those of the item".to_owned()];
    };
    if found.differing > 0 {
        fit_question(question, samples, &mut found);
    }
    let mut told = Vec::new();
    if let Some((given, theirs, ours)) = found.example {
        told.push(format!(
            "the points differ for {} of {} tried: `{}` gives {} in the item and {} here",
            found.differing,
            number_of(found.tried, "answer", "answers"),
            shorten(&given),
            short(theirs),
            short(ours)
        ));
    } else if found.tried == 0 {
        told.push("its points were not compared with those of the item".to_owned());
    }
    if let Some((theirs, ours)) = found.empty {
        told.push(format!(
            "no answer at all gives {} {} in the item and {} here",
            short(theirs),
            noun(theirs, "point", "points"),
            short(ours)
        ));
    }
    told
}

/// Puts the candidate in place of the question that gives the most answers their points.
fn fit_question(question: &mut Question, samples: &Samples, found: &mut Comparison) {
    let as_read = question.clone();
    let mut candidates = fit::candidates(question, samples);
    let mut take = |candidate: &Question, found: &mut Comparison| {
        if let Some(other) = compare(candidate, samples)
            && other.differing < found.differing
        {
            *question = candidate.clone();
            *found = other;
        }
        found.differing == 0
    };
    if candidates.iter().any(|candidate| take(candidate, found)) {
        return;
    }
    candidates.push(as_read);
    for candidate in &candidates {
        if let Some(candidate) = whole::with_special(candidate, samples)
            && take(&candidate, found)
        {
            return;
        }
    }
}

/// A number rounded to so many significant digits, as QTI rounds.
pub(super) fn round_digits(number: f64, figures: i32) -> f64 {
    let to = operation::Rounding {
        significant: true,
        figures,
    };
    evaluate::round(number, to)
}

/// A number as people read it.
fn short(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod mapping_tests;
#[cfg(test)]
mod tests;
