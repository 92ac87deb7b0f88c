//! Files of other tools, read and written again: what a directory of public example sets gives.
//!
//! `cargo run -p carrel-bench -- corpus DIR [--json FILE]` reads every file below DIR with the
//! format that it recognises. Each directory of DIR is a set. Of what was read it tells how much,
//! with the reasons of what was not; of QTI items, whether the question gives the points that the
//! item's own rules give; of everything, whether it comes back with the same points after it was
//! written in another format. A difference that no report told is *silent*; it ends the run with 1,
//! and so does a written file that is refused when it is read back.

mod answers;
mod report;
mod round;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use carrel_exchange::qti::{PointsCheck, check_points};
use carrel_exchange::{Format, Imported, read};

use report::{Report, Set};

/// Larger files are left aside.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Reads what lies below a directory, and tells what came of it.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let (directory, json) = asked(words);
    let directory = directory.context("which directory? carrel-bench corpus DIR [--json FILE]")?;
    let report = measure(Path::new(directory))?;
    println!("{report}");
    if let Some(file) = json {
        let text = serde_json::to_vec_pretty(&report)?;
        std::fs::write(file, text).with_context(|| format!("writing {file}"))?;
    }
    match report.silent() {
        0 => Ok(()),
        silent => {
            bail!("{silent} panics, differences that no report told or written files refused back")
        }
    }
}

/// The directory, and the file for `--json`.
fn asked(words: &[String]) -> (Option<&String>, Option<&String>) {
    let (mut directory, mut json) = (None, None);
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => json = words.next(),
            other if other.starts_with("--") => {}
            _ => directory = directory.or(Some(word)),
        }
    }
    (directory, json)
}

/// Everything below a directory, set by set.
fn measure(directory: &Path) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut sets: Vec<PathBuf> = Vec::new();
    for entry in
        std::fs::read_dir(directory).with_context(|| format!("reading {}", directory.display()))?
    {
        sets.push(entry?.path());
    }
    sets.sort();
    for path in sets {
        let mut set = Set::new(&name_of(&path));
        let mut seen = HashSet::new();
        for file in files_below(&path)? {
            let bytes =
                std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            if seen.insert(hasher.finish()) {
                let name = file.strip_prefix(directory).unwrap_or(&file);
                one(&name.to_string_lossy(), &bytes, &mut set);
            } else {
                set.alike += 1;
            }
        }
        report.sets.push(set);
    }
    Ok(report)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Files below a path in their order; links are not followed.
fn files_below(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let kind = std::fs::symlink_metadata(path)?;
    if kind.is_file() {
        let small = kind.len() <= FILE_BYTES_MAX;
        return Ok(small.then(|| path.to_owned()).into_iter().collect());
    }
    if !kind.is_dir() {
        return Ok(Vec::new());
    }
    let mut inside = Vec::new();
    for entry in std::fs::read_dir(path)? {
        inside.push(entry?.path());
    }
    inside.sort();
    let mut all = Vec::new();
    for path in inside {
        all.extend(files_below(&path)?);
    }
    Ok(all)
}

/// One file. What panics is told, and the others are read all the same.
fn one(name: &str, bytes: &[u8], set: &mut Set) {
    set.files += 1;
    let done = catch_unwind(AssertUnwindSafe(|| judge(name, bytes, set)));
    if done.is_err() {
        set.panics.push(name.to_owned());
    }
}

fn judge(name: &str, bytes: &[u8], set: &mut Set) {
    let format = match Format::recognise(name, bytes) {
        Ok(format) => format,
        Err(reason) => return set.unknown.add(&reason.to_string(), name),
    };
    let imported = match read(format, bytes, name) {
        Ok(imported) => imported,
        Err(error) => {
            let reason = error.to_string().replace(name, "");
            return set.refused.add(&reason, name);
        }
    };
    set.read += 1;
    set.questions += imported.quiz.questions().count();
    set.challenges += imported.challenges.len();
    for loss in &imported.losses {
        match loss.what.strip_prefix("left out: ") {
            Some(reason) => set.left_out.add(reason, name),
            None => set.losses.add(&loss.what, name),
        }
    }
    if format == Format::Qti
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        check_item(name, text, &imported, set);
    }
    round::check(name, &imported, set);
}

/// The points of an item's own rules beside those of the question.
fn check_item(name: &str, text: &str, imported: &Imported, set: &mut Set) {
    let Some(question) = imported.quiz.questions().next() else {
        return;
    };
    let points = &mut set.points;
    points.carried += 1;
    let told = |words: &str| {
        imported
            .losses
            .iter()
            .any(|loss| loss.what.starts_with(words))
    };
    let is_told = told("the points differ for ") || told("its points were not compared");
    match check_points(text, name, question) {
        Err(error) => points.silent.push(format!("{name}: {error}")),
        Ok(PointsCheck::NothingToScore) => points.nothing_to_score += 1,
        Ok(PointsCheck::NotComparable(what)) => {
            points.not_comparable += 1;
            if !is_told {
                points.silent.push(format!("{name}: not compared: {what}"));
            }
        }
        Ok(PointsCheck::Compared {
            answers,
            differing: 0,
            example: _,
        }) if !is_told => {
            points.equal += 1;
            points.answers += answers;
        }
        Ok(PointsCheck::Compared { example, .. }) => {
            let example = example.map(|(given, theirs, ours)| {
                format!("`{given}` gives {theirs} in the item and {ours} here")
            });
            let example = example.unwrap_or_default();
            if is_told {
                points.told.push(format!("{name}: {example}"));
            } else {
                points.silent.push(format!("{name}: {example}"));
            }
        }
    }
}
