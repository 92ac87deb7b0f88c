//! The points of a question that was read from an item, held against the item's own rules once
//! more: with more responses than when it was read, and with the question as it came out in the end.

use carrel_quiz::Question;

use super::item::{declared_with, interactions_of};
use super::node::is;
use super::template;
use super::trial::{Effort, Trial, compare};
use crate::error::{Error, parse_xml};

/// How the points of a question compare with those that the item's rules give.
#[derive(Debug, Clone, PartialEq)]
pub enum PointsCheck {
    /// A person gives the points, nothing is asked, or the item's rules give none.
    NothingToScore,
    /// The rules use what is not run here, by its name; or none of the responses is an answer.
    NotComparable(String),
    /// Points were compared.
    Compared {
        /// Answers of which both sides have points.
        answers: usize,
        /// Those of other points.
        differing: usize,
        /// The first of these: what was given, the item's points, and those of the question.
        example: Option<(String, f64, f64)>,
    },
}

/// Compares a question with the item that it was read from.
///
/// # Errors
/// The item is no XML.
pub fn check_points(text: &str, file: &str, question: &Question) -> Result<PointsCheck, Error> {
    let document = parse_xml(text, file)?;
    if !question.kind.is_scored() {
        return Ok(PointsCheck::NothingToScore);
    }
    let Some(body) = document
        .root_element()
        .children()
        .find(|node| is(*node, "itemBody"))
    else {
        return Ok(PointsCheck::NothingToScore);
    };
    let computed = match template::read(&document) {
        Ok(computed) => computed,
        Err(what) => return Ok(PointsCheck::NotComparable(what)),
    };
    let declared = declared_with(&document, computed.as_ref());
    let interactions = interactions_of(body);
    let trial = match Trial::new(&document, &declared, &interactions) {
        Ok(Some(trial)) if trial.is_scored() => trial,
        Ok(_) => return Ok(PointsCheck::NothingToScore),
        Err(what) => return Ok(PointsCheck::NotComparable(what)),
    };
    let samples = trial.samples(question, Effort::CHECKING);
    Ok(match compare(question, &samples) {
        Some(found) if found.tried > 0 => PointsCheck::Compared {
            answers: found.tried,
            differing: found.differing,
            example: found.example,
        },
        _ => PointsCheck::NotComparable("answers that cannot be given here".to_owned()),
    })
}
