//! What an attempt refuses, as it is told.

use carrel_api::Code;
use carrel_quiz::attempt::AttemptError;
use carrel_quiz::score::ScoreError;

use super::opened::timestamp;
use crate::problem::Problem;

/// A refusal with its code, and when it ends where it does.
pub(crate) fn explain(error: &AttemptError, now_ms: i64) -> Problem {
    let told = error.to_string();
    match error {
        AttemptError::NotYetOpen { opens_ms } => {
            let detail = format!("{told}: at {}", timestamp(*opens_ms));
            wait(Code::NotOpen, detail, *opens_ms, now_ms)
        }
        AttemptError::Closed { closes_ms } => {
            let detail = format!("{told} since {}", timestamp(*closes_ms));
            Problem::new(Code::NotOpen, detail)
        }
        AttemptError::NoAttemptsLeft { .. } => Problem::new(Code::NoAttemptsLeft, told),
        AttemptError::Wait { until_ms } => {
            let detail = format!("{told} until {}", timestamp(*until_ms));
            wait(Code::AttemptTooSoon, detail, *until_ms, now_ms)
        }
        AttemptError::Submitted { .. } | AttemptError::TimeOver { .. } => {
            Problem::new(Code::AttemptOver, told)
        }
        AttemptError::UnknownQuestion { .. } | AttemptError::NoSuchHint { .. } => {
            Problem::new(Code::NotFound, told)
        }
        AttemptError::AnotherRunning
        | AttemptError::NotOpen { .. }
        | AttemptError::LastQuestion
        | AttemptError::NotAtOnce
        | AttemptError::NoTriesLeft { .. }
        | AttemptError::AlreadyRight
        | AttemptError::HintNotDue { .. } => Problem::new(Code::WrongState, told),
        AttemptError::Score(score) => explain_score(score),
        AttemptError::Instance(_) => Problem::internal(error),
    }
}

fn wait(code: Code, detail: String, until_ms: i64, now_ms: i64) -> Problem {
    let left = until_ms.saturating_sub(now_ms);
    Problem::new(code, detail).with_retry_after(u64::try_from(left).unwrap_or(0))
}

/// What the sender got wrong is told by field; what the author did is a fault of ours, for
/// a course is checked before it is published.
fn explain_score(error: &ScoreError) -> Problem {
    match error {
        ScoreError::WrongKind { .. }
        | ScoreError::WrongPart { .. }
        | ScoreError::TooLarge { .. } => Problem::field("answer", error.to_string()),
        ScoreError::Instance { .. } | ScoreError::Pattern { .. } => Problem::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_must_wait_is_told_how_long() {
        let problem = explain(&AttemptError::Wait { until_ms: 9_500 }, 2_000);
        assert_eq!(problem.code(), Code::AttemptTooSoon);
        assert_eq!(problem.document().retry_after_ms, Some(7_500));
        assert!(problem.to_string().contains("1970-01-01T00:00:09.5Z"));
    }

    #[test]
    fn an_answer_of_another_kind_is_the_senders_fault() {
        let error = ScoreError::WrongKind {
            question: "q".into(),
            wanted: "choice",
            given: "essay",
        };
        let problem = explain(&error.into(), 0);
        assert_eq!(problem.document().errors[0].field, "answer");
    }
}
