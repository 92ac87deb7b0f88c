//! Lines, fenced blocks, and entries: a marker, its value, and indented lines that go on.

use super::problem::Problems;
use super::rich::parse_number;
use super::slip;

/// One line, or the part of it that a block is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Line from 1.
    pub(super) number: usize,
    /// Column from 1 of the first character of `text`.
    pub(super) column: usize,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn place(&self) -> (usize, usize) {
        (self.number, self.column)
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The line without its first `bytes` bytes.
    pub(super) fn skip(&self, bytes: usize) -> Self {
        let (skipped, text) = self.text.split_at(bytes);
        Self {
            number: self.number,
            column: self.column + skipped.chars().count(),
            text,
        }
    }

    /// The line without blanks at its start.
    pub(super) fn trim_start(&self) -> Self {
        self.skip(self.text.len() - self.text.trim_start_matches([' ', '\t']).len())
    }

    /// The line one step further in: without two blanks or a tabulator.
    fn dedent(&self) -> Option<Self> {
        if self.text.starts_with("  ") {
            Some(self.skip(2))
        } else {
            self.text.starts_with('\t').then(|| self.skip(1))
        }
    }

    fn end(&self) -> Line<'a> {
        self.skip(self.text.len())
    }
}

/// Knows whether a line is within a fenced block that starts at the first column.
#[derive(Debug, Default)]
pub(super) struct Fence {
    open: Option<(char, usize)>,
}

impl Fence {
    /// Whether the next line belongs to a fenced block, its fences included.
    pub(super) fn covers(&mut self, text: &str) -> bool {
        match self.open {
            None => {
                self.open = opening(text);
                self.open.is_some()
            }
            Some((sign, length)) => {
                let run = text.chars().take_while(|letter| *letter == sign).count();
                if run >= length && text[run * sign.len_utf8()..].trim().is_empty() {
                    self.open = None;
                }
                true
            }
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

/// Whether a line opens a fenced block.
pub(super) fn opens_fence(text: &str) -> bool {
    opening(text).is_some()
}

/// Sign and length of the fence that a line opens.
fn opening(text: &str) -> Option<(char, usize)> {
    let sign = text.chars().next().filter(|sign| "`~".contains(*sign))?;
    let length = text.chars().take_while(|letter| *letter == sign).count();
    let info = &text[length..];
    (length >= 3 && !(sign == '`' && info.contains('`'))).then_some((sign, length))
}

/// What an entry starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marker<'a> {
    /// `- ( )`, `- (x)`.
    One { is_right: bool },
    /// `- [ ]`, `- [x]`.
    Many { is_right: bool },
    /// `=`.
    Answer,
    /// `-`.
    Item,
    /// `+`.
    Extra,
    /// `1.`.
    Number { value: u32 },
    /// `keyword argument:`.
    Keyword { name: &'a str, argument: &'a str },
    /// A fenced block with its info string.
    Block { info: &'a str },
}

/// A marker with everything that belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) marker: Marker<'a>,
    /// Line and column of the marker.
    pub(super) place: (usize, usize),
    /// What follows the marker, and the indented lines after it; of a block, its lines.
    pub(super) lines: Vec<Line<'a>>,
}

/// Words that start a line `word:`, and whether they take an argument before the colon.
pub(super) const KEYWORDS: [(&str, bool); 49] = [
    ("kind", false),
    ("title", false),
    ("points", false),
    ("tags", false),
    ("category", false),
    ("penalty", false),
    ("wrong", false),
    ("tries", false),
    ("file", false),
    ("variable", true),
    ("where", false),
    ("text", false),
    ("hint", false),
    ("general", false),
    ("correct", false),
    ("partial", false),
    ("incorrect", false),
    ("scoring", false),
    ("special", true),
    ("pair", true),
    ("pairs", false),
    ("shuffle", false),
    ("numbering", false),
    ("layout", false),
    ("choose", false),
    ("case", false),
    ("spaces", false),
    ("unicode", false),
    ("accents", false),
    ("typos", false),
    ("decimal", false),
    ("fractions", false),
    ("unit", false),
    ("units", false),
    ("blank", true),
    ("answer", false),
    ("true", false),
    ("false", false),
    ("environment", false),
    ("outcome", false),
    ("source", false),
    ("stdin", false),
    ("output", false),
    ("bug", true),
    ("line", true),
    ("format", false),
    ("lines", false),
    ("words", false),
    ("files", false),
];

/// Keywords of essays alone; apart, so that both tables stay easy to read.
pub(super) const ESSAY_KEYWORDS: [&str; 2] = ["start", "grader"];

/// A word before a colon at the start of a line.
pub(super) fn split_keyword(text: &str) -> Option<(&str, &str, usize)> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_lowercase() || *byte == b'_')
        .count();
    let name = &text[..length];
    if name.is_empty() {
        return None;
    }
    let colon = text.find(':')?;
    let argument = &text[length..colon];
    let ends = matches!(text.as_bytes().get(colon + 1), None | Some(b' ' | b'\t'));
    let is_spaced = argument.is_empty() || argument.starts_with(' ');
    (ends && is_spaced).then(|| (name, argument.trim(), colon + 1))
}

