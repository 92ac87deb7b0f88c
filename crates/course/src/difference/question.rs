//! What changes of one question: its text, its key, its feedback, its rules, its costs or its
//! points.
//!
//! Everything is taken apart without `..`: whoever adds a field has to say here what it is for.

use carrel_quiz::Question;
use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, Bug, BugLine, Choice, ChoiceOption, Essay, Kind, LineNote, MatchItem,
    MatchTarget, Matching, NumberAnswer, NumberKey, OrderItem, Ordering, TextKey, TextPattern,
    Tracing, TrueFalse,
};
use carrel_quiz::question::Hint;
use serde::Serialize;
use serde_json::Value;

use super::{Effect, PartChange, PointsChange};

/// The values of a question, by what they are for.
#[derive(Debug, Default, PartialEq)]
struct Parts {
    /// What is asked, and how it is shown.
    text: Vec<Value>,
    /// What is right, and how much of it counts.
    key: Vec<Value>,
    /// What is said about an answer.
    feedback: Vec<Value>,
    /// What may be done, how often and when.
    rules: Vec<Value>,
    /// What tries and hints cost.
    cost: Vec<Value>,
}

/// What changed of a question that both versions have, wherever it stands.
pub(super) fn compare(before: &Question, after: &Question) -> PartChange {
    let [old, new] = [before, after].map(Parts::of);
    let mut change = PartChange::new(&after.id, &after.title, Effect::Changed);
    change.key = old.key != new.key;
    change.text = old.text != new.text;
    change.feedback = old.feedback != new.feedback;
    change.rules = old.rules != new.rules;
    change.cost = old.cost != new.cost;
    #[expect(
        clippy::float_cmp,
        reason = "any change of what the author wrote is told"
    )]
    if before.points != after.points {
        change.points = Some(PointsChange {
            before: before.points,
            after: after.points,
        });
    }
    change
}

fn push(part: &mut Vec<Value>, value: &impl Serialize) {
    part.push(serde_json::to_value(value).unwrap_or_default());
}

impl Parts {
    fn of(question: &Question) -> Self {
        let Question {
            id: _,
            title,
            text,
            // Told with their values.
            points: _,
            kind,
            feedback,
            hints,
            penalty,
            wrong,
            special,
            tries,
            // For authors.
            tags: _,
            category: _,
            attachments,
            template,
        } = question;
        let mut parts = Self::default();
        push(&mut parts.text, title);
        push(&mut parts.text, text);
        push(&mut parts.text, attachments);
        push(&mut parts.key, template);
        push(&mut parts.feedback, feedback);
        push(&mut parts.rules, tries);
        push(&mut parts.cost, penalty);
        hints.iter().for_each(|hint| parts.add_hint(hint));
        push(&mut parts.key, &(wrong, special));
        push(&mut parts.key, &kind.name());
        parts.add_kind(kind);
        parts
    }

    fn add_hint(&mut self, hint: &Hint) {
        let Hint {
            text,
            cost,
            after_tries,
            clear_wrong,
            show_right_count,
        } = hint;
        push(&mut self.feedback, text);
        push(&mut self.cost, cost);
        push(
            &mut self.rules,
            &(after_tries, clear_wrong, show_right_count),
        );
    }

    fn add_kind(&mut self, kind: &Kind) {
        match kind {
            Kind::Choice(choice) => self.add_choice(choice),
            Kind::TrueFalse(TrueFalse {
                correct,
                feedback_true,
                feedback_false,
            }) => {
                push(&mut self.key, correct);
                push(&mut self.feedback, &(feedback_true, feedback_false));
            }
            Kind::Blanks(Blanks { blanks, scheme }) => {
                push(&mut self.key, scheme);
                blanks.iter().for_each(|blank| self.add_blank(blank));
            }
            Kind::ShortAnswer(key) => self.add_text_key(key),
            Kind::Numeric(key) => self.add_number_key(key),
            Kind::Matching(matching) => self.add_matching(matching),
            Kind::Ordering(Ordering {
                items,
                distractors,
                scheme,
            }) => {
                push(&mut self.key, &(scheme, items.len()));
                for OrderItem { id, text } in items.iter().chain(distractors) {
                    push(&mut self.key, id);
                    push(&mut self.text, text);
                }
            }
            Kind::Tracing(tracing) => self.add_tracing(tracing),
            Kind::BugLine(bug_line) => self.add_bug_line(bug_line),
            Kind::Essay(essay) => self.add_essay(essay),
            Kind::Description => {}
        }
    }

