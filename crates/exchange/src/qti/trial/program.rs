//! Response processing, parsed once and run for many responses.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use super::operation::{Operation, operation};
use super::value::{Atom, Value};
use crate::qti::declaration::Declaration;
use crate::qti::node::{attribute, child, children, elements, is, name_of, number, text_of};
use crate::qti::processing::template_name;

/// Deepest nesting of rules and expressions.
const DEPTH_MAX: usize = 40;
/// Most rules and expressions of an item.
const PARTS_MAX: usize = 20_000;

/// Rules in their order.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) rules: Vec<Rule>,
    /// How many rules and expressions there are.
    pub(super) parts: usize,
}

impl Program {
    /// Sets and orders that something is compared with as a whole.
    pub(super) fn named(&self) -> Vec<Value> {
        let mut found = Vec::new();
        named_in(&self.rules, &mut found);
        found
    }
}

fn named_in(rules: &[Rule], found: &mut Vec<Value>) {
    for rule in rules {
        let Rule::Condition(branches) = rule else {
            continue;
        };
        for (test, rules) in branches {
            if let Some(test) = test {
                named_by(test, found);
            }
            named_in(rules, found);
        }
    }
}

fn named_by(test: &Expression, found: &mut Vec<Value>) {
    let Expression::Call(operation, parts) = test else {
        return;
    };
    parts.iter().for_each(|part| named_by(part, found));
    if !matches!(operation, Operation::Match) {
        return;
    }
    let constants = |parts: &[Expression]| -> Option<Vec<Atom>> {
        let mut atoms = Vec::new();
        for part in parts {
            match part {
                Expression::Constant(value) => atoms.extend(value.atoms().iter().cloned()),
                _ => return None,
            }
        }
        Some(atoms)
    };
    found.extend(parts.iter().filter_map(|part| match part {
        Expression::Bag(parts) => constants(parts).map(Value::bag),
        Expression::List(parts) => constants(parts).map(Value::list),
        _ => None,
    }));
}

#[derive(Debug)]
pub(super) enum Rule {
    Set(String, Expression),
    /// The first branch whose test holds; the last may have no test.
    Condition(Vec<(Option<Expression>, Vec<Rule>)>),
    /// An outcome found in its table by a number.
    LookUp(String, Expression),
    Exit,
}

#[derive(Debug)]
pub(super) enum Expression {
    Constant(Value),
    Variable(String),
    Correct(String),
    Map(String),
    /// The n-th of a list: a number, or a variable that holds one.
    Index(Place, Box<Expression>),
    Bag(Vec<Expression>),
    List(Vec<Expression>),
    Call(Operation, Vec<Expression>),
}

#[derive(Debug)]
pub(super) enum Place {
    Number(usize),
    Variable(String),
}

/// The rules of an item; of one without, what its declarations imply. The reason where a rule is of
/// a kind that is not run here.
pub(super) fn parse(
    document: &Document<'_>,
    declared: &BTreeMap<String, Declaration>,
    responses: &[&str],
) -> Result<Option<Program>, String> {
    let processing = child(document.root_element(), "responseProcessing");
    let mut parser = Parser { parts: 0 };
    let mut rules = Vec::new();
    for rule in processing.iter().flat_map(|node| elements(*node)) {
        parser.rule(rule, 0, &mut rules)?;
    }
    if rules.is_empty() {
        rules = match processing.and_then(|node| attribute(node, "template")) {
            Some(address) => {
                // The templates are about `RESPONSE`; an item with one of another name means that.
                let about = match responses {
                    [alone] => (*alone).to_owned(),
                    _ => "RESPONSE".to_owned(),
                };
                template(address, about)
                    .ok_or_else(|| format!("the template `{}`", template_name(address)))?
            }
            None => implied(declared, responses),
        };
    }
    let parts = parser.parts.max(4);
    Ok((!rules.is_empty()).then_some(Program { rules, parts }))
}

/// Rules for declarations alone: each mapping gives what it says, each right response one point.
fn implied(declared: &BTreeMap<String, Declaration>, responses: &[&str]) -> Vec<Rule> {
    let mut rules = Vec::new();
    for id in responses {
        let variable = || Expression::Variable((*id).to_owned());
        let Some(declaration) = declared.get(*id) else {
            continue;
        };
        let (test, points) = match &declaration.mapping {
            Some(_) => {
                let empty = Expression::Call(Operation::IsNull, vec![variable()]);
                let test = Expression::Call(Operation::Not, vec![empty]);
                (test, Expression::Map((*id).to_owned()))
            }
            None if declaration.correct.is_empty() && declaration.computed.is_none() => continue,
            None => {
                let right = Expression::Correct((*id).to_owned());
                let test = Expression::Call(Operation::Match, vec![variable(), right]);
                (test, Expression::Constant(Value::number(1.0)))
            }
        };
        let score = Expression::Variable("SCORE".to_owned());
        let sum = Expression::Call(Operation::Sum, vec![score, points]);
        let rule = Rule::Set("SCORE".to_owned(), sum);
        rules.push(Rule::Condition(vec![(Some(test), vec![rule])]));
    }
    rules
}

