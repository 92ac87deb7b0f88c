//! The sync thread: puts the log on the disk and answers those who wait for that.
//!
//! It syncs the log through a descriptor of its own. The engine takes its locks on the
//! database file and the shared memory file, so closing this one frees none.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use super::write::{Broken, Write};
use crate::error::{Error, Result};

/// Batches that wait for the disk at most; then the writer waits too, its queue fills, and
/// new submissions are refused.
const BATCHES_WAITING_MAX: usize = 64;

/// Committed writes that wait for the disk.
pub(super) type Durable = Vec<Box<dyn Write>>;

/// The handle of the sync thread.
pub(super) struct Syncer {
    queue: Option<mpsc::SyncSender<Durable>>,
    thread: Option<JoinHandle<()>>,
    count: Arc<AtomicU64>,
    broken: Arc<Mutex<Option<Broken>>>,
}

impl Syncer {
    /// Starts the thread; the log must exist.
    pub(super) fn start(path: &Path) -> Result<Self> {
        let log = log_path(path);
        let told = |source: std::io::Error| Error::Engine {
            doing: "opening the log for syncing",
            source: Box::new(source),
        };
        let file = File::open(&log).map_err(told)?;
        // The engine would do this with its own first sync of a new log.
        let directory = log.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))
            .and_then(|directory| directory.sync_all())
            .map_err(told)?;
        let count = Arc::new(AtomicU64::new(0));
        let broken = Arc::new(Mutex::new(None));
        let (queue, waiting) = mpsc::sync_channel(BATCHES_WAITING_MAX);
        let state = (Arc::clone(&count), Arc::clone(&broken));
        let thread = std::thread::Builder::new()
            .name("store-sync".into())
            .spawn(move || run(&file, &waiting, &state.0, &state.1))
            .map_err(told)?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            count,
            broken,
        })
    }

    /// Syncs so far.
    pub(super) fn count(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.count)
    }

    /// A sync failed: what the disk holds is not known any more, and no later
    /// write may be promised by this process.
    pub(super) fn broken(&self) -> Option<Broken> {
        self.broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Answers these once they are on the disk.
    pub(super) fn sync(&self, writes: Durable) {
        if let Some(queue) = &self.queue
            && let Err(mpsc::SendError(writes)) = queue.send(writes)
        {
            let broken = Broken::of(&std::io::Error::other("the sync thread has stopped"));
            answer(writes, Err(&broken));
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Where the log of a database is.
pub(super) fn log_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn run(
    file: &File,
    waiting: &mpsc::Receiver<Durable>,
    count: &AtomicU64,
    broken: &Mutex<Option<Broken>>,
) {
    while let Ok(mut writes) = waiting.recv() {
        while let Ok(more) = waiting.try_recv() {
            writes.extend(more);
        }
        let known = broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(known) = known {
            answer(writes, Err(&known));
            continue;
        }
        let synced = file.sync_data();
        count.fetch_add(1, Ordering::Relaxed);
        match synced {
            Ok(()) => answer(writes, Ok(())),
            Err(error) => {
                let told = Broken::of(&error);
                *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(told.clone());
                answer(writes, Err(&told));
            }
        }
    }
}

fn answer(writes: Durable, commit: std::result::Result<(), &Broken>) {
    for write in writes {
        write.answer(commit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::write::{Durability, Pending, Tx};

    fn write() -> (Box<dyn Write>, tokio::sync::oneshot::Receiver<Result<()>>) {
        let work = |_: &Tx<'_>| Ok(());
        let (mut pending, answer) = Pending::new(Durability::Durable, "testing", work);
        let sql = rusqlite::Connection::open_in_memory().unwrap();
        let queued = std::cell::Cell::new(false);
        assert!(pending.run(&Tx::new(&sql, 0, &queued)));
        (pending, answer)
    }

    #[test]
    fn after_a_failed_sync_nothing_is_promised_any_more() {
        // Syncing this device is an error (EINVAL).
        let device = File::open("/dev/null").unwrap();
        let (count, broken) = (AtomicU64::new(0), Mutex::new(None));
        let (queue, waiting) = mpsc::channel();
        let (first, mut first_answer) = write();
        queue.send(vec![first]).unwrap();
        drop(queue);
        run(&device, &waiting, &count, &broken);
        assert!(first_answer.try_recv().unwrap().is_err());
        assert!(broken.lock().unwrap().is_some());
        // Even where the next sync would succeed.
        let file = tempfile::tempfile().unwrap();
        let (queue, waiting) = mpsc::channel();
        let (second, mut second_answer) = write();
        queue.send(vec![second]).unwrap();
        drop(queue);
        run(&file, &waiting, &count, &broken);
        assert!(second_answer.try_recv().unwrap().is_err());
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }
}
