//! Answering in an attempt: saving, trying, hints, going on.

use carrel_api::Code;
use carrel_api::attempt::{
    AskedQuestion, Attempt as Shown, OfferedHint, SaveAnswer, SavedAnswer, TryAnswer,
};
use carrel_quiz::Answer;
use carrel_quiz::attempt::AttemptError;
use carrel_quiz::kind::Kind;
use carrel_quiz::limits::ANSWER_BYTES_MAX;
use carrel_quiz::presentation::Names;
use carrel_quiz::response::Step;
use carrel_store::attempt::{Kept as Keeping, NewResponse};
use jiff::Timestamp;

use super::opened::{Opened, busy, open_own, read, to_json};
use super::{ending, explain, shown};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// Where a save stands among those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The newest, with this number.
    Newest(u64),
    /// It has been here before.
    Repeated,
}

/// Decides by the number of a save whether it is new, repeated or late.
fn order(opened: &Opened, question: &str, sequence: Option<u64>, same: bool) -> Result<Order> {
    let kept = opened.saves_of(question).sequence;
    match sequence {
        None => Ok(Order::Newest(kept + 1)),
        Some(sequence) if sequence > kept => Ok(Order::Newest(sequence)),
        Some(sequence) if sequence == kept && same => Ok(Order::Repeated),
        Some(sequence) => {
            let detail = format!(
                "save {sequence} of question `{question}` came after save {kept}; read the \
                 attempt again, and save with a greater number what shall replace that"
            );
            Err(Problem::new(Code::AnswerSuperseded, detail)
                .with_error("sequence", "is not the newest"))
        }
    }
}

/// An attempt as changed in memory, and what came of it.
type Step_<T> = std::result::Result<T, AttemptError>;

/// Changes the response to one question: reads, changes in memory, keeps; again where
/// somebody else came first. `None` of `change`: nothing is to be kept.
async fn change<T>(
    app: &App,
    mut opened: Opened,
    question: &str,
    mut change: impl FnMut(&mut Opened, i64) -> Result<(Option<u64>, T)>,
) -> Result<(Opened, Timestamp, T)> {
    let id = opened.row.id;
    for _ in 0..super::CHANGE_TRIES_MAX {
        let now = app.store.now();
        let (sequence, value) = change(&mut opened, now.as_millisecond())?;
        let saves = opened.saves_of(question);
        let Some(sequence) = sequence else {
            return Ok((opened, saves.at.unwrap_or(now), value));
        };
        let response = opened.attempt.responses.get(question);
        let response = NewResponse {
            question: question.to_owned(),
            sequence,
            revision: saves.revision,
            document: to_json(&response.cloned().unwrap_or_default())?,
        };
        match app.store.keep_response(id, response).await? {
            Keeping::Done(at) => {
                let kept = opened.saves.entry(question.to_owned()).or_default();
                kept.sequence = sequence;
                kept.revision += 1;
                kept.at = Some(at);
                return Ok((opened, at, value));
            }
            // Over by what the store knew; reading brings that up to date.
            Keeping::Over | Keeping::Stale => {
                opened = ending::end_if_overdue(app, read(app, id).await?).await?;
            }
        }
    }
    Err(busy())
}

