//! Listening sockets: bound here, taken from the service manager, or passed on by the supervisor.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::net::AddressFamily;
use rustix::process::{PidfdFlags, PidfdGetfdFlags};

/// Connections that may wait to be accepted; the kernel cuts it at `net.core.somaxconn`.
const BACKLOG: i32 = 4_096;
/// How long binding is tried while another process, perhaps an earlier life of
/// this service that is about to end, still holds the address.
const BIND_PATIENCE: Duration = Duration::from_secs(5);
/// Pause between two tries.
const BIND_PAUSE: Duration = Duration::from_millis(50);

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// TCP.
    Tcp(SocketAddr),
    /// A Unix socket at this path.
    Unix(PathBuf),
}

impl Address {
    /// `HOST:PORT` or `unix:PATH`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() {
                Ok(Self::Unix(path))
            } else {
                Err(format!("the path of `{text}` is not absolute"))
            };
        }
        let resolved = text.to_socket_addrs().map(|mut addresses| addresses.next());
        match resolved {
            Ok(Some(address)) => Ok(Self::Tcp(address)),
            _ => Err(format!(
                "`{}` is neither HOST:PORT nor unix:PATH",
                text.escape_debug()
            )),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(formatter, "http://{address}"),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// A listening socket.
#[derive(Debug)]
pub enum Listener {
    /// TCP.
    Tcp(TcpListener),
    /// Unix.
    Unix(UnixListener),
}

impl Listener {
    /// Binds and listens. A Unix socket that nobody serves any more is replaced.
    ///
    /// # Errors
    /// Of the kernel.
    pub fn bind(address: &Address) -> io::Result<Self> {
        let until = Instant::now() + BIND_PATIENCE;
        loop {
            match Self::try_bind(address) {
                Err(error)
                    if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < until =>
                {
                    std::thread::sleep(BIND_PAUSE);
                }
                other => return other,
            }
        }
    }

    fn try_bind(address: &Address) -> io::Result<Self> {
        let listener = match address {
            Address::Tcp(address) => Self::Tcp(TcpListener::bind(address)?),
            Address::Unix(path) => {
                let stale = std::fs::symlink_metadata(path)
                    .is_ok_and(|metadata| metadata.file_type().is_socket())
                    && UnixStream::connect(path)
                        .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
                if stale {
                    std::fs::remove_file(path)?;
                }
                let listener = UnixListener::bind(path)?;
                // Who may connect is said by the rights of its directory.
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
                Self::Unix(listener)
            }
        };
        rustix::net::listen(&listener, BACKLOG)?;
        Ok(listener)
    }

    /// A listening socket that somebody else made.
    ///
    /// # Errors
    /// It is no listening stream socket.
    pub fn from_descriptor(descriptor: OwnedFd) -> io::Result<Self> {
        if !rustix::net::sockopt::socket_acceptconn(&descriptor)? {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the socket does not listen",
            ));
        }
        match rustix::net::sockopt::socket_domain(&descriptor)? {
            AddressFamily::INET | AddressFamily::INET6 => {
                Ok(Self::Tcp(TcpListener::from(descriptor)))
            }
            AddressFamily::UNIX => Ok(Self::Unix(UnixListener::from(descriptor))),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the socket is neither TCP nor Unix",
            )),
        }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// Of the kernel.
    pub fn address(&self) -> io::Result<Address> {
        Ok(match self {
            Self::Tcp(listener) => Address::Tcp(listener.local_addr()?),
            Self::Unix(listener) => Address::Unix(
                listener
                    .local_addr()?
                    .as_pathname()
                    .map(PathBuf::from)
                    .unwrap_or_default(),
            ),
        })
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix(listener) => listener.as_fd(),
        }
    }
}

/// The sockets that the service manager gives (`sd_listen_fds(3)`); none where it gives none.
///
/// # Errors
/// They are no listening sockets.
pub fn from_service_manager() -> io::Result<Vec<Listener>> {
    let numbers = sd_notify::listen_fds()?;
    // By its number alone a descriptor cannot be owned safely; the kernel gives a second one.
    let myself = rustix::process::pidfd_open(rustix::process::getpid(), PidfdFlags::empty())?;
    numbers
        .map(|number| {
            let descriptor =
                rustix::process::pidfd_getfd(&myself, number, PidfdGetfdFlags::empty())?;
            Listener::from_descriptor(descriptor)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let parsed = Address::parse("127.0.0.1:80").unwrap();
        assert_eq!(parsed.to_string(), "http://127.0.0.1:80");
        assert_eq!(
            Address::parse("unix:/run/c").unwrap(),
            Address::Unix("/run/c".into())
        );
        assert!(Address::parse("unix:c").is_err());
        assert!(Address::parse("80").is_err());
    }

    #[test]
    fn a_unix_socket_without_a_server_is_replaced_and_a_served_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let address = Address::Unix(directory.path().join("s"));
        drop(Listener::try_bind(&address).unwrap());
        let served = Listener::try_bind(&address).unwrap();
        assert_eq!(served.address().unwrap(), address);
        assert_eq!(
            Listener::try_bind(&address).unwrap_err().kind(),
            io::ErrorKind::AddrInUse
        );
    }

    #[test]
    fn only_listening_sockets_are_taken() {
        let (near, _far) = UnixStream::pair().unwrap();
        assert!(Listener::from_descriptor(near.into()).is_err());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(Listener::from_descriptor(listener.into()).is_ok());
    }
}
