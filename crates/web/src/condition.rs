//! How the service does, in one word, with the reasons: for `/healthz` and the operators' page.

use std::time::{Duration, Instant};

use carrel_model::quantity::number_of;
use carrel_store::queue::Depth;
use tokio::sync::Mutex;

use crate::app::App;
use crate::nodes::tell_idle;
use crate::problem::Result;
use crate::stages::Lateness;

/// How old an answer of the store may be, milliseconds: whoever asks often costs no writes.
const AGE_MS_MAX: u64 = 1_000;

/// In one word. The worse comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// All is well.
    Good,
    /// Targets are missed.
    Late,
    /// Nothing can be judged: no node takes work.
    NotJudging,
    /// The store does not keep what it is given.
    Failing,
}

impl Condition {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Good, Self::Late, Self::NotJudging, Self::Failing];

    /// As it is written in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Late => "late",
            Self::NotJudging => "not_judging",
            Self::Failing => "failing",
        }
    }
}

/// What was found, with what it was found from.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The worst of it.
    pub condition: Condition,
    /// All that is not well, worst first.
    pub reasons: Vec<String>,
    /// Targets of the last minute.
    pub lateness: Lateness,
    /// What waits.
    pub depth: Depth,
    /// Nodes that told of themselves lately.
    pub nodes: usize,
}

/// The last answer of the store to whether it reads and writes.
#[derive(Debug, Default)]
pub struct StoreCheck {
    kept: Mutex<Option<(Instant, Result<()>)>>,
}

impl StoreCheck {
    /// Asks, where the last answer is too old.
    ///
    /// # Errors
    /// The store does not read or write, or has no room.
    pub async fn ask(&self, app: &App) -> Result<()> {
        let mut kept = self.kept.lock().await;
        if let Some((at, answer)) = kept.as_ref()
            && at.elapsed() < Duration::from_millis(AGE_MS_MAX)
        {
            return answer.clone();
        }
        let answer = app.store.check().await.map_err(Into::into);
        *kept = Some((Instant::now(), answer.clone()));
        answer
    }
}

/// Looks at the store, the nodes and the targets.
pub async fn look(app: &App) -> Finding {
    let mut found = Vec::new();
    if let Err(problem) = app.store_check.ask(app).await {
        found.push((
            Condition::Failing,
            format!("nothing new can be kept: {problem}"),
        ));
    }
    let (capacity, rows) = (app.nodes.capacity(app).await, app.nodes.rows(app).await);
    let rows = rows.unwrap_or_default();
    if matches!(capacity, Ok(None)) {
        let reason = format!("nothing can be judged: {}", tell_idle(&rows));
        found.push((Condition::NotJudging, reason));
    }
    let depth = app.store.depth().await.unwrap_or_default();
    let lateness = app.stages.lateness(depth.overdue);
    if lateness.late {
        found.push((Condition::Late, tell_late(lateness)));
    }
    Finding {
        condition: found.first().map_or(Condition::Good, |(first, _)| *first),
        reasons: found.into_iter().map(|(_, reason)| reason).collect(),
        lateness,
        depth,
        nodes: rows.len(),
    }
}

fn tell_late(lateness: Lateness) -> String {
    format!(
        "{} of {} of the last minute missed the target, {} beyond theirs",
        lateness.missed,
        number_of(lateness.ended, "verdict", "verdicts"),
        number_of(
            lateness.overdue,
            "more submission waits",
            "more submissions wait"
        )
    )
}
