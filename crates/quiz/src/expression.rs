//! Expressions over the variables of a question: numbers and texts, no loops,
//! no state, bounded size and depth.
//!
//! `+ - * / % ^`, comparisons, `and or not`, `if(condition, then, otherwise)`,
//! functions of [`FUNCTIONS`], the constants `pi` and `e`. `/` is true division,
//! `%` has the sign of the divisor (as in Python), `^` binds to the right, true
//! is 1 and false is 0. `+` joins texts. A result that is no finite number is an error.

mod evaluate;
mod parse;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::template::Value;

pub use evaluate::FUNCTIONS;

/// Values of variables by name.
pub type Values = BTreeMap<String, Value>;

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// It cannot be read.
    #[error("cannot read the expression at character {column}: expected {expected}")]
    Syntax {
        /// Place from 1, in characters.
        column: usize,
        /// What was expected there.
        expected: &'static str,
    },
    /// A variable is not known.
    #[error("there is no variable `{0}` before this place")]
    UnknownVariable(String),
    /// A function is not known.
    #[error("there is no function `{0}`")]
    UnknownFunction(String),
    /// A function has the wrong number of arguments.
    #[error("`{0}` takes another number of arguments")]
    WrongArguments(String),
    /// A text where a number is needed, or the other way round.
    #[error("`{0}` needs numbers")]
    NotNumbers(String),
    /// Division by zero, root of a negative number, overflow.
    #[error("`{0}` gives no finite number")]
    NotFinite(String),
    /// Too long or too deep.
    #[error("the expression is too long or too deep")]
    TooLarge,
}

/// An expression that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Value(Value),
    Variable(String),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Call(String, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Or,
    And,
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
    Remainder,
    Power,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is too large or cannot be read.
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        parse::parse(source).map(|root| Self { root })
    }

    /// Its value.
    ///
    /// # Errors
    /// When names are unknown, kinds of values do not fit, or a number is not finite.
    pub fn evaluate(&self, values: &Values) -> Result<Value, ExpressionError> {
        evaluate::evaluate(&self.root, values)
    }
}

/// Reads an expression and gives its value.
///
/// # Errors
/// As [`Expression::parse`] and [`Expression::evaluate`].
pub fn evaluate(source: &str, values: &Values) -> Result<Value, ExpressionError> {
    Expression::parse(source)?.evaluate(values)
}

/// A number as people write it: at most 12 significant digits, so that
/// 0.1 + 0.2 reads 0.3.
#[must_use]
pub fn format_number(number: f64) -> String {
    let rounded = round_noise(number);
    let magnitude = rounded.abs();
    if magnitude != 0.0 && !(1e-6..1e15).contains(&magnitude) {
        return format!("{rounded:e}");
    }
    // Adding zero turns −0 into 0.
    format!("{}", rounded + 0.0)
}

/// The nearest number of 12 significant digits.
#[must_use]
pub fn round_noise(number: f64) -> f64 {
    if number == 0.0 || !number.is_finite() {
        return number;
    }
    format!("{number:.11e}").parse().unwrap_or(number)
}

/// A value as it is shown in a text.
#[must_use]
pub fn format_value(value: &Value) -> String {
    match value {
        Value::Number(number) => format_number(*number),
        Value::Text(text) => text.clone(),
    }
}

