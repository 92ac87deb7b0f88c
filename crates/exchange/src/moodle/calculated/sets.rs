//! The sets of values that a question with variables may get.

use carrel_quiz::expression::{Values, evaluate, round_noise};
use carrel_quiz::template::{Template, Value, Variable, VariableSource};
use carrel_quiz::{Instance, Question};

/// Sets of values that are drawn where there are too many to write them all.
const SETS: usize = 20;
/// Most values of a list that Moodle has.
const SETS_MAX: usize = 100;
/// Seeds that sets are drawn with.
const SEEDS_MAX: u64 = 200;
/// Seeds in a row that bring nothing new, after which no more are tried.
const KNOWN_MAX: usize = 20;

/// Sets of values, and whether they are all that there are.
pub(super) fn sets(
    question: &Question,
    template: &Template,
) -> Result<(Vec<Values>, bool), String> {
    if let Some(all) = all_sets(template) {
        let sets = all?;
        return match sets.is_empty() {
            true => Err("no values of its variables meet its conditions".to_owned()),
            false => Ok((sets, true)),
        };
    }
    let mut sets: Vec<Values> = Vec::new();
    let mut known = 0;
    for seed in 0..SEEDS_MAX {
        let drawn = Instance::draw(question, seed).map_err(|error| error.to_string())?;
        if !sets.contains(&drawn.values) {
            sets.push(drawn.values);
            known = 0;
        } else {
            known += 1;
        }
        if sets.len() == SETS || known == KNOWN_MAX {
            break;
        }
    }
    Ok((sets, false))
}

/// Which variables are drawn together, and from how many values.
fn slots(variables: &[Variable]) -> Option<Vec<(Option<&str>, usize)>> {
    let mut slots: Vec<(Option<&str>, usize)> = Vec::new();
    for variable in variables {
        let (group, count) = match &variable.source {
            VariableSource::Expression { .. } => continue,
            VariableSource::Range { min, max, step } => {
                let steps = ((max - min) / step + 1e-9).floor();
                let few = (0.0..SETS_MAX as f64).contains(&steps);
                // Few steps: the number is small and whole.
                let count = few.then(|| (0..SETS_MAX).find(|count| *count as f64 >= steps));
                (None, count.flatten()? + 1)
            }
            VariableSource::List { values, group } => (group.as_deref(), values.len()),
        };
        let known = slots
            .iter()
            .find(|(known, _)| group.is_some() && *known == group);
        match known {
            Some((_, known)) if *known == count => {}
            Some(_) => return None,
            None => slots.push((group, count)),
        }
    }
    let all = slots
        .iter()
        .try_fold(1_usize, |all, (_, count)| all.checked_mul(*count))?;
    (all <= SETS_MAX).then_some(slots)
}

/// Every set of values, in order; `None`: there are too many.
fn all_sets(template: &Template) -> Option<Result<Vec<Values>, String>> {
    let slots = slots(&template.variables)?;
    let all: usize = slots.iter().map(|(_, count)| count).product();
    let mut sets = Vec::with_capacity(all);
    for number in 0..all {
        let mut rest = number;
        // The last slot changes fastest.
        let mut places: Vec<usize> = slots
            .iter()
            .rev()
            .map(|(_, count)| {
                let place = rest % count;
                rest /= count;
                place
            })
            .collect();
        places.reverse();
        match one_set(template, &places) {
            Ok(Some(values)) => sets.push(values),
            Ok(None) => {}
            Err(reason) => return Some(Err(reason)),
        }
    }
    Some(Ok(sets))
}

/// What is taken for each slot of one set.
struct Places<'a> {
    places: &'a [usize],
    /// Groups whose place is known.
    groups: Vec<(&'a str, usize)>,
}

impl<'a> Places<'a> {
    fn take(&mut self, group: Option<&'a str>) -> usize {
        let known = self.groups.iter().find(|(name, _)| Some(*name) == group);
        if let Some((_, place)) = known {
            return *place;
        }
        let (place, rest) = self.places.split_first().unwrap_or((&0, &[]));
        self.places = rest;
        self.groups.extend(group.map(|group| (group, *place)));
        *place
    }
}

/// The values at these places; `None`: they do not meet the conditions.
fn one_set(template: &Template, places: &[usize]) -> Result<Option<Values>, String> {
    let mut places = Places {
        places,
        groups: Vec::new(),
    };
    let mut values = Values::new();
    let fails = |values: &Values| {
        let fails = |condition: &String| evaluate(condition, values) == Ok(Value::Number(0.0));
        template.conditions.iter().any(fails)
    };
    for variable in &template.variables {
        let value = match &variable.source {
            VariableSource::Range { min, step, .. } => {
                Value::Number(round_noise(min + step * places.take(None) as f64))
            }
            VariableSource::List {
                values: list,
                group,
            } => {
                let place = places.take(group.as_deref());
                list.get(place).cloned().unwrap_or(Value::Number(0.0))
            }
            VariableSource::Expression { expression } => match evaluate(expression, &values) {
                Ok(value) => value,
                Err(_) if fails(&values) => return Ok(None),
                Err(error) => return Err(format!("its variable `{}`: {error}", variable.name)),
            },
        };
        values.insert(variable.name.clone(), value);
    }
    Ok((!fails(&values)).then_some(values))
}
