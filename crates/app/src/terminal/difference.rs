//! What changes for learners between two versions of a course, as a person reads it.

use carrel_course::difference::{
    Change, Difference, Effect, PartChange, SubjectDifference, SubjectKind,
};

use super::paint::Paint;
use super::quantity::show_points;
use super::text::{first_lines, printable};

/// Most lines of one value.
const VALUE_LINES_MAX: usize = 3;
/// Most paths told of one change.
const PATHS_MAX: usize = 8;

/// The lines of a difference; one line where there is none.
#[must_use]
pub fn difference_lines(difference: &Difference, paint: Paint) -> Vec<String> {
    if difference.is_empty() {
        return vec!["nothing changes for learners".to_owned()];
    }
    let mut lines = Vec::new();
    for subject in &difference.subjects {
        push_subject(&mut lines, subject, paint);
    }
    let affected: Vec<String> = difference.affected().map(name).collect();
    if !affected.is_empty() {
        lines.push(paint.warn(format_args!(
            "results that learners have could be others in: {}",
            affected.join(", ")
        )));
        lines.push(
            "  judge again (regrade) or score again (rescore) where that is right".to_owned(),
        );
    }
    lines
}

fn name(subject: &SubjectDifference) -> String {
    printable(&format!("{} {}", kind(subject.kind), subject.id))
}

fn kind(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Course => "course",
        SubjectKind::Unit => "unit",
        SubjectKind::Lesson => "lesson",
        SubjectKind::Quiz => "quiz",
        SubjectKind::Challenge => "challenge",
        SubjectKind::Project => "project",
    }
}

fn push_subject(lines: &mut Vec<String>, subject: &SubjectDifference, paint: Paint) {
    let head = format!("{}  {}", name(subject), printable(&subject.title));
    lines.push(if subject.changes.contains(&Change::Added) {
        paint.good(format_args!("+ {head}"))
    } else if subject.changes.contains(&Change::Removed) {
        paint.bad(format_args!("- {head}"))
    } else {
        paint.strong(format_args!("~ {head}"))
    });
    for change in &subject.changes {
        let Some(text) = describe(change) else {
            continue;
        };
        let mark = if change.affects_results() { " (!)" } else { "" };
        lines.push(format!("    {}{mark}", printable(&text)));
    }
}

/// A change in words; `None`: the mark before its subject tells it.
fn describe(change: &Change) -> Option<String> {
    Some(match change {
        Change::Added | Change::Removed => return None,
        Change::Moved { from, to } => match (from, to) {
            (Some(from), Some(to)) if from != to => format!("moves from `{from}` to `{to}`"),
            _ => "stands elsewhere in the order".to_owned(),
        },
        Change::Text { what } => format!("{what}: another text"),
        Change::Value {
            what,
            before,
            after,
            ..
        } => match (before, after) {
            (Some(before), Some(after)) => format!("{what}: {} → {}", cut(before), cut(after)),
            (None, Some(after)) => format!("{what}: {} (new)", cut(after)),
            (Some(before), None) => format!("{what}: no more (it was {})", cut(before)),
            (None, None) => format!("{what}: changed"),
        },
        Change::Files { what, paths, .. } => {
            let mut shown: Vec<&str> = paths.iter().take(PATHS_MAX).map(String::as_str).collect();
            let more = format!("and {} more", paths.len().saturating_sub(PATHS_MAX));
            if paths.len() > PATHS_MAX {
                shown.push(&more);
            }
            format!("{what}: {}", shown.join(", "))
        }
        Change::Reused {
            question,
            before,
            after,
        } => match question {
            Some(question) => {
                format!("question {question}: the id named {before}, and names {after}")
            }
            None => format!("the id named {before}, and names {after}"),
        },
        Change::Question(part) => describe_part("question", part),
        Change::Check(part) => describe_part("check", part),
    })
}

fn cut(value: &str) -> String {
    first_lines(value, VALUE_LINES_MAX).join(" / ")
}

fn describe_part(what: &str, part: &PartChange) -> String {
    let mut text = format!("{what} {}", part.id);
    match part.effect {
        Effect::Added => text.push_str(" is new"),
        Effect::Removed => text.push_str(" is gone"),
        Effect::Changed => {
            let mut told = Vec::new();
            let flags = [
                (part.key, "what is right"),
                (part.text, "its text"),
                (part.feedback, "its feedback"),
                (part.rules, "its rules"),
                (part.cost, "what tries and hints cost"),
                (part.moved, "its place"),
            ];
            told.extend(
                flags
                    .into_iter()
                    .filter(|(set, _)| *set)
                    .map(|(_, name)| name.to_owned()),
            );
            told.extend(part.pool.as_ref().map(ToString::to_string));
            if let Some(points) = part.points {
                let (before, after) = (show_points(points.before), show_points(points.after));
                told.push(format!("points {before} → {after}"));
            }
            text.push_str(&format!(": {}", told.join(", ")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use carrel_course::difference::{PointsChange, PoolChange};

    use super::*;

    const PLAIN: Paint = Paint { colour: false };

    fn subject(kind: SubjectKind, id: &str, changes: Vec<Change>) -> SubjectDifference {
        SubjectDifference {
            kind,
            id: id.to_owned(),
            title: id.to_uppercase(),
            changes,
        }
    }

    #[test]
    fn every_change_has_its_words_and_what_touches_results_is_marked() {
        let part = PartChange {
            id: "q".to_owned(),
            title: String::new(),
            effect: Effect::Changed,
            key: true,
            text: false,
            feedback: true,
            rules: false,
            cost: true,
            moved: true,
            pool: Some(PoolChange {
                before: None,
                after: Some("p".to_owned()),
            }),
            points: Some(PointsChange {
                before: 1.0,
                after: 2.5,
            }),
        };
        let moved = Change::Moved {
            from: Some("a".to_owned()),
            to: Some("b".to_owned()),
        };
        let value = Change::Value {
            what: "limits.cpu_ms".to_owned(),
            before: Some("1".to_owned()),
            after: Some("2".to_owned()),
            affects_results: true,
        };
        let difference = Difference {
            subjects: vec![
                subject(SubjectKind::Lesson, "one", vec![Change::Added]),
                subject(
                    SubjectKind::Quiz,
                    "two",
                    vec![moved, Change::Question(part)],
                ),
                subject(SubjectKind::Challenge, "x\u{1b}", vec![value]),
                subject(SubjectKind::Unit, "gone", vec![Change::Removed]),
            ],
        };
        assert_eq!(
            difference_lines(&difference, PLAIN),
            [
                "+ lesson one  ONE",
                "~ quiz two  TWO",
                "    moves from `a` to `b`",
                "    question q: what is right, its feedback, what tries and hints cost, its place, \
                 drawn from pool `p`, no more always asked, points 1 → 2.5 (!)",
                "~ challenge x\\u{1b}  X\\u{1b}",
                "    limits.cpu_ms: 1 → 2 (!)",
                "- unit gone  GONE",
                "results that learners have could be others in: quiz two, challenge x\\u{1b}",
                "  judge again (regrade) or score again (rescore) where that is right",
            ]
        );
        let none = difference_lines(&Difference::default(), PLAIN);
        assert_eq!(none, ["nothing changes for learners"]);
    }
}
