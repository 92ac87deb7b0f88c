//! What authors look after: accommodations, changed keys, grades.

use std::collections::BTreeMap;

use carrel_model::id::{AttemptId, RescoreId, UserId};
use carrel_quiz::settings::Accommodation;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attempt::AttemptGrade;

/// What one person has beyond the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GivenAccommodation {
    /// Who.
    pub user: UserId,
    /// At which quiz or challenge; absent: at all that have none of their own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quiz: Option<String>,
    /// What.
    pub accommodation: Accommodation,
    /// Since when.
    pub changed_at: Timestamp,
    /// Who gave it; absent: somebody who is gone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changed_by: Option<UserId>,
}

/// Which accommodation is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccommodationQuery {
    /// At this quiz or challenge; absent: at all that have none of their own.
    pub quiz: Option<String>,
}

/// Where accommodations are copied from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyAccommodations {
    /// The course; its accommodations for all quizzes and challenges are taken, those for single ones are not.
    pub from: String,
}

/// How many were copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CopiedAccommodations {
    /// People who have one now and had none.
    pub copied: u64,
}

/// A rescore to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRescore {
    /// Version whose key is used; absent: the present one.
    #[serde(default)]
    pub version: Option<String>,
    /// Only tell what would change, until it is applied.
    #[serde(default)]
    pub preview: bool,
    /// Nobody loses points.
    #[serde(default = "yes")]
    pub never_lower: bool,
    /// Only these questions; absent: all that differ from what was asked.
    #[serde(default)]
    pub questions: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

/// Whether a rescore counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RescoreState {
    /// Only told.
    Preview,
    /// Being made to count; applying it again goes on.
    Applying,
    /// Counts.
    Applied,
}

/// A rescore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rescore {
    /// Id.
    pub id: RescoreId,
    /// Course.
    pub course: String,
    /// Quiz.
    pub quiz: String,
    /// Version whose key is used.
    pub version: String,
    /// Nobody loses points.
    pub never_lower: bool,
    /// Who asked for it.
    pub user: UserId,
    /// Whether it counts.
    pub state: RescoreState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was made to count.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub applied_at: Option<Timestamp>,
    /// Submitted attempts that were looked at.
    pub attempts: u64,
    /// Of them with other points.
    pub changed: u64,
    /// Of them changed otherwise before it was applied, and left alone: rescore again.
    pub skipped: u64,
}

/// What became of one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Only told so far.
    Waiting,
    /// It counts.
    Applied,
    /// The attempt was changed otherwise in the meantime.
    Skipped,
}

/// What a rescore does to one attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RescoreChange {
    /// Which.
    pub attempt: AttemptId,
    /// Whose.
    pub user: UserId,
    /// Points before.
    pub points_before: f64,
    /// What it is worth after.
    pub after: AttemptGrade,
    /// Points of the questions that change.
    pub questions: Vec<QuestionChange>,
    /// What became of it.
    pub state: ChangeState,
}

/// What a rescore does to one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuestionChange {
    /// Question.
    pub question: String,
    /// Points after.
    pub points: f64,
    /// Why, line by line.
    pub explanation: Vec<String>,
}

/// Grades of a course: one page of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gradebook {
    /// Course.
    pub course: String,
    /// Version whose activities are the columns.
    pub version: String,
    /// What is graded, in order.
    pub columns: Vec<GradebookColumn>,
    /// Learners by name.
    pub rows: Vec<GradebookRow>,
    /// Give this as `cursor` to get the next page; absent: this was the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// One activity that is graded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradebookColumn {
    /// Activity.
    pub id: String,
    /// Title.
    pub title: String,
    /// Weight in the course.
    pub weight: f64,
    /// Points that there are; absent where they depend on what is drawn.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points_max: Option<f64>,
}

/// Grades of one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradebookRow {
    /// Who.
    pub user: UserId,
    /// Name they sign in with.
    pub name: String,
    /// Name they are shown by.
    pub display_name: String,
    /// By activity; one that was not done is left out.
    pub grades: BTreeMap<String, CourseGrade>,
    /// Weighted share of everything graded, 0 to 1; what was not done counts 0.
    pub total: f64,
}

/// Grade of one activity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CourseGrade {
    /// Points that count.
    pub points: f64,
    /// Points that there were.
    pub points_max: f64,
    /// It is passed.
    pub passed: bool,
    /// An answer waits for a person.
    pub needs_grading: bool,
    /// What counts was submitted after it was due.
    #[serde(default)]
    pub late: bool,
    /// When it was passed or submitted last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Timestamp>,
}

/// Which statements of a course are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StatementsQuery {
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Attempts, submissions, lessons and projects wanted, together from 1 to
    /// [`crate::limits::PAGE_ROWS_MAX`]; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// Version of xAPI.
    pub version: StatementsVersion,
    /// Only of these; absent: of all, one after the other.
    pub of: Option<StatementsOf>,
}

/// What statements are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementsOf {
    /// Attempts at quizzes.
    Quizzes,
    /// Submissions to challenges.
    Challenges,
    /// Lessons that were read.
    Lessons,
    /// Projects that were marked as done.
    Projects,
}

/// Version of xAPI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StatementsVersion {
    /// 1.0.3.
    #[default]
    #[serde(rename = "1.0.3")]
    V1p0p3,
    /// 2.0.0 (IEEE 9274.1.1).
    #[serde(rename = "2.0.0")]
    V2p0p0,
}

/// What learners did, as xAPI tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statements {
    /// Statements, record by record: what a record store takes as they are.
    pub statements: Vec<serde_json::Value>,
    /// Give this as `cursor` to get the next page; absent: this was the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}
