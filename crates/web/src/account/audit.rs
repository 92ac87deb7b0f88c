//! The audit log: who did what, from where. One line here for everything that changes what
//! people may do, and for what cannot be undone.

use aide::OperationInput;
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use carrel_api::List;
use carrel_api::account::{AuditEntry, AuditQuery};
use carrel_api::list::PageQuery;
use carrel_model::id::UserId;
use carrel_store::ledger::{AuditFilter, AuditRow};
use jiff::Timestamp;

use super::meant;
use super::view;
use crate::address::ClientAddress;
use crate::app::App;
use crate::caller::{Caller, Recognised};
use crate::extract::{Json, Query, list, page};
use crate::problem::Result;

/// Longest object or detail that is kept, bytes; what is longer is cut.
const TEXT_BYTES_MAX: usize = 500;

/// Stable names of what is written down.
pub mod action {
    /// Somebody signed in.
    pub const SESSION_CREATE: &str = "session.create";
    /// Somebody tried to.
    pub const SESSION_FAILED: &str = "session.failed";
    /// Somebody signed out.
    pub const SESSION_END: &str = "session.end";
    /// Somebody signed out everywhere.
    pub const SESSION_END_ALL: &str = "session.end_all";
    /// A person was added.
    pub const USER_ADD: &str = "user.add";
    /// A person was changed; the detail says what.
    pub const USER_CHANGE: &str = "user.change";
    /// A password was changed.
    pub const USER_PASSWORD: &str = "user.password";
    /// Everything kept of a person was handed out.
    pub const USER_EXPORT: &str = "user.export";
    /// A person was deleted.
    pub const USER_DELETE: &str = "user.delete";
    /// A token was made.
    pub const TOKEN_CREATE: &str = "token.create";
    /// A token was revoked.
    pub const TOKEN_REVOKE: &str = "token.revoke";
    /// A role in a course was given.
    pub const ROLE_SET: &str = "role.set";
    /// A role in a course was taken.
    pub const ROLE_REMOVE: &str = "role.remove";
    /// A version of a course was published.
    pub const COURSE_PUBLISH: &str = "course.publish";
    /// A version published before was made the present one.
    pub const COURSE_PRESENT: &str = "course.present";
    /// A regrade began.
    pub const REGRADE_CREATE: &str = "regrade.create";
    /// A regrade was broken off.
    pub const REGRADE_CANCEL: &str = "regrade.cancel";
    /// What a preview showed was put in force.
    pub const REGRADE_APPLY: &str = "regrade.apply";
    /// A person graded answers of an attempt.
    pub const ATTEMPT_GRADE: &str = "attempt.grade";
    /// What somebody has beyond the others was set.
    pub const ACCOMMODATION_SET: &str = "accommodation.set";
    /// Attempts were scored by a changed key, to be looked at.
    pub const RESCORE_CREATE: &str = "rescore.create";
    /// The points of a rescore were put in force.
    pub const RESCORE_APPLY: &str = "rescore.apply";
    /// A submission of somebody else was taken back.
    pub const SUBMISSION_CANCEL: &str = "submission.cancel";
    /// One submission is judged again.
    pub const SUBMISSION_REJUDGE: &str = "submission.rejudge";
    /// A node was told to drain, or to work.
    pub const NODE_ORDER: &str = "node.order";
    /// A parked submission is judged again.
    pub const PARKED_RETRY: &str = "parked.retry";
    /// A parked submission was given up.
    pub const PARKED_DROP: &str = "parked.drop";
    /// A receiver of events was added.
    pub const WEBHOOK_CREATE: &str = "webhook.create";
    /// A receiver of events was enabled again.
    pub const WEBHOOK_ENABLE: &str = "webhook.enable";
    /// A receiver of events was removed.
    pub const WEBHOOK_REMOVE: &str = "webhook.remove";
}

/// Writes to the audit log in the name of whoever made this request: ask for it as an argument
/// of a route.
#[derive(Debug, Clone)]
pub struct Auditor {
    user: Option<UserId>,
    through: String,
    address: Option<String>,
    course: Option<String>,
}

impl FromRequestParts<App> for Auditor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let address = ClientAddress::from_request_parts(parts, app).await?;
        let caller = match parts.extensions.get::<Recognised>() {
            Some(Recognised::Caller(caller)) => Some(caller),
            _ => None,
        };
        Ok(Self {
            user: caller.map(Caller::id),
            through: caller.map_or_else(|| "nobody".to_owned(), Caller::through_name),
            address: address.0.map(|address| address.to_string()),
            course: None,
        })
    }
}

impl OperationInput for Auditor {}

impl Auditor {
    /// In the name of somebody who signed in just now.
    #[must_use]
    pub fn of_session(mut self, user: UserId) -> Self {
        self.user = Some(user);
        "session".clone_into(&mut self.through);
        self
    }

    /// For entries about this course: who runs it may read them.
    #[must_use]
    pub fn of_course(&self, course: &str) -> Self {
        Self {
            course: Some(course.to_owned()),
            ..self.clone()
        }
    }

    /// Writes an entry: a stable name such as `course.publish`, what it was done to, and more
    /// without secrets. It stands in the service's log too, so a database that fails here loses
    /// the entry's row, not what was asked for.
    pub async fn record(&self, app: &App, action: &str, object: impl ToString, detail: &str) {
        let entry = AuditRow {
            at: Timestamp::now(),
            user: self.user,
            through: self.through.clone(),
            address: self.address.clone(),
            action: action.to_owned(),
            course: self.course.clone(),
            object: cut(&object.to_string()).to_owned(),
            detail: cut(detail).to_owned(),
        };
        let user = entry.user.map(|id| id.to_string()).unwrap_or_default();
        tracing::info!(
            target: "audit",
            user,
            through = entry.through,
            address = entry.address,
            action,
            course = entry.course,
            object = entry.object,
            detail = entry.detail,
        );
        if let Err(error) = app.store.add_audit(entry).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "writing the audit log"
            );
        }
    }
}

/// The first bytes, up to the end of a character.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/audit",
        get_with(read, |operation| {
            operation
                .id("listAudit")
                .tag("Audit")
                .summary("Read the audit log (operators), newest first")
                .description(
                    "Operators of a course read its entries, with `?course=`: what was done to \
                     its members, versions, submissions and so on.",
                )
        }),
    )
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<List<AuditEntry>>> {
    match &query.course {
        Some(course) => caller.require_operator_of(course)?,
        None => caller.require_operator()?,
    }
    let wanted = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let user = match &query.user {
        Some(text) => Some(meant(&app, &caller, text).await?),
        None => None,
    };
    let filter = AuditFilter {
        user,
        course: query.course,
    };
    let rows = app.store.audit(filter, wanted).await?;
    // Where people sit is for those who run the service.
    let shown = |mut row: AuditRow| {
        row.address = row.address.filter(|_| caller.is_operator());
        view::audit_entry(row)
    };
    Ok(Json(list(rows, shown)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        let long = format!("{}é{}", "x".repeat(TEXT_BYTES_MAX - 1), "x".repeat(9));
        assert_eq!(cut(&long).len(), TEXT_BYTES_MAX - 1);
    }
}
