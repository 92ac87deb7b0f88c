//! Why a file was refused.

use roxmltree::{Document, ParsingOptions};

use crate::recognise::outermost;

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
    /// XML with a DTD that declares entities, which is never read: they could explode.
    #[error(
        "{file} has a DTD with entities (`<!ENTITY …>`), which is not read: they could grow without end; take it out of the file"
    )]
    Dtd {
        /// Name of the file as it was given.
        file: String,
    },
    /// XML that ends before its elements do.
    #[error(
        "{file} is cut off: it ends in line {line} and has no `</{element}>`; export or save it again"
    )]
    CutOff {
        /// Name of the file as it was given.
        file: String,
        /// Name of the outermost element.
        element: String,
        /// Last line, from 1.
        line: usize,
    },
    /// The file is not well-formed XML.
    #[error("{file} is not well-formed XML")]
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

/// Reads XML, or says what keeps it from being read.
pub(crate) fn parse_xml<'t>(text: &'t str, file: &str) -> Result<Document<'t>, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let file = file.to_owned();
    // A bare `<!DOCTYPE assessmentItem>` does no harm, and some tools write it.
    let options = ParsingOptions {
        allow_dtd: !text.contains("<!ENTITY"),
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|source| match source {
        roxmltree::Error::DtdDetected => Error::Dtd { file },
        source => match open_element(text) {
            Some(element) => Error::CutOff {
                file,
                element,
                line: text.bytes().filter(|byte| *byte == b'\n').count() + 1,
            },
            None => Error::Xml { file, source },
        },
    })
}

/// The outermost element, where its end is missing.
fn open_element(text: &str) -> Option<String> {
    let name = outermost(text)?;
    let (_, after) = text.rsplit_once(&format!("</{name}")).unwrap_or_default();
    (!after.trim_start().starts_with('>')).then(|| name.to_owned())
}

fn tell(file: &str, problems: &[Problem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("{file}:{problem}"))
        .collect();
    lines.join("\n")
}
