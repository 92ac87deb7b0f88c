//! Essays.

use super::{Entry, Reader};
use crate::kind::Essay;

impl Reader<'_> {
    pub(super) fn read_essay(&mut self, entries: Vec<Entry<'_>>) -> Essay {
        let mut essay = Essay::default();
        let mut others = Vec::new();
        for entry in entries {
            match entry.keyword() {
                Some("format") => essay.format = self.word(&entry).unwrap_or_default(),
                Some("lines") => essay.lines = self.whole(&entry),
                Some("words") => {
                    self.place("words", entry.place);
                    (essay.words_min, essay.words_max) = self.whole_range(&entry);
                }
                Some("files") => {
                    self.place("files", entry.place);
                    let (min, max) = self.whole_range(&entry);
                    essay.files_min = min.unwrap_or(0);
                    essay.files_max = max.unwrap_or(essay.files_min);
                }
                Some("start") => essay.start = Some(self.text("start", &entry)),
                Some("grader") => essay.grader_notes = Some(self.text("grader", &entry)),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "a person grades an essay");
        essay
    }
}
