//! The allowlist that everything an author writes goes through.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use ammonia::{Builder, UrlRelative};

use crate::path::{Link, read};
use crate::render::{PLACE_PREFIX, Told};
use crate::{Setting, Targets};

/// Elements of Markdown and of plain documents; no forms, frames, media, scripts or styles.
const ELEMENTS: [&str; 52] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "ul",
];

/// HTML of Markdown and of its author, with nothing in it that acts.
pub(crate) fn clean(html: &str, setting: &Setting, told: &Arc<Mutex<Told>>) -> String {
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.into_iter().collect())
        .add_tags(["tr", "var", "wbr", "u", "tfoot", "ruby", "rt", "rp"])
        .clean_content_tags(
            ["script", "style", "template", "noscript"]
                .into_iter()
                .collect(),
        )
        .generic_attributes(["lang", "dir", "title"].into_iter().collect())
        .url_schemes(["http", "https", "mailto"].into_iter().collect())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true)
        .id_prefix(Some(PLACE_PREFIX))
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("img", ["src", "alt", "width", "height"])
        .add_tag_attributes("ol", ["start", "reversed"])
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("td", ["colspan", "rowspan", "headers"])
        .add_tag_attributes("th", ["colspan", "rowspan", "scope"])
        .add_tag_attributes("div", ["id"])
        .add_tag_attribute_values("div", "tabindex", ["0"])
        .add_tag_attribute_values("div", "role", ["group"])
        .add_allowed_classes(
            "blockquote",
            ["callout", "note", "tip", "important", "warning", "caution"],
        )
        .add_allowed_classes("p", ["callout-title"])
        .add_allowed_classes("div", ["scroll", "footnote-definition"])
        .add_allowed_classes("sup", ["footnote-reference", "footnote-definition-label"]);
    for cell in ["td", "th"] {
        builder.add_tag_attribute_values(cell, "align", ["left", "center", "right"]);
    }
    for heading in ["h1", "h2", "h3", "h4", "h5", "h6"] {
        builder.add_tag_attributes(heading, ["id"]);
    }
    let directory = setting.directory.clone();
    let targets = Arc::clone(&setting.targets);
    let told = Arc::clone(told);
    builder.attribute_filter(move |element, attribute, value| {
        let found = match (element, attribute) {
            ("a", "href") => find_link(&directory, &*targets, value),
            ("img", "src") => find_image(&directory, &*targets, value),
            _ => return Some(Cow::Borrowed(value)),
        };
        match found {
            Ok(address) => Some(address),
            Err(why) => {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                told.push(format!("`{}` {why}", shorten(value)));
                None
            }
        }
    });
    builder.clean(html).to_string()
}

fn shorten(text: &str) -> String {
    text.chars()
        .take(200)
        .flat_map(char::escape_debug)
        .collect()
}

fn find_link<'value>(
    directory: &str,
    targets: &dyn Targets,
    value: &'value str,
) -> Result<Cow<'value, str>, &'static str> {
    match read(directory, value) {
        Link::Place(place) => Ok(Cow::Owned(format!("#{PLACE_PREFIX}{place}"))),
        Link::Elsewhere => Ok(Cow::Borrowed(value)),
        Link::Refused(why) => Err(why),
        Link::Path(path, place) => {
            let found = targets.page(&path).or_else(|| targets.file(&path));
            let mut address = found.ok_or("leads to no page or file of the course")?;
            if let Some(place) = place {
                address.push('#');
                address.push_str(PLACE_PREFIX);
                address.push_str(&place);
            }
            Ok(Cow::Owned(address))
        }
    }
}

fn find_image<'value>(
    directory: &str,
    targets: &dyn Targets,
    value: &str,
) -> Result<Cow<'value, str>, &'static str> {
    match read(directory, value) {
        Link::Path(path, None) => {
            let found = targets.file(&path);
            found.map(Cow::Owned).ok_or("is no file of the course")
        }
        Link::Elsewhere => {
            Err("is an image of another site, which pages do not load; add it to the course")
        }
        Link::Path(..) | Link::Place(_) => Err("is no address of an image"),
        Link::Refused(why) => Err(why),
    }
}
