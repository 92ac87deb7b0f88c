//! What holds between the units and activities of a course: whose id is whose, and who comes first.

use std::collections::BTreeMap;
use std::ops::Range;

use super::unit::Reader;
use super::visibility::HiddenUntil;
use super::{Activity, Unit};
use crate::placed::Placed;
use crate::problem::offer_nearest;

/// Checks ids and requirements of everything read.
pub(super) fn check(reader: &mut Reader<'_>, units: &[Unit], retired: &[Placed<String>]) {
    check_unit_ids(reader);
    check_retired(reader, retired);
    check_requirements(reader, units);
}

/// Units and activities have ids in common, because requirements name both.
fn check_unit_ids(reader: &mut Reader<'_>) {
    let ids = std::mem::take(&mut reader.unit_ids);
    for (index, id) in ids.iter().enumerate() {
        if ids[..index].iter().any(|other| other.value == id.value) {
            let message = format!("two units have the id `{}`", id.value);
            reader.report(&id.span, message, "give each its own");
        }
        if let Some(path) = reader.contents.find(&id.value) {
            let path = path.display();
            let message = format!("the unit has the id `{}` of `{path}`", id.value);
            let hint = "units and activities need ids of their own: requirements name both";
            reader.report(&id.span, message, hint);
        }
    }
    reader.unit_ids = ids;
}

/// What learners did is kept by id: an id that comes back would carry their old work.
fn check_retired(reader: &mut Reader<'_>, retired: &[Placed<String>]) {
    for (index, id) in retired.iter().enumerate() {
        let hint = "retired ids are never used again: give it a new id";
        if let Some(path) = reader.contents.find(&id.value) {
            let path = path.display();
            let message = format!("the id `{}` is retired, but `{path}` has it", id.value);
            reader.report(&id.span, message, hint);
        }
        if reader.unit_ids.iter().any(|unit| unit.value == id.value) {
            let message = format!("the id `{}` is retired, but a unit has it", id.value);
            reader.report(&id.span, message, hint);
        }
        if retired[..index].contains(id) {
            let message = format!("`{}` is retired twice", id.value);
            reader.report(&id.span, message, "name it once");
        }
    }
}

/// What is required stands before what requires it, so that no requirements go in a circle.
fn check_requirements(reader: &mut Reader<'_>, units: &[Unit]) {
    let places = number(units);
    for requirement in std::mem::take(&mut reader.requirements) {
        let (of, required) = (&requirement.of, &requirement.required.value);
        let span = &requirement.required.span;
        let Some(wanted) = places.get(required.as_str()) else {
            // Where something could not be read, this may be its id.
            if reader.complete {
                let hint = offer_nearest(required, places.keys().copied(), "ids");
                reader.report(span, format!("there is no `{required}`"), &hint);
            }
            continue;
        };
        let is_before = places
            .get(of.as_str())
            .is_none_or(|own| wanted.end <= own.start);
        if of == required {
            reader.report(span, format!("`{of}` requires itself"), "remove it");
        } else if !is_before {
            let message = format!("`{of}` requires `{required}`, which does not end before it");
            let hint = "move what is required up, or remove the requirement: \
                        requirements in a circle could never be met";
            reader.report(span, message, hint);
        } else {
            check_visibility(reader, units, (of, required), span);
        }
    }
}

/// Who can begin something must see what has to be passed first.
fn check_visibility(
    reader: &mut Reader<'_>,
    units: &[Unit],
    (of, required): (&str, &str),
    span: &Range<usize>,
) {
    let (begins, seen) = (begins(units, of), seen_from(units, required));
    if begins >= seen {
        return;
    }
    let (message, hint) = match seen {
        HiddenUntil::Forever => (
            format!("`{of}` requires `{required}`, which is hidden"),
            "nobody could pass it: remove the requirement, or hide both",
        ),
        HiddenUntil::Moment(_) | HiddenUntil::Never => (
            format!("`{of}` requires `{required}`, which is hidden until it opens later"),
            "let the one that requires it open no earlier",
        ),
    };
    reader.report(span, message, hint);
}

/// From when on learners see something.
fn seen_from(units: &[Unit], id: &str) -> HiddenUntil {
    find(units, id).map_or(HiddenUntil::Never, |(unit, activity)| match activity {
        Some(activity) => unit.activity_hidden_until(activity),
        None => unit.hidden_until(),
    })
}

/// From when on something can be begun.
fn begins(units: &[Unit], id: &str) -> HiddenUntil {
    let opens = find(units, id).and_then(|(unit, activity)| match activity {
        Some(activity) => unit.availability_of(activity).opens,
        None => unit.availability.opens,
    });
    let opens = opens.map_or(HiddenUntil::Never, HiddenUntil::Moment);
    opens.max(seen_from(units, id))
}

/// The unit of an id, or an activity with its unit.
fn find<'a>(units: &'a [Unit], id: &str) -> Option<(&'a Unit, Option<&'a Activity>)> {
    units.iter().find_map(|unit| {
        let mut activities = unit.activities.iter();
        match activities.find(|activity| activity.id == id) {
            Some(activity) => Some((unit, Some(activity))),
            None => (unit.id == id).then_some((unit, None)),
        }
    })
}

/// Where each unit and activity begins and ends in the order of the course.
fn number(units: &[Unit]) -> BTreeMap<&str, Range<usize>> {
    let mut places = BTreeMap::new();
    let mut next = 0;
    for unit in units {
        let start = next;
        for activity in &unit.activities {
            places.insert(activity.id.as_str(), next..next + 1);
            next += 1;
        }
        // An empty unit takes a place too, or it would not stand before the next.
        next = next.max(start + 1);
        places.insert(unit.id.as_str(), start..next);
    }
    places
}
