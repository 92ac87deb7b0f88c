//! Typed texts against patterns.

use regex::{Regex, RegexBuilder};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::sentence::short;
use super::{Outcome, ScoreError, shown};
use crate::kind::{Case, PatternKind, Spaces, TextKey, TextRules, UnicodeForm};
use crate::limits::{PATTERN_CHARACTERS_MAX, REGEX_BYTES_MAX, TYPED_CHARACTERS_MAX, TYPOS_MAX};

/// Letters of a pattern for each letter that may differ.
const LETTERS_PER_TYPO: usize = 4;

/// Why a pattern does not compile.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PatternError {
    /// It is no regular expression, or too large as one.
    #[error("it is no regular expression of linear time")]
    Regex(#[source] regex::Error),
    /// It is too long.
    #[error("it is longer than {PATTERN_CHARACTERS_MAX} characters")]
    TooLong,
}

/// A text key, ready to match.
#[derive(Debug)]
pub struct TextMatcher {
    rules: TextRules,
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
enum Pattern {
    Exact(String),
    /// What stands between the stars; at least one piece.
    Wildcard(Vec<String>),
    Regex(Regex),
}

impl TextMatcher {
    /// Normalises and compiles the patterns of a key.
    ///
    /// # Errors
    /// The pattern that does not compile, and why.
    pub fn new(key: &TextKey) -> Result<Self, (String, PatternError)> {
        let compile = |pattern: &crate::kind::TextPattern| {
            let source = &pattern.pattern;
            if source.chars().count() > PATTERN_CHARACTERS_MAX {
                return Err((source.clone(), PatternError::TooLong));
            }
            Ok(match pattern.kind {
                PatternKind::Exact => Pattern::Exact(normalise(source, &key.rules)),
                PatternKind::Wildcard => Pattern::Wildcard(split_wildcard(source, &key.rules)),
                PatternKind::Regex => Pattern::Regex(
                    compile_regex(source, &key.rules)
                        .map_err(|error| (source.clone(), PatternError::Regex(error)))?,
                ),
            })
        };
        Ok(Self {
            rules: key.rules,
            patterns: key.patterns.iter().map(compile).collect::<Result<_, _>>()?,
        })
    }

    /// Index of the first pattern that matches a typed text.
    #[must_use]
    pub fn find(&self, typed: &str) -> Option<usize> {
        // Regular expressions decide on case by themselves.
        let unfolded = fold_spaces(&compose(typed, &self.rules), self.rules.spaces, true);
        let folded = fold_case(&unfolded, &self.rules);
        self.patterns.iter().position(|pattern| match pattern {
            Pattern::Exact(text) => *text == folded || self.is_slip(text, &folded),
            Pattern::Wildcard(pieces) => matches_pieces(pieces, &folded),
            Pattern::Regex(regex) => regex.is_match(&unfolded),
        })
    }

    fn is_slip(&self, right: &str, typed: &str) -> bool {
        let allowed = self.rules.typos.min(TYPOS_MAX) as usize;
        let letters = right.chars().count();
        let allowed = allowed.min(letters / LETTERS_PER_TYPO);
        allowed > 0 && is_within_distance(right, typed, allowed)
    }

    pub(super) fn check_length(&self, question: &str, typed: &str) -> Result<(), ScoreError> {
        check_typed_length(question, typed)
    }

