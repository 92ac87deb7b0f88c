//! Lessons that were read: experienced.

use serde_json::Value;

use super::{Home, Record};

/// The first time that a learner read a lesson.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Stable name of the learner's account.
    pub learner: &'a str,
    /// Path of the lesson below the home, such as `courses/c/lessons/l`.
    pub activity: &'a str,
    /// Title of the lesson.
    pub title: &'a str,
    /// When it was read, RFC 3339.
    pub at: &'a str,
}

/// The statement of a reading as a JSON object.
#[must_use]
pub fn of_reading(home: &Home<'_>, reading: &Reading<'_>) -> Value {
    let id = format!("{}/{}", reading.learner, reading.activity);
    let record = Record {
        home,
        id: &id,
        learner: reading.learner,
    };
    let lesson = home.activity(reading.activity, "lesson", reading.title);
    record.statement(("experienced", reading.at), &lesson, None, None)
}
