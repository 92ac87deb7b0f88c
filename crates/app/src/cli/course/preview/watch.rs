//! Publishes a course anew when its files have changed.
//!
//! The files are looked at every now and then: a course is small, and looking works on every file
//! system and with every editor, which notifications do not.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::publication::client::Client;
use crate::publication::pack::{list, pack};
use crate::terminal::Terminal;
use crate::terminal::difference::difference_lines;
use crate::terminal::text::printable;
use crate::wire::course::load_whole_course;

/// Pause between two looks: also how long files must have been quiet, so that an editor that
/// writes several is waited for.
const PAUSE: Duration = Duration::from_millis(400);
/// Letters of a version that people are shown.
const VERSION_LETTERS: usize = 12;

/// Watches a course.
#[derive(Debug)]
pub(super) struct Watch {
    directory: PathBuf,
    course: String,
    client: Client,
    /// What lay there when it was last published.
    published: [u8; 32],
}

/// What the files look like from outside: names, lengths, times.
fn look_at(directory: &Path) -> [u8; 32] {
    let mut hasher = Sha256::new();
    match list(directory) {
        Ok(entries) => {
            for entry in entries {
                let changed_at = entry.changed_at;
                hasher.update(format!(
                    "{} {} {} {changed_at:?}\n",
                    entry.path, entry.bytes, entry.executable
                ));
            }
        }
        Err(failure) => hasher.update(failure.error.to_string()),
    }
    hasher.finalize().into()
}

impl Watch {
    /// A watch over a course that has just been published.
    #[must_use]
    pub(super) fn new(directory: &Path, course: String, client: Client) -> Self {
        Self {
            published: look_at(directory),
            directory: directory.to_owned(),
            course,
            client,
        }
    }

    /// Waits until the service serves, then watches until nobody can tell it anything any more.
    pub(super) fn run(mut self, begun: &Receiver<()>, terminal: &Mutex<&mut Terminal>) {
        if begun.recv().is_err() {
            return;
        }
        let mut before = self.published;
        loop {
            match begun.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) | Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = look_at(&self.directory);
            let quiet = now == before;
            before = now;
            if !quiet || now == self.published {
                continue;
            }
            self.published = now;
            let told = self.publish();
            // A service that is just ending does not answer any more.
            if matches!(
                begun.try_recv(),
                Err(std::sync::mpsc::TryRecvError::Disconnected)
            ) {
                return;
            }
            let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
            tell(&mut terminal, told);
        }
    }

    /// The lines that tell what was published.
    fn publish(&self) -> Result<Vec<String>, Failure> {
        let course = load_whole_course(&self.directory)?;
        if course.id != self.course {
            let problem = format!(
                "the course is `{}` now, and the preview is of `{}`",
                course.id, self.course
            );
            return Err(Failure::usage(problem).hint("start the preview again"));
        }
        let archive = pack(&self.directory)?;
        let preview = self.client.preview(&self.course, &archive)?;
        let published = self.client.publish(&self.course, &archive, None)?;
        if published.unchanged {
            return Ok(Vec::new());
        }
        let version: String = published.version.chars().take(VERSION_LETTERS).collect();
        let mut lines = vec![format!("published version {}", printable(&version))];
        let plain = crate::terminal::paint::Paint { colour: false };
        lines.extend(difference_lines(&preview.difference, plain));
        Ok(lines)
    }
}

fn tell(terminal: &mut Terminal, told: Result<Vec<String>, Failure>) {
    match told {
        Ok(lines) => {
            for line in lines {
                // A terminal that is gone is no reason to stop.
                let _ = terminal.note(format_args!("{line}"));
            }
        }
        Err(failure) => {
            terminal.tell(&failure);
            let _ = terminal.note(format_args!("the last good version stays"));
        }
    }
}
