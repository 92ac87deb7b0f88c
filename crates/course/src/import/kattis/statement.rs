//! Problem statements: one becomes the instructions, all are carried as files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::super::ImportReport;
use super::super::problem::Problem;
use super::super::source::Source;
use super::data::Case;
use super::metadata::{Format, Metadata};

/// Largest statement that is read, bytes.
const STATEMENT_BYTES_MAX: u64 = 4 << 20;
/// Largest sample that is shown with the instructions, bytes.
const SAMPLE_BYTES_MAX: u64 = 4_096;

/// Where the statements are.
pub(super) fn directory(format: Format) -> &'static str {
    match format {
        Format::Legacy => "problem_statement",
        Format::Current { .. } => "statement",
    }
}

/// The statement files by language code.
pub(super) fn find(source: &Source, format: Format) -> BTreeMap<String, Vec<PathBuf>> {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in source.children(directory(format)) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let parts: Vec<&str> = name.split('.').collect();
        match parts[..] {
            ["problem", language, "tex" | "md" | "pdf"] => {
                found.entry(language.to_owned()).or_default().push(path)
            }
            ["problem", "tex" | "md" | "pdf"] if format == Format::Legacy => {
                found.entry("en".to_owned()).or_default().push(path);
            }
            _ => {}
        }
    }
    found
}

/// Checks that there is a statement, and that names and statements are of the same languages.
pub(super) fn check(
    source: &Source,
    metadata: &Metadata,
    incomplete: bool,
    problems: &mut Vec<Problem>,
) {
    let found = find(source, metadata.format);
    if found.is_empty() {
        if !incomplete {
            let directory = directory(metadata.format);
            problems.push(
                Problem::of(directory, "holds no statement")
                    .hint("add `problem.<language>.tex` or `.md`"),
            );
        }
        return;
    }
    if metadata.format == Format::Legacy || metadata.names.is_empty() || incomplete {
        return;
    }
    let names: BTreeSet<&String> = metadata.names.keys().collect();
    let statements: BTreeSet<&String> = found.keys().collect();
    for language in names.symmetric_difference(&statements) {
        let text = if names.contains(*language) {
            format!("`name` has the language `{language}`, which has no statement")
        } else {
            format!("`name` lacks the language `{language}`, which has a statement")
        };
        problems.push(Problem::at(
            Path::new(super::metadata::FILE),
            metadata.name_line,
            0,
            text,
        ));
    }
}

/// The title: the English name where there is one.
pub(super) fn title(source: &Source, metadata: &Metadata) -> String {
    let name = metadata
        .names
        .get("en")
        .or_else(|| metadata.names.values().next())
        .cloned();
    let from_tex = || {
        let file = find(source, metadata.format)
            .into_values()
            .flatten()
            .find(|path| path.extension().is_some_and(|e| e == "tex"))?;
        let text = source.text(file, STATEMENT_BYTES_MAX).ok()?;
        let (_, rest) = text.split_once("\\problemname{")?;
        Some(rest.split('}').next()?.trim().to_owned()).filter(|name| !name.is_empty())
    };
    name.filter(|name| !name.trim().is_empty())
        .or_else(from_tex)
        .unwrap_or_else(|| source.name())
}

/// The instructions: the English statement, else the first; then the samples.
pub(super) fn instructions(
    source: &Source,
    metadata: &Metadata,
    samples: &[&Case],
    report: &mut ImportReport,
) -> Result<String, Problem> {
    let found = find(source, metadata.format);
    let files = found.get("en").or_else(|| found.values().next());
    let pick = |ending: &str| {
        files?
            .iter()
            .find(|path| path.extension().is_some_and(|found| found == ending))
    };
    let mut text = String::new();
    if let Some(path) = pick("md") {
        text = super::replace_constants(
            &source.text(path, STATEMENT_BYTES_MAX)?,
            &metadata.constants,
        );
        text = text
            .replace("{{nextsample}}", "")
            .replace("{{remainingsamples}}", "");
    } else if let Some(path) = pick("tex") {
        let tex = source.text(path, STATEMENT_BYTES_MAX)?;
        let fence = "`".repeat(longest_run(&tex, '`').max(2) + 1);
        let _ = write!(
            text,
            "The statement is written in LaTeX:\n\n{fence}latex\n{}\n{fence}\n",
            tex.trim_end()
        );
        report.note(
            path.display().to_string(),
            "LaTeX is carried as it is, as a code block: turn it into Markdown",
        );
    } else if let Some(path) = pick("pdf") {
        let _ = writeln!(text, "The statement is `{}`.", path.display());
        report.note(
            path.display().to_string(),
            "carried as a file beside the instructions",
        );
    }
    if !(metadata.interactive || metadata.multi_pass) {
        for (number, case) in samples.iter().enumerate() {
            for (title, ending) in [("input", "in"), ("output", "ans")] {
                // A sample too large or not text stays a file of the challenge.
                let Ok(sample) =
                    source.text(format!("data/{}.{ending}", case.name), SAMPLE_BYTES_MAX)
                else {
                    continue;
                };
                let fence = "`".repeat(longest_run(&sample, '`').max(2) + 1);
                let _ = write!(
                    text,
                    "\n## Sample {title} {}\n\n{fence}text\n{}\n{fence}\n",
                    number + 1,
                    sample.trim_end()
                );
            }
        }
    }
    Ok(text)
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(longest_run("a ```` b `` c", '`'), 4);
        assert_eq!(longest_run("", '`'), 0);
    }
}
