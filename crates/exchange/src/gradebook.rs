//! A gradebook as a table for spreadsheets: a row per learner, columns per activity.

use std::collections::BTreeMap;

use crate::table::{number, write_row};

/// What a gradebook holds. Whoever has the grades fills it in.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradebook {
    /// Activities in the order of the course.
    pub activities: Vec<Activity>,
    /// Learners in the order they are listed.
    pub learners: Vec<Learner>,
}

/// Something that gives points.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Stable id.
    pub id: String,
    /// Points that can be reached; `None`: it depends on what is drawn.
    pub points_max: Option<f64>,
}

/// One learner with the grades.
#[derive(Debug, Clone, PartialEq)]
pub struct Learner {
    /// Stable id.
    pub id: String,
    /// Name to sign in with.
    pub name: String,
    /// Name shown to people.
    pub display_name: String,
    /// Grades by id of the activity; without an entry nothing was begun.
    pub grades: BTreeMap<String, Grade>,
    /// Share of the whole course that was reached, by the weights of its activities: 0 to 1.
    pub total: f64,
}

/// What one learner has reached in one activity.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// Points; `None`: not graded yet.
    pub points: Option<f64>,
    /// Points that could be reached in what was graded.
    pub points_max: f64,
    /// How far it is.
    pub state: State,
    /// When it was submitted or passed, RFC 3339.
    pub at: Option<String>,
    /// What counts was submitted after it was due.
    pub late: bool,
}

/// How far an activity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It goes on.
    InProgress,
    /// A person must grade first.
    NeedsGrading,
    /// It is done, and was not passed.
    NotPassed,
    /// It was passed.
    Passed,
}

impl State {
    /// The word in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::NeedsGrading => "needs_grading",
            Self::NotPassed => "not_passed",
            Self::Passed => "passed",
        }
    }
}

/// What an activity has in the table of somebody who did not begin it.
const NOT_STARTED: &str = "not_started";

fn percent(points: f64, max: f64) -> Option<f64> {
    (max > 0.0).then(|| (points / max * 1e4).round() / 100.0)
}

/// The gradebook as CSV. A text that a spreadsheet would take for a formula gets `'` before it;
/// numbers are written as numbers.
#[must_use]
pub fn csv(gradebook: &Gradebook) -> String {
    let mut table = String::new();
    let head = ["user", "name", "display_name"].map(str::to_owned);
    let columns = gradebook.activities.iter().flat_map(|activity| {
        let id = &activity.id;
        ["points", "max", "percent", "state", "at", "late"].map(|column| format!("{id} ({column})"))
    });
    let total = ["total (percent)".to_owned()];
    write_row(&mut table, head.into_iter().chain(columns).chain(total));
    for learner in &gradebook.learners {
        let head = [&learner.id, &learner.name, &learner.display_name].map(Clone::clone);
        let activities = gradebook.activities.iter();
        let cells = activities.flat_map(|activity| cells(activity, learner));
        let total = [number(percent(learner.total, 1.0))];
        write_row(&mut table, head.into_iter().chain(cells).chain(total));
    }
    table
}

fn cells(activity: &Activity, learner: &Learner) -> [String; 6] {
    let Some(grade) = learner.grades.get(&activity.id) else {
        let max = number(activity.points_max);
        let nothing = String::new;
        let state = NOT_STARTED.to_owned();
        return [nothing(), max, nothing(), state, nothing(), nothing()];
    };
    let max = grade.points_max;
    [
        number(grade.points),
        number(Some(max)),
        number(grade.points.and_then(|points| percent(points, max))),
        grade.state.name().to_owned(),
        grade.at.clone().unwrap_or_default(),
        if grade.late { "yes" } else { "no" }.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradebook(name: &str) -> Gradebook {
        let grade = |points: Option<f64>| Grade {
            points,
            points_max: 3.0,
            state: match points {
                Some(_) => State::NotPassed,
                None => State::NeedsGrading,
            },
            at: points.map(|_| "2026-11-29T06:00:00Z".to_owned()),
            late: points.is_some(),
        };
        let activity = |id: &str, points_max| Activity {
            id: id.to_owned(),
            points_max,
        };
        Gradebook {
            activities: vec![
                activity("q", Some(4.0)),
                activity("essay", None),
                activity("loop", Some(1.0)),
            ],
            learners: vec![Learner {
                id: "1".to_owned(),
                name: name.to_owned(),
                display_name: "Ada, L.".to_owned(),
                grades: [
                    ("q".to_owned(), grade(Some(-1.0))),
                    ("essay".to_owned(), grade(None)),
                ]
                .into(),
                total: 1.0 / 3.0,
            }],
        }
    }

    #[test]
    fn a_row_per_learner_and_columns_per_activity() {
        let table = csv(&gradebook("ada"));
        let mut lines = table.lines();
        assert_eq!(
            lines.next(),
            Some(
                "user,name,display_name,\
                 q (points),q (max),q (percent),q (state),q (at),q (late),\
                 essay (points),essay (max),essay (percent),essay (state),essay (at),essay (late),\
                 loop (points),loop (max),loop (percent),loop (state),loop (at),loop (late),\
                 total (percent)"
            )
        );
        assert_eq!(
            lines.next(),
            Some(
                "1,ada,\"Ada, L.\",-1,3,-33.33,not_passed,2026-11-29T06:00:00Z,yes,\
                 ,3,,needs_grading,,no,,1,,not_started,,,33.33"
            )
        );
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn a_name_is_no_formula() {
        assert!(csv(&gradebook("=1+1")).contains("\r\n1,'=1+1,"));
    }
}
