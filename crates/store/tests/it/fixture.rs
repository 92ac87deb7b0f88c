//! Writes the fixture of the present schema version; run by hand when a version is released:
//! `cargo test -p carrel-store -- --ignored write_the_dump --nocapture > dump.sql`.

use std::fmt::Write as _;
use std::path::Path;

use carrel_model::Verdict;
use carrel_model::id::{IncidentId, NodeId, RegradeId, RescoreId, TokenId, WebhookId};
use carrel_store::account::{Credential, Giver, Role, Scope, SessionRow, TokenRow};
use carrel_store::course::CourseVersion;
use carrel_store::ledger::{AuditRow, IncidentRow};
use carrel_store::node::NodeReport;
use carrel_store::progress::NewAccommodation;
use carrel_store::regrade::NewRegrade;
use carrel_store::rescore::{NewChange, NewRescore};
use carrel_store::submission::{Callback, IdempotencyKey, Work};
use carrel_store::webhook::WebhookRow;
use rusqlite::types::ValueRef;

use crate::conformance::submissions::execution;
use crate::conformance::{Engine, attempts, new_submission};

/// One row at least in every table.
async fn populate(engine: &Engine) {
    let user = engine.user("ada").await;
    let store = &engine.store;
    let now = engine.clock.now();
    store
        .set_role(user, "sample", Some(Role::Author), Giver::Host)
        .await
        .unwrap();
    let later = jiff::Timestamp::from_second(now.as_second() + 1_000_000_000).unwrap();
    let session = SessionRow {
        secret_hash: [1; 32],
        user,
        created_at: now,
        expires_at: later,
        seen_at: now,
    };
    let kept = store.user(user).await.unwrap().password_hash;
    assert!(store.add_session(session, kept).await.unwrap());
    let token = TokenRow {
        id: TokenId::new(),
        secret_hash: [2; 32],
        user,
        name: "ci".into(),
        scopes: [Scope::Read].into(),
        course: None,
        expires_at: None,
        created_at: now,
        used_at: None,
        revoked_at: None,
    };
    store.add_token(token, Credential::Host).await.unwrap();
    let version = CourseVersion {
        course: "sample".into(),
        digest: "1".repeat(64),
        title: "Sample".into(),
        published_by: Some(user),
        published_at: now,
        contents: serde_json::json!({"challenges": []}),
    };
    store.publish(version).await.unwrap();
    let webhook = WebhookRow {
        id: WebhookId::new(),
        user,
        course: Some("sample".into()),
        url: "https://receiver.example/".into(),
        secret: vec![1],
        disabled: false,
        created_at: now,
    };
    store.add_webhook(webhook).await.unwrap();
    let files = crate::conformance::drafts::files(&[("two_fer.py", b"print(2)\n")]);
    let place = crate::conformance::drafts::place(user);
    store.change_draft(place, 0, files).await.unwrap();
    add_submissions(engine, user).await;
    add_attempts(engine, user).await;
    add_records(engine, now).await;
}

async fn add_attempts(engine: &Engine, user: carrel_model::id::UserId) {
    let store = &engine.store;
    store.see_lesson(user, "sample", "intro").await.unwrap();
    store.finish_project(user, "sample", "page").await.unwrap();
    store
        .open_challenge(user, "sample", "two-fer")
        .await
        .unwrap();
    let given = NewAccommodation {
        user,
        course: "sample".into(),
        quiz: None,
        document: Some(serde_json::json!({"time_factor": 2.0})),
        by: user,
    };
    store.set_accommodation(given).await.unwrap();
    let id = attempts::start(engine, user, 1).await.id;
    let response = attempts::response("a", 1, 0, "x");
    store.keep_response(id, response).await.unwrap();
    let end = attempts::end(engine, 1.0);
    assert!(store.end_attempt(id, 2, end).await.unwrap());
    let row = store.attempt(id).await.unwrap();
    let change = NewChange {
        attempt: id,
        revision: row.revision,
        points_before: 1.0,
        after: row.grade.unwrap(),
        marks: vec![attempts::mark("a", 1.0)],
    };
    let rescore = NewRescore {
        id: RescoreId::new(),
        course: "sample".into(),
        quiz: "loops".into(),
        course_version: "1".repeat(64),
        never_lower: true,
        user,
        attempts: 1,
    };
    let rescore = store.rescore(rescore, vec![change]).await.unwrap();
    store.apply_rescore(rescore.rescore.id).await.unwrap();
}

