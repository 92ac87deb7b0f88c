//! Mean, median, and the higher moments of some numbers.

/// Figures of the points of attempts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: Option<f64>,
    pub(super) median: Option<f64>,
    pub(super) standard_deviation: Option<f64>,
    pub(super) skewness: Option<f64>,
    pub(super) kurtosis: Option<f64>,
    /// The second cumulant, which is the variance, where there are three numbers and they differ.
    variance: Option<f64>,
}

/// The mean; `None` without a number.
pub(super) fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// The middle number, or the mean of both; `None` without a number.
pub(super) fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(sorted[sorted.len() / 2 - 1], upper))
}

impl Moments {
    pub(super) fn new(numbers: &[f64]) -> Self {
        let Some(mean) = mean(numbers) else {
            return Self::default();
        };
        let mut moments = Self {
            mean: Some(mean),
            median: median(numbers),
            ..Self::default()
        };
        let n = numbers.len() as f64;
        let power = |exponent| {
            numbers
                .iter()
                .map(|x| (x - mean).powi(exponent))
                .sum::<f64>()
        };
        if n > 1.0 {
            moments.standard_deviation = Some((power(2) / (n - 1.0)).sqrt());
        }
        if n > 2.0 {
            let (m2, m3, m4) = (power(2) / n, power(3) / n, power(4) / n);
            let k2 = n * m2 / (n - 1.0);
            let k3 = n * n * m3 / ((n - 1.0) * (n - 2.0));
            if is_spread(k2, mean) {
                moments.variance = Some(k2);
                moments.skewness = Some(k3 / k2.powf(1.5));
                if n > 3.0 {
                    let k4 = n * n * ((n + 1.0) * m4 - 3.0 * (n - 1.0) * m2 * m2)
                        / ((n - 1.0) * (n - 2.0) * (n - 3.0));
                    moments.kurtosis = Some(k4 / (k2 * k2));
                }
            }
        }
        moments
    }

    /// Cronbach's alpha in per cent, from the variances of several positions.
    pub(super) fn internal_consistency(&self, positions: usize, variances: f64) -> Option<f64> {
        let p = positions as f64;
        let variance = self.variance.filter(|_| positions > 1)?;
        Some(100.0 * p / (p - 1.0) * (1.0 - variances / variance))
    }
}

/// Whether a variance is more than the error of adding up.
pub(super) fn is_spread(variance: f64, mean: f64) -> bool {
    variance > 1e-20 * mean.abs().max(1.0)
}
