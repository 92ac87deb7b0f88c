//! People, sessions, tokens, roles. Secrets are kept as hashes only.

use std::collections::BTreeSet;

use async_trait::async_trait;
pub use carrel_model::account::{Role, Scope};
use carrel_model::id::{TokenId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::page::{Page, PageRequest};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Id.
    pub id: UserId,
    /// Name to sign in with; unique, compared without case.
    pub name: String,
    /// Name shown.
    pub display_name: String,
    /// Electronic mail address.
    pub email: Option<String>,
    /// Password as PHC string (Argon2id); `None`: signs in by OpenID Connect only.
    pub password_hash: Option<String>,
    /// Runs the service.
    pub operator: bool,
    /// May not sign in.
    pub disabled: bool,
    /// Issuer and subject of an OpenID Connect provider.
    pub subject: Option<(String, String)>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is to be changed of a person; all else stays as it is when that is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserUpdate {
    /// Name shown.
    pub display_name: Option<String>,
    /// Electronic mail address; `Some(None)`: none any more.
    pub email: Option<Option<String>>,
    /// Runs the service.
    pub operator: Option<bool>,
    /// May not sign in.
    pub disabled: Option<bool>,
    /// Issuer and subject of an OpenID Connect provider.
    pub subject: Option<(String, String)>,
}

/// By whose power a person is changed: looked at when the change is written, for a request may
/// have been recognised long before the last of its bytes came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// The person's own: while they are not disabled.
    Own,
    /// This person's: while they are operator and not disabled.
    Operator(UserId),
    /// Of whoever has the database in hand.
    Host,
}

/// By whose power a role in a course is given or taken: looked at when that is written, for it
/// may be lost in the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giver {
    /// This person's, by what they are then and while they are not disabled: authors of the course
    /// make and unmake learners, its operators authors too, operators of the service all.
    Person {
        /// Who.
        id: UserId,
        /// The highest role they may deal with, whatever they are: a token may be made for less.
        highest: Role,
    },
    /// Of whoever has the database in hand.
    Host,
}

/// Through what somebody makes a token: looked at when that is written, for the token outlives
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A session, by the hash of its secret: while it is one of theirs and not over.
    Session([u8; 32]),
    /// Another token of theirs: while it is neither over nor revoked.
    Token(TokenId),
    /// The database, which somebody has in hand.
    Host,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the secret in the cookie.
    pub secret_hash: [u8; 32],
    /// Who.
    pub user: UserId,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when at the latest.
    pub expires_at: Timestamp,
    /// Last use, to the minute.
    pub seen_at: Timestamp,
}

/// An API token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Id.
    pub id: TokenId,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// Whose.
    pub user: UserId,
    /// Name its owner gave it.
    pub name: String,
    /// What for.
    pub scopes: BTreeSet<Scope>,
    /// Only for this course; `None`: all of its owner's.
    pub course: Option<String>,
    /// Until when; `None`: until revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last use, to the minute.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Keeps people and what they sign in with.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds a person; [`Authority::Own`] where they add themselves.
    async fn add_user(&self, user: UserRow, by: Authority) -> Result<()>;
    /// Changes a person: as they were, and as they are then. Who is disabled is signed in
    /// nowhere any more. What would leave nobody to run the service is refused.
    async fn change_user(
        &self,
        id: UserId,
        update: UserUpdate,
        by: Authority,
    ) -> Result<(UserRow, UserRow)>;
    /// Gives a person another password (a PHC string); their sessions end.
    async fn set_password(&self, id: UserId, hash: String, by: Authority) -> Result<()>;
    /// Puts another hash in the place of one that is still kept, of a person who is not disabled;
    /// else nothing is changed, and the answer is `false`.
    async fn replace_password(
        &self,
        id: UserId,
        kept: Option<String>,
        hash: String,
    ) -> Result<bool>;
    /// By id.
    async fn user(&self, id: UserId) -> Result<UserRow>;
    /// By name, without case; `None`: nobody.
    async fn user_by_name(&self, name: &str) -> Result<Option<UserRow>>;
    /// By issuer and subject of an OpenID Connect provider.
    async fn user_by_subject(&self, issuer: &str, subject: &str) -> Result<Option<UserRow>>;
    /// A list by name.
    async fn users(&self, page: PageRequest) -> Result<Page<UserRow>>;

    /// Roles of a person by course.
    async fn roles(&self, user: UserId) -> Result<Vec<(String, Role)>>;
    /// Gives a role in a course, or takes it (`None`). Refused ([`Error::State`]) where the power
    /// of the giver reaches, in that moment, neither to the role given nor to the one that the
    /// person has: nobody makes or unmakes their equals.
    ///
    /// [`Error::State`]: crate::Error::State
    async fn set_role(
        &self,
        user: UserId,
        course: &str,
        role: Option<Role>,
        by: Giver,
    ) -> Result<()>;
    /// Members of a course by name.
    async fn members(&self, course: &str, page: PageRequest) -> Result<Page<(UserRow, Role)>>;

    /// Keeps a session of a person who is not disabled and whose password is still kept by this
    /// hash; else nothing is kept, and the answer is `false`.
    async fn add_session(&self, session: SessionRow, kept: Option<String>) -> Result<bool>;
    /// A session that is not over, and its person; notes its use.
    async fn session(&self, secret_hash: [u8; 32]) -> Result<Option<(SessionRow, UserRow)>>;
    /// Ends one session.
    async fn end_session(&self, secret_hash: [u8; 32]) -> Result<()>;
    /// Ends all sessions of a person.
    async fn end_sessions(&self, user: UserId) -> Result<()>;

    /// Keeps a token. Refused ([`Error::State`]) where its owner, who asks, is disabled, or that
    /// through which they ask counts no more.
    ///
    /// [`Error::State`]: crate::Error::State
    async fn add_token(&self, token: TokenRow, through: Credential) -> Result<()>;
    /// A token that is neither over nor revoked, and its person; notes its use.
    async fn token(&self, secret_hash: [u8; 32]) -> Result<Option<(TokenRow, UserRow)>>;
    /// Tokens of a person, or of all, newest first.
    async fn tokens(&self, user: Option<UserId>, page: PageRequest) -> Result<Page<TokenRow>>;
    /// Revokes a token. What is one's own one may always give up: of [`Authority::Own`] nothing
    /// more is asked.
    async fn revoke_token(&self, id: TokenId, by: Authority) -> Result<()>;
}
