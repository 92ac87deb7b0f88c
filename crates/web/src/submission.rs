//! Submissions: sending, reading, taking back, judging again.

pub mod shown;
pub mod upload;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use carrel_api::list::PageQuery;
use carrel_api::submission::{
    Band, PastVerdict, Submission, SubmissionQuery, SubmitQuery, SubmittedFiles,
};
use carrel_api::{Code, Content, List};
use carrel_bus::Hint;
use carrel_model::ResultDocument;
use carrel_model::id::{SubmissionId, UserId};
use carrel_model::view::View;
use carrel_store::account::{Role, Scope};
use carrel_store::queue::{self, NewJob};
use carrel_store::submission::{ChallengeWork, SubmissionFilter, Submitted, VerdictRow, Work};

use crate::account::audit::{Auditor, action};
use crate::account::whom;
use crate::admission::Asked;
use crate::app::App;
use crate::availability::{self, Purpose};
use crate::caller::Caller;
use crate::catalogue;
use crate::extract::{Json, Path, Query, page};
use crate::idempotency::Key;
use crate::intake::{self, Draft};
use crate::openapi::tagged;
use crate::prefer::{self, Preference};
use crate::problem::{Problem, Result};
use shown::{Seen, describe, find, require_withdrawable, summarise};

const TAG: &str = "Submissions";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/challenges/{challenge}/submissions",
            post_with(create, |operation| {
                tagged(TAG, "Submit to a challenge")(operation)
                    .description(
                        "JSON, `multipart/form-data` (each part a file with its name; `step` a \
                         field), or an archive (tar, tar.gz, zip). `Prefer: wait=N` or `?wait=N` \
                         answers with the verdict (200) when it is there in time, else with 202 \
                         and `Location`. `Idempotency-Key` makes a repeated request one request. \
                         429 or 503 with `Retry-After` when the target cannot be met.",
                    )
                    .input::<upload::Upload>()
                    .response::<200, Json<Submission>>()
                    .response::<202, Json<Submission>>()
            }),
        )
        .api_route(
            "/submissions",
            get_with(
                list_submissions,
                tagged(TAG, "List submissions, newest first"),
            ),
        )
        .api_route(
            "/submissions/{id}",
            get_with(get, tagged(TAG, "A submission with its result")),
        )
        .api_route(
            "/submissions/{id}/result",
            get_with(result, tagged(TAG, "The result document alone")),
        )
        .api_route(
            "/submissions/{id}/files",
            get_with(files, tagged(TAG, "What was sent")),
        )
        .api_route(
            "/submissions/{id}/verdicts",
            get_with(verdicts, tagged(TAG, "All verdicts it has had")),
        )
        .api_route(
            "/submissions/{id}/cancel",
            post_with(cancel, tagged(TAG, "Take it back before its verdict")),
        )
        .api_route(
            "/submissions/{id}/rejudge",
            post_with(rejudge, |operation| {
                tagged(TAG, "Judge it again (authors)")(operation)
                    .response::<202, Json<Submission>>()
            }),
        )
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    (Path((course, challenge)), Query(query)): (Path<(String, String)>, Query<SubmitQuery>),
    (preference, key): (Preference, Key),
    request: Request,
) -> Result<Response> {
    caller.require_scope(Scope::Submit)?;
    caller.require_role(&course, Role::Learner)?;
    let wait = preference.wait(query.wait);
    let submitted = if key.0.is_some() {
        // What was accepted before is answered by its key, whatever became of the challenge.
        let mut sent = upload::read(request, query).await?;
        match repeated(&app, &caller, (&course, &challenge), (&mut sent, &key)).await? {
            Some(id) => Submitted::Known(id),
            None => {
                let found = open(&app, &caller, &course, &challenge).await?;
                accept(&app, &caller, &found, (sent, key)).await?
            }
        }
    } else {
        let found = open(&app, &caller, &course, &challenge).await?;
        let target_ms = found.challenge().target_ms;
        if query.band != Some(Band::Batch) && !upload::tells_band(request.headers()) {
            // Before the body is read.
            crate::admission::knock(&app, &caller, &course, target_ms)?;
        }
        let sent = upload::read(request, query).await?;
        if sent.band != Band::Batch {
            crate::admission::knock(&app, &caller, &course, target_ms)?;
        }
        accept(&app, &caller, &found, (sent, key)).await?
    };
    let id = intake::id_of(submitted);
    let row = crate::live::wait_in_turn(&app, caller.id(), id, wait).await?;
    let over = crate::live::is_over(row.state);
    let seen = find(&app, &caller, &id.to_string()).await?;
    let shown = describe(&app, seen).await?;
    let location = format!("{}/submissions/{id}", crate::router::PREFIX);
    let mut response = prefer::answer(shown, over, &location, wait);
    if let Submitted::Known(_) = submitted {
        let replayed = axum::http::HeaderValue::from_static("true");
        response
            .headers_mut()
            .insert("idempotency-replayed", replayed);
    }
    Ok(response)
}

