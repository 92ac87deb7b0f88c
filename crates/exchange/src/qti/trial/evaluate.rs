//! Response processing, run for one response.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::operation::{Nearness, Operation, Rounding};
use super::program::{Expression, Place, Program, Rule, look_up};
use super::value::{Atom, Value, fold_case, is_within};
use crate::qti::declaration::{Declaration, Mapping};
use crate::qti::node::{attribute, child, children};

/// Functions of one number.
const FUNCTIONS: [&str; 17] = [
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "log",
    "ln",
    "exp",
    "abs",
    "signum",
    "floor",
    "ceil",
    "toDegrees",
];

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Everything that rules may ask for.
pub(super) struct Machine<'a> {
    pub(super) root: Node<'a, 'a>,
    pub(super) declared: &'a BTreeMap<String, Declaration>,
    /// Right responses, those that are computed included.
    pub(super) right: &'a BTreeMap<String, Value>,
    /// Values of responses, outcomes and template variables.
    pub(super) values: BTreeMap<String, Value>,
}

/// Outcomes before any rule.
pub(super) fn outcomes(root: Node<'_, '_>) -> BTreeMap<String, Value> {
    let one = |declared: Node<'_, '_>| {
        let base = attribute(declared, "baseType").unwrap_or("string");
        let default = child(declared, "defaultValue");
        let atoms: Vec<Atom> = default
            .iter()
            .flat_map(|default| children(*default, "value"))
            .filter_map(|value| Atom::parse(base, &crate::qti::node::text_of(value)))
            .collect();
        let value = match attribute(declared, "cardinality") {
            Some("multiple") => Value::bag(atoms),
            Some("ordered") => Value::list(atoms),
            // A number without a default begins with 0.
            _ if atoms.is_empty() && matches!(base, "integer" | "float") => Value::number(0.0),
            _ => atoms.into_iter().next().map_or(Value::Null, Value::One),
        };
        Some((attribute(declared, "identifier")?.to_owned(), value))
    };
    // Every item has a score, declared or not.
    let mut all = BTreeMap::from([("SCORE".to_owned(), Value::number(0.0))]);
    all.extend(children(root, "outcomeDeclaration").filter_map(one));
    all
}

impl Machine<'_> {
    pub(super) fn run(&mut self, program: &Program) {
        self.rules(&program.rules);
    }

    /// Whether the rules go on.
    fn rules(&mut self, rules: &[Rule]) -> bool {
        rules.iter().all(|rule| self.rule(rule))
    }

    fn rule(&mut self, rule: &Rule) -> bool {
        match rule {
            Rule::Exit => return false,
            Rule::Set(name, expression) => {
                let value = self.value(expression);
                self.values.insert(name.clone(), value);
            }
            Rule::LookUp(name, expression) => {
                let by = self.value(expression).as_number();
                let declared = children(self.root, "outcomeDeclaration")
                    .find(|declared| attribute(*declared, "identifier") == Some(name));
                let found = declared.and_then(|declared| look_up(declared, by));
                self.values
                    .insert(name.clone(), found.unwrap_or(Value::Null));
            }
            Rule::Condition(branches) => {
                for (test, rules) in branches {
                    let holds = test
                        .as_ref()
                        .is_none_or(|test| self.value(test).as_truth() == Some(true));
                    if holds {
                        return self.rules(rules);
                    }
                }
            }
        }
        true
    }

    fn value(&self, expression: &Expression) -> Value {
        let named = |name: &String| self.values.get(name).cloned().unwrap_or(Value::Null);
        match expression {
            Expression::Constant(value) => value.clone(),
            Expression::Variable(name) => named(name),
            Expression::Correct(name) => self.right.get(name).cloned().unwrap_or(Value::Null),
            Expression::Map(name) => {
                let declaration = self.declared.get(name);
                let found = declaration.and_then(|declaration| {
                    let mapping = declaration.mapping.as_ref()?;
                    Some(mapped(mapping, &declaration.base, &named(name)))
                });
                Value::number(found.unwrap_or(0.0))
            }
            Expression::Index(place, inner) => {
                let place = match place {
                    Place::Number(number) => Some(*number),
                    Place::Variable(name) => named(name).as_number().and_then(to_place),
                };
                let list = self.value(inner);
                let found = place.and_then(|place| list.atoms().get(place.checked_sub(1)?));
                found.cloned().map_or(Value::Null, Value::One)
            }
            Expression::Bag(parts) => Value::bag(self.atoms(parts)),
            Expression::List(parts) => Value::list(self.atoms(parts)),
            Expression::Call(operation, parts) => {
                let values: Vec<Value> = parts.iter().map(|part| self.value(part)).collect();
                call(operation, &values)
            }
        }
    }

    fn atoms(&self, parts: &[Expression]) -> Vec<Atom> {
        parts
            .iter()
            .flat_map(|part| self.value(part).atoms().to_vec())
            .collect()
    }
}

