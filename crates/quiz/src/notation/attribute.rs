//! Attributes in braces: `{#id word key=value}`.

use super::line::Line;
use super::problem::Problems;
use super::slip;

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
        report_likeness(line, known, problems);
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
        report_likeness(line, known, problems);
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

/// Everything that may stand in braces somewhere.
const EVERYWHERE: [&str; 17] = [
    "html",
    "plain",
    "exact",
    "fixed",
    "weight",
    "score",
    "wildcard",
    "regex",
    "cost",
    "after",
    "clear-wrong",
    "right-count",
    "target",
    "number",
    "width",
    "language",
    "group",
];

/// The name that braces at the start of a text begin with, where it is one of some
/// names or a slip of one.
fn begins_like(text: &str, mut names: impl Iterator<Item = &'static str>) -> bool {
    let Some((inner, _)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return false;
    };
    let (first, _) = split_while(inner.trim_start(), |letter| {
        letter.is_ascii_alphabetic() || letter == '-'
    });
    let first = first.to_ascii_lowercase();
    !first.is_empty() && names.any(|name| slip::near(&first, name).is_some())
}

/// Braces that look like attributes, and are text because of how they are written.
fn report_likeness(line: Line<'_>, known: Known, problems: &mut Problems) {
    let names = known.words.iter().chain(known.keys).chain(&OF_TEXTS);
    if begins_like(line.text, names.copied()) {
        problems.push_slip(
            line.place(),
            "the braces look like attributes, and are text",
            "write words and `key=value` with blanks between them only, and one after the braces, such as `{fixed weight=0.5} text`; if they are text, write `{}` before them",
        );
    }
}

/// Attributes that stand behind a value instead of before it: where they begin.
fn find_behind(line: &str, is_known: impl Fn(&Token) -> bool) -> Option<usize> {
    let line = line.trim_end();
    let at = line.rfind('{').filter(|at| line[..*at].ends_with(' '))?;
    let (tokens, length) = scan(&line[at..])?;
    let is_whole = at + length == line.len() && !tokens.is_empty();
    (is_whole && tokens.iter().all(is_known)).then_some(at)
}

/// Tells of attributes behind a value that has none before it.
pub(super) fn report_behind(line: Line<'_>, known: Known, problems: &mut Problems) {
    let is_known = |token: &Token| match token {
        Token::Id(_) => known.id,
        Token::Word(word) => known.words.contains(&word.as_str()),
        Token::Pair(key, _) => known.keys.contains(&key.as_str()),
    };
    if let Some(at) = find_behind(line.text, is_known) {
        problems.push_slip(
            line.skip(at).place(),
            "the braces stand behind the text, and are text",
            "write them before it; if they are text, write `{}` before all of it",
        );
    }
}

/// Whether a value would lose its start to [`take`], or be told of as a slip, when it is written as it is.
pub(super) fn looks_like_attributes(text: &str) -> bool {
    // Only its first line is read for attributes.
    let line = text.split('\n').next().unwrap_or_default();
    let is_known = |token: &Token| match token {
        Token::Id(_) => true,
        Token::Word(name) | Token::Pair(name, _) => EVERYWHERE.contains(&name.as_str()),
    };
    scan(line).is_some()
        || begins_like(line, EVERYWHERE.into_iter())
        || find_behind(line, is_known).is_some()
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
