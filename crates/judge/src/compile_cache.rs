//! Results of compile runs by content: what went in decides, never the time of a file.
//!
//! An entry is one file, named after its key: the SHA-256 of everything after
//! it, the length of a JSON head, the head, and the bytes of the files one
//! after the other. It is written under another name and renamed, so that a
//! reader sees all of it or nothing; an entry that does not verify is a miss
//! and is removed.
//!
//! The file `account` holds the number of bytes of all entries. Who adds one
//! holds its lock, so that all processes together stay within the bound.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use carrel_sandbox::{FileInput, Report};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::case::SuiteFailure;
use crate::error::Error;

/// Most bytes that the directory holds where nothing else is said.
pub const CACHE_BYTES_MAX: u64 = 2 << 30;
/// Most bytes that are kept in memory for environments without a digest.
const MEMORY_BYTES_MAX: u64 = 128 << 20;
/// Grows when the meaning of an entry changes: older ones are misses then.
const FORMAT: &str = "carrel-compile-1";
const DIGEST_BYTES: usize = 32;
const LENGTH_BYTES: usize = 8;
/// Name of the file that holds the number of bytes of all entries, and is locked to change it.
const ACCOUNT_NAME: &str = "account";

/// What a compile run gave, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) files: Vec<FileInput>,
    pub(crate) report: Report,
    pub(crate) failure: Option<SuiteFailure>,
}

/// SHA-256 of all that decides the outcome of a compile run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u8; DIGEST_BYTES]);

/// Puts a key together; every part is preceded by its length, so that no two inputs look alike.
#[derive(Debug)]
pub(crate) struct KeyBuilder(Sha256);

impl KeyBuilder {
    pub(crate) fn new() -> Self {
        let mut builder = Self(Sha256::new());
        builder.part(FORMAT.as_bytes());
        builder
    }

    pub(crate) fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.part(&(count as u64).to_le_bytes());
    }

    pub(crate) fn finish(self) -> Key {
        Key(self.0.finalize().into())
    }
}

/// Where an entry may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// In this process only: the environment may change between two starts.
    Process,
    /// On disk too: the environment is named by its content.
    Disk,
}

/// The cache. One may be used by many threads, and many processes may use one directory.
#[derive(Debug)]
pub struct CompileCache {
    directory: Option<PathBuf>,
    bytes_max: u64,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    entries: BTreeMap<Key, Entry>,
    order: VecDeque<Key>,
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Head {
    report: Report,
    failure: Option<SuiteFailure>,
    files: Vec<HeadFile>,
}

#[derive(Serialize, Deserialize)]
struct HeadFile {
    path: String,
    bytes: usize,
    executable: bool,
}

impl CompileCache {
    /// A cache that forgets everything with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            directory: None,
            bytes_max: 0,
            memory: Mutex::default(),
        }
    }

    /// A cache in this directory (made where missing, for this user only) of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// The directory can not be made or read.
    pub fn open(directory: &Path, bytes_max: u64) -> Result<Self, Error> {
        let fault = |doing| {
            move |source| Error::File {
                doing,
                path: directory.to_owned(),
                source,
            }
        };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(directory)
            .map_err(fault("making directory"))?;
        let mut account = Account::lock(directory).map_err(fault("locking the account of"))?;
        // Counted anew: a process may have died between an entry and its count.
        let entries = list(directory).map_err(fault("reading directory"))?;
        account
            .write(entries.iter().map(|(_, _, bytes)| bytes).sum())
            .map_err(fault("writing the account of"))?;
        Ok(Self {
            directory: Some(directory.to_owned()),
            bytes_max,
            memory: Mutex::default(),
        })
    }

    pub(crate) fn get(&self, key: &Key, reach: Reach) -> Option<Entry> {
        match (&self.directory, reach) {
            (Some(directory), Reach::Disk) => read(&entry_path(directory, key)),
            _ => lock(&self.memory).entries.get(key).cloned(),
        }
    }

    /// Keeps an entry. A cache that can not be written only costs time, so that nothing is reported.
    pub(crate) fn put(&self, key: Key, reach: Reach, entry: &Entry) {
        match (&self.directory, reach) {
            (Some(directory), Reach::Disk) => {
                // The entry is written again by who needs it again.
                let _ = add(directory, &key, &encode(entry), self.bytes_max);
            }
            _ => lock(&self.memory).keep(key, entry),
        }
    }
}

/// Makes room for an entry and writes it, while no other process does so.
fn add(directory: &Path, key: &Key, bytes: &[u8], bytes_max: u64) -> io::Result<()> {
    let came = bytes.len() as u64;
    if came > bytes_max {
        return Ok(());
    }
    let mut account = Account::lock(directory)?;
    let mut total = account.read()?;
    if total.saturating_add(came) > bytes_max {
        total = make_room(directory, bytes_max / 4 * 3, came)?;
    }
    // Before the entry: whoever dies in between has counted too much, never too little.
    account.write(total + came)?;
    write(directory, key, bytes)
}

