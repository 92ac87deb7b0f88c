//! What the starter of an exercise may get.

use std::path::Path;

use carrel_model::Verdict;

use super::super::super::ImportReport;
use super::super::super::problem::Problem;
use super::super::super::target::{ChallengeTarget, SubmissionTarget, SubmissionsTarget, Target};
use super::super::config::ExerciseConfig;
use super::{Files, HEADER};

/// What an empty program gets.
const FAILURES: [Verdict; 3] = [
    Verdict::WrongAnswer,
    Verdict::RuntimeError,
    Verdict::CompileError,
];

/// A refactoring task's starter is a working program that is to be made better. Whether it
/// passes the tests as it is nothing in the exercise says (that of Python's `tree-building`
/// fails, those of `ledger` and `markdown` pass), so both are right; that the tests can fail is
/// shown by an empty program.
pub(super) fn settle(
    config: &ExerciseConfig,
    files: &Files,
    (target, challenge): (&Target, &mut ChallengeTarget),
    report: &mut ImportReport,
) -> Result<(), Problem> {
    let blurb = config.blurb.as_deref().unwrap_or_default();
    if !blurb.starts_with("Refactor") {
        return Ok(());
    }
    let reason =
        "a refactoring task, as its blurb says: its starter may pass or fail (`starter_verdict`)";
    report.note(&challenge.id, reason);
    challenge.starter_verdict = [Verdict::Accepted].into_iter().chain(FAILURES).collect();
    write_empty_submission(files, target)
}

/// An empty program: where the starter passes, it shows that the tests can fail.
fn write_empty_submission(files: &Files, target: &Target) -> Result<(), Problem> {
    let name = "wrong_answer/empty";
    for path in &files.solution {
        target.write(Path::new("submissions").join(name).join(path), "")?;
    }
    let submission = SubmissionTarget {
        name: name.to_owned(),
        verdicts: FAILURES.to_vec(),
        ..SubmissionTarget::default()
    };
    target.write_toml(
        "submissions.toml",
        HEADER,
        &SubmissionsTarget {
            submissions: vec![submission],
        },
    )
}
