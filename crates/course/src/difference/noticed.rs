//! Whatever learners can notice gives a line: every field of what there are examples of is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use carrel_model::Challenge;
use carrel_model::challenge::{Compile, Hint, Visibility as CheckVisibility};
use carrel_quiz::Quiz;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::course::{Activity, Lesson, Unit, Visibility, load};

const DOCUMENT: &str = include_str!("../../../../docs/quiz-notation.md");

/// Ends of places that learners cannot notice: what is for authors and graders, where a program
/// is run, and in which order questions stand from which chance draws.
const UNNOTICED: [&str; 6] = [
    "tags",
    "category",
    "grader_notes",
    "kind.environment",
    "pool.title",
    "pool.questions",
];

/// Changes one thing, and where it is to be told.
type Edit<Of> = (fn(&mut Of), &'static str);

static SAMPLE: LazyLock<Course> = LazyLock::new(|| {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../courses/sample");
    load(&directory).unwrap_or_else(|problems| panic!("{problems}"))
});

/// The quizzes of the sample course, and the examples of the notation.
fn quizzes() -> Vec<Quiz> {
    let examples = DOCUMENT.split("````markdown\n").skip(1).map(|block| {
        let (example, _) = block.split_once("````\n").unwrap();
        let head = "+++\nid = \"example\"\ntitle = \"Example\"\n+++\n\n";
        let head = if example.starts_with("+++") { "" } else { head };
        carrel_quiz::notation::parse(&format!("{head}{example}"), "example.md").unwrap()
    });
    let quizzes = SAMPLE.quizzes.iter().map(|found| found.quiz.clone());
    quizzes.chain(examples).collect()
}

/// Values by the name of what holds them, to put one into the place of another.
type Seen = BTreeMap<String, Vec<Value>>;

fn gather(value: &Value, seen: &mut Seen) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let known = seen.entry(name.clone()).or_default();
                if !known.contains(inner) && known.len() < 6 {
                    known.push(inner.clone());
                }
                gather(inner, seen);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, seen)),
        _ => {}
    }
}

/// Every value with where it stands (a pointer), and the same without numbers of places.
fn walk(value: &Value, pointer: &str, shape: &str, all: &mut Vec<(String, String)>) {
    all.push((pointer.to_owned(), shape.to_owned()));
    match value {
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            let shape = match kind {
                Some(kind) => format!("{shape}.{kind}"),
                None => shape.to_owned(),
            };
            for (name, inner) in fields {
                walk(
                    inner,
                    &format!("{pointer}/{name}"),
                    &format!("{shape}.{name}"),
                    all,
                );
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                walk(inner, &format!("{pointer}/{index}"), shape, all);
            }
        }
        _ => {}
    }
}

/// Other values for the place of one: by its type, and what stands at such a place elsewhere.
fn others(name: &str, value: &Value, seen: &Seen) -> Vec<Value> {
    let mut others = seen.get(name).cloned().unwrap_or_default();
    match value {
        Value::Bool(flag) => others.push(json!(!flag)),
        Value::Number(number) => {
            let whole = number.as_i64().unwrap_or_default();
            let number = number.as_f64().unwrap_or_default();
            others.extend([json!(number + 1.0), json!(whole + 1), json!(number / 2.0)]);
        }
        Value::String(text) => others.push(json!(format!("{text}x"))),
        Value::Array(items) => {
            let mut turned = items.clone();
            turned.rotate_left(1.min(items.len()));
            others.push(Value::Array(turned));
            others.push(Value::Array(items.iter().skip(1).cloned().collect()));
        }
        Value::Object(fields) => {
            // What is not said there, but could be.
            for (name, values) in seen.iter().filter(|(name, _)| !fields.contains_key(*name)) {
                others.extend(values.iter().take(1).map(|value| {
                    let mut more = fields.clone();
                    more.insert(name.clone(), value.clone());
                    Value::Object(more)
                }));
            }
        }
        Value::Null => {}
    }
    others.retain(|other| other != value);
    others
}

/// Whether learners could notice that the values are different ones, beyond what stands in
/// places of which they see nothing.
fn without_unnoticed(value: &Value, shape: &str) -> Value {
    match value {
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            let shape = kind.map_or_else(|| shape.to_owned(), |kind| format!("{shape}.{kind}"));
            let is_pool = shape.ends_with(".pool");
            let kept = fields.iter().filter_map(|(name, inner)| {
                let place = format!("{shape}.{name}");
                let runs = name == "environment" && shape.ends_with(".tracing");
                let unnoticed = runs || UNNOTICED.iter().any(|end| place.ends_with(end));
                match inner {
                    Value::Array(questions) if is_pool && name == "questions" => {
                        let mut sorted: Vec<Value> = questions
                            .iter()
                            .map(|question| without_unnoticed(question, &place))
                            .collect();
                        sorted.sort_by_key(|question| question["id"].to_string());
                        Some((name.clone(), Value::Array(sorted)))
                    }
                    _ if unnoticed => None,
                    inner => Some((name.clone(), without_unnoticed(inner, &place))),
                }
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| without_unnoticed(item, shape));
            Value::Array(items.collect())
        }
        other => other.clone(),
    }
}

