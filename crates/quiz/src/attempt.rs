//! One learner's run through a quiz, as a state machine over time that is handed in.
//!
//! Times are milliseconds since 1970 of the server's clock. Nothing here waits:
//! whoever holds attempts calls [`Attempt::expire`] when a deadline has passed;
//! an answer that comes in earlier than that, within the grace, still counts.

mod error;
mod review;
mod start;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::paper::{Entry, Paper};
use crate::question::{Hint, Question};
use crate::quiz::Quiz;
use crate::response::{Graded, Response, Step, TryRules};
use crate::right_parts::{RightCount, keep_right};
use crate::score::{ScoreState, Scorer};
use crate::settings::{Accommodation, GradeMethod};

pub use error::AttemptError;
pub use review::visible_parts;

/// Milliseconds of a second.
const SECOND_MS: i64 = 1_000;

/// When a quiz may be attempted: from the course, not from the quiz.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Window {
    /// Before this, it is closed.
    pub opens_ms: Option<i64>,
    /// From this on, it is closed.
    pub closes_ms: Option<i64>,
}

/// A quiz and when it is open.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The version of the quiz that the attempt was started with.
    pub quiz: &'a Quiz,
    /// When it is open.
    pub window: Window,
}

/// An attempt. Everything in it is stored; the rest follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// What is asked.
    pub paper: Paper,
    /// When it was started.
    pub started_ms: i64,
    /// What this learner has beyond the others; may be changed at any time.
    #[serde(default)]
    pub accommodation: Accommodation,
    /// How it ended; `None`: it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Submitted>,
    /// Place of the question that is open, where they come one after another.
    #[serde(default)]
    pub place: u32,
    /// What the learner did, by question.
    #[serde(default)]
    pub responses: BTreeMap<String, Response>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submitted {
    /// When.
    pub at_ms: i64,
    /// By whom.
    pub by: SubmittedBy,
}

/// Who ended an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmittedBy {
    /// The learner.
    Learner,
    /// The end of its time.
    Deadline,
}

/// What an attempt is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttemptGrade {
    /// Questions in the order shown.
    pub questions: Vec<QuestionGrade>,
    /// Sum of the points, at least 0.
    pub points: f64,
    /// Points of an attempt without a mistake.
    pub points_max: f64,
    /// Whether it is passed; `None` where the quiz does not say what is needed, or a person must grade first.
    pub passed: Option<bool>,
    /// Whether an answer waits for a person.
    pub needs_grading: bool,
}

/// What the response to one question is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionGrade {
    /// Id of the question.
    pub question: String,
    /// Its grade.
    pub graded: Graded,
}

