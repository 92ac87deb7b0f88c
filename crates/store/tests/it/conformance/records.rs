//! Courses, nodes, incidents, audit log, webhooks.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::id::{DeliveryId, IncidentId, NodeId, UserId, WebhookId};
use carrel_store::account::Role;
use carrel_store::course::CourseVersion;
use carrel_store::ledger::{AuditFilter, AuditRow, IncidentFilter, IncidentRow};
use carrel_store::node::{LanguageReport, NodeOrders, NodeReport};
use carrel_store::webhook::{
    DELIVERY_ATTEMPTS_MAX, Delivery, GIVEN_UP_MAX, Progress, Room, Undelivered, WebhookRow,
    WebhookState,
};
use carrel_store::{Error, PageRequest};
use jiff::Timestamp;

use super::{Engine, all, user_row};

fn version(course: &str, digest: char) -> CourseVersion {
    CourseVersion {
        course: course.into(),
        digest: digest.to_string().repeat(64),
        title: format!("{course} {digest}"),
        published_by: None,
        published_at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        contents: serde_json::json!({"units": [{"z": 1, "a": [digest.to_string()]}]}),
    }
}

pub(crate) async fn the_last_published_version_is_present(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut first = version("sample", 'a');
    first.published_by = Some(user);
    let second = version("sample", 'b');
    engine.store.publish(first.clone()).await.unwrap();
    engine.store.publish(second.clone()).await.unwrap();
    engine.store.publish(version("another", 'c')).await.unwrap();
    assert_eq!(engine.store.course("sample").await.unwrap(), second);
    assert_eq!(
        engine
            .store
            .course_version("sample", &first.digest)
            .await
            .unwrap(),
        first
    );
    let present: Vec<_> = engine.store.courses(all()).await.unwrap().items;
    let ids: Vec<_> = present
        .iter()
        .map(|version| version.course.as_str())
        .collect();
    assert_eq!(ids, ["another", "sample"]);
    engine.store.publish(first.clone()).await.unwrap();
    assert_eq!(
        engine.store.course("sample").await.unwrap(),
        first,
        "back to an older one"
    );
    let versions = engine
        .store
        .course_versions("sample", all())
        .await
        .unwrap()
        .items;
    assert_eq!(versions, [second, first]);
    for error in [
        engine.store.course("none").await.unwrap_err(),
        engine
            .store
            .course_version("sample", "none")
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::Missing { .. }), "{error}");
    }
}

pub(crate) async fn courses_are_paged(engine: &Engine) {
    for course in ["c", "a", "b"] {
        engine.store.publish(version(course, 'a')).await.unwrap();
    }
    let first = engine
        .store
        .courses(PageRequest {
            after: None,
            limit: 2,
        })
        .await
        .unwrap();
    let rest = engine
        .store
        .courses(PageRequest {
            after: first.next.clone(),
            limit: 2,
        })
        .await
        .unwrap();
    let ids: Vec<_> = first
        .items
        .iter()
        .chain(&rest.items)
        .map(|v| v.course.clone())
        .collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(rest.next, None);
}

fn report(id: NodeId) -> NodeReport {
    NodeReport {
        id,
        epoch: 3,
        host: "host-1".into(),
        version: "0.1.0".into(),
        slots: 2,
        spare_slots: 0,
        busy: 1,
        rate_milli: 1_900,
        environments: vec![
            ("host".into(), None),
            ("python".into(), Some("a".repeat(64))),
        ],
        languages: vec![LanguageReport {
            id: "python".into(),
            version: "3.11.2".into(),
            environment: "python".into(),
            compiled: false,
        }],
        missing_layers: vec!["landlock".into()],
        accepting: true,
        canary_ms: Some(3.5),
        metrics: "# EOF\n".into(),
    }
}

