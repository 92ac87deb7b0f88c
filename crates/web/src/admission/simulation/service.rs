//! The simulated service: its queue is that of the store with one course.

use std::collections::BTreeMap;

use super::super::door::InFlight;
use super::super::rule::{Decision, Offer, decide};
use super::world::{Kind, Random, Seen, TARGET_MS, World};
use crate::allowance::Allowance;
use crate::nodes::Capacity;
use crate::pace::Pace;
use carrel_model::id::SubmissionId;

use carrel_store::queue::{Backlog, DueBefore};
use carrel_store::spare::{Spare, TypicalRun, WAIT_MOST};

struct Job {
    id: SubmissionId,
    person: u64,
    accepted_ms: f64,
    started_ms: f64,
    /// What it was expected to cost.
    cost_ms: f64,
    /// Time it takes at full speed.
    left_ms: f64,
    target_ms: f64,
    limited: bool,
}

/// What may be begun now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    None,
    Any,
    Spare(Spare),
}

/// The service.
pub(super) struct Service {
    world: World,
    now_ms: f64,
    queue: Vec<Job>,
    running: Vec<Job>,
    start: BTreeMap<u64, f64>,
    served_ms: BTreeMap<u64, f64>,
    /// What the last run of person 0 was charged.
    charged_ms: Option<f64>,
    virtual_ms: f64,
    pace: Pace,
    allowance: Allowance,
    typical: TypicalRun,
    random: Random,
    seen: Seen,
}

/// One step of the simulated clock, milliseconds.
pub(super) const STEP_MS: f64 = 5.0;

impl Service {
    pub(super) fn run(world: World, seed: u64) -> Seen {
        let mut service = Self {
            now_ms: 0.0,
            queue: Vec::new(),
            running: Vec::new(),
            start: BTreeMap::new(),
            served_ms: BTreeMap::new(),
            charged_ms: None,
            virtual_ms: 0.0,
            pace: Pace::default(),
            allowance: Allowance::default(),
            typical: TypicalRun::default(),
            random: Random(seed | 1),
            seen: Seen::default(),
            world,
        };
        let pause_ms = service.world.mean_ms() / service.world.slots as f64 / service.world.load;
        let end_ms = service.world.seconds * 1e3;
        let mut due_ms = 0.0;
        while service.now_ms < end_ms || !service.running.is_empty() {
            if service.now_ms % 10e3 < STEP_MS && service.now_ms < end_ms {
                service.arrive_at_once();
            }
            if service.world.insists && service.now_ms < end_ms {
                service.insist();
            }
            while due_ms <= service.now_ms && due_ms < end_ms {
                service.arrive();
                due_ms += service.random.exponential() * pause_ms;
            }
            service.advance();
        }
        service.seen
    }

    fn arrive(&mut self) {
        let people = self.world.people as f64;
        let person = 1 + (self.random.uniform() * people) as u64;
        let kind = self.draw();
        let expected = match kind {
            Some(kind) => (kind.cost_ms, kind.target_ms),
            None => (self.cost_ms(person), TARGET_MS),
        };
        match self.ask(person, expected) {
            Ok(()) => {
                let drawn = self.random.uniform();
                let (left_ms, limited) = match kind {
                    Some(Kind {
                        real_ms, limited, ..
                    }) => (real_ms.0 + (real_ms.1 - real_ms.0) * drawn, limited),
                    None => {
                        let is_heavy = self.random.uniform() * 100.0 < self.world.heavy_percent;
                        let factor = if is_heavy {
                            self.world.heavy_factor
                        } else {
                            1.0
                        };
                        (self.world.real_ms * (0.5 + drawn) * factor, false)
                    }
                };
                self.accept(person, expected, (left_ms, limited));
            }
            Err(Decision::Own { .. } | Decision::Fills { .. } | Decision::Many) => {
                self.seen.own += 1
            }
            Err(Decision::All { .. }) => self.seen.refused += 1,
        }
    }

    /// What is sent next, where there are kinds.
    fn draw(&mut self) -> Option<Kind> {
        let last = self.world.kinds.last()?;
        let mut left = self.random.uniform() * 100.0;
        let drawn = self.world.kinds.iter().find(|kind| {
            left -= kind.percent;
            left < 0.0
        });
        Some(*drawn.unwrap_or(last))
    }

