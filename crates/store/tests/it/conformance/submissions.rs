//! Keeping, listing, taking back and judging again.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::execution::{ExecutionRequest, ExecutionResult, StageResult, SubmissionState};
use carrel_model::id::{SubmissionId, UserId};
use carrel_model::limits::Limits;
use carrel_model::result::{EnvironmentUsed, Usage};
use carrel_store::account::{Giver, Role};
use carrel_store::event::EventKind;
use carrel_store::queue::{Applied, Released, Renewal};
use carrel_store::submission::{
    Callback, Fault, IdempotencyKey, Outcome, SubmissionFilter, Submitted, Work,
};
use carrel_store::webhook::Room;
use carrel_store::{Error, PageRequest};

use super::{Engine, LEASE_MS, all, judged, new_job, new_submission};

pub(crate) async fn a_submission_is_kept_as_sent(engine: &Engine) {
    let user = engine.user("ada").await;
    let new = new_submission(user, "sample");
    let id = engine.submit_as(new.clone()).await;
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(row.user, user);
    assert_eq!(row.course.as_deref(), Some("sample"));
    assert_eq!(row.challenge.as_deref(), Some("two-fer"));
    assert_eq!(row.course_version, Some("1".repeat(64)));
    assert_eq!(row.state, SubmissionState::Queued);
    assert_eq!(row.created_at, engine.clock.now());
    assert_eq!(
        (row.started_at, row.finished_at, row.verdict),
        (None, None, None)
    );
    assert_eq!(row.verdicts, 0);
    assert_eq!(engine.store.work(id).await.unwrap(), new.work);
    assert_eq!(engine.store.outcome(id).await.unwrap(), None);
}

pub(crate) async fn unknown_things_are_missing(engine: &Engine) {
    let id = SubmissionId::new();
    for error in [
        engine.store.submission(id).await.unwrap_err(),
        engine.store.work(id).await.unwrap_err(),
        engine.store.outcome(id).await.unwrap_err(),
        engine.store.history(id).await.unwrap_err(),
        engine.store.events(id, 0).await.unwrap_err(),
        engine.store.cancel(id).await.unwrap_err(),
        engine.store.position(id).await.unwrap_err(),
        engine
            .store
            .rejudge(id, new_job("sample", "x"))
            .await
            .unwrap_err(),
        engine
            .store
            .submit(new_submission(UserId::new(), "sample"))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::Missing { .. }), "{error}");
    }
    assert!(engine.claim(1).await.is_empty(), "nothing was queued");
}

pub(crate) async fn an_id_is_used_once(engine: &Engine) {
    let user = engine.user("ada").await;
    let new = new_submission(user, "sample");
    engine.submit_as(new.clone()).await;
    let error = engine.store.submit(new).await.unwrap_err();
    assert!(matches!(error, Error::Exists { .. }), "{error}");
    assert_eq!(engine.claim(10).await.len(), 1);
}

pub(crate) async fn a_repeated_request_is_one_request(engine: &Engine) {
    let user = engine.user("ada").await;
    let other = engine.user("bob").await;
    let with_key = |user: UserId, digest: u8| {
        let mut new = new_submission(user, "sample");
        new.idempotency = Some(IdempotencyKey {
            key: "k".into(),
            request_digest: [digest; 32],
        });
        new
    };
    let first = engine.submit_as(with_key(user, 1)).await;
    let again = engine.store.submit(with_key(user, 1)).await.unwrap();
    assert_eq!(again, Submitted::Known(first));
    let error = engine.store.submit(with_key(user, 2)).await.unwrap_err();
    assert!(matches!(error, Error::KeyReused), "{error}");
    engine.submit_as(with_key(other, 2)).await;
    assert_eq!(engine.claim(10).await.len(), 2);
    engine.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    let key = with_key(user, 2).idempotency.unwrap();
    let forgotten = engine.store.repeated(user, &key).await.unwrap();
    assert_eq!(forgotten, None, "kept for a day");
    let later = engine.store.submit(with_key(user, 2)).await.unwrap();
    assert!(matches!(later, Submitted::New(_)), "kept for a day");
    let known = engine.store.repeated(user, &key).await.unwrap();
    assert_eq!(Submitted::New(known.unwrap()), later);
    let other = with_key(user, 1).idempotency.unwrap();
    let error = engine.store.repeated(user, &other).await.unwrap_err();
    assert!(matches!(error, Error::KeyReused), "{error}");
}

pub(crate) async fn a_queued_submission_is_taken_back_at_once(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    assert_eq!(
        engine.store.cancel(id).await.unwrap(),
        SubmissionState::Cancelled
    );
    assert_eq!(
        engine.store.cancel(id).await.unwrap(),
        SubmissionState::Cancelled
    );
    assert!(engine.claim(1).await.is_empty());
    let depth = engine.store.depth().await.unwrap();
    assert_eq!((depth.queued, depth.cost_ms), ([0; 3], [0.0; 3]));
    let last = engine.store.events(id, 0).await.unwrap().pop().unwrap();
    assert_eq!(last.kind, EventKind::Cancelled);
}

