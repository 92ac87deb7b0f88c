//! The result document in formats that other tools read.

pub mod ctrf;
pub mod junit;

use carrel_model::result::{ResultDocument, TestResult};

/// Name of the entry that stands for a submission of which no check has a result.
const WHOLE: &str = "submission";

/// Wall-clock time of the runs that a test rests on, milliseconds. Test cases
/// that share a run share its time.
fn duration_ms(document: &ResultDocument, test: &TestResult) -> f64 {
    let runs = test
        .runs
        .iter()
        .filter_map(|number| document.runs.get(*number));
    let total: f64 = runs.map(|run| run.usage.wall_ms).sum();
    let sharing = document
        .tests
        .iter()
        .filter(|other| other.runs == test.runs)
        .count();
    // As many tests as a u32 holds do not fit into memory.
    total / f64::from(u32::try_from(sharing.max(1)).unwrap_or(u32::MAX))
}

/// The title of a step, for a heading.
fn step_title<'a>(document: &'a ResultDocument, id: &'a str) -> &'a str {
    let found = document.steps.iter().find(|step| step.id == id);
    found.map_or(id, |step| step.title.as_str())
}

#[cfg(test)]
mod fixture {
    use carrel_model::result::{EnvironmentUsed, ResultDocument, Run, Usage};

    use crate::check::CheckOutcome;
    use crate::decide::{Circumstances, Conclusion, decide, results_of};
    use crate::fixture::{challenge, check};
    use crate::plan::plan;

    /// Two checks: one passed, one failed with this message.
    pub(super) fn document(message: &str) -> ResultDocument {
        let mut challenge = challenge();
        challenge.checks = vec![check("a", "one"), check("b", "one")];
        let wrong = CheckOutcome::wrong(message.to_owned());
        let mut results = results_of(
            &challenge,
            &challenge.checks[0],
            &CheckOutcome::pass(),
            &[0],
        );
        results.extend(results_of(&challenge, &challenge.checks[1], &wrong, &[]));
        conclude(&challenge, Conclusion::Checked(results))
    }

    /// A submission that could not be judged.
    pub(super) fn platform_fault() -> ResultDocument {
        conclude(
            &challenge(),
            Conclusion::PlatformFault("no disk".to_owned()),
        )
    }

    fn conclude(challenge: &carrel_model::Challenge, conclusion: Conclusion) -> ResultDocument {
        let run = Run {
            purpose: "check".to_owned(),
            check: Some("a".to_owned()),
            cause: None,
            exit_code: Some(0),
            usage: Usage {
                wall_ms: 1_500.0,
                ..Usage::default()
            },
            cached: false,
            missing_layers: Vec::new(),
        };
        let circumstances = Circumstances {
            environment: EnvironmentUsed {
                name: "c".to_owned(),
                digest: None,
                repeatable: false,
            },
            runs: vec![run],
            incidents: Vec::new(),
            failures: 0,
            duration_ms: 2_000.0,
        };
        decide(
            challenge,
            &plan(challenge, None).unwrap(),
            conclusion,
            circumstances,
        )
    }
}
