//! Attempts at quizzes: starting, answering, ending, showing.
//!
//! The functions here are what the routes of the API and the pages call. Every
//! one reads the attempt, asks `carrel_quiz` what becomes of it, and writes what
//! changed on the condition that nothing else did; who comes second reads again.
//! Time is the store's clock. An attempt stays on the version of the course it
//! was started with; how long it may go on follows what the person has beyond
//! the others ([`crate::accommodation`]) and the later of the closing times of
//! its own version and the present one, so that moving a date helps those who
//! are in the middle, and never shows answers before all have closed.

mod answering;
mod ending;
mod exported;
mod grading;
mod listing;
mod opened;
mod routes;
mod shown;
mod starting;
mod trouble;

pub use answering::{go_on, save, take_hint, try_answer};
pub(crate) use ending::run as end_overdue;
pub use ending::submit;
pub(crate) use exported::OwnSight;
pub use grading::{give_marks, grade};
pub use listing::list;
pub(crate) use listing::{is_late, sees_points, show_grade};
pub(crate) use listing::{is_rehearsal, summarise};
pub use opened::{Opened, open};
pub(crate) use opened::{find_quiz, read, timestamp};
pub use routes::routes;
pub use shown::show;
pub use starting::{Started, start};
pub(crate) use trouble::explain;

use carrel_model::id::AttemptId;

use crate::app::App;
use crate::problem::Result;

/// How often a change is tried again when something else changed the attempt meanwhile.
pub(crate) const CHANGE_TRIES_MAX: u32 = 16;

/// Brings the end of an attempt up to date with what its person has now.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn refresh(app: &App, id: AttemptId) -> Result<()> {
    read(app, id).await.map(|_| ())
}
