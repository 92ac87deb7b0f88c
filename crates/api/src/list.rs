//! Lists in pages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}List")]
pub struct List<T> {
    /// Rows of this page.
    pub items: Vec<T>,
    /// Give this as `cursor` to get the next page; absent: this was the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PageQuery {
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Rows wanted, from 1 to 200; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
}
