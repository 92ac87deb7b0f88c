//! Formulas of Moodle's calculated questions, which are PHP, and expressions of Carrel: one tree,
//! read and written in both languages.
//!
//! In PHP `^` is a bitwise operation, `%` takes whole numbers and has the sign of the dividend,
//! `log` is the natural logarithm. What has no counterpart is refused by its name.

mod parse;

use std::collections::{BTreeMap, BTreeSet};

use carrel_quiz::limits::EXPRESSION_DEPTH_MAX;

use parse::Parser;

/// Most parts of a formula after variables were put into each other.
const PARTS_MAX: usize = 200;
/// Variables take each other's place at most so deep.
const DEPTH_MAX: usize = EXPRESSION_DEPTH_MAX - 10;

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// As it was written.
    Number(String),
    Variable(String),
    Negate(Box<Term>),
    Binary(Operator, Box<Term>, Box<Term>),
    /// A function, by its name in Carrel.
    Call(&'static str, Vec<Term>),
    /// The second where the first is not 0, else the third.
    Choose(Box<[Term; 3]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Operator {
    /// How tightly it binds, and its sign, which both languages share but for the power.
    fn level_and_sign(self) -> (u8, &'static str) {
        match self {
            Self::Equal => (1, "=="),
            Self::Unequal => (1, "!="),
            Self::Less => (1, "<"),
            Self::LessOrEqual => (1, "<="),
            Self::Greater => (1, ">"),
            Self::GreaterOrEqual => (1, ">="),
            Self::Add => (2, "+"),
            Self::Subtract => (2, "-"),
            Self::Multiply => (3, "*"),
            Self::Divide => (3, "/"),
            Self::Power => (5, "^"),
        }
    }
}

fn number(digits: &str) -> Term {
    Term::Number(digits.to_owned())
}

fn binary(left: Term, operator: Operator, right: Term) -> Term {
    Term::Binary(operator, Box::new(left), Box::new(right))
}

fn choose(condition: Term, then: Term, otherwise: Term) -> Term {
    Term::Choose(Box::new([condition, then, otherwise]))
}

fn call(name: &'static str, argument: Term) -> Term {
    Term::Call(name, vec![argument])
}

/// `a - b * f(a / b)`: the remainder that goes with a way of rounding the quotient.
fn remainder(left: Term, right: Term, rounding: &'static str) -> Term {
    let quotient = binary(left.clone(), Operator::Divide, right.clone());
    let whole = binary(right, Operator::Multiply, call(rounding, quotient));
    binary(left, Operator::Subtract, whole)
}

impl Term {
    /// An expression of Carrel; `None`: it has something that formulas have not, such as texts.
    pub(super) fn of_ours(source: &str) -> Option<Self> {
        Parser::new(source, None).whole().ok()
    }

    /// A formula of Moodle with its variables named anew.
    pub(super) fn of_moodle(
        source: &str,
        names: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        Parser::new(source, Some(names))
            .whole()
            .map_err(|what| format!("the formula `{source}`: {what}"))
    }

    /// The same with formulas in place of variables; `None`: it would be too large.
    pub(super) fn with(&self, known: &BTreeMap<String, Self>) -> Option<Self> {
        let term = self.replaced(known);
        (term.parts() <= PARTS_MAX && term.depth() <= DEPTH_MAX).then_some(term)
    }

    fn replaced(&self, known: &BTreeMap<String, Self>) -> Self {
        let inner = |term: &Self| Box::new(term.replaced(known));
        match self {
            Self::Number(_) => self.clone(),
            Self::Variable(name) => known.get(name).unwrap_or(self).clone(),
            Self::Negate(term) => Self::Negate(inner(term)),
            Self::Binary(operator, left, right) => {
                Self::Binary(*operator, inner(left), inner(right))
            }
            Self::Call(name, arguments) => {
                let arguments = arguments.iter().map(|term| term.replaced(known));
                Self::Call(name, arguments.collect())
            }
            Self::Choose(three) => {
                let [condition, then, otherwise] = &**three;
                choose(
                    condition.replaced(known),
                    then.replaced(known),
                    otherwise.replaced(known),
                )
            }
        }
    }

    fn inner(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Variable(_) => Vec::new(),
            Self::Negate(term) => vec![&**term],
            Self::Binary(_, left, right) => vec![&**left, &**right],
            Self::Call(_, arguments) => arguments.iter().collect(),
            Self::Choose(three) => three.iter().collect(),
        }
    }

    /// The variables that it names.
    pub(super) fn variables(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Self::Variable(name) = self {
            names.insert(name.clone());
        }
        for inner in self.inner() {
            names.append(&mut inner.variables());
        }
        names
    }

    fn parts(&self) -> usize {
        1 + self.inner().into_iter().map(Self::parts).sum::<usize>()
    }

    fn depth(&self) -> usize {
        1 + self.inner().into_iter().map(Self::depth).max().unwrap_or(0)
    }

    /// Whether its value is true or false, which PHP shows in its own way.
    pub(super) fn is_comparison(&self) -> bool {
        matches!(self, Self::Binary(operator, ..) if operator.level_and_sign().0 == 1)
    }

    /// As an expression of Carrel.
    pub(super) fn ours(&self) -> String {
        self.written(false)
    }

    /// As a formula of Moodle.
    pub(super) fn moodle(&self) -> String {
        self.written(true)
    }

    fn written(&self, moodle: bool) -> String {
        match self {
            Self::Number(digits) => decimal(digits),
            Self::Variable(name) if moodle => format!("{{{name}}}"),
            Self::Variable(name) => name.clone(),
            // In PHP two minus signs in a row are another operator.
            Self::Negate(term) => format!("(-{})", term.within(6, moodle)),
            Self::Binary(Operator::Power, left, right) if moodle => {
                format!("pow({}, {})", left.written(true), right.written(true))
            }
            Self::Binary(operator, left, right) => {
                let (level, sign) = operator.level_and_sign();
                // Sums and products lean to the left, a power to the right; comparisons to none.
                let (before, after) = match level {
                    1 => (2, 2),
                    5 => (6, 5),
                    level => (level, level + 1),
                };
                let part = |term: &Self, within| match moodle && level == 1 {
                    true if term.is_comparison() => term.number(),
                    _ => term.within(within, moodle),
                };
                format!("{} {sign} {}", part(left, before), part(right, after))
            }
            Self::Call(name, arguments) => called(name, arguments, moodle),
            Self::Choose(three) => {
                let [condition, then, otherwise] = &**three;
                let condition = condition.written(moodle);
                match moodle {
                    true => {
                        let (then, otherwise) = (then.number(), otherwise.number());
                        format!("(({condition}) ? ({then}) : ({otherwise}))")
                    }
                    false => {
                        let (then, otherwise) = (then.written(false), otherwise.written(false));
                        format!("if({condition}, {then}, {otherwise})")
                    }
                }
            }
        }
    }

    /// As a formula of Moodle whose value is a number: PHP compares what is true or false with
    /// a number by the truth of the number.
    fn number(&self) -> String {
        let text = self.written(true);
        match self.is_comparison() {
            true => format!("(({text}) ? (1) : (0))"),
            false => text,
        }
    }

    /// In brackets where it binds less tightly.
    fn within(&self, level: u8, moodle: bool) -> String {
        let own = match self {
            Self::Binary(Operator::Power, ..) if moodle => 9,
            Self::Binary(operator, ..) => operator.level_and_sign().0,
            _ => 9,
        };
        let text = self.written(moodle);
        match own < level {
            true => format!("({text})"),
            false => text,
        }
    }
}

/// Digits without zeros before them, which PHP reads as an octal number.
fn decimal(digits: &str) -> String {
    let bare = digits.trim_start_matches('0');
    match bare.starts_with(|first: char| first.is_ascii_digit()) {
        true => bare.to_owned(),
        false if bare.len() == digits.len() => bare.to_owned(),
        false => format!("0{bare}"),
    }
}

/// A function with its arguments.
fn called(name: &str, arguments: &[Term], moodle: bool) -> String {
    let all: Vec<String> = arguments.iter().map(|term| term.written(moodle)).collect();
    match (moodle, name, all.as_slice()) {
        (true, "ln", [x]) => format!("log({x})"),
        (true, "log2", [x]) => format!("log({x}, 2)"),
        // What is over the whole numbers.
        (true, "trunc", [x]) => format!("(({x}) - fmod({x}, 1))"),
        // Of a single one there is nothing to compare.
        (true, "min" | "max", [x]) => format!("({x})"),
        (true, "pi", []) => "pi()".to_owned(),
        (true, "e", []) => "exp(1)".to_owned(),
        (false, "pi" | "e", []) => name.to_owned(),
        (_, name, all) => format!("{name}({})", all.join(", ")),
    }
}

#[cfg(test)]
#[path = "formula_tests.rs"]
mod tests;
