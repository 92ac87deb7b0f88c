//! What one run did.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The whole account of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How it ended.
    pub ending: Ending,
    /// What it used.
    pub usage: Usage,
    /// Captured standard output.
    pub stdout: Output,
    /// Captured standard error.
    pub stderr: Output,
    /// In which order the kept bytes of the two came, as the keeper read them.
    pub order: Vec<Part>,
    /// What was written to descriptor 3, where the spec asked for it.
    pub report: Output,
    /// The files asked for, by path relative to the work directory, sorted.
    pub files: Vec<Collected>,
    /// Signs of weirdness seen during the run.
    pub incidents: Vec<Incident>,
    /// The writable space was full (bytes or inodes) when the program ended.
    pub disk_full: bool,
    /// Times that a fork or clone was refused by the process limit.
    pub processes_refused: u64,
    /// Layers of isolation that this run did not have, by name; empty for a run that counts.
    pub missing_layers: Vec<String>,
}

impl Report {
    /// Of a run that ended so and left nothing else behind, in a whole sandbox.
    #[must_use]
    pub fn of(ending: Ending) -> Self {
        Self {
            ending,
            usage: Usage::default(),
            stdout: Output::default(),
            stderr: Output::default(),
            order: Vec::new(),
            report: Output::default(),
            files: Vec::new(),
            incidents: Vec::new(),
            disk_full: false,
            processes_refused: 0,
            missing_layers: Vec::new(),
        }
    }
}

/// How a run ended. A platform fault is never the program's doing and is an
/// error ([`crate::Error`]), not an ending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The program ended by itself with this code.
    Exited(i32),
    /// The program was ended by this signal, not sent by a limit.
    Signalled(i32),
    /// A limit ended it.
    Limit(Limit),
    /// It made a system call that no honest program makes; the name, where known.
    ForbiddenSystemCall(Option<String>),
    /// The program could not be started: the reason, as of `execve` (an author's or learner's fault: not found, not executable, bad format).
    NotStarted(String),
    /// The caller took it back ([`crate::Canceller`]).
    Cancelled,
    /// The caller ended it ([`crate::Spec::stop`]).
    Stopped,
}

/// Which limit ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Processor time.
    Cpu,
    /// Wall-clock time.
    Wall,
    /// Memory.
    Memory,
    /// Captured output.
    Output,
    /// Size of one file (SIGXFSZ).
    FileSize,
}

/// What a run used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Processor time of all processes, microseconds.
    pub cpu_us: u64,
    /// From just before the program's exec to its end, microseconds.
    pub wall_us: u64,
    /// Most memory at one moment, bytes.
    pub memory_peak_bytes: u64,
    /// Most processes and threads at one moment; 0 where the kernel does not tell.
    pub processes_peak: u64,
    /// Bytes written to captured streams.
    pub output_bytes: u64,
}

/// A captured stream.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Output {
    /// The first bytes, up to the limit.
    pub bytes: Vec<u8>,
    /// More was written than was kept.
    pub truncated: bool,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes);
        let more = if self.truncated { " and more" } else { "" };
        write!(f, "{:?}{more}", text)
    }
}

/// Most entries of [`Report::order`]; of what came after them only the streams tell.
pub const ORDER_PARTS_MAX: usize = 4_096;

/// Bytes that came from one stream before the other had something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Of which.
    pub stream: OutputStream,
    /// How many.
    pub bytes: u64,
}

/// A captured stream of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A file that the run left and the spec asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    /// Relative to the work directory; not always UTF-8 at its source, shown with replacement characters then.
    pub path: String,
    /// What it is.
    pub content: CollectedContent,
    /// It had an execute bit.
    pub executable: bool,
}

/// The content of a collected path, or why it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectedContent {
    /// The bytes of a regular file.
    Bytes(Vec<u8>),
    /// It was not taken: a link, a device, a FIFO, a socket, or past the size limit.
    Refused(String),
}

/// A sign of weirdness: something an honest program does not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Stable kind, such as `forbidden_system_call` or `process_storm`.
    pub kind: String,
    /// What was seen.
    pub detail: String,
}