fn tell(before: &Quiz, after: &Quiz) -> String {
    quiz::compare(before, after)
        .iter()
        .map(|change| format!("{change}\n"))
        .collect()
}

#[test]
fn every_change_of_a_quiz_that_learners_can_notice_is_told() {
    let quizzes = quizzes();
    let documents: Vec<Value> = quizzes
        .iter()
        .map(|quiz| serde_json::to_value(quiz).unwrap())
        .collect();
    let mut seen = Seen::new();
    documents
        .iter()
        .for_each(|document| gather(document, &mut seen));
    let (mut shapes, mut told) = (BTreeSet::new(), 0);
    let plain = |quiz: &Quiz| without_unnoticed(&serde_json::to_value(quiz).unwrap(), "");
    for (quiz, document) in quizzes.iter().zip(&documents) {
        let before = plain(quiz);
        let mut places = Vec::new();
        walk(document, "", "", &mut places);
        for (pointer, shape) in places {
            if pointer.is_empty() || pointer == "/id" || !shapes.insert(shape.clone()) {
                continue;
            }
            let name = pointer
                .rsplit('/')
                .find(|part| part.parse::<usize>().is_err());
            let value = document.pointer(&pointer).unwrap();
            for other in others(name.unwrap_or_default(), value, &seen) {
                let mut changed = document.clone();
                *changed.pointer_mut(&pointer).unwrap() = other.clone();
                let Ok(after) = serde_json::from_value::<Quiz>(changed) else {
                    continue;
                };
                let lines = tell(quiz, &after);
                let is_noticed = before != plain(&after);
                assert_eq!(
                    !lines.is_empty(),
                    is_noticed,
                    "{shape}: {value} → {other}: told {lines:?}"
                );
                told += usize::from(is_noticed);
            }
        }
    }
    assert!(shapes.len() > 150 && told > 500, "{} {told}", shapes.len());
}

proptest! {
    #[test]
    fn another_order_of_questions_is_told(
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let quizzes = SAMPLE.quizzes.iter().map(|found| &found.quiz);
        let before = quizzes.max_by_key(|quiz| quiz.items.len()).unwrap().clone();
        let mut after = before.clone();
        for (place, from) in order.iter().enumerate() {
            after.items[place] = before.items[*from].clone();
        }
        let lines = tell(&before, &after);
        prop_assert_eq!(lines.is_empty(), order.is_sorted(), "{}", lines);
        prop_assert!(lines.lines().all(|line| line.ends_with("place") || line.ends_with("place: changed")));
    }
}

/// One edit of something of the sample course, and a part of the line that must tell it.
fn assert_told(edit: impl FnOnce(&mut Course), expected: &str) {
    let before = SAMPLE.clone();
    let mut after = before.clone();
    edit(&mut after);
    let told = between(&(&before).into(), &(&after).into()).to_string();
    assert!(told.contains(expected), "{expected} not in:\n{told}");
}

/// A challenge with checks, steps and hints.
fn challenge(course: &mut Course) -> &mut Challenge {
    let mut all = course.challenges.iter_mut();
    let hinted = |one: &&mut Challenge| one.steps.iter().any(|step| !step.hints.is_empty());
    all.find(|one| hinted(one) && one.checks.len() > 1).unwrap()
}

fn hint(course: &mut Course) -> &mut Hint {
    let mut steps = challenge(course).steps.iter_mut();
    &mut steps.find(|step| !step.hints.is_empty()).unwrap().hints[0]
}

