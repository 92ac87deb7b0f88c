//! Operators of response processing.

use carrel_quiz::kind::{Case, PatternKind, Spaces, TextKey, TextPattern, TextRules};
use carrel_quiz::score;
use roxmltree::Node;

use crate::qti::node::{attribute, flag, name_of, number};
use crate::qti::pattern;

/// How far two numbers may be apart; the first of them is the measure, as QTI says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Nearness {
    pub(super) relative: bool,
    pub(super) below: f64,
    pub(super) above: f64,
    pub(super) with_lowest: bool,
    pub(super) with_highest: bool,
}

/// Where a number is rounded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rounding {
    pub(super) significant: bool,
    pub(super) figures: i32,
}

#[derive(Debug)]
pub(super) enum Operation {
    Match,
    Member,
    Contains,
    And,
    Or,
    Not,
    IsNull,
    AnyOf {
        least: usize,
        most: usize,
    },
    Equal(Nearness),
    EqualRounded(Rounding),
    SameText {
        case: bool,
        within: bool,
    },
    /// Its first text is looked for in the second.
    Substring {
        case: bool,
    },
    Pattern(score::TextMatcher),
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Sum,
    Product,
    Subtract,
    Divide,
    Power,
    WholeDivide,
    Remainder,
    Round,
    Truncate,
    RoundTo(Rounding),
    Least,
    Greatest,
    Size,
    Without,
    Same,
    Function(String),
}

/// An operator, and how many parts it takes where that is fixed.
pub(super) fn operation(
    node: Node<'_, '_>,
    name: &str,
) -> Result<(Operation, Option<usize>), String> {
    let case = flag(node, "caseSensitive");
    let two = |operation| Ok((operation, Some(2)));
    let one = |operation| Ok((operation, Some(1)));
    let any = |operation| Ok((operation, None));
    match name {
        "match" => two(Operation::Match),
        "member" => two(Operation::Member),
        "contains" => two(Operation::Contains),
        "and" => any(Operation::And),
        "or" => any(Operation::Or),
        "not" => one(Operation::Not),
        "isNull" => one(Operation::IsNull),
        "anyN" => {
            let bound = |name| attribute(node, name).and_then(|bound| bound.parse().ok());
            let (Some(least), Some(most)) = (bound("min"), bound("max")) else {
                return Err(name.to_owned());
            };
            any(Operation::AnyOf { least, most })
        }
        "equal" => two(Operation::Equal(nearness(node)?)),
        "equalRounded" => two(Operation::EqualRounded(rounding(node)?)),
        "roundTo" => one(Operation::RoundTo(rounding(node)?)),
        "stringMatch" => two(Operation::SameText {
            case,
            within: flag(node, "substring"),
        }),
        "substring" => two(Operation::Substring { case }),
        "patternMatch" => one(Operation::Pattern(matcher(node)?)),
        "lt" => two(Operation::Less),
        "lte" => two(Operation::LessOrEqual),
        "gt" => two(Operation::Greater),
        "gte" => two(Operation::GreaterOrEqual),
        "sum" => any(Operation::Sum),
        "product" => any(Operation::Product),
        "subtract" => two(Operation::Subtract),
        "divide" => two(Operation::Divide),
        "power" => two(Operation::Power),
        "integerDivide" => two(Operation::WholeDivide),
        "integerModulus" => two(Operation::Remainder),
        "round" => one(Operation::Round),
        "truncate" => one(Operation::Truncate),
        "min" => any(Operation::Least),
        "max" => any(Operation::Greatest),
        "containerSize" => one(Operation::Size),
        "delete" => two(Operation::Without),
        "integerToFloat" => one(Operation::Same),
        "mathOperator" => {
            let function = attribute(node, "name").unwrap_or_default();
            match super::evaluate::is_function(function) {
                true => one(Operation::Function(function.to_owned())),
                false => Err(format!("mathOperator {function}")),
            }
        }
        other => Err(other.to_owned()),
    }
}

fn nearness(node: Node<'_, '_>) -> Result<Nearness, String> {
    let mode = attribute(node, "toleranceMode").unwrap_or("exact");
    let mut near = Nearness {
        relative: mode == "relative",
        below: 0.0,
        above: 0.0,
        with_lowest: attribute(node, "includeLowerBound") != Some("false"),
        with_highest: attribute(node, "includeUpperBound") != Some("false"),
    };
    if mode == "exact" {
        (near.with_lowest, near.with_highest) = (true, true);
        return Ok(near);
    }
    let written = attribute(node, "tolerance").unwrap_or_default();
    let bounds: Option<Vec<f64>> = written
        .split_whitespace()
        .map(|by| by.parse().ok())
        .collect();
    match bounds.as_deref() {
        Some([by]) => (near.below, near.above) = (*by, *by),
        Some([below, above]) => (near.below, near.above) = (*below, *above),
        _ => return Err(format!("the tolerance `{written}`")),
    }
    match near.below >= 0.0 && near.above >= 0.0 && (near.below + near.above).is_finite() {
        true => Ok(near),
        false => Err(format!("the tolerance `{written}`")),
    }
}

fn rounding(node: Node<'_, '_>) -> Result<Rounding, String> {
    let figures = number(node, "figures").filter(|figures| (0.0..=15.0).contains(figures));
    let figures = figures.ok_or_else(|| name_of(node))?;
    #[expect(clippy::cast_possible_truncation, reason = "held between 0 and 15")]
    Ok(Rounding {
        significant: attribute(node, "roundingMode") != Some("decimalPlaces"),
        figures: figures as i32,
    })
}

fn matcher(node: Node<'_, '_>) -> Result<score::TextMatcher, String> {
    let source = attribute(node, "pattern").unwrap_or_default();
    let key = TextKey {
        patterns: vec![TextPattern::new(PatternKind::Regex, pattern::read(source))],
        rules: TextRules {
            case: Case::Exact,
            spaces: Spaces::Exact,
            ..TextRules::default()
        },
    };
    score::TextMatcher::new(&key).map_err(|_| format!("the pattern `{source}`"))
}
