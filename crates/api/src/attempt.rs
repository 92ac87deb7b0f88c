//! Attempts at quizzes: what is asked, what was answered, what it is worth.
//!
//! What is shown of an attempt follows the review rules of its quiz; a part that
//! may not be seen yet is absent.

use std::collections::BTreeSet;

use carrel_model::id::{AttemptId, RescoreId, UserId};
use carrel_quiz::answer::Answer;
use carrel_quiz::presentation::Presentation;
use carrel_quiz::right_parts::RightCount;
use carrel_quiz::score::{PartScore, ScoreState, ShownFeedback, UnreadablePart};
use carrel_quiz::settings::ReviewPart;
use carrel_quiz::text::Text;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An attempt in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptSummary {
    /// Id.
    pub id: AttemptId,
    /// Whose.
    pub user: UserId,
    /// Course.
    pub course: String,
    /// Version of the course that it stays on.
    pub version: String,
    /// Quiz.
    pub quiz: String,
    /// Which one of this person at this quiz, from 1.
    pub number: u32,
    /// When it was started.
    pub started_at: Timestamp,
    /// When its time is over or was; absent: never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline_at: Option<Timestamp>,
    /// When it was submitted; absent: it goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub submitted_at: Option<Timestamp>,
    /// Who submitted it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub submitted_by: Option<SubmittedBy>,
    /// An author tries the quiz: it has no opening times and counts nowhere.
    #[serde(default)]
    pub rehearsal: bool,
    /// Whether it was submitted after the quiz was due.
    #[serde(default)]
    pub late: bool,
    /// What it is worth, where that may be seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grade: Option<AttemptGrade>,
}

/// Who ended an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmittedBy {
    /// The learner.
    Learner,
    /// The end of its time.
    Deadline,
}

/// What an attempt is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptGrade {
    /// Points.
    pub points: f64,
    /// Points of an attempt without a mistake.
    pub points_max: f64,
    /// Whether it is passed; absent: the quiz does not say what is needed, or a person must grade first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub passed: Option<bool>,
    /// Whether an answer waits for a person.
    pub needs_grading: bool,
}

/// An attempt with its questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// What a list tells.
    #[serde(flatten)]
    pub summary: AttemptSummary,
    /// Title of the quiz.
    pub title: String,
    /// Introduction of the quiz.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub introduction: Option<Text>,
    /// Directory of the quiz in the course, which links and images of its texts start from; empty: the top.
    #[serde(default)]
    pub directory: String,
    /// The server's clock at this answer.
    pub now: Timestamp,
    /// Milliseconds left; absent: no end, or over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remaining_ms: Option<u64>,
    /// Questions come one after another, without going back.
    pub sequential: bool,
    /// Place of the open question, from 0, where they come one after another.
    pub place: u32,
    /// How many questions there are, descriptions included.
    pub questions_total: u32,
    /// What the reader may see of it now.
    pub visible: BTreeSet<ReviewPart>,
    /// The questions in order; while questions come one after another, only the open one.
    pub questions: Vec<AskedQuestion>,
}

/// A question of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AskedQuestion {
    /// Place from 0.
    pub place: u32,
    /// Id.
    pub id: String,
    /// Points of a fully right answer; 0 of an introduction between questions.
    pub points_max: f64,
    /// What is shown of it. Options, items and targets go by names of their place, in answers too.
    pub presentation: Presentation,
    /// The answer saved last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<Answer>,
    /// Number of the newest save; the next one is sent with a greater number.
    pub sequence: u64,
    /// When it was saved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub saved_at: Option<Timestamp>,
    /// What in the answer saved last cannot be read as what was asked for, while it can be
    /// changed: such an answer is no try, and counts nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unreadable: Vec<UnreadablePart>,
    /// Answers are scored at once when they are tried.
    pub at_once: bool,
    /// Tries used.
    pub tries: u32,
    /// Tries there are; absent: any number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tries_max: Option<u32>,
    /// Hints in the order they may be taken.
    #[serde(default)]
    pub hints: Vec<OfferedHint>,
    /// What the answer is worth, as far as it may be seen; absent while nothing may.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<QuestionResult>,
}

