//! Numbers that a rule accepts.

use carrel_quiz::expression::Values;
use carrel_quiz::kind::{Accept, NumberAnswer, NumberKey, Tolerance};
use carrel_quiz::template::{Amount, Value};

use super::declaration::Declaration;
use super::processing::{Around, Operand, Row, Test};

/// Tests as the key of a number; scores are shares of `points`.
pub(super) fn numbers(
    rows: &[Row],
    points: f64,
    declaration: &Declaration,
) -> Result<NumberKey, String> {
    let mut key = NumberKey::near(0.0, Tolerance::Exact);
    key.answers.clear();
    for row in rows {
        let accepts = match &row.test {
            Test::Any => vec![Accept::Any],
            Test::Range { min, max } => vec![Accept::Range {
                min: amount(min, declaration)?.remove(0),
                max: amount(max, declaration)?.remove(0),
            }],
            Test::Near { value, tolerance } => near(amount(value, declaration)?, *tolerance),
            Test::Around { value, how } => {
                let values = amount(value, declaration)?.into_iter();
                values.map(|value| around(value, *how)).collect()
            }
            Test::Correct => near(amount(&Operand::Correct, declaration)?, Tolerance::Exact),
            Test::Value { value, .. } => near(vec![parse(value)?], Tolerance::Exact),
            Test::Pattern(_) | Test::Contains { .. } => {
                return Err("a number is compared as a text".to_owned());
            }
        };
        key.answers
            .extend(accepts.into_iter().map(|accept| NumberAnswer {
                score: (row.points / points).clamp(-1.0, 1.0),
                ..NumberAnswer::new(accept)
            }));
    }
    Ok(key)
}

fn near(values: Vec<Amount>, tolerance: Tolerance) -> Vec<Accept> {
    values
        .into_iter()
        .map(|value| Accept::Near { value, tolerance })
        .collect()
}

/// An expression, or the number that it is without any variable.
fn computed(expression: String) -> Amount {
    match carrel_quiz::expression::evaluate(&expression, &Values::new()) {
        Ok(Value::Number(number)) if number.is_finite() => Amount::Number(number),
        _ => Amount::Expression(expression),
    }
}

/// Numbers around a value that are accepted.
fn around(value: Amount, how: Around) -> Accept {
    let shown = match &value {
        Amount::Number(number) if *number < 0.0 => format!("({number})"),
        Amount::Number(number) => number.to_string(),
        Amount::Expression(expression) => format!("({expression})"),
    };
    let negative = matches!(value, Amount::Number(number) if number < 0.0);
    let (min, max) = match how {
        Around::Absolute { below, above } => {
            (format!("{shown} - {below}"), format!("{shown} + {above}"))
        }
        Around::Relative { below, above } => (
            format!("{shown} * {}", 1.0 - below / 100.0),
            format!("{shown} * {}", 1.0 + above / 100.0),
        ),
        Around::RelativeToAnswer { below, above } => (
            format!("{shown} / {}", 1.0 + above / 100.0),
            format!("{shown} / {}", 1.0 - below / 100.0),
        ),
        Around::Rounded {
            significant: false,
            figures,
        } => {
            let half = 0.5 * 10_f64.powi(-figures);
            let round = format!("round({shown}, {figures})");
            // The upper end rounds up: a hair less.
            let hair = format!("0.000000000003 * max(1, abs({shown}))");
            (
                format!("{round} - {half}"),
                format!("{round} + {half} - {hair}"),
            )
        }
        Around::Rounded { figures, .. } => match value {
            Amount::Number(number) => return same_digits(number, figures),
            Amount::Expression(_) => {
                let digits = u32::try_from(figures).unwrap_or(0);
                let tolerance = Tolerance::SignificantDigits { digits };
                return Accept::Near { value, tolerance };
            }
        },
    };
    let (min, max) = match (negative, how) {
        (true, Around::Relative { .. } | Around::RelativeToAnswer { .. }) => (max, min),
        _ => (min, max),
    };
    Accept::Range {
        min: computed(min),
        max: computed(max),
    }
}

/// Numbers with the same significant digits.
fn same_digits(number: f64, figures: i32) -> Accept {
    let rounded = super::trial::round_digits(number, figures);
    if rounded == 0.0 {
        return Accept::Near {
            value: Amount::Number(0.0),
            tolerance: Tolerance::Exact,
        };
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a finite number is small"
    )]
    let place = (rounded.abs().log10() + 1e-9).floor() as i32;
    let half = 0.5 * 10_f64.powi(place + 1 - figures);
    // Below a power of ten digits are finer.
    let is_power = (rounded.abs() - 10_f64.powi(place)).abs() < half / 1e3;
    let inner = if is_power { half / 10.0 } else { half };
    let (below, above) = match rounded > 0.0 {
        true => (inner, half),
        false => (half, inner),
    };
    let max = rounded + above;
    Accept::Range {
        min: Amount::Number(rounded - below),
        max: Amount::Number(max - 3e-12 * max.abs().max(1.0)),
    }
}

fn parse(text: &str) -> Result<Amount, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Amount::Number(number)),
        _ => Err(format!("the right response `{text}` is no number")),
    }
}

/// At least one amount.
fn amount(operand: &Operand, declaration: &Declaration) -> Result<Vec<Amount>, String> {
    let expression = match (operand, &declaration.computed) {
        (Operand::Expression(expression), _) | (Operand::Correct, Some(expression)) => expression,
        (Operand::Correct, None) => {
            let all: Result<Vec<Amount>, String> = declaration
                .correct
                .iter()
                .map(|right| parse(right))
                .collect();
            return all.and_then(|all| match all.is_empty() {
                true => Err("no right response is declared".to_owned()),
                false => Ok(all),
            });
        }
    };
    Ok(vec![computed(expression.clone())])
}
