//! Variables.

use super::{Entry, Reader};
use crate::notation::attribute::{self, Known};
use crate::notation::place::Stretches;
use crate::notation::rich;
use crate::question::Question;
use crate::template::{Value, Variable, VariableSource};

const OF_VARIABLES: Known = Known {
    id: false,
    words: &[],
    keys: &["group"],
};

impl Reader<'_> {
    pub(super) fn read_template(&mut self, entry: &Entry<'_>, question: &mut Question) {
        let template = question.template.get_or_insert_default();
        if entry.is_keyword("where") {
            let condition = self.one_line(entry);
            template.conditions.push(condition);
            let part = format!("where {}", template.conditions.len());
            self.place(&part, entry.place);
            self.place_text(&part, Stretches::of_lines(&entry.lines));
            return;
        }
        let name = entry.argument().to_owned();
        self.place(&variable(&name), entry.place);
        if let Some(source) = self.read_variable(entry) {
            template.variables.push(Variable { name, source });
        }
    }

    fn read_variable(&mut self, entry: &Entry<'_>) -> Option<VariableSource> {
        self.one_line(entry);
        let first = *entry.lines.first()?;
        let (attributes, line) = attribute::take(first, OF_VARIABLES, self.problems);
        let text = line.text.trim_end();
        if let Some(rest) = text.strip_prefix('=') {
            let expression = line.skip(text.len() - rest.len()).trim_start();
            let part = variable(entry.argument());
            self.place_text(&part, Stretches::of_lines([&expression]));
            return Some(VariableSource::Expression {
                expression: rest.trim().to_owned(),
            });
        }
        if text.starts_with("one of ") {
            let items = rich::read_list(line.skip("one of ".len()), ',', self.problems);
            return Some(VariableSource::List {
                values: items
                    .into_iter()
                    .map(|item| match rich::parse_number(&item.text) {
                        Some(number) if !item.quoted => Value::Number(number),
                        _ => Value::Text(item.text),
                    })
                    .collect(),
                group: attributes.get("group").map(str::to_owned),
            });
        }
        let range = read_range(text);
        if range.is_none() {
            self.problems.push(
                line.place(),
                format!("`{text}` is no source of values"),
                "write `1 .. 10`, `0 .. 1 step 0.1`, `one of 2, 3, 5` or `= a + b`",
            );
        }
        range
    }
}

/// The part of a question that a variable is.
fn variable(name: &str) -> String {
    format!("variable {name}")
}

fn read_range(text: &str) -> Option<VariableSource> {
    let (range, step) = text.split_once(" step ").unwrap_or((text, "1"));
    let (min, max) = range.split_once("..")?;
    Some(VariableSource::Range {
        min: rich::parse_number(min.trim())?,
        max: rich::parse_number(max.trim())?,
        step: rich::parse_number(step.trim())?,
    })
}