/// A hint, taken or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfferedHint {
    /// Place among the question's hints, from 0.
    pub index: u32,
    /// Share of the points that taking it costs, 0 to 1.
    pub cost: f64,
    /// Tries needed before it may be taken.
    pub after_tries: u32,
    /// Taking it clears what is wrong in the answer: read the question again after it.
    #[serde(default)]
    pub clears_wrong: bool,
    /// Taking it tells how many parts of the answer are right.
    #[serde(default)]
    pub tells_right_count: bool,
    /// The hint, once it is taken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<Text>,
    /// How many parts of the answer were right when it was taken, where it tells that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub right: Option<RightCount>,
}

/// What an answer is worth, as far as the reader may see it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuestionResult {
    /// What became of the answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<ScoreState>,
    /// What became of its parts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parts: Vec<PartScore>,
    /// Points, penalties taken off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points: Option<f64>,
    /// How the points came about, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub explanation: Vec<String>,
    /// Feedback on the answer.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub feedback: Vec<ShownFeedback>,
    /// The general explanation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub general_feedback: Option<Text>,
    /// The right answer, where one can be told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub right_answer: Option<Answer>,
    /// Words of the person who graded it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// All marks of persons and rescores (authors only), oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub marks: Vec<Mark>,
}

/// Points that a person or a rescore gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// Points.
    pub points: f64,
    /// Words to the learner.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// When.
    pub at: Timestamp,
    /// By whom; absent: somebody who is gone, or the end of the attempt.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<UserId>,
    /// The rescore that gave it; absent: a person did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rescore: Option<RescoreId>,
}

/// An answer to be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["answer"]))]
pub struct SaveAnswer {
    /// The answer; `null` takes it back.
    // By a function of its own, for what is absent would be taken for `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    pub answer: Option<Answer>,
    /// Number of this save: greater than that of the one before ([`AskedQuestion::sequence`]). A
    /// save with a number that was used for another answer, or a smaller one, is refused with
    /// `answer_superseded`. Absent: this one is the newest.
    #[serde(default)]
    pub sequence: Option<u64>,
}

/// An answer that is kept: it is on the disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SavedAnswer {
    /// Question.
    pub question: String,
    /// Number of the save.
    pub sequence: u64,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// Milliseconds left; absent: no end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remaining_ms: Option<u64>,
    /// What in it cannot be read as what was asked for: it is kept, and counts nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unreadable: Vec<UnreadablePart>,
}

/// An answer to be scored at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TryAnswer {
    /// The answer.
    pub answer: Answer,
    /// As of [`SaveAnswer`]; a try that is repeated with its number counts once.
    #[serde(default)]
    pub sequence: Option<u64>,
}

/// What going on starts from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GoOn {
    /// Place that the reader is at: going on from there again changes nothing. Absent: from wherever it is.
    pub from: Option<u32>,
}

/// Which attempts a list is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttemptQuery {
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Rows wanted, from 1 to 200; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// Of this quiz.
    pub quiz: Option<String>,
    /// Of this person, by `me`, id or name; others than oneself: authors.
    pub user: Option<String>,
    /// Of everybody (authors).
    pub everybody: Option<bool>,
    /// Only those that are submitted, or are not.
    pub submitted: Option<bool>,
    /// Only those that wait for a person's grade.
    pub needs_grading: Option<bool>,
}

/// Grades of a person for one attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMarks {
    /// One per question, each once.
    pub marks: Vec<NewMark>,
}

/// Grade of a person for one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMark {
    /// Question.
    pub question: String,
    /// Points, from 0 to those of a fully right answer.
    pub points: f64,
    /// Words to the learner.
    #[serde(default)]
    pub comment: Option<String>,
}