/// A standard template as rules.
fn template(address: &str, response: String) -> Option<Vec<Rule>> {
    let variable = || Expression::Variable(response.clone());
    let set = |value| vec![Rule::Set("SCORE".to_owned(), value)];
    let number = |value| Expression::Constant(Value::number(value));
    let branches = match template_name(address) {
        "match_correct" => {
            let right = Expression::Correct(response.clone());
            let test = Expression::Call(Operation::Match, vec![variable(), right]);
            vec![(Some(test), set(number(1.0))), (None, set(number(0.0)))]
        }
        "map_response" => {
            let test = Expression::Call(Operation::IsNull, vec![variable()]);
            let map = Expression::Map(response.clone());
            vec![(Some(test), set(number(0.0))), (None, set(map))]
        }
        _ => return None,
    };
    Some(vec![Rule::Condition(branches)])
}

struct Parser {
    parts: usize,
}

impl Parser {
    fn count(&mut self, depth: usize) -> Result<(), String> {
        self.parts += 1;
        if depth > DEPTH_MAX || self.parts > PARTS_MAX {
            return Err("too many rules".to_owned());
        }
        Ok(())
    }

    fn rule(
        &mut self,
        node: Node<'_, '_>,
        depth: usize,
        rules: &mut Vec<Rule>,
    ) -> Result<(), String> {
        self.count(depth)?;
        let name = name_of(node);
        let target = || attribute(node, "identifier").unwrap_or_default().to_owned();
        match name.as_str() {
            "setOutcomeValue" | "lookupOutcomeValue" => {
                let value = elements(node).next().ok_or_else(|| name.clone())?;
                let value = self.expression(value, depth + 1)?;
                rules.push(match name.as_str() {
                    "setOutcomeValue" => Rule::Set(target(), value),
                    _ => Rule::LookUp(target(), value),
                });
            }
            "responseCondition" => {
                let mut branches = Vec::new();
                for branch in elements(node) {
                    branches.push(self.branch(branch, depth + 1)?);
                }
                rules.push(Rule::Condition(branches));
            }
            "responseProcessingFragment" => {
                for inner in elements(node) {
                    self.rule(inner, depth + 1, rules)?;
                }
            }
            "exitResponse" => rules.push(Rule::Exit),
            _ => return Err(name),
        }
        Ok(())
    }

    fn branch(
        &mut self,
        branch: Node<'_, '_>,
        depth: usize,
    ) -> Result<(Option<Expression>, Vec<Rule>), String> {
        let mut parts = elements(branch);
        let test = match is(branch, "responseElse") {
            true => None,
            false => {
                let test = parts.next().ok_or_else(|| name_of(branch))?;
                Some(self.expression(test, depth)?)
            }
        };
        let mut rules = Vec::new();
        for rule in parts {
            self.rule(rule, depth + 1, &mut rules)?;
        }
        Ok((test, rules))
    }

    fn expression(&mut self, node: Node<'_, '_>, depth: usize) -> Result<Expression, String> {
        self.count(depth)?;
        let name = name_of(node);
        let about = || attribute(node, "identifier").unwrap_or_default().to_owned();
        match name.as_str() {
            "baseValue" => return constant(node),
            "null" => return Ok(Expression::Constant(Value::Null)),
            "variable" => return Ok(Expression::Variable(about())),
            "correct" => return Ok(Expression::Correct(about())),
            "mapResponse" => return Ok(Expression::Map(about())),
            _ => {}
        }
        let mut parts = Vec::new();
        for part in elements(node) {
            parts.push(self.expression(part, depth + 1)?);
        }
        match name.as_str() {
            "multiple" => Ok(Expression::Bag(parts)),
            "ordered" => Ok(Expression::List(parts)),
            "index" => {
                let inner = parts.into_iter().next().ok_or_else(|| name.clone())?;
                let n = attribute(node, "n").unwrap_or_default();
                let place = match n.parse() {
                    Ok(number) => Place::Number(number),
                    Err(_) => Place::Variable(n.to_owned()),
                };
                Ok(Expression::Index(place, Box::new(inner)))
            }
            _ => {
                let (operation, wanted) = operation(node, &name)?;
                let least = wanted.unwrap_or(1);
                if parts.len() < least || wanted.is_some_and(|wanted| parts.len() > wanted) {
                    return Err(name);
                }
                Ok(Expression::Call(operation, parts))
            }
        }
    }
}

fn constant(node: Node<'_, '_>) -> Result<Expression, String> {
    let base = attribute(node, "baseType").unwrap_or("string");
    let text = text_of(node);
    let atom = Atom::parse(base, &text).ok_or_else(|| format!("baseValue {text}"))?;
    Ok(Expression::Constant(Value::One(atom)))
}

/// What a table of an outcome gives for a number: the table's pairs in their order, and the rest.
pub(super) fn look_up(declaration: Node<'_, '_>, by: Option<f64>) -> Option<Value> {
    let base = attribute(declaration, "baseType").unwrap_or("float");
    let (name, entry, exact) = match child(declaration, "matchTable") {
        Some(_) => ("matchTable", "matchTableEntry", true),
        None => ("interpolationTable", "interpolationTableEntry", false),
    };
    let table = child(declaration, name)?;
    let fits = |row: &Node<'_, '_>| {
        let bound = number(*row, "sourceValue");
        match (by, bound) {
            (Some(by), Some(bound)) if exact => (by - bound).abs() < 1e-9,
            (Some(by), Some(bound)) => {
                by > bound || (by >= bound && attribute(*row, "includeBoundary") != Some("false"))
            }
            _ => false,
        }
    };
    let found = children(table, entry).find(fits);
    let text = match found {
        Some(row) => attribute(row, "targetValue"),
        None => attribute(table, "defaultValue"),
    };
    Some(
        text.and_then(|text| Atom::parse(base, text))
            .map_or(Value::Null, Value::One),
    )
}
