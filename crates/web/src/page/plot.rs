//! Lines over time as SVG: drawn by the service, so that they are there without scripts, with
//! colours and dashes by class, so that style sheets decide them in dark and light.

use std::fmt::Write as _;

/// Width of the drawing's own units; the page stretches it.
const WIDTH: f64 = 600.0;
/// Height of the drawing's own units.
const HEIGHT: f64 = 160.0;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Names its colour and dashes: `a`, `b`, `c`, or `bound` for what should not be passed.
    pub class: &'static str,
    /// What it shows, in the reader's language.
    pub label: String,
    /// Its last value as text.
    pub latest: String,
    /// Values at equal distances, oldest first; where there is none the line breaks.
    pub values: Vec<Option<f64>>,
}

/// A drawing with its legend, ready for a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Heading.
    pub title: String,
    /// Lines, in the order of the legend.
    pub series: Vec<Series>,
    /// Uppermost value of the axis.
    pub top: f64,
    /// That value as text.
    pub top_label: String,
}

impl Plot {
    /// A plot whose axis ends at a round number not below any value.
    #[must_use]
    pub fn new(title: String, series: Vec<Series>, label: impl FnOnce(f64) -> String) -> Self {
        let values = series.iter().flat_map(|one| one.values.iter().flatten());
        let highest = values.copied().filter(|value| value.is_finite());
        let top = round_up(highest.fold(0.0, f64::max));
        Self {
            title,
            series,
            top,
            top_label: label(top),
        }
    }

    /// The lines as SVG. Everything in it is our own: numbers and names of classes.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut markup = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        );
        for share in [0.0, 0.5, 1.0] {
            let y = HEIGHT * share;
            let _ = write!(markup, "<path class=\"grid\" d=\"M0 {y}H{WIDTH}\"/>");
        }
        for series in &self.series {
            let path = self.path(&series.values);
            let _ = write!(
                markup,
                "<path class=\"line {}\" d=\"{path}\"/>",
                series.class
            );
        }
        markup.push_str("</svg>");
        markup
    }

    fn path(&self, values: &[Option<f64>]) -> String {
        let mut path = String::new();
        let steps = values.len().saturating_sub(1).max(1) as f64;
        let mut drawing = false;
        for (place, value) in values.iter().enumerate() {
            let Some(value) = value.filter(|value| value.is_finite()) else {
                drawing = false;
                continue;
            };
            let x = WIDTH * place as f64 / steps;
            let y = HEIGHT * (1.0 - value / self.top);
            let _ = match drawing {
                // A point between two gaps is seen as a dot: round caps make it one.
                false => write!(path, "M{x:.1} {y:.1}h0"),
                true => write!(path, "L{x:.1} {y:.1}"),
            };
            drawing = true;
        }
        path
    }
}

/// The least of 1, 2, 5, 10, 20, … that is not below a value.
fn round_up(value: f64) -> f64 {
    if value <= 1.0 {
        return 1.0;
    }
    let decade = 10.0_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * decade >= value);
    step.unwrap_or(10.0) * decade
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(values: Vec<Option<f64>>) -> Plot {
        let series = Series {
            class: "a",
            label: "a".to_owned(),
            latest: String::new(),
            values,
        };
        Plot::new("t".to_owned(), vec![series], |top| top.to_string())
    }

    #[test]
    fn the_axis_ends_at_a_round_number() {
        for (value, top) in [
            (0.0, 1.0),
            (0.3, 1.0),
            (1.5, 2.0),
            (2.0, 2.0),
            (2.1, 5.0),
            (51.0, 100.0),
            (100.0, 100.0),
            (3_999.0, 5_000.0),
        ] {
            assert_eq!(round_up(value), top, "{value}");
        }
    }

    #[test]
    fn a_line_breaks_where_there_is_no_value() {
        let drawn = plot(vec![Some(0.0), Some(1.0), None, Some(f64::NAN), Some(2.0)]);
        assert_eq!(drawn.top, 2.0);
        let path = drawn.path(&drawn.series[0].values);
        assert_eq!(path, "M0.0 160.0h0L150.0 80.0M600.0 0.0h0");
    }

    #[test]
    fn nothing_and_one_value_are_drawn_too() {
        assert!(plot(Vec::new()).svg().contains("d=\"\""));
        assert!(plot(vec![Some(5.0)]).svg().contains("M0.0 0.0h0"));
    }
}
