//! The queue as callers see it.

use async_trait::async_trait;
use carrel_model::id::{NodeId, SubmissionId};
use rusqlite::{OptionalExtension, params};

use super::SqliteStore;
use super::choice::Bands;
use super::claims;
use super::codec::{
    band_number, count, cursor_as, key, microseconds, page, rows_wanted, signed, submission, time,
};
use super::estimate::{self, Before};
use super::failure::{Step, missing, state};
use super::feeding;
use super::finish;
use super::jobs;
use super::lanes::Lane;
use super::passed_over;
use super::retry;
use super::submissions::settle_withdrawn;
use super::write::{Durability, Tx};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::queue::{
    ATTEMPTS_MAX, Applied, Backlog, Band, Depth, Lease, NewJob, Parked, Queue, Released, Renewal,
};
use crate::spare::Spare;
use crate::submission::Outcome;

/// The lane of a job to be made.
pub(super) fn lane_of(job: &NewJob) -> Lane {
    Lane {
        band: band_number(job.band),
        course: job.course.clone(),
        lane: job.lane.clone(),
    }
}

#[async_trait]
impl Queue for SqliteStore {
    async fn claim(&self, node: NodeId, max: u32, lease_ms: u64) -> Result<Vec<Lease>> {
        claim(self, (node, max, Bands::All), lease_ms).await
    }

    async fn claim_spare(&self, node: NodeId, spare: Spare, lease_ms: u64) -> Result<Vec<Lease>> {
        claim(self, (node, 1, Bands::Spare(spare)), lease_ms).await
    }

    async fn renew(
        &self,
        node: NodeId,
        leases: &[(SubmissionId, u64)],
        lease_ms: u64,
    ) -> Result<Vec<Renewal>> {
        let leases = leases.to_vec();
        let lease_us = microseconds(lease_ms);
        self.write(Durability::Relaxed, "renewing leases", move |tx| {
            let until_us = tx.now_us.saturating_add(lease_us);
            leases
                .iter()
                .map(|(id, token)| renew(tx, node, (*id, *token), until_us))
                .collect()
        })
        .await
    }

    async fn finish(
        &self,
        submission: SubmissionId,
        token: u64,
        outcome: Outcome,
        cost_ms: f64,
    ) -> Result<Applied> {
        self.write(Durability::Durable, "writing an outcome", move |tx| {
            finish::finish(tx, submission, token, &outcome, cost_ms)
        })
        .await
    }

    async fn release(
        &self,
        submission: SubmissionId,
        token: u64,
        reason: &str,
        counted: bool,
    ) -> Result<Released> {
        let reason = reason.to_owned();
        self.write(Durability::Relaxed, "giving a job back", move |tx| {
            release(tx, submission, token, reason, counted)
        })
        .await
    }

    async fn pass_over(
        &self,
        submission: SubmissionId,
        token: u64,
        reason: &str,
    ) -> Result<Applied> {
        let reason = reason.to_owned();
        self.write(Durability::Relaxed, "passing a job over", move |tx| {
            passed_over::pass_over(tx, submission, token, &reason)
        })
        .await
    }

    async fn offer_again(&self, node: NodeId) -> Result<u64> {
        let doing = "offering jobs anew";
        self.write(Durability::Relaxed, doing, move |tx| {
            passed_over::forget(tx, node)
        })
        .await?;
        let mut all = 0;
        loop {
            let offered = self
                .write(Durability::Relaxed, doing, passed_over::offer_again)
                .await?;
            all += u64::from(offered);
            if offered < passed_over::OFFERED_MAX {
                return Ok(all);
            }
        }
    }

    async fn take_over(&self, node: NodeId, lease_ms: u64) -> Result<Vec<Lease>> {
        let lease_us = microseconds(lease_ms);
        self.write(Durability::Relaxed, "taking leases over", move |tx| {
            claims::take_over(tx, node, lease_us)
        })
        .await
    }

    async fn depth(&self) -> Result<Depth> {
        self.read("counting jobs", depth).await
    }

    async fn position(&self, submission: SubmissionId) -> Result<Option<u64>> {
        self.read("estimating a position", move |tx| position(tx, submission))
            .await
    }

    async fn backlog(&self, job: &NewJob) -> Result<Backlog> {
        let lane = lane_of(job);
        let target_us = job.target.as_microsecond();
        self.read("looking at the backlog", move |tx| {
            estimate::backlog(tx, &lane, target_us)
        })
        .await
    }

