//! Courses, nodes, incidents, audit log.

use std::time::Duration;

use carrel_model::id::{IncidentId, NodeId, UserId};
use carrel_store::course::CourseVersion;
use carrel_store::ledger::{AuditFilter, AuditRow, IncidentFilter, IncidentRow};
use carrel_store::node::{LanguageReport, NodeOrders, NodeReport};
use carrel_store::{Error, PageRequest};
use jiff::Timestamp;

use super::{Engine, all};

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
