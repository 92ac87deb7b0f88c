//! What a learner sees at which moment.

use std::collections::BTreeSet;

use super::{Attempt, Rules, start};
use crate::settings::ReviewPart;

/// What may be shown of an attempt to its learner now. During the attempt this
/// speaks of questions that were scored at once; of others, nothing is known yet.
#[must_use]
pub fn visible_parts(attempt: &Attempt, rules: Rules<'_>, now_ms: i64) -> BTreeSet<ReviewPart> {
    let review = &rules.quiz.settings.review;
    let is_closed = start::closes_ms(rules.window, &attempt.accommodation)
        .is_some_and(|closes| now_ms >= closes);
    let parts = match (attempt.submitted, is_closed) {
        (None, _) => &review.during,
        (Some(_), false) => &review.after_submit,
        (Some(_), true) => &review.after_close,
    };
    parts.clone()
}