/// Removes the entries longest unused until this many more bytes fit; the bytes that are left.
fn make_room(directory: &Path, bytes_max: u64, came: u64) -> io::Result<u64> {
    let mut entries = list(directory)?;
    entries.sort_by_key(|(_, used, _)| *used);
    let mut total: u64 = entries.iter().map(|(_, _, bytes)| bytes).sum();
    for (path, _, bytes) in entries {
        if total.saturating_add(came) <= bytes_max {
            break;
        }
        if fs::remove_file(path).is_ok() {
            total -= bytes;
        }
    }
    Ok(total)
}

/// The account of a directory, locked until this is dropped.
struct Account(File);

impl Account {
    fn lock(directory: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(directory.join(ACCOUNT_NAME))?;
        file.lock()?;
        Ok(Self(file))
    }

    /// Bytes of all entries; a damaged account counts as full, so that the next entry counts anew.
    fn read(&mut self) -> io::Result<u64> {
        let mut text = String::new();
        self.0.rewind()?;
        self.0.read_to_string(&mut text)?;
        Ok(text.trim().parse().unwrap_or(u64::MAX))
    }

    fn write(&mut self, bytes: u64) -> io::Result<()> {
        self.0.rewind()?;
        self.0.set_len(0)?;
        self.0.write_all(bytes.to_string().as_bytes())
    }
}

impl Memory {
    fn keep(&mut self, key: Key, entry: &Entry) {
        let bytes = size(entry);
        if bytes > MEMORY_BYTES_MAX || self.entries.contains_key(&key) {
            return;
        }
        while self.bytes + bytes > MEMORY_BYTES_MAX {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some(gone) = self.entries.remove(&oldest) {
                self.bytes -= size(&gone);
            }
        }
        self.bytes += bytes;
        self.order.push_back(key);
        self.entries.insert(key, entry.clone());
    }
}

/// Bytes of an entry in memory, near enough.
fn size(entry: &Entry) -> u64 {
    let files: usize = entry
        .files
        .iter()
        .map(|file| file.content.len() + file.path.len())
        .sum();
    let outputs = entry.report.stdout.bytes.len() + entry.report.stderr.bytes.len();
    (files + outputs + 512) as u64
}

/// A poisoned lock holds plain counters and copies: still usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn entry_path(directory: &Path, key: &Key) -> PathBuf {
    directory.join(format!("{}.compiled", hex::encode(key.0)))
}

/// Path, time of last use and bytes of every entry.
fn list(directory: &Path) -> std::io::Result<Vec<(PathBuf, SystemTime, u64)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // Another process may remove an entry between the two calls.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_file() && entry.file_name() != ACCOUNT_NAME {
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            entries.push((entry.path(), used, metadata.len()));
        }
    }
    Ok(entries)
}

fn write(directory: &Path, key: &Key, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.persist(entry_path(directory, key))?;
    Ok(())
}

fn read(path: &Path) -> Option<Entry> {
    let bytes = fs::read(path).ok()?;
    let entry = decode(&bytes);
    if entry.is_none() {
        let _ = fs::remove_file(path);
    } else if let Ok(file) = fs::File::open(path) {
        // Only the order of removal depends on this time.
        let _ = file.set_modified(SystemTime::now());
    }
    entry
}

fn encode(entry: &Entry) -> Vec<u8> {
    let files = entry.files.iter().map(|file| HeadFile {
        path: file.path.clone(),
        bytes: file.content.len(),
        executable: file.executable,
    });
    let head = Head {
        report: entry.report.clone(),
        failure: entry.failure.clone(),
        files: files.collect(),
    };
    let head = serde_json::to_vec(&head).unwrap_or_default();
    let mut body = (head.len() as u64).to_le_bytes().to_vec();
    body.extend_from_slice(&head);
    for file in &entry.files {
        body.extend_from_slice(&file.content);
    }
    let mut bytes = Sha256::digest(&body).to_vec();
    bytes.append(&mut body);
    bytes
}

