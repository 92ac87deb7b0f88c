//! What `carrel course check` found out, as a document.

use carrel_course::course::{Course, find_warnings};
use carrel_model::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

use super::task::Done;

/// The whole document.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CourseReport {
    /// Course id.
    pub course: String,
    /// Everything is as declared.
    pub as_declared: bool,
    /// Number of lessons of the course.
    pub lessons: usize,
    /// Number of quizzes of the course.
    pub quizzes: usize,
    /// Number of their questions.
    pub questions: usize,
    /// Number of workspace projects of the course.
    pub projects: usize,
    /// Number of challenges judged.
    pub challenges: usize,
    /// Number of submissions judged.
    pub submissions: usize,
    /// Number of submissions and tracing questions that differ from what their author declared.
    pub deviating: usize,
    /// Number of them without an outcome, because something of ours failed.
    pub faults: usize,
    /// Time of the whole, milliseconds.
    pub duration_ms: f64,
    /// What is odd in the author's files, though they can be used; each begins with its place.
    pub warnings: Vec<String>,
    /// Each submission, in course order.
    pub judged: Vec<Judged>,
    /// Each tracing question, in course order.
    pub traced: Vec<Traced>,
}

/// A submission that takes more of its target by itself leaves too little for waiting.
const TARGET_PART: f64 = 0.6;

/// One submission.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Judged {
    /// Challenge id.
    pub challenge: String,
    /// `solution`, `starter`, or the name of a declared submission.
    pub name: String,
    /// The verdict; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Everything in which the outcome differs from the declaration; empty: as declared.
    pub deviations: Vec<String>,
    /// Why there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Exit code that the fault calls for.
    #[serde(skip)]
    pub fault_exit_code: Option<u8>,
    /// From submission in to verdict out, milliseconds.
    pub duration_ms: f64,
    /// How long that may take in the service, milliseconds: the `target_ms` of the challenge, or
    /// that of a service with its own settings.
    pub target_ms: u64,
}

/// One tracing question: its program was run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Traced {
    /// Quiz id.
    pub quiz: String,
    /// Question id.
    pub question: String,
    /// In what the program differs from the answer; empty: it does what the answer says.
    pub deviations: Vec<String>,
    /// Why that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Exit code that the fault calls for.
    #[serde(skip)]
    pub fault_exit_code: Option<u8>,
    /// Time of all runs, milliseconds.
    pub duration_ms: f64,
}

impl Judged {
    /// It got a verdict, and all is as declared.
    #[must_use]
    pub fn is_as_declared(&self) -> bool {
        self.fault.is_none() && self.deviations.is_empty()
    }

    /// It leaves too little of its target for waiting, and no limit ended it.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        let is_limit = |verdict: Verdict| {
            use Verdict::{MemoryLimit, OutputLimit, TimeLimit};
            matches!(verdict, TimeLimit | MemoryLimit | OutputLimit)
        };
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a target")]
        let most_ms = self.target_ms as f64 * TARGET_PART;
        self.verdict.is_some_and(|verdict| !is_limit(verdict)) && self.duration_ms > most_ms
    }
}

impl Traced {
    /// The program was run, and does what the answer says.
    #[must_use]
    pub fn is_as_declared(&self) -> bool {
        self.fault.is_none() && self.deviations.is_empty()
    }
}

impl CourseReport {
    /// Counts what was judged.
    #[must_use]
    pub(super) fn new(course: &Course, done: Vec<Done>, duration_ms: f64) -> Self {
        let (mut judged, mut traced) = (Vec::new(), Vec::new());
        for done in done {
            match done {
                Done::Judged(one) => judged.push(one),
                Done::Traced(one) => traced.push(one),
            }
        }
        let mut challenges: Vec<&str> = judged.iter().map(|one| one.challenge.as_str()).collect();
        challenges.sort_unstable();
        challenges.dedup();
        let outcomes = || {
            let of_judged = judged.iter().map(|one| (&one.fault, &one.deviations));
            of_judged.chain(traced.iter().map(|one| (&one.fault, &one.deviations)))
        };
        let faults = outcomes().filter(|(fault, _)| fault.is_some()).count();
        let deviating = outcomes().filter(|(_, all)| !all.is_empty()).count();
        let warnings = find_warnings(course);
        let questions = course
            .quizzes
            .iter()
            .map(|quiz| quiz.quiz.questions().count());
        Self {
            course: course.id.clone(),
            as_declared: faults + deviating == 0,
            lessons: course.lessons.len(),
            quizzes: course.quizzes.len(),
            questions: questions.sum(),
            projects: course.projects.len(),
            challenges: challenges.len(),
            submissions: judged.len(),
            deviating,
            faults,
            duration_ms,
            warnings: warnings.list().iter().map(ToString::to_string).collect(),
            judged,
            traced,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::exit_code;

    /// A course without anything in it.
    pub(in crate::cli::course) fn course() -> Course {
        Course {
            directory: "c".into(),
            id: "c".to_owned(),
            title: "C".to_owned(),
            description: None,
            language: "en".to_owned(),
            licence: None,
            units: Vec::new(),
            lessons: Vec::new(),
            quizzes: Vec::new(),
            challenges: Vec::new(),
            projects: Vec::new(),
        }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    pub(in crate::cli::course) fn judged(
        challenge: &str,
        deviations: &[&str],
        fault: Option<u8>,
    ) -> Done {
        Done::Judged(Judged {
            challenge: challenge.to_owned(),
            name: "solution".to_owned(),
            verdict: fault.is_none().then_some(Verdict::Accepted),
            deviations: texts(deviations),
            fault: fault.map(|_| "it broke".to_owned()),
            fault_exit_code: fault,
            duration_ms: 12.0,
            target_ms: 2_000,
        })
    }

    pub(in crate::cli::course) fn traced(
        quiz: &str,
        deviations: &[&str],
        fault: Option<u8>,
    ) -> Done {
        Done::Traced(Traced {
            quiz: quiz.to_owned(),
            question: "what".to_owned(),
            deviations: texts(deviations),
            fault: fault.map(|_| "it broke".to_owned()),
            fault_exit_code: fault,
            duration_ms: 5.0,
        })
    }

    #[test]
    fn counts_are_of_what_was_judged() {
        let done = vec![
            judged("a", &[], None),
            judged("b", &["x"], None),
            judged("b", &[], Some(exit_code::PLATFORM_FAULT)),
            traced("q", &["y"], None),
        ];
        let report = CourseReport::new(&course(), done, 3.0);
        assert_eq!((report.challenges, report.submissions), (2, 3));
        assert_eq!(report.traced.len(), 1);
        assert_eq!(
            (report.deviating, report.faults, report.as_declared),
            (2, 1, false)
        );
    }
}