    /// What the next job of a person is expected to cost.
    fn cost_ms(&self, person: u64) -> f64 {
        let own_ms = self.charged_ms.filter(|_| person == 0);
        own_ms.unwrap_or(self.world.cost_ms)
    }

    fn ask(&self, person: u64, (cost_ms, target_ms): (f64, f64)) -> Result<(), Decision> {
        let is_own = |job: &&Job| job.person == person;
        let own_ms: f64 = self
            .queue
            .iter()
            .filter(is_own)
            .map(|job| job.cost_ms)
            .sum();
        let own = self
            .queue
            .iter()
            .chain(&self.running)
            .filter(is_own)
            .count();
        let ahead_ms = self
            .start
            .get(&person)
            .map_or(0.0, |start| (start - self.least_ms()).max(0.0));
        let queued_ms = self.queue.iter().map(|job| job.cost_ms).sum();
        let backlog = Backlog {
            queued: self.queue.len() as u64,
            queued_ms,
            lane_ms: own_ms + ahead_ms,
            course_ms: queued_ms,
            share: 1.0,
            before: self.due_before(Some(person), target_ms, ahead_ms),
            before_others: self.due_before(None, target_ms, 0.0),
            running: self.running.len() as u64,
            own: own as u64,
        };
        let offer = Offer {
            cost_ms,
            others_target_ms: (self.world.people > 1 || self.world.insists).then_some(TARGET_MS),
            known: person == 0 && self.charged_ms.is_some(),
            target_ms,
            share: self.allowance.share(),
        };
        // The workers tell of half a pace at first, and never of what comes later.
        let capacity = Capacity {
            rate: self.world.slots as f64 / 2.0,
            slots: self.world.slots,
            spare: self.world.spare,
        };
        let in_flight = InFlight::default();
        decide(
            offer,
            backlog,
            in_flight,
            (&self.pace, capacity, self.now_ms),
        )
    }

    /// As `due::before` of the store does: all of one's own, and of others what is not due later.
    fn due_before(&self, person: Option<u64>, target_ms: f64, lead_ms: f64) -> DueBefore {
        let due_ms = self.now_ms + target_ms / 4.0 + lead_ms;
        let least_ms = self.least_ms();
        let before = self
            .queue
            .iter()
            .filter(|job| Some(job.person) == person || self.due_ms(job, least_ms) <= due_ms);
        before.fold(DueBefore::default(), |before, job| DueBefore {
            cost_ms: before.cost_ms + job.cost_ms,
            waited_ms: before
                .waited_ms
                .max((self.now_ms - self.since_ms(job)) as u64),
        })
    }

    /// Since when neither a job nor another of its sender was served.
    fn since_ms(&self, job: &Job) -> f64 {
        let served_ms = self.served_ms.get(&job.person).copied().unwrap_or_default();
        job.accepted_ms.max(served_ms)
    }

    /// When a job goes before the order of fairness.
    fn due_ms(&self, job: &Job, least_ms: f64) -> f64 {
        let start = self.start.get(&job.person).copied().unwrap_or_default();
        self.since_ms(job) + job.target_ms / 4.0 + (start - least_ms).max(0.0)
    }

    /// The smallest tag of what waits.
    fn least_ms(&self) -> f64 {
        let start = |job: &Job| self.start.get(&job.person).copied().unwrap_or_default();
        let least = self.queue.iter().map(start).fold(f64::INFINITY, f64::min);
        if least.is_finite() {
            least.max(self.virtual_ms)
        } else {
            self.virtual_ms
        }
    }

    fn arrive_at_once(&mut self) {
        for _ in 0..self.world.flood {
            self.ask_for_long();
        }
    }

    fn insist(&mut self) {
        if !self.ask_for_long() {
            self.seen.insisted += 1;
        }
    }

    /// Person 0 asks to run what holds its slot for two seconds.
    fn ask_for_long(&mut self) -> bool {
        let expected = (self.cost_ms(0), TARGET_MS);
        let is_taken = self.ask(0, expected).is_ok();
        if is_taken {
            self.accept(0, expected, (2_000.0, false));
        }
        is_taken
    }

    fn accept(
        &mut self,
        person: u64,
        (cost_ms, target_ms): (f64, f64),
        (left_ms, limited): (f64, bool),
    ) {
        self.queue.push(Job {
            id: SubmissionId::new(),
            person,
            accepted_ms: self.now_ms,
            started_ms: 0.0,
            cost_ms,
            left_ms,
            target_ms,
            limited,
        });
        *self.seen.by_person.entry(person).or_default() += 1;
    }

