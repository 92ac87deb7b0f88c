//! What goes on beside requests, from start to stop.

use std::time::Duration;

use carrel_bus::Hint;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::app::App;
use crate::history::INTERVAL_SECONDS;
use crate::operation::measure_levels;
use crate::webhook::sending;
use crate::{account, applying, attempt, catalogue, holding, publish};

/// Starts all tasks; they end when the service stops.
pub(crate) fn start(app: &App) -> JoinSet<()> {
    let courses = catalogue::directory(app);
    if let Err(error) = publish::clean(&courses) {
        tracing::warn!(%error, path = %courses.display(), "cannot clean the directory of courses");
    }
    let mut tasks = JoinSet::new();
    tasks.spawn(hear(app.clone()));
    tasks.spawn(sending::run(app.clone()));
    tasks.spawn(expire(app.clone()));
    tasks.spawn(account::go_on_deleting(app.clone()));
    tasks.spawn(applying::go_on(app.clone()));
    tasks.spawn(sample(app.clone()));
    tasks.spawn(attempt::end_overdue(app.clone()));
    tasks
}

/// How often retention runs, seconds.
const EXPIRE_SECONDS: u64 = 3_600;
/// Pause between two bounded passes of retention, so that it never holds up live work, milliseconds.
const EXPIRE_PAUSE_MS: u64 = 250;

/// Removes what is older than it may be.
async fn expire(app: App) {
    let mut wait = Duration::from_secs(60);
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.stopped() => return,
        }
        holding::clean(&app).await;
        wait = match app.store.expire(app.config.retention).await {
            Ok((_, true)) => Duration::from_millis(EXPIRE_PAUSE_MS),
            Ok((expired, false)) => {
                tracing::debug!(?expired, "retention");
                Duration::from_secs(EXPIRE_SECONDS)
            }
            Err(error) => {
                tracing::warn!(%error, "retention failed");
                Duration::from_secs(EXPIRE_SECONDS)
            }
        };
    }
}

/// Ends the intervals of the history.
async fn sample(app: App) {
    let mut ticks = tokio::time::interval(Duration::from_secs(INTERVAL_SECONDS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.stopped() => return,
        }
        let levels = measure_levels(&app).await;
        if let Err(error) = &levels {
            tracing::debug!(%error, "an interval without levels");
        }
        app.metrics
            .history
            .close(jiff::Timestamp::now(), levels.ok());
    }
}

/// Passes hints of the bus on.
async fn hear(app: App) {
    let mut hints = app.bus.listen();
    loop {
        let heard = tokio::select! {
            heard = hints.recv() => heard,
            () = app.stopped() => return,
        };
        match heard {
            Ok(hint) => note(&app, &hint).await,
            Err(RecvError::Lagged(_)) => app.live.wake_all(),
            // Nobody sends any more: whoever waits looks by itself.
            Err(RecvError::Closed) => return,
        }
    }
}

async fn note(app: &App, hint: &Hint) {
    app.live.tell(hint);
    match hint {
        Hint::Events {
            submission,
            number: 1,
            last: false,
        } => {
            app.stages.start(*submission);
            app.door.open();
        }
        Hint::Events {
            submission,
            last: true,
            ..
        } => {
            app.door.open();
            if app.stages.follows(*submission)
                && let Ok(row) = app.store.submission(*submission).await
            {
                app.stages.end(&row, app.nodes.slots(), &app.metrics);
            }
        }
        Hint::Node { .. } => app.nodes.forget(),
        _ => {}
    }
}
