//! Tree to value.

use crate::template::Value;

use super::{ExpressionError, Node, Operator, Values, format_value};

/// Functions that expressions may call, with what they take.
pub const FUNCTIONS: [(&str, &str); 27] = [
    ("abs", "x"),
    ("min", "x, y, …"),
    ("max", "x, y, …"),
    (
        "round",
        "x, decimals (0 when left out); halves go away from zero",
    ),
    ("floor", "x"),
    ("ceil", "x"),
    ("trunc", "x"),
    ("sqrt", "x"),
    ("exp", "x"),
    ("ln", "x"),
    ("log10", "x"),
    ("log2", "x"),
    ("sin", "radians"),
    ("cos", "radians"),
    ("tan", "radians"),
    ("asin", "x"),
    ("acos", "x"),
    ("atan", "x"),
    ("atan2", "y, x"),
    ("gcd", "whole numbers x, y"),
    ("lcm", "whole numbers x, y"),
    ("factorial", "whole number up to 170"),
    ("if", "condition, then, otherwise"),
    ("length", "text"),
    ("upper", "text"),
    ("lower", "text"),
    ("fixed", "x, decimals: a text with that many decimals"),
];

/// Beyond this, whole numbers have gaps in floating point.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

pub(super) fn evaluate(node: &Node, values: &Values) -> Result<Value, ExpressionError> {
    match node {
        Node::Value(value) => Ok(value.clone()),
        Node::Variable(name, _) => find(name, values),
        Node::Not(inner) => Ok(truth(!is_true(&evaluate(inner, values)?))),
        Node::Negate(inner) => match evaluate(inner, values)? {
            Value::Number(number) => Ok(Value::Number(-number)),
            Value::Text(_) => Err(ExpressionError::NotNumbers("-".to_owned())),
        },
        Node::Binary(Operator::And, left, right) => Ok(truth(
            is_true(&evaluate(left, values)?) && is_true(&evaluate(right, values)?),
        )),
        Node::Binary(Operator::Or, left, right) => Ok(truth(
            is_true(&evaluate(left, values)?) || is_true(&evaluate(right, values)?),
        )),
        Node::Binary(operator, left, right) => {
            apply(*operator, evaluate(left, values)?, evaluate(right, values)?)
        }
        Node::Call(name, _, arguments) => call(name, arguments, values),
    }
}

fn find(name: &str, values: &Values) -> Result<Value, ExpressionError> {
    let value = values.get(name).cloned();
    value
        .or_else(|| constant(name).map(Value::Number))
        .ok_or_else(|| ExpressionError::UnknownVariable(name.to_owned()))
}

fn constant(name: &str) -> Option<f64> {
    match name {
        "pi" => Some(std::f64::consts::PI),
        "e" => Some(std::f64::consts::E),
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => None,
    }
}

/// Collects names that are not known, and calls with a number of arguments that is not possible.
pub(super) fn find_unknown(
    node: &Node,
    is_variable: &dyn Fn(&str) -> bool,
    unknown: &mut Vec<(usize, ExpressionError)>,
) {
    match node {
        Node::Value(_) => {}
        Node::Variable(name, place) => {
            if !is_variable(name) && constant(name).is_none() {
                unknown.push((*place, ExpressionError::UnknownVariable(name.clone())));
            }
        }
        Node::Not(inner) | Node::Negate(inner) => find_unknown(inner, is_variable, unknown),
        Node::Binary(_, left, right) => {
            find_unknown(left, is_variable, unknown);
            find_unknown(right, is_variable, unknown);
        }
        Node::Call(name, place, arguments) => {
            if !FUNCTIONS.iter().any(|(known, _)| known == name) {
                unknown.push((*place, ExpressionError::UnknownFunction(name.clone())));
            } else if !takes(name, arguments.len()) {
                unknown.push((*place, ExpressionError::WrongArguments(name.clone())));
            }
            for argument in arguments {
                find_unknown(argument, is_variable, unknown);
            }
        }
    }
}

/// Whether a function takes so many arguments.
fn takes(name: &str, count: usize) -> bool {
    match name {
        "if" => count == 3,
        "length" | "upper" | "lower" => count == 1,
        "fixed" => count == 2,
        _ => compute(name, &vec![1.0; count]).is_some(),
    }
}

fn truth(condition: bool) -> Value {
    Value::Number(f64::from(u8::from(condition)))
}

/// Everything but 0 and the empty text is true.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Number(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
    }
}

fn apply(operator: Operator, left: Value, right: Value) -> Result<Value, ExpressionError> {
    match operator {
        Operator::Equal => return Ok(truth(left == right)),
        Operator::Unequal => return Ok(truth(left != right)),
        Operator::Add if matches!((&left, &right), (Value::Text(_), _) | (_, Value::Text(_))) => {
            return Ok(Value::Text(format_value(&left) + &format_value(&right)));
        }
        _ => {}
    }
    let sign = sign_of(operator);
    let (Value::Number(left), Value::Number(right)) = (left, right) else {
        return Err(ExpressionError::NotNumbers(sign.to_owned()));
    };
    let number = match operator {
        Operator::Less => return Ok(truth(left < right)),
        Operator::LessOrEqual => return Ok(truth(left <= right)),
        Operator::Greater => return Ok(truth(left > right)),
        Operator::GreaterOrEqual => return Ok(truth(left >= right)),
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left - right * (left / right).floor(),
        // Whole exponents by multiplication: the same bits on every machine.
        Operator::Power if right.fract() == 0.0 && right.abs() <= 1_000.0 => power(left, right),
        _ => left.powf(right),
    };
    finite(number, sign)
}

