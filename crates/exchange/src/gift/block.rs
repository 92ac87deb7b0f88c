//! A question's text as symbols that know their place and whether they were escaped.

use carrel_quiz::{Text, TextFormat};

use super::SPECIAL;
use crate::error::Problem;
use crate::markup::automatic;

/// How a text is to be read: as its mark says, else in Moodle's automatic format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Automatic,
    Named(TextFormat),
}

impl Format {
    pub(super) fn text(self, source: String) -> Text {
        match self {
            Self::Automatic => automatic(&source),
            Self::Named(format) => Text { format, source },
        }
    }
}

/// One character of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Symbol {
    pub(super) letter: char,
    /// It was escaped: it has no meaning of its own.
    literal: bool,
    line: u32,
    column: u32,
}

/// A stretch of symbols, without blanks at its ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    symbols: &'a [Symbol],
    line: u32,
    column: u32,
}

/// The text of one question, comments left out, with what comments say of it.
#[derive(Debug, Default)]
pub(super) struct Block {
    symbols: Vec<Symbol>,
    /// `[id:…]` of a comment.
    pub(super) id: Option<String>,
    /// `[tag:…]` of comments.
    pub(super) tags: Vec<String>,
}

impl Block {
    pub(super) fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    pub(super) fn piece(&self) -> Piece<'_> {
        Piece {
            symbols: &self.symbols,
            line: 1,
            column: 1,
        }
        .trim()
    }

    fn add_line(&mut self, number: u32, line: &str) {
        if let Some(last) = self.symbols.last().copied() {
            self.symbols.push(Symbol {
                letter: '\n',
                literal: true,
                ..last
            });
        }
        let mut letters = (1_u32..).zip(line.chars()).peekable();
        while let Some((column, letter)) = letters.next() {
            let escaped = letters.peek().map(|(_, next)| *next);
            let (letter, literal) = match escaped {
                Some('n') if letter == '\\' => ('\n', true),
                Some(next) if letter == '\\' && SPECIAL.contains(&next) => (next, true),
                _ => (letter, false),
            };
            if literal {
                letters.next();
            }
            self.symbols.push(Symbol {
                letter,
                literal,
                line: number,
                column,
            });
        }
    }

    fn read_comment(&mut self, comment: &str) {
        let mut rest = comment;
        while let Some((_, after)) = rest.split_once('[') {
            let Some((inside, after)) = after.split_once(']') else {
                break;
            };
            if let Some(id) = inside.strip_prefix("id:") {
                self.id = Some(id.trim().to_owned());
            } else if let Some(tag) = inside.strip_prefix("tag:") {
                self.tags.push(tag.trim().to_owned());
            }
            rest = after;
        }
    }
}

/// Questions of a file, at blank lines.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut block = Block::default();
    for (number, line) in (1_u32..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let trimmed = line.trim();
        if let Some(comment) = trimmed.strip_prefix("//") {
            block.read_comment(comment);
        } else if !trimmed.is_empty() {
            block.add_line(number, line.trim_end());
        } else if !block.is_empty() {
            blocks.push(std::mem::take(&mut block));
        }
    }
    if !block.is_empty() {
        blocks.push(block);
    }
    blocks
}

