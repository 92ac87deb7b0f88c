//! Patterns of short answers. In Moodle each is a wildcard pattern: `*` stands for any text unless
//! a backslash stands before it; every other backslash is a character.

use carrel_quiz::kind::{PatternKind, TextPattern};

/// Most texts that a regular expression is written as.
const TEXTS_MAX: usize = 30;
/// Deepest nesting of its groups.
const DEPTH_MAX: usize = 20;

/// One part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Letter(char),
    AnyText,
}

/// A pattern of Moodle.
pub(crate) fn read(text: &str) -> TextPattern {
    let mut parts: Vec<Part> = Vec::new();
    for letter in text.chars() {
        match (letter, parts.last()) {
            ('*', Some(Part::Letter('\\'))) => {
                parts.pop();
                parts.push(Part::Letter('*'));
            }
            ('*', _) => parts.push(Part::AnyText),
            (letter, _) => parts.push(Part::Letter(letter)),
        }
    }
    let exact = !parts.contains(&Part::AnyText);
    let mut pattern = String::with_capacity(text.len());
    for part in parts {
        match part {
            Part::AnyText => pattern.push('*'),
            Part::Letter(letter @ ('*' | '\\')) if !exact => pattern.extend(['\\', letter]),
            Part::Letter(letter) => pattern.push(letter),
        }
    }
    let kind = match exact {
        true => PatternKind::Exact,
        false => PatternKind::Wildcard,
    };
    TextPattern::new(kind, pattern)
}

/// The patterns of Moodle that match the same; `None`: there are none.
pub(crate) fn write(pattern: &TextPattern) -> Option<Vec<String>> {
    let texts = match pattern.kind {
        PatternKind::Exact => vec![pattern.pattern.chars().map(Part::Letter).collect()],
        PatternKind::Wildcard => vec![wildcard(&pattern.pattern)],
        PatternKind::Regex => Regex::texts(&pattern.pattern)?,
    };
    texts.iter().map(|parts| written(parts)).collect()
}

fn written(parts: &[Part]) -> Option<String> {
    let mut text = String::with_capacity(parts.len());
    for part in parts {
        match part {
            // The backslash would make a character of it.
            Part::AnyText if text.ends_with('\\') => return None,
            Part::AnyText => text.push('*'),
            Part::Letter('*') => text.push_str("\\*"),
            Part::Letter(letter) => text.push(*letter),
        }
    }
    Some(text)
}

/// A wildcard pattern of Carrel: `\*` is a star, `\\` a backslash.
fn wildcard(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '*' => Part::AnyText,
            '\\' => Part::Letter(
                letters
                    .next_if(|next| "*\\".contains(*next))
                    .unwrap_or('\\'),
            ),
            letter => Part::Letter(letter),
        });
    }
    parts
}

/// A regular expression that stands for a few texts, such as `colou?r|hue`.
struct Regex<'r> {
    rest: std::iter::Peekable<std::str::Chars<'r>>,
    depth: usize,
}

type Texts = Vec<Vec<Part>>;

