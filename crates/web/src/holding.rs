//! Files that somebody uploaded to a page, held until they have decided on the next one.
//!
//! A file has the name of its holder and of its SHA-256, and nothing ever writes into it: what was
//! looked at is what is taken later, byte by byte, and nobody else reaches it. Who holds too much
//! loses the oldest; what is older than an hour is gone. To lose one costs a second upload, no more.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request};
use carrel_api::Code;
use carrel_model::id::UserId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::caller::Caller;
use crate::catalogue::run_blocking;
use crate::problem::{Problem, Result};

/// Name of the directory in the state directory.
const DIRECTORY: &str = "uploads";
/// How long a file is held, seconds.
const HELD_SECONDS: u64 = 3_600;
/// Most files held for one person; the oldest goes first.
const HELD_OF_ONE_MAX: usize = 3;
/// Most files held for all together.
const HELD_MAX: usize = 64;
/// When to come again where there is no room, milliseconds.
const FULL_WAIT_MS: u64 = 60_000;
/// Most parts of a form with a file.
const PARTS_MAX: usize = 16;
/// Longest part of a form that is no file, bytes.
const PART_BYTES_MAX: usize = 1_024;
/// Most characters of a file's name that are kept.
const NAME_CHARACTERS_MAX: usize = 100;
/// Beginning of the names of files that are being written; their holder follows.
const INCOMING: &str = "incoming-";
/// Between the look for room and the new name nobody else looks.
static MAKING_ROOM: Mutex<()> = Mutex::new(());

/// A form with a file, whose file is held now.
#[derive(Debug)]
pub(crate) struct Held {
    /// SHA-256 of the file, as hexadecimal digits: what [`open`] asks for.
    pub(crate) digest: String,
    /// Its name on the sender's machine, without directories.
    pub(crate) name: String,
    fields: Vec<(String, String)>,
}

impl Held {
    /// Value of the first field of this name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

fn directory(app: &App) -> PathBuf {
    app.config.state_directory.join(DIRECTORY)
}

fn file_name(holder: UserId, digest: &str) -> String {
    format!("{holder}-{digest}")
}

/// Reads a form (`multipart/form-data`) with one file and holds that for the caller. The route
/// must have no limit of its own for the body.
///
/// # Errors
/// No such form, no file in it, or a limit is passed.
pub(crate) async fn receive(
    app: &App,
    caller: &Caller,
    request: Request,
    bytes_max: usize,
) -> Result<Held> {
    let refuse = |text: String| Problem::new(Code::InvalidRequest, text);
    let broken = |error: MultipartError| refuse(error.body_text());
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|error| refuse(error.body_text()))?;
    let (mut fields, mut file) = (Vec::new(), None);
    let mut parts = 0;
    while let Some(mut part) = form.next_field().await.map_err(broken)? {
        parts += 1;
        if parts > PARTS_MAX {
            let detail = format!("the form has more than {PARTS_MAX} parts");
            return Err(Problem::new(Code::TooLarge, detail));
        }
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(plain_name) {
            Some(_) if file.is_some() => return Err(Problem::field(name, "there are two files")),
            Some(known) => {
                let incoming = Incoming::begin(&directory(app), caller.id()).await?;
                file = Some((known, incoming.fill(&mut part, bytes_max).await?));
            }
            None => fields.push((name, read_field(&mut part).await?)),
        }
    }
    match file {
        Some((name, incoming)) if incoming.bytes > 0 => Ok(Held {
            digest: incoming.settle().await?,
            name,
            fields,
        }),
        _ => Err(Problem::field("file", "choose a file first")),
    }
}

async fn read_field(part: &mut Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    let broken = |error: MultipartError| Problem::new(Code::InvalidRequest, error.body_text());
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > PART_BYTES_MAX {
            let detail = format!("a field has more than {PART_BYTES_MAX} bytes");
            return Err(Problem::new(Code::TooLarge, detail));
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::field("form", "is not UTF-8"))
}

/// The last part of a path of whatever system, without what no name of a file has.
pub(crate) fn plain_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let letters = last.chars().filter(|letter| !letter.is_control());
    letters.take(NAME_CHARACTERS_MAX).collect()
}

