//! What may be seen of an attempt: the one place where keys, points and feedback leave, or do not.

use std::collections::BTreeSet;

use carrel_api::attempt::{AskedQuestion, Attempt as Shown, Mark, OfferedHint, QuestionResult};
use carrel_quiz::attempt::{AttemptError, visible_parts};
use carrel_quiz::paper::Entry;
use carrel_quiz::presentation::{Names, Presentation};
use carrel_quiz::response::{Graded, Response, Step, TryRules};
use carrel_quiz::right::right_answer;
use carrel_quiz::score::{Score, ScoreState, Scorer, UnreadablePart};
use carrel_quiz::settings::ReviewPart;
use jiff::Timestamp;

use super::opened::Opened;
use super::{explain, grading, listing};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// Who looks, and at what.
#[derive(Debug, Clone)]
struct Reader {
    /// Parts that may be seen.
    visible: BTreeSet<ReviewPart>,
    /// An author looks at a learner's attempt.
    is_author: bool,
    /// The attempt is over.
    is_over: bool,
}

impl Reader {
    fn sees(&self, part: ReviewPart) -> bool {
        self.visible.contains(&part)
    }
}

fn reader(app: &App, caller: &Caller, opened: &Opened) -> Result<Reader> {
    let is_author = opened.row.user != caller.id() && caller.is_author(&opened.row.course);
    let now_ms = app.store.now().as_millisecond();
    let visible = if is_author {
        BTreeSet::from(ReviewPart::ALL)
    } else {
        visible_parts(&opened.attempt, opened.rules()?, now_ms)
    };
    Ok(Reader {
        visible,
        is_author,
        is_over: opened.row.ended.is_some(),
    })
}

/// Milliseconds left of an attempt that goes on; `None`: no end, or over.
pub(super) fn remaining_ms(opened: &Opened, now: Timestamp) -> Result<Option<u64>> {
    if opened.row.ended.is_some() {
        return Ok(None);
    }
    let left = opened
        .attempt
        .remaining_ms(opened.rules()?, now.as_millisecond());
    Ok(left.map(|left| u64::try_from(left).unwrap_or(0)))
}

/// An attempt as the caller may see it: to be answered while it goes on, to be reviewed after.
///
/// # Errors
/// Its version of the quiz does not fit it: a fault of the service.
pub fn show(app: &App, caller: &Caller, opened: &Opened) -> Result<Shown> {
    let reader = reader(app, caller, opened)?;
    let quiz = opened.quiz()?;
    let path = opened
        .course
        .quiz(&quiz.id)
        .map(|found| found.path.as_str());
    let directory = path.and_then(|path| path.rsplit_once('/'));
    let entries = &opened.attempt.paper.entries;
    // Of a quiz without going back, only the open question is there to be seen.
    let only = quiz.settings.sequential && !reader.is_over && !reader.is_author;
    let mut questions = Vec::new();
    for (place, entry) in (0..).zip(entries) {
        if !only || place == opened.attempt.place {
            questions.push(show_entry(opened, &reader, place, entry)?);
        }
    }
    let now = app.store.now();
    Ok(Shown {
        summary: listing::summarise_opened(opened, reader.sees(ReviewPart::Points))?,
        title: quiz.title.clone(),
        introduction: quiz.introduction.clone(),
        directory: directory.map_or("", |(directory, _)| directory).to_owned(),
        now,
        remaining_ms: remaining_ms(opened, now)?,
        sequential: quiz.settings.sequential,
        place: opened.attempt.place,
        questions_total: u32::try_from(entries.len()).unwrap_or(u32::MAX),
        visible: reader.visible,
        questions,
    })
}

/// One question of it.
pub(super) fn show_question(
    app: &App,
    caller: &Caller,
    opened: &Opened,
    question: &str,
) -> Result<AskedQuestion> {
    let reader = reader(app, caller, opened)?;
    let entries = (0..).zip(&opened.attempt.paper.entries);
    let found = entries
        .into_iter()
        .find(|(_, entry)| entry.question == question);
    let (place, entry) = found.ok_or_else(|| Problem::missing("question", question))?;
    show_entry(opened, &reader, place, entry)
}

