//! Where the files of a unit check go in the sandbox, and the spec around them.

use std::collections::BTreeMap;

use carrel_sandbox::{FileInput, Network, Spec, Stream};

use crate::case::UnitRequest;
use crate::limits::sandbox_limits;

/// Directory of our harness files inside the sandbox; root's, so that the program cannot replace them.
pub(crate) const HARNESS_DIRECTORY: &str = "/tmp/.carrel";
/// Most bytes of what a case printed that are kept.
const REPORT_BYTES_EXTRA: u64 = 4 << 20;

/// A file of ours, read-only to the program.
pub(crate) fn harness_file(name: &str, content: &[u8]) -> FileInput {
    FileInput {
        path: format!("{HARNESS_DIRECTORY}/{name}"),
        content: content.to_vec(),
        executable: false,
        writable: false,
    }
}

/// The learner's and the supplied files. Supplied ones win; tests are placed by the caller.
pub(crate) fn program_files(request: &UnitRequest<'_>) -> Vec<FileInput> {
    let mut files: BTreeMap<&str, FileInput> = BTreeMap::new();
    for (path, content) in request.learner {
        let executable = content.starts_with(b"#!");
        files.insert(
            path,
            FileInput {
                path: path.clone(),
                content: content.clone(),
                executable,
                writable: true,
            },
        );
    }
    for (path, content) in request.supplied {
        files.insert(path, read_only(path, content));
    }
    files.into_values().collect()
}

/// A file that the program may only read.
pub(crate) fn read_only(path: &str, content: &[u8]) -> FileInput {
    FileInput {
        path: path.to_owned(),
        content: content.to_vec(),
        executable: content.starts_with(b"#!"),
        writable: false,
    }
}

/// A run with the request's limits; the report channel gets room of its own
/// beside the output that the learner may make.
pub(crate) fn spec(request: &UnitRequest<'_>, argv: Vec<String>, stdin: Vec<u8>) -> Spec {
    let mut spec = Spec::new(argv);
    spec.stdin = if stdin.is_empty() {
        Stream::Null
    } else {
        Stream::Bytes(stdin)
    };
    spec.limits = sandbox_limits(&request.limits);
    spec.limits.output_bytes = spec.limits.output_bytes.saturating_add(REPORT_BYTES_EXTRA);
    spec.report_channel = true;
    spec.network = if request.loopback {
        Network::Loopback
    } else {
        Network::None
    };
    spec
}

/// Owned arguments from borrowed ones.
pub(crate) fn arguments(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
