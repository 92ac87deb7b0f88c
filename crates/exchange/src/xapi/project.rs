//! Projects that were marked as done: completed.

use serde_json::{Value, json};

use super::{Home, Record};

/// The first time that a learner marked a project as done.
#[derive(Debug, Clone, Copy)]
pub struct Completion<'a> {
    /// Stable name of the learner's account.
    pub learner: &'a str,
    /// Path of the project below the home, such as `courses/c/projects/p`.
    pub activity: &'a str,
    /// Title of the project.
    pub title: &'a str,
    /// When it was marked, RFC 3339.
    pub at: &'a str,
}

/// The statement of a completion as a JSON object. How well it was done nobody knows: there is no
/// score, and neither success nor failure.
#[must_use]
pub fn of_completion(home: &Home<'_>, completion: &Completion<'_>) -> Value {
    let id = format!("{}/{}", completion.learner, completion.activity);
    let record = Record {
        home,
        id: &id,
        learner: completion.learner,
    };
    let project = home.activity(completion.activity, "performance", completion.title);
    let result = json!({"completion": true});
    record.statement(("completed", completion.at), &project, None, Some(result))
}
