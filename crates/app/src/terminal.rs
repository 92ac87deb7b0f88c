//! What people see: text, colour and progress. The only place that writes to the terminal.

pub mod difference;
pub mod document;
pub mod paint;
pub mod progress;
pub mod quantity;
pub mod secret;
pub mod text;

use std::fmt::Arguments;
use std::io::{self, Write};

use crate::config::display::Display;
use crate::failure::Failure;
use paint::Paint;

/// Standard output and standard error, with what may be shown on them.
pub struct Terminal {
    /// How output is shown.
    pub display: Display,
    /// Colours on standard output.
    pub paint: Paint,
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Terminal")
            .field("display", &self.display)
            .finish_non_exhaustive()
    }
}

impl Terminal {
    /// The terminal of this process.
    #[must_use]
    pub fn of_process(display: Display) -> Self {
        Self::new(display, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// A terminal that writes to these.
    #[must_use]
    pub fn new(
        display: Display,
        stdout: Box<dyn Write + Send>,
        stderr: Box<dyn Write + Send>,
    ) -> Self {
        Self {
            display,
            paint: Paint {
                colour: display.colour,
            },
            stdout,
            stderr,
        }
    }

    /// Writes a line to standard output and flushes it.
    ///
    /// # Errors
    /// Of the output.
    pub fn line(&mut self, line: Arguments<'_>) -> io::Result<()> {
        writeln!(self.stdout, "{line}")?;
        self.stdout.flush()
    }

    /// Writes a part of a text to standard output.
    ///
    /// # Errors
    /// Of the output.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.stdout.write_all(text.as_bytes())
    }

    /// Writes a line to standard error.
    ///
    /// # Errors
    /// Of the output.
    pub fn note(&mut self, line: Arguments<'_>) -> io::Result<()> {
        writeln!(self.stderr, "{line}")?;
        self.stderr.flush()
    }

    /// Writes a JSON document to standard output.
    ///
    /// # Errors
    /// Of the output.
    pub fn json(&mut self, document: &impl serde::Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(document).map_err(io::Error::other)?;
        self.line(format_args!("{text}"))
    }

    /// Tells of a failure, its causes, and the ways out, on standard error.
    pub fn tell(&mut self, failure: &Failure) {
        // Where standard error is gone, there is nobody to tell.
        let _ = self.try_tell(failure);
    }

    fn try_tell(&mut self, failure: &Failure) -> io::Result<()> {
        let mut causes = failure.error.chain().map(ToString::to_string);
        let first = causes.next().unwrap_or_default();
        self.note(format_args!("error: {}", text::printable(&first)))?;
        for cause in causes {
            self.note(format_args!("  because: {}", text::printable(&cause)))?;
        }
        for hint in &failure.hints {
            self.note(format_args!("hint: {}", text::printable(hint)))?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A writer whose text can be read afterwards.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Shared(pub(crate) Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shared {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// A colourless terminal, and what was written to its two streams.
    pub(crate) fn captured() -> (Terminal, Shared, Shared) {
        let (out, err) = (Shared::default(), Shared::default());
        let display = Display {
            colour: false,
            live: false,
        };
        (
            Terminal::new(display, Box::new(out.clone()), Box::new(err.clone())),
            out,
            err,
        )
    }

    #[test]
    fn a_failure_is_told_once_with_causes_and_hints() {
        let (mut terminal, out, err) = captured();
        let error = anyhow::anyhow!("no such file\u{1b}[2J").context("reading `a.py`");
        terminal.tell(&Failure::platform(error).hint("look again"));
        assert_eq!(out.text(), "");
        assert_eq!(
            err.text(),
            "error: reading `a.py`\n  because: no such file\\u{1b}[2J\nhint: look again\n"
        );
    }
}
