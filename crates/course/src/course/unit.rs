//! One unit: its activities found and read.

use std::ops::Range;
use std::path::Path;

use jiff::Timestamp;

use super::content::Contents;
use super::discovery::ACTIVITIES_MAX;
use super::{Activity, ActivityKind, Availability, Unit, Visibility, project};
use crate::challenge;
use crate::document::Document;
use crate::pattern::check_path;
use crate::placed::Placed;
use crate::problem::Problems;
use crate::raw::{ActivityEntry, ActivityTable, CHALLENGE_FILE, Moment, PROJECT_FILE, UnitTable};
use crate::slug::{self, is_slug};

/// State of reading the units of one course.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Path,
    pub(super) document: &'a Document,
    pub(super) problems: &'a mut Problems,
    pub(super) contents: Contents,
    /// Every path listed so far.
    pub(super) paths: Vec<String>,
    /// Whether every activity so far could be read, so that all ids are known.
    pub(super) complete: bool,
    /// Ids of the units so far.
    pub(super) unit_ids: Vec<Placed<String>>,
    /// Who requires what.
    pub(super) requirements: Vec<Requirement>,
}

/// A unit or activity that requires another one.
pub(super) struct Requirement {
    pub(super) of: String,
    pub(super) required: Placed<String>,
}

