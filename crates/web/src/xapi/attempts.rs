//! Attempts at quizzes.

use carrel_exchange::xapi::{self, Answered, End};
use carrel_quiz::response::Step;
use carrel_quiz::score::Score;
use carrel_quiz::{Answer, Question, Scorer};
use carrel_store::attempt::{AttemptFilter, AttemptRow};
use carrel_store::{Page, PageRequest};
use jiff::Timestamp;
use serde_json::Value;

use super::Telling;
use crate::attempt::{self, Opened};
use crate::problem::{Problem, Result};

/// A page of them, the newest first: statements by attempt.
pub(super) async fn read(telling: &Telling<'_>, request: PageRequest) -> Result<Page<Vec<Value>>> {
    let app = telling.app;
    let filter = AttemptFilter {
        course: Some(telling.course.to_owned()),
        ..AttemptFilter::default()
    };
    let rows = app.store.attempts(filter, request).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in &rows.items {
        // An attempt whose answers have expired has its grade, and nothing to tell of its questions.
        if row.answers_gone {
            items.push(Vec::new());
            continue;
        }
        let opened = attempt::read(app, row.id).await?;
        items.push(if opened.kept.rehearsal {
            Vec::new()
        } else {
            tell(telling, &opened)?
        });
    }
    Ok(Page {
        items,
        next: rows.next,
    })
}

/// A question as it was asked, an answer to it, and when it was given.
struct Given<'a> {
    place: usize,
    answer: &'a Answer,
    score: Score,
    at: Timestamp,
}

fn tell(telling: &Telling<'_>, opened: &Opened) -> Result<Vec<Value>> {
    let AttemptRow {
        id,
        user,
        course,
        quiz,
        started_at,
        ended,
        ..
    } = &opened.row;
    let questions = resolve(opened)?;
    let mut given = Vec::new();
    for (place, scorer) in questions.iter().enumerate() {
        given.extend(answers(opened, (place, scorer))?);
    }
    // Not by their texts: those have as many digits as are needed.
    given.sort_by_key(|one| one.at);
    let times: Vec<String> = given.iter().map(|one| one.at.to_string()).collect();
    let answers = given.iter().zip(&times).map(|(one, at)| Answered {
        question: questions[one.place].question(),
        answer: one.answer,
        score: &one.score,
        at,
    });
    let worth = attempt::grade(opened)?.grade;
    let ended = ended.map(|(at, _)| {
        let duration_ms = at.as_millisecond() - started_at.as_millisecond();
        (at.to_string(), duration_ms)
    });
    let attempt = xapi::Attempt {
        id: &id.to_string(),
        learner: &user.to_string(),
        activity: &format!("courses/{course}/quizzes/{quiz}"),
        title: &opened.quiz()?.title,
        started_at: &started_at.to_string(),
        answers: answers.collect(),
        end: ended.as_ref().map(|(at, duration_ms)| End {
            at,
            duration_ms: *duration_ms,
            points: worth.points,
            points_max: worth.points_max,
            passed: worth.passed,
        }),
    };
    let home = telling.home(&opened.course.language);
    Ok(xapi::of_attempt(&home, &attempt))
}

/// The questions of the paper with their variables filled in.
fn resolve(opened: &Opened) -> Result<Vec<Scorer>> {
    let quiz = opened.quiz()?;
    let entries = opened.attempt.paper.entries.iter();
    entries
        .map(|entry| {
            let missing = || Problem::missing("question", &entry.question);
            let question: &Question = quiz.question(&entry.question).ok_or_else(missing)?;
            Scorer::new(question, &entry.instance).map_err(|error| Problem::internal(&error))
        })
        .collect()
}

/// The tries at a question, and the answer that was there at the end.
fn answers<'a>(opened: &'a Opened, (place, scorer): (usize, &Scorer)) -> Result<Vec<Given<'a>>> {
    let entry = &opened.attempt.paper.entries[place];
    let id = entry.question.as_str();
    let Some(response) = opened.attempt.responses.get(id) else {
        return Ok(Vec::new());
    };
    let score = |answer: &Answer| -> Result<Score> {
        let score = scorer.score(Some(answer));
        let score = score.map_err(|error| Problem::internal(&error))?;
        // A pool may give its questions other points than they have by themselves.
        Ok(Score {
            points: score.fraction * entry.points_max,
            points_max: entry.points_max,
            ..score
        })
    };
    let mut given = Vec::new();
    for step in &response.steps {
        if let Step::Try { answer, at_ms } = step {
            given.push(Given {
                place,
                answer,
                score: score(answer)?,
                at: attempt::timestamp(*at_ms),
            });
        }
    }
    let saved_at = opened
        .saves_of(id)
        .at
        .filter(|_| opened.row.ended.is_some());
    if let (Some(answer), Some(at)) = (&response.answer, saved_at)
        && given
            .last()
            .is_none_or(|last: &Given<'_>| last.answer != answer)
    {
        given.push(Given {
            place,
            answer,
            score: score(answer)?,
            at,
        });
    }
    // What a person or a changed key gave stands for the last answer.
    if let (Some(last), Some(_)) = (given.last_mut(), opened.mark(id)) {
        let worth = attempt::grade(opened)?;
        let mut questions = worth.questions.into_iter();
        if let Some(one) = questions.find(|one| one.question == id) {
            last.score.points = one.graded.points;
            last.score.state = one.graded.score.state;
        }
    }
    Ok(given)
}
