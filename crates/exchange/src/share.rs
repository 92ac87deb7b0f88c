//! Shares of the points, as formats write them in per cent.

use carrel_quiz::kind::{BlankKey, Choice, ChoiceScheme, NumberKey, Select, TextKey};

/// Most parts of a whole that a rounded share is taken for.
const PARTS_MAX: u32 = 20;
/// How far a sum may be off without being told.
const NEAR: f64 = 1e-5;

/// Share of a number in per cent, from -100 to 100.
///
/// `33.33333` is a third, and so is `33.33`: with two decimals and more it is taken for the
/// fraction that it was rounded from, as Moodle takes it for the nearest of its own.
pub(crate) fn parse(percent: &str) -> Option<f64> {
    let text = percent.trim();
    let number: f64 = text.parse().ok()?;
    if !(-100.0..=100.0).contains(&number) {
        return None;
    }
    let decimals = text.split_once('.').map_or(0, |(_, after)| after.len());
    let half = match decimals {
        2..=9 => 0.5 * 10_f64.powi(-2 - i32::try_from(decimals).unwrap_or(0)),
        _ => 0.0,
    };
    Some(fraction(number / 100.0, (half * 1.01).max(1e-6)))
}

/// Whether it is meant as a number in per cent: digits, perhaps after a `-`, perhaps with decimals.
pub(crate) fn looks_like_one(percent: &str) -> bool {
    let digits = percent.strip_prefix('-').unwrap_or(percent);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1
}

/// Per cent as a share.
pub(crate) fn of_percent(percent: f64) -> f64 {
    fraction(percent / 100.0, 1e-6)
}

/// The fraction of few parts that a share is near, else the share.
fn fraction(share: f64, near: f64) -> f64 {
    for parts in 1..=PARTS_MAX {
        let whole = (share * f64::from(parts)).round();
        let found = whole / f64::from(parts);
        if (found - share).abs() < near {
            return found;
        }
    }
    share
}

/// What each option gives where a format adds up weights of chosen ones, and whether that gives
/// the same points as the choice's own scheme.
pub(crate) fn of_options(choice: &Choice) -> (Vec<f64>, bool) {
    let right = choice.right_count();
    let count = choice.options.len() as f64;
    let share = |part: f64| part / right.max(1) as f64;
    let net = choice.options.iter().map(|option| match option.correct {
        _ if right == 0 => 0.0,
        true => share(1.0),
        false => share(-1.0),
    });
    let own = choice.options.iter().map(|option| choice.weight(option));
    match (choice.select, choice.scheme) {
        // One is chosen: whatever the scheme, its share is known.
        (Select::One, ChoiceScheme::Weights { floor, ceiling }) => {
            let held = own.map(|weight| weight.clamp(floor.min(ceiling), ceiling.max(floor)));
            (held.collect(), true)
        }
        (Select::One, scheme) => {
            let alone = choice.options.iter().map(|option| match scheme {
                ChoiceScheme::EveryDecision => {
                    let missed = right as f64 - f64::from(u8::from(option.correct));
                    (count - missed - f64::from(u8::from(!option.correct))) / count
                }
                ChoiceScheme::AllOrNothing => f64::from(u8::from(option.correct && right == 1)),
                _ if right == 0 => 0.0,
                _ => share(f64::from(u8::from(option.correct))),
            });
            (alone.collect(), true)
        }
        (_, ChoiceScheme::Weights { floor, ceiling }) => {
            (own.collect(), floor == 0.0 && ceiling == 1.0)
        }
        (_, ChoiceScheme::RightMinusWrong) => (net.collect(), right > 0),
        (_, ChoiceScheme::EveryDecision | ChoiceScheme::AllOrNothing) => (net.collect(), false),
    }
}

/// As in Moodle: of one chosen option a weight below 0 takes points away.
pub(crate) fn take_away(choice: &mut Choice) {
    let least = choice.options.iter().map(|option| choice.weight(option));
    let floor = least.fold(0.0, f64::min).max(-1.0);
    if choice.select == Select::One && floor < 0.0 {
        choice.scheme = ChoiceScheme::Weights {
            floor,
            ceiling: 1.0,
        };
    }
}

/// What an author should know of the weights of a choice: that they do not make up the whole.
pub(crate) fn tell(choice: &Choice) -> Option<String> {
    if !matches!(choice.scheme, ChoiceScheme::Weights { .. }) {
        return None;
    }
    let weights = choice.options.iter().map(|option| choice.weight(option));
    let given = weights.filter(|weight| *weight > 0.0);
    let many = choice.select != Select::One;
    let whole = if many {
        given.sum()
    } else {
        given.fold(0.0, f64::max)
    };
    let percent = (whole * 1e4).round() / 1e2;
    match whole {
        whole if whole <= 0.0 => {
            Some("none of its options gives points: say which is right".to_owned())
        }
        whole if whole < 1.0 - NEAR && many => Some(format!(
            "its right options give {percent} % together, not 100 %: no answer gets all points; mend the weights"
        )),
        whole if whole < 1.0 - NEAR => Some(format!(
            "its best option gives {percent} %, not 100 %: no answer gets all points; mend the weights"
        )),
        whole if whole > 1.0 + NEAR => Some(format!(
            "its right options give {percent} % together, not 100 %: a part of them gets all points; mend the weights"
        )),
        _ => None,
    }
}

