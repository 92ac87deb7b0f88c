//! Zip archives, read within limits and written the same each time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _, Write as _};

use carrel_quiz::kind::{BlankKey, Choice, Kind};
use carrel_quiz::text::Attachment;
use carrel_quiz::{Question, Text};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::error::{Error, Problem};
use crate::identity::slug;
use crate::limits::{ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX, FILE_BYTES_MAX};
use crate::moodle::encode;
use crate::report::{File, Imported, Loss};

/// An archive that is read. Nothing of it is ever written to a disk.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    unpacked: usize,
}

/// What breaks the rules of a format that is an archive.
pub(crate) fn invalid(file: &str, format: &'static str, message: String) -> Error {
    Error::Invalid {
        file: file.to_owned(),
        format,
        problems: vec![Problem {
            line: 1,
            column: 0,
            message,
        }],
    }
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8], file: &str, format: &'static str) -> Result<Self, Error> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| invalid(file, format, format!("it is no zip archive: {error}")))?;
        Ok(Self { zip, unpacked: 0 })
    }

    /// One file, never more than its limit, whatever its header says.
    pub(crate) fn bytes(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, String> {
        // However many references follow, nothing more is unpacked for them.
        if self.unpacked > ATTACHMENTS_BYTES_MAX {
            return Err(format!("`{path}` is too large"));
        }
        let file = self
            .zip
            .by_name(path)
            .map_err(|error| format!("`{path}`: {error}"))?;
        let mut bytes = Vec::new();
        let room = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(room)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("unpacking `{path}`: {error}"))?;
        self.unpacked += bytes.len();
        if bytes.len() > limit || self.unpacked > ATTACHMENTS_BYTES_MAX {
            return Err(format!("`{path}` is too large"));
        }
        Ok(bytes)
    }

    pub(crate) fn text(&mut self, path: &str) -> Result<String, String> {
        let bytes = self.bytes(path, FILE_BYTES_MAX)?;
        String::from_utf8(bytes).map_err(|_| format!("`{path}` is not in UTF-8"))
    }

    /// The pictures that texts of a question show become its attachments. `from` is the file of
    /// the archive that links are seen from.
    pub(crate) fn take_pictures(
        &mut self,
        from: &str,
        question: &mut Question,
        files: &mut Vec<File>,
    ) -> Vec<Loss> {
        let id = question.id.clone();
        let mut pictures = Pictures::default();
        let mut lost = Vec::new();
        for text in texts(question) {
            for link in links(&text.source) {
                // Pictures of a question with variables may be chosen by them.
                let is_outside = link.contains("://") || link.starts_with("data:");
                if is_outside || link.contains("{{") || !pictures.seen.insert(link.to_owned()) {
                    continue;
                }
                match self.picture(from, link) {
                    Ok((wanted, bytes)) => pictures.take(link, &wanted, bytes),
                    Err(reason) => lost.push(Loss {
                        line: 0,
                        question: id.clone(),
                        what: format!("a picture was left out: {reason}"),
                    }),
                }
            }
        }
        for text in texts(question) {
            text.source = relinked(&text.source, &pictures.names);
        }
        for (name, bytes) in pictures.files {
            let attachment = Attachment {
                media_type: crate::moodle::media_type(&name).to_owned(),
                path: format!("files/{}/{name}", slug(&id)),
                name,
            };
            files.push(File {
                path: attachment.path.clone(),
                bytes,
            });
            question.attachments.push(attachment);
        }
        lost
    }

    /// The name that a picture would have, and its bytes.
    fn picture(&mut self, from: &str, link: &str) -> Result<(String, Vec<u8>), String> {
        let path = beside(from, &crate::moodle::decode(link))?;
        let bytes = self.bytes(&path, ATTACHMENT_BYTES_MAX)?;
        Ok((safe_name(path.rsplit('/').next().unwrap_or(&path)), bytes))
    }
}

/// Pictures of one question.
#[derive(Default)]
struct Pictures {
    /// Links that were looked at.
    seen: BTreeSet<String>,
    /// Name of the file that a link leads to.
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    files: Vec<(String, Vec<u8>)>,
}

impl Pictures {
    fn take(&mut self, link: &str, wanted: &str, bytes: Vec<u8>) {
        let name = match self.taken.contains(wanted) {
            true => format!("{}-{wanted}", self.files.len() + 1),
            false => wanted.to_owned(),
        };
        self.taken.insert(name.clone());
        self.names.insert(link.to_owned(), name.clone());
        self.files.push((name, bytes));
    }
}

/// Beginning of a link to a picture.
const SOURCE: &str = "src=\"";

/// What pictures of a text link to.
fn links(source: &str) -> impl Iterator<Item = &str> {
    let parts = source.split(SOURCE).skip(1);
    parts.filter_map(|part| Some(part.split_once('"')?.0))
}

/// A text whose links lead to the names that they have now.
fn relinked(source: &str, names: &BTreeMap<String, String>) -> String {
    let mut text = String::with_capacity(source.len());
    let mut parts = source.split(SOURCE);
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        text.push_str(SOURCE);
        let renamed = part
            .split_once('"')
            .and_then(|(link, rest)| Some((names.get(link)?, rest)));
        match renamed {
            Some((name, rest)) => {
                text.push_str(&encode(name));
                text.push('"');
                text.push_str(rest);
            }
            None => text.push_str(part),
        }
    }
    text
}

