//! What operators read afterwards: incidents and the audit log. Only ever added to.

use async_trait::async_trait;
use carrel_model::id::{IncidentId, NodeId, SubmissionId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::page::{Page, PageRequest};

/// A sign of weirdness or a fault of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// Id.
    pub id: IncidentId,
    /// When.
    pub at: Timestamp,
    /// Where.
    pub node: Option<NodeId>,
    /// Which submission.
    pub submission: Option<SubmissionId>,
    /// Whose.
    pub user: Option<UserId>,
    /// Stable kind, for example `forbidden_system_call`, `platform_fault`.
    pub kind: String,
    /// What was seen.
    pub detail: String,
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// Who; `None`: nobody was signed in, or the command line.
    pub user: Option<UserId>,
    /// Through which token or `session`, `command_line`.
    pub through: String,
    /// Address it came from.
    pub address: Option<String>,
    /// Stable name, for example `token.create`, `session.failed`.
    pub action: String,
    /// Of which course; `None`: of none, or of one that was not told when it was written.
    pub course: Option<String>,
    /// To what.
    pub object: String,
    /// More, without secrets.
    pub detail: String,
}

/// Which incidents are wanted; all where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// Of submissions to this course that are still kept.
    pub course: Option<String>,
}

/// Which entries of the audit log are wanted; all where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this person.
    pub user: Option<UserId>,
    /// Of this course.
    pub course: Option<String>,
}

/// Keeps incidents and the audit log.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Adds incidents.
    async fn add_incidents(&self, incidents: Vec<IncidentRow>) -> Result<()>;
    /// A list, newest first.
    async fn incidents(
        &self,
        filter: IncidentFilter,
        page: PageRequest,
    ) -> Result<Page<IncidentRow>>;
    /// Adds to the audit log.
    async fn add_audit(&self, entry: AuditRow) -> Result<()>;
    /// A list, newest first.
    async fn audit(&self, filter: AuditFilter, page: PageRequest) -> Result<Page<AuditRow>>;
}
