//! Links of texts to embedded files, as Moodle finds them: `@@PLUGINFILE@@/name`.

use carrel_quiz::text::Attachment;

use super::node::{PLACE, percent_encoded};

/// The text with the links to these files as Moodle has them, and the files that it links to.
pub(super) fn placed<'a>(
    source: &str,
    attachments: &'a [Attachment],
) -> (String, Vec<&'a Attachment>) {
    let mut text = source.to_owned();
    let mut used = Vec::new();
    for attachment in attachments {
        let mut ways = vec![attachment.name.clone()];
        for way in [
            attachment.name.replace('&', "&amp;"),
            percent_encoded(&attachment.name),
        ] {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        for way in ways.iter().filter(|way| !way.is_empty()) {
            let (linked, found) = place(&text, way);
            text = linked;
            if found && !used.contains(&attachment) {
                used.push(attachment);
            }
        }
    }
    (text, used)
}

/// The text with the place of files before this name, wherever it is the target of a link.
fn place(source: &str, name: &str) -> (String, bool) {
    let mut text = String::with_capacity(source.len());
    let mut found = false;
    let mut from = 0;
    for (at, _) in source.match_indices(name) {
        if at < from || !is_target(&source[..at], &source[at + name.len()..]) {
            continue;
        }
        text.push_str(&source[from..at]);
        text.push_str(PLACE);
        from = at;
        found = true;
    }
    text.push_str(&source[from..]);
    (text, found)
}

/// Whether a link stands between these: `src="…"`, `src=… `, `](…)`, `](<…>)`, `[a]: …`.
fn is_target(before: &str, after: &str) -> bool {
    let ends = |signs: &[char]| after.is_empty() || after.starts_with(signs);
    let within = |open: &str, start: &str| {
        before
            .strip_suffix(open)
            .is_some_and(|before| before.trim_end().ends_with(start))
    };
    within("\"", "=") && ends(&['"'])
        || within("'", "=") && ends(&['\''])
        || within("(", "]") && ends(&[')', ' '])
        || within("(<", "]") && ends(&['>'])
        || within(" ", "]:") && ends(&[' ', '\n', '\r'])
        || ["src=", "href="]
            .iter()
            .any(|start| before.ends_with(start))
            && ends(&[' ', '>', '/'])
}

/// Folder and name of a file, as Moodle keeps them.
pub(super) fn folder(name: &str) -> (String, &str) {
    match name.rsplit_once('/') {
        Some((folder, name)) => (format!("/{}/", folder.trim_matches('/')), name),
        None => ("/".to_owned(), name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Attachment {
        Attachment {
            name: name.to_owned(),
            media_type: "image/png".to_owned(),
            path: format!("files/{name}"),
        }
    }

    #[test]
    fn links_are_placed_and_words_are_not() {
        let files = [file("a b.png"), file("c.png")];
        for (source, placed_as, used) in [
            (
                "<img src=\"c.png\">",
                "<img src=\"@@PLUGINFILE@@/c.png\">",
                1,
            ),
            (
                "<img src='a%20b.png'/>",
                "<img src='@@PLUGINFILE@@/a%20b.png'/>",
                1,
            ),
            ("<img src=c.png>", "<img src=@@PLUGINFILE@@/c.png>", 1),
            (
                "![x](<a b.png>) [y](c.png \"z\")",
                "![x](<@@PLUGINFILE@@/a b.png>) [y](@@PLUGINFILE@@/c.png \"z\")",
                2,
            ),
            ("[c]: c.png", "[c]: @@PLUGINFILE@@/c.png", 1),
            (
                "the file \"c.png\" (c.png), xc.png",
                "the file \"c.png\" (c.png), xc.png",
                0,
            ),
            (
                "<img src=\"http://x/c.png\">",
                "<img src=\"http://x/c.png\">",
                0,
            ),
        ] {
            let (text, found) = placed(source, &files);
            assert_eq!((text.as_str(), found.len()), (placed_as, used), "{source}");
        }
        assert_eq!(folder("x/y/a.png"), ("/x/y/".to_owned(), "a.png"));
    }
}
