//! Answers that may be given to a question, and the same answers to the question that it became.

use std::collections::BTreeMap;

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::{
    Accept, BlankKey, Blanks, Choice, Kind, Matching, NumberKey, Ordering, PatternKind, Select,
    TextKey, Tolerance,
};
use carrel_quiz::random::Random;
use carrel_quiz::right::right_answer;
use carrel_quiz::template::Amount;
use carrel_quiz::{Answer, Question};

/// Most answers that are tried for one question.
const ANSWERS_MAX: usize = 400;
/// Most options of which all sets are tried.
const OPTIONS_MAX: usize = 8;

/// Answers to a question whose variables are filled in: the right one, what is near it, and some
/// by chance.
pub(super) fn possible(question: &Question) -> Vec<Answer> {
    let mut found: Vec<Answer> = right_answer(question).into_iter().collect();
    match &question.kind {
        Kind::Choice(choice) => {
            found.extend(sets(choice).map(|options| Answer::Choice { options }));
        }
        Kind::TrueFalse(_) => {
            found.extend([true, false].map(|value| Answer::TrueFalse { value }));
        }
        Kind::ShortAnswer(key) => {
            found.extend(
                texts(key)
                    .into_iter()
                    .map(|text| Answer::ShortAnswer { text }),
            );
        }
        Kind::Numeric(key) => {
            found.extend(
                numbers(key)
                    .into_iter()
                    .map(|number| Answer::Numeric { number, unit: None }),
            );
        }
        Kind::Matching(matching) => found.extend(pairs(matching)),
        Kind::Ordering(ordering) => found.extend(orders(ordering)),
        Kind::Blanks(blanks) => found.extend(in_blanks(blanks, found.first())),
        Kind::Tracing(_) | Kind::BugLine(_) | Kind::Essay(_) | Kind::Description => {}
    }
    found.truncate(ANSWERS_MAX);
    found
}

fn sets(choice: &Choice) -> impl Iterator<Item = Vec<String>> {
    let ids: Vec<String> = choice
        .options
        .iter()
        .map(|option| option.id.clone())
        .collect();
    let mut all: Vec<Vec<String>> = ids.iter().map(|id| vec![id.clone()]).collect();
    if choice.select != Select::One {
        if ids.len() <= OPTIONS_MAX {
            for mask in 1..1_usize << ids.len() {
                let picked = ids.iter().enumerate();
                let picked = picked.filter(|(place, _)| mask >> place & 1 == 1);
                all.push(picked.map(|(_, id)| id.clone()).collect());
            }
        } else {
            let mut random = Random::new(1);
            for _ in 0..ANSWERS_MAX / 2 {
                let picked = ids.iter().filter(|_| random.index(2) == 0);
                all.push(picked.cloned().collect());
            }
        }
    }
    all.into_iter()
}

fn texts(key: &TextKey) -> Vec<String> {
    let mut all = Vec::new();
    for pattern in &key.patterns {
        let text = match pattern.kind {
            PatternKind::Exact => pattern.pattern.clone(),
            PatternKind::Wildcard | PatternKind::Regex => pattern.pattern.replace(['*', '\\'], ""),
        };
        all.extend([
            text.to_uppercase(),
            text.to_lowercase(),
            format!("{text}x"),
            text,
        ]);
    }
    all.push("qwxz".to_owned());
    all.retain(|text| !text.trim().is_empty());
    all
}

fn numbers(key: &NumberKey) -> Vec<String> {
    let number = |amount: &Amount| match amount {
        Amount::Number(number) => Some(*number),
        Amount::Expression(_) => None,
    };
    let mut all = Vec::new();
    for answer in &key.answers {
        let (about, by) = match &answer.accept {
            Accept::Near { value, tolerance } => {
                let Some(value) = number(value) else { continue };
                let by = match *tolerance {
                    Tolerance::Absolute { by } => by,
                    Tolerance::Relative { by } | Tolerance::Geometric { by } => by * value.abs(),
                    _ => 0.0,
                };
                (vec![value], by)
            }
            Accept::Range { min, max } => (
                [number(min), number(max)].into_iter().flatten().collect(),
                0.0,
            ),
            Accept::Any => (vec![0.0], 0.0),
        };
        for about in about {
            let steps = [0.0, by * 0.9, by * 1.1, 1.0, 0.001, about.abs() * 0.01];
            all.extend(steps.iter().flat_map(|by| [about + by, about - by]));
        }
    }
    all.iter().map(|number| format!("{number}")).collect()
}

