//! Takes what is left of a request's body when it was answered without reading all of it.
//!
//! A connection whose body is not read to its end has to be closed, and a client that is
//! still sending then sees a broken connection in place of the answer. A little is
//! read away; of a client that sends more, the connection is closed, and the answer says so.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::header::{CONNECTION, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::stream::{Stream, StreamExt as _, poll_fn};

/// Most bytes that are read away.
const BYTES_MAX: usize = 1 << 20;
/// Longest time that is spent on it, milliseconds.
const WAIT_MS: u64 = 1_000;

/// The body, in the hands of whoever reads it now.
#[derive(Clone)]
struct Shared(Arc<Mutex<Source>>);

struct Source {
    chunks: BodyDataStream,
    ended: bool,
}

impl Shared {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if source.ended {
            return Poll::Ready(None);
        }
        let polled = pin!(&mut source.chunks).poll_next(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            source.ended = true;
        }
        polled
    }

    fn has_ended(&self) -> bool {
        let source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        source.ended
    }

    /// Reads the rest; says whether that was all.
    async fn drain(&self) -> bool {
        let shared = self.clone();
        let mut chunks = pin!(poll_fn(move |context| shared.poll(context)));
        let mut bytes = 0;
        let read = async {
            while let Some(chunk) = chunks.next().await {
                bytes += chunk.map_or(BYTES_MAX, |chunk| chunk.len());
                if bytes >= BYTES_MAX {
                    return false;
                }
            }
            true
        };
        let wait = Duration::from_millis(WAIT_MS);
        tokio::time::timeout(wait, read).await.unwrap_or(false)
    }
}

/// Middleware.
pub(crate) async fn take(request: Request, next: Next) -> Response {
    use axum::body::HttpBody as _;
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let source = Source {
        chunks: body.into_data_stream(),
        ended: false,
    };
    let shared = Shared(Arc::new(Mutex::new(source)));
    let reader = shared.clone();
    let body = Body::from_stream(poll_fn(move |context| reader.poll(context)));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    // Where the connection is closed in any case, as of who sends too slowly ([`crate::patience`]),
    // nobody is waited for once more.
    if response.headers().contains_key(CONNECTION) {
        return response;
    }
    if !shared.has_ended() && !shared.drain().await {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}
