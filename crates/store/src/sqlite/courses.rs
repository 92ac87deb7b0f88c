//! Published courses.

use async_trait::async_trait;
use carrel_model::id::UserId;
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteStore;
use super::codec::{
    cursor_number, cursor_text, document, key, page, rows_wanted, text_cursor, time, uuid_maybe,
};
use super::cost;
use super::failure::{Step, missing};
use super::write::{Durability, Tx};
use crate::course::{CourseVersion, Courses, ExpectedCost};
use crate::error::Result;
use crate::page::{Page, PageRequest};

fn read(row: &Row<'_>) -> rusqlite::Result<CourseVersion> {
    Ok(CourseVersion {
        course: row.get("course")?,
        digest: row.get("digest")?,
        title: row.get("title")?,
        published_by: uuid_maybe(row, "published_by")?.map(UserId),
        published_at: time(row, "published_us")?,
        contents: document(row, "contents")?,
    })
}

fn publish(tx: &Tx<'_>, version: &CourseVersion) -> Step<()> {
    tx.sql
        .prepare_cached(
            "INSERT INTO course_version (course, digest, title, published_by, published_us,
                contents)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            version.course,
            version.digest,
            version.title,
            version.published_by.map(|user| key(user.0)),
            version.published_at.as_microsecond(),
            serde_json::to_string(&version.contents)?,
        ])?;
    tx.sql
        .prepare_cached(
            "INSERT INTO course (id, present)
             SELECT course, number FROM course_version WHERE course = ?1 AND digest = ?2
             ON CONFLICT DO UPDATE SET present = excluded.present",
        )?
        .execute(params![version.course, version.digest])?;
    Ok(())
}

#[async_trait]
impl Courses for SqliteStore {
    async fn publish(&self, version: CourseVersion) -> Result<()> {
        self.write(Durability::Durable, "publishing a course", move |tx| {
            publish(tx, &version)
        })
        .await
    }

    async fn course(&self, id: &str) -> Result<CourseVersion> {
        let id = id.to_owned();
        self.read("reading a course", move |tx| {
            tx.sql
                .prepare_cached(
                    "SELECT v.* FROM course AS c JOIN course_version AS v ON v.number = c.present
                     WHERE c.id = ?1",
                )?
                .query_row([&id], read)
                .optional()?
                .ok_or_else(|| missing("course", &id))
        })
        .await
    }

    async fn course_version(&self, id: &str, digest: &str) -> Result<CourseVersion> {
        let (id, digest) = (id.to_owned(), digest.to_owned());
        self.read("reading a course version", move |tx| {
            tx.sql
                .prepare_cached("SELECT * FROM course_version WHERE course = ?1 AND digest = ?2")?
                .query_row([&id, &digest], read)
                .optional()?
                .ok_or_else(|| missing("course version", format!("{id}@{digest}")))
        })
        .await
    }

    async fn courses(&self, request: PageRequest) -> Result<Page<CourseVersion>> {
        self.read("listing courses", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT v.* FROM course AS c JOIN course_version AS v ON v.number = c.present
                 WHERE c.id > ?1 ORDER BY c.id LIMIT ?2",
            )?;
            let after = cursor_text(&request)?;
            let rows = statement.query_map(params![after, rows_wanted(&request)], read)?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |version: &CourseVersion| {
                text_cursor(&version.course)
            }))
        })
        .await
    }

    async fn course_versions(&self, id: &str, request: PageRequest) -> Result<Page<CourseVersion>> {
        let id = id.to_owned();
        self.read("listing course versions", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM course_version WHERE course = ?1 AND number < coalesce(?2, 9223372036854775807)
                 ORDER BY number DESC LIMIT ?3",
            )?;
            let after = cursor_number(&request)?;
            let rows = statement.query_map(params![id, after, rows_wanted(&request)], |row| {
                Ok((read(row)?, row.get::<_, i64>("number")?))
            })?;
            let rows: Vec<(CourseVersion, i64)> = rows.collect::<rusqlite::Result<_>>()?;
            let page = page(rows, &request, |(_, number)| number.to_string());
            Ok(Page {
                items: page.items.into_iter().map(|(version, _)| version).collect(),
                next: page.next,
            })
        })
        .await
    }

    async fn expected_cost(
        &self,
        user: UserId,
        course: &str,
        challenge: Option<&str>,
    ) -> Result<Option<ExpectedCost>> {
        let (course, challenge) = (course.to_owned(), challenge.map(str::to_owned));
        self.read("reading an expected cost", move |tx| {
            cost::expected(tx, user, &course, challenge.as_deref())
        })
        .await
    }
}
