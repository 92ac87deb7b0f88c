//! A package: a zip archive with a manifest.

use std::io::{Cursor, Read as _};

use carrel_quiz::text::Attachment;
use carrel_quiz::{Item, Question, Quiz};
use roxmltree::Document;
use zip::ZipArchive;

use super::item;
use super::node::{attribute, children, is};
use crate::error::{Error, Problem};
use crate::identity::{Identities, slug};
use crate::limits::{ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX, FILE_BYTES_MAX, QUESTIONS_MAX};
use crate::report::{File, Imported, Loss};

/// Name of the manifest.
const MANIFEST: &str = "imsmanifest.xml";

/// Reads all items that the manifest names, with the pictures that they show.
///
/// # Errors
/// It is no zip archive, has no manifest, or an item of it is broken.
pub fn read(bytes: &[u8], file: &str) -> Result<Imported, Error> {
    let invalid = |message: String| Error::Invalid {
        file: file.to_owned(),
        format: "a QTI package",
        problems: vec![Problem {
            line: 1,
            column: 0,
            message,
        }],
    };
    let archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| invalid(format!("it is no zip archive: {error}")))?;
    let mut package = Package {
        archive,
        unpacked: 0,
    };
    let manifest = package.text(MANIFEST).map_err(&invalid)?;
    let document = Document::parse(&manifest).map_err(|source| Error::Xml {
        file: format!("{file}/{MANIFEST}"),
        source,
    })?;
    let items = item_paths(&document);
    if items.len() > QUESTIONS_MAX {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "its number of items",
            limit: QUESTIONS_MAX,
        });
    }
    let mut ids = Identities::default();
    let mut all = Imported {
        quiz: Quiz {
            id: slug(file),
            ..Quiz::default()
        },
        files: Vec::new(),
        challenges: Vec::new(),
        losses: Vec::new(),
    };
    for path in items {
        let text = package.text(&path).map_err(&invalid)?;
        let mut one = item::read(&text, &format!("{file}/{path}"))?;
        for item in &mut one.quiz.items {
            if let Item::Question(question) = item {
                question.id = ids.take(&question.id);
                package.take_pictures(&path, question, &mut all);
            }
        }
        all.quiz.items.append(&mut one.quiz.items);
        all.losses.append(&mut one.losses);
    }
    Ok(all)
}

/// Where the items of a package are, as its manifest says.
fn item_paths(manifest: &Document<'_>) -> Vec<String> {
    let is_item =
        |kind: &str| kind.starts_with("imsqti_item") || kind.starts_with("imsqti_assessmentitem");
    manifest
        .descendants()
        .filter(|node| is(*node, "resource") && attribute(*node, "type").is_some_and(is_item))
        .filter_map(|node| {
            let first = children(node, "file").next();
            let href =
                attribute(node, "href").or_else(|| first.and_then(|file| attribute(file, "href")));
            href.map(str::to_owned)
        })
        .collect()
}

struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    unpacked: usize,
}

/// Link, attachment and bytes of a picture.
type Picture = (String, Attachment, Vec<u8>);

impl Package<'_> {
    /// One file, never more than its limit, whatever its header says.
    fn bytes(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, String> {
        let file = self
            .archive
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

    fn text(&mut self, path: &str) -> Result<String, String> {
        let bytes = self.bytes(path, FILE_BYTES_MAX)?;
        String::from_utf8(bytes).map_err(|_| format!("`{path}` is not in UTF-8"))
    }

    /// The pictures of a question become its attachments.
    fn take_pictures(&mut self, item: &str, question: &mut Question, all: &mut Imported) {
        let (pictures, lost) = self.pictures(item, &question.text.source, &question.id);
        for (link, attachment, bytes) in pictures {
            let from = format!("src=\"{link}\"");
            let to = format!("src=\"{}\"", attachment.name);
            question.text.source = question.text.source.replace(&from, &to);
            all.files.push(File {
                path: attachment.path.clone(),
                bytes,
            });
            question.attachments.push(attachment);
        }
        all.losses.extend(lost.into_iter().map(|what| Loss {
            line: 0,
            question: question.id.clone(),
            what,
        }));
    }

    fn pictures(&mut self, item: &str, html: &str, id: &str) -> (Vec<Picture>, Vec<String>) {
        let (mut pictures, mut lost): (Vec<Picture>, Vec<String>) = Default::default();
        for part in html.split("src=\"").skip(1) {
            let Some((link, _)) = part.split_once('"') else {
                continue;
            };
            let outside = link.contains("://") || link.starts_with("data:");
            if outside || pictures.iter().any(|(known, ..)| known == link) {
                continue;
            }
            let name = link.rsplit('/').next().unwrap_or(link);
            let found = beside(item, link).and_then(|path| self.bytes(&path, ATTACHMENT_BYTES_MAX));
            match found {
                Ok(bytes) => {
                    let attachment = Attachment {
                        name: name.to_owned(),
                        media_type: crate::moodle::media_type(name).to_owned(),
                        path: format!("files/{}/{name}", slug(id)),
                    };
                    pictures.push((link.to_owned(), attachment, bytes));
                }
                Err(reason) => lost.push(format!("a picture was left out: {reason}")),
            }
        }
        (pictures, lost)
    }
}

/// A link of a file, as a path in the archive; nothing leads out of it.
fn beside(file: &str, link: &str) -> Result<String, String> {
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
    fn what_is_no_package_is_refused() {
        assert!(read(b"PK\x03\x04 not really", "p.zip").is_err());
    }
}
