//! What a learner is shown of one question of a paper: nothing of its key.
//!
//! Variables are filled in and everything stands in the drawn order. Options, items
//! and targets go by names of their place there (`o1`, `i1`, `t1`) instead of the
//! author's ids: the ids of an ordering say its right order, and authors tend to write
//! the right option first. [`Names`] takes answers from the one to the other.
//!
//! Not shown either: the title, which is for authors; tags and category; texts of
//! hints, which are given out one by one when they are taken; and how partly right
//! answers count, for the number of right options or bugs would follow from it.

mod names;
mod segment;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::instance::{Instance, InstanceError};
use crate::kind::{
    Blank, BlankKey, Choice, DecimalMark, Essay, EssayFormat, Kind, Layout, MatchTarget, NumberKey,
    Numbering, OrderItem, Select, UnitEntry,
};
use crate::question::Question;
use crate::text::Text;

pub use names::{NameError, Names};
pub use segment::Segment;

/// One question as a learner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Presentation {
    /// Id of the question.
    pub question: String,
    /// Points of a fully right answer.
    pub points_max: f64,
    /// What is asked. Where a blank stands, it has `[[id]]` ([`Presentation::segments`] cuts it there).
    pub text: Text,
    /// Files that the texts name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<ShownFile>,
    /// Hints in the order they may be taken, without their texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<HintOffer>,
    /// What kind of answer is wanted.
    pub kind: ShownKind,
}

/// An embedded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownFile {
    /// Name as the texts use it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Path relative to the quiz's file.
    pub path: String,
}

/// A hint that may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HintOffer {
    /// Share of the points that it costs, 0 to 1.
    pub cost: f64,
    /// Tries needed before it may be taken.
    pub after_tries: u32,
}

/// What kind of answer is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ShownKind {
    /// One or several of some options.
    Choice(ShownChoice),
    /// True or false.
    TrueFalse,
    /// Blanks in the text, in its order.
    Blanks {
        /// The blanks.
        blanks: Vec<ShownBlank>,
    },
    /// A short text.
    ShortAnswer,
    /// A number.
    Numeric(NumberField),
    /// A target for each item.
    Matching {
        /// What is to be matched.
        items: Vec<ShownPart>,
        /// What it is matched with.
        targets: Vec<ShownPart>,
    },
    /// Items to put in order; some may belong nowhere.
    Ordering {
        /// The items.
        items: Vec<ShownPart>,
    },
    /// What does the program do?
    Tracing {
        /// Its language.
        language: String,
        /// The program, line by line.
        lines: Vec<String>,
        /// What it reads.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        stdin: String,
    },
    /// Which lines are wrong?
    BugLine {
        /// Its language.
        language: String,
        /// The program, line by line; an answer names lines from 1.
        lines: Vec<String>,
    },
    /// A long text.
    Essay(ShownEssay),
    /// Nothing is asked.
    Description,
}

/// An item, a target, or an option: its name, and what is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownPart {
    /// Name in answers, of its place: `i1`, `t1`.
    pub name: String,
    /// What is shown.
    pub text: Text,
}

/// Options to choose from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownChoice {
    /// How many may be chosen.
    pub select: Select,
    /// The options.
    pub options: Vec<ShownOption>,
    /// How options are numbered.
    pub numbering: Numbering,
    /// How options are laid out.
    pub layout: Layout,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownOption {
    /// Name in answers, of its place: `o1`.
    pub name: String,
    /// What is shown.
    pub text: Text,
    /// A tip that may be opened before answering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<Text>,
}

/// One blank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownBlank {
    /// Id, as in the text.
    pub id: String,
    /// Width of the field in characters, where the author said one. A page takes one width for
    /// all others: the length of what is right would tell too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// What belongs there.
    pub field: BlankField,
}

/// What belongs into a blank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlankField {
    /// A typed text.
    Text,
    /// A typed number.
    Number(NumberField),
    /// One or several of some options.
    Choice(ShownChoice),
}

/// A field for a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberField {
    /// Decimal marks that are understood.
    pub decimal_mark: DecimalMark,
    /// Whether fractions such as `3/4` are understood.
    pub fractions: bool,
    /// How the unit is given.
    pub unit: UnitField,
}

/// How the unit of a number is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum UnitField {
    /// There is none.
    None,
    /// Typed with the number.
    Typed,
    /// Chosen.
    Chosen {
        /// The units.
        units: Vec<String>,
        /// Whether it stands before the number.
        before: bool,
    },
}

/// What is asked of an essay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownEssay {
    /// How it is written.
    pub format: EssayFormat,
    /// Height of the field in lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
    /// Least number of words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_min: Option<u32>,
    /// Greatest number of words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_max: Option<u32>,
    /// Files that must be added.
    pub files_min: u32,
    /// Most files that may be added.
    pub files_max: u32,
    /// Text that the field starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Text>,
}

impl Presentation {
    /// What is shown of a question of a paper; `points_max` is its paper's.
    ///
    /// # Errors
    /// When variables cannot be filled in: the author's fault, which checking the course finds.
    pub fn new(
        question: &Question,
        instance: &Instance,
        points_max: f64,
    ) -> Result<Self, InstanceError> {
        let question = instance.resolve(question)?;
        let files = question.attachments.iter().map(|file| ShownFile {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            path: file.path.clone(),
        });
        let hints = question.hints.iter().map(|hint| HintOffer {
            cost: hint.cost,
            after_tries: hint.after_tries,
        });
        Ok(Self {
            points_max,
            attachments: files.collect(),
            hints: hints.collect(),
            kind: shown_kind(&question.kind, &question.text, instance),
            question: question.id,
            text: question.text,
        })
    }

