//! What questions say that formats of Moodle have no place for.
//!
//! Every part is taken apart by its fields, so that one that is new cannot be forgotten here.

use carrel_quiz::Question;
use carrel_quiz::kind::{
    Blank, BlankKey, Choice, ChoiceOption, DecimalMark, Kind, Layout, Matching, NumberKey,
    Numbering, PartScheme, Select, TextKey, TextRules,
};
use carrel_quiz::question::Hint;

/// What a format has a place for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    /// Whether options and pairs keep their order.
    pub(crate) order: bool,
    /// How options are numbered.
    pub(crate) numbering: bool,
    /// Hints.
    pub(crate) hints: bool,
}

/// What of a question is lost beside what its writer tells of points and keys.
pub(crate) fn tell(question: &Question, places: Places) -> Vec<String> {
    let mut told = Vec::new();
    if question.wrong != 0.0 {
        told.push("what a wrong answer gives");
    }
    if !question.special.is_empty() {
        told.push("whole answers with a share of their own");
    }
    match &question.kind {
        Kind::Choice(choice) => tell_choice(choice, places, &mut told),
        Kind::Numeric(key) => tell_number(key, &mut told),
        Kind::Blanks(blanks) => {
            tell_scheme(blanks.scheme, &mut told);
            for blank in &blanks.blanks {
                tell_blank(blank, &mut told);
            }
        }
        Kind::Matching(matching) => {
            let Matching {
                items: _,
                targets: _,
                scheme,
                // Only with weights, which are told.
                pairs: _,
                wrong_pair: _,
                shuffle,
            } = matching;
            tell_scheme(*scheme, &mut told);
            if !shuffle && !places.order {
                told.push("that the pairs keep their order");
            }
        }
        Kind::TrueFalse(_)
        | Kind::ShortAnswer(_)
        | Kind::Ordering(_)
        | Kind::Tracing(_)
        | Kind::BugLine(_)
        | Kind::Essay(_)
        | Kind::Description => {}
    }
    for (number, hint) in (1..).zip(&question.hints) {
        let Hint {
            text: _,
            cost: _,
            after_tries,
            clear_wrong: _,
            show_right_count: _,
        } = hint;
        // The n-th hint is given after n tries.
        if places.hints && *after_tries != number {
            told.push("after how many tries a hint is given");
        }
    }
    let mut known = Vec::new();
    for what in told {
        if !known.iter().any(|known| known == what) {
            known.push(what.to_owned());
        }
    }
    known
}

/// Each part counts by itself there.
fn tell_scheme(scheme: PartScheme, told: &mut Vec<&'static str>) {
    match scheme {
        // All or nothing is told by the writers.
        PartScheme::EachPart | PartScheme::AllOrNothing => {}
        PartScheme::Weights { .. } => {
            told.push("the bounds of the points of all parts, and what wrong pairs give");
        }
    }
}

fn tell_choice(choice: &Choice, places: Places, told: &mut Vec<&'static str>) {
    let Choice {
        select,
        options: _,
        scheme: _,
        shuffle,
        numbering,
        layout,
    } = choice;
    tell_number_of(*select, told);
    if !shuffle && !places.order {
        told.push("that the options keep their order");
    }
    if *numbering != Numbering::None && !places.numbering {
        told.push("how the options are numbered");
    }
    if matches!(layout, Layout::Horizontal | Layout::DropDown) {
        told.push("how the options are laid out");
    }
}

fn tell_number_of(select: Select, told: &mut Vec<&'static str>) {
    if let Select::Many { min, max } = select
        && (min > 0 || max.is_some())
    {
        told.push("how many options may be chosen");
    }
}

fn tell_number(key: &NumberKey, told: &mut Vec<&'static str>) {
    let NumberKey {
        answers: _,
        decimal_mark,
        fractions,
        units: _,
    } = key;
    if *decimal_mark != DecimalMark::Either {
        told.push("which decimal mark is understood");
    }
    if !fractions {
        told.push("that fractions are not understood");
    }
}

