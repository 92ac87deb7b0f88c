//! People, sessions, tokens, roles, the audit log: what requests and responses look like.

use std::collections::BTreeSet;

use carrel_model::account::{Role, Scope};
use carrel_model::id::{TokenId, UserId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most tokens of one person that are neither over nor revoked.
pub const TOKENS_MAX: usize = 100;
/// Longest name of a token, characters.
pub const TOKEN_NAME_LENGTH_MAX: usize = 100;
/// Days that a token counts where nothing is said.
pub const TOKEN_DAYS_DEFAULT: u32 = 90;
/// Most days that a token may be made for.
pub const TOKEN_DAYS_MAX: u32 = 3_660;

/// A secret in transit. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("format" = "password"))]
pub struct SecretText(pub String);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretText(…)")
    }
}

/// Signing in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Name; upper and lower case are the same.
    pub name: String,
    /// Password.
    pub password: SecretText,
}

/// Who the service takes you for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// You.
    pub user: User,
    /// Your roles by course.
    pub roles: Vec<CourseRole>,
    /// The token you sent; absent: you are signed in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<Token>,
    /// When you have to sign in again at the latest; absent with a token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
}

/// A role in one course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CourseRole {
    /// Id of the course.
    pub course: String,
    /// The role.
    pub role: Role,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Name to sign in with.
    pub name: String,
    /// Name shown.
    pub display_name: String,
    /// Electronic mail address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// Runs the service.
    pub operator: bool,
    /// May not sign in.
    pub disabled: bool,
    /// Has a password here; false: signs in elsewhere only.
    pub has_password: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A person to be added.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Name to sign in with: 1 to 64 of letters a-z, digits and `._-+@`.
    pub name: String,
    /// Name shown; the name where absent.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Electronic mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Password; where absent one is drawn at random and told once in the answer.
    #[serde(default)]
    pub password: Option<SecretText>,
    /// Runs the service.
    #[serde(default)]
    pub operator: bool,
}

/// A person was added.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UserAdded {
    /// The person.
    pub user: User,
    /// The password that was drawn at random; it is not told again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<SecretText>,
}

/// What is to change of a person; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserChange {
    /// Name shown.
    pub display_name: Option<String>,
    /// Electronic mail address; empty: none.
    pub email: Option<String>,
    /// Runs the service (operators only).
    pub operator: Option<bool>,
    /// May not sign in; open sessions end (operators only).
    pub disabled: Option<bool>,
}

/// A new password.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordChange {
    /// The present one; needed to change one's own.
    pub old_password: Option<SecretText>,
    /// The new one; where absent one is drawn at random and told once in the answer.
    pub password: Option<SecretText>,
}

/// A password was changed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PasswordChanged {
    /// The password that was drawn at random; it is not told again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<SecretText>,
}

/// A person is to be deleted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserDeletion {
    /// One's own password; needed to delete oneself where one has one.
    pub password: Option<SecretText>,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// Id.
    pub id: TokenId,
    /// Whose.
    pub user: UserId,
    /// Name its owner gave it.
    pub name: String,
    /// What for.
    pub scopes: BTreeSet<Scope>,
    /// Only for this course; absent: all of its owner's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub course: Option<String>,
    /// Until when; absent: until revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last use, to the minute.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Name, to know it again.
    pub name: String,
    /// What for; at least one.
    pub scopes: BTreeSet<Scope>,
    /// Only for this course.
    #[serde(default)]
    pub course: Option<String>,
    /// Days that it counts, 90 where absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 3660))]
    pub days: Option<u32>,
}

/// A token was made.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenMade {
    /// The token.
    pub token: Token,
    /// What to send as `Authorization: Bearer`; it is not told again.
    pub secret: SecretText,
}

/// A member of a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// Id of the person.
    pub user: UserId,
    /// Name to sign in with.
    pub name: String,
    /// Name shown.
    pub display_name: String,
    /// Role in the course.
    pub role: Role,
}

/// A role to be given.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberRole {
    /// The role.
    pub role: Role,
}

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; absent: nobody was signed in, or the command line, or a person deleted since.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user: Option<UserId>,
    /// `session`, `token:` and its id, `nobody`, `command_line`.
    pub through: String,
    /// Address it came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
    /// Stable name, for example `token.create`.
    pub action: String,
    /// Id of the course that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub course: Option<String>,
    /// To what.
    pub object: String,
    /// More.
    pub detail: String,
}

/// Which entries of the audit log are wanted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuditQuery {
    /// Of this person only, by `me`, id or name.
    pub user: Option<String>,
    /// Of this course only; operators of a course always name it.
    pub course: Option<String>,
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Rows wanted, from 1 to 200; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
}

/// Which tokens are wanted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenQuery {
    /// Of this person, or `all` (operators); your own where absent.
    pub user: Option<String>,
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Rows wanted, from 1 to 200; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
}
