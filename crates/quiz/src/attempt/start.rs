//! Whether an attempt may start.

use std::collections::BTreeMap;

use super::{Attempt, AttemptError, Rules, SECOND_MS, Window};
use crate::paper::Paper;
use crate::settings::Accommodation;

/// When a quiz closes for one person.
pub(super) fn closes_ms(window: Window, accommodation: &Accommodation) -> Option<i64> {
    window
        .closes_ms
        .map(|closes| closes.saturating_add(i64::from(accommodation.late_seconds) * SECOND_MS))
}

impl Attempt {
    /// Starts an attempt. `past`: when each earlier one was submitted, `None` for one that goes on.
    ///
    /// # Errors
    /// When the quiz is not open, no attempt is left, one goes on or the next must
    /// wait; or when the questions cannot be drawn.
    pub fn start(
        rules: Rules<'_>,
        accommodation: Accommodation,
        past: &[Option<i64>],
        seed: u64,
        now_ms: i64,
    ) -> Result<Self, AttemptError> {
        check_start(rules, &accommodation, past, now_ms)?;
        Ok(Self {
            paper: Paper::draw(rules.quiz, seed)?,
            started_ms: now_ms,
            accommodation,
            submitted: None,
            place: 0,
            responses: BTreeMap::new(),
        })
    }
}

fn check_start(
    rules: Rules<'_>,
    accommodation: &Accommodation,
    past: &[Option<i64>],
    now_ms: i64,
) -> Result<(), AttemptError> {
    if let Some(opens_ms) = rules.window.opens_ms.filter(|opens| now_ms < *opens) {
        return Err(AttemptError::NotYetOpen { opens_ms });
    }
    let closes = closes_ms(rules.window, accommodation);
    if let Some(closes_ms) = closes.filter(|closes| now_ms >= *closes) {
        return Err(AttemptError::Closed { closes_ms });
    }
    if past.contains(&None) {
        return Err(AttemptError::AnotherRunning);
    }
    let settings = &rules.quiz.settings;
    if let Some(attempts) = settings.attempts {
        let attempts = attempts.saturating_add(accommodation.extra_attempts);
        if past.len() >= attempts as usize {
            return Err(AttemptError::NoAttemptsLeft { attempts });
        }
    }
    let last = past.iter().flatten().max();
    let until = last.map(|last| last.saturating_add(i64::from(settings.wait_seconds) * SECOND_MS));
    match until {
        Some(until_ms) if now_ms < until_ms => Err(AttemptError::Wait { until_ms }),
        _ => Ok(()),
    }
}
