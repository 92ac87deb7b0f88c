//! What a course holds for somebody, and how far they are in it.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use carrel_api::progress::{Activity, ActivityKind, Progress, ProgressQuery, Unit};
use carrel_course::course::{self as files, Course};
use carrel_model::id::UserId;
use carrel_quiz::attempt::combine_points;
use carrel_quiz::kind::Kind;
use carrel_quiz::settings::GradeMethod;
use carrel_quiz::{Item, Quiz};
use carrel_store::account::{Role, Scope};
use carrel_store::attempt::AttemptRow;
use carrel_store::progress::ProgressRow;

use crate::accommodation;
use crate::account::whom;
use crate::achievement::Achievement;
use crate::app::App;
use crate::attempt;
use crate::availability::{self, Passed};
use crate::caller::Caller;
use crate::extract::{Json, Path, Query};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/courses/{course}/progress",
        get_with(get, |operation| {
            tagged("Courses", "How far somebody is in a course")(operation).description(
                "One's own; authors ask for that of a member by `?user=`, an id or a name.",
            )
        }),
    )
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<ProgressQuery>,
) -> Result<Json<Progress>> {
    let user = match query.user {
        Some(text) => whom(&app, &caller, Some(&course), &text).await?,
        None => caller.id(),
    };
    read(&app, &caller, &course, user).await.map(Json)
}

/// How far somebody is in the present version of a course.
///
/// # Errors
/// The caller may not see that.
pub async fn read(app: &App, caller: &Caller, course: &str, user: UserId) -> Result<Progress> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(course, Role::Learner)?;
    let is_own = user == caller.id();
    if !is_own {
        caller.require_role(course, Role::Author)?;
        let roles = app.store.roles(user).await?;
        if !roles.iter().any(|(of, _)| of == course) {
            return Err(Problem::missing("member", user));
        }
    }
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let as_author = is_own && caller.writes(course);
    let units = units(app, &files, user, Sight { is_own, as_author }).await?;
    let needed = || units.iter().flat_map(|unit| &unit.activities);
    let needed = || needed().filter(|activity| !activity.optional && !activity.hidden);
    Ok(Progress {
        user,
        course: course.to_owned(),
        version: version.digest,
        activities_total: needed().count() as u64,
        activities_passed: needed().filter(|activity| activity.passed).count() as u64,
        units,
    })
}

/// How progress is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    /// By the one who makes it: points follow the review rules.
    pub(crate) is_own: bool,
    /// By an author, to whom everything is open.
    pub(crate) as_author: bool,
}

impl Sight {
    /// Only authors look at the progress of others.
    fn sees_hidden(self) -> bool {
        self.as_author || !self.is_own
    }
}

/// All units of a version with what a person did.
pub(crate) async fn units(
    app: &App,
    files: &Course,
    user: UserId,
    sight: Sight,
) -> Result<Vec<Unit>> {
    let row = app.store.progress(user, &files.id).await?;
    let passed = Passed::of(files, &row);
    let late = late_seconds(app, files, user).await?;
    let now = app.store.now();
    let mut units = Vec::with_capacity(files.units.len());
    for unit in &files.units {
        let is_hidden = unit.is_hidden(now);
        if is_hidden && !sight.sees_hidden() {
            continue;
        }
        let mut activities = Vec::with_capacity(unit.activities.len());
        for activity in &unit.activities {
            let is_hidden = unit.hides(activity, now);
            if is_hidden && !sight.sees_hidden() {
                continue;
            }
            let seconds = late.get(&activity.id).copied().unwrap_or(0);
            let when = availability::times(unit, activity, seconds);
            let mut missing = availability::missing(unit, activity, &passed);
            let standing = if sight.as_author {
                carrel_api::progress::Standing::Open
            } else {
                availability::standing(&when, &missing, now)
            };
            let mut shown = describe(files, activity);
            shown.opens_at = when.opens;
            shown.due_at = when.due;
            shown.closes_at = when.closes;
            shown.standing = standing;
            shown.hidden = is_hidden;
            missing.retain(|id| sight.sees_hidden() || !files.is_hidden(id, now));
            shown.missing = missing.into_iter().map(str::to_owned).collect();
            shown.passed = passed.has(&activity.id);
            fill(app, &mut shown, (user, files, &row), sight).await?;
            activities.push(shown);
        }
        units.push(Unit {
            id: unit.id.clone(),
            title: unit.title.clone(),
            description: unit.description.clone(),
            requires: unit
                .requires
                .iter()
                .filter(|id| sight.sees_hidden() || !files.is_hidden(id, now))
                .cloned()
                .collect(),
            hidden: is_hidden,
            passed: passed.has(&unit.id),
            activities,
        });
    }
    Ok(units)
}

