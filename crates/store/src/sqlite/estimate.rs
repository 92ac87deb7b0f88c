//! What lies before a job: the order of [`super::lanes`] as a fluid, so that the answer
//! costs one row per queue instead of one per job.

use rusqlite::{OptionalExtension, params};

use super::codec::count;
use super::due::{self, Newcomer};
use super::failure::Step;
use super::lanes::{BAND_SHARES, INTERACTIVE, Lane};
use super::write::Tx;
use crate::queue::Backlog;

/// What is served before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Before {
    /// Jobs.
    pub jobs: f64,
    /// Their expected processor time, milliseconds.
    pub cost_ms: f64,
}

/// A queue among its siblings.
struct Sibling {
    start: f64,
    jobs: f64,
    cost_ms: f64,
    weight: f64,
    /// It comes first where both have the same tag.
    first: bool,
}

impl Sibling {
    /// What it is given before a job with this tag. Jobs are served whole: many queues
    /// that are only a little ahead, or even, each have one job before it.
    fn until(&self, tag: f64) -> Before {
        let wanted = (tag - self.start) * self.weight;
        if wanted < 0.0 || self.jobs <= 0.0 {
            return Before::default();
        }
        let mean = self.cost_ms / self.jobs;
        let jobs = if mean <= 0.0 {
            self.jobs
        } else if self.first {
            ((wanted / mean).floor() + 1.0).min(self.jobs)
        } else {
            (wanted / mean).ceil().min(self.jobs)
        };
        Before {
            jobs,
            cost_ms: jobs * mean,
        }
    }
}

/// Everything before a job that has `own` before it in its own lane.
pub(super) fn before(tx: &Tx<'_>, lane: &Lane, own: Before) -> Step<Before> {
    let mut total = own;
    let mine = lane_place(tx, lane)?;
    let tag = mine.start + total.cost_ms;
    for sibling in other_lanes(tx, lane, mine.since)? {
        add(&mut total, &sibling, tag);
    }
    let mine = course_place(tx, lane)?;
    let tag = mine.start + total.cost_ms;
    for sibling in other_courses(tx, lane, mine.since)? {
        add(&mut total, &sibling, tag);
    }
    let tag = band_start(tx, lane.band)? + total.cost_ms / weight(lane.band);
    for sibling in other_bands(tx, lane.band)? {
        add(&mut total, &sibling, tag);
    }
    Ok(total)
}

fn add(total: &mut Before, sibling: &Sibling, tag: f64) {
    let part = sibling.until(tag);
    total.jobs += part.jobs;
    total.cost_ms += part.cost_ms;
}

/// What waits in a lane now.
pub(super) fn in_lane(tx: &Tx<'_>, lane: &Lane) -> Step<Before> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT queued, cost_ms FROM queue_lane
             WHERE band = ?1 AND course = ?2 AND lane = ?3",
        )?
        .query_row(params![lane.band, lane.course, lane.lane], |row| {
            Ok(Before {
                jobs: row.get::<_, f64>(0)?,
                cost_ms: row.get(1)?,
            })
        })
        .optional()?
        .unwrap_or_default())
}

fn weight(band: i64) -> f64 {
    usize::try_from(band)
        .ok()
        .and_then(|band| BAND_SHARES.get(band))
        .copied()
        .unwrap_or(1.0)
}

/// Where a queue stands among its siblings.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: f64,
    since: i64,
    /// Expected processor time that waits in it, milliseconds.
    cost_ms: f64,
    /// Virtual time of its parent, or the smallest tag of a sibling with work.
    least_ms: f64,
}

/// The place that a queue has, or would have if work came now: behind those that are even.
fn place(row: Option<(f64, i64, i64, f64)>, (virtual_ms, least_ms): (f64, f64)) -> Place {
    let (start, since, cost_ms) = match row {
        Some((start, queued, since, cost_ms)) if queued > 0 => (start, since, cost_ms),
        Some((start, ..)) => (start.max(virtual_ms), i64::MAX, 0.0),
        None => (virtual_ms, i64::MAX, 0.0),
    };
    Place {
        start,
        since,
        cost_ms,
        least_ms,
    }
}