fn to_place(number: f64) -> Option<usize> {
    let whole = number.fract() == 0.0 && (1.0..1e6).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 1, as asked before"
    )]
    whole.then_some(number as usize)
}

/// What a mapping gives for a response.
fn mapped(mapping: &Mapping, base: &str, response: &Value) -> f64 {
    let mut seen: Vec<&Atom> = Vec::new();
    let mut sum = 0.0;
    for atom in response.atoms() {
        // What is given twice counts once.
        if !seen.iter().any(|known| known.is(atom)) {
            sum += mapping.of_atom(base, atom);
            seen.push(atom);
        }
    }
    mapping.bounded(sum)
}

fn call(operation: &Operation, values: &[Value]) -> Value {
    // Logic knows what to make of nothing; everything else makes nothing of it.
    match operation {
        Operation::And => return logic(values, false),
        Operation::Or => return logic(values, true),
        Operation::IsNull => return Value::truth(values[0] == Value::Null),
        Operation::AnyOf { least, most } => {
            let holding = values.iter().filter(|value| value.as_truth() == Some(true));
            let count = holding.count();
            return Value::truth(count >= *least && count <= *most);
        }
        Operation::Size => return Value::number(values[0].atoms().len() as f64),
        _ if values.contains(&Value::Null) => return Value::Null,
        _ => {}
    }
    let truth = |truth: Option<bool>| truth.map_or(Value::Null, Value::truth);
    let (one, other) = (&values[0], values.last().unwrap_or(&values[0]));
    match operation {
        Operation::Match => Value::truth(one.is(other)),
        Operation::Member => Value::truth(other.atoms().iter().any(|atom| one.atoms()[0].is(atom))),
        Operation::Contains => Value::truth(contains(one, other)),
        Operation::Not => truth(one.as_truth().map(|truth| !truth)),
        Operation::Same => one.clone(),
        Operation::Without => {
            let keep = |atom: &&Atom| !atom.is(&one.atoms()[0]);
            let kept = other.atoms().iter().filter(keep).cloned().collect();
            match other {
                Value::List(_) => Value::list(kept),
                _ => Value::bag(kept),
            }
        }
        Operation::SameText { .. } | Operation::Substring { .. } | Operation::Pattern(_) => {
            truth(compare_texts(operation, one, other))
        }
        _ => numbers(operation, values),
    }
}

/// `and` (`decides` false) and `or` (`decides` true) with three values.
fn logic(values: &[Value], decides: bool) -> Value {
    if values.iter().any(|value| value.as_truth() == Some(decides)) {
        return Value::truth(decides);
    }
    match values.iter().all(|value| value.as_truth().is_some()) {
        true => Value::truth(!decides),
        false => Value::Null,
    }
}

/// Whether the first holds the second: of lists, one after another.
fn contains(one: &Value, other: &Value) -> bool {
    let (all, part) = (one.atoms(), other.atoms());
    match (one, other) {
        (Value::List(_), Value::List(_)) => all.windows(part.len()).any(|window| {
            let mut pairs = window.iter().zip(part);
            pairs.all(|(one, other)| one.is(other))
        }),
        _ => is_within(part, all),
    }
}

