//! Units and activities: what is there, where, and by which rules.

use std::collections::{BTreeMap, BTreeSet};

use super::value::compare_one;
use super::{Change, SubjectDifference, SubjectKind};
use crate::course::{Activity, ActivityKind, Availability, Course, Lesson, Unit, Visibility};

/// A subject for everything in either version, in the order of the new one, with
/// what its place and rules have changed; most have no changes.
pub(super) fn compare(before: &Course, after: &Course) -> Vec<SubjectDifference> {
    let mut subjects = vec![subject(
        SubjectKind::Course,
        &after.id,
        &after.title,
        compare_courses(before, after),
    )];
    let units = |course: &Course| -> Vec<String> {
        course.units.iter().map(|unit| unit.id.clone()).collect()
    };
    let moved_units = find_moved(&units(before), &units(after));
    let activities = |course: &Course| -> Vec<String> {
        let ids = course.activities().map(|(_, activity)| activity.id.clone());
        ids.collect()
    };
    let moved = find_moved(&activities(before), &activities(after));
    for unit in &after.units {
        let changes = match before.unit(&unit.id) {
            None => vec![Change::Added],
            Some(old) => compare_units(old, unit, moved_units.contains(&unit.id)),
        };
        subjects.push(subject(SubjectKind::Unit, &unit.id, &unit.title, changes));
        for activity in &unit.activities {
            let old = before.activity(&activity.id);
            let changes = match old.filter(|(_, old)| old.kind == activity.kind) {
                None => vec![Change::Added],
                Some(old) => {
                    let is_moved = moved.contains(&activity.id);
                    compare_activities(old, (unit, activity), is_moved)
                }
            };
            let title = after.title_of(&activity.id).unwrap_or_default();
            subjects.push(subject(
                kind_of(activity.kind),
                &activity.id,
                title,
                changes,
            ));
        }
    }
    subjects.extend(find_removed(before, after));
    subjects
}

fn subject(kind: SubjectKind, id: &str, title: &str, changes: Vec<Change>) -> SubjectDifference {
    SubjectDifference {
        kind,
        id: id.to_owned(),
        title: title.to_owned(),
        changes,
    }
}

pub(super) fn kind_of(kind: ActivityKind) -> SubjectKind {
    match kind {
        ActivityKind::Lesson => SubjectKind::Lesson,
        ActivityKind::Quiz => SubjectKind::Quiz,
        ActivityKind::Challenge => SubjectKind::Challenge,
        ActivityKind::Project => SubjectKind::Project,
    }
}

fn find_removed(before: &Course, after: &Course) -> Vec<SubjectDifference> {
    let mut subjects = Vec::new();
    for unit in &before.units {
        for activity in &unit.activities {
            let still = after
                .activity(&activity.id)
                .is_some_and(|(_, new)| new.kind == activity.kind);
            if !still {
                let title = before.title_of(&activity.id).unwrap_or_default();
                let kind = kind_of(activity.kind);
                subjects.push(subject(kind, &activity.id, title, vec![Change::Removed]));
            }
        }
        if after.unit(&unit.id).is_none() {
            let changes = vec![Change::Removed];
            subjects.push(subject(SubjectKind::Unit, &unit.id, &unit.title, changes));
        }
    }
    subjects
}

fn compare_courses(before: &Course, after: &Course) -> Vec<Change> {
    // Taken apart without `..`, here and below: whoever adds a field says what is told of it.
    let Course {
        directory: _,
        id: _,
        title,
        description,
        language,
        licence,
        // Told on their own.
        units: _,
        lessons: _,
        quizzes: _,
        challenges: _,
        projects: _,
    } = before;
    let value = |what: &str, before: Option<&String>, after: Option<&String>| {
        compare_one(what, before.cloned(), after.cloned(), false)
    };
    let mut changes = Vec::new();
    changes.extend(value("title", Some(title), Some(&after.title)));
    changes.extend(compare_text("description", description, &after.description));
    changes.extend(value("language", Some(language), Some(&after.language)));
    changes.extend(value("licence", licence.as_ref(), after.licence.as_ref()));
    changes
}

fn compare_text<T: PartialEq>(what: &str, before: &T, after: &T) -> Option<Change> {
    (before != after).then(|| Change::Text {
        what: what.to_owned(),
    })
}

fn compare_units(before: &Unit, after: &Unit, moved: bool) -> Vec<Change> {
    let Unit {
        id: _,
        title,
        description,
        requires,
        availability,
        visibility,
        // Told on their own.
        activities: _,
    } = before;
    let mut changes = Vec::new();
    if moved {
        changes.push(Change::Moved {
            from: None,
            to: None,
        });
    }
    let titles = [title, &after.title].map(|title| Some(title.clone()));
    let [old, new] = titles;
    changes.extend(compare_one("title", old, new, false));
    changes.extend(compare_text("description", description, &after.description));
    changes.extend(compare_requires(requires, &after.requires));
    changes.extend(compare_availability(*availability, after.availability));
    changes.extend(compare_visibility(*visibility, after.visibility));
    changes
}

