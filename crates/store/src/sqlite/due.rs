//! When interactive work is due: from then on it goes before the order of fairness.
//!
//! A lane is due a quarter of the target of its job after the job was accepted, or after the
//! lane was served last: whoever sends much has one job at a time that grows old. It is due
//! later by its lead, what it was given ahead of its siblings (the start tag above the virtual
//! time, or above the smallest tag of a sibling with work), milliseconds of charge as
//! milliseconds of time: one whose runs hold their slots for long waits behind whoever comes
//! for as long. So are courses, among each other.

use std::time::Duration;

use carrel_model::id::SubmissionId;
use rusqlite::params;

use super::codec::submission;
use super::failure::Step;
use super::lanes::Lane;
use super::write::Tx;
use crate::queue::DueBefore;
use crate::spare::late_after;

/// An interactive job that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub id: SubmissionId,
    pub course: String,
    pub lane: String,
    pub cost_ms: f64,
    /// When its lane is due among those of its course, by this job.
    pub lane_due_us: i64,
    /// When its course is due, by this job.
    pub course_due_us: i64,
    /// Since when neither it nor another of its lane was served.
    waits_since_us: i64,
    /// From when on it is late, whatever its lane was served.
    late_us: i64,
}

impl Waiting {
    /// It is late and due, as its course is: who is ahead of the others waits for their turn.
    pub(super) fn is_late(&self, now_us: i64) -> bool {
        self.late_us.max(self.lane_due_us).max(self.course_due_us) <= now_us
    }
}

/// The interactive jobs that were accepted a quarter of their target before a time, the oldest
/// such moment first.
pub(super) fn waiting(tx: &Tx<'_>, by_us: i64) -> Step<Vec<Waiting>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT j.submission, j.course, j.lane, j.cost_ms,
                max(j.accepted_us, l.served_us), max(j.accepted_us, c.served_us),
                j.accepted_us, j.target_us,
                max(0, l.start - max(c.virtual, (SELECT min(start) FROM queue_lane
                    WHERE band = 0 AND course = j.course AND queued > 0))),
                max(0, c.start - max(b.virtual, (SELECT min(start) FROM queue_course
                    WHERE band = 0 AND queued > 0)))
         FROM job j
         CROSS JOIN queue_lane l ON l.band = 0 AND l.course = j.course AND l.lane = j.lane
         CROSS JOIN queue_course c ON c.band = 0 AND c.course = j.course
         CROSS JOIN queue_band b ON b.band = 0
         WHERE j.state = 'queued' AND j.band = 0
           AND j.accepted_us + (j.target_us - j.accepted_us) / 4 <= ?1
         ORDER BY j.accepted_us + (j.target_us - j.accepted_us) / 4, j.number",
    )?;
    let rows = statement.query_map(params![by_us], |row| {
        let (of_lane_us, of_course_us): (i64, i64) = (row.get(4)?, row.get(5)?);
        let (accepted_us, target_us): (i64, i64) = (row.get(6)?, row.get(7)?);
        let target_after_us = target_us.saturating_sub(accepted_us);
        let due_us = |since_us: i64, lead_ms: f64| {
            let due_us = since_us.saturating_add(target_after_us / 4);
            due_us.saturating_add(micros(lead_ms))
        };
        Ok(Waiting {
            id: submission(row)?,
            course: row.get(1)?,
            lane: row.get(2)?,
            cost_ms: row.get(3)?,
            lane_due_us: due_us(of_lane_us, row.get(8)?),
            course_due_us: due_us(of_course_us, row.get(9)?),
            waits_since_us: of_lane_us,
            late_us: accepted_us.saturating_add(late_after_us(target_after_us)),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// From accepted to late, where that is the time from accepted to the verdict.
fn late_after_us(target_after_us: i64) -> i64 {
    let target = Duration::from_micros(u64::try_from(target_after_us).unwrap_or(0));
    i64::try_from(late_after(target).as_micros()).unwrap_or(i64::MAX)
}

/// Saturates: a lead is bounded by what was charged, and that by a number beyond any life.
#[expect(clippy::cast_possible_truncation, reason = "saturating is meant")]
fn micros(milliseconds: f64) -> i64 {
    (milliseconds * 1e3) as i64
}

/// Where a new job would stand: its sender, when it is accepted and its target, and how far
/// its lane and its course are ahead, milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newcomer<'a> {
    pub lane: &'a Lane,
    pub target_us: i64,
    pub lane_lead_ms: f64,
    pub course_lead_ms: f64,
}

/// What may be served before a new job: all of its own lane, and of the others whatever is not
/// due later.
pub(super) fn before(tx: &Tx<'_>, newcomer: Newcomer<'_>) -> Step<DueBefore> {
    let quarter_us = (newcomer.target_us - tx.now_us).max(0) / 4;
    let base_us = tx.now_us.saturating_add(quarter_us);
    let lane_due_us = base_us.saturating_add(micros(newcomer.lane_lead_ms));
    let course_due_us = base_us.saturating_add(micros(newcomer.course_lead_ms));
    let mut total = DueBefore::default();
    for job in waiting(tx, lane_due_us.max(course_due_us))? {
        let is_before = if job.course != newcomer.lane.course {
            job.course_due_us <= course_due_us
        } else {
            job.lane == newcomer.lane.lane || job.lane_due_us <= lane_due_us
        };
        if is_before {
            let waited_us = (tx.now_us - job.waits_since_us).max(0);
            total.cost_ms += job.cost_ms;
            total.waited_ms = total
                .waited_ms
                .max(u64::try_from(waited_us / 1_000).unwrap_or(0));
        }
    }
    Ok(total)
}