impl Place {
    /// What it has been given ahead of its siblings.
    fn lead_ms(self) -> f64 {
        (self.start - self.least_ms).max(0.0)
    }

    /// The same, with what it will be given by what waits in it.
    fn ahead_ms(self) -> f64 {
        self.lead_ms() + self.cost_ms
    }
}

fn lane_place(tx: &Tx<'_>, lane: &Lane) -> Step<Place> {
    let parent: Option<(f64, f64)> = tx
        .sql
        .prepare_cached(
            "SELECT virtual, max(virtual, coalesce((SELECT min(start) FROM queue_lane
                WHERE band = ?1 AND course = ?2 AND queued > 0), 0))
             FROM queue_course WHERE band = ?1 AND course = ?2",
        )?
        .query_row(params![lane.band, lane.course], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let row = tx
        .sql
        .prepare_cached(
            "SELECT start, queued, since, cost_ms FROM queue_lane
             WHERE band = ?1 AND course = ?2 AND lane = ?3",
        )?
        .query_row(params![lane.band, lane.course, lane.lane], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    Ok(place(row, parent.unwrap_or_default()))
}

fn course_place(tx: &Tx<'_>, lane: &Lane) -> Step<Place> {
    let parent = tx
        .sql
        .prepare_cached(
            "SELECT virtual, max(virtual, coalesce((SELECT min(start) FROM queue_course
                WHERE band = ?1 AND queued > 0), 0))
             FROM queue_band WHERE band = ?1",
        )?
        .query_row([lane.band], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let row = tx
        .sql
        .prepare_cached(
            "SELECT start, queued, since, cost_ms FROM queue_course
             WHERE band = ?1 AND course = ?2",
        )?
        .query_row(params![lane.band, lane.course], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    Ok(place(row, parent))
}

/// What a new job of this lane would find that has its verdict to be there by this time.
pub(super) fn backlog(tx: &Tx<'_>, lane: &Lane, target_us: i64) -> Step<Backlog> {
    let (of_lane, of_course) = (lane_place(tx, lane)?, course_place(tx, lane)?);
    let mut backlog = Backlog {
        lane_ms: of_lane.ahead_ms(),
        course_ms: of_course.ahead_ms(),
        ..Backlog::default()
    };
    let mut weights = weight(lane.band);
    let mut statement = tx
        .sql
        .prepare_cached("SELECT band, queued, cost_ms FROM queue_band")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let band: i64 = row.get(0)?;
        if band == lane.band {
            backlog.queued = count(row, "queued")?;
            backlog.queued_ms = row.get(2)?;
        } else if row.get::<_, i64>(1)? > 0 {
            weights += weight(band);
        }
    }
    backlog.share = weight(lane.band) / weights;
    backlog.running = tx
        .sql
        .prepare_cached(
            "SELECT count(*) AS running FROM job
             WHERE state <> 'queued' AND state IN ('leased', 'cancelled')",
        )?
        .query_row([], |row| count(row, "running"))?;
    backlog.own = own_jobs(tx, lane)?;
    if lane.band == INTERACTIVE {
        let own = Newcomer {
            lane,
            target_us,
            lane_lead_ms: of_lane.lead_ms(),
            course_lead_ms: of_course.lead_ms(),
        };
        backlog.before = due::before(tx, own)?;
        let somebody = Lane {
            lane: String::new(),
            ..lane.clone()
        };
        let other = Newcomer {
            lane: &somebody,
            lane_lead_ms: 0.0,
            course_lead_ms: 0.0,
            ..own
        };
        backlog.before_others = due::before(tx, other)?;
    }
    Ok(backlog)
}

