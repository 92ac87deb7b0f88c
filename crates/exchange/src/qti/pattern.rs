//! Regular expressions of XML Schema, which QTI has, and those of Carrel.

/// A pattern of XML Schema as one of Carrel's. What is none there will not compile.
pub(super) fn read(source: &str) -> String {
    let mut read = String::with_capacity(source.len() + 8);
    let mut letters = source.chars().peekable();
    let mut depth = 0_usize;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                // Letters are what is neither punctuation nor blank: no `_`.
                Some('w') => read.push_str(r"[^\p{P}\p{Z}\p{C}]"),
                Some('W') => read.push_str(r"[\p{P}\p{Z}\p{C}]"),
                Some('i') => read.push_str(r"[_:\p{L}]"),
                Some('I') => read.push_str(r"[^_:\p{L}]"),
                Some('c') => read.push_str(r"[-._:\p{L}\p{M}\p{Nd}]"),
                Some('C') => read.push_str(r"[^-._:\p{L}\p{M}\p{Nd}]"),
                other => {
                    read.push('\\');
                    read.extend(other);
                }
            },
            '[' => {
                depth += 1;
                read.push('[');
            }
            ']' => {
                depth = depth.saturating_sub(1);
                read.push(']');
            }
            // One class less another.
            '-' if depth > 0 && letters.peek() == Some(&'[') => read.push_str("--"),
            '&' | '~' if depth > 0 => {
                read.push('\\');
                read.push(letter);
            }
            letter => read.push(letter),
        }
    }
    read
}

/// A regular expression of Carrel as one of XML Schema; nothing where that has no such thing.
pub(super) fn write(source: &str, any_case: bool) -> Option<String> {
    let source = source.strip_prefix('^').unwrap_or(source);
    let source = match source.strip_suffix('$') {
        Some(before) if !before.ends_with('\\') => before,
        _ => source,
    };
    let mut writer = Writer {
        written: String::with_capacity(source.len() + 8),
        any_case,
        letters: source.chars().collect(),
        at: 0,
    };
    writer.all()?;
    Some(writer.written)
}

/// A pattern with `*` for any text as one of XML Schema.
pub(super) fn write_wildcard(source: &str, any_case: bool) -> Option<String> {
    let mut written = String::with_capacity(source.len() + 8);
    let mut letters = source.trim().chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => written.push_str(".*"),
            '\\' => {
                let next = letters.next_if(|next| "*\\".contains(*next));
                literal(next.unwrap_or('\\'), any_case, &mut written)?;
            }
            letter => literal(letter, any_case, &mut written)?,
        }
    }
    Some(written)
}

/// A letter that stands for itself.
fn literal(letter: char, any_case: bool, written: &mut String) -> Option<()> {
    if any_case && letter.is_alphabetic() {
        let (lower, upper) = both_cases(letter)?;
        if lower != upper {
            written.push_str(&format!("[{lower}{upper}]"));
            return Some(());
        }
    }
    if r"\|.?*+(){}[]-^".contains(letter) {
        written.push('\\');
    }
    written.push(letter);
    Some(())
}

/// Both cases of a letter, where each is one letter.
fn both_cases(letter: char) -> Option<(char, char)> {
    let alone = |mut letters: Box<dyn Iterator<Item = char>>| {
        let first = letters.next()?;
        letters.next().is_none().then_some(first)
    };
    Some((
        alone(Box::new(letter.to_lowercase()))?,
        alone(Box::new(letter.to_uppercase()))?,
    ))
}

struct Writer {
    written: String,
    any_case: bool,
    letters: Vec<char>,
    at: usize,
}

impl Writer {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn all(&mut self) -> Option<()> {
        let mut after_count = false;
        while let Some(letter) = self.peek() {
            self.at += 1;
            let counted = after_count;
            after_count = matches!(letter, '*' | '+' | '?' | '}');
            match letter {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                // How eager a count is makes no difference for the whole text.
                '?' if counted => after_count = false,
                '+' if counted => return None,
                '(' if self.peek() == Some('?') => {
                    if self.letters.get(self.at + 1) != Some(&':') {
                        return None;
                    }
                    self.at += 2;
                    self.written.push('(');
                }
                '^' | '$' => return None,
                '{' => {
                    self.written.push('{');
                    while let Some(digit) = self.peek().filter(|digit| *digit != '}') {
                        if !digit.is_ascii_digit() && digit != ',' {
                            return None;
                        }
                        self.written.push(digit);
                        self.at += 1;
                    }
                }
                '(' | ')' | '|' | '.' | '*' | '+' | '?' | '}' => self.written.push(letter),
                letter => literal(letter, self.any_case, &mut self.written)?,
            }
        }
        Some(())
    }

