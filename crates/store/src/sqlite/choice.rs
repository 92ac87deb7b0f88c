//! Which job goes next.
//!
//! Fairness ([`super::lanes`]) alone promises nobody a time: somebody whose second job waits is
//! passed by everybody whose first one comes. So interactive work *hurries* once it is due
//! ([`super::due`]): of the courses, and then of the lanes of the chosen one, whoever has been
//! due for longest goes before the order of fairness. Bands keep their shares.

use std::collections::HashSet;

use carrel_model::id::SubmissionId;
use rusqlite::{OptionalExtension, params};

use super::codec::submission;
use super::due::{self, Waiting};
use super::failure::Step;
use super::lanes::{INTERACTIVE, Lane};
use super::write::Tx;
use crate::spare::Spare;

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
    /// Interactive work of people of whom nothing runs.
    Spare(Spare),
}

/// Lanes of which something runs anywhere.
const RUNS: &str = "SELECT 1 FROM job j WHERE j.state <> 'queued'
     AND j.state IN ('leased', 'cancelled') AND j.band = 0";

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
    let mut waiting = match band {
        INTERACTIVE => due::waiting(tx, tx.now_us)?,
        _ => Vec::new(),
    };
    if let Bands::Spare(spare) = bands {
        let busy = lanes_that_run(tx)?;
        waiting.retain(|job| !busy.contains(&job.lane));
        if spare == Spare::Late {
            waiting.retain(|job| job.is_late(tx.now_us));
        }
    }
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
        None if bands == Bands::Spare(Spare::Late) => return Ok(None),
        None => match fair_course(tx, band, bands)? {
            Some(course) => course,
            // All that waits is of people of whom something runs.
            None => return Ok(None),
        },
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
    fair(tx, (band, bands), course, course_hurries).map(Some)
}

/// Lanes of which something runs.
fn lanes_that_run(tx: &Tx<'_>) -> Step<HashSet<String>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT lane FROM job WHERE state <> 'queued'
         AND state IN ('leased', 'cancelled') AND band = 0",
    )?;
    let lanes = statement.query_map([], |row| row.get(0))?;
    Ok(lanes.collect::<rusqlite::Result<_>>()?)
}

/// The course that fairness chooses in a band, of those that have such work.
fn fair_course(tx: &Tx<'_>, band: i64, bands: Bands) -> Step<Option<String>> {
    Ok(tx
        .sql
        .prepare_cached(&format!(
            "SELECT course FROM queue_course c WHERE band = ?1 AND queued > 0
                AND (?2 OR EXISTS (SELECT 1 FROM queue_lane l WHERE l.band = c.band
                    AND l.course = c.course AND l.queued > 0
                    AND NOT EXISTS ({RUNS} AND j.lane = l.lane)))
             ORDER BY start, since, course LIMIT 1"
        ))?
        .query_row(params![band, !matches!(bands, Bands::Spare(_))], |row| {
            row.get(0)
        })
        .optional()?)
}

/// The first job of the lane that fairness chooses in a course.
fn fair(
    tx: &Tx<'_>,
    (band, bands): (i64, Bands),
    course: String,
    course_hurries: bool,
) -> Step<Next> {
    let sql = tx.sql;
    let lane: String = sql
        .prepare_cached(&format!(
            "SELECT lane FROM queue_lane l WHERE band = ?1 AND course = ?2 AND queued > 0
                AND (?3 OR NOT EXISTS ({RUNS} AND j.lane = l.lane))
             ORDER BY start, since, lane LIMIT 1"
        ))?
        .query_row(
            params![band, course, !matches!(bands, Bands::Spare(_))],
            |row| row.get(0),
        )?;
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
