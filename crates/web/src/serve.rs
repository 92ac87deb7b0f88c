//! Answers connections until it is told to stop, then drains.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::address::Peer;
use crate::app::App;
use crate::router::router;
use crate::tasks;

/// Wait after a failed accept (no descriptors left, mostly), milliseconds.
const ACCEPT_PAUSE_MS: u64 = 100;
/// How long an idle connection stays open when the service stops, milliseconds. A client that
/// was about to send over it is answered, and told to close; without this it would see a reset.
const LINGER_MS: u64 = 1_000;

/// Where connections come from.
#[derive(Debug)]
pub enum Listener {
    /// TCP.
    Tcp(TcpListener),
    /// A Unix socket.
    Unix(UnixListener),
}

/// Serves until `shutdown` returns, then takes no more connections, lets requests
/// end for at most `Config::drain_ms`, and stops the tasks.
pub async fn serve(listeners: Vec<Listener>, app: App, shutdown: impl Future<Output = ()>) {
    let mut background = tasks::start(&app);
    let router = router(app.clone());
    let most = app.config.connections_max;
    let slots = Arc::new(Semaphore::new(most));
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept_all(
            listener,
            router.clone(),
            app.clone(),
            Arc::clone(&slots),
        ));
    }
    shutdown.await;
    tracing::info!("stopping: taking no more connections");
    accepting.shutdown().await;
    app.stop();
    let drain = Duration::from_millis(app.config.drain_ms);
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    if tokio::time::timeout(drain, slots.acquire_many(all))
        .await
        .is_err()
    {
        tracing::warn!("connections were still open when the time to drain was over");
    }
    while background.join_next().await.is_some() {}
    tracing::info!("stopped");
}

async fn accept_all(listener: Listener, router: Router, app: App, slots: Arc<Semaphore>) {
    loop {
        let Ok(permit) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let failed = match &listener {
            Listener::Tcp(listener) => match listener.accept().await {
                Ok((stream, from)) => {
                    // Answers are small: waiting to fill packets only delays them.
                    let _ = stream.set_nodelay(true);
                    let peer = Peer::Address(from.ip());
                    tokio::spawn(answer(stream, peer, (router.clone(), app.clone()), permit));
                    None
                }
                Err(error) => Some(error),
            },
            Listener::Unix(listener) => match listener.accept().await {
                Ok((stream, _)) => {
                    let state = (router.clone(), app.clone());
                    tokio::spawn(answer(stream, Peer::Local, state, permit));
                    None
                }
                Err(error) => Some(error),
            },
        };
        if let Some(error) = failed {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
        }
    }
}

async fn answer<S>(
    stream: S,
    peer: Peer,
    (router, app): (Router, App),
    permit: OwnedSemaphorePermit,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    app.metrics.connections.inc();
    let state = app.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let answer = router.clone().oneshot(request);
        let app = state.clone();
        async move {
            let mut response = answer.await?;
            if app.is_stopping() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let head = Duration::from_millis(app.config.head_timeout_ms);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = app.stopped() => {
            let linger = Duration::from_millis(LINGER_MS.min(app.config.drain_ms));
            match tokio::time::timeout(linger, connection.as_mut()).await {
                Ok(ended) => ended,
                Err(_) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }
    };
    if let Err(error) = ended {
        // The client's doing, mostly: it went away.
        tracing::debug!(%error, "connection ended");
    }
    app.metrics.connections.dec();
    drop(permit);
}
