//! What changes of a quiz.
//!
//! Everything is taken apart without `..`: whoever adds a field has to say here what it is for.

use std::collections::{BTreeMap, BTreeSet};

use carrel_quiz::{Item, Pool, Question, Quiz};

use super::outline::find_moved;
use super::value::{self, compare_one};
use super::{Change, Effect, PartChange, PoolChange, question};

/// Settings that decide about points.
const SCORING: [&str; 5] = [
    "settings.grade",
    "settings.penalty",
    "settings.try_counted",
    "settings.pass",
    "settings.tries",
];

pub(super) fn compare(before: &Quiz, after: &Quiz) -> Vec<Change> {
    let Quiz {
        id: _,
        title,
        introduction,
        settings,
        items,
    } = before;
    let mut changes = Vec::new();
    let titles = [title, &after.title].map(|title| Some(title.clone()));
    let [old, new] = titles;
    changes.extend(compare_one("title", old, new, false));
    if *introduction != after.introduction {
        changes.push(Change::Text {
            what: "introduction".to_owned(),
        });
    }
    let affects = |what: &str| SCORING.contains(&what);
    changes.extend(value::compare(
        "settings",
        settings,
        &after.settings,
        affects,
    ));
    let moved = find_moved(&places(items), &places(&after.items));
    changes.extend(compare_pools(before, after, &moved));
    changes.extend(compare_questions(before, after, &moved));
    changes
}

/// What stands in the quiz itself, in order. Questions of a pool come in an order of chance.
fn places(items: &[Item]) -> Vec<String> {
    let place = |item: &Item| match item {
        Item::Question(question) => place_of_question(&question.id),
        Item::Pool(pool) => place_of_pool(&pool.id),
    };
    items.iter().map(place).collect()
}

fn place_of_question(id: &str) -> String {
    format!("question {id}")
}

fn place_of_pool(id: &str) -> String {
    format!("pool {id}")
}

/// How many are drawn, and for how many points: the questions are told on their own.
fn compare_pools(before: &Quiz, after: &Quiz, moved: &BTreeSet<String>) -> Vec<Change> {
    fn pools(quiz: &Quiz) -> BTreeMap<&str, &Pool> {
        let pools = quiz.items.iter().filter_map(|item| match item {
            Item::Pool(pool) => Some((pool.id.as_str(), pool)),
            Item::Question(_) => None,
        });
        pools.collect()
    }
    let (old, new) = (pools(before), pools(after));
    let mut ids: Vec<&str> = new.keys().copied().collect();
    ids.extend(old.keys().filter(|id| !new.contains_key(*id)));
    let mut changes = Vec::new();
    for id in ids {
        let [was, is] = [old.get(id), new.get(id)].map(|pool| pool.map(|pool| show_pool(pool)));
        let drawn = |pool: &Option<ShownPool>| pool.as_ref().map(|pool| pool.drawn.clone());
        let points = |pool: &Option<ShownPool>| pool.as_ref().and_then(|pool| pool.points.clone());
        let name = |what: &str| format!("{}: {what}", place_of_pool(id));
        changes.extend(compare_one(&name("drawn"), drawn(&was), drawn(&is), true));
        changes.extend(compare_one(
            &name("points"),
            points(&was),
            points(&is),
            true,
        ));
        if moved.contains(&place_of_pool(id)) {
            changes.push(Change::Value {
                what: name("place"),
                before: None,
                after: None,
                affects_results: false,
            });
        }
    }
    changes
}

struct ShownPool {
    drawn: String,
    points: Option<String>,
}

fn show_pool(pool: &Pool) -> ShownPool {
    let Pool {
        id: _,
        // For authors.
        title: _,
        draw,
        points,
        // Told on their own.
        questions: _,
    } = pool;
    ShownPool {
        drawn: draw.to_string(),
        points: points.map(|points| points.to_string()),
    }
}

/// Every question by its id, with the pool that it is drawn from.
fn by_id(quiz: &Quiz) -> BTreeMap<&str, (Option<&str>, &Question)> {
    let mut all = BTreeMap::new();
    for item in &quiz.items {
        match item {
            Item::Question(question) => {
                all.insert(question.id.as_str(), (None, question));
            }
            Item::Pool(pool) => {
                let pooled = pool.questions.iter();
                let id = Some(pool.id.as_str());
                all.extend(pooled.map(|question| (question.id.as_str(), (id, question))));
            }
        }
    }
    all
}

fn compare_questions(before: &Quiz, after: &Quiz, moved: &BTreeSet<String>) -> Vec<Change> {
    let (old, new) = (by_id(before), by_id(after));
    let mut changes = Vec::new();
    for question in after.questions() {
        let Some((was_in, old)) = old.get(question.id.as_str()) else {
            changes.push(alone(question, Effect::Added));
            continue;
        };
        let mut change = question::compare(old, question);
        let is_in = new.get(question.id.as_str()).and_then(|(pool, _)| *pool);
        change.moved = is_in.is_none() && moved.contains(&place_of_question(&question.id));
        change.pool = (*was_in != is_in).then(|| PoolChange {
            before: was_in.map(str::to_owned),
            after: is_in.map(str::to_owned),
        });
        changes.extend((!change.is_same()).then_some(change));
    }
    let removed = before
        .questions()
        .filter(|question| !new.contains_key(question.id.as_str()));
    changes.extend(removed.map(|question| alone(question, Effect::Removed)));
    changes.into_iter().map(Change::Question).collect()
}

fn alone(question: &Question, effect: Effect) -> PartChange {
    PartChange::new(&question.id, &question.title, effect)
}
