//! The fields that a question is answered in, ready for its template.

use std::sync::Arc;

use carrel_markdown::highlight::highlight;
use carrel_quiz::Answer;
use carrel_quiz::kind::{EssayFormat, Layout, Outcome, Select};
use carrel_quiz::presentation::{Presentation, ShownChoice, ShownKind, ShownPart, UnitField};
use carrel_quiz::text::Text;

use super::answer::name_of;

/// Fields of one kind of question.
pub(super) enum Control {
    Choice {
        name: String,
        many: bool,
        drop_down: bool,
        horizontal: bool,
        options: Vec<Part>,
    },
    TrueFalse {
        name: String,
        value: Option<bool>,
    },
    /// The fields stand in the text.
    InText,
    ShortAnswer {
        name: String,
        text: String,
    },
    Numeric {
        name: String,
        number: String,
        unit_name: String,
        units: Vec<(String, bool)>,
        before: bool,
    },
    Matching {
        items: Vec<Part>,
        targets: Vec<(String, String)>,
    },
    Ordering {
        items: Vec<Part>,
        count: usize,
    },
    Tracing {
        code: String,
        stdin: String,
        outcome_name: String,
        outcome: &'static str,
        output_name: String,
        output: String,
    },
    BugLine {
        name: String,
        lines: Vec<Line>,
    },
    Essay {
        name: String,
        text: String,
        lines: u32,
        code: bool,
        words: Option<(Option<u32>, Option<u32>)>,
    },
    FilesOnly,
    Nothing,
}

/// An option, an item.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) field: String,
    pub(super) html: Arc<str>,
    pub(super) tip: Option<Arc<str>>,
    /// Chosen; of an item: the target or the number given to it.
    pub(super) chosen: bool,
    pub(super) value: String,
}

/// A line of a program.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) html: String,
    pub(super) chosen: bool,
}

/// Texts of a question's parts in a fixed order, to be rendered; [`Control::new`] takes them back.
pub(super) fn texts(shown: &Presentation) -> Vec<Text> {
    let mut texts = Vec::new();
    match &shown.kind {
        ShownKind::Choice(choice) => {
            for option in &choice.options {
                texts.push(option.text.clone());
                texts.extend(option.tip.clone());
            }
        }
        ShownKind::Matching { items, .. } | ShownKind::Ordering { items } => {
            texts.extend(items.iter().map(|item| item.text.clone()));
        }
        _ => {}
    }
    texts
}

impl Control {
    /// The fields of a question with what was answered; `rendered` are its [`texts`].
    pub(super) fn new(
        place: u32,
        shown: &Presentation,
        answer: Option<&Answer>,
        rendered: &mut dyn Iterator<Item = Arc<str>>,
    ) -> Self {
        match &shown.kind {
            ShownKind::Choice(choice) => Self::choice(place, choice, answer, rendered),
            ShownKind::TrueFalse => Self::TrueFalse {
                name: name_of(place, "value"),
                value: match answer {
                    Some(Answer::TrueFalse { value }) => Some(*value),
                    _ => None,
                },
            },
            ShownKind::Blanks { .. } => Self::InText,
            ShownKind::ShortAnswer => Self::ShortAnswer {
                name: name_of(place, "text"),
                text: match answer {
                    Some(Answer::ShortAnswer { text }) => text.clone(),
                    _ => String::new(),
                },
            },
            ShownKind::Numeric(field) => Self::numeric(place, &field.unit, answer),
            ShownKind::Matching { items, targets } => Self::Matching {
                items: parts(place, items, answer, rendered),
                targets: targets
                    .iter()
                    .map(|target| (target.name.clone(), target.text.source.clone()))
                    .collect(),
            },
            ShownKind::Ordering { items } => Self::Ordering {
                items: parts(place, items, answer, rendered),
                count: items.len(),
            },
            ShownKind::Tracing {
                language,
                lines,
                stdin,
            } => Self::tracing(place, (language, lines), stdin, answer),
            ShownKind::BugLine { language, lines } => {
                Self::bug_line(place, (language, lines), answer)
            }
            ShownKind::Essay(essay) if essay.format == EssayFormat::FilesOnly => Self::FilesOnly,
            ShownKind::Essay(essay) => Self::Essay {
                name: name_of(place, "text"),
                text: match answer {
                    Some(Answer::Essay { text, .. }) => text.clone(),
                    _ => essay
                        .start
                        .as_ref()
                        .map_or_else(String::new, |start| start.source.clone()),
                },
                lines: essay.lines.unwrap_or(8).clamp(2, 60),
                code: essay.format == EssayFormat::Code,
                words: (essay.words_min.is_some() || essay.words_max.is_some())
                    .then_some((essay.words_min, essay.words_max)),
            },
            ShownKind::Description => Self::Nothing,
        }
    }

