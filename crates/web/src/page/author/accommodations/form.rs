//! The form in which an accommodation is given: minutes and hours for people, seconds for what is
//! kept, and whatever was typed stays as it was typed.

use carrel_quiz::settings::Accommodation;
use serde::Deserialize;

use crate::accommodation::FACTOR_MAX;
use crate::page::Frame;

/// Most that is kept, in seconds and in attempts: what the API takes. Whatever was given that way
/// can be changed here too.
const KEPT_MAX: f64 = u32::MAX as f64;
/// Most minutes beyond the time limit.
const MINUTES_MAX: f64 = KEPT_MAX / 60.0;
/// Most hours after the others.
const HOURS_MAX: f64 = KEPT_MAX / 3_600.0;
/// Most attempts beyond the others'.
const ATTEMPTS_MAX: f64 = KEPT_MAX;

/// Stands for all quizzes and challenges that have none of their own.
pub(super) const EVERYWHERE: &str = "*";

/// The fields as they were typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    pub(super) person: String,
    pub(super) activity: String,
    pub(super) time_factor: String,
    pub(super) extra_minutes: String,
    pub(super) untimed: String,
    pub(super) extra_attempts: String,
    pub(super) late_hours: String,
}

impl Default for Given {
    fn default() -> Self {
        Self::of(
            String::new(),
            EVERYWHERE.to_owned(),
            &Accommodation::default(),
        )
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: &'static str,
    pub(super) message: String,
}

impl Given {
    /// The form with what somebody has.
    pub(super) fn of(person: String, activity: String, given: &Accommodation) -> Self {
        Self {
            person,
            activity,
            time_factor: given.time_factor.to_string(),
            extra_minutes: (f64::from(given.extra_seconds) / 60.0).to_string(),
            untimed: if given.untimed { "true" } else { "" }.to_owned(),
            extra_attempts: given.extra_attempts.to_string(),
            late_hours: (f64::from(given.late_seconds) / 3_600.0).to_string(),
        }
    }

