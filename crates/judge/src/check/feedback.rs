//! What a validator tells: its exit code and the files in its feedback directory.
//!
//! The protocol is that of Kattis problem packages, "Output validator": called
//! as `validator input answer feedback_directory/ arguments…`, exit code 42
//! accepts and 43 rejects; everything else is the validator's own failure.

use carrel_model::Limits;
use carrel_sandbox::{CollectedContent, Ending, FileInput, Report};

use super::{CheckOutcome, Context, tail};
use crate::case::CaseStatus;
use crate::cause;
use crate::error::Error;
use crate::text;

/// Where the protocol's files lie in the validator's sandbox.
pub(crate) const INPUT: &str = "/tmp/judge/input";
/// The author's answer.
pub(crate) const ANSWER: &str = "/tmp/judge/answer";
/// The feedback directory, relative to the work directory, whence it is collected.
pub(crate) const DIRECTORY: &str = "feedback";
/// Most bytes of all feedback together.
pub(crate) const BYTES_MAX: u64 = 64 << 20;
/// A file that makes the directory exist; empty, and never read.
const PLACEHOLDER: &str = "feedback/.carrel";
/// Most characters of a message.
const CHARACTERS_MAX: usize = 20_000;

/// What a validator decided.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Feedback {
    /// Exit code 42, not 43.
    pub(crate) accepted: bool,
    /// `teammessage.txt`: for the learner.
    pub(crate) team_message: Option<String>,
    /// `judgemessage.txt`: for the author.
    pub(crate) judge_message: Option<String>,
    /// `score.txt`, or the check's points times `score_multiplier.txt`.
    pub(crate) score: Option<f64>,
    /// `nextpass.in`: input of the next pass.
    pub(crate) next_pass: Option<Vec<u8>>,
    /// The directory as it was left, for the next pass.
    pub(crate) files: Vec<FileInput>,
}

/// The protocol's files for one run of a validator.
pub(crate) fn inputs(input: &[u8], answer: &[u8], kept: &[FileInput]) -> Vec<FileInput> {
    let file = |path: &str, content: &[u8], writable| FileInput {
        path: path.to_owned(),
        content: content.to_vec(),
        executable: false,
        writable,
    };
    let mut files = vec![
        file(INPUT, input, false),
        file(ANSWER, answer, false),
        file(PLACEHOLDER, b"", true),
    ];
    files.extend_from_slice(kept);
    files
}

/// The protocol's arguments, then the author's.
pub(crate) fn arguments(own: &[String]) -> Vec<String> {
    let protocol = [INPUT, ANSWER, "/work/feedback/"].map(str::to_owned);
    protocol.into_iter().chain(own.iter().cloned()).collect()
}

/// Reads what a validator left. `scoring`: it may give points.
///
/// # Errors
/// It broke the protocol: the author's fault, by its name.
pub(crate) fn read(
    context: &Context<'_>,
    limits: &Limits,
    report: &Report,
    scoring: bool,
) -> Result<Feedback, Error> {
    let accepted = match report.ending {
        Ending::Exited(42) => true,
        Ending::Exited(43) => false,
        _ => return Err(broken(context, limits, report)),
    };
    let mut feedback = Feedback {
        accepted,
        team_message: None,
        judge_message: None,
        score: None,
        next_pass: None,
        files: Vec::new(),
    };
    for found in &report.files {
        let content = match &found.content {
            CollectedContent::Bytes(content) => content,
            CollectedContent::Refused(reason) => {
                let problem = format!(
                    "its validator left `{}`, which is not taken: {reason}",
                    found.path
                );
                return Err(context.author_fault(&problem));
            }
        };
        let Some(name) = found.path.strip_prefix("feedback/") else {
            continue;
        };
        match name {
            "teammessage.txt" => feedback.team_message = message(content),
            "judgemessage.txt" => feedback.judge_message = message(content),
            "score.txt" | "score_multiplier.txt" => {
                if feedback.score.is_some() {
                    let both = "its validator wrote both score.txt and score_multiplier.txt";
                    return Err(context.author_fault(both));
                }
                feedback.score = Some(parse_score(context, name, content)?);
            }
            "nextpass.in" => feedback.next_pass = Some(content.clone()),
            _ => {}
        }
        if name != "nextpass.in" && found.path != PLACEHOLDER {
            feedback.files.push(FileInput {
                path: found.path.clone(),
                content: content.clone(),
                executable: false,
                writable: true,
            });
        }
    }
    check_protocol(context, &feedback, scoring)?;
    Ok(feedback)
}

fn check_protocol(context: &Context<'_>, feedback: &Feedback, scoring: bool) -> Result<(), Error> {
    let problem = if feedback.score.is_some() && !scoring {
        "its validator wrote score.txt or score_multiplier.txt, but the check does not say `scoring`"
    } else if feedback.score.is_some() && !feedback.accepted {
        "its validator gave a score and rejected (exit code 43): it must not do both"
    } else if feedback.next_pass.is_some() && !feedback.accepted {
        "its validator wrote nextpass.in and rejected (exit code 43): it must not do both"
    } else {
        return Ok(());
    };
    Err(context.author_fault(problem))
}

/// The validator failed by itself.
pub(crate) fn broken(context: &Context<'_>, limits: &Limits, report: &Report) -> Error {
    let how = match cause::of_report(report, limits, 42) {
        Some(ended) => ended.message,
        None => "ended".to_owned(),
    };
    let said = tail(&report.stderr.bytes);
    let said = if said.is_empty() {
        String::new()
    } else {
        format!("\n{said}")
    };
    context.author_fault(&format!(
        "its validator failed: {how} (42 accepts, 43 rejects){said}"
    ))
}

/// The result of a check that ends with this feedback.
pub(crate) fn outcome(feedback: &Feedback) -> CheckOutcome {
    let mut outcome = if feedback.accepted {
        let mut outcome = CheckOutcome::pass();
        outcome.score = feedback.score;
        outcome.cases[0].message.clone_from(&feedback.team_message);
        outcome
    } else {
        let message = feedback.team_message.clone();
        CheckOutcome::wrong(message.unwrap_or_else(|| "the answer is not right".to_owned()))
    };
    debug_assert!(
        outcome
            .cases
            .iter()
            .all(|case| case.status != CaseStatus::Skipped)
    );
    outcome.author_note.clone_from(&feedback.judge_message);
    outcome
}

fn message(content: &[u8]) -> Option<String> {
    let text = text::readable(content, CHARACTERS_MAX);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Points from `score.txt`, or from `score_multiplier.txt` (2025-09, "Scoring test cases").
fn parse_score(context: &Context<'_>, name: &str, content: &[u8]) -> Result<f64, Error> {
    let text = String::from_utf8_lossy(content);
    let number = text.trim().parse::<f64>().ok();
    let (number, most, points) = match name {
        "score_multiplier.txt" => (number, 1.0, context.check.points),
        _ => (number, f64::MAX, 1.0),
    };
    let number = number.filter(|number| (0.0..=most).contains(number));
    number.map(|number| number * points).ok_or_else(|| {
        let shown = text::readable(content, 40);
        let range = if most > 1.0 {
            "not negative"
        } else {
            "from 0 to 1"
        };
        context.author_fault(&format!(
            "its validator wrote `{shown}` to {name}; that must be one number, {range}"
        ))
    })
}
