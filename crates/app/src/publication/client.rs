//! A client of a running service: the API over HTTP, with a token.

use std::io::{self, Read as _};
use std::net::IpAddr;
use std::time::Duration;

use carrel_api::problem::{MEDIA_TYPE, ProblemDocument};
use carrel_api::{Code, course::Published};
use carrel_web::publish::Preview;
use carrel_web::session::token::TokenText;
use serde::de::DeserializeOwned;
use ureq::http::{Response, StatusCode, Uri, header};
use ureq::{Agent, Body, SendBody};

use super::pack::Archive;
use crate::exit_code;
use crate::failure::Failure;

/// How long a connection may take to come about.
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);
/// How long one request may take: an archive is sent over slow lines too.
const REQUEST_PATIENCE: Duration = Duration::from_secs(900);
/// Largest answer that is read, bytes.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// Most problems of a course that are told.
const PROBLEMS_TOLD_MAX: usize = 200;

/// A service, and the token with which it is asked.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    /// Scheme, host and port.
    base: String,
    token: TokenText,
}

impl Client {
    /// A client of the service at this address.
    ///
    /// # Errors
    /// The address is none that a token may be sent to.
    pub fn new(address: &str, token: TokenText) -> Result<Self, Failure> {
        let (base, is_loopback) = parse_address(address)?;
        let mut config = Agent::config_builder()
            .timeout_connect(Some(CONNECT_PATIENCE))
            .timeout_global(Some(REQUEST_PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("carrel/", env!("CARGO_PKG_VERSION")));
        if is_loopback {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: config.build().new_agent(),
            base,
            token,
        })
    }

    /// What publishing would change for learners.
    ///
    /// # Errors
    /// The service refuses, or does not answer.
    pub fn preview(&self, course: &str, archive: &Archive) -> Result<Preview, Failure> {
        self.send(course, "preview=true", archive)
    }

    /// Publishes a version.
    ///
    /// # Errors
    /// The service refuses, or does not answer.
    pub fn publish(
        &self,
        course: &str,
        archive: &Archive,
        commit: Option<&str>,
    ) -> Result<Published, Failure> {
        let query = commit.map(|commit| format!("commit={commit}"));
        self.send(course, &query.unwrap_or_default(), archive)
    }

    fn send<T: DeserializeOwned>(
        &self,
        course: &str,
        query: &str,
        archive: &Archive,
    ) -> Result<T, Failure> {
        let path = format!("/courses/{}/versions?{query}", percent(course));
        let mut content = archive.open().map_err(|error| {
            Failure::platform(anyhow::Error::new(error).context("reading the archive"))
        })?;
        let request = self
            .agent
            .post(self.url(&path))
            .header(header::AUTHORIZATION, self.bearer())
            .header(header::CONTENT_TYPE, archive.media_type())
            .header(header::CONTENT_LENGTH, archive.bytes());
        let answered = request.send(SendBody::from_reader(&mut content));
        self.read(answered)
    }