/// What somebody has in a band, in workers' hands and waiting, whatever the course: who is in ten
/// courses has the slots no more often than others.
fn own_jobs(tx: &Tx<'_>, lane: &Lane) -> Step<u64> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT (SELECT count(*) FROM job
                     WHERE state <> 'queued' AND state IN ('leased', 'cancelled')
                         AND band = ?1 AND lane = ?2)
                  + (SELECT coalesce(sum(queued), 0) FROM queue_lane
                     WHERE band = ?1 AND lane = ?2 AND queued > 0) AS own",
        )?
        .query_row(params![lane.band, lane.lane], |row| count(row, "own"))?)
}

fn band_start(tx: &Tx<'_>, band: i64) -> Step<f64> {
    let parent: f64 = tx
        .sql
        .prepare_cached("SELECT virtual FROM queue_root")?
        .query_row([], |row| row.get(0))?;
    let (start, queued): (f64, i64) = tx
        .sql
        .prepare_cached("SELECT start, queued FROM queue_band WHERE band = ?1")?
        .query_row([band], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if queued > 0 { start } else { start.max(parent) })
}

fn other_lanes(tx: &Tx<'_>, lane: &Lane, since: i64) -> Step<Vec<Sibling>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT start, queued, cost_ms, since < ?4 FROM queue_lane
         WHERE band = ?1 AND course = ?2 AND lane <> ?3 AND queued > 0",
    )?;
    let rows = statement.query_map(params![lane.band, lane.course, lane.lane, since], |row| {
        sibling(row, 1.0)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn other_courses(tx: &Tx<'_>, lane: &Lane, since: i64) -> Step<Vec<Sibling>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT start, queued, cost_ms, since < ?3 FROM queue_course
         WHERE band = ?1 AND course <> ?2 AND queued > 0",
    )?;
    let rows = statement.query_map(params![lane.band, lane.course, since], |row| {
        sibling(row, 1.0)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn other_bands(tx: &Tx<'_>, band: i64) -> Step<Vec<Sibling>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT start, queued, cost_ms, band < ?1, band FROM queue_band WHERE band <> ?1 AND queued > 0",
    )?;
    let rows = statement.query_map([band], |row| sibling(row, weight(row.get(4)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn sibling(row: &rusqlite::Row<'_>, weight: f64) -> rusqlite::Result<Sibling> {
    Ok(Sibling {
        start: row.get(0)?,
        jobs: row.get::<_, f64>(1)?,
        cost_ms: row.get(2)?,
        weight,
        first: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sibling_is_served_up_to_the_tag_only() {
        let sibling = Sibling {
            start: 10.0,
            jobs: 4.0,
            cost_ms: 400.0,
            weight: 1.0,
            first: false,
        };
        assert_eq!(sibling.until(10.0), Before::default());
        assert_eq!(
            sibling.until(160.0),
            Before {
                jobs: 2.0,
                cost_ms: 200.0
            }
        );
        assert_eq!(
            sibling.until(1e6),
            Before {
                jobs: 4.0,
                cost_ms: 400.0
            }
        );
    }

    #[test]
    fn a_heavier_sibling_is_served_more() {
        let of = |weight| Sibling {
            start: 0.0,
            jobs: 10.0,
            cost_ms: 1_000.0,
            weight,
            first: false,
        };
        assert_eq!(of(0.5).until(200.0).cost_ms, 100.0);
        assert_eq!(of(1.0).until(200.0).cost_ms, 200.0);
    }

    #[test]
    fn queues_that_are_even_have_one_job_before_where_they_come_first() {
        let of = |first| Sibling {
            start: 10.0,
            jobs: 3.0,
            cost_ms: 300.0,
            weight: 1.0,
            first,
        };
        assert_eq!(of(true).until(10.0).cost_ms, 100.0);
        assert_eq!(of(false).until(10.0).cost_ms, 0.0);
        assert_eq!(of(true).until(110.0).jobs, 2.0);
        assert_eq!(of(false).until(110.0).jobs, 1.0);
        assert_eq!(of(true).until(9.0), Before::default());
    }
}