    async fn parked(&self, course: Option<&str>, request: PageRequest) -> Result<Page<Parked>> {
        let course = course.map(ToOwned::to_owned);
        self.read("listing parked jobs", move |tx| {
            parked(tx, course.as_deref(), &request)
        })
        .await
    }

    async fn unpark(&self, submission: SubmissionId) -> Result<()> {
        self.write(
            Durability::Durable,
            "running a parked job again",
            move |tx| {
                let mut job = parked_job(tx, submission)?;
                job.attempts = 0;
                job.fault = None;
                tx.sql
                    .prepare_cached("UPDATE submission SET parked_reason = NULL WHERE id = ?1")?
                    .execute([key(submission.0)])?;
                jobs::queue_anew(tx, &job)
            },
        )
        .await
    }

    async fn drop_parked(&self, submission: SubmissionId) -> Result<()> {
        self.write(Durability::Durable, "dropping a parked job", move |tx| {
            let job = parked_job(tx, submission)?;
            jobs::end(tx, &job)?;
            match job.regrade {
                Some(regrade) => feeding::skipped(tx, regrade),
                None => settle_withdrawn(tx, submission).map(|_| ()),
            }
        })
        .await
    }
}

async fn claim(
    store: &SqliteStore,
    (node, max, bands): (NodeId, u32, Bands),
    lease_ms: u64,
) -> Result<Vec<Lease>> {
    let doing = "claiming jobs";
    let is_due = move |tx: &Tx<'_>| claims::is_due(tx, node, (max, bands));
    if max == 0 || !store.read(doing, is_due).await? {
        return Ok(Vec::new());
    }
    let lease_us = microseconds(lease_ms);
    store
        .write(Durability::Relaxed, doing, move |tx| {
            claims::claim(tx, node, (max, bands), lease_us)
        })
        .await
}

fn renew(
    tx: &Tx<'_>,
    node: NodeId,
    (id, token): (SubmissionId, u64),
    until_us: i64,
) -> Step<Renewal> {
    let state: Option<String> = tx
        .sql
        .prepare_cached(
            "UPDATE job SET until_us = ?4
             WHERE submission = ?1 AND node = ?2 AND token = ?3
               AND state IN ('leased', 'cancelled')
             RETURNING state",
        )?
        .query_row(
            params![key(id.0), key(node.0), signed(token), until_us],
            |row| row.get(0),
        )
        .optional()?;
    Ok(match state.as_deref() {
        Some("leased") => Renewal::Held,
        Some(_) => Renewal::Cancelled,
        None => Renewal::Lost,
    })
}

fn release(
    tx: &Tx<'_>,
    id: SubmissionId,
    token: u64,
    reason: String,
    counted: bool,
) -> Step<Released> {
    let Some(mut job) = finish::held(tx, id, token)? else {
        return Ok(Released::Stale);
    };
    if !counted {
        job.attempts = job.attempts.saturating_sub(1);
        jobs::queue(tx, &job)?;
        return Ok(Released::Requeued);
    }
    if job.attempts >= ATTEMPTS_MAX {
        jobs::park(tx, &job, &reason)?;
        return Ok(Released::Parked);
    }
    job.fault = Some(reason);
    let pause_us = retry::pause_us(retry::JOB, job.attempts, id.0);
    jobs::delay(tx, &job, tx.now_us.saturating_add(pause_us))?;
    Ok(Released::Requeued)
}

fn parked_job(tx: &Tx<'_>, id: SubmissionId) -> Step<jobs::Job> {
    match jobs::find(tx, id)? {
        Some(job) if job.state == "parked" => Ok(job),
        Some(job) => Err(state("submission", id, job.state)),
        None if super::submissions::exists(tx, id)? => Err(state("submission", id, "not parked")),
        None => Err(missing("submission", id)),
    }
}