/// How much later than for others activities close for a person.
async fn late_seconds(app: &App, files: &Course, user: UserId) -> Result<BTreeMap<String, u32>> {
    let mut late = BTreeMap::new();
    if app
        .store
        .accommodations_of(user, &files.id)
        .await?
        .is_empty()
    {
        return Ok(late);
    }
    for (_, activity) in files.activities() {
        let given = accommodation::find(app, user, &files.id, &activity.id).await?;
        late.insert(activity.id.clone(), given.late_seconds);
    }
    Ok(late)
}

fn describe(files: &Course, activity: &files::Activity) -> Activity {
    let id = activity.id.as_str();
    let lesson = files.lesson(id);
    let project = files.project(id);
    let quiz = files.quiz(id);
    let challenge = files.challenge(id);
    Activity {
        kind: match activity.kind {
            files::ActivityKind::Lesson => ActivityKind::Lesson,
            files::ActivityKind::Quiz => ActivityKind::Quiz,
            files::ActivityKind::Challenge => ActivityKind::Challenge,
            files::ActivityKind::Project => ActivityKind::Project,
        },
        id: id.to_owned(),
        title: files.title_of(id).unwrap_or(id).to_owned(),
        summary: lesson
            .and_then(|lesson| lesson.summary.clone())
            .or_else(|| project?.summary.clone()),
        minutes: lesson
            .and_then(|lesson| lesson.minutes)
            .or_else(|| project?.minutes),
        opens_at: None,
        due_at: None,
        closes_at: None,
        weight: activity.weight(),
        optional: activity.optional,
        standing: carrel_api::progress::Standing::Open,
        missing: Vec::new(),
        passed: false,
        points: None,
        points_max: quiz
            .and_then(|found| points_max(&found.quiz))
            .or_else(|| Some(challenge?.checks.iter().map(|check| check.points).sum())),
        attempts: 0,
        late: false,
        hidden: false,
    }
}

/// What a person did with an activity.
async fn fill(
    app: &App,
    shown: &mut Activity,
    (user, files, row): (UserId, &Course, &ProgressRow),
    sight: Sight,
) -> Result<()> {
    match shown.kind {
        ActivityKind::Lesson | ActivityKind::Project => {}
        ActivityKind::Challenge => {
            let challenge = files.challenge(&shown.id);
            let reached = challenge.and_then(|challenge| Achievement::of(challenge, row));
            if let Some(reached) = reached {
                shown.points = Some(reached.points);
                shown.attempts = reached.submissions;
                shown.late = reached.is_late(app, user, &files.id).await?;
            }
        }
        ActivityKind::Quiz => {
            let attempts = row.attempts.iter().filter(|one| one.quiz == shown.id);
            let attempts: Vec<&AttemptRow> = attempts.collect();
            shown.attempts = attempts.len() as u64;
            let counted = counted(app, &attempts, sight.is_own).await?;
            (shown.points, shown.late) = (counted.points, counted.late);
        }
    }
    Ok(())
}

/// What counts of several attempts at a quiz.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counted {
    /// Points; `None`: there are none yet, or they may not be seen.
    pub(crate) points: Option<f64>,
    /// It was submitted after the quiz was due.
    pub(crate) late: bool,
}

