//! Blanks of a question: fields that stand in its text.
//!
//! The text is rendered with a mark in place of each blank, which the fields then take.

use std::fmt::Write as _;

use carrel_markdown::highlight::escape;
use carrel_quiz::Answer;
use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::Select;
use carrel_quiz::presentation::{BlankField, Presentation, ShownBlank, ShownKind};
use carrel_quiz::text::Text;

use super::answer::name_of;
use crate::page::Frame;

/// Width of a blank in characters where its author said none.
const WIDTH: u32 = 12;
/// Stands in a question's text where a blank does, while the text is rendered: one letter of the
/// private use area each.
const MARK_FIRST: u32 = 0xe100;
/// Most blanks of a question that are shown as fields.
const BLANKS_MAX: usize = 0x700;

/// The text of a question with a mark in place of each blank.
pub(super) fn mark(shown: &Presentation) -> Text {
    let ShownKind::Blanks { blanks } = &shown.kind else {
        return shown.text.clone();
    };
    let private = |letter: char| (MARK_FIRST..0xf8ff).contains(&u32::from(letter));
    let mut source = shown.text.source.replace(private, "\u{fffd}");
    for (index, blank) in blanks.iter().take(BLANKS_MAX).enumerate() {
        let mark = mark_of(index).to_string();
        source = source.replacen(&format!("[[{}]]", blank.id), &mark, 1);
    }
    Text {
        format: shown.text.format,
        source,
    }
}

fn mark_of(index: usize) -> char {
    let code = u32::try_from(index).unwrap_or(0) + MARK_FIRST;
    char::from_u32(code).unwrap_or('\u{fffd}')
}

/// Puts the fields of blanks where their marks stand.
pub(super) fn place(
    frame: &Frame,
    html: &str,
    (place, shown): (u32, &Presentation),
    (answer, disabled): (Option<&Answer>, bool),
) -> String {
    let ShownKind::Blanks { blanks } = &shown.kind else {
        return html.to_owned();
    };
    let mut placed = html.to_owned();
    for (index, blank) in blanks.iter().take(BLANKS_MAX).enumerate() {
        let given = match answer {
            Some(Answer::Blanks { blanks }) => blanks.get(&blank.id),
            _ => None,
        };
        let label = frame.fill("quiz-blank", "number", index + 1);
        let field = write_field(&label, place, blank, (given, disabled));
        placed = placed.replacen(mark_of(index), &field, 1);
    }
    placed
}

fn write_field(
    label: &str,
    place: u32,
    blank: &ShownBlank,
    (given, disabled): (Option<&BlankAnswer>, bool),
) -> String {
    let name = escape(&name_of(place, &format!("blank.{}", blank.id)));
    let label = escape(label);
    let off = if disabled { " disabled" } else { "" };
    let width = blank.width.unwrap_or(WIDTH).clamp(2, 60);
    let typed = match given {
        Some(BlankAnswer::Typed(typed)) => escape(typed),
        _ => String::new(),
    };
    let chosen: &[String] = match given {
        Some(BlankAnswer::Chosen(chosen)) => chosen,
        _ => &[],
    };
    match &blank.field {
        BlankField::Text | BlankField::Number(_) => format!(
            "<input class=\"blank\" name=\"{name}\" value=\"{typed}\" size=\"{width}\" \
             aria-label=\"{label}\" autocomplete=\"off\" autocapitalize=\"none\" \
             spellcheck=\"false\"{off}>"
        ),
        BlankField::Choice(choice) => {
            let several = match choice.select {
                Select::One => "",
                Select::Many { .. } => " multiple",
            };
            let mut field = format!(
                "<select class=\"blank\" name=\"{name}\" aria-label=\"{label}\"{several}{off}>"
            );
            if several.is_empty() {
                field.push_str("<option value=\"\"></option>");
            }
            for option in &choice.options {
                let selected = if chosen.contains(&option.name) {
                    " selected"
                } else {
                    ""
                };
                let _ = write!(
                    field,
                    "<option value=\"{}\"{selected}>{}</option>",
                    escape(&option.name),
                    escape(&option.text.source)
                );
            }
            field.push_str("</select>");
            field
        }
    }
}
