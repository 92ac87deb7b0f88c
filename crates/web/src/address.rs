//! Where a request comes from.

use std::net::IpAddr;

use aide::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app::App;

/// Name of the header in which a proxy tells the address it answers for.
const FORWARDED: &str = "x-forwarded-for";

/// Who is at the other end of the connection; [`crate::serve`] puts it into the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A TCP connection from there.
    Address(IpAddr),
    /// A Unix socket.
    Local,
}

/// Address of the client: that of the connection, or what a trusted proxy tells. `None`: not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub Option<IpAddr>);

impl ClientAddress {
    /// From a connection and the headers of a request.
    #[must_use]
    pub fn find(peer: Option<Peer>, forwarded: Option<&str>, trusted: &[IpAddr]) -> Self {
        let (direct, believed) = match peer {
            None => (None, false),
            Some(Peer::Local) => (None, true),
            Some(Peer::Address(address)) => {
                let address = address.to_canonical();
                let believed = address.is_loopback() || trusted.contains(&address);
                (Some(address), believed)
            }
        };
        if !believed {
            return Self(direct);
        }
        // The last entry was written by the proxy itself; those before may be anybody's invention.
        let told = forwarded
            .and_then(|list| list.rsplit(',').next())
            .and_then(|entry| entry.trim().parse().ok());
        Self(told.or(direct))
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<Peer>().copied();
        // Several headers are one list: the last line is the proxy's.
        let forwarded = parts.headers.get_all(FORWARDED).iter().next_back();
        let forwarded = forwarded.and_then(|value| value.to_str().ok());
        Ok(Self::find(peer, forwarded, &app.config.trusted_proxies))
    }
}

impl OperationInput for ClientAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_entry() {
        let find = |peer: &str, trusted: &[IpAddr]| {
            let peer = Peer::Address(peer.parse().unwrap());
            ClientAddress::find(Some(peer), Some("1.1.1.1, 9.9.9.9"), trusted)
                .0
                .unwrap()
                .to_string()
        };
        assert_eq!(find("127.0.0.1", &[]), "9.9.9.9");
        assert_eq!(find("8.8.8.8", &[]), "8.8.8.8");
        assert_eq!(find("8.8.8.8", &["8.8.8.8".parse().unwrap()]), "9.9.9.9");
        assert_eq!(find("::ffff:127.0.0.1", &[]), "9.9.9.9");
        let local = ClientAddress::find(Some(Peer::Local), None, &[]);
        assert_eq!(local, ClientAddress(None));
    }
}
