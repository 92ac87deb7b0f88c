//! One suite for every engine: cases are written against `dyn Store` and a clock that
//! they move. An engine runs it by giving an [`Engine`] to each (see `sqlite.rs`).

pub(crate) mod accounts;
pub(crate) mod attempts;
pub(crate) mod cost;
pub(crate) mod drafts;
pub(crate) mod fairness;
pub(crate) mod passed_over;
pub(crate) mod progress;
pub(crate) mod queue;
pub(crate) mod records;
pub(crate) mod regrades;
pub(crate) mod roles;
pub(crate) mod submissions;
pub(crate) mod upkeep;
pub(crate) mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::id::{NodeId, SubmissionId, UserId};
use carrel_model::result::{
    CONTRACT_VERSION, EXERCISM_VERSION, EnvironmentUsed, ResultDocument, Status,
};
use carrel_store::account::{Authority, UserRow};
use carrel_store::export::Export;
use carrel_store::queue::{Band, Lease, NewJob};
use carrel_store::submission::{ChallengeWork, NewSubmission, Outcome, Submitted, Work};
use carrel_store::{PageRequest, Store};
use jiff::Timestamp;

/// Lease of the cases, milliseconds.
pub(crate) const LEASE_MS: u64 = 10_000;

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(Timestamp::now().as_microsecond())))
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap();
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

/// An engine under test.
pub(crate) struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Hand,
    pub(crate) node: NodeId,
}

impl Engine {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Hand) -> Self {
        Self {
            store,
            clock,
            node: NodeId::new(),
        }
    }

    /// Adds a person of this name.
    pub(crate) async fn user(&self, name: &str) -> UserId {
        let user = user_row(name);
        let id = user.id;
        self.store.add_user(user, Authority::Host).await.unwrap();
        id
    }

    /// Adds an operator of this name.
    pub(crate) async fn operator(&self, name: &str) -> UserId {
        let mut user = user_row(name);
        user.operator = true;
        let id = user.id;
        self.store.add_user(user, Authority::Host).await.unwrap();
        id
    }

    /// Submits to a challenge of course `course` in the person's own lane.
    pub(crate) async fn submit(&self, user: UserId, course: &str) -> SubmissionId {
        self.submit_as(new_submission(user, course)).await
    }

    pub(crate) async fn submit_as(&self, new: NewSubmission) -> SubmissionId {
        match self.store.submit(new).await.unwrap() {
            Submitted::New(id) => id,
            Submitted::Known(id) => panic!("{id} is known already"),
        }
    }

    pub(crate) async fn claim(&self, max: u32) -> Vec<Lease> {
        self.store.claim(self.node, max, LEASE_MS).await.unwrap()
    }

    /// All that is kept of somebody.
    pub(crate) async fn export(&self, user: UserId) -> serde_json::Value {
        let mut export = Export::new(user);
        let mut text = String::new();
        while let Some(piece) = export.next(self.store.as_ref()).await.unwrap() {
            text.push_str(&piece);
        }
        serde_json::from_str(&text).unwrap()
    }

    /// Claims exactly one job.
    pub(crate) async fn claim_one(&self) -> Lease {
        let mut leases = self.claim(1).await;
        assert_eq!(leases.len(), 1, "one job to claim");
        leases.remove(0)
    }

    pub(crate) async fn finish(&self, lease: &Lease, verdict: Verdict, points: f64) {
        let applied = self
            .store
            .finish(
                lease.submission,
                lease.token,
                judged(verdict, points),
                100.0,
            )
            .await
            .unwrap();
        assert_eq!(applied, carrel_store::queue::Applied::Applied);
    }

    /// Submits, claims and finishes one.
    pub(crate) async fn judged(&self, user: UserId, verdict: Verdict, points: f64) -> SubmissionId {
        let id = self.submit(user, "sample").await;
        let lease = self.claim_one().await;
        assert_eq!(lease.submission, id);
        self.finish(&lease, verdict, points).await;
        id
    }
}

pub(crate) fn all() -> PageRequest {
    PageRequest {
        after: None,
        limit: 100,
    }
}

pub(crate) fn user_row(name: &str) -> UserRow {
    UserRow {
        id: UserId::new(),
        name: name.into(),
        display_name: name.to_uppercase(),
        email: Some(format!("{name}@example.org")),
        password_hash: None,
        operator: false,
        disabled: false,
        subject: None,
        created_at: Timestamp::from_microsecond(1_700_000_000_123_456).unwrap(),
    }
}

pub(crate) fn new_job(course: &str, lane: &str) -> NewJob {
    NewJob {
        band: Band::Interactive,
        course: course.into(),
        lane: lane.into(),
        cost_ms: 100.0,
        not_before: None,
        // So far away that nothing hurries.
        target: Timestamp::from_second(32_503_680_000).unwrap(),
    }
}

pub(crate) fn new_submission(user: UserId, course: &str) -> NewSubmission {
    NewSubmission {
        id: SubmissionId::new(),
        user,
        work: Work::Challenge(ChallengeWork {
            course: course.into(),
            course_version: "1".repeat(64),
            challenge: "two-fer".into(),
            step: None,
            language: Some("python".into()),
            files: BTreeMap::from([
                ("two_fer.py".into(), b"print(1)\n".to_vec()),
                ("data/bytes.bin".into(), vec![0, 255, 128]),
            ]),
        }),
        idempotency: None,
        trace: None,
        request: "request-1".into(),
        job: new_job(course, &user.to_string()),
        callback: None,
    }
}

pub(crate) fn judged(verdict: Verdict, points: f64) -> Outcome {
    Outcome::Judged(Box::new(ResultDocument {
        version: EXERCISM_VERSION,
        status: if verdict == Verdict::Accepted {
            Status::Pass
        } else {
            Status::Fail
        },
        message: None,
        tests: Vec::new(),
        contract_version: CONTRACT_VERSION,
        verdict,
        cause: None,
        gradable: true,
        points,
        points_max: 10.0,
        challenge: "two-fer".into(),
        environment: EnvironmentUsed {
            name: "host".into(),
            digest: None,
            repeatable: false,
        },
        steps: Vec::new(),
        runs: Vec::new(),
        incidents: Vec::new(),
        duration_ms: 12.5,
    }))
}
