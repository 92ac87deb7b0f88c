//! How far people are, and accommodations.

use async_trait::async_trait;
use carrel_model::id::UserId;
use rusqlite::{Row, params};
use serde_json::Value;

use super::SqliteStore;
use super::attempts;
use super::codec::{
    count, cursor_pair, document, key, page, rows_wanted, time, time_maybe, uuid, uuid_maybe,
};
use super::failure::{Step, is_conflict, missing};
use super::judged;
use super::write::{Durability, Tx};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::progress::{
    AccommodationRow, ChallengeProgress, DoneRow, NewAccommodation, Progress, ProgressRow, SeenRow,
};

fn read_accommodation(row: &Row<'_>) -> rusqlite::Result<AccommodationRow> {
    let quiz: String = row.get("quiz")?;
    Ok(AccommodationRow {
        user: UserId(uuid(row, "user")?),
        course: row.get("course")?,
        quiz: (!quiz.is_empty()).then_some(quiz),
        document: document(row, "document")?,
        changed_at: time(row, "changed_us")?,
        changed_by: uuid_maybe(row, "changed_by")?.map(UserId),
    })
}

#[async_trait]
impl Progress for SqliteStore {
    async fn see_lesson(&self, user: UserId, course: &str, lesson: &str) -> Result<()> {
        let place = (user, course.to_owned(), lesson.to_owned());
        let doing = "noting that a lesson was seen";
        self.write(Durability::Relaxed, doing, move |tx| SEEN.note(tx, place))
            .await
    }

    async fn lessons_seen(&self, course: &str, request: PageRequest) -> Result<Page<SeenRow>> {
        let course = course.to_owned();
        self.read("listing lessons that were seen", move |tx| {
            SEEN.page(tx, &course, &request, |user, lesson, at| SeenRow {
                user,
                lesson,
                at,
            })
        })
        .await
    }

    async fn finish_project(&self, user: UserId, course: &str, project: &str) -> Result<()> {
        let place = (user, course.to_owned(), project.to_owned());
        let doing = "noting that a project is done";
        self.write(Durability::Relaxed, doing, move |tx| DONE.note(tx, place))
            .await
    }

    async fn projects_done(&self, course: &str, request: PageRequest) -> Result<Page<DoneRow>> {
        let course = course.to_owned();
        self.read("listing projects that are done", move |tx| {
            DONE.page(tx, &course, &request, |user, project, at| DoneRow {
                user,
                project,
                at,
            })
        })
        .await
    }

    async fn open_challenge(&self, user: UserId, course: &str, challenge: &str) -> Result<()> {
        let (course, challenge) = (course.to_owned(), challenge.to_owned());
        let known = {
            let (course, challenge) = (course.clone(), challenge.clone());
            self.read("looking whether a challenge was opened", move |tx| {
                let sql = "SELECT 1 FROM challenge_opened
                     WHERE user = ?1 AND course = ?2 AND challenge = ?3";
                let mut statement = tx.sql.prepare_cached(sql)?;
                Ok(statement.exists(params![key(user.0), course, challenge])?)
            })
        };
        // It is opened many times and written once.
        if known.await? {
            return Ok(());
        }
        self.write(
            Durability::Relaxed,
            "noting that a challenge was opened",
            move |tx| {
                let noted = tx
                    .sql
                    .prepare_cached(
                        "INSERT INTO challenge_opened (user, course, challenge, opened_us)
                         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (user, course, challenge) DO NOTHING",
                    )?
                    .execute(params![key(user.0), course, challenge, tx.now_us]);
                match noted {
                    Err(error) if is_conflict(&error) => Err(missing("user", user)),
                    other => Ok(other.map(|_| ())?),
                }
            },
        )
        .await
    }

    async fn progress(&self, user: UserId, course: &str) -> Result<ProgressRow> {
        let course = course.to_owned();
        self.read("reading how far a person is", move |tx| {
            Ok(ProgressRow {
                lessons: SEEN.of(tx, user, &course)?,
                projects: DONE.of(tx, user, &course)?,
                attempts: ended(tx, user, &course)?,
                challenges: challenges(tx, user, &course)?,
            })
        })
        .await
    }

