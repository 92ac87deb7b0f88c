//! Out and back again: the same answers must get the same points, or a report says why not.

use carrel_exchange::{Exported, Format, Imported, Loss, read, write};
use carrel_quiz::{Instance, Question, Scorer};

use super::answers;
use super::report::{RoundTrips, Set};

/// Writes a quiz in every format that is written and read, and reads it back.
pub(super) fn check(name: &str, imported: &Imported, set: &mut Set) {
    if imported.quiz.questions().next().is_none() {
        return;
    }
    for format in Format::ALL {
        let Ok(written) = write(format, &imported.quiz, &imported.files) else {
            continue;
        };
        let round = set.round_trips.entry(format.name().to_owned()).or_default();
        let asked = imported.quiz.questions().count();
        let left_out = written.losses.iter();
        let left_out = left_out.filter(|loss| is_left_out(loss)).count();
        round.left_out += left_out;
        round.written += asked - left_out.min(asked);
        if format.can_read() && left_out < asked {
            back(name, format, imported, &written, round);
        }
    }
}

/// Whether a writer says that it left out a question, not a part of one.
fn is_left_out(loss: &Loss) -> bool {
    let what = &loss.what;
    what.starts_with("left out")
        || what.ends_with("it was left out")
        || what.contains("question") && what.ends_with("was left out")
}

fn back(
    name: &str,
    format: Format,
    imported: &Imported,
    written: &Exported,
    round: &mut RoundTrips,
) {
    let again = match read(format, &written.bytes, name) {
        Ok(again) => again,
        Err(error) => return round.refused.push(format!("{name}: {error}")),
    };
    let is_gone = |question: &&Question| {
        let mut lost = written.losses.iter();
        lost.any(|loss| loss.question == question.id && is_left_out(loss))
    };
    let went: Vec<&Question> = imported
        .quiz
        .questions()
        .filter(|question| !is_gone(question))
        .collect();
    let came: Vec<&Question> = again.quiz.questions().collect();
    round.back += came.len();
    if went.len() != came.len() {
        let lost: Vec<&str> = again.losses.iter().map(|loss| loss.what.as_str()).collect();
        let what = format!(
            "{name}: {} questions went, {} came back ({})",
            went.len(),
            came.len(),
            lost.join("; ")
        );
        return round.refused.push(what);
    }
    for (one, other) in went.into_iter().zip(came) {
        let losses = written.losses.iter().chain(&again.losses);
        let named = losses
            .filter(|loss| [&one.id, &other.id].contains(&&loss.question))
            .count();
        compare(name, one, other, named > 0, round);
    }
}

/// The points of a question before and after, for answers that can be given to both.
fn compare(name: &str, one: &Question, other: &Question, is_named: bool, round: &mut RoundTrips) {
    let scorer = |question: &Question| {
        let instance = Instance::draw(question, 0).ok()?;
        Scorer::new(question, &instance).ok()
    };
    let (Some(before), Some(after)) = (scorer(one), scorer(other)) else {
        round.not_comparable += 1;
        return;
    };
    let mut tried = 0;
    let mut differing = None;
    for answer in answers::possible(before.question()) {
        let Some(translated) = answers::translate(before.question(), after.question(), &answer)
        else {
            continue;
        };
        let (Ok(mine), Ok(theirs)) = (before.score(Some(&answer)), after.score(Some(&translated)))
        else {
            continue;
        };
        tried += 1;
        if (mine.points - theirs.points).abs() > 1e-4 * mine.points_max.max(1.0) {
            let given = serde_json::to_string(&answer).unwrap_or_default();
            differing.get_or_insert((given, mine.points, theirs.points));
        }
    }
    match differing {
        _ if tried == 0 => round.not_comparable += 1,
        None => {
            round.equal += 1;
            round.answers += tried;
        }
        Some(_) if is_named => round.told += 1,
        Some((given, mine, theirs)) => round.silent.push(format!(
            "{name}, question `{}`: {given} gave {mine} and gives {theirs}",
            one.id
        )),
    }
}