fn power(base: f64, exponent: f64) -> f64 {
    let mut result = 1.0;
    let mut left = exponent.abs();
    while left >= 1.0 {
        result *= base;
        left -= 1.0;
    }
    if exponent < 0.0 { 1.0 / result } else { result }
}

fn sign_of(operator: Operator) -> &'static str {
    match operator {
        Operator::Or => "or",
        Operator::And => "and",
        Operator::Equal => "==",
        Operator::Unequal => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Power => "^",
    }
}

fn finite(number: f64, sign: &str) -> Result<Value, ExpressionError> {
    if number.is_finite() {
        return Ok(Value::Number(number));
    }
    Err(ExpressionError::NotFinite(sign.to_owned()))
}

fn call(name: &str, nodes: &[Node], values: &Values) -> Result<Value, ExpressionError> {
    let wrong = || Err(ExpressionError::WrongArguments(name.to_owned()));
    if name == "if" {
        let [condition, then, otherwise] = nodes else {
            return wrong();
        };
        let chosen = if is_true(&evaluate(condition, values)?) {
            then
        } else {
            otherwise
        };
        return evaluate(chosen, values);
    }
    let arguments = nodes
        .iter()
        .map(|node| evaluate(node, values))
        .collect::<Result<Vec<_>, _>>()?;
    if let [Value::Text(text)] = arguments.as_slice() {
        match name {
            "length" => return Ok(Value::Number(text.chars().count() as f64)),
            "upper" => return Ok(Value::Text(text.to_uppercase())),
            "lower" => return Ok(Value::Text(text.to_lowercase())),
            _ => {}
        }
    }
    if !FUNCTIONS.iter().any(|(known, _)| *known == name) {
        return Err(ExpressionError::UnknownFunction(name.to_owned()));
    }
    let mut numbers = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument {
            Value::Number(number) => numbers.push(number),
            Value::Text(_) => return Err(ExpressionError::NotNumbers(name.to_owned())),
        }
    }
    if let ("fixed", [number, decimals]) = (name, numbers.as_slice()) {
        let decimals = decimals.clamp(0.0, 15.0);
        return Ok(Value::Text(format!(
            "{:.*}",
            whole(decimals),
            round(*number, decimals)
        )));
    }
    match compute(name, &numbers) {
        Some(number) => finite(number, name),
        None => wrong(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "callers clamp to 0..=170"
)]
fn whole(number: f64) -> usize {
    number as usize
}

fn compute(name: &str, numbers: &[f64]) -> Option<f64> {
    Some(match (name, numbers) {
        ("abs", [x]) => x.abs(),
        ("min", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.min(*b)),
        ("max", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.max(*b)),
        ("round", [x]) => x.round(),
        ("round", [x, decimals]) => round(*x, decimals.clamp(-15.0, 15.0)),
        ("floor", [x]) => x.floor(),
        ("ceil", [x]) => x.ceil(),
        ("trunc", [x]) => x.trunc(),
        ("sqrt", [x]) => x.sqrt(),
        ("exp", [x]) => x.exp(),
        ("ln", [x]) => x.ln(),
        ("log10", [x]) => x.log10(),
        ("log2", [x]) => x.log2(),
        ("sin", [x]) => x.sin(),
        ("cos", [x]) => x.cos(),
        ("tan", [x]) => x.tan(),
        ("asin", [x]) => x.asin(),
        ("acos", [x]) => x.acos(),
        ("atan", [x]) => x.atan(),
        ("atan2", [y, x]) => y.atan2(*x),
        ("gcd", [x, y]) => greatest_divisor(*x, *y),
        ("lcm", [x, y]) if *x == 0.0 || *y == 0.0 => 0.0,
        ("lcm", [x, y]) => (x / greatest_divisor(*x, *y) * y).abs(),
        ("factorial", [x]) if x.fract() == 0.0 && (0.0..=170.0).contains(x) => {
            (1..=whole(*x)).fold(1.0, |product, factor| product * factor as f64)
        }
        ("factorial", [_]) => f64::NAN,
        _ => return None,
    })
}

fn round(number: f64, decimals: f64) -> f64 {
    let scale = power(10.0, decimals.trunc());
    let rounded = (number * scale).round() / scale;
    // Too large to have such decimals.
    if rounded.is_finite() { rounded } else { number }
}

fn greatest_divisor(x: f64, y: f64) -> f64 {
    let (mut larger, mut smaller) = (x.abs(), y.abs());
    if larger.fract() != 0.0 || smaller.fract() != 0.0 || larger.max(smaller) > WHOLE_MAX {
        return f64::NAN;
    }
    while smaller != 0.0 {
        (larger, smaller) = (smaller, larger % smaller);
    }
    larger
}
