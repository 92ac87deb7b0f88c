//! Statistics of a quiz over its attempts, as Moodle's statistics report defines them.
//!
//! Pure: rows of graded attempts in, figures out. A *position* is a place of the quiz: a
//! question, or the n-th question drawn from a pool. Questions of pools have figures of
//! their own beside those of their positions; following Moodle, these are held against
//! the whole attempt, for the rest of it differs from learner to learner.
//!
//! What cannot be computed (one attempt alone, everybody with the same points) is `None`.

mod answers;
pub mod challenge;
mod moments;
mod offered;
mod position;

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use answers::{AnswerCount, PartAnswers};
pub use position::PositionStatistics;

use crate::answer::Answer;
use crate::kind::Kind;
use crate::paper::Paper;
use crate::quiz::{Item, Quiz};
use moments::Moments;
use position::Tally;

/// One finished attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct GradedAttempt {
    /// Whose; only compared.
    pub learner: String,
    /// Which one of this learner, from 1.
    pub number: u32,
    /// Its questions, descriptions left out.
    pub questions: Vec<GradedQuestion>,
}

/// What one question of an attempt came to.
#[derive(Debug, Clone, PartialEq)]
pub struct GradedQuestion {
    /// Id of the question.
    pub question: String,
    /// Position of the quiz, as [`positions`] names it.
    pub position: String,
    /// Points.
    pub points: f64,
    /// Points of a fully right answer.
    pub points_max: f64,
    /// The answer that counts.
    pub answer: Option<Answer>,
}

/// Which attempts count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// All.
    All,
    /// The first of each learner.
    First,
    /// The last of each learner.
    Last,
    /// The best of each learner; of several with the same points, the first.
    #[default]
    Highest,
}

/// Figures of a quiz.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizStatistics {
    /// Which attempts the figures are of.
    pub selection: Selection,
    /// Number and mean of attempts for each selection: all, first, last, highest.
    pub counts: Vec<SelectionCount>,
    /// Points of an attempt without a mistake.
    pub points_max: f64,
    /// Mean of the points.
    pub mean: Option<f64>,
    /// Median of the points.
    pub median: Option<f64>,
    /// Standard deviation of the points (n − 1).
    pub standard_deviation: Option<f64>,
    /// Skewness k₃/k₂^1.5; needs three attempts.
    pub skewness: Option<f64>,
    /// Kurtosis k₄/k₂²; needs four attempts.
    pub kurtosis: Option<f64>,
    /// Coefficient of internal consistency (Cronbach's alpha) in per cent.
    pub internal_consistency: Option<f64>,
    /// Share of the standard deviation that is chance, in per cent.
    pub error_ratio: Option<f64>,
    /// Standard error of the points of one attempt.
    pub standard_error: Option<f64>,
    /// Figures of each position in the order of the quiz.
    pub positions: Vec<PositionStatistics>,
    /// Figures of each question that was drawn from a pool.
    pub drawn: Vec<PositionStatistics>,
}

/// Attempts of one selection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectionCount {
    /// Which attempts.
    pub selection: Selection,
    /// How many.
    pub attempts: usize,
    /// Mean of their points.
    pub mean: Option<f64>,
}

impl GradedAttempt {
    /// Points of all questions.
    #[must_use]
    pub fn points(&self) -> f64 {
        self.questions.iter().map(|one| one.points).sum()
    }
}

/// Position of each question of a paper, in the order of its entries: the question's id, or
/// `pool/n` for the n-th drawn from a pool.
#[must_use]
pub fn positions(paper: &Paper) -> Vec<String> {
    let mut drawn: BTreeMap<&str, u32> = BTreeMap::new();
    let names = paper.entries.iter().map(|entry| match &entry.pool {
        None => entry.question.clone(),
        Some(pool) => {
            let number = drawn.entry(pool).or_default();
            *number += 1;
            format!("{pool}/{number}")
        }
    });
    names.collect()
}

/// The attempts that count, in the order given.
#[must_use]
pub fn select(attempts: &[GradedAttempt], selection: Selection) -> Vec<&GradedAttempt> {
    let mut chosen: BTreeMap<&str, usize> = BTreeMap::new();
    if selection == Selection::All {
        return attempts.iter().collect();
    }
    for (index, attempt) in attempts.iter().enumerate() {
        let best = chosen.entry(&attempt.learner).or_insert(index);
        let other = &attempts[*best];
        let is_better = match selection {
            Selection::First => attempt.number < other.number,
            Selection::Last => attempt.number > other.number,
            Selection::All | Selection::Highest => {
                let order = attempt.points().total_cmp(&other.points());
                order.then(other.number.cmp(&attempt.number)).is_gt()
            }
        };
        if is_better {
            *best = index;
        }
    }
    let mut places: Vec<usize> = chosen.into_values().collect();
    places.sort_unstable();
    places.into_iter().map(|place| &attempts[place]).collect()
}

