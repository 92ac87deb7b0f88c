//! Versions and selectors as npm's `semver` understands them: Piston's `version` field.
//!
//! Rules: <https://github.com/npm/node-semver#ranges>. Our versions have no pre-release part.

/// Major, minor, patch.
pub type Version = [u64; 3];

/// The first dotted number in a text, padded to three parts: `OpenJDK 17.0.13` is 17.0.13.
#[must_use]
pub fn find_version(text: &str) -> Option<Version> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let rest = &text[start..];
    let end = rest
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(rest.len());
    let mut version = [0; 3];
    let parts = rest[..end].split('.').filter(|part| !part.is_empty());
    for (place, part) in version.iter_mut().zip(parts) {
        *place = part.parse().ok()?;
    }
    Some(version)
}

/// As it is written.
#[must_use]
pub fn write_version([major, minor, patch]: Version) -> String {
    format!("{major}.{minor}.{patch}")
}

/// Whether a version is selected. A selector that is not one selects nothing.
#[must_use]
pub fn is_selected(version: Version, selector: &str) -> bool {
    let mut alternatives = selector.split("||").map(parse_alternative);
    // All have to be understood, as theirs has it.
    let Some(alternatives) = alternatives.by_ref().collect::<Option<Vec<_>>>() else {
        return false;
    };
    alternatives
        .iter()
        .any(|bounds| bounds.iter().all(|bound| bound.holds(version)))
}

/// One condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    AtLeast(Version),
    Above(Version),
    Below(Version),
    AtMost(Version),
    Never,
}

impl Bound {
    fn holds(self, version: Version) -> bool {
        match self {
            Self::AtLeast(least) => version >= least,
            Self::Above(least) => version > least,
            Self::Below(most) => version < most,
            Self::AtMost(most) => version <= most,
            Self::Never => false,
        }
    }
}

fn parse_alternative(text: &str) -> Option<Vec<Bound>> {
    let text = text.trim();
    if let Some((from, to)) = text.split_once(" - ") {
        let mut bounds = compare(">=", parse_partial(from.trim())?);
        bounds.extend(compare("<=", parse_partial(to.trim())?));
        return Some(bounds);
    }
    let mut bounds = Vec::new();
    let mut operator = String::new();
    for word in text.split_whitespace() {
        let length = word
            .find(|letter: char| !"<>=^~".contains(letter))
            .unwrap_or(word.len());
        operator.push_str(&word[..length]);
        let rest = &word[length..];
        if rest.is_empty() {
            // `>= 1.2`: the number is the next word.
            continue;
        }
        bounds.extend(select(&operator, parse_partial(rest)?)?);
        operator.clear();
    }
    operator.is_empty().then_some(bounds)
}

/// A version of which the last parts may be missing or `x`.
type Partial = [Option<u64>; 3];

fn parse_partial(text: &str) -> Option<Partial> {
    let text = text.strip_prefix(['v', '=']).unwrap_or(text);
    let text = text.split('+').next().unwrap_or_default();
    let mut partial = [None; 3];
    let mut open = true;
    for (index, part) in text.split('.').enumerate() {
        let place = partial.get_mut(index)?;
        match part {
            "x" | "X" | "*" => open = false,
            "" if index == 0 && text.is_empty() => open = false,
            number => {
                let number = number.parse().ok()?;
                *place = open.then_some(number);
            }
        }
    }
    Some(partial)
}

fn fill(partial: Partial) -> Version {
    partial.map(Option::unwrap_or_default)
}

/// The first version that is no longer below this partial one; `None`: it has no end.
fn end_of(partial: Partial) -> Option<Version> {
    match partial {
        [None, ..] => None,
        [Some(major), None, _] => Some([major + 1, 0, 0]),
        [Some(major), Some(minor), None] => Some([major, minor + 1, 0]),
        [Some(major), Some(minor), Some(patch)] => Some([major, minor, patch + 1]),
    }
}

