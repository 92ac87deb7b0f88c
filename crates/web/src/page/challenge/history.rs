//! Earlier submissions in a list.

use carrel_model::id::SubmissionId;
use carrel_store::submission::SubmissionRow;
use jiff::Timestamp;

use super::outcome;
use super::place::Here;
use crate::app::App;
use crate::page::Frame;
use crate::problem::Result;
use crate::submission::shown;

/// One entry.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: SubmissionId,
    pub(super) address: String,
    pub(super) at: Timestamp,
    pub(super) title: String,
    pub(super) tone: &'static str,
    pub(super) points: Option<String>,
    pub(super) late: bool,
    /// Said of it where there is no place for marks.
    pub(super) plain: String,
}

impl Item {
    /// # Errors
    /// Whether it is late cannot be told: a fault of the service.
    pub(super) async fn of(
        app: &App,
        frame: &Frame,
        here: &Here,
        row: &SubmissionRow,
    ) -> Result<Self> {
        let (name, tone) = outcome::name(row.state, row.verdict);
        let title = frame.text(name);
        let time = row.created_at.strftime("%Y-%m-%d %H:%M UTC");
        Ok(Self {
            id: row.id,
            address: here.submission(row.id),
            at: row.created_at,
            plain: format!("{title}, {time}"),
            title,
            tone,
            points: outcome::tell_points(frame, row.points, row.points_max),
            late: shown::is_late(app, row).await?,
        })
    }
}
