//! Submissions to challenges: attempted, and passed or failed with the verdict.
//!
//! Of the checks nothing is told but their points together: what is hidden stays hidden.

use carrel_model::Verdict;
use serde_json::{Value, json};

use super::{Home, Record, ending};

/// What a learner sent to a challenge.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// Stable id of the submission.
    pub id: &'a str,
    /// Stable name of the learner's account.
    pub learner: &'a str,
    /// Path of the challenge below the home, such as `courses/c/challenges/x`.
    pub activity: &'a str,
    /// Title of the challenge.
    pub title: &'a str,
    /// The step up to which it is judged; `None`: it is judged as a whole.
    pub step: Option<Step<'a>>,
    /// When it was sent, RFC 3339.
    pub sent_at: &'a str,
    /// From opening the challenge to sending it, milliseconds; `None`: the opening was not noted.
    pub duration_ms: Option<i64>,
    /// Its verdict; `None`: there is none yet, or never will be.
    pub judged: Option<Judged<'a>>,
}

/// A step of a challenge.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Id.
    pub id: &'a str,
    /// Title.
    pub title: &'a str,
}

/// A verdict. One of a fault of the platform is none.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// When it was found, RFC 3339.
    pub at: &'a str,
    /// What was found.
    pub verdict: Verdict,
    /// Points.
    pub points: f64,
    /// Points that could be reached.
    pub points_max: f64,
}

/// Statements of a submission as JSON objects, in the order they came about.
#[must_use]
pub fn of_submission(home: &Home<'_>, submission: &Submission<'_>) -> Vec<Value> {
    let record = Record {
        home,
        id: submission.id,
        learner: submission.learner,
    };
    let challenge = home.activity(submission.activity, "performance", submission.title);
    let step = submission.step.map(|step| {
        let path = format!("{}/steps/{}", submission.activity, step.id);
        home.activity(&path, "performance", step.title)
    });
    let (object, parent) = match &step {
        Some(step) => (step, Some(&challenge)),
        None => (&challenge, None),
    };
    let mut statements =
        vec![record.statement(("attempted", submission.sent_at), object, parent, None)];
    if let Some(judged) = &submission.judged {
        let accepted = judged.verdict == Verdict::Accepted;
        let verb = if accepted { "passed" } else { "failed" };
        let points = (judged.points, judged.points_max);
        let mut result = ending(points, Some(accepted), submission.duration_ms);
        result["extensions"] = json!({home.extension("verdict"): judged.verdict.name()});
        statements.push(record.statement((verb, judged.at), object, parent, Some(result)));
    }
    statements
}
