//! Which processes of a role there should be: pure, so that every order of events can be tried.
//!
//! A role is one of the service's jobs (web, worker). Its *members* are
//! processes; at rest there is one that serves. A *generation* counts the
//! upgrades: when a newer one is wanted, members of older ones are drained.
//! Where members may overlap (web: they share the listening sockets) the
//! successor serves before the elder is drained; else (worker: it takes over
//! leases) the elder ends first.

use std::time::{Duration, Instant};

/// Members of one upgrade that may fail before it is given up.
pub const UPGRADE_FAILURES_MAX: u32 = 3;

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From spawn to ready.
    pub start: Duration,
    /// Silence of a member that serves.
    pub stall: Duration,
    /// From the order to drain to the end.
    pub drain: Duration,
    /// Pause before a restart; doubled with every further failure.
    pub backoff_first: Duration,
    /// Longest pause.
    pub backoff_most: Duration,
    /// A member that served this long makes earlier failures forgotten.
    pub settled: Duration,
}

/// Where a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Spawned, not ready.
    Starting,
    /// Ready.
    Serving,
    /// Told to end.
    Draining,
    /// Killed, not yet gone.
    Killed,
}

/// A process of the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Process id.
    pub pid: u32,
    /// Which upgrade it came with.
    pub generation: u64,
    /// Where it is.
    pub phase: Phase,
    /// Since when it is there.
    pub since: Instant,
    /// When it was last heard.
    pub heard: Instant,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Start a member; then tell [`Role::spawned`] or [`Role::failed_to_spawn`].
    Spawn,
    /// Tell it to end.
    Drain(u32),
    /// Kill it, for this reason.
    Kill(u32, &'static str),
    /// The upgrade is given up: the elder goes on.
    GiveUp,
}

/// One role.
#[derive(Debug, Clone)]
pub struct Role {
    overlap: bool,
    bounds: Bounds,
    wanted: u64,
    members: Vec<Member>,
    failures: u32,
    not_before: Option<Instant>,
    stopping: bool,
    ever_ready: bool,
}

impl Role {
    /// A role without members.
    #[must_use]
    pub fn new(overlap: bool, bounds: Bounds) -> Self {
        Self {
            overlap,
            bounds,
            wanted: 1,
            members: Vec::new(),
            failures: 0,
            not_before: None,
            stopping: false,
            ever_ready: false,
        }
    }