fn compare_texts(operation: &Operation, one: &Value, other: &Value) -> Option<bool> {
    let fold = |text: &str, case: bool| match case {
        true => text.to_owned(),
        false => fold_case(text),
    };
    let (one, other) = (one.as_text()?, other.as_text()?);
    Some(match operation {
        Operation::SameText { case, within: true } => {
            fold(one, *case).contains(&fold(other, *case))
        }
        Operation::SameText { case, .. } => fold(one, *case) == fold(other, *case),
        Operation::Substring { case } => fold(other, *case).contains(&fold(one, *case)),
        Operation::Pattern(matcher) => matcher.find(one).is_some(),
        _ => return None,
    })
}

fn numbers(operation: &Operation, values: &[Value]) -> Value {
    let mut all = Vec::new();
    for atom in values.iter().flat_map(|value| value.atoms()) {
        match atom {
            Atom::Number(number) => all.push(*number),
            _ => return Value::Null,
        }
    }
    let (Some(first), Some(last)) = (all.first().copied(), all.last().copied()) else {
        return Value::Null;
    };
    match operation {
        Operation::Sum => Value::number(all.iter().sum()),
        Operation::Product => Value::number(all.iter().product()),
        Operation::Least => Value::number(all.iter().copied().fold(f64::INFINITY, f64::min)),
        Operation::Greatest => Value::number(all.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        Operation::Subtract => Value::number(first - last),
        Operation::Divide => Value::number(first / last),
        Operation::Power => Value::number(first.powf(last)),
        Operation::WholeDivide => Value::number((first / last).floor()),
        Operation::Remainder => Value::number(first - last * (first / last).floor()),
        Operation::Round => Value::number((first + 0.5).floor()),
        Operation::Truncate => Value::number(first.trunc()),
        Operation::RoundTo(to) => Value::number(round(first, *to)),
        Operation::Function(name) => Value::number(function(name, first)),
        Operation::Less => Value::truth(first < last),
        Operation::LessOrEqual => Value::truth(first <= last),
        Operation::Greater => Value::truth(first > last),
        Operation::GreaterOrEqual => Value::truth(first >= last),
        Operation::Equal(near) => Value::truth(is_near(first, last, *near)),
        Operation::EqualRounded(to) => {
            let (one, other) = (round(first, *to), round(last, *to));
            Value::truth((one - other).abs() <= 1e-9 * one.abs().max(1e-9))
        }
        _ => Value::Null,
    }
}

/// Whether y lies within the bounds that x sets.
fn is_near(x: f64, y: f64, near: Nearness) -> bool {
    let (lowest, highest) = match near.relative {
        false => (x - near.below, x + near.above),
        true => {
            let (one, other) = (
                x * (1.0 - near.below / 100.0),
                x * (1.0 + near.above / 100.0),
            );
            (one.min(other), one.max(other))
        }
    };
    let hair = 1e-12 * x.abs().max(1.0);
    let above = match near.with_lowest {
        true => y >= lowest - hair,
        false => y > lowest + hair,
    };
    let below = match near.with_highest {
        true => y <= highest + hair,
        false => y < highest - hair,
    };
    above && below
}

pub(super) fn round(number: f64, to: Rounding) -> f64 {
    if number == 0.0 {
        return 0.0;
    }
    let digits = match to.significant {
        false => to.figures,
        true => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the logarithm of a finite number is small"
            )]
            let place = number.abs().log10().floor() as i32;
            to.figures - 1 - place
        }
    };
    let scale = 10_f64.powi(digits);
    (number * scale + 0.5).floor() / scale
}

fn function(name: &str, x: f64) -> f64 {
    match name {
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "tanh" => x.tanh(),
        "log" => x.log10(),
        "ln" => x.ln(),
        "exp" => x.exp(),
        "abs" => x.abs(),
        "signum" if x == 0.0 => 0.0,
        "signum" => x.signum(),
        "floor" => x.floor(),
        "ceil" => x.ceil(),
        "toDegrees" => x.to_degrees(),
        _ => f64::NAN,
    }
}
