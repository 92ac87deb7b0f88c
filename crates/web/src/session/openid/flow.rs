//! One sign-in that is under way, all of it in the browser's cookie.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::session::secret::{Secret, hash};

/// Longest address within the service to return to, bytes.
const RETURN_BYTES_MAX: usize = 512;
/// How long a sign-in may be under way, seconds.
pub const SECONDS: i64 = 600;

/// A sign-in that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    secret: Secret,
    /// Path within the service to go to afterwards.
    pub return_to: String,
}

impl Flow {
    /// Begins one.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn begin(return_to: Option<&str>) -> Result<Self, getrandom::Error> {
        let return_to = return_to.filter(|path| is_own_path(path)).unwrap_or("/");
        Ok(Self {
            secret: Secret::generate()?,
            return_to: return_to.to_owned(),
        })
    }

    /// What the cookie holds.
    #[must_use]
    pub fn cookie_value(&self) -> String {
        let path = URL_SAFE_NO_PAD.encode(&self.return_to);
        format!("{}.{path}", self.secret.reveal())
    }

    /// Reads [`Flow::cookie_value`].
    #[must_use]
    pub fn parse(cookie: &str) -> Option<Self> {
        let (secret, path) = cookie.split_once('.')?;
        let path = String::from_utf8(URL_SAFE_NO_PAD.decode(path).ok()?).ok()?;
        is_own_path(&path).then_some(())?;
        Some(Self {
            secret: Secret::parse(secret)?,
            return_to: path,
        })
    }

    fn derive(&self, purpose: &str) -> String {
        let text = format!("carrel openid {purpose} {}", self.secret.reveal());
        URL_SAFE_NO_PAD.encode(hash(text))
    }

    /// `state`: binds the provider's answer to this browser.
    #[must_use]
    pub fn state(&self) -> String {
        self.derive("state")
    }

    /// Whether an answer with this `state` belongs to this browser.
    #[must_use]
    pub fn is_state(&self, state: &str) -> bool {
        self.state().as_bytes().ct_eq(state.as_bytes()).into()
    }

    /// `nonce`: binds the id token to this browser.
    #[must_use]
    pub fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// `code_verifier` (RFC 7636 §4.1): binds the code to this browser.
    #[must_use]
    pub fn verifier(&self) -> String {
        self.derive("verifier")
    }

    /// `code_challenge`, by S256.
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(hash(self.verifier()))
    }
}

/// Whether a path stays within the service: `//host` and `/\host` do not.
pub(crate) fn is_own_path(path: &str) -> bool {
    let mut letters = path.chars();
    path.len() <= RETURN_BYTES_MAX
        && letters.next() == Some('/')
        && !matches!(letters.next(), Some('/' | '\\'))
        && path.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_its_cookie() {
        let flow = Flow::begin(Some("/courses/a?b=c")).unwrap();
        let read = Flow::parse(&flow.cookie_value()).unwrap();
        assert_eq!(read, flow);
        assert!(read.is_state(&flow.state()));
        let other = Flow::begin(None).unwrap();
        assert!(!other.is_state(&flow.state()));
        assert!(!other.is_state(""));
        let values = [
            flow.state(),
            flow.nonce(),
            flow.verifier(),
            flow.challenge(),
        ];
        let different: std::collections::BTreeSet<_> = values.iter().collect();
        assert_eq!(different.len(), 4);
        assert!(values.iter().all(|value| value.len() == 43));
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = URL_SAFE_NO_PAD.encode(hash(verifier));
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        let of = |path: &str| Flow::begin(Some(path)).unwrap().return_to;
        assert_eq!(of("/a"), "/a");
        for bad in [
            "",
            "a",
            "//evil",
            "/\\evil",
            "https://evil",
            "/a\r\nb",
            "/é",
            &"/".repeat(600),
        ] {
            assert_eq!(of(bad), "/", "{bad}");
        }
        assert!(Flow::parse("x.y").is_none());
        assert!(Flow::parse("").is_none());
    }
}