impl Regex<'_> {
    fn texts(source: &str) -> Option<Texts> {
        // Anchors say what holds anyway; flags and comments are not read.
        let source = source.strip_prefix('^').unwrap_or(source);
        let escaped = source.ends_with("\\$");
        let source = source
            .strip_suffix('$')
            .filter(|_| !escaped)
            .unwrap_or(source);
        let mut regex = Regex {
            rest: source.chars().peekable(),
            depth: 0,
        };
        let texts = regex.either()?;
        regex.rest.next().is_none().then_some(texts)
    }

    fn either(&mut self) -> Option<Texts> {
        let mut texts = self.sequence()?;
        while self.rest.next_if_eq(&'|').is_some() {
            texts.append(&mut self.sequence()?);
            if texts.len() > TEXTS_MAX {
                return None;
            }
        }
        Some(texts)
    }

    fn sequence(&mut self) -> Option<Texts> {
        let mut texts: Texts = vec![Vec::new()];
        while let Some(next) = self.rest.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            let mut atoms = self.atom()?;
            match self.rest.peek() {
                Some('?') => {
                    self.rest.next();
                    atoms.push(Vec::new());
                }
                Some('*' | '+' | '{') => return None,
                _ => {}
            }
            // A second sign would say how greedy the first is.
            if matches!(self.rest.peek(), Some('?' | '*' | '+' | '{')) {
                return None;
            }
            if texts.len() * atoms.len() > TEXTS_MAX {
                return None;
            }
            let longer = texts.iter().flat_map(|text| {
                let atoms = atoms.iter();
                atoms.map(move |atom| [text.as_slice(), atom.as_slice()].concat())
            });
            texts = longer.collect();
        }
        Some(texts)
    }

    fn atom(&mut self) -> Option<Texts> {
        let one = |letter| Some(vec![vec![Part::Letter(letter)]]);
        match self.rest.next()? {
            '(' => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return None;
                }
                if self.rest.next_if_eq(&'?').is_some() {
                    self.rest.next_if_eq(&':')?;
                }
                let texts = self.either()?;
                self.rest.next_if_eq(&')')?;
                self.depth -= 1;
                Some(texts)
            }
            '[' => {
                let mut letters = Vec::new();
                loop {
                    match self.rest.next()? {
                        ']' if !letters.is_empty() => return Some(letters),
                        '^' | '-' | '[' | ']' | '&' | '~' => return None,
                        '\\' => letters.push(vec![Part::Letter(self.escaped()?)]),
                        letter => letters.push(vec![Part::Letter(letter)]),
                    }
                }
            }
            '.' => {
                self.rest.next_if_eq(&'*')?;
                Some(vec![vec![Part::AnyText]])
            }
            '\\' => one(self.escaped()?),
            '*' | '+' | '?' | '{' | '}' | ']' | '^' | '$' => None,
            letter => one(letter),
        }
    }

    /// A sign that stands for itself; letters after a backslash mean something else, and so do
    /// `<` and `>`, the ends of a word.
    fn escaped(&mut self) -> Option<char> {
        let stands = |letter: &char| letter.is_ascii_punctuation() && !matches!(letter, '<' | '>');
        self.rest.next_if(stands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_backslashes_are_those_of_moodle() {
        let exact = |text: &str| TextPattern::new(PatternKind::Exact, text);
        let wild = |text: &str| TextPattern::new(PatternKind::Wildcard, text);
        for (moodle, ours) in [
            ("a b", exact("a b")),
            (r"2\*3", exact("2*3")),
            (r"\n", exact(r"\n")),
            (r"a\\*", exact(r"a\*")),
            ("Par*s", wild("Par*s")),
            (r"*\**", wild(r"*\**")),
            (r"a\b*", wild(r"a\\b*")),
        ] {
            assert_eq!(read(moodle), ours, "{moodle}");
            assert_eq!(write(&ours), Some(vec![moodle.to_owned()]), "{moodle}");
        }
        assert_eq!(write(&wild(r"a\\*")), None, "a backslash, then any text");
    }

    #[test]
    fn a_regular_expression_of_a_few_texts_is_written_as_those() {
        let texts = |source: &str| write(&TextPattern::new(PatternKind::Regex, source));
        for (source, all) in [
            ("colou?r|hue", &["colour", "color", "hue"][..]),
            ("^x(?:is|are)$", &["xis", "xare"]),
            (r"a\.b[+\-]", &["a.b+", "a.b-"]),
            ("for .* in", &["for * in"]),
            (r"2\*x", &[r"2\*x"]),
            (r"5\$", &["5$"]),
        ] {
            let all = all.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(texts(source), Some(all), "{source}");
        }
        for source in [
            r"\d+",
            "a+",
            "a*",
            "[a-z]",
            "[^a]",
            "(?i)a",
            "a{2}",
            "a??",
            "a.c",
            "(a",
            r"\bx",
            r"\<x\>",
            "[abcdef][abcdef]",
        ] {
            assert_eq!(texts(source), None, "{source}");
        }
    }

    proptest! {
        #[test]
        fn fuzz_pattern(text in "[ab*\\\\.()|?\\[\\]:+$^]{0,20}") {
            for kind in [PatternKind::Exact, PatternKind::Wildcard] {
                let pattern = TextPattern::new(kind, text.clone());
                if let Some(texts) = write(&pattern) {
                    let again = read(&texts[0]);
                    prop_assert_eq!(write(&again), Some(texts));
                }
            }
            let _ = write(&TextPattern::new(PatternKind::Regex, text));
        }
    }
}