/// Replaces `{{expression}}` in a text; `\{{` stays as `{{`.
///
/// # Errors
/// When an expression cannot be read or has no value; braces without an end are text.
pub fn substitute(
    source: &str,
    values: &Values,
    mut shape: impl FnMut(&str) -> String,
) -> Result<String, ExpressionError> {
    let mut filled = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("{{") {
        let (before, opened) = rest.split_at(at);
        if let Some(kept) = before.strip_suffix('\\') {
            filled.push_str(kept);
            filled.push_str("{{");
            rest = &opened[2..];
            continue;
        }
        filled.push_str(before);
        let Some(end) = opened.find("}}") else {
            rest = opened;
            break;
        };
        let value = evaluate(&opened[2..end], values)?;
        filled.push_str(&shape(&format_value(&value)));
        rest = &opened[end + 2..];
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        Values::from([
            ("a".to_owned(), Value::Number(7.0)),
            ("b".to_owned(), Value::Number(3.0)),
            ("name".to_owned(), Value::Text("Ada".to_owned())),
        ])
    }

    fn number(source: &str) -> f64 {
        match evaluate(source, &values()) {
            Ok(Value::Number(number)) => number,
            other => panic!("{source}: {other:?}"),
        }
    }

    #[test]
    fn operators_bind_as_in_mathematics() {
        for (source, expected) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("2 ^ 3 ^ 2", 512.0),
            ("-2 ^ 2", -4.0),
            ("2 ^ -1", 0.5),
            ("10 - 4 - 3", 3.0),
            ("-7 % 3", 2.0),
            ("a / b * b", 7.0),
            ("1.5e2", 150.0),
            ("not a < b and b <= 3", 1.0),
            ("a == 7 or 1 / 0 > 1", 1.0),
            ("a != b", 1.0),
        ] {
            assert_eq!(number(source), expected, "{source}");
        }
    }

    #[test]
    fn functions_and_texts() {
        for (source, expected) in [
            ("max(a, b, 9)", 9.0),
            ("min(a, b)", 3.0),
            ("round(a / b, 2)", 2.33),
            ("round(2.5)", 3.0),
            ("gcd(12, 18)", 6.0),
            ("lcm(4, 6)", 12.0),
            ("factorial(5)", 120.0),
            ("if(a > b, 1, 1 / 0)", 1.0),
            ("floor(-1.5) + ceil(1.2) + trunc(-1.9)", -1.0),
            ("length(name)", 3.0),
            ("name == \"Ada\"", 1.0),
            ("sqrt(16) + abs(-2)", 6.0),
        ] {
            assert_eq!(number(source), expected, "{source}");
        }
        assert_eq!(
            evaluate("\"a = \" + a", &values()),
            Ok(Value::Text("a = 7".to_owned()))
        );
        assert_eq!(
            evaluate("fixed(1 / 4, 3)", &values()),
            Ok(Value::Text("0.250".to_owned()))
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        let error = |source: &str| evaluate(source, &values()).unwrap_err();
        assert_eq!(error("c + 1"), ExpressionError::UnknownVariable("c".into()));
        assert_eq!(error("f(1)"), ExpressionError::UnknownFunction("f".into()));
        assert_eq!(
            error("sqrt(1, 2)"),
            ExpressionError::WrongArguments("sqrt".into())
        );
        assert_eq!(error("1 / (b - 3)"), ExpressionError::NotFinite("/".into()));
        assert_eq!(error("name * 2"), ExpressionError::NotNumbers("*".into()));
        assert!(matches!(
            error("1 +"),
            ExpressionError::Syntax { column: 4, .. }
        ));
        assert!(matches!(
            error("1 2"),
            ExpressionError::Syntax { column: 3, .. }
        ));
        assert_eq!(error(&"(".repeat(500)), ExpressionError::TooLarge);
        assert_eq!(error(&"-".repeat(500)), ExpressionError::TooLarge);
        assert_eq!(
            error(&format!("2{}", "^2".repeat(500))),
            ExpressionError::TooLarge
        );
        assert_eq!(error(&"1+".repeat(5_000)), ExpressionError::TooLarge);
    }

    #[test]
    fn numbers_read_well() {
        for (number, shown) in [
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            (12.0, "12"),
            (1e21, "1e21"),
            (1.0 / 3.0, "0.333333333333"),
        ] {
            assert_eq!(format_number(number), shown);
        }
    }

    #[test]
    fn texts_are_filled() {
        let fill = |source: &str| substitute(source, &values(), str::to_owned);
        assert_eq!(fill("{{a}} + {{ b }} = {{a + b}}").unwrap(), "7 + 3 = 10");
        assert_eq!(fill("\\{{a}} and {{ open").unwrap(), "{{a}} and {{ open");
        assert!(fill("{{c}}").is_err());
    }
}
