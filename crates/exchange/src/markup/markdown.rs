//! HTML as Markdown, for texts that only Markdown has a place for.

use super::{Tag, Token, Tokens};
use crate::moodle::decode;

/// HTML as Markdown: paragraphs, lists, code, emphasis, links and pictures; other tags are dropped.
pub(crate) fn markdown(html: &str) -> String {
    let mut writer = Writer::default();
    for token in Tokens(html) {
        match token {
            Token::Text(text) => writer.text(&decode(text)),
            Token::Open(tag) => writer.open(&tag),
            Token::Close(name) => writer.close(&name),
        }
    }
    let mut text = String::new();
    let mut blank = true;
    for line in writer.text.lines() {
        let line = line.trim_end();
        if !(line.is_empty() && blank) {
            text.push_str(line);
            text.push('\n');
        }
        blank = line.is_empty();
    }
    text.trim_end().to_owned() + "\n"
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Numbers of the lists that are open; 0: without numbers.
    lists: Vec<usize>,
    pre: bool,
    code: bool,
    link: Option<String>,
    silent: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.silent {
            return;
        }
        if self.pre {
            return self.text.push_str(text);
        }
        let mut first = true;
        let spaced = text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            let fresh = self.text.is_empty() || self.text.ends_with(['\n', ' ', '(', '[']);
            if !(fresh || first && !spaced) {
                self.text.push(' ');
            }
            first = false;
            self.word(word);
        }
        if !first && text.ends_with(char::is_whitespace) || first && spaced && !text.is_empty() {
            self.space();
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(['\n', ' ']) {
            self.text.push(' ');
        }
    }

    /// A word with what means something to Markdown made plain.
    fn word(&mut self, word: &str) {
        if self.code {
            return self.text.push_str(word);
        }
        let line_start = self.text.is_empty() || self.text.ends_with('\n');
        if line_start && word.starts_with(['#', '>', '+', '-']) {
            self.text.push('\\');
        }
        for letter in word.chars() {
            if matches!(letter, '*' | '_' | '`' | '[' | ']' | '<' | '\\' | '|') {
                self.text.push('\\');
            }
            self.text.push(letter);
        }
    }

    fn paragraph(&mut self) {
        let trimmed = self.text.trim_end_matches(' ').len();
        self.text.truncate(trimmed);
        if !self.text.is_empty() && self.lists.is_empty() {
            self.text.push_str("\n\n");
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let value = |name: &str| {
            let found = tag.attributes.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| decode(value)).unwrap_or_default()
        };
        match tag.name.as_str() {
            "script" | "style" => self.silent = true,
            "p" | "div" | "table" | "tr" | "blockquote" => self.paragraph(),
            "br" => self.text.push_str(if self.pre { "\n" } else { "\\\n" }),
            "td" | "th" => self.space(),
            "ul" => self.list(0),
            "ol" => self.list(1),
            "li" => self.item(),
            "pre" => {
                self.paragraph();
                self.text.push_str("```\n");
                self.pre = true;
            }
            "code" | "tt" | "kbd" | "samp" if !self.pre => {
                self.text.push('`');
                self.code = true;
            }
            "b" | "strong" if !self.pre => self.text.push_str("**"),
            "i" | "em" if !self.pre => self.text.push('*'),
            "a" if !self.pre => {
                self.text.push('[');
                self.link = Some(value("href"));
            }
            "img" => {
                let (alt, src) = (value("alt"), value("src"));
                self.text.push_str(&format!(
                    "![{}](<{}>)",
                    alt.replace(['[', ']', '\n'], " "),
                    src.replace(['<', '>', '\n'], "")
                ));
            }
            name => {
                if let Some(level) = heading(name) {
                    self.paragraph();
                    self.text.push_str(&format!("{} ", "#".repeat(level)));
                }
            }
        }
    }

    fn list(&mut self, first: usize) {
        if self.lists.is_empty() {
            self.paragraph();
        }
        self.lists.push(first);
    }

    fn item(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        let depth = self.lists.len().saturating_sub(1).min(8);
        self.text.push_str(&"    ".repeat(depth));
        match self.lists.last_mut() {
            Some(number) if *number > 0 => {
                self.text.push_str(&format!("{number}. "));
                *number += 1;
            }
            _ => self.text.push_str("- "),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "script" | "style" => self.silent = false,
            "p" | "div" | "table" | "tr" | "blockquote" => self.paragraph(),
            "ul" | "ol" => {
                self.lists.pop();
                self.paragraph();
            }
            "pre" if self.pre => {
                self.pre = false;
                if !self.text.ends_with('\n') {
                    self.text.push('\n');
                }
                self.text.push_str("```\n\n");
            }
            "code" | "tt" | "kbd" | "samp" if self.code => {
                self.text.push('`');
                self.code = false;
            }
            "b" | "strong" if !self.pre => self.text.push_str("**"),
            "i" | "em" if !self.pre => self.text.push('*'),
            "a" => {
                if let Some(href) = self.link.take() {
                    self.text
                        .push_str(&format!("](<{}>)", href.replace(['<', '>', '\n'], "")));
                }
            }
            name if heading(name).is_some() => self.paragraph(),
            _ => {}
        }
    }
}

fn heading(name: &str) -> Option<usize> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_html_becomes_markdown() {
        for (html, text) in [
            (
                "<p>a <b>b</b> <em>c</em>.</p><p>d &lt; e</p>",
                "a **b** *c*.\n\nd \\< e\n",
            ),
            ("<ol><li>x</li><li>y</li></ol>z", "1. x\n2. y\n\nz\n"),
            ("<pre>if a:\n    b\n</pre>", "```\nif a:\n    b\n```\n"),
            ("one<br>two * <code>a_b</code>", "one\\\ntwo \\* `a_b`\n"),
            (
                "<h2>T</h2><a href=\"http://x/y\">link</a>",
                "## T\n\n[link](<http://x/y>)\n",
            ),
            ("<script>bad()</script>ok", "ok\n"),
        ] {
            assert_eq!(markdown(html), text, "{html}");
        }
    }

    proptest! {
        #[test]
        fn fuzz_any_html_becomes_some_markdown(html in "[<>a-z/='\" &;!-]{0,80}") {
            let _ = markdown(&html);
        }
    }
}
