//! Submissions and their history.

use async_trait::async_trait;
use carrel_model::execution::SubmissionState;
use carrel_model::id::{SubmissionId, UserId};
use rusqlite::{OptionalExtension, params};

use super::SqliteStore;
use super::claims;
use super::codec::{key, value, word};
use super::events;
use super::failure::{Step, is_conflict, missing, state};
use super::history;
use super::jobs::{self, Making};
use super::judged;
use super::queue::lane_of;
use super::work;
use super::write::{Durability, Tx};
use crate::error::{Error, Result};
use crate::event::EventKind;
use crate::page::{Page, PageRequest};
use crate::queue::NewJob;
use crate::submission::{
    IDEMPOTENCY_HOURS, IdempotencyKey, JudgedRow, NewSubmission, Outcome, SentRow,
    SubmissionFilter, SubmissionRow, Submissions, Submitted, VerdictRow, Work,
};

#[async_trait]
impl Submissions for SqliteStore {
    async fn submit(&self, new: NewSubmission) -> Result<Submitted> {
        if self.is_busy() {
            return Err(Error::Full {
                what: "the queue of writes",
            });
        }
        self.write(Durability::Durable, "keeping a submission", move |tx| {
            submit(tx, &new)
        })
        .await
    }

    async fn repeated(&self, user: UserId, key: &IdempotencyKey) -> Result<Option<SubmissionId>> {
        let key = key.clone();
        self.read("looking for an idempotency key", move |tx| {
            known(tx, user, Some(&key))
        })
        .await
    }

    async fn submission(&self, id: SubmissionId) -> Result<SubmissionRow> {
        self.read("reading a submission", move |tx| history::find(tx, id))
            .await
    }

    async fn work(&self, id: SubmissionId) -> Result<Work> {
        self.read("reading what was sent", move |tx| work::load(tx, id))
            .await
    }

    async fn outcome(&self, id: SubmissionId) -> Result<Option<Outcome>> {
        self.read("reading an outcome", move |tx| history::outcome(tx, id))
            .await
    }

    async fn history(&self, id: SubmissionId) -> Result<Vec<VerdictRow>> {
        self.read("reading a history", move |tx| history::all(tx, id))
            .await
    }

    async fn submissions(
        &self,
        filter: SubmissionFilter,
        request: PageRequest,
    ) -> Result<Page<SubmissionRow>> {
        self.read("listing submissions", move |tx| {
            history::list(tx, &filter, &request)
        })
        .await
    }

    async fn judged(&self, course: &str, challenge: &str, limit: u32) -> Result<Vec<JudgedRow>> {
        let (course, challenge) = (course.to_owned(), challenge.to_owned());
        self.read("reading judged submissions", move |tx| {
            judged::list(tx, &course, &challenge, limit)
        })
        .await
    }

    async fn sent(&self, course: &str, request: PageRequest) -> Result<Page<SentRow>> {
        let course = course.to_owned();
        self.read("reading what was sent", move |tx| {
            judged::sent(tx, &course, &request)
        })
        .await
    }

    async fn failures(&self, user: UserId, course: &str, challenge: &str) -> Result<u32> {
        let (course, challenge) = (course.to_owned(), challenge.to_owned());
        self.read("counting failures", move |tx| {
            claims::failures(tx, user, &course, &challenge, i64::MAX)
        })
        .await
    }

    async fn cancel(&self, id: SubmissionId) -> Result<SubmissionState> {
        self.write(Durability::Durable, "taking a submission back", move |tx| {
            cancel(tx, id)
        })
        .await
    }

    async fn rejudge(&self, id: SubmissionId, job: NewJob) -> Result<()> {
        self.write(
            Durability::Durable,
            "queueing a submission again",
            move |tx| rejudge(tx, id, &job),
        )
        .await
    }
}

fn submit(tx: &Tx<'_>, new: &NewSubmission) -> Step<Submitted> {
    if let Some(known) = known(tx, new.user, new.idempotency.as_ref())? {
        return Ok(Submitted::Known(known));
    }
    insert(tx, new)?;
    work::keep(tx, new.id, &new.work)?;
    if let Some(idempotency) = &new.idempotency {
        tx.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO idempotency (user, key, request_digest, submission, at_us)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                key(new.user.0),
                idempotency.key,
                idempotency.request_digest,
                key(new.id.0),
                tx.now_us
            ])?;
    }
    jobs::make(
        tx,
        &Making {
            submission: new.id,
            lane: &lane_of(&new.job),
            cost_ms: new.job.cost_ms,
            reason: "submitted",
            course_version: version(&new.work),
            regrade: None,
            not_before_us: new.job.not_before.map(|time| time.as_microsecond()),
            target_us: new.job.target.as_microsecond(),
        },
    )?;
    Ok(Submitted::New(new.id))
}

fn version(work: &Work) -> Option<&str> {
    match work {
        Work::Challenge(work) => Some(&work.course_version),
        Work::Execution(_) => None,
    }
}

