//! What a program does.

use super::sentence::short;
use super::{Outcome, ScoreError};
use crate::kind::{LineScheme, Outcome as Expected, Tracing};
use crate::limits::ANSWER_BYTES_MAX;
use crate::quantity::number_of;

pub(super) fn score(
    question: &str,
    key: &Tracing,
    given: &Expected,
) -> Result<Outcome, ScoreError> {
    if output_of(given).len() > ANSWER_BYTES_MAX {
        return Err(ScoreError::TooLarge {
            question: question.to_owned(),
            limit: format!("{ANSWER_BYTES_MAX} bytes"),
        });
    }
    let (right, typed) = (lines(output_of(&key.expected)), lines(output_of(given)));
    if std::mem::discriminant(&key.expected) != std::mem::discriminant(given) {
        return Ok(Outcome {
            explanation: vec![format!("the program {}", describe(&key.expected))],
            ..Outcome::default()
        });
    }
    if right == typed {
        return Ok(Outcome {
            fraction: 1.0,
            explanation: vec![format!(
                "the program {}, as answered",
                describe(&key.expected)
            )],
            ..Outcome::default()
        });
    }
    // An empty field is no answer, unless printing nothing is right.
    if typed.is_empty() {
        return Ok(Outcome::unanswered());
    }
    let longest = right.len().max(typed.len());
    let same = right.iter().zip(&typed).filter(|(a, b)| a == b).count();
    let differs = right
        .iter()
        .zip(&typed)
        .position(|(a, b)| a != b)
        .unwrap_or(right.len().min(typed.len()));
    let mut explanation = vec![format!("line {} of the output differs", differs + 1)];
    let mut fraction = 0.0;
    if key.scheme == LineScheme::EachPart {
        fraction = same as f64 / longest as f64;
        explanation.push(format!(
            "{same} of {} right: {}",
            number_of(longest, "line", "lines"),
            short(fraction)
        ));
    }
    Ok(Outcome {
        fraction,
        explanation,
        ..Outcome::default()
    })
}

fn output_of(outcome: &Expected) -> &str {
    match outcome {
        Expected::Prints { output } | Expected::RuntimeError { output } => output,
        Expected::CompileError => "",
    }
}

fn describe(outcome: &Expected) -> &'static str {
    match outcome {
        Expected::Prints { .. } => "ends normally",
        Expected::RuntimeError { .. } => "ends with an error",
        Expected::CompileError => "does not compile",
    }
}

/// Lines without blanks at their ends and without blank lines at the end.
fn lines(output: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = output.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}
