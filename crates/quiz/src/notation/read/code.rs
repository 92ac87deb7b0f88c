//! Programs: tracing and lines with bugs.

use super::{Entry, Reader};
use crate::kind::{Bug, BugLine, LineNote, LineScheme, Outcome, Tracing};
use crate::notation::attribute::Known;
use crate::notation::line::Marker;
use crate::notation::place::Stretches;
use crate::notation::rich;

const OF_SOURCES: Known = Known {
    id: false,
    words: &[],
    keys: &["language"],
};

/// Blocks of a program and what stands beside them.
#[derive(Debug, Default)]
struct Blocks {
    source: Option<String>,
    language: String,
    stdin: String,
    output: Option<String>,
}

impl Reader<'_> {
    pub(super) fn read_tracing(&mut self, entries: Vec<Entry<'_>>) -> Option<Tracing> {
        let mut blocks = Blocks::default();
        let mut environment = None;
        let mut scheme = LineScheme::AllOrNothing;
        let mut outcome = (String::new(), None);
        let mut others = Vec::new();
        for entry in self.take_blocks(entries, &mut blocks) {
            match entry.keyword() {
                Some("environment") => {
                    self.place("environment", entry.value_place());
                    environment = Some(self.one_line(&entry));
                }
                Some("scoring") => {
                    scheme = self.word(&entry).unwrap_or(LineScheme::AllOrNothing);
                }
                Some("outcome") => outcome = (self.one_line(&entry), Some(entry.value_place())),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "the output of a program is asked for");
        let expected = match (outcome.0.as_str(), blocks.output) {
            ("compile error", None) => Outcome::CompileError,
            ("runtime error", output) => Outcome::RuntimeError {
                output: output.unwrap_or_default(),
            },
            ("", Some(output)) => Outcome::Prints { output },
            ("", None) => {
                self.problems.push(
                    self.places.get(self.question, "").unwrap_or((1, 1)),
                    "it is not said what the program does",
                    "add a block ```output, or `outcome: compile error`, or `outcome: runtime error`",
                );
                return None;
            }
            (other, _) => {
                self.problems.push(
                    outcome.1.unwrap_or((1, 1)),
                    format!("`{other}` is no outcome with this output"),
                    "possible are `compile error` (without output) and `runtime error`; without `outcome:`, the program ends normally",
                );
                return None;
            }
        };
        Some(Tracing {
            source: blocks.source.unwrap_or_default(),
            language: blocks.language,
            environment,
            stdin: blocks.stdin,
            expected,
            scheme,
        })
    }

    pub(super) fn read_bug_line(&mut self, entries: Vec<Entry<'_>>) -> BugLine {
        let mut blocks = Blocks::default();
        let mut bug_line = BugLine {
            source: String::new(),
            language: String::new(),
            bugs: Vec::new(),
            notes: Vec::new(),
            scheme: LineScheme::default(),
        };
        let mut others = Vec::new();
        for entry in self.take_blocks(entries, &mut blocks) {
            match entry.keyword() {
                Some("bug") => self.read_bug(&entry, &mut bug_line),
                Some("line") => {
                    if let Some((line, _)) = self.read_lines(&entry) {
                        let feedback = self.text(&format!("line {line}"), &entry);
                        bug_line.notes.push(LineNote { line, feedback });
                    }
                }
                Some("scoring") => bug_line.scheme = self.word(&entry).unwrap_or_default(),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "lines with bugs are asked for");
        bug_line.source = blocks.source.unwrap_or_default();
        bug_line.language = blocks.language;
        bug_line
    }

    fn read_bug(&mut self, entry: &Entry<'_>, bug_line: &mut BugLine) {
        let Some((first_line, last_line)) = self.read_lines(entry) else {
            return;
        };
        let part = format!("bug {first_line}");
        self.place(&part, entry.place);
        let is_said = entry.lines.iter().any(|line| !line.is_blank());
        let feedback = is_said.then(|| self.text(&part, entry));
        bug_line.bugs.push(Bug {
            first_line,
            last_line,
            feedback,
        });
    }

    /// `3` or `3-5` before the colon.
    fn read_lines(&mut self, entry: &Entry<'_>) -> Option<(u32, u32)> {
        let text = entry.argument();
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let lines = first.trim().parse().ok().zip(last.trim().parse().ok());
        if lines.is_none() {
            self.problems.push(
                entry.place,
                format!("`{text}` is no line of the program"),
                "write `bug 3: …` or `bug 3-5: …`",
            );
        }
        lines
    }

    /// Takes blocks, and their forms with a keyword, out of some entries.
    fn take_blocks<'a>(&mut self, entries: Vec<Entry<'a>>, blocks: &mut Blocks) -> Vec<Entry<'a>> {
        let mut rest = Vec::new();
        for entry in entries {
            match (&entry.marker, entry.keyword()) {
                (Marker::Block { info }, _) => {
                    let mut content = String::new();
                    for line in &entry.lines {
                        content.push_str(line.text);
                        content.push('\n');
                    }
                    match *info {
                        "stdin" => blocks.stdin = content,
                        "output" => blocks.output = Some(content),
                        _ => {
                            self.take_source(&entry, info, content, blocks);
                            continue;
                        }
                    }
                    self.place_block(info, &entry);
                }
                (_, Some("source")) => {
                    let placed = rich::read_placed(&entry.lines, OF_SOURCES, self.problems);
                    self.place("source", entry.place);
                    self.place_text("source", placed.stretches);
                    blocks.source = Some(placed.source);
                    let language = placed.attributes.get("language");
                    blocks.language = language.unwrap_or_default().to_owned();
                }
                (_, Some("stdin")) => {
                    blocks.stdin = self.text("stdin", &entry).source;
                }
                (_, Some("output")) => {
                    blocks.output = Some(self.text("output", &entry).source);
                }
                _ => rest.push(entry),
            }
        }
        rest
    }

    fn place_block(&mut self, part: &str, entry: &Entry<'_>) {
        self.place(part, entry.place);
        self.place_text(part, Stretches::of_lines(&entry.lines));
    }

    fn take_source(&mut self, entry: &Entry<'_>, info: &str, content: String, blocks: &mut Blocks) {
        let Some(language) = info.strip_suffix("source") else {
            self.problems.push(
                entry.place,
                format!("the block `{info}` after the answers is not known"),
                "blocks are ```LANGUAGE source, ```stdin and ```output",
            );
            return;
        };
        if blocks.source.is_some() {
            self.problems.push(
                entry.place,
                "a second program",
                "keep one block ```LANGUAGE source",
            );
        }
        self.place_block("source", entry);
        blocks.source = Some(content);
        language.trim().clone_into(&mut blocks.language);
    }
}