/// A file on its way; removed when dropped.
#[derive(Debug)]
struct Incoming {
    directory: PathBuf,
    path: PathBuf,
    holder: UserId,
    hasher: Sha256,
    bytes: usize,
    file: Option<File>,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After the rename there is nothing left; else what is left helps nobody.
        let _ = fs::remove_file(&self.path);
    }
}

impl Incoming {
    async fn begin(directory: &Path, holder: UserId) -> Result<Self> {
        let directory = directory.to_owned();
        let begun = run_blocking(move || {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(&directory)?;
            let _alone = MAKING_ROOM.lock().unwrap_or_else(PoisonError::into_inner);
            if !make_room(&directory, holder, SystemTime::now())? {
                return Ok(None);
            }
            let path = directory.join(format!("{INCOMING}{holder}-{}", Uuid::now_v7()));
            let mut options = OpenOptions::new();
            let file = options
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            io::Result::Ok(Some(Self {
                directory,
                path,
                holder,
                hasher: Sha256::new(),
                bytes: 0,
                file: Some(file),
            }))
        });
        let begun = begun.await?.map_err(|error| Problem::internal(&error))?;
        begun.ok_or_else(|| {
            let detail = "too many uploads wait for a decision; try again in a minute";
            Problem::new(Code::Busy, detail).with_retry_after(FULL_WAIT_MS)
        })
    }

    async fn fill(mut self, part: &mut Field<'_>, bytes_max: usize) -> Result<Self> {
        let broken = |error: MultipartError| Problem::new(Code::InvalidRequest, error.body_text());
        while let Some(chunk) = part.chunk().await.map_err(broken)? {
            self.bytes += chunk.len();
            if self.bytes > bytes_max {
                let detail = format!("the file is larger than {bytes_max} bytes");
                return Err(Problem::new(Code::TooLarge, detail));
            }
            let written = run_blocking(move || {
                if let Some(file) = &mut self.file {
                    file.write_all(&chunk)?;
                }
                self.hasher.update(&chunk);
                io::Result::Ok(self)
            });
            self = written.await?.map_err(|error| Problem::internal(&error))?;
        }
        Ok(self)
    }

    /// Puts the file into its place; returns its digest.
    async fn settle(mut self) -> Result<String> {
        let settled = run_blocking(move || {
            let digest = hex::encode(std::mem::take(&mut self.hasher).finalize());
            let target = self.directory.join(file_name(self.holder, &digest));
            fs::rename(&self.path, target)?;
            io::Result::Ok(digest)
        });
        settled.await?.map_err(|error| Problem::internal(&error))
    }
}

/// A file that the caller uploaded.
///
/// # Errors
/// It is not held, or not any more.
pub(crate) async fn open(app: &App, caller: &Caller, digest: &str) -> Result<File> {
    let gone = || {
        let detail = "the file is not held any more; upload it again";
        Problem::new(Code::NotFound, detail)
    };
    // It becomes a part of a path.
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if digest.len() != 64 || !digest.bytes().all(is_digit) {
        return Err(gone());
    }
    let path = directory(app).join(file_name(caller.id(), digest));
    let opened = run_blocking(move || {
        let file = File::open(path).ok()?;
        let age = file.metadata().ok()?.modified().ok()?.elapsed();
        (age.unwrap_or_default().as_secs() < HELD_SECONDS).then_some(file)
    });
    opened.await?.ok_or_else(gone)
}

/// Forgets a file that is needed no more.
pub(crate) async fn forget(app: &App, caller: &Caller, digest: &str) {
    let path = directory(app).join(file_name(caller.id(), digest));
    // What stays is removed by its age.
    let _ = run_blocking(move || fs::remove_file(path)).await;
}

/// Removes what is too old.
pub(crate) async fn clean(app: &App) {
    let directory = directory(app);
    let cleaned = run_blocking(move || list(&directory, SystemTime::now()).map(|_| ())).await;
    match cleaned {
        Ok(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "uploads that are over were not removed");
        }
        _ => {}
    }
}

