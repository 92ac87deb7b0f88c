//! Zip archives, read within limits and written the same each time.

use std::collections::BTreeSet;
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
        let mut links: Vec<String> = Vec::new();
        let mut known = BTreeSet::new();
        for text in texts(question) {
            for part in text.source.split("src=\"").skip(1) {
                if let Some((link, _)) = part.split_once('"')
                    && known.insert(link.to_owned())
                {
                    links.push(link.to_owned());
                }
            }
        }
        let mut lost = Vec::new();
        for link in links {
            // Pictures of a question with variables may be chosen by them.
            if link.contains("://") || link.starts_with("data:") || link.contains("{{") {
                continue;
            }
            match self.picture(from, &link, question) {
                Ok(file) => files.push(file),
                Err(reason) => lost.push(Loss {
                    line: 0,
                    question: question.id.clone(),
                    what: format!("a picture was left out: {reason}"),
                }),
            }
        }
        lost
    }

    fn picture(&mut self, from: &str, link: &str, question: &mut Question) -> Result<File, String> {
        let plain = crate::moodle::decode(link);
        let path = beside(from, &plain)?;
        let bytes = self.bytes(&path, ATTACHMENT_BYTES_MAX)?;
        let wanted = safe_name(path.rsplit('/').next().unwrap_or(&path));
        let known = |name: &str| question.attachments.iter().any(|known| known.name == name);
        let name = match known(&wanted) {
            true => format!("{}-{wanted}", question.attachments.len() + 1),
            false => wanted,
        };
        let attachment = Attachment {
            media_type: crate::moodle::media_type(&name).to_owned(),
            path: format!("files/{}/{name}", slug(&question.id)),
            name,
        };
        let (old, new) = (
            format!("src=\"{link}\""),
            format!("src=\"{}\"", encode(&attachment.name)),
        );
        for text in texts(question) {
            text.source = text.source.replace(&old, &new);
        }
        let file = File {
            path: attachment.path.clone(),
            bytes,
        };
        question.attachments.push(attachment);
        Ok(file)
    }
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
