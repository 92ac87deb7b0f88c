//! The provider at the other end: what it offers (OpenID Connect Discovery 1.0), its keys, and
//! the exchange of a code for an id token.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::flow::Flow;
use super::id_token::{self, Claims, Expected};
use super::key::{Key, KeySet};
use super::{Error, Settings};
use crate::containment::contain;

/// Longest answer read, bytes.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// Longest time for one question.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What was learnt of a provider is asked for again after this.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);
/// Unknown keys are asked for no more often than this.
const KEYS_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// A provider that did not answer is left alone for so long.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// A provider and what is known of it.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    agent: ureq::Agent,
    learnt: Mutex<Learnt>,
    /// Held while the provider is asked: by one for all who need to know.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Learnt {
    known: Option<Arc<Known>>,
    /// When the provider last did not answer as it should.
    failed: Option<Instant>,
}

#[derive(Debug)]
struct Known {
    metadata: Metadata,
    keys: Vec<Key>,
    since: Instant,
}

/// Metadata of a provider (OpenID Connect Discovery 1.0 §3), as far as it is used.
#[derive(Debug, Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// The token endpoint's answer (RFC 6749 §5).
#[derive(Deserialize)]
struct TokenAnswer {
    id_token: Option<String>,
    error: Option<String>,
}

impl Provider {
    /// One that nothing was asked of yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self {
            settings,
            agent: config.new_agent(),
            learnt: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// As configured.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where to send the browser, to come back to `redirect_uri`.
    ///
    /// # Errors
    /// The provider cannot be asked what it offers.
    pub async fn authorization_url(
        &self,
        flow: &Flow,
        redirect_uri: &str,
    ) -> Result<String, Error> {
        let known = self.known(KNOWN_FOR).await?;
        let endpoint = &known.metadata.authorization_endpoint;
        let separator = if endpoint.contains('?') { '&' } else { '?' };
        let (state, nonce, challenge) = (flow.state(), flow.nonce(), flow.challenge());
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", "openid profile email"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let parameters = parameters.map(|(name, value)| format!("{name}={}", percent(value)));
        Ok(format!("{endpoint}{separator}{}", parameters.join("&")))
    }

    /// Exchanges the code that the browser brought back, and checks what the provider says.
    ///
    /// # Errors
    /// The provider cannot be asked, does not take the code, or what it says does not count.
    pub async fn redeem(
        &self,
        flow: &Flow,
        code: &str,
        redirect_uri: &str,
    ) -> Result<Claims, Error> {
        let known = self.known(KNOWN_FOR).await?;
        let token = self
            .exchange(&known.metadata, flow, (code, redirect_uri))
            .await?;
        match self.check(&token, &known, flow) {
            // The provider may have new keys.
            Err(id_token::Error::UnknownKey) => {
                let known = self.known(KEYS_AGAIN_AFTER).await?;
                Ok(self.check(&token, &known, flow)?)
            }
            checked => Ok(checked?),
        }
    }

    fn check(&self, token: &str, known: &Known, flow: &Flow) -> Result<Claims, id_token::Error> {
        let nonce = flow.nonce();
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &nonce,
            now: Timestamp::now(),
        };
        id_token::check(token, &known.keys, expected)
    }

    /// What is known of the provider, not older than this.
    async fn known(&self, age_max: Duration) -> Result<Arc<Known>, Error> {
        if let Some(known) = self.learnt(age_max)? {
            return Ok(known);
        }
        let _asking = self.asking.lock().await;
        // Whoever asked meanwhile asked for all who waited.
        if let Some(known) = self.learnt(age_max)? {
            return Ok(known);
        }
        let (agent, issuer) = (self.agent.clone(), self.settings.issuer.clone());
        let asked = tokio::task::spawn_blocking(move || contain(|| ask(&agent, &issuer))).await;
        let asked = asked.map_err(|_| Error::BrokenOff)?.map(Arc::new);
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        match &asked {
            Ok(known) => {
                *learnt = Learnt {
                    known: Some(Arc::clone(known)),
                    failed: None,
                };
            }
            Err(_) => learnt.failed = Some(Instant::now()),
        }
        asked
    }

    /// What is known and not older than this; `None`: ask.
    fn learnt(&self, age_max: Duration) -> Result<Option<Arc<Known>>, Error> {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let known = learnt.known.as_ref();
        if let Some(known) = known.filter(|known| known.since.elapsed() < age_max) {
            return Ok(Some(Arc::clone(known)));
        }
        match learnt.failed {
            Some(failed) if failed.elapsed() < FAILED_FOR => Err(Error::Failing),
            _ => Ok(None),
        }
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        flow: &Flow,
        (code, redirect_uri): (&str, &str),
    ) -> Result<String, Error> {
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("code_verifier", flow.verifier()),
        ];
        let basic = self.authenticate(metadata, &mut form);
        let (agent, url) = (self.agent.clone(), metadata.token_endpoint.clone());
        let send = move || {
            let mut request = agent.post(&url).header("accept", "application/json");
            if let Some(basic) = basic {
                request = request.header("authorization", basic);
            }
            let what = "id token";
            let sent = request.send_form(form);
            let answer = sent.map_err(|source| unreachable(what, &url, source))?;
            read::<TokenAnswer>(what, answer)
        };
        let (status, answer) = tokio::task::spawn_blocking(|| contain(send))
            .await
            .map_err(|_| Error::BrokenOff)??;
        match answer {
            TokenAnswer {
                id_token: Some(token),
                error: None,
            } if status == 200 => Ok(token),
            TokenAnswer { error, .. } => Err(Error::Refused(
                error.unwrap_or_else(|| format!("status {status}")),
            )),
        }
    }

    /// Says who we are: in a header where the provider takes that (RFC 6749 §2.3.1), else in the form.
    fn authenticate(
        &self,
        metadata: &Metadata,
        form: &mut Vec<(&'static str, String)>,
    ) -> Option<String> {
        let Settings {
            client_id,
            client_secret,
            ..
        } = &self.settings;
        let Some(secret) = client_secret else {
            form.push(("client_id", client_id.clone()));
            return None;
        };
        let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
        let takes = |method: &str| methods.is_some_and(|all| all.iter().any(|one| one == method));
        if methods.is_none() || takes("client_secret_basic") {
            let pair = format!("{}:{}", percent(client_id), percent(secret));
            return Some(format!("Basic {}", STANDARD.encode(pair)));
        }
        form.push(("client_id", client_id.clone()));
        form.push(("client_secret", secret.clone()));
        None
    }
}