/// Names and times of what is there, oldest first; what is too old is removed.
fn list(directory: &Path, now: SystemTime) -> io::Result<Vec<(SystemTime, String)>> {
    let mut held = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (Ok(name), Ok(found)) = (entry.file_name().into_string(), entry.metadata()) else {
            continue;
        };
        let at = found.modified()?;
        let age = now.duration_since(at).unwrap_or_default();
        if age < Duration::from_secs(HELD_SECONDS) {
            held.push((at, name));
        } else {
            remove(&entry.path())?;
        }
    }
    held.sort();
    Ok(held)
}

/// Somebody else may have removed it in the same moment.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the oldest of who holds too much; whether there is room for one more. What is on its way
/// counts as held, and nothing of it is removed.
fn make_room(directory: &Path, holder: UserId, now: SystemTime) -> io::Result<bool> {
    let held = list(directory, now)?;
    let prefix = file_name(holder, "");
    let own = held.iter().filter(|(_, name)| name.starts_with(&prefix));
    let own: Vec<&String> = own.map(|(_, name)| name).collect();
    let on_its_way = format!("{INCOMING}{holder}-");
    let incoming = held
        .iter()
        .filter(|(_, name)| name.starts_with(&on_its_way));
    let over = (own.len() + incoming.count() + 1).saturating_sub(HELD_OF_ONE_MAX);
    let removed = over.min(own.len());
    for name in &own[..removed] {
        remove(&directory.join(name))?;
    }
    Ok(over == removed && held.len() - removed < HELD_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(directory: &Path, holder: UserId, name: &str, age_seconds: u64) {
        let file = File::create(directory.join(file_name(holder, name))).unwrap();
        let at = SystemTime::now() - Duration::from_secs(age_seconds);
        file.set_modified(at).unwrap();
    }

    fn names(directory: &Path) -> Vec<String> {
        let held = list(directory, SystemTime::now()).unwrap();
        held.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn who_holds_too_much_loses_the_oldest_and_nobody_elses() {
        let directory = tempfile::tempdir().unwrap();
        let (ann, bob) = (UserId::new(), UserId::new());
        put(directory.path(), bob, "z", 90);
        for (name, age) in [("a", 50), ("b", 40), ("c", 30)] {
            put(directory.path(), ann, name, age);
        }
        assert!(make_room(directory.path(), ann, SystemTime::now()).unwrap());
        let expected = [(bob, "z"), (ann, "b"), (ann, "c")];
        let expected: Vec<String> = expected
            .iter()
            .map(|(who, of)| file_name(*who, of))
            .collect();
        assert_eq!(names(directory.path()), expected);
    }

    #[test]
    fn what_is_on_its_way_counts_and_stays() {
        let directory = tempfile::tempdir().unwrap();
        let (ann, now) = (UserId::new(), SystemTime::now());
        put(directory.path(), ann, "a", 50);
        let begin = || {
            let name = format!("{INCOMING}{ann}-{}", Uuid::now_v7());
            File::create(directory.path().join(name)).unwrap();
        };
        begin();
        begin();
        assert!(make_room(directory.path(), ann, now).unwrap());
        assert_eq!(names(directory.path()).len(), 2, "the held one made room");
        begin();
        assert!(!make_room(directory.path(), ann, now).unwrap());
        assert_eq!(names(directory.path()).len(), 3);
        assert!(make_room(directory.path(), UserId::new(), now).unwrap());
    }

    #[test]
    fn what_is_too_old_is_gone_and_a_full_house_takes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        put(directory.path(), UserId::new(), "a", HELD_SECONDS + 1);
        assert!(names(directory.path()).is_empty());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        for _ in 0..HELD_MAX {
            put(directory.path(), UserId::new(), "a", 1);
        }
        assert!(!make_room(directory.path(), UserId::new(), SystemTime::now()).unwrap());
    }

    #[test]
    fn a_name_has_no_directory() {
        assert_eq!(plain_name("C:\\quizzes\\a b.xml"), "a b.xml");
        assert_eq!(plain_name("../../etc/pass\nwd"), "passwd");
        assert_eq!(plain_name("x/"), "");
    }
}