/// Runs a step of the pure side on the attempt.
fn run<T>(
    opened: &mut Opened,
    now_ms: i64,
    step: impl FnOnce(&mut carrel_quiz::attempt::Attempt, carrel_quiz::attempt::Rules<'_>) -> Step_<T>,
) -> Result<T> {
    let mut attempt = opened.attempt.clone();
    let done = step(&mut attempt, opened.rules()?);
    let done = done.map_err(|error| explain(&error, now_ms))?;
    opened.attempt = attempt;
    Ok(done)
}

/// An answer as the page names things, in the author's ids.
fn read_answer(opened: &Opened, id: &str, answer: Answer) -> Result<Answer> {
    let missing = || Problem::missing("question", id);
    let entry = opened.attempt.paper.entry(id).ok_or_else(missing)?;
    let question = opened.quiz()?.question(id).ok_or_else(missing)?;
    if matches!(question.kind, Kind::Description) {
        return Err(Problem::field("answer", "nothing is asked here"));
    }
    let bytes = serde_json::to_vec(&answer).map_err(|error| Problem::internal(&error))?;
    if bytes.len() > ANSWER_BYTES_MAX {
        let message = format!("is larger than {ANSWER_BYTES_MAX} bytes");
        return Err(Problem::field("answer", message));
    }
    let names = Names::new(question, &entry.instance);
    let read = names.answer_from_page(answer);
    read.map_err(|error| Problem::field("answer", error.to_string()))
}

/// Saves an answer without scoring it; told when it is on the disk.
///
/// # Errors
/// The attempt is over, the question is not open, the answer does not belong to it, or a newer save is there.
pub async fn save(
    app: &App,
    caller: &Caller,
    id: &str,
    question: &str,
    new: SaveAnswer,
) -> Result<SavedAnswer> {
    let opened = open_own(app, caller, id).await?;
    let answer = match new.answer {
        Some(answer) => Some(read_answer(&opened, question, answer)?),
        None => None,
    };
    let kept = change(app, opened, question, |opened, now_ms| {
        let before = opened.attempt.responses.get(question);
        let same = before.and_then(|response| response.answer.as_ref()) == answer.as_ref();
        let sequence = match order(opened, question, new.sequence, same)? {
            Order::Repeated => None,
            Order::Newest(sequence) => Some(sequence),
        };
        if sequence.is_some() {
            run(opened, now_ms, |attempt, rules| {
                attempt.save(rules, question, answer.clone(), now_ms)
            })?;
        }
        Ok((sequence, ()))
    });
    let (opened, saved_at, ()) = kept.await?;
    let remaining_ms = shown::remaining_ms(&opened, app.store.now())?;
    Ok(SavedAnswer {
        question: question.to_owned(),
        sequence: opened.saves_of(question).sequence,
        saved_at,
        remaining_ms,
        unreadable: shown::find_unreadable(&opened, question)?,
    })
}

/// The answer saved last.
fn answer_of(opened: &Opened, question: &str) -> Option<Answer> {
    opened.attempt.responses.get(question)?.answer.clone()
}

/// Whether the newest try has this answer.
fn is_last_try(opened: &Opened, question: &str, answer: &Answer) -> bool {
    let steps = opened.attempt.responses.get(question).map(|one| &one.steps);
    let mut tries = steps.into_iter().flatten().filter_map(|step| match step {
        Step::Try { answer, .. } => Some(answer),
        Step::Hint { .. } => None,
    });
    tries.next_back() == Some(answer)
}

/// Scores an answer at once; the question as it stands then.
///
/// # Errors
/// As of [`save`]; and when the quiz does not score at once, no try is left, or it was right already.
pub async fn try_answer(
    app: &App,
    caller: &Caller,
    id: &str,
    question: &str,
    new: TryAnswer,
) -> Result<AskedQuestion> {
    let opened = open_own(app, caller, id).await?;
    let answer = read_answer(&opened, question, new.answer)?;
    let tried = change(app, opened, question, |opened, now_ms| {
        let same = is_last_try(opened, question, &answer);
        let sequence = match order(opened, question, new.sequence, same)? {
            Order::Repeated => None,
            Order::Newest(sequence) => Some(sequence),
        };
        if sequence.is_some() {
            run(opened, now_ms, |attempt, rules| {
                attempt.try_answer(rules, question, answer.clone(), now_ms)
            })?;
        }
        Ok((sequence, ()))
    });
    let (opened, _, ()) = tried.await?;
    shown::show_question(app, caller, &opened, question)
}

/// Takes a hint; taken again, it is only shown again.
///
/// # Errors
/// The attempt is over, the question is not open, or the hint is not there or not due.
pub async fn take_hint(
    app: &App,
    caller: &Caller,
    id: &str,
    question: &str,
    index: u32,
) -> Result<OfferedHint> {
    let opened = open_own(app, caller, id).await?;
    let taken = change(app, opened, question, |opened, now_ms| {
        let steps = |opened: &Opened| {
            let response = opened.attempt.responses.get(question);
            response.map_or(0, |response| response.steps.len())
        };
        let before = (steps(opened), answer_of(opened, question));
        run(opened, now_ms, |attempt, rules| {
            attempt
                .take_hint(rules, question, index, now_ms)
                .map(|_| ())
        })?;
        let sequence = opened.saves_of(question).sequence;
        let is_new = steps(opened) > before.0;
        // What is cleared is a save like another: a page that does not know of it is told so.
        let is_cleared = answer_of(opened, question) != before.1;
        Ok((is_new.then_some(sequence + u64::from(is_cleared)), ()))
    });
    let (opened, _, ()) = taken.await?;
    let shown = shown::show_question(app, caller, &opened, question)?;
    let hint = shown.hints.into_iter().find(|hint| hint.index == index);
    hint.ok_or_else(|| Problem::missing("hint", index))
}

/// Goes on to the next question, where they come one after another.
///
/// # Errors
/// The attempt is over, or this is the last question.
pub async fn go_on(app: &App, caller: &Caller, id: &str, from: Option<u32>) -> Result<Shown> {
    let mut opened = open_own(app, caller, id).await?;
    let wanted = from.unwrap_or(opened.attempt.place);
    for _ in 0..super::CHANGE_TRIES_MAX {
        let is_there = opened.attempt.place == wanted.saturating_add(1);
        if is_there && opened.row.ended.is_none() {
            return shown::show(app, caller, &opened);
        }
        if opened.attempt.place != wanted {
            let detail = format!("the open question is at place {}", opened.attempt.place);
            return Err(Problem::new(Code::WrongState, detail).with_error("from", "is not open"));
        }
        if !opened.quiz()?.settings.sequential {
            let detail = "the questions of this quiz do not come one after another";
            return Err(Problem::new(Code::WrongState, detail));
        }
        let now_ms = app.store.now().as_millisecond();
        run(&mut opened, now_ms, |attempt, rules| {
            attempt.go_on(rules, now_ms)
        })?;
        opened.kept.place = opened.attempt.place;
        let (row, state) = (&opened.row, to_json(&opened.kept)?);
        let (id, revision, ends_at) = (row.id, row.revision, row.ends_at);
        app.store
            .change_attempt(id, revision, state, ends_at)
            .await?;
        opened = ending::end_if_overdue(app, read(app, id).await?).await?;
    }
    Err(busy())
}
