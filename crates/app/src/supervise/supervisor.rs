//! The supervisor's loop: events in, actions of the roles out.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

use super::child::{Child, Ending, Event};
use super::control::{Order, Word};
use super::identity::Identity;
use super::listener::Listener;
use super::lock::Lock;
use super::notice::Notice;
use super::role::{Action, Bounds, Member, Phase, Role};
use super::succession::{Estate, Heir, Program};
use crate::config::settings::Settings;
use crate::exit_code;

/// How often bounds are looked at when nothing happens.
const TICK: Duration = Duration::from_millis(200);

/// A role's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Answers over HTTP.
    Web,
    /// Judges.
    Worker,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 2] = [Self::Web, Self::Worker];

    /// The subcommand that it is.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Worker => "worker",
        }
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a supervisor works with.
#[derive(Debug)]
pub struct Plan {
    /// Settings, passed on to the children.
    pub settings: Settings,
    /// Global arguments of every child.
    pub arguments: Vec<OsString>,
    /// Who the web process runs as; `None`: as this one.
    pub identity: Option<Identity>,
    /// Listening sockets.
    pub listeners: Vec<Listener>,
    /// That this is the one supervisor of its state directory; `None`: nobody else knows of it.
    pub lock: Option<Lock>,
    /// Where the successor is found.
    pub program: Program,
    /// The roles that there are; one service may do without judging.
    pub roles: &'static [Kind],
    /// Whether SIGHUP makes place for a newer program; else it ends this one.
    pub upgrades: bool,
}

