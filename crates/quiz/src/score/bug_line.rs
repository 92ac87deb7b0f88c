//! Lines with bugs.

use super::sentence::short;
use super::{Outcome, PartScore, ScoreError, ScoreState, ShownFeedback, shown};
use crate::kind::{BugLine, LineScheme};
use crate::quantity::number_of;

pub(super) fn score(question: &str, key: &BugLine, lines: &[u32]) -> Result<Outcome, ScoreError> {
    check_lines(question, key, lines)?;
    if lines.is_empty() {
        return Ok(Outcome::unanswered());
    }
    let mut parts = Vec::with_capacity(key.bugs.len());
    let mut feedback = Vec::new();
    for bug in &key.bugs {
        let range = bug.first_line..=bug.last_line;
        let found = lines.iter().any(|line| range.contains(line));
        let name = if bug.first_line == bug.last_line {
            format!("{}", bug.first_line)
        } else {
            format!("{}-{}", bug.first_line, bug.last_line)
        };
        if found {
            feedback.extend(shown(Some(&name), bug.feedback.as_ref()));
        }
        let mut part = PartScore::new(&name, f64::from(u8::from(found)), 1.0);
        if !found {
            part.state = ScoreState::Unanswered;
        }
        parts.push(part);
    }
    let is_bug = |line: u32| {
        key.bugs
            .iter()
            .any(|bug| (bug.first_line..=bug.last_line).contains(&line))
    };
    let mut wrong = 0;
    for line in lines.iter().copied().filter(|line| !is_bug(*line)) {
        wrong += 1;
        let note = key.notes.iter().find(|note| note.line == line);
        feedback.extend(note.map(|note| ShownFeedback {
            part: Some(line.to_string()),
            text: note.feedback.clone(),
        }));
    }
    let found = parts
        .iter()
        .filter(|part| part.state == ScoreState::Correct)
        .count();
    let (fraction, explanation) = weigh(key, found, wrong);
    Ok(Outcome {
        fraction,
        explanation,
        parts,
        feedback,
        ..Outcome::default()
    })
}

fn weigh(key: &BugLine, found: usize, wrong: usize) -> (f64, Vec<String>) {
    let bugs = key.bugs.len();
    let mut explanation = vec![format!(
        "{found} of {} found, {} without a bug named",
        number_of(bugs, "bug", "bugs"),
        number_of(wrong, "line", "lines")
    )];
    let net = (found as f64 - wrong as f64) / bugs.max(1) as f64;
    let fraction = match key.scheme {
        LineScheme::EachPart => net.max(0.0),
        LineScheme::AllOrNothing => f64::from(u8::from(found == bugs && wrong == 0)),
    };
    if fraction < 1.0 {
        explanation.push(match key.scheme {
            LineScheme::EachPart => format!("({found} − {wrong}) / {bugs}: {}", short(fraction)),
            LineScheme::AllOrNothing => "only all bugs and nothing else count".to_owned(),
        });
    }
    (fraction, explanation)
}

fn check_lines(question: &str, key: &BugLine, lines: &[u32]) -> Result<(), ScoreError> {
    let last = u32::try_from(key.source.lines().count()).unwrap_or(u32::MAX);
    for (index, line) in lines.iter().enumerate() {
        let problem = if *line == 0 || *line > last {
            "does not have"
        } else if lines[..index].contains(line) {
            "names twice"
        } else {
            continue;
        };
        return Err(ScoreError::WrongPart {
            question: question.to_owned(),
            what: "line",
            id: line.to_string(),
            problem,
        });
    }
    Ok(())
}
