//! Where deliveries may go: not into the network that the service itself stands in, and not to the
//! machine itself, whose public address answers what nobody else may reach.
//!
//! The name is resolved once, every address is looked at, and the connection is
//! made to an address that was looked at: a name that changes between the two
//! (DNS rebinding) gains nothing. Redirects are not followed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::Uri;
use carrel_api::limits::URL_BYTES_MAX;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Why a URL is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Longer than [`URL_BYTES_MAX`].
    #[error("is longer than {URL_BYTES_MAX} bytes")]
    Long,
    /// Not a URL with scheme and host.
    #[error("is not a URL such as `https://example.org/hook`")]
    Malformed,
    /// Neither `https` nor, where that is allowed, `http`.
    #[error("is not `https`")]
    Scheme,
    /// Holds a name and password.
    #[error("holds a name and password; the signature tells who sends")]
    Credentials,
    /// An address of a private network.
    #[error("is an address of a private network, which the operator has not allowed")]
    Private,
    /// An address of this machine.
    #[error("is an address of this machine, which the operator has not allowed")]
    Own,
    /// Whether it is one of this machine is not known.
    #[error("cannot be looked at: the addresses of this machine cannot be read")]
    Unknown,
}

/// Looks at a URL as it is written; names are looked at when they are resolved.
///
/// # Errors
/// Why it is not taken.
pub fn check_url(url: &str, private_allowed: bool) -> Result<(), UrlError> {
    check(url, private_allowed, private_allowed)
}

/// The same for the callback of one submission. It may go over `http`: what it tells is its
/// sender's own, and clients of the service whose interface it is listen so.
///
/// # Errors
/// Why it is not taken.
pub fn check_callback(url: &str, private_allowed: bool) -> Result<(), UrlError> {
    check(url, true, private_allowed)
}

fn check(url: &str, plain_allowed: bool, private_allowed: bool) -> Result<(), UrlError> {
    if url.len() > URL_BYTES_MAX {
        return Err(UrlError::Long);
    }
    let uri: Uri = url.parse().map_err(|_| UrlError::Malformed)?;
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if plain_allowed => {}
        Some(_) => return Err(UrlError::Scheme),
        None => return Err(UrlError::Malformed),
    }
    let authority = uri.authority().ok_or(UrlError::Malformed)?;
    if authority.as_str().contains('@') {
        return Err(UrlError::Credentials);
    }
    let host = authority.host().trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(address) if !private_allowed => check_address(address, &own_addresses()?),
        _ => Ok(()),
    }
}

fn check_address(address: IpAddr, own: &[IpAddr]) -> Result<(), UrlError> {
    if !is_public(address) {
        Err(UrlError::Private)
    } else if own.contains(&address.to_canonical()) {
        Err(UrlError::Own)
    } else {
        Ok(())
    }
}

/// Addresses of all interfaces of this machine. They are read each time, for they come and go.
fn own_addresses() -> Result<Vec<IpAddr>, UrlError> {
    let interfaces = nix::ifaddrs::getifaddrs().map_err(|error| {
        tracing::warn!(%error, "reading the addresses of this machine");
        UrlError::Unknown
    })?;
    let addresses = interfaces.filter_map(|interface| interface.address);
    let addresses = addresses.filter_map(|address| {
        let v4 = address.as_sockaddr_in().map(|known| known.ip().into());
        v4.or_else(|| address.as_sockaddr_in6().map(|known| known.ip().into()))
    });
    Ok(addresses.collect())
}

/// Whether an address is one of the public network (IANA special-purpose registries, RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let relay = a == 192 && b == 88 && c == 99;
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || a >= 240
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || shared
        || protocol
        || relay
        || benchmark)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Global unicast is 2000::/3; in it are tunnels that hold an IPv4 address, and documentation.
    let global = segments[0] & 0xe000 == 0x2000;
    let teredo_or_special = segments[0] == 0x2001 && segments[1] < 0x0200;
    let documentation = (segments[0] == 0x2001 && segments[1] == 0x0db8) || segments[0] == 0x3fff;
    let six_to_four = segments[0] == 0x2002;
    global && !teredo_or_special && !documentation && !six_to_four
}

/// What a name leads to.
#[derive(Debug, thiserror::Error)]
#[error("what the name leads to {0}")]
struct Inside(UrlError);

/// Resolves names to public addresses of other machines only.
#[derive(Debug, Default)]
pub(super) struct PublicOnly {
    pub(super) inner: DefaultResolver,
    pub(super) private_allowed: bool,
}

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let all = self.inner.resolve(uri, config, timeout)?;
        if self.private_allowed {
            return Ok(all);
        }
        let refuse = |error: UrlError| ureq::Error::Io(io::Error::other(Inside(error)));
        let own = own_addresses().map_err(refuse)?;
        let (mut kept, mut refused) = (self.empty(), None);
        for address in all.iter() {
            match check_address(address.ip(), &own) {
                Ok(()) => kept.push(*address),
                Err(error) => refused = Some(error),
            }
        }
        if let (true, Some(error)) = (kept.is_empty(), refused) {
            return Err(refuse(error));
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_are_not_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn addresses_of_this_machine_are_told_apart_however_they_are_written() {
        let own = own_addresses().unwrap();
        assert!(own.contains(&Ipv4Addr::LOCALHOST.into()), "{own:?}");
        let own: Vec<IpAddr> = vec!["1.2.3.4".parse().unwrap(), "2606:4700::1".parse().unwrap()];
        for (address, told) in [
            ("1.2.3.4", Err(UrlError::Own)),
            ("::ffff:1.2.3.4", Err(UrlError::Own)),
            ("2606:4700::1", Err(UrlError::Own)),
            ("1.2.3.5", Ok(())),
            ("10.0.0.1", Err(UrlError::Private)),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(check_address(address, &own), told, "{address}");
        }
    }

    #[test]
    fn urls_that_are_not_taken() {
        for (url, error) in [
            ("ftp://example.org/", UrlError::Scheme),
            ("http://example.org/", UrlError::Scheme),
            ("example.org", UrlError::Malformed),
            ("https://a:b@example.org/", UrlError::Credentials),
            ("https://127.0.0.1/", UrlError::Private),
            ("https://[::1]:8080/", UrlError::Private),
        ] {
            assert_eq!(check_url(url, false), Err(error), "{url}");
        }
        assert_eq!(check_url("https://example.org/hook?x=1", false), Ok(()));
        assert_eq!(check_url("http://127.0.0.1:9/", true), Ok(()));
        for (url, told) in [
            ("http://example.org/hook", Ok(())),
            ("https://example.org/hook", Ok(())),
            ("ftp://example.org/", Err(UrlError::Scheme)),
            ("http://127.0.0.1:9/", Err(UrlError::Private)),
            ("http://[fd00::1]/", Err(UrlError::Private)),
        ] {
            assert_eq!(check_callback(url, false), told, "{url}");
        }
        assert_eq!(check_callback("http://127.0.0.1:9/", true), Ok(()));
    }
}
