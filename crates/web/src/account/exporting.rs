//! Exports on their way: few at once, each written while it is read.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use carrel_api::Code;
use carrel_model::id::UserId;
use carrel_store::export::Export;
use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::app::App;
use crate::attempt::OwnSight;
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// Exports at once.
const EXPORTS_MAX: usize = 4;
/// Largest piece that is handed to the reader: smaller than what a poor line takes in
/// [`READ_WAIT`], so that this bounds a silence and not a rate.
const PIECE_BYTES_MAX: usize = 64 * 1024;
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

/// Begins an export: the body of the answer, which breaks off where it cannot go on. Oneself is
/// told no more than the pages show; an operator gets all that is kept of another.
///
/// # Errors
/// The caller has one on its way, there are too many, or it cannot be read.
pub(super) async fn begin(app: &App, caller: &Caller, user: UserId) -> Result<Body> {
    let place = app.guards.exports.take(caller.id())?;
    let mut export = if caller.id() == user {
        Export::for_sight(user, Arc::new(OwnSight::new(app, caller)))
    } else {
        Export::new(user)
    };
    // What fails at once is told as a problem.
    let first = export.next(app.store.as_ref()).await?;
    let (sender, pieces) = mpsc::channel(1);
    let finished = Arc::new(AtomicBool::new(false));
    let body = Body::from_stream(hand_out(pieces, Arc::clone(&finished)));
    let app = app.clone();
    tokio::spawn(async move {
        let is_whole = tokio::select! {
            is_whole = write(&app, export, first, &sender) => is_whole,
            () = app.stopped() => false,
        };
        finished.store(is_whole, Ordering::Release);
        // The pieces end with their sender, and only then the flag is looked at.
        drop(sender);
        drop(place);
    });
    Ok(body)
}

/// The pieces as they come; where they end before the export was finished, an error, for without
/// it the answer would end as a whole one does.
fn hand_out(
    pieces: mpsc::Receiver<Bytes>,
    finished: Arc<AtomicBool>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let end = stream::once(async move {
        let is_whole = finished.load(Ordering::Acquire);
        (!is_whole).then(|| Err(io::Error::other("the export is broken off")))
    });
    ReceiverStream::new(pieces)
        .map(Ok::<Bytes, io::Error>)
        .chain(end.flat_map(stream::iter))
}

/// Gives the pieces to whoever reads them; says whether that was all.
async fn write(
    app: &App,
    mut export: Export,
    first: Option<String>,
    sender: &mpsc::Sender<Bytes>,
) -> bool {
    let mut next = first;
    while let Some(text) = next {
        let mut rest = Bytes::from(text);
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(PIECE_BYTES_MAX));
            if sender.send_timeout(piece, READ_WAIT).await.is_err() {
                return false;
            }
        }
        next = match export.next(app.store.as_ref()).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%error, "an export is broken off");
                return false;
            }
        };
    }
    true
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

    #[tokio::test]
    async fn an_export_that_is_broken_off_does_not_end_as_a_whole_one() {
        for is_whole in [true, false] {
            let (sender, pieces) = mpsc::channel(1);
            let finished = Arc::new(AtomicBool::new(false));
            let body = hand_out(pieces, Arc::clone(&finished));
            sender.send(Bytes::from_static(b"{")).await.unwrap();
            finished.store(is_whole, Ordering::Release);
            drop(sender);
            let told: Vec<_> = body.collect().await;
            let good = told.iter().filter(|piece| piece.is_ok()).count();
            let bad = told.len() - good;
            assert_eq!((good, bad), (1, usize::from(!is_whole)));
        }
    }
}
