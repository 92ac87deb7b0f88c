//! What a course holds, and how far somebody is in it.

use std::collections::BTreeMap;

use carrel_model::id::{AttemptId, UserId};
use carrel_quiz::settings::GradeMethod;
use carrel_quiz::text::Text;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attempt::AttemptSummary;
use crate::content::Content;

/// Kinds of activities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// A text to read.
    Lesson,
    /// Questions.
    Quiz,
    /// A programming task.
    Challenge,
    /// A workspace project: something larger, made from files that are given.
    Project,
}

/// Whether something can be worked on now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It can.
    Open,
    /// It opens later.
    NotYet,
    /// It is closed; what was done can be seen.
    Closed,
    /// Something else must be passed first.
    Locked,
}

/// A unit, with what its reader did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it is about, Markdown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// Units and activities that must be passed first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub requires: Vec<String>,
    /// All of its activities that are neither optional nor hidden for good are passed.
    pub passed: bool,
    /// Learners see nothing of it and of all that is in it; told to authors.
    #[serde(default)]
    pub hidden: bool,
    /// What learners do, in order.
    pub activities: Vec<Activity>,
}

/// One thing that learners do, with what its reader did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Activity {
    /// Lesson, quiz, challenge or project.
    pub kind: ActivityKind,
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// One or two sentences, of a lesson or project.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub summary: Option<String>,
    /// Minutes that it takes, of a lesson or project.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub minutes: Option<u32>,
    /// From when on it can be worked on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opens_at: Option<Timestamp>,
    /// Until when work is in time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// From when on nothing is taken any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub closes_at: Option<Timestamp>,
    /// Weight in the course.
    pub weight: f64,
    /// The unit is passed without it.
    pub optional: bool,
    /// Whether its reader can work on it now.
    pub standing: Standing,
    /// What must be passed first and is not yet: ids.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<String>,
    /// It was seen, passed, accepted or marked as done.
    pub passed: bool,
    /// Points that count, where they may be seen; absent: none yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points: Option<f64>,
    /// Points that there are; absent where they are not known before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points_max: Option<f64>,
    /// Attempts or submissions made.
    pub attempts: u64,
    /// Whether what counts was submitted after it was due.
    #[serde(default)]
    pub late: bool,
    /// Learners see nothing of it; told to authors.
    #[serde(default)]
    pub hidden: bool,
}

/// How far somebody is in a course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// Who.
    pub user: UserId,
    /// Course.
    pub course: String,
    /// Version that it is measured by.
    pub version: String,
    /// Units in order.
    pub units: Vec<Unit>,
    /// Activities that are not optional, and not hidden.
    pub activities_total: u64,
    /// Of them passed.
    pub activities_passed: u64,
}

/// Whose progress is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProgressQuery {
    /// Of this person, by `me`, id or name (authors); absent: one's own.
    pub user: Option<String>,
}

/// A lesson.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lesson {
    /// Course.
    pub course: String,
    /// Version of the course.
    pub version: String,
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// File in the course; links and images of the text are relative to it.
    pub path: String,
    /// One or two sentences.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub summary: Option<String>,
    /// Minutes that reading takes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub minutes: Option<u32>,
    /// The text, Markdown.
    pub markdown: String,
}

/// A workspace project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Course.
    pub course: String,
    /// Version of the course.
    pub version: String,
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// File of the instructions in the course; links and images of their text are relative to it.
    pub path: String,
    /// One or two sentences.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub summary: Option<String>,
    /// Minutes that it takes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub minutes: Option<u32>,
    /// Environment that its programs are meant for.
    pub environment: String,
    /// Instructions, Markdown.
    pub instructions: String,
    /// Files to begin with; one that is larger than 1 MiB is empty here and whole in the archive.
    pub files: BTreeMap<String, Content>,
    /// Of these files those that an editor opens first, in order.
    pub open: Vec<String>,
    /// Moments that the author names, in order.
    pub stages: Vec<ProjectStage>,
    /// The caller has marked it as done.
    pub done: bool,
}

/// A moment of a project that its author names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectStage {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Paths of all files at that moment; the archive of the stage has them.
    pub files: Vec<String>,
}

/// Which files of a project are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilesQuery {
    /// Those of this stage; absent: those to begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

/// A quiz before an attempt: what is told of it, and what the reader did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuizOverview {
    /// Course.
    pub course: String,
    /// Version of the course.
    pub version: String,
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Introduction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub introduction: Option<Text>,
    /// File in the course; links and images of the texts are relative to it.
    pub path: String,
    /// Questions of one attempt, descriptions left out.
    pub questions: u64,
    /// Points of one attempt; absent where they depend on what is drawn.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points_max: Option<f64>,
    /// Seconds that the reader has for an attempt; absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_limit_seconds: Option<u64>,
    /// Attempts that the reader has; absent: any number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempts_max: Option<u32>,
    /// Seconds between two attempts.
    pub wait_seconds: u32,
    /// Which attempt counts.
    pub grade: GradeMethod,
    /// Tries at each question; absent: any number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tries: Option<u32>,
    /// Questions come one after another, without going back.
    pub sequential: bool,
    /// Share of the points needed to pass.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pass: Option<f64>,
    /// From when on it can be attempted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opens_at: Option<Timestamp>,
    /// Until when work is in time, for the reader.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// From when on it is closed, for the reader.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub closes_at: Option<Timestamp>,
    /// Whether the reader can work on it now.
    pub standing: Standing,
    /// What must be passed first and is not yet: ids.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<String>,
    /// The attempt that goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub running: Option<AttemptId>,
    /// Points that count, where they may be seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points: Option<f64>,
    /// The reader's attempts, oldest first.
    pub attempts: Vec<AttemptSummary>,
}
