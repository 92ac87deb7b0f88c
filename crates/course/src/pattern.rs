//! Patterns over relative paths: `*` within one part, `**` over whole parts.

/// A pattern that compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// `**`: any number of parts, none included.
    Any,
    /// The texts between the stars of one part.
    Pieces(Vec<String>),
}

/// Why a pattern does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is no relative path.
    #[error("{0}")]
    Path(&'static str),
    /// `**` beside other characters.
    #[error("`**` must stand alone between slashes")]
    DoubleStar,
    /// A character that other pattern languages give a meaning.
    #[error("`{0}` has no meaning in a pattern; only `*` and `**` have")]
    Character(char),
}

/// Most bytes of a path or pattern.
pub const PATH_BYTES_MAX: usize = 1_000;

/// Checks that a path is relative and stays below its directory.
///
/// # Errors
/// What is wrong with it, to be put after the path.
pub fn check_path(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Err("is empty");
    }
    if path.len() > PATH_BYTES_MAX {
        return Err("is too long");
    }
    if path.starts_with('/') {
        return Err("is absolute; paths here are relative");
    }
    if path.contains('\\') {
        return Err("has a backslash; parts are separated by `/`");
    }
    if path.chars().any(char::is_control) {
        return Err("has a control character");
    }
    for part in path.split('/') {
        match part {
            "" => return Err("has an empty part"),
            "." => return Err("has a part `.`"),
            ".." => return Err("has a part `..`, which leads out of the directory"),
            _ => {}
        }
    }
    Ok(())
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Why it has no meaning.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        check_path(text).map_err(PatternError::Path)?;
        if let Some(character) = text.chars().find(|character| "?[]{}".contains(*character)) {
            return Err(PatternError::Character(character));
        }
        let mut parts = Vec::new();
        for part in text.split('/') {
            if part == "**" {
                if parts.last() != Some(&Part::Any) {
                    parts.push(Part::Any);
                }
            } else if part.contains("**") {
                return Err(PatternError::DoubleStar);
            } else {
                parts.push(Part::Pieces(part.split('*').map(str::to_owned).collect()));
            }
        }
        Ok(Self { parts })
    }

    /// Whether a relative path matches as a whole.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').collect();
        // One row of "the first n names match the parts so far": linear in both,
        // where a recursive matcher is exponential in the number of `**`.
        let mut row = vec![false; names.len() + 1];
        row[0] = true;
        for part in &self.parts {
            let mut next = vec![false; names.len() + 1];
            match part {
                Part::Any => {
                    let mut seen = false;
                    for (index, reached) in row.iter().enumerate() {
                        seen |= *reached;
                        next[index] = seen;
                    }
                }
                Part::Pieces(pieces) => {
                    for (index, name) in names.iter().enumerate() {
                        next[index + 1] = row[index] && match_pieces(pieces, name);
                    }
                }
            }
            row = next;
        }
        row[names.len()]
    }
}

/// Whether a text has a star, and so is more than a path.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.contains('*')
}

fn match_pieces(pieces: &[String], name: &str) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_some_and(|only| only == name);
    };
    let Some(mut rest) = name.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn star_stays_within_a_part() {
        assert!(matches("*.py", "leap.py"));
        assert!(!matches("*.py", "a/leap.py"));
        assert!(matches("a/*/c", "a/b/c"));
        assert!(matches("a*b*c", "a-b-b-c"));
        assert!(!matches("a*a", "a"));
        assert!(matches("data/secret/*.in", "data/secret/1.in"));
        assert!(!matches("leap.py", "leap.pyc"));
    }

    #[test]
    fn double_star_spans_parts() {
        assert!(matches("**/*.in", "1.in"));
        assert!(matches("**/*.in", "a/b/1.in"));
        assert!(matches("src/**", "src/a/b"));
        assert!(matches("a/**/b", "a/b"));
        assert!(!matches("a/**/b", "a/b/c"));
    }

    #[test]
    fn refuses_what_has_no_meaning() {
        for text in [
            "", "/a", "a//b", "../a", "a/..", "a**", "a[0]", "{a,b}", "a\\b", "a\0",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(pattern in ".{0,40}", path in ".{0,40}") {
            if let Ok(pattern) = Pattern::parse(&pattern) {
                let _ = pattern.matches(&path);
            }
        }

        #[test]
        fn plain_paths_match_only_themselves(path in "[a-z]{1,5}(/[a-z]{1,5}){0,3}", other in "[a-z/]{1,10}") {
            let pattern = Pattern::parse(&path).unwrap();
            prop_assert!(pattern.matches(&path));
            prop_assert_eq!(pattern.matches(&other), path == other);
        }

        #[test]
        fn many_stars_stay_fast(count in 1usize..200) {
            let pattern = Pattern::parse(&["**"; 50].join("/")).unwrap();
            let path = vec!["a"; count].join("/");
            prop_assert!(pattern.matches(&path));
            let nasty = "*a".repeat(count.min(100)) + "b";
            prop_assert!(!Pattern::parse(&nasty).unwrap().matches(&"a".repeat(1_000)));
        }
    }
}