    pub(super) fn score(&self, key: &TextKey, typed: &str) -> Outcome {
        if typed.trim().is_empty() && self.rules.spaces != Spaces::Exact || typed.is_empty() {
            return Outcome::unanswered();
        }
        let Some(pattern) = self.find(typed).and_then(|index| key.patterns.get(index)) else {
            return Outcome {
                explanation: vec!["no accepted answer matches".to_owned()],
                ..Outcome::default()
            };
        };
        let how = match pattern.kind {
            PatternKind::Exact => "the answer",
            PatternKind::Wildcard => "the pattern",
            PatternKind::Regex => "the regular expression",
        };
        Outcome {
            fraction: pattern.score,
            explanation: vec![format!(
                "matches {how} `{}`: {}",
                pattern.pattern,
                short(pattern.score)
            )],
            feedback: shown(None, pattern.feedback.as_ref()),
            ..Outcome::default()
        }
    }
}

pub(super) fn check_typed_length(question: &str, typed: &str) -> Result<(), ScoreError> {
    if typed.len() > TYPED_CHARACTERS_MAX && typed.chars().count() > TYPED_CHARACTERS_MAX {
        return Err(ScoreError::TooLarge {
            question: question.to_owned(),
            limit: format!("{TYPED_CHARACTERS_MAX} characters"),
        });
    }
    Ok(())
}

/// A text with everything taken out that makes no difference.
fn normalise(source: &str, rules: &TextRules) -> String {
    let composed = fold_spaces(&compose(source, rules), rules.spaces, true);
    fold_case(&composed, rules)
}

/// Unicode form and accents.
fn compose(source: &str, rules: &TextRules) -> String {
    if source.is_ascii() {
        return source.to_owned();
    }
    let plain = match rules.unicode {
        UnicodeForm::Nfc => source.nfc().collect::<String>(),
        UnicodeForm::Nfkc => source.nfkc().collect(),
    };
    if !rules.ignore_accents {
        return plain;
    }
    plain
        .nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .nfc()
        .collect()
}

fn fold_case(source: &str, rules: &TextRules) -> String {
    match rules.case {
        Case::Exact => source.to_owned(),
        Case::Ignore if source.is_ascii() => source.to_ascii_lowercase(),
        // Up and down again: `ß` meets `SS`, and both sigmas meet.
        Case::Ignore => source.to_uppercase().to_lowercase().nfc().collect(),
    }
}

fn fold_spaces(source: &str, spaces: Spaces, is_whole: bool) -> String {
    match spaces {
        Spaces::Exact => source.to_owned(),
        Spaces::Trim if is_whole => source.trim().to_owned(),
        Spaces::Trim => source.to_owned(),
        Spaces::Remove => source
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect(),
        Spaces::Collapse => {
            let mut folded = String::with_capacity(source.len());
            let mut in_blanks = false;
            for letter in source.chars() {
                let is_blank = letter.is_whitespace();
                if !is_blank {
                    folded.push(letter);
                } else if !in_blanks {
                    folded.push(' ');
                }
                in_blanks = is_blank;
            }
            if is_whole {
                folded.trim_matches(' ').to_owned()
            } else {
                folded
            }
        }
    }
}

fn split_wildcard(source: &str, rules: &TextRules) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut letters = source.trim().chars();
    if rules.spaces == Spaces::Exact {
        letters = source.chars();
    }
    let mut escaped = false;
    for letter in letters {
        match (escaped, letter) {
            (false, '\\') => {
                escaped = true;
                continue;
            }
            (false, '*') => pieces.push(String::new()),
            (was_escaped, letter) => {
                if let Some(piece) = pieces.last_mut() {
                    // A backslash escapes only stars and itself.
                    if was_escaped && letter != '*' && letter != '\\' {
                        piece.push('\\');
                    }
                    piece.push(letter);
                }
            }
        }
        escaped = false;
    }
    if let (true, Some(piece)) = (escaped, pieces.last_mut()) {
        piece.push('\\');
    }
    pieces
        .iter()
        .map(|piece| {
            let composed = fold_spaces(&compose(piece, rules), rules.spaces, false);
            fold_case(&composed, rules)
        })
        .collect()
}

/// Each piece at its first place after the one before: no going back, so time
/// stays within pattern × text.
fn matches_pieces(pieces: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        let Some(at) = rest.find(piece.as_str()) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last.as_str())
}

fn compile_regex(source: &str, rules: &TextRules) -> Result<Regex, regex::Error> {
    // On its own first: `a)(b` must not become valid by our brackets.
    let build = |pattern: &str| {
        RegexBuilder::new(pattern)
            .case_insensitive(rules.case == Case::Ignore)
            .size_limit(REGEX_BYTES_MAX)
            .dfa_size_limit(REGEX_BYTES_MAX)
            .build()
    };
    let composed = compose(source, rules);
    build(&composed)?;
    build(&format!(r"\A(?:{composed})\z")).or_else(|error| {
        // A comment at its end, `(?x)a # b`, would go on over our bracket; a line ends it.
        build(&format!("\\A(?:{composed}\n)\\z")).map_err(|_| error)
    })
}

/// Whether two texts differ in at most `allowed` letters.
fn is_within_distance(left: &str, right: &str, allowed: usize) -> bool {
    left.chars().count().abs_diff(right.chars().count()) <= allowed
        && distance(left, right) <= allowed
}