    async fn set_accommodation(&self, new: NewAccommodation) -> Result<()> {
        self.write(Durability::Durable, "setting an accommodation", move |tx| {
            let quiz = new.quiz.as_deref().unwrap_or_default();
            match &new.document {
                Some(document) => give(tx, &new, quiz, document),
                None => {
                    tx.sql
                        .prepare_cached(
                            "DELETE FROM accommodation
                             WHERE user = ?1 AND course = ?2 AND quiz = ?3",
                        )?
                        .execute(params![key(new.user.0), new.course, quiz])?;
                    Ok(())
                }
            }
        })
        .await
    }

    async fn accommodations_of(&self, user: UserId, course: &str) -> Result<Vec<AccommodationRow>> {
        let course = course.to_owned();
        self.read("reading accommodations", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM accommodation WHERE user = ?1 AND course = ?2 ORDER BY quiz",
            )?;
            let rows = statement.query_map(params![key(user.0), course], read_accommodation)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn accommodations(&self, course: &str) -> Result<Vec<AccommodationRow>> {
        let course = course.to_owned();
        self.read("listing accommodations", move |tx| {
            let mut statement = tx
                .sql
                .prepare_cached("SELECT * FROM accommodation WHERE course = ?1 ORDER BY user")?;
            let rows = statement.query_map([course], read_accommodation)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn copy_accommodations(&self, from: &str, to: &str, by: UserId) -> Result<u64> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.write(Durability::Durable, "copying accommodations", move |tx| {
            let copied = tx
                .sql
                .prepare_cached(
                    "INSERT INTO accommodation (user, course, quiz, document, changed_us,
                        changed_by)
                     SELECT a.user, ?2, '', a.document, ?3, ?4 FROM accommodation AS a
                     JOIN membership AS m ON m.user = a.user AND m.course = ?2
                     WHERE a.course = ?1 AND a.quiz = ''
                     ON CONFLICT (user, course, quiz) DO NOTHING",
                )?
                .execute(params![from, to, tx.now_us, key(by.0)])?;
            Ok(copied as u64)
        })
        .await
    }
}

fn give(tx: &Tx<'_>, new: &NewAccommodation, quiz: &str, document: &Value) -> Step<()> {
    let given = tx
        .sql
        .prepare_cached(
            "INSERT INTO accommodation (user, course, quiz, document, changed_us, changed_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (user, course, quiz) DO UPDATE SET document = excluded.document,
                changed_us = excluded.changed_us, changed_by = excluded.changed_by",
        )?
        .execute(params![
            key(new.user.0),
            new.course,
            quiz,
            serde_json::to_string(document)?,
            tx.now_us,
            key(new.by.0)
        ]);
    match given {
        Err(error) if is_conflict(&error) => Err(missing("user", new.user)),
        other => Ok(other.map(|_| ())?),
    }
}

/// A table of what people came to for the first time: one row per person, course and thing.
struct Firsts {
    table: &'static str,
    /// Column of the id of the thing.
    thing: &'static str,
    /// Column of the moment.
    at: &'static str,
}

const SEEN: Firsts = Firsts {
    table: "lesson_seen",
    thing: "lesson",
    at: "seen_us",
};
const DONE: Firsts = Firsts {
    table: "project_done",
    thing: "project",
    at: "done_us",
};

impl Firsts {
    /// Notes somebody's first time; a later one changes nothing.
    fn note(&self, tx: &Tx<'_>, (user, course, id): (UserId, String, String)) -> Step<()> {
        let Self { table, thing, at } = self;
        let sql = format!(
            "INSERT INTO {table} (user, course, {thing}, {at})
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (user, course, {thing}) DO NOTHING"
        );
        let mut statement = tx.sql.prepare_cached(&sql)?;
        match statement.execute(params![key(user.0), course, id, tx.now_us]) {
            Err(error) if is_conflict(&error) => Err(missing("user", user)),
            other => Ok(other.map(|_| ())?),
        }
    }

    /// Everything of somebody, and when.
    fn of(&self, tx: &Tx<'_>, user: UserId, course: &str) -> Step<Vec<(String, jiff::Timestamp)>> {
        let Self { table, thing, at } = self;
        let sql = format!(
            "SELECT {thing}, {at} FROM {table} WHERE user = ?1 AND course = ?2 ORDER BY {thing}"
        );
        let mut statement = tx.sql.prepare_cached(&sql)?;
        let rows = statement.query_map(params![key(user.0), course], |row| {
            Ok((row.get(*thing)?, time(row, at)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Those of learners, in the order of the table's key, so that each page begins where the one
    /// before ended.
    fn page<T>(
        &self,
        tx: &Tx<'_>,
        course: &str,
        request: &PageRequest,
        make: impl Fn(UserId, String, jiff::Timestamp) -> T,
    ) -> Step<Page<T>> {
        let Self { table, thing, at } = self;
        let sql = format!(
            "SELECT user, {thing}, {at} FROM {table}
             WHERE course = ?1 AND user >= ?2 AND (user > ?2 OR {thing} > ?3) AND {}
             ORDER BY user, course, {thing} LIMIT ?4",
            judged::by_learner(table)
        );
        let (user, id) = cursor_pair(request)?.unwrap_or_default();
        let mut statement = tx.sql.prepare_cached(&sql)?;
        let wanted = rows_wanted(request);
        let rows = statement.query_map(params![course, user, id, wanted], |row| {
            let user = UserId(uuid(row, "user")?);
            Ok((user, row.get::<_, String>(*thing)?, time(row, at)?))
        })?;
        let rows = rows.collect::<rusqlite::Result<_>>()?;
        let found = page(
            rows,
            request,
            |(user, id, _): &(UserId, String, jiff::Timestamp)| format!("{user}/{id}"),
        );
        let items = found.items.into_iter();
        Ok(Page {
            items: items.map(|(user, id, at)| make(user, id, at)).collect(),
            next: found.next,
        })
    }
}

fn ended(tx: &Tx<'_>, user: UserId, course: &str) -> Step<Vec<crate::attempt::AttemptRow>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM attempt WHERE user = ?1 AND course = ?2 AND ended_us IS NOT NULL
         ORDER BY quiz, number",
    )?;
    let rows = statement.query_map(params![key(user.0), course], attempts::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn challenges(tx: &Tx<'_>, user: UserId, course: &str) -> Step<Vec<ChallengeProgress>> {
    let mut statement = tx.sql.prepare_cached(
        "WITH judged AS (
            SELECT *, row_number() OVER (PARTITION BY challenge, step
                ORDER BY points DESC, created_us, id) AS place
            FROM submission WHERE user = ?1 AND course = ?2 AND verdict IS NOT NULL)
         SELECT challenge, step, max(points) AS points, max(points_max) AS points_max,
            count(*) AS judged,
            min(CASE verdict WHEN 'accepted' THEN created_us END) AS passed_us,
            max(CASE place WHEN 1 THEN created_us END) AS counted_us,
            max(CASE place WHEN 1 THEN coalesce(
                (SELECT first.course_version FROM verdict AS first
                 WHERE first.submission = judged.id AND first.number = 1),
                course_version) END) AS counted_version
         FROM judged GROUP BY challenge, step ORDER BY challenge, step",
    )?;
    let rows = statement.query_map(params![key(user.0), course], |row| {
        Ok(ChallengeProgress {
            challenge: row.get("challenge")?,
            step: row.get("step")?,
            points: row.get::<_, Option<f64>>("points")?.unwrap_or(0.0),
            points_max: row.get::<_, Option<f64>>("points_max")?.unwrap_or(0.0),
            counted_at: time(row, "counted_us")?,
            counted_version: row.get("counted_version")?,
            passed_at: time_maybe(row, "passed_us")?,
            submissions: count(row, "judged")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
