//! Grades of a whole course, as JSON and as a table for spreadsheets.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use carrel_api::grading::{CourseGrade, Gradebook, GradebookColumn, GradebookRow};
use carrel_api::list::PageQuery;
use carrel_course::course::Course;
use carrel_exchange::gradebook::{self, State as GradeState};
use carrel_model::id::UserId;
use carrel_store::account::{Role, UserRow};
use carrel_store::attempt::AttemptRow;
use carrel_store::progress::ProgressRow;
use carrel_store::{Cursor, PageRequest};
use jiff::Timestamp;

use crate::achievement::Achievement;
use crate::app::App;
use crate::availability::Passed;
use crate::caller::Caller;
use crate::csv::{JsonOrTable, Wanted};
use crate::extract::{Path, Query, page};
use crate::openapi::tagged;
use crate::problem::Result;
use crate::progress;

/// People whose grades are read at once for the table.
const ROWS_AT_ONCE: u32 = 100;

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/courses/{course}/gradebook",
        get_with(get, |operation| {
            tagged("Grades", "Grades of all learners of a course (authors)")(operation).description(
                "JSON in pages of people; with `Accept: text/csv` the whole as one table.",
            )
        }),
    )
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<PageQuery>,
    Wanted(table): Wanted,
) -> Result<JsonOrTable<Gradebook>> {
    if !table {
        let book = read(&app, &caller, &course, page(query)?).await?;
        return Ok(JsonOrTable::Json(book));
    }
    let text = read_table(&app, &caller, &course).await?;
    let name = format!("{course}-grades.csv");
    Ok(JsonOrTable::Table { name, text })
}

/// One page of the grades of a course.
///
/// # Errors
/// The caller is no author.
pub async fn read(
    app: &App,
    caller: &Caller,
    course: &str,
    request: PageRequest,
) -> Result<Gradebook> {
    caller.require_role(course, Role::Author)?;
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let columns = columns(&files, app.store.now());
    let members = app.store.members(course, request).await?;
    let mut rows = Vec::new();
    for (user, role) in members.items {
        if role == Role::Learner {
            let progress = app.store.progress(user.id, course).await?;
            rows.push(row(app, &files, (user, &progress), &columns).await?);
        }
    }
    Ok(Gradebook {
        course: course.to_owned(),
        version: version.digest,
        columns,
        rows,
        next: members.next.map(|cursor| cursor.0),
    })
}

/// What is graded; what learners do not see does not count for them.
fn columns(files: &Course, now: Timestamp) -> Vec<GradebookColumn> {
    let graded = files
        .activities()
        .filter(|(unit, activity)| activity.kind.is_graded() && !unit.hides(activity, now));
    graded
        .map(|(_, activity)| {
            let id = activity.id.as_str();
            let quiz = files
                .quiz(id)
                .and_then(|one| progress::points_max(&one.quiz));
            let challenge = || {
                let checks = &files.challenge(id)?.checks;
                Some(checks.iter().map(|check| check.points).sum())
            };
            GradebookColumn {
                id: id.to_owned(),
                title: files.title_of(id).unwrap_or(id).to_owned(),
                weight: activity.weight(),
                points_max: quiz.or_else(challenge),
            }
        })
        .collect()
}

async fn row(
    app: &App,
    files: &Course,
    (user, progress): (UserRow, &ProgressRow),
    columns: &[GradebookColumn],
) -> Result<GradebookRow> {
    let passed = Passed::of(files, progress);
    let mut grades = BTreeMap::new();
    for column in columns {
        let challenge = files.challenge(&column.id);
        let reached = challenge.and_then(|challenge| Achievement::of(challenge, progress));
        let grade = match reached {
            Some(reached) => Some(of_challenge(app, (user.id, &files.id), &reached).await?),
            None => of_quiz(app, column, progress).await?,
        };
        if let Some(grade) = grade {
            let passed = passed.has(&column.id);
            grades.insert(column.id.clone(), CourseGrade { passed, ..grade });
        }
    }
    Ok(GradebookRow {
        user: user.id,
        name: user.name,
        display_name: user.display_name,
        total: total(columns, &grades),
        grades,
    })
}

