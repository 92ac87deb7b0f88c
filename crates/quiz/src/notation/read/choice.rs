//! Options.

use super::{Entry, Reader};
use crate::kind::{Choice, ChoiceOption, ChoiceScheme, Select};
use crate::notation::attribute::{Known, after_braces};
use crate::notation::line::{Fence, Line, Marker, option_marker};
use crate::notation::rich;
use crate::text::Text;

const OF_OPTIONS: Known = Known {
    id: true,
    words: &["fixed"],
    keys: &["weight"],
};

/// Text and the texts of the lines `>`, `>!`, `>?` below it.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) text: Vec<Line<'a>>,
    pub(super) feedback: Vec<Line<'a>>,
    pub(super) not_chosen: Vec<Line<'a>>,
    pub(super) tip: Vec<Line<'a>>,
}

/// Letters of an option that has no id of its own: a, b, …, z, aa, ab, ….
pub(in crate::notation) fn letter_id(index: usize) -> String {
    let mut id = String::new();
    let mut left = index + 1;
    while left > 0 {
        left -= 1;
        let letter = u8::try_from(left % 26).unwrap_or(0);
        id.insert(0, char::from(b'a' + letter));
        left /= 26;
    }
    id
}

/// The bounds of `weights -0.5 .. 1`.
pub(super) fn bounds(words: &str) -> Option<(f64, f64)> {
    let (floor, ceiling) = words.strip_prefix("weights ")?.split_once("..")?;
    Some((
        rich::parse_number(floor.trim())?,
        rich::parse_number(ceiling.trim())?,
    ))
}

impl Reader<'_> {
    pub(super) fn read_choice(&mut self, entries: Vec<Entry<'_>>) -> Choice {
        let mut choice = Choice::one(Vec::new());
        let mut others = Vec::new();
        let mut limits = None;
        let mut shapes = (None, None);
        for entry in entries {
            match (&entry.marker, entry.keyword()) {
                (Marker::One { is_right }, _) => {
                    shapes.0 = Some(entry.place);
                    let option = self.read_option(&entry, *is_right, choice.options.len());
                    choice.options.push(option);
                }
                (Marker::Many { is_right }, _) => {
                    shapes.1 = Some(entry.place);
                    let option = self.read_option(&entry, *is_right, choice.options.len());
                    choice.options.push(option);
                }
                (_, Some("scoring")) => {
                    self.place("scoring", entry.value_place());
                    if let Some(scheme) = self.read_choice_scheme(&entry) {
                        choice.scheme = scheme;
                    }
                }
                (_, Some("shuffle")) => choice.shuffle = self.word(&entry).unwrap_or(true),
                (_, Some("numbering")) => choice.numbering = self.word(&entry).unwrap_or_default(),
                (_, Some("layout")) => choice.layout = self.word(&entry).unwrap_or_default(),
                (_, Some("choose")) => {
                    self.place("choose", entry.value_place());
                    limits = Some((entry.place, self.whole_range(&entry)));
                }
                _ => others.push(entry),
            }
        }
        self.refuse(others, "this is a choice");
        if let (Some(place), Some(_)) = shapes {
            self.problems.push(
                place,
                "options `( )` and `[ ]` in one question",
                "use `( )` where one is chosen, `[ ]` where several are",
            );
        }
        if shapes.1.is_some() {
            let (min, max) = limits.map_or((None, None), |(_, limits)| limits);
            choice.select = Select::Many {
                min: min.unwrap_or(0),
                max,
            };
        } else if let Some((place, _)) = limits {
            self.problems.push(
                place,
                "`choose:` is for options `[ ]`",
                "of options `( )`, one is chosen",
            );
        }
        choice
    }

    fn read_option(&mut self, entry: &Entry<'_>, correct: bool, index: usize) -> ChoiceOption {
        let parts = self.split_parts(&entry.lines);
        let (attributes, text, stretches) = self.rich(&parts.text, OF_OPTIONS);
        let id = attributes.id.clone().unwrap_or_else(|| letter_id(index));
        let part = format!("option {id}");
        self.place(&part, entry.place);
        self.place_text(&part, stretches);
        ChoiceOption {
            id,
            text,
            correct,
            weight: attributes.number("weight", self.problems),
            fixed: attributes.has("fixed"),
            feedback: self.optional(&format!("{part} feedback"), &parts.feedback),
            feedback_not_chosen: self.optional(&format!("{part} not-chosen"), &parts.not_chosen),
            tip: self.optional(&format!("{part} tip"), &parts.tip),
        }
    }

    fn read_choice_scheme(&mut self, entry: &Entry<'_>) -> Option<ChoiceScheme> {
        let words = self.one_line(entry);
        let scheme = match words.as_str() {
            "all or nothing" => Some(ChoiceScheme::AllOrNothing),
            "right minus wrong" => Some(ChoiceScheme::RightMinusWrong),
            "every decision" => Some(ChoiceScheme::EveryDecision),
            "weights" => Some(ChoiceScheme::default()),
            _ => bounds(&words).map(|(floor, ceiling)| ChoiceScheme::Weights { floor, ceiling }),
        };
        if scheme.is_none() {
            self.problems.push(
                entry.value_place(),
                format!("`{words}` is no way of scoring a choice"),
                "possible are: weights, weights -1 .. 1, all or nothing, right minus wrong, every decision",
            );
        }
        scheme
    }

    /// A text of lines that begin with `>`; `None` without such lines.
    pub(super) fn optional(&mut self, part: &str, lines: &[Line<'_>]) -> Option<Text> {
        let first = lines.first()?;
        let (_, text, stretches) = self.rich(lines, Known::NONE);
        self.place(part, first.place());
        self.place_text(part, stretches);
        Some(text)
    }

    /// Only a text and feedback.
    pub(super) fn split_feedback<'a>(&mut self, lines: &[Line<'a>]) -> Parts<'a> {
        let parts = self.split_parts(lines);
        for line in parts.not_chosen.iter().chain(&parts.tip) {
            self.problems.push(
                line.place(),
                "`>!` and `>?` are for options",
                "begin feedback with `> `",
            );
        }
        parts
    }

    /// Only a text: feedback has no place here, and is text.
    pub(super) fn without_feedback<'a>(
        &mut self,
        lines: &[Line<'a>],
        way_out: &str,
    ) -> Vec<Line<'a>> {
        let mut fence = Fence::default();
        let first = lines.iter().enumerate().find(|(index, line)| {
            let is_first = *index == 0;
            let text = line.text;
            let is_covered = fence.covers(if is_first { after_braces(text) } else { text });
            !is_first && !is_covered && text.starts_with('>')
        });
        let Some((_, first)) = first else {
            return self.split_parts(lines).text;
        };
        self.problems.push_slip(
            first.place(),
            "feedback has no place below this line, and is text of it",
            format!("{way_out}; a line of the text that begins with `>` is written `\\>`"),
        );
        lines.to_vec()
    }

    /// Cuts the lines of an entry into its text and what stands below it.
    pub(super) fn split_parts<'a>(&mut self, lines: &[Line<'a>]) -> Parts<'a> {
        let mut parts = Parts::default();
        let mut fence = Fence::default();
        let mut in_text = true;
        let mut opened_at = None;
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                fence.covers(after_braces(line.text));
                opened_at = Some(line.place());
                parts.text.push(*line);
                continue;
            }
            let was_open = fence.is_open();
            let is_covered = in_text && fence.covers(line.text);
            if fence.is_open() && !was_open {
                opened_at = Some(line.place());
            }
            if !is_covered && line.text.starts_with('>') {
                in_text = false;
                let (list, length) = match line.text.as_bytes().get(1) {
                    Some(b'!') => (&mut parts.not_chosen, 2),
                    Some(b'?') => (&mut parts.tip, 2),
                    _ => (&mut parts.feedback, 1),
                };
                let value = line.skip(length);
                let gap = usize::from(value.text.starts_with(' '));
                list.push(value.skip(gap));
            } else if in_text {
                // `\>` at the start of a line is a `>` of the text.
                let is_special = !is_covered && is_special(line.text);
                let is_escape = is_special && line.text.starts_with('\\');
                if is_special && !is_escape {
                    self.report_indented(line);
                }
                parts
                    .text
                    .push(if is_escape { line.skip(1) } else { *line });
            } else if !line.is_blank() {
                self.problems.push(
                    line.place(),
                    "text after feedback",
                    "begin the line with `> ` to go on with the feedback, or move it above",
                );
            }
        }
        if let (Some(place), true) = (opened_at, fence.is_open()) {
            self.problems.push_slip(
                place,
                "the code block is never closed",
                "close it with a line of the same signs, as many of them, indented as it is",
            );
        }
        parts
    }
}

