//! Who this node is: an id that lasts as long as its run directory, and a count of its worker's lives.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use carrel_model::id::NodeId;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::error::Error;

const IDENTITY_FILE: &str = "node.json";
const LOCK_FILE: &str = "worker.lock";

/// What is kept of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    node: NodeId,
    epoch: u64,
}

/// This node, ours until dropped.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) node: NodeId,
    /// Lives of its worker, this one included.
    pub(crate) epoch: u64,
    _lock: File,
}

impl Identity {
    /// Takes the node of this run directory, or makes a new one where there is none
    /// (after a start of the host the directory is empty, and so nothing of it runs).
    pub(crate) fn take(run: &Path) -> Result<Self, Error> {
        let failed = |doing, path: &Path| {
            let path: PathBuf = path.to_owned();
            move |source| Error::File {
                doing,
                path,
                source,
            }
        };
        std::fs::create_dir_all(run).map_err(failed("making", run))?;
        let lock_path = run.join(LOCK_FILE);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(failed("opening", &lock_path))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(Error::Taken {
                    path: run.to_owned(),
                });
            }
            Err(error) => return Err(failed("locking", &lock_path)(error.into())),
        }
        let path = run.join(IDENTITY_FILE);
        // One that cannot be read is as good as none: its leases run out.
        let earlier = std::fs::read(&path)
            .ok()
            .and_then(|text| serde_json::from_slice::<Kept>(&text).ok());
        let kept = match earlier {
            Some(kept) => Kept {
                epoch: kept.epoch + 1,
                ..kept
            },
            None => Kept {
                node: NodeId::new(),
                epoch: 1,
            },
        };
        let text = serde_json::to_vec(&kept).unwrap_or_default();
        let new = run.join("node.json.new");
        std::fs::write(&new, text).map_err(failed("writing", &new))?;
        std::fs::rename(&new, &path).map_err(failed("replacing", &path))?;
        Ok(Self {
            node: kept.node,
            epoch: kept.epoch,
            _lock: lock,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_stays_itself_and_counts_its_lives() {
        let run = tempfile::tempdir().unwrap();
        let first = Identity::take(run.path()).unwrap();
        assert!(matches!(
            Identity::take(run.path()),
            Err(Error::Taken { .. })
        ));
        let (node, epoch) = (first.node, first.epoch);
        drop(first);
        let second = Identity::take(run.path()).unwrap();
        assert_eq!((second.node, second.epoch), (node, epoch + 1));
        drop(second);
        std::fs::write(run.path().join(IDENTITY_FILE), "broken").unwrap();
        assert_ne!(Identity::take(run.path()).unwrap().node, node);
    }
}
