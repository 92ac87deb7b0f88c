//! All formats by name, and one way in and out for each.

use carrel_quiz::Quiz;

use crate::error::Error;
use crate::limits::FILE_BYTES_MAX;
use crate::recognise::is_zip;
use crate::report::{Exported, File, Imported};
use crate::{aiken, canvas, gift, h5p, moodle, qti};

/// A format of another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Format {
    /// Moodle's text format.
    Gift,
    /// Single choice as plain text.
    Aiken,
    /// Moodle XML, with CodeRunner's questions as challenges.
    MoodleXml,
    /// QTI: 2.0 to 3.0 read, one item or a package of them; a package of 2.1 written.
    Qti,
    /// As [`Format::Qti`], but written as 2.2.
    Qti22,
    /// QTI 1.2 for Canvas.
    Canvas,
    /// H5P: multiple choice, blanks, true or false, single choices, and sets of them.
    H5p,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Gift,
        Self::Aiken,
        Self::MoodleXml,
        Self::Qti,
        Self::Qti22,
        Self::Canvas,
        Self::H5p,
    ];

    /// Name as people type it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gift => "gift",
            Self::Aiken => "aiken",
            Self::MoodleXml => "moodle",
            Self::Qti => "qti",
            Self::Qti22 => "qti2.2",
            Self::Canvas => "canvas",
            Self::H5p => "h5p",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Gift => "GIFT, Moodle's text format",
            Self::Aiken => "Aiken, single choice as plain text",
            Self::MoodleXml => "Moodle XML",
            Self::Qti => "QTI 2.0 to 3.0, an item or a package; written as 2.1",
            Self::Qti22 => "QTI 2.0 to 3.0, an item or a package; written as 2.2",
            Self::Canvas => "QTI 1.2 for Canvas",
            Self::H5p => "H5P",
        }
    }

    /// Ends of file names without the point; the first is the one for files that are written.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Gift => &["gift", "txt"],
            Self::Aiken => &["txt", "aiken"],
            Self::MoodleXml => &["xml"],
            Self::Canvas => &["zip"],
            Self::H5p => &["h5p"],
            Self::Qti | Self::Qti22 => &["zip", "imscc", "xml"],
        }
    }

    /// Whether [`read`] takes it.
    #[must_use]
    pub fn can_read(self) -> bool {
        self != Self::Canvas
    }

    /// Whether [`write`] gives it.
    #[must_use]
    pub fn can_write(self) -> bool {
        !matches!(self, Self::Aiken | Self::H5p)
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Reads a file. `file` is its name for messages and for the id of the quiz.
///
/// # Errors
/// The format is not read, or the file breaks its rules or a limit.
pub fn read(format: Format, bytes: &[u8], file: &str) -> Result<Imported, Error> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "its size in bytes",
            limit: FILE_BYTES_MAX,
        });
    }
    match format {
        Format::Gift => gift::read(text_of(bytes, file)?, file),
        Format::Aiken => aiken::read(text_of(bytes, file)?, file),
        Format::MoodleXml => moodle::read(text_of(bytes, file)?, file),
        Format::Canvas => Err(Error::NotRead(format.name())),
        Format::H5p => h5p::read(bytes, file),
        Format::Qti | Format::Qti22 if is_zip(bytes) => qti::read_package(bytes, file),
        Format::Qti | Format::Qti22 => qti::read_item(text_of(bytes, file)?, file),
    }
}

fn text_of<'b>(bytes: &'b [u8], file: &str) -> Result<&'b str, Error> {
    std::str::from_utf8(bytes).map_err(|error| Error::NotText {
        file: file.to_owned(),
        place: error.valid_up_to(),
    })
}

/// Writes a quiz with the files that its attachments name.
///
/// # Errors
/// The format is not written.
pub fn write(format: Format, quiz: &Quiz, files: &[File]) -> Result<Exported, Error> {
    match format {
        Format::Gift => Ok(gift::write(quiz)),
        Format::MoodleXml => Ok(moodle::write(quiz, files)),
        Format::Qti => Ok(qti::write(quiz, files, qti::Version::V2p1)),
        Format::Qti22 => Ok(qti::write(quiz, files, qti::Version::V2p2)),
        Format::Canvas => Ok(canvas::write(quiz, files)),
        Format::Aiken | Format::H5p => Err(Error::NotWritten(format.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIKEN: &str = "What?\nA. one\nB. two\nANSWER: B\n";

    #[test]
    fn every_format_is_found_by_its_name_and_by_what_it_writes() {
        let quiz = read(Format::Aiken, AIKEN.as_bytes(), "a.txt").unwrap().quiz;
        for format in Format::ALL {
            assert_eq!(Format::of_name(format.name()), Some(format));
            let written = write(format, &quiz, &[]);
            assert_eq!(written.is_ok(), format.can_write(), "{format}");
            let Ok(written) = written else { continue };
            let name = format!("q.{}", format.extensions()[0]);
            let found = Format::recognise(&name, &written.bytes);
            // Versions of QTI are told apart when they are read.
            let same = match format {
                Format::Qti22 | Format::Canvas => Format::Qti,
                other => other,
            };
            assert_eq!(found, Ok(same), "{name}");
            if format.can_read() {
                let again = read(format, &written.bytes, &name).unwrap();
                assert_eq!(again.quiz.questions().count(), 1);
            }
        }
        assert_eq!(Format::of_name("word"), None);
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let error = read(Format::Gift, b"ab\xff", "q.gift").unwrap_err();
        assert_eq!(
            error.to_string(),
            "q.gift is not in UTF-8: byte 2 belongs to no character; save it as UTF-8"
        );
    }
}
