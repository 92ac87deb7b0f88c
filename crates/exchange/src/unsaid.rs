//! What of a question a format may have no place for.
//!
//! One walk takes every part apart by its fields, so that a new one cannot be forgotten. What is
//! not as usual comes up as [`Said`], and each format answers what of it is lost; those that every
//! writer writes, or tells where they are, are `_`.

use carrel_quiz::Question;
use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, Choice, ChoiceOption, DecimalMark, Essay, EssayFormat, Kind, Layout,
    MatchItem, MatchTarget, Matching, NumberAnswer, NumberKey, Numbering, OrderItem, Ordering,
    PartScheme, Select, Spaces, TextKey, TextPattern, TextRules, TrueFalse, UnicodeForm,
};
use carrel_quiz::question::Feedback;

/// Something that a question says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Hints,
    Penalty,
    Tries,
    Tags,
    Category,
    FeedbackOnPartlyRight,
    /// What a wrong answer gives.
    Wrong,
    /// Whole answers with a share of their own.
    Special,
    /// None of the options is right: nothing chosen is.
    NoneRight,
    /// How many options are to be chosen.
    NumberOfChoices,
    Numbering,
    Layout {
        layout: Layout,
        in_line: bool,
    },
    FixedOption,
    FeedbackOnOption {
        in_line: bool,
    },
    FeedbackNotChosen {
        in_line: bool,
    },
    Tip,
    BlankWidth,
    Spaces,
    Unicode,
    Accents,
    Typos,
    FeedbackOnText {
        in_blank: bool,
    },
    DecimalMark,
    NoFractions,
    Units,
    FeedbackOnNumber,
    PairsKeepOrder,
    PairWeights,
    FeedbackOnPair,
    /// Bounds of the sum of all parts, and what wrong pairs give.
    PartWeights,
    EssayFormat(EssayFormat),
    EssayLines,
    EssayWords,
    EssayStart,
    GraderNotes,
    NumberOfFiles,
    FilesBesideText,
}

/// Everything of a question that is lost, by what a format answers.
pub(crate) fn lost(question: &Question, answer: fn(Said) -> Option<&'static str>) -> Vec<String> {
    let mut walk = Walk {
        answer,
        lost: Vec::new(),
    };
    walk.question(question);
    walk.lost
}

struct Walk {
    answer: fn(Said) -> Option<&'static str>,
    lost: Vec<String>,
}

impl Walk {
    fn when(&mut self, is_said: bool, said: Said) {
        if let Some(what) = (self.answer)(said).filter(|_| is_said)
            && !self.lost.iter().any(|known| known == what)
        {
            self.lost.push(what.to_owned());
        }
    }

    fn question(&mut self, question: &Question) {
        let Question {
            id: _,
            title: _,
            text: _,
            points: _,
            kind,
            feedback,
            hints,
            penalty,
            wrong,
            special,
            tries,
            tags,
            category,
            attachments: _,
            template: _,
        } = question;
        let Feedback {
            general: _,
            correct: _,
            partially_correct,
            incorrect: _,
        } = feedback;
        self.when(partially_correct.is_some(), Said::FeedbackOnPartlyRight);
        self.when(!hints.is_empty(), Said::Hints);
        self.when(penalty.is_some(), Said::Penalty);
        self.when(*wrong != 0.0, Said::Wrong);
        self.when(!special.is_empty(), Said::Special);
        self.when(tries.is_some(), Said::Tries);
        self.when(!tags.is_empty(), Said::Tags);
        self.when(!category.is_empty(), Said::Category);
        self.kind(kind);
    }

    fn kind(&mut self, kind: &Kind) {
        match kind {
            Kind::Choice(choice) => self.choice(choice, false),
            Kind::TrueFalse(TrueFalse {
                correct: _,
                feedback_true: _,
                feedback_false: _,
            }) => {}
            Kind::Blanks(Blanks { blanks, scheme }) => {
                self.scheme(*scheme);
                blanks.iter().for_each(|blank| self.blank(blank));
            }
            Kind::ShortAnswer(key) => self.text(key, false),
            Kind::Numeric(key) => self.number(key),
            Kind::Matching(matching) => self.matching(matching),
            Kind::Ordering(ordering) => {
                let Ordering {
                    items,
                    distractors,
                    scheme: _,
                } = ordering;
                for item in items.iter().chain(distractors) {
                    let OrderItem { id: _, text: _ } = item;
                }
            }
            Kind::Essay(essay) => self.essay(essay),
            // Left out as a whole, or only a text.
            Kind::Tracing(_) | Kind::BugLine(_) | Kind::Description => {}
        }
    }

