//! Rows as the API shows them.

use carrel_api::account::{AuditEntry, CourseRole, Member, Session, Token, User};
use carrel_store::account::{Role, TokenRow, UserRow};
use carrel_store::ledger::AuditRow;

use crate::caller::{Caller, Through};

/// A person.
#[must_use]
pub fn user(row: UserRow) -> User {
    User {
        id: row.id,
        name: row.name,
        display_name: row.display_name,
        email: row.email,
        operator: row.operator,
        disabled: row.disabled,
        has_password: row.password_hash.is_some(),
        created_at: row.created_at,
    }
}

/// A token.
#[must_use]
pub fn token(row: TokenRow) -> Token {
    Token {
        id: row.id,
        user: row.user,
        name: row.name,
        scopes: row.scopes,
        course: row.course,
        expires_at: row.expires_at,
        created_at: row.created_at,
        used_at: row.used_at,
        revoked_at: row.revoked_at,
    }
}

pub(super) fn session(caller: &Caller) -> Session {
    let (token, expires_at) = match caller.through() {
        Through::Session(session) => (None, Some(session.expires_at)),
        Through::Token(row) => (Some(token(row.clone())), None),
    };
    let roles = caller.roles().iter();
    Session {
        user: user(caller.user().clone()),
        roles: roles
            .map(|(course, role)| CourseRole {
                course: course.clone(),
                role: *role,
            })
            .collect(),
        token,
        expires_at,
    }
}

pub(super) fn member((row, role): (UserRow, Role)) -> Member {
    Member {
        user: row.id,
        name: row.name,
        display_name: row.display_name,
        role,
    }
}

pub(super) fn audit_entry(row: AuditRow) -> AuditEntry {
    AuditEntry {
        at: row.at,
        user: row.user,
        through: row.through,
        address: row.address,
        action: row.action,
        course: row.course,
        object: row.object,
        detail: row.detail,
    }
}
