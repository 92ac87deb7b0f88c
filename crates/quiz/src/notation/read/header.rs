//! What every kind has: points, tags, feedback, hints, files.

use super::{Entry, Reader};
use crate::notation::attribute::Known;
use crate::notation::rich;
use crate::question::{Hint, Question};
use crate::text::Attachment;

const OF_HINTS: Known = Known {
    id: false,
    words: &["clear-wrong", "right-count"],
    keys: &["cost", "after"],
};

impl Reader<'_> {
    /// Reads what every kind has, and gives back the rest.
    pub(super) fn read_common<'a>(
        &mut self,
        entries: Vec<Entry<'a>>,
        question: &mut Question,
    ) -> Vec<Entry<'a>> {
        let mut rest = Vec::new();
        for entry in entries {
            if !self.read_common_entry(&entry, question) {
                rest.push(entry);
            }
        }
        rest
    }

    fn read_common_entry(&mut self, entry: &Entry<'_>, question: &mut Question) -> bool {
        let Some(name) = entry.keyword() else {
            return false;
        };
        let known = Known::NONE;
        match name {
            "kind" => {}
            "title" => question.title = rich::read_string(&entry.lines, known, self.problems).1,
            "points" => {
                self.place("points", entry.value_place());
                if let Some(points) = self.number(entry) {
                    question.points = points;
                }
            }
            "penalty" => {
                self.place("penalty", entry.value_place());
                question.penalty = self.number(entry);
            }
            "wrong" => {
                self.place("wrong", entry.place);
                question.wrong = self.number(entry).unwrap_or(0.0);
            }
            "tries" => {
                self.place("tries", entry.value_place());
                question.tries = self.whole(entry);
            }
            "tags" => question.tags.extend(self.list(entry, ',')),
            "category" => question.category = self.list(entry, '/'),
            "file" => self.read_file(entry, question),
            "hint" => self.read_hint(entry, question),
            "general" => question.feedback.general = Some(self.text(name, entry)),
            "correct" => question.feedback.correct = Some(self.text(name, entry)),
            "partial" => {
                question.feedback.partially_correct = Some(self.text(name, entry));
            }
            "incorrect" => question.feedback.incorrect = Some(self.text(name, entry)),
            "variable" | "where" => self.read_template(entry, question),
            "text" => self.problems.push(
                entry.place,
                "the question has two `text:`",
                "keep one of them",
            ),
            _ => return false,
        }
        true
    }

    fn list(&mut self, entry: &Entry<'_>, separator: char) -> Vec<String> {
        self.one_line(entry);
        let Some(line) = entry.lines.first() else {
            return Vec::new();
        };
        rich::read_list(*line, separator, self.problems)
            .into_iter()
            .map(|item| item.text)
            .collect()
    }

    fn read_hint(&mut self, entry: &Entry<'_>, question: &mut Question) {
        let (attributes, text, stretches) = self.rich(&entry.lines, OF_HINTS);
        question.hints.push(Hint {
            text,
            cost: attributes.number("cost", self.problems).unwrap_or(0.0),
            after_tries: attributes.whole("after", self.problems).unwrap_or(0),
            clear_wrong: attributes.has("clear-wrong"),
            show_right_count: attributes.has("right-count"),
        });
        let part = format!("hint {}", question.hints.len());
        self.place(&part, entry.place);
        self.place_text(&part, stretches);
    }

    fn read_file(&mut self, entry: &Entry<'_>, question: &mut Question) {
        let parts = self.list(entry, ';');
        let [name, media_type, path] = parts.as_slice() else {
            self.problems.push(
                entry.value_place(),
                "a file has a name, a media type and a path",
                "write `file: tree.png; image/png; images/tree.png`",
            );
            return;
        };
        self.place(&format!("file {name}"), entry.place);
        question.attachments.push(Attachment {
            name: name.clone(),
            media_type: media_type.clone(),
            path: path.clone(),
        });
    }
}
