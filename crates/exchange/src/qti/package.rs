//! A package: a zip archive with a manifest.

use carrel_quiz::{Item, Quiz};
use roxmltree::Document;

use super::item;
use super::node::{attribute, children, is};
use crate::archive::{Archive, append, beside, invalid};
use crate::error::Error;
use crate::identity::{Identities, slug};
use crate::limits::QUESTIONS_MAX;
use crate::report::Imported;

/// Name of the manifest.
const MANIFEST: &str = "imsmanifest.xml";
/// What is said to be invalid.
const FORMAT: &str = "QTI";

/// Reads all items that the manifest names, with the pictures that they show.
///
/// # Errors
/// It is no zip archive, has no manifest, or an item of it is broken.
pub fn read(bytes: &[u8], file: &str) -> Result<Imported, Error> {
    let mut archive = Archive::open(bytes, file, FORMAT)?;
    let manifest = archive
        .text(MANIFEST)
        .map_err(|what| invalid(file, FORMAT, what))?;
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
    if items.is_empty() && has_older_items(&document) {
        let what = "its items are in QTI 1.2, which is written, not read".to_owned();
        return Err(invalid(file, FORMAT, what));
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
        let text = beside("", &path)
            .and_then(|path| archive.text(&path))
            .map_err(|what| invalid(file, FORMAT, what))?;
        let mut one = item::read(&text, &format!("{file}/{path}"))?;
        for item in &mut one.quiz.items {
            if let Item::Question(question) = item {
                let id = ids.take(&question.id);
                let was = std::mem::replace(&mut question.id, id);
                for loss in &mut one.losses {
                    if loss.question == was {
                        loss.question.clone_from(&question.id);
                    }
                }
                let lost = archive.take_pictures(&path, question, &mut one.files);
                one.losses.extend(lost);
            }
        }
        append(&mut all, one);
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

/// Whether a manifest names items of QTI 1.2.
fn has_older_items(manifest: &Document<'_>) -> bool {
    manifest.descendants().any(|node| {
        let kind = attribute(node, "type").unwrap_or_default();
        is(node, "resource")
            && (kind.starts_with("imsqti_xmlv1p") || kind.contains("imsqti_xmlv1p"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_package_is_refused() {
        assert!(read(b"PK\x03\x04 not really", "p.zip").is_err());
        let manifest =
            b"<manifest><resource type='imsqti_item_xmlv2p1' href='../../etc/passwd'/></manifest>";
        let outside = crate::archive::write(&[(MANIFEST.to_owned(), manifest.to_vec())]);
        let error = read(&outside, "p.zip").unwrap_err().to_string();
        assert!(error.contains("leads out of the package"), "{error}");
        let manifest = b"<manifest><resource type='imsqti_xmlv1p2' href='a.xml'/></manifest>";
        let older = crate::archive::write(&[(MANIFEST.to_owned(), manifest.to_vec())]);
        let error = read(&older, "p.zip").unwrap_err().to_string();
        assert!(error.contains("QTI 1.2"), "{error}");
    }
}