/// As [`tell`], for short answers.
pub(crate) fn tell_text(key: &TextKey) -> Option<String> {
    tell_best(key.patterns.iter().map(|pattern| pattern.score))
}

/// As [`tell`], for numbers.
pub(crate) fn tell_number(key: &NumberKey) -> Option<String> {
    tell_best(key.answers.iter().map(|answer| answer.score))
}

/// As [`tell`], for a blank.
pub(crate) fn tell_blank(key: &BlankKey) -> Option<String> {
    match key {
        BlankKey::Text(key) => tell_text(key),
        BlankKey::Number(key) => tell_number(key),
        BlankKey::Choice(choice) => tell(choice),
    }
}

fn tell_best(scores: impl Iterator<Item = f64>) -> Option<String> {
    let best = scores.fold(0.0, f64::max);
    let percent = (best * 1e4).round() / 1e2;
    (best < 1.0 - NEAR).then(|| {
        format!("its best answer gives {percent} %, not 100 %: no answer gets all points; mend the weights")
    })
}

#[cfg(test)]
mod tests {
    use carrel_quiz::Text;
    use carrel_quiz::kind::ChoiceOption;

    use super::*;

    #[test]
    fn thirds_are_thirds_again() {
        for (text, share) in [
            ("33.33333", 1.0 / 3.0),
            ("33.33", 1.0 / 3.0),
            ("66.67", 2.0 / 3.0),
            ("-16.66667", -1.0 / 6.0),
            ("14.29", 1.0 / 7.0),
            ("12.5", 0.125),
            ("33.3", 33.3 / 100.0),
            ("33", 0.33),
            ("12.3456", 0.123_456),
            ("100", 1.0),
            (" 50.0000000 ", 0.5),
        ] {
            assert_eq!(parse(text), Some(share), "{text}");
        }
        for text in ["", "x", "101", "-100.5", "NaN", "inf"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(of_percent(33.33333), 1.0 / 3.0);
    }

    #[test]
    fn what_an_option_gives_depends_on_the_scheme() {
        let options = |weights: [Option<f64>; 3]| -> Vec<ChoiceOption> {
            let options = weights.into_iter().zip(["a", "b", "c"]);
            let options = options.map(|(weight, id)| {
                let mut option = ChoiceOption::new(id, Text::plain(id), id != "c");
                option.weight = weight;
                option
            });
            options.collect()
        };
        let mut many = Choice::many(options([Some(0.9), None, None]));
        assert_eq!(of_options(&many), (vec![0.9, 0.5, -0.5], true));
        many.scheme = ChoiceScheme::RightMinusWrong;
        assert_eq!(of_options(&many), (vec![0.5, 0.5, -0.5], true));
        many.scheme = ChoiceScheme::EveryDecision;
        assert!(!of_options(&many).1);
        let mut one = Choice::one(options([None, Some(0.25), Some(-0.5)]));
        assert_eq!(of_options(&one), (vec![1.0, 0.25, 0.0], true));
        take_away(&mut one);
        assert_eq!(of_options(&one), (vec![1.0, 0.25, -0.5], true));
        one.scheme = ChoiceScheme::EveryDecision;
        assert_eq!(of_options(&one), (vec![2.0 / 3.0, 2.0 / 3.0, 0.0], true));
    }

    #[test]
    fn weights_that_are_no_whole_are_told() {
        let told = |many: bool, weights: &[f64]| {
            let options = weights.iter().map(|weight| {
                let mut option = ChoiceOption::new("a", Text::plain("a"), *weight > 0.0);
                option.weight = Some(*weight);
                option
            });
            let options: Vec<ChoiceOption> = options.collect();
            tell(&if many {
                Choice::many(options)
            } else {
                Choice::one(options)
            })
        };
        assert_eq!(told(true, &[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, -1.0]), None);
        assert_eq!(told(false, &[1.0, 0.5, 0.5]), None);
        let less = told(true, &[0.3333, 0.33, 0.3334]).unwrap();
        assert!(less.contains("99.67 %"), "{less}");
        assert!(told(true, &[0.5, 1.0]).unwrap().contains("150 %"));
        assert!(told(false, &[0.9, 0.0]).unwrap().contains("90 %"));
        assert!(told(true, &[0.0, -0.5]).unwrap().contains("none"));
    }
}
