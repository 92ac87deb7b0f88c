//! Feedback: which answers get it follows from the item's rules, run for the responses that it may
//! get, and says where it stands here.

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::{BlankKey, Choice, Kind};
use carrel_quiz::score::ScoreState;
use carrel_quiz::{Answer, Question, Scorer, Text};
use roxmltree::Node;

use super::body::plain_html;
use super::item::unwrapped;
use super::node::{attribute, is, own_id};
use super::trial::{Sample, Samples};

/// Names of elements that are shown or hidden by an outcome.
const NAMES: [&str; 3] = ["modalFeedback", "feedbackInline", "feedbackBlock"];
/// Elements that are options.
const OPTIONS: [&str; 3] = ["simpleChoice", "hottext", "inlineChoice"];

/// Most texts of one item, and most options that they are tried for.
const TEXTS_MAX: usize = 200;
const OPTIONS_MAX: usize = 100;

/// Where a text stands.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    General,
    State(ScoreState),
    /// An option when it was chosen: the blank it stands in where there is one, and its id.
    Chosen(Option<String>, String),
    NotChosen(Option<String>, String),
}

/// Puts all feedback of an item where it belongs; tells what has no place.
pub(super) fn take(
    root: Node<'_, '_>,
    question: &mut Question,
    samples: Option<&Samples>,
    losses: &mut Vec<String>,
) {
    let answers = samples
        .map(|samples| answers(question, samples))
        .unwrap_or_default();
    let all = root.descendants().filter(is_feedback);
    for (number, node) in all.enumerate() {
        if number == TEXTS_MAX {
            losses.push(format!("feedback beyond {TEXTS_MAX} texts"));
            break;
        }
        let Some(text) = Text::html(unwrapped(plain_html(node))).filled() else {
            continue;
        };
        let name = attribute(node, "identifier").unwrap_or_default();
        let option = option_of(node, question);
        let places = places(node, &answers, question, option.as_ref());
        match (places, option) {
            (Some(places), _) if !places.is_empty() => {
                for place in places {
                    put(question, &place, &text);
                }
            }
            (Some(_), Some(option)) => {
                losses.push(format!(
                    "feedback `{name}`: no rule of the item shows it; here it is given to its option"
                ));
                put(question, &option, &text);
            }
            // Nothing is right in part, so nobody gets it on either side.
            (Some(_), None) if name.contains("partial") && !is_partial(&answers) => {
                put(question, &Place::State(ScoreState::PartiallyCorrect), &text);
            }
            (Some(_), None) if answers.is_empty() => losses.push(format!(
                "feedback `{name}`: which answers get it could not be found out"
            )),
            (Some(_), None) => {
                losses.push(format!(
                    "feedback `{name}`: no answer that was tried gets it"
                ));
            }
            (None, _) => losses.push(format!(
                "feedback `{name}`: which answers get it cannot be said here"
            )),
        }
    }
}

pub(super) fn is_feedback(node: &Node<'_, '_>) -> bool {
    NAMES.iter().any(|name| is(*node, name))
}

/// Whether some answer is right in part.
fn is_partial(answers: &[Seen<'_>]) -> bool {
    let partly = Some(ScoreState::PartiallyCorrect);
    answers.is_empty() || answers.iter().any(|seen| seen.state == partly)
}

/// One sample as it is seen here.
struct Seen<'s> {
    sample: &'s Sample,
    answer: Option<Answer>,
    state: Option<ScoreState>,
}

fn answers<'s>(question: &Question, samples: &'s Samples) -> Vec<Seen<'s>> {
    let scorers: Vec<Option<Scorer>> = samples
        .instances
        .iter()
        .map(|instance| Scorer::new(question, instance).ok())
        .collect();
    let answered = samples.all.iter().filter(|sample| !sample.is_empty());
    answered
        .map(|sample| {
            let answer = sample.answer(question);
            let scorer = scorers.get(sample.instance).and_then(Option::as_ref);
            let score = scorer.and_then(|scorer| scorer.score(Some(answer.as_ref()?)).ok());
            Seen {
                sample,
                state: score.map(|score| score.state),
                answer,
            }
        })
        .collect()
}

/// Whether a sample shows an element, and every element around it.
fn is_shown(node: Node<'_, '_>, sample: &Sample) -> bool {
    node.ancestors().filter(is_feedback).all(|node| {
        let outcome = attribute(node, "outcomeIdentifier").unwrap_or_default();
        let name = attribute(node, "identifier").unwrap_or_default();
        let set = sample.outcomes.get(outcome);
        let atoms = set.map(|value| value.atoms()).unwrap_or_default();
        let named = atoms.iter().any(|atom| atom.to_string() == name);
        named != (attribute(node, "showHide") == Some("hide"))
    })
}

/// The option that an element stands in.
fn option_of(node: Node<'_, '_>, question: &Question) -> Option<Place> {
    let inside = node
        .ancestors()
        .find(|around| OPTIONS.iter().any(|name| is(*around, name)))?;
    let id = own_id(attribute(inside, "identifier")?).to_owned();
    let interaction = inside
        .ancestors()
        .find(|around| super::interaction::is_interaction(*around))?;
    let blank = match &question.kind {
        Kind::Blanks(_) => Some(own_id(attribute(interaction, "responseIdentifier")?).to_owned()),
        _ => None,
    };
    Some(match attribute(node, "showHide") {
        Some("hide") => Place::NotChosen(blank, id),
        _ => Place::Chosen(blank, id),
    })
}