impl Reader<'_> {
    pub(super) fn report(&mut self, span: &Range<usize>, message: impl Into<String>, hint: &str) {
        let problem = self.document.describe(Some(span.clone()), message, hint);
        self.problems.push(problem);
    }

    /// Notes that a key of a table is missing, unless it is there and was refused.
    fn report_missing(&mut self, table: &Range<usize>, key: &str, hint: &str) {
        if !self.document.was_refused_in(Some(table), key) {
            self.report(table, format!("`{key}` is missing"), hint);
        }
    }

    /// Reads one unit and everything in it.
    pub(super) fn read(&mut self, unit: &Placed<UnitTable>) -> Unit {
        let Placed { value: table, span } = unit;
        let id = self.require(table.id.as_ref(), span, "id", "every unit has an id");
        if let Some(said) = table
            .id
            .as_ref()
            .filter(|_| !id.is_empty() && !is_slug(&id))
        {
            self.report(&said.span, format!("`{id}` is not an id"), slug::HINT);
        }
        let title = self.require(table.title.as_ref(), span, "title", "what learners see");
        let availability = self.read_availability([
            ("opens", table.opens.as_ref()),
            ("due", table.due.as_ref()),
            ("closes", table.closes.as_ref()),
        ]);
        if let (Some(_), Some(first)) = (table.activities.first(), table.challenges.first()) {
            self.report(
                &first.span,
                "the unit has both `activities` and `challenges`, and so no order",
                "move the challenges into `activities`",
            );
        }
        let visibility = self.read_visibility(
            (table.hidden, table.hidden_until_open.as_ref()),
            availability.opens,
        );
        self.require_first(&id, &table.requires);
        let mut activities = Vec::new();
        for entry in &table.activities {
            activities.extend(self.read_entry(entry, availability));
        }
        for path in &table.challenges {
            activities.extend(self.read_activity(path, &ActivityTable::default(), availability));
        }
        if let Some(id) = table.id.clone().filter(|id| !id.value.is_empty()) {
            self.unit_ids.push(id);
        }
        Unit {
            id,
            title,
            description: table.description.as_ref().map(|text| text.value.clone()),
            requires: table.requires.iter().map(|id| id.value.clone()).collect(),
            availability,
            visibility,
            activities,
        }
    }

    fn require_first(&mut self, of: &str, requires: &[Placed<String>]) {
        let requirements = requires.iter().map(|required| Requirement {
            of: of.to_owned(),
            required: required.clone(),
        });
        self.requirements.extend(requirements);
    }

    fn require(
        &mut self,
        text: Option<&Placed<String>>,
        unit: &Range<usize>,
        key: &str,
        hint: &str,
    ) -> String {
        match text {
            Some(text) if !text.value.trim().is_empty() => return text.value.clone(),
            Some(text) => self.report(&text.span, format!("`{key}` is empty"), hint),
            None => self.report_missing(unit, key, hint),
        }
        String::new()
    }

    fn read_entry(
        &mut self,
        entry: &Placed<ActivityEntry>,
        unit: Availability,
    ) -> Option<Activity> {
        match &entry.value {
            ActivityEntry::Path(path) => {
                let path = Placed {
                    value: path.clone(),
                    span: entry.span.clone(),
                };
                self.read_activity(&path, &ActivityTable::default(), unit)
            }
            ActivityEntry::Table(table) => match &table.path {
                Some(path) => self.read_activity(path, table, unit),
                None => {
                    let hint = "a lesson, a quiz, or the directory of a challenge or project, relative to the course";
                    self.report_missing(&entry.span, "path", hint);
                    None
                }
            },
        }
    }

    fn read_activity(
        &mut self,
        path: &Placed<String>,
        table: &ActivityTable,
        unit: Availability,
    ) -> Option<Activity> {
        let found = self.find(path);
        if self.paths.contains(&path.value) {
            let kind = found.map_or("activity", ActivityKind::name);
            let message = format!("{kind} `{}` is listed twice", path.value);
            self.report(&path.span, message, "list it once");
            return None;
        }
        if self.paths.len() == ACTIVITIES_MAX {
            let message = format!("the course has more than {ACTIVITIES_MAX} activities");
            self.report(&path.span, message, "split the course");
            return None;
        }
        self.paths.push(path.value.clone());
        // Of what could not be found, the name alone may tell what it was meant to be.
        let kind = found.or_else(|| ActivityKind::of_file(&path.value));
        let id = found.and_then(|kind| {
            self.contents
                .read(self.root, &path.value, kind, self.problems)
        });
        let availability = self.read_availability([
            ("opens", table.opens.as_ref()),
            ("due", table.due.as_ref()),
            ("closes", table.closes.as_ref()),
        ]);
        self.check_bounds(path, availability, unit);
        let visibility = self.read_visibility(
            (table.hidden, table.hidden_until_open.as_ref()),
            availability.within(unit).opens,
        );
        self.check_points(kind, table);
        let (Some(id), Some(kind)) = (id, kind) else {
            self.complete = false;
            return None;
        };
        self.require_first(&id, &table.requires);
        Some(Activity {
            kind,
            id,
            requires: table.requires.iter().map(|id| id.value.clone()).collect(),
            availability,
            visibility,
            points: table.points.as_ref().map(|points| points.value),
            optional: table.optional,
        })
    }

    fn check_points(&mut self, kind: Option<ActivityKind>, table: &ActivityTable) {
        let Some(points) = &table.points else { return };
        if let Some(kind) = kind.filter(|kind| !kind.is_graded()) {
            let message = format!("`points` of a {}, which has no score", kind.name());
            let hint = "remove it; quizzes and challenges have points";
            self.report(&points.span, message, hint);
        } else if !points.value.is_finite() || points.value < 0.0 {
            let message = format!("`points` is {}", points.value);
            self.report(&points.span, message, "a number that is at least 0");
        }
    }

    fn read_availability(
        &mut self,
        [opens, due, closes]: [(&str, Option<&Placed<Moment>>); 3],
    ) -> Availability {
        let pairs = [(opens, due), (due, closes), (opens, closes)];
        for ((earlier_name, earlier), (later_name, later)) in pairs {
            if let (Some(earlier), Some(later)) = (earlier, later)
                && !precedes(earlier_name, earlier.value.0, later.value.0)
            {
                let message = format!("`{later_name}` is not after `{earlier_name}`");
                let hint = "`opens`, `due` and `closes` follow each other";
                self.report(&later.span, message, hint);
                break;
            }
        }
        let moment = |said: Option<&Placed<Moment>>| said.map(|moment| moment.value.0);
        Availability {
            opens: moment(opens.1),
            due: moment(due.1),
            closes: moment(closes.1),
        }
    }

    /// What is hidden until it opens has to open at some time.
    fn read_visibility(
        &mut self,
        (hidden, until_open): (bool, Option<&Placed<bool>>),
        opens: Option<Timestamp>,
    ) -> Visibility {
        let Some(until_open) = until_open.filter(|said| said.value) else {
            return Visibility::of(hidden, false);
        };
        let problem = match (hidden, opens) {
            (true, _) => Some((
                "both `hidden` and `hidden_until_open`",
                "`hidden` hides it also when it is open: remove one of them",
            )),
            (false, None) => Some((
                "`hidden_until_open` of what has no `opens`",
                "say when it opens, or `hidden = true` for something that learners never see",
            )),
            (false, Some(_)) => None,
        };
        if let Some((message, hint)) = problem {
            self.report(&until_open.span, message, hint);
        }
        Visibility::of(hidden, true)
    }

    /// An activity that says one bound has the others from its unit: together they must make sense.
    fn check_bounds(&mut self, path: &Placed<String>, said: Availability, unit: Availability) {
        if is_ordered(said) && is_ordered(unit) && !is_ordered(said.within(unit)) {
            let message = format!(
                "`{}` and its unit together do not open before they are due and close",
                path.value
            );
            let hint = "say `opens`, `due` and `closes` of the activity itself";
            self.report(&path.span, message, hint);
        }
    }

    /// What a path of the course leads to.
    pub(super) fn find(&mut self, path: &Placed<String>) -> Option<ActivityKind> {
        if let Err(reason) = check_path(&path.value) {
            let message = format!("path `{}` {reason}", path.value);
            let hint = "example: lessons/hello.md or challenges/leap-year";
            self.report(&path.span, message, hint);
            return None;
        }
        let full = self.root.join(&path.value);
        let stays = match (self.root.canonicalize(), full.canonicalize()) {
            (Ok(root), Ok(target)) => target.starts_with(root),
            _ => true,
        };
        if !stays {
            let message = format!("`{}` leads out of the course directory", path.value);
            self.report(&path.span, message, "put it into the course");
            return None;
        }
        let found = match ActivityKind::of_file(&path.value) {
            Some(kind) if full.is_file() => Ok(kind),
            Some(_) => Err("does not exist".to_owned()),
            None => find_directory(&full),
        };
        match found {
            Ok(kind) => Some(kind),
            Err(problem) => {
                let message = format!("`{}` {problem}", path.value);
                let hint = "correct the path, relative to the course directory";
                self.report(&path.span, message, hint);
                None
            }
        }
    }
}