impl Reader<'_> {
    /// Feedback or an option with too many blanks before it is text.
    fn report_indented(&mut self, line: &Line<'_>) {
        let value = line.trim_start();
        let (likeness, hint) = if value.text.starts_with('>') {
            ("feedback", "indent it by two blanks")
        } else {
            ("an option", "begin it at the first column")
        };
        self.problems.push_slip(
            value.place(),
            format!("the line looks like {likeness}, and is text of what stands above"),
            format!(
                "{hint}; if it is text, write a backslash and then the line: `  \\{}`",
                line.text.trim_end()
            ),
        );
    }
}

/// Whether a line below a marker, without the backslashes at its start, looks like feedback or an option.
fn is_special(text: &str) -> bool {
    let text = text
        .trim_start_matches('\\')
        .trim_start_matches([' ', '\t']);
    text.starts_with('>') || option_marker(text).is_some()
}

/// Lines of a text below a marker, those that look like something else escaped.
pub(in crate::notation) fn escape_parts(mut lines: Vec<String>) -> Vec<String> {
    let mut fence = Fence::default();
    for (index, line) in lines.iter_mut().enumerate() {
        if index == 0 {
            fence.covers(after_braces(line));
        } else if !fence.covers(line) && is_special(line) {
            line.insert(0, '\\');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use crate::kind::Kind;
    use crate::notation::parse_with_places;

    #[test]
    fn feedback_without_a_place_stays_text() {
        let text = "+++\nid = 'q'\ntitle = 'Q'\n+++\n## A {#काम}\nkind: ordering\n\nSort.\n\n1. a\n  > no\n  yes\n2. b\n";
        let parsed = parse_with_places(text, "q.md").unwrap();
        let told = parsed.slips.to_string();
        assert!(
            told.starts_with("q.md:11:3: feedback has no place"),
            "{told}"
        );
        let Kind::Ordering(ordering) = &parsed.quiz.question("काम").unwrap().kind else {
            panic!("an ordering");
        };
        assert_eq!(ordering.items[0].text.source, "a\n> no\nyes");
    }
}
