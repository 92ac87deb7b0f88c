//! `.docs/`: introduction, instructions with their tasks, and hints, all Markdown.

use std::collections::BTreeMap;

/// A task of a concept exercise: `## 1. Title`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    /// Number from 1, as the heading says it.
    pub(super) number: u64,
    /// Title.
    pub(super) title: String,
    /// Text under the heading, without link definitions.
    pub(super) text: String,
}

/// A Markdown document, cut at its task headings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Document {
    /// What stands before the first task, first-level headings left out.
    pub(super) preamble: String,
    /// Tasks in the order written.
    pub(super) tasks: Vec<Task>,
    /// Link definitions (`[label]: target`) by label in lower case.
    links: BTreeMap<String, String>,
}

impl Document {
    /// Cuts a document.
    pub(super) fn parse(text: &str) -> Self {
        let mut document = Self::default();
        let mut fence: Option<&str> = None;
        for line in text.lines() {
            let trimmed = line.trim_start();
            match fence {
                Some(mark) if trimmed.starts_with(mark) => fence = None,
                Some(_) => {}
                None => {
                    fence = ["```", "~~~~", "~~~"]
                        .into_iter()
                        .find(|mark| trimmed.starts_with(mark));
                    if fence.is_none() && document.read_structure(line) {
                        continue;
                    }
                }
            }
            document.push(line);
        }
        document
    }

    /// Reads a line that is structure and not text; `false` where it is text.
    fn read_structure(&mut self, line: &str) -> bool {
        if let Some((number, title)) = task_heading(line) {
            self.tasks.push(Task {
                number,
                title: title.to_owned(),
                text: String::new(),
            });
            return true;
        }
        if let Some((label, definition)) = link_definition(line) {
            self.links.insert(label, definition.to_owned());
            return true;
        }
        // A new second-level heading ends the last task's text: what follows belongs to no task.
        line.starts_with("# ") && self.tasks.is_empty()
    }

    fn push(&mut self, line: &str) {
        let text = match self.tasks.last_mut() {
            Some(task) => &mut task.text,
            None => &mut self.preamble,
        };
        text.push_str(line);
        text.push('\n');
    }

    /// The text with the link definitions that it uses at its end.
    pub(super) fn with_links(&self, text: &str) -> String {
        let mut whole = text.trim().to_owned();
        let lower = text.to_lowercase();
        let mut separator = "\n\n";
        for (label, definition) in &self.links {
            if lower.contains(&format!("[{label}]")) {
                whole.push_str(separator);
                whole.push_str(definition);
                separator = "\n";
            }
        }
        whole
    }

    /// Everything but the first-level headings, put together again.
    pub(super) fn whole(&self) -> String {
        let mut text = self.preamble.clone();
        for task in &self.tasks {
            text.push_str(&format!(
                "\n## {}. {}\n{}",
                task.number, task.title, task.text
            ));
        }
        self.with_links(&text)
    }

    /// The hints of a text: one per list entry of the first level.
    pub(super) fn hints(&self, text: &str) -> Vec<String> {
        let mut entries: Vec<String> = Vec::new();
        let mut open = false;
        for line in text.lines() {
            if let Some(entry) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
                entries.push(entry.to_owned());
                open = true;
            } else if line.starts_with("##") {
                open = false;
            } else if open && let Some(last) = entries.last_mut() {
                last.push('\n');
                last.push_str(line.strip_prefix("  ").unwrap_or(line));
            }
        }
        entries
            .iter()
            .map(|entry| self.with_links(entry))
            .filter(|entry| !entry.is_empty())
            .collect()
    }
}

fn task_heading(line: &str) -> Option<(u64, &str)> {
    let rest = line.strip_prefix("## ")?;
    let (number, title) = rest.split_once('.')?;
    let number = number
        .trim()
        .parse()
        .ok()
        .filter(|number| (1..=1_000).contains(number))?;
    Some((number, title.trim()))
}

fn link_definition(line: &str) -> Option<(String, &str)> {
    let rest = line.strip_prefix('[')?;
    let (label, target) = rest.split_once("]:")?;
    let footnote = label.starts_with('^');
    (!footnote && !label.contains(']') && !target.trim().is_empty())
        .then(|| (label.to_lowercase(), line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "# Instructions\n\nCook [lasagna][recipe].\n\n## 1. Bake\n\nBake it.\n\n```python\n## 2. not a task\n```\n\n## 2. Eat\n\nSee [eat].\n\n[recipe]: https://example.org/r\n[Eat]: https://example.org/e\n";

    #[test]
    fn tasks_are_cut_and_code_blocks_left_alone() {
        let document = Document::parse(TEXT);
        assert_eq!(document.preamble.trim(), "Cook [lasagna][recipe].");
        assert_eq!(document.tasks.len(), 2);
        assert_eq!(
            (document.tasks[1].number, document.tasks[1].title.as_str()),
            (2, "Eat")
        );
        assert!(document.tasks[0].text.contains("## 2. not a task"));
    }

    #[test]
    fn a_part_keeps_the_links_it_uses() {
        let document = Document::parse(TEXT);
        let text = document.with_links(&document.tasks[1].text);
        assert_eq!(text, "See [eat].\n\n[Eat]: https://example.org/e");
        assert!(document.whole().contains("## 2. Eat"));
    }

    #[test]
    fn hints_are_the_list_entries() {
        let document =
            Document::parse("## 1. X\n\n- First [a][l]\n  goes on.\n- Second.\n\n[l]: u\n");
        let hints = document.hints(&document.tasks[0].text);
        assert_eq!(hints, ["First [a][l]\ngoes on.\n\n[l]: u", "Second."]);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in any::<String>()) {
            let document = Document::parse(&text);
            document.hints(&document.whole());
        }
    }
}
