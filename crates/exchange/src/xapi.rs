//! Statements of the Experience API (xAPI 1.0.3 and 2.0.0) for a learning record store:
//! attempted, answered, completed, passed and failed.
//!
//! The id of a statement is made of what it tells, so that sending it twice stores it once.

mod interaction;

use carrel_quiz::{Answer, Question, Score};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

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

/// One learner's run through an activity.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// Stable id of the attempt.
    pub id: &'a str,
    /// Stable name of the learner's account.
    pub learner: &'a str,
    /// Path of the activity below the home, such as `courses/c/quizzes/q`.
    pub activity: &'a str,
    /// Title of the activity.
    pub title: &'a str,
    /// When it was begun, RFC 3339.
    pub started_at: &'a str,
    /// Answers that were scored, in order.
    pub answers: Vec<Answered<'a>>,
    /// How it ended; `None`: it goes on.
    pub end: Option<End<'a>>,
}

/// An answer to one question.
#[derive(Debug, Clone)]
pub struct Answered<'a> {
    /// The question as it was shown: variables filled in.
    pub question: &'a Question,
    /// The answer.
    pub answer: &'a Answer,
    /// What it is worth.
    pub score: &'a Score,
    /// When it was given, RFC 3339.
    pub at: &'a str,
}

/// The end of an attempt.
#[derive(Debug, Clone)]
pub struct End<'a> {
    /// When it was submitted, RFC 3339.
    pub at: &'a str,
    /// Points.
    pub points: f64,
    /// Points that could be reached.
    pub points_max: f64,
    /// Whether it was passed; `None`: there is nothing to pass, or a person must grade it first.
    pub passed: Option<bool>,
}

const VERBS: &str = "http://adlnet.gov/expapi/verbs/";
const ASSESSMENT: &str = "http://adlnet.gov/expapi/activities/assessment";

/// Statements of an attempt as JSON objects, in the order they came about.
#[must_use]
pub fn statements(home: &Home<'_>, attempt: &Attempt<'_>) -> Vec<Value> {
    let writer = Writer { home, attempt };
    let mut statements =
        vec![writer.statement("attempted", attempt.started_at, writer.activity(), None)];
    for answered in &attempt.answers {
        let result = answer_result(answered);
        statements.push(writer.statement(
            "answered",
            answered.at,
            writer.question(answered.question),
            Some(result),
        ));
    }
    if let Some(end) = &attempt.end {
        let result = |success: Option<bool>| {
            let mut result = json!({"completion": true});
            if let Some(score) = score(end.points, end.points_max) {
                result["score"] = score;
            }
            if let Some(success) = success {
                result["success"] = Value::Bool(success);
            }
            result
        };
        statements.push(writer.statement(
            "completed",
            end.at,
            writer.activity(),
            Some(result(None)),
        ));
        if let Some(passed) = end.passed {
            let verb = if passed { "passed" } else { "failed" };
            statements.push(writer.statement(
                verb,
                end.at,
                writer.activity(),
                Some(result(Some(passed))),
            ));
        }
    }
    statements
}

struct Writer<'a> {
    home: &'a Home<'a>,
    attempt: &'a Attempt<'a>,
}

#[derive(Serialize)]
struct Object {
    #[serde(rename = "objectType")]
    kind: &'static str,
    id: String,
    definition: Value,
}

impl Writer<'_> {
    fn statement(&self, verb: &str, at: &str, object: Object, result: Option<Value>) -> Value {
        let Self { home, attempt } = self;
        let about = format!(
            "{}/xapi/{}/{verb}/{}/{at}",
            home.address, attempt.id, object.id
        );
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, about.as_bytes());
        let is_activity = object.id == self.activity_id();
        let mut statement = json!({
            "id": id.to_string(),
            "actor": {
                "objectType": "Agent",
                "account": {"homePage": home.address, "name": attempt.learner},
            },
            "verb": {"id": format!("{VERBS}{verb}"), "display": {"en": verb}},
            "object": object,
            "context": {
                "registration": Uuid::new_v5(
                    &Uuid::NAMESPACE_URL,
                    format!("{}/xapi/{}", home.address, attempt.id).as_bytes(),
                )
                .to_string(),
                "platform": "Carrel",
            },
            "timestamp": at,
            "version": home.version.number(),
        });
        if !is_activity {
            statement["context"]["contextActivities"] =
                json!({"parent": [{"objectType": "Activity", "id": self.activity_id()}]});
        }
        if let Some(result) = result {
            statement["result"] = result;
        }
        statement
    }

    fn activity_id(&self) -> String {
        format!("{}/{}", self.home.address, self.attempt.activity)
    }

    fn activity(&self) -> Object {
        Object {
            kind: "Activity",
            id: self.activity_id(),
            definition: json!({
                "type": ASSESSMENT,
                "name": {self.home.language: self.attempt.title},
            }),
        }
    }

    fn question(&self, question: &Question) -> Object {
        Object {
            kind: "Activity",
            id: format!("{}/questions/{}", self.activity_id(), question.id),
            definition: interaction::definition(question, self.home.language),
        }
    }
}

fn answer_result(answered: &Answered<'_>) -> Value {
    let points = answered.score.points;
    let mut result = json!({
        "completion": true,
        "response": interaction::response(answered.answer),
    });
    let graded = answered.score.state != carrel_quiz::score::ScoreState::NeedsGrading;
    if let Some(score) = score(points, answered.score.points_max).filter(|_| graded) {
        result["score"] = score;
        result["success"] =
            Value::Bool(answered.score.state == carrel_quiz::score::ScoreState::Correct);
    }
    result
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

#[cfg(test)]
#[path = "xapi/tests.rs"]
mod tests;
