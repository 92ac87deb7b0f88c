//! Why an attempt refuses something.

use thiserror::Error;

use crate::instance::InstanceError;
use crate::quantity::{all_of, noun, number_of};
use crate::score::ScoreError;

/// Why an attempt refuses something. Nothing is changed by a refusal.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AttemptError {
    /// The quiz is not open yet.
    #[error("the quiz opens later")]
    NotYetOpen {
        /// When.
        opens_ms: i64,
    },
    /// The quiz is closed.
    #[error("the quiz is closed")]
    Closed {
        /// Since when.
        closes_ms: i64,
    },
    /// All attempts were made.
    #[error("{} made", all_of(*attempts, "attempt was", "attempts were"))]
    NoAttemptsLeft {
        /// How many there are.
        attempts: u32,
    },
    /// An attempt is going on.
    #[error("another attempt is going on")]
    AnotherRunning,
    /// The next attempt must wait.
    #[error("the next attempt must wait")]
    Wait {
        /// Until when.
        until_ms: i64,
    },
    /// The attempt was submitted.
    #[error("the attempt was submitted")]
    Submitted {
        /// When.
        at_ms: i64,
    },
    /// The time is over.
    #[error("the time of the attempt is over")]
    TimeOver {
        /// Since when.
        deadline_ms: i64,
    },
    /// The attempt does not ask this question.
    #[error("the attempt has no question `{question}`")]
    UnknownQuestion {
        /// Its id.
        question: String,
    },
    /// Questions come one after another, and this one is not open.
    #[error("question `{question}` is not open; questions come one after another")]
    NotOpen {
        /// Its id.
        question: String,
    },
    /// There is no next question.
    #[error("this is the last question")]
    LastQuestion,
    /// The quiz scores answers when it is submitted.
    #[error("answers are scored when the attempt is submitted")]
    NotAtOnce,
    /// All tries were used.
    #[error("{} used", all_of(*tries, "try was", "tries were"))]
    NoTriesLeft {
        /// How many there are.
        tries: u32,
    },
    /// It was answered rightly.
    #[error("the question was answered rightly already")]
    AlreadyRight,
    /// There is no such hint.
    #[error("there is no hint {}", index + 1)]
    NoSuchHint {
        /// Its place, from 0.
        index: u32,
    },
    /// The hint needs more tries.
    #[error(
        "the hint can be taken after {}; {used} {} made",
        number_of(*tries, "try", "tries"),
        noun(*used, "was", "were")
    )]
    HintNotDue {
        /// Tries needed.
        tries: u32,
        /// Tries made.
        used: u32,
    },
    /// The question or the answer cannot be scored.
    #[error("scoring an answer")]
    Score(#[from] ScoreError),
    /// The paper cannot be drawn.
    #[error("drawing the questions of the attempt")]
    Instance(#[from] InstanceError),
}
