//! Code with classes around its words, by the grammars of syntect.

use std::fmt::Write as _;
use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// Longest code that is coloured, bytes; longer code is shown plain.
const CODE_BYTES_MAX: usize = 64 * 1024;
/// Longest line that is coloured, bytes.
const LINE_BYTES_MAX: usize = 2_000;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// Beginnings of scope names and the class of each; the first that fits counts, from the inside.
static CLASSES: LazyLock<Vec<(Scope, &'static str)>> = LazyLock::new(|| {
    let pairs = [
        ("comment", "comment"),
        ("string", "string"),
        ("constant.character.escape", "number"),
        ("constant.numeric", "number"),
        ("constant.language", "number"),
        ("entity.name.function", "function"),
        ("support.function", "function"),
        ("variable.function", "function"),
        ("entity.name", "type"),
        ("entity.other.inherited-class", "type"),
        ("support.type", "type"),
        ("support.class", "type"),
        ("keyword.operator", ""),
        ("keyword", "keyword"),
        ("storage", "keyword"),
        ("variable.language", "keyword"),
    ];
    let scope = |(name, class)| Scope::new(name).ok().map(|scope| (scope, class));
    pairs.into_iter().filter_map(scope).collect()
});

/// Languages of the stock environments that the grammars know under another name.
const ALIASES: [(&str, &str); 5] = [
    ("typescript", "js"),
    ("ts", "js"),
    ("node", "js"),
    ("python3", "py"),
    ("console", "sh"),
];

fn find_syntax(language: &str) -> Option<&'static SyntaxReference> {
    let token = language.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(name, _)| *name == token);
    let token = alias.map_or(token.as_str(), |(_, other)| other);
    SYNTAXES.find_syntax_by_token(token)
}

/// Code as escaped HTML with a `<span class="hl-…">` around each word that has a colour.
#[must_use]
pub fn highlight(code: &str, language: &str) -> String {
    let syntax = find_syntax(language).filter(|_| code.len() <= CODE_BYTES_MAX);
    let Some(syntax) = syntax else {
        return escape(code);
    };
    if code.lines().any(|line| line.len() > LINE_BYTES_MAX) {
        return escape(code);
    }
    colour(code, syntax).unwrap_or_else(|| escape(code))
}

/// `None`: the grammar failed.
fn colour(code: &str, syntax: &SyntaxReference) -> Option<String> {
    let mut html = String::with_capacity(2 * code.len());
    let mut state = ParseState::new(syntax);
    let mut scopes = ScopeStack::new();
    for line in code.split_inclusive('\n') {
        let changes = state.parse_line(line, &SYNTAXES).ok()?;
        let mut done = 0;
        for (at, change) in changes {
            push(&mut html, line.get(done..at)?, class_of(&scopes));
            done = at;
            scopes.apply(&change).ok()?;
        }
        push(&mut html, line.get(done..)?, class_of(&scopes));
    }
    Some(html)
}

fn class_of(scopes: &ScopeStack) -> &'static str {
    let classes = &*CLASSES;
    let fits = |scope: &Scope| {
        let found = classes
            .iter()
            .find(|(prefix, _)| prefix.is_prefix_of(*scope));
        found.map(|(_, class)| *class)
    };
    // The quotation marks of a string are punctuation within it: look outwards.
    scopes.as_slice().iter().rev().find_map(fits).unwrap_or("")
}

fn push(html: &mut String, text: &str, class: &str) {
    if class.is_empty() || text.trim().is_empty() {
        html.push_str(&escape(text));
    } else {
        let _ = write!(html, "<span class=\"hl-{class}\">{}</span>", escape(text));
    }
}

/// Text as HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_get_classes_and_nothing_else_changes() {
        let html = highlight("def f(x):\n    return \"<b>\"  # 1 & 2\n", "python");
        assert!(
            html.contains("<span class=\"hl-function\">f</span>"),
            "{html}"
        );
        assert!(
            html.contains("<span class=\"hl-keyword\">return</span>"),
            "{html}"
        );
        assert!(
            html.contains("&lt;b&gt;") && !html.contains("<b>"),
            "{html}"
        );
        assert!(!html.contains("style"), "{html}");
    }

    #[test]
    fn the_languages_of_the_stock_environments_are_known() {
        for language in [
            "python",
            "javascript",
            "typescript",
            "ruby",
            "lua",
            "c",
            "cpp",
            "java",
            "bash",
            "sql",
            "rust",
            "go",
            "html",
            "css",
            "json",
        ] {
            assert!(find_syntax(language).is_some(), "{language}");
        }
    }

    #[test]
    fn what_is_unknown_or_too_long_is_shown_plain() {
        assert_eq!(highlight("a < b", "no such"), "a &lt; b");
        let long = "x".repeat(LINE_BYTES_MAX + 1);
        assert_eq!(highlight(&long, "python"), long);
    }
}
