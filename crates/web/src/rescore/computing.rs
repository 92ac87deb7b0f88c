//! What another key makes of one attempt.

use carrel_model::id::RescoreId;
use carrel_quiz::Quiz;
use carrel_quiz::kind::Kind;
use carrel_quiz::rescore::{Change, Given, RescorePolicy, preview};
use carrel_quiz::response::Response;
use carrel_store::attempt::{MarkRow, NewMark};
use carrel_store::rescore::NewChange;
use jiff::Timestamp;

use crate::attempt::{self, Opened};
use crate::problem::{Problem, Result};

/// Differences below this are floating point's.
const SAME: f64 = 1e-9;

/// A key that attempts are scored by anew.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'a> {
    /// The version of the quiz that has it.
    pub(super) quiz: &'a Quiz,
    /// Nobody loses points.
    pub(super) never_lower: bool,
    /// Only these questions.
    pub(super) only: Option<&'a [String]>,
}

/// A mark as it is going to be kept.
pub(super) fn row_of(mark: &NewMark, rescore: RescoreId) -> MarkRow {
    MarkRow {
        mark: mark.clone(),
        at: Timestamp::UNIX_EPOCH,
        by: None,
        rescore: Some(rescore),
    }
}

impl Key<'_> {
    /// Asks that the questions named are there.
    pub(super) fn check(&self) -> Result<()> {
        for (index, id) in self.only.into_iter().flatten().enumerate() {
            if self.quiz.question(id).is_none() {
                let message = format!("the quiz has no question `{id}`");
                return Err(Problem::field(format!("questions[{index}]"), message));
            }
        }
        Ok(())
    }

    /// What changes of an attempt; `None`: nothing.
    pub(super) fn change(&self, opened: &Opened) -> Result<Option<NewChange>> {
        let marks = self.marks(opened)?;
        if marks.is_empty() {
            return Ok(None);
        }
        let before = attempt::grade(opened)?.grade;
        let mut after = opened.clone();
        let rows = marks.iter().map(|mark| row_of(mark, RescoreId::new()));
        after.marks.extend(rows);
        Ok(Some(NewChange {
            attempt: opened.row.id,
            revision: opened.row.revision,
            points_before: before.points,
            after: attempt::grade(&after)?.grade,
            marks,
        }))
    }

    /// New points of the questions that change.
    pub(super) fn marks(&self, opened: &Opened) -> Result<Vec<NewMark>> {
        let worth = attempt::grade(opened)?;
        let mut marks = Vec::new();
        for one in &worth.questions {
            if !self.concerns(opened, &one.question)? {
                continue;
            }
            if let Some(mark) = self.mark(opened, &one.question, one.graded.points)? {
                marks.push(mark);
            }
        }
        Ok(marks)
    }

    /// Whether a question may be scored anew: it is still there, no person graded it, and the
    /// key is another one than that which gave its points.
    fn concerns(&self, opened: &Opened, id: &str) -> Result<bool> {
        if self
            .only
            .is_some_and(|only| !only.iter().any(|one| one == id))
        {
            return Ok(false);
        }
        let Some(question) = self.quiz.question(id) else {
            return Ok(false);
        };
        if matches!(question.kind, Kind::Essay(_) | Kind::Description) {
            return Ok(false);
        }
        match opened.mark(id) {
            Some(mark) => Ok(mark.rescore.is_some()),
            None => Ok(opened.quiz()?.question(id) != Some(question)),
        }
    }

    fn mark(&self, opened: &Opened, id: &str, points_before: f64) -> Result<Option<NewMark>> {
        let (Some(question), Some(entry)) =
            (self.quiz.question(id), opened.attempt.paper.entry(id))
        else {
            return Ok(None);
        };
        let none = Response::default();
        let attempt = opened.row.id.to_string();
        let given = Given {
            attempt: &attempt,
            instance: &entry.instance,
            response: opened.attempt.responses.get(id).unwrap_or(&none),
            points_before,
            points_max: entry.points_max,
        };
        let policy = if self.never_lower {
            RescorePolicy::NeverLower
        } else {
            RescorePolicy::Replace
        };
        let settings = &self.quiz.settings;
        let changes = preview(question, settings, &[given], policy).map_err(|error| {
            let message = format!("the new key of question `{id}` cannot score: {error}");
            Problem::field("version", message)
        })?;
        let changed = changes
            .into_iter()
            .find(|change| (change.points_after - points_before).abs() > SAME);
        Ok(changed.map(|change| into_mark(id, change)))
    }
}

fn into_mark(id: &str, change: Change) -> NewMark {
    let mut explanation = vec!["the answer key was changed".to_owned()];
    explanation.extend(change.explanation);
    NewMark {
        question: id.to_owned(),
        points: change.points_after,
        comment: None,
        explanation,
    }
}
