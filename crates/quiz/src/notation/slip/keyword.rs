//! Keywords with a slip.

use super::{CODE_BLANKS, Slip, escaped, shown};
use crate::notation::line::{ESSAY_KEYWORDS, KEYWORDS, is_pair};
use crate::notation::rich::parse_number;

/// Shortest word in which two letters may differ.
const LONG_WORD: usize = 6;
/// Bytes by which a word may be longer than the keyword that it is a slip of: two letters.
const LONGER_MAX: usize = 8;
/// Keywords that are often written with `=`, as in the front matter.
const COMMON: [&str; 6] = ["kind", "points", "penalty", "tries", "tags", "category"];

/// A mistyped keyword in small letters, as it stands everywhere.
pub(super) fn keyword_slip(text: &str) -> Option<Slip> {
    let words = Words::cut(text)?;
    if words.indent > 0 || words.sign != ':' || !words.is_spaced || words.is_upper() {
        return None;
    }
    let known = words.keyword()?;
    Some(words.slip(known, escaped(text)))
}

/// What looks like a keyword, in whatever form.
pub(super) fn header_slip(text: &str) -> Option<Slip> {
    let words = Words::cut(text)?;
    let known = words.keyword()?;
    if words.sign == '=' && !(COMMON.contains(&known.0) && words.name == known.0) {
        return None;
    }
    let is_plain = keyword_slip(text).is_some();
    let way_out = if is_plain {
        escaped(text)
    } else {
        "If it is text, leave an empty line above it".to_owned()
    };
    Some(words.slip(known, way_out))
}

/// `word argument: value`, as somebody may write it.
struct Words<'a> {
    indent: usize,
    name: &'a str,
    argument: &'a str,
    sign: char,
    is_spaced: bool,
    value: &'a str,
}

impl<'a> Words<'a> {
    fn cut(text: &'a str) -> Option<Self> {
        let inner = text.trim_start_matches([' ', '\t']);
        let indent = text.len() - inner.len();
        if indent >= CODE_BLANKS || text.starts_with('\t') {
            return None;
        }
        let end = inner
            .find(|letter: char| !(letter.is_alphabetic() || letter == '_'))
            .unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        let (at, sign) = rest
            .char_indices()
            .find(|(_, letter)| ":=：".contains(*letter))?;
        let argument = &rest[..at];
        if name.is_empty() || !(argument.is_empty() || argument.starts_with([' ', '\t'])) {
            return None;
        }
        let after = &rest[at + sign.len_utf8()..];
        // `https://…` and `path::name` are no keywords.
        if after.starts_with("//") || after.starts_with([':', '=']) {
            return None;
        }
        Some(Self {
            indent,
            name,
            argument: argument.trim(),
            sign,
            is_spaced: after.is_empty() || after.starts_with([' ', '\t']),
            value: after.trim(),
        })
    }

    fn is_upper(&self) -> bool {
        self.name.chars().any(char::is_uppercase)
    }

    /// The keyword that is meant, and whether it takes an argument.
    fn keyword(&self) -> Option<(&'static str, bool)> {
        let lower = self.name.to_lowercase();
        let known = KEYWORDS.into_iter();
        let known = known.chain(ESSAY_KEYWORDS.map(|word| (word, false)));
        known
            .filter_map(|(word, takes_argument)| {
                let distance = near(&lower, word)?;
                let fits = self.fits((word, takes_argument), distance);
                fits.then_some((distance, word, takes_argument))
            })
            .min()
            .map(|(_, word, takes_argument)| (word, takes_argument))
    }

    /// Whether argument and value are those of a keyword that is so near.
    fn fits(&self, (word, takes_argument): (&str, bool), distance: usize) -> bool {
        let is_same_start = self.name.to_lowercase().chars().next() == word.chars().next();
        match word {
            // Words that begin many a sentence: `strong: no`, `air pressure: 1 bar`.
            "wrong" | "pairs" => {
                self.argument.is_empty() && is_same_start && is_like_number(self.value)
            }
            "pair" => is_pair(self.argument) && is_same_start && is_like_number(self.value),
            "special" => is_like_number(self.argument),
            _ => {
                let has_argument = !self.argument.is_empty();
                // `points 2: x` is as good as any sentence; `variable: 1 .. 2` lacks its name.
                !self.argument.contains([' ', '\t'])
                    && (takes_argument == has_argument || (takes_argument && distance == 0))
            }
        }
    }

    fn slip(&self, (known, takes_argument): (&str, bool), way_out: String) -> Slip {
        let argument = match (takes_argument, self.argument) {
            (false, _) => String::new(),
            (true, "") if ["bug", "line"].contains(&known) => " 3".to_owned(),
            (true, "") => " name".to_owned(),
            (true, argument) => format!(" {argument}"),
        };
        let meant = format!("{known}{argument}: {}", self.value);
        Slip {
            likeness: format!("the keyword `{known}:`"),
            meant: shown(meant.trim_end()),
            way_out,
        }
    }
}

/// A number, or one that is written as in a sentence: `0,5`, `-25%`.
fn is_like_number(text: &str) -> bool {
    let number = text.trim_end_matches('%').trim_end().replace(',', ".");
    parse_number(&number).is_some()
}

/// In how many letters a word differs from a keyword of which it may be a slip.
pub(in crate::notation) fn near(word: &str, known: &str) -> Option<usize> {
    // Longer words are none, and need not be measured.
    if word.len() > known.len() + LONGER_MAX {
        return None;
    }
    let distance = crate::score::distance(word, known);
    let is_long =
        word.len().min(known.len()) >= LONG_WORD && word.chars().next() == known.chars().next();
    match distance {
        0 | 1 => Some(distance),
        // Of short words, and of two that begin in different ways, each is one of its own.
        2 if is_long || is_swap(word, known) => Some(distance),
        _ => None,
    }
}

/// Whether two neighbouring letters changed places.
fn is_swap(word: &str, known: &str) -> bool {
    let [word, known] = [word, known].map(|text| text.chars().collect::<Vec<char>>());
    let differs = word.iter().zip(&known).position(|(a, b)| a != b);
    let Some(at) = differs.filter(|at| word.len() == known.len() && at + 1 < word.len()) else {
        return false;
    };
    word[at] == known[at + 1] && word[at + 1] == known[at] && word[at + 2..] == known[at + 2..]
}
