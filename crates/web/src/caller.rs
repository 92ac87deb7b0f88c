//! Who makes a request, and what they may do.

use std::collections::BTreeMap;
use std::sync::Arc;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderValue;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::request::Parts;
use carrel_api::Code;
use carrel_model::id::UserId;
use carrel_store::account::{Role, Scope, SessionRow, TokenRow, UserRow};

use crate::openapi::declaring;
use crate::problem::{Problem, Result};

/// Who makes a request. [`crate::session`] puts it into the request.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Person>);

#[derive(Debug)]
struct Person {
    user: UserRow,
    through: Through,
    roles: BTreeMap<String, Role>,
}

/// Through what.
#[derive(Debug, Clone)]
pub enum Through {
    /// A signed-in browser.
    Session(SessionRow),
    /// An API token.
    Token(TokenRow),
}

impl Caller {
    /// A person who was recognised, with their roles by course.
    #[must_use]
    pub fn new(user: UserRow, through: Through, roles: BTreeMap<String, Role>) -> Self {
        Self(Arc::new(Person {
            user,
            through,
            roles,
        }))
    }

    /// The person.
    #[must_use]
    pub fn user(&self) -> &UserRow {
        &self.0.user
    }

    /// The person's id.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.0.user.id
    }

    /// Through what they were recognised.
    #[must_use]
    pub fn through(&self) -> &Through {
        &self.0.through
    }

    /// Roles by course, without what the token leaves out; operators have none of their own here.
    #[must_use]
    pub fn roles(&self) -> &BTreeMap<String, Role> {
        &self.0.roles
    }

    /// What stands in the audit log: `session`, or `token:` and its id.
    #[must_use]
    pub fn through_name(&self) -> String {
        match &self.0.through {
            Through::Session(_) => "session".to_owned(),
            Through::Token(token) => format!("token:{}", token.id),
        }
    }

    /// A session may do all that its person may; a token what it was made for.
    #[must_use]
    pub fn has_scope(&self, scope: Scope) -> bool {
        match &self.0.through {
            Through::Session(_) => true,
            Through::Token(token) => token.scopes.contains(&scope),
        }
    }

    /// # Errors
    /// The token was not made for this.
    pub fn require_scope(&self, scope: Scope) -> Result<()> {
        if self.has_scope(scope) {
            return Ok(());
        }
        let name = serde_json::to_value(scope).unwrap_or_default();
        let detail = format!("the token lacks the scope {name}; make one that has it");
        Err(Problem::new(Code::ScopeMissing, detail))
    }

    /// Whether the token, where it is for one course, is for this one.
    fn reaches(&self, course: Option<&str>) -> bool {
        match &self.0.through {
            Through::Session(_) => true,
            Through::Token(token) => match (&token.course, course) {
                (None, _) => true,
                (Some(only), Some(course)) => only == course,
                (Some(_), None) => false,
            },
        }
    }

    /// The role in a course; those who run the service are authors of every course.
    #[must_use]
    pub fn role(&self, course: &str) -> Option<Role> {
        if !self.reaches(Some(course)) {
            return None;
        }
        if self.0.user.operator {
            return Some(Role::Author);
        }
        self.0.roles.get(course).copied()
    }

    /// Whether they have a role in the course that writes it; of a token's scopes nothing is asked.
    #[must_use]
    pub fn writes(&self, course: &str) -> bool {
        self.role(course).is_some_and(Role::writes)
    }

    /// Whether they may do what authors of the course may (scope included).
    #[must_use]
    pub fn is_author(&self, course: &str) -> bool {
        self.writes(course) && self.has_scope(Scope::Author)
    }

    /// Whether they run the course: its operators, and those who run the service. Of a token
    /// nothing is asked.
    #[must_use]
    pub fn runs(&self, course: &str) -> bool {
        self.0.user.operator || self.0.roles.get(course) == Some(&Role::Operator)
    }

    /// Whether they run the service or any course.
    #[must_use]
    pub fn is_operator_somewhere(&self) -> bool {
        let mut roles = self.0.roles.values();
        self.0.user.operator || roles.any(|role| *role == Role::Operator)
    }

    /// Whether they may do in the course what its operators may (scope included).
    #[must_use]
    pub fn is_operator_of(&self, course: &str) -> bool {
        self.runs(course) && self.reaches(Some(course)) && self.has_scope(Scope::Operate)
    }

    /// Whether they may do what operators may (scope included).
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.0.user.operator && self.reaches(None) && self.has_scope(Scope::Operate)
    }

    /// Asks for a role in a course, as learner or as author; [`Self::require_operator_of`] asks for
    /// more. Who has none is told that there is no such course.
    ///
    /// # Errors
    /// Not a member; a learner where an author is asked for; a token without [`Scope::Author`] for it.
    pub fn require_role(&self, course: &str, role: Role) -> Result<()> {
        match self.role(course) {
            None => Err(Problem::missing("course", course)),
            Some(_) if !role.writes() => Ok(()),
            Some(own) if own.writes() => self.require_scope(Scope::Author),
            Some(_) => {
                let detail = format!("you are a learner of `{course}`, not an author");
                Err(Problem::new(Code::AuthorRequired, detail))
            }
        }
    }

    /// Asks for an author of the course that a thing belongs to. For who has no role in it, it is
    /// not there.
    ///
    /// # Errors
    /// As of [`Self::require_role`]; nothing is told of the course.
    pub fn require_author_of(&self, course: &str, what: &str, id: &str) -> Result<()> {
        if self.role(course).is_none() {
            return Err(Problem::missing(what, id));
        }
        self.require_role(course, Role::Author)
    }

    /// # Errors
    /// Not an operator, or a token without [`Scope::Operate`] or for one course only.
    pub fn require_operator(&self) -> Result<()> {
        if !self.0.user.operator {
            let detail = "this is for those who run the service";
            return Err(Problem::new(Code::OperatorRequired, detail));
        }
        if !self.reaches(None) {
            let detail = "the token is for one course only";
            return Err(Problem::new(Code::ScopeMissing, detail));
        }
        self.require_scope(Scope::Operate)
    }

    /// Asks for somebody who runs the course. Of a course that is not theirs nothing is told, not
    /// even whether there is one.
    ///
    /// # Errors
    /// They do not run it, or a token without [`Scope::Operate`] or for another course.
    pub fn require_operator_of(&self, course: &str) -> Result<()> {
        if !self.runs(course) {
            return self.require_operator();
        }
        if !self.reaches(Some(course)) {
            let detail = "the token is for another course";
            return Err(Problem::new(Code::ScopeMissing, detail));
        }
        self.require_scope(Scope::Operate)
    }

    /// For work that belongs to no course.
    ///
    /// # Errors
    /// The token is for one course only, or lacks the scope.
    pub fn require_outside_courses(&self, scope: Scope) -> Result<()> {
        if !self.reaches(None) {
            let detail = "the token is for one course only";
            return Err(Problem::new(Code::ScopeMissing, detail));
        }
        self.require_scope(scope)
    }
}

/// What [`crate::session`] found out about a request.
#[derive(Debug, Clone)]
pub enum Recognised {
    /// Nothing was sent to be recognised by.
    Nobody,
    /// Somebody.
    Caller(Caller),
    /// Something was sent that does not count: told only where somebody is asked for.
    Refused(Problem),
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        match parts.extensions.get::<Recognised>() {
            Some(Recognised::Caller(caller)) => Ok(caller.clone()),
            Some(Recognised::Refused(problem)) => Err(problem.clone()),
            Some(Recognised::Nobody) | None => {
                let detail = "sign in, or send `Authorization: Bearer` with a token";
                let challenge = HeaderValue::from_static("Bearer realm=\"carrel\"");
                Err(Problem::new(Code::Unauthenticated, detail)
                    .with_header(WWW_AUTHENTICATE, challenge))
            }
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>> {
        match parts.extensions.get::<Recognised>() {
            Some(Recognised::Caller(caller)) => Ok(Some(caller.clone())),
            Some(Recognised::Refused(problem)) => Err(problem.clone()),
            Some(Recognised::Nobody) | None => Ok(None),
        }
    }
}

impl OperationInput for Caller {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        declaring::require_caller(operation);
    }
}
