//! What the service measures of itself, in OpenMetrics form. Units are in the names.

pub mod families;

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::history::{History, Stage};

/// Upper bounds of the buckets of every histogram of time, seconds.
const BUCKETS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0,
];

/// Why work is refused.
const REFUSALS: [&str; 6] = [
    "busy",
    "too_much_queued",
    "no_worker",
    "no_environment",
    "disk_full",
    "store_full",
];
/// How deliveries of webhooks go.
const DELIVERIES: [&str; 3] = ["delivered", "failed", "given_up"];

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Labels of an answered request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// Route as it is written in the router, not the path asked for.
    pub route: String,
    /// Method.
    pub method: String,
    /// Status.
    pub status: u16,
}

/// Labels of a stage of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StageLabels {
    /// `accept`, `queue`, `run`, `total`.
    pub stage: &'static str,
    /// Language.
    pub language: String,
    /// `interactive`, `batch`, `regrade`.
    pub band: &'static str,
}

/// Labels of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct VerdictLabels {
    /// Verdict; `executed` for an execution, `refused`, `cancelled` or `parked` where there is none.
    pub verdict: &'static str,
    /// Language.
    pub language: String,
}

/// One label: why, to whom, how.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReasonLabels {
    /// Stable word.
    pub reason: &'static str,
}

/// All metrics of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Time to answer requests.
    pub requests: Histograms<RequestLabels>,
    /// Time of each stage of submissions that were accepted here.
    pub stages: Histograms<StageLabels>,
    /// Ends of submissions that were accepted here.
    pub verdicts: Family<VerdictLabels, Counter>,
    /// Work that was refused.
    pub refusals: Family<ReasonLabels, Counter>,
    /// Deliveries of webhooks by outcome.
    pub deliveries: Family<ReasonLabels, Counter>,
    /// Submissions whose verdict came after its target by the service's doing.
    pub late: Counter,
    /// Share of a target that may be spent waiting now.
    pub waiting_share: Gauge<f64, AtomicU64>,
    /// Open streams of events.
    pub streams: Gauge,
    /// Open connections.
    pub connections: Gauge,
    /// The last hour in short intervals.
    pub history: History,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Nothing measured yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("carrel_web");
        let requests = Histograms::new_with_constructor(histogram as fn() -> Histogram);
        registry.register_with_unit(
            "requests",
            "Time to answer requests",
            Unit::Seconds,
            requests.clone(),
        );
        let stages = Histograms::new_with_constructor(histogram as fn() -> Histogram);
        registry.register_with_unit(
            "submission_stages",
            "Time of stages of submissions accepted by this process",
            Unit::Seconds,
            stages.clone(),
        );
        let metrics = Self {
            requests,
            stages,
            verdicts: Family::default(),
            refusals: Family::default(),
            deliveries: Family::default(),
            late: Counter::default(),
            waiting_share: Gauge::default(),
            streams: Gauge::default(),
            connections: Gauge::default(),
            history: History::default(),
            registry,
        };
        metrics.register_counts()
    }

    fn register_counts(mut self) -> Self {
        let registry = &mut self.registry;
        let verdicts = self.verdicts.clone();
        registry.register("verdicts", "Ends of submissions accepted here", verdicts);
        let refusals = self.refusals.clone();
        registry.register("refusals", "Work that was refused", refusals);
        let deliveries = self.deliveries.clone();
        registry.register(
            "deliveries",
            "Deliveries of webhooks by outcome",
            deliveries,
        );
        let late = self.late.clone();
        registry.register(
            "late",
            "Verdicts that the service gave after their target",
            late,
        );
        let share = self.waiting_share.clone();
        share.set(crate::allowance::SHARE_MOST);
        registry.register(
            "waiting_share",
            "Share of a target that may be spent waiting now; cut when targets are missed",
            share,
        );
        registry.register("streams", "Open streams of events", self.streams.clone());
        registry.register("connections", "Open connections", self.connections.clone());
        self.begin_series()
    }

    /// An increase can be seen only of a series that was there before: what an alert asks for
    /// begins with zero.
    fn begin_series(self) -> Self {
        for reason in REFUSALS {
            drop(self.refusals.get_or_create(&ReasonLabels { reason }));
        }
        for reason in DELIVERIES {
            drop(self.deliveries.get_or_create(&ReasonLabels { reason }));
        }
        self
    }

    /// Counts a refusal of work.
    pub fn refuse(&self, reason: &'static str) {
        self.refusals.get_or_create(&ReasonLabels { reason }).inc();
        self.history.refuse();
    }

    /// Notes how long a stage of a submission took.
    pub fn observe_stage(&self, stage: Stage, language: &str, band: &'static str, seconds: f64) {
        let labels = StageLabels {
            stage: stage.name(),
            language: language.to_owned(),
            band,
        };
        self.stages.get_or_create(&labels).observe(seconds);
        self.history.observe(stage, seconds * 1_000.0);
    }

    /// Counts the end of a submission.
    pub fn end(&self, verdict: &'static str, language: &str) {
        let language = language.to_owned();
        self.verdicts
            .get_or_create(&VerdictLabels { verdict, language })
            .inc();
        self.history.end(verdict);
    }

    /// Counts a verdict after its target.
    pub fn miss(&self) {
        self.late.inc();
        self.history.miss();
    }

    /// In OpenMetrics text, without the closing line.
    ///
    /// # Errors
    /// A metric could not be written as text.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode_registry(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_observed_is_told() {
        let metrics = Metrics::new();
        metrics.refuse("busy");
        metrics.observe_stage(Stage::Run, "c", "interactive", 0.3);
        let text = metrics.encode().unwrap();
        assert!(
            text.contains("carrel_web_refusals_total{reason=\"busy\"} 1"),
            "{text}"
        );
        let bucket = "carrel_web_submission_stages_seconds_bucket{le=\"0.5\",stage=\"run\",language=\"c\",band=\"interactive\"} 1";
        assert!(text.contains(bucket), "{text}");
    }
}