/// One question with everything to work out what it is worth.
struct Asked<'a> {
    opened: &'a Opened,
    entry: &'a Entry,
    names: Names,
    scorer: Scorer,
    rules: TryRules,
    response: Response,
}

fn show_entry(
    opened: &Opened,
    reader: &Reader,
    place: u32,
    entry: &Entry,
) -> Result<AskedQuestion> {
    let trouble = |error: carrel_quiz::score::ScoreError| explain(&error.into(), 0);
    let quiz = opened.quiz()?;
    let question = quiz.question(&entry.question).ok_or_else(|| {
        let question = entry.question.clone();
        Problem::internal(&AttemptError::UnknownQuestion { question })
    })?;
    let response = opened.attempt.responses.get(&entry.question).cloned();
    let presentation = Presentation::new(question, &entry.instance, entry.points_max)
        .map_err(|error| Problem::internal(&error))?;
    let asked = Asked {
        names: Names::new(question, &entry.instance),
        opened,
        entry,
        scorer: Scorer::new(question, &entry.instance).map_err(trouble)?,
        rules: TryRules::new(&quiz.settings, question, entry.points_max),
        response: response.unwrap_or_default(),
    };
    let saves = opened.saves_of(&entry.question);
    let tries = asked.response.tries_used(&asked.scorer).map_err(trouble)?;
    Ok(AskedQuestion {
        place,
        id: entry.question.clone(),
        points_max: entry.points_max,
        presentation,
        answer: asked
            .response
            .answer
            .clone()
            .map(|answer| asked.names.answer_for_page(answer)),
        sequence: saves.sequence,
        saved_at: saves.at,
        unreadable: if reader.is_over {
            Vec::new()
        } else {
            asked.find_unreadable().map_err(trouble)?
        },
        at_once: asked.rules.at_once,
        tries,
        tries_max: asked.rules.tries,
        hints: offer_hints(&asked),
        result: asked.result(reader).map_err(trouble)?,
    })
}

/// Hints by their cost; their words once they are taken.
fn offer_hints(asked: &Asked<'_>) -> Vec<OfferedHint> {
    let taken = |wanted: u32| {
        let mut steps = asked.response.steps.iter();
        steps.find_map(|step| match step {
            Step::Hint { index, right, .. } if *index == wanted => Some(*right),
            Step::Hint { .. } | Step::Try { .. } => None,
        })
    };
    let hints = (0..).zip(&asked.scorer.question().hints);
    hints
        .map(|(index, hint)| OfferedHint {
            index,
            cost: hint.cost,
            after_tries: hint.after_tries,
            clears_wrong: hint.clear_wrong,
            tells_right_count: hint.show_right_count,
            text: taken(index).map(|_| hint.text.clone()),
            right: taken(index).flatten(),
        })
        .collect()
}

type Scored<T> = std::result::Result<T, carrel_quiz::score::ScoreError>;

/// What in an answer saved last cannot be read.
///
/// # Errors
/// The question is not in the quiz, or the answer does not belong to it: a fault of ours.
pub(super) fn find_unreadable(opened: &Opened, question: &str) -> Result<Vec<UnreadablePart>> {
    let missing = || Problem::missing("question", question);
    let entry = opened.attempt.paper.entry(question).ok_or_else(missing)?;
    let asked = opened.quiz()?.question(question).ok_or_else(missing)?;
    let trouble = |error: carrel_quiz::score::ScoreError| explain(&error.into(), 0);
    let scorer = Scorer::new(asked, &entry.instance).map_err(trouble)?;
    let response = opened.attempt.responses.get(question);
    let Some(answer) = response.and_then(|response| response.answer.as_ref()) else {
        return Ok(Vec::new());
    };
    let names = Names::new(asked, &entry.instance);
    name_for_page(scorer.find_unreadable(answer), &names).map_err(trouble)
}

/// The same with the parts as the page names them.
fn name_for_page(found: Scored<Vec<UnreadablePart>>, names: &Names) -> Scored<Vec<UnreadablePart>> {
    let mut found = found?;
    for one in &mut found {
        let part = one.part.take();
        one.part = part.map(|part| names.part_for_page(&part));
    }
    Ok(found)
}

