//! Arguments of the default output validator.

use std::path::Path;

use carrel_model::challenge::TokenOptions;

use super::super::problem::Problem;

/// The token comparison that these arguments ask for.
///
/// `place` is the file and line they stand in.
///
/// # Errors
/// An unknown argument, one without its number, or one that is given twice.
pub(super) fn token_options(
    arguments: &[String],
    place: (&Path, u64),
) -> Result<TokenOptions, Problem> {
    let problem = |text: String| Problem::at(place.0, place.1, 0, text);
    let mut options = TokenOptions::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (relative, absolute) = match argument.as_str() {
            "case_sensitive" => {
                options.case_sensitive = true;
                continue;
            }
            "space_change_sensitive" => {
                options.space_change_sensitive = true;
                continue;
            }
            "float_tolerance" => (true, true),
            "float_relative_tolerance" => (true, false),
            "float_absolute_tolerance" => (false, true),
            other => {
                return Err(problem(format!(
                    "the default output validator knows no argument `{other}`"
                ))
                .hint(
                    "known: case_sensitive, space_change_sensitive, float_tolerance, \
                     float_relative_tolerance, float_absolute_tolerance",
                ));
            }
        };
        let tolerance = rest
            .next()
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|tolerance| tolerance.is_finite() && *tolerance >= 0.0)
            .ok_or_else(|| {
                problem(format!(
                    "`{argument}` must be followed by a number of at least 0"
                ))
            })?;
        let slots = [
            (relative, &mut options.relative_tolerance),
            (absolute, &mut options.absolute_tolerance),
        ];
        for (wanted, slot) in slots {
            if wanted && slot.replace(tolerance).is_some() {
                return Err(
                    problem(format!("`{argument}` sets a tolerance that is set already"))
                        .hint("give `float_tolerance` alone, or each of the other two once"),
                );
            }
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<TokenOptions, Problem> {
        let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        token_options(&arguments, (Path::new("problem.yaml"), 7))
    }

    #[test]
    fn arguments_become_options() {
        let options = read("case_sensitive float_tolerance 1e-6").unwrap();
        assert!(options.case_sensitive && !options.space_change_sensitive);
        assert_eq!(
            (options.relative_tolerance, options.absolute_tolerance),
            (Some(1e-6), Some(1e-6))
        );
        assert_eq!(read("").unwrap(), TokenOptions::default());
        assert_eq!(
            read("float_absolute_tolerance 0.5")
                .unwrap()
                .relative_tolerance,
            None
        );
    }

    #[test]
    fn wrong_arguments_are_refused_with_their_place() {
        for text in [
            "float_tolerence 1e-6",
            "float_tolerance",
            "float_tolerance x",
            "float_tolerance 1 float_relative_tolerance 2",
            "float_tolerance -1",
        ] {
            let problem = read(text).unwrap_err();
            assert!(
                problem.to_string().starts_with("problem.yaml:7: "),
                "{problem}"
            );
        }
    }
}
