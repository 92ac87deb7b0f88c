//! Between processes of one host: datagrams over Unix sockets in one directory.
//!
//! Every process binds a socket of its own there. A hint is one datagram of JSON, sent
//! without waiting to every other socket of the directory; one that nobody is bound to
//! any more (`ECONNREFUSED`) is removed. A receiver that is slow has a full queue and
//! loses hints, as the bus may.

use std::io::ErrorKind;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::broadcast;

use crate::conversation::Offer;
use crate::{Bus, Hint};

/// Hints that a listener may lag behind before it loses the oldest.
const LAG_MAX: usize = 1_024;
/// Bytes of a hint at most; larger ones are not sent and not heard.
const HINT_BYTES_MAX: usize = 1_024;
/// Peers that a hint is sent to at most.
const PEERS_MAX: usize = 64;
/// How long the list of peers is used before the directory is read again.
const PEERS_KEPT: Duration = Duration::from_millis(50);
/// Ending of the sockets' names.
const ENDING: &str = "sock";
/// Ending of the names of the sockets where conversations begin.
const OFFER_ENDING: &str = "offer";
/// Bytes that make the name of an offer, as digits.
const OFFER_NAME_BYTES: usize = 32;
/// From this age on an offer is left over: no execution waits and runs so long.
const OFFER_AGE_MAX: Duration = Duration::from_secs(3_600);
/// Wait for a hint before looking whether the bus was closed.
const CLOSED_LOOK: Duration = Duration::from_millis(200);

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum LocalBusError {
    /// The directory could not be made.
    #[error("making the directory of the bus `{}`", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The socket could not be bound.
    #[error("binding the socket of the bus `{}`", path.display())]
    Bind {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The listening thread could not be started.
    #[error("starting the thread of the bus")]
    Thread(#[source] std::io::Error),
}

/// A bus of one host.
#[derive(Debug)]
pub struct LocalBus {
    directory: PathBuf,
    own: PathBuf,
    sender: UnixDatagram,
    heard: broadcast::Sender<Hint>,
    peers: Mutex<Peers>,
    closed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Sockets of the others, as last seen.
#[derive(Debug, Default)]
struct Peers {
    paths: Vec<PathBuf>,
    read_at: Option<Instant>,
}

impl LocalBus {
    /// Joins the bus of this directory, which is made where there is none. The
    /// directory's group and mode say which users may join; sockets are open to their group.
    ///
    /// # Errors
    /// Directory or socket cannot be made.
    pub fn open(directory: &Path) -> Result<Self, LocalBusError> {
        std::fs::create_dir_all(directory).map_err(|source| LocalBusError::Directory {
            path: directory.to_owned(),
            source,
        })?;
        sweep_offers(directory);
        let name = format!("{}.{ENDING}", uuid::Uuid::now_v7().simple());
        let own = directory.join(name);
        let bound = |source| LocalBusError::Bind {
            path: own.clone(),
            source,
        };
        let socket = UnixDatagram::bind(&own).map_err(bound)?;
        open_to_group(&own).map_err(bound)?;
        socket.set_read_timeout(Some(CLOSED_LOOK)).map_err(bound)?;
        let sender = UnixDatagram::unbound().map_err(bound)?;
        sender.set_nonblocking(true).map_err(bound)?;
        let (heard, _) = broadcast::channel(LAG_MAX);
        let closed = Arc::new(AtomicBool::new(false));
        let (told, over) = (heard.clone(), Arc::clone(&closed));
        let thread = std::thread::Builder::new()
            .name("bus".into())
            .spawn(move || hear(&socket, &told, &over))
            .map_err(LocalBusError::Thread)?;
        Ok(Self {
            directory: directory.to_owned(),
            own,
            sender,
            heard,
            peers: Mutex::default(),
            closed,
            thread: Some(thread),
        })
    }

    fn peers(&self) -> Vec<PathBuf> {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.read_at.is_none_or(|at| at.elapsed() > PEERS_KEPT) {
            peers.paths = read_peers(&self.directory, &self.own);
            peers.read_at = Some(Instant::now());
        }
        peers.paths.clone()
    }
}

impl Bus for LocalBus {
    fn send(&self, hint: &Hint) {
        // An error means that nobody listens in this process: nothing is lost.
        drop(self.heard.send(hint.clone()));
        let Ok(text) = serde_json::to_vec(hint) else {
            return;
        };
        if text.len() > HINT_BYTES_MAX {
            tracing::warn!(bytes = text.len(), "a hint is too large for the bus");
            return;
        }
        for peer in self.peers() {
            match self.sender.send_to(&text, &peer) {
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    tracing::debug!(path = %peer.display(), "a socket of the bus is dead");
                    drop(std::fs::remove_file(&peer));
                }
                Err(error) => tracing::trace!(path = %peer.display(), %error, "a hint is lost"),
                Ok(_) => {}
            }
        }
    }

    fn listen(&self) -> broadcast::Receiver<Hint> {
        self.heard.subscribe()
    }

    fn offer(&self) -> std::io::Result<Offer> {
        let name = uuid::Uuid::now_v7().simple().to_string();
        let path = self.directory.join(format!("{name}.{OFFER_ENDING}"));
        let listener = UnixListener::bind(&path)?;
        let offer = Offer {
            name,
            listener,
            path,
        };
        open_to_group(&offer.path)?;
        Ok(offer)
    }

    fn call(&self, name: &str) -> std::io::Result<UnixStream> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if name.len() != OFFER_NAME_BYTES || !name.bytes().all(is_digit) {
            let problem = "an offer is named by 32 hexadecimal digits";
            return Err(std::io::Error::new(ErrorKind::InvalidInput, problem));
        }
        UnixStream::connect(self.directory.join(format!("{name}.{OFFER_ENDING}")))
    }
}

impl Drop for LocalBus {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        // Wakes the thread, so that it need not wait for its time-out.
        drop(self.sender.send_to(b"", &self.own));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        drop(std::fs::remove_file(&self.own));
    }
}

