//! Retention, export, deletion.

use std::collections::BTreeMap;
use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState;
use carrel_model::id::UserId;
use carrel_store::account::{Authority, Giver, Role, UserUpdate};
use carrel_store::draft::DraftPlace;
use carrel_store::export::Export;
use carrel_store::ledger::{AuditFilter, AuditRow};
use carrel_store::page::PAGE_MAX;
use carrel_store::submission::{SubmissionFilter, Work};
use carrel_store::upkeep::{Expired, ExportList, Retention};
use carrel_store::{Error, PageRequest};
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
    let history = engine.store.history(old).await.unwrap();
    let told = (history.len(), history[0].verdict, history[0].points);
    assert_eq!(told, (1, Some(Verdict::Accepted), Some(10.0)));
    assert_eq!(history[0].outcome, None);
    let history = engine.store.history(young).await.unwrap();
    assert!(history[0].outcome.is_some());
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

/// Entries of the audit log by somebody and about them, and one that is of nobody.
fn about(user: UserId, other: UserId) -> Vec<AuditRow> {
    let failed = AuditRow {
        action: "session.failed".into(),
        object: user.to_string(),
        detail: "openid".into(),
        ..audit(None)
    };
    let changed = AuditRow {
        address: Some("198.51.100.7".into()),
        action: "user.change".into(),
        object: user.to_string(),
        detail: "email=ada@example.org".into(),
        ..audit(Some(other))
    };
    let given = AuditRow {
        action: "accommodation.set".into(),
        object: "sample".into(),
        detail: format!("{user} loops {{\"time_factor\":2.0}}"),
        ..changed.clone()
    };
    let unknown = AuditRow {
        object: "unknown name".into(),
        ..failed.clone()
    };
    vec![audit(Some(user)), failed, changed, given, unknown]
}

pub(crate) async fn an_export_of_much_is_handed_out_in_pages(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut sent = Vec::new();
    for number in 0..205_u32 {
        let mut new = new_submission(user, "sample");
        if let Work::Challenge(work) = &mut new.work {
            // A page ends by its bytes, and by its rows.
            let bytes = if number < 3 { 600_000 } else { 1 };
            work.files = BTreeMap::from([("a.py".to_owned(), vec![b'#'; bytes])]);
        }
        sent.push(engine.submit_as(new).await.to_string());
    }
    sent.sort();
    let request = PageRequest {
        after: None,
        limit: PAGE_MAX,
    };
    let list = ExportList::Submissions;
    let page = engine.store.export_list(user, list, request).await.unwrap();
    assert_eq!(page.items.len(), 2, "about a MiB of text at once");
    assert!(page.next.is_some());
    let export = engine.export(user).await;
    let told = export["submissions"].as_array().unwrap().iter();
    let told: Vec<_> = told.map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(told, sent);
    let place = super::drafts::place(user);
    for number in 0..3 {
        let file = format!("{number}.py");
        let large = vec![b'#'; 600_000];
        let files = super::drafts::files(&[(&file, &large)]);
        let place = DraftPlace {
            challenge: format!("c{number}"),
            ..place.clone()
        };
        engine.store.change_draft(place, 0, files).await.unwrap();
    }
    let export = engine.export(user).await;
    let drafts = export["drafts"].as_array().unwrap().iter();
    let paths: Vec<_> = drafts.map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["0.py", "1.py", "2.py"]);
    engine
        .store
        .delete_user(user, Authority::Host)
        .await
        .unwrap();
    let gone = Export::new(user).next(engine.store.as_ref()).await;
    assert!(matches!(gone.unwrap_err(), Error::Missing { .. }));
}

pub(crate) async fn a_deletion_that_was_begun_is_known_until_it_is_over(engine: &Engine) {
    let user = engine.user("ada").await;
    engine.submit(user, "sample").await;
    let store = &engine.store;
    assert!(store.deletions().await.unwrap().is_empty());
    store.begin_deletion(user, Authority::Host).await.unwrap();
    assert_eq!(store.deletions().await.unwrap(), [user]);
    assert!(
        store.user(user).await.unwrap().disabled,
        "nothing new comes"
    );
    // Letting them in again does not take it back.
    let update = UserUpdate {
        disabled: Some(false),
        ..UserUpdate::default()
    };
    let enabled = store.change_user(user, update, Authority::Host);
    enabled.await.unwrap();
    assert_eq!(store.deletions().await.unwrap(), [user]);
    store.delete_user(user, Authority::Host).await.unwrap();
    assert!(store.deletions().await.unwrap().is_empty());
    let again = store
        .begin_deletion(user, Authority::Host)
        .await
        .unwrap_err();
    assert!(matches!(again, Error::Missing { .. }), "{again}");
}

