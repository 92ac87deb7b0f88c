//! People and their roles; sessions and tokens are in [`super::secrets`].

use async_trait::async_trait;
use carrel_model::id::{TokenId, UserId};
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteStore;
use super::codec::{cursor_text, key, page, rows_wanted, text_cursor, time, uuid, word_of};
use super::failure::{Step, is_conflict, missing, state};
use super::roles;
use super::secrets;
use super::write::{Durability, Tx};
use crate::account::{
    Accounts, Authority, Credential, Giver, Role, SessionRow, TokenRow, UserRow, UserUpdate,
};
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};

/// A name as it is compared.
fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// The person of a row whose columns are those of `user`.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    let issuer: Option<String> = row.get("issuer")?;
    let subject: Option<String> = row.get("subject")?;
    Ok(UserRow {
        id: UserId(uuid(row, "id")?),
        name: row.get("name")?,
        display_name: row.get("display_name")?,
        email: row.get("email")?,
        password_hash: row.get("password_hash")?,
        operator: row.get("operator")?,
        disabled: row.get("disabled")?,
        subject: issuer.zip(subject),
        created_at: time(row, "created_us")?,
    })
}

/// There is such a person.
pub(super) fn find(tx: &Tx<'_>, id: UserId) -> Step<UserRow> {
    tx.sql
        .prepare_cached("SELECT * FROM user WHERE id = ?1")?
        .query_row([key(id.0)], read)
        .optional()?
        .ok_or_else(|| missing("user", id))
}

/// Tells a name or subject that somebody else has.
fn taken(written: rusqlite::Result<usize>, user: &UserRow) -> Step<()> {
    match written {
        Err(error) if is_conflict(&error) => Err(Error::Exists {
            what: "user",
            id: user.name.clone(),
        }
        .into()),
        other => Ok(other.map(|_| ())?),
    }
}

fn add(tx: &Tx<'_>, user: &UserRow) -> Step<()> {
    let (issuer, subject) = user.subject.clone().unzip();
    let added = tx
        .sql
        .prepare_cached(
            "INSERT INTO user (id, name, name_folded, display_name, email,
                password_hash, operator, disabled, issuer, subject, created_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            key(user.id.0),
            user.name,
            fold(&user.name),
            user.display_name,
            user.email,
            user.password_hash,
            user.operator,
            user.disabled,
            issuer,
            subject,
            user.created_at.as_microsecond(),
        ]);
    taken(added, user)
}

/// Refuses what the power it is done by does not reach in this moment.
pub(super) fn require_authority(tx: &Tx<'_>, user: &UserRow, by: Authority) -> Step<()> {
    match by {
        Authority::Host => Ok(()),
        Authority::Own if user.disabled => Err(state("user", &user.name, "disabled")),
        Authority::Own => Ok(()),
        Authority::Operator(id) => require_operator(tx, id),
    }
}

/// Refuses whoever runs the service no more in this moment.
pub(super) fn require_operator(tx: &Tx<'_>, id: UserId) -> Step<()> {
    let operator = find(tx, id)?;
    if operator.operator && !operator.disabled {
        return Ok(());
    }
    Err(state("user", operator.name, "no longer an operator"))
}

/// Somebody else must be left who can run the service.
pub(super) fn require_other_operator(tx: &Tx<'_>, leaving: &UserRow) -> Step<()> {
    if !leaving.operator || leaving.disabled {
        return Ok(());
    }
    let others: bool = tx
        .sql
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM user WHERE operator AND NOT disabled AND id <> ?1)",
        )?
        .query_row([key(leaving.id.0)], |row| row.get(0))?;
    if others {
        return Ok(());
    }
    let told = "the last operator: make another person operator first";
    Err(state("user", &leaving.name, told))
}

/// Changes what is told, of what is kept in this moment.
fn change(tx: &Tx<'_>, id: UserId, update: UserUpdate, by: Authority) -> Step<(UserRow, UserRow)> {
    let old = find(tx, id)?;
    require_authority(tx, &old, by)?;
    let new = UserRow {
        display_name: update.display_name.unwrap_or(old.display_name.clone()),
        email: update.email.unwrap_or(old.email.clone()),
        operator: update.operator.unwrap_or(old.operator),
        disabled: update.disabled.unwrap_or(old.disabled),
        subject: update.subject.or(old.subject.clone()),
        ..old.clone()
    };
    if !new.operator || new.disabled {
        require_other_operator(tx, &old)?;
    }
    let (issuer, subject) = new.subject.clone().unzip();
    let changed = tx
        .sql
        .prepare_cached(
            "UPDATE user SET display_name = ?2, email = ?3, operator = ?4, disabled = ?5,
                issuer = ?6, subject = ?7
             WHERE id = ?1",
        )?
        .execute(params![
            key(id.0),
            new.display_name,
            new.email,
            new.operator,
            new.disabled,
            issuer,
            subject,
        ]);
    taken(changed, &new)?;
    if new.disabled && !old.disabled {
        end_sessions(tx, id)?;
    }
    Ok((old, new))
}

fn end_sessions(tx: &Tx<'_>, user: UserId) -> Step<()> {
    tx.sql
        .prepare_cached("DELETE FROM session WHERE user = ?1")?
        .execute([key(user.0)])?;
    Ok(())
}

