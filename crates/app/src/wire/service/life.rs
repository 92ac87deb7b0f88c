//! How a process of the service is told to end and tells that it goes on: by
//! its supervisor, or by the service manager and signals where it runs alone.

use std::future::Future;
use std::io;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::settings::Settings;
use crate::failure::Failure;
use crate::supervise::control::Word;
use crate::supervise::listener::Listener;
use crate::supervise::member::{Given, Member};

/// How often a process tells that its work goes on.
pub const BEAT: Duration = Duration::from_secs(1);

/// The life of a process.
#[derive(Debug, Clone)]
pub struct Life {
    member: Option<Member>,
}

impl Life {
    /// Under a supervisor; waits for its first order.
    ///
    /// # Errors
    /// There is no supervisor.
    pub fn join() -> Result<(Settings, Vec<Listener>, Self), Failure> {
        let Given {
            member,
            settings,
            listeners,
        } = Member::join()?;
        let member = Some(member);
        Ok((settings, listeners, Self { member }))
    }

    /// Without a supervisor.
    #[must_use]
    pub fn alone() -> Self {
        Self { member: None }
    }

    /// A supervisor starts another process when this one ends.
    #[must_use]
    pub fn is_supervised(&self) -> bool {
        self.member.is_some()
    }

    /// Returns when the process is to drain: by order, SIGTERM or SIGINT.
    ///
    /// # Errors
    /// Signals cannot be received.
    pub fn shutdown(&self) -> io::Result<impl Future<Output = ()> + Send + 'static> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut order = self.member.as_ref().map(Member::shutdown);
        Ok(async move {
            let ordered = async {
                match &mut order {
                    // An order that cannot come any more is one too: the supervisor is gone.
                    Some(order) => drop(order.wait_for(|drain| *drain).await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = ordered => {}
            }
        })
    }

    /// It serves.
    pub fn ready(&self) {
        match &self.member {
            Some(member) => member.say(&Word::Ready),
            // A service manager that does not listen is no reason to stop.
            None => drop(sd_notify::notify(&[NotifyState::Ready])),
        }
    }

    /// Its work goes on, perhaps with this fault that a restart would not mend.
    pub fn alive(&self, fault: Option<String>) {
        match &self.member {
            Some(member) => member.say(&Word::Alive { fault }),
            None => {
                let status = fault.unwrap_or_else(|| "serving".to_owned());
                let states = [NotifyState::Watchdog, NotifyState::Status(&status)];
                drop(sd_notify::notify(&states));
            }
        }
    }
}
