//! What of a question has no place in QTI. Every field stands here by its name, so that a new one
//! is not forgotten; those that are written, or told where they are, are `_`.

use carrel_quiz::Question;
use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, Choice, ChoiceOption, DecimalMark, Essay, EssayFormat, Kind, Layout,
    MatchItem, MatchTarget, Matching, NumberAnswer, NumberKey, Numbering, OrderItem, Ordering,
    Spaces, TextKey, TextPattern, TextRules, TrueFalse, UnicodeForm,
};

/// Everything of a question that is lost.
pub(super) fn of_question(question: &Question) -> Vec<String> {
    let Question {
        id: _,
        title: _,
        text: _,
        points: _,
        kind,
        feedback: _,
        hints,
        penalty,
        tries,
        tags,
        category,
        attachments: _,
        template: _,
    } = question;
    let mut lost = Lost::default();
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
                        width: _,
                        key,
                    } = blank;
                    match key {
                        BlankKey::Text(key) => self.text(key),
                        BlankKey::Number(key) => self.number(key),
                        BlankKey::Choice(choice) => self.choice(choice, true),
                    }
                }
            }
            Kind::ShortAnswer(key) => self.text(key),
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

    fn choice(&mut self, choice: &Choice, in_line: bool) {
        let Choice {
            select: _,
            options,
            scheme: _,
            shuffle: _,
            numbering,
            layout,
        } = choice;
        self.when(*numbering != Numbering::None, "the numbering of options");
        let layout_lost = match layout {
            Layout::Standard => false,
            Layout::Vertical | Layout::Horizontal => in_line,
            Layout::DropDown => !in_line,
        };
        self.when(layout_lost, "the layout of options");
        for option in options {
            let ChoiceOption {
                id: _,
                text: _,
                correct: _,
                weight: _,
                fixed: _,
                feedback,
                feedback_not_chosen,
                tip,
            } = option;
            self.when(tip.is_some(), "tips of options");
            let told = feedback.is_some() || feedback_not_chosen.is_some();
            self.when(in_line && told, "feedback on choices in the line");
        }
    }

    fn text(&mut self, key: &TextKey) {
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
            self.when(feedback.is_some(), "feedback on single answers");
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
            shuffle: _,
        } = matching;
        for item in items {
            let MatchItem {
                id: _,
                text: _,
                target: _,
                weight: _,
                feedback,
            } = item;
            self.when(feedback.is_some(), "feedback on pairs");
        }
        for target in targets {
            let MatchTarget { id: _, text: _ } = target;
        }
    }

    fn essay(&mut self, essay: &Essay) {
        let Essay {
            format,
            lines: _,
            words_min,
            words_max,
            files_max,
            files_min,
            start,
            grader_notes,
        } = essay;
        let words = words_min.is_some() || words_max.is_some();
        self.when(words, "the number of words of an essay");
        self.when(start.is_some(), "the text that an essay starts with");
        self.when(grader_notes.is_some(), "notes for graders");
        match format {
            EssayFormat::FilesOnly => {
                let other = (*files_min, *files_max) != (1, 1);
                self.when(other, "the number of files: QTI takes one");
            }
            _ => self.when(*files_max > 0, "files beside a text"),
        }
    }
}
