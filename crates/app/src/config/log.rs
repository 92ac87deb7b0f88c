//! The log of the service's processes: on standard error, one line an event; and their traces.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use super::settings::Settings;
use crate::failure::Failure;
use crate::trace::{TraceLayer, export};

/// Begins to log as the settings say, as this process (`web`, `worker`, …).
///
/// # Errors
/// `log`, `log_filter` or `traces.endpoint` is wrong.
pub fn begin(settings: &Settings, process: &'static str) -> Result<(), Failure> {
    let written = settings.text("log_filter").unwrap_or_default();
    let filter = EnvFilter::try_new(&written).map_err(|error| {
        Failure::usage(format!(
            "`log_filter` is `{}`: {error}",
            written.escape_debug()
        ))
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let lines = match settings.text("log").as_deref() {
        Some("json") => lines.json().flatten_event(true).boxed(),
        Some("text") => lines.boxed(),
        other => {
            let other = other.unwrap_or_default().escape_debug().to_string();
            return Err(Failure::usage(format!(
                "`log` is `{other}`, neither `text` nor `json`"
            )));
        }
    };
    // Its own words are not sent: a collector that is away would be told that it is.
    let traced = Targets::new()
        .with_target("carrel_app", LevelFilter::OFF)
        .with_target("carrel", LevelFilter::DEBUG);
    let traces = traces(settings, process)?.map(|layer| layer.with_filter(traced));
    // A second begin in one process (a test) keeps the first.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(traces)
        .try_init();
    Ok(())
}

fn traces(settings: &Settings, process: &'static str) -> Result<Option<TraceLayer>, Failure> {
    let endpoint = settings.text("traces.endpoint").unwrap_or_default();
    if endpoint.is_empty() {
        return Ok(None);
    }
    if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
        return Err(Failure::usage(format!(
            "`traces.endpoint` is `{}`; it begins with `http://` or `https://`",
            endpoint.escape_debug()
        )));
    }
    let sender = export::begin(&endpoint, process)
        .map_err(|error| Failure::usage(format!("sending traces: {error}")))?;
    Ok(Some(TraceLayer::new(sender)))
}
