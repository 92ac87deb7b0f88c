//! Attributes in braces: `{#id word key=value}`.

use super::line::Line;
use super::problem::Problems;

/// What stood in braces before a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Attributes {
    pub(super) id: Option<String>,
    words: Vec<String>,
    pairs: Vec<(String, String)>,
    place: (usize, usize),
}

/// Words and keys that every text understands.
const OF_TEXTS: [&str; 3] = ["html", "plain", "exact"];

/// What may stand in braces at one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) id: bool,
    pub(super) words: &'static [&'static str],
    pub(super) keys: &'static [&'static str],
}

impl Known {
    pub(super) const NONE: Self = Self {
        id: false,
        words: &[],
        keys: &[],
    };
}

impl Attributes {
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.as_str())
    }

    /// The number of a key.
    pub(super) fn number(&self, key: &str, problems: &mut Problems) -> Option<f64> {
        let value = self.get(key)?;
        let number = super::rich::parse_number(value);
        if number.is_none() {
            problems.push(
                self.place,
                format!("`{key}={value}` is no number"),
                format!("write `{key}=0.5`"),
            );
        }
        number
    }

    /// The whole number of a key.
    pub(super) fn whole(&self, key: &str, problems: &mut Problems) -> Option<u32> {
        let value = self.get(key)?;
        let number = value.parse().ok();
        if number.is_none() {
            problems.push(
                self.place,
                format!("`{key}={value}` is no whole number"),
                format!("write `{key}=2`"),
            );
        }
        number
    }
}

/// Cuts attributes off the start of a line. Braces that do not look like
/// attributes, such as the set `{1, 2}`, are text; so is everything after `{}`.
pub(super) fn take<'a>(
    line: Line<'a>,
    known: Known,
    problems: &mut Problems,
) -> (Attributes, Line<'a>) {
    let mut attributes = Attributes {
        place: line.place(),
        ..Attributes::default()
    };
    let Some((tokens, length)) = scan(line.text) else {
        return (attributes, line);
    };
    let is_word = |word: &str| known.words.contains(&word) || OF_TEXTS.contains(&word);
    // `{x}` is a set with one element, unless some part of it says otherwise.
    let is_meant = tokens.is_empty()
        || tokens.iter().any(|token| match token {
            Token::Id(_) | Token::Pair(..) => true,
            Token::Word(word) => is_word(word),
        });
    if !is_meant {
        return (attributes, line);
    }
    for token in tokens {
        let unknown = match token {
            Token::Id(id) if known.id => {
                attributes.id = Some(id);
                continue;
            }
            Token::Word(word) if is_word(&word) => {
                attributes.words.push(word);
                continue;
            }
            Token::Pair(key, value) if known.keys.contains(&key.as_str()) => {
                attributes.pairs.push((key, value));
                continue;
            }
            Token::Id(id) => format!("#{id}"),
            Token::Word(word) => word,
            Token::Pair(key, _) => format!("{key}="),
        };
        let mut possible: Vec<String> = Vec::new();
        if known.id {
            possible.push("#id".to_owned());
        }
        possible.extend(
            known
                .words
                .iter()
                .chain(&OF_TEXTS)
                .map(|word| (*word).to_owned()),
        );
        possible.extend(known.keys.iter().map(|key| format!("{key}=…")));
        problems.push(
            line.place(),
            format!("`{unknown}` is not known here"),
            format!(
                "possible are {}; if the braces are text, write `{{}}` before them",
                possible.join(", ")
            ),
        );
    }
    (attributes, line.skip(length).trim_start())
}

#[derive(Debug, PartialEq)]
enum Token {
    Id(String),
    Word(String),
    Pair(String, String),
}

/// The tokens of the braces that a text starts with, and their length in bytes,
/// when the braces look like attributes.
fn scan(text: &str) -> Option<(Vec<Token>, usize)> {
    let mut rest = text.strip_prefix('{')?;
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(after) = rest.strip_prefix('}') {
            let ends = after.is_empty() || after.starts_with([' ', '\t']);
            return ends.then(|| (tokens, text.len() - after.len()));
        }
        let (token, after) = scan_token(rest)?;
        tokens.push(token);
        if !after.starts_with([' ', '}']) {
            return None;
        }
        rest = after;
    }
}

fn scan_token(text: &str) -> Option<(Token, &str)> {
    if let Some(rest) = text.strip_prefix('#') {
        let (id, after) = split_while(rest, |letter| {
            letter.is_alphanumeric() || "-_.".contains(letter)
        });
        return (!id.is_empty()).then(|| (Token::Id(id.to_owned()), after));
    }
    let (word, after) = split_while(text, |letter| {
        letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
    });
    if !word.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return None;
    }
    let Some(value) = after.strip_prefix('=') else {
        return Some((Token::Word(word.to_owned()), after));
    };
    if value.starts_with('"') {
        let (text, after) = super::rich::take_quoted(value)?;
        return Some((Token::Pair(word.to_owned(), text), after));
    }
    let (value, after) = split_while(value, |letter| !" {}\"".contains(letter));
    (!value.is_empty()).then(|| (Token::Pair(word.to_owned(), value.to_owned()), after))
}

fn split_while(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text
        .find(|letter: char| !keep(letter))
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Whether a value would lose its start to [`take`] when it is written as it is.
pub(super) fn looks_like_attributes(text: &str) -> bool {
    // Only its first line is read for attributes.
    scan(text.split('\n').next().unwrap_or_default()).is_some()
}

/// A value of `key=value`, in quotes where it needs them.
pub(super) fn write_value(value: &str) -> String {
    let is_bare = !value.is_empty()
        && value.chars().all(|letter| {
            !" {}\"".contains(letter) && !letter.is_whitespace() && !letter.is_control()
        });
    if is_bare {
        value.to_owned()
    } else {
        super::rich::quote(value)
    }
}

/// What follows the braces that a text starts with, when they look like attributes.
pub(super) fn after_braces(text: &str) -> &str {
    scan(text).map_or(text, |(_, length)| {
        text[length..].trim_start_matches([' ', '\t'])
    })
}
