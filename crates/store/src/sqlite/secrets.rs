//! Sessions and tokens, found by the hash of their secret.

use carrel_model::id::{TokenId, UserId};
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteStore;
use super::accounts;
use super::codec::{cursor_id, document, key, page, rows_wanted, time, time_maybe, uuid};
use super::failure::{Step, is_conflict, missing, state};
use super::write::{Durability, Tx};
use crate::account::{Authority, Credential, SessionRow, TokenRow, UserRow};
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};

/// The time of use is written when the one known is older than this, microseconds.
const USE_NOTED_US: i64 = 60_000_000;

fn read_session(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        secret_hash: row.get("secret_hash")?,
        user: UserId(uuid(row, "user")?),
        created_at: time(row, "created_us")?,
        expires_at: time(row, "expires_us")?,
        seen_at: time(row, "seen_us")?,
    })
}

fn read_token(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        id: TokenId(uuid(row, "id")?),
        secret_hash: row.get("secret_hash")?,
        user: UserId(uuid(row, "user")?),
        name: row.get("name")?,
        scopes: document(row, "scopes")?,
        course: row.get("course")?,
        expires_at: time_maybe(row, "expires_us")?,
        created_at: time(row, "created_us")?,
        used_at: time_maybe(row, "used_us")?,
        revoked_at: time_maybe(row, "revoked_us")?,
    })
}

/// The person, unless they may not sign in.
fn person(tx: &Tx<'_>, id: UserId) -> Step<Option<UserRow>> {
    Ok(Some(accounts::find(tx, id)?).filter(|user| !user.disabled))
}

pub(super) async fn add_session(
    store: &SqliteStore,
    session: SessionRow,
    kept: Option<String>,
) -> Result<bool> {
    store
        .write(Durability::Durable, "adding a session", move |tx| {
            let user = accounts::find(tx, session.user)?;
            if user.disabled || user.password_hash != kept {
                return Ok(false);
            }
            tx.sql
                .prepare_cached(
                    "INSERT INTO session (secret_hash, user, created_us, expires_us, seen_us)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    session.secret_hash,
                    key(session.user.0),
                    session.created_at.as_microsecond(),
                    session.expires_at.as_microsecond(),
                    session.seen_at.as_microsecond()
                ])?;
            Ok(true)
        })
        .await
}

pub(super) async fn session(
    store: &SqliteStore,
    secret_hash: [u8; 32],
) -> Result<Option<(SessionRow, UserRow)>> {
    let (found, unnoted) = store
        .read("reading a session", move |tx| {
            let session = tx
                .sql
                .prepare_cached("SELECT * FROM session WHERE secret_hash = ?1 AND expires_us > ?2")?
                .query_row(params![secret_hash, tx.now_us], read_session)
                .optional()?;
            let Some(session) = session else {
                return Ok((None, false));
            };
            let unnoted = session.seen_at.as_microsecond() < tx.now_us - USE_NOTED_US;
            let user = person(tx, session.user)?;
            Ok((user.map(|user| (session, user)), unnoted))
        })
        .await?;
    if found.is_some() && unnoted {
        store.note("noting the use of a session", move |tx| {
            tx.sql
                .prepare_cached("UPDATE session SET seen_us = ?2 WHERE secret_hash = ?1")?
                .execute(params![secret_hash, tx.now_us])?;
            Ok(())
        });
    }
    Ok(found)
}

/// Refuses what is asked through something that counts no more in this moment.
fn require_credential(tx: &Tx<'_>, user: UserId, through: Credential) -> Step<()> {
    let (what, sql, credential) = match through {
        Credential::Host => return Ok(()),
        Credential::Session(secret_hash) => (
            "session",
            "SELECT 1 FROM session WHERE secret_hash = ?1 AND user = ?2 AND expires_us > ?3",
            secret_hash.to_vec(),
        ),
        Credential::Token(id) => (
            "token",
            "SELECT 1 FROM token WHERE id = ?1 AND user = ?2 AND revoked_us IS NULL
                AND (expires_us IS NULL OR expires_us > ?3)",
            key(id.0).to_vec(),
        ),
    };
    let counts = tx
        .sql
        .prepare_cached(sql)?
        .exists(params![credential, key(user.0), tx.now_us])?;
    if counts {
        return Ok(());
    }
    Err(state(what, "used for this", "over or ended"))
}

