//! Signing in at an OpenID Connect provider: authorization code flow with PKCE (OpenID Connect
//! Core 1.0 §3.1, RFC 7636, RFC 9700).
//!
//! State, nonce and code verifier are all derived from one random secret in a cookie of the
//! browser that began, so nothing is kept here meanwhile and nobody else's browser can end it.

pub mod flow;
pub mod id_token;
pub mod key;
pub mod provider;

pub use flow::Flow;
pub use id_token::Claims;
pub use provider::{Provider, is_secure};

/// The provider, as configured.
#[derive(Clone)]
pub struct Settings {
    /// Issuer: an https URL, or http on the loopback interface. Discovery starts here.
    pub issuer: String,
    /// Id of this service as the provider knows it.
    pub client_id: String,
    /// Secret of this service at the provider; `None`: a public client.
    pub client_secret: Option<String>,
    /// Somebody who is not known yet gets an account; else an operator links accounts.
    pub create_users: bool,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("create_users", &self.create_users)
            .finish_non_exhaustive()
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The provider cannot be asked.
    #[error("asking the OpenID Connect provider for its {what} at `{url}`")]
    Unreachable {
        /// What was asked for.
        what: &'static str,
        /// Where.
        url: String,
        /// Why not.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The provider answers something that does not fit.
    #[error("the OpenID Connect provider's {what} does not fit: {problem}")]
    Answer {
        /// What was asked for.
        what: &'static str,
        /// What does not fit.
        problem: String,
    },
    /// The provider does not take the code.
    #[error("the OpenID Connect provider refuses: {0}")]
    Refused(String),
    /// What the provider says of the person does not hold.
    #[error("checking the id token")]
    IdToken(#[from] id_token::Error),
    /// The provider did not answer as it should a moment ago.
    #[error("the OpenID Connect provider did not answer as it should a moment ago")]
    Failing,
    /// The thread that asked is gone.
    #[error("asking the OpenID Connect provider was broken off")]
    BrokenOff,
}
