//! `carrel schema`: the JSON Schema of the documents that Carrel reads and writes.

use super::Session;
use crate::exit_code;
use crate::failure::Outcome;
use crate::wire;

/// Arguments of `carrel schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArguments {
    /// Which document.
    #[arg(value_enum)]
    document: Document,
}

/// Documents with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Document {
    /// The result contract: what `carrel check --json` prints.
    Result,
    /// What `challenge.toml` holds.
    Challenge,
    /// What `submissions.toml` holds.
    Submissions,
    /// What `course.toml` holds.
    Course,
    /// What `project.toml` holds.
    Project,
    /// What the front matter of a lesson holds.
    Lesson,
    /// What the front matter of a quiz holds.
    Quiz,
    /// What `carrel course check --json` prints.
    CourseCheck,
    /// What `carrel course import --json` prints.
    ImportReport,
    /// What `carrel course export --json` prints.
    ExportReport,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Result,
        Self::Challenge,
        Self::Submissions,
        Self::Course,
        Self::Project,
        Self::Lesson,
        Self::Quiz,
        Self::CourseCheck,
        Self::ImportReport,
        Self::ExportReport,
    ];

    /// File name below `docs/`.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Result => "result.schema.json",
            Self::Challenge => "challenge.schema.json",
            Self::Submissions => "submissions.schema.json",
            Self::Course => "course.schema.json",
            Self::Project => "project.schema.json",
            Self::Lesson => "lesson.schema.json",
            Self::Quiz => "quiz.schema.json",
            Self::CourseCheck => "course-check.schema.json",
            Self::ImportReport => "import-report.schema.json",
            Self::ExportReport => "export-report.schema.json",
        }
    }

    /// The schema.
    #[must_use]
    pub fn schema(self) -> schemars::Schema {
        match self {
            Self::Result => schemars::schema_for!(carrel_model::ResultDocument),
            Self::Challenge => wire::course::challenge_schema(),
            Self::Submissions => wire::course::submissions_schema(),
            Self::Course => wire::course::course_schema(),
            Self::Project => wire::course::project_schema(),
            Self::Lesson => wire::course::lesson_schema(),
            Self::Quiz => wire::course::quiz_schema(),
            Self::CourseCheck => schemars::schema_for!(super::course::report::CourseReport),
            Self::ImportReport => schemars::schema_for!(wire::exchange::report::ImportReport),
            Self::ExportReport => schemars::schema_for!(wire::exchange::report::ExportReport),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Of the output.
pub fn run(arguments: &SchemaArguments, session: &mut Session) -> Outcome {
    session.terminal.json(&arguments.document.schema())?;
    Ok(exit_code::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_describes_an_object_of_ours() {
        for document in Document::ALL {
            let schema = document.schema().to_value();
            assert_eq!(schema["type"], "object", "{}", document.file_name());
            assert!(
                schema["properties"]
                    .as_object()
                    .is_some_and(|keys| !keys.is_empty())
            );
        }
    }
}
