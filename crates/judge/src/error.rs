//! Faults of the platform, the author or the sender; never what the learner's program did.

/// Why no verdict was reached.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A sandbox could not be made or run: ours.
    #[error("running a sandbox of environment `{environment}`")]
    Sandbox {
        /// Environment name.
        environment: String,
        /// What failed.
        #[source]
        source: carrel_sandbox::Error,
    },
    /// An environment is missing or refused; the text names the way out.
    #[error("{0}")]
    Environment(String),
    /// An environment does not have the command that a program needs; the text names the way out.
    #[error("{0}")]
    Command(String),
    /// What was sent can not be judged: the sender's, to be told before anything runs.
    #[error("{0}")]
    Submission(String),
    /// The challenge cannot be judged as it is written: the author's.
    #[error("challenge `{challenge}`: {problem}")]
    Challenge {
        /// Challenge id.
        challenge: String,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// A file that the challenge names cannot be read: the author's where they judge what lies
    /// before them, ours where it was whole when it was published.
    #[error("challenge `{challenge}`: reading `{path}`")]
    Unread {
        /// Challenge id.
        challenge: String,
        /// The file.
        path: std::path::PathBuf,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
    /// It was taken back while it was judged.
    #[error("it was taken back")]
    Cancelled,
    /// Reading or writing a file of ours failed.
    #[error("{doing} `{path}`")]
    File {
        /// What was being done, such as `reading`.
        doing: &'static str,
        /// To what.
        path: std::path::PathBuf,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
}