/// Whether an argument names an item and a target.
pub(super) fn is_pair(argument: &str) -> bool {
    argument.split_whitespace().count() == 2
}

/// How a keyword is written whose line is text where it lacks its number, or its names.
pub(super) fn form_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "wrong" => "wrong: -0.25",
        "pairs" => "pairs: -0.25",
        "special" => "special 0.5: a b",
        "pair" => "pair 1 c: -0.25",
        _ => return None,
    })
}

/// The keyword that a line starts with, when it is a known one.
pub(super) fn known_keyword(text: &str) -> Option<(&str, &str, usize)> {
    let (name, argument, length) = split_keyword(text)?;
    let takes_argument = match KEYWORDS.iter().find(|(known, _)| *known == name) {
        Some((_, takes_argument)) => *takes_argument,
        None if ESSAY_KEYWORDS.contains(&name) => false,
        None => return None,
    };
    let is_said = match name {
        // Words that a text may begin with; a number tells that it is none.
        "wrong" | "pairs" => argument.is_empty() && parse_number(text[length..].trim()).is_some(),
        "special" => parse_number(argument).is_some(),
        "pair" => is_pair(argument),
        _ => takes_argument != argument.is_empty(),
    };
    is_said.then_some((name, argument, length))
}

/// The marker at the start of a line, and its length in bytes.
pub(super) fn marker(text: &str) -> Option<(Marker<'_>, usize)> {
    if let Some(found) = option_marker(text) {
        return Some(found);
    }
    let starts = |sign: &str| {
        text.strip_prefix(sign)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    };
    for (sign, marker) in [
        ("=", Marker::Answer),
        ("-", Marker::Item),
        ("+", Marker::Extra),
    ] {
        if starts(sign) {
            return Some((marker, sign.len()));
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = (1..=9).contains(&digits)
        && text[digits..]
            .strip_prefix('.')
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    if is_number && let Ok(value) = text[..digits].parse() {
        return Some((Marker::Number { value }, digits + 1));
    }
    known_keyword(text).map(|(name, argument, length)| (Marker::Keyword { name, argument }, length))
}

/// `- ( )`, `- (x)`, `- [ ]`, `- [x]`.
pub(super) fn option_marker(text: &str) -> Option<(Marker<'_>, usize)> {
    let shapes = [
        ("- ( )", Marker::One { is_right: false }),
        ("- (x)", Marker::One { is_right: true }),
        ("- (X)", Marker::One { is_right: true }),
        ("- [ ]", Marker::Many { is_right: false }),
        ("- [x]", Marker::Many { is_right: true }),
        ("- [X]", Marker::Many { is_right: true }),
    ];
    shapes.into_iter().find_map(|(sign, marker)| {
        let rest = text.strip_prefix(sign)?;
        (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some((marker, sign.len()))
    })
}

/// Cuts lines into entries. `header`: stops at the first blank line that nothing
/// indented follows, and at the first line that is no keyword; the second value
/// is how many lines were used.
pub(super) fn read_entries<'a>(
    lines: &[Line<'a>],
    header: bool,
    problems: &mut Problems,
) -> (Vec<Entry<'a>>, usize) {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.is_blank() {
            if header {
                break;
            }
            at += 1;
            continue;
        }
        if !header && let Some((block, used)) = read_block(&lines[at..]) {
            entries.push(block);
            at += used;
            continue;
        }
        let found = marker(line.text)
            .filter(|(marker, _)| !header || matches!(marker, Marker::Keyword { .. }));
        let Some((marker, length)) = found else {
            if header {
                break;
            }
            slip::report_stray(line, problems);
            at += 1;
            continue;
        };
        let mut own = vec![line.skip(length).trim_start()];
        at += 1;
        at += read_continuation(&lines[at..], &mut own);
        entries.push(Entry {
            marker,
            place: line.place(),
            lines: own,
        });
    }
    (entries, at)
}

/// A fenced block at the start of some lines.
fn read_block<'a>(lines: &[Line<'a>]) -> Option<(Entry<'a>, usize)> {
    let first = lines.first()?;
    let (sign, length) = opening(first.text)?;
    let mut fence = Fence {
        open: Some((sign, length)),
    };
    let mut used = 1;
    for line in &lines[1..] {
        fence.covers(line.text);
        used += 1;
        if !fence.is_open() {
            break;
        }
    }
    // A block that is never closed was told of when the file was cut into questions.
    let end = if fence.is_open() { used } else { used - 1 };
    let entry = Entry {
        marker: Marker::Block {
            info: first.text[length..].trim(),
        },
        place: first.place(),
        lines: lines[1..end.max(1)].to_vec(),
    };
    Some((entry, used))
}

/// Indented lines, with blank lines between them; how many were used.
fn read_continuation<'a>(lines: &[Line<'a>], own: &mut Vec<Line<'a>>) -> usize {
    let mut used = 0;
    let mut pending = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.is_blank() {
            pending.push(line.end());
        } else if let Some(inner) = line.dedent() {
            own.append(&mut pending);
            own.push(inner);
            used = index + 1;
        } else {
            break;
        }
    }
    used
}