fn pairs(matching: &Matching) -> Vec<Answer> {
    let right: BTreeMap<String, String> = matching
        .items
        .iter()
        .map(|item| (item.id.clone(), item.target.clone()))
        .collect();
    let mut all = Vec::new();
    for item in &matching.items {
        for target in &matching.targets {
            let mut turned = right.clone();
            turned.insert(item.id.clone(), target.id.clone());
            all.push(turned);
            all.push(BTreeMap::from([(item.id.clone(), target.id.clone())]));
        }
        let mut without = right.clone();
        without.remove(&item.id);
        all.push(without);
    }
    let mut random = Random::new(2);
    for _ in 0..60 {
        let pick = |item: &carrel_quiz::kind::MatchItem| {
            let target = &matching.targets[random.index(matching.targets.len())];
            (item.id.clone(), target.id.clone())
        };
        all.push(matching.items.iter().map(pick).collect());
    }
    let given = all.into_iter().filter(|targets| !targets.is_empty());
    given.map(|targets| Answer::Matching { targets }).collect()
}

fn orders(ordering: &Ordering) -> Vec<Answer> {
    let right: Vec<String> = ordering.items.iter().map(|item| item.id.clone()).collect();
    let mut all = vec![right.iter().rev().cloned().collect()];
    for place in 1..right.len() {
        let (mut swapped, mut turned) = (right.clone(), right.clone());
        swapped.swap(place - 1, place);
        turned.rotate_left(place);
        all.extend([swapped, turned, right[..place].to_vec()]);
    }
    let mut random = Random::new(3);
    for _ in 0..60 {
        let mut some = right.clone();
        some.extend(ordering.distractors.iter().map(|item| item.id.clone()));
        random.shuffle(&mut some);
        all.push(some);
    }
    all.into_iter()
        .map(|items| Answer::Ordering { items })
        .collect()
}

fn in_blanks(blanks: &Blanks, right: Option<&Answer>) -> Vec<Answer> {
    let right = match right {
        Some(Answer::Blanks { blanks }) => blanks.clone(),
        _ => BTreeMap::new(),
    };
    let typed = |texts: Vec<String>| texts.into_iter().map(BlankAnswer::Typed).collect();
    let given: Vec<(String, Vec<BlankAnswer>)> = blanks
        .blanks
        .iter()
        .map(|blank| {
            let answers: Vec<BlankAnswer> = match &blank.key {
                BlankKey::Text(key) => typed(texts(key)),
                BlankKey::Number(key) => typed(numbers(key)),
                BlankKey::Choice(choice) => sets(choice).map(BlankAnswer::Chosen).collect(),
            };
            (blank.id.clone(), answers)
        })
        .collect();
    let mut all = Vec::new();
    for (id, answers) in &given {
        for answer in answers {
            let mut turned = right.clone();
            turned.insert(id.clone(), answer.clone());
            all.push(turned);
            all.push(BTreeMap::from([(id.clone(), answer.clone())]));
        }
    }
    let mut random = Random::new(4);
    for _ in 0..100 {
        let given = given.iter().filter(|(_, answers)| !answers.is_empty());
        let picked =
            given.map(|(id, answers)| (id.clone(), answers[random.index(answers.len())].clone()));
        all.push(picked.collect());
    }
    let all = all.into_iter().filter(|blanks| !blanks.is_empty());
    all.map(|blanks| Answer::Blanks { blanks }).collect()
}