/// Asks for metadata and keys.
fn ask(agent: &ureq::Agent, issuer: &str) -> Result<Known, Error> {
    let url = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    require_secure("metadata", &url)?;
    let metadata: Metadata = get(agent, "metadata", &url)?;
    if metadata.issuer != issuer {
        let problem = format!("its issuer is `{}`, not `{issuer}`", metadata.issuer);
        return Err(Error::Answer {
            what: "metadata",
            problem,
        });
    }
    for url in [
        &metadata.authorization_endpoint,
        &metadata.token_endpoint,
        &metadata.jwks_uri,
    ] {
        require_secure("metadata", url)?;
    }
    let keys: KeySet = get(agent, "keys", &metadata.jwks_uri)?;
    Ok(Known {
        metadata,
        keys: keys.usable(),
        since: Instant::now(),
    })
}

/// Over https, or to this machine.
#[must_use]
pub fn is_secure(url: &str) -> bool {
    let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"]
        .iter()
        .any(|start| {
            let rest = url.strip_prefix(start);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
    let host = url.strip_prefix("https://");
    local || host.is_some_and(|host| !host.is_empty())
}

fn require_secure(what: &'static str, url: &str) -> Result<(), Error> {
    if is_secure(url) {
        return Ok(());
    }
    let problem = format!("`{url}` is not https");
    Err(Error::Answer { what, problem })
}

fn get<T: DeserializeOwned>(
    agent: &ureq::Agent,
    what: &'static str,
    url: &str,
) -> Result<T, Error> {
    let asked = agent.get(url).header("accept", "application/json").call();
    let answer = asked.map_err(|source| unreachable(what, url, source))?;
    let (status, value) = read(what, answer)?;
    if status == 200 {
        return Ok(value);
    }
    Err(Error::Answer {
        what,
        problem: format!("status {status}"),
    })
}

fn read<T: DeserializeOwned>(
    what: &'static str,
    mut answer: ureq::http::Response<ureq::Body>,
) -> Result<(u16, T), Error> {
    let status = answer.status().as_u16();
    let wrong = |problem: String| Error::Answer { what, problem };
    let body = answer
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES_MAX)
        .read_to_vec();
    let body = body.map_err(|error| wrong(format!("status {status}: {error}")))?;
    let value = serde_json::from_slice(&body);
    value
        .map(|value| (status, value))
        .map_err(|error| wrong(format!("status {status}: {error}")))
}

fn unreachable(what: &'static str, url: &str, source: ureq::Error) -> Error {
    Error::Unreachable {
        what,
        url: url.to_owned(),
        source: Box::new(source),
    }
}

/// Percent-encodes all but unreserved characters (RFC 3986 §2.3).
fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for good in [
            "https://a.example/x",
            "http://127.0.0.1:80/x",
            "http://localhost/x",
        ] {
            assert!(require_secure("x", good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://127.0.0.1.evil",
            "http://localhost.evil/",
            "ftp://a",
        ] {
            assert!(require_secure("x", bad).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_provider_that_fails_is_asked_once_for_all_who_wait() {
        use std::sync::atomic::{AtomicU32, Ordering};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        let provider = Provider::new(Settings {
            issuer,
            client_id: "carrel".to_owned(),
            client_secret: None,
            create_users: false,
        });
        let first = provider.known(KNOWN_FOR).await;
        assert!(matches!(first, Err(Error::Unreachable { .. })), "{first:?}");
        let asked_first = asked.load(Ordering::SeqCst);
        let all = (0..20).map(|_| provider.known(KNOWN_FOR));
        for next in futures_util::future::join_all(all).await {
            assert!(matches!(next, Err(Error::Failing)), "{next:?}");
        }
        assert_eq!(asked.load(Ordering::SeqCst), asked_first);
    }

    #[test]
    fn parameters_are_encoded() {
        assert_eq!(percent("a b&c=/é~"), "a%20b%26c%3D%2F%C3%A9~");
    }
}