/// Letters in which two texts differ (Levenshtein, one row).
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::TextPattern;

    fn finds(kind: PatternKind, pattern: &str, rules: TextRules, typed: &str) -> bool {
        let key = TextKey {
            patterns: vec![TextPattern::new(kind, pattern)],
            rules,
        };
        TextMatcher::new(&key).unwrap().find(typed) == Some(0)
    }

    fn by_default(kind: PatternKind, pattern: &str, typed: &str) -> bool {
        finds(kind, pattern, TextRules::default(), typed)
    }

    #[test]
    fn exact_texts_forgive_case_blanks_and_ways_of_writing() {
        let exact = PatternKind::Exact;
        assert!(by_default(exact, "New York", "  new \t york "));
        assert!(by_default(exact, "Caf\u{e9}", "cafe\u{301}"));
        assert!(by_default(exact, "Straße", "STRASSE"));
        assert!(by_default(exact, "ΟΔΟΣ", "οδος"));
        assert!(!by_default(exact, "Café", "cafe"));
        assert!(!by_default(exact, "New York", "NewYork"));
        assert!(!by_default(exact, "a*", "ab"));
    }

    #[test]
    fn each_rule_makes_its_difference() {
        let exact = PatternKind::Exact;
        let rules = TextRules::default();
        let case = TextRules {
            case: Case::Exact,
            ..rules
        };
        assert!(!finds(exact, "List", case, "list"));
        let remove = TextRules {
            spaces: Spaces::Remove,
            ..rules
        };
        assert!(finds(exact, "a + b", remove, "a+b"));
        let all = TextRules {
            spaces: Spaces::Exact,
            ..rules
        };
        assert!(!finds(exact, "a b", all, "a  b"));
        let trim = TextRules {
            spaces: Spaces::Trim,
            ..rules
        };
        assert!(!finds(exact, "a b", trim, " a  b "));
        assert!(finds(exact, "a  b", trim, " a  b "));
        let accents = TextRules {
            ignore_accents: true,
            ..rules
        };
        assert!(finds(exact, "Café", accents, "cafe"));
        let nfkc = TextRules {
            unicode: UnicodeForm::Nfkc,
            ..rules
        };
        assert!(finds(exact, "fi2", nfkc, "ﬁ²"));
        assert!(!by_default(exact, "fi2", "ﬁ²"));
        let typos = TextRules { typos: 2, ..rules };
        assert!(finds(exact, "Mississippi", typos, "misisippi"));
        assert!(!finds(exact, "Mississippi", typos, "misisipi"));
        assert!(
            !finds(exact, "cat", typos, "car"),
            "short words forgive nothing"
        );
    }

    #[test]
    fn wildcards() {
        let wildcard = PatternKind::Wildcard;
        assert!(by_default(wildcard, "*", "anything"));
        assert!(by_default(wildcard, "for*in*:", "FOR x in range(3):"));
        assert!(!by_default(wildcard, "for*in*:", "for x in y"));
        assert!(by_default(wildcard, r"2\*3", "2*3"));
        assert!(!by_default(wildcard, r"2\*3", "2x3"));
        assert!(by_default(wildcard, r"C:\temp\\*", r"c:\temp\x"));
        assert!(!by_default(wildcard, "ab*ba", "aba"));
        assert!(by_default(wildcard, "a**b", "ab"));
    }

    #[test]
    fn regular_expressions_match_the_whole() {
        let regex = PatternKind::Regex;
        assert!(by_default(regex, "colou?r|hue", "COLOR"));
        assert!(!by_default(regex, "colou?r|hue", "colors"));
        assert!(
            by_default(regex, "a|ab", "ab"),
            "alternatives are bound together"
        );
        let case = TextRules {
            case: Case::Exact,
            ..TextRules::default()
        };
        assert!(!finds(regex, "colou?r", case, "COLOR"));
        assert!(by_default(regex, "(?x)a b # two letters", "ab"));
        assert!(!by_default(regex, "(?x)a b # two letters", "abc"));
        for broken in ["(", "a)(b", r"(a)\1", "(?=a)", "a{100000}{100000}"] {
            let key = TextKey {
                patterns: vec![TextPattern::new(regex, broken)],
                rules: TextRules::default(),
            };
            assert!(TextMatcher::new(&key).is_err(), "{broken}");
        }
    }

    #[test]
    fn the_first_pattern_wins() {
        let mut key = TextKey::exact(["Paris"]);
        key.patterns.push(TextPattern {
            score: 0.5,
            ..TextPattern::new(PatternKind::Wildcard, "par*")
        });
        let matcher = TextMatcher::new(&key).unwrap();
        assert_eq!(matcher.score(&key, "paris").fraction, 1.0);
        assert_eq!(matcher.score(&key, "parma").fraction, 0.5);
        assert_eq!(matcher.score(&key, "rome").fraction, 0.0);
    }
}