fn tell_blank(blank: &Blank, told: &mut Vec<&'static str>) {
    let Blank {
        id: _,
        weight: _,
        width,
        key,
    } = blank;
    if width.is_some() {
        told.push("how wide its blanks are");
    }
    match key {
        BlankKey::Text(TextKey { patterns: _, rules }) => {
            let TextRules {
                case: _,
                spaces,
                unicode,
                ignore_accents,
                typos,
            } = *rules;
            let usual = TextRules::default();
            let same = spaces == usual.spaces && unicode == usual.unicode;
            if !same || ignore_accents || typos > 0 {
                told.push("the rules of comparison of its blanks beyond upper and lower case");
            }
        }
        BlankKey::Number(key) => tell_number(key, told),
        BlankKey::Choice(choice) => {
            tell_number_of(choice.select, told);
            if choice.numbering != Numbering::None {
                told.push("how the options are numbered");
            }
            if choice.options.iter().any(has_more) {
                told.push("options of a blank that keep their place, tips, and feedback on options not chosen");
            }
        }
    }
}

/// Whether an option says more than its text, worth and feedback.
fn has_more(option: &ChoiceOption) -> bool {
    let ChoiceOption {
        id: _,
        text: _,
        correct: _,
        weight: _,
        fixed,
        feedback: _,
        feedback_not_chosen,
        tip,
    } = option;
    *fixed || feedback_not_chosen.is_some() || tip.is_some()
}

#[cfg(test)]
mod tests {
    use carrel_quiz::Text;
    use carrel_quiz::kind::{Blanks, PartScheme, Tolerance};

    use super::*;

    fn options() -> Vec<ChoiceOption> {
        ["a", "b"]
            .map(|id| ChoiceOption::new(id, Text::plain(id), id == "a"))
            .into()
    }

    fn comma_without_fractions() -> NumberKey {
        let mut number = NumberKey::near(1.0, Tolerance::Exact);
        number.decimal_mark = DecimalMark::Comma;
        number.fractions = false;
        number
    }

    fn wide_blanks() -> Kind {
        let mut text = TextKey::exact(["a"]);
        text.rules.typos = 1;
        let mut listed = Choice::one(options());
        listed.options[0].fixed = true;
        let blank = |id: &str, key: BlankKey| Blank {
            width: Some(4),
            ..Blank::new(id, key)
        };
        Kind::Blanks(Blanks {
            blanks: vec![
                blank("1", BlankKey::Text(text)),
                blank("2", BlankKey::Number(comma_without_fractions())),
                blank("3", BlankKey::Choice(listed)),
            ],
            scheme: PartScheme::EachPart,
        })
    }

    fn told(kind: Kind, places: Places) -> Vec<String> {
        let mut question = Question::new("q", Text::plain("t"), kind);
        question.hints = vec![Hint::new(Text::plain("h")); 2];
        tell(&question, places)
    }

    const NONE: Places = Places {
        order: false,
        numbering: false,
        hints: true,
    };
    const ALL: Places = Places {
        order: true,
        numbering: true,
        hints: true,
    };
    const HINT: &str = "after how many tries a hint is given";

    #[test]
    fn what_has_no_place_is_named_once() {
        let mut choice = Choice::many(options());
        choice.select = Select::Many {
            min: 1,
            max: Some(2),
        };
        choice.shuffle = false;
        choice.numbering = Numbering::Digits;
        choice.layout = Layout::Horizontal;
        let number = comma_without_fractions();
        assert_eq!(
            told(Kind::Choice(choice.clone()), NONE),
            [
                "how many options may be chosen",
                "that the options keep their order",
                "how the options are numbered",
                "how the options are laid out",
                HINT,
            ]
        );
        assert_eq!(told(Kind::Choice(choice), ALL).len(), 3);
        assert_eq!(
            told(Kind::Numeric(number), ALL),
            [
                "which decimal mark is understood",
                "that fractions are not understood",
                HINT
            ]
        );
        assert_eq!(
            told(wide_blanks(), ALL),
            [
                "how wide its blanks are",
                "the rules of comparison of its blanks beyond upper and lower case",
                "which decimal mark is understood",
                "that fractions are not understood",
                "options of a blank that keep their place, tips, and feedback on options not chosen",
                HINT,
            ]
        );
        assert!(
            told(
                Kind::Description,
                Places {
                    hints: false,
                    ..ALL
                }
            )
            .is_empty()
        );
    }
}