fn decode(bytes: &[u8]) -> Option<Entry> {
    let (digest, body) = bytes.split_at_checked(DIGEST_BYTES)?;
    if Sha256::digest(body)[..] != *digest {
        return None;
    }
    let (length, rest) = body.split_at_checked(LENGTH_BYTES)?;
    let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (head, mut rest) = rest.split_at_checked(length)?;
    let head: Head = serde_json::from_slice(head).ok()?;
    let mut files = Vec::with_capacity(head.files.len());
    for file in head.files {
        let (content, after) = rest.split_at_checked(file.bytes)?;
        rest = after;
        files.push(FileInput {
            path: file.path,
            content: content.to_vec(),
            executable: file.executable,
            writable: false,
        });
    }
    rest.is_empty().then_some(Entry {
        files,
        report: head.report,
        failure: head.failure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::report;

    fn key(text: &str) -> Key {
        let mut builder = KeyBuilder::new();
        builder.part(text.as_bytes());
        builder.finish()
    }

    fn entry(bytes: usize) -> Entry {
        let file = |path: &str, content: Vec<u8>, executable| FileInput {
            path: path.to_owned(),
            content,
            executable,
            writable: false,
        };
        Entry {
            files: vec![
                file("program", vec![7; bytes], true),
                file("data/x", b"\n\0".to_vec(), false),
            ],
            report: report(0),
            failure: None,
        }
    }

    #[test]
    fn what_goes_in_comes_out_also_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let cache = CompileCache::open(directory.path(), CACHE_BYTES_MAX).unwrap();
        assert_eq!(cache.get(&key("a"), Reach::Disk), None);
        cache.put(key("a"), Reach::Disk, &entry(100));
        let again = CompileCache::open(directory.path(), CACHE_BYTES_MAX).unwrap();
        assert_eq!(again.get(&key("a"), Reach::Disk), Some(entry(100)));
        assert_eq!(again.get(&key("b"), Reach::Disk), None);
    }

    #[test]
    fn an_entry_with_any_byte_changed_is_a_miss_and_goes() {
        let good = encode(&entry(10));
        assert_eq!(decode(&good), Some(entry(10)));
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(decode(&bad), None, "byte {at}");
            assert_eq!(decode(&good[..at]), None, "cut at {at}");
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        fs::write(&path, b"broken").unwrap();
        assert_eq!(read(&path), None);
        assert!(!path.exists());
    }

    #[test]
    fn process_entries_never_reach_the_disk() {
        let directory = tempfile::tempdir().unwrap();
        let cache = CompileCache::open(directory.path(), CACHE_BYTES_MAX).unwrap();
        cache.put(key("host"), Reach::Process, &entry(10));
        assert_eq!(cache.get(&key("host"), Reach::Process), Some(entry(10)));
        assert_eq!(list(directory.path()).unwrap().len(), 0);
    }

    #[test]
    fn the_directory_stays_within_its_bound() {
        let directory = tempfile::tempdir().unwrap();
        let cache = CompileCache::open(directory.path(), 40_000).unwrap();
        for number in 0..20 {
            cache.put(key(&number.to_string()), Reach::Disk, &entry(5_000));
        }
        let bytes: u64 = list(directory.path())
            .unwrap()
            .iter()
            .map(|(_, _, bytes)| bytes)
            .sum();
        assert!(bytes <= 40_000 && bytes > 5_000, "{bytes}");
        assert!(cache.get(&key("19"), Reach::Disk).is_some());
    }

    #[test]
    fn several_that_write_at_once_stay_within_the_bound_together() {
        let directory = tempfile::tempdir().unwrap();
        let open = || CompileCache::open(directory.path(), 60_000).unwrap();
        // As many processes would: each with a cache of its own over the same directory.
        let caches = [open(), open(), open()];
        for number in 0..30 {
            let name = number.to_string();
            caches[number % 3].put(key(&name), Reach::Disk, &entry(5_000));
            let entries = list(directory.path()).unwrap();
            let bytes: u64 = entries.iter().map(|(_, _, bytes)| bytes).sum();
            assert!(bytes <= 60_000, "{bytes} after {number}");
        }
        fs::write(directory.path().join(ACCOUNT_NAME), "damaged").unwrap();
        caches[0].put(key("after"), Reach::Disk, &entry(5_000));
        assert!(caches[1].get(&key("after"), Reach::Disk).is_some());
        let told = fs::read_to_string(directory.path().join(ACCOUNT_NAME)).unwrap();
        let entries = list(directory.path()).unwrap();
        let bytes: u64 = entries.iter().map(|(_, _, bytes)| bytes).sum();
        assert_eq!(told, bytes.to_string());
    }

    #[test]
    fn memory_forgets_the_oldest_first() {
        let mut memory = Memory::default();
        let big = usize::try_from(MEMORY_BYTES_MAX / 3).unwrap();
        for name in ["a", "b", "c"] {
            memory.keep(key(name), &entry(big));
        }
        assert!(!memory.entries.contains_key(&key("a")));
        assert!(memory.entries.contains_key(&key("c")));
        assert!(memory.bytes <= MEMORY_BYTES_MAX);
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        let join = |parts: &[&str]| {
            let mut builder = KeyBuilder::new();
            for part in parts {
                builder.part(part.as_bytes());
            }
            builder.finish()
        };
        assert_ne!(join(&["ab", "c"]), join(&["a", "bc"]));
    }
}
