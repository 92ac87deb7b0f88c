//! Template processing: variables that are drawn and computed.

use std::collections::BTreeMap;

use carrel_quiz::limits::VARIABLES_MAX;
use carrel_quiz::template::{Template, Value, Variable, VariableSource};
use roxmltree::{Document, Node};

use super::expression::{self, is_name};
use super::node::{attribute, child, children, elements, is, name_of, number, text_of};

/// Values of a range of fractions that are told apart.
const FRACTION_STEPS: f64 = 1_000.0;

/// Variables of an item, and what is right by response.
#[derive(Debug, Default)]
pub(super) struct Computed {
    pub(super) template: Template,
    pub(super) correct: BTreeMap<String, String>,
    pub(super) losses: Vec<String>,
    /// Names that the item declares.
    declared: Vec<String>,
    /// Lists that variables hold, by name.
    lists: BTreeMap<String, Vec<String>>,
}

/// Reads the template processing; `None` where there is none, the reason where Carrel cannot do it.
pub(super) fn read(document: &Document<'_>) -> Result<Option<Computed>, String> {
    let root = document.root_element();
    let processing = child(root, "templateProcessing");
    if children(root, "templateDeclaration").count() > VARIABLES_MAX {
        return Err(format!("it has more than {VARIABLES_MAX} variables"));
    }
    let constant = |declared: Node<'_, '_>| {
        child(declared, "defaultValue").is_some() && is_used(root, declared)
    };
    if processing.is_none() && !children(root, "templateDeclaration").any(constant) {
        return Ok(None);
    }
    let mut computed = Computed::default();
    let names = children(root, "templateDeclaration");
    computed.declared = names
        .filter_map(|declared| attribute(declared, "identifier").map(str::to_owned))
        .collect();
    for declared in children(root, "templateDeclaration") {
        if processing.is_none() && !is_used(root, declared) {
            continue;
        }
        let mut rules = processing.iter().flat_map(|rules| rules.descendants());
        let set = rules.any(|node| {
            is(node, "setTemplateValue")
                && attribute(node, "identifier") == attribute(declared, "identifier")
        });
        if let (false, Some(default)) = (set, child(declared, "defaultValue")) {
            computed.preset(declared, default)?;
        }
    }
    for rule in processing.iter().flat_map(|rules| elements(*rules)) {
        computed.rule(rule)?;
    }
    Ok(Some(computed))
}

/// Whether a text or a rule asks for a variable.
fn is_used(root: Node<'_, '_>, declared: Node<'_, '_>) -> bool {
    let name = attribute(declared, "identifier");
    root.descendants().any(|node| {
        (is(node, "printedVariable") || is(node, "variable"))
            && attribute(node, "identifier") == name
    })
}

impl Computed {
    fn preset(&mut self, declared: Node<'_, '_>, default: Node<'_, '_>) -> Result<(), String> {
        let name = attribute(declared, "identifier").unwrap_or_default();
        let values = children(default, "value").map(|value| value_of(value, declared));
        self.add(
            name,
            VariableSource::List {
                values: values.take(1).collect(),
                group: None,
            },
        )
    }

    fn rule(&mut self, rule: Node<'_, '_>) -> Result<(), String> {
        let name = attribute(rule, "identifier").unwrap_or_default();
        match name_of(rule).as_str() {
            "setTemplateValue" => {
                let value = elements(rule)
                    .next()
                    .ok_or("a variable is set to nothing")?;
                self.set(name, value)
            }
            "setCorrectResponse" => {
                let value = elements(rule)
                    .next()
                    .ok_or("a response is set to nothing")?;
                let expression = self.expression(value)?;
                self.correct.insert(name.to_owned(), expression);
                Ok(())
            }
            "templateConstraint" => {
                let test = elements(rule).next().ok_or("an empty constraint")?;
                let condition = self.expression(test)?;
                self.template.conditions.push(condition);
                Ok(())
            }
            "templateCondition" => self.condition(rule),
            other => Err(format!("it computes with `{other}`")),
        }
    }

    /// `if`, `else if`, `else` that all set the same one variable or response.
    fn condition(&mut self, rule: Node<'_, '_>) -> Result<(), String> {
        let unlike = || "it computes with conditions that set different things".to_owned();
        let mut branches = Vec::new();
        let mut target: Option<(String, String)> = None;
        for branch in elements(rule) {
            let mut parts: Vec<Node<'_, '_>> = elements(branch).collect();
            let last = parts.pop().ok_or_else(unlike)?;
            let name = attribute(last, "identifier").unwrap_or_default();
            let this = (name_of(last), name.to_owned());
            let same = target.as_ref().is_none_or(|target| *target == this);
            let test = match (parts.as_slice(), is(branch, "templateElse")) {
                ([], true) => None,
                ([test], false) => Some(self.expression(*test)?),
                _ => return Err(unlike()),
            };
            if !same {
                return Err(unlike());
            }
            let value = elements(last).next().ok_or_else(unlike)?;
            branches.push((test, self.expression(value)?));
            target = Some(this);
        }
        let (kind, name) = target.ok_or_else(unlike)?;
        let otherwise = match branches.last() {
            Some((None, value)) => {
                let value = value.clone();
                branches.pop();
                value
            }
            // Unset: the last branch stands for it, as authors cover every case.
            _ => branches.pop().map(|(_, value)| value).ok_or_else(unlike)?,
        };
        let whole = branches
            .into_iter()
            .rev()
            .fold(otherwise, |rest, (test, value)| {
                format!("if({}, {value}, {rest})", test.unwrap_or_default())
            });
        match kind.as_str() {
            "setTemplateValue" => self.add(&name, VariableSource::Expression { expression: whole }),
            "setCorrectResponse" => {
                self.correct.insert(name, whole);
                Ok(())
            }
            _ => Err(unlike()),
        }
    }