    /// The text cut where blanks stand; one piece for every other kind.
    #[must_use]
    pub fn segments(&self) -> Vec<Segment<'_>> {
        match &self.kind {
            ShownKind::Blanks { blanks } => segment::cut(&self.text.source, blanks),
            _ => vec![Segment::Text(&self.text.source)],
        }
    }
}

fn shown_kind(kind: &Kind, text: &Text, instance: &Instance) -> ShownKind {
    match kind {
        Kind::Choice(choice) => ShownKind::Choice(shown_choice(choice, instance, "options")),
        Kind::TrueFalse(_) => ShownKind::TrueFalse,
        Kind::Blanks(blanks) => ShownKind::Blanks {
            blanks: shown_blanks(&blanks.blanks, text, instance),
        },
        Kind::ShortAnswer(_) => ShownKind::ShortAnswer,
        Kind::Numeric(key) => ShownKind::Numeric(number_field(key)),
        Kind::Matching(matching) => {
            let items = matching.items.iter().map(|item| (&item.id, &item.text));
            let targets = matching.targets.iter();
            let targets = targets.map(|MatchTarget { id, text }| (id, text));
            ShownKind::Matching {
                items: shown_parts(items.collect(), instance, "items"),
                targets: shown_parts(targets.collect(), instance, "targets"),
            }
        }
        Kind::Ordering(ordering) => {
            let items = ordering.items.iter().chain(&ordering.distractors);
            let items = items.map(|OrderItem { id, text }| (id, text));
            ShownKind::Ordering {
                items: shown_parts(items.collect(), instance, "items"),
            }
        }
        Kind::Tracing(tracing) => ShownKind::Tracing {
            language: tracing.language.clone(),
            lines: lines_of(&tracing.source),
            stdin: tracing.stdin.clone(),
        },
        Kind::BugLine(bug_line) => ShownKind::BugLine {
            language: bug_line.language.clone(),
            lines: lines_of(&bug_line.source),
        },
        Kind::Essay(essay) => ShownKind::Essay(shown_essay(essay)),
        Kind::Description => ShownKind::Description,
    }
}

fn lines_of(source: &str) -> Vec<String> {
    source.lines().map(str::to_owned).collect()
}

/// Blanks in the order of the text, for the author's order of them is none.
fn shown_blanks(blanks: &[Blank], text: &Text, instance: &Instance) -> Vec<ShownBlank> {
    let mut shown: Vec<ShownBlank> = blanks
        .iter()
        .map(|blank| ShownBlank {
            id: blank.id.clone(),
            width: blank.width,
            field: match &blank.key {
                BlankKey::Text(_) => BlankField::Text,
                BlankKey::Number(key) => BlankField::Number(number_field(key)),
                BlankKey::Choice(choice) => {
                    let list = format!("blank {}", blank.id);
                    BlankField::Choice(shown_choice(choice, instance, &list))
                }
            },
        })
        .collect();
    shown.sort_by_key(|blank| segment::find(&text.source, &blank.id).unwrap_or(usize::MAX));
    shown
}

fn shown_choice(choice: &Choice, instance: &Instance, list: &str) -> ShownChoice {
    let ids: Vec<&str> = choice
        .options
        .iter()
        .map(|option| option.id.as_str())
        .collect();
    let order = names::order(&ids, instance, list);
    let options = order.into_iter().enumerate().map(|(place, index)| {
        let option = &choice.options[index];
        ShownOption {
            name: names::name_of("options", place),
            text: option.text.clone(),
            tip: option.tip.clone(),
        }
    });
    ShownChoice {
        select: choice.select,
        options: options.collect(),
        numbering: choice.numbering,
        layout: choice.layout,
    }
}

fn shown_parts(parts: Vec<(&String, &Text)>, instance: &Instance, list: &str) -> Vec<ShownPart> {
    let ids: Vec<&str> = parts.iter().map(|(id, _)| id.as_str()).collect();
    let order = names::order(&ids, instance, list);
    let shown = order
        .into_iter()
        .enumerate()
        .map(|(place, index)| ShownPart {
            name: names::name_of(list, place),
            text: parts[index].1.clone(),
        });
    shown.collect()
}

fn number_field(key: &NumberKey) -> NumberField {
    let unit = match &key.units {
        None => UnitField::None,
        Some(units) => match units.entry {
            UnitEntry::Typed => UnitField::Typed,
            UnitEntry::Chosen => UnitField::Chosen {
                units: units.units.iter().map(|unit| unit.name.clone()).collect(),
                before: units.before,
            },
        },
    };
    NumberField {
        decimal_mark: key.decimal_mark,
        fractions: key.fractions,
        unit,
    }
}

fn shown_essay(essay: &Essay) -> ShownEssay {
    ShownEssay {
        format: essay.format,
        lines: essay.lines,
        words_min: essay.words_min,
        words_max: essay.words_max,
        files_min: essay.files_min,
        files_max: essay.files_max,
        start: essay.start.clone(),
    }
}
