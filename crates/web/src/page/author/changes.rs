//! What changes between two versions of a course, in words.

use carrel_course::difference::{Change, Effect, PartChange, PoolChange};

use crate::page::Frame;

/// One change in a list.
pub(super) struct ShownChange {
    pub(super) text: String,
    /// Before and after, where both are short values.
    pub(super) values: Option<(Option<String>, Option<String>)>,
    /// Files of it.
    pub(super) paths: Vec<String>,
    /// Results that learners have could be others with it.
    pub(super) affects_results: bool,
}

impl ShownChange {
    fn new(text: String) -> Self {
        Self {
            text,
            values: None,
            paths: Vec::new(),
            affects_results: false,
        }
    }
}

/// A change, described.
pub(super) fn describe(frame: &Frame, change: &Change) -> ShownChange {
    match change {
        Change::Added => ShownChange::new(frame.text("change-added")),
        Change::Removed => ShownChange::new(frame.text("change-removed")),
        Change::Moved { from, to } => ShownChange::new(match (from, to) {
            (Some(from), Some(to)) if from != to => {
                frame.fill2("change-moved-between", ("from", from), ("to", to))
            }
            _ => frame.text("change-moved"),
        }),
        Change::Text { what } => ShownChange::new(frame.fill("change-text", "what", what)),
        Change::Value {
            what,
            before,
            after,
            affects_results,
        } => ShownChange {
            values: Some((before.clone(), after.clone())),
            affects_results: *affects_results,
            ..ShownChange::new(frame.fill("change-value", "what", what))
        },
        Change::Files {
            what,
            paths,
            affects_results,
        } => ShownChange {
            paths: paths.clone(),
            affects_results: *affects_results,
            ..ShownChange::new(frame.fill("change-files", "what", what))
        },
        Change::Reused {
            question,
            before,
            after,
        } => {
            let words = frame.fill2("change-reused", ("before", before), ("after", after));
            ShownChange::new(match question {
                Some(question) => {
                    format!(
                        "{}: {words}",
                        frame.fill("change-question", "title", question)
                    )
                }
                None => words,
            })
        }
        Change::Question(part) => describe_part(frame, "change-question", part),
        Change::Check(part) => describe_part(frame, "change-check", part),
    }
}

/// A question or check: what is another than before.
fn describe_part(frame: &Frame, name: &str, part: &PartChange) -> ShownChange {
    let title = match part.title.as_str() {
        "" => &part.id,
        title => title,
    };
    let head = frame.fill(name, "title", title);
    let mut told = Vec::new();
    match part.effect {
        Effect::Added => told.push(frame.text("change-added")),
        Effect::Removed => told.push(frame.text("change-removed")),
        Effect::Changed => {
            for (changed, name) in [
                (part.key, "change-part-key"),
                (part.text, "change-part-text"),
                (part.feedback, "change-part-feedback"),
                (part.rules, "change-part-rules"),
                (part.cost, "change-part-cost"),
                (part.moved, "change-part-moved"),
            ] {
                if changed {
                    told.push(frame.text(name));
                }
            }
            if let Some(PoolChange { before, after }) = &part.pool {
                told.push(match (before, after) {
                    (_, Some(after)) => frame.fill("change-part-pool", "pool", after),
                    (before, None) => {
                        let before = before.as_deref().unwrap_or_default();
                        frame.fill("change-part-always", "pool", before)
                    }
                });
            }
            if let Some(points) = part.points {
                let (before, after) = (frame.number(points.before), frame.number(points.after));
                let words = ("before", before);
                told.push(frame.fill2("change-part-points", words, ("after", after)));
            }
        }
    }
    ShownChange {
        affects_results: part.affects_results(),
        ..ShownChange::new(format!("{head}: {}", told.join(", ")))
    }
}
