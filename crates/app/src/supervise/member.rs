//! The other end: a role's process, told by its supervisor what to do.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::control::{self, Order, Word};
use super::listener::Listener;
use crate::config::service;
use crate::config::settings::Settings;
use crate::exit_code;
use crate::failure::Failure;

/// How long a process lives on without its supervisor, to end what it was answering.
pub const ORPHAN_LINGER: Duration = Duration::from_secs(3);

/// A process under a supervisor.
#[derive(Debug, Clone)]
pub struct Member {
    control: Arc<OwnedFd>,
    shutdown: watch::Receiver<bool>,
}

/// What it was given.
#[derive(Debug)]
pub struct Given {
    /// The way back.
    pub member: Member,
    /// Settings.
    pub settings: Settings,
    /// Listening sockets.
    pub listeners: Vec<Listener>,
}

impl Member {
    /// Takes the orders that come over descriptor 0, and watches for more from a
    /// thread of its own, so that even a process that hangs ends without its supervisor.
    ///
    /// # Errors
    /// Descriptor 0 is no control socket.
    pub fn join() -> Result<Given, Failure> {
        let failed = |error: io::Error| {
            Failure::usage(format!("taking orders from the supervisor: {error}"))
                .hint("--supervised is for `carrel serve` alone")
        };
        let control = io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
        let (settings, listeners) = match control::receive::<Order>(&control).map_err(failed)? {
            Some((Order::Serve { settings }, descriptors)) => {
                let listeners = descriptors.into_iter().map(Listener::from_descriptor);
                (
                    settings,
                    listeners.collect::<io::Result<Vec<_>>>().map_err(failed)?,
                )
            }
            _ => return Err(failed(io::ErrorKind::UnexpectedEof.into())),
        };
        let mut given = service::defaults()?;
        given.take_wire(settings);
        let control = Arc::new(control);
        let (order, shutdown) = watch::channel(false);
        let orders = Arc::clone(&control);
        std::thread::Builder::new()
            .name("orders".to_owned())
            .spawn(move || follow(&orders, &order))
            .map_err(failed)?;
        Ok(Given {
            member: Self { control, shutdown },
            settings: given,
            listeners,
        })
    }

    /// Becomes true when the process is to drain.
    #[must_use]
    pub fn shutdown(&self) -> watch::Receiver<bool> {
        self.shutdown.clone()
    }

    /// Tells the supervisor; one that is gone needs no word.
    pub fn say(&self, word: &Word) {
        let _ = control::send(&*self.control, word, &[]);
    }
}

fn follow(control: &OwnedFd, order: &watch::Sender<bool>) {
    loop {
        match control::receive::<Order>(control) {
            Ok(Some((Order::Drain, _))) => {
                let _ = order.send(true);
            }
            Ok(Some(_)) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(None) | Err(_) => break,
        }
    }
    let _ = order.send(true);
    std::thread::sleep(ORPHAN_LINGER);
    #[expect(
        clippy::exit,
        clippy::disallowed_methods,
        reason = "nobody is left to restart this process if it hangs; what runs in its sandboxes is adopted by the next"
    )]
    std::process::exit(i32::from(exit_code::PLATFORM_FAULT))
}
