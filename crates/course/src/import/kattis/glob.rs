//! Patterns of `submissions.yaml` (2025-09, "Glob patterns"): `*` within one
//! name and `{a,b}` alternatives; a pattern also matches what lies below.

/// Most alternatives that one pattern may stand for.
const ALTERNATIVES_MAX: usize = 4_096;
/// Most characters of a pattern.
const CHARACTERS_MAX: usize = 1_000;

/// A pattern, its alternatives written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob {
    alternatives: Vec<String>,
}

impl Glob {
    /// Reads a pattern; nothing where it stands for too many or is malformed.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        if pattern.chars().count() > CHARACTERS_MAX
            || pattern.contains("**")
            || pattern.contains('[')
        {
            return None;
        }
        let mut open = vec![pattern.to_owned()];
        let mut alternatives = Vec::new();
        while let Some(next) = open.pop() {
            if open.len() + alternatives.len() > ALTERNATIVES_MAX {
                return None;
            }
            // The innermost group first, so that nesting needs no recursion.
            let Some(close) = next.find('}') else {
                if next.contains('{') {
                    return None;
                }
                alternatives.push(next);
                continue;
            };
            let start = next[..close].rfind('{')?;
            for part in next[start + 1..close].split(',') {
                open.push(format!(
                    "{}{}{}",
                    &next[..start],
                    part.trim(),
                    &next[close + 1..]
                ));
            }
        }
        Some(Self { alternatives })
    }

    /// Does it match the path, or a directory that the path lies in?
    pub(super) fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').collect();
        self.alternatives.iter().any(|alternative| {
            let parts: Vec<&str> = alternative.trim_end_matches('/').split('/').collect();
            parts.len() <= names.len()
                && parts
                    .iter()
                    .zip(&names)
                    .all(|(part, name)| matches_name(part, name))
        })
    }
}

/// `*` stands for any characters; linear in the product of the lengths.
fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) {
            (p, n) = (p + 1, n + 1);
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (p, n) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Glob::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn directories_match_what_lies_below_and_stars_stay_in_a_name() {
        assert!(matches("accepted", "accepted/x.py"));
        assert!(matches("accepted/*", "accepted/x.py"));
        assert!(matches("secret/*-easy", "secret/01-easy"));
        assert!(!matches("*/nested_wa.py", "match/nested/nested_wa.py"));
        assert!(!matches("match_wa.py", "match/match_wa.py"));
        assert!(!matches("match/match", "match/match_wa.py"));
        assert!(!matches("accepted/*/x", "accepted/x"));
    }

    #[test]
    fn braces_expand_also_twice_and_nested() {
        assert!(matches("author.{py,cpp}", "author.cpp"));
        let even = "secret/*{,0,1,2,3,4,5,6,7,8,9}{0,2,4,6,8}";
        assert!(
            matches(even, "secret/42") && matches(even, "secret/2") && !matches(even, "secret/13")
        );
        assert!(matches("secret/*{ 4 }{ 2 }", "secret/42"));
        assert!(matches("{a,b{c,d}}/x", "bd/x"));
        assert_eq!(Glob::parse(&"{a,b}".repeat(40)), None);
        assert_eq!(Glob::parse("{a"), None);
        assert_eq!(Glob::parse("a}"), None);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(pattern in "[a-z*{},/ ]{0,40}", path in "[a-z/]{0,20}") {
            if let Some(glob) = Glob::parse(&pattern) {
                glob.matches(&path);
            }
        }
    }
}
