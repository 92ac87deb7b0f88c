//! People and their roles; sessions and tokens are in [`super::secrets`].

use async_trait::async_trait;
use carrel_model::id::{TokenId, UserId};
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteStore;
use super::codec::{cursor_text, key, page, rows_wanted, text_cursor, time, uuid, word, word_of};
use super::failure::{Step, is_conflict, missing};
use super::secrets;
use super::write::{Durability, Tx};
use crate::account::{Accounts, Role, SessionRow, TokenRow, UserRow};
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

/// Writes a person by one of two statements with the same parameters.
fn put(tx: &Tx<'_>, sql: &str, user: &UserRow) -> Step<usize> {
    let (issuer, subject) = user.subject.clone().unzip();
    let put = tx.sql.prepare_cached(sql)?.execute(params![
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
    match put {
        Err(error) if is_conflict(&error) => Err(Error::Exists {
            what: "user",
            id: user.name.clone(),
        }
        .into()),
        other => Ok(other?),
    }
}

#[async_trait]
impl Accounts for SqliteStore {
    async fn add_user(&self, user: UserRow) -> Result<()> {
        self.write(Durability::Durable, "adding a user", move |tx| {
            let sql = "INSERT INTO user (id, name, name_folded, display_name, email,
                    password_hash, operator, disabled, issuer, subject, created_us)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
            put(tx, sql, &user).map(|_| ())
        })
        .await
    }

    async fn change_user(&self, user: UserRow) -> Result<()> {
        self.write(Durability::Durable, "changing a user", move |tx| {
            let sql = "UPDATE user SET name = ?2, name_folded = ?3, display_name = ?4, email = ?5,
                    password_hash = ?6, operator = ?7, disabled = ?8, issuer = ?9, subject = ?10
                 WHERE id = ?1 AND ?11 IS NOT NULL";
            match put(tx, sql, &user)? {
                0 => Err(missing("user", user.id)),
                _ => Ok(()),
            }
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
        self.read("reading roles", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT course, role FROM membership WHERE user = ?1 ORDER BY course",
            )?;
            let rows = statement.query_map([key(user.0)], |row| {
                Ok((row.get(0)?, word_of(row, "role")?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn set_role(&self, user: UserId, course: &str, role: Option<Role>) -> Result<()> {
        let course = course.to_owned();
        self.write(Durability::Durable, "setting a role", move |tx| {
            find(tx, user)?;
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

    async fn add_session(&self, session: SessionRow) -> Result<()> {
        secrets::add_session(self, session).await
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
            tx.sql
                .prepare_cached("DELETE FROM session WHERE user = ?1")?
                .execute([key(user.0)])?;
            Ok(())
        })
        .await
    }

    async fn add_token(&self, token: TokenRow) -> Result<()> {
        secrets::add_token(self, token).await
    }

    async fn token(&self, secret_hash: [u8; 32]) -> Result<Option<(TokenRow, UserRow)>> {
        secrets::token(self, secret_hash).await
    }

    async fn tokens(&self, user: Option<UserId>, request: PageRequest) -> Result<Page<TokenRow>> {
        secrets::tokens(self, user, request).await
    }

    async fn revoke_token(&self, id: TokenId) -> Result<()> {
        self.write(Durability::Durable, "revoking a token", move |tx| {
            let revoked = tx
                .sql
                .prepare_cached(
                    "UPDATE token SET revoked_us = coalesce(revoked_us, ?2) WHERE id = ?1",
                )?
                .execute(params![key(id.0), tx.now_us])?;
            if revoked == 0 {
                return Err(missing("token", id));
            }
            Ok(())
        })
        .await
    }
}
