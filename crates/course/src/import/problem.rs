//! Short ways to say what is wrong with an imported file, and where.

use std::path::Path;

pub(crate) use crate::problem::{Problem, Problems};

impl Problem {
    /// A problem at a place of a file; line and column count from 1, 0 is not known.
    pub(crate) fn at(path: &Path, line: u64, column: u64, message: impl Into<String>) -> Self {
        let known = |number: u64| usize::try_from(number).ok().filter(|number| *number > 0);
        Self {
            path: path.to_owned(),
            line: known(line),
            column: known(column),
            message: message.into(),
            hint: None,
        }
    }

    /// A problem of a whole file or directory.
    pub(crate) fn of(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::at(path.as_ref(), 0, 0, message)
    }

    /// The same with a way out.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self::from(vec![problem])
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(list: Vec<Problem>) -> Self {
        let mut problems = Self::new();
        for problem in list {
            problems.push(problem);
        }
        problems
    }
}

/// Nothing when the list is empty, else all of it.
pub(crate) fn refuse(list: Vec<Problem>) -> Result<(), Problems> {
    if list.is_empty() {
        Ok(())
    } else {
        Err(list.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_place_is_not_shown() {
        let problem = Problem::at(Path::new("problem.yaml"), 3, 5, "unknown key").hint("remove it");
        assert!(
            problem
                .to_string()
                .starts_with("problem.yaml:3:5: unknown key\n")
        );
        assert_eq!(
            Problem::of("data", "is missing").to_string(),
            "data: is missing"
        );
        assert!(refuse(Vec::new()).is_ok());
        assert!(refuse(vec![problem]).is_err());
    }
}