pub(crate) async fn nodes_are_there_while_they_beat(engine: &Engine) {
    let (one, two) = (NodeId::new(), NodeId::new());
    assert_eq!(
        engine.store.beat(report(one)).await.unwrap(),
        NodeOrders::Work
    );
    engine.clock.advance(Duration::from_secs(5));
    engine.store.beat(report(two)).await.unwrap();
    engine.clock.advance(Duration::from_secs(5));
    let nodes = engine.store.nodes(6_000).await.unwrap();
    assert_eq!(nodes.len(), 1);
    assert_eq!(nodes[0].report, report(two));
    assert_eq!(engine.store.nodes(60_000).await.unwrap().len(), 2);
    engine.store.order(one, NodeOrders::Drain).await.unwrap();
    assert_eq!(
        engine.store.beat(report(one)).await.unwrap(),
        NodeOrders::Drain
    );
    engine.store.order(one, NodeOrders::Work).await.unwrap();
    assert_eq!(
        engine.store.beat(report(one)).await.unwrap(),
        NodeOrders::Work
    );
    let error = engine
        .store
        .order(NodeId::new(), NodeOrders::Drain)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

pub(crate) async fn incidents_are_listed_newest_first(engine: &Engine) {
    let incident = |kind: &str| IncidentRow {
        id: IncidentId::new(),
        at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        node: Some(NodeId::new()),
        submission: None,
        user: None,
        kind: kind.into(),
        detail: "mount".into(),
    };
    let (one, two, three) = (incident("a"), incident("b"), incident("a"));
    engine
        .store
        .add_incidents(vec![one.clone(), two.clone()])
        .await
        .unwrap();
    engine
        .store
        .add_incidents(vec![three.clone()])
        .await
        .unwrap();
    let listed = engine
        .store
        .incidents(IncidentFilter::default(), all())
        .await
        .unwrap()
        .items;
    assert_eq!(listed, [three.clone(), two, one.clone()]);
    let listed_of_kind = engine
        .store
        .incidents(of_kind("a"), all())
        .await
        .unwrap()
        .items;
    assert_eq!(listed_of_kind, [three, one]);
}

pub(crate) async fn a_course_has_its_own_incidents_and_entries(engine: &Engine) {
    let user = engine.user("ada").await;
    let incident = |submission, kind: &str| IncidentRow {
        id: IncidentId::new(),
        at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        node: None,
        submission,
        user: None,
        kind: kind.into(),
        detail: String::new(),
    };
    let here = incident(Some(engine.submit(user, "sample").await), "a");
    let there = incident(Some(engine.submit(user, "other").await), "a");
    let again = incident(here.submission, "b");
    let of_none = incident(None, "a");
    let all_four = vec![here.clone(), there, again.clone(), of_none];
    engine.store.add_incidents(all_four).await.unwrap();
    let of = |kind: Option<&str>| IncidentFilter {
        kind: kind.map(Into::into),
        course: Some("sample".into()),
    };
    let listed = engine.store.incidents(of(None), all()).await.unwrap();
    assert_eq!(listed.items, [again, here.clone()]);
    let listed = engine.store.incidents(of(Some("a")), all()).await.unwrap();
    assert_eq!(listed.items, [here]);

    let entry = |course: Option<&str>, user, object: &str| AuditRow {
        at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        user,
        through: "session".into(),
        address: None,
        action: "regrade.create".into(),
        course: course.map(Into::into),
        object: object.into(),
        detail: String::new(),
    };
    let mine = entry(Some("sample"), Some(user), "1");
    let others = entry(Some("sample"), None, "2");
    for row in [
        mine.clone(),
        entry(Some("other"), Some(user), "3"),
        entry(None, Some(user), "4"),
        others.clone(),
    ] {
        engine.store.add_audit(row).await.unwrap();
    }
    let of = |user| AuditFilter {
        user,
        course: Some("sample".into()),
    };
    let listed = engine.store.audit(of(None), all()).await.unwrap();
    assert_eq!(listed.items, [others, mine.clone()]);
    let listed = engine.store.audit(of(Some(user)), all()).await.unwrap();
    assert_eq!(listed.items, [mine]);
}

fn of_kind(kind: &str) -> IncidentFilter {
    IncidentFilter {
        kind: Some(kind.into()),
        course: None,
    }
}

pub(crate) async fn the_audit_log_is_kept_in_order(engine: &Engine) {
    let user = engine.user("ada").await;
    let entry = |user: Option<UserId>, action: &str| AuditRow {
        at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        user,
        through: "session".into(),
        address: Some("192.0.2.1".into()),
        action: action.into(),
        course: None,
        object: "token:1".into(),
        detail: String::new(),
    };
    for (who, action) in [(Some(user), "one"), (None, "two"), (Some(user), "three")] {
        engine.store.add_audit(entry(who, action)).await.unwrap();
    }
    let page = engine
        .store
        .audit(
            AuditFilter::default(),
            PageRequest {
                after: None,
                limit: 2,
            },
        )
        .await
        .unwrap();
    assert_eq!(page.items, [entry(Some(user), "three"), entry(None, "two")]);
    let rest = engine
        .store
        .audit(
            AuditFilter::default(),
            PageRequest {
                after: page.next,
                limit: 2,
            },
        )
        .await
        .unwrap();
    assert_eq!(rest.items, [entry(Some(user), "one")]);
    assert_eq!(
        engine
            .store
            .audit(
                AuditFilter {
                    user: Some(user),
                    course: None,
                },
                all(),
            )
            .await
            .unwrap()
            .items
            .len(),
        2
    );
}

pub(crate) fn webhook(user: UserId, course: Option<&str>) -> WebhookRow {
    WebhookRow {
        id: WebhookId::new(),
        user,
        course: course.map(Into::into),
        url: "https://receiver.example/".into(),
        secret: vec![1, 2, 3],
        disabled: false,
        created_at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
    }
}

pub(crate) async fn a_verdict_is_told_to_receivers(engine: &Engine) {
    let user = engine.user("ada").await;
    let of_course = webhook(user, Some("sample"));
    let of_all = webhook(user, None);
    let mut disabled = webhook(user, Some("sample"));
    disabled.disabled = true;
    for hook in [
        &of_course,
        &of_all,
        &disabled,
        &webhook(user, Some("other")),
    ] {
        engine.store.add_webhook(hook.clone()).await.unwrap();
    }
    let listed = engine
        .store
        .webhooks(Some("sample"), all())
        .await
        .unwrap()
        .items;
    assert_eq!(listed, [disabled, of_course.clone()]);
    let listed = engine.store.webhooks(None, all()).await.unwrap().items;
    assert_eq!(listed, std::slice::from_ref(&of_all));
    let id = engine.judged(user, Verdict::Accepted, 10.0).await;
    let due = engine
        .store
        .due_deliveries(Room::of(10, 10), 30_000)
        .await
        .unwrap();
    let mut told: Vec<_> = due.iter().map(|d| d.webhook.clone().unwrap().id).collect();
    told.sort();
    assert_eq!(told, [of_course.id, of_all.id]);
    let body: serde_json::Value = serde_json::from_str(&due[0].body).unwrap();
    assert_eq!(body["type"], "submission.finished");
    assert_eq!(body["data"]["submission"], id.to_string());
    assert_eq!(body["data"]["verdict"], "accepted");
    assert!(
        engine
            .store
            .due_deliveries(Room::of(10, 10), 30_000)
            .await
            .unwrap()
            .is_empty(),
        "held"
    );
    engine.store.delivered(due[0].id, Ok(())).await.unwrap();
    engine.clock.advance(Duration::from_secs(31));
    let rest = engine
        .store
        .due_deliveries(Room::of(10, 10), 30_000)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1, "whoever held it was lost: again");
    assert_eq!(rest[0].id, due[1].id, "the same id for every attempt");
    engine
        .store
        .remove_webhook(rest[0].webhook.clone().unwrap().id)
        .await
        .unwrap();
    engine.clock.advance(Duration::from_secs(31));
    assert!(
        engine
            .store
            .due_deliveries(Room::of(10, 10), 30_000)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn a_delivery_is_tried_with_growing_pauses_then_given_up(engine: &Engine) {
    let delivery = Delivery {
        id: DeliveryId::new(),
        webhook: None,
        url: "http://127.0.0.1:9/".into(),
        method: "PUT".into(),
        body: "{}".into(),
        attempts: 0,
    };
    engine.store.add_delivery(delivery.clone()).await.unwrap();
    for attempt in 0..DELIVERY_ATTEMPTS_MAX {
        let due = engine
            .store
            .due_deliveries(Room::of(10, 10), 1_000)
            .await
            .unwrap();
        assert_eq!(due.len(), 1, "attempt {attempt}");
        assert_eq!(due[0].attempts, attempt);
        engine
            .store
            .delivered(due[0].id, Err(refused()))
            .await
            .unwrap();
        assert!(
            engine
                .store
                .due_deliveries(Room::of(10, 10), 1_000)
                .await
                .unwrap()
                .is_empty()
        );
        engine.clock.advance(Duration::from_secs(30 * 3_600));
    }
    assert!(
        engine
            .store
            .due_deliveries(Room::of(10, 10), 1_000)
            .await
            .unwrap()
            .is_empty()
    );
    let error = engine
        .store
        .delivered(delivery.id, Ok(()))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

fn refused() -> Undelivered {
    Undelivered {
        reason: "connection refused".into(),
        gone: false,
    }
}

/// Tries everything that is due, without success, until nothing is any more.
async fn fail_all(engine: &Engine) -> bool {
    let mut disabled = false;
    for _ in 0..DELIVERY_ATTEMPTS_MAX {
        for delivery in engine
            .store
            .due_deliveries(Room::of(100, 100), 1_000)
            .await
            .unwrap()
        {
            let failed = Err(refused());
            let noted = engine.store.delivered(delivery.id, failed).await.unwrap();
            disabled |= noted.disabled;
        }
        engine.clock.advance(Duration::from_secs(30 * 3_600));
    }
    disabled
}

const YEAR_MS: u64 = 365 * 24 * 3_600_000;

pub(crate) async fn a_receiver_that_takes_nothing_is_disabled(engine: &Engine) {
    let user = engine.user("ada").await;
    let hook = webhook(user, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    let state = async || engine.store.webhook_state(hook.id).await.unwrap();
    assert_eq!(state().await, WebhookState::default());
    for _ in 1..GIVEN_UP_MAX {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    assert!(!fail_all(engine).await);
    let told = state().await;
    assert_eq!((told.waiting, told.given_up), (0, 9));
    let last = told.last.unwrap();
    assert_eq!(
        (last.progress, last.attempts, last.error.as_deref()),
        (
            Progress::GivenUp,
            DELIVERY_ATTEMPTS_MAX,
            Some("connection refused")
        )
    );
    // One that is taken begins the count anew.
    engine.judged(user, Verdict::Accepted, 10.0).await;
    let due = engine
        .store
        .due_deliveries(Room::of(10, 10), 1_000)
        .await
        .unwrap();
    let noted = engine.store.delivered(due[0].id, Ok(())).await.unwrap();
    assert_eq!(noted.progress, Progress::Delivered);
    assert_eq!(state().await.last.unwrap().progress, Progress::Delivered);
    for _ in 0..GIVEN_UP_MAX {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    assert!(fail_all(engine).await, "told when it happens");
    let listed = engine.store.webhooks(Some("sample"), all()).await.unwrap();
    assert!(listed.items[0].disabled);
    engine.judged(user, Verdict::Accepted, 10.0).await;
    assert_eq!(state().await.waiting, 0, "nothing more is sent");

    let missed = u64::from(2 * GIVEN_UP_MAX - 1);
    let enable = async |id| engine.store.enable_webhook(id, YEAR_MS).await;
    assert_eq!(enable(hook.id).await.unwrap(), missed);
    let listed = engine.store.webhooks(Some("sample"), all()).await.unwrap();
    assert!(!listed.items[0].disabled);
    let told = state().await;
    assert_eq!((told.waiting, told.given_up), (missed, 0), "what it missed");
    let due = engine
        .store
        .due_deliveries(Room::of(100, 100), 1_000)
        .await
        .unwrap();
    assert_eq!(due.len() as u64, missed, "at once");
    assert!(due.iter().all(|delivery| delivery.attempts == 0));
    for delivery in due {
        engine.store.delivered(delivery.id, Ok(())).await.unwrap();
    }
    assert_eq!(enable(hook.id).await.unwrap(), 0);
    assert_eq!(state().await.waiting, 0, "nothing is sent twice");
    let nobody = enable(WebhookId::new()).await;
    assert!(matches!(nobody, Err(Error::Missing { .. })), "{nobody:?}");
}

pub(crate) async fn a_mended_receiver_gets_what_was_given_up_lately(engine: &Engine) {
    let user = engine.user("ada").await;
    let hook = webhook(user, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    let send = async |count| {
        for _ in 0..count {
            engine.judged(user, Verdict::Accepted, 10.0).await;
        }
    };
    let enable = async |resend_ms| {
        let enabled = engine.store.enable_webhook(hook.id, resend_ms).await;
        enabled.unwrap()
    };
    let state = async || engine.store.webhook_state(hook.id).await.unwrap();
    // Nine were given up a month ago; the tenth, that disabled it, an hour ago.
    send(GIVEN_UP_MAX - 1).await;
    assert!(!fail_all(engine).await);
    engine.clock.advance(Duration::from_secs(20 * 24 * 3_600));
    send(1).await;
    assert!(fail_all(engine).await);
    // The last attempt of `fail_all` is thirty hours ago.
    assert_eq!(enable(3 * 24 * 3_600_000).await, 1);
    let told = state().await;
    assert_eq!((told.waiting, told.given_up), (1, 9), "the old ones stay");
    // Nor do they count: it takes ten failures again to disable it.
    assert!(!fail_all(engine).await);
    send(GIVEN_UP_MAX - 1).await;
    assert!(fail_all(engine).await);
    // Whoever wants nothing of it gets nothing, and is disabled for new failures only.
    assert_eq!(enable(0).await, 0);
    assert_eq!(state().await.waiting, 0);
    send(GIVEN_UP_MAX - 1).await;
    assert!(!fail_all(engine).await);
    assert_eq!(enable(YEAR_MS).await, 0, "it is not disabled");
}

pub(crate) async fn a_receiver_that_is_gone_is_disabled_at_once(engine: &Engine) {
    let user = engine.user("ada").await;
    let hook = webhook(user, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    for _ in 0..3 {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    let due = engine
        .store
        .due_deliveries(Room::of(10, 10), 1_000)
        .await
        .unwrap();
    assert_eq!(due.len(), 3);
    let gone = Undelivered {
        reason: "the receiver answered 410 Gone".into(),
        gone: true,
    };
    let noted = engine.store.delivered(due[0].id, Err(gone)).await.unwrap();
    assert_eq!((noted.progress, noted.disabled), (Progress::GivenUp, true));
    let state = engine.store.webhook_state(hook.id).await.unwrap();
    assert_eq!((state.waiting, state.given_up), (0, 3));
}

pub(crate) async fn receivers_of_a_course_outlive_their_author(engine: &Engine) {
    let (ann, bob) = (engine.user("ann").await, engine.user("bob").await);
    let mut root = user_row("root");
    root.operator = true;
    let root_id = root.id;
    engine.store.add_user(root).await.unwrap();
    for author in [ann, bob] {
        let role = Some(Role::Author);
        engine.store.set_role(author, "sample", role).await.unwrap();
    }
    let hook = webhook(ann, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    let owner = async || {
        let listed = engine.store.webhooks(Some("sample"), all()).await.unwrap();
        listed
            .items
            .into_iter()
            .map(|hook| hook.user)
            .collect::<Vec<_>>()
    };
    engine.store.delete_user(ann).await.unwrap();
    assert_eq!(owner().await, [bob], "another author");
    engine.store.delete_user(bob).await.unwrap();
    assert_eq!(owner().await, [root_id], "else an operator");
}
