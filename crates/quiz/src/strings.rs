//! Every string of a question that may hold `{{expression}}`.

use std::fmt;

use crate::instance::Shape;
use crate::kind::{BlankKey, Choice, Kind, NumberKey, Outcome, TextKey};
use crate::question::Question;
use crate::text::{Text, TextFormat};

/// A string of a question.
#[derive(Debug)]
pub struct Passage<'a> {
    /// Which part of the question it is, as a defect names it: `text`, `option b feedback`.
    pub part: fmt::Arguments<'a>,
    /// The string.
    pub source: &'a mut String,
    /// How a value is put into it.
    pub shape: Shape,
    /// How it is read; `None`: it is no text of its own, but a pattern or a program.
    pub format: Option<TextFormat>,
}

type Visit<'a> = &'a mut dyn FnMut(Passage<'_>);
type Part<'a> = fmt::Arguments<'a>;

impl Question {
    /// Hands every string that variables may stand in to `visit`.
    pub fn for_each_string_mut(&mut self, visit: Visit<'_>) {
        visit_text(format_args!("text"), &mut self.text, visit);
        let feedback = &mut self.feedback;
        for (part, text) in [
            ("general", &mut feedback.general),
            ("correct", &mut feedback.correct),
            ("partial", &mut feedback.partially_correct),
            ("incorrect", &mut feedback.incorrect),
        ] {
            visit_optional(format_args!("{part}"), text, visit);
        }
        for (index, hint) in self.hints.iter_mut().enumerate() {
            visit_text(format_args!("hint {}", index + 1), &mut hint.text, visit);
        }
        visit_kind(&mut self.kind, visit);
    }
}

fn visit_kind(kind: &mut Kind, visit: Visit<'_>) {
    let whole = format_args!("");
    match kind {
        Kind::Choice(choice) => visit_choice(whole, choice, visit),
        Kind::TrueFalse(choice) => {
            visit_optional(format_args!("true"), &mut choice.feedback_true, visit);
            visit_optional(format_args!("false"), &mut choice.feedback_false, visit);
        }
        Kind::Blanks(blanks) => {
            for blank in &mut blanks.blanks {
                let prefix = format_args!("blank {} ", blank.id);
                match &mut blank.key {
                    BlankKey::Text(key) => visit_key(prefix, key, visit),
                    BlankKey::Number(key) => visit_number(prefix, key, visit),
                    BlankKey::Choice(choice) => visit_choice(prefix, choice, visit),
                }
            }
        }
        Kind::ShortAnswer(key) => visit_key(whole, key, visit),
        Kind::Numeric(key) => visit_number(whole, key, visit),
        Kind::Matching(matching) => {
            for item in &mut matching.items {
                visit_text(format_args!("item {}", item.id), &mut item.text, visit);
                let part = format_args!("item {} feedback", item.id);
                visit_optional(part, &mut item.feedback, visit);
            }
            for target in &mut matching.targets {
                visit_text(
                    format_args!("target {}", target.id),
                    &mut target.text,
                    visit,
                );
            }
        }
        Kind::Ordering(ordering) => {
            for item in ordering.items.iter_mut().chain(&mut ordering.distractors) {
                visit_text(format_args!("item {}", item.id), &mut item.text, visit);
            }
        }
        Kind::Tracing(tracing) => {
            visit_plain(format_args!("source"), &mut tracing.source, visit);
            visit_plain(format_args!("stdin"), &mut tracing.stdin, visit);
            if let Outcome::Prints { output } | Outcome::RuntimeError { output } =
                &mut tracing.expected
            {
                visit_plain(format_args!("output"), output, visit);
            }
        }
        Kind::BugLine(bug_line) => {
            visit_plain(format_args!("source"), &mut bug_line.source, visit);
            for bug in &mut bug_line.bugs {
                let part = format_args!("bug {}", bug.first_line);
                visit_optional(part, &mut bug.feedback, visit);
            }
            for note in &mut bug_line.notes {
                visit_text(
                    format_args!("line {}", note.line),
                    &mut note.feedback,
                    visit,
                );
            }
        }
        Kind::Essay(essay) => {
            visit_optional(format_args!("start"), &mut essay.start, visit);
            visit_optional(format_args!("grader"), &mut essay.grader_notes, visit);
        }
        Kind::Description => {}
    }
}

fn visit_choice(prefix: Part<'_>, choice: &mut Choice, visit: Visit<'_>) {
    for option in &mut choice.options {
        let id = &option.id;
        visit_text(format_args!("{prefix}option {id}"), &mut option.text, visit);
        for (what, text) in [
            ("feedback", &mut option.feedback),
            ("not-chosen", &mut option.feedback_not_chosen),
            ("tip", &mut option.tip),
        ] {
            visit_optional(format_args!("{prefix}option {id} {what}"), text, visit);
        }
    }
}

fn visit_key(prefix: Part<'_>, key: &mut TextKey, visit: Visit<'_>) {
    for (index, pattern) in key.patterns.iter_mut().enumerate() {
        let number = index + 1;
        visit(Passage {
            part: format_args!("{prefix}answer {number}"),
            source: &mut pattern.pattern,
            shape: Shape::of_pattern(pattern.kind),
            format: None,
        });
        let part = format_args!("{prefix}answer {number} feedback");
        visit_optional(part, &mut pattern.feedback, visit);
    }
}

fn visit_number(prefix: Part<'_>, key: &mut NumberKey, visit: Visit<'_>) {
    for (index, answer) in key.answers.iter_mut().enumerate() {
        let part = format_args!("{prefix}answer {} feedback", index + 1);
        visit_optional(part, &mut answer.feedback, visit);
    }
}

fn visit_plain(part: Part<'_>, source: &mut String, visit: Visit<'_>) {
    visit(Passage {
        part,
        source,
        shape: Shape::Literal,
        format: None,
    });
}

fn visit_text(part: Part<'_>, text: &mut Text, visit: Visit<'_>) {
    visit(Passage {
        part,
        format: Some(text.format),
        source: &mut text.source,
        shape: Shape::Literal,
    });
}

fn visit_optional(part: Part<'_>, text: &mut Option<Text>, visit: Visit<'_>) {
    if let Some(text) = text {
        visit_text(part, text, visit);
    }
}
