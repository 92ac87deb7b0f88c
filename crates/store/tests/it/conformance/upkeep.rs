//! Retention, export, deletion.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState;
use carrel_store::Error;
use carrel_store::account::Role;
use carrel_store::ledger::{AuditFilter, AuditRow};
use carrel_store::submission::{SubmissionFilter, Work};
use carrel_store::upkeep::{Expired, Retention};
use jiff::Timestamp;

use super::submissions::execution;
use super::{Engine, all, new_job, new_submission};

const DAY: Duration = Duration::from_secs(24 * 3_600);

const NOTHING: Retention = Retention {
    sources_days: None,
    outputs_days: None,
    executions_days: None,
    ledger_days: None,
    attempts_days: None,
};

pub(crate) async fn nothing_expires_unasked(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.judged(user, Verdict::Accepted, 10.0).await;
    engine.clock.advance(DAY * 4_000);
    let (expired, more) = engine.store.expire(NOTHING).await.unwrap();
    assert_eq!((expired, more), (Expired::default(), false));
    assert!(engine.store.work(id).await.is_ok());
    assert!(engine.store.outcome(id).await.unwrap().is_some());
}

pub(crate) async fn sources_and_outputs_expire_verdicts_stay(engine: &Engine) {
    let user = engine.user("ada").await;
    let old = engine.judged(user, Verdict::Accepted, 10.0).await;
    engine.clock.advance(DAY * 20);
    let young = engine.judged(user, Verdict::Accepted, 10.0).await;
    engine.clock.advance(DAY * 20);
    let retention = Retention {
        sources_days: Some(30),
        outputs_days: Some(30),
        ..NOTHING
    };
    let (expired, more) = engine.store.expire(retention).await.unwrap();
    assert_eq!((expired.sources, expired.outputs, more), (1, 1, false));
    for error in [
        engine.store.work(old).await.unwrap_err(),
        engine.store.outcome(old).await.unwrap_err(),
        engine
            .store
            .rejudge(old, new_job("sample", "x"))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::State { .. }), "{error}");
    }
    let row = engine.store.submission(old).await.unwrap();
    assert_eq!(
        (row.verdict, row.points),
        (Some(Verdict::Accepted), Some(10.0))
    );
    assert!(engine.store.events(old, 0).await.unwrap().is_empty());
    assert!(engine.store.work(young).await.is_ok());
    let (again, _) = engine.store.expire(retention).await.unwrap();
    assert_eq!(again, Expired::default());
}

pub(crate) async fn what_waits_does_not_expire(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    engine.clock.advance(DAY * 400);
    let retention = Retention {
        sources_days: Some(1),
        ..NOTHING
    };
    let (expired, _) = engine.store.expire(retention).await.unwrap();
    assert_eq!(expired, Expired::default());
    assert_eq!(engine.claim_one().await.submission, id);
}

