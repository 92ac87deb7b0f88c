//! Everything of a course that is run to check it: submissions and tracing questions.

use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use carrel_course::course::{CourseQuiz, Project};
use carrel_model::challenge::{Challenge, TARGET_MS_DEFAULT};
use carrel_model::verdict::Verdict;

use super::report::{Judged, Traced};
use super::teller::Teller;
use super::trace::{self, TraceTask};
use crate::audit::{Expectation, expectations};
use crate::exit_code;
use crate::failure::Failure;
use crate::submission;
use crate::wire::judging::{Judging, Needed, Request, View, challenge_for};

/// What is to be run, in course order.
#[derive(Default)]
pub(super) struct Tasks<'a> {
    submissions: Vec<SubmissionTask<'a>>,
    traces: Vec<TraceTask<'a>>,
    /// Of them nothing is run; their environments have to be there all the same.
    projects: Vec<&'a Project>,
}

/// One submission to judge.
struct SubmissionTask<'a> {
    /// As it is for the language of the submission.
    challenge: Cow<'a, Challenge>,
    expectation: Expectation,
}

/// What became of one of them.
pub(super) enum Done {
    /// A submission was judged.
    Judged(Judged),
    /// A tracing question was compared with its program.
    Traced(Traced),
}

impl<'a> Tasks<'a> {
    /// Adds what a challenge declares.
    pub(super) fn add_challenge(&mut self, challenge: &'a Challenge) -> Result<(), Failure> {
        for expectation in expectations(challenge) {
            self.submissions.push(SubmissionTask {
                challenge: challenge_for(challenge, &expectation)?,
                expectation,
            });
        }
        Ok(())
    }

    /// Adds the tracing questions of a quiz.
    pub(super) fn add_quiz(&mut self, quiz: &'a CourseQuiz) {
        self.traces.extend(trace::list(quiz));
    }

    /// Adds a project, whose environment is needed.
    pub(super) fn add_project(&mut self, project: &'a Project) {
        self.projects.push(project);
    }

    pub(super) fn len(&self) -> usize {
        self.submissions.len() + self.traces.len()
    }

    /// The environments that all of them need, each with a directory beside which it may be defined.
    pub(super) fn environments<'b>(&'b self, course: &'b Path) -> Needed<'b> {
        let traces = trace::environments_of(&self.traces);
        let mut needed: Needed<'b> = traces.into_iter().map(|name| (name, course)).collect();
        let of_projects = self.projects.iter();
        needed.extend(of_projects.map(|project| (project.environment.clone(), course)));
        for task in &self.submissions {
            let directory = task.challenge.directory.as_path();
            let names = task.challenge.environments().into_iter();
            needed.extend(names.map(|name| (name, directory)));
        }
        needed
    }

    /// Runs all of them on so many threads; results come back in the order of the tasks.
    pub(super) fn run(
        &self,
        judging: &Judging,
        jobs: usize,
        teller: &mut Teller<'_>,
    ) -> Result<Vec<Done>, Failure> {
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        let mut results: Vec<Option<Done>> = (0..self.len()).map(|_| None).collect();
        std::thread::scope(|scope| -> Result<(), Failure> {
            for _ in 0..jobs.min(self.len()) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(done) = self.run_one(judging, number) else {
                            break;
                        };
                        // The receiver goes away when output fails: then there is nobody to judge for.
                        if sender.send((number, done)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let told = receiver.iter().try_for_each(|(number, done)| {
                teller.done(&done)?;
                results[number] = Some(done);
                Ok(())
            });
            drop(receiver);
            told
        })?;
        Ok(results.into_iter().flatten().collect())
    }

    fn run_one(&self, judging: &Judging, number: usize) -> Option<Done> {
        if let Some(task) = self.submissions.get(number) {
            return Some(Done::Judged(judge(judging, task)));
        }
        let task = self.traces.get(number - self.submissions.len())?;
        Some(Done::Traced(trace::verify(judging, task)))
    }
}

fn judge(judging: &Judging, task: &SubmissionTask<'_>) -> Judged {
    let started = Instant::now();
    let expectation = &task.expectation;
    let outcome = submission::read(&expectation.files).and_then(|files| {
        let request = Request {
            files,
            step: expectation.step.clone(),
            failures: 0,
            view: View::Author.at(true),
        };
        judging.judge(&task.challenge, request, &mut |_| ())
    });
    let mut judged = Judged {
        challenge: task.challenge.id.clone(),
        name: expectation.name.clone(),
        verdict: None,
        deviations: Vec::new(),
        fault: None,
        fault_exit_code: None,
        duration_ms: 0.0,
        target_ms: task.challenge.target_ms.unwrap_or(TARGET_MS_DEFAULT),
    };
    match outcome {
        Ok(document) if document.verdict == Verdict::PlatformFault => {
            let message = document
                .message
                .unwrap_or_else(|| "platform fault".to_owned());
            // The document tells the learner that it is ours; the reason is told to operators.
            let reasons = document
                .incidents
                .iter()
                .map(|incident| format!("\n{}", incident.detail));
            judged.fault = Some(message + &reasons.collect::<String>());
            judged.fault_exit_code = Some(exit_code::PLATFORM_FAULT);
        }
        Ok(document) => {
            judged.deviations = expectation.deviations(&document);
            judged.verdict = Some(document.verdict);
        }
        Err(failure) => {
            judged.fault = Some(format!("{:#}", failure.error));
            judged.fault_exit_code = Some(failure.exit_code);
        }
    }
    judged.duration_ms = started.elapsed().as_secs_f64() * 1e3;
    judged
}
