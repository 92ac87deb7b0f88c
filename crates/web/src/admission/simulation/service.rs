//! The simulated service: its queue is that of the store with one course.

use std::collections::BTreeMap;

use super::super::door::InFlight;
use super::super::rule::{Decision, Offer, decide};
use crate::allowance::Allowance;
use crate::nodes::Capacity;
use crate::pace::Pace;
use carrel_model::id::SubmissionId;

use carrel_store::queue::{Backlog, DueBefore};
use carrel_store::spare::TypicalRun;

pub(super) const TARGET_MS: f64 = 2_000.0;

/// A small generator: the runs are the same every time.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }
}

/// What comes in and how it really is.
#[derive(Clone)]
pub(super) struct World {
    pub slots: u64,
    /// More that may run while all is long.
    pub spare: u64,
    pub people: u64,
    /// Expected processor time, milliseconds, and how long a run then really takes at full speed.
    pub cost_ms: f64,
    pub real_ms: f64,
    /// Of a hundred runs so many take so many times as long.
    pub heavy_percent: f64,
    pub heavy_factor: f64,
    /// Arrivals as a multiple of what the slots can do at full speed.
    pub load: f64,
    pub seconds: f64,
    /// Speed of the machine at a time in seconds.
    pub speed: fn(f64) -> f64,
    /// Person 0 sends so many runs at once every ten seconds that hold their slots for two.
    pub flood: u64,
    /// Person 0 asks again and again to run what holds its slot for two seconds.
    pub insists: bool,
}

impl World {
    pub(super) const OVERLOADED: Self = Self {
        slots: 2,
        spare: 1,
        people: 40,
        cost_ms: 200.0,
        real_ms: 300.0,
        heavy_percent: 0.0,
        heavy_factor: 10.0,
        load: 10.0,
        seconds: 120.0,
        speed: |_| 1.0,
        flood: 0,
        insists: false,
    };
}

struct Job {
    id: SubmissionId,
    person: u64,
    accepted_ms: f64,
    started_ms: f64,
    /// What it was expected to cost.
    cost_ms: f64,
    /// Time it takes at full speed.
    left_ms: f64,
}

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Accepted at, waited, took, milliseconds; and whose it was.
    pub judged: Vec<(f64, f64, f64, u64)>,
    pub refused: u64,
    pub own: u64,
    /// Of those person 0's, for which nothing is counted there.
    pub insisted: u64,
    pub busy_ms: f64,
    pub by_person: BTreeMap<u64, u64>,
}

impl Seen {
    pub(super) fn quantile(&self, quantile: f64, since_ms: f64) -> f64 {
        let later = self.judged.iter().filter(|(at_ms, ..)| *at_ms >= since_ms);
        let mut took: Vec<f64> = later.map(|(_, _, took_ms, _)| *took_ms).collect();
        took.sort_by(f64::total_cmp);
        took[((took.len() - 1) as f64 * quantile) as usize]
    }
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
        let mean_ms = service.world.real_ms
            * (1.0 + service.world.heavy_percent / 100.0 * (service.world.heavy_factor - 1.0));
        let pause_ms = mean_ms / service.world.slots as f64 / service.world.load;
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
        match self.ask(person) {
            Ok(()) => {
                let mut left_ms = self.world.real_ms * (0.5 + self.random.uniform());
                if self.random.uniform() * 100.0 < self.world.heavy_percent {
                    left_ms *= self.world.heavy_factor;
                }
                self.accept(person, left_ms);
            }
            Err(Decision::Own { .. } | Decision::Fills { .. } | Decision::Many) => {
                self.seen.own += 1
            }
            Err(Decision::All { .. }) => self.seen.refused += 1,
        }
    }

    /// What the next job of a person is expected to cost.
    fn cost_ms(&self, person: u64) -> f64 {
        let own_ms = self.charged_ms.filter(|_| person == 0);
        own_ms.unwrap_or(self.world.cost_ms)
    }

    fn ask(&self, person: u64) -> Result<(), Decision> {
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
            before: self.due_before(Some(person), ahead_ms),
            before_others: self.due_before(None, 0.0),
            running: self.running.len() as u64,
            own: own as u64,
        };
        let offer = Offer {
            cost_ms: self.cost_ms(person),
            others_target_ms: (self.world.people > 1 || self.world.insists).then_some(TARGET_MS),
            known: person == 0 && self.charged_ms.is_some(),
            target_ms: TARGET_MS,
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
    fn due_before(&self, person: Option<u64>, lead_ms: f64) -> DueBefore {
        let due_ms = self.now_ms + TARGET_MS / 4.0 + lead_ms;
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
        self.since_ms(job) + TARGET_MS / 4.0 + (start - least_ms).max(0.0)
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
            if self.ask(0).is_ok() {
                self.accept(0, 2_000.0);
            }
        }
    }

    fn insist(&mut self) {
        if self.ask(0).is_ok() {
            self.accept(0, 2_000.0);
        } else {
            self.seen.insisted += 1;
        }
    }

    fn accept(&mut self, person: u64, left_ms: f64) {
        let cost_ms = self.cost_ms(person);
        self.queue.push(Job {
            id: SubmissionId::new(),
            person,
            accepted_ms: self.now_ms,
            started_ms: 0.0,
            cost_ms,
            left_ms,
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
                .note((waited_ms, took_ms), TARGET_MS, self.now_ms);
            self.seen
                .judged
                .push((job.accepted_ms, waited_ms, took_ms, job.person));
        }
        while self.has_room() && self.claim() {}
    }

    /// As `node::room` of the worker does.
    fn has_room(&self) -> bool {
        let (running, slots) = (self.running.len() as u64, self.world.slots);
        running < slots || running < slots + self.world.spare && self.all_long()
    }

    fn all_long(&self) -> bool {
        let long_ms = self.typical.long_after_ms();
        let is_long = |job: &Job| self.now_ms - job.started_ms >= long_ms;
        self.running.iter().all(is_long)
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
    fn claim(&mut self) -> bool {
        let least_ms = self.least_ms();
        let is_spare = self.running.len() as u64 >= self.world.slots;
        let runs = |job: &Job| self.running.iter().any(|other| other.person == job.person);
        let may = |(_, job): &(usize, &Job)| !is_spare || !runs(job);
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
