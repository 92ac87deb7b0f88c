//! Who is next: start-time fair queueing in three levels (bands, courses, lanes).
//!
//! P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queuing" (SIGCOMM 1996), used
//! hierarchically. Every queue that has work carries a *start tag*; the one with the
//! smallest goes next, and its tag grows by the cost of what it was given, divided by its
//! weight. A queue that was idle begins at the virtual time of its parent (the start tag
//! of what was chosen last), so it neither saves up a claim nor is punished. Of two
//! queues that both have work, neither gets more than the other by more than one job of
//! each, whatever the other queues do. The tag of an idle queue stays above the virtual
//! time for one job at most. Even queues go by the age of their tags: who came, or was
//! served, earlier.

use rusqlite::params;

use super::choice::Next;
use super::failure::Step;
use super::write::Tx;

/// Share of each band when all have work; what one leaves the others get.
pub(super) const BAND_SHARES: [f64; 3] = [0.90, 0.08, 0.02];
/// The band whose work hurries when it is due.
pub(super) const INTERACTIVE: i64 = 0;
/// Least cost that is charged, milliseconds: no job is free.
const COST_LEAST_MS: f64 = 1.0;
/// Most cost that is charged, milliseconds.
const COST_MOST_MS: f64 = 1e9;

/// A place in the tree of queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lane {
    /// Band number.
    pub band: i64,
    /// Course.
    pub course: String,
    /// Person.
    pub lane: String,
}

/// Share of a band by its number.
fn share(band: i64) -> f64 {
    usize::try_from(band)
        .ok()
        .and_then(|band| BAND_SHARES.get(band))
        .copied()
        .unwrap_or(1.0)
}

/// A cost as it is charged.
pub(super) fn charged(cost_ms: f64) -> f64 {
    if cost_ms.is_finite() {
        cost_ms.clamp(COST_LEAST_MS, COST_MOST_MS)
    } else {
        COST_LEAST_MS
    }
}

/// A job of this cost becomes claimable in this lane.
pub(super) fn enter(tx: &Tx<'_>, lane: &Lane, cost_ms: f64) -> Step<()> {
    let sql = tx.sql;
    let tick = tick(tx)?;
    forget_leads(tx, lane)?;
    sql.prepare_cached(
        "UPDATE queue_band SET
            start = CASE WHEN queued = 0
                THEN max(start, (SELECT virtual FROM queue_root)) ELSE start END,
            queued = queued + 1, cost_ms = cost_ms + ?2
         WHERE band = ?1",
    )?
    .execute(params![lane.band, cost_ms])?;
    sql.prepare_cached(
        "INSERT INTO queue_course (band, course, start, virtual, queued, cost_ms, since)
         SELECT ?1, ?2, virtual, 0, 1, ?3, ?4 FROM queue_band WHERE band = ?1
         ON CONFLICT DO UPDATE SET
            since = CASE WHEN queued = 0 THEN excluded.since ELSE since END,
            start = CASE WHEN queued = 0 THEN max(start, excluded.start) ELSE start END,
            queued = queued + 1, cost_ms = cost_ms + excluded.cost_ms",
    )?
    .execute(params![lane.band, lane.course, cost_ms, tick])?;
    sql.prepare_cached(
        "INSERT INTO queue_lane (band, course, lane, start, queued, cost_ms, since)
         SELECT ?1, ?2, ?3, virtual, 1, ?4, ?5 FROM queue_course WHERE band = ?1 AND course = ?2
         ON CONFLICT DO UPDATE SET
            since = CASE WHEN queued = 0 THEN excluded.since ELSE since END,
            start = CASE WHEN queued = 0 THEN max(start, excluded.start) ELSE start END,
            queued = queued + 1, cost_ms = cost_ms + excluded.cost_ms",
    )?
    .execute(params![lane.band, lane.course, lane.lane, cost_ms, tick])?;
    tx.note_queued();
    Ok(())
}

/// Where nothing waits or runs, nobody is kept from anything: the virtual time of a band, or of
/// a course in it, moves to the largest tag in it, and who was ahead is so no more.
fn forget_leads(tx: &Tx<'_>, lane: &Lane) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE queue_band SET virtual = max(virtual,
                (SELECT coalesce(max(start), 0) FROM queue_course WHERE band = ?1))
             WHERE band = ?1 AND queued = 0 AND NOT EXISTS (
                SELECT 1 FROM job WHERE state <> 'queued' AND state IN ('leased', 'cancelled')
                    AND band = ?1)",
        )?
        .execute([lane.band])?;
    tx.sql
        .prepare_cached(
            "UPDATE queue_course SET virtual = max(virtual,
                (SELECT coalesce(max(start), 0) FROM queue_lane WHERE band = ?1 AND course = ?2))
             WHERE band = ?1 AND course = ?2 AND queued = 0 AND NOT EXISTS (
                SELECT 1 FROM job WHERE state <> 'queued' AND state IN ('leased', 'cancelled')
                    AND band = ?1 AND course = ?2)",
        )?
        .execute(params![lane.band, lane.course])?;
    Ok(())
}

/// The next change of a start tag.
fn tick(tx: &Tx<'_>) -> Step<i64> {
    Ok(tx
        .sql
        .prepare_cached("UPDATE queue_root SET tick = tick + 1 RETURNING tick")?
        .query_row([], |row| row.get(0))?)
}

/// A job of this cost leaves the queue without having been claimed.
pub(super) fn leave(tx: &Tx<'_>, lane: &Lane, cost_ms: f64) -> Step<()> {
    advance(tx, lane, cost_ms, 0.0)
}