/// The answer to another question that says the same; nothing where it cannot be told.
pub(super) fn translate(one: &Question, other: &Question, answer: &Answer) -> Option<Answer> {
    Some(match (&one.kind, &other.kind, answer) {
        (Kind::Choice(one), Kind::Choice(other), Answer::Choice { options }) => Answer::Choice {
            options: options_of(one, other, options)?,
        },
        (Kind::TrueFalse(_), Kind::TrueFalse(_), answer)
        | (Kind::ShortAnswer(_), Kind::ShortAnswer(_), answer)
        | (Kind::Numeric(_), Kind::Numeric(_), answer) => answer.clone(),
        (Kind::Matching(one), Kind::Matching(other), Answer::Matching { targets }) => {
            let to = partners(one, other)?;
            let mut translated = BTreeMap::new();
            for (item, target) in targets {
                let place = one.items.iter().position(|known| known.id == *item)?;
                translated.insert(other.items[place].id.clone(), to.get(target)?.clone());
            }
            Answer::Matching {
                targets: translated,
            }
        }
        (Kind::Ordering(one), Kind::Ordering(other), Answer::Ordering { items }) => {
            let ids = |key: &Ordering| -> Vec<String> {
                let all = key.items.iter().chain(&key.distractors);
                all.map(|item| item.id.clone()).collect()
            };
            let (from, to) = (ids(one), ids(other));
            if from.len() != to.len() || one.items.len() != other.items.len() {
                return None;
            }
            let place = |id: &String| from.iter().position(|known| known == id);
            let items: Option<Vec<String>> = items
                .iter()
                .map(|id| Some(to[place(id)?].clone()))
                .collect();
            Answer::Ordering { items: items? }
        }
        (Kind::Blanks(one), Kind::Blanks(other), Answer::Blanks { blanks }) => {
            if one.blanks.len() != other.blanks.len() {
                return None;
            }
            let mut translated = BTreeMap::new();
            for (id, answer) in blanks {
                let place = one.blanks.iter().position(|blank| blank.id == *id)?;
                let (from, to) = (&one.blanks[place], &other.blanks[place]);
                let answer = match (&from.key, &to.key, answer) {
                    (BlankKey::Choice(one), BlankKey::Choice(other), BlankAnswer::Chosen(ids)) => {
                        BlankAnswer::Chosen(options_of(one, other, ids)?)
                    }
                    (BlankKey::Choice(_), _, _) | (_, BlankKey::Choice(_), _) => return None,
                    _ => answer.clone(),
                };
                translated.insert(to.id.clone(), answer);
            }
            Answer::Blanks { blanks: translated }
        }
        _ => return None,
    })
}

/// Options keep their place, whatever their ids become.
fn options_of(one: &Choice, other: &Choice, ids: &[String]) -> Option<Vec<String>> {
    if one.options.len() != other.options.len() {
        return None;
    }
    let place = |id: &String| one.options.iter().position(|option| option.id == *id);
    ids.iter()
        .map(|id| Some(other.options[place(id)?].id.clone()))
        .collect()
}

/// Targets by the items that they are right for; those of none by their order.
fn partners(one: &Matching, other: &Matching) -> Option<BTreeMap<String, String>> {
    if one.items.len() != other.items.len() || one.targets.len() != other.targets.len() {
        return None;
    }
    let mut to: BTreeMap<String, String> = BTreeMap::new();
    for (from, item) in one.items.iter().zip(&other.items) {
        let known = to.insert(from.target.clone(), item.target.clone());
        if known.is_some_and(|known| known != item.target) {
            return None;
        }
    }
    let used: Vec<String> = to.values().cloned().collect();
    let left = other
        .targets
        .iter()
        .filter(|target| !used.contains(&target.id));
    let mine: Vec<String> = one.targets.iter().map(|target| target.id.clone()).collect();
    let mine: Vec<String> = mine.into_iter().filter(|id| !to.contains_key(id)).collect();
    for (from, target) in mine.into_iter().zip(left) {
        to.insert(from, target.id.clone());
    }
    Some(to)
}
