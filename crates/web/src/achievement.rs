//! What somebody has reached in a challenge. Whoever has passed some of its steps has not passed it.

use std::collections::BTreeSet;

use carrel_model::Challenge;
use carrel_model::id::UserId;
use carrel_store::progress::{ChallengeProgress, ProgressRow};
use jiff::Timestamp;

use crate::app::App;
use crate::availability;
use crate::problem::Result;

/// What somebody has reached in a challenge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Achievement<'a> {
    /// What was sent up to the step of the best submission.
    best: &'a ChallengeProgress,
    /// Points of the best submission.
    pub(crate) points: f64,
    /// Points that there are; of a submission up to a step those of the whole challenge.
    pub(crate) points_max: f64,
    /// When the submission was sent with which all steps were passed.
    pub(crate) passed_at: Option<Timestamp>,
    /// Submissions that have a verdict.
    pub(crate) submissions: u64,
}

/// The steps that accepted submissions have passed so far.
#[derive(Debug, Default)]
pub(crate) struct Steps(BTreeSet<usize>);

impl Steps {
    /// Adds what an accepted submission up to a step has passed; tells whether that is everything.
    pub(crate) fn pass(&mut self, challenge: &Challenge, step: Option<&str>) -> bool {
        match step {
            None => self.0.extend(0..challenge.steps.len()),
            // A step that another version had passes nothing of this one.
            Some(step) => self
                .0
                .extend(challenge.steps_up_to(step).into_iter().flatten()),
        }
        self.0.len() == challenge.steps.len()
    }
}

impl<'a> Achievement<'a> {
    /// By everything that was sent; `None`: nothing was.
    pub(crate) fn of(challenge: &Challenge, progress: &'a ProgressRow) -> Option<Self> {
        let rows = progress.challenges.iter();
        let rows: Vec<&'a ChallengeProgress> =
            rows.filter(|row| row.challenge == challenge.id).collect();
        let whole: f64 = challenge.checks.iter().map(|check| check.points).sum();
        let worths = rows.iter().map(|&row| {
            let step = row.step.as_deref();
            let is_whole = Steps::default().pass(challenge, step);
            let points_max = if is_whole {
                row.points_max
            } else {
                row.points_max.max(whole)
            };
            (row, points_max)
        });
        let share = |(row, points_max): &(&ChallengeProgress, f64)| {
            if *points_max > 0.0 {
                row.points / points_max
            } else {
                0.0
            }
        };
        let best = worths.max_by(|one, other| {
            let by_share = share(one).total_cmp(&share(other));
            let by_worth = by_share.then(one.1.total_cmp(&other.1));
            // Of the same the first counts.
            by_worth.then(other.0.counted_at.cmp(&one.0.counted_at))
        });
        let (best, points_max) = best?;
        Some(Self {
            best,
            points: best.points,
            points_max,
            passed_at: passed_at(challenge, &rows),
            submissions: rows.iter().map(|row| row.submissions).sum(),
        })
    }

    /// Whether the best submission was sent after the challenge was due for its sender.
    ///
    /// # Errors
    /// The files of a version are missing: a fault of the service.
    pub(crate) async fn is_late(&self, app: &App, user: UserId, course: &str) -> Result<bool> {
        let version = self.best.counted_version.as_deref().unwrap_or_default();
        let sent = (self.best.challenge.as_str(), self.best.counted_at);
        availability::is_late(app, user, (course, version), sent).await
    }
}

fn passed_at(challenge: &Challenge, rows: &[&ChallengeProgress]) -> Option<Timestamp> {
    let accepted = rows.iter();
    let accepted = accepted.filter_map(|row| Some((row.passed_at?, row.step.as_deref())));
    let mut accepted: Vec<_> = accepted.collect();
    accepted.sort_unstable();
    let mut passed = Steps::default();
    let mut accepted = accepted.into_iter();
    let all = accepted.find(|(_, step)| passed.pass(challenge, *step));
    all.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge() -> Challenge {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for (path, text) in [
            (
                "challenge.toml",
                "id = 'c'\ntitle = 'C'\nlanguage = 'bash'\n[files]\neditable = ['a.sh']\nentry = 'a.sh'\n\
                 [[steps]]\nid = 'one'\ntitle = 'One'\n[[steps]]\nid = 'two'\ntitle = 'Two'\n\
                 [[checks]]\nid = 'a'\nkind = 'io'\nstep = 'one'\ninput = 'i'\nanswer = 'o'\npoints = 1\n\
                 [[checks]]\nid = 'b'\nkind = 'io'\nstep = 'two'\ninput = 'i'\nanswer = 'o'\npoints = 3\n",
            ),
            ("steps/01-one.md", "One."),
            ("steps/02-two.md", "Two."),
            ("i", "1"),
            ("o", "2"),
            ("start/a.sh", ""),
            ("solution/a.sh", "echo 2"),
        ] {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), text).unwrap();
        }
        let loaded = carrel_course::challenge::load(root);
        loaded.unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn sent(step: Option<&str>, points: f64, points_max: f64, passed: i64) -> ChallengeProgress {
        ChallengeProgress {
            challenge: "c".into(),
            step: step.map(str::to_owned),
            points,
            points_max,
            counted_at: Timestamp::from_second(passed).unwrap(),
            counted_version: None,
            passed_at: (passed > 0).then(|| Timestamp::from_second(passed).unwrap()),
            submissions: 2,
        }
    }

    #[test]
    fn a_challenge_is_passed_with_all_its_steps() {
        let challenge = challenge();
        let reached = |challenges: Vec<ChallengeProgress>| {
            let progress = ProgressRow {
                challenges,
                ..ProgressRow::default()
            };
            let reached = Achievement::of(&challenge, &progress)?;
            let passed_at = reached.passed_at.map(Timestamp::as_second);
            let counted_at = reached.best.counted_at.as_second();
            assert_eq!(reached.submissions, 2 * progress.challenges.len() as u64);
            Some((reached.points, reached.points_max, passed_at, counted_at))
        };
        assert_eq!(reached(Vec::new()), None);
        let first = vec![sent(Some("one"), 1.0, 1.0, 10)];
        assert_eq!(reached(first), Some((1.0, 4.0, None, 10)));
        // The second asks for the first as well.
        let both = vec![
            sent(Some("one"), 1.0, 1.0, 10),
            sent(Some("two"), 4.0, 4.0, 20),
        ];
        assert_eq!(reached(both), Some((4.0, 4.0, Some(20), 20)));
        let whole = vec![sent(None, 3.0, 4.0, 0), sent(Some("one"), 1.0, 1.0, 5)];
        assert_eq!(reached(whole), Some((3.0, 4.0, None, 0)));
        let gone = vec![sent(Some("gone"), 2.0, 2.0, 5)];
        assert_eq!(reached(gone), Some((2.0, 4.0, None, 5)));
        // Of the same the first counts.
        let again = vec![sent(Some("two"), 4.0, 4.0, 20), sent(None, 4.0, 4.0, 10)];
        assert_eq!(reached(again), Some((4.0, 4.0, Some(10), 10)));
    }
}
