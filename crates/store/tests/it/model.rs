//! Random operation sequences against a small model of the queue: at least once, fenced,
//! nothing lost, one visible verdict each, in order within a lane, fair between lanes.

use std::collections::BTreeMap;
use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState;
use carrel_model::id::{NodeId, SubmissionId, UserId};
use carrel_store::queue::{ATTEMPTS_MAX, Applied, Released, Renewal};
use proptest::prelude::*;

use crate::conformance::{Engine, LEASE_MS, all, judged, new_job, new_submission};

const LANES: usize = 3;
const NODES: usize = 2;
const COST_MS: [f64; LANES] = [100.0, 70.0, 250.0];

#[derive(Debug, Clone)]
enum Operation {
    Submit { lane: usize },
    Claim { node: usize, max: u32 },
    Renew { pick: usize },
    Finish { pick: usize },
    Release { pick: usize, counted: bool },
    TakeOver { node: usize },
    Cancel { pick: usize },
    Rejudge { pick: usize },
    Unpark { pick: usize },
    Advance { ms: u64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => (0..LANES).prop_map(|lane| Operation::Submit { lane }),
        4 => (0..NODES, 1..4_u32).prop_map(|(node, max)| Operation::Claim { node, max }),
        2 => any::<usize>().prop_map(|pick| Operation::Renew { pick }),
        5 => any::<usize>().prop_map(|pick| Operation::Finish { pick }),
        3 => (any::<usize>(), any::<bool>())
            .prop_map(|(pick, counted)| Operation::Release { pick, counted }),
        1 => (0..NODES).prop_map(|node| Operation::TakeOver { node }),
        1 => any::<usize>().prop_map(|pick| Operation::Cancel { pick }),
        1 => any::<usize>().prop_map(|pick| Operation::Rejudge { pick }),
        1 => any::<usize>().prop_map(|pick| Operation::Unpark { pick }),
        2 => (1..15_000_u64).prop_map(|ms| Operation::Advance { ms }),
    ]
}

/// Where a job is, as the model knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Queued,
    /// Due between these times (the jitter is the engine's).
    Delayed {
        least_us: i64,
        most_us: i64,
    },
    Leased {
        node: usize,
        until_us: i64,
    },
    Withdrawn {
        node: usize,
        until_us: i64,
    },
    Parked,
    Gone,
}

#[derive(Debug, Clone)]
struct Entry {
    lane: usize,
    place: Place,
    token: u64,
    attempts: u32,
    verdicts: u32,
    /// Order within the lane.
    number: usize,
}

struct World {
    engine: Engine,
    users: Vec<UserId>,
    nodes: Vec<NodeId>,
    entries: BTreeMap<SubmissionId, Entry>,
    /// Every lease ever given, also those that are no longer held.
    leases: Vec<(SubmissionId, u64, usize)>,
    numbers: usize,
    /// Cost served to each lane since all of them last had work together.
    served: [f64; LANES],
}

impl World {
    async fn new(engine: Engine) -> Self {
        let mut users = Vec::new();
        for lane in 0..LANES {
            users.push(engine.user(&format!("u{lane}")).await);
        }
        Self {
            engine,
            users,
            nodes: (0..NODES).map(|_| NodeId::new()).collect(),
            entries: BTreeMap::new(),
            leases: Vec::new(),
            numbers: 0,
            served: [0.0; LANES],
        }
    }

    fn now_us(&self) -> i64 {
        self.engine.clock.now().as_microsecond()
    }

    fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    fn queued(&self, lane: usize) -> bool {
        self.entries
            .values()
            .any(|entry| entry.lane == lane && entry.place == Place::Queued)
    }

    /// Fairness is measured over spans in which every lane always has work.
    fn look_at_backlog(&mut self) {
        if !(0..LANES).all(|lane| self.queued(lane)) {
            self.served = [0.0; LANES];
        }
    }