pub(crate) async fn a_pass_ends_when_much_content_went(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..12 {
        let mut new = new_submission(user, "sample");
        if let Work::Challenge(work) = &mut new.work {
            work.files = BTreeMap::from([("a.py".to_owned(), vec![b'#'; 3 << 20])]);
        }
        let id = engine.submit_as(new).await;
        engine.store.cancel(id).await.unwrap();
    }
    engine.clock.advance(DAY * 40);
    let retention = Retention {
        sources_days: Some(30),
        ..NOTHING
    };
    let mut passes = Vec::new();
    loop {
        let (expired, more) = engine.store.expire(retention).await.unwrap();
        passes.push(expired.sources);
        if !more {
            break;
        }
    }
    assert_eq!(
        passes,
        [6, 6],
        "18 MiB each, of 12 that few rows would let go"
    );
}

pub(crate) async fn a_person_is_exported(engine: &Engine) {
    let user = engine.user("ada").await;
    let other = engine.user("bob").await;
    engine
        .store
        .set_role(user, "sample", Some(Role::Learner), Giver::Host)
        .await
        .unwrap();
    for entry in about(user, other) {
        engine.store.add_audit(entry).await.unwrap();
    }
    engine.judged(user, Verdict::Accepted, 10.0).await;
    engine.judged(other, Verdict::Accepted, 10.0).await;
    let export = engine.export(user).await;
    assert_eq!(export["user"]["name"], "ada");
    assert_eq!(export["roles"][0]["course"], "sample");
    let log = export["audit"].as_array().unwrap();
    let told: Vec<_> = log
        .iter()
        .map(|entry| (entry["own"] == true, entry["address"].as_str()))
        .collect();
    let address = Some("192.0.2.1");
    assert_eq!(
        told,
        [
            (true, address),
            (false, address),
            (false, None),
            (false, None)
        ],
        "{log:?}"
    );
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

/// The log tells nothing of this person any more, and of the other one what it told.
fn assert_forgotten(log: &[AuditRow], user: UserId, other: UserId) {
    let told = format!("{log:?}");
    assert!(!told.contains(&user.to_string()), "{told}");
    assert!(
        !told.contains("ada@example.org") && !told.contains("time_factor"),
        "{told}"
    );
    let mut left: Vec<_> = log
        .iter()
        .map(|row| (row.action.as_str(), row.user, row.address.as_deref()))
        .collect();
    left.sort_by_key(|(action, _, address)| (*action, *address));
    let elsewhere = Some("198.51.100.7");
    assert_eq!(
        left,
        [
            ("accommodation.set", Some(other), elsewhere),
            ("session.begin", None, None),
            ("session.failed", None, None),
            // Of a name that is nobody's.
            ("session.failed", None, Some("192.0.2.1")),
            ("user.change", Some(other), elsewhere),
        ]
    );
}

pub(crate) async fn a_person_is_removed_wholly(engine: &Engine) {
    let user = engine.user("ada").await;
    let other = engine.user("bob").await;
    for entry in about(user, other) {
        engine.store.add_audit(entry).await.unwrap();
    }
    for _ in 0..230 {
        engine.submit(user, "sample").await;
    }
    let running = engine.claim_one().await;
    let kept = engine.submit(other, "sample").await;
    engine
        .store
        .delete_user(user, Authority::Host)
        .await
        .unwrap();
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
    assert_forgotten(&log, user, other);
    assert!(
        engine
            .store
            .delete_user(user, Authority::Host)
            .await
            .is_err()
    );
    let row = engine.store.submission(kept).await.unwrap();
    assert_eq!(row.state, SubmissionState::Running);
}

pub(crate) async fn a_check_reads_and_writes(engine: &Engine) {
    engine.store.check().await.unwrap();
}
