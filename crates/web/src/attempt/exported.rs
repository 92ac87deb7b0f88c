//! What a person's own export tells of their attempts: their answers, and of points and comments
//! what the pages show them at that time.

use std::collections::BTreeSet;

use async_trait::async_trait;
use carrel_model::id::AttemptId;
use carrel_quiz::settings::ReviewPart;
use carrel_store::export::Sight;
use carrel_store::upkeep::ExportList;
use serde_json::Value;

use super::listing;
use crate::app::App;
use crate::availability;
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// The sight of somebody who exports themselves.
pub(crate) struct OwnSight {
    app: App,
    caller: Caller,
}

impl OwnSight {
    /// Of the caller.
    pub(crate) fn new(app: &App, caller: &Caller) -> Self {
        Self {
            app: app.clone(),
            caller: caller.clone(),
        }
    }

    /// What the pages show them of an attempt now.
    async fn parts(&self, attempt: &Value) -> Result<BTreeSet<ReviewPart>> {
        let id = attempt["id"].as_str().unwrap_or_default();
        let known: AttemptId = id.parse().map_err(|_| Problem::missing("attempt", id))?;
        let row = self.app.store.attempt(known).await?;
        if availability::hides(&self.app, &self.caller, &row.course, &row.quiz).await? {
            return Ok(BTreeSet::new());
        }
        listing::parts_of_end(&self.app, &row).await
    }
}

impl std::fmt::Debug for OwnSight {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("OwnSight")
            .field(&self.caller.id())
            .finish()
    }
}

#[async_trait]
impl Sight for OwnSight {
    async fn see(&self, list: ExportList, item: String) -> String {
        if list != ExportList::Attempts {
            return item;
        }
        let mut attempt: Value = serde_json::from_str(&item).unwrap_or_default();
        // Where the rules cannot be read, nothing may be told that they might keep back.
        let parts = self.parts(&attempt).await.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "an export keeps the points of an attempt back");
            BTreeSet::new()
        });
        keep_to(&mut attempt, &parts);
        attempt.to_string()
    }
}

/// Takes out of an attempt what its reader does not see; of the marks of a question, the newest is
/// the one that is shown.
fn keep_to(attempt: &mut Value, parts: &BTreeSet<ReviewPart>) {
    let (points, comments) = (
        parts.contains(&ReviewPart::Points),
        parts.contains(&ReviewPart::Feedback),
    );
    if !points {
        for field in ["points", "points_max", "passed"] {
            attempt[field] = Value::Null;
        }
    }
    let Some(marks) = attempt["marks"].as_array_mut() else {
        return;
    };
    if !points && !comments {
        marks.clear();
    }
    let mut seen = BTreeSet::new();
    let mut newest: Vec<Value> = Vec::new();
    for mark in marks.drain(..).rev() {
        if seen.insert(mark["question"].to_string()) {
            newest.push(mark);
        }
    }
    newest.reverse();
    *marks = newest;
    for mark in marks {
        if !points {
            mark["points"] = Value::Null;
        }
        if !comments {
            mark["comment"] = Value::Null;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_part_is_told_only_where_it_is_seen() {
        let whole = json!({"id": "x", "points": 1.0, "points_max": 2.0, "passed": true,
        "responses": ["mine"], "marks": [
            {"question": "a", "points": 0.0, "comment": "a slip of mine"},
            {"question": "a", "points": 1.0, "comment": "good"},
        ]});
        let told = |parts: &[ReviewPart]| {
            let mut attempt = whole.clone();
            keep_to(&mut attempt, &parts.iter().copied().collect());
            attempt
        };
        let all = told(&[ReviewPart::Points, ReviewPart::Feedback]);
        let mark = json!([{"question": "a", "points": 1.0, "comment": "good"}]);
        assert_eq!((&all["points"], &all["marks"]), (&json!(1.0), &mark));
        let points = told(&[ReviewPart::Points, ReviewPart::RightAnswer]);
        assert_eq!(
            (&points["points"], &points["passed"]),
            (&json!(1.0), &json!(true))
        );
        let mark = json!([{"question": "a", "points": 1.0, "comment": null}]);
        assert_eq!(points["marks"], mark);
        let comments = told(&[ReviewPart::Feedback]);
        let mark = json!([{"question": "a", "points": null, "comment": "good"}]);
        assert_eq!(
            (&comments["points"], &comments["marks"]),
            (&Value::Null, &mark)
        );
        let nothing = json!({"id": "x", "points": null, "points_max": null, "passed": null,
            "responses": ["mine"], "marks": []});
        assert_eq!(told(&[ReviewPart::Correctness]), nothing);
    }
}
