//! Roles in courses, and who may give and take them.

use carrel_model::id::UserId;
use rusqlite::{OptionalExtension, params};

use super::accounts;
use super::codec::{key, word, word_of};
use super::failure::{Step, state};
use super::write::Tx;
use crate::account::{Giver, Role};

/// Roles of a person by course.
pub(super) fn of(tx: &Tx<'_>, user: UserId) -> Step<Vec<(String, Role)>> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT course, role FROM membership WHERE user = ?1 ORDER BY course")?;
    let rows = statement.query_map([key(user.0)], |row| {
        Ok((row.get(0)?, word_of(row, "role")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The role of a person in one course.
fn present(tx: &Tx<'_>, user: UserId, course: &str) -> Step<Option<Role>> {
    Ok(tx
        .sql
        .prepare_cached("SELECT role FROM membership WHERE user = ?1 AND course = ?2")?
        .query_row(params![key(user.0), course], |row| word_of(row, "role"))
        .optional()?)
}

/// Gives a role, or takes it, where the giver may do that in this moment.
pub(super) fn set(
    tx: &Tx<'_>,
    (user, course): (UserId, &str),
    role: Option<Role>,
    by: Giver,
) -> Step<()> {
    accounts::find(tx, user)?;
    require_giver(tx, course, role.max(present(tx, user, course)?), by)?;
    match role {
        Some(role) => tx
            .sql
            .prepare_cached(
                "INSERT INTO membership (user, course, role) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET role = excluded.role",
            )?
            .execute(params![key(user.0), course, word(role)?])?,
        None => tx
            .sql
            .prepare_cached("DELETE FROM membership WHERE user = ?1 AND course = ?2")?
            .execute(params![key(user.0), course])?,
    };
    Ok(())
}

/// Refuses a giver whose power does not reach to this role; where there is none, whoever may give
/// no role at all.
fn require_giver(tx: &Tx<'_>, course: &str, role: Option<Role>, by: Giver) -> Step<()> {
    let Giver::Person { id, highest } = by else {
        return Ok(());
    };
    let giver = accounts::find(tx, id)?;
    let power = if giver.disabled {
        None
    } else if giver.operator {
        Some(Role::Operator)
    } else {
        present(tx, id, course)?.and_then(given_by)
    };
    let needed = role.unwrap_or(Role::Learner);
    if power.is_some_and(|power| power.min(highest) >= needed) {
        return Ok(());
    }
    let told = format!("not in a position to give or take the role `{needed}` in `{course}`");
    Err(state("user", giver.name, told))
}

/// The highest role that somebody with this one in the course may give and take there.
fn given_by(role: Role) -> Option<Role> {
    match role {
        Role::Learner => None,
        Role::Author => Some(Role::Learner),
        Role::Operator => Some(Role::Author),
    }
}
