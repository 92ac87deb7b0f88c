//! Statements of the Experience API (xAPI 1.0.3 and 2.0.0) for a learning record store: of
//! attempts at quizzes, of submissions to challenges, of lessons that were read, and of projects that
//! are done.
//!
//! The id of a statement is made of what it tells, so that sending it twice stores it once.
//! Nothing of a statement expires: sent again after years it is the same.

mod attempt;
mod interaction;
mod lesson;
mod project;
mod submission;

use carrel_quiz::Question;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

pub use attempt::{Answered, Attempt, End, of_attempt};
pub use lesson::{Reading, of_reading};
pub use project::{Completion, of_completion};
pub use submission::{Judged, Step, Submission, of_submission};

/// Versions of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.0.3.
    V1p0p3,
    /// 2.0.0 (IEEE 9274.1.1).
    V2p0p0,
}

impl Version {
    fn number(self) -> &'static str {
        match self {
            Self::V1p0p3 => "1.0.3",
            Self::V2p0p0 => "2.0.0",
        }
    }
}

/// Where names of learners and ids of activities are at home.
#[derive(Debug, Clone)]
pub struct Home<'a> {
    /// Address of the service, without a slash at its end.
    pub address: &'a str,
    /// Version of the statements.
    pub version: Version,
    /// BCP 47 tag of the texts; `und` where it is not known.
    pub language: &'a str,
}

const VERBS: &str = "http://adlnet.gov/expapi/verbs/";
const ACTIVITIES: &str = "http://adlnet.gov/expapi/activities/";

/// What all statements of one record have in common.
struct Record<'a> {
    home: &'a Home<'a>,
    /// Stable id of the record.
    id: &'a str,
    /// Stable name of the learner's account.
    learner: &'a str,
}

/// What a statement is about.
#[derive(Debug, Clone, Serialize)]
struct Object {
    #[serde(rename = "objectType")]
    object_type: &'static str,
    id: String,
    definition: Value,
}

impl Home<'_> {
    /// An activity of the course; `kind` is a word of ADL's vocabulary.
    fn activity(&self, path: &str, kind: &str, title: &str) -> Object {
        Object {
            object_type: "Activity",
            id: format!("{}/{path}", self.address),
            definition: json!({
                "type": format!("{ACTIVITIES}{kind}"),
                "name": {self.language: title},
            }),
        }
    }

    /// A question of an activity.
    fn question(&self, activity: &str, question: &Question) -> Object {
        Object {
            object_type: "Activity",
            id: format!("{}/{activity}/questions/{}", self.address, question.id),
            definition: interaction::definition(question, self.language),
        }
    }

    /// The name of a field that xAPI does not have.
    fn extension(&self, name: &str) -> String {
        format!("{}/xapi/extensions/{name}", self.address)
    }
}

impl Record<'_> {
    /// A statement; `parent` is the activity that its object is a part of.
    fn statement(
        &self,
        (verb, at): (&str, &str),
        object: &Object,
        parent: Option<&Object>,
        result: Option<Value>,
    ) -> Value {
        let Self { home, id, learner } = self;
        let about = format!("{}/xapi/{id}/{verb}/{}/{at}", home.address, object.id);
        let mut statement = json!({
            "id": Uuid::new_v5(&Uuid::NAMESPACE_URL, about.as_bytes()).to_string(),
            "actor": {
                "objectType": "Agent",
                "account": {"homePage": home.address, "name": learner},
            },
            "verb": {"id": format!("{VERBS}{verb}"), "display": {"en": verb}},
            "object": object,
            "context": {
                "registration": Uuid::new_v5(
                    &Uuid::NAMESPACE_URL,
                    format!("{}/xapi/{id}", home.address).as_bytes(),
                )
                .to_string(),
                "platform": "Carrel",
            },
            "timestamp": at,
            "version": home.version.number(),
        });
        if let Some(parent) = parent {
            statement["context"]["contextActivities"] =
                json!({"parent": [{"objectType": "Activity", "id": parent.id}]});
        }
        if let Some(result) = result {
            statement["result"] = result;
        }
        statement
    }
}

/// A score; `None` where no points can be reached. The least is below zero only where points
/// were taken away, for xAPI wants raw between min and max.
fn score(points: f64, max: f64) -> Option<Value> {
    if !(max > 0.0 && points.is_finite()) {
        return None;
    }
    let raw = points.clamp(-max, max);
    let min = if raw < 0.0 { -max } else { 0.0 };
    Some(json!({"scaled": raw / max, "raw": raw, "min": min, "max": max}))
}

/// The end of something that a learner did.
fn ending(
    (points, points_max): (f64, f64),
    success: Option<bool>,
    duration_ms: Option<i64>,
) -> Value {
    let mut result = json!({"completion": true});
    if let Some(score) = score(points, points_max) {
        result["score"] = score;
    }
    if let Some(success) = success {
        result["success"] = Value::Bool(success);
    }
    if let Some(ms) = duration_ms {
        result["duration"] = Value::String(duration(ms));
    }
    result
}

/// A duration of ISO 8601, in seconds with two digits: as exact as xAPI compares.
fn duration(ms: i64) -> String {
    let hundredths = ms.max(0) / 10;
    format!("PT{}.{:02}S", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
#[path = "xapi/tests.rs"]
mod tests;