    /// What it gives.
    ///
    /// # Errors
    /// Every field that holds no number within its bounds.
    pub(super) fn read(&self, frame: &Frame) -> Result<Accommodation, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut number = |field, text: &str, least: f64, most: f64| {
            let found = match text.trim().replace(',', ".") {
                text if text.is_empty() => Ok(least),
                text => text.parse::<f64>(),
            };
            match found {
                Ok(number) if (least..=most).contains(&number) => number,
                _ => {
                    let (least, most) = (frame.number(least), frame.number(most));
                    let pair = (("least", least), ("most", most));
                    let message = frame.fill2("accommodation-number", pair.0, pair.1);
                    faults.push(Fault { field, message });
                    0.0
                }
            }
        };
        let time_factor = number("time_factor", &self.time_factor, 1.0, FACTOR_MAX);
        let minutes = number("extra_minutes", &self.extra_minutes, 0.0, MINUTES_MAX);
        let attempts = number("extra_attempts", &self.extra_attempts, 0.0, ATTEMPTS_MAX);
        let hours = number("late_hours", &self.late_hours, 0.0, HOURS_MAX);
        if attempts.fract() != 0.0 {
            faults.push(Fault {
                field: "extra_attempts",
                message: frame.text("accommodation-whole"),
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Accommodation {
            time_factor,
            extra_seconds: whole(minutes * 60.0),
            extra_attempts: whole(attempts),
            untimed: !self.untimed.is_empty(),
            late_seconds: whole(hours * 3_600.0),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the bounds of the form, which fit"
)]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

/// The field that only a quiz has and that gives something.
pub(super) fn of_quizzes_only(given: &Accommodation) -> Option<&'static str> {
    let none = Accommodation::default();
    [
        ("time_factor", given.time_factor > none.time_factor),
        ("extra_minutes", given.extra_seconds > 0),
        ("untimed", given.untimed),
        ("extra_attempts", given.extra_attempts > 0),
    ]
    .into_iter()
    .find(|(_, differs)| *differs)
    .map(|(field, _)| field)
}

/// What is given, in words.
pub(super) fn describe(frame: &Frame, given: &Accommodation) -> Vec<String> {
    let number = |value: f64| frame.number(value);
    let mut words = Vec::new();
    if given.untimed {
        words.push(frame.text("accommodation-is-untimed"));
    }
    if given.time_factor > 1.0 {
        let factor = number(given.time_factor);
        words.push(frame.fill("accommodation-is-factor", "factor", factor));
    }
    if given.extra_seconds > 0 {
        let minutes = f64::from(given.extra_seconds) / 60.0;
        words.push(frame.span("accommodation-is-minutes", minutes));
    }
    if given.extra_attempts > 0 {
        let attempts = given.extra_attempts;
        words.push(frame.fill("accommodation-is-attempts", "count", attempts));
    }
    if given.late_seconds > 0 {
        let hours = f64::from(given.late_seconds) / 3_600.0;
        words.push(frame.span("accommodation-is-late", hours));
    }
    if words.is_empty() {
        words.push(frame.text("accommodation-is-nothing"));
    }
    words
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn frame() -> Frame {
        let (parts, ()) = Request::new(()).into_parts();
        Frame::of(&parts)
    }

    #[test]
    fn what_somebody_has_is_read_back_from_its_form() {
        let frame = frame();
        for seconds in [0, 1, 59, 61, 90, 3_599, 86_401, 50_000_000] {
            let given = Accommodation {
                time_factor: 1.25,
                extra_seconds: seconds,
                extra_attempts: seconds % 100,
                untimed: seconds % 2 == 1,
                late_seconds: seconds,
            };
            let form = Given::of("ann".to_owned(), "loops".to_owned(), &given);
            assert_eq!(form.read(&frame), Ok(given), "{form:?}");
        }
        // Whatever the API takes, the form takes too.
        let most = Accommodation {
            time_factor: FACTOR_MAX,
            extra_seconds: u32::MAX,
            extra_attempts: u32::MAX,
            untimed: false,
            late_seconds: u32::MAX,
        };
        let form = Given::of("ann".to_owned(), "loops".to_owned(), &most);
        assert_eq!(form.read(&frame), Ok(most), "{form:?}");
        let empty = Given {
            time_factor: String::new(),
            extra_minutes: " ".to_owned(),
            extra_attempts: String::new(),
            late_hours: String::new(),
            ..Given::default()
        };
        assert_eq!(empty.read(&frame), Ok(Accommodation::default()));
        let comma = Given {
            time_factor: "1,5".to_owned(),
            ..Given::default()
        };
        assert_eq!(comma.read(&frame).unwrap().time_factor, 1.5);
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let form = Given {
            time_factor: "0.5".to_owned(),
            extra_minutes: "soon".to_owned(),
            extra_attempts: "1.5".to_owned(),
            late_hours: "-1".to_owned(),
            ..Given::default()
        };
        let faults = form.read(&frame()).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        let all = [
            "time_factor",
            "extra_minutes",
            "late_hours",
            "extra_attempts",
        ];
        assert_eq!(fields, all);
        assert_eq!(faults[0].message, "a number from 1 to 100");
        for wrong in ["NaN", "inf", "1e9", "101"] {
            let form = Given {
                time_factor: wrong.to_owned(),
                ..Given::default()
            };
            assert!(form.read(&frame()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_given_is_told_in_words() {
        let given = Accommodation {
            time_factor: 1.5,
            extra_seconds: 90,
            extra_attempts: 1,
            untimed: true,
            late_seconds: 172_800,
        };
        assert_eq!(
            describe(&frame(), &given).join("; "),
            "no time limit; 1.5 times the time; 1.5 minutes more; 1 more attempt; \
             due and closing 48 hours later"
        );
        let one_of_each = Accommodation {
            extra_seconds: 60,
            extra_attempts: 1,
            late_seconds: 3_600,
            ..Accommodation::default()
        };
        assert_eq!(
            describe(&frame(), &one_of_each).join("; "),
            "1 minute more; 1 more attempt; due and closing 1 hour later"
        );
        let nothing = describe(&frame(), &Accommodation::default());
        assert_eq!(nothing, ["the same as everybody"]);
        assert_eq!(of_quizzes_only(&given), Some("time_factor"));
        let late = Accommodation {
            late_seconds: 60,
            ..Accommodation::default()
        };
        assert_eq!(of_quizzes_only(&late), None);
    }
}
