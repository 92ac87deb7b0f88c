//! What a sandbox is asked to do: plain data, no behaviour beyond checks.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Directory inside the sandbox where the run's files lie and where it starts.
pub const WORK_DIRECTORY: &str = "/work";
/// User id that a program sees itself run as.
pub const PROGRAM_UID: u32 = 1000;

/// The root file system of every sandbox that one keeper makes.
#[derive(Debug)]
pub enum Root {
    /// A directory that already is a whole root file system.
    Directory(PathBuf),
    /// A detached mount of a whole root file system (from `fsmount` or `open_tree`).
    Mount(OwnedFd),
    /// A root assembled from pieces of the host, in order.
    Assembled(Vec<Entry>),
}

/// One piece of an assembled root. Targets are absolute paths inside the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A read-only view of a host file or directory (with the mounts below it left out).
    Bind {
        /// Path on the host.
        source: PathBuf,
        /// Path inside.
        target: PathBuf,
    },
    /// A symbolic link at `target` that points to `link`.
    Symlink {
        /// What the link holds.
        link: PathBuf,
        /// Path inside.
        target: PathBuf,
    },
    /// An empty directory, mode 755.
    Directory {
        /// Path inside.
        target: PathBuf,
    },
    /// A small regular file, mode 644.
    File {
        /// Path inside.
        target: PathBuf,
        /// What it holds.
        content: Vec<u8>,
    },
}

/// Everything one run needs. Built with [`Spec::new`] and field updates.
#[derive(Debug)]
pub struct Spec {
    /// Program (absolute, or looked up in `PATH` of `environment`) and its arguments.
    pub argv: Vec<String>,
    /// The whole environment of the program; nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// Files placed below [`WORK_DIRECTORY`] (or at an absolute path below `/work` or `/tmp`) before the start.
    pub files: Vec<FileInput>,
    /// Where standard input comes from.
    pub stdin: Stream,
    /// Where standard output goes.
    pub stdout: Stream,
    /// Where standard error goes.
    pub stderr: Stream,
    /// Extra output channel on descriptor 3, captured apart from the standard streams; off by default.
    pub report_channel: bool,
    /// All the limits.
    pub limits: Limits,
    /// What network there is.
    pub network: Network,
    /// Paths below [`WORK_DIRECTORY`] to bring back after the run: regular
    /// files, or directories (all regular files beneath). A missing path is
    /// simply absent from the report; a link or device there is an error entry.
    /// `.` is the whole work directory.
    pub collect: Vec<String>,
    /// Most bytes that all collected files may have together.
    pub collect_bytes_max: u64,
    /// Given: the run goes on when its caller dies, and its report is written
    /// here ([`crate::journal`]). Not given: it dies with its caller.
    pub journal: Option<OwnedFd>,
    /// Reading end of a pipe. A byte from 1 to 64 is the number of a signal that the program is
    /// sent, as soon as it runs; without a pid namespace it ends the run. Any other byte, and
    /// closing the writing end, ends the run ([`crate::Ending::Stopped`]).
    pub stop: Option<OwnedFd>,
}

/// A file placed into the sandbox before the program starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInput {
    /// Relative to [`WORK_DIRECTORY`], or absolute below `/work` or `/tmp`. No `..`, no empty parts.
    pub path: String,
    /// The bytes.
    pub content: Vec<u8>,
    /// May be executed.
    pub executable: bool,
    /// Owned by the program's user (it may change it) or by the sandbox's root (it may only read it).
    /// The directory that holds a read-only file is owned by root with the sticky bit,
    /// so that the program can add files beside it but not replace it.
    pub writable: bool,
}

/// One of the three standard streams.
#[derive(Debug)]
pub enum Stream {
    /// `/dev/null`.
    Null,
    /// Input: these bytes, then end of file.
    Bytes(Vec<u8>),
    /// Output: captured up to `limits.output_bytes` over all captured streams; more is the output limit.
    Capture,
    /// Standard error only: into whatever standard output is, in the order written.
    Stdout,
    /// A descriptor of the caller, handed over as it is (a pipe between two sandboxes).
    Descriptor(OwnedFd),
}

/// What network a sandbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// No network: only Unix sockets between the run's own processes.
    #[default]
    None,
    /// A loopback device of its own, connected to nothing.
    Loopback,
}

