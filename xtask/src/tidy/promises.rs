//! Each promise of docs/spec.md names the test or benchmark that enforces it, and that exists.
//!
//! A promise is a row of a table whose last column is headed `enforced by`. Each
//! text in backticks there is a path of the workspace, with `::function` where a
//! test is meant.

use std::fs;
use std::path::Path;

use anyhow::Context;

/// Heading of the column.
const COLUMN: &str = "enforced by";
/// The document.
const SPEC: &str = "docs/spec.md";

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(root.join(SPEC)).with_context(|| format!("reading {SPEC}"))?;
    Ok(find_wrong(
        &text,
        &|path| fs::read_to_string(root.join(path)).ok(),
        &|path| root.join(path).exists(),
    ))
}

fn find_wrong(
    text: &str,
    read: &dyn Fn(&str) -> Option<String>,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut in_promises = false;
    for (number, line) in text.lines().enumerate() {
        let Some(row) = line
            .trim()
            .strip_prefix('|')
            .and_then(|row| row.strip_suffix('|'))
        else {
            in_promises = false;
            continue;
        };
        let last = row.rsplit('|').next().unwrap_or_default().trim();
        if last == COLUMN {
            in_promises = true;
            continue;
        }
        if !in_promises || last.chars().all(|letter| letter == '-' || letter == ' ') {
            continue;
        }
        let place = format!("{SPEC}:{}", number + 1);
        let named: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            problems.push(format!("{place}: the promise names no test or benchmark"));
        }
        for name in named {
            if let Some(problem) = check_name(name, read, exists) {
                problems.push(format!("{place}: {problem}"));
            }
        }
    }
    problems
}

fn check_name(
    name: &str,
    read: &dyn Fn(&str) -> Option<String>,
    exists: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let Some((path, function)) = name.split_once("::") else {
        return (!exists(name)).then(|| format!("`{name}` does not exist"));
    };
    let Some(text) = read(path) else {
        return Some(format!("`{path}` does not exist"));
    };
    let function = function.rsplit("::").next().unwrap_or(function);
    let found = [format!("fn {function}("), format!("fn {function}<")]
        .iter()
        .any(|head| text.contains(head));
    (!found).then(|| format!("`{path}` has no `{function}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(last: &str) -> Vec<String> {
        let text =
            format!("| promise | enforced by |\n| --- | --- |\n| fresh | {last} |\n\n| x | y |\n");
        let read = |path: &str| (path == "a.rs").then(|| "fn works() {}".to_owned());
        find_wrong(&text, &read, &|path| path == "bench")
    }

    #[test]
    fn a_promise_needs_a_test_that_exists() {
        assert!(problems("`a.rs::works`, `bench`").is_empty());
        assert_eq!(problems("hope").len(), 1);
        assert_eq!(
            problems("`a.rs::fails`"),
            ["docs/spec.md:3: `a.rs` has no `fails`"]
        );
        assert_eq!(problems("`b.rs::works`, `gone`").len(), 2);
    }
}
