//! Hosts and their workers.

use async_trait::async_trait;
use carrel_model::id::NodeId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// What a worker tells of itself at every beat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Id.
    pub id: NodeId,
    /// Counts the lives of its worker, from 1.
    pub epoch: u64,
    /// Host name.
    pub host: String,
    /// Version of the program.
    pub version: String,
    /// Submissions it judges at once.
    pub slots: u32,
    /// Submissions that it judges beyond them while every slot is held for long
    /// ([`crate::spare`]).
    #[serde(default)]
    pub spare_slots: u32,
    /// Slots that are busy, spare ones too.
    pub busy: u32,
    /// Processor time per second of wall time that judging gets here, thousandths (2000: two processors).
    pub rate_milli: u32,
    /// Environments it has: name and digest (`None`: not repeatable).
    pub environments: Vec<(String, Option<String>)>,
    /// Languages it runs: id, version told by the environment, name of the environment.
    pub languages: Vec<LanguageReport>,
    /// Layers of isolation that it lacks.
    pub missing_layers: Vec<String>,
    /// Takes new work.
    pub accepting: bool,
    /// The last canary run through the real path took this long, milliseconds; `None`: it failed.
    pub canary_ms: Option<f64>,
    /// Metrics of the worker in OpenMetrics text, for the web to show beside its own.
    pub metrics: String,
}

/// A language that a worker runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageReport {
    /// Id, as challenges name it.
    pub id: String,
    /// Version of its runtime or compiler, for example `3.11.2`.
    pub version: String,
    /// Environment it runs in.
    pub environment: String,
    /// Has a compile step.
    pub compiled: bool,
}

/// A node as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRow {
    /// Last report.
    pub report: NodeReport,
    /// When it came.
    pub beat_at: Timestamp,
    /// What an operator wants of it.
    pub orders: NodeOrders,
}

/// What an operator wants of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeOrders {
    /// Work.
    Work,
    /// Finish what runs, take nothing new.
    Drain,
}

/// Keeps nodes.
#[async_trait]
pub trait Nodes: Send + Sync {
    /// Notes a beat; tells what an operator wants.
    async fn beat(&self, report: NodeReport) -> Result<NodeOrders>;
    /// All nodes that beat within this time, milliseconds.
    async fn nodes(&self, within_ms: u64) -> Result<Vec<NodeRow>>;
    /// Tells a node what is wanted.
    async fn order(&self, id: NodeId, orders: NodeOrders) -> Result<()>;
}
