//! Sends spans that have ended: OTLP/HTTP in its JSON form, in batches, from a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use carrel_model::trace::hexadecimal;
use serde_json::{Value as Json, json};

use super::{Ended, Happened, Outlet, Value};

/// Most spans that wait to be sent; further ones are left out.
const WAITING_MAX: usize = 4_096;
/// Most spans sent at once.
const BATCH_MAX: usize = 256;
/// Longest that a span waits for others to be sent with.
const BATCH_PAUSE: Duration = Duration::from_secs(1);
/// Longest that a collector may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after a collector failed; what comes meanwhile waits, then is left out.
const FAILED_PAUSE: Duration = Duration::from_secs(5);
/// Kinds and the status of the protocol.
const KIND_INTERNAL: u8 = 1;
const KIND_SERVER: u8 = 2;
const STATUS_ERROR: u8 = 2;

/// Begins to send to `endpoint` (`/v1/traces` is added), as this process.
///
/// # Errors
/// No thread can be started.
pub fn begin(endpoint: &str, process: &'static str) -> std::io::Result<Outlet> {
    let (sender, spans) = sync_channel(WAITING_MAX);
    let outlet = Outlet {
        sender,
        left_out: Arc::default(),
    };
    let left_out = Arc::clone(&outlet.left_out);
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    std::thread::Builder::new()
        .name("traces".to_owned())
        .spawn(move || send_all((&spans, &left_out), &url, process))?;
    Ok(outlet)
}

fn send_all((spans, left_out): (&Receiver<Ended>, &AtomicU64), url: &str, process: &str) {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .build();
    let agent = ureq::Agent::new_with_config(config);
    let mut failing = false;
    while let Some(batch) = next_batch(spans) {
        let sent = agent.post(url).send_json(document(&batch, process));
        match sent {
            Ok(_) => {
                failing = false;
                let count = left_out.swap(0, Ordering::Relaxed);
                if count > 0 {
                    tracing::warn!(count, "spans were left out");
                }
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, url, "traces are not taken; some will be missing");
                }
                failing = true;
                std::thread::sleep(FAILED_PAUSE);
            }
        }
    }
}

/// What has ended within a pause; `None`: nothing more comes.
fn next_batch(spans: &Receiver<Ended>) -> Option<Vec<Ended>> {
    let mut batch = vec![spans.recv().ok()?];
    let until = Instant::now() + BATCH_PAUSE;
    while batch.len() < BATCH_MAX {
        match spans.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(span) => batch.push(span),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    Some(batch)
}

/// An `ExportTraceServiceRequest`.
fn document(spans: &[Ended], process: &str) -> Json {
    let resource = [
        ("service.name", Value::Text(format!("carrel-{process}"))),
        (
            "service.version",
            Value::Text(env!("CARGO_PKG_VERSION").to_owned()),
        ),
        ("process.pid", Value::Whole(std::process::id().into())),
    ];
    let spans: Vec<Json> = spans.iter().map(span).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": attributes(&resource)},
        "scopeSpans": [{"scope": {"name": "carrel"}, "spans": spans}],
    }]})
}

fn span(ended: &Ended) -> Json {
    // Numbers of 64 bits are text in this form, ids hexadecimal.
    let mut span = json!({
        "traceId": hexadecimal(&ended.place.trace),
        "spanId": hexadecimal(&ended.place.span),
        "name": ended.name,
        "kind": if ended.is_server { KIND_SERVER } else { KIND_INTERNAL },
        "startTimeUnixNano": ended.span_ns.0.to_string(),
        "endTimeUnixNano": ended.span_ns.1.to_string(),
        "attributes": attributes(&ended.attributes),
        "events": ended.events.iter().map(event).collect::<Vec<_>>(),
    });
    if let Some(parent) = ended.parent {
        span["parentSpanId"] = json!(hexadecimal(&parent));
    }
    if ended.failed {
        span["status"] = json!({"code": STATUS_ERROR});
    }
    span
}

fn event(happened: &Happened) -> Json {
    json!({
        "timeUnixNano": happened.at_ns.to_string(),
        "name": happened.name,
        "attributes": attributes(&happened.attributes),
    })
}

fn attributes(attributes: &[(&'static str, Value)]) -> Vec<Json> {
    let pair = |(key, value): &(&'static str, Value)| {
        let value = match value {
            Value::Text(text) => json!({"stringValue": text}),
            Value::Whole(number) => json!({"intValue": number.to_string()}),
            Value::Real(number) => json!({"doubleValue": number}),
            Value::Truth(truth) => json!({"boolValue": truth}),
        };
        json!({"key": key, "value": value})
    };
    attributes.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Receiver;

    use carrel_model::trace::TraceParent;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::super::TraceLayer;
    use super::*;

    fn observe(work: impl FnOnce()) -> Receiver<Ended> {
        let (sender, spans) = sync_channel(16);
        let outlet = Outlet {
            sender,
            left_out: Arc::default(),
        };
        let subscriber = tracing_subscriber::registry().with(TraceLayer::new(outlet));
        tracing::subscriber::with_default(subscriber, work);
        spans
    }

    #[test]
    fn spans_hang_below_each_other_and_below_what_another_process_told() {
        let told = TraceParent::begin();
        let spans = observe(|| {
            let outer =
                tracing::info_span!("outer", trace_parent = %told, began_us = 5_i64, count = 7);
            let _in_outer = outer.enter();
            tracing::info_span!("inner", ok = true).in_scope(|| {
                tracing::error!(why = "x", "it failed");
            });
        });
        let (inner, outer) = (spans.recv().unwrap(), spans.recv().unwrap());
        assert_eq!((inner.name, outer.name), ("inner", "outer"));
        assert_eq!(outer.parent, Some(told.span));
        assert_eq!(inner.parent, Some(outer.place.span));
        assert_eq!(
            (inner.place.trace, outer.place.trace),
            (told.trace, told.trace)
        );
        assert_eq!(outer.span_ns.0, 5_000);
        let document = document(&[inner, outer], "worker");
        let spans = &document["resourceSpans"][0]["scopeSpans"][0]["spans"];
        assert_eq!(spans[0]["status"]["code"], 2);
        assert_eq!(spans[0]["events"][0]["name"], "it failed");
        assert_eq!(spans[0]["attributes"][0]["value"]["boolValue"], true);
        assert_eq!(spans[1]["attributes"][0]["value"]["intValue"], "7");
        assert_eq!(spans[1]["traceId"], hexadecimal(&told.trace));
    }

    #[test]
    fn what_its_beginner_does_not_record_is_not_recorded() {
        let told = TraceParent {
            sampled: false,
            ..TraceParent::begin()
        };
        let spans = observe(|| {
            tracing::info_span!("outer", trace_parent = %told)
                .in_scope(|| tracing::info_span!("inner").in_scope(|| {}));
        });
        assert!(
            spans.recv().is_err(),
            "the sender is gone, and sent nothing"
        );
    }
}
