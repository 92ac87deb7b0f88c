//! Quizzes: questions, answers, scoring, statistics and the Markdown notation.
//!
//! Pure: no I/O, no clock, no randomness but a seed that is handed in. What
//! arrives from outside (a notation file, an import) becomes a [`Quiz`]; what a
//! learner sends becomes an [`Answer`].

pub mod answer;
pub mod kind;
pub mod limits;
pub mod question;
pub mod quiz;
pub mod settings;
pub mod template;
pub mod text;

pub use answer::Answer;
pub use kind::Kind;
pub use question::Question;
pub use quiz::{Item, Pool, Quiz};
pub use settings::Settings;
pub use text::{Text, TextFormat};
