//! Quizzes in the formats of other tools: read and written, each with a report of what was lost.
//!
//! Pure: bytes in, a [`Quiz`](carrel_quiz::Quiz) and its attachments out, and
//! back. What a format holds and Carrel does not (or the other way round) is
//! told by name as a [`Loss`]; what breaks the rules of a format is refused
//! with its place. XML that declares entities is refused, so they cannot explode.
//!
//! | Module | Format | Read | Written |
//! | --- | --- | --- | --- |
//! | [`gift`] | GIFT (Moodle's text format) | yes | yes |
//! | [`aiken`] | Aiken | yes | no |
//! | [`moodle`] | Moodle XML; CodeRunner's questions as challenges | yes | yes |
//! | [`qti`] | QTI 2.0 to 2.2 and 3.0, items and packages | yes | 2.1, 2.2 |
//! | [`canvas`] | QTI 1.2 as Canvas reads it | no | yes |
//! | [`h5p`] | H5P: multiple choice, blanks and a few more | yes | no |
//!
//! [`gradebook`] writes grades as a [`table`] for spreadsheets, [`xapi`] what learners did as
//! statements.

pub mod aiken;
mod archive;
mod beyond;
pub mod canvas;
pub mod error;
pub mod format;
pub mod gift;
pub mod gradebook;
pub mod h5p;
mod identity;
pub mod limits;
mod markup;
pub mod moodle;
mod near;
pub mod qti;
pub mod recognise;
pub mod report;
mod share;
pub mod table;
mod unsaid;
pub mod xapi;

pub use error::Error;
pub use format::{Format, read, write};
pub use recognise::Unrecognised;
pub use report::{Directory, Exported, File, Imported, Loss};
