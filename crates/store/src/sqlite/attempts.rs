//! Attempts at quizzes; their responses are in [`super::responses`], marks in [`super::marks`].

use async_trait::async_trait;
use carrel_model::id::{AttemptId, UserId};
use jiff::Timestamp;
use rusqlite::types::Value as Bound;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use serde_json::Value;

use super::SqliteStore;
use super::codec::{
    clock_time, count, cursor_id, document, key, page, rows_wanted, signed, time, time_maybe, uuid,
    word, word_maybe,
};
use super::failure::{Step, is_conflict, missing, state};
use super::marks;
use super::responses;
use super::write::{Durability, Tx};
use crate::attempt::{
    AttemptFilter, AttemptRow, Attempts, Grade, Kept, NewAttempt, NewEnd, NewMarking, NewResponse,
    Started, WholeAttempt,
};
use crate::error::{Error, Result};
use crate::page::{PAGE_MAX, Page, PageRequest};

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    let ended_at = time_maybe(row, "ended_us")?;
    let points: Option<f64> = row.get("points")?;
    let grade = match points {
        None => None,
        Some(points) => Some(Grade {
            points,
            points_max: row.get("points_max")?,
            passed: row.get("passed")?,
            needs_grading: row.get("needs_grading")?,
        }),
    };
    Ok(AttemptRow {
        id: AttemptId(uuid(row, "id")?),
        user: UserId(uuid(row, "user")?),
        course: row.get("course")?,
        course_version: row.get("course_version")?,
        quiz: row.get("quiz")?,
        number: row.get("number")?,
        started_at: time(row, "started_us")?,
        ends_at: time_maybe(row, "ends_us")?,
        ended: ended_at.zip(word_maybe(row, "ended_by")?),
        state: document(row, "state")?,
        revision: count(row, "revision")?,
        grade,
        answers_gone: row.get("answers_gone")?,
    })
}

/// One attempt.
pub(super) fn find(tx: &Tx<'_>, id: AttemptId) -> Step<AttemptRow> {
    tx.sql
        .prepare_cached("SELECT * FROM attempt WHERE id = ?1")?
        .query_row([key(id.0)], read)
        .optional()?
        .ok_or_else(|| missing("attempt", id))
}