/// What counts of ended attempts at one quiz, in the order they were made, by the method of
/// the newest one's version. Who made them is told points once all may be seen.
pub(crate) async fn counted(
    app: &App,
    attempts: &[&AttemptRow],
    by_review_rules: bool,
) -> Result<Counted> {
    let mut grades = Vec::with_capacity(attempts.len());
    let mut all_late = !attempts.is_empty();
    let mut is_shown = true;
    let mut method = GradeMethod::default();
    for row in attempts {
        let files = app.catalogue.course(app, &row.course_version).await?;
        method = attempt::find_quiz(&files, &row.quiz)?.settings.grade;
        is_shown &= !by_review_rules || attempt::sees_points(app, &files, row).await?;
        let late = attempt::is_late(app, &files, row).await?;
        all_late &= late;
        grades.extend(row.grade.map(|grade| (grade.points, late)));
    }
    if !is_shown {
        // Which of several counts would tell of their points.
        return Ok(Counted {
            points: None,
            late: all_late,
        });
    }
    let points: Vec<f64> = grades.iter().map(|(points, _)| *points).collect();
    Ok(Counted {
        points: combine_points(method, &points),
        late: is_counted_late(method, &grades),
    })
}

/// Whether the attempt that counts is late, of points and lateness in the order they were
/// made: of several with the most points the first counts, of a mean any.
fn is_counted_late(method: GradeMethod, grades: &[(f64, bool)]) -> bool {
    let counts = match method {
        GradeMethod::Average => return grades.iter().any(|(_, late)| *late),
        GradeMethod::First => grades.first(),
        GradeMethod::Last => grades.last(),
        GradeMethod::Highest => grades.iter().rev().max_by(|a, b| a.0.total_cmp(&b.0)),
    };
    counts.is_some_and(|(_, late)| *late)
}

/// Points of one attempt at a quiz, where they do not depend on what is drawn.
#[must_use]
pub(crate) fn points_max(quiz: &Quiz) -> Option<f64> {
    let mut sum = 0.0;
    for item in &quiz.items {
        match item {
            Item::Question(question) => {
                if !matches!(question.kind, Kind::Description) {
                    sum += question.points;
                }
            }
            Item::Pool(pool) => {
                let first = pool.questions.first().map_or(0.0, |one| one.points);
                let same = pool.questions.iter().all(|one| one.points == first);
                let each = pool.points.or(same.then_some(first))?;
                let drawn = (pool.draw as usize).min(pool.questions.len());
                sum += each * f64::from(u32::try_from(drawn).unwrap_or(u32::MAX));
            }
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use carrel_quiz::quiz::Pool;
    use carrel_quiz::{Question, Text};

    use super::*;

    fn question(id: &str, points: f64) -> Question {
        let mut question = Question::new(id, Text::plain("?"), Kind::Essay(Default::default()));
        question.points = points;
        question
    }

    #[test]
    fn the_attempt_that_counts_says_whether_it_is_late() {
        let late = |method, grades: &[(f64, bool)]| is_counted_late(method, grades);
        let grades = [(1.0, false), (3.0, true), (3.0, false), (2.0, true)];
        assert!(late(GradeMethod::Highest, &grades), "the first of the best");
        assert!(!late(GradeMethod::Highest, &grades[2..]));
        assert!(!late(GradeMethod::First, &grades));
        assert!(late(GradeMethod::Last, &grades));
        assert!(late(GradeMethod::Average, &grades));
        assert!(!late(GradeMethod::Average, &grades[..1]));
        assert!(!late(GradeMethod::Highest, &[]));
    }

    #[test]
    fn points_of_a_pool_are_told_where_they_are_the_same_whatever_is_drawn() {
        let pool = |points, second| Pool {
            id: "pool".into(),
            title: String::new(),
            draw: 1,
            points,
            questions: vec![question("a", 2.0), question("b", second)],
        };
        let quiz = |pool| Quiz {
            items: vec![Item::Question(question("c", 3.0)), Item::Pool(pool)],
            ..Quiz::default()
        };
        assert_eq!(points_max(&quiz(pool(None, 2.0))), Some(5.0));
        assert_eq!(points_max(&quiz(pool(Some(4.0), 9.0))), Some(7.0));
        assert_eq!(points_max(&quiz(pool(None, 9.0))), None);
    }
}
