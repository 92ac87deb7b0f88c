//! What of a question has no place in QTI 1.2. Every field stands here by its name, so that a new
//! one is not forgotten; those that are written, or told where they are, are `_`.

use carrel_quiz::Question;
use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, Choice, ChoiceOption, DecimalMark, Essay, EssayFormat, Kind, Layout,
    MatchItem, MatchTarget, Matching, NumberAnswer, NumberKey, Numbering, Select, Spaces, TextKey,
    TextPattern, TextRules, TrueFalse, UnicodeForm,
};
use carrel_quiz::question::Feedback;

/// Everything of a question that is lost.
pub(super) fn of_question(question: &Question) -> Vec<String> {
    let Question {
        id: _,
        title: _,
        text: _,
        points: _,
        kind,
        feedback,
        hints,
        penalty,
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
    let mut lost = Lost::default();
    let partly = partially_correct.is_some();
    lost.when(partly, "feedback on partly right answers");
    lost.when(!hints.is_empty(), "hints");
    lost.when(penalty.is_some(), "the penalty for wrong tries");
    lost.when(tries.is_some(), "the number of tries");
    lost.when(!tags.is_empty(), "tags");
    lost.when(!category.is_empty(), "the category");
    lost.kind(kind);
    lost.all
}

#[derive(Default)]
struct Lost {
    all: Vec<String>,
}

impl Lost {
    fn when(&mut self, is_lost: bool, what: &str) {
        if is_lost && !self.all.iter().any(|known| known == what) {
            self.all.push(what.to_owned());
        }
    }

    fn kind(&mut self, kind: &Kind) {
        match kind {
            Kind::Choice(choice) => self.choice(choice, false),
            Kind::TrueFalse(TrueFalse {
                correct: _,
                feedback_true: _,
                feedback_false: _,
            }) => {}
            Kind::Blanks(Blanks { blanks, scheme: _ }) => {
                for blank in blanks {
                    let Blank {
                        id: _,
                        weight: _,
                        width,
                        key,
                    } = blank;
                    self.when(width.is_some(), "the width of blanks");
                    match key {
                        BlankKey::Text(key) => self.text(key, true),
                        BlankKey::Number(key) => self.number(key),
                        BlankKey::Choice(choice) => self.choice(choice, true),
                    }
                }
            }
            Kind::ShortAnswer(key) => self.text(key, false),
            Kind::Numeric(key) => self.number(key),
            Kind::Matching(matching) => self.matching(matching),
            Kind::Essay(essay) => self.essay(essay),
            // Left out as a whole, or only a text.
            Kind::Ordering(_) | Kind::Tracing(_) | Kind::BugLine(_) | Kind::Description => {}
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
        let bounded = !matches!(select, Select::One | Select::Many { min: 0, max: None });
        self.when(bounded, "how many options are to be chosen");
        self.when(*numbering != Numbering::None, "the numbering of options");
        let layout_lost = match layout {
            Layout::Standard => false,
            Layout::Vertical => in_line,
            Layout::Horizontal => true,
            Layout::DropDown => !in_line,
        };
        self.when(layout_lost, "the layout of options");
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
            self.when(*fixed, "options that keep their place");
            let not_chosen = feedback_not_chosen.is_some();
            self.when(not_chosen, "feedback on options not chosen");
            self.when(tip.is_some(), "tips of options");
            let told = in_line && feedback.is_some();
            self.when(told, "feedback on choices in a list");
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
        self.when(*spaces != Spaces::default(), "how blanks are compared");
        let usual = UnicodeForm::default();
        self.when(*unicode != usual, "compatible forms of letters");
        self.when(*ignore_accents, "that accents make no difference");
        self.when(*typos > 0, "typing errors that are forgiven");
        for pattern in patterns {
            let TextPattern {
                kind: _,
                pattern: _,
                score: _,
                feedback,
            } = pattern;
            let told = in_blank && feedback.is_some();
            self.when(told, "feedback on single answers");
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
        self.when(mark, "which decimal mark is understood");
        self.when(!fractions, "that fractions are not understood");
        self.when(units.is_some(), "units: the number alone is compared");
        for answer in answers {
            let NumberAnswer {
                accept: _,
                score: _,
                feedback,
            } = answer;
            self.when(feedback.is_some(), "feedback on single answers");
        }
    }

    fn matching(&mut self, matching: &Matching) {
        let Matching {
            items,
            targets,
            scheme: _,
            shuffle,
        } = matching;
        self.when(!shuffle, "that pairs keep their order");
        for item in items {
            let MatchItem {
                id: _,
                text: _,
                target: _,
                weight,
                feedback,
            } = item;
            self.when(*weight != 1.0, "weights of pairs");
            self.when(feedback.is_some(), "feedback on pairs");
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
        let code = matches!(format, EssayFormat::Plain | EssayFormat::Code);
        self.when(code, "that an essay is written without markup");
        self.when(lines.is_some(), "the height of an essay's field");
        let words = words_min.is_some() || words_max.is_some();
        self.when(words, "the number of words of an essay");
        self.when(start.is_some(), "the text that an essay starts with");
        self.when(grader_notes.is_some(), "notes for graders");
        match format {
            EssayFormat::FilesOnly => {
                let other = (*files_min, *files_max) != (1, 1);
                self.when(other, "the number of files");
            }
            _ => self.when(*files_max > 0, "files beside a text"),
        }
    }
}