pub(super) async fn add_token(
    store: &SqliteStore,
    token: TokenRow,
    through: Credential,
) -> Result<()> {
    store
        .write(Durability::Durable, "adding a token", move |tx| {
            let owner = accounts::find(tx, token.user)?;
            if owner.disabled && through != Credential::Host {
                return Err(state("user", owner.name, "disabled"));
            }
            require_credential(tx, owner.id, through)?;
            let added = tx
                .sql
                .prepare_cached(
                    "INSERT INTO token (id, secret_hash, user, name, scopes, course, expires_us,
                        created_us, used_us, revoked_us)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .execute(params![
                    key(token.id.0),
                    token.secret_hash,
                    key(token.user.0),
                    token.name,
                    serde_json::to_string(&token.scopes)?,
                    token.course,
                    token.expires_at.map(|time| time.as_microsecond()),
                    token.created_at.as_microsecond(),
                    token.used_at.map(|time| time.as_microsecond()),
                    token.revoked_at.map(|time| time.as_microsecond()),
                ]);
            match added {
                Err(error) if is_conflict(&error) => Err(Error::Exists {
                    what: "token",
                    id: token.id.to_string(),
                }
                .into()),
                other => Ok(other.map(|_| ())?),
            }
        })
        .await
}

pub(super) async fn token(
    store: &SqliteStore,
    secret_hash: [u8; 32],
) -> Result<Option<(TokenRow, UserRow)>> {
    let (found, unnoted) = store
        .read("reading a token", move |tx| {
            let token = tx
                .sql
                .prepare_cached(
                    "SELECT * FROM token WHERE secret_hash = ?1 AND revoked_us IS NULL
                        AND (expires_us IS NULL OR expires_us > ?2)",
                )?
                .query_row(params![secret_hash, tx.now_us], read_token)
                .optional()?;
            let Some(token) = token else {
                return Ok((None, false));
            };
            let unnoted = token
                .used_at
                .is_none_or(|used| used.as_microsecond() < tx.now_us - USE_NOTED_US);
            let user = person(tx, token.user)?;
            Ok((user.map(|user| (token, user)), unnoted))
        })
        .await?;
    if let Some((token, _)) = &found
        && unnoted
    {
        let id = key(token.id.0);
        store.note("noting the use of a token", move |tx| {
            tx.sql
                .prepare_cached("UPDATE token SET used_us = ?2 WHERE id = ?1")?
                .execute(params![id, tx.now_us])?;
            Ok(())
        });
    }
    Ok(found)
}

pub(super) fn revoke(tx: &Tx<'_>, id: TokenId, by: Authority) -> Step<()> {
    if let Authority::Operator(operator) = by {
        accounts::require_operator(tx, operator)?;
    }
    let revoked = tx
        .sql
        .prepare_cached("UPDATE token SET revoked_us = coalesce(revoked_us, ?2) WHERE id = ?1")?
        .execute(params![key(id.0), tx.now_us])?;
    if revoked == 0 {
        return Err(missing("token", id));
    }
    Ok(())
}

pub(super) async fn tokens(
    store: &SqliteStore,
    user: Option<UserId>,
    request: PageRequest,
) -> Result<Page<TokenRow>> {
    store
        .read("listing tokens", move |tx| {
            let mut statement = tx.sql.prepare_cached(match user {
                Some(_) => {
                    "SELECT * FROM token WHERE user = ?1 AND id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                     ORDER BY id DESC LIMIT ?3"
                }
                None => {
                    "SELECT * FROM token WHERE ?1 IS NULL AND id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                     ORDER BY id DESC LIMIT ?3"
                }
            })?;
            let rows = statement.query_map(
                params![
                    user.map(|user| key(user.0)),
                    cursor_id(&request)?,
                    rows_wanted(&request)
                ],
                read_token,
            )?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |token: &TokenRow| {
                token.id.to_string()
            }))
        })
        .await
}
