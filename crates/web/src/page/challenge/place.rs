//! Which challenge a page is about: its addresses, its steps, what comes after it.

use std::sync::Arc;

use carrel_course::course::ActivityKind;
use carrel_model::id::SubmissionId;
use carrel_model::{Challenge, Verdict};
use carrel_store::account::Role;
use carrel_store::submission::SubmissionRow;

use crate::app::App;
use crate::availability::{self, Purpose};
use crate::caller::Caller;
use crate::catalogue::{self, Found, run_blocking};
use crate::page::Frame;
use crate::page::place::{Place, encode};
use crate::page::text::render_markdown;
use crate::problem::{Problem, Result};

/// A challenge of a course that the caller is a member of, and that they may see now.
#[derive(Debug, Clone)]
pub(super) struct Here {
    pub(super) course: String,
    pub(super) found: Found,
    place: Place,
    /// Ids of activities that the caller does not see.
    hidden: Vec<String>,
}

/// The way back from a page below a challenge: addresses and titles, for `challenge/trail.html`.
pub(super) struct Trail {
    pub(super) course: (String, String),
    pub(super) challenge: (String, String),
}

/// A step in the list of steps.
#[derive(Debug)]
pub(super) struct StepLink {
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) passed: bool,
    pub(super) here: bool,
}

/// Where one goes on.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) address: String,
    pub(super) title: String,
}

impl Here {
    /// # Errors
    /// There is no such challenge for this caller, it is not open yet, or something must be passed
    /// first.
    pub(super) async fn find(
        app: &App,
        caller: &Caller,
        (course, challenge): (String, String),
    ) -> Result<Self> {
        caller.require_role(&course, Role::Learner)?;
        let found = catalogue::find(app, &course, &challenge).await?;
        availability::require(app, caller, &found.course, &challenge, Purpose::See).await?;
        let place = Place {
            version: found.version.digest.clone(),
            course: Arc::clone(&found.course),
        };
        let is_author = caller.writes(&course);
        let now = app.store.now();
        let all = place.course.activities();
        let hidden = all.filter(|(unit, one)| !is_author && unit.hides(one, now));
        let hidden = hidden.map(|(_, one)| one.id.clone()).collect();
        Ok(Self {
            course,
            found,
            place,
            hidden,
        })
    }

    pub(super) fn challenge(&self) -> &Challenge {
        self.found.challenge()
    }

    pub(super) fn course_address(&self) -> String {
        format!("/courses/{}", encode(&self.course))
    }

    pub(super) fn address(&self) -> String {
        let id = encode(&self.challenge().id);
        format!("{}/challenges/{id}", self.course_address())
    }

    /// The way back from a page below it.
    pub(super) fn trail(&self) -> Trail {
        Trail {
            course: (self.course_address(), self.found.course.title.clone()),
            challenge: (self.address(), self.challenge().title.clone()),
        }
    }

    pub(super) fn submission(&self, id: SubmissionId) -> String {
        format!("{}/submissions/{id}", self.address())
    }

    pub(super) fn stream(&self, id: SubmissionId) -> String {
        format!("{}/stream", self.submission(id))
    }

    pub(super) fn run(&self, id: SubmissionId) -> String {
        format!("{}/runs/{id}", self.address())
    }

    /// The steps, and the number of the one that is worked on: the one asked for, else the first
    /// that has not been passed.
    pub(super) fn steps(
        &self,
        rows: &[SubmissionRow],
        wanted: Option<&str>,
    ) -> (Vec<StepLink>, usize) {
        let steps = &self.challenge().steps;
        let number = |id: &str| steps.iter().position(|step| step.id == id);
        let accepted = rows
            .iter()
            .filter(|row| row.verdict == Some(Verdict::Accepted));
        let reached = accepted.map(|row| match &row.step {
            Some(id) => number(id).map_or(0, |at| at + 1),
            None => steps.len(),
        });
        let passed = reached.max().unwrap_or(0);
        let here = wanted
            .and_then(number)
            .unwrap_or_else(|| passed.min(steps.len() - 1));
        let links = steps.iter().enumerate().map(|(at, step)| StepLink {
            number: at + 1,
            id: step.id.clone(),
            title: step.title.clone(),
            passed: at < passed,
            here: at == here,
        });
        (links.collect(), here)
    }

    pub(super) async fn instructions(
        &self,
        app: &App,
        frame: &Frame,
        step: usize,
    ) -> Result<Arc<str>> {
        let Some(path) = self.challenge().steps[step].instructions.clone() else {
            return Ok(Arc::from(""));
        };
        let directory = path
            .parent()
            .and_then(|parent| parent.strip_prefix(&self.found.course.directory).ok())
            .and_then(|directory| directory.to_str())
            .unwrap_or_default()
            .to_owned();
        let read = run_blocking(move || std::fs::read_to_string(path)).await?;
        let text = read.map_err(|error| Problem::internal(&error))?;
        let text = without_title(&text, &self.challenge().title);
        self.render(app, frame, &directory, text).await
    }

    /// An author's Markdown as HTML.
    pub(super) async fn render(
        &self,
        app: &App,
        frame: &Frame,
        directory: &str,
        text: &str,
    ) -> Result<Arc<str>> {
        render_markdown(app, frame, &self.place, (directory, text)).await
    }

    /// Where one goes on after a submission up to this step was accepted.
    pub(super) fn after(&self, frame: &Frame, step: Option<&str>) -> Next {
        let steps = &self.challenge().steps;
        let number = step.and_then(|id| steps.iter().position(|step| step.id == id));
        if let Some((at, next)) = number.and_then(|at| Some((at + 1, steps.get(at + 1)?))) {
            let (number, title) = (at + 1, next.title.as_str());
            return Next {
                address: format!("{}?step={}", self.address(), encode(&next.id)),
                title: frame.fill2(
                    "challenge-verdict-next-step",
                    ("number", number),
                    ("title", title),
                ),
            };
        }
        let course = &self.found.course;
        let activities = course.units.iter().flat_map(|unit| &unit.activities);
        let activities = activities.filter(|one| !self.hidden.contains(&one.id));
        let mut after = activities
            .skip_while(|one| one.kind != ActivityKind::Challenge || one.id != self.challenge().id);
        after.next();
        match after.next() {
            Some(next) => Next {
                address: self.place.activity(next.kind, &next.id),
                title: frame.fill(
                    "challenge-verdict-next",
                    "title",
                    course.title_of(&next.id).unwrap_or(&next.id),
                ),
            },
            None => Next {
                address: self.course_address(),
                title: frame.text("challenge-verdict-course"),
            },
        }
    }
}

/// The page has the title already: a text that begins with it does not say it twice.
fn without_title<'a>(text: &'a str, title: &str) -> &'a str {
    let Some(rest) = text.trim_start().strip_prefix("# ") else {
        return text;
    };
    let (first, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    if first.trim() == title { rest } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_not_said_twice() {
        assert_eq!(without_title("# Leap year\n\nText", "Leap year"), "\nText");
        assert_eq!(without_title("# Other\nText", "Leap year"), "# Other\nText");
        assert_eq!(without_title("Text", "Leap year"), "Text");
        assert_eq!(without_title("# Leap year", "Leap year"), "");
    }
}
