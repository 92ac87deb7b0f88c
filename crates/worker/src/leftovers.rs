//! What earlier lives of this node's worker left, and nobody needs any more.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use carrel_model::id::SubmissionId;
use carrel_sandbox::journal::{self, Adoption};
use carrel_sandbox::sweep::{Swept, sweep};

use crate::error::Error;
use crate::runs;

/// Removes journals of submissions that are not in hand, ends their runs, and
/// sweeps away what sandboxes left. Sandboxes that somebody holds stay.
pub(crate) fn clear(run: &Path, in_hand: &HashSet<SubmissionId>) -> Result<(), Error> {
    let directory = runs::directory_of_all(run);
    let failed = |doing| {
        let path = directory.clone();
        move |source| Error::File {
            doing,
            path,
            source,
        }
    };
    std::fs::create_dir_all(&directory).map_err(failed("making"))?;
    let mut removed = 0;
    for entry in std::fs::read_dir(&directory).map_err(failed("listing"))? {
        let entry = entry.map_err(failed("listing"))?;
        let name = entry.file_name();
        let submission = name.to_str().and_then(|name| name.parse().ok());
        if submission.is_some_and(|id| in_hand.contains(&id)) {
            continue;
        }
        match forget(&entry.path()) {
            Ok(()) => removed += 1,
            Err(error) => {
                tracing::warn!(path = %entry.path().display(), %error, "journals stay");
            }
        }
    }
    let swept = sweep().unwrap_or_else(|error| {
        tracing::warn!(%error, "what earlier sandboxes left is not swept away");
        Swept::default()
    });
    if removed + swept.removed > 0 {
        let (slots, in_use) = (swept.removed, swept.in_use);
        tracing::info!(journals = removed, slots, in_use, "swept");
    }
    Ok(())
}

/// Ends the runs of these journals and removes them.
fn forget(directory: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if let Ok(Adoption::Running(underway)) = journal::adopt(&path) {
            underway.kill()?;
        }
    }
    std::fs::remove_dir_all(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_hand_stays() {
        let run = tempfile::tempdir().unwrap();
        let (ours, other) = (SubmissionId::new(), SubmissionId::new());
        for id in [ours, other] {
            let directory = runs::directory(run.path(), id);
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join("journal"), "").unwrap();
        }
        clear(run.path(), &HashSet::from([ours])).unwrap();
        assert!(runs::directory(run.path(), ours).exists());
        assert!(!runs::directory(run.path(), other).exists());
    }
}
