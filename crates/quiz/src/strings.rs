//! Every string of a question that may hold `{{expression}}`.

use crate::instance::Shape;
use crate::kind::{BlankKey, Choice, Kind, NumberKey, Outcome, TextKey};
use crate::question::Question;
use crate::text::Text;

type Visit<'a> = &'a mut dyn FnMut(&mut String, Shape);

impl Question {
    /// Hands every string that variables may stand in to `visit`.
    pub fn for_each_string_mut(&mut self, visit: Visit<'_>) {
        visit(&mut self.text.source, Shape::Literal);
        let feedback = &mut self.feedback;
        for text in [
            &mut feedback.general,
            &mut feedback.correct,
            &mut feedback.partially_correct,
            &mut feedback.incorrect,
        ] {
            visit_optional(text, visit);
        }
        for hint in &mut self.hints {
            visit_text(&mut hint.text, visit);
        }
        visit_kind(&mut self.kind, visit);
    }
}

fn visit_kind(kind: &mut Kind, visit: Visit<'_>) {
    match kind {
        Kind::Choice(choice) => visit_choice(choice, visit),
        Kind::TrueFalse(choice) => {
            visit_optional(&mut choice.feedback_true, visit);
            visit_optional(&mut choice.feedback_false, visit);
        }
        Kind::Blanks(blanks) => {
            for blank in &mut blanks.blanks {
                match &mut blank.key {
                    BlankKey::Text(key) => visit_key(key, visit),
                    BlankKey::Number(key) => visit_number(key, visit),
                    BlankKey::Choice(choice) => visit_choice(choice, visit),
                }
            }
        }
        Kind::ShortAnswer(key) => visit_key(key, visit),
        Kind::Numeric(key) => visit_number(key, visit),
        Kind::Matching(matching) => {
            for item in &mut matching.items {
                visit_text(&mut item.text, visit);
                visit_optional(&mut item.feedback, visit);
            }
            for target in &mut matching.targets {
                visit_text(&mut target.text, visit);
            }
        }
        Kind::Ordering(ordering) => {
            for item in ordering.items.iter_mut().chain(&mut ordering.distractors) {
                visit_text(&mut item.text, visit);
            }
        }
        Kind::Tracing(tracing) => {
            visit(&mut tracing.source, Shape::Literal);
            visit(&mut tracing.stdin, Shape::Literal);
            if let Outcome::Prints { output } | Outcome::RuntimeError { output } =
                &mut tracing.expected
            {
                visit(output, Shape::Literal);
            }
        }
        Kind::BugLine(bug_line) => {
            visit(&mut bug_line.source, Shape::Literal);
            for bug in &mut bug_line.bugs {
                visit_optional(&mut bug.feedback, visit);
            }
            for note in &mut bug_line.notes {
                visit_text(&mut note.feedback, visit);
            }
        }
        Kind::Essay(essay) => {
            visit_optional(&mut essay.start, visit);
            visit_optional(&mut essay.grader_notes, visit);
        }
        Kind::Description => {}
    }
}

fn visit_choice(choice: &mut Choice, visit: Visit<'_>) {
    for option in &mut choice.options {
        visit_text(&mut option.text, visit);
        visit_optional(&mut option.feedback, visit);
        visit_optional(&mut option.feedback_not_chosen, visit);
        visit_optional(&mut option.tip, visit);
    }
}

fn visit_key(key: &mut TextKey, visit: Visit<'_>) {
    for pattern in &mut key.patterns {
        visit(&mut pattern.pattern, Shape::of_pattern(pattern.kind));
        visit_optional(&mut pattern.feedback, visit);
    }
}

fn visit_number(key: &mut NumberKey, visit: Visit<'_>) {
    for answer in &mut key.answers {
        visit_optional(&mut answer.feedback, visit);
    }
}

fn visit_text(text: &mut Text, visit: Visit<'_>) {
    visit(&mut text.source, Shape::Literal);
}

fn visit_optional(text: &mut Option<Text>, visit: Visit<'_>) {
    if let Some(text) = text {
        visit_text(text, visit);
    }
}
