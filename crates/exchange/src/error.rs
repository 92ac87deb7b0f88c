//! Why a file was refused.

/// Something that breaks the rules of a format, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line from 1.
    pub line: u32,
    /// Column from 1, in characters; 0: the whole line.
    pub column: u32,
    /// What is wrong, and what to do.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.column {
            0 => write!(formatter, "{}: {}", self.line, self.message),
            column => write!(formatter, "{}:{column}: {}", self.line, self.message),
        }
    }
}

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file breaks the rules of its format.
    #[error("{file} is not valid {format}:\n{}", tell(file, problems))]
    Invalid {
        /// Name of the file as it was given.
        file: String,
        /// Name of the format.
        format: &'static str,
        /// What is wrong, in the order of the file; at most [`crate::limits::PROBLEMS_MAX`].
        problems: Vec<Problem>,
    },
    /// The file is not XML, or holds a DTD.
    #[error("reading {file} as XML")]
    Xml {
        /// Name of the file as it was given.
        file: String,
        /// What is wrong, with line and column.
        #[source]
        source: roxmltree::Error,
    },
    /// A text format that is not in UTF-8.
    #[error("{file} is not in UTF-8: byte {place} belongs to no character; save it as UTF-8")]
    NotText {
        /// Name of the file as it was given.
        file: String,
        /// First byte that is wrong, from 0.
        place: usize,
    },
    /// The format is not read.
    #[error("{0} is written, not read")]
    NotRead(&'static str),
    /// The format is not written.
    #[error("{0} is read, not written")]
    NotWritten(&'static str),
    /// A limit is passed.
    #[error("{file}: {what} is above the limit of {limit}")]
    TooLarge {
        /// Name of the file as it was given.
        file: String,
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

fn tell(file: &str, problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{file}:{problem}"))
        .collect();
    lines.join("\n")
}