pub(crate) async fn a_running_submission_is_taken_back(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    assert_eq!(
        engine.store.cancel(id).await.unwrap(),
        SubmissionState::Cancelled
    );
    let renewal = engine
        .store
        .renew(engine.node, &[(id, lease.token)], LEASE_MS)
        .await
        .unwrap();
    assert_eq!(renewal, [Renewal::Cancelled]);
    let late = engine
        .store
        .finish(id, lease.token, judged(Verdict::Accepted, 10.0), 1.0)
        .await
        .unwrap();
    assert_eq!(late, Applied::Stale);
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!((row.state, row.verdict), (SubmissionState::Cancelled, None));
    assert_eq!(engine.store.depth().await.unwrap().running, 0);
}

pub(crate) async fn a_cancelled_job_whose_worker_is_lost_goes_away(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    engine.store.cancel(id).await.unwrap();
    engine.clock.advance(Duration::from_millis(LEASE_MS + 1));
    assert!(engine.claim(1).await.is_empty());
    assert_eq!(engine.store.depth().await.unwrap().running, 0);
    let released = engine
        .store
        .release(id, lease.token, "x", true)
        .await
        .unwrap();
    assert_eq!(released, Released::Stale);
}

pub(crate) async fn a_judged_submission_is_not_taken_back(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.judged(user, Verdict::Accepted, 10.0).await;
    let error = engine.store.cancel(id).await.unwrap_err();
    assert!(matches!(error, Error::State { .. }), "{error}");
}

pub(crate) async fn a_verdict_is_told_with_its_document(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.judged(user, Verdict::WrongAnswer, 4.0).await;
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(row.state, SubmissionState::Finished);
    assert_eq!(row.verdict, Some(Verdict::WrongAnswer));
    assert_eq!((row.points, row.points_max), (Some(4.0), Some(10.0)));
    assert_eq!(row.finished_at, Some(engine.clock.now()));
    assert_eq!(
        engine.store.outcome(id).await.unwrap(),
        Some(judged(Verdict::WrongAnswer, 4.0))
    );
    let history = engine.store.history(id).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].reason, "submitted");
    assert!(history[0].counts);
}

pub(crate) async fn judging_again_keeps_the_history(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.judged(user, Verdict::WrongAnswer, 4.0).await;
    engine
        .store
        .rejudge(id, new_job("sample", "x"))
        .await
        .unwrap();
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(row.state, SubmissionState::Queued);
    assert_eq!(
        row.verdict,
        Some(Verdict::WrongAnswer),
        "stays until the new one"
    );
    let twice = engine
        .store
        .rejudge(id, new_job("sample", "x"))
        .await
        .unwrap_err();
    assert!(matches!(twice, Error::State { .. }), "{twice}");
    let lease = engine.claim_one().await;
    assert_eq!(lease.reason, "rejudged");
    assert!(lease.token > 1, "tokens go on");
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
    let history = engine.store.history(id).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|row| (row.number, row.reason.as_str(), row.counts))
        .collect();
    assert_eq!(told, [(1, "submitted", false), (2, "rejudged", true)]);
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 2));
}

pub(crate) async fn judging_again_taken_back_leaves_the_verdict(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.judged(user, Verdict::Accepted, 10.0).await;
    engine
        .store
        .rejudge(id, new_job("sample", "x"))
        .await
        .unwrap();
    assert_eq!(
        engine.store.cancel(id).await.unwrap(),
        SubmissionState::Finished
    );
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(
        (row.state, row.verdict),
        (SubmissionState::Finished, Some(Verdict::Accepted))
    );
    // And one that was cancelled while it ran can be judged again at once.
    engine
        .store
        .rejudge(id, new_job("sample", "x"))
        .await
        .unwrap();
    let lease = engine.claim_one().await;
    engine.store.cancel(id).await.unwrap();
    engine
        .store
        .rejudge(id, new_job("sample", "x"))
        .await
        .unwrap();
    let renewal = engine
        .store
        .renew(engine.node, &[(id, lease.token)], LEASE_MS)
        .await
        .unwrap();
    assert_eq!(renewal, [Renewal::Lost]);
    let again = engine.claim_one().await;
    assert!(again.token > lease.token);
}

