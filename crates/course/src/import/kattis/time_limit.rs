//! The time limit of a package that leaves it to measurement.
//!
//! 2025-09, "Problem timing" and "Timelimit inference": with `T_ac` the slowest
//! run of the submissions that must be in time and `T_tle` the fastest of the
//! submissions that must not be (each told by its slowest run), the limit is the
//! smallest whole multiple of `time_resolution` with
//! `T_ac · ac_to_time_limit ≤ limit` and `limit · time_limit_to_tle ≤ T_tle`.
//! Legacy packages round the same way, to whole seconds and at least one; their
//! safety margin is a warning there, here it is told as an error with the figures.

use std::path::Path;

use super::super::problem::Problem;
use crate::problem::Problems;

/// Processor time while the time limit is not known yet, milliseconds.
pub const PROVISIONAL_CPU_MS: u64 = 10_000;
/// Wall-clock time of a run beyond twice its time limit, milliseconds.
const WALL_EXTRA_MS: u64 = 1_000;

/// What the time limit of a package rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Factor between the slowest submission in time and the limit.
    pub ac_to_time_limit: f64,
    /// Factor between the limit and the fastest submission that is too slow.
    pub time_limit_to_tle: f64,
    /// The limit is a whole multiple of this, seconds.
    pub resolution: f64,
    /// Which submissions bound it, and over which checks their slowest run counts.
    pub bounds: Vec<TimeBound>,
}

impl Timing {
    /// What a run of a submission counts as, seconds: its processor time; or where it mostly
    /// slept, what makes the wall clock of the limit its bound. The factors are for machines
    /// of another speed, and sleep is the same on all of them: they are taken out.
    #[must_use]
    pub fn seconds_of(&self, verdict: ExpectedVerdict, cpu_ms: f64, wall_ms: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a small constant")]
        let slept_ms = (wall_ms - WALL_EXTRA_MS as f64) / 2.0;
        let counted_ms = match verdict {
            ExpectedVerdict::InTime => slept_ms / self.ac_to_time_limit,
            ExpectedVerdict::TooSlow => slept_ms * self.time_limit_to_tle,
        };
        cpu_ms.max(counted_ms) / 1e3
    }
}

/// A submission that bounds the time limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeBound {
    /// `solution`, or the name of a declared submission.
    pub submission: String,
    /// From below or from above.
    pub verdict: ExpectedVerdict,
    /// Ids of the checks whose slowest run counts.
    pub checks: Vec<String>,
}

/// What a submission that bounds the time limit must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExpectedVerdict {
    /// Be in time: the limit is at least its slowest run times the factor.
    InTime,
    /// Be too slow somewhere: the limit is at most its slowest run divided by the factor.
    TooSlow,
}

/// Why no time limit follows from the measurements.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TimeLimitError {
    /// Nothing bounds it from below.
    #[error(
        "no submission that must be in time was measured, so nothing bounds the time limit from below"
    )]
    NothingInTime,
    /// A measurement that is no time.
    #[error("measured time {0} is not a number of seconds")]
    NoTime(f64),
    /// No multiple of the resolution lies between the bounds.
    #[error(
        "the slowest submission in time takes {slowest_seconds} s, which asks for a time limit of {limit_seconds} s; \
         the fastest one that must be too slow takes {fastest_seconds} s, which allows at most {most_seconds} s"
    )]
    NoMultiple {
        /// Slowest in time, seconds.
        slowest_seconds: f64,
        /// The limit that it asks for, seconds.
        limit_seconds: f64,
        /// Fastest too slow, seconds.
        fastest_seconds: f64,
        /// The limit that this allows at most, seconds.
        most_seconds: f64,
    },
}