    async fn apply(&mut self, operation: &Operation) {
        self.look_at_backlog();
        match *operation {
            Operation::Submit { lane } => self.submit(lane).await,
            Operation::Claim { node, max } => self.claim(node, max).await,
            Operation::Renew { pick } => self.renew(pick).await,
            Operation::Finish { pick } => self.finish(pick).await,
            Operation::Release { pick, counted } => self.release(pick, counted).await,
            Operation::TakeOver { node } => self.take_over(node).await,
            Operation::Cancel { pick } => self.cancel(pick).await,
            Operation::Rejudge { pick } => self.rejudge(pick).await,
            Operation::Unpark { pick } => self.unpark(pick).await,
            Operation::Advance { ms } => self.engine.clock.advance(Duration::from_millis(ms)),
        }
        self.look_at_backlog();
    }

    async fn submit(&mut self, lane: usize) {
        let mut new = new_submission(self.users[lane], "sample");
        new.job.cost_ms = COST_MS[lane];
        let id = self.engine.submit_as(new).await;
        let number = self.number();
        let entry = Entry {
            lane,
            place: Place::Queued,
            token: 0,
            attempts: 0,
            verdicts: 0,
            number,
        };
        self.entries.insert(id, entry);
    }

    /// What a claim does before it looks: waits and leases that are over come back.
    fn wake(&mut self) {
        let now = self.now_us();
        for entry in self.entries.values_mut() {
            match entry.place {
                Place::Leased { until_us, .. } if until_us <= now => {
                    entry.place = if entry.attempts >= ATTEMPTS_MAX {
                        Place::Parked
                    } else {
                        Place::Queued
                    };
                }
                Place::Withdrawn { until_us, .. } if until_us <= now => entry.place = Place::Gone,
                Place::Delayed { most_us, .. } if most_us <= now => entry.place = Place::Queued,
                _ => {}
            }
        }
    }

    async fn claim(&mut self, node: usize, max: u32) {
        let before = (0..LANES).map(|lane| self.queued(lane)).collect::<Vec<_>>();
        self.wake();
        if (0..LANES).any(|lane| self.queued(lane) != before[lane]) {
            self.served = [0.0; LANES];
        }
        let leases = self
            .engine
            .store
            .claim(self.nodes[node], max, LEASE_MS)
            .await
            .unwrap();
        let now = self.now_us();
        for lease in &leases {
            let entry = self.entries[&lease.submission].clone();
            let due = match entry.place {
                Place::Queued => true,
                Place::Delayed { least_us, .. } => least_us <= now,
                _ => false,
            };
            assert!(due, "{entry:?} was claimed at {now}");
            assert!(lease.token > entry.token, "tokens only grow");
            assert_eq!(lease.attempt, entry.attempts + 1);
            for other in self.entries.values() {
                assert!(
                    other.lane != entry.lane
                        || other.place != Place::Queued
                        || other.number >= entry.number,
                    "in order within a lane"
                );
            }
            self.charge(entry.lane);
            let entry = self.entries.get_mut(&lease.submission).unwrap();
            entry.token = lease.token;
            entry.attempts = lease.attempt;
            entry.place = Place::Leased {
                node,
                until_us: now + i64::try_from(LEASE_MS).unwrap() * 1_000,
            };
            self.leases.push((lease.submission, lease.token, node));
        }
        if leases.len() < max as usize {
            let left = self
                .entries
                .values()
                .any(|entry| entry.place == Place::Queued);
            assert!(!left, "a claim leaves nothing while it has room");
        }
    }

    fn charge(&mut self, lane: usize) {
        let all = (0..LANES).all(|lane| self.queued(lane));
        if !all {
            self.served = [0.0; LANES];
            return;
        }
        self.served[lane] += COST_MS[lane];
        for (one, one_ms) in self.served.iter().zip(COST_MS) {
            for (other, other_ms) in self.served.iter().zip(COST_MS) {
                let within = one - other <= one_ms + other_ms;
                assert!(within, "unfair: {:?}", self.served);
            }
        }
    }

    fn picked(&self, pick: usize) -> Option<(SubmissionId, u64, usize)> {
        (!self.leases.is_empty()).then(|| self.leases[pick % self.leases.len()])
    }

