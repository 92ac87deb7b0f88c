//! Drafts: what a person has written for a challenge and not sent yet, the same on every device.

use std::collections::BTreeMap;

use async_trait::async_trait;
use carrel_model::id::UserId;
use jiff::Timestamp;

use crate::error::Result;

/// Whose draft, of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftPlace {
    /// Whose.
    pub user: UserId,
    /// Course id.
    pub course: String,
    /// Challenge id.
    pub challenge: String,
}

/// A draft as kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftRow {
    /// Grows with every change and is never given twice; 0: there never was one.
    pub revision: u64,
    /// When it was changed last.
    pub changed_at: Option<Timestamp>,
    /// Files by path; none: there is no draft.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It is kept, under this number since this moment.
    Kept {
        /// Its number.
        revision: u64,
        /// When.
        at: Timestamp,
    },
    /// Somebody was there before (another tab or device): this is what is kept now.
    Behind(DraftRow),
}

/// Keeps drafts.
#[async_trait]
pub trait Drafts: Send + Sync {
    /// The draft; without files where there is none.
    async fn draft(&self, place: DraftPlace) -> Result<DraftRow>;

    /// Replaces the draft (no files: throws it away) where it still is the one of `revision`;
    /// returns when that is on the disk. The same files again are no change.
    async fn change_draft(
        &self,
        place: DraftPlace,
        revision: u64,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Result<Changed>;
}