    fn advance(&mut self) {
        // More than there are processors for share them.
        let crowd = (self.running.len() as f64 / self.world.slots as f64).max(1.0);
        let speed = (self.world.speed)(self.now_ms / 1e3) / crowd;
        self.now_ms += STEP_MS;
        for job in &mut self.running {
            job.left_ms -= STEP_MS * speed;
            self.seen.busy_ms += STEP_MS / crowd;
        }
        let (over, running): (Vec<Job>, Vec<Job>) = std::mem::take(&mut self.running)
            .into_iter()
            .partition(|job| job.left_ms <= 0.0);
        self.running = running;
        for job in over {
            let slot_ms = self.now_ms - job.started_ms;
            self.correct(&job, slot_ms);
            self.typical.note(slot_ms);
            let waited_ms = job.started_ms - job.accepted_ms;
            let took_ms = self.now_ms - job.accepted_ms;
            self.pace
                .end(job.id, (job.cost_ms, slot_ms), self.world.slots);
            self.allowance
                .note((waited_ms, took_ms), job.target_ms, self.now_ms);
            if !job.limited {
                self.seen.of_target.push(took_ms / job.target_ms);
            }
            self.seen
                .judged
                .push((job.accepted_ms, waited_ms, took_ms, job.person));
        }
        while self.claim(self.room()) {}
    }

    /// As `node::room` of the worker does.
    fn room(&self) -> Room {
        let (running, slots) = (self.running.len() as u64, self.world.slots);
        let long_ms = self.typical.long_after_ms();
        let is_long = |job: &Job| self.now_ms - job.started_ms >= long_ms;
        if running < slots {
            Room::Any
        } else if running >= slots + self.world.spare {
            Room::None
        } else if self.running.iter().all(is_long) {
            Room::Spare(Spare::Next)
        } else {
            Room::Spare(Spare::Late)
        }
    }

    /// As `lanes::correct` of the store does, with what the worker charges.
    fn correct(&mut self, job: &Job, slot_ms: f64) {
        let charged_ms = slot_ms * self.world.cost_ms / self.world.real_ms;
        let start = self.start.entry(job.person).or_default();
        *start = (*start + charged_ms - job.cost_ms).max(self.virtual_ms);
        if job.person == 0 {
            self.charged_ms = Some(charged_ms);
        }
    }

    /// As `choice::next` of the store does: in a spare slot of people only of whom nothing runs.
    fn claim(&mut self, room: Room) -> bool {
        let least_ms = self.least_ms();
        let runs = |job: &Job| self.running.iter().any(|other| other.person == job.person);
        let is_late = |job: &Job| self.now_ms - job.accepted_ms > WAIT_MOST * job.target_ms;
        let may = |(_, job): &(usize, &Job)| match room {
            Room::None => false,
            Room::Any => true,
            Room::Spare(spare) => !runs(job) && (spare == Spare::Next || is_late(job)),
        };
        let due = self.queue.iter().enumerate().filter(may);
        let due = due.filter_map(|(index, job)| {
            let due_ms = self.due_ms(job, least_ms);
            (due_ms <= self.now_ms).then_some((index, due_ms))
        });
        let hurries = due
            .min_by(|(_, one_ms), (_, other_ms)| one_ms.total_cmp(other_ms))
            .map(|(index, _)| index);
        let tag = |job: &Job| {
            let start = self.start.get(&job.person).copied().unwrap_or_default();
            start.max(self.virtual_ms)
        };
        let fair = || {
            let tags = self.queue.iter().enumerate().filter(may);
            tags.min_by(|(_, one), (_, other)| tag(one).total_cmp(&tag(other)))
                .map(|(index, _)| index)
        };
        let fair = || (room != Room::Spare(Spare::Late)).then(fair).flatten();
        let Some(index) = hurries.or_else(fair) else {
            return false;
        };
        let least = self.queue.iter().map(tag).fold(f64::INFINITY, f64::min);
        let mut job = self.queue.remove(index);
        let tag = tag(&job);
        self.virtual_ms = if hurries.is_some() { least } else { tag };
        self.start.insert(job.person, tag + job.cost_ms);
        self.served_ms.insert(job.person, self.now_ms);
        job.started_ms = self.now_ms;
        self.pace.begin(job.id, job.cost_ms, self.now_ms);
        self.running.push(job);
        true
    }
}
