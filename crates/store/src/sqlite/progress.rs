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
    AccommodationRow, ChallengeProgress, NewAccommodation, Progress, ProgressRow, SeenRow,
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
        let (course, lesson) = (course.to_owned(), lesson.to_owned());
        self.write(
            Durability::Relaxed,
            "noting that a lesson was seen",
            move |tx| {
                let noted = tx
                    .sql
                    .prepare_cached(
                        "INSERT INTO lesson_seen (user, course, lesson, seen_us)
                         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (user, course, lesson) DO NOTHING",
                    )?
                    .execute(params![key(user.0), course, lesson, tx.now_us]);
                match noted {
                    Err(error) if is_conflict(&error) => Err(missing("user", user)),
                    other => Ok(other.map(|_| ())?),
                }
            },
        )
        .await
    }

    async fn lessons_seen(&self, course: &str, request: PageRequest) -> Result<Page<SeenRow>> {
        let course = course.to_owned();
        self.read("listing lessons that were seen", move |tx| {
            lessons_seen(tx, &course, &request)
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
                lessons: lessons(tx, user, &course)?,
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

fn lessons(tx: &Tx<'_>, user: UserId, course: &str) -> Step<Vec<(String, jiff::Timestamp)>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT lesson, seen_us FROM lesson_seen WHERE user = ?1 AND course = ?2 ORDER BY lesson",
    )?;
    let rows = statement.query_map(params![key(user.0), course], |row| {
        Ok((row.get("lesson")?, time(row, "seen_us")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// In the order of the table's key, so that each page begins where the one before ended.
fn lessons_seen(tx: &Tx<'_>, course: &str, request: &PageRequest) -> Step<Page<SeenRow>> {
    let sql = format!(
        "SELECT user, lesson, seen_us FROM lesson_seen
         WHERE course = ?1 AND user >= ?2 AND (user > ?2 OR lesson > ?3) AND {}
         ORDER BY user, course, lesson LIMIT ?4",
        judged::by_learner("lesson_seen")
    );
    let after = cursor_pair(request)?;
    let (user, lesson) = after.unwrap_or_default();
    let mut statement = tx.sql.prepare_cached(&sql)?;
    let wanted = rows_wanted(request);
    let rows = statement.query_map(params![course, user, lesson, wanted], |row| {
        Ok(SeenRow {
            user: UserId(uuid(row, "user")?),
            lesson: row.get("lesson")?,
            at: time(row, "seen_us")?,
        })
    })?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    Ok(page(rows, request, |row: &SeenRow| {
        format!("{}/{}", row.user, row.lesson)
    }))
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