    fn set(&mut self, name: &str, value: Node<'_, '_>) -> Result<(), String> {
        if matches!(name_of(value).as_str(), "ordered" | "multiple") {
            let mut list = Vec::new();
            for part in elements(value) {
                list.push(self.expression(part)?);
            }
            self.lists.insert(name.to_owned(), list);
            return Ok(());
        }
        let source = match self.drawn(value)? {
            Some(source) => source,
            None => VariableSource::Expression {
                expression: self.expression(value)?,
            },
        };
        self.add(name, source)
    }

    fn add(&mut self, name: &str, source: VariableSource) -> Result<(), String> {
        if !is_name(name) {
            return Err(format!(
                "the variable `{name}` has a name that means something else here"
            ));
        }
        if self
            .template
            .variables
            .iter()
            .any(|known| known.name == name)
        {
            return Err(format!("the variable `{name}` is set twice"));
        }
        self.template.variables.push(Variable {
            name: name.to_owned(),
            source,
        });
        Ok(())
    }

    /// What is drawn by chance; `None` for everything else.
    fn drawn(&mut self, value: Node<'_, '_>) -> Result<Option<VariableSource>, String> {
        let bound = |name: &str| {
            number(value, name).ok_or_else(|| format!("it draws up to a computed `{name}`"))
        };
        Ok(match name_of(value).as_str() {
            "randomInteger" => Some(VariableSource::Range {
                min: number(value, "min").unwrap_or(0.0),
                max: bound("max")?,
                step: number(value, "step")
                    .filter(|step| *step > 0.0)
                    .unwrap_or(1.0),
            }),
            "randomFloat" => {
                let (min, max) = (number(value, "min").unwrap_or(0.0), bound("max")?);
                self.losses
                    .push("a fraction is drawn from 1,001 values".to_owned());
                Some(VariableSource::Range {
                    min,
                    max,
                    step: ((max - min) / FRACTION_STEPS).max(f64::MIN_POSITIVE),
                })
            }
            "random" => {
                let list = elements(value).next().ok_or("it draws from nothing")?;
                let values: Vec<Value> = children(list, "baseValue")
                    .map(|value| value_of(value, value))
                    .collect();
                if values.is_empty() || values.len() != elements(list).count() {
                    return Err("it draws from computed values".to_owned());
                }
                Some(VariableSource::List {
                    values,
                    group: None,
                })
            }
            _ => None,
        })
    }

    /// An expression; what it draws becomes a variable of its own.
    fn expression(&mut self, node: Node<'_, '_>) -> Result<String, String> {
        let converted = expression::convert(node, 0, &mut |inner| {
            if is(inner, "index") {
                return self.indexed(inner);
            }
            let source = self.drawn(inner)?.ok_or_else(|| name_of(inner))?;
            let known = |name: &String| {
                let mut variables = self.template.variables.iter();
                self.declared.contains(name) || variables.any(|variable| variable.name == *name)
            };
            let mut number = 1;
            let mut name = "drawn1".to_owned();
            while known(&name) {
                number += 1;
                name = format!("drawn{number}");
            }
            self.add(&name, source)?;
            Ok(name)
        });
        converted.map_err(|what| match what.contains(' ') {
            true => what,
            false => format!("it computes with `{what}`"),
        })
    }

    /// The n-th of a list of constants, as a chain of conditions.
    fn indexed(&mut self, node: Node<'_, '_>) -> Result<String, String> {
        let index = attribute(node, "n").unwrap_or_default();
        let list = elements(node).next().ok_or("an index of nothing")?;
        let values = if is(list, "variable") {
            let name = attribute(list, "identifier").unwrap_or_default();
            let known = self.lists.get(name);
            known
                .cloned()
                .ok_or_else(|| format!("the list `{name}` is not known"))?
        } else {
            let mut values = Vec::new();
            for part in elements(list) {
                values.push(self.expression(part)?);
            }
            values
        };
        if let Ok(place) = index.parse::<usize>() {
            let found = place.checked_sub(1).and_then(|place| values.get(place));
            return found
                .cloned()
                .ok_or_else(|| "an index beyond its list".to_owned());
        }
        if !is_name(index) {
            return Err(format!("the index `{index}` is no variable"));
        }
        let mut numbered = values.into_iter().enumerate().rev();
        let (_, last) = numbered.next().ok_or("an index of an empty list")?;
        Ok(numbered.fold(last, |rest, (number, value)| {
            format!("if({index} == {}, {value}, {rest})", number + 1)
        }))
    }
}

/// A constant of the type that an element declares.
fn value_of(value: Node<'_, '_>, typed: Node<'_, '_>) -> Value {
    let text = text_of(value);
    let numeric = matches!(attribute(typed, "baseType"), Some("integer" | "float"));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Value::Number(number),
        _ => Value::Text(text),
    }
}