/// The challenge, where the caller may work on it now.
async fn open(
    app: &App,
    caller: &Caller,
    course: &str,
    challenge: &str,
) -> Result<catalogue::Found> {
    let found = catalogue::find(app, course, challenge).await?;
    availability::require(app, caller, &found.course, challenge, Purpose::Work).await?;
    Ok(found)
}

/// The submission that this very request made before, under the same key.
async fn repeated(
    app: &App,
    caller: &Caller,
    (course, challenge): (&str, &str),
    (sent, key): (&mut upload::Upload, &Key),
) -> Result<Option<SubmissionId>> {
    let mut work = ChallengeWork {
        course: course.to_owned(),
        // No part of what makes two requests the same.
        course_version: String::new(),
        challenge: challenge.to_owned(),
        step: sent.step.clone(),
        language: None,
        files: std::mem::take(&mut sent.files),
    };
    let key = key.clone().of_challenge(&work, band(sent.band));
    sent.files = std::mem::take(&mut work.files);
    match key {
        Some(key) => Ok(app.store.repeated(caller.id(), &key).await?),
        None => Ok(None),
    }
}

/// Takes a submission to a challenge of the present version.
///
/// # Errors
/// Not a member, files that may not be sent, or refused for now.
pub(crate) async fn accept(
    app: &App,
    caller: &Caller,
    found: &catalogue::Found,
    (sent, key): (upload::Upload, Key),
) -> Result<Submitted> {
    caller.require_scope(Scope::Submit)?;
    caller.require_role(&found.version.course, Role::Learner)?;
    upload::check_files(&sent.files)?;
    crate::draft::check(found, &sent.files)?;
    check_step(found.challenge(), sent.step.as_deref())?;
    let work = Work::Challenge(ChallengeWork {
        course: found.version.course.clone(),
        course_version: found.version.digest.clone(),
        challenge: found.challenge().id.clone(),
        step: sent.step,
        language: None,
        files: sent.files,
    });
    let band = band(sent.band);
    let draft = Draft {
        band,
        target_ms: found.challenge().target_ms,
        language: found.challenge().language.clone(),
        idempotency: key.of(&work, band),
        callback: None,
        work,
    };
    intake::accept(app, caller, draft).await
}

/// What an API band is in the queue.
#[must_use]
pub fn band(band: Band) -> queue::Band {
    match band {
        Band::Interactive => queue::Band::Interactive,
        Band::Batch => queue::Band::Batch,
    }
}

fn check_step(challenge: &carrel_model::Challenge, step: Option<&str>) -> Result<()> {
    let Some(step) = step else { return Ok(()) };
    if challenge.steps.iter().any(|other| other.id == step) {
        return Ok(());
    }
    let steps: Vec<&str> = challenge
        .steps
        .iter()
        .map(|step| step.id.as_str())
        .collect();
    let message = format!("there is no step `{step}`; steps: {}", steps.join(", "));
    Err(Problem::field("step", message))
}

async fn list_submissions(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<SubmissionQuery>,
) -> Result<Json<List<Submission>>> {
    caller.require_scope(Scope::Read)?;
    let user = whose(&app, &caller, &query).await?;
    let as_author = match &query.course {
        Some(course) => caller.is_author(course),
        None => caller.is_operator(),
    };
    if let Some(course) = &query.course {
        caller.require_role(course, Role::Learner)?;
    } else {
        caller.require_outside_courses(Scope::Read)?;
    }
    let request = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let filter = SubmissionFilter {
        user,
        course: query.course,
        challenge: query.challenge,
        state: query.state,
        verdict: query.verdict,
        executions: false,
    };
    let rows = app.store.submissions(filter, request).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in rows.items {
        if let (Some(course), Some(challenge)) = (&row.course, &row.challenge)
            && availability::hides(&app, &caller, course, challenge).await?
        {
            continue;
        }
        items.push(summarise(&app, row, as_author).await?);
    }
    let next = rows.next.map(|cursor| cursor.0);
    Ok(Json(List { items, next }))
}

/// Whose submissions are listed: the caller's own unless they may see those of others.
async fn whose(app: &App, caller: &Caller, query: &SubmissionQuery) -> Result<Option<UserId>> {
    let everybody = query.everybody.unwrap_or(false);
    let course = query.course.as_deref();
    let user = match &query.user {
        Some(text) => Some(whom(app, caller, course, text).await?),
        None => None,
    };
    let own = user.is_none_or(|user| user == caller.id()) && !everybody;
    if own {
        return Ok(Some(caller.id()));
    }
    match course {
        Some(course) => caller.require_role(course, Role::Author)?,
        None => caller.require_operator().map_err(name_a_course)?,
    }
    Ok(user)
}

