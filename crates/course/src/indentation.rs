//! How files of a challenge are indented: by `.editorconfig` (<https://spec.editorconfig.org>
//! 0.17) where the author has one, else as is usual in the language.

use std::ops::RangeInclusive;

/// Largest `.editorconfig` that is read, bytes.
pub const EDITORCONFIG_BYTES_MAX: usize = 64 * 1024;
/// Most sections of a file; later ones are left aside.
const SECTIONS_MAX: usize = 200;
/// Longest section name (the specification's own bound is 1,024).
const GLOB_CHARACTERS_MAX: usize = 1_024;
/// Most plain patterns that the braces of one section may stand for; more match nothing.
const ALTERNATIVES_MAX: usize = 200;
/// Steps of comparing one pattern with one path; what takes more does not match.
const STEPS_MAX: usize = 50_000;
/// Widths that an editor can show.
const COLUMNS: RangeInclusive<u8> = 1..=16;

/// How a file is indented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indentation {
    /// By tabs, not by spaces.
    pub tabs: bool,
    /// Columns of one step.
    pub columns: u8,
    /// Columns of a tab.
    pub tab_columns: u8,
}

impl Indentation {
    /// As is usual in a language.
    #[must_use]
    pub fn of_language(language: &str) -> Self {
        let (tabs, columns) = match language {
            "go" => (true, 4),
            "javascript" | "ruby" | "lua" | "bash" => (false, 2),
            _ => (false, 4),
        };
        Self {
            tabs,
            columns,
            tab_columns: columns,
        }
    }

    /// One step, as it is typed.
    #[must_use]
    pub fn step(&self) -> String {
        if self.tabs {
            "\t".to_owned()
        } else {
            " ".repeat(usize::from(self.columns))
        }
    }
}

/// A parsed `.editorconfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditorConfig {
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    /// The patterns that its name stands for.
    patterns: Vec<Vec<char>>,
    properties: Vec<(String, String)>,
}

impl EditorConfig {
    /// Reads a file. As the specification asks, a line that says nothing that is known is left aside.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        let mut properties_count = 0;
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                if sections.len() == SECTIONS_MAX {
                    break;
                }
                sections.push(Section {
                    patterns: read_name(name),
                    properties: Vec::new(),
                });
                properties_count = 0;
            } else if let (Some((key, value)), Some(section)) =
                (line.split_once('='), sections.last_mut())
            {
                properties_count += 1;
                if properties_count <= SECTIONS_MAX {
                    let key = key.trim().to_lowercase();
                    section.properties.push((key, value.trim().to_lowercase()));
                }
            }
        }
        Self { sections }
    }

    /// How the file at a path is indented; what is not said is as in `usual`.
    #[must_use]
    pub fn indentation(&self, path: &str, usual: Indentation) -> Indentation {
        let find = |wanted: &str| {
            let matching = self.sections.iter().filter(|section| section.matches(path));
            let mut properties = matching.flat_map(|section| &section.properties);
            let found = properties.rfind(|(key, _)| key == wanted);
            found
                .map(|(_, value)| value.as_str())
                .filter(|value| *value != "unset")
        };
        let tabs = match find("indent_style") {
            Some("tab") => true,
            Some("space") => false,
            _ => usual.tabs,
        };
        let width = find("tab_width").and_then(read_columns);
        let size = match find("indent_size") {
            Some("tab") => width,
            Some(text) => read_columns(text),
            None if tabs => width,
            None => None,
        };
        let columns = size.unwrap_or(if tabs == usual.tabs {
            usual.columns
        } else {
            width.unwrap_or(usual.columns)
        });
        Indentation {
            tabs,
            columns,
            tab_columns: width.unwrap_or(columns),
        }
    }
}

fn read_columns(text: &str) -> Option<u8> {
    text.parse()
        .ok()
        .filter(|columns| COLUMNS.contains(columns))
}

/// The patterns of a section's name; one without a slash holds in every directory.
fn read_name(name: &str) -> Vec<Vec<char>> {
    if name.chars().count() > GLOB_CHARACTERS_MAX {
        return Vec::new();
    }
    let anchored = match name.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None if name.contains('/') => name.to_owned(),
        None => format!("**/{name}"),
    };
    let mut open = vec![anchored.chars().collect::<Vec<char>>()];
    let mut done = Vec::new();
    while let Some(pattern) = open.pop() {
        match expand_first(&pattern) {
            None => done.push(pattern),
            Some(several) => open.extend(several),
        }
        if open.len() + done.len() > ALTERNATIVES_MAX {
            return Vec::new();
        }
    }
    done
}