pub(crate) async fn failures_before_are_counted(engine: &Engine) {
    let user = engine.user("ada").await;
    let count = async || {
        engine
            .store
            .failures(user, "sample", "two-fer")
            .await
            .unwrap()
    };
    assert_eq!(count().await, 0);
    engine.judged(user, Verdict::WrongAnswer, 0.0).await;
    engine.clock.advance(Duration::from_millis(1));
    engine.judged(user, Verdict::CompileError, 0.0).await;
    engine.clock.advance(Duration::from_millis(1));
    engine.judged(user, Verdict::Accepted, 10.0).await;
    assert_eq!(count().await, 2);
    assert_eq!(
        engine
            .store
            .failures(user, "sample", "other")
            .await
            .unwrap(),
        0
    );
    engine.clock.advance(Duration::from_millis(1));
    engine.submit(user, "sample").await;
    assert_eq!(engine.claim_one().await.failures, 2);
}

pub(crate) async fn judged_work_of_learners_is_told_newest_first(engine: &Engine) {
    let store = &engine.store;
    let (ann, ada, olga) = (
        engine.user("ann").await,
        engine.user("ada").await,
        engine.operator("olga").await,
    );
    let author = Some(Role::Author);
    store
        .set_role(ada, "sample", author, Giver::Host)
        .await
        .unwrap();
    let opened_at = engine.clock.now();
    for _ in 0..2 {
        // Only the first time counts.
        let opened = store.open_challenge(ann, "sample", "two-fer");
        opened.await.unwrap();
        engine.clock.advance(Duration::from_secs(60));
    }
    // An author of another course is nobody special here.
    store
        .set_role(ann, "other", author, Giver::Host)
        .await
        .unwrap();
    for (user, verdict) in [
        (ann, Verdict::WrongAnswer),
        (ada, Verdict::Accepted),
        (olga, Verdict::Accepted),
        (ann, Verdict::Accepted),
    ] {
        engine.clock.advance(Duration::from_millis(1));
        engine.judged(user, verdict, 1.0).await;
    }
    engine.submit(ann, "sample").await;
    let judged = store.judged("sample", "two-fer", 10).await.unwrap();
    let told: Vec<_> = judged.iter().map(|row| (row.user, row.verdict)).collect();
    assert_eq!(
        told,
        [(ann, Verdict::Accepted), (ann, Verdict::WrongAnswer)]
    );
    assert!(judged[0].created_at > judged[1].created_at);
    assert_eq!(judged[0].opened_at, Some(opened_at));
    let newest = store.judged("sample", "two-fer", 1).await.unwrap();
    assert_eq!(newest, judged[..1]);
    assert!(store.judged("sample", "leap", 10).await.unwrap().is_empty());
    // Who learns in a course counts there, whatever else they are.
    let learner = Some(Role::Learner);
    store
        .set_role(olga, "sample", learner, Giver::Host)
        .await
        .unwrap();
    let judged = store.judged("sample", "two-fer", 10).await.unwrap();
    assert_eq!((judged.len(), judged[1].opened_at), (3, None));
}

pub(crate) async fn what_learners_sent_is_told_in_pages(engine: &Engine) {
    let store = &engine.store;
    let (ann, ada, olga) = (
        engine.user("ann").await,
        engine.user("ada").await,
        engine.operator("olga").await,
    );
    let author = Some(Role::Author);
    store
        .set_role(ada, "sample", author, Giver::Host)
        .await
        .unwrap();
    let opened_at = engine.clock.now();
    let opened = store.open_challenge(ann, "sample", "two-fer");
    opened.await.unwrap();
    let mut sent = Vec::new();
    for user in [ann, ada, olga, ann] {
        engine.clock.advance(Duration::from_millis(1));
        sent.push(engine.judged(user, Verdict::WrongAnswer, 1.0).await);
    }
    engine.clock.advance(Duration::from_millis(1));
    let waiting = engine.submit(ann, "sample").await;
    engine.clock.advance(Duration::from_millis(1));
    let cancelled = engine.submit(ann, "sample").await;
    store.cancel(cancelled).await.unwrap();
    engine.submit(ann, "other").await;
    let mut told = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { after, limit: 2 };
        let page = store.sent("sample", request).await.unwrap();
        told.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let ids: Vec<SubmissionId> = told.iter().map(|row| row.submission.id).collect();
    assert_eq!(ids, [waiting, sent[3], sent[0]]);
    assert_eq!(
        told[1].submission,
        store.submission(sent[3]).await.unwrap(),
        "the whole row"
    );
    assert_eq!(told[2].opened_at, Some(opened_at));
}

pub(crate) async fn a_refusal_is_an_outcome_without_a_verdict(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    let refused = Outcome::Refused {
        fault: Fault::Author,
        message: "challenge.toml:3: no such environment".into(),
    };
    engine
        .store
        .finish(id, lease.token, refused.clone(), 0.0)
        .await
        .unwrap();
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(
        (row.state, row.verdict, row.points),
        (SubmissionState::Finished, None, None)
    );
    assert_eq!(engine.store.outcome(id).await.unwrap(), Some(refused));
    assert_eq!(
        engine
            .store
            .failures(user, "sample", "two-fer")
            .await
            .unwrap(),
        0
    );
}

