//! What changes of a quiz.

use std::collections::BTreeMap;

use carrel_quiz::{Item, Question, Quiz};

use super::value::{self, compare_one};
use super::{Change, Effect, PartChange, question};

/// Settings that decide about points.
const SCORING: [&str; 5] = [
    "settings.grade",
    "settings.penalty",
    "settings.try_counted",
    "settings.pass",
    "settings.tries",
];

pub(super) fn compare(before: &Quiz, after: &Quiz) -> Vec<Change> {
    let mut changes = Vec::new();
    let titles = [before, after].map(|quiz| Some(quiz.title.clone()));
    let [old, new] = titles;
    changes.extend(compare_one("title", old, new, false));
    if before.introduction != after.introduction {
        changes.push(Change::Text {
            what: "introduction".to_owned(),
        });
    }
    let affects = |what: &str| SCORING.contains(&what);
    changes.extend(value::compare(
        "settings",
        &before.settings,
        &after.settings,
        affects,
    ));
    changes.extend(compare_pools(before, after));
    changes.extend(compare_questions(before, after));
    changes
}

/// How many are drawn, and for how many points: the questions are told on their own.
fn compare_pools(before: &Quiz, after: &Quiz) -> Vec<Change> {
    fn pools(quiz: &Quiz) -> BTreeMap<&str, (String, Option<String>)> {
        let pools = quiz.items.iter().filter_map(|item| match item {
            Item::Pool(pool) => {
                let points = pool.points.map(|points| points.to_string());
                Some((pool.id.as_str(), (pool.draw.to_string(), points)))
            }
            Item::Question(_) => None,
        });
        pools.collect()
    }
    let (old, new) = (pools(before), pools(after));
    let mut ids: Vec<&str> = new.keys().copied().collect();
    ids.extend(old.keys().filter(|id| !new.contains_key(*id)));
    let mut changes = Vec::new();
    for id in ids {
        let (was, is) = (old.get(id), new.get(id));
        let drawn = |pool: Option<&(String, Option<String>)>| pool.map(|(draw, _)| draw.clone());
        let points = |pool: Option<&(String, Option<String>)>| pool.and_then(|(_, p)| p.clone());
        let name = |what: &str| format!("pool {id}: {what}");
        changes.extend(compare_one(&name("drawn"), drawn(was), drawn(is), true));
        changes.extend(compare_one(&name("points"), points(was), points(is), true));
    }
    changes
}

fn compare_questions(before: &Quiz, after: &Quiz) -> Vec<Change> {
    let by_id = |quiz: &'_ Quiz| -> BTreeMap<String, Question> {
        let questions = quiz.questions();
        questions
            .map(|question| (question.id.clone(), question.clone()))
            .collect()
    };
    let (old, new) = (by_id(before), by_id(after));
    let mut changes = Vec::new();
    for question in after.questions() {
        changes.extend(match old.get(&question.id) {
            None => Some(alone(question, Effect::Added)),
            Some(old) => question::compare(old, question),
        });
    }
    let removed = before
        .questions()
        .filter(|question| !new.contains_key(&question.id));
    changes.extend(removed.map(|question| alone(question, Effect::Removed)));
    changes.into_iter().map(Change::Question).collect()
}

fn alone(question: &Question, effect: Effect) -> PartChange {
    PartChange::new(&question.id, &question.title, effect)
}
