//! Live events of a submission: Server-Sent Events, resumable by `Last-Event-ID`.

use std::convert::Infallible;
use std::time::Duration;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described};
use aide::{OperationInput, OperationOutput};
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, NoContent, Response};
use carrel_api::submission::SubmissionEvent;
use carrel_model::execution::SubmissionState;
use carrel_model::view::{View, show_results};
use carrel_store::event::{Event as Kept, EventKind};
use futures_util::StreamExt as _;
use futures_util::stream::{self, Stream};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

use crate::app::App;
use crate::caller::Caller;
use crate::catalogue::{self, Found};
use crate::extract::{Path, Query};
use crate::live::{self, Place, Watcher, is_over};
use crate::openapi::{declaring, tagged};
use crate::problem::{Problem, Result};
use crate::submission::shown::{Seen, describe, find};

/// How often a line is sent on a quiet stream, so that proxies keep it open, seconds.
const KEEP_ALIVE_SECONDS: u64 = 15;
/// Header by which a browser goes on.
const LAST_EVENT_ID: &str = "Last-Event-ID";
/// Media type of a stream.
const MEDIA_TYPE: &str = "text/event-stream";
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
            .response::<200, EventStream>()
            .response::<204, NoContent>()
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

/// The number of the last event that the reader saw; 0: none.
pub(crate) struct Resumed(pub(crate) u32);

impl<S: Send + Sync> FromRequestParts<S> for Resumed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(query) = Query::<After>::from_request_parts(parts, state).await?;
        read_after(&parts.headers, query).map(Self)
    }
}

impl OperationInput for Resumed {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        Query::<After>::operation_input(context, operation);
        let description = "Number of the last event seen; goes before `after`.";
        let schema = json_schema!({"type": "integer", "format": "uint32", "minimum": 0});
        declaring::take_header(context, operation, (LAST_EVENT_ID, description), schema);
    }
}

/// What a stream is told as in the document.
struct EventStream;

impl OperationOutput for EventStream {
    type Inner = SubmissionEvent;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<Described> {
        let event = context.schema.subschema_for::<SubmissionEvent>();
        // JSON Schema 2020-12, Validation §8.5: what the text holds when it is read by its kind.
        let stream = json_schema!({
            "type": "string",
            "contentMediaType": MEDIA_TYPE,
            "contentSchema": {"type": "array", "items": event},
        });
        Some(declaring::give(
            "A stream of events.",
            [(MEDIA_TYPE, stream)],
        ))
    }
}

async fn follow(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Resumed(after): Resumed,
) -> Result<Response> {
    Ok(match open(&app, &caller, &id, after).await? {
        Some(told) => answer(told.map(|told| encode(&told))),
        None => NoContent.into_response(),
    })
}

/// An event in the reader's view, with its number where it has one.
#[derive(Debug)]
pub struct Told {
    /// Number that a reader may go on after.
    pub number: Option<u32>,
    /// What happened.
    pub event: SubmissionEvent,
}

/// Follows a submission after an event; `None`: that was its last, and a browser is told to stop
/// by 204 (HTML §9.2.1), because it connects again after every end.
///
/// # Errors
/// There is no such submission for the caller, it cannot be read, or the caller follows as many
/// as one person may.
pub async fn open(
    app: &App,
    caller: &Caller,
    id: &str,
    after: u32,
) -> Result<Option<impl Stream<Item = Told> + Send + use<>>> {
    let seen = find(app, caller, id).await?;
    // Before the first look, so that nothing falls between.
    let watcher = app.live.watch(seen.row.id);
    let events = app.store.events(seen.row.id, 0).await?;
    let last = events.iter().rfind(|event| is_last(&event.kind));
    if is_over(seen.row.state) && after > 0 && last.is_none_or(|last| last.number <= after) {
        return Ok(None);
    }
    let place = live::take_place(app, caller.id())?;
    let found = match seen.view {
        View::Author => None,
        View::Learner { .. } => Some(find_challenge(app, &seen).await?),
    };
    Ok(Some(read(Reader {
        _place: place,
        app: app.clone(),
        seen,
        found,
        watcher,
        after,
        position: None,
        ended: false,
    })))
}

/// A stream of events as an answer.
pub fn answer(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(KEEP_ALIVE_SECONDS));
    let stream = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive);
    let mut response = stream.into_response();
    // Some proxies hold answers back until they are whole.
    let unbuffered = axum::http::HeaderValue::from_static("no");
    response
        .headers_mut()
        .insert("x-accel-buffering", unbuffered);
    response
}

/// Where a reader wants to go on: `Last-Event-ID`, else what the address says.
fn read_after(headers: &HeaderMap, query: After) -> Result<u32> {
    let Some(value) = headers.get(LAST_EVENT_ID) else {
        return Ok(query.after.unwrap_or(0));
    };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| {
        let message = "is no id of an event; it must be the last of this submission that was seen";
        Problem::parameter(LAST_EVENT_ID, message)
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
    _place: Place,
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

fn read(reader: Reader) -> impl Stream<Item = Told> + Send {
    reader.app.metrics.streams.inc();
    let open = Open(reader.app.clone());
    let batches = stream::unfold((reader, open), |(mut reader, open)| async move {
        let batch = reader.next().await?;
        Some((stream::iter(batch), (reader, open)))
    });
    batches.flatten()
}

impl Reader {
    /// The next events; `None`: no more will come, or the service stops.
    async fn next(&mut self) -> Option<Vec<Told>> {
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

    async fn look(&mut self) -> Result<Vec<Told>> {
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
            batch.push(self.show(event).await?);
            self.ended = is_last(&event.kind);
        }
        if over && !self.ended {
            // Its last event was lost or has expired: the row tells the same.
            batch.push(self.show_end(self.seen.row.state).await?);
            self.ended = true;
        }
        Ok(batch)
    }

    async fn look_at_queue(&mut self) -> Result<Option<Told>> {
        let position = self.app.store.position(self.seen.row.id).await?;
        if position.is_none() || position == self.position {
            return Ok(None);
        }
        self.position = position;
        let position = position.unwrap_or_default();
        let event = SubmissionEvent::Queued { position };
        Ok(Some(Told {
            number: None,
            event,
        }))
    }

    async fn show(&self, event: &Kept) -> Result<Told> {
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
        Ok(Told {
            number: Some(event.number),
            event: shown,
        })
    }

    async fn show_end(&self, state: SubmissionState) -> Result<Told> {
        let event = match state {
            SubmissionState::Cancelled => SubmissionEvent::Cancelled {},
            SubmissionState::Parked => SubmissionEvent::Parked {},
            _ => {
                let shown = describe(&self.app, self.seen.clone()).await?;
                SubmissionEvent::Verdict(Box::new(shown))
            }
        };
        Ok(Told {
            number: None,
            event,
        })
    }
}

/// Name and data of an event, as the tagged form of [`SubmissionEvent`] has them.
fn encode(told: &Told) -> Event {
    let value = serde_json::to_value(&told.event).unwrap_or_default();
    let name = value["event"].as_str().unwrap_or_default();
    frame(told, name).data(value["data"].to_string())
}

/// An event with its name and number, still without its data.
pub(crate) fn frame(told: &Told, name: &str) -> Event {
    let event = Event::default()
        .event(name)
        .retry(Duration::from_millis(RETRY_MS));
    match told.number {
        Some(number) => event.id(number.to_string()),
        None => event,
    }
}
