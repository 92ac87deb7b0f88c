//! Sandboxes that play a script: for tests of logic that needs answers no real program gives on demand.

use std::collections::VecDeque;
use std::sync::Mutex;

use carrel_sandbox::{Ending, Report, Spec};

use crate::error::Error;
use crate::sandboxes::Sandboxes;

/// An ordinary end with this exit code.
pub(crate) fn report(exit_code: i32) -> Report {
    Report::of(Ending::Exited(exit_code))
}

/// Answers run after run; keeps what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<Report>>,
    pub(crate) asked: Mutex<Vec<Spec>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Report>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
        }
    }

    pub(crate) fn runs(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Sandboxes for Scripted {
    fn run(&self, _environment: &str, spec: Spec) -> Result<Report, Error> {
        self.asked.lock().unwrap().push(spec);
        let answer = self.answers.lock().unwrap().pop_front();
        answer.ok_or_else(|| Error::Environment("the script has ended".to_owned()))
    }

    fn run_pair(
        &self,
        first: (&str, Spec),
        second: (&str, Spec),
    ) -> Result<(Report, Report), Error> {
        Ok((self.run(first.0, first.1)?, self.run(second.0, second.1)?))
    }
}