    fn escape(&mut self, in_class: bool) -> Option<()> {
        let letter = self.peek()?;
        self.at += 1;
        match letter {
            'd' | 'D' | 's' | 'S' | 'n' | 'r' | 't' => {
                self.written.push('\\');
                self.written.push(letter);
            }
            'w' if in_class => self.written.push_str(r"\p{L}\p{M}\p{Nd}\p{Pc}"),
            'w' => self.written.push_str(r"[\p{L}\p{M}\p{Nd}\p{Pc}]"),
            letter if letter.is_ascii_punctuation() || letter == ' ' => {
                if r"\|.?*+(){}[]-^".contains(letter) {
                    self.written.push('\\');
                }
                self.written.push(letter);
            }
            _ => return None,
        }
        Some(())
    }

    /// A class of letters and ranges, without classes in it.
    fn class(&mut self) -> Option<()> {
        self.written.push('[');
        if self.peek() == Some('^') {
            self.written.push('^');
            self.at += 1;
        }
        let mut is_first = true;
        loop {
            let letter = self.peek()?;
            self.at += 1;
            let next = self.peek();
            match letter {
                ']' if !is_first => {
                    self.written.push(']');
                    return Some(());
                }
                '[' | ']' => return None,
                '\\' => self.escape(true)?,
                '&' | '~' | '-' if next == Some(letter) => return None,
                '-' => self.written.push_str(r"\-"),
                '^' => self.written.push_str(r"\^"),
                from if next == Some('-') && self.letters.get(self.at + 1) != Some(&']') => {
                    let to = *self.letters.get(self.at + 1)?;
                    self.at += 2;
                    self.range(from, to)?;
                }
                letter => {
                    self.written.push(letter);
                    if self.any_case && letter.is_alphabetic() {
                        let (lower, upper) = both_cases(letter)?;
                        let other = if letter == lower { upper } else { lower };
                        self.written.push(other);
                    }
                }
            }
            is_first = false;
        }
    }

    fn range(&mut self, from: char, to: char) -> Option<()> {
        let plain = |letter: char| letter.is_ascii_alphanumeric();
        if !plain(from) || !plain(to) {
            return None;
        }
        self.written.push_str(&format!("{from}-{to}"));
        if self.any_case && (from.is_ascii_alphabetic() || to.is_ascii_alphabetic()) {
            let same = from.is_ascii_lowercase() == to.is_ascii_lowercase()
                && from.is_ascii_alphabetic()
                && to.is_ascii_alphabetic();
            if !same {
                return None;
            }
            let turn = |letter: char| match letter.is_ascii_lowercase() {
                true => letter.to_ascii_uppercase(),
                false => letter.to_ascii_lowercase(),
            };
            self.written
                .push_str(&format!("{}-{}", turn(from), turn(to)));
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_turned_into_each_other() {
        assert_eq!(
            read(r"[a-z-[aeiou]]+\w&"),
            r"[a-z--[aeiou]]+[^\p{P}\p{Z}\p{C}]&"
        );
        assert_eq!(write(r"^a(?:b|c)*?$", false).unwrap(), "a(b|c)*");
        assert_eq!(
            write(r"colou?r [a-z]{2,3}", true).unwrap(),
            "[cC][oO][lL][oO][uU]?[rR] [a-zA-Z]{2,3}"
        );
        for none in [
            r"(?i)a",
            r"\bword\b",
            "a^b",
            "[[:alpha:]]",
            "[a&&b]",
            r"\x41",
        ] {
            assert_eq!(write(none, false), None, "{none}");
        }
        assert_eq!(write_wildcard(r"a*\*.", false).unwrap(), r"a.*\*\.");
    }
}