    fn scheme(&mut self, scheme: PartScheme) {
        match scheme {
            // All or nothing is told where it is written.
            PartScheme::EachPart | PartScheme::AllOrNothing => {}
            PartScheme::Weights {
                floor: _,
                ceiling: _,
            } => self.when(true, Said::PartWeights),
        }
    }

    fn blank(&mut self, blank: &Blank) {
        let Blank {
            id: _,
            weight: _,
            width,
            key,
        } = blank;
        self.when(width.is_some(), Said::BlankWidth);
        match key {
            BlankKey::Text(key) => self.text(key, true),
            BlankKey::Number(key) => self.number(key),
            BlankKey::Choice(choice) => self.choice(choice, true),
        }
    }

    fn choice(&mut self, choice: &Choice, in_line: bool) {
        let Choice {
            select,
            options,
            scheme: _,
            shuffle: _,
            numbering,
            layout,
        } = choice;
        self.when(choice.right_count() == 0, Said::NoneRight);
        let bounded = !matches!(select, Select::One | Select::Many { min: 0, max: None });
        self.when(bounded, Said::NumberOfChoices);
        self.when(*numbering != Numbering::None, Said::Numbering);
        let layout = *layout;
        self.when(true, Said::Layout { layout, in_line });
        for option in options {
            let ChoiceOption {
                id: _,
                text: _,
                correct: _,
                weight: _,
                fixed,
                feedback,
                feedback_not_chosen,
                tip,
            } = option;
            self.when(*fixed, Said::FixedOption);
            self.when(feedback.is_some(), Said::FeedbackOnOption { in_line });
            let not_chosen = feedback_not_chosen.is_some();
            self.when(not_chosen, Said::FeedbackNotChosen { in_line });
            self.when(tip.is_some(), Said::Tip);
        }
    }

    fn text(&mut self, key: &TextKey, in_blank: bool) {
        let TextKey { patterns, rules } = key;
        let TextRules {
            case: _,
            spaces,
            unicode,
            ignore_accents,
            typos,
        } = rules;
        self.when(*spaces != Spaces::default(), Said::Spaces);
        self.when(*unicode != UnicodeForm::default(), Said::Unicode);
        self.when(*ignore_accents, Said::Accents);
        self.when(*typos > 0, Said::Typos);
        for pattern in patterns {
            let TextPattern {
                kind: _,
                pattern: _,
                score: _,
                feedback,
            } = pattern;
            self.when(feedback.is_some(), Said::FeedbackOnText { in_blank });
        }
    }

    fn number(&mut self, key: &NumberKey) {
        let NumberKey {
            answers,
            decimal_mark,
            fractions,
            units,
        } = key;
        let mark = *decimal_mark != DecimalMark::default();
        self.when(mark, Said::DecimalMark);
        self.when(!fractions, Said::NoFractions);
        self.when(units.is_some(), Said::Units);
        for answer in answers {
            let NumberAnswer {
                accept: _,
                score: _,
                feedback,
            } = answer;
            self.when(feedback.is_some(), Said::FeedbackOnNumber);
        }
    }

    fn matching(&mut self, matching: &Matching) {
        let Matching {
            items,
            targets,
            scheme,
            // Only with weights, which are told.
            pairs: _,
            wrong_pair: _,
            shuffle,
        } = matching;
        self.scheme(*scheme);
        self.when(!shuffle, Said::PairsKeepOrder);
        for item in items {
            let MatchItem {
                id: _,
                text: _,
                target: _,
                weight,
                feedback,
            } = item;
            self.when(*weight != 1.0, Said::PairWeights);
            self.when(feedback.is_some(), Said::FeedbackOnPair);
        }
        for target in targets {
            let MatchTarget { id: _, text: _ } = target;
        }
    }

    fn essay(&mut self, essay: &Essay) {
        let Essay {
            format,
            lines,
            words_min,
            words_max,
            files_max,
            files_min,
            start,
            grader_notes,
        } = essay;
        self.when(true, Said::EssayFormat(*format));
        self.when(lines.is_some(), Said::EssayLines);
        let words = words_min.is_some() || words_max.is_some();
        self.when(words, Said::EssayWords);
        self.when(start.is_some(), Said::EssayStart);
        self.when(grader_notes.is_some(), Said::GraderNotes);
        match format {
            EssayFormat::FilesOnly => {
                let other = (*files_min, *files_max) != (1, 1);
                self.when(other, Said::NumberOfFiles);
            }
            _ => self.when(*files_max > 0, Said::FilesBesideText),
        }
    }
}
