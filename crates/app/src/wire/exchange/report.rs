//! What came in or went out, and by name what was lost on the way.

use std::fmt;

use carrel_exchange::Loss;
use schemars::JsonSchema;
use serde::Serialize;

/// What `carrel course import --json` prints.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportReport {
    /// The course.
    pub course: String,
    /// Each file that was read, in the order given.
    pub files: Vec<ImportedFile>,
}

/// One file of another tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedFile {
    /// Its path as it was given.
    pub file: String,
    /// Name of its format.
    pub format: &'static str,
    /// What became of it.
    pub activities: Vec<ImportedActivity>,
    /// What could not be carried over.
    pub losses: Vec<Loss>,
}

/// A quiz or a challenge that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedActivity {
    /// `quiz` or `challenge`.
    #[schemars(extend("enum" = ["quiz", "challenge"]))]
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its path in the course.
    pub path: String,
    /// Questions; 0 for a challenge.
    pub questions: usize,
    /// Files that came along with the questions.
    pub attachments: usize,
    /// The unit that lists it; `None`: it is a draft.
    pub unit: Option<String>,
    /// What an author has to mend before a unit can list it.
    pub problems: Vec<String>,
}

impl ImportReport {
    /// Whether anything was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.iter().all(|file| file.activities.is_empty())
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, file) in self.files.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{} ({}):", file.file, file.format)?;
            if file.activities.is_empty() {
                write!(formatter, " nothing could be carried over")?;
            }
            for activity in &file.activities {
                write!(formatter, "\n  {activity}")?;
            }
            write_losses(&file.losses, "  ", formatter)?;
        }
        Ok(())
    }
}

impl fmt::Display for ImportedActivity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind, self.path)?;
        if self.questions > 0 {
            write!(formatter, ", {}", count(self.questions, "question"))?;
        }
        if self.attachments > 0 {
            write!(formatter, ", {}", count(self.attachments, "file"))?;
        }
        match &self.unit {
            Some(unit) => write!(formatter, ", in unit `{unit}`")?,
            None => write!(formatter, ", a draft: no unit lists it yet")?,
        }
        for problem in &self.problems {
            let problem = problem.replace('\n', "\n    ");
            write!(formatter, "\n    to be mended: {problem}")?;
        }
        Ok(())
    }
}

/// What `carrel course export --json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExportReport {
    /// Name of the format.
    pub format: &'static str,
    /// Each quiz, in the order of the course.
    pub quizzes: Vec<ExportedQuiz>,
    /// Lessons, challenges and projects of the course: no format has them.
    pub left_out: Vec<String>,
}

/// A quiz that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExportedQuiz {
    /// Its id.
    pub quiz: String,
    /// The file that it is in now.
    pub file: String,
    /// Questions of the quiz, those of pools included.
    pub questions: usize,
    /// What could not be carried over.
    pub losses: Vec<Loss>,
}

impl fmt::Display for ExportReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, quiz) in self.quizzes.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(
                formatter,
                "{} ({}): quiz `{}`, {}",
                quiz.file,
                self.format,
                quiz.quiz,
                count(quiz.questions, "question")
            )?;
            write_losses(&quiz.losses, "  ", formatter)?;
        }
        if !self.left_out.is_empty() {
            write!(
                formatter,
                "\nnot carried over, for no format has them: {}",
                self.left_out.join(", ")
            )?;
        }
        Ok(())
    }
}

fn write_losses(losses: &[Loss], indent: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    if losses.is_empty() {
        return Ok(());
    }
    write!(formatter, "\n{indent}not carried over, or changed:")?;
    for loss in losses {
        write!(formatter, "\n{indent}- {loss}")?;
    }
    Ok(())
}

fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_everything() {
        let loss = |question: &str, what: &str| Loss {
            line: 3,
            question: question.to_owned(),
            what: what.to_owned(),
        };
        let activity = |unit: Option<&str>, problem: &[&str]| ImportedActivity {
            kind: "quiz",
            id: "a".to_owned(),
            path: "quizzes/a.quiz.md".to_owned(),
            questions: 1,
            attachments: 2,
            unit: unit.map(str::to_owned),
            problems: problem.iter().map(|text| (*text).to_owned()).collect(),
        };
        let file = |activities| ImportedFile {
            file: "a.xml".to_owned(),
            format: "moodle",
            activities,
            losses: vec![loss("q", "its colour")],
        };
        let report = ImportReport {
            course: "c".to_owned(),
            files: vec![
                file(vec![
                    activity(Some("u"), &[]),
                    activity(None, &["x:1\n  hint: y"]),
                ]),
                file(Vec::new()),
            ],
        };
        assert!(!report.is_empty());
        assert_eq!(
            report.to_string(),
            "a.xml (moodle):\n  \
             quiz quizzes/a.quiz.md, 1 question, 2 files, in unit `u`\n  \
             quiz quizzes/a.quiz.md, 1 question, 2 files, a draft: no unit lists it yet\n    \
             to be mended: x:1\n      hint: y\n  \
             not carried over, or changed:\n  \
             - line 3: question `q`: its colour\n\
             a.xml (moodle): nothing could be carried over\n  \
             not carried over, or changed:\n  \
             - line 3: question `q`: its colour"
        );
        let report = ExportReport {
            format: "gift",
            quizzes: vec![ExportedQuiz {
                quiz: "a".to_owned(),
                file: "a.gift".to_owned(),
                questions: 2,
                losses: Vec::new(),
            }],
            left_out: vec!["lesson `hello`".to_owned()],
        };
        assert_eq!(
            report.to_string(),
            "a.gift (gift): quiz `a`, 2 questions\n\
             not carried over, for no format has them: lesson `hello`"
        );
    }
}
