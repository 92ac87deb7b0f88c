//! Which format a file has: by what it holds, and by its name only where that leaves two.

use std::io::Cursor;

use zip::ZipArchive;

use crate::format::Format;
use crate::{aiken, gift};

/// A packed archive; of Moodle it is a course.
const BACKUP: &str = "a packed archive, such as a backup of a Moodle course (`.mbz`): export the question bank as Moodle XML instead";

/// Why the format of a file is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unrecognised {
    /// It can be read as any of these.
    #[error("can be read as {}", names(.0))]
    Ambiguous(Vec<Format>),
    /// It holds nothing that any format has.
    #[error("has none of the formats that are read")]
    Unknown,
    /// It is something that is known and not read; what to do instead.
    #[error("is {0}")]
    Foreign(&'static str),
    /// It seems to be a text, in an encoding that is not read.
    #[error("is not in UTF-8; save it as UTF-8")]
    NotUtf8,
}

fn names(formats: &[Format]) -> String {
    let names: Vec<String> = formats
        .iter()
        .map(|format| format!("`{format}` ({})", format.title()))
        .collect();
    names.join(" or ")
}

impl Format {
    /// The format of a file.
    ///
    /// A file that breaks the rules of the format it clearly is meant in is that format: reading
    /// it then tells what is wrong.
    ///
    /// # Errors
    /// It could be several, or none.
    pub fn recognise(file: &str, bytes: &[u8]) -> Result<Self, Unrecognised> {
        if is_zip(bytes) {
            return of_archive(bytes);
        }
        if bytes.starts_with(b"\x1f\x8b") {
            return Err(Unrecognised::Foreign(BACKUP));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            // Only its name could say what it is meant to be.
            return of_name(file).ok_or(if is_binary(bytes) {
                Unrecognised::Unknown
            } else {
                Unrecognised::NotUtf8
            });
        };
        let text = text.trim_start_matches('\u{feff}');
        match outermost(text).and_then(|name| name.rsplit(':').next()) {
            Some("quiz") => Ok(Self::MoodleXml),
            Some("assessmentItem" | "qti-assessment-item") => Ok(Self::Qti),
            Some(name) => match foreign(name) {
                Some(what) => Err(Unrecognised::Foreign(what)),
                None if text.trim_start().starts_with("<?") => Err(Unrecognised::Unknown),
                // Questions of text formats may begin with an element, too.
                None => of_text(file, text),
            },
            None => of_text(file, text),
        }
    }
}

/// What an outermost element stands for that is known and not read.
fn foreign(element: &str) -> Option<&'static str> {
    Some(match element {
        "questestinterop" => {
            "QTI 1.2, which is written (`canvas`), not read: export it as QTI 2.1 or 2.2, or as Moodle XML"
        }
        "assessmentTest" | "qti-assessment-test" => {
            "a test of QTI without its items: give the whole package as zip, or the files of the items"
        }
        "manifest" => "the manifest of a package alone: give the whole package as zip",
        "moodle_backup" | "question_categories" => {
            "a part of a backup of a Moodle course: export the question bank as Moodle XML instead"
        }
        _ => return None,
    })
}

/// Whether it begins as a zip archive does.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether it is no text in any encoding. UTF-16 says by its first two bytes that it is text.
fn is_binary(bytes: &[u8]) -> bool {
    let known: [&[u8]; 3] = [b"%PDF-", b"\x1f\x8b", b"\xff\xd8\xff"];
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    known.iter().any(|start| bytes.starts_with(start)) || !utf16 && bytes.contains(&0)
}

/// Archives are told apart by the file that each format must have. One that cannot be opened
/// counts as a package, so that reading it tells why.
fn of_archive(bytes: &[u8]) -> Result<Format, Unrecognised> {
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Ok(Format::Qti);
    };
    let has = |name: &str| archive.index_for_name(name).is_some();
    match (has("h5p.json"), has("imsmanifest.xml")) {
        (true, false) => Ok(Format::H5p),
        (false, true) => Ok(Format::Qti),
        (true, true) => Err(Unrecognised::Ambiguous(vec![Format::H5p, Format::Qti])),
        (false, false) if has("moodle_backup.xml") => Err(Unrecognised::Foreign(BACKUP)),
        (false, false) => {
            Err(nested(&archive).map_or(Unrecognised::Unknown, Unrecognised::Foreign))
        }
    }
}