impl Attempt {
    /// When its time is over; `None`: never.
    #[must_use]
    pub fn deadline_ms(&self, rules: Rules<'_>) -> Option<i64> {
        let extra = &self.accommodation;
        let limit = rules.quiz.settings.time_limit_seconds;
        let limit = limit.filter(|_| !extra.untimed).map(|seconds| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "at most 2^32 seconds times a factor; saturates"
            )]
            let scaled = (f64::from(seconds) * 1_000.0 * extra.time_factor.max(1.0)) as i64;
            self.started_ms
                .saturating_add(scaled)
                .saturating_add(i64::from(extra.extra_seconds) * SECOND_MS)
        });
        let closes = start::closes_ms(rules.window, extra);
        match (limit, closes) {
            (Some(limit), Some(closes)) => Some(limit.min(closes)),
            (limit, closes) => limit.or(closes),
        }
    }

    /// Milliseconds left; `None`: no end.
    #[must_use]
    pub fn remaining_ms(&self, rules: Rules<'_>, now_ms: i64) -> Option<i64> {
        self.deadline_ms(rules)
            .map(|deadline| deadline.saturating_sub(now_ms).max(0))
    }

    /// When answers are refused and [`Attempt::expire`] ends the attempt: deadline and grace.
    #[must_use]
    pub fn ends_ms(&self, rules: Rules<'_>) -> Option<i64> {
        let grace = i64::from(rules.quiz.settings.grace_seconds) * SECOND_MS;
        self.deadline_ms(rules)
            .map(|deadline| deadline.saturating_add(grace))
    }

    /// Ends the attempt when its time is over; tells whether it did. It counts
    /// as submitted at its deadline, with every answer that was saved.
    pub fn expire(&mut self, rules: Rules<'_>, now_ms: i64) -> bool {
        let (Some(deadline), Some(ends)) = (self.deadline_ms(rules), self.ends_ms(rules)) else {
            return false;
        };
        if self.submitted.is_some() || now_ms < ends {
            return false;
        }
        self.submitted = Some(Submitted {
            at_ms: deadline.max(self.started_ms),
            by: SubmittedBy::Deadline,
        });
        true
    }

    /// Ends the attempt.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn submit(&mut self, rules: Rules<'_>, now_ms: i64) -> Result<(), AttemptError> {
        self.check_running(rules, now_ms)?;
        self.submitted = Some(Submitted {
            at_ms: now_ms,
            by: SubmittedBy::Learner,
        });
        Ok(())
    }

    /// Keeps an answer (autosave) without scoring it; `None` takes it back.
    ///
    /// # Errors
    /// When the attempt has ended, the question is not open, or the answer does not belong to it.
    pub fn save(
        &mut self,
        rules: Rules<'_>,
        question: &str,
        answer: Option<Answer>,
        now_ms: i64,
    ) -> Result<(), AttemptError> {
        let (entry, asked) = self.open_question(rules, question, now_ms)?;
        let scorer = Scorer::new(asked, &entry.instance)?;
        // Scored and thrown away: an answer that could not be scored later is refused now.
        scorer.score(answer.as_ref())?;
        self.responses
            .entry(question.to_owned())
            .or_default()
            .answer = answer;
        Ok(())
    }

    /// Scores an answer at once. One that cannot be read costs no try.
    ///
    /// # Errors
    /// As [`Attempt::save`], and when the quiz does not score at once, no try is left, or it was right already.
    pub fn try_answer(
        &mut self,
        rules: Rules<'_>,
        question: &str,
        answer: Answer,
        now_ms: i64,
    ) -> Result<Graded, AttemptError> {
        let (entry, asked) = self.open_question(rules, question, now_ms)?;
        let try_rules = TryRules::new(&rules.quiz.settings, asked, entry.points_max);
        if !try_rules.at_once {
            return Err(AttemptError::NotAtOnce);
        }
        let scorer = Scorer::new(asked, &entry.instance)?;
        let response = self.responses.get(question).cloned().unwrap_or_default();
        if is_right(&response, &scorer)? {
            return Err(AttemptError::AlreadyRight);
        }
        if let Some(most) = try_rules.tries
            && response.tries_used(&scorer)? >= most
        {
            return Err(AttemptError::NoTriesLeft { tries: most });
        }
        let mut score = scorer.score(Some(&answer))?;
        let mut next = response;
        next.answer = Some(answer.clone());
        if score.state == ScoreState::Invalid {
            // It costs no try, so nothing may be learnt from it about what can be read.
            score = scorer.tell_unreadable(&answer, score)?;
        } else if score.state != ScoreState::Unanswered {
            next.steps.push(Step::Try {
                answer,
                at_ms: now_ms,
            });
        }
        let mut graded = next.grade(&scorer, &try_rules, false)?;
        // What is shown is this try, whichever counts in the end.
        graded.score = score;
        self.responses.insert(question.to_owned(), next);
        Ok(graded)
    }

    /// Takes a hint; taken again, it is only shown again. One that clears what is wrong takes
    /// that out of the answer; one that tells how much is right tells it of the answer as it is now.
    ///
    /// # Errors
    /// When the attempt has ended, the question is not open, or the hint is not there or not due.
    pub fn take_hint<'a>(
        &mut self,
        rules: Rules<'a>,
        question: &str,
        index: u32,
        now_ms: i64,
    ) -> Result<&'a Hint, AttemptError> {
        let (entry, asked) = self.open_question(rules, question, now_ms)?;
        let hint = asked
            .hints
            .get(index as usize)
            .ok_or(AttemptError::NoSuchHint { index })?;
        let scorer = Scorer::new(asked, &entry.instance)?;
        let response = self.responses.get(question).cloned().unwrap_or_default();
        let used = response.tries_used(&scorer)?;
        let is_taken = response
            .steps
            .iter()
            .any(|step| matches!(step, Step::Hint { index: taken, .. } if *taken == index));
        if is_taken {
            return Ok(hint);
        }
        if used < hint.after_tries {
            return Err(AttemptError::HintNotDue {
                tries: hint.after_tries,
                used,
            });
        }
        let score = scorer.score(response.answer.as_ref())?;
        let mut next = response;
        if hint.clear_wrong {
            let answer = next.answer.take();
            next.answer = answer.and_then(|one| keep_right(scorer.question(), &one, &score));
        }
        next.steps.push(Step::Hint {
            index,
            at_ms: now_ms,
            right: hint.show_right_count.then(|| RightCount::of(&score)),
        });
        self.responses.insert(question.to_owned(), next);
        Ok(hint)
    }

    /// Goes on to the next question, where they come one after another.
    ///
    /// # Errors
    /// When the attempt has ended or this is the last question.
    pub fn go_on(&mut self, rules: Rules<'_>, now_ms: i64) -> Result<(), AttemptError> {
        self.check_running(rules, now_ms)?;
        if self.place as usize + 1 >= self.paper.entries.len() {
            return Err(AttemptError::LastQuestion);
        }
        self.place += 1;
        Ok(())
    }

    /// What the attempt is worth now, or in the end once it is submitted.
    ///
    /// # Errors
    /// When the quiz is not the version that the attempt was started with.
    pub fn grade(&self, rules: Rules<'_>) -> Result<AttemptGrade, AttemptError> {
        let mut questions = Vec::with_capacity(self.paper.entries.len());
        let none = Response::default();
        for entry in &self.paper.entries {
            let asked = find_question(rules.quiz, &entry.question)?;
            let scorer = Scorer::new(asked, &entry.instance)?;
            let try_rules = TryRules::new(&rules.quiz.settings, asked, entry.points_max);
            let response = self.responses.get(&entry.question).unwrap_or(&none);
            questions.push(QuestionGrade {
                question: entry.question.clone(),
                graded: response.grade(&scorer, &try_rules, self.submitted.is_some())?,
            });
        }
        let sum: f64 = questions.iter().map(|one| one.graded.points).sum();
        let points = ((sum * 1e9).round() / 1e9).max(0.0);
        let points_max = self.paper.points_max();
        let needs_grading = questions
            .iter()
            .any(|one| one.graded.score.state == ScoreState::NeedsGrading);
        let passed = rules.quiz.settings.pass.and_then(|share| {
            let enough = points >= share * points_max - 1e-9;
            (enough || !needs_grading).then_some(enough)
        });
        Ok(AttemptGrade {
            questions,
            points,
            points_max,
            passed,
            needs_grading,
        })
    }

    fn check_running(&self, rules: Rules<'_>, now_ms: i64) -> Result<(), AttemptError> {
        if let Some(submitted) = self.submitted {
            return Err(AttemptError::Submitted {
                at_ms: submitted.at_ms,
            });
        }
        match self.ends_ms(rules) {
            Some(ends) if now_ms >= ends => Err(AttemptError::TimeOver {
                deadline_ms: self.deadline_ms(rules).unwrap_or(ends),
            }),
            _ => Ok(()),
        }
    }

    fn open_question<'a>(
        &self,
        rules: Rules<'a>,
        question: &str,
        now_ms: i64,
    ) -> Result<(Entry, &'a Question), AttemptError> {
        self.check_running(rules, now_ms)?;
        let unknown = || AttemptError::UnknownQuestion {
            question: question.to_owned(),
        };
        let place = self
            .paper
            .entries
            .iter()
            .position(|entry| entry.question == question)
            .ok_or_else(unknown)?;
        if rules.quiz.settings.sequential && place != self.place as usize {
            return Err(AttemptError::NotOpen {
                question: question.to_owned(),
            });
        }
        Ok((
            self.paper.entries[place].clone(),
            find_question(rules.quiz, question)?,
        ))
    }
}

fn find_question<'a>(quiz: &'a Quiz, id: &str) -> Result<&'a Question, AttemptError> {
    quiz.question(id)
        .ok_or_else(|| AttemptError::UnknownQuestion {
            question: id.to_owned(),
        })
}

fn is_right(response: &Response, scorer: &Scorer) -> Result<bool, AttemptError> {
    for step in &response.steps {
        if let Step::Try { answer, .. } = step
            && scorer.score(Some(answer))?.state == ScoreState::Correct
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The points that count of several attempts, in the order they were made; `None` without any.
#[must_use]
pub fn combine_points(method: GradeMethod, points: &[f64]) -> Option<f64> {
    let first = *points.first()?;
    Some(match method {
        GradeMethod::Highest => points.iter().copied().fold(first, f64::max),
        GradeMethod::Average => points.iter().sum::<f64>() / points.len() as f64,
        GradeMethod::First => first,
        GradeMethod::Last => points.last().copied().unwrap_or(first),
    })
}

#[cfg(test)]
mod tests;