/// Replaces the first `{a,b}` or `{1..3}` by each of what it stands for; `None`: there is none.
/// Braces that stand for nothing become characters of their own.
fn expand_first(pattern: &[char]) -> Option<Vec<Vec<char>>> {
    let mut from = 0;
    loop {
        let open = from + find_char(&pattern[from..], '{')?;
        let (close, commas) = find_end(&pattern[open..])?;
        let inside = &pattern[open + 1..open + close];
        let rest = &pattern[open + close + 1..];
        let whole = |middle: &[char]| [&pattern[..open], middle, rest].concat();
        if !commas.is_empty() {
            let mut ends = commas.clone();
            ends.push(close);
            let mut start = 1;
            let mut several = Vec::new();
            for end in ends {
                several.push(whole(&pattern[open + start..open + end]));
                start = end + 1;
            }
            return Some(several);
        }
        if let Some(numbers) = read_range(inside) {
            return Some(
                numbers
                    .map(|number| whole(&number.to_string().chars().collect::<Vec<_>>()))
                    .collect(),
            );
        }
        from = open + 1;
    }
}

/// Where the brace that opens a slice ends, and its commas; escaped ones do not count.
fn find_end(pattern: &[char]) -> Option<(usize, Vec<usize>)> {
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    let mut escaped = false;
    for (at, character) in pattern.iter().enumerate() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' if depth == 1 => return Some((at, commas)),
            '}' => depth -= 1,
            ',' if depth == 1 => commas.push(at),
            _ => {}
        }
    }
    None
}

fn find_char(pattern: &[char], wanted: char) -> Option<usize> {
    let mut escaped = false;
    pattern.iter().position(|character| {
        let found = !escaped && *character == wanted;
        escaped = !escaped && *character == '\\';
        found
    })
}

fn read_range(inside: &[char]) -> Option<RangeInclusive<i32>> {
    let text: String = inside.iter().collect();
    let (from, to) = text.split_once("..")?;
    let (from, to): (i32, i32) = (from.parse().ok()?, to.parse().ok()?);
    let few = usize::try_from(to.checked_sub(from)?).ok()? <= ALTERNATIVES_MAX;
    few.then_some(from..=to)
}

impl Section {
    fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        self.patterns.iter().any(|pattern| {
            let mut steps = STEPS_MAX;
            is_match(pattern, &path, &mut steps)
        })
    }
}

/// Whether a pattern without braces is that of a path.
fn is_match(pattern: &[char], path: &[char], steps: &mut usize) -> bool {
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    match pattern {
        [] => path.is_empty(),
        ['*', '*', '/', rest @ ..] => {
            // No directory at all, or any number of them.
            let after = path.iter().enumerate().filter(|(_, c)| **c == '/');
            let mut starts = std::iter::once(0).chain(after.map(|(at, _)| at + 1));
            starts.any(|start| is_match(rest, &path[start..], steps))
        }
        ['*', '*', rest @ ..] => {
            (0..=path.len()).any(|taken| is_match(rest, &path[taken..], steps))
        }
        ['*', rest @ ..] => {
            let part = path.iter().position(|c| *c == '/').unwrap_or(path.len());
            (0..=part).any(|taken| is_match(rest, &path[taken..], steps))
        }
        ['?', rest @ ..] => match path {
            ['/', ..] | [] => false,
            [_, left @ ..] => is_match(rest, left, steps),
        },
        ['[', set @ ..] if find_char(set, ']').is_some_and(|end| !set[..end].contains(&'/')) => {
            let end = find_char(set, ']').unwrap_or_default();
            let Some((first, left)) = path.split_first() else {
                return false;
            };
            *first != '/'
                && is_in_set(&set[..end], *first)
                && is_match(&set[end + 1..], left, steps)
        }
        ['\\', literal, rest @ ..] | [literal, rest @ ..] => {
            path.first() == Some(literal) && is_match(rest, &path[1..], steps)
        }
    }
}