/// The time limit in seconds that follows from measured runs: for each bounding
/// submission what is expected of it and its slowest run in seconds. A run that
/// was stopped at the provisional limit counts as infinitely long.
///
/// # Errors
/// Nothing was measured in time, a time is no time, or no limit fits the bounds.
pub fn derive_time_limit(
    measured: &[(ExpectedVerdict, f64)],
    timing: &Timing,
) -> Result<f64, TimeLimitError> {
    if let Some((_, seconds)) = measured
        .iter()
        .find(|(_, seconds)| seconds.is_nan() || *seconds < 0.0)
    {
        return Err(TimeLimitError::NoTime(*seconds));
    }
    let times = |wanted| {
        measured
            .iter()
            .filter(move |(verdict, _)| *verdict == wanted)
            .map(|(_, seconds)| *seconds)
    };
    let slowest = times(ExpectedVerdict::InTime)
        .reduce(f64::max)
        .ok_or(TimeLimitError::NothingInTime)?;
    if slowest.is_infinite() {
        return Err(TimeLimitError::NoTime(slowest));
    }
    let fastest = times(ExpectedVerdict::TooSlow).fold(f64::INFINITY, f64::min);
    let exact = slowest * timing.ac_to_time_limit;
    // A limit of nothing would stop every program; the smallest is one resolution.
    // The quotient of two decimal fractions may be a rounding error above a whole number.
    let multiples = (exact / timing.resolution - 1e-9).ceil().max(1.0);
    let limit = multiples * timing.resolution;
    if limit * timing.time_limit_to_tle > fastest {
        return Err(TimeLimitError::NoMultiple {
            slowest_seconds: slowest,
            limit_seconds: limit,
            fastest_seconds: fastest,
            most_seconds: fastest / timing.time_limit_to_tle,
        });
    }
    Ok(limit)
}

/// Processor and wall-clock limit of a run, milliseconds, for a time limit in
/// seconds. The wall clock is only there for programs that wait instead of work.
pub(super) fn run_limits(seconds: f64) -> (u64, u64) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a small positive range"
    )]
    let cpu_ms = (seconds * 1_000.0).ceil().clamp(1.0, 600_000.0) as u64;
    (cpu_ms, (cpu_ms * 2 + WALL_EXTRA_MS).min(1_200_000))
}

/// Writes a time limit in seconds into the `[limits]` of an imported challenge.
///
/// # Errors
/// Where its `challenge.toml` cannot be read or written, or has no `[limits]` as the import writes it.
pub fn set_time_limit(challenge_directory: &Path, seconds: f64) -> Result<(), Problems> {
    let file = challenge_directory.join("challenge.toml");
    let failed = |error: std::io::Error| {
        Problem::of(&file, format!("the time limit cannot be set: {error}"))
    };
    let text = std::fs::read_to_string(&file).map_err(failed)?;
    let text = replace_limits(&text, run_limits(seconds)).ok_or_else(|| {
        Problem::of(&file, "has no `cpu_ms` and `wall_ms` under `[limits]`")
            .hint("import the package again")
    })?;
    Ok(std::fs::write(&file, text).map_err(failed)?)
}