    /// Members there are.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The generation of a new member.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.wanted
    }

    /// Whether a member serves.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.in_phase(Phase::Serving).next().is_some()
    }

    /// Whether a member was ever ready.
    #[must_use]
    pub fn ever_ready(&self) -> bool {
        self.ever_ready
    }

    /// Nothing is left of a role that was told to stop.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.stopping && self.members.is_empty()
    }

    /// Whether its watchdog may be fed: something serves, or failed so little that it will soon.
    #[must_use]
    pub fn healthy(&self) -> bool {
        self.stopping || self.serves() || self.failures <= UPGRADE_FAILURES_MAX
    }

    fn in_phase(&self, phase: Phase) -> impl Iterator<Item = &Member> {
        self.members
            .iter()
            .filter(move |member| member.phase == phase)
    }

    /// Members of an earlier life of the supervisor; those that served go on serving.
    pub fn adopt(&mut self, member: Member) {
        self.ever_ready |= member.phase == Phase::Serving;
        self.wanted = self.wanted.max(member.generation);
        self.members.push(member);
    }

    /// Wants members of a new generation.
    pub fn upgrade(&mut self) {
        self.wanted += 1;
        self.failures = 0;
        self.not_before = None;
    }

    /// Wants no members.
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    /// A member was started.
    pub fn spawned(&mut self, pid: u32, now: Instant) {
        self.members.push(Member {
            pid,
            generation: self.wanted,
            phase: Phase::Starting,
            since: now,
            heard: now,
        });
    }

    /// A member could not be started.
    pub fn failed_to_spawn(&mut self, now: Instant) {
        self.fail(now);
    }

    fn fail(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        // The first restart comes at once: most deaths are accidents.
        let doublings = self.failures.saturating_sub(2).min(16);
        let pause = self.bounds.backoff_first.saturating_mul(1 << doublings);
        self.not_before = (self.failures > 1).then(|| now + pause.min(self.bounds.backoff_most));
    }

    fn find(&mut self, pid: u32) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.pid == pid)
    }

    /// A member says that it serves.
    pub fn ready(&mut self, pid: u32, now: Instant) {
        if let Some(member) = self.find(pid)
            && member.phase == Phase::Starting
        {
            member.phase = Phase::Serving;
            member.since = now;
            member.heard = now;
            self.ever_ready = true;
        }
    }

    /// A member was heard.
    pub fn alive(&mut self, pid: u32, now: Instant) {
        if let Some(member) = self.find(pid) {
            member.heard = now;
        }
    }

    /// A member has ended. Returns the phase it was in; `None`: it is not of this role.
    pub fn exited(&mut self, pid: u32, now: Instant) -> Option<Phase> {
        let at = self.members.iter().position(|member| member.pid == pid)?;
        let member = self.members.remove(at);
        let settled = now.saturating_duration_since(member.since) >= self.bounds.settled;
        match member.phase {
            Phase::Serving if settled => {
                self.failures = 0;
                self.fail(now);
            }
            Phase::Draining => {}
            Phase::Starting | Phase::Serving | Phase::Killed if !self.stopping => self.fail(now),
            Phase::Starting | Phase::Serving | Phase::Killed => {}
        }
        Some(member.phase)
    }

    /// What is to be done now; call again after events and from time to time.
    pub fn step(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        self.enforce_bounds(now, &mut actions);
        if self.stopping {
            self.drain(|_| true, now, &mut actions);
            return actions;
        }
        if self.failures >= UPGRADE_FAILURES_MAX {
            let elder = self.in_phase(Phase::Serving).next().copied();
            let starts = self.in_phase(Phase::Starting).next().is_some();
            if let Some(elder) = elder.filter(|elder| elder.generation < self.wanted && !starts) {
                self.wanted = elder.generation;
                actions.push(Action::GiveUp);
            }
        }
        let wanted = self.wanted;
        let current =
            |phase| move |member: &&Member| member.phase == phase && member.generation == wanted;
        let successor_serves = self
            .members
            .iter()
            .any(|member| current(Phase::Serving)(&member));
        let successor_starts = self
            .members
            .iter()
            .any(|member| current(Phase::Starting)(&member));
        if successor_serves || !self.overlap {
            self.drain(|member| member.generation != wanted, now, &mut actions);
        }
        let in_the_way = !self.overlap && !self.members.is_empty();
        let pausing = self.not_before.is_some_and(|until| now < until);
        if !successor_serves && !successor_starts && !in_the_way && !pausing {
            actions.push(Action::Spawn);
        }
        actions
    }

    fn drain(&mut self, which: impl Fn(&Member) -> bool, now: Instant, actions: &mut Vec<Action>) {
        for member in &mut self.members {
            if matches!(member.phase, Phase::Starting | Phase::Serving) && which(member) {
                member.phase = Phase::Draining;
                member.since = now;
                actions.push(Action::Drain(member.pid));
            }
        }
    }

    fn enforce_bounds(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let bounds = self.bounds;
        for member in &mut self.members {
            let lasted = now.saturating_duration_since(member.since);
            let silent = now.saturating_duration_since(member.heard);
            let reason = match member.phase {
                Phase::Starting if lasted > bounds.start => "it was not ready in time",
                Phase::Serving if silent > bounds.stall => "it gave no sign of life",
                Phase::Draining if lasted > bounds.drain => "it did not drain in time",
                _ => continue,
            };
            member.phase = Phase::Killed;
            member.since = now;
            actions.push(Action::Kill(member.pid, reason));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        start: Duration::from_secs(10),
        stall: Duration::from_secs(5),
        drain: Duration::from_secs(20),
        backoff_first: Duration::from_millis(100),
        backoff_most: Duration::from_secs(2),
        settled: Duration::from_secs(30),
    };

    fn serving(overlap: bool, now: Instant) -> Role {
        let mut role = Role::new(overlap, BOUNDS);
        assert_eq!(role.step(now), [Action::Spawn]);
        role.spawned(1, now);
        assert_eq!(role.step(now), []);
        role.ready(1, now);
        assert_eq!(role.step(now), []);
        role
    }

    #[test]
    fn a_dead_member_is_replaced_at_once_and_then_more_slowly() {
        let now = Instant::now();
        let mut role = serving(true, now);
        let mut pauses = Vec::new();
        let mut at = now;
        for pid in 1..8 {
            assert!(role.exited(pid, at).is_some());
            let from = at;
            while role.step(at) != [Action::Spawn] {
                at += Duration::from_millis(10);
            }
            pauses.push((at - from).as_millis());
            role.spawned(pid + 1, at);
        }
        assert_eq!(pauses, [0, 100, 200, 400, 800, 1_600, 2_000]);
        // One that served for long makes up for it.
        role.ready(8, at);
        at += BOUNDS.settled;
        role.alive(8, at);
        assert_eq!(role.exited(8, at), Some(Phase::Serving));
        assert_eq!(role.step(at), [Action::Spawn]);
    }

    #[test]
    fn the_successor_serves_before_the_elder_is_drained() {
        let now = Instant::now();
        let mut role = serving(true, now);
        role.upgrade();
        assert_eq!(role.step(now), [Action::Spawn]);
        role.spawned(2, now);
        assert_eq!(role.step(now), []);
        role.ready(2, now);
        assert_eq!(role.step(now), [Action::Drain(1)]);
        assert!(role.serves());
        assert_eq!(role.exited(1, now), Some(Phase::Draining));
        assert_eq!(role.step(now), []);
    }

    #[test]
    fn without_overlap_the_elder_ends_first() {
        let now = Instant::now();
        let mut role = serving(false, now);
        role.upgrade();
        assert_eq!(role.step(now), [Action::Drain(1)]);
        assert_eq!(role.step(now), []);
        role.exited(1, now);
        assert_eq!(role.step(now), [Action::Spawn]);
    }

    #[test]
    fn an_upgrade_that_never_serves_is_given_up() {
        let now = Instant::now();
        let mut role = serving(true, now);
        role.upgrade();
        let mut at = now;
        let mut pid = 2;
        loop {
            role.alive(1, at);
            match role.step(at).first() {
                Some(Action::Spawn) => {
                    role.spawned(pid, at);
                    role.exited(pid, at);
                    pid += 1;
                }
                Some(Action::GiveUp) => break,
                Some(other) => panic!("{other:?}"),
                None => at += Duration::from_millis(10),
            }
        }
        assert_eq!(pid, 2 + UPGRADE_FAILURES_MAX);
        at += Duration::from_secs(1);
        role.alive(1, at);
        assert_eq!(role.step(at), []);
        assert!(role.serves() && role.healthy());
    }

    #[test]
    fn silence_slowness_and_a_long_drain_are_ended() {
        let now = Instant::now();
        let mut role = serving(true, now);
        let later = now + BOUNDS.stall + Duration::from_millis(1);
        assert_eq!(
            role.step(later)[0],
            Action::Kill(1, "it gave no sign of life")
        );
        assert_eq!(role.step(later), [Action::Spawn]);
        role.spawned(2, later);
        role.exited(1, later);
        let late = later + BOUNDS.start + Duration::from_millis(1);
        assert_eq!(
            role.step(late)[0],
            Action::Kill(2, "it was not ready in time")
        );

        let mut role = serving(true, now);
        role.stop();
        assert_eq!(role.step(now), [Action::Drain(1)]);
        let late = now + BOUNDS.drain + Duration::from_millis(1);
        assert_eq!(
            role.step(late),
            [Action::Kill(1, "it did not drain in time")]
        );
        role.exited(1, late);
        assert!(role.stopped());
        assert_eq!(role.step(late), []);
    }

    #[test]
    fn adopted_members_go_on_and_are_upgraded() {
        let now = Instant::now();
        let mut role = Role::new(true, BOUNDS);
        let elder = serving(true, now).members()[0];
        role.adopt(elder);
        assert_eq!(role.step(now), []);
        role.upgrade();
        assert_eq!(role.step(now), [Action::Spawn]);
    }
}
