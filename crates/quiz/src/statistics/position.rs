//! Figures of one position, or of one question drawn from pools.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GradedQuestion;
use super::answers::{AnswerTally, PartAnswers};
use super::moments::{is_spread, mean};
use crate::kind::{Accept, BlankKey, Blanks, BugLine, Choice, Kind, NumberKey, Select, TextKey};
use crate::kind::{OrderScheme, Ordering, PartScheme, PatternKind};
use crate::question::Question;

/// Figures of one position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionStatistics {
    /// The question, or `pool/n`.
    pub name: String,
    /// Points of a fully right answer; of questions of a pool that differ in them, their mean.
    pub points_max: f64,
    /// Attempts that had it.
    pub attempts: usize,
    /// Its points as a share of the most that it could give.
    pub facility: Option<f64>,
    /// Standard deviation of its points (n − 1).
    pub standard_deviation: Option<f64>,
    /// Share of the points that guessing gives on average, where it can be told.
    pub random_guess_score: Option<f64>,
    /// Its share of the points of the quiz, in per cent; none for questions of pools.
    pub intended_weight: Option<f64>,
    /// Its share of what the points of learners differ by, in per cent; `None` where it works
    /// against the rest.
    pub effective_weight: Option<f64>,
    /// Correlation of its points with those of the rest, in per cent.
    pub discrimination_index: Option<f64>,
    /// Covariance with the rest as a share of the greatest that these points allow, in per cent.
    pub discriminative_efficiency: Option<f64>,
    /// What was answered, by part, most frequent first, and what nobody chose after it.
    pub answers: Vec<PartAnswers>,
}

/// What is gathered of one position.
#[derive(Debug)]
pub(super) struct Tally<'q> {
    name: String,
    question: Option<&'q Question>,
    points_max: f64,
    marks: Vec<f64>,
    others: Vec<f64>,
    /// Points that its questions could give in these attempts.
    worth: f64,
    answers: AnswerTally,
}