/// What a directory holds, or what is wrong with it.
fn find_directory(full: &Path) -> Result<ActivityKind, String> {
    match (challenge::is_challenge(full), project::is_project(full)) {
        (true, false) => Ok(ActivityKind::Challenge),
        (false, true) => Ok(ActivityKind::Project),
        (true, true) => Err(format!(
            "holds both `{CHALLENGE_FILE}` and `{PROJECT_FILE}`"
        )),
        (false, false) if full.is_file() => {
            Err("is a file, but neither a lesson (`.md`) nor a quiz (`.quiz.md`)".to_owned())
        }
        (false, false) => Err(format!(
            "holds neither `{CHALLENGE_FILE}` nor `{PROJECT_FILE}`"
        )),
    }
}

/// Work may be taken until the moment it is due; nothing else may happen at one moment.
fn precedes(earlier_name: &str, earlier: Timestamp, later: Timestamp) -> bool {
    earlier < later || (earlier_name == "due" && earlier == later)
}

fn is_ordered(availability: Availability) -> bool {
    let Availability { opens, due, closes } = availability;
    let right = |name: &str, earlier: Option<_>, later: Option<_>| match (earlier, later) {
        (Some(earlier), Some(later)) => precedes(name, earlier, later),
        _ => true,
    };
    right("opens", opens, due) && right("due", due, closes) && right("opens", opens, closes)
}
