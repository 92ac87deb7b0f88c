//! Exports on their way: few at once, each written while it is read.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use carrel_api::Code;
use carrel_model::id::UserId;
use carrel_store::export::Export;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::app::App;
use crate::problem::{Problem, Result};

/// Exports at once.
const EXPORTS_MAX: usize = 4;
/// Longest that a piece waits for its reader: who reads no more gives their place to others.
const READ_WAIT: Duration = Duration::from_secs(30);
/// When to come back, milliseconds.
const RETRY_MS: u64 = 10_000;

/// Who has an export on its way.
#[derive(Debug, Default)]
pub(super) struct Exports {
    callers: Arc<Mutex<BTreeSet<UserId>>>,
}

/// The place of one export, until it is dropped.
struct Place {
    callers: Arc<Mutex<BTreeSet<UserId>>>,
    caller: UserId,
}

impl Exports {
    fn take(&self, caller: UserId) -> Result<Place> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let detail = if callers.contains(&caller) {
            "an export of yours is on its way; one at a time"
        } else if callers.len() >= EXPORTS_MAX {
            "as many exports as may be are on their way; come back in a while"
        } else {
            callers.insert(caller);
            return Ok(Place {
                callers: Arc::clone(&self.callers),
                caller,
            });
        };
        Err(Problem::new(Code::RateLimited, detail).with_retry_after(RETRY_MS))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.remove(&self.caller);
    }
}

/// Begins an export: the body of the answer, which breaks off where it cannot go on.
///
/// # Errors
/// The caller has one on its way, there are too many, or it cannot be read.
pub(super) async fn begin(app: &App, caller: UserId, user: UserId) -> Result<Body> {
    let place = app.guards.exports.take(caller)?;
    let mut export = Export::new(user);
    // What fails at once is told as a problem.
    let first = export.next(app.store.as_ref()).await?;
    let (sender, pieces) = mpsc::channel::<io::Result<String>>(1);
    let app = app.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = write(&app, export, first, &sender) => {}
            () = app.stopped() => {
                drop(sender.try_send(Err(io::Error::other("the service stops"))));
            }
        }
        drop(place);
    });
    Ok(Body::from_stream(ReceiverStream::new(pieces)))
}

/// Gives the pieces to whoever reads them.
async fn write(
    app: &App,
    mut export: Export,
    first: Option<String>,
    sender: &mpsc::Sender<io::Result<String>>,
) {
    let mut piece = Ok(first);
    loop {
        let (sent, is_last) = match piece {
            Ok(Some(text)) => (Ok(text), false),
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "an export is broken off");
                (Err(io::Error::other(error)), true)
            }
        };
        let taken = sender.send_timeout(sent, READ_WAIT).await;
        if taken.is_err() || is_last {
            return;
        }
        piece = export.next(app.store.as_ref()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_one_export_and_all_together_a_few() {
        let exports = Exports::default();
        let ann = UserId::new();
        let first = exports.take(ann).ok();
        assert!(first.is_some() && exports.take(ann).is_err());
        let others: Vec<_> = (1..EXPORTS_MAX)
            .map(|_| exports.take(UserId::new()).ok())
            .collect();
        assert!(others.iter().all(Option::is_some));
        let refused = exports.take(UserId::new()).err().unwrap();
        assert_eq!(refused.code(), Code::RateLimited);
        drop(first);
        assert!(exports.take(ann).is_ok(), "its place is free again");
    }
}