    /// Something of the API, by its path below `/api/v1`.
    ///
    /// # Errors
    /// The service refuses, or does not answer.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let request = self.agent.get(self.url(path));
        let request = request.header(header::AUTHORIZATION, self.bearer());
        self.read(request.header(header::ACCEPT, "application/json").call())
    }

    /// A table of the API, as CSV.
    ///
    /// # Errors
    /// The service refuses, or does not answer.
    pub fn get_table(&self, path: &str) -> Result<String, Failure> {
        let request = self.agent.get(self.url(path));
        let request = request.header(header::AUTHORIZATION, self.bearer());
        let (kind, bytes) = self.take(request.header(header::ACCEPT, "text/csv").call())?;
        let text = String::from_utf8(bytes);
        match text {
            Ok(text) if kind == "text/csv" => Ok(text),
            _ => Err(self.stranger(&format!("answered with `{kind}`, not with a table"))),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.base)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.reveal())
    }

    fn read<T: DeserializeOwned>(
        &self,
        answered: Result<Response<Body>, ureq::Error>,
    ) -> Result<T, Failure> {
        let (kind, bytes) = self.take(answered)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            self.stranger(&format!(
                "answered something (`{kind}`) that is not understood: {error}"
            ))
        })
    }

    /// Kind and bytes of an answer that is none of trouble.
    fn take(
        &self,
        answered: Result<Response<Body>, ureq::Error>,
    ) -> Result<(String, Vec<u8>), Failure> {
        let mut answer = answered.map_err(|error| self.unreachable(error))?;
        let status = answer.status();
        let kind = media_type(&answer);
        let mut bytes = Vec::new();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        body.reader()
            .read_to_end(&mut bytes)
            .map_err(|error| self.unreachable(ureq::Error::Io(error)))?;
        if status.is_success() {
            return Ok((kind, bytes));
        }
        if kind == MEDIA_TYPE
            && let Ok(problem) = serde_json::from_slice::<ProblemDocument>(&bytes)
        {
            return Err(explain(&problem));
        }
        let place = answer.headers().get(header::LOCATION);
        let place = place.and_then(|place| place.to_str().ok());
        Err(self.explain_status(status, place))
    }

    /// Nothing came back.
    fn unreachable(&self, error: ureq::Error) -> Failure {
        let hint = match &error {
            ureq::Error::HostNotFound => "there is no such host; look at --to or --from",
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                "nothing listens there: is the service running, and is this its port?"
            }
            ureq::Error::Timeout(_) => "it took too long; try again, or look at the connection",
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
                "the secure connection was refused; look at the certificate of the service"
            }
            _ => "look at the address and at the connection",
        };
        let error =
            anyhow::Error::new(error).context(format!("asking the service at {}", self.base));
        Failure::platform(error).hint(hint)
    }

    /// An answer of trouble that is not in the service's own form: something stands before it, or
    /// it is another program.
    fn explain_status(&self, status: StatusCode, place: Option<&str>) -> Failure {
        let problem = match status.as_u16() {
            300..=399 => {
                let place = place.unwrap_or("elsewhere").escape_debug().to_string();
                return self
                    .stranger(&format!("sends on to `{place}`"))
                    .hint("name the address that it sends on to, as far as the host");
            }
            413 => {
                let text = "refuses requests of this size (413), not Carrel itself but something before it";
                return self
                    .stranger(text)
                    .hint("the proxy before the service has a limit of its own: have it raised");
            }
            502..=504 => "answers only by a proxy: the service behind it is away",
            _ => "does not answer as Carrel does",
        };
        self.stranger(&format!("{problem} ({status})"))
    }

    fn stranger(&self, problem: &str) -> Failure {
        Failure::platform(anyhow::anyhow!("the server at {} {problem}", self.base))
            .hint("is that the address of a Carrel service, without a path?")
    }
}

/// A refusal of the service, and whose turn it is.
fn explain(problem: &ProblemDocument) -> Failure {
    let mut text = problem.detail.clone();
    for error in problem.errors.iter().take(PROBLEMS_TOLD_MAX) {
        text.push_str(&format!("\n{}: {}", error.field, error.message));
        if let Some(hint) = &error.hint {
            text.push_str(&format!(" ({hint})"));
        }
    }
    let (code, hint) = match problem.code {
        Code::Unauthenticated | Code::InvalidToken | Code::AccountDisabled => (
            exit_code::USAGE,
            "the token does not count there (any more): make another on the account page of that service, or with `carrel admin token create`",
        ),
        Code::ScopeMissing => (
            exit_code::USAGE,
            "make a token with the scope `author` that is for this course or for all",
        ),
        Code::AuthorRequired => (
            exit_code::USAGE,
            "have yourself made an author of the course: `carrel admin role set NAME COURSE author`",
        ),
        Code::OperatorRequired => (
            exit_code::USAGE,
            "a course that is new is brought by an operator, with a token of the scopes `author` and `operate`",
        ),
        Code::NotFound => (
            exit_code::USAGE,
            "look at the id; what is none of your business is not there either",
        ),
        Code::CourseInvalid | Code::InvalidArchive | Code::TooLarge => {
            (exit_code::BAD_CHALLENGE, "nothing was published")
        }
        _ => (exit_code::PLATFORM_FAULT, ""),
    };
    let mut failure = Failure::new(code, anyhow::anyhow!("the service refuses: {text}"));
    if !hint.is_empty() {
        failure = failure.hint(hint);
    }
    if let Some(after_ms) = problem.retry_after_ms {
        failure = failure.hint(format!("try again in {} s", after_ms.div_ceil(1_000)));
    }
    match &problem.request_id {
        Some(id) => failure.hint(format!("its log knows this request as {id}")),
        None => failure,
    }
}

