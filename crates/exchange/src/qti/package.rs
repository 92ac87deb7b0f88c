//! A package: a zip archive with a manifest.

use carrel_quiz::{Item, Pool, Question, Quiz};
use roxmltree::Document;

use super::body::plain_html;
use super::item;
use super::node::{attribute, children, is};
use super::test::{self, Entry};
use crate::archive::{Archive, append, beside, invalid};
use crate::error::{Error, parse_xml};
use crate::identity::{Identities, slug};
use crate::limits::QUESTIONS_MAX;
use crate::report::{Imported, Loss};

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
    let document = parse_xml(&manifest, &format!("{file}/{MANIFEST}"))?;
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
    let mut package = Package {
        archive,
        file,
        ids: Identities::default(),
        all: Imported {
            quiz: Quiz {
                id: slug(file),
                ..Quiz::default()
            },
            files: Vec::new(),
            challenges: Vec::new(),
            losses: Vec::new(),
        },
    };
    let mut rest = Vec::new();
    for item in items {
        let path = beside("", &item).map_err(|what| invalid(file, FORMAT, what))?;
        if !rest.contains(&path) {
            rest.push(path);
        }
    }
    let tests = paths(&document, |kind| kind.starts_with("imsqti_test"));
    if let Some(test) = tests.first() {
        package.test(test, &mut rest)?;
        if tests.len() > 1 {
            package.lose("the package has several tests: the first was read");
        }
        if !rest.is_empty() {
            package.lose("questions that the test does not use stand at the end");
        }
    }
    for path in rest {
        let questions = package.item(&path)?;
        let items = questions.into_iter().map(Item::Question);
        package.all.quiz.items.extend(items);
    }
    Ok(package.all)
}

/// A package that is read, and what came of it so far.
struct Package<'a> {
    archive: Archive<'a>,
    file: &'a str,
    ids: Identities,
    all: Imported,
}

impl Package<'_> {
    fn lose(&mut self, what: &str) {
        self.all.losses.push(Loss {
            line: 0,
            question: String::new(),
            what: what.to_owned(),
        });
    }

    /// The items of a test in its order; they are taken from those that are left.
    fn test(&mut self, path: &str, rest: &mut Vec<String>) -> Result<(), Error> {
        let fault = |what| invalid(self.file, FORMAT, what);
        let path = beside("", path).map_err(fault)?;
        let text = self.archive.text(&path).map_err(fault)?;
        let document = parse_xml(&text, &format!("{}/{path}", self.file))?;
        let root = document.root_element();
        if !is(root, "assessmentTest") {
            self.lose("its test is none, and was not read");
            return Ok(());
        }
        let read = test::read(root, &path);
        read.losses.iter().for_each(|what| self.lose(what));
        self.all.quiz.title = read.title;
        self.all.quiz.introduction = read.introduction;
        self.all.quiz.settings = read.settings;
        for entry in read.entries {
            match entry {
                Entry::Item(path) => {
                    let questions = self.take(&path, rest)?;
                    let items = questions.into_iter().map(Item::Question);
                    self.all.quiz.items.extend(items);
                }
                Entry::Pool {
                    id,
                    title,
                    draw,
                    items,
                } => {
                    let mut questions = Vec::new();
                    for path in items {
                        questions.extend(self.take(&path, rest)?);
                    }
                    if questions.is_empty() {
                        continue;
                    }
                    let count = u32::try_from(questions.len()).unwrap_or(u32::MAX);
                    if count < draw {
                        self.lose("a pool has fewer questions than it should draw: all are taken");
                    }
                    self.all.quiz.items.push(Item::Pool(Pool {
                        id: self.ids.take(&id),
                        title,
                        draw: draw.min(count),
                        points: None,
                        questions,
                    }));
                }
            }
        }
        Ok(())
    }

    /// An item that is not yet read.
    fn take(&mut self, path: &str, rest: &mut Vec<String>) -> Result<Option<Question>, Error> {
        let Some(place) = rest.iter().position(|known| known == path) else {
            self.lose(&format!(
                "the test uses `{path}` again, or the manifest does not name it: left out there"
            ));
            return Ok(None);
        };
        rest.remove(place);
        self.item(path)
    }

    fn item(&mut self, path: &str) -> Result<Option<Question>, Error> {
        let fault = |what| invalid(self.file, FORMAT, what);
        let text = self.archive.text(path).map_err(fault)?;
        let archive = &mut self.archive;
        let mut passage = |href: &str| passage(archive, path, href);
        let mut one = item::read_with(&text, &format!("{}/{path}", self.file), &mut passage)?;
        let mut found = None;
        for item in std::mem::take(&mut one.quiz.items) {
            let Item::Question(mut question) = item else {
                continue;
            };
            let id = self.ids.take(&question.id);
            let was = std::mem::replace(&mut question.id, id);
            for loss in &mut one.losses {
                if loss.question == was {
                    loss.question.clone_from(&question.id);
                }
            }
            let lost = self
                .archive
                .take_pictures(path, &mut question, &mut one.files);
            one.losses.extend(lost);
            found = Some(question);
        }
        append(&mut self.all, one);
        Ok(found)
    }
}

/// The text of a passage that an item refers to, its links as the item sees them.
fn passage(archive: &mut Archive<'_>, item: &str, href: &str) -> Result<String, String> {
    let path = beside(item, href)?;
    let text = archive.text(&path)?;
    let document = Document::parse(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("`{path}`: {error}"))?;
    let root = document.root_element();
    let body = root.descendants().find(|node| is(*node, "stimulusBody"));
    let html = plain_html(body.ok_or_else(|| format!("`{path}` is no passage"))?);
    let up = "../".repeat(item.matches('/').count());
    let mut parts = html.split("src=\"");
    let mut linked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (link, after) = part.split_once('"').unwrap_or((part, ""));
        let seen = match link.contains("://") || link.starts_with("data:") {
            true => link.to_owned(),
            false => format!("{up}{}", beside(&path, link)?),
        };
        linked.push_str(&format!("src=\"{seen}\"{after}"));
    }
    Ok(linked)
}

/// Where the items of a package are, as its manifest says.
fn item_paths(manifest: &Document<'_>) -> Vec<String> {
    paths(manifest, |kind| {
        kind.starts_with("imsqti_item") || kind.starts_with("imsqti_assessmentitem")
    })
}

/// Where the files of some types are.
fn paths(manifest: &Document<'_>, wanted: fn(&str) -> bool) -> Vec<String> {
    manifest
        .descendants()
        .filter(|node| is(*node, "resource") && attribute(*node, "type").is_some_and(wanted))
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
