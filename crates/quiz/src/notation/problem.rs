//! What is wrong with a notation file, where, and the way out.

use std::fmt;

use crate::quantity::number_of;

/// Most problems that are kept; more only hide the first ones.
const PROBLEMS_MAX: usize = 200;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The way out; may be empty.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )?;
        if !self.hint.is_empty() {
            write!(formatter, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// Every problem of a file, in the order found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: String,
    list: Vec<Problem>,
    /// What can be read, and most likely is not what was meant.
    slips: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            list: Vec::new(),
            slips: Vec::new(),
            left_out: 0,
        }
    }

    /// Adds one at a line and column.
    pub(super) fn push(
        &mut self,
        place: (usize, usize),
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.list.len() >= PROBLEMS_MAX {
            self.left_out += 1;
            return;
        }
        let problem = self.describe(place, message.into(), hint.into());
        self.list.push(problem);
    }

    /// Adds a slip at a line and column: what an author has to look at, though it can be read.
    pub(super) fn push_slip(
        &mut self,
        place: (usize, usize),
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.slips.len() < PROBLEMS_MAX {
            let slip = self.describe(place, message.into(), hint.into());
            self.slips.push(slip);
        }
    }

    fn describe(&self, (line, column): (usize, usize), message: String, hint: String) -> Problem {
        Problem {
            file: self.file.clone(),
            line,
            column,
            message,
            hint,
        }
    }

    /// Takes the slips out, as problems of their own.
    pub(super) fn take_slips(&mut self) -> Self {
        let mut slips = Self::new(&self.file);
        slips.list = std::mem::take(&mut self.slips);
        slips
    }

    /// Counts slips as problems, and puts all into the order of the file.
    pub(super) fn with_slips(mut self) -> Self {
        self.list.append(&mut self.slips);
        self.list
            .sort_by_key(|problem| (problem.line, problem.column));
        self.list.dedup();
        self
    }

    /// The problems.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many more there are.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
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