    fn any_entry(&self, pick: usize) -> Option<SubmissionId> {
        let count = self.entries.len();
        (count > 0).then(|| *self.entries.keys().nth(pick % count).unwrap())
    }

    /// The lease is the last one of its job and nothing ended it.
    fn is_held(&self, id: SubmissionId, token: u64) -> bool {
        let entry = &self.entries[&id];
        entry.token == token && matches!(entry.place, Place::Leased { .. })
    }

    fn is_withdrawn(&self, id: SubmissionId, token: u64) -> bool {
        let entry = &self.entries[&id];
        entry.token == token && matches!(entry.place, Place::Withdrawn { .. })
    }

    async fn renew(&mut self, pick: usize) {
        let Some((id, token, node)) = self.picked(pick) else {
            return;
        };
        let expected = if self.is_held(id, token) {
            Renewal::Held
        } else if self.is_withdrawn(id, token) {
            Renewal::Cancelled
        } else {
            Renewal::Lost
        };
        let told = self
            .engine
            .store
            .renew(self.nodes[node], &[(id, token)], LEASE_MS)
            .await
            .unwrap();
        assert_eq!(told, [expected]);
        let until = self.now_us() + i64::try_from(LEASE_MS).unwrap() * 1_000;
        let entry = self.entries.get_mut(&id).unwrap();
        match &mut entry.place {
            Place::Leased { until_us, .. } | Place::Withdrawn { until_us, .. }
                if expected != Renewal::Lost =>
            {
                *until_us = until;
            }
            _ => {}
        }
    }

    async fn finish(&mut self, pick: usize) {
        let Some((id, token, _)) = self.picked(pick) else {
            return;
        };
        let held = self.is_held(id, token);
        let cost = COST_MS[self.entries[&id].lane];
        let applied = self
            .engine
            .store
            .finish(id, token, judged(Verdict::Accepted, 1.0), cost)
            .await
            .unwrap();
        assert_eq!(applied == Applied::Applied, held);
        let withdrawn = self.is_withdrawn(id, token);
        let entry = self.entries.get_mut(&id).unwrap();
        if held {
            entry.verdicts += 1;
        }
        if held || withdrawn {
            entry.place = Place::Gone;
        }
    }

    async fn release(&mut self, pick: usize, counted: bool) {
        let Some((id, token, _)) = self.picked(pick) else {
            return;
        };
        let held = self.is_held(id, token);
        let released = self
            .engine
            .store
            .release(id, token, "x", counted)
            .await
            .unwrap();
        let now = self.now_us();
        if self.is_withdrawn(id, token) {
            self.entries.get_mut(&id).unwrap().place = Place::Gone;
        }
        if !held {
            assert_eq!(released, Released::Stale);
            return;
        }
        let entry = self.entries.get_mut(&id).unwrap();
        if !counted {
            entry.attempts -= 1;
            entry.place = Place::Queued;
            assert_eq!(released, Released::Requeued);
        } else if entry.attempts >= ATTEMPTS_MAX {
            entry.place = Place::Parked;
            assert_eq!(released, Released::Parked);
        } else {
            let pause_us = [1_000_000, 5_000_000][entry.attempts as usize - 1];
            entry.place = Place::Delayed {
                least_us: now + pause_us * 8 / 10,
                most_us: now + pause_us * 12 / 10,
            };
            assert_eq!(released, Released::Requeued);
        }
    }

    async fn take_over(&mut self, node: usize) {
        let leases = self
            .engine
            .store
            .take_over(self.nodes[node], LEASE_MS)
            .await
            .unwrap();
        let until_us = self.now_us() + i64::try_from(LEASE_MS).unwrap() * 1_000;
        let mut expected = Vec::new();
        for (id, entry) in &mut self.entries {
            match entry.place {
                Place::Leased { node: held, .. } if held == node => {
                    entry.place = Place::Leased { node, until_us };
                    expected.push(*id);
                }
                Place::Withdrawn { node: held, .. } if held == node => entry.place = Place::Gone,
                _ => {}
            }
        }
        let mut taken: Vec<_> = leases.iter().map(|lease| lease.submission).collect();
        taken.sort();
        expected.sort();
        assert_eq!(taken, expected);
        for lease in leases {
            let entry = self.entries.get_mut(&lease.submission).unwrap();
            assert!(lease.token > entry.token);
            assert_eq!(lease.attempt, entry.attempts);
            entry.token = lease.token;
            self.leases.push((lease.submission, lease.token, node));
        }
    }

