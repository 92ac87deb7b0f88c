//! Tolerances as formats know them: a value, and how far an answer may be from it.

use carrel_quiz::kind::Tolerance;

/// The value and the absolute tolerance that accept the same numbers.
pub(crate) fn absolute(value: f64, tolerance: Tolerance) -> (f64, f64) {
    match tolerance {
        Tolerance::Exact => (value, 0.0),
        Tolerance::Absolute { by } => (value, by),
        Tolerance::Relative { by } => (value, by * value.abs()),
        // The bounds lie unevenly about the value: what lies between them does not.
        Tolerance::Geometric { by } => {
            let ends = [value / (1.0 + by), value * (1.0 + by)];
            (
                f64::midpoint(ends[0], ends[1]),
                (ends[1] - ends[0]).abs() / 2.0,
            )
        }
        Tolerance::SignificantDigits { digits } => (value, half_digit(value, digits)),
        Tolerance::Decimals { digits } => (
            value,
            0.5 * 10_f64.powi(-i32::try_from(digits).unwrap_or(0)),
        ),
    }
}

/// Half a unit of the n-th significant digit.
fn half_digit(value: f64, digits: u32) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let place = value.abs().log10().floor() - f64::from(digits) + 1.0;
    0.5 * 10_f64.powf(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tolerance_is_an_absolute_one() {
        for (tolerance, value, by) in [
            (Tolerance::Exact, 250.0, 0.0),
            (Tolerance::Absolute { by: 2.0 }, 250.0, 2.0),
            (Tolerance::Relative { by: 0.01 }, 250.0, 2.5),
            (Tolerance::Geometric { by: 1.0 }, 312.5, 187.5),
            (Tolerance::SignificantDigits { digits: 2 }, 250.0, 5.0),
            (Tolerance::Decimals { digits: 1 }, 250.0, 0.05),
        ] {
            let (centre, found) = absolute(250.0, tolerance);
            assert!((centre - value).abs() < 1e-9, "{tolerance:?} {centre}");
            assert!((found - by).abs() < 1e-9, "{tolerance:?} {found}");
        }
        assert_eq!(
            absolute(-2.0, Tolerance::Geometric { by: 1.0 }),
            (-2.5, 1.5)
        );
    }
}
