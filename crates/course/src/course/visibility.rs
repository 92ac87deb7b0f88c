//! Who sees that a unit or an activity is there.

use jiff::Timestamp;

use super::{Activity, Course, Unit};

/// Whether learners see that something is there. Authors always do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Visibility {
    /// At once, also what cannot be worked on yet.
    #[default]
    Shown,
    /// From the moment on that it opens.
    FromOpening,
    /// Not at all.
    Hidden,
}

/// Until when learners see nothing of something: the later of two is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HiddenUntil {
    /// They see it.
    Never,
    /// Until then.
    Moment(Timestamp),
    /// As long as this version is the present one.
    Forever,
}

impl Visibility {
    /// As a course file says it.
    pub(super) fn of(hidden: bool, hidden_until_open: bool) -> Self {
        match (hidden, hidden_until_open) {
            (true, _) => Self::Hidden,
            (false, true) => Self::FromOpening,
            (false, false) => Self::Shown,
        }
    }

    /// The word for it, as the difference of two versions has it; `None`: shown.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Shown => None,
            Self::FromOpening => Some("until it opens"),
            Self::Hidden => Some("always"),
        }
    }

    fn hidden_until(self, opens: Option<Timestamp>) -> HiddenUntil {
        match (self, opens) {
            (Self::Shown, _) | (Self::FromOpening, None) => HiddenUntil::Never,
            (Self::FromOpening, Some(opens)) => HiddenUntil::Moment(opens),
            (Self::Hidden, _) => HiddenUntil::Forever,
        }
    }
}

impl HiddenUntil {
    fn hides(self, now: Timestamp) -> bool {
        match self {
            Self::Never => false,
            Self::Moment(until) => now < until,
            Self::Forever => true,
        }
    }
}

impl Unit {
    /// Whether learners see nothing of the unit at a time.
    #[must_use]
    pub fn is_hidden(&self, now: Timestamp) -> bool {
        self.hidden_until().hides(now)
    }

    /// Whether learners see nothing of an activity of the unit at a time: a hidden unit hides
    /// all that is in it.
    #[must_use]
    pub fn hides(&self, activity: &Activity, now: Timestamp) -> bool {
        self.activity_hidden_until(activity).hides(now)
    }

    /// Whether an activity is hidden as long as this version is the present one, so that nobody
    /// has to pass it.
    #[must_use]
    pub fn leaves_out(&self, activity: &Activity) -> bool {
        self.activity_hidden_until(activity) == HiddenUntil::Forever
    }

    pub(super) fn hidden_until(&self) -> HiddenUntil {
        self.visibility.hidden_until(self.availability.opens)
    }

    pub(super) fn activity_hidden_until(&self, activity: &Activity) -> HiddenUntil {
        let opens = self.availability_of(activity).opens;
        let own = activity.visibility.hidden_until(opens);
        own.max(self.hidden_until())
    }
}

impl Course {
    /// Whether learners see nothing of an activity or unit at a time. What is in no unit is not
    /// hidden.
    #[must_use]
    pub fn is_hidden(&self, id: &str, now: Timestamp) -> bool {
        match self.activity(id) {
            Some((unit, activity)) => unit.hides(activity, now),
            None => self.unit(id).is_some_and(|unit| unit.is_hidden(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ActivityKind, Availability};
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn opening(second: i64) -> Availability {
        Availability {
            opens: Some(at(second)),
            ..Availability::default()
        }
    }

    #[test]
    fn the_later_of_unit_and_activity_counts() {
        let mut activity = Activity {
            kind: ActivityKind::Lesson,
            id: "a".to_owned(),
            requires: Vec::new(),
            availability: Availability::default(),
            visibility: Visibility::Shown,
            points: None,
            optional: false,
        };
        let mut unit = Unit {
            id: "u".to_owned(),
            title: "U".to_owned(),
            description: None,
            requires: Vec::new(),
            availability: opening(10),
            visibility: Visibility::Shown,
            activities: Vec::new(),
        };
        assert!(!unit.hides(&activity, at(0)), "what is not open is shown");
        activity.visibility = Visibility::FromOpening;
        assert!(unit.hides(&activity, at(9)) && !unit.hides(&activity, at(10)));
        assert!(!unit.is_hidden(at(9)) && !unit.leaves_out(&activity));
        activity.availability = opening(20);
        unit.visibility = Visibility::FromOpening;
        assert!(unit.is_hidden(at(9)) && !unit.is_hidden(at(10)));
        assert!(unit.hides(&activity, at(19)) && !unit.hides(&activity, at(20)));
        activity.visibility = Visibility::Shown;
        assert!(!unit.hides(&activity, at(19)));
        unit.visibility = Visibility::Hidden;
        assert!(unit.hides(&activity, at(99)) && unit.leaves_out(&activity));
    }
}