fn many(tx: &Tx<'_>, sql: &str, values: Vec<Bound>) -> Step<Vec<AttemptRow>> {
    let mut statement = tx.sql.prepare_cached(sql)?;
    let rows = statement.query_map(params_from_iter(values), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Notes that something of an attempt changed.
pub(super) fn touch(tx: &Tx<'_>, id: AttemptId) -> Step<()> {
    tx.sql
        .prepare_cached("UPDATE attempt SET revision = revision + 1 WHERE id = ?1")?
        .execute([key(id.0)])?;
    Ok(())
}

/// Sets what an ended attempt is worth.
pub(super) fn set_grade(tx: &Tx<'_>, id: AttemptId, grade: &Grade) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE attempt SET points = ?2, points_max = ?3, passed = ?4, needs_grading = ?5,
                revision = revision + 1
             WHERE id = ?1",
        )?
        .execute(params![
            key(id.0),
            grade.points,
            grade.points_max,
            grade.passed,
            grade.needs_grading
        ])?;
    Ok(())
}

#[async_trait]
impl Attempts for SqliteStore {
    fn now(&self) -> Timestamp {
        clock_time(self.clock_us())
    }

    async fn start_attempt(&self, new: NewAttempt) -> Result<Started> {
        self.write(Durability::Durable, "starting an attempt", move |tx| {
            start(tx, &new)
        })
        .await
    }

    async fn attempt(&self, id: AttemptId) -> Result<AttemptRow> {
        self.read("reading an attempt", move |tx| find(tx, id))
            .await
    }

    async fn whole_attempt(&self, id: AttemptId) -> Result<WholeAttempt> {
        self.read("reading an attempt", move |tx| whole(tx, id))
            .await
    }

    async fn attempts(
        &self,
        filter: AttemptFilter,
        request: PageRequest,
    ) -> Result<Page<AttemptRow>> {
        self.read("listing attempts", move |tx| list(tx, &filter, &request))
            .await
    }

    async fn attempts_of(&self, user: UserId, course: &str, quiz: &str) -> Result<Vec<AttemptRow>> {
        let (course, quiz) = (course.to_owned(), quiz.to_owned());
        self.read("reading the attempts of a person", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM attempt WHERE user = ?1 AND course = ?2 AND quiz = ?3
                 ORDER BY number",
            )?;
            let rows = statement.query_map(params![key(user.0), course, quiz], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn keep_response(&self, id: AttemptId, response: NewResponse) -> Result<Kept> {
        if self.is_busy() {
            return Err(Error::Full {
                what: "the queue of writes",
            });
        }
        self.write(Durability::Durable, "keeping an answer", move |tx| {
            responses::keep(tx, id, &response)
        })
        .await
    }

    async fn change_attempt(
        &self,
        id: AttemptId,
        revision: u64,
        state: Value,
        ends_at: Option<Timestamp>,
    ) -> Result<bool> {
        self.write(Durability::Durable, "changing an attempt", move |tx| {
            find(tx, id)?;
            let changed = tx
                .sql
                .prepare_cached(
                    "UPDATE attempt SET state = ?3, ends_us = ?4, revision = revision + 1
                     WHERE id = ?1 AND revision = ?2 AND ended_us IS NULL",
                )?
                .execute(params![
                    key(id.0),
                    signed(revision),
                    serde_json::to_string(&state)?,
                    ends_at.map(Timestamp::as_microsecond),
                ])?;
            Ok(changed == 1)
        })
        .await
    }

    async fn end_attempt(&self, id: AttemptId, revision: u64, end: NewEnd) -> Result<bool> {
        self.write(Durability::Durable, "ending an attempt", move |tx| {
            finish(tx, id, revision, &end)
        })
        .await
    }

    async fn mark_attempt(
        &self,
        id: AttemptId,
        revision: u64,
        marking: NewMarking,
    ) -> Result<bool> {
        self.write(Durability::Durable, "grading an attempt", move |tx| {
            let row = find(tx, id)?;
            if row.ended.is_none() {
                return Err(state("attempt", id, "not submitted yet"));
            }
            if row.revision != revision {
                return Ok(false);
            }
            for mark in &marking.marks {
                marks::add(tx, id, mark, Some(marking.by), None)?;
            }
            set_grade(tx, id, &marking.grade)?;
            Ok(true)
        })
        .await
    }

    async fn overdue_attempts(
        &self,
        after: Option<(Timestamp, AttemptId)>,
        limit: u32,
    ) -> Result<Vec<AttemptRow>> {
        let (after_us, after_id) = match after {
            Some((ends_at, id)) => (ends_at.as_microsecond(), key(id.0)),
            None => (i64::MIN, [0; 16]),
        };
        self.read("looking for attempts whose time is over", move |tx| {
            many(
                tx,
                "SELECT * FROM attempt WHERE ended_us IS NULL AND ends_us IS NOT NULL
                    AND ends_us <= ? AND (ends_us, id) > (?, ?) ORDER BY ends_us, id LIMIT ?",
                vec![
                    Bound::from(tx.now_us),
                    Bound::from(after_us),
                    Bound::from(after_id.to_vec()),
                    Bound::from(i64::from(limit.clamp(1, PAGE_MAX))),
                ],
            )
        })
        .await
    }

    async fn next_attempt_end(&self) -> Result<Option<Timestamp>> {
        self.read("looking for the next end of an attempt", move |tx| {
            Ok(tx
                .sql
                .prepare_cached(
                    "SELECT min(ends_us) AS at_us FROM attempt
                     WHERE ended_us IS NULL AND ends_us IS NOT NULL",
                )?
                .query_row([], |row| time_maybe(row, "at_us"))?)
        })
        .await
    }
}

fn start(tx: &Tx<'_>, new: &NewAttempt) -> Step<Started> {
    let whose = params![key(new.user.0), new.course, new.quiz];
    let running = tx
        .sql
        .prepare_cached(
            "SELECT * FROM attempt
             WHERE user = ?1 AND course = ?2 AND quiz = ?3 AND ended_us IS NULL",
        )?
        .query_row(whose, read)
        .optional()?;
    if let Some(running) = running {
        return Ok(Started::Running(running));
    }
    let made: u32 = tx
        .sql
        .prepare_cached(
            "SELECT coalesce(max(number), 0) FROM attempt
             WHERE user = ?1 AND course = ?2 AND quiz = ?3",
        )?
        .query_row(whose, |row| row.get(0))?;
    if made + 1 != new.number {
        return Ok(Started::Stale);
    }
    let inserted = tx
        .sql
        .prepare_cached(
            "INSERT INTO attempt (id, user, course, course_version, quiz, number, started_us,
                ends_us, state, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)",
        )?
        .execute(params![
            key(new.id.0),
            key(new.user.0),
            new.course,
            new.course_version,
            new.quiz,
            new.number,
            new.started_at.as_microsecond(),
            new.ends_at.map(Timestamp::as_microsecond),
            serde_json::to_string(&new.state)?,
        ]);
    match inserted {
        Err(error) if is_conflict(&error) => return Err(missing("user", new.user)),
        other => other?,
    };
    tx.sql
        .prepare_cached("INSERT INTO attempt_paper (attempt, document) VALUES (?1, ?2)")?
        .execute(params![key(new.id.0), serde_json::to_string(&new.paper)?])?;
    find(tx, new.id).map(Started::New)
}

fn whole(tx: &Tx<'_>, id: AttemptId) -> Step<WholeAttempt> {
    let row = find(tx, id)?;
    let paper: Option<String> = tx
        .sql
        .prepare_cached("SELECT document FROM attempt_paper WHERE attempt = ?1")?
        .query_row([key(id.0)], |row| row.get(0))
        .optional()?;
    let Some(paper) = paper else {
        return Err(state("the paper of attempt", id, "expired"));
    };
    Ok(WholeAttempt {
        paper: serde_json::from_str(&paper)?,
        responses: responses::all(tx, id)?,
        marks: marks::all(tx, id)?,
        row,
    })
}

fn finish(tx: &Tx<'_>, id: AttemptId, revision: u64, end: &NewEnd) -> Step<bool> {
    find(tx, id)?;
    let ended = tx
        .sql
        .prepare_cached(
            "UPDATE attempt SET ended_us = ?3, ended_by = ?4, points = ?5, points_max = ?6,
                passed = ?7, needs_grading = ?8, revision = revision + 1
             WHERE id = ?1 AND revision = ?2 AND ended_us IS NULL",
        )?
        .execute(params![
            key(id.0),
            signed(revision),
            end.at.as_microsecond(),
            word(end.by)?,
            end.grade.points,
            end.grade.points_max,
            end.grade.passed,
            end.grade.needs_grading,
        ])?;
    if ended == 0 {
        return Ok(false);
    }
    for (rescore, mark) in &end.marks {
        marks::add(tx, id, mark, None, Some(*rescore))?;
    }
    Ok(true)
}

fn list(tx: &Tx<'_>, filter: &AttemptFilter, request: &PageRequest) -> Step<Page<AttemptRow>> {
    let mut conditions = Vec::new();
    let mut values: Vec<Bound> = Vec::new();
    if let Some(user) = filter.user {
        conditions.push("user = ?");
        values.push(Bound::from(key(user.0).to_vec()));
    }
    // A unary plus keeps the engine on the index of the person, or of what waits.
    let narrow = filter.user.is_some() || filter.needs_grading;
    if let Some(course) = &filter.course {
        conditions.push(if filter.user.is_some() {
            "+course = ?"
        } else {
            "course = ?"
        });
        values.push(Bound::from(course.clone()));
    }
    if let Some(quiz) = &filter.quiz {
        conditions.push(if narrow { "+quiz = ?" } else { "quiz = ?" });
        values.push(Bound::from(quiz.clone()));
    }
    match filter.ended {
        Some(true) => conditions.push("ended_us IS NOT NULL"),
        Some(false) => conditions.push("ended_us IS NULL"),
        None => {}
    }
    if filter.needs_grading {
        conditions.push("needs_grading = 1");
    }
    if let Some(after) = cursor_id(request)? {
        conditions.push("id < ?");
        values.push(Bound::from(after.to_vec()));
    }
    values.push(Bound::from(rows_wanted(request)));
    let conditions = match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", conditions.join(" AND ")),
    };
    let sql = format!("SELECT * FROM attempt{conditions} ORDER BY id DESC LIMIT ?");
    let rows = many(tx, &sql, values)?;
    Ok(page(rows, request, |row: &AttemptRow| row.id.to_string()))
}