fn is_in_set(set: &[char], character: char) -> bool {
    let (set, wanted) = match set {
        ['!', rest @ ..] => (rest, false),
        _ => (set, true),
    };
    let mut left = set;
    while let [first, rest @ ..] = left {
        match rest {
            ['-', last, rest @ ..] => {
                if (*first..=*last).contains(&character) {
                    return wanted;
                }
                left = rest;
            }
            _ => {
                if *first == character {
                    return wanted;
                }
                left = rest;
            }
        }
    }
    !wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is(glob: &str, path: &str) -> bool {
        let config = EditorConfig::parse(&format!("[{glob}]\nindent_size = 7\n"));
        let usual = Indentation::of_language("python");
        config.indentation(path, usual).columns == 7
    }

    #[test]
    fn names_of_sections_mean_what_the_specification_says() {
        for (glob, path, expected) in [
            ("*", "a.py", true),
            ("*", "lib/a.py", true),
            ("*.py", "lib/deep/a.py", true),
            ("*.py", "a.pyc", false),
            ("/*.py", "lib/a.py", false),
            ("lib/*.py", "lib/a.py", true),
            ("lib/*.py", "lib/deep/a.py", false),
            ("lib/**.py", "lib/deep/a.py", true),
            ("lib/**/a.py", "lib/a.py", true),
            ("{a,b}.py", "b.py", true),
            ("{a,b}.py", "c.py", false),
            ("*.{js,ts{,x}}", "a.tsx", true),
            ("{a}.py", "{a}.py", true),
            ("file{1..3}.c", "file2.c", true),
            ("file{1..3}.c", "file4.c", false),
            ("?.c", "a.c", true),
            ("?.c", "/.c", false),
            ("[abc].c", "b.c", true),
            ("[!abc].c", "b.c", false),
            ("[a-f].c", "e.c", true),
            ("a\\*.c", "a*.c", true),
            ("a\\*.c", "ab.c", false),
            ("Makefile", "sub/Makefile", true),
        ] {
            assert_eq!(is(glob, path), expected, "[{glob}] on {path}");
        }
    }

    #[test]
    fn what_is_said_last_holds_and_the_rest_is_usual() {
        let usual = Indentation::of_language("python");
        let text = "root = true\n; comment\n[*]\nindent_style = space\nindent_size = 3\n\
            [*.go]\nIndent_Style = TAB\nindent_size = tab\ntab_width = 8\n\
            [Makefile]\nindent_style = tab\n[x.c]\nindent_size = unset\n[y.c]\nindent_size = many\n";
        let config = EditorConfig::parse(text);
        let of = |path| config.indentation(path, usual);
        let as_is = |tabs, columns, tab_columns| Indentation {
            tabs,
            columns,
            tab_columns,
        };
        assert_eq!(of("a.py"), as_is(false, 3, 3));
        assert_eq!(of("a.go"), as_is(true, 8, 8));
        assert_eq!(of("Makefile"), as_is(true, 3, 3));
        assert_eq!(of("x.c"), as_is(false, 4, 4));
        assert_eq!(of("y.c"), as_is(false, 4, 4));
        assert_eq!(EditorConfig::parse("").indentation("a.py", usual), usual);
    }

    #[test]
    fn steps_are_those_of_the_language() {
        assert_eq!(Indentation::of_language("python").step(), "    ");
        assert_eq!(Indentation::of_language("javascript").step(), "  ");
        assert_eq!(Indentation::of_language("go").step(), "\t");
    }

    #[test]
    fn hostile_patterns_end() {
        let stars = "**/".repeat(300);
        assert!(!is(&format!("{stars}b"), &"a/".repeat(120)));
        assert!(!is(&"{a,b}".repeat(100), "a.py"), "too many alternatives");
        assert!(!is(&"*a".repeat(400), &"a".repeat(250)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_any_path_answered(text in ".{0,400}", path in ".{0,80}") {
            let usual = Indentation::of_language("c");
            let found = EditorConfig::parse(&text).indentation(&path, usual);
            prop_assert!(COLUMNS.contains(&found.columns) && COLUMNS.contains(&found.tab_columns));
        }

        #[test]
        fn any_pattern_is_compared(glob in "[a-c*?\\[\\]{},/!.\\\\-]{0,60}", path in "[a-c/.]{0,30}") {
            let _ = is(&glob, &path);
        }
    }
}