async fn of_challenge(
    app: &App,
    (user, course): (UserId, &str),
    reached: &Achievement<'_>,
) -> Result<CourseGrade> {
    Ok(CourseGrade {
        points: reached.points,
        points_max: reached.points_max,
        passed: false,
        needs_grading: false,
        late: reached.is_late(app, user, course).await?,
        at: reached.passed_at,
    })
}

async fn of_quiz(
    app: &App,
    column: &GradebookColumn,
    progress: &ProgressRow,
) -> Result<Option<CourseGrade>> {
    let attempts = progress.attempts.iter().filter(|one| one.quiz == column.id);
    let attempts: Vec<&AttemptRow> = attempts.collect();
    let Some(last) = attempts.last() else {
        return Ok(None);
    };
    let counted = progress::counted(app, &attempts, false).await?;
    let grades = attempts.iter().filter_map(|row| row.grade);
    Ok(Some(CourseGrade {
        points: counted.points.unwrap_or(0.0),
        points_max: last.grade.map_or(0.0, |grade| grade.points_max),
        passed: false,
        needs_grading: grades.into_iter().any(|grade| grade.needs_grading),
        late: counted.late,
        at: last.ended.map(|(at, _)| at),
    }))
}

/// Weighted mean of the shares; what was not done counts 0.
fn total(columns: &[GradebookColumn], grades: &BTreeMap<String, CourseGrade>) -> f64 {
    let weights: f64 = columns.iter().map(|column| column.weight).sum();
    if weights <= 0.0 {
        return 0.0;
    }
    let shares = columns.iter().filter_map(|column| {
        let grade = grades.get(&column.id)?;
        let share = if grade.points_max > 0.0 {
            (grade.points / grade.points_max).clamp(0.0, 1.0)
        } else {
            f64::from(u8::from(grade.passed))
        };
        Some(share * column.weight)
    });
    // `sum` of nothing is -0.0, as JSON would tell.
    let total = shares.fold(0.0, |sum, share| sum + share) / weights;
    (total * 1e6).round() / 1e6
}

/// The whole as one table: a row per learner, columns per activity.
///
/// # Errors
/// The caller is no author.
pub async fn read_table(app: &App, caller: &Caller, course: &str) -> Result<String> {
    let mut table = gradebook::Gradebook {
        activities: Vec::new(),
        learners: Vec::new(),
    };
    let mut after = None;
    loop {
        let request = PageRequest {
            after,
            limit: ROWS_AT_ONCE,
        };
        let book = read(app, caller, course, request).await?;
        let columns = book.columns.into_iter();
        table.activities = columns
            .map(|column| gradebook::Activity {
                id: column.id,
                points_max: column.points_max,
            })
            .collect();
        table.learners.extend(book.rows.into_iter().map(learner));
        match book.next {
            Some(next) => after = Some(Cursor(next)),
            None => return Ok(gradebook::csv(&table)),
        }
    }
}

fn learner(row: GradebookRow) -> gradebook::Learner {
    let grades = row.grades.into_iter();
    gradebook::Learner {
        id: row.user.to_string(),
        name: row.name,
        display_name: row.display_name,
        grades: grades.map(|(id, grade)| (id, table_grade(grade))).collect(),
        total: row.total,
    }
}

fn table_grade(grade: CourseGrade) -> gradebook::Grade {
    let state = match (grade.needs_grading, grade.passed, grade.at) {
        (true, _, _) => GradeState::NeedsGrading,
        (false, true, _) => GradeState::Passed,
        (false, false, Some(_)) => GradeState::NotPassed,
        (false, false, None) => GradeState::InProgress,
    };
    gradebook::Grade {
        points: Some(grade.points),
        points_max: grade.points_max,
        state,
        at: grade.at.map(|at| at.to_string()),
        late: grade.late,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(id: &str, weight: f64) -> GradebookColumn {
        GradebookColumn {
            id: id.into(),
            title: id.into(),
            weight,
            points_max: Some(4.0),
        }
    }

    #[test]
    fn what_was_not_done_counts_nothing_and_weights_count() {
        let columns = [column("a", 1.0), column("b", 3.0)];
        let grade = CourseGrade {
            points: 2.0,
            points_max: 4.0,
            passed: false,
            needs_grading: false,
            late: false,
            at: None,
        };
        let grades = BTreeMap::from([("b".to_owned(), grade)]);
        assert_eq!(total(&columns, &grades), 0.375);
        assert_eq!(total(&[], &grades), 0.0);
    }
}
