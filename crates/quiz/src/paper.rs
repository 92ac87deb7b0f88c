//! What one attempt asks: the questions drawn, their order, and each as it is shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::instance::{Instance, InstanceError};
use crate::kind::Kind;
use crate::question::Question;
use crate::quiz::{Item, Quiz};
use crate::random::Random;

/// The questions of one attempt. Stored with it; a pure function of quiz and seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// The seed that everything was drawn from.
    pub seed: u64,
    /// The questions in the order shown.
    pub entries: Vec<Entry>,
}

/// One question of a paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Id of the question.
    pub question: String,
    /// Id of the pool that it was drawn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Points of a fully right answer.
    pub points_max: f64,
    /// Variables and order.
    pub instance: Instance,
}

impl Paper {
    /// Draws the paper of a seed.
    ///
    /// # Errors
    /// When the variables of a question cannot be drawn: the author's fault, which
    /// checking the course finds.
    pub fn draw(quiz: &Quiz, seed: u64) -> Result<Self, InstanceError> {
        let mut entries = Vec::new();
        let mut is_fixed = Vec::new();
        for item in &quiz.items {
            match item {
                Item::Question(question) => {
                    is_fixed.push(matches!(question.kind, Kind::Description));
                    entries.push(Entry::draw(question, None, question.points, seed)?);
                }
                Item::Pool(pool) => {
                    let mut questions: Vec<&Question> = pool.questions.iter().collect();
                    Random::for_purpose(seed, &pool.id).shuffle(&mut questions);
                    for question in questions.into_iter().take(pool.draw as usize) {
                        is_fixed.push(false);
                        let points = pool.points.unwrap_or(question.points);
                        let id = Some(pool.id.as_str());
                        entries.push(Entry::draw(question, id, points, seed)?);
                    }
                }
            }
        }
        if quiz.settings.shuffle {
            entries = shuffle_free(entries, &is_fixed, seed);
        }
        Ok(Self { seed, entries })
    }

    /// The entry of a question.
    #[must_use]
    pub fn entry(&self, question: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.question == question)
    }

    /// Points of a paper without a mistake.
    #[must_use]
    pub fn points_max(&self) -> f64 {
        self.entries.iter().map(|entry| entry.points_max).sum()
    }
}

impl Entry {
    fn draw(
        question: &Question,
        pool: Option<&str>,
        points: f64,
        seed: u64,
    ) -> Result<Self, InstanceError> {
        let points_max = match question.kind {
            Kind::Description => 0.0,
            _ => points,
        };
        Ok(Self {
            question: question.id.clone(),
            pool: pool.map(str::to_owned),
            points_max,
            instance: Instance::draw(question, seed)?,
        })
    }
}

/// Descriptions keep their place, for they speak of what follows.
fn shuffle_free(entries: Vec<Entry>, is_fixed: &[bool], seed: u64) -> Vec<Entry> {
    let mut free: Vec<usize> = (0..entries.len())
        .filter(|index| !is_fixed[*index])
        .collect();
    Random::for_purpose(seed, "order of questions").shuffle(&mut free);
    let mut free = free.into_iter();
    let order: Vec<usize> = (0..entries.len())
        .map(|index| {
            if is_fixed[index] {
                index
            } else {
                free.next().unwrap_or(index)
            }
        })
        .collect();
    let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|index| entries[index].take())
        .collect()
}