#[test]
fn every_change_of_a_challenge_is_told() {
    let edits: [Edit<Challenge>; 18] = [
        (|one| one.title.push('x'), "title: "),
        (|one| one.language = "lua".to_owned(), "language: "),
        (|one| one.environment.push('x'), "environment: "),
        (|one| one.editable.push("x".to_owned()), "editable: "),
        (|one| one.entry = Some("x.py".to_owned()), "entry: "),
        (
            |one| one.run = Some(vec!["x".to_owned()]),
            "run: now x [results]",
        ),
        (|one| one.loopback ^= true, "network: "),
        (
            |one| one.pass_points = Some(0.5),
            "pass_points: now 0.5 [results]",
        ),
        (|one| one.target_ms = Some(7), "target_ms: now 7"),
        (|one| one.limits.cpu_ms += 1, "limits.cpu_ms: "),
        (
            |one| one.steps[0].title.push('x'),
            "instructions: other text",
        ),
        (
            |one| one.steps[0].requires.push("x".to_owned()),
            "requires: now x",
        ),
        (|one| one.checks[0].title.push('x'), ": text"),
        (
            |one| one.checks[0].help = Some("x".to_owned()),
            ": feedback",
        ),
        (
            |one| one.checks[0].required ^= true,
            ": what is right [results]",
        ),
        (|one| one.checks[0].points += 1.0, "points "),
        (
            |one| {
                one.checks[0].visibility = match one.checks[0].visibility {
                    CheckVisibility::Never => CheckVisibility::Always,
                    _ => CheckVisibility::Never,
                };
            },
            ": rules",
        ),
        (|one| one.checks.rotate_left(1), ": its place"),
    ];
    for (edit, expected) in edits {
        assert_told(|course| edit(challenge(course)), expected);
    }
    assert_told(|course| hint(course).cost += 0.25, "cost of hints: ");
    assert_told(|course| hint(course).text.push('x'), "hints: other text");
    assert_told(
        |course| hint(course).after_failures += 1,
        "hints: other text",
    );
}

#[test]
fn every_change_of_how_a_program_is_built_is_told() {
    let built = |outputs: &[&str], cpu_ms| {
        let mut course = SAMPLE.clone();
        let limits = carrel_model::Limits {
            cpu_ms,
            ..carrel_model::Limits::default()
        };
        challenge(&mut course).compile = Some(Compile {
            command: vec!["cc".to_owned()],
            outputs: outputs.iter().map(ToString::to_string).collect(),
            limits,
        });
        course
    };
    let tell = |after: &Course| {
        let before = built(&[], 1);
        between(&(&before).into(), &after.into()).to_string()
    };
    assert_eq!(tell(&built(&[], 1)), "");
    assert!(tell(&built(&["a"], 1)).contains("compile.outputs: now a [results]"));
    assert!(tell(&built(&[], 2)).contains("compile.limits.cpu_ms: 1 → 2 [results]"));
}

#[test]
fn every_change_of_units_activities_and_lessons_is_told() {
    let units: [Edit<Unit>; 5] = [
        (|unit| unit.title.push('x'), "title: "),
        (
            |unit| unit.description = Some("x".to_owned()),
            "description: other text",
        ),
        (|unit| unit.requires = vec!["x".to_owned()], "requires: "),
        (
            |unit| unit.availability.closes = Some(jiff::Timestamp::MAX),
            "closes: now ",
        ),
        (
            |unit| unit.visibility = Visibility::Hidden,
            "hidden: now always",
        ),
    ];
    for (edit, expected) in units {
        assert_told(|course| edit(&mut course.units[0]), expected);
    }
    let activities: [Edit<Activity>; 6] = [
        (|one| one.requires = vec!["x".to_owned()], "requires: "),
        (
            |one| one.availability.opens = Some(jiff::Timestamp::MIN),
            "opens: now ",
        ),
        (
            |one| one.availability.due = Some(jiff::Timestamp::MAX),
            "due: now ",
        ),
        (
            |one| one.visibility = Visibility::FromOpening,
            "hidden: now until it opens",
        ),
        (|one| one.points = Some(7.0), "points in the course: "),
        (|one| one.optional ^= true, "optional: "),
    ];
    for (edit, expected) in activities {
        assert_told(|course| edit(&mut course.units[0].activities[0]), expected);
    }
    let lessons: [Edit<Lesson>; 4] = [
        (|lesson| lesson.title.push('x'), "title: "),
        (
            |lesson| lesson.summary = Some("x".to_owned()),
            "summary: other text",
        ),
        (|lesson| lesson.minutes = Some(999), "minutes: "),
        (|lesson| lesson.markdown.push('x'), "text: other text"),
    ];
    for (edit, expected) in lessons {
        assert_told(|course| edit(&mut course.lessons[0]), expected);
    }
    let courses: [Edit<Course>; 4] = [
        (|course| course.title.push('x'), "title: "),
        (
            |course| course.description = Some("x".to_owned()),
            "description: other text",
        ),
        (|course| course.language.push('x'), "language: "),
        (|course| course.licence = Some("x".to_owned()), "licence: "),
    ];
    for (edit, expected) in courses {
        assert_told(edit, expected);
    }
}