/// What an author can do who asks for everything.
fn name_a_course(problem: Problem) -> Problem {
    if problem.code() != Code::OperatorRequired {
        return problem;
    }
    let detail = "only operators see the submissions of all courses; \
                  name a course that you are an author of (`course=`)";
    Problem::new(Code::OperatorRequired, detail)
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<carrel_api::execution::WaitQuery>,
    preference: Preference,
) -> Result<Json<Submission>> {
    let mut seen = find(&app, &caller, &id).await?;
    let wait = preference.wait(query.wait);
    if !wait.is_zero() {
        seen.row = crate::live::wait_in_turn(&app, caller.id(), seen.row.id, wait).await?;
    }
    describe(&app, seen).await.map(Json)
}

async fn result(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ResultDocument>> {
    let seen = find(&app, &caller, &id).await?;
    let shown = describe(&app, seen).await?;
    let missing = || {
        let detail = match shown.verdict {
            Some(_) => "the result has expired; verdict and points are kept with the submission",
            None => "there is no result yet",
        };
        Problem::new(Code::NotFound, detail)
    };
    shown.result.map(Json).ok_or_else(missing)
}

async fn files(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<SubmittedFiles>> {
    let seen = find(&app, &caller, &id).await?;
    let Work::Challenge(work) = app.store.work(seen.row.id).await? else {
        return Err(Problem::missing("submission", id));
    };
    let files = work.files.into_iter();
    let files = files.map(|(path, bytes)| (path, Content::from_bytes(bytes)));
    Ok(Json(SubmittedFiles {
        files: files.collect(),
    }))
}

async fn verdicts(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<PastVerdict>>> {
    let seen = find(&app, &caller, &id).await?;
    let rows = app.store.history(seen.row.id).await?;
    let is_author = seen.view == View::Author;
    // What a regrade would give is the authors' to see until they apply it.
    let shown = rows.into_iter().filter(|row| is_author || !row.preview);
    Ok(Json(shown.map(show_verdict).collect()))
}

fn show_verdict(row: VerdictRow) -> PastVerdict {
    PastVerdict {
        number: row.number,
        at: row.at,
        reason: row.reason,
        version: row.course_version,
        verdict: row.verdict,
        points: row.points,
        counts: row.counts,
    }
}

async fn cancel(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(id): Path<String>,
) -> Result<Json<Submission>> {
    let seen = find(&app, &caller, &id).await?;
    if seen.view != View::Author {
        caller.require_scope(Scope::Submit)?;
    }
    withdraw(&app, (&caller, &auditor), &seen).await?;
    let id = seen.row.id;
    let row = app.store.submission(id).await?;
    describe(&app, Seen { row, ..seen }).await.map(Json)
}

/// Takes a submission back.
///
/// # Errors
/// As of [`require_withdrawable`], or it has ended.
pub(crate) async fn withdraw(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    seen: &Seen,
) -> Result<()> {
    require_withdrawable(caller, seen)?;
    let id = seen.row.id;
    app.store.cancel(id).await?;
    if seen.row.user != caller.id() {
        auditor
            .of_course(&seen.course)
            .record(app, action::SUBMISSION_CANCEL, id, &seen.course)
            .await;
    }
    app.bus.send(&Hint::Cancel { submission: id });
    Ok(())
}

async fn rejudge(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<String>,
) -> Result<Response> {
    let seen = find(&app, &caller, &id).await?;
    judge_again(&app, (&caller, &auditor), &seen).await?;
    let row = app.store.submission(seen.row.id).await?;
    let shown = describe(&app, Seen { row, ..seen }).await?;
    let status = axum::http::StatusCode::ACCEPTED;
    Ok((status, Json(shown)).into_response())
}

/// Judges a submission again.
///
/// # Errors
/// The caller is no author of its course, it is being judged, or there is too much to do.
pub async fn judge_again(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    seen: &Seen,
) -> Result<()> {
    caller.require_role(&seen.course, Role::Author)?;
    let id = seen.row.id;
    let work = app.store.work(id).await?;
    let target_ms = app.config.admission.target_ms;
    let expected = intake::expect_cost(app, seen.row.user, &work).await?;
    let job = NewJob {
        band: queue::Band::Batch,
        course: seen.course.clone(),
        lane: crate::admission::lane_of(caller),
        cost_ms: expected.cost_ms,
        not_before: None,
        target: intake::after_ms(target_ms),
    };
    let reserved = crate::admission::admit(
        app,
        Asked {
            job: &job,
            work: &work,
            target_ms,
            known: expected.own,
        },
    )
    .await?;
    app.store.rejudge(id, job).await?;
    drop(reserved);
    auditor
        .of_course(&seen.course)
        .record(app, action::SUBMISSION_REJUDGE, id, &seen.course)
        .await;
    app.bus.send(&Hint::Job);
    Ok(())
}