/// Others of the group may write to the socket; those outside may not.
fn open_to_group(socket: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o660))
}

/// Removes what a process that was killed has left.
fn sweep_offers(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    let is_old = |path: &Path| {
        let made = std::fs::metadata(path).and_then(|metadata| metadata.modified());
        let age = made.map(|made| SystemTime::now().duration_since(made).unwrap_or_default());
        age.is_ok_and(|age| age > OFFER_AGE_MAX)
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.extension().is_some_and(|end| end == OFFER_ENDING) && is_old(&path) {
            // It is tried again at the next start.
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn read_peers(directory: &Path, own: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path != own && path.extension().is_some_and(|ending| ending == ENDING))
        .take(PEERS_MAX)
        .collect()
}

fn hear(socket: &UnixDatagram, told: &broadcast::Sender<Hint>, closed: &AtomicBool) {
    let mut buffer = [0_u8; HINT_BYTES_MAX];
    while !closed.load(Ordering::Relaxed) {
        let length = match socket.recv(&mut buffer) {
            Ok(length) => length,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, "the bus hears no more; polling goes on");
                return;
            }
        };
        match serde_json::from_slice(buffer.get(..length).unwrap_or_default()) {
            Ok(hint) => drop(told.send(hint)),
            Err(_) if length == 0 => {}
            Err(error) => tracing::debug!(%error, "a hint that is none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(receiver: &mut broadcast::Receiver<Hint>) -> Hint {
        tokio::time::timeout(Duration::from_secs(10), receiver.recv())
            .await
            .unwrap()
            .unwrap()
    }

    #[tokio::test]
    async fn everybody_hears_what_one_sends() {
        let directory = tempfile::tempdir().unwrap();
        let [one, two, three] = [(); 3].map(|()| LocalBus::open(directory.path()).unwrap());
        let mut ears = [one.listen(), two.listen(), three.listen()];
        one.send(&Hint::Job);
        for ear in &mut ears {
            assert_eq!(heard(ear).await, Hint::Job);
            assert!(ear.try_recv().is_err(), "only once");
        }
    }

    #[tokio::test]
    async fn a_dead_socket_is_removed_and_stops_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let dead = directory.path().join("0.sock");
        drop(UnixDatagram::bind(&dead).unwrap());
        let [one, two] = [(); 2].map(|()| LocalBus::open(directory.path()).unwrap());
        let mut ear = two.listen();
        one.send(&Hint::Job);
        assert_eq!(heard(&mut ear).await, Hint::Job);
        assert!(!dead.exists());
    }

    #[tokio::test]
    async fn a_full_peer_does_not_hold_the_sender_up() {
        let directory = tempfile::tempdir().unwrap();
        // Bound, but never read.
        let _full = UnixDatagram::bind(directory.path().join("0.sock")).unwrap();
        let bus = LocalBus::open(directory.path()).unwrap();
        for _ in 0..5_000 {
            bus.send(&Hint::Job);
        }
        let other = LocalBus::open(directory.path()).unwrap();
        let mut ear = other.listen();
        tokio::time::sleep(PEERS_KEPT * 2).await;
        let hint = Hint::Course {
            course: "sample".into(),
        };
        bus.send(&hint);
        assert_eq!(heard(&mut ear).await, hint);
    }

    #[tokio::test]
    async fn noise_is_not_heard() {
        let directory = tempfile::tempdir().unwrap();
        let bus = LocalBus::open(directory.path()).unwrap();
        let mut ear = bus.listen();
        let noise = UnixDatagram::unbound().unwrap();
        noise.send_to(b"{\"hint\":\"nonsense\"}", &bus.own).unwrap();
        noise.send_to(&[0xff; 4_000], &bus.own).unwrap();
        noise.send_to(b"{\"hint\":\"job\"}", &bus.own).unwrap();
        assert_eq!(heard(&mut ear).await, Hint::Job);
    }

    #[test]
    fn an_offer_is_found_by_its_name_and_goes_with_its_owner() {
        use std::io::{Read as _, Write as _};
        let directory = tempfile::tempdir().unwrap();
        let [one, two] = [(); 2].map(|()| LocalBus::open(directory.path()).unwrap());
        let offer = one.offer().unwrap();
        two.call(&offer.name).unwrap().write_all(b"hello").unwrap();
        let mut said = String::new();
        let (mut stream, _) = offer.listener.accept().unwrap();
        stream.read_to_string(&mut said).unwrap();
        assert_eq!(said, "hello");
        // It is no peer that hints are sent to.
        assert_eq!(one.peers().len(), 1);
        let name = offer.name.clone();
        drop(offer);
        assert_eq!(two.call(&name).unwrap_err().kind(), ErrorKind::NotFound);
        for wrong in ["", "../x", &"g".repeat(32)] {
            let error = two.call(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong}");
        }
    }

    #[test]
    fn old_offers_are_swept_and_new_ones_stay() {
        let directory = tempfile::tempdir().unwrap();
        let bus = LocalBus::open(directory.path()).unwrap();
        let offer = bus.offer().unwrap();
        let old = directory.path().join("0.offer");
        let file = std::fs::File::create(&old).unwrap();
        file.set_modified(SystemTime::now() - OFFER_AGE_MAX * 2)
            .unwrap();
        sweep_offers(directory.path());
        assert!(!old.exists() && bus.call(&offer.name).is_ok());
    }

    #[test]
    fn closing_removes_the_socket() {
        let directory = tempfile::tempdir().unwrap();
        let bus = LocalBus::open(directory.path()).unwrap();
        let own = bus.own.clone();
        assert!(own.exists());
        drop(bus);
        assert!(!own.exists());
    }
}