fn replace_limits(text: &str, (cpu_ms, wall_ms): (u64, u64)) -> Option<String> {
    let mut within = false;
    let mut replaced = 0;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            within = line.trim() == "[limits]";
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        let value = [("cpu_ms", cpu_ms), ("wall_ms", wall_ms)]
            .into_iter()
            .find(|(name, _)| within && *name == key);
        match value {
            Some((name, value)) => {
                replaced += 1;
                lines.push(format!("{name} = {value}"));
            }
            None => lines.push(line.to_owned()),
        }
    }
    (replaced == 2).then(|| lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::ExpectedVerdict::{InTime, TooSlow};
    use super::*;
    use proptest::prelude::*;

    fn timing(ac_to_time_limit: f64, time_limit_to_tle: f64, resolution: f64) -> Timing {
        Timing {
            ac_to_time_limit,
            time_limit_to_tle,
            resolution,
            bounds: Vec::new(),
        }
    }

    #[test]
    fn a_run_that_sleeps_bounds_the_limit_by_its_wall_clock() {
        let factors = timing(2.0, 4.0, 1.0);
        assert!((factors.seconds_of(InTime, 700.0, 900.0) - 0.7).abs() < 1e-9);
        let asleep = |verdict, wall_ms| (verdict, factors.seconds_of(verdict, 2.0, wall_ms));
        // A limit of 4.5 s has a wall clock of 10 s.
        assert_eq!(run_limits(4.5), (4_500, 10_000));
        let within = [asleep(InTime, 3_000.0), asleep(TooSlow, 10_000.0)];
        assert_eq!(derive_time_limit(&within, &factors), Ok(1.0));
        let highest = [(InTime, 2.0), asleep(TooSlow, 10_000.0)];
        assert_eq!(derive_time_limit(&highest, &factors), Ok(4.0));
        assert!(derive_time_limit(&[(InTime, 2.5), asleep(TooSlow, 10_000.0)], &factors).is_err());
    }

    #[test]
    fn the_smallest_multiple_above_the_slowest_in_time() {
        let defaults = timing(2.0, 1.5, 1.0);
        assert_eq!(
            derive_time_limit(&[(InTime, 0.7), (InTime, 0.2)], &defaults),
            Ok(2.0)
        );
        assert_eq!(derive_time_limit(&[(InTime, 0.5)], &defaults), Ok(1.0));
        assert_eq!(derive_time_limit(&[(InTime, 0.0)], &defaults), Ok(1.0));
        assert_eq!(
            derive_time_limit(&[(InTime, 0.15), (TooSlow, 9.0)], &timing(2.0, 1.5, 0.1)),
            Ok(0.1 * 3.0)
        );
    }

    #[test]
    fn the_fastest_too_slow_bounds_it_from_above() {
        let defaults = timing(2.0, 1.5, 1.0);
        assert_eq!(
            derive_time_limit(&[(InTime, 0.9), (TooSlow, 3.0), (TooSlow, 8.0)], &defaults),
            Ok(2.0)
        );
        let error = derive_time_limit(&[(InTime, 0.9), (TooSlow, 2.9)], &defaults).unwrap_err();
        assert!(
            matches!(
                error,
                TimeLimitError::NoMultiple {
                    limit_seconds: 2.0,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(
            derive_time_limit(&[(InTime, 0.9), (TooSlow, f64::INFINITY)], &defaults),
            Ok(2.0)
        );
    }

    #[test]
    fn something_must_be_in_time() {
        let defaults = timing(2.0, 1.5, 1.0);
        assert_eq!(
            derive_time_limit(&[(TooSlow, 3.0)], &defaults),
            Err(TimeLimitError::NothingInTime)
        );
        assert!(derive_time_limit(&[(InTime, f64::NAN)], &defaults).is_err());
        assert!(derive_time_limit(&[(InTime, f64::INFINITY)], &defaults).is_err());
    }

    #[test]
    fn only_the_challenge_limits_are_replaced() {
        let text = "id = \"x\"\n[limits]\ncpu_ms = 1\nwall_ms = 2\nprocesses = 3\n[[checks]]\n[checks.program.limits]\ncpu_ms = 60000\n";
        let replaced = replace_limits(text, run_limits(2.0)).unwrap();
        assert!(
            replaced.contains("[limits]\ncpu_ms = 2000\nwall_ms = 5000\nprocesses = 3"),
            "{replaced}"
        );
        assert!(replaced.contains("cpu_ms = 60000"));
        assert_eq!(replace_limits("id = \"x\"\n", (1, 2)), None);
    }

    proptest! {
        #[test]
        fn a_derived_limit_satisfies_both_inequalities(
            slow in 0.0f64..50.0, fast in 0.01f64..500.0, ac in 1.0f64..10.0, tle in 1.0f64..10.0,
            resolution in prop::sample::select(vec![0.1, 0.25, 0.5, 1.0, 2.0]),
        ) {
            let timing = timing(ac, tle, resolution);
            if let Ok(limit) = derive_time_limit(&[(InTime, slow), (TooSlow, fast)], &timing) {
                prop_assert!(limit + 1e-6 >= slow * ac && limit * tle <= fast);
                prop_assert!(limit <= resolution || (limit - resolution) <= slow * ac + 1e-6);
            }
        }
    }
}
