//! Which job goes next.
//!
//! Fairness ([`super::lanes`]) alone promises nobody a time: somebody whose second job waits is
//! passed by everybody whose first one comes. So interactive work *hurries* once it is due
//! ([`super::due`]): of the courses, and then of the lanes of the chosen one, whoever has been
//! due for longest goes before the order of fairness. Bands keep their shares.

use carrel_model::id::SubmissionId;
use rusqlite::{OptionalExtension, params};

use super::codec::submission;
use super::due::{self, Waiting};
use super::failure::Step;
use super::lanes::{INTERACTIVE, Lane};
use super::write::Tx;

/// What goes next.
#[derive(Debug)]
pub(super) struct Next {
    pub id: SubmissionId,
    pub lane: Lane,
    pub cost_ms: f64,
    /// Its course was due, and went before the order of fairness.
    pub course_hurries: bool,
    /// Its lane was, within the course.
    pub lane_hurries: bool,
}

/// Of which bands something is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bands {
    All,
    Interactive,
}

/// The job that goes next; `None`: nothing waits.
pub(super) fn next(tx: &Tx<'_>, bands: Bands) -> Step<Option<Next>> {
    let band: Option<i64> = tx
        .sql
        .prepare_cached(
            "SELECT band FROM queue_band WHERE queued > 0 AND (?1 OR band = ?2)
             ORDER BY start, band LIMIT 1",
        )?
        .query_row(params![bands == Bands::All, INTERACTIVE], |row| row.get(0))
        .optional()?;
    let Some(band) = band else { return Ok(None) };
    let waiting = match band {
        INTERACTIVE => due::waiting(tx, tx.now_us)?,
        _ => Vec::new(),
    };
    let longest_due = |due_us: fn(&Waiting) -> i64, of: &dyn Fn(&Waiting) -> bool| {
        let due = waiting
            .iter()
            .filter(|job| due_us(job) <= tx.now_us && of(job));
        // Of even ones the first: they come by age.
        due.min_by_key(|job| due_us(job))
    };
    let hurrying = longest_due(|job| job.course_due_us, &|_| true);
    let course = match hurrying {
        Some(job) => job.course.clone(),
        None => fair_course(tx, band)?,
    };
    let course_hurries = hurrying.is_some();
    if let Some(job) = longest_due(|job| job.lane_due_us, &|job| job.course == course) {
        return Ok(Some(Next {
            id: job.id,
            lane: Lane {
                band,
                course,
                lane: job.lane.clone(),
            },
            cost_ms: job.cost_ms,
            course_hurries,
            lane_hurries: true,
        }));
    }
    fair(tx, band, course, course_hurries).map(Some)
}

/// The course that fairness chooses in a band.
fn fair_course(tx: &Tx<'_>, band: i64) -> Step<String> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT course FROM queue_course WHERE band = ?1 AND queued > 0
             ORDER BY start, since, course LIMIT 1",
        )?
        .query_row([band], |row| row.get(0))?)
}

/// The first job of the lane that fairness chooses in a course.
fn fair(tx: &Tx<'_>, band: i64, course: String, course_hurries: bool) -> Step<Next> {
    let sql = tx.sql;
    let lane: String = sql
        .prepare_cached(
            "SELECT lane FROM queue_lane WHERE band = ?1 AND course = ?2 AND queued > 0
             ORDER BY start, since, lane LIMIT 1",
        )?
        .query_row(params![band, course], |row| row.get(0))?;
    let (id, cost_ms) = sql
        .prepare_cached(
            "SELECT submission, cost_ms FROM job
             WHERE state = 'queued' AND band = ?1 AND course = ?2 AND lane = ?3
             ORDER BY number LIMIT 1",
        )?
        .query_row(params![band, course, lane], |row| {
            Ok((submission(row)?, row.get(1)?))
        })?;
    Ok(Next {
        id,
        lane: Lane { band, course, lane },
        cost_ms,
        course_hurries,
        lane_hurries: false,
    })
}