/// Takes over the questions of one import into another, each with an id of its own.
pub(crate) fn append(all: &mut Imported, mut one: Imported) {
    all.quiz.items.append(&mut one.quiz.items);
    all.files.append(&mut one.files);
    all.losses.append(&mut one.losses);
}

/// All texts of a question that may show pictures.
fn texts(question: &mut Question) -> Vec<&mut Text> {
    let mut texts = vec![&mut question.text];
    match &mut question.kind {
        Kind::Choice(choice) => of_choice(choice, &mut texts),
        Kind::TrueFalse(answer) => {
            texts.extend(answer.feedback_true.as_mut());
            texts.extend(answer.feedback_false.as_mut());
        }
        Kind::Blanks(blanks) => {
            for blank in &mut blanks.blanks {
                if let BlankKey::Choice(choice) = &mut blank.key {
                    of_choice(choice, &mut texts);
                }
            }
        }
        Kind::Matching(matching) => {
            texts.extend(matching.items.iter_mut().map(|item| &mut item.text));
            texts.extend(matching.targets.iter_mut().map(|target| &mut target.text));
        }
        Kind::Ordering(ordering) => {
            texts.extend(ordering.items.iter_mut().map(|item| &mut item.text));
            texts.extend(ordering.distractors.iter_mut().map(|item| &mut item.text));
        }
        _ => {}
    }
    let told = &mut question.feedback;
    texts.extend(told.general.as_mut());
    texts.extend(told.correct.as_mut());
    texts.extend(told.partially_correct.as_mut());
    texts.extend(told.incorrect.as_mut());
    texts
}

fn of_choice<'q>(choice: &'q mut Choice, texts: &mut Vec<&'q mut Text>) {
    for option in &mut choice.options {
        texts.push(&mut option.text);
        texts.extend(option.feedback.as_mut());
        texts.extend(option.feedback_not_chosen.as_mut());
    }
}

/// A link of a file, as a path in the archive; nothing leads out of it.
pub(crate) fn beside(file: &str, link: &str) -> Result<String, String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop()
                    .ok_or_else(|| format!("`{link}` leads out of the package"))?;
            }
            part => path.push(part),
        }
    }
    Ok(path.join("/"))
}

/// A file name of letters, digits, `.`, `_` and `-`.
pub(crate) fn safe_name(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() || "._-".contains(letter) => letter,
            _ => '_',
        })
        .collect();
    match name.trim_start_matches('.') {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

/// Entries as a zip archive, the same bytes each time.
pub(crate) fn write(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (path, bytes) in entries {
        // Writing into memory fails only for names that repeat, which are made once.
        if writer.start_file(path.as_str(), options).is_ok() {
            let _ = writer.write_all(bytes);
        }
    }
    let finished = writer.finish().map(Cursor::into_inner);
    finished.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_in_the_package() {
        assert_eq!(
            beside("items/a.xml", "../images/b.png").unwrap(),
            "images/b.png"
        );
        assert!(beside("a.xml", "../../etc/passwd").is_err());
    }

    #[test]
    fn pictures_are_taken_once_and_every_link_follows() {
        let packed = write(&[
            ("i/a.png".to_owned(), b"one".to_vec()),
            ("j/a.png".to_owned(), b"two".to_vec()),
        ]);
        let mut archive = Archive::open(&packed, "p.zip", "a package").unwrap();
        let link = |to: &str| format!("<img src=\"{to}\">");
        let many = link("../i/a.png").repeat(20_000);
        let source = format!("{}{many}{}", link("../j/a.png"), link("none.png"));
        let mut question = Question::new("q", Text::html(source), Kind::Description);
        question.feedback.general = Some(Text::html(link("../i/a.png")));
        let mut files = Vec::new();
        let lost = archive.take_pictures("items/q.xml", &mut question, &mut files);
        assert_eq!(lost.len(), 1, "{lost:?}");
        let names = files
            .iter()
            .map(|file| (file.path.as_str(), file.bytes.as_slice()));
        assert_eq!(
            names.collect::<Vec<_>>(),
            [
                ("files/q/a.png", &b"two"[..]),
                ("files/q/2-a.png", &b"one"[..])
            ]
        );
        let expected = format!(
            "{}{}{}",
            link("a.png"),
            link("2-a.png").repeat(20_000),
            link("none.png")
        );
        assert_eq!(question.text.source, expected);
        assert_eq!(question.feedback.general.unwrap().source, link("2-a.png"));
    }

    #[test]
    fn a_bomb_is_stopped_at_its_limit() {
        let zeros = vec![0_u8; 8 << 20];
        let packed = write(&[("a".to_owned(), zeros)]);
        assert!(packed.len() < 64 << 10);
        let mut archive = Archive::open(&packed, "b.zip", "a package").unwrap();
        assert_eq!(archive.bytes("a", 1 << 20).unwrap_err(), "`a` is too large");
        assert!(archive.bytes("a", 16 << 20).is_ok());
        archive.unpacked = ATTACHMENTS_BYTES_MAX;
        assert!(archive.bytes("a", 16 << 20).is_err());
        // From there on, nothing is unpacked any more.
        let unpacked = archive.unpacked;
        assert_eq!(unpacked, ATTACHMENTS_BYTES_MAX + (8 << 20));
        assert!(archive.bytes("a", 16 << 20).is_err());
        assert_eq!(archive.unpacked, unpacked);
    }
}
