//! Live events of a submission: Server-Sent Events, resumable by `Last-Event-ID`.

use std::convert::Infallible;
use std::time::Duration;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use carrel_api::Code;
use carrel_api::submission::SubmissionEvent;
use carrel_model::execution::SubmissionState;
use carrel_model::view::{View, show_results};
use carrel_store::event::{Event as Kept, EventKind};
use futures_util::stream::{self, Stream};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::caller::Caller;
use crate::catalogue::{self, Found};
use crate::extract::{Path, Query};
use crate::live::{Watcher, is_over};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};
use crate::submission::shown::{Seen, describe, find};

/// How often a line is sent on a quiet stream, so that proxies keep it open, seconds.
const KEEP_ALIVE_SECONDS: u64 = 15;
/// When a browser connects again after a break, milliseconds.
const RETRY_MS: u64 = 1_000;

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/submissions/{id}/events",
        get_with(follow, |operation| {
            tagged(
                "Submissions",
                "Follow a submission live (Server-Sent Events)",
            )(operation)
            .description(
                "Events `queued`, `started`, `compiling`, `check`, `retrying`, and last \
                     `verdict`, `cancelled` or `parked`; their data is described by the schema \
                     `SubmissionEvent`. `Last-Event-ID` (or `?after=`) goes on after an event; \
                     204 when that was the last.",
            )
        }),
    )
}

/// Where to go on.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct After {
    /// Number of the last event seen (the same as `Last-Event-ID`).
    after: Option<u32>,
}

async fn follow(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Result<Response> {
    let seen = find(&app, &caller, &id).await?;
    let after = read_after(&headers, query)?;
    // Before the first look, so that nothing falls between.
    let watcher = app.live.watch(seen.row.id);
    let events = app.store.events(seen.row.id, 0).await?;
    let last = events.iter().rfind(|event| is_last(&event.kind));
    if is_over(seen.row.state) && after > 0 && last.is_none_or(|last| last.number <= after) {
        // A browser connects again after every end; this tells it to stop (HTML §9.2.1).
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let found = match seen.view {
        View::Author => None,
        View::Learner { .. } => Some(find_challenge(&app, &seen).await?),
    };
    let reader = Reader {
        app: app.clone(),
        seen,
        found,
        watcher,
        after,
        position: None,
        ended: false,
    };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(KEEP_ALIVE_SECONDS));
    let stream = Sse::new(read(reader)).keep_alive(keep_alive);
    let mut response = stream.into_response();
    // Some proxies hold answers back until they are whole.
    let unbuffered = axum::http::HeaderValue::from_static("no");
    response
        .headers_mut()
        .insert("x-accel-buffering", unbuffered);
    Ok(response)
}

fn read_after(headers: &HeaderMap, query: After) -> Result<u32> {
    let Some(value) = headers.get("last-event-id") else {
        return Ok(query.after.unwrap_or(0));
    };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| {
        let message = "is the id of an event of this submission";
        let problem = Problem::new(Code::InvalidParameter, format!("`Last-Event-ID` {message}"));
        problem.with_error("Last-Event-ID", message)
    })
}

async fn find_challenge(app: &App, seen: &Seen) -> Result<Found> {
    let digest = seen.row.course_version.clone().unwrap_or_default();
    let version = app.store.course_version(&seen.course, &digest).await?;
    catalogue::find_in(app, version, &seen.challenge).await
}

fn is_last(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Finished | EventKind::Cancelled | EventKind::Parked
    )
}

struct Reader {
    app: App,
    seen: Seen,
    /// For a learner: what decides which checks may be seen.
    found: Option<Found>,
    watcher: Watcher,
    after: u32,
    position: Option<u64>,
    ended: bool,
}

/// Counts an open stream while it lives.
struct Open(App);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.metrics.streams.dec();
    }
}

fn read(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    reader.app.metrics.streams.inc();
    let open = Open(reader.app.clone());
    let batches = stream::unfold((reader, open), |(mut reader, open)| async move {
        let batch = reader.next().await?;
        Some((stream::iter(batch.into_iter().map(Ok)), (reader, open)))
    });
    futures_util::StreamExt::flatten(batches)
}

