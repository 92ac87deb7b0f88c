//! From the fields of a question's form to its answer.
//!
//! The fields of the question at place 3 begin with `q3.`; scripts send those of one question,
//! a plain form those of all.

use std::collections::BTreeMap;

use carrel_quiz::Answer;
use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::{EssayFormat, Outcome};
use carrel_quiz::presentation::{BlankField, Presentation, ShownKind, ShownPart};

use crate::page::Fields;

/// Name of a field of the question at a place.
pub(super) fn name_of(place: u32, rest: &str) -> String {
    format!("q{place}.{rest}")
}

/// Fields of the question at one place.
struct Filled<'fields> {
    fields: &'fields Fields,
    place: u32,
}

impl Filled<'_> {
    fn one(&self, rest: &str) -> Option<&str> {
        let value = self.fields.value(&name_of(self.place, rest))?;
        (!value.trim().is_empty()).then_some(value)
    }

    fn all(&self, rest: &str) -> Vec<String> {
        let name = name_of(self.place, rest);
        self.fields.values(&name).map(str::to_owned).collect()
    }
}

/// What is answered; `None`: nothing is.
pub(super) fn read(place: u32, shown: &Presentation, fields: &Fields) -> Option<Answer> {
    let filled = Filled { fields, place };
    Some(match &shown.kind {
        ShownKind::Choice(_) => {
            let mut options = filled.all("option");
            options.retain(|option| !option.is_empty());
            if options.is_empty() {
                return None;
            }
            Answer::Choice { options }
        }
        ShownKind::TrueFalse => Answer::TrueFalse {
            value: match filled.one("value")? {
                "true" => true,
                "false" => false,
                _ => return None,
            },
        },
        ShownKind::Blanks { blanks } => read_blanks(&filled, blanks)?,
        ShownKind::ShortAnswer => Answer::ShortAnswer {
            text: filled.one("text")?.to_owned(),
        },
        ShownKind::Numeric(_) => Answer::Numeric {
            number: filled.one("number")?.to_owned(),
            unit: filled.one("unit").map(str::to_owned),
        },
        ShownKind::Matching { items, .. } => {
            let pair = |item: &ShownPart| {
                let target = filled.one(&format!("item.{}", item.name))?;
                Some((item.name.clone(), target.to_owned()))
            };
            let targets: BTreeMap<_, _> = items.iter().filter_map(pair).collect();
            if targets.is_empty() {
                return None;
            }
            Answer::Matching { targets }
        }
        ShownKind::Ordering { items } => read_order(&filled, items)?,
        ShownKind::Tracing { .. } => Answer::Tracing {
            outcome: read_outcome(&filled)?,
        },
        ShownKind::BugLine { .. } => {
            let lines = filled.all("line");
            let lines: Vec<u32> = lines.iter().filter_map(|line| line.parse().ok()).collect();
            if lines.is_empty() {
                return None;
            }
            Answer::BugLine { lines }
        }
        ShownKind::Essay(essay) if essay.format == EssayFormat::FilesOnly => return None,
        ShownKind::Essay(_) => Answer::Essay {
            // Browsers end lines as MIME does.
            text: filled.one("text")?.replace("\r\n", "\n"),
            files: Vec::new(),
        },
        ShownKind::Description => return None,
    })
}

fn read_blanks(
    filled: &Filled<'_>,
    blanks: &[carrel_quiz::presentation::ShownBlank],
) -> Option<Answer> {
    let mut given = BTreeMap::new();
    for blank in blanks {
        let name = format!("blank.{}", blank.id);
        let answer = match &blank.field {
            BlankField::Choice(_) => {
                let mut chosen = filled.all(&name);
                chosen.retain(|option| !option.is_empty());
                (!chosen.is_empty()).then_some(BlankAnswer::Chosen(chosen))
            }
            BlankField::Text | BlankField::Number(_) => {
                let typed = filled.one(&name);
                typed.map(|typed| BlankAnswer::Typed(typed.to_owned()))
            }
        };
        if let Some(answer) = answer {
            given.insert(blank.id.clone(), answer);
        }
    }
    (!given.is_empty()).then_some(Answer::Blanks { blanks: given })
}