impl<'q> Tally<'q> {
    pub(super) fn new(name: &str, question: Option<&'q Question>, points_max: f64) -> Self {
        Self {
            name: name.to_owned(),
            question,
            points_max,
            marks: Vec::new(),
            others: Vec::new(),
            worth: 0.0,
            answers: question.map(AnswerTally::new).unwrap_or_default(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn points_max(&self) -> f64 {
        self.points_max
    }

    /// `other`: the points that its own are held against.
    pub(super) fn add(&mut self, one: &GradedQuestion, other: f64) {
        self.marks.push(one.points);
        self.others.push(other);
        self.worth += one.points_max;
        if self.question.is_some() {
            self.answers.add(one);
        }
    }

    /// Root of the covariance with the points of the whole attempt, which are the rest and its
    /// own; `None` where they work against each other.
    fn root_of_covariance(&self) -> Option<f64> {
        let pairs = self.marks.iter().zip(&self.others);
        let whole: Vec<f64> = pairs.map(|(own, rest)| own + rest).collect();
        let together = covariance(&self.marks, &whole)?;
        let spread = covariance(&self.marks, &self.marks)?.sqrt();
        let size = covariance(&whole, &whole)?.sqrt() + mean(&whole)?.abs();
        // What is left of a covariance of nothing after adding up is no direction.
        if together.abs() <= 1e-12 * spread * size {
            return Some(0.0);
        }
        (together > 0.0).then(|| together.sqrt())
    }
}

/// Covariance (n − 1) of two lists; `None` below two.
fn covariance(left: &[f64], right: &[f64]) -> Option<f64> {
    let (left_mean, right_mean) = (mean(left)?, mean(right)?);
    let sum: f64 = left
        .iter()
        .zip(right)
        .map(|(a, b)| (a - left_mean) * (b - right_mean))
        .sum();
    (left.len() > 1).then(|| sum / (left.len() as f64 - 1.0))
}

/// The figures of some tallies; with the points of the quiz, of its positions.
pub(super) fn finish(tallies: Vec<Tally<'_>>, quiz_points: Option<f64>) -> Vec<PositionStatistics> {
    let roots: Vec<Option<f64>> = tallies.iter().map(Tally::root_of_covariance).collect();
    let sum: f64 = roots.iter().flatten().sum();
    let is_position = quiz_points.is_some();
    tallies
        .into_iter()
        .zip(roots)
        .map(|(tally, root)| PositionStatistics {
            intended_weight: quiz_points
                .filter(|points| *points > 0.0)
                .map(|points| 100.0 * tally.points_max / points),
            effective_weight: root
                .filter(|_| is_position && sum > 0.0)
                .map(|root| 100.0 * root / sum),
            ..figures(tally)
        })
        .collect()
}

fn figures(tally: Tally<'_>) -> PositionStatistics {
    let Tally {
        name,
        question,
        points_max,
        marks,
        others,
        worth,
        answers,
    } = tally;
    let variance = covariance(&marks, &marks);
    let other_variance = covariance(&others, &others);
    let together = covariance(&marks, &others);
    let (mut sorted_marks, mut sorted_others) = (marks.clone(), others.clone());
    sorted_marks.sort_by(f64::total_cmp);
    sorted_others.sort_by(f64::total_cmp);
    let most = covariance(&sorted_marks, &sorted_others);
    let differs = |variance: Option<f64>, list: &[f64]| {
        variance.is_some_and(|variance| is_spread(variance, mean(list).unwrap_or_default()))
    };
    let compares = differs(variance, &marks) && differs(other_variance, &others);
    let ratio = |below: Option<f64>| {
        let share = together? / below.filter(|below| *below > 0.0)?;
        compares.then_some(100.0 * share)
    };
    PositionStatistics {
        name,
        points_max,
        attempts: marks.len(),
        // Questions of a pool may be worth more or less than each other.
        facility: (worth > 0.0).then(|| marks.iter().sum::<f64>() / worth),
        standard_deviation: variance.map(f64::sqrt),
        random_guess_score: question.and_then(random_guess),
        intended_weight: None,
        effective_weight: None,
        discrimination_index: ratio(variance.zip(other_variance).map(|(a, b)| (a * b).sqrt())),
        discriminative_efficiency: ratio(most),
        answers: answers.finish(marks.len()),
    }
}

/// Share of the points that a learner gets on average who guesses without a thought.
fn random_guess(question: &Question) -> Option<f64> {
    // How often a wrong or special answer is guessed depends on all parts together.
    if question.wrong != 0.0 || !question.special.is_empty() {
        return None;
    }
    match &question.kind {
        Kind::Choice(choice) => guess_choice(choice),
        Kind::TrueFalse(_) => Some(0.5),
        Kind::Blanks(blanks) => guess_blanks(blanks),
        Kind::ShortAnswer(key) => Some(guess_text(key)),
        Kind::Numeric(key) => Some(guess_number(key)),
        Kind::Matching(matching) if matching.scheme == PartScheme::EachPart => {
            (!matching.targets.is_empty()).then(|| 1.0 / matching.targets.len() as f64)
        }
        Kind::Ordering(ordering) => guess_order(ordering),
        Kind::BugLine(bug_line) => guess_line(bug_line),
        Kind::Matching(_) | Kind::Tracing(_) | Kind::Essay(_) | Kind::Description => None,
    }
}

/// The mean weight of the options; of several options, nobody can tell.
fn guess_choice(choice: &Choice) -> Option<f64> {
    if choice.select != Select::One || choice.options.is_empty() {
        return None;
    }
    let sum: f64 = choice
        .options
        .iter()
        .map(|option| choice.weight(option))
        .sum();
    Some(sum / choice.options.len() as f64)
}

/// What an answer that accepts everything gives.
fn guess_text(key: &TextKey) -> f64 {
    let everything = key
        .patterns
        .iter()
        .find(|one| one.kind == PatternKind::Wildcard && one.pattern.trim() == "*");
    everything.map_or(0.0, |one| one.score)
}

fn guess_number(key: &NumberKey) -> f64 {
    let everything = key.answers.iter().find(|one| one.accept == Accept::Any);
    everything.map_or(0.0, |one| one.score)
}

fn guess_blanks(blanks: &Blanks) -> Option<f64> {
    if blanks.scheme != PartScheme::EachPart {
        return None;
    }
    let weights: f64 = blanks.blanks.iter().map(|blank| blank.weight).sum();
    let mut sum = 0.0;
    for blank in &blanks.blanks {
        sum += blank.weight
            * match &blank.key {
                BlankKey::Text(key) => guess_text(key),
                BlankKey::Number(key) => guess_number(key),
                BlankKey::Choice(choice) => guess_choice(choice)?,
            };
    }
    (weights > 0.0).then(|| sum / weights)
}

/// One of n items stands at its place, or after the right one, with a chance of 1/n.
fn guess_order(ordering: &Ordering) -> Option<f64> {
    let is_simple = ordering.distractors.is_empty() && !ordering.items.is_empty();
    match ordering.scheme {
        OrderScheme::Positions | OrderScheme::Neighbours => {
            is_simple.then(|| 1.0 / ordering.items.len() as f64)
        }
        OrderScheme::LongestCommonSubsequence | OrderScheme::AllOrNothing => None,
    }
}

/// The share of lines that belong to a bug, where there is one bug and one line is named.
fn guess_line(bug_line: &BugLine) -> Option<f64> {
    let [bug] = bug_line.bugs.as_slice() else {
        return None;
    };
    let lines = bug_line.source.lines().count();
    let wrong = f64::from(bug.last_line.saturating_sub(bug.first_line)) + 1.0;
    (lines > 0).then(|| wrong / lines as f64)
}
