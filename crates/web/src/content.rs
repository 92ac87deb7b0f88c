//! Lessons and quizzes of a course, as their readers may see them.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::response::NoContent;
use carrel_api::progress::{Lesson, QuizOverview};
use carrel_course::course::{Availability, Course};
use carrel_quiz::kind::Kind;
use carrel_quiz::settings::Accommodation;
use carrel_quiz::{Item, Quiz};
use carrel_store::account::{Role, Scope};
use carrel_store::attempt::AttemptRow;
use carrel_store::course::CourseVersion;

use crate::accommodation;
use crate::app::App;
use crate::attempt;
use crate::availability::{self, Passed, Purpose};
use crate::caller::Caller;
use crate::extract::{Json, Path};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};
use crate::progress;

const TAG: &str = "Courses";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/lessons/{lesson}",
            get_with(
                get_lesson,
                tagged(TAG, "A lesson: its text and what is told of it"),
            ),
        )
        .api_route(
            "/courses/{course}/lessons/{lesson}/seen",
            post_with(see, tagged(TAG, "Note that the caller has seen a lesson")),
        )
        .api_route(
            "/courses/{course}/quizzes/{quiz}",
            get_with(
                get_quiz,
                tagged(TAG, "A quiz before an attempt, and the caller's attempts"),
            ),
        )
}

async fn get_lesson(
    State(app): State<App>,
    caller: Caller,
    Path((course, lesson)): Path<(String, String)>,
) -> Result<Json<Lesson>> {
    lesson_of(&app, &caller, &course, &lesson).await.map(Json)
}

async fn see(
    State(app): State<App>,
    caller: Caller,
    Path((course, lesson)): Path<(String, String)>,
) -> Result<NoContent> {
    see_lesson(&app, &caller, &course, &lesson).await?;
    Ok(NoContent)
}

async fn get_quiz(
    State(app): State<App>,
    caller: Caller,
    Path((course, quiz)): Path<(String, String)>,
) -> Result<Json<QuizOverview>> {
    overview(&app, &caller, &course, &quiz).await.map(Json)
}

/// A lesson of the present version.
///
/// # Errors
/// There is none, it is not open, or something must be passed first.
pub async fn lesson_of(app: &App, caller: &Caller, course: &str, id: &str) -> Result<Lesson> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(course, Role::Learner)?;
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let missing = || Problem::missing("lesson", id);
    let lesson = files.lesson(id).ok_or_else(missing)?;
    availability::require(app, caller, &files, id, Purpose::See).await?;
    Ok(Lesson {
        course: course.to_owned(),
        version: version.digest,
        id: lesson.id.clone(),
        title: lesson.title.clone(),
        path: lesson.path.clone(),
        summary: lesson.summary.clone(),
        minutes: lesson.minutes,
        markdown: lesson.markdown.clone(),
    })
}

/// Notes that the caller has seen a lesson.
///
/// # Errors
/// As of reading it.
pub async fn see_lesson(app: &App, caller: &Caller, course: &str, id: &str) -> Result<()> {
    let lesson = lesson_of(app, caller, course, id).await?;
    let user = caller.id();
    Ok(app.store.see_lesson(user, course, &lesson.id).await?)
}

/// Notes that a learner has a challenge before them: the first time is the beginning of what
/// they take to pass it. Of authors nothing is noted.
///
/// # Errors
/// Of the store.
pub(crate) async fn open_challenge(
    app: &App,
    caller: &Caller,
    course: &str,
    challenge: &str,
) -> Result<()> {
    if caller.role(course) == Some(Role::Learner) {
        let user = caller.id();
        app.store.open_challenge(user, course, challenge).await?;
    }
    Ok(())
}

/// A quiz of the present version with the caller's attempts, those at other versions included.
///
/// # Errors
/// There is none.
pub async fn overview(app: &App, caller: &Caller, course: &str, id: &str) -> Result<QuizOverview> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(course, Role::Learner)?;
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let quiz = attempt::find_quiz(&files, id)?;
    availability::require_shown(app, caller, &files, id)?;
    let given = accommodation::find(app, caller.id(), course, id).await?;
    let rows = app.store.attempts_of(caller.id(), course, id).await?;
    let mut shown = describe(&version, &files, quiz, &given);
    stand(app, caller, &files, (&mut shown, given)).await?;
    for row in &rows {
        if row.ended.is_none() {
            // One whose time is over is ended by reading it.
            let opened = attempt::open(app, caller, &row.id.to_string()).await?;
            shown.running = opened.row.ended.is_none().then_some(row.id);
            shown
                .attempts
                .push(attempt::summarise(app, caller, &opened.row).await?);
        } else {
            shown
                .attempts
                .push(attempt::summarise(app, caller, row).await?);
        }
    }
    let ended: Vec<&AttemptRow> = rows.iter().filter(|row| row.ended.is_some()).collect();
    shown.points = progress::counted(app, &ended, true).await?.points;
    Ok(shown)
}

fn describe(
    version: &CourseVersion,
    files: &Course,
    quiz: &Quiz,
    given: &Accommodation,
) -> QuizOverview {
    let settings = &quiz.settings;
    let limit = settings.time_limit_seconds.filter(|_| !given.untimed);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds times a factor of 1 to 100; saturates"
    )]
    let limit = limit.map(|seconds| {
        (f64::from(seconds) * given.time_factor.max(1.0)) as u64 + u64::from(given.extra_seconds)
    });
    let path = files.quiz(&quiz.id).map(|found| found.path.clone());
    QuizOverview {
        course: version.course.clone(),
        version: version.digest.clone(),
        id: quiz.id.clone(),
        title: quiz.title.clone(),
        introduction: quiz.introduction.clone(),
        path: path.unwrap_or_default(),
        questions: count(quiz),
        points_max: progress::points_max(quiz),
        time_limit_seconds: limit,
        attempts_max: settings
            .attempts
            .map(|attempts| attempts.saturating_add(given.extra_attempts)),
        wait_seconds: settings.wait_seconds,
        grade: settings.grade,
        tries: settings.tries,
        sequential: settings.sequential,
        pass: settings.pass,
        opens_at: None,
        due_at: None,
        closes_at: None,
        standing: carrel_api::progress::Standing::Open,
        missing: Vec::new(),
        running: None,
        points: None,
        attempts: Vec::new(),
    }
}

/// Questions of one attempt, descriptions left out.
fn count(quiz: &Quiz) -> u64 {
    let items = quiz.items.iter().map(|item| match item {
        Item::Question(question) => usize::from(!matches!(question.kind, Kind::Description)),
        Item::Pool(pool) => (pool.draw as usize).min(pool.questions.len()),
    });
    items.sum::<usize>() as u64
}

/// Times, and what must be passed first.
async fn stand(
    app: &App,
    caller: &Caller,
    files: &Course,
    (shown, given): (&mut QuizOverview, Accommodation),
) -> Result<()> {
    let Some((unit, activity)) = files.activity(&shown.id) else {
        return Ok(());
    };
    let when: Availability = availability::times(unit, activity, given.late_seconds);
    (shown.opens_at, shown.due_at, shown.closes_at) = (when.opens, when.due, when.closes);
    if caller.writes(&files.id) {
        return Ok(());
    }
    let row = app.store.progress(caller.id(), &files.id).await?;
    let passed = Passed::of(files, &row);
    let missing = availability::missing(unit, activity, &passed);
    shown.standing = availability::standing(&when, &missing, app.store.now());
    let now = app.store.now();
    let seen = missing.into_iter().filter(|id| !files.is_hidden(id, now));
    shown.missing = seen.map(str::to_owned).collect();
    Ok(())
}
