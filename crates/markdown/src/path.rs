//! Links of authors: relative to their file, within the course.

/// What an author's link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// To a place of the same text, without `#`.
    Place(String),
    /// To a path of the course, and a place in it.
    Path(String, Option<String>),
    /// Elsewhere: `http`, `https` or `mailto`.
    Elsewhere,
    /// Refused, and why.
    Refused(&'static str),
}

/// Schemes that lead elsewhere.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Reads a link of a text in a directory of the course.
pub(crate) fn read(directory: &str, link: &str) -> Link {
    // Browsers drop these within addresses, so that `java\nscript:` would be a scheme.
    if link.contains(|letter: char| letter.is_control() || letter == '\\') {
        return Link::Refused("has characters that no address has");
    }
    let link = link.trim();
    if let Some(place) = link.strip_prefix('#') {
        return Link::Place(place.to_owned());
    }
    if link.starts_with('/') {
        return Link::Refused("is absolute; write it relative to this file");
    }
    let head = link.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((scheme, _)) = head.split_once(':') {
        let known = SCHEMES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme));
        return if known {
            Link::Elsewhere
        } else {
            Link::Refused("has a scheme other than http, https and mailto")
        };
    }
    let (path, place) = match link.split_once('#') {
        Some((path, place)) => (path, Some(place.to_owned())),
        None => (link, None),
    };
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Link::Refused("leads out of the course");
                }
            }
            part => parts.push(part),
        }
    }
    match decode(&parts.join("/")) {
        Some(path) => Link::Path(path, place),
        None => Link::Refused("is not written as an address is"),
    }
}

/// Undoes percent signs; `None`: they hide a separator, or no text.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let pair = [rest.next()?, rest.next()?];
        let text = std::str::from_utf8(&pair).ok()?;
        let decoded = u8::from_str_radix(text, 16).ok()?;
        if matches!(decoded, b'/' | b'\\' | 0..=31) {
            return None;
        }
        bytes.push(decoded);
    }
    let text = String::from_utf8(bytes).ok()?;
    let hides = text.split('/').any(|part| part == "..");
    (!hides).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_within_the_course() {
        let of = |link: &str| read("lessons/loops", link);
        let path = |path: &str| Link::Path(path.to_owned(), None);
        assert_eq!(of("a.png"), path("lessons/loops/a.png"));
        assert_eq!(
            of("../a%20b.md#x"),
            Link::Path("lessons/a b.md".into(), Some("x".into()))
        );
        assert_eq!(of("#there"), Link::Place("there".into()));
        assert_eq!(of("HTTPS://a.example/b:c"), Link::Elsewhere);
        assert_eq!(of("a/b:c"), path("lessons/loops/a/b:c"));
        for bad in [
            "../../../etc/passwd",
            "/sign-out",
            "//evil.example",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "%2e%2e/%2e%2e/%2e%2e/x",
            "a%2fb",
            "a%zz",
            "\\\\evil.example",
        ] {
            assert!(matches!(of(bad), Link::Refused(_)), "{bad}: {:?}", of(bad));
        }
    }
}
