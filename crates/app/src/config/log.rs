//! The log of the service's processes: on standard error, one line an event.

use tracing_subscriber::EnvFilter;

use super::settings::Settings;
use crate::failure::Failure;

/// Begins to log as the settings say.
///
/// # Errors
/// `log` or `log_filter` is wrong.
pub fn begin(settings: &Settings) -> Result<(), Failure> {
    let written = settings.text("log_filter").unwrap_or_default();
    let filter = EnvFilter::try_new(&written).map_err(|error| {
        Failure::usage(format!(
            "`log_filter` is `{}`: {error}",
            written.escape_debug()
        ))
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    // A second begin in one process (a test) keeps the first.
    let _ = match settings.text("log").as_deref() {
        Some("json") => builder.json().flatten_event(true).try_init(),
        Some("text") => builder.try_init(),
        other => {
            let other = other.unwrap_or_default().escape_debug().to_string();
            return Err(Failure::usage(format!(
                "`log` is `{other}`, neither `text` nor `json`"
            )));
        }
    };
    Ok(())
}