/// What an archive is that has its files one folder too deep, or holds a file to be unpacked.
fn nested(archive: &ZipArchive<Cursor<&[u8]>>) -> Option<&'static str> {
    let names = || archive.file_names().filter_map(Result::ok);
    let in_folder = |name: &str| names().any(|known| known.ends_with(&format!("/{name}")));
    if in_folder("imsmanifest.xml") || in_folder("h5p.json") {
        return Some(
            "a package within a folder of its archive: pack the content of that folder, not the folder",
        );
    }
    let single = names().any(|name| {
        let name = name.to_ascii_lowercase();
        [".gift", ".txt", ".xml", ".aiken"]
            .iter()
            .any(|end| name.ends_with(end))
    });
    single.then_some("an archive of single files: unpack it, and give the files")
}

/// Name of the outermost element.
pub(crate) fn outermost(text: &str) -> Option<&str> {
    let mut rest = text.trim_start();
    loop {
        let end = if rest.starts_with("<?") {
            rest.find("?>")? + 2
        } else if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<!") {
            end_of_declaration(rest)?
        } else {
            break;
        };
        rest = rest[end..].trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let end = name.find(|letter: char| !letter.is_alphanumeric() && !":_-.".contains(letter))?;
    Some(&name[..end])
}

/// Where `<!DOCTYPE … [ … ]>` ends. A DTD makes a file refused when it is read; what is inside of
/// it does not matter here.
fn end_of_declaration(text: &str) -> Option<usize> {
    let end = text.find('>')?;
    match text.find('[') {
        Some(open) if open < end => {
            let close = text.find("]>").or_else(|| text.find(']'))?;
            text[close..].find('>').map(|at| close + at + 1)
        }
        _ => Some(end + 1),
    }
}

fn of_text(file: &str, text: &str) -> Result<Format, Unrecognised> {
    // Braces alone make no GIFT: quizzes of ours and JSON have them, too.
    let is_other =
        text.starts_with("+++\n") || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if is_other {
        return Err(Unrecognised::Unknown);
    }
    let answers = text.lines().any(|line| line.trim().starts_with("ANSWER:"));
    let braces = text.contains('{') && text.contains('}');
    match (answers, braces) {
        (true, false) => Ok(Format::Aiken),
        (false, true) => Ok(Format::Gift),
        (false, false) => of_name(file).ok_or(Unrecognised::Unknown),
        (true, true) => {
            let as_aiken = aiken::read(text, file).is_ok();
            let as_gift = gift::read(text, file).is_ok_and(|imported| {
                let mut questions = imported.quiz.questions();
                questions.any(|question| question.kind.is_scored())
            });
            match (as_aiken, as_gift) {
                (true, false) => Ok(Format::Aiken),
                (false, true) => Ok(Format::Gift),
                _ => of_name(file)
                    .ok_or_else(|| Unrecognised::Ambiguous(vec![Format::Aiken, Format::Gift])),
            }
        }
    }
}

