//! What a learner answers. Everything is named by id, so shuffling does not matter.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::Outcome;

/// An answer to one question, of the question's kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// Chosen options.
    Choice {
        /// Ids of the options, each once.
        options: Vec<String>,
    },
    /// True or false.
    TrueFalse {
        /// What was answered.
        value: bool,
    },
    /// What stands in the blanks, by id; a blank left empty may be left out.
    Blanks {
        /// Id of the blank, and what stands in it.
        blanks: BTreeMap<String, BlankAnswer>,
    },
    /// A typed text.
    ShortAnswer {
        /// As typed.
        text: String,
    },
    /// A typed number.
    Numeric {
        /// As typed; with its unit, where units are typed.
        number: String,
        /// The chosen unit, where units are chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// Targets by item; an item left open is left out.
    Matching {
        /// Id of the item, and id of its target.
        targets: BTreeMap<String, String>,
    },
    /// Items in order.
    Ordering {
        /// Ids of the items; what is left out was left out.
        items: Vec<String>,
    },
    /// What the program does.
    Tracing {
        /// What the learner expects.
        outcome: Outcome,
    },
    /// Lines with bugs.
    BugLine {
        /// Lines from 1, each once.
        lines: Vec<u32>,
    },
    /// A long text.
    Essay {
        /// As written.
        text: String,
        /// Names of the files added.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<String>,
    },
}

/// What stands in one blank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BlankAnswer {
    /// As typed.
    Typed(String),
    /// Ids of the chosen options.
    Chosen(Vec<String>),
}

impl Answer {
    /// Name of the kind it answers, as [`crate::Kind::name`].
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Choice { .. } => "choice",
            Self::TrueFalse { .. } => "true_false",
            Self::Blanks { .. } => "blanks",
            Self::ShortAnswer { .. } => "short_answer",
            Self::Numeric { .. } => "numeric",
            Self::Matching { .. } => "matching",
            Self::Ordering { .. } => "ordering",
            Self::Tracing { .. } => "tracing",
            Self::BugLine { .. } => "bug_line",
            Self::Essay { .. } => "essay",
        }
    }
}
