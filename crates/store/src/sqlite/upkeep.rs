//! Looking after the whole.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use async_trait::async_trait;
use carrel_model::id::UserId;
use tokio::sync::oneshot;

use super::SqliteStore;
use super::backup::{self, told};
use super::checkpoint;
use super::connection::APPLICATION_ID;
use super::export;
use super::person;
use super::removal::{self, Removed};
use super::retention;
use super::write::Durability;
use crate::account::Authority;
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::upkeep::{Expired, ExportList, Retention, Upkeep};

#[async_trait]
impl Upkeep for SqliteStore {
    async fn back_up(&self, target: &Path) -> Result<()> {
        let doing = "copying the database";
        let (database, target) = (self.path().to_owned(), target.to_owned());
        let (reply, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("store-backup".into())
            .spawn(move || drop(reply.send(backup::copy(&database, &target))))
            .map_err(|error| told(doing, error))?;
        answer.await.map_err(|_| Error::Engine {
            doing,
            source: "the thread ended without an answer".into(),
        })?
    }

    async fn expire(&self, retention: Retention) -> Result<(Expired, bool)> {
        self.write(Durability::Relaxed, "removing what expired", move |tx| {
            retention::expire(tx, retention)
        })
        .await
    }

    async fn export_user(&self, user: UserId) -> Result<serde_json::Value> {
        self.read("exporting a user", move |tx| person::export(tx, user))
            .await
    }

    async fn export_list(
        &self,
        user: UserId,
        list: ExportList,
        page: PageRequest,
    ) -> Result<Page<String>> {
        self.read("exporting a user", move |tx| {
            export::list(tx, user, list, &page)
        })
        .await
    }

    async fn begin_deletion(&self, user: UserId, by: Authority) -> Result<()> {
        self.write(Durability::Durable, "deleting a user", move |tx| {
            removal::begin(tx, user, by)
        })
        .await
    }

    async fn delete_user(&self, user: UserId, by: Authority) -> Result<()> {
        let doing = "deleting a user";
        self.begin_deletion(user, by).await?;
        let mut cleared = 0;
        loop {
            let removed = self
                .write(Durability::Durable, doing, move |tx| {
                    removal::pass(tx, user, cleared)
                })
                .await?;
            match removed {
                Removed::Part => {}
                Removed::Ledger(entry) => cleared = entry,
                Removed::All => break,
            }
        }
        for _ in 0..removal::CUTS_MAX {
            if self.write(Durability::Durable, doing, removal::cut).await? {
                break;
            }
        }
        self.empty_log(doing).await
    }

    async fn deletions(&self) -> Result<Vec<UserId>> {
        self.read("looking for deletions", removal::unfinished)
            .await
    }

    async fn check(&self) -> Result<()> {
        self.write(Durability::Durable, "checking that writing works", |tx| {
            // Written also where it is the same, which the engine leaves out of an UPDATE.
            tx.sql
                .pragma_update(None, "application_id", APPLICATION_ID)?;
            Ok(())
        })
        .await?;
        let doing = "checking that reading works";
        let database = self.path().to_owned();
        self.read(doing, move |tx| {
            tx.sql
                .prepare_cached("SELECT virtual FROM queue_root")?
                .query_row([], |row| row.get::<_, f64>(0))?;
            find_room(&database).map_err(|error| told("looking for room on the disk", error))?;
            Ok(())
        })
        .await
    }
}

impl SqliteStore {
    /// What was overwritten stands in the log as it was until that is emptied.
    async fn empty_log(&self, doing: &'static str) -> Result<()> {
        let database = self.path().to_owned();
        let (reply, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("store-empty".into())
            .spawn(move || drop(reply.send(checkpoint::empty(&database))))
            .map_err(|error| told(doing, error))?;
        let emptied = answer.await.map_err(|_| Error::Engine {
            doing,
            source: "the thread ended without an answer".into(),
        })?;
        match emptied {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "somebody reads for long: deleted bytes stay in the log until it begins anew"
            ),
            // What was to be deleted is, and nothing of it can be read through the store.
            Err(error) => tracing::error!(%error, "deleted bytes stay in the log"),
        }
        Ok(())
    }
}

/// Room that there has to be beside the database, bytes. The log takes small writes for long
/// after the disk is full, in room that it had before; a submission needs more than that.
const ROOM_BYTES: usize = 1 << 20;

/// Fails where the disk has no room. Nothing stays: the file has no name when it is written.
fn find_room(database: &Path) -> std::io::Result<()> {
    let name = backup::beside(database, &format!("-room-{}", std::process::id()));
    let mut file = File::create(&name)?;
    std::fs::remove_file(&name)?;
    file.write_all(&vec![0; ROOM_BYTES])
}
