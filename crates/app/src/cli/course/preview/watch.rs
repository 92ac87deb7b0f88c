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
    /// What lay there at the last look.
    before: [u8; 32],
}

/// What the files look like from outside: names, lengths, times.
pub(super) fn look_at(directory: &Path) -> [u8; 32] {
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
    /// A watch over a course that was published as it lay there when it was `looked` at.
    #[must_use]
    pub(super) fn new(directory: &Path, course: String, client: Client, looked: [u8; 32]) -> Self {
        Self {
            published: looked,
            before: looked,
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
        loop {
            match begun.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) | Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if !self.is_due() {
                continue;
            }
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

    /// Looks: whether the files have changed and are quiet, and so are to be published now.
    fn is_due(&mut self) -> bool {
        let now = look_at(&self.directory);
        let quiet = now == self.before;
        self.before = now;
        let due = quiet && now != self.published;
        if due {
            self.published = now;
        }
        due
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

#[cfg(test)]
mod tests {
    use carrel_web::session::token::TokenText;

    use super::*;

    #[test]
    fn what_changed_between_reading_and_watching_is_published_once_it_is_quiet() {
        let directory = tempfile::tempdir().unwrap();
        let course = directory.path().join("course.toml");
        std::fs::write(&course, "one").unwrap();
        let looked = look_at(directory.path());
        std::fs::write(&course, "three").unwrap();
        let token = TokenText::generate().unwrap();
        let client = Client::new("http://127.0.0.1:1", token).unwrap();
        let mut watch = Watch::new(directory.path(), "c".to_owned(), client, looked);
        assert_eq!([(); 3].map(|()| watch.is_due()), [false, true, false]);
    }
}
