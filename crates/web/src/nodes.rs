//! Nodes as they last told of themselves: read from the store a few times per second at most.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use carrel_store::node::{NodeOrders, NodeRow};

use crate::app::App;
use crate::problem::Result;

/// How old the view may be, milliseconds.
const AGE_MS_MAX: u64 = 500;

/// Most nodes that are told of one by one where none takes work.
const NODES_TOLD_MAX: usize = 5;

/// The view.
#[derive(Debug, Default)]
pub struct NodeView {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    read_at: Option<Instant>,
    rows: Arc<Vec<NodeRow>>,
    /// Last capacity above zero, and when it was told.
    capacity: Option<(Instant, Capacity)>,
}

/// What all nodes that take work can do together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Capacity {
    /// Processor milliseconds per millisecond.
    pub rate: f64,
    /// Submissions at once.
    pub slots: u64,
    /// So many more while every slot is held for long.
    pub spare: u64,
}

impl NodeView {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nodes that told of themselves lately.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn rows(&self, app: &App) -> Result<Arc<Vec<NodeRow>>> {
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = kept
                .read_at
                .is_some_and(|at| at.elapsed() < Duration::from_millis(AGE_MS_MAX));
            if fresh {
                return Ok(Arc::clone(&kept.rows));
            }
        }
        let silence_ms = app.config.admission.node_silence_ms;
        let rows = Arc::new(app.store.nodes(silence_ms).await?);
        let capacity = measure(&rows);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.read_at = Some(now);
        kept.rows = Arc::clone(&rows);
        if capacity.rate > 0.0 {
            kept.capacity = Some((now, capacity));
        } else if !rows.is_empty() && rows.iter().all(|row| Standing::of(row).lasts()) {
            // What is accepted now would wait until somebody does something.
            kept.capacity = None;
        }
        Ok(rows)
    }

    /// What can be done; a worker that restarts still counts as it was for a while. `None`: nothing.
    ///
    /// # Errors
    /// Nodes cannot be read.
    pub async fn capacity(&self, app: &App) -> Result<Option<Capacity>> {
        self.rows(app).await?;
        let silence = Duration::from_millis(app.config.admission.node_silence_ms);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, capacity) = match kept.capacity {
            Some(known) => known,
            None => return Ok(None),
        };
        Ok((at.elapsed() < silence).then_some(capacity))
    }

    /// Submissions at once, as last told; at least one.
    #[must_use]
    pub fn slots(&self) -> u64 {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.capacity
            .map_or(1, |(_, capacity)| capacity.slots.max(1))
    }

    /// The next look reads anew.
    pub fn forget(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.read_at = None;
    }
}

/// What a node is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Takes work.
    Working,
    /// An operator wants it to take nothing new.
    Drained,
    /// Has no environment that may be used for judging.
    NoEnvironment,
    /// Its last canary run failed: it cannot make sandboxes.
    CanaryFailed,
    /// Its worker ends.
    Stopping,
}

impl Standing {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Working,
        Self::Drained,
        Self::NoEnvironment,
        Self::CanaryFailed,
        Self::Stopping,
    ];

    /// Of a node as it last told of itself.
    #[must_use]
    pub fn of(row: &NodeRow) -> Self {
        let report = &row.report;
        if row.orders == NodeOrders::Drain {
            Self::Drained
        } else if report.accepting {
            Self::Working
        } else if report.environments.is_empty() {
            Self::NoEnvironment
        } else if report.canary_ms.is_none() {
            Self::CanaryFailed
        } else {
            Self::Stopping
        }
    }

    /// As a label.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Drained => "drained",
            Self::NoEnvironment => "no_environment",
            Self::CanaryFailed => "canary_failed",
            Self::Stopping => "stopping",
        }
    }

    /// Whether somebody has to do something before it takes work again: it is no restart.
    fn lasts(self) -> bool {
        matches!(self, Self::Drained | Self::NoEnvironment)
    }

    /// In words, after the name of the node.
    fn words(self) -> &'static str {
        match self {
            Self::Working => "takes work",
            Self::Drained => "is drained by an operator",
            Self::NoEnvironment => "has no environment that may be used for judging",
            Self::CanaryFailed => "cannot make sandboxes (its canary run failed)",
            Self::Stopping => "is ending",
        }
    }
}

/// Why nothing can be judged, where no node takes work.
#[must_use]
pub fn tell_idle(rows: &[NodeRow]) -> String {
    if rows.is_empty() {
        return "no worker has told of itself lately".to_owned();
    }
    let tell = |row: &NodeRow| format!("node `{}` {}", row.report.host, Standing::of(row).words());
    let mut told: Vec<String> = rows.iter().take(NODES_TOLD_MAX).map(tell).collect();
    if let Some(more) = rows
        .len()
        .checked_sub(NODES_TOLD_MAX)
        .filter(|more| *more > 0)
    {
        told.push(format!("{more} more"));
    }
    told.join("; ")
}

fn measure(rows: &[NodeRow]) -> Capacity {
    let working = |row: &&NodeRow| Standing::of(row) == Standing::Working;
    let mut capacity = Capacity::default();
    for row in rows.iter().filter(working) {
        capacity.rate += f64::from(row.report.rate_milli) / 1_000.0;
        capacity.slots += u64::from(row.report.slots);
        capacity.spare += u64::from(row.report.spare_slots);
    }
    capacity
}