pub(crate) fn execution() -> ExecutionRequest {
    ExecutionRequest {
        language: "python".into(),
        environment: None,
        environment_of_challenge: false,
        files: [("main.py".to_owned(), b"print(input())".to_vec())].into(),
        entry: None,
        arguments: vec!["a".into()],
        compiler_arguments: Vec::new(),
        stdin: vec![0, 159, 146, 150],
        limits: Limits::default(),
        compile_limits: None,
        merge_stderr: false,
        runs: 1,
        note: None,
        conversation: None,
    }
}

pub(crate) async fn an_execution_keeps_its_bytes(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut new = new_submission(user, "sample");
    new.work = Work::Execution(Box::new(execution()));
    new.callback = Some(Callback {
        url: "http://127.0.0.1:9/x".into(),
        dialect: "judge0".into(),
    });
    let id = engine.submit_as(new.clone()).await;
    let lease = engine.claim_one().await;
    assert_eq!(lease.work, new.work);
    let result = ExecutionResult {
        environment: EnvironmentUsed {
            name: "host".into(),
            digest: None,
            repeatable: false,
        },
        compile: None,
        run: Some(StageResult {
            stdout: vec![0, 255, 10],
            stderr: b"warning".to_vec(),
            order: Vec::new(),
            exit_code: Some(0),
            signal: None,
            cause: None,
            limit: None,
            message: None,
            usage: Usage::default(),
        }),
        platform_fault: None,
        incidents: Vec::new(),
    };
    let outcome = Outcome::Executed(Box::new(result));
    engine
        .store
        .finish(id, lease.token, outcome.clone(), 7.0)
        .await
        .unwrap();
    assert_eq!(engine.store.outcome(id).await.unwrap(), Some(outcome));
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!((row.course, row.challenge, row.verdict), (None, None, None));
    let expected = engine.store.expected_cost(user, "executions", None);
    assert_eq!(expected.await.unwrap(), None, "one says nothing");
    let due = engine
        .store
        .due_deliveries(Room::of(10, 10), 1_000)
        .await
        .unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].method.as_str(), due[0].webhook.is_none()),
        ("PUT", true)
    );
    let body: serde_json::Value = serde_json::from_str(&due[0].body).unwrap();
    assert_eq!(body["data"]["submission"], id.to_string());
    assert_eq!(body["dialect"], "judge0");
}

pub(crate) async fn lists_are_filtered_and_paged(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    let mut sent = Vec::new();
    for number in 0..7 {
        let user = if number % 2 == 0 { ada } else { bob };
        sent.push(
            engine
                .submit(user, if number < 5 { "sample" } else { "other" })
                .await,
        );
    }
    let mut execution_ = new_submission(ada, "sample");
    execution_.work = Work::Execution(Box::new(execution()));
    let execution_id = engine.submit_as(execution_).await;
    sent.reverse();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { after, limit: 3 };
        let page = engine
            .store
            .submissions(SubmissionFilter::default(), request)
            .await
            .unwrap();
        assert!(page.items.len() <= 3);
        seen.extend(page.items.iter().map(|row| row.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, sent, "newest first, each once");
    let list = async |filter: SubmissionFilter| {
        engine.store.submissions(filter, all()).await.unwrap().items
    };
    let of_bob = SubmissionFilter {
        user: Some(bob),
        course: Some("sample".into()),
        challenge: Some("two-fer".into()),
        ..SubmissionFilter::default()
    };
    assert_eq!(list(of_bob).await.len(), 2);
    let queued = SubmissionFilter {
        state: Some(SubmissionState::Queued),
        ..SubmissionFilter::default()
    };
    assert_eq!(list(queued.clone()).await.len(), 7);
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::Accepted, 1.0).await;
    assert_eq!(list(queued).await.len(), 6);
    let accepted = SubmissionFilter {
        state: Some(SubmissionState::Finished),
        verdict: Some(Verdict::Accepted),
        ..SubmissionFilter::default()
    };
    assert_eq!(list(accepted).await.len(), 1);
    let executions = SubmissionFilter {
        executions: true,
        ..SubmissionFilter::default()
    };
    assert_eq!(list(executions).await[0].id, execution_id);
}

pub(crate) async fn a_foreign_cursor_is_refused(engine: &Engine) {
    let request = PageRequest {
        after: Some(carrel_store::Cursor("' OR 1=1".into())),
        limit: 3,
    };
    let error = engine
        .store
        .submissions(SubmissionFilter::default(), request)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Cursor { .. }), "{error}");
}