#[async_trait]
impl Accounts for SqliteStore {
    async fn add_user(&self, user: UserRow, by: Authority) -> Result<()> {
        self.write(Durability::Durable, "adding a user", move |tx| {
            require_authority(tx, &user, by)?;
            add(tx, &user)
        })
        .await
    }

    async fn change_user(
        &self,
        id: UserId,
        update: UserUpdate,
        by: Authority,
    ) -> Result<(UserRow, UserRow)> {
        self.write(Durability::Durable, "changing a user", move |tx| {
            change(tx, id, update, by)
        })
        .await
    }

    async fn set_password(&self, id: UserId, hash: String, by: Authority) -> Result<()> {
        self.write(Durability::Durable, "setting a password", move |tx| {
            require_authority(tx, &find(tx, id)?, by)?;
            tx.sql
                .prepare_cached("UPDATE user SET password_hash = ?2 WHERE id = ?1")?
                .execute(params![key(id.0), hash])?;
            end_sessions(tx, id)
        })
        .await
    }

    async fn replace_password(
        &self,
        id: UserId,
        kept: Option<String>,
        hash: String,
    ) -> Result<bool> {
        self.write(Durability::Durable, "replacing a password", move |tx| {
            let replaced = tx
                .sql
                .prepare_cached(
                    "UPDATE user SET password_hash = ?3
                     WHERE id = ?1 AND password_hash IS ?2 AND NOT disabled",
                )?
                .execute(params![key(id.0), kept, hash])?;
            Ok(replaced > 0)
        })
        .await
    }

    async fn user(&self, id: UserId) -> Result<UserRow> {
        self.read("reading a user", move |tx| find(tx, id)).await
    }

    async fn user_by_name(&self, name: &str) -> Result<Option<UserRow>> {
        let folded = fold(name);
        self.read("reading a user by name", move |tx| {
            Ok(tx
                .sql
                .prepare_cached("SELECT * FROM user WHERE name_folded = ?1")?
                .query_row([folded], read)
                .optional()?)
        })
        .await
    }

    async fn user_by_subject(&self, issuer: &str, subject: &str) -> Result<Option<UserRow>> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.read("reading a user by subject", move |tx| {
            Ok(tx
                .sql
                .prepare_cached("SELECT * FROM user WHERE issuer = ?1 AND subject = ?2")?
                .query_row([issuer, subject], read)
                .optional()?)
        })
        .await
    }

    async fn users(&self, request: PageRequest) -> Result<Page<UserRow>> {
        self.read("listing users", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM user WHERE name_folded > ?1 ORDER BY name_folded LIMIT ?2",
            )?;
            let after = cursor_text(&request)?;
            let rows = statement.query_map(params![after, rows_wanted(&request)], read)?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |user: &UserRow| {
                text_cursor(&fold(&user.name))
            }))
        })
        .await
    }

    async fn roles(&self, user: UserId) -> Result<Vec<(String, Role)>> {
        self.read("reading roles", move |tx| roles::of(tx, user))
            .await
    }

    async fn set_role(
        &self,
        user: UserId,
        course: &str,
        role: Option<Role>,
        by: Giver,
    ) -> Result<()> {
        let course = course.to_owned();
        self.write(Durability::Durable, "setting a role", move |tx| {
            roles::set(tx, (user, &course), role, by)
        })
        .await
    }

    async fn members(&self, course: &str, request: PageRequest) -> Result<Page<(UserRow, Role)>> {
        let course = course.to_owned();
        self.read("listing members", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT user.*, membership.role FROM membership
                 JOIN user ON user.id = membership.user
                 WHERE membership.course = ?1 AND user.name_folded > ?2
                 ORDER BY user.name_folded LIMIT ?3",
            )?;
            let after = cursor_text(&request)?;
            let rows = statement
                .query_map(params![course, after, rows_wanted(&request)], |row| {
                    Ok((read(row)?, word_of(row, "role")?))
                })?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |(user, _): &(UserRow, Role)| {
                text_cursor(&fold(&user.name))
            }))
        })
        .await
    }

    async fn add_session(&self, session: SessionRow, kept: Option<String>) -> Result<bool> {
        secrets::add_session(self, session, kept).await
    }

    async fn session(&self, secret_hash: [u8; 32]) -> Result<Option<(SessionRow, UserRow)>> {
        secrets::session(self, secret_hash).await
    }

    async fn end_session(&self, secret_hash: [u8; 32]) -> Result<()> {
        self.write(Durability::Durable, "ending a session", move |tx| {
            tx.sql
                .prepare_cached("DELETE FROM session WHERE secret_hash = ?1")?
                .execute([secret_hash])?;
            Ok(())
        })
        .await
    }

    async fn end_sessions(&self, user: UserId) -> Result<()> {
        self.write(Durability::Durable, "ending sessions", move |tx| {
            end_sessions(tx, user)
        })
        .await
    }

    async fn add_token(&self, token: TokenRow, through: Credential) -> Result<()> {
        secrets::add_token(self, token, through).await
    }

    async fn token(&self, secret_hash: [u8; 32]) -> Result<Option<(TokenRow, UserRow)>> {
        secrets::token(self, secret_hash).await
    }

    async fn tokens(&self, user: Option<UserId>, request: PageRequest) -> Result<Page<TokenRow>> {
        secrets::tokens(self, user, request).await
    }

    async fn revoke_token(&self, id: TokenId, by: Authority) -> Result<()> {
        self.write(Durability::Durable, "revoking a token", move |tx| {
            secrets::revoke(tx, id, by)
        })
        .await
    }
}
