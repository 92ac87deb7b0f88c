//! Figures of a worker, in OpenMetrics text.

use std::time::Duration;

use carrel_model::Cause;
use carrel_store::submission::Outcome;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::judging::PLATFORM_FAULT;

/// Upper bounds of the histograms, seconds.
const BUCKETS: [f64; 15] = [
    0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Kinds of incidents.
const INCIDENT_KINDS: [&str; 3] = ["forbidden_system_call", "process_storm", PLATFORM_FAULT];
/// How a canary run ends.
const CANARY_RESULTS: [&str; 2] = ["good", "failed"];

/// Where time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// From accepted to claimed.
    Queue,
    /// Judging.
    Judge,
    /// Writing the outcome until it is on the disk.
    Record,
    /// From accepted to recorded.
    Total,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Judge => "judge",
            Self::Record => "record",
            Self::Total => "total",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
    language: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    limit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

type Stages = Family<StageLabels, Histogram, fn() -> Histogram>;

/// All figures.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    stages: Stages,
    outcomes: Family<OutcomeLabels, Counter>,
    limits: Family<LimitLabels, Counter>,
    incidents: Family<KindLabels, Counter>,
    canaries: Family<ResultLabels, Counter>,
    faults: Counter,
    parked: Counter,
    taken_up: Counter,
    busy: Gauge,
    idle: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("carrel_worker");
        let stages: Stages = Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let metrics = Self {
            stages,
            outcomes: Family::default(),
            limits: Family::default(),
            incidents: Family::default(),
            canaries: Family::default(),
            faults: Counter::default(),
            parked: Counter::default(),
            taken_up: Counter::default(),
            busy: Gauge::default(),
            idle: Gauge::default(),
            registry: Registry::default(),
        };
        let of = "Time of a submission by stage and language";
        registry.register_with_unit("stage", of, Unit::Seconds, metrics.stages.clone());
        registry.register("outcomes", "Outcomes recorded", metrics.outcomes.clone());
        registry.register(
            "limits",
            "Submissions ended by a limit",
            metrics.limits.clone(),
        );
        registry.register("incidents", "Signs of weirdness", metrics.incidents.clone());
        registry.register("canaries", "Canary runs", metrics.canaries.clone());
        registry.register(
            "faults",
            "Attempts that ended in a fault of ours",
            metrics.faults.clone(),
        );
        registry.register(
            "parked",
            "Jobs parked for an operator",
            metrics.parked.clone(),
        );
        registry.register(
            "runs_taken_up",
            "Runs of an earlier life whose reports were used",
            metrics.taken_up.clone(),
        );
        registry.register("busy_slots", "Slots in use", metrics.busy.clone());
        registry.register(
            "idle_keepers",
            "Keepers ready for a run",
            metrics.idle.clone(),
        );
        metrics.begin_series();
        Self {
            registry,
            ..metrics
        }
    }

    /// An increase can be seen only of a series that was there before: what an alert asks for
    /// begins with zero.
    fn begin_series(&self) {
        for kind in INCIDENT_KINDS {
            let kind = kind.to_owned();
            drop(self.incidents.get_or_create(&KindLabels { kind }));
        }
        for result in CANARY_RESULTS {
            drop(self.canaries.get_or_create(&ResultLabels { result }));
        }
    }

    pub(crate) fn stage(&self, stage: Stage, language: &str, took: Duration) {
        let labels = StageLabels {
            stage: stage.name(),
            language: language.to_owned(),
        };
        self.stages
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    pub(crate) fn outcome(&self, outcome: &Outcome) {
        let (name, cause) = match outcome {
            Outcome::Judged(document) => (document.verdict.name(), document.cause.as_ref()),
            Outcome::Executed(result) => {
                let run = result.run.as_ref().or(result.compile.as_ref());
                ("executed", run.and_then(|run| run.cause.as_ref()))
            }
            Outcome::Refused { .. } => ("refused", None),
        };
        self.outcomes
            .get_or_create(&OutcomeLabels { outcome: name })
            .inc();
        if let Some(limit) = cause.and_then(limit_of) {
            self.limits.get_or_create(&LimitLabels { limit }).inc();
        }
    }

    pub(crate) fn incident(&self, kind: &str) {
        let kind = kind.to_owned();
        self.incidents.get_or_create(&KindLabels { kind }).inc();
    }

    pub(crate) fn canary(&self, good: bool) {
        let result = if good { "good" } else { "failed" };
        self.canaries.get_or_create(&ResultLabels { result }).inc();
    }

    pub(crate) fn fault(&self) {
        self.faults.inc();
    }

    pub(crate) fn parked(&self) {
        self.parked.inc();
    }

    pub(crate) fn runs_taken_up(&self, count: u32) {
        self.taken_up.inc_by(count.into());
    }

    pub(crate) fn level(&self, busy: usize, idle: usize) {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.busy.set(whole(busy));
        self.idle.set(whole(idle));
    }

    /// All of it as OpenMetrics text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing into a string cannot fail; then there are no figures this time.
            Err(_) => String::new(),
        }
    }
}

fn limit_of(cause: &Cause) -> Option<&'static str> {
    match cause {
        Cause::TimeLimit { .. } => Some("time"),
        Cause::MemoryLimit => Some("memory"),
        Cause::OutputLimit => Some("output"),
        Cause::DiskLimit => Some("disk"),
        Cause::ProcessLimit => Some("processes"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_out_as_text() {
        let metrics = Metrics::new();
        metrics.stage(Stage::Queue, "python", Duration::from_millis(3));
        metrics.canary(true);
        metrics.level(2, 5);
        let text = metrics.text();
        for line in [
            "carrel_worker_stage_seconds_bucket{le=\"0.005\",stage=\"queue\",language=\"python\"} 1",
            "carrel_worker_canaries_total{result=\"good\"} 1",
            "carrel_worker_busy_slots 2",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn what_alerts_ask_for_is_there_before_it_happens() {
        let place = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../packaging/prometheus/carrel.rules.yml"
        );
        let rules = std::fs::read_to_string(place).unwrap();
        let text = Metrics::new().text();
        let mut asked = 0;
        for name in rules.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
            if name.starts_with("carrel_worker_") {
                asked += 1;
                let series = |line: &str| line.starts_with(name) && line.ends_with(" 0");
                assert!(text.lines().any(series), "{name} not in:\n{text}");
            }
        }
        assert!(asked >= 3, "{rules}");
        for line in [
            "carrel_worker_canaries_total{result=\"failed\"} 0",
            "carrel_worker_incidents_total{kind=\"forbidden_system_call\"} 0",
            "carrel_worker_incidents_total{kind=\"process_storm\"} 0",
            "carrel_worker_incidents_total{kind=\"platform_fault\"} 0",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
