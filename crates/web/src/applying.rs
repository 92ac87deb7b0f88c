//! Putting previews of regrades and rescores in force: begun by a request, carried on by the
//! service, whoever goes and whatever stops.

use std::time::Duration;

use carrel_store::error::Result as Kept;
use carrel_store::regrade::RegradeRow;
use carrel_store::rescore::RescoreRow;

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::problem::{Problem, Result};

/// How often work is looked for that something stopped.
const LOOK_EVERY: Duration = Duration::from_secs(3_600);

/// Makes the results of a finished preview count. That they are going to is on the disk before
/// anything else, and the work is not this request's: it goes on when nobody waits for it any
/// more.
///
/// # Errors
/// It is no preview, or not finished; or something is left that [`go_on`] will come back to.
pub(crate) async fn apply_regrade(
    app: &App,
    auditor: &Auditor,
    row: &RegradeRow,
) -> Result<RegradeRow> {
    let id = row.regrade.id;
    let (app, auditor) = (app.clone(), auditor.of_course(&row.regrade.course));
    carry_out(async move {
        if app.store.begin_applying(id).await? {
            auditor.record(&app, action::REGRADE_APPLY, id, "").await;
        }
        app.store.apply(id).await
    })
    .await
}

/// Makes a preview of other points count, as [`apply_regrade`] does.
///
/// # Errors
/// Something is left that [`go_on`] will come back to.
pub(crate) async fn apply_rescore(
    app: &App,
    auditor: &Auditor,
    row: &RescoreRow,
) -> Result<RescoreRow> {
    let id = row.rescore.id;
    let (app, auditor) = (app.clone(), auditor.of_course(&row.rescore.course));
    carry_out(async move {
        if app.store.begin_applying_rescore(id).await? {
            auditor.record(&app, action::RESCORE_APPLY, id, "").await;
        }
        app.store.apply_rescore(id).await
    })
    .await
}

/// Does the work as a task of its own.
async fn carry_out<T: Send + 'static>(
    work: impl Future<Output = Kept<T>> + Send + 'static,
) -> Result<T> {
    let done = tokio::spawn(work).await;
    Ok(done.map_err(|error| Problem::internal(&error))??)
}

/// Goes on with what was stopped, at the start and then at times.
pub(crate) async fn go_on(app: App) {
    loop {
        if let Err(error) = finish_all(&app).await {
            tracing::warn!(%error, "a regrade or rescore is not applied yet");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.stopped() => return,
        }
    }
}

async fn finish_all(app: &App) -> Kept<()> {
    let mut last = Ok(());
    for regrade in app.store.applying().await? {
        if app.is_stopping() {
            return last;
        }
        // One that cannot be finished keeps no other from it.
        match app.store.apply(regrade).await {
            Ok(_) => tracing::info!(%regrade, "a regrade whose applying was stopped is applied"),
            Err(error) => last = Err(error),
        }
    }
    for rescore in app.store.applying_rescores().await? {
        if app.is_stopping() {
            return last;
        }
        match app.store.apply_rescore(rescore).await {
            Ok(_) => tracing::info!(%rescore, "a rescore whose applying was stopped is applied"),
            Err(error) => last = Err(error),
        }
    }
    last
}