async fn add_submissions(engine: &Engine, user: carrel_model::id::UserId) {
    let store = &engine.store;
    let mut first = new_submission(user, "sample");
    first.idempotency = Some(IdempotencyKey {
        key: "k".into(),
        request_digest: [3; 32],
    });
    engine.submit_as(first).await;
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
    let regrade = NewRegrade {
        id: RegradeId::new(),
        course: "sample".into(),
        challenge: "two-fer".into(),
        course_version: "1".repeat(64),
        preview: true,
        never_lower: true,
        user,
    };
    store.regrade(regrade).await.unwrap();
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
    let cancelled = engine.submit(user, "sample").await;
    store.cancel(cancelled).await.unwrap();
    engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    let (id, token) = (lease.submission, lease.token);
    let reason = "environment `go` is not built";
    store.pass_over(id, token, reason).await.unwrap();
    // It waits in the queue again, and the node that lacked something is remembered.
    store.offer_again(NodeId::new()).await.unwrap();
    let mut execution_ = new_submission(user, "sample");
    execution_.work = Work::Execution(Box::new(execution()));
    execution_.callback = Some(Callback {
        url: "http://127.0.0.1:9/".into(),
        dialect: "judge0".into(),
    });
    let execution_ = engine.submit_as(execution_).await;
    store.cancel(execution_).await.unwrap();
}

async fn add_records(engine: &Engine, now: jiff::Timestamp) {
    let store = &engine.store;
    let report = NodeReport {
        id: NodeId::new(),
        epoch: 1,
        host: "host".into(),
        version: "0.1.0".into(),
        slots: 2,
        spare_slots: 0,
        busy: 0,
        rate_milli: 2_000,
        environments: Vec::new(),
        languages: Vec::new(),
        missing_layers: Vec::new(),
        accepting: true,
        canary_ms: None,
        metrics: String::new(),
    };
    store.beat(report).await.unwrap();
    let incident = IncidentRow {
        id: IncidentId::new(),
        at: now,
        node: None,
        submission: None,
        user: None,
        kind: "platform_fault".into(),
        detail: String::new(),
    };
    store.add_incidents(vec![incident]).await.unwrap();
    let entry = AuditRow {
        at: now,
        user: None,
        through: "command_line".into(),
        address: None,
        action: "user.create".into(),
        course: None,
        object: "ada".into(),
        detail: String::new(),
    };
    store.add_audit(entry).await.unwrap();
}

fn literal(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".into(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(text) => {
            format!("'{}'", String::from_utf8_lossy(text).replace('\'', "''"))
        }
        ValueRef::Blob(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{hex}'")
        }
    }
}

fn names(sql: &rusqlite::Connection, query: &str) -> Vec<(String, String)> {
    let mut statement = sql.prepare(query).unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// The database as SQL text; a table without a row is an error.
fn dump(path: &Path) -> String {
    let sql = rusqlite::Connection::open(path).unwrap();
    let mut text = String::from("PRAGMA foreign_keys = OFF;\n");
    for pragma in ["application_id", "user_version"] {
        let value: i64 = sql
            .pragma_query_value(None, pragma, |row| row.get(0))
            .unwrap();
        writeln!(text, "PRAGMA {pragma} = {value};").unwrap();
    }
    text.push_str("BEGIN;\n");
    let tables = names(
        &sql,
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    for (name, create) in &tables {
        writeln!(text, "{create};").unwrap();
        let mut statement = sql.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut count = 0;
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<_> = (0..columns)
                .map(|column| literal(row.get_ref(column).unwrap()))
                .collect();
            writeln!(
                text,
                "INSERT INTO \"{name}\" VALUES ({});",
                values.join(",")
            )
            .unwrap();
            count += 1;
        }
        assert!(count > 0, "table {name} has no row in the fixture");
    }
    let indexes = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    for (_, create) in names(&sql, indexes) {
        writeln!(text, "{create};").unwrap();
    }
    text.push_str("COMMIT;\n");
    text
}

#[tokio::test]
#[ignore = "writes the fixture of the present version"]
async fn write_the_dump() {
    let (engine, directory) = crate::sqlite::fresh();
    populate(&engine).await;
    drop(engine);
    println!("{}", dump(&directory.path().join("carrel.db")));
}