/// A job was claimed: the virtual times move to the start tags of what was chosen, and
/// the tags grow by the cost. Where something hurried it was not chosen by its tag: that
/// time moves to the smallest tag of what waits, which no queue with work is below.
pub(super) fn serve(tx: &Tx<'_>, next: &Next) -> Step<()> {
    let (sql, lane) = (tx.sql, &next.lane);
    sql.prepare_cached(
        "UPDATE queue_root SET virtual =
            max(virtual, (SELECT start FROM queue_band WHERE band = ?1))",
    )?
    .execute([lane.band])?;
    let course_start = match next.course_hurries {
        true => "(SELECT min(start) FROM queue_course WHERE band = ?1 AND queued > 0)",
        false => "(SELECT start FROM queue_course WHERE band = ?1 AND course = ?2)",
    };
    sql.prepare_cached(&format!(
        "UPDATE queue_band SET virtual = max(virtual, {course_start})
         WHERE band = ?1 AND ?2 IS NOT NULL"
    ))?
    .execute(params![lane.band, lane.course])?;
    let lane_start = match next.lane_hurries {
        true => {
            "(SELECT min(start) FROM queue_lane WHERE band = ?1 AND course = ?2 AND queued > 0)"
        }
        false => "(SELECT start FROM queue_lane WHERE band = ?1 AND course = ?2 AND lane = ?3)",
    };
    sql.prepare_cached(&format!(
        "UPDATE queue_course SET virtual = max(virtual, {lane_start})
         WHERE band = ?1 AND course = ?2 AND ?3 IS NOT NULL"
    ))?
    .execute(params![lane.band, lane.course, lane.lane])?;
    advance(tx, lane, next.cost_ms, next.cost_ms)
}

/// Takes one job out of the three queues and moves their tags.
fn advance(tx: &Tx<'_>, lane: &Lane, cost_ms: f64, charge_ms: f64) -> Step<()> {
    // The sum of an empty queue is exactly zero: no rounding stays behind.
    let sql = tx.sql;
    let tick = tick(tx)?;
    sql.prepare_cached(
        "UPDATE queue_band SET start = start + ?3, queued = queued - 1,
            cost_ms = CASE WHEN queued = 1 THEN 0 ELSE max(0, cost_ms - ?2) END
         WHERE band = ?1",
    )?
    .execute(params![lane.band, cost_ms, charge_ms / share(lane.band)])?;
    sql.prepare_cached(
        "UPDATE queue_course SET start = start + ?4, since = ?5, queued = queued - 1,
            served_us = CASE WHEN ?4 > 0 THEN ?6 ELSE served_us END,
            cost_ms = CASE WHEN queued = 1 THEN 0 ELSE max(0, cost_ms - ?3) END
         WHERE band = ?1 AND course = ?2",
    )?
    .execute(params![
        lane.band,
        lane.course,
        cost_ms,
        charge_ms,
        tick,
        tx.now_us
    ])?;
    sql.prepare_cached(
        "UPDATE queue_lane SET start = start + ?5, since = ?6, queued = queued - 1,
            served_us = CASE WHEN ?5 > 0 THEN ?7 ELSE served_us END,
            cost_ms = CASE WHEN queued = 1 THEN 0 ELSE max(0, cost_ms - ?4) END
         WHERE band = ?1 AND course = ?2 AND lane = ?3",
    )?
    .execute(params![
        lane.band,
        lane.course,
        lane.lane,
        cost_ms,
        charge_ms,
        tick,
        tx.now_us
    ])?;
    Ok(())
}

/// A job that was charged by expectation really took another time: the difference is
/// charged (or given back) to its course and its lane, never below the virtual time.
pub(super) fn correct(tx: &Tx<'_>, lane: &Lane, difference_ms: f64) -> Step<()> {
    if !difference_ms.is_finite() {
        return Ok(());
    }
    let sql = tx.sql;
    sql.prepare_cached(
        "UPDATE queue_band SET
            start = max(start + ?2, (SELECT virtual FROM queue_root))
         WHERE band = ?1",
    )?
    .execute(params![lane.band, difference_ms / share(lane.band)])?;
    sql.prepare_cached(
        "UPDATE queue_course SET
            start = max(start + ?3, (SELECT virtual FROM queue_band WHERE band = ?1))
         WHERE band = ?1 AND course = ?2",
    )?
    .execute(params![lane.band, lane.course, difference_ms])?;
    sql.prepare_cached(
        "UPDATE queue_lane SET start = max(start + ?4,
            (SELECT virtual FROM queue_course WHERE band = ?1 AND course = ?2))
         WHERE band = ?1 AND course = ?2 AND lane = ?3",
    )?
    .execute(params![lane.band, lane.course, lane.lane, difference_ms])?;
    Ok(())
}

/// Forgets up to `max` queues that are idle and owe nothing: they begin again as if new.
pub(super) fn forget_idle(tx: &Tx<'_>, max: i64) -> Step<usize> {
    let lanes = tx
        .sql
        .prepare_cached(
            "DELETE FROM queue_lane WHERE (band, course, lane) IN (
                SELECT l.band, l.course, l.lane FROM queue_lane l
                JOIN queue_course c ON c.band = l.band AND c.course = l.course
                WHERE l.queued = 0 AND l.start <= c.virtual LIMIT ?1)",
        )?
        .execute([max])?;
    let courses = tx
        .sql
        .prepare_cached(
            "DELETE FROM queue_course WHERE (band, course) IN (
                SELECT c.band, c.course FROM queue_course c
                JOIN queue_band b ON b.band = c.band
                WHERE c.queued = 0 AND c.start <= b.virtual
                  AND NOT EXISTS (SELECT 1 FROM queue_lane l
                                  WHERE l.band = c.band AND l.course = c.course)
                LIMIT ?1)",
        )?
        .execute([max])?;
    Ok(lanes + courses)
}
