//! Tests on one response: what it is compared with.

use carrel_quiz::kind::Tolerance;
use roxmltree::Node;

use super::expression;
use super::node::{attribute, elements, flag, is, name_of, text_of};
use super::processing::{Around, Operand, Test, is_about};

/// A test on one response and nothing else, as one or several of which any may hold.
pub(super) fn tests_of(test: Node<'_, '_>, id: &str) -> Option<Vec<Test>> {
    let parts: Vec<Node<'_, '_>> = elements(test).collect();
    if name_of(test) == "or" {
        let all: Option<Vec<Vec<Test>>> = parts.iter().map(|part| tests_of(*part, id)).collect();
        return Some(all?.into_iter().flatten().collect());
    }
    if name_of(test) == "not" {
        let empty = parts.first().is_some_and(|inner| is(*inner, "isNull"));
        return empty.then(|| vec![Test::Any]);
    }
    if name_of(test) == "and" {
        return range_of(&parts, id).map(|test| vec![test]);
    }
    if name_of(test) == "patternMatch" {
        let pattern = super::pattern::read(attribute(test, "pattern")?);
        return about_alone(&parts, id).then(|| vec![Test::Pattern(pattern)]);
    }
    let [one, other] = parts.as_slice() else {
        return None;
    };
    let response = |node: &Node<'_, '_>| is(*node, "variable") && is_about(*node, id);
    match (response(one), response(other)) {
        (true, false) => comparison(test, *other, id, true),
        (false, true) => comparison(test, *one, id, false),
        _ => None,
    }
}

fn about_alone(parts: &[Node<'_, '_>], id: &str) -> bool {
    matches!(parts, [one] if is(*one, "variable") && is_about(*one, id))
}

/// `answer_first`: of two numbers the first is the measure of a tolerance.
fn comparison(
    test: Node<'_, '_>,
    value: Node<'_, '_>,
    id: &str,
    answer_first: bool,
) -> Option<Vec<Test>> {
    let correct = is(value, "correct") && is_about(value, id);
    let case_sensitive = name_of(test) != "stringMatch" || flag(test, "caseSensitive");
    let constant = |node: Node<'_, '_>| Test::Value {
        value: text_of(node),
        case_sensitive,
    };
    let within = match name_of(test).as_str() {
        "stringMatch" => answer_first && flag(test, "substring"),
        "substring" => !answer_first,
        _ => false,
    };
    if within && is(value, "baseValue") {
        return Some(vec![Test::Contains {
            value: text_of(value),
            case_sensitive: flag(test, "caseSensitive"),
        }]);
    }
    match name_of(test).as_str() {
        "stringMatch" if flag(test, "substring") => None,
        "match" | "stringMatch" | "member" if correct => Some(vec![Test::Correct]),
        "match" | "stringMatch" if is(value, "baseValue") => Some(vec![constant(value)]),
        "match" => Some(vec![near(value, id, Tolerance::Exact)?]),
        "member" if is(value, "multiple") || is(value, "ordered") => {
            let mut parts = elements(value);
            let all = parts.all(|part| is(part, "baseValue"));
            all.then(|| elements(value).map(constant).collect())
        }
        "equal" => Some(vec![equal(test, operand(value, id)?, answer_first)?]),
        "equalRounded" => Some(vec![Test::Around {
            value: operand(value, id)?,
            how: Around::Rounded {
                significant: attribute(test, "roundingMode") != Some("decimalPlaces"),
                figures: attribute(test, "figures")?.parse().ok()?,
            },
        }]),
        _ => None,
    }
}

fn near(value: Node<'_, '_>, id: &str, tolerance: Tolerance) -> Option<Test> {
    let value = operand(value, id)?;
    Some(Test::Near { value, tolerance })
}

fn operand(value: Node<'_, '_>, id: &str) -> Option<Operand> {
    if is(value, "correct") && is_about(value, id) {
        Some(Operand::Correct)
    } else {
        Some(Operand::Expression(expression::read(value).ok()?))
    }
}

/// `equal` with its tolerance: the second number lies between bounds that the first sets.
fn equal(test: Node<'_, '_>, value: Operand, answer_first: bool) -> Option<Test> {
    let mode = attribute(test, "toleranceMode").unwrap_or("exact");
    if mode == "exact" {
        let tolerance = Tolerance::Exact;
        return Some(Test::Near { value, tolerance });
    }
    let written = attribute(test, "tolerance")?;
    let bounds: Option<Vec<f64>> = written
        .split_whitespace()
        .map(|by| by.parse().ok())
        .collect();
    let (below, above) = match bounds?.as_slice() {
        [by] => (*by, *by),
        [below, above] => (*below, *above),
        _ => return None,
    };
    if !(below >= 0.0 && above >= 0.0 && (below + above).is_finite()) {
        return None;
    }
    let how = match (mode, answer_first) {
        ("relative", true) => Around::RelativeToAnswer { below, above },
        ("relative", false) if below == above => {
            let tolerance = Tolerance::Relative { by: below / 100.0 };
            return Some(Test::Near { value, tolerance });
        }
        ("relative", false) => Around::Relative { below, above },
        (_, _) if below == above => {
            let tolerance = Tolerance::Absolute { by: below };
            return Some(Test::Near { value, tolerance });
        }
        (_, true) => Around::Absolute {
            below: above,
            above: below,
        },
        (_, false) => Around::Absolute { below, above },
    };
    Some(Test::Around { value, how })
}

/// `response >= a and response <= b`, with or without the bounds.
fn range_of(parts: &[Node<'_, '_>], id: &str) -> Option<Test> {
    let bound = |name: &str| {
        let part = parts.iter().find(|part| is(**part, name))?;
        let mut sides = elements(*part);
        let (one, other) = (sides.next()?, sides.next()?);
        let asked = is(one, "variable") && is_about(one, id);
        asked.then(|| expression::read(other).ok()).flatten()
    };
    if parts.len() != 2 {
        return None;
    }
    // A bound that is not included: a hair further in.
    let within = |name: &str, sign: &str| {
        let bound = bound(name)?;
        Some(format!(
            "{bound} {sign} 0.000000000003 * max(1, abs({bound}))"
        ))
    };
    Some(Test::Range {
        min: Operand::Expression(bound("gte").or_else(|| within("gt", "+"))?),
        max: Operand::Expression(bound("lte").or_else(|| within("lt", "-"))?),
    })
}
