//! A quiz: questions and pools in order, with settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::{BlankKey, DecimalMark, Kind, NumberKey};
use crate::question::Question;
use crate::settings::Settings;
use crate::text::Text;

/// A quiz. A question bank is a quiz too: one that nobody attempts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// Stable id, never reused: letters, digits, `-`, `_`, `.`.
    pub id: String,
    /// Title shown to people.
    pub title: String,
    /// Introduction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Text>,
    /// How it is attempted.
    #[serde(default)]
    pub settings: Settings,
    /// Questions and pools in order.
    pub items: Vec<Item>,
}

/// A question, or a pool to draw questions from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are questions; a box would cost each one an allocation"
)]
pub enum Item {
    /// One question.
    Question(Question),
    /// Several, of which each attempt draws some.
    Pool(Pool),
}

/// Questions of which each attempt draws some.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Stable id, unique among questions and pools.
    pub id: String,
    /// Name for authors; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// How many are drawn, 1 to the number of questions.
    pub draw: u32,
    /// Points of each question drawn; `None`: its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    /// The questions.
    pub questions: Vec<Question>,
}

impl Quiz {
    /// Every question, those of pools included, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.items.iter().flat_map(|item| match item {
            Item::Question(question) => std::slice::from_ref(question).iter(),
            Item::Pool(pool) => pool.questions.iter(),
        })
    }

    /// Says the decimal mark of every number whose question says none: what the language has.
    pub fn set_usual_mark(&mut self, mark: DecimalMark) {
        let set = |key: &mut NumberKey| {
            if key.decimal_mark == DecimalMark::default() {
                key.decimal_mark = mark;
            }
        };
        for item in &mut self.items {
            let questions = match item {
                Item::Question(question) => std::slice::from_mut(question),
                Item::Pool(pool) => pool.questions.as_mut_slice(),
            };
            for question in questions {
                match &mut question.kind {
                    Kind::Numeric(key) => set(key),
                    Kind::Blanks(blanks) => {
                        for blank in &mut blanks.blanks {
                            if let BlankKey::Number(key) = &mut blank.key {
                                set(key);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// The question of an id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions().find(|question| question.id == id)
    }
}
