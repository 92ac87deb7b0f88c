//! Attempts of a course as statements of the Experience API, for a learning record store.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use carrel_api::Code;
use carrel_api::grading::{Statements, StatementsQuery, StatementsVersion};
use carrel_api::list::PageQuery;
use carrel_exchange::xapi::{self, Answered, End, Home};
use carrel_quiz::response::Step;
use carrel_quiz::score::Score;
use carrel_quiz::{Answer, Question, Scorer};
use carrel_store::account::Role;
use carrel_store::attempt::{AttemptFilter, AttemptRow};
use jiff::Timestamp;

use crate::app::App;
use crate::attempt::{self, Opened};
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, page};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/courses/{course}/xapi",
        get_with(get, |operation| {
            tagged("Grades", "xAPI statements of a course (authors)")(operation)
                .description(
                    "Attempts at quizzes, the newest first, each from its beginning to its end; a \
                     page is of so many attempts. The same attempt gives the same ids of \
                     statements, so a record store keeps what it is sent twice once. Learners are \
                     named by the ids of their accounts. 404 where the setting `public_url` does \
                     not say what ids of activities begin with.",
                )
                .response::<200, Json<Statements>>()
        }),
    )
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<StatementsQuery>,
) -> Result<Json<Statements>> {
    read(&app, &caller, &course, query).await.map(Json)
}

/// One page of the statements of a course.
///
/// # Errors
/// The caller is no author, or the service does not know its address.
pub async fn read(
    app: &App,
    caller: &Caller,
    course: &str,
    query: StatementsQuery,
) -> Result<Statements> {
    caller.require_role(course, Role::Author)?;
    app.store.course(course).await?;
    let Some(address) = app.config.public_url.as_deref() else {
        let detail = "statements name activities by the address of the service: \
                      they need the setting `public_url`";
        return Err(Problem::new(Code::NotFound, detail));
    };
    let request = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let filter = AttemptFilter {
        course: Some(course.to_owned()),
        ..AttemptFilter::default()
    };
    let rows = app.store.attempts(filter, request).await?;
    let version = match query.version {
        StatementsVersion::V1p0p3 => xapi::Version::V1p0p3,
        StatementsVersion::V2p0p0 => xapi::Version::V2p0p0,
    };
    let mut statements = Vec::new();
    // An attempt whose answers have expired has its grade, and nothing to tell of its questions.
    for row in rows.items.iter().filter(|row| !row.answers_gone) {
        let opened = attempt::read(app, row.id).await?;
        if !opened.kept.rehearsal {
            let home = Home {
                address: address.trim_end_matches('/'),
                version,
                language: &opened.course.language,
            };
            statements.extend(tell(&home, &opened)?);
        }
    }
    Ok(Statements {
        statements,
        next: rows.next.map(|cursor| cursor.0),
    })
}

/// A question as it was asked, an answer to it, and when it was given.
struct Given<'a> {
    place: usize,
    answer: &'a Answer,
    score: Score,
    at: Timestamp,
}

fn tell(home: &Home<'_>, opened: &Opened) -> Result<Vec<serde_json::Value>> {
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
    let ended = ended.map(|(at, _)| at.to_string());
    let attempt = xapi::Attempt {
        id: &id.to_string(),
        learner: &user.to_string(),
        activity: &format!("courses/{course}/quizzes/{quiz}"),
        title: &opened.quiz()?.title,
        started_at: &started_at.to_string(),
        answers: answers.collect(),
        end: ended.as_deref().map(|at| End {
            at,
            points: worth.points,
            points_max: worth.points_max,
            passed: worth.passed,
        }),
    };
    Ok(xapi::statements(home, &attempt))
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