    fn choice(
        place: u32,
        choice: &ShownChoice,
        answer: Option<&Answer>,
        rendered: &mut dyn Iterator<Item = Arc<str>>,
    ) -> Self {
        let chosen: &[String] = match answer {
            Some(Answer::Choice { options }) => options,
            _ => &[],
        };
        let mut next = || rendered.next().unwrap_or_else(|| Arc::from(""));
        let options = choice.options.iter().map(|option| {
            let html = next();
            Part {
                field: name_of(place, "option"),
                html,
                tip: option.tip.as_ref().map(|_| next()),
                chosen: chosen.contains(&option.name),
                value: option.text.source.clone(),
                name: option.name.clone(),
            }
        });
        Self::Choice {
            name: name_of(place, "option"),
            many: matches!(choice.select, Select::Many { .. }),
            drop_down: choice.layout == Layout::DropDown && choice.select == Select::One,
            horizontal: choice.layout == Layout::Horizontal,
            options: options.collect(),
        }
    }

    fn numeric(place: u32, unit: &UnitField, answer: Option<&Answer>) -> Self {
        let (number, chosen) = match answer {
            Some(Answer::Numeric { number, unit }) => (number.clone(), unit.as_deref()),
            _ => (String::new(), None),
        };
        let (units, before) = match unit {
            UnitField::Chosen { units, before } => {
                let unit = |unit: &String| (unit.clone(), chosen == Some(unit.as_str()));
                (units.iter().map(unit).collect(), *before)
            }
            UnitField::None | UnitField::Typed => (Vec::new(), false),
        };
        Self::Numeric {
            name: name_of(place, "number"),
            number,
            unit_name: name_of(place, "unit"),
            units,
            before,
        }
    }

    fn tracing(
        place: u32,
        (language, lines): (&str, &[String]),
        stdin: &str,
        answer: Option<&Answer>,
    ) -> Self {
        let (outcome, output) = match answer {
            Some(Answer::Tracing { outcome }) => match outcome {
                Outcome::Prints { output } => ("prints", output.clone()),
                Outcome::CompileError => ("compile_error", String::new()),
                Outcome::RuntimeError { output } => ("runtime_error", output.clone()),
            },
            _ => ("", String::new()),
        };
        Self::Tracing {
            code: highlight(&lines.join("\n"), language),
            stdin: stdin.to_owned(),
            outcome_name: name_of(place, "outcome"),
            outcome,
            output_name: name_of(place, "output"),
            output,
        }
    }

    fn bug_line(place: u32, (language, lines): (&str, &[String]), answer: Option<&Answer>) -> Self {
        let chosen: &[u32] = match answer {
            Some(Answer::BugLine { lines }) => lines,
            _ => &[],
        };
        let line = |(index, line): (usize, &String)| Line {
            number: index + 1,
            html: highlight(line, language),
            chosen: chosen
                .iter()
                .any(|one| usize::try_from(*one) == Ok(index + 1)),
        };
        Self::BugLine {
            name: name_of(place, "line"),
            lines: lines.iter().enumerate().map(line).collect(),
        }
    }
}

/// Items of a matching or an ordering; those of an answered ordering in its order.
fn parts(
    place: u32,
    items: &[ShownPart],
    answer: Option<&Answer>,
    rendered: &mut dyn Iterator<Item = Arc<str>>,
) -> Vec<Part> {
    let value = |name: &str| match answer {
        Some(Answer::Matching { targets }) => targets.get(name).cloned().unwrap_or_default(),
        Some(Answer::Ordering { items }) => {
            let at = items.iter().position(|item| item == name);
            at.map_or_else(String::new, |at| (at + 1).to_string())
        }
        _ => String::new(),
    };
    let part = |item: &ShownPart| Part {
        field: name_of(place, &format!("item.{}", item.name)),
        html: rendered.next().unwrap_or_else(|| Arc::from("")),
        tip: None,
        chosen: false,
        value: value(&item.name),
        name: item.name.clone(),
    };
    let mut parts: Vec<Part> = items.iter().map(part).collect();
    if matches!(answer, Some(Answer::Ordering { .. })) {
        parts.sort_by_key(|part| part.value.parse::<usize>().unwrap_or(usize::MAX));
    }
    parts
}