/// Limits of one run. Every one is enforced and every one that ends a run is named in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Processor time of all processes together, milliseconds.
    pub cpu_ms: u64,
    /// Time from start to end, milliseconds.
    pub wall_ms: u64,
    /// Memory of all processes, page cache and temporary files together, bytes.
    pub memory_bytes: u64,
    /// Processes and threads at one moment.
    pub processes: u64,
    /// Captured output, all streams together, bytes.
    pub output_bytes: u64,
    /// Largest file that may be written, bytes.
    pub file_bytes: u64,
    /// All writable files together, bytes.
    pub disk_bytes: u64,
    /// Writable files and directories together.
    pub inodes: u64,
    /// Open descriptors per process.
    pub open_files: u64,
    /// Stack of the main thread, bytes.
    pub stack_bytes: u64,
    /// Processors that may be used at once, in thousandths (1000 = one processor).
    pub cpu_rate_milli: u64,
}

impl Limits {
    /// A limit of zero would be none at all to some parts of the kernel.
    fn check(&self) -> Result<(), Error> {
        let limits = [
            ("cpu_ms", self.cpu_ms),
            ("wall_ms", self.wall_ms),
            ("memory_bytes", self.memory_bytes),
            ("processes", self.processes),
            ("output_bytes", self.output_bytes),
            ("file_bytes", self.file_bytes),
            ("disk_bytes", self.disk_bytes),
            ("inodes", self.inodes),
            ("open_files", self.open_files),
            ("stack_bytes", self.stack_bytes),
            ("cpu_rate_milli", self.cpu_rate_milli),
        ];
        for (name, value) in limits {
            if value == 0 || value > 1 << 50 {
                return Err(Error::Spec(format!("limit `{name}` is {value}")));
            }
        }
        Ok(())
    }
}

/// Whether a path of a spec stays below the work directory or /tmp.
fn is_inside(path: &str) -> bool {
    let rest = match path.strip_prefix('/') {
        None => path,
        Some(absolute) => {
            let Some(rest) = ["work/", "tmp/"]
                .iter()
                .find_map(|top| absolute.strip_prefix(top))
            else {
                return false;
            };
            rest
        }
    };
    !path.contains('\0')
        && rest
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 5_000,
            wall_ms: 10_000,
            memory_bytes: 512 << 20,
            processes: 64,
            output_bytes: 1 << 20,
            file_bytes: 64 << 20,
            disk_bytes: 128 << 20,
            inodes: 8_192,
            open_files: 256,
            stack_bytes: 64 << 20,
            cpu_rate_milli: 1_000,
        }
    }
}

impl Spec {
    /// Refuses what no sandbox can be made from.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |text: String| Err(Error::Spec(text));
        if self.argv.is_empty() || self.argv[0].is_empty() {
            return wrong("no program named".to_owned());
        }
        let texts = self
            .argv
            .iter()
            .chain(self.environment.iter().flat_map(|(n, v)| [n, v]));
        if texts.into_iter().any(|text| text.contains('\0')) {
            return wrong("an argument or variable holds a NUL byte".to_owned());
        }
        let collected = self.collect.iter().filter(|path| *path != ".");
        for path in self.files.iter().map(|file| &file.path).chain(collected) {
            if !is_inside(path) {
                return wrong(format!(
                    "path `{path}` is not below {WORK_DIRECTORY} or /tmp"
                ));
            }
        }
        if matches!(self.stdin, Stream::Capture | Stream::Stdout)
            || matches!(self.stdout, Stream::Bytes(_) | Stream::Stdout)
            || matches!(self.stderr, Stream::Bytes(_))
        {
            return wrong("a stream has the wrong direction".to_owned());
        }
        self.limits.check()
    }

    /// A run of `argv` with default limits, no input, captured output, and a minimal environment.
    #[must_use]
    pub fn new(argv: Vec<String>) -> Self {
        let environment = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("HOME", "/tmp"),
            ("LANG", "C.UTF-8"),
            ("TMPDIR", "/tmp"),
        ];
        Self {
            argv,
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            files: Vec::new(),
            stdin: Stream::Null,
            stdout: Stream::Capture,
            stderr: Stream::Capture,
            report_channel: false,
            limits: Limits::default(),
            network: Network::None,
            collect: Vec::new(),
            collect_bytes_max: 64 << 20,
            journal: None,
            stop: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        for good in ["a", "a/b", "/work/a", "/tmp/x/y", ".hidden", "a..b"] {
            assert!(is_inside(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a//b",
            "/work",
            "/work/",
            "./a",
            "/workx/a",
            "a\0b",
        ] {
            assert!(!is_inside(bad), "{bad:?}");
        }
    }

    #[test]
    fn zero_limit_is_refused_by_name() {
        let mut spec = Spec::new(vec!["true".to_owned()]);
        assert!(spec.check().is_ok());
        spec.limits.wall_ms = 0;
        let error = spec.check().unwrap_err();
        assert!(error.to_string().contains("wall_ms"), "{error}");
    }
}
