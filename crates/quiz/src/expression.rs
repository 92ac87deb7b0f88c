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
    /// A name, and the character from 1 at which it stands.
    Variable(String, usize),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    /// A function, the character at which its name stands, and its arguments.
    Call(String, usize, Vec<Node>),
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

    /// Every name that is not known and every call that is not possible, whatever the values
    /// are, with the character from 1 at which it stands.
    #[must_use]
    pub fn find_unknown(
        &self,
        is_variable: impl Fn(&str) -> bool,
    ) -> Vec<(usize, ExpressionError)> {
        let mut unknown = Vec::new();
        evaluate::find_unknown(&self.root, &is_variable, &mut unknown);
        unknown
    }
}

/// One `{{expression}}` of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedded<'a> {
    /// Byte of the text at which the braces open.
    pub start: usize,
    /// Byte behind the braces that close.
    pub end: usize,
    /// What stands between them.
    pub source: &'a str,
}

/// The next `{{expression}}` of a text from a byte on; braces behind a backslash, and those
/// without an end, are text.
#[must_use]
pub fn find_embedded(text: &str, from: usize) -> Option<Embedded<'_>> {
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find("{{")?;
        if text[at..start].ends_with('\\') {
            at = start + 2;
            continue;
        }
        let end = start + text[start..].find("}}")? + 2;
        return Some(Embedded {
            start,
            end,
            source: &text[start + 2..end - 2],
        });
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
    let mut at = 0;
    while let Some(embedded) = find_embedded(source, at) {
        filled.push_str(&source[at..embedded.start].replace("\\{{", "{{"));
        let value = evaluate(embedded.source, values)?;
        filled.push_str(&shape(&format_value(&value)));
        at = embedded.end;
    }
    filled.push_str(&source[at..].replace("\\{{", "{{"));
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn what_cannot_be_known_is_found_without_values() {
        let known = |name: &str| ["a", "b", "name"].contains(&name);
        let unknown = |source: &str| {
            let expression = Expression::parse(source).unwrap();
            let found = expression.find_unknown(known).into_iter();
            found
                .map(|(column, error)| format!("{column}: {error}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            unknown("if(a > 0, x, sqrt(y, 2)) + f(e)"),
            [
                "11: there is no variable `x` before this place",
                "14: `sqrt` takes another number of arguments",
                "19: there is no variable `y` before this place",
                "28: there is no function `f`",
            ]
        );
        assert!(unknown("max(a, b, pi) + length(name) + fixed(a, 2) + round(b)").is_empty());
        assert_eq!(unknown("min() + length(a, b) + if(a)").len(), 3);
    }

    /// Expressions that use everything there is.
    const SAMPLES: [&str; 5] = [
        "round(a / b, 2) + if(a > b and not (b == 0), max(a, b, 9), 1 / 0) ^ 2 ^ -1",
        "\"a = \" + upper(name) + fixed(1 / 4, 3)",
        "gcd(12, 18) * lcm(4, 6) % factorial(5) - -2 ** 2",
        "a != 7 || b <= 1.5e2 && a >= .5",
        "{{a}} and \\{{b}} {{ a + sin(pi) }} {{",
    ];
    const PIECES: [&str; 20] = [
        "(",
        ")",
        "-",
        "^",
        "**",
        "not ",
        " and ",
        "{{",
        "}}",
        "\\",
        "\"",
        "1e308",
        "if(",
        "fixed(",
        "factorial(",
        "round(",
        ", ",
        "name",
        "é",
        "\u{0}",
    ];

    proptest! {
        #[test]
        fn fuzz_expression(text in carrel_fuzz::damaged_text(&SAMPLES, &PIECES)) {
            let values = values();
            if let Ok(expression) = Expression::parse(&text) {
                let unknown = expression.find_unknown(|name| values.contains_key(name));
                match expression.evaluate(&values) {
                    Ok(Value::Number(number)) => prop_assert!(number.is_finite()),
                    Ok(Value::Text(_)) => {}
                    Err(
                        error @ (ExpressionError::UnknownVariable(_)
                        | ExpressionError::UnknownFunction(_)),
                    ) => {
                        prop_assert!(unknown.iter().any(|(_, told)| *told == error), "{error}");
                    }
                    Err(_) => {}
                }
            }
            let filled = substitute(&text, &values, str::to_owned);
            // Every place that is found is one of the text, and they follow each other.
            let mut at = 0;
            while let Some(embedded) = find_embedded(&text, at) {
                prop_assert!(at <= embedded.start && embedded.start + 4 <= embedded.end);
                prop_assert_eq!(&text[embedded.start + 2..embedded.end - 2], embedded.source);
                at = embedded.end;
            }
            prop_assert!(at > 0 || filled.is_ok(), "without an expression, nothing can fail");
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