pub(crate) async fn executions_go_wholly(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut new = new_submission(user, "sample");
    new.work = Work::Execution(Box::new(execution()));
    let id = engine.submit_as(new).await;
    engine.store.cancel(id).await.unwrap();
    engine.clock.advance(DAY * 8);
    let (expired, _) = engine.store.expire(Retention::default()).await.unwrap();
    assert_eq!(expired.executions, 1);
    let error = engine.store.submission(id).await.unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

pub(crate) async fn much_expires_in_bounded_passes(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..450 {
        let mut new = new_submission(user, "sample");
        new.work = Work::Execution(Box::new(execution()));
        let id = engine.submit_as(new).await;
        engine.store.cancel(id).await.unwrap();
    }
    engine.clock.advance(DAY * 8);
    let (mut removed, mut passes) = (0, 0);
    loop {
        let (expired, more) = engine.store.expire(Retention::default()).await.unwrap();
        removed += expired.executions;
        passes += 1;
        if !more {
            break;
        }
    }
    assert_eq!(removed, 450);
    assert!(passes > 1);
}

fn audit(user: Option<carrel_model::id::UserId>) -> AuditRow {
    AuditRow {
        at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        user,
        through: "session".into(),
        address: Some("192.0.2.1".into()),
        action: "session.begin".into(),
        course: None,
        object: String::new(),
        detail: String::new(),
    }
}

pub(crate) async fn the_ledger_expires(engine: &Engine) {
    let now = engine.clock.now();
    let entry = AuditRow {
        at: now,
        ..audit(None)
    };
    engine.store.add_audit(entry).await.unwrap();
    engine.clock.advance(DAY * 366);
    let (expired, _) = engine.store.expire(Retention::default()).await.unwrap();
    assert_eq!(expired.ledger, 1);
    assert!(
        engine
            .store
            .audit(AuditFilter::default(), all())
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

pub(crate) async fn a_person_is_exported(engine: &Engine) {
    let user = engine.user("ada").await;
    let other = engine.user("bob").await;
    engine
        .store
        .set_role(user, "sample", Some(Role::Learner))
        .await
        .unwrap();
    engine.store.add_audit(audit(Some(user))).await.unwrap();
    engine.judged(user, Verdict::Accepted, 10.0).await;
    engine.judged(other, Verdict::Accepted, 10.0).await;
    let export = engine.store.export_user(user).await.unwrap();
    assert_eq!(export["user"]["name"], "ada");
    assert_eq!(export["roles"][0]["course"], "sample");
    assert_eq!(export["audit"].as_array().unwrap().len(), 1);
    let submissions = export["submissions"].as_array().unwrap();
    assert_eq!(submissions.len(), 1);
    let attachments = submissions[0]["attachments"].as_array().unwrap();
    assert_eq!(attachments[0]["path"], "data/bytes.bin");
    assert_eq!(attachments[0]["encoding"], "base64");
    assert_eq!(attachments[0]["content"], "AP+A");
    assert_eq!(attachments[1]["content"], "print(1)\n");
    assert_eq!(submissions[0]["verdicts"][0]["verdict"], "accepted");
    let text = export.to_string();
    assert!(
        !text.contains("password") && !text.contains("secret"),
        "{text}"
    );
}

pub(crate) async fn a_person_is_removed_wholly(engine: &Engine) {
    let user = engine.user("ada").await;
    let other = engine.user("bob").await;
    engine.store.add_audit(audit(Some(user))).await.unwrap();
    for _ in 0..230 {
        engine.submit(user, "sample").await;
    }
    let running = engine.claim_one().await;
    let kept = engine.submit(other, "sample").await;
    engine.store.delete_user(user).await.unwrap();
    let error = engine.store.user(user).await.unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    let rows = engine
        .store
        .submissions(SubmissionFilter::default(), all())
        .await
        .unwrap();
    assert_eq!(
        rows.items.iter().map(|row| row.id).collect::<Vec<_>>(),
        [kept]
    );
    let depth = engine.store.depth().await.unwrap();
    assert_eq!(
        (depth.queued, depth.cost_ms),
        ([1, 0, 0], [100.0, 0.0, 0.0])
    );
    assert_eq!(engine.claim_one().await.submission, kept);
    let late = engine
        .store
        .finish(
            running.submission,
            running.token,
            super::judged(Verdict::Accepted, 1.0),
            1.0,
        )
        .await
        .unwrap();
    assert_eq!(late, carrel_store::queue::Applied::Stale);
    let log = engine
        .store
        .audit(AuditFilter::default(), all())
        .await
        .unwrap()
        .items;
    assert_eq!(
        (log.len(), log[0].user, log[0].address.clone()),
        (1, None, None)
    );
    assert!(engine.store.delete_user(user).await.is_err());
    let row = engine.store.submission(kept).await.unwrap();
    assert_eq!(row.state, SubmissionState::Running);
}

pub(crate) async fn a_check_reads_and_writes(engine: &Engine) {
    engine.store.check().await.unwrap();
}