fn select(operator: &str, partial: Partial) -> Option<Vec<Bound>> {
    let low = fill(partial);
    let within = |end: Option<Version>| {
        let mut bounds = vec![Bound::AtLeast(low)];
        bounds.extend(end.map(Bound::Below));
        bounds
    };
    let bounds = match operator {
        "" | "=" => within(end_of(partial)),
        "^" => within(match partial {
            [Some(0), Some(0), Some(_)] | [Some(0), Some(0), None] => end_of(partial),
            [Some(0), Some(minor), _] => Some([0, minor + 1, 0]),
            [Some(major), ..] => Some([major + 1, 0, 0]),
            [None, ..] => None,
        }),
        "~" | "~>" => within(match partial {
            [Some(major), Some(minor), _] => Some([major, minor + 1, 0]),
            other => end_of(other),
        }),
        ">" | "<" | ">=" | "<=" => compare(operator, partial),
        _ => return None,
    };
    Some(bounds)
}

fn compare(operator: &str, partial: Partial) -> Vec<Bound> {
    let whole = partial[2].is_some();
    let low = fill(partial);
    match (operator, end_of(partial)) {
        (">=", _) => vec![Bound::AtLeast(low)],
        (">" | "<", None) => vec![Bound::Never],
        (">", Some(_)) if whole => vec![Bound::Above(low)],
        (">", Some(end)) => vec![Bound::AtLeast(end)],
        ("<", Some(_)) => vec![Bound::Below(low)],
        (_, None) => Vec::new(),
        (_, Some(_)) if whole => vec![Bound::AtMost(low)],
        (_, Some(end)) => vec![Bound::Below(end)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_tell() {
        for (text, version) in [
            ("3.11.2", Some([3, 11, 2])),
            ("5.2.15(1)-release", Some([5, 2, 15])),
            ("OpenJDK 17.0.13+11", Some([17, 0, 13])),
            ("go1.19", Some([1, 19, 0])),
            ("unknown", None),
        ] {
            assert_eq!(find_version(text), version, "{text}");
        }
    }

    #[test]
    fn selectors_select_as_npm_does() {
        for (selector, yes, no) in [
            ("*", vec![[0, 0, 0], [9, 9, 9]], vec![]),
            ("", vec![[1, 2, 3]], vec![]),
            ("3.11.2", vec![[3, 11, 2]], vec![[3, 11, 3], [3, 11, 1]]),
            ("3", vec![[3, 0, 0], [3, 99, 1]], vec![[4, 0, 0], [2, 9, 9]]),
            ("3.x", vec![[3, 1, 0]], vec![[4, 0, 0]]),
            ("v3.11", vec![[3, 11, 9]], vec![[3, 12, 0]]),
            (
                "^1.2.3",
                vec![[1, 2, 3], [1, 9, 0]],
                vec![[2, 0, 0], [1, 2, 2]],
            ),
            ("^0.2.3", vec![[0, 2, 9]], vec![[0, 3, 0]]),
            ("^0.0.3", vec![[0, 0, 3]], vec![[0, 0, 4]]),
            ("^0", vec![[0, 9, 0]], vec![[1, 0, 0]]),
            ("~1.2.3", vec![[1, 2, 9]], vec![[1, 3, 0]]),
            ("~1", vec![[1, 9, 0]], vec![[2, 0, 0]]),
            (">=1.2 <2", vec![[1, 2, 0], [1, 9, 9]], vec![[2, 0, 0]]),
            (">= 3", vec![[3, 0, 0]], vec![[2, 9, 9]]),
            (">1", vec![[2, 0, 0]], vec![[1, 9, 9]]),
            (">1.2.3", vec![[1, 2, 4]], vec![[1, 2, 3]]),
            ("<=1.2", vec![[1, 2, 9]], vec![[1, 3, 0]]),
            ("1.2 - 1.4", vec![[1, 2, 0], [1, 4, 9]], vec![[1, 5, 0]]),
            ("1.x || >=3", vec![[1, 0, 0], [4, 0, 0]], vec![[2, 0, 0]]),
            ("latest", vec![], vec![[1, 0, 0]]),
            (">*", vec![], vec![[1, 0, 0]]),
            ("3.11.2.1", vec![], vec![[3, 11, 2]]),
        ] {
            for version in yes {
                assert!(is_selected(version, selector), "{selector} {version:?}");
            }
            for version in no {
                assert!(!is_selected(version, selector), "{selector} {version:?}");
            }
        }
    }
}