fn media_type(answer: &Response<Body>) -> String {
    let value = answer.headers().get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    let kind = value.unwrap_or_default().split(';').next();
    kind.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Scheme, host and port of an address, and whether it is this machine's own.
fn parse_address(address: &str) -> Result<(String, bool), Failure> {
    let shown = address.escape_debug().to_string();
    let wrong = |problem: &str| {
        Failure::usage(format!("the address `{shown}` {problem}"))
            .hint("it looks like https://carrel.example.org")
    };
    let uri: Uri = address.parse().map_err(|_| wrong("is none"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong("names no scheme and host"));
    };
    if authority.as_str().contains('@') {
        return Err(wrong("holds a name or password; use a token"));
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(wrong("has a path; only scheme, host and port are wanted"));
    }
    let host = uri.host().unwrap_or_default();
    let is_loopback = host == "localhost" || is_loopback_address(host);
    match scheme {
        "https" => {}
        "http" if is_loopback => {}
        "http" => {
            return Err(wrong(
                "is not secure: the token could be read on its way; use https",
            ));
        }
        _ => return Err(wrong("begins with neither https nor http")),
    }
    Ok((format!("{scheme}://{authority}"), is_loopback))
}

fn is_loopback_address(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// An id as a part of a path.
#[must_use]
pub fn percent(id: &str) -> String {
    let mut text = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_over_secure_connections_or_not_out_of_this_machine() {
        let base = |text: &str| parse_address(text).map(|(base, _)| base);
        assert_eq!(base("https://c.example/").unwrap(), "https://c.example");
        let local = base("http://127.0.0.1:8080").unwrap();
        assert_eq!(local, "http://127.0.0.1:8080");
        assert!(base("http://[::1]:8080").is_ok() && base("http://localhost").is_ok());
        for bad in [
            "http://c.example",
            "http://127.0.0.1.example",
            "ftp://c.example",
            "https://ann:pw@c.example",
            "https://c.example/courses/x",
            "https://c.example?x",
            "c.example",
            "",
        ] {
            assert!(base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refusal_tells_whose_turn_it_is() {
        let document = |code: Code| ProblemDocument {
            kind: String::new(),
            code,
            title: String::new(),
            status: code.status(),
            detail: "no".to_owned(),
            request_id: Some("r1".to_owned()),
            retry_after_ms: None,
            errors: Vec::new(),
        };
        let code = |code| explain(&document(code)).exit_code;
        assert_eq!(code(Code::InvalidToken), exit_code::USAGE);
        assert_eq!(code(Code::AuthorRequired), exit_code::USAGE);
        assert_eq!(code(Code::TooLarge), exit_code::BAD_CHALLENGE);
        assert_eq!(code(Code::Busy), exit_code::PLATFORM_FAULT);
        let hints = explain(&document(Code::ScopeMissing)).hints;
        assert!(hints.iter().any(|hint| hint.contains("r1")), "{hints:?}");
    }

    #[test]
    fn ids_cannot_lead_elsewhere() {
        assert_eq!(percent("a/../b?c"), "a%2F..%2Fb%3Fc");
    }
}
