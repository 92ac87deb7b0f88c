//! Quizzes: questions, answers, scoring, statistics and the Markdown notation.
//!
//! Pure: no I/O, no clock, no randomness but a seed that is handed in. What
//! arrives from outside (a notation file, an import) becomes a [`Quiz`]; what a
//! learner sends becomes an [`Answer`].

pub mod answer;
pub mod attempt;
pub mod defect;
pub mod expression;
pub mod instance;
pub mod kind;
pub mod limits;
pub mod notation;
pub mod paper;
pub mod presentation;
mod quantity;
pub mod question;
pub mod quiz;
pub mod random;
pub mod rescore;
pub mod response;
pub mod right;
pub mod right_parts;
pub mod score;
pub mod settings;
pub mod statistics;
mod strings;
pub mod template;
pub mod text;

pub use answer::Answer;
pub use instance::Instance;
pub use kind::Kind;
pub use presentation::Presentation;
pub use question::Question;
pub use quiz::{Item, Pool, Quiz};
pub use score::{Score, Scorer};
pub use settings::Settings;
pub use text::{Text, TextFormat};
