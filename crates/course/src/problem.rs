//! What is wrong with an author's files, where, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use carrel_model::quantity::number_of;

/// Most problems that are kept; more only hide the first ones.
const PROBLEMS_MAX: usize = 200;

/// Most names that a hint lists.
const NAMES_MAX: usize = 60;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File or directory.
    pub path: PathBuf,
    /// Line from 1, where the place is known.
    pub line: Option<usize>,
    /// Column from 1, in characters.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
            if let Some(column) = self.column {
                write!(formatter, ":{column}")?;
            }
        }
        write!(formatter, ": {}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(formatter, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// Every problem found in one go, in the order found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// No problems yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one; the same one twice is kept once.
    pub fn push(&mut self, problem: Problem) {
        if self.list.contains(&problem) {
            return;
        }
        if self.list.len() < PROBLEMS_MAX {
            self.list.push(problem);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds one about a file or directory as a whole.
    pub fn push_path(&mut self, path: impl Into<PathBuf>, message: impl Into<String>, hint: &str) {
        self.push(Problem {
            path: path.into(),
            line: None,
            column: None,
            message: message.into(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        });
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Self) {
        self.left_out += other.left_out;
        for problem in other.list {
            self.push(problem);
        }
    }

    /// The problems.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{problem}")?;
        }
        if self.left_out > 0 {
            let more = number_of(self.left_out, "more problem", "more problems");
            write!(formatter, "\nand {more}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The known name nearest to a wrong one, when it is near enough to be a slip.
#[must_use]
pub(crate) fn find_nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (wrong.chars().count() / 3).max(1) + 1;
    known
        .into_iter()
        .take(10_000)
        .map(|name| (measure_distance(wrong, name), name))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein distance over characters, of the first 100 of each.
fn measure_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, to) in right.iter().enumerate() {
            let changed = diagonal + usize::from(!from.eq_ignore_ascii_case(to));
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

/// A hint that offers the nearest known name, or lists what there is.
#[must_use]
pub(crate) fn offer_nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    what: &str,
) -> String {
    if let Some(name) = find_nearest(wrong, known.clone()) {
        return format!("did you mean `{name}`?");
    }
    let mut names: Vec<&str> = Vec::new();
    for name in known {
        if names.len() < NAMES_MAX && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        format!("there are no {what} here")
    } else {
        format!("{what}: `{}`", names.join("`, `"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_place_message_and_hint() {
        let problem = Problem {
            path: PathBuf::from("a/challenge.toml"),
            line: Some(3),
            column: Some(7),
            message: "unknown key `titel`".to_owned(),
            hint: Some("did you mean `title`?".to_owned()),
        };
        assert_eq!(
            problem.to_string(),
            "a/challenge.toml:3:7: unknown key `titel`\n  hint: did you mean `title`?"
        );
    }

    #[test]
    fn nearest_finds_slips_and_nothing_far_away() {
        let known = ["title", "language", "checks"];
        assert_eq!(find_nearest("titel", known), Some("title"));
        assert_eq!(find_nearest("check", known), Some("checks"));
        assert_eq!(find_nearest("environment", known), None);
        assert_eq!(measure_distance("kitten", "sitting"), 3);
        assert_eq!(measure_distance("", "abc"), 3);
    }

    #[test]
    fn keeps_each_problem_once_and_a_bounded_number() {
        let mut problems = Problems::new();
        for number in 0..PROBLEMS_MAX + 5 {
            problems.push_path("x", format!("problem {number}"), "");
        }
        problems.push_path("x", "problem 0", "");
        assert_eq!(problems.list().len(), PROBLEMS_MAX);
        assert!(problems.to_string().ends_with("and 5 more problems"));
    }
}