fn depth(tx: &Tx<'_>) -> Step<Depth> {
    let mut depth = Depth::default();
    let mut statement = tx.sql.prepare_cached(
        "SELECT band, queued, cost_ms FROM queue_band
         UNION ALL
         SELECT band, count(*), sum(cost_ms) FROM job
         WHERE state <> 'queued' AND state = 'delayed' AND until_us IS NOT NULL GROUP BY band",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let band: usize = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
        if let (Some(queued), Some(cost)) =
            (depth.queued.get_mut(band), depth.cost_ms.get_mut(band))
        {
            *queued += u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
            *cost += row.get::<_, f64>(2)?;
        }
    }
    let mut statement = tx.sql.prepare_cached(
        "SELECT count(*) FILTER (WHERE state IN ('leased', 'cancelled')) AS running,
                count(*) FILTER (WHERE state = 'parked') AS parked
         FROM job WHERE state <> 'queued'",
    )?;
    (depth.running, depth.parked) = statement.query_row([], |row| {
        Ok((count(row, "running")?, count(row, "parked")?))
    })?;
    depth.passed_over = passed_over::depth(tx)?;
    let oldest: Option<i64> = tx
        .sql
        .prepare_cached(
            "SELECT accepted_us FROM job
             WHERE state = 'queued' OR (state = 'delayed' AND until_us IS NOT NULL)
             ORDER BY number LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    depth.oldest_ms = oldest.map_or(0, |oldest| {
        u64::try_from((tx.now_us - oldest) / 1_000).unwrap_or(0)
    });
    // Each state has an index of its own; together they would be a look at every job.
    depth.overdue = tx
        .sql
        .prepare_cached(
            "SELECT (SELECT count(*) FROM job
                     WHERE state = 'queued' AND band = ?1 AND target_us < ?2)
                  + (SELECT count(*) FROM job
                     WHERE state = 'delayed' AND band = ?1 AND target_us < ?2) AS overdue",
        )?
        .query_row(params![band_number(Band::Interactive), tx.now_us], |row| {
            count(row, "overdue")
        })?;
    Ok(depth)
}

fn position(tx: &Tx<'_>, id: SubmissionId) -> Step<Option<u64>> {
    let Some(job) = jobs::find(tx, id)? else {
        return if super::submissions::exists(tx, id)? {
            Ok(None)
        } else {
            Err(missing("submission", id))
        };
    };
    let own = match job.state.as_str() {
        "queued" => tx
            .sql
            .prepare_cached(
                "SELECT count(*), total(cost_ms) FROM job
                 WHERE state = 'queued' AND band = ?1 AND course = ?2 AND lane = ?3
                   AND number < (SELECT number FROM job WHERE submission = ?4)",
            )?
            .query_row(
                params![job.lane.band, job.lane.course, job.lane.lane, key(id.0)],
                |row| {
                    Ok(Before {
                        jobs: row.get::<_, f64>(0)?,
                        cost_ms: row.get(1)?,
                    })
                },
            )?,
        "delayed" => estimate::in_lane(tx, &job.lane)?,
        _ => return Ok(None),
    };
    let jobs = estimate::before(tx, &job.lane, own)?.jobs;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of rows, never negative, far below the precision of a double"
    )]
    Ok(Some(jobs as u64))
}

fn parked(tx: &Tx<'_>, course: Option<&str>, request: &PageRequest) -> Step<Page<Parked>> {
    let after = parse_parked_cursor(request)?;
    let mut statement = tx.sql.prepare_cached(
        "SELECT submission, course, until_us, attempts, fault, number FROM job
         WHERE state = 'parked' AND state <> 'queued' AND (until_us, number) > (?1, ?2)
             AND (?4 IS NULL OR course = ?4)
         ORDER BY until_us, number LIMIT ?3",
    )?;
    let wanted = params![after.0, after.1, rows_wanted(request), course];
    let rows = statement.query_map(wanted, |row| {
        let parked = Parked {
            submission: submission(row)?,
            course: row.get("course")?,
            at: time(row, "until_us")?,
            attempts: row.get("attempts")?,
            reason: row.get::<_, Option<String>>("fault")?.unwrap_or_default(),
        };
        Ok((parked, row.get::<_, i64>("number")?))
    })?;
    let rows: Vec<(Parked, i64)> = rows.collect::<rusqlite::Result<_>>()?;
    let page = page(rows, request, |(parked, number)| {
        format!("{}.{number}", parked.at.as_microsecond())
    });
    Ok(Page {
        items: page.items.into_iter().map(|(parked, _)| parked).collect(),
        next: page.next,
    })
}

fn parse_parked_cursor(request: &PageRequest) -> Step<(i64, i64)> {
    let after = cursor_as(request, |text| {
        let (at, number) = text.split_once('.')?;
        Some((at.parse().ok()?, number.parse().ok()?))
    });
    Ok(after?.unwrap_or((i64::MIN, 0)))
}