    fn add_choice(&mut self, choice: &Choice) {
        let Choice {
            select,
            options,
            scheme,
            shuffle,
            numbering,
            layout,
        } = choice;
        push(&mut self.key, &(select, scheme));
        push(&mut self.text, &(shuffle, numbering, layout));
        for option in options {
            let ChoiceOption {
                id,
                text,
                correct,
                weight,
                fixed,
                feedback,
                feedback_not_chosen,
                tip,
            } = option;
            push(&mut self.key, &(id, correct, weight));
            push(&mut self.text, &(text, fixed));
            push(&mut self.feedback, &(feedback, feedback_not_chosen, tip));
        }
    }

    fn add_blank(&mut self, blank: &Blank) {
        let Blank {
            id,
            weight,
            width,
            key,
        } = blank;
        push(&mut self.key, &(id, weight));
        push(&mut self.text, width);
        match key {
            BlankKey::Text(key) => {
                push(&mut self.key, &"text");
                self.add_text_key(key);
            }
            BlankKey::Number(key) => {
                push(&mut self.key, &"number");
                self.add_number_key(key);
            }
            BlankKey::Choice(choice) => {
                push(&mut self.key, &"choice");
                self.add_choice(choice);
            }
        }
    }

    fn add_text_key(&mut self, key: &TextKey) {
        let TextKey { patterns, rules } = key;
        push(&mut self.key, rules);
        for pattern in patterns {
            let TextPattern {
                kind,
                pattern,
                score,
                feedback,
            } = pattern;
            push(&mut self.key, &(kind, pattern, score));
            push(&mut self.feedback, feedback);
        }
    }

    fn add_number_key(&mut self, key: &NumberKey) {
        let NumberKey {
            answers,
            decimal_mark,
            fractions,
            units,
        } = key;
        push(&mut self.key, &(decimal_mark, fractions, units));
        for answer in answers {
            let NumberAnswer {
                accept,
                score,
                feedback,
            } = answer;
            push(&mut self.key, &(accept, score));
            push(&mut self.feedback, feedback);
        }
    }

    fn add_matching(&mut self, matching: &Matching) {
        let Matching {
            items,
            targets,
            scheme,
            pairs,
            wrong_pair,
            shuffle,
        } = matching;
        push(&mut self.key, &(scheme, pairs, wrong_pair));
        push(&mut self.text, shuffle);
        for item in items {
            let MatchItem {
                id,
                text,
                target,
                weight,
                feedback,
            } = item;
            push(&mut self.key, &(id, target, weight));
            push(&mut self.text, text);
            push(&mut self.feedback, feedback);
        }
        for MatchTarget { id, text } in targets {
            push(&mut self.key, id);
            push(&mut self.text, text);
        }
    }

    fn add_tracing(&mut self, tracing: &Tracing) {
        let Tracing {
            source,
            language,
            // Where authors have it run.
            environment: _,
            stdin,
            expected,
            scheme,
        } = tracing;
        push(&mut self.text, &(source, language, stdin));
        push(&mut self.key, &(expected, scheme));
    }

    fn add_bug_line(&mut self, bug_line: &BugLine) {
        let BugLine {
            source,
            language,
            bugs,
            notes,
            scheme,
        } = bug_line;
        push(&mut self.text, &(source, language));
        push(&mut self.key, scheme);
        for bug in bugs {
            let Bug {
                first_line,
                last_line,
                feedback,
            } = bug;
            push(&mut self.key, &(first_line, last_line));
            push(&mut self.feedback, feedback);
        }
        for LineNote { line, feedback } in notes {
            push(&mut self.feedback, &(line, feedback));
        }
    }

    fn add_essay(&mut self, essay: &Essay) {
        let Essay {
            format,
            lines,
            words_min,
            words_max,
            files_max,
            files_min,
            start,
            // For those who grade.
            grader_notes: _,
        } = essay;
        push(&mut self.text, &(format, lines, start));
        push(
            &mut self.rules,
            &(words_min, words_max, files_max, files_min),
        );
    }
}
