//! The cookie of a signed-in browser.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use super::secret::Secret;

/// Name over HTTPS: the `__Host-` prefix makes browsers keep it for this host alone, over
/// HTTPS alone (RFC 6265bis §4.1.3.2).
const NAME: &str = "__Host-carrel";
/// Name where plain HTTP is allowed: on this machine, while developing.
const PLAIN_NAME: &str = "carrel";

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The session.
    Session,
    /// A sign-in at an OpenID Connect provider that is under way.
    OpenId,
}

/// How cookies are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookies {
    /// Without `Secure` and `__Host-`: for plain HTTP on the loopback interface.
    pub plain_http: bool,
}

impl Cookies {
    /// Name of the cookie.
    #[must_use]
    pub fn name(self, purpose: Purpose) -> String {
        let name = if self.plain_http { PLAIN_NAME } else { NAME };
        match purpose {
            Purpose::Session => name.to_owned(),
            Purpose::OpenId => format!("{name}-openid"),
        }
    }

    /// Value of a `Set-Cookie` header that gives the browser this secret.
    #[must_use]
    pub fn set(self, purpose: Purpose, value: String, seconds: i64) -> String {
        self.build(purpose, value)
            .max_age(Duration::seconds(seconds))
            .build()
            .to_string()
    }

    /// Value of a `Set-Cookie` header that takes the cookie away.
    #[must_use]
    pub fn clear(self, purpose: Purpose) -> String {
        self.build(purpose, String::new())
            .max_age(Duration::ZERO)
            .build()
            .to_string()
    }

    fn build(self, purpose: Purpose, value: String) -> cookie::CookieBuilder<'static> {
        Cookie::build((self.name(purpose), value))
            .path("/")
            .http_only(true)
            .secure(!self.plain_http)
            .same_site(SameSite::Lax)
    }

    /// The value in a `Cookie` header; `None`: it is not there, or there twice (somebody set
    /// another one from a neighbouring host: which is ours cannot be known).
    #[must_use]
    pub fn value(self, purpose: Purpose, header: &str) -> Option<String> {
        let name = self.name(purpose);
        let mut found = Cookie::split_parse(header)
            .flatten()
            .filter(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned());
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The session's secret in a `Cookie` header.
    #[must_use]
    pub fn secret(self, header: &str) -> Option<Secret> {
        Secret::parse(&self.value(Purpose::Session, header)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOKIES: Cookies = Cookies { plain_http: false };

    #[test]
    fn a_cookie_is_for_this_host_over_https_and_not_for_scripts() {
        let header = COOKIES.set(Purpose::Session, "x".into(), 60);
        let mut parts: Vec<&str> = header.split("; ").collect();
        parts.sort_unstable();
        let expected = [
            "HttpOnly",
            "Max-Age=60",
            "Path=/",
            "SameSite=Lax",
            "Secure",
            "__Host-carrel=x",
        ];
        assert_eq!(parts, expected);
        assert!(COOKIES.clear(Purpose::Session).contains("Max-Age=0"));
        let plain = Cookies { plain_http: true };
        let header = plain.set(Purpose::Session, "x".into(), 60);
        assert!(
            header.starts_with("carrel=x") && !header.contains("Secure"),
            "{header}"
        );
    }

    #[test]
    fn only_one_of_our_name_is_read() {
        let secret = Secret::generate().unwrap();
        let text = secret.reveal();
        let read = |header: String| COOKIES.secret(&header);
        assert_eq!(
            read(format!("a=b; __Host-carrel={text}; c=d")),
            Some(secret)
        );
        assert_eq!(read(format!("carrel={text}")), None);
        assert_eq!(
            read(format!("__Host-carrel={text}; __Host-carrel={text}")),
            None
        );
        assert_eq!(read("__Host-carrel=short; ;;= ".to_owned()), None);
    }
}