/// What a name alone says; `.txt` says nothing.
fn of_name(file: &str) -> Option<Format> {
    let (_, end) = file.rsplit_once('.')?;
    match end.to_ascii_lowercase().as_str() {
        "gift" => Some(Format::Gift),
        "aiken" => Some(Format::Aiken),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIKEN: &str = "What?\nA. one\nB. two\nANSWER: B\n";

    #[track_caller]
    fn check(file: &str, bytes: &[u8], wanted: Result<Format, Unrecognised>) {
        assert_eq!(Format::recognise(file, bytes), wanted, "{file}");
    }

    #[test]
    fn texts_are_told_apart_by_what_they_hold() {
        check("a.txt", AIKEN.as_bytes(), Ok(Format::Aiken));
        check("a.gift", AIKEN.as_bytes(), Ok(Format::Aiken));
        check("a.txt", b"q {T}", Ok(Format::Gift));
        check("a", b"q {T}", Ok(Format::Gift));
        check("a.gift", b"only a description", Ok(Format::Gift));
        check("a.txt", b"only a description", Err(Unrecognised::Unknown));
        let ours = b"+++\nid = 'q'\n+++\n## Q {#q}\n";
        check("a.quiz.md", ours, Err(Unrecognised::Unknown));
        check("a.txt", b"{\"a\": {}}", Err(Unrecognised::Unknown));
        check("a.gift", b"\xff", Ok(Format::Gift));
        check("a.txt", b"caf\xe9 {T}", Err(Unrecognised::NotUtf8));
        check("a.txt", b"\xff\xfeq\0", Err(Unrecognised::NotUtf8));
        check("a.doc", b"\xd0\xcf\x11\0", Err(Unrecognised::Unknown));
        check("a.pdf", b"%PDF-1.4\n\xff", Err(Unrecognised::Unknown));
    }

    #[test]
    fn what_could_be_two_is_asked_about_unless_its_name_says_it() {
        // Braces in an option are text for Aiken, and an answer for GIFT.
        let both = "Which is a set?\nA. {1}\nB. [1]\nANSWER: A\n";
        let formats = vec![Format::Aiken, Format::Gift];
        check(
            "a.txt",
            both.as_bytes(),
            Err(Unrecognised::Ambiguous(formats)),
        );
        check("a.aiken", both.as_bytes(), Ok(Format::Aiken));
        let gift = "What does ANSWER: mean?\n{ T }\n\nANSWER: A {F}";
        check("a.txt", gift.as_bytes(), Ok(Format::Gift));
    }

    #[test]
    fn xml_is_told_apart_by_its_outermost_element() {
        let head = "\u{feff}<?xml version=\"1.0\"?>\n<!-- <quiz> -->\n";
        let xml = |body: &str| format!("{head}{body}").into_bytes();
        check("a.xml", &xml("<quiz/>"), Ok(Format::MoodleXml));
        check("a.xml", &xml("<m:quiz >"), Ok(Format::MoodleXml));
        check("a", &xml("<assessmentItem x='<quiz>'/>"), Ok(Format::Qti));
        check("a", &xml("<qti-assessment-item>"), Ok(Format::Qti));
        check("a.xml", &xml("<html>"), Err(Unrecognised::Unknown));
        check("a.xml", &xml("<!-- never"), Err(Unrecognised::Unknown));
        let with_dtd = "<!DOCTYPE quiz [<!ENTITY a \"[b]\">]><quiz/>";
        check("a.xml", with_dtd.as_bytes(), Ok(Format::MoodleXml));
        check("a.xml", b"<quiz", Err(Unrecognised::Unknown));
        check("a.xml", &xml("<html>{}"), Err(Unrecognised::Unknown));
        for root in [
            "questestinterop",
            "q:assessmentTest",
            "qti-assessment-test",
            "manifest",
        ] {
            let found = Format::recognise("a.xml", &xml(&format!("<{root} x='y'>")));
            assert!(
                matches!(found, Err(Unrecognised::Foreign(_))),
                "{root}: {found:?}"
            );
        }
        check("a.txt", b"<b>q</b> {T}", Ok(Format::Gift));
    }

    #[test]
    fn archives_are_told_apart_by_the_file_that_they_must_have() {
        let with = |names: &[&str]| {
            let entries: Vec<(String, Vec<u8>)> = names
                .iter()
                .map(|name| ((*name).to_owned(), b"{}".to_vec()))
                .collect();
            crate::archive::write(&entries)
        };
        check("a.zip", &with(&["h5p.json"]), Ok(Format::H5p));
        check("a.h5p", &with(&["imsmanifest.xml"]), Ok(Format::Qti));
        check("a.zip", &with(&["word.doc"]), Err(Unrecognised::Unknown));
        for (names, word) in [
            (&["p/imsmanifest.xml"], "within a folder"),
            (&["moodle_backup.xml"], "backup"),
            (&["bank.xml"], "unpack"),
        ] {
            let error = Format::recognise("a.zip", &with(names)).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
        let error = Format::recognise("a.mbz", b"\x1f\x8b\x08").unwrap_err();
        assert!(error.to_string().contains("Moodle XML"), "{error}");
        check(
            "a.zip",
            &with(&["h5p.json", "imsmanifest.xml"]),
            Err(Unrecognised::Ambiguous(vec![Format::H5p, Format::Qti])),
        );
        check("a.zip", b"PK\x03\x04 not really", Ok(Format::Qti));
    }
}
