//! Members of a course and their roles.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, put_with};
use axum::extract::State;
use axum::response::NoContent;
use carrel_api::List;
use carrel_api::account::{Member, MemberRole};
use carrel_api::list::PageQuery;
use carrel_store::account::{Giver, Role, UserRow};

use super::audit::{Auditor, action};
use super::{named, view};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, list, page};
use crate::problem::{Problem, Result};
use crate::session::recognise_again;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/members",
            get_with(list_all, |operation| {
                operation
                    .id("listMembers")
                    .tag("Accounts")
                    .summary("List members of a course by name (its authors)")
            }),
        )
        .api_route(
            "/courses/{course}/members/{user}",
            put_with(set, |operation| {
                operation
                    .id("setMember")
                    .tag("Accounts")
                    .summary("Give a person, by id or name, a role in a course")
                    .description(
                        "Authors add and remove learners, operators of the course its authors, \
                         operators of the service everybody.",
                    )
            })
            .delete_with(remove, |operation| {
                operation
                    .id("removeMember")
                    .tag("Accounts")
                    .summary("Take a person's role in a course")
            }),
        )
}

async fn list_all(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Member>>> {
    caller.require_role(&course, Role::Author)?;
    app.store.course(&course).await?;
    let rows = app.store.members(&course, page(query)?).await?;
    Ok(Json(list(rows, view::member)))
}

async fn set(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((course, user)): Path<(String, String)>,
    Json(sent): Json<MemberRole>,
) -> Result<Json<Member>> {
    let person = set_role(&app, (&caller, &auditor), (&course, &user), Some(sent.role)).await?;
    Ok(Json(view::member((person, sent.role))))
}

/// Gives a person a role in a course, or takes it (`None`), by what the caller may now, and not
/// when the request began.
///
/// # Errors
/// The caller may not, or there is no such course, person or member.
pub(crate) async fn set_role(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    (course, user): (&str, &str),
    role: Option<Role>,
) -> Result<UserRow> {
    let caller = recognise_again(app, caller).await?;
    let person = find_member(app, &caller, course, user, role).await?;
    let by = giver(&caller, course)?;
    app.store.set_role(person.id, course, role, by).await?;
    match role {
        Some(role) => {
            let detail = format!("{course} {role}");
            let auditor = auditor.of_course(course);
            auditor
                .record(app, action::ROLE_SET, person.id, &detail)
                .await;
        }
        None => {
            let auditor = auditor.of_course(course);
            auditor
                .record(app, action::ROLE_REMOVE, person.id, course)
                .await;
        }
    }
    Ok(person)
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((course, user)): Path<(String, String)>,
) -> Result<NoContent> {
    set_role(&app, (&caller, &auditor), (&course, &user), None).await?;
    Ok(NoContent)
}

/// The person whose role is to change, when the caller may change it.
async fn find_member(
    app: &App,
    caller: &Caller,
    course: &str,
    user: &str,
    wanted: Option<Role>,
) -> Result<UserRow> {
    caller.require_role(course, Role::Author)?;
    app.store.course(course).await?;
    let person = named(app, user).await?;
    let roles = app.store.roles(person.id).await?;
    let present = roles
        .into_iter()
        .find(|(known, _)| known == course)
        .map(|(_, role)| role);
    if wanted.is_none() && present.is_none() {
        return Err(Problem::missing("member", user));
    }
    if let Some(highest) = wanted.max(present) {
        require_naming(caller, course, highest)?;
    }
    Ok(person)
}

/// The caller as one who gives roles: the store looks once more, in the moment of writing, at what
/// they are then, and a token for less bounds that.
fn giver(caller: &Caller, course: &str) -> Result<Giver> {
    let names = |role: &Role| require_naming(caller, course, *role).is_ok();
    let highest = Role::ALL.iter().copied().filter(names).max();
    let id = caller.id();
    let giver = highest.map(|highest| Giver::Person { id, highest });
    giver.ok_or_else(|| Problem::missing("course", course))
}

/// Nobody makes or unmakes their equals: authors are named by those who run the course, and those
/// by who runs the service.
fn require_naming(caller: &Caller, course: &str, role: Role) -> Result<()> {
    match role {
        Role::Learner => caller.require_role(course, Role::Author),
        Role::Author => caller.require_operator_of(course),
        Role::Operator => caller.require_operator(),
    }
}

/// Whether the caller may give and take this role.
pub(crate) fn may_name(caller: &Caller, course: &str, role: Role) -> bool {
    caller.is_author(course) && require_naming(caller, course, role).is_ok()
}