/// Where a text stands; an empty list where nothing shows it, nothing where no place says when.
fn places(
    node: Node<'_, '_>,
    answers: &[Seen<'_>],
    question: &Question,
    option: Option<&Place>,
) -> Option<Vec<Place>> {
    let shown: Vec<bool> = answers
        .iter()
        .map(|seen| is_shown(node, seen.sample))
        .collect();
    if !shown.contains(&true) {
        return Some(Vec::new());
    }
    let says = |place: &Place| {
        let mut pairs = answers.iter().zip(&shown);
        pairs.all(|(seen, shown)| holds(place, seen) == *shown)
    };
    if let Some(option) = option.filter(|option| says(option)) {
        return Some(vec![option.clone()]);
    }
    if !shown.contains(&false) {
        return Some(vec![Place::General]);
    }
    // Each place whose answers all get it; together they must be all that do.
    let all_get = |place: &Place| {
        let mut of_place = answers
            .iter()
            .zip(&shown)
            .filter(|(seen, _)| holds(place, seen));
        let mut any = false;
        of_place.all(|(_, shown)| {
            any = true;
            *shown
        }) && any
    };
    let states = [
        ScoreState::Correct,
        ScoreState::PartiallyCorrect,
        ScoreState::Incorrect,
    ]
    .map(Place::State);
    let mut options = options(question);
    options.truncate(OPTIONS_MAX);
    for list in [
        states.to_vec(),
        chosen(&options, Place::Chosen),
        chosen(&options, Place::NotChosen),
    ] {
        let places: Vec<Place> = list.into_iter().filter(&all_get).collect();
        let covers = answers
            .iter()
            .zip(&shown)
            .all(|(seen, shown)| *shown == places.iter().any(|place| holds(place, seen)));
        // An answer of several options would get a text several times.
        if covers && (places.len() < 2 || once(&places, answers)) {
            return Some(places);
        }
    }
    None
}

/// Whether no answer belongs to two places.
fn once(places: &[Place], answers: &[Seen<'_>]) -> bool {
    answers
        .iter()
        .all(|seen| places.iter().filter(|place| holds(place, seen)).count() < 2)
}

type Named = (Option<String>, String);

fn chosen(options: &[Named], place: fn(Option<String>, String) -> Place) -> Vec<Place> {
    options
        .iter()
        .map(|(blank, id)| place(blank.clone(), id.clone()))
        .collect()
}

/// All options with the blanks that they stand in.
fn options(question: &Question) -> Vec<Named> {
    let of = |choice: &Choice, blank: Option<&String>| -> Vec<Named> {
        let ids = choice.options.iter().map(|option| option.id.clone());
        ids.map(|id| (blank.cloned(), id)).collect()
    };
    match &question.kind {
        Kind::Choice(choice) => of(choice, None),
        Kind::Blanks(blanks) => {
            let lists = blanks.blanks.iter().filter_map(|blank| match &blank.key {
                BlankKey::Choice(choice) => Some(of(choice, Some(&blank.id))),
                _ => None,
            });
            lists.flatten().collect()
        }
        _ => Vec::new(),
    }
}

fn holds(place: &Place, seen: &Seen<'_>) -> bool {
    let has = |blank: &Option<String>, id: &String| match (&seen.answer, blank) {
        (Some(Answer::Choice { options }), None) => Some(options.contains(id)),
        (Some(Answer::Blanks { blanks }), Some(blank)) => match blanks.get(blank) {
            Some(BlankAnswer::Chosen(ids)) => Some(ids.contains(id)),
            _ => None,
        },
        _ => None,
    };
    match place {
        Place::General => true,
        Place::State(state) => seen.state == Some(*state),
        Place::Chosen(blank, id) => has(blank, id) == Some(true),
        Place::NotChosen(blank, id) => has(blank, id) == Some(false),
    }
}

/// A text at a place, after what stands there.
fn put(question: &mut Question, place: &Place, text: &Text) {
    let slot = match place {
        Place::General => &mut question.feedback.general,
        Place::State(ScoreState::Correct) => &mut question.feedback.correct,
        Place::State(ScoreState::PartiallyCorrect) => &mut question.feedback.partially_correct,
        Place::State(_) => &mut question.feedback.incorrect,
        Place::Chosen(blank, id) | Place::NotChosen(blank, id) => {
            let choice = match (&mut question.kind, blank) {
                (Kind::Choice(choice), None) => choice,
                (Kind::Blanks(blanks), Some(blank)) => {
                    let found = blanks.blanks.iter_mut().find(|known| known.id == *blank);
                    match found.map(|blank| &mut blank.key) {
                        Some(BlankKey::Choice(choice)) => choice,
                        _ => return,
                    }
                }
                _ => return,
            };
            let Some(option) = choice.options.iter_mut().find(|option| option.id == *id) else {
                return;
            };
            match place {
                Place::NotChosen(..) => &mut option.feedback_not_chosen,
                _ => &mut option.feedback,
            }
        }
    };
    *slot = Some(match slot.take() {
        Some(before) => Text::html(format!(
            "<div>{}</div><div>{}</div>",
            before.source, text.source
        )),
        None => text.clone(),
    });
}

#[cfg(test)]
#[path = "feedback_tests.rs"]
mod tests;
