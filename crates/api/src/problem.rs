//! The one error envelope: RFC 9457 `application/problem+json` with a stable code.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Media type of the envelope.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong, as every route of `/api/v1` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProblemDocument {
    /// URI of the kind of problem: `urn:carrel:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// Stable code, to be compared by programs.
    pub code: Code,
    /// The same for every problem of this code.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What went wrong here, and the way out where there is one.
    pub detail: String,
    /// Id of the request; the service's log has it too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// Whether the same request may succeed later, after this many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after_ms: Option<u64>,
    /// Everything that is wrong with what was sent, by place.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldError>,
}

/// One thing wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// Place: a path such as `files.main`, a parameter, a header, or `file:line:column` of an author's file.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
}

macro_rules! codes {
    ($($(#[$note:meta])* $name:ident = $text:literal $status:literal $title:literal;)*) => {
        /// Stable codes of problems. New ones are added, none changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Code {
            $(
                #[doc = $title]
                #[serde(rename = $text)]
                $name,
            )*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As it is written in JSON.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// HTTP status.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The same words for every problem of this code.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    InvalidRequest = "invalid_request" 400 "The request is not well-formed.";
    InvalidParameter = "invalid_parameter" 400 "A parameter of the address or a header is not valid.";
    InvalidArchive = "invalid_archive" 400 "The archive cannot be taken.";
    Unauthenticated = "unauthenticated" 401 "Sign in, or send a token.";
    InvalidCredentials = "invalid_credentials" 401 "Name and password do not fit together.";
    SignInFailed = "sign_in_failed" 401 "Signing in elsewhere did not succeed.";
    InvalidToken = "invalid_token" 401 "The token is unknown, over or revoked.";
    AccountDisabled = "account_disabled" 403 "The account is disabled.";
    CrossSite = "cross_site" 403 "A request of another site is not accepted with a session.";
    ScopeMissing = "scope_missing" 403 "The token is not for that.";
    AuthorRequired = "author_required" 403 "Only authors of the course may do that.";
    OperatorRequired = "operator_required" 403 "Only operators may do that.";
    NotFound = "not_found" 404 "There is no such thing.";
    MethodNotAllowed = "method_not_allowed" 405 "This address does not take that method.";
    NotAcceptable = "not_acceptable" 406 "The answer cannot be given in that form.";
    TooSlow = "too_slow" 408 "The body came too slowly.";
    AlreadyExists = "already_exists" 409 "It exists already.";
    WrongState = "wrong_state" 409 "Its state does not allow that now.";
    NotOpen = "not_open" 409 "It cannot be worked on now.";
    Locked = "locked" 409 "Something else must be passed first.";
    NoAttemptsLeft = "no_attempts_left" 409 "All attempts were made.";
    AttemptTooSoon = "attempt_too_soon" 409 "The next attempt must wait.";
    AttemptOver = "attempt_over" 409 "The attempt is over.";
    AnswerSuperseded = "answer_superseded" 409 "A newer answer is there.";
    DraftChanged = "draft_changed" 409 "The draft was changed elsewhere.";
    TooLarge = "too_large" 413 "The request is too large.";
    UnsupportedMediaType = "unsupported_media_type" 415 "That form of content is not taken here.";
    Invalid = "invalid" 422 "What was sent is not valid.";
    IdempotencyKeyReused = "idempotency_key_reused" 422 "The idempotency key was used for another request.";
    CourseInvalid = "course_invalid" 422 "The course has problems.";
    RateLimited = "rate_limited" 429 "Too many requests.";
    TooMuchQueued = "too_much_queued" 429 "Work of yours is still waiting or running.";
    Internal = "internal" 500 "A fault of the service.";
    Busy = "busy" 503 "The service is busy.";
    CourseFilesMissing = "course_files_missing" 503 "The files of the course are missing on the server.";
    NoWorker = "no_worker" 503 "Nothing can be judged at the moment.";
    NoEnvironment = "no_environment" 503 "What it needs is not installed at the moment.";
}

impl ProblemDocument {
    /// A problem without more than code and detail.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:carrel:problem:{}", code.name()),
            code,
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            request_id: None,
            retry_after_ms: None,
            errors: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_json_says_and_unique() {
        let mut names = std::collections::BTreeSet::new();
        for code in Code::ALL {
            let json = serde_json::to_value(code).unwrap();
            assert_eq!(json, code.name());
            assert!(names.insert(code.name()), "{} twice", code.name());
            assert!((400..600).contains(&code.status()));
        }
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let problem = ProblemDocument::new(Code::NotFound, "there is no course `x`");
        let json = serde_json::to_string(&problem).unwrap();
        assert_eq!(
            json,
            r#"{"type":"urn:carrel:problem:not_found","code":"not_found","title":"There is no such thing.","status":404,"detail":"there is no course `x`"}"#
        );
    }
}
