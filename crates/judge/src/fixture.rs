//! Small challenges for tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use carrel_model::challenge::{Comparator, Grading, Io};
use carrel_model::{Challenge, Check, CheckKind, Limits, Step, Visibility};

pub(crate) fn challenge() -> Challenge {
    Challenge {
        directory: PathBuf::new(),
        id: "adding".to_owned(),
        title: "Adding".to_owned(),
        language: "python".to_owned(),
        environment: "python".to_owned(),
        editable: vec!["*.py".to_owned()],
        entry: None,
        supplied: BTreeMap::new(),
        start: BTreeMap::new(),
        solution: BTreeMap::new(),
        compile: None,
        run: None,
        limits: Limits::default(),
        loopback: false,
        steps: vec![step("one", &[])],
        checks: Vec::new(),
        submissions: Vec::new(),
        starter_verdicts: Vec::new(),
        target_ms: None,
        pass_points: None,
        grading: Grading::Sum,
    }
}

pub(crate) fn step(id: &str, requires: &[&str]) -> Step {
    Step {
        id: id.to_owned(),
        title: format!("Step {id}"),
        instructions: None,
        requires: requires.iter().map(|id| (*id).to_owned()).collect(),
        hints: Vec::new(),
        start: BTreeMap::new(),
        solution: BTreeMap::new(),
    }
}

/// An input/output check of one point that is required.
pub(crate) fn check(id: &str, step: &str) -> Check {
    Check {
        id: id.to_owned(),
        step: step.to_owned(),
        title: format!("Check {id}"),
        message: None,
        help: None,
        points: 1.0,
        required: true,
        visibility: Visibility::Always,
        depends_on: Vec::new(),
        limits: None,
        kind: CheckKind::Io(Io {
            input: None,
            answer: PathBuf::new(),
            arguments: Vec::new(),
            files: BTreeMap::new(),
            comparator: Comparator::Lines {
                case_sensitive: true,
            },
            exit_code: 0,
            show_difference: true,
        }),
    }
}
