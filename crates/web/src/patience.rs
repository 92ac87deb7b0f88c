//! Bodies that come too slowly are given up: a connection is a thing that everybody shares, and
//! who sends nothing holds it all the same.
//!
//! A sender may be silent for so long at a time, and on the average no slower than a poor line
//! is. Only the time counts in which the service waits for the sender.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use carrel_api::Code;
use futures_util::stream::{Stream as _, poll_fn};
use tokio::time::Sleep;

use crate::app::App;
use crate::dialect;
use crate::problem::Problem;

/// Slowest line that is waited for, bytes per second on the average.
const BYTES_PER_SECOND_MIN: u64 = 1_024;

/// The sender did not go on in time.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct Slow;

/// How long a sender is waited for.
#[derive(Debug)]
struct Patience {
    /// Longest silence.
    silence: Duration,
    received: u64,
    waited: Duration,
}

impl Patience {
    /// What is left of it: what was sent earns time on top of one silence.
    fn left(&self) -> Duration {
        let earned = Duration::from_secs(self.received / BYTES_PER_SECOND_MIN);
        let all = self.silence.saturating_add(earned);
        all.saturating_sub(self.waited).min(self.silence)
    }
}

/// A body that ends with [`Slow`] where patience does.
struct Watched {
    chunks: BodyDataStream,
    patience: Patience,
    /// Since when the present wait goes on, and its end.
    wait: Option<(Instant, Pin<Box<Sleep>>)>,
    /// It was given up.
    given_up: Arc<AtomicBool>,
}

impl Watched {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        if self.given_up.load(Ordering::Relaxed) {
            return Poll::Ready(None);
        }
        if let Poll::Ready(next) = pin!(&mut self.chunks).poll_next(context) {
            if let Some((since, _)) = self.wait.take() {
                self.patience.waited += since.elapsed();
            }
            if let Some(Ok(chunk)) = &next {
                self.patience.received += chunk.len() as u64;
            }
            return Poll::Ready(next);
        }
        let left = self.patience.left();
        let begin = || (Instant::now(), Box::pin(tokio::time::sleep(left)));
        let (_, end) = self.wait.get_or_insert_with(begin);
        if end.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.given_up.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new(Slow))))
    }
}

/// Middleware: whatever a route made of the end of such a body, its sender is told why.
pub(crate) async fn wait(State(app): State<App>, request: Request, next: Next) -> Response {
    use axum::body::HttpBody as _;
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    let (parts, body) = request.into_parts();
    let given_up = Arc::new(AtomicBool::new(false));
    let mut watched = Watched {
        chunks: body.into_data_stream(),
        patience: Patience {
            silence: Duration::from_millis(app.config.body_timeout_ms),
            received: 0,
            waited: Duration::ZERO,
        },
        wait: None,
        given_up: Arc::clone(&given_up),
    };
    let body = Body::from_stream(poll_fn(move |context| watched.poll(context)));
    let response = next.run(Request::from_parts(parts, body)).await;
    if !given_up.load(Ordering::Relaxed) {
        return response;
    }
    let detail = format!(
        "the body did not go on for {} s, or came slower than {BYTES_PER_SECOND_MIN} bytes per \
         second; send it again over a better line",
        app.config.body_timeout_ms.div_ceil(1_000)
    );
    let mut response = dialect::refuse(&path, Problem::new(Code::TooSlow, detail));
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_bounded_and_so_is_a_trickle() {
        let left = |received, waited| {
            let patience = Patience {
                silence: Duration::from_secs(30),
                received,
                waited: Duration::from_secs(waited),
            };
            patience.left().as_secs()
        };
        assert_eq!(left(0, 0), 30);
        assert_eq!(left(3, 29), 1, "a byte now and then earns nothing");
        assert_eq!(left(40, 31), 0);
        assert_eq!(left(BYTES_PER_SECOND_MIN * 100, 100), 30);
        assert_eq!(left(BYTES_PER_SECOND_MIN * 100, 125), 5);
        assert_eq!(left(1 << 40, 1_000_000), 30, "no upload is too long");
    }
}