    async fn cancel(&mut self, pick: usize) {
        let Some(id) = self.any_entry(pick) else {
            return;
        };
        let told = self.engine.store.cancel(id).await;
        let entry = self.entries.get_mut(&id).unwrap();
        match entry.place {
            Place::Leased { node, until_us } => {
                told.unwrap();
                entry.place = Place::Withdrawn { node, until_us };
            }
            Place::Queued | Place::Delayed { .. } | Place::Parked => {
                told.unwrap();
                entry.place = Place::Gone;
            }
            Place::Withdrawn { .. } => {
                told.unwrap();
            }
            Place::Gone => assert_eq!(told.is_err(), entry.verdicts > 0),
        }
    }

    async fn rejudge(&mut self, pick: usize) {
        let Some(id) = self.any_entry(pick) else {
            return;
        };
        let lane = self.entries[&id].lane;
        let mut job = new_job("sample", &self.users[lane].to_string());
        job.cost_ms = COST_MS[lane];
        let told = self.engine.store.rejudge(id, job).await;
        let number = self.number();
        let entry = self.entries.get_mut(&id).unwrap();
        let free = matches!(entry.place, Place::Gone | Place::Withdrawn { .. });
        assert_eq!(told.is_ok(), free, "{told:?}");
        if free {
            entry.place = Place::Queued;
            entry.attempts = 0;
            entry.number = number;
        }
    }

    async fn unpark(&mut self, pick: usize) {
        let Some(id) = self.any_entry(pick) else {
            return;
        };
        let told = self.engine.store.unpark(id).await;
        let entry = self.entries.get_mut(&id).unwrap();
        assert_eq!(told.is_ok(), entry.place == Place::Parked);
        if told.is_ok() {
            entry.place = Place::Queued;
            entry.attempts = 0;
        }
    }

    /// In the end everything that was kept and not taken back has a verdict, once visible.
    async fn drain(mut self) {
        for _ in 0..1_000 {
            self.engine.clock.advance(Duration::from_secs(20));
            for parked in self.engine.store.parked(None, all()).await.unwrap().items {
                self.engine.store.unpark(parked.submission).await.unwrap();
            }
            let leases = self
                .engine
                .store
                .claim(self.nodes[0], 64, LEASE_MS)
                .await
                .unwrap();
            let depth = self.engine.store.depth().await.unwrap();
            for lease in &leases {
                self.engine.finish(lease, Verdict::Accepted, 1.0).await;
                self.entries.get_mut(&lease.submission).unwrap().verdicts += 1;
            }
            if leases.is_empty() && depth.parked == 0 {
                break;
            }
        }
        let depth = self.engine.store.depth().await.unwrap();
        assert_eq!(depth, Default::default(), "the counters return to nothing");
        for (id, entry) in &self.entries {
            let row = self.engine.store.submission(*id).await.unwrap();
            let history = self.engine.store.history(*id).await.unwrap();
            assert_eq!(row.verdicts, entry.verdicts);
            assert_eq!(history.len(), entry.verdicts as usize);
            let counting = history.iter().filter(|verdict| verdict.counts).count();
            let expected = if entry.verdicts > 0 {
                (SubmissionState::Finished, 1)
            } else {
                (SubmissionState::Cancelled, 0)
            };
            assert_eq!((row.state, counting), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_queue_behaves_like_its_model(operations in prop::collection::vec(operation(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (engine, _directory) = crate::sqlite::fresh();
            let mut world = World::new(engine).await;
            for operation in &operations {
                world.apply(operation).await;
            }
            world.drain().await;
        });
    }
}
