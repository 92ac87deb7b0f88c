//! How the service does: the last hour in numbers, for operators.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use carrel_api::operation::{self, HistoryQuery, StageTime};

use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Query};
use crate::history::{Happened, INTERVAL_SECONDS, INTERVALS_MAX, Interval, Levels, Stage};
use crate::openapi::tagged;
use crate::problem::Result;

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/history",
        get_with(
            show_history,
            tagged(
                "Operation",
                "The last hour of this process in short intervals",
            ),
        ),
    )
}

/// How full things are now.
///
/// # Errors
/// The store does not answer.
pub async fn measure_levels(app: &App) -> Result<Levels> {
    let depth = app.store.depth().await?;
    let rows = app.nodes.rows(app).await?;
    let sum = |part: fn(&carrel_store::node::NodeReport) -> u32| {
        rows.iter().map(|row| u64::from(part(&row.report))).sum()
    };
    Ok(Levels {
        depth,
        nodes: rows.len() as u64,
        slots: sum(|report| report.slots),
        busy: sum(|report| report.busy),
    })
}

async fn show_history(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<operation::History>> {
    caller.require_operator()?;
    let most = count_intervals(query.seconds);
    let history = &app.metrics.history;
    Ok(Json(operation::History {
        interval_seconds: INTERVAL_SECONDS,
        target_ms: app.config.admission.target_ms,
        together: show_happened(&history.together(most)),
        intervals: history.intervals(most).iter().map(show_interval).collect(),
    }))
}

fn count_intervals(seconds: Option<u32>) -> usize {
    let Some(seconds) = seconds else {
        return INTERVALS_MAX;
    };
    let intervals = u64::from(seconds).div_ceil(INTERVAL_SECONDS);
    usize::try_from(intervals).map_or(INTERVALS_MAX, |count| count.min(INTERVALS_MAX))
}

fn show_interval(interval: &Interval) -> operation::Interval {
    operation::Interval {
        at: interval.at,
        happened: show_happened(&interval.happened),
        levels: interval.levels.as_ref().map(show_levels),
    }
}

fn show_levels(levels: &Levels) -> operation::Levels {
    operation::Levels {
        queued: levels.depth.queued,
        running: levels.depth.running,
        parked: levels.depth.parked,
        oldest_queued_ms: levels.depth.oldest_ms,
        nodes: levels.nodes,
        slots: levels.slots,
        busy: levels.busy,
    }
}

fn show_happened(happened: &Happened) -> operation::Happened {
    let stages = Stage::ALL.into_iter().filter_map(|stage| {
        let durations = happened.stage(stage);
        let time = StageTime {
            count: durations.count(),
            p50_ms: durations.quantile_ms(0.5)?,
            p99_ms: durations.quantile_ms(0.99)?,
            max_ms: durations.max_ms(),
        };
        Some((stage.name().to_owned(), time))
    });
    let verdicts = happened.verdicts.iter();
    operation::Happened {
        stages: stages.collect(),
        verdicts: verdicts
            .map(|(verdict, count)| ((*verdict).to_owned(), *count))
            .collect::<BTreeMap<_, _>>(),
        refused: happened.refused,
        late: happened.late,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_asked_for_is_bounded() {
        assert_eq!(count_intervals(None), INTERVALS_MAX);
        assert_eq!(count_intervals(Some(0)), 0);
        assert_eq!(count_intervals(Some(1)), 1);
        assert_eq!(count_intervals(Some(60)), 6);
        assert_eq!(count_intervals(Some(u32::MAX)), INTERVALS_MAX);
    }

    #[test]
    fn stages_without_a_duration_are_left_out() {
        let history = crate::history::History::default();
        history.observe(Stage::Run, 40.0);
        let shown = show_happened(&history.together(1));
        assert_eq!(shown.stages.keys().collect::<Vec<_>>(), ["run"]);
        assert_eq!(shown.stages["run"].max_ms, 40.0);
    }
}
