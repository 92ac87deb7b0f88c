//! Deleting people: begun by a request, carried on by the service, whoever goes and whatever stops.

use std::sync::Arc;
use std::time::Duration;

use carrel_model::id::UserId;
use carrel_store::account::Authority;

use crate::app::App;
use crate::problem::{Problem, Result};

/// How often deletions are looked for that something stopped.
const LOOK_EVERY: Duration = Duration::from_secs(3_600);

/// Deletes somebody. That they are being deleted is on the disk before anything else, and the
/// work is not this request's: it goes on when nobody waits for it any more.
///
/// # Errors
/// There is no such person, the power it is done by is gone, or something is left that [`go_on`]
/// will come back to.
pub(super) async fn delete(app: &App, user: UserId, by: Authority) -> Result<()> {
    let store = Arc::clone(&app.store);
    let work = tokio::spawn(async move { store.delete_user(user, by).await });
    let deleted = work.await.map_err(|error| Problem::internal(&error))?;
    Ok(deleted?)
}

/// Goes on with deletions that were stopped, at the start and then at times.
pub(crate) async fn go_on(app: App) {
    loop {
        if let Err(error) = finish_all(&app).await {
            tracing::warn!(%error, "a deletion of a person is not finished yet");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = app.stopped() => return,
        }
    }
}

async fn finish_all(app: &App) -> carrel_store::error::Result<()> {
    let mut last = Ok(());
    for user in app.store.deletions().await? {
        if app.is_stopping() {
            break;
        }
        // One that cannot be finished keeps no other from it.
        match app.store.delete_user(user, Authority::Host).await {
            Ok(()) => tracing::info!(%user, "a deletion that was stopped is finished"),
            // A request that works at the same one was there first.
            Err(carrel_store::Error::Missing { .. }) => {}
            Err(error) => last = Err(error),
        }
    }
    last
}
