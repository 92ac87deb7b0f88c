//! Rules on the text of source files: size, forbidden words, where `unsafe` may stand.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Most lines of a source file.
const LINES_MAX: usize = 600;
/// Files that may be longer, each with its reason.
const LONG_FILES: [(&str, &str); 0] = [];
/// Directories that hold sources.
const DIRECTORIES: [&str; 4] = ["crates", "xtask", "bench", "e2e"];
/// The only place for unsafe code.
const UNSAFE_PLACE: &str = "crates/sandbox/src/sys";
/// Words that must not be committed. Written in two halves, so that this file passes.
const FORBIDDEN: [(&str, &str, &str); 5] = [
    ("todo", "!(", "finish it"),
    ("unimpl", "emented!(", "finish it"),
    ("dbg", "!(", "take it out"),
    ("FIX", "ME", "finish it"),
    ("/work/", "wt/", "a path of one machine"),
];

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in list(root)? {
        let text = fs::read_to_string(root.join(&path))
            .with_context(|| format!("reading {}", path.display()))?;
        problems.extend(find_wrong(&path.display().to_string(), &text));
    }
    Ok(problems)
}

fn list(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> = DIRECTORIES.iter().map(PathBuf::from).collect();
    while let Some(directory) = pending.pop() {
        let entries = fs::read_dir(root.join(&directory))
            .with_context(|| format!("listing {}", directory.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = directory.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn find_wrong(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX && !LONG_FILES.iter().any(|(long, _)| *long == path) {
        problems.push(format!(
            "{path}: {lines} lines, more than {LINES_MAX}: split it"
        ));
    }
    let unsafe_allowed = path.starts_with(UNSAFE_PLACE);
    for (number, line) in text.lines().enumerate() {
        let place = format!("{path}:{}", number + 1);
        for (first, second, remedy) in FORBIDDEN {
            if line.contains(&format!("{first}{second}")) {
                problems.push(format!("{place}: `{first}{second}`: {remedy}"));
            }
        }
        if !unsafe_allowed && uses_unsafe(line) {
            problems.push(format!("{place}: unsafe code outside {UNSAFE_PLACE}"));
        }
    }
    problems
}

/// `unsafe` as the keyword before a block, function or implementation; in a string it is none.
fn uses_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("unsafe").any(|(at, word)| {
        let before = code[..at].chars().next_back();
        let own_word =
            before.is_none_or(|letter| letter.is_whitespace() || "({=|".contains(letter));
        let rest = code[at + word.len()..].trim_start();
        own_word
            && ["{", "fn ", "impl ", "extern "]
                .iter()
                .any(|next| rest.starts_with(next))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_stands_in_its_place_only() {
        let code = &["fn f() { un", "safe { g() } }\n"].concat();
        assert_eq!(find_wrong("crates/judge/src/run.rs", code).len(), 1);
        assert!(find_wrong("crates/sandbox/src/sys/mount.rs", code).is_empty());
        assert!(find_wrong("crates/judge/src/run.rs", "// (unsafe { never }\n").is_empty());
    }

    #[test]
    fn forbidden_words_and_long_files_are_told_with_their_place() {
        let word = ["to", "do!()"].concat();
        let problems = find_wrong("crates/a.rs", &format!("\n{word}\n"));
        assert!(problems[0].starts_with("crates/a.rs:2: "), "{problems:?}");
        assert!(find_wrong("crates/a.rs", &"\n".repeat(601))[0].contains("601 lines"));
        assert!(find_wrong("crates/a.rs", &"\n".repeat(600)).is_empty());
    }
}
