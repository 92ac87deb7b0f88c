//! The part of an address that failures and rates are counted for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Part of an address that one sender can hardly leave: a whole IPv4 address, the first 64 bits
/// of an IPv6 one (RFC 6177: a site has at least that).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl Network {
    /// That of an address. What comes from no address that we know (a local socket whose proxy
    /// tells none) is counted together.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let first = u128::from(address) & (u128::MAX << 64);
                Self(IpAddr::V6(Ipv6Addr::from(first)))
            }
            address => Self(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_one_network() {
        let of = |text: &str| Network::of(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1:2:3"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
