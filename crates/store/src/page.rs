//! Lists in pages.

use serde::{Deserialize, Serialize};

/// Most rows of one page.
pub const PAGE_MAX: u32 = 200;

/// Where the next page begins: opaque to callers, the key of the last row seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// Which page is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// After this row; `None`: from the start.
    pub after: Option<Cursor>,
    /// Rows wanted, at most [`PAGE_MAX`].
    pub limit: u32,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// Rows, newest first unless the list says otherwise.
    pub items: Vec<T>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<Cursor>,
}