impl QuizStatistics {
    /// The figures of finished attempts. Attempts of other versions of the quiz may be among
    /// them: what is not in this one is left out of the figures of questions.
    #[must_use]
    pub fn new(quiz: &Quiz, attempts: &[GradedAttempt], selection: Selection) -> Self {
        let chosen = select(attempts, selection);
        let totals: Vec<f64> = chosen.iter().map(|attempt| attempt.points()).collect();
        let moments = Moments::new(&totals);
        let positions = position_figures(quiz, &chosen);
        let drawn = drawn_figures(quiz, &chosen);
        let variances: f64 = positions
            .iter()
            .filter_map(|one| one.standard_deviation)
            .map(|deviation| deviation * deviation)
            .sum();
        let consistency = moments.internal_consistency(positions.len(), variances);
        // Chance rounding may put the coefficient a hair above 100.
        let error_ratio = consistency.map(|share| 100.0 * (1.0 - share / 100.0).max(0.0).sqrt());
        let counts = [
            Selection::All,
            Selection::First,
            Selection::Last,
            Selection::Highest,
        ];
        Self {
            selection,
            counts: counts
                .into_iter()
                .map(|selection| count(attempts, selection))
                .collect(),
            points_max: positions.iter().map(|one| one.points_max).sum(),
            mean: moments.mean,
            median: moments.median,
            standard_deviation: moments.standard_deviation,
            skewness: moments.skewness,
            kurtosis: moments.kurtosis,
            internal_consistency: consistency,
            error_ratio,
            standard_error: error_ratio
                .zip(moments.standard_deviation)
                .map(|(ratio, deviation)| ratio * deviation / 100.0),
            positions,
            drawn,
        }
    }
}

fn count(attempts: &[GradedAttempt], selection: Selection) -> SelectionCount {
    let chosen = select(attempts, selection);
    let totals: Vec<f64> = chosen.iter().map(|attempt| attempt.points()).collect();
    SelectionCount {
        selection,
        attempts: totals.len(),
        mean: moments::mean(&totals),
    }
}

fn position_figures(quiz: &Quiz, chosen: &[&GradedAttempt]) -> Vec<PositionStatistics> {
    let mut tallies = Vec::new();
    for item in &quiz.items {
        match item {
            Item::Question(question) if matches!(question.kind, Kind::Description) => {}
            Item::Question(question) => {
                tallies.push(Tally::new(&question.id, Some(question), question.points));
            }
            Item::Pool(pool) => {
                let own: Vec<f64> = pool.questions.iter().map(|one| one.points).collect();
                let points = pool.points.or_else(|| moments::mean(&own)).unwrap_or(0.0);
                for number in 1..=pool.draw {
                    let name = format!("{}/{number}", pool.id);
                    tallies.push(Tally::new(&name, None, points));
                }
            }
        }
    }
    let index: HashMap<String, usize> = tallies
        .iter()
        .enumerate()
        .map(|(index, tally)| (tally.name().to_owned(), index))
        .collect();
    for attempt in chosen {
        let total = attempt.points();
        for one in &attempt.questions {
            if let Some(at) = index.get(&one.position) {
                tallies[*at].add(one, total - one.points);
            }
        }
    }
    let points_max: f64 = tallies.iter().map(Tally::points_max).sum();
    position::finish(tallies, Some(points_max))
}

fn drawn_figures(quiz: &Quiz, chosen: &[&GradedAttempt]) -> Vec<PositionStatistics> {
    let mut tallies = Vec::new();
    let mut index = HashMap::new();
    for item in &quiz.items {
        let Item::Pool(pool) = item else { continue };
        for question in &pool.questions {
            let points = pool.points.unwrap_or(question.points);
            index.insert(question.id.as_str(), tallies.len());
            tallies.push(Tally::new(&question.id, Some(question), points));
        }
    }
    for attempt in chosen {
        for one in &attempt.questions {
            if let Some(at) = index.get(one.question.as_str()) {
                tallies[*at].add(one, attempt.points());
            }
        }
    }
    position::finish(tallies, None)
}

#[cfg(test)]
mod tests;
