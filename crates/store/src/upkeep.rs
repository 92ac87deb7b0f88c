//! Backup, retention, a person's data, checks of health.

use std::path::Path;

use async_trait::async_trait;
use carrel_model::id::UserId;
use serde::{Deserialize, Serialize};

use crate::account::Authority;
use crate::error::Result;
use crate::page::{Page, PageRequest};

/// How long things are kept, days; `None`: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Files of submissions (the row with its verdict stays), and drafts nobody has touched since.
    pub sources_days: Option<u32>,
    /// Outputs, documents and events (verdict and points stay).
    pub outputs_days: Option<u32>,
    /// Ad-hoc executions, wholly.
    pub executions_days: Option<u32>,
    /// Incidents and the audit log.
    pub ledger_days: Option<u32>,
    /// Questions and answers of quiz attempts that were submitted (the grade stays).
    pub attempts_days: Option<u32>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            sources_days: None,
            outputs_days: Some(365),
            executions_days: Some(7),
            ledger_days: Some(365),
            attempts_days: None,
        }
    }
}

/// What one pass of retention removed, rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expired {
    /// Submissions whose files went.
    pub sources: u64,
    /// Drafts.
    pub drafts: u64,
    /// Submissions whose outputs went.
    pub outputs: u64,
    /// Executions.
    pub executions: u64,
    /// Incidents and audit entries.
    pub ledger: u64,
    /// Attempts whose questions and answers went.
    pub attempts: u64,
}

/// A list of an export that may be long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportList {
    /// Files of drafts.
    Drafts,
    /// Submissions with files and verdicts.
    Submissions,
    /// Attempts with papers, responses and marks.
    Attempts,
    /// Incidents.
    Incidents,
    /// Entries of the audit log by the person and about them.
    Audit,
}

impl ExportList {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Drafts,
        Self::Submissions,
        Self::Attempts,
        Self::Incidents,
        Self::Audit,
    ];

    /// Its key in the export.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drafts => "drafts",
            Self::Submissions => "submissions",
            Self::Attempts => "attempts",
            Self::Incidents => "incidents",
            Self::Audit => "audit",
        }
    }
}

/// Looks after the whole.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Writes a consistent copy while work goes on.
    async fn back_up(&self, target: &Path) -> Result<()>;
    /// Removes what is older than it may be; bounded work per call, says whether more is left.
    async fn expire(&self, retention: Retention) -> Result<(Expired, bool)>;
    /// What is kept of one person as a JSON object, without the lists of [`ExportList`]; all of
    /// it together is an [`Export`](crate::export::Export).
    async fn export_user(&self, user: UserId) -> Result<serde_json::Value>;
    /// A page of a list that belongs to that, each item a JSON object as text. Bounded by its
    /// bytes too.
    async fn export_list(
        &self,
        user: UserId,
        list: ExportList,
        page: PageRequest,
    ) -> Result<Page<String>>;
    /// Begins to remove a person: they are signed out for good, and what is kept of them goes
    /// with [`Self::delete_user`], whoever calls it and whenever. By whose power is looked at in
    /// this moment.
    async fn begin_deletion(&self, user: UserId, by: Authority) -> Result<()>;
    /// Removes a person and all that is kept of them; in the audit log entries by them and about
    /// them stay, without person, address and detail. Begins it where that was not done yet.
    async fn delete_user(&self, user: UserId, by: Authority) -> Result<()>;
    /// Those whose removal was begun and is not over.
    async fn deletions(&self) -> Result<Vec<UserId>>;
    /// Reads and writes a little: `Ok` means that both work now, and that there is room for more.
    async fn check(&self) -> Result<()>;
}