fn compare_visibility(before: Visibility, after: Visibility) -> Option<Change> {
    let name = |visibility: Visibility| visibility.name().map(str::to_owned);
    compare_one("hidden", name(before), name(after), false)
}

fn compare_activities(
    (old_unit, before): (&Unit, &Activity),
    (new_unit, after): (&Unit, &Activity),
    moved: bool,
) -> Vec<Change> {
    let Activity {
        kind: _,
        id: _,
        requires,
        availability,
        visibility,
        // Told as its weight.
        points: _,
        optional,
    } = before;
    let mut changes = Vec::new();
    if moved || old_unit.id != new_unit.id {
        changes.push(Change::Moved {
            from: Some(old_unit.id.clone()),
            to: Some(new_unit.id.clone()),
        });
    }
    changes.extend(compare_requires(requires, &after.requires));
    changes.extend(compare_availability(*availability, after.availability));
    changes.extend(compare_visibility(*visibility, after.visibility));
    let weights = [before, after].map(|activity| Some(activity.weight().to_string()));
    let [old, new] = weights;
    changes.extend(compare_one("points in the course", old, new, true));
    let optional = [*optional, after.optional].map(|optional| Some(optional.to_string()));
    let [old, new] = optional;
    changes.extend(compare_one("optional", old, new, false));
    changes
}

fn compare_requires(before: &[String], after: &[String]) -> Option<Change> {
    let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
    if set(before) == set(after) {
        return None;
    }
    let show = |ids: &[String]| (!ids.is_empty()).then(|| ids.join(", "));
    compare_one("requires", show(before), show(after), false)
}

fn compare_availability(before: Availability, after: Availability) -> Vec<Change> {
    let Availability { opens, due, closes } = before;
    let bounds = [
        ("opens", opens, after.opens, false),
        // Whether work was in time, and so what it counts, hangs on it.
        ("due", due, after.due, true),
        ("closes", closes, after.closes, false),
    ];
    bounds
        .into_iter()
        .filter_map(|(what, before, after, affects)| {
            let show = |moment: Option<jiff::Timestamp>| moment.map(|moment| moment.to_string());
            compare_one(what, show(before), show(after), affects)
        })
        .collect()
}

/// What changes of a lesson itself.
pub(super) fn compare_lessons(before: &Lesson, after: &Lesson) -> Vec<Change> {
    let Lesson {
        id: _,
        title,
        // Where it lies in the files.
        path: _,
        summary,
        minutes,
        markdown,
        first_line: _,
    } = before;
    let mut changes = Vec::new();
    let titles = [title, &after.title].map(|title| Some(title.clone()));
    let [old, new] = titles;
    changes.extend(compare_one("title", old, new, false));
    changes.extend(compare_text("summary", summary, &after.summary));
    let minutes = [*minutes, after.minutes].map(|minutes| minutes.map(|one| one.to_string()));
    let [old, new] = minutes;
    changes.extend(compare_one("minutes", old, new, false));
    changes.extend(compare_text("text", markdown, &after.markdown));
    changes
}

/// The ids of both lists that changed their order: all but a longest run that kept it.
pub(super) fn find_moved(before: &[String], after: &[String]) -> BTreeSet<String> {
    let places: BTreeMap<&String, usize> = before
        .iter()
        .enumerate()
        .map(|(place, id)| (id, place))
        .collect();
    let common: Vec<(&String, usize)> = after
        .iter()
        .filter_map(|id| Some((id, *places.get(id)?)))
        .collect();
    // Patience: `ends[n]` is the entry that ends the best run of n + 1 entries.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; common.len()];
    for (index, (_, place)) in common.iter().enumerate() {
        let length = ends.partition_point(|end| common[*end].1 < *place);
        previous[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut kept = BTreeSet::new();
    let mut at = ends.last().copied();
    while let Some(index) = at {
        kept.insert(index);
        at = previous[index];
    }
    let moved = common.iter().enumerate();
    moved
        .filter(|(index, _)| !kept.contains(index))
        .map(|(_, (id, _))| (*id).clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn only_what_changed_its_order_is_moved() {
        let moved = |before, after| Vec::from_iter(find_moved(&ids(before), &ids(after))).concat();
        assert_eq!(moved("abcd", "abcd"), "");
        assert_eq!(moved("abcd", "bcda"), "a");
        assert_eq!(
            moved("abcd", "axbyd"),
            "",
            "added and removed are not moved"
        );
        assert_eq!(moved("ab", "ba").len(), 1);
        assert_eq!(moved("", "ab"), "");
    }

    proptest! {
        #[test]
        fn what_is_not_moved_keeps_its_order(
            before in Just(ids("abcdefgh")).prop_shuffle(),
            after in Just(ids("abcdefgh")).prop_shuffle(),
        ) {
            let moved = find_moved(&before, &after);
            let rest = |list: &[String]| -> Vec<String> {
                list.iter().filter(|id| !moved.contains(*id)).cloned().collect()
            };
            prop_assert_eq!(rest(&before), rest(&after));
            prop_assert!(moved.len() < before.len());
        }
    }
}
