//! Traces for OpenTelemetry: spans of this process, exported as OTLP over HTTP in JSON.
//!
//! Off unless `traces.endpoint` is set. The parts of Carrel open spans by `tracing`, as for the
//! log; this layer gives them places in a trace ([`carrel_model::trace`]) and hands those that
//! end to a thread that sends them ([`export`]). Nothing waits for it: what does not fit is left
//! out and counted in the log.
//!
//! Fields that mean something here and are no attributes: `trace_place` (the place of the span
//! itself), `trace_parent` (a place it hangs below, in another process), `began_us` (it began
//! before it was opened).

pub mod export;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{SystemTime, UNIX_EPOCH};

use carrel_model::trace::TraceParent;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Most events kept of one span.
const EVENTS_MAX: usize = 64;
/// Most attributes kept of one span or event.
const ATTRIBUTES_MAX: usize = 32;
/// Most bytes kept of one attribute.
const ATTRIBUTE_BYTES_MAX: usize = 1_024;

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Real(f64),
    /// Yes or no.
    Truth(bool),
}

/// Fields by name.
pub type Attributed = Vec<(&'static str, Value)>;

/// Something that happened within a span.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// When, nanoseconds since 1970.
    pub at_ns: u64,
    /// Message.
    pub name: String,
    /// Fields.
    pub attributes: Attributed,
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Name.
    pub name: &'static str,
    /// Its own place.
    pub place: TraceParent,
    /// The span above.
    pub parent: Option<[u8; 8]>,
    /// Answers a request of another process.
    pub is_server: bool,
    /// Begin and end, nanoseconds since 1970.
    pub span_ns: (u64, u64),
    /// Fields.
    pub attributes: Attributed,
    /// What happened.
    pub events: Vec<Happened>,
    /// An error was logged within it.
    pub failed: bool,
}

/// A span that goes on.
struct Open(Ended);

/// Where spans that have ended go; what does not fit is counted.
#[derive(Debug, Clone)]
pub struct Outlet {
    sender: SyncSender<Ended>,
    left_out: Arc<AtomicU64>,
}

/// Gives spans their places and hands on those that end.
#[derive(Debug)]
pub struct TraceLayer(Outlet);

impl TraceLayer {
    /// Hands spans to this.
    #[must_use]
    pub fn new(outlet: Outlet) -> Self {
        Self(outlet)
    }
}

fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

/// Reads fields.
#[derive(Default)]
struct Fields {
    attributes: Attributed,
    message: String,
    place: Option<TraceParent>,
    parent: Option<TraceParent>,
    began_us: Option<i64>,
}

impl Fields {
    fn text(&mut self, field: &Field, text: String) {
        match field.name() {
            "trace_place" => self.place = text.parse().ok(),
            "trace_parent" => self.parent = text.parse().ok(),
            "message" => self.message = cut(text),
            _ => self.push(field, Value::Text(cut(text))),
        }
    }

    fn push(&mut self, field: &Field, value: Value) {
        if self.attributes.len() < ATTRIBUTES_MAX {
            self.attributes.push((field.name(), value));
        }
    }
}

fn cut(mut text: String) -> String {
    if text.len() > ATTRIBUTE_BYTES_MAX {
        let fits = |end: &usize| text.is_char_boundary(*end);
        let end = (0..=ATTRIBUTE_BYTES_MAX).rev().find(fits);
        text.truncate(end.unwrap_or_default());
    }
    text
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "began_us" {
            self.began_us = Some(value);
        } else {
            self.push(field, Value::Whole(value));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Value::Real(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::Truth(value));
    }
}

impl<S> Layer<S> for TraceLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let above = span.parent().and_then(|parent| {
            let extensions = parent.extensions();
            extensions.get::<Open>().map(|open| open.0.place)
        });
        let is_server = fields.place.is_some();
        let above = fields.parent.or(above);
        let place = fields.place.or(above.map(TraceParent::child));
        let began_ns = fields
            .began_us
            .and_then(|began_us| u64::try_from(began_us).ok())
            .map_or_else(now_ns, |began_us| began_us.saturating_mul(1_000));
        let ended = Ended {
            name: span.name(),
            place: place.unwrap_or_else(TraceParent::begin),
            parent: above.map(|above| above.span),
            is_server,
            span_ns: (began_ns, began_ns),
            attributes: fields.attributes,
            events: Vec::new(),
            failed: false,
        };
        span.extensions_mut().insert(Open(ended));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            open.0.attributes.append(&mut fields.attributes);
            open.0.attributes.truncate(ATTRIBUTES_MAX);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else {
            return;
        };
        let mut extensions = span.extensions_mut();
        let Some(open) = extensions.get_mut::<Open>() else {
            return;
        };
        open.0.failed |= *event.metadata().level() == Level::ERROR;
        if open.0.events.len() < EVENTS_MAX {
            let mut fields = Fields::default();
            event.record(&mut fields);
            open.0.events.push(Happened {
                at_ns: now_ns(),
                name: fields.message,
                attributes: fields.attributes,
            });
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let open = span.extensions_mut().remove::<Open>();
        let Some(Open(mut ended)) = open else { return };
        if !ended.place.sampled {
            return;
        }
        ended.span_ns.1 = now_ns().max(ended.span_ns.0);
        if self.0.sender.try_send(ended).is_err() {
            self.0.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}
