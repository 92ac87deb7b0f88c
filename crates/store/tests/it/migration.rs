//! Files of earlier and later versions.

use std::collections::BTreeSet;
use std::path::Path;

use carrel_model::Verdict;
use carrel_store::account::{Accounts, Authority};
use carrel_store::queue::Queue;
use carrel_store::sqlite::{Options, SqliteStore, inspect, restore};
use carrel_store::submission::{SubmissionFilter, Submissions};
use carrel_store::upkeep::Upkeep;
use carrel_store::{Error, PageRequest};

use crate::conformance::{all, new_submission, user_row};

/// Dumps of a store with a row in every table, one per schema version that was released.
const DUMPS: [&str; 9] = [
    include_str!("../fixtures/version-1.sql"),
    include_str!("../fixtures/version-2.sql"),
    include_str!("../fixtures/version-3.sql"),
    include_str!("../fixtures/version-4.sql"),
    include_str!("../fixtures/version-5.sql"),
    include_str!("../fixtures/version-6.sql"),
    include_str!("../fixtures/version-7.sql"),
    include_str!("../fixtures/version-8.sql"),
    include_str!("../fixtures/version-9.sql"),
];

fn load(path: &Path, dump: &str) {
    let sql = rusqlite::Connection::open(path).unwrap();
    sql.execute_batch(dump).unwrap();
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Options::default()).unwrap()
}

fn schema(path: &Path) -> BTreeSet<(String, String)> {
    let sql = rusqlite::Connection::open(path).unwrap();
    let mut statement = sql
        .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
        .unwrap();
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, words(row.get(1)?))))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn every_earlier_version_opens_with_all_it_holds() {
    for (index, dump) in DUMPS.iter().enumerate() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("carrel.db");
        load(&path, dump);
        let store = open(&path);
        let ada = store.user_by_name("ada").await.unwrap().unwrap();
        let filter = SubmissionFilter {
            user: Some(ada.id),
            ..SubmissionFilter::default()
        };
        let rows = store.submissions(filter, all()).await.unwrap().items;
        assert_eq!(rows.len(), 3, "version {}", index + 1);
        let judged = rows.iter().find(|row| row.verdict.is_some()).unwrap();
        assert_eq!(judged.verdict, Some(Verdict::Accepted));
        assert!(store.outcome(judged.id).await.unwrap().is_some());
        assert!(store.work(judged.id).await.is_ok());
        let lease = store
            .claim(carrel_model::id::NodeId::new(), 1, 1_000)
            .await
            .unwrap();
        assert_eq!(lease.len(), 1, "what waited still waits");
        drop(store);
        inspect(&path).unwrap();
        let fresh = directory.path().join("fresh.db");
        drop(open(&fresh));
        assert_eq!(schema(&path), schema(&fresh), "version {}", index + 1);
    }
}

#[tokio::test]
async fn a_later_version_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("carrel.db");
    drop(open(&path));
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.pragma_update(None, "user_version", 999).unwrap();
    drop(sql);
    let error = SqliteStore::open(&path, Options::default()).unwrap_err();
    assert!(matches!(error, Error::TooNew { found: 999, .. }), "{error}");
    assert!(matches!(inspect(&path).unwrap_err(), Error::TooNew { .. }));
}

#[test]
fn a_database_of_another_program_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    load(&path, "CREATE TABLE bookmark (url TEXT)");
    let error = SqliteStore::open(&path, Options::default()).unwrap_err();
    assert!(matches!(error, Error::Engine { .. }), "{error}");
    std::fs::write(
        &path,
        b"not a database at all, but long enough to be looked at",
    )
    .unwrap();
    assert!(SqliteStore::open(&path, Options::default()).is_err());
    assert!(inspect(&path).is_err());
}

#[tokio::test]
async fn a_copy_made_under_load_is_whole_and_can_be_restored() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("carrel.db");
    let copy = directory.path().join("copy.db");
    let store = std::sync::Arc::new(open(&path));
    let user = user_row("ada");
    store.add_user(user.clone(), Authority::Host).await.unwrap();
    let before = new_submission(user.id, "sample");
    let before_id = before.id;
    store.submit(before).await.unwrap();
    let writing = {
        let (store, id) = (std::sync::Arc::clone(&store), user.id);
        tokio::spawn(async move {
            for _ in 0..200 {
                store.submit(new_submission(id, "sample")).await.unwrap();
            }
        })
    };
    store.back_up(&copy).await.unwrap();
    writing.await.unwrap();
    let taken = store.back_up(&copy).await.unwrap_err();
    assert!(matches!(taken, Error::Exists { .. }), "{taken}");
    inspect(&copy).unwrap();
    let open_still = restore(&copy, &path).unwrap_err();
    assert!(matches!(open_still, Error::State { .. }), "{open_still}");
    let later = new_submission(user.id, "sample");
    let later_id = later.id;
    store.submit(later).await.unwrap();
    drop(store);
    let replaced = restore(&copy, &path).unwrap().unwrap();
    let store = open(&path);
    assert!(store.submission(before_id).await.is_ok());
    assert!(
        store.submission(later_id).await.is_err(),
        "as it was at the copy"
    );
    drop(store);
    // In the same second.
    let again = restore(&copy, &path).unwrap().unwrap();
    assert_ne!(again, replaced);
    let replaced = open(&replaced);
    assert!(
        replaced.submission(later_id).await.is_ok(),
        "nothing is thrown away, not by a second restore either"
    );
    let elsewhere = directory.path().join("elsewhere.db");
    assert_eq!(restore(&copy, &elsewhere).unwrap(), None);
}

#[tokio::test]
async fn a_damaged_copy_is_not_restored() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("carrel.db");
    let copy = directory.path().join("copy.db");
    let store = open(&path);
    for number in 0..200 {
        store
            .add_user(user_row(&format!("user-{number}")), Authority::Host)
            .await
            .unwrap();
    }
    store.back_up(&copy).await.unwrap();
    drop(store);
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 5_000].fill(0xA5);
    std::fs::write(&copy, bytes).unwrap();
    assert!(restore(&copy, &path).is_err());
    let request = PageRequest {
        after: None,
        limit: 1,
    };
    assert_eq!(
        open(&path).users(request).await.unwrap().items.len(),
        1,
        "left alone"
    );
}