impl<'a> Piece<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    pub(super) fn line(&self) -> u32 {
        self.symbols.first().map_or(self.line, |symbol| symbol.line)
    }

    /// A problem at the start of this piece.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        let (line, column) = self
            .symbols
            .first()
            .map_or((self.line, self.column), |symbol| {
                (symbol.line, symbol.column)
            });
        Problem {
            line,
            column,
            message: message.into(),
        }
    }

    pub(super) fn trim(self) -> Self {
        let blank = |symbol: &Symbol| symbol.letter.is_whitespace();
        let start = self.symbols.iter().position(|symbol| !blank(symbol));
        let Some(start) = start else {
            return self.cut(self.symbols.len(), self.symbols.len());
        };
        let end = self.symbols.iter().rposition(|symbol| !blank(symbol));
        self.cut(start, end.map_or(start, |end| end + 1))
    }

    fn cut(self, start: usize, end: usize) -> Self {
        let place = self.symbols.get(start).or(self.symbols.last());
        Self {
            symbols: &self.symbols[start..end],
            line: place.map_or(self.line, |symbol| symbol.line),
            column: place.map_or(self.column, |symbol| symbol.column),
        }
    }

    /// Place of a text of characters that were not escaped.
    pub(super) fn find(&self, text: &str) -> Option<usize> {
        let letters: Vec<char> = text.chars().collect();
        self.symbols.windows(letters.len()).position(|window| {
            window
                .iter()
                .zip(&letters)
                .all(|(symbol, letter)| !symbol.literal && symbol.letter == *letter)
        })
    }

    /// Before and after the first such text; `None`: there is none.
    pub(super) fn split_once(self, text: &str) -> Option<(Self, Self)> {
        let (before, after) = self.split_as_it_stands(text)?;
        Some((before.trim(), after.trim()))
    }

    /// As [`Piece::split_once`], with the blanks beside that text.
    pub(super) fn split_as_it_stands(self, text: &str) -> Option<(Self, Self)> {
        let at = self.find(text)?;
        let length = text.chars().count();
        let after = self.cut(at + length, self.symbols.len());
        Some((self.cut(0, at), after))
    }

    pub(super) fn strip_prefix(self, text: &str) -> Option<Self> {
        (self.find(text) == Some(0))
            .then(|| self.cut(text.chars().count(), self.symbols.len()).trim())
    }

    /// The first line, in which `\n` is no line break.
    pub(super) fn first_line(&self) -> String {
        let first = self.symbols.first().map(|symbol| symbol.line);
        let symbols = self.symbols.iter();
        let line: String = symbols
            .take_while(|symbol| Some(symbol.line) == first)
            .map(|symbol| symbol.letter)
            .collect();
        line.trim().replace('\n', "\\n")
    }

    /// What stands after the first line; `None`: nothing.
    pub(super) fn after_line(self) -> Option<Self> {
        let first = self.symbols.first()?.line;
        let next = self.symbols.iter().position(|symbol| symbol.line > first)?;
        Some(self.cut(next, self.symbols.len()).trim())
    }

    /// The lines that are not blank.
    pub(super) fn lines(self) -> Vec<Self> {
        let mut lines = Vec::new();
        let mut rest = Some(self);
        while let Some(piece) = rest {
            rest = piece.after_line();
            let first = piece.line();
            let other = piece.symbols.iter().position(|symbol| symbol.line > first);
            let line = piece.cut(0, other.unwrap_or(piece.symbols.len())).trim();
            if !line.is_empty() {
                lines.push(line);
            }
        }
        lines
    }

    /// Parts that begin with one of these marks, each with its mark. What stands
    /// before the first mark comes first, with no mark, unless it is empty.
    pub(super) fn split_at_marks(self, marks: [char; 2]) -> Vec<(Option<char>, Self)> {
        let starts: Vec<usize> = (0..self.symbols.len())
            .filter(|at| {
                let symbol = self.symbols[*at];
                !symbol.literal && marks.contains(&symbol.letter)
            })
            .collect();
        let first = starts.first().copied().unwrap_or(self.symbols.len());
        let head = self.cut(0, first).trim();
        let mut parts = Vec::new();
        if !head.is_empty() {
            parts.push((None, head));
        }
        for (number, start) in starts.iter().enumerate() {
            let end = starts.get(number + 1).copied();
            let part = self.cut(start + 1, end.unwrap_or(self.symbols.len()));
            parts.push((Some(self.symbols[*start].letter), part.trim()));
        }
        parts
    }

    /// The characters, escapes resolved.
    pub(super) fn plain(&self) -> String {
        self.symbols.iter().map(|symbol| symbol.letter).collect()
    }

    /// The format that a leading `[html]` names, else this one, and what follows.
    pub(super) fn format(self, usual: Format) -> (Format, Self) {
        let named = [
            ("[html]", Format::Named(TextFormat::Html)),
            ("[markdown]", Format::Named(TextFormat::Markdown)),
            ("[plain]", Format::Named(TextFormat::Plain)),
            ("[moodle]", Format::Automatic),
        ];
        for (name, format) in named {
            if self.find(name) == Some(0) {
                return (format, self.cut(name.len(), self.symbols.len()));
            }
        }
        (usual, self)
    }

    /// The text in the format that it names, else in this one.
    pub(super) fn text(self, usual: Format) -> Text {
        let (format, rest) = self.format(usual);
        format.text(rest.trim().plain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_comments_and_places_are_kept() {
        let blocks =
            blocks("// [id:x1] [tag:a] [tag:b]\n1 \\= 1 {T}\n// within\nmore\n\n\nnext\\nline");
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].id.as_deref(), Some("x1"));
        assert_eq!(blocks[0].tags, ["a", "b"]);
        let piece = blocks[0].piece();
        assert_eq!(piece.plain(), "1 = 1 {T}\nmore");
        assert_eq!(piece.find("="), None);
        let (_, rest) = piece.split_once("{").unwrap();
        assert_eq!((rest.problem("").line, rest.problem("").column), (2, 9));
        assert_eq!(blocks[1].piece().plain(), "next\nline");
    }

    #[test]
    fn parts_begin_at_marks() {
        let blocks = blocks("=a ~b\\~c =");
        let parts = blocks[0].piece().split_at_marks(['=', '~']);
        let told: Vec<(Option<char>, String)> = parts
            .iter()
            .map(|(mark, part)| (*mark, part.plain()))
            .collect();
        assert_eq!(
            told,
            [
                (Some('='), "a".to_owned()),
                (Some('~'), "b~c".to_owned()),
                (Some('='), String::new())
            ]
        );
    }
}
