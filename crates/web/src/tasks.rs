//! What goes on beside requests, from start to stop.

use carrel_bus::Hint;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use crate::app::App;

/// Starts all tasks; they end when the service stops.
pub(crate) fn start(app: &App) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(hear(app.clone()));
    tasks
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
            last: true,
            ..
        } if app.stages.follows(*submission) => {
            if let Ok(row) = app.store.submission(*submission).await {
                app.stages.end(&row, &app.metrics);
            }
        }
        Hint::Node { .. } => app.nodes.forget(),
        _ => {}
    }
}