/// The submission that this key of this person stands for already.
fn known(
    tx: &Tx<'_>,
    user: UserId,
    idempotency: Option<&IdempotencyKey>,
) -> Step<Option<SubmissionId>> {
    let Some(idempotency) = idempotency else {
        return Ok(None);
    };
    let kept_us = i64::from(IDEMPOTENCY_HOURS) * 3_600_000_000;
    let found = tx
        .sql
        .prepare_cached(
            "SELECT submission, request_digest FROM idempotency
             WHERE user = ?1 AND key = ?2 AND at_us >= ?3",
        )?
        .query_row(
            params![key(user.0), idempotency.key, tx.now_us - kept_us],
            |row| Ok((super::codec::submission(row)?, row.get::<_, Vec<u8>>(1)?)),
        )
        .optional()?;
    match found {
        None => Ok(None),
        Some((id, digest)) if digest == idempotency.request_digest => Ok(Some(id)),
        Some(_) => Err(Error::KeyReused.into()),
    }
}

fn insert(tx: &Tx<'_>, new: &NewSubmission) -> Step<()> {
    let (challenge, language) = match &new.work {
        Work::Challenge(work) => (Some(work), work.language.as_deref()),
        Work::Execution(request) => (None, Some(request.language.as_str())),
    };
    let callback = new
        .callback
        .as_ref()
        .map(serde_json::to_string)
        .transpose()?;
    let inserted = tx
        .sql
        .prepare_cached(
            "INSERT INTO submission (id, user, execution, course, course_version, challenge, step,
                language, state, created_us, request, callback, trace)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            key(new.id.0),
            key(new.user.0),
            challenge.is_none(),
            challenge.map(|work| &work.course),
            challenge.map(|work| &work.course_version),
            challenge.map(|work| &work.challenge),
            challenge.and_then(|work| work.step.as_ref()),
            language,
            tx.now_us,
            new.request,
            callback,
            new.trace.map(|trace| trace.to_string()),
        ]);
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if is_conflict(&error) && exists(tx, new.id)? => Err(Error::Exists {
            what: "submission",
            id: new.id.to_string(),
        }
        .into()),
        Err(error) if is_conflict(&error) => Err(missing("user", new.user)),
        Err(error) => Err(error.into()),
    }
}

/// There is such a submission.
pub(super) fn exists(tx: &Tx<'_>, id: SubmissionId) -> Step<bool> {
    Ok(tx
        .sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM submission WHERE id = ?1)")?
        .query_row([key(id.0)], |row| row.get(0))?)
}

fn cancel(tx: &Tx<'_>, id: SubmissionId) -> Step<SubmissionState> {
    let now: SubmissionState = state_of(tx, id)?;
    let job = jobs::find(tx, id)?.filter(jobs::Job::is_shown);
    match job {
        Some(job) if job.state == "leased" => {
            tx.sql
                .prepare_cached("UPDATE job SET state = 'cancelled' WHERE submission = ?1")?
                .execute([key(id.0)])?;
            settle_withdrawn(tx, id)
        }
        Some(job) if job.state == "cancelled" => Ok(now),
        Some(job) => {
            jobs::end(tx, &job)?;
            settle_withdrawn(tx, id)
        }
        None if now == SubmissionState::Cancelled => Ok(now),
        None => Err(state("submission", id, word(now)?)),
    }
}

fn state_of(tx: &Tx<'_>, id: SubmissionId) -> Step<SubmissionState> {
    let found: Option<String> = tx
        .sql
        .prepare_cached("SELECT state FROM submission WHERE id = ?1")?
        .query_row([key(id.0)], |row| row.get(0))
        .optional()?;
    match found {
        Some(word) => Ok(value(word)?),
        None => Err(missing("submission", id)),
    }
}

/// The state of a submission whose job was taken back: the verdict that it had before
/// stays, one without is cancelled.
pub(super) fn settle_withdrawn(tx: &Tx<'_>, id: SubmissionId) -> Step<SubmissionState> {
    let has_verdict: bool = tx
        .sql
        .prepare_cached(
            "UPDATE submission SET parked_reason = NULL WHERE id = ?1
             RETURNING counting IS NOT NULL",
        )?
        .query_row([key(id.0)], |row| row.get(0))?;
    let (state, event) = if has_verdict {
        (SubmissionState::Finished, EventKind::Finished)
    } else {
        (SubmissionState::Cancelled, EventKind::Cancelled)
    };
    jobs::set_state(tx, id, state)?;
    events::add(tx, id, &[event])?;
    Ok(state)
}

fn rejudge(tx: &Tx<'_>, id: SubmissionId, job: &NewJob) -> Step<()> {
    let now = state_of(tx, id)?;
    match jobs::find(tx, id)? {
        Some(old) if old.state == "cancelled" => jobs::end(tx, &old)?,
        Some(old) if !old.is_shown() => return Err(state("submission", id, "being regraded")),
        Some(_) => return Err(state("submission", id, word(now)?)),
        None => {}
    }
    let (version, gone): (Option<String>, bool) = tx
        .sql
        .prepare_cached("SELECT course_version, sources_gone FROM submission WHERE id = ?1")?
        .query_row([key(id.0)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if gone {
        return Err(state("the source of submission", id, "expired"));
    }
    jobs::make(
        tx,
        &Making {
            submission: id,
            lane: &lane_of(job),
            cost_ms: job.cost_ms,
            reason: "rejudged",
            course_version: version.as_deref(),
            regrade: None,
            not_before_us: job.not_before.map(|time| time.as_microsecond()),
            target_us: job.target.as_microsecond(),
        },
    )?;
    jobs::set_state(tx, id, SubmissionState::Queued)
}
