//! The course `demo` with a lesson and quizzes, and a clock that stands still until it is moved.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use carrel_store::sqlite::Clock;
use carrel_web::publish::publish_directory;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::world::{Answer, Person, World};

/// Stands in every key, explanation, note and piece of feedback that learners must not see yet.
pub(crate) const KEY: &str = "zanzibar";

/// A clock moved by hand.
#[derive(Debug, Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn new() -> Self {
        let now = Timestamp::now().as_millisecond();
        Self(Arc::new(AtomicI64::new(now * 1_000)))
    }

    pub(crate) fn clock(&self) -> Clock {
        let hand = self.clone();
        Clock::of(move || hand.now())
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        let by = i64::try_from(Duration::from_secs(seconds).as_micros()).unwrap();
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

/// Front matter of the quiz `loops` where a test says nothing else.
pub(crate) const SETTINGS: &str = "attempts = 3\ntime_limit_seconds = 600\ngrace_seconds = 30\n";

/// The questions of the quiz `loops`: 1 + 2 + 3 points.
pub(crate) const QUESTIONS: &str = r"
## Last number {#last}

What is the last number of `range(5)`?

- (x) 4
  > Right, {key}.
- ( ) 5
  > No, {key}.

shuffle: no
general: That is {key}.
hint: {cost=0.5} Count to {key}.

## The word {#word}
points: 2

Which word ends a loop?

= {key}
= {score=0.5} stop
  > Nearly {key}.

## Write {#essay}
points: 3
kind: essay

Why are loops useful?

grader: Look for {key}.
";

/// Rules under which nothing is shown before the quiz is closed.
pub(crate) const SECRETIVE: &str =
    "[review]\nduring = []\nafter_submit = []\nafter_close = ['points', 'right_answer']\n";

/// A world with the quiz `loops`, and its clock.
pub(crate) fn start(settings: &str, questions: &str) -> (World, Hand) {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    publish(&world, settings, questions, "");
    (world, hand)
}

/// Publishes a version with the quiz `loops`; `rules` stand in `course.toml` beside it.
pub(crate) fn publish(world: &World, settings: &str, questions: &str, rules: &str) -> String {
    publish_with(world, settings, questions, ["", rules])
}

/// The same, with rules of both units.
pub(crate) fn publish_with(
    world: &World,
    settings: &str,
    questions: &str,
    rules: [&str; 2],
) -> String {
    let root = write_with(world, settings, questions, rules);
    let published = world.wait(publish_directory(&world.app, &root));
    published
        .unwrap_or_else(|problem| panic!("{:#?}", problem.document()))
        .version
}

/// Writes the files of such a version.
pub(crate) fn write(world: &World, settings: &str, questions: &str, rules: &str) -> PathBuf {
    write_with(world, settings, questions, ["", rules])
}

pub(crate) fn write_with(
    world: &World,
    settings: &str,
    questions: &str,
    [first, rules]: [&str; 2],
) -> PathBuf {
    let root = crate::world::write_course(world.directory.path(), "demo", "");
    let course = format!(
        "id = 'demo'\ntitle = 'Demo'\n\
         [[units]]\nid = 'one'\ntitle = 'One'\n{first}\nactivities = ['intro.md', 'double']\n\
         [[units]]\nid = 'two'\ntitle = 'Two'\n{rules}\nactivities = ['loops.quiz.md']\n"
    );
    fs::write(root.join("course.toml"), course).unwrap();
    let lesson = "+++\nid = 'intro'\ntitle = 'Introduction'\nminutes = 3\n+++\n# Hello\n";
    fs::write(root.join("intro.md"), lesson).unwrap();
    let questions = questions.replace("{key}", KEY);
    let quiz =
        format!("+++\nid = 'loops'\ntitle = 'Loops'\n{settings}+++\n\nHave fun.\n{questions}");
    fs::write(root.join("loops.quiz.md"), quiz).unwrap();
    root
}

/// An attempt of somebody at `loops`.
pub(crate) struct Sitting<'a> {
    pub(crate) world: &'a World,
    pub(crate) who: &'a Person,
    pub(crate) id: String,
}

/// Address of starting.
pub(crate) const START: &str = "/courses/demo/quizzes/loops/attempts";

/// Starts an attempt.
pub(crate) fn sit<'a>(world: &'a World, who: &'a Person) -> Sitting<'a> {
    let started = world.post(who, START, &json!({}));
    assert_eq!(started.status, 201, "{started:?}");
    let id = started.body["id"].as_str().unwrap().to_owned();
    Sitting { world, who, id }
}

pub(crate) fn choice(option: &str) -> Value {
    json!({"type": "choice", "options": [option]})
}

pub(crate) fn word(text: &str) -> Value {
    json!({"type": "short_answer", "text": text})
}

pub(crate) fn essay(text: &str) -> Value {
    json!({"type": "essay", "text": text})
}

impl Sitting<'_> {
    pub(crate) fn path(&self) -> String {
        format!("/attempts/{}", self.id)
    }

    pub(crate) fn get(&self) -> Answer {
        self.world.get(self.who, &self.path())
    }

    pub(crate) fn save(&self, question: &str, answer: &Value) -> Answer {
        self.send(question, &json!({"answer": answer}))
    }

    pub(crate) fn save_as(&self, question: &str, answer: &Value, sequence: u64) -> Answer {
        self.send(question, &json!({"answer": answer, "sequence": sequence}))
    }

    fn send(&self, question: &str, body: &Value) -> Answer {
        let path = format!("{}/answers/{question}", self.path());
        self.world.put_or_post("PUT", self.who, &path, body)
    }

    pub(crate) fn try_answer(&self, question: &str, answer: &Value) -> Answer {
        let path = format!("{}/answers/{question}/tries", self.path());
        self.world.post(self.who, &path, &json!({"answer": answer}))
    }

    pub(crate) fn act(&self, what: &str) -> Answer {
        let path = format!("{}/{what}", self.path());
        self.world.post(self.who, &path, &json!({}))
    }

    /// A question of it as it is shown now.
    pub(crate) fn question(&self, id: &str) -> Value {
        let shown = self.get();
        let questions = shown.ok()["questions"].as_array().unwrap().clone();
        let mut questions = questions.into_iter();
        questions.find(|question| question["id"] == id).unwrap()
    }
}
