//! Drafts.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};

use super::SqliteStore;
use super::accounts;
use super::codec::{clock_time, count, key, signed, time};
use super::failure::Step;
use super::write::{Durability, Tx};
use crate::draft::{Changed, DraftPlace, DraftRow, Drafts};
use crate::error::Result;

#[async_trait]
impl Drafts for SqliteStore {
    async fn draft(&self, place: DraftPlace) -> Result<DraftRow> {
        self.read("reading a draft", move |tx| find(tx, &place))
            .await
    }

    async fn change_draft(
        &self,
        place: DraftPlace,
        revision: u64,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Result<Changed> {
        self.write(Durability::Durable, "keeping a draft", move |tx| {
            change(tx, &place, revision, files)
        })
        .await
    }
}

fn find(tx: &Tx<'_>, place: &DraftPlace) -> Step<DraftRow> {
    let bound = params![key(place.user.0), place.course, place.challenge];
    let found = tx
        .sql
        .prepare_cached(
            "SELECT revision, changed_us FROM draft
             WHERE user = ?1 AND course = ?2 AND challenge = ?3",
        )?
        .query_row(bound, |row| {
            Ok((count(row, "revision")?, time(row, "changed_us")?))
        })
        .optional()?;
    let Some((revision, changed_at)) = found else {
        return Ok(DraftRow::default());
    };
    let mut statement = tx.sql.prepare_cached(
        "SELECT path, content FROM draft_file
         WHERE user = ?1 AND course = ?2 AND challenge = ?3",
    )?;
    let rows = statement.query_map(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(DraftRow {
        revision,
        changed_at: Some(changed_at),
        files: rows.collect::<rusqlite::Result<_>>()?,
    })
}

fn change(
    tx: &Tx<'_>,
    place: &DraftPlace,
    revision: u64,
    files: BTreeMap<String, Vec<u8>>,
) -> Step<Changed> {
    accounts::find(tx, place.user)?;
    let kept = find(tx, place)?;
    if kept.files == files {
        // Whoever says the same agrees, whichever revision they saw: a repeated request, or
        // two tabs that arrived at the same text.
        if let Some(at) = kept.changed_at {
            let revision = kept.revision;
            return Ok(Changed::Kept { revision, at });
        }
    }
    if kept.revision != revision {
        return Ok(Changed::Behind(kept));
    }
    let revision = kept.revision + 1;
    let user = key(place.user.0);
    tx.sql
        .prepare_cached(
            "INSERT INTO draft (user, course, challenge, revision, changed_us)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET revision = excluded.revision,
                changed_us = excluded.changed_us",
        )?
        .execute(params![
            user,
            place.course,
            place.challenge,
            signed(revision),
            tx.now_us
        ])?;
    for path in kept.files.keys().filter(|path| !files.contains_key(*path)) {
        tx.sql
            .prepare_cached(
                "DELETE FROM draft_file
                 WHERE user = ?1 AND course = ?2 AND challenge = ?3 AND path = ?4",
            )?
            .execute(params![user, place.course, place.challenge, path])?;
    }
    // One keystroke changes one file: the others are not written again.
    for (path, content) in files {
        if kept.files.get(&path) == Some(&content) {
            continue;
        }
        tx.sql
            .prepare_cached(
                "INSERT INTO draft_file (user, course, challenge, path, content)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET content = excluded.content",
            )?
            .execute(params![user, place.course, place.challenge, path, content])?;
    }
    let at = clock_time(tx.now_us);
    Ok(Changed::Kept { revision, at })
}
