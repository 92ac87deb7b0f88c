//! Drafts.

use std::collections::BTreeMap;
use std::time::Duration;

use carrel_model::id::UserId;
use carrel_store::Error;
use carrel_store::account::Authority;
use carrel_store::draft::{Changed, DraftPlace, DraftRow};
use carrel_store::upkeep::Retention;

use super::Engine;

pub(crate) fn place(user: UserId) -> DraftPlace {
    DraftPlace {
        user,
        course: "sample".into(),
        challenge: "two-fer".into(),
    }
}

pub(crate) fn files(of: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    of.iter()
        .map(|(path, content)| ((*path).into(), content.to_vec()))
        .collect()
}

async fn change(engine: &Engine, user: UserId, revision: u64, of: &[(&str, &[u8])]) -> Changed {
    let changed = engine
        .store
        .change_draft(place(user), revision, files(of))
        .await;
    changed.unwrap()
}

fn revision(changed: &Changed) -> u64 {
    match changed {
        Changed::Kept { revision, .. } => *revision,
        Changed::Behind(row) => panic!("behind revision {}", row.revision),
    }
}

pub(crate) async fn a_draft_is_kept_as_written(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    let none = engine.store.draft(place(ada)).await.unwrap();
    assert_eq!(none, DraftRow::default());
    let first = change(engine, ada, 0, &[("a.py", b"1"), ("b/c.bin", &[0, 255])]).await;
    assert_eq!(revision(&first), 1);
    engine.clock.advance(Duration::from_secs(1));
    let second = change(engine, ada, 1, &[("a.py", b"2"), ("d.py", b"")]).await;
    assert_eq!(revision(&second), 2);
    let row = engine.store.draft(place(ada)).await.unwrap();
    assert_eq!(row.files, files(&[("a.py", b"2"), ("d.py", b"")]));
    assert_eq!(
        (row.revision, row.changed_at),
        (2, Some(engine.clock.now()))
    );
    let others = engine.store.draft(place(bob)).await.unwrap();
    assert!(others.files.is_empty(), "everybody has their own");
    let elsewhere = DraftPlace {
        challenge: "leap".into(),
        ..place(ada)
    };
    let elsewhere = engine.store.draft(elsewhere).await.unwrap();
    assert!(elsewhere.files.is_empty(), "every challenge has its own");
}

pub(crate) async fn who_comes_second_is_told_what_is_kept(engine: &Engine) {
    let ada = engine.user("ada").await;
    change(engine, ada, 0, &[("a.py", b"one tab")]).await;
    let late = change(engine, ada, 0, &[("a.py", b"other tab")]).await;
    let Changed::Behind(row) = late else {
        panic!("it was lost: {late:?}")
    };
    assert_eq!(
        (row.revision, row.files),
        (1, files(&[("a.py", b"one tab")]))
    );
    let ahead = change(engine, ada, 7, &[("a.py", b"other tab")]).await;
    assert!(matches!(ahead, Changed::Behind(_)), "{ahead:?}");
    let again = change(engine, ada, 0, &[("a.py", b"one tab")]).await;
    assert_eq!(revision(&again), 1, "the same again is no change");
    assert_eq!(
        revision(&change(engine, ada, 1, &[("a.py", b"other tab")]).await),
        2
    );
}

pub(crate) async fn a_number_is_not_given_again_after_throwing_away(engine: &Engine) {
    let ada = engine.user("ada").await;
    change(engine, ada, 0, &[("a.py", b"1")]).await;
    assert_eq!(revision(&change(engine, ada, 1, &[]).await), 2);
    assert!(
        engine
            .store
            .draft(place(ada))
            .await
            .unwrap()
            .files
            .is_empty()
    );
    let late = change(engine, ada, 1, &[("a.py", b"late")]).await;
    assert!(matches!(late, Changed::Behind(_)), "{late:?}");
    assert_eq!(
        revision(&change(engine, ada, 2, &[("a.py", b"new")]).await),
        3
    );
}

pub(crate) async fn drafts_expire_and_go_with_their_person(engine: &Engine) {
    let ada = engine.user("ada").await;
    change(engine, ada, 0, &[("a.py", b"print"), ("b", &[255])]).await;
    let export = engine.export(ada).await;
    let told = export["drafts"].as_array().unwrap();
    assert_eq!((told.len(), &told[0]["content"]), (2, &"print".into()));
    assert_eq!(told[1]["encoding"], "base64");
    let retention = Retention {
        sources_days: Some(1),
        ..Retention::default()
    };
    let (expired, _) = engine.store.expire(retention).await.unwrap();
    assert_eq!(expired.drafts, 0);
    engine.clock.advance(Duration::from_secs(48 * 3_600));
    let (expired, more) = engine.store.expire(retention).await.unwrap();
    assert_eq!((expired.drafts, more), (1, false));
    assert_eq!(
        engine.store.draft(place(ada)).await.unwrap(),
        DraftRow::default()
    );
    change(engine, ada, 0, &[("a.py", b"1")]).await;
    engine
        .store
        .delete_user(ada, Authority::Host)
        .await
        .unwrap();
    assert_eq!(
        engine.store.draft(place(ada)).await.unwrap(),
        DraftRow::default()
    );
    let gone = engine
        .store
        .change_draft(place(ada), 0, files(&[("a", b"")]))
        .await;
    assert!(matches!(gone.unwrap_err(), Error::Missing { .. }));
}