/// The supervisor.
#[derive(Debug)]
pub struct Supervisor {
    plan: Plan,
    roles: BTreeMap<Kind, Role>,
    children: BTreeMap<u32, (Kind, Child)>,
    faults: BTreeMap<Kind, String>,
    sender: mpsc::UnboundedSender<Event>,
    events: mpsc::UnboundedReceiver<Event>,
    notice: Notice,
    /// Exit code of a child that could not begin at all.
    refused: Option<u8>,
    stopping: bool,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Supervisor {
    /// A supervisor without children. Must be called inside a runtime.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let bounds = |kind: Kind| {
            let ms = |key: &str| Duration::from_millis(plan.settings.number(key));
            Bounds {
                start: ms("supervisor.start_ms"),
                stall: ms("supervisor.stall_ms"),
                drain: ms(&format!("{}.drain_ms", kind.name())) + ms("supervisor.drain_grace_ms"),
                backoff_first: ms("supervisor.backoff_ms"),
                backoff_most: ms("supervisor.backoff_most_ms"),
                settled: ms("supervisor.settled_ms"),
            }
        };
        let roles = plan.roles.iter();
        let roles = roles.map(|kind| (*kind, Role::new(*kind == Kind::Web, bounds(*kind))));
        Self {
            roles: roles.collect(),
            children: BTreeMap::new(),
            faults: BTreeMap::new(),
            sender,
            events,
            notice: Notice::default(),
            refused: None,
            stopping: false,
            plan,
        }
    }

    /// Takes over the members of a predecessor and wants newer ones in their place.
    ///
    /// # Errors
    /// One of them cannot be watched.
    pub fn inherit(
        &mut self,
        estate: Estate,
        controls: Vec<std::os::fd::OwnedFd>,
    ) -> io::Result<()> {
        let now = Instant::now();
        for (heir, control) in estate.members.into_iter().zip(controls) {
            let phase = match heir.phase.as_str() {
                "starting" => Phase::Starting,
                "serving" => Phase::Serving,
                _ => Phase::Draining,
            };
            let Some(kind) = Kind::find(&heir.role) else {
                continue;
            };
            let child = Child::adopt(heir.pid, control)?;
            child.watch(&self.sender)?;
            if let Some(role) = self.roles.get_mut(&kind) {
                role.adopt(Member {
                    pid: heir.pid,
                    generation: heir.generation,
                    phase,
                    since: now,
                    heard: now,
                });
            }
            self.children.insert(heir.pid, (kind, child));
        }
        Ok(())
    }

    /// Wants every role's members replaced by new ones.
    pub fn upgrade(&mut self) {
        self.notice.reloading();
        for role in self.roles.values_mut() {
            role.upgrade();
        }
    }

    /// Runs until all children have ended; calls `serving` when every role serves
    /// for the first time. Returns the exit code.
    ///
    /// # Errors
    /// Signals cannot be received.
    pub async fn run(mut self, serving: &mut dyn FnMut()) -> io::Result<u8> {
        let mut signals = Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        };
        loop {
            if self.step() {
                serving();
            }
            if self.roles.values().all(Role::stopped) {
                return Ok(self.refused.unwrap_or(exit_code::OK));
            }
            tokio::select! {
                event = self.events.recv() => {
                    if let Some(event) = event {
                        self.note(event);
                    }
                    while let Ok(event) = self.events.try_recv() {
                        self.note(event);
                    }
                }
                _ = signals.terminate.recv() => self.stop("SIGTERM"),
                _ = signals.interrupt.recv() => self.stop("SIGINT"),
                _ = signals.hang_up.recv() => {
                    if self.plan.upgrades {
                        self.reload();
                    } else {
                        self.stop("SIGHUP");
                    }
                }
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    fn stop(&mut self, signal: &str) {
        if self.stopping {
            warn!(signal, "asked again: killing what is left");
            for (_, child) in self.children.values() {
                child.kill();
            }
            return;
        }
        info!(signal, "draining");
        self.begin_to_stop();
    }

    fn begin_to_stop(&mut self) {
        self.stopping = true;
        self.notice.stopping();
        for role in self.roles.values_mut() {
            role.stop();
        }
    }

    /// Does what is to be done now. Returns whether everything has just begun to serve.
    fn step(&mut self) -> bool {
        let now = Instant::now();
        for kind in self.plan.roles.iter().copied() {
            let actions = self
                .roles
                .get_mut(&kind)
                .map(|role| role.step(now))
                .unwrap_or_default();
            for action in actions {
                self.act(kind, action, now);
            }
        }
        if self.roles.values().all(Role::healthy) {
            self.notice.feed(now);
        }
        let settled = |role: &Role| role.serves() && role.members().len() == 1;
        self.roles.values().all(settled) && self.notice.ready()
    }

    fn act(&mut self, kind: Kind, action: Action, now: Instant) {
        let role = kind.name();
        match action {
            Action::Spawn => self.spawn(kind, now),
            Action::Drain(pid) => {
                info!(role, pid, "told to drain");
                if let Some((_, child)) = self.children.get(&pid)
                    && child.order(&Order::Drain, &[]).is_err()
                {
                    child.kill();
                }
            }
            Action::Kill(pid, reason) => {
                error!(role, pid, reason, "killed");
                if let Some((_, child)) = self.children.get(&pid) {
                    child.kill();
                }
            }
            Action::GiveUp => error!(
                role,
                "the new version does not serve: the earlier process goes on"
            ),
        }
    }

    fn spawn(&mut self, kind: Kind, now: Instant) {
        let role = kind.name();
        let identity = match kind {
            Kind::Web => self.plan.identity.as_ref(),
            Kind::Worker => None,
        };
        let mut arguments = self.plan.arguments.clone();
        arguments.extend([role.into(), "--supervised".into()]);
        let listeners: Vec<_> = match kind {
            Kind::Web => self.plan.listeners.iter().map(AsFd::as_fd).collect(),
            Kind::Worker => Vec::new(),
        };
        let order = Order::Serve {
            settings: self.plan.settings.wire(),
        };
        let spawned = Child::spawn(&arguments, identity).and_then(|child| {
            child.order(&order, &listeners)?;
            child.watch(&self.sender)?;
            Ok(child)
        });
        let Some(state) = self.roles.get_mut(&kind) else {
            return;
        };
        match spawned {
            Ok(child) => {
                info!(
                    role,
                    pid = child.pid,
                    generation = state.generation(),
                    "started"
                );
                state.spawned(child.pid, now);
                self.children.insert(child.pid, (kind, child));
            }
            Err(error) => {
                error!(role, %error, "could not be started");
                state.failed_to_spawn(now);
            }
        }
    }

    fn note(&mut self, event: Event) {
        let now = Instant::now();
        let (Event::Word(pid, _) | Event::Exited(pid, _)) = event;
        let Some((kind, _)) = self.children.get(&pid) else {
            return;
        };
        let kind = *kind;
        match event {
            Event::Word(_, word) => self.hear(kind, pid, word, now),
            Event::Exited(_, ending) => self.bury(kind, pid, ending, now),
        }
    }

    fn hear(&mut self, kind: Kind, pid: u32, word: Word, now: Instant) {
        let Some(role) = self.roles.get_mut(&kind) else {
            return;
        };
        match word {
            Word::Ready => {
                info!(role = kind.name(), pid, "ready");
                role.ready(pid, now);
            }
            Word::Alive { fault } => {
                role.alive(pid, now);
                if self.faults.get(&kind) != fault.as_ref() {
                    match &fault {
                        Some(fault) => warn!(role = kind.name(), pid, fault, "works, but not well"),
                        None => info!(role = kind.name(), pid, "works well again"),
                    }
                    match fault {
                        Some(fault) => self.faults.insert(kind, fault),
                        None => self.faults.remove(&kind),
                    };
                    self.notice.status(self.faults.values());
                }
            }
        }
    }

    fn bury(&mut self, kind: Kind, pid: u32, ending: Ending, now: Instant) {
        self.children.remove(&pid);
        let name = kind.name();
        let Some(role) = self.roles.get_mut(&kind) else {
            return;
        };
        match role.exited(pid, now) {
            Some(Phase::Draining) => info!(role = name, pid, ?ending, "ended"),
            Some(phase) => warn!(role = name, pid, ?ending, ?phase, "ended unasked"),
            None => {}
        }
        if let Ending::Code(code) = ending
            && let Ok(code) = u8::try_from(code)
            && !self.stopping
            && !role.ever_ready()
            && ![exit_code::OK, exit_code::PLATFORM_FAULT].contains(&code)
        {
            // What it told is the operator's to mend: trying again would only repeat it.
            self.refused = Some(code);
            self.begin_to_stop();
        }
    }

    fn reload(&mut self) {
        if self.stopping {
            return;
        }
        let path = self.plan.program.path().display().to_string();
        if let Err(reason) = self.plan.program.try_out() {
            error!(path, reason, "not upgraded: this version goes on");
            return;
        }
        info!(path, "making place for the program that is there now");
        while let Ok(event) = self.events.try_recv() {
            self.note(event);
        }
        let mut estate = Estate {
            listeners: self.plan.listeners.len(),
            members: Vec::new(),
        };
        let mut descriptors: Vec<_> = self.plan.listeners.iter().map(AsFd::as_fd).collect();
        for (kind, role) in &self.roles {
            for member in role.members() {
                let Some((_, child)) = self.children.get(&member.pid) else {
                    continue;
                };
                descriptors.push(child.control());
                let phase = match member.phase {
                    Phase::Starting => "starting",
                    Phase::Serving => "serving",
                    Phase::Draining | Phase::Killed => "draining",
                };
                estate.members.push(Heir {
                    role: kind.name().to_owned(),
                    pid: member.pid,
                    generation: member.generation,
                    phase: phase.to_owned(),
                });
            }
        }
        let error = self
            .plan
            .program
            .succeed(&estate, &descriptors, self.plan.lock.as_ref());
        error!(path, %error, "not upgraded: this version goes on");
    }
}