/// Items by the numbers beside them; one without a number is left out, equal numbers keep the
/// order shown.
fn read_order(filled: &Filled<'_>, items: &[ShownPart]) -> Option<Answer> {
    let numbered = items.iter().filter_map(|item| {
        let number: u32 = filled
            .one(&format!("item.{}", item.name))?
            .trim()
            .parse()
            .ok()?;
        Some((number, item.name.clone()))
    });
    let mut numbered: Vec<(u32, String)> = numbered.collect();
    if numbered.is_empty() {
        return None;
    }
    numbered.sort_by_key(|(number, _)| *number);
    Some(Answer::Ordering {
        items: numbered.into_iter().map(|(_, name)| name).collect(),
    })
}

fn read_outcome(filled: &Filled<'_>) -> Option<Outcome> {
    let output = filled.fields.value(&name_of(filled.place, "output"));
    let output = output.unwrap_or_default().replace("\r\n", "\n");
    match filled.one("outcome") {
        Some("compile_error") => Some(Outcome::CompileError),
        Some("runtime_error") => Some(Outcome::RuntimeError { output }),
        Some("prints") => Some(Outcome::Prints { output }),
        // What it prints was typed, and the usual outcome meant.
        _ if !output.is_empty() => Some(Outcome::Prints { output }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use carrel_quiz::text::Text;

    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Fields(pairs.iter().map(own).collect())
    }

    fn shown(kind: ShownKind) -> Presentation {
        Presentation {
            question: "q".into(),
            points_max: 1.0,
            text: Text::plain("?"),
            attachments: Vec::new(),
            hints: Vec::new(),
            kind,
        }
    }

    fn parts(names: &[&str]) -> Vec<ShownPart> {
        let part = |name: &&str| ShownPart {
            name: (*name).to_owned(),
            text: Text::plain(*name),
        };
        names.iter().map(part).collect()
    }

    #[test]
    fn items_are_ordered_by_their_numbers_and_left_out_without() {
        let shown = shown(ShownKind::Ordering {
            items: parts(&["i1", "i2", "i3", "i4"]),
        });
        let filled = fields(&[
            ("q0.item.i1", "3"),
            ("q0.item.i2", "1"),
            ("q0.item.i3", ""),
            ("q0.item.i4", " 1 "),
            ("q1.item.i3", "1"),
        ]);
        let items = ["i2", "i4", "i1"].map(str::to_owned).into();
        assert_eq!(read(0, &shown, &filled), Some(Answer::Ordering { items }));
        assert_eq!(read(2, &shown, &filled), None);
    }

    #[test]
    fn nothing_filled_in_is_no_answer() {
        let kinds = [
            ShownKind::TrueFalse,
            ShownKind::ShortAnswer,
            ShownKind::Matching {
                items: parts(&["i1"]),
                targets: parts(&["t1"]),
            },
            ShownKind::Tracing {
                language: "python".into(),
                lines: Vec::new(),
                stdin: String::new(),
            },
            ShownKind::BugLine {
                language: "python".into(),
                lines: Vec::new(),
            },
            ShownKind::Description,
        ];
        let empty = fields(&[
            ("q0.text", "  "),
            ("q0.item.i1", ""),
            ("q0.output", ""),
            ("q0.value", "maybe"),
            ("q0.line", "x"),
        ]);
        for kind in kinds {
            assert_eq!(read(0, &shown(kind.clone()), &empty), None, "{kind:?}");
        }
    }

    #[test]
    fn an_output_alone_means_that_it_is_printed() {
        let shown = shown(ShownKind::Tracing {
            language: "python".into(),
            lines: Vec::new(),
            stdin: String::new(),
        });
        let outcome = |pairs: &[(&str, &str)]| match read(0, &shown, &fields(pairs)) {
            Some(Answer::Tracing { outcome }) => outcome,
            other => panic!("{other:?}"),
        };
        let output = "1\n2".to_owned();
        assert_eq!(
            outcome(&[("q0.output", "1\r\n2")]),
            Outcome::Prints { output }
        );
        assert_eq!(
            outcome(&[("q0.outcome", "compile_error")]),
            Outcome::CompileError
        );
    }
}