impl Reader {
    /// The next events; `None`: no more will come, or the service stops.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            if self.ended || self.app.is_stopping() {
                return None;
            }
            match self.look().await {
                Ok(batch) if !batch.is_empty() => return Some(batch),
                Ok(_) => {}
                Err(problem) => {
                    // The reader connects again and goes on after the last event it saw.
                    tracing::warn!(%problem, submission = %self.seen.row.id, "stream broken off");
                    return None;
                }
            }
            tokio::select! {
                _ = self.watcher.changed() => {}
                () = self.app.stopped() => return None,
            }
        }
    }

    async fn look(&mut self) -> Result<Vec<Event>> {
        let id = self.seen.row.id;
        // The row first: an end that it tells of has its events written.
        self.seen.row = self.app.store.submission(id).await?;
        let mut batch = Vec::new();
        if self.seen.row.state == SubmissionState::Queued {
            batch.extend(self.look_at_queue().await?);
        }
        let events = self.app.store.events(id, self.after).await?;
        let ends = events.last().is_some_and(|event| is_last(&event.kind));
        if ends && !is_over(self.seen.row.state) {
            // It ended between the two looks, or is judged again since.
            self.seen.row = self.app.store.submission(id).await?;
        }
        let over = is_over(self.seen.row.state);
        for (index, event) in events.iter().enumerate() {
            let now = over && index + 1 == events.len();
            self.after = event.number;
            // An end that others follow is that of an earlier verdict.
            if is_last(&event.kind) && !now {
                continue;
            }
            batch.extend(self.show(event).await?);
            self.ended = is_last(&event.kind);
        }
        if over && !self.ended {
            // Its last event was lost or has expired: the row tells the same.
            batch.push(self.show_end(self.seen.row.state).await?);
            self.ended = true;
        }
        Ok(batch)
    }

    async fn look_at_queue(&mut self) -> Result<Option<Event>> {
        let position = self.app.store.position(self.seen.row.id).await?;
        if position.is_none() || position == self.position {
            return Ok(None);
        }
        self.position = position;
        let position = position.unwrap_or_default();
        Ok(Some(encode(&SubmissionEvent::Queued { position })))
    }

    async fn show(&self, event: &Kept) -> Result<Option<Event>> {
        let shown = match &event.kind {
            EventKind::Started { attempt } => SubmissionEvent::Started { attempt: *attempt },
            EventKind::Compiling => SubmissionEvent::Compiling {},
            EventKind::Retrying => SubmissionEvent::Retrying {},
            EventKind::Check { results } => {
                let results = match &self.found {
                    None => results.clone(),
                    Some(found) => show_results(found.challenge(), results, self.seen.view),
                };
                SubmissionEvent::Check { results }
            }
            EventKind::Finished => {
                let shown = describe(&self.app, self.seen.clone()).await?;
                SubmissionEvent::Verdict(Box::new(shown))
            }
            EventKind::Cancelled => SubmissionEvent::Cancelled {},
            EventKind::Parked => SubmissionEvent::Parked {},
        };
        Ok(Some(encode(&shown).id(event.number.to_string())))
    }

    async fn show_end(&self, state: SubmissionState) -> Result<Event> {
        Ok(encode(&match state {
            SubmissionState::Cancelled => SubmissionEvent::Cancelled {},
            SubmissionState::Parked => SubmissionEvent::Parked {},
            _ => {
                let shown = describe(&self.app, self.seen.clone()).await?;
                SubmissionEvent::Verdict(Box::new(shown))
            }
        }))
    }
}

/// Name and data of an event, as the tagged form of [`SubmissionEvent`] has them.
fn encode(event: &SubmissionEvent) -> Event {
    let value = serde_json::to_value(event).unwrap_or_default();
    let name = value["event"].as_str().unwrap_or_default().to_owned();
    let retry = Duration::from_millis(RETRY_MS);
    Event::default()
        .event(name)
        .retry(retry)
        .data(value["data"].to_string())
}
