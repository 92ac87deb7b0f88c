//! What is wrong with a quiz beyond its form: found before a learner meets it.
//!
//! Importers and the notation both ask here, so a quiz means the same wherever it came from.

mod alike;
mod kind;
mod name;
mod question;

use std::collections::{BTreeSet, HashMap};

use crate::limits::{ID_CHARACTERS_MAX, QUESTIONS_MAX};
use crate::quantity::number_of;
use crate::quiz::{Item, Quiz};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Id of the question or pool; `None`: the quiz.
    pub question: Option<String>,
    /// Which part of it, such as `option b` or `blank 1`; empty: the whole.
    pub part: String,
    /// Which character of the text of that part, counted from 0, where it is about one.
    pub within: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: String,
    /// Whether the quiz can be used all the same.
    pub severity: Severity,
}

/// Whether a quiz can be used all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, and some learner will meet an error: no new version may have it.
    Slip,
    /// It can, and the author should look.
    Warning,
}

/// Defects found so far, of one question.
struct Found<'a> {
    question: Option<&'a str>,
    list: Vec<Defect>,
}

impl<'a> Found<'a> {
    fn new(question: Option<&'a str>) -> Self {
        Self {
            question,
            list: Vec::new(),
        }
    }

    fn error(&mut self, part: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Error, part, message.into(), hint.into());
    }

    fn slip(&mut self, part: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Slip, part, message.into(), hint.into());
    }

    fn warning(&mut self, part: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Severity::Warning, part, message.into(), hint.into());
    }

    /// A defect at a character of the text of a part.
    fn push_within(
        &mut self,
        severity: Severity,
        (part, character): (&str, usize),
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(severity, part, message.into(), hint.into());
        if let Some(defect) = self.list.last_mut() {
            defect.within = Some(character);
        }
    }

    fn push(&mut self, severity: Severity, part: &str, message: String, hint: String) {
        self.list.push(Defect {
            question: self.question.map(str::to_owned),
            part: part.trim().to_owned(),
            within: None,
            message,
            hint,
            severity,
        });
    }

    /// Makes errors of the slips within a part: learners meet them. Whether there are any.
    fn refuse_slips(&mut self, part: &str) -> bool {
        let mut are_any = false;
        for defect in &mut self.list {
            if defect.severity == Severity::Slip && defect.within.is_some() && defect.part == part {
                defect.severity = Severity::Error;
                are_any = true;
            }
        }
        are_any
    }

    fn has_errors(&self) -> bool {
        self.has(Severity::Error)
    }

    fn has_warnings(&self) -> bool {
        self.has(Severity::Warning)
    }

    fn has(&self, severity: Severity) -> bool {
        self.list.iter().any(|defect| defect.severity == severity)
    }

    /// Ids must be well-formed and unique.
    fn check_ids<'b>(&mut self, what: &str, ids: impl Iterator<Item = &'b str>) {
        let mut seen = HashMap::new();
        for id in ids {
            let part = format!("{what} {id}");
            if !is_id(id) {
                self.error(
                    &part,
                    format!("`{id}` is no id"),
                    "use letters, digits, `-`, `_` and `.`, at most 100",
                );
            }
            if seen.insert(id.to_owned(), ()).is_some() {
                self.error(
                    &part,
                    format!("two {what}s have the id `{id}`"),
                    "give each its own id",
                );
            }
        }
    }
}

/// Letters, digits, `-`, `_` and `.`, at least one.
#[must_use]
pub fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= ID_CHARACTERS_MAX
        && text
            .chars()
            .all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
}

/// Everything that is wrong with a quiz.
#[must_use]
pub fn find(quiz: &Quiz) -> Vec<Defect> {
    let mut found = Found::new(None);
    check_settings(quiz, &mut found);
    let count = quiz.questions().count();
    if count > QUESTIONS_MAX {
        found.error(
            "",
            format!("the quiz has {count} questions, more than {QUESTIONS_MAX}"),
            "split it into several",
        );
        return found.list;
    }
    if count == 0 {
        found.warning(
            "",
            "the quiz has no questions",
            "a question begins with a heading `## Title {#id}`",
        );
    }
    let pools = quiz.items.iter().filter_map(|item| match item {
        Item::Pool(pool) => Some(pool),
        Item::Question(_) => None,
    });
    let mut seen: HashMap<&str, ()> = HashMap::new();
    let mut repeated = BTreeSet::new();
    let ids = quiz.questions().map(|question| question.id.as_str());
    for id in ids.chain(pools.clone().map(|pool| pool.id.as_str())) {
        if seen.insert(id, ()).is_some() {
            repeated.insert(id);
        }
    }
    let mut list = found.list;
    for id in &repeated {
        let mut found = Found::new(Some(id));
        found.error(
            "",
            format!("two questions or pools have the id `{id}`"),
            "give each its own; ids are never used twice",
        );
        list.append(&mut found.list);
    }
    for pool in pools {
        let mut found = Found::new(Some(&pool.id));
        if pool.draw == 0 || pool.draw as usize > pool.questions.len() {
            found.error(
                "",
                format!(
                    "the pool draws {} of {}",
                    pool.draw,
                    number_of(pool.questions.len(), "question", "questions")
                ),
                "draw at least 1 and at most all of them",
            );
        }
        check_own_id(&pool.id, ("pool", ""), &mut found);
        if pool.points.is_some_and(|points| !is_points(points)) {
            found.error("", "the points of the pool are below 0", "give 0 or more");
        }
        list.append(&mut found.list);
    }
    // Of questions with one id, it could not be told which is meant.
    for question in quiz.questions() {
        if !repeated.contains(question.id.as_str()) {
            list.append(&mut question::find(question));
        }
    }
    list
}

fn check_own_id(id: &str, (what, part): (&str, &str), found: &mut Found<'_>) {
    if !is_id(id) {
        found.error(
            part,
            format!("`{id}` is no id of a {what}"),
            "use letters, digits, `-`, `_` and `.`, at most 100",
        );
    }
}

fn is_points(points: f64) -> bool {
    points.is_finite() && points >= 0.0
}

fn is_share(share: f64) -> bool {
    (0.0..=1.0).contains(&share)
}

fn check_settings(quiz: &Quiz, found: &mut Found<'_>) {
    check_own_id(&quiz.id, ("quiz", "id"), found);
    if quiz.title.trim().is_empty() {
        found.warning(
            "title",
            "the quiz has no title",
            "say what learners see in lists",
        );
    }
    let settings = &quiz.settings;
    if !is_share(settings.penalty) {
        found.error(
            "penalty",
            format!("the penalty is {}", settings.penalty),
            "give a share from 0 to 1",
        );
    }
    if settings.pass.is_some_and(|share| !is_share(share)) {
        found.error(
            "pass",
            "`pass` is no share from 0 to 1",
            "0.6 means 60 per cent",
        );
    }
    for (name, number) in [
        ("attempts", settings.attempts),
        ("tries", settings.tries),
        ("time_limit_seconds", settings.time_limit_seconds),
    ] {
        if number == Some(0) {
            found.error(
                name,
                format!("`{name}` is 0"),
                "give at least 1, or leave it out for no limit",
            );
        }
    }
}