impl Asked<'_> {
    fn find_unreadable(&self) -> Scored<Vec<UnreadablePart>> {
        match &self.response.answer {
            Some(answer) => name_for_page(self.scorer.find_unreadable(answer), &self.names),
            None => Ok(Vec::new()),
        }
    }

    fn result(&self, reader: &Reader) -> Scored<Option<QuestionResult>> {
        if reader.is_over {
            return self.result_of_end(reader).map(Some);
        }
        if !self.rules.at_once && !reader.is_author {
            return Ok(None);
        }
        self.result_of_try(reader)
    }

    /// Of the newest try, while the attempt goes on.
    fn result_of_try(&self, reader: &Reader) -> Scored<Option<QuestionResult>> {
        let mut tries = self.response.steps.iter().filter_map(|step| match step {
            Step::Try { answer, .. } => Some(answer),
            Step::Hint { .. } => None,
        });
        let Some(last) = tries.next_back() else {
            return Ok(None);
        };
        let score = self.scorer.score(Some(last))?;
        let graded = self.response.grade(&self.scorer, &self.rules, false)?;
        let is_done = score.state == ScoreState::Correct
            || self.rules.tries.is_some_and(|most| graded.tries >= most);
        if is_done || reader.is_author {
            return Ok(Some(self.tell(reader, &score, &graded)));
        }
        // Another try follows: nothing may tell what it should be.
        let mut reader = reader.clone();
        reader.visible.remove(&ReviewPart::GeneralFeedback);
        reader.visible.remove(&ReviewPart::RightAnswer);
        Ok(Some(self.tell(&reader, &score, &graded)))
    }

    /// Of what counts, once the attempt is over.
    fn result_of_end(&self, reader: &Reader) -> Scored<QuestionResult> {
        let mut one = carrel_quiz::attempt::QuestionGrade {
            question: self.entry.question.clone(),
            graded: self.response.grade(&self.scorer, &self.rules, true)?,
        };
        let mark = self.opened.mark(&self.entry.question);
        if let Some(mark) = mark {
            grading::apply(&mut one, mark);
        }
        let graded = one.graded;
        let mut result = self.tell(reader, &graded.score, &graded);
        if let Some(mark) = mark {
            if mark.rescore.is_some() {
                // Feedback and answer are of the key that was changed.
                result.feedback.clear();
                result.right_answer = None;
            }
            if reader.sees(ReviewPart::Feedback) {
                result.comment.clone_from(&mark.mark.comment);
            }
        }
        if reader.is_author {
            result.marks = self.marks();
        }
        Ok(result)
    }

    fn marks(&self) -> Vec<Mark> {
        let of_question =
            |row: &&carrel_store::attempt::MarkRow| row.mark.question == self.entry.question;
        let marks = self.opened.marks.iter().filter(of_question);
        marks
            .map(|row| Mark {
                points: row.mark.points,
                comment: row.mark.comment.clone(),
                at: row.at,
                by: row.by,
                rescore: row.rescore,
            })
            .collect()
    }

    /// The parts that the reader may see.
    fn tell(&self, reader: &Reader, score: &Score, graded: &Graded) -> QuestionResult {
        let question = self.scorer.question();
        let mut result = QuestionResult::default();
        if reader.sees(ReviewPart::Correctness) {
            result.state = Some(score.state);
            result.parts.clone_from(&score.parts);
            for part in &mut result.parts {
                part.part = self.names.part_for_page(&part.part);
            }
        }
        if reader.sees(ReviewPart::Points) {
            result.points = Some(graded.points);
            // What an answer was compared with stands in the first lines.
            if reader.sees(ReviewPart::RightAnswer) {
                result.explanation.clone_from(&score.explanation);
            }
            result
                .explanation
                .extend(graded.explanation.iter().cloned());
        }
        if reader.sees(ReviewPart::Feedback) {
            result.feedback.clone_from(&score.feedback);
            for feedback in &mut result.feedback {
                let part = feedback.part.take();
                feedback.part = part.map(|part| self.names.part_for_page(&part));
            }
        }
        if reader.sees(ReviewPart::GeneralFeedback) {
            result
                .general_feedback
                .clone_from(&question.feedback.general);
        }
        if reader.sees(ReviewPart::RightAnswer) {
            let right = right_answer(question);
            result.right_answer = right.map(|right| self.names.answer_for_page(right));
        }
        result
    }
}
