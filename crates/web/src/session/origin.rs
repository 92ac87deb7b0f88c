//! Whether a request with a cookie was made by a page of ours: the guard against requests that
//! another site's page makes in the name of whoever looks at it (CSRF).
//!
//! `Sec-Fetch-Site` (Fetch Metadata) is the browser's own word; where it is missing, the `Origin`
//! header must name this host. A request with a cookie and neither is refused: programs use tokens.

use axum::http::{HeaderMap, Method, header};

/// Why a request is not taken for one of our own pages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Foreign {
    /// The browser says so.
    #[error("the browser says that another site made this request (Sec-Fetch-Site: {0})")]
    Site(String),
    /// It comes from elsewhere.
    #[error("the request comes from a page of `{0}`")]
    Origin(String),
    /// Nobody says where from.
    #[error("the request carries a cookie, but neither Sec-Fetch-Site nor Origin")]
    Unknown,
}

/// Whether a request with this method changes something, or opens a channel that can.
#[must_use]
pub fn is_unsafe(method: &Method, headers: &HeaderMap) -> bool {
    // A WebSocket begins with a GET that browsers send across sites, with cookies.
    let upgrade = headers.contains_key(header::UPGRADE);
    upgrade || !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether the request comes from a page of this service.
///
/// `own` is the origin that browsers see (`https://carrel.example`), where it is configured;
/// else the `Host` header stands for it.
///
/// # Errors
/// It does not, or nobody says so.
pub fn check_same_origin(headers: &HeaderMap, own: Option<&str>) -> Result<(), Foreign> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return match site {
            "same-origin" => Ok(()),
            other => Err(Foreign::Site(other.to_owned())),
        };
    }
    let origin = text("origin").ok_or(Foreign::Unknown)?;
    let same = match own {
        Some(own) => origin.eq_ignore_ascii_case(own.trim_end_matches('/')),
        None => text("host").is_some_and(|host| is_of_host(origin, host)),
    };
    if same {
        Ok(())
    } else {
        Err(Foreign::Origin(origin.to_owned()))
    }
}

/// As [`check_same_origin`], for a request that carries no cookie yet (signing in): a program
/// that says nothing about where it comes from may, a page of another site may not.
///
/// # Errors
/// It comes from another site.
pub fn check_not_foreign(headers: &HeaderMap, own: Option<&str>) -> Result<(), Foreign> {
    match check_same_origin(headers, own) {
        Err(Foreign::Unknown) => Ok(()),
        other => other,
    }
}

fn is_of_host(origin: &str, host: &str) -> bool {
    let rest = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn check(pairs: &[(&'static str, &str)], own: Option<&str>) -> Result<(), Foreign> {
        check_same_origin(&headers(pairs), own)
    }

    #[test]
    fn the_browsers_word_comes_first() {
        assert_eq!(check(&[("sec-fetch-site", "same-origin")], None), Ok(()));
        for site in ["cross-site", "same-site", "none", "é"] {
            let found = check(
                &[
                    ("sec-fetch-site", site),
                    ("origin", "https://a"),
                    ("host", "a"),
                ],
                None,
            );
            assert!(matches!(found, Err(Foreign::Site(_))), "{site}");
        }
    }

    #[test]
    fn without_it_the_origin_must_be_this_host() {
        let of = |origin, host| check(&[("origin", origin), ("host", host)], None);
        assert_eq!(of("https://a.example:8443", "A.example:8443"), Ok(()));
        assert!(of("https://a.example", "b.example").is_err());
        assert!(of("https://a.example", "a.example.b").is_err());
        assert!(of("null", "null").is_err());
        assert!(of("https://a.example:1", "a.example").is_err());
        assert_eq!(check(&[("host", "a")], None), Err(Foreign::Unknown));
    }

    #[test]
    fn a_configured_origin_stands_for_the_host() {
        let own = Some("https://a.example/");
        assert_eq!(
            check(
                &[("origin", "https://a.example"), ("host", "10.0.0.1")],
                own
            ),
            Ok(())
        );
        assert!(
            check(
                &[("origin", "http://a.example"), ("host", "a.example")],
                own
            )
            .is_err()
        );
        assert!(check(&[("origin", "https://10.0.0.1"), ("host", "10.0.0.1")], own).is_err());
    }

    #[test]
    fn signing_in_by_a_program_is_not_foreign() {
        assert_eq!(check_not_foreign(&headers(&[]), None), Ok(()));
        let foreign = headers(&[("origin", "https://evil.example"), ("host", "a")]);
        assert!(check_not_foreign(&foreign, None).is_err());
    }

    #[test]
    fn reading_is_safe_and_a_socket_is_not() {
        assert!(!is_unsafe(&Method::GET, &headers(&[])));
        assert!(is_unsafe(
            &Method::GET,
            &headers(&[("upgrade", "websocket")])
        ));
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(is_unsafe(&method, &headers(&[])));
        }
    }
}
