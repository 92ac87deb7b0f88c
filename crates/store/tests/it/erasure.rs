//! What is deleted of a person is gone from the files, not only from the tables.

use std::path::Path;
use std::time::Duration;

use carrel_model::Verdict;
use carrel_store::account::Authority;
use carrel_store::submission::{ChallengeWork, Work};

use crate::conformance::drafts::{files, place};
use crate::conformance::{Engine, new_submission, user_row};

/// Stands in everything of the person, and nowhere else.
const MARKER: &[u8] = b"Rumpelstiltskin";

/// Files of the directory that hold the marker, with how often.
fn holding(directory: &Path) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let windows = bytes.windows(MARKER.len());
        let count = windows.filter(|window| *window == MARKER).count();
        if count > 0 {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, count));
        }
    }
    found
}

/// So much text, with the marker every few bytes.
fn text(bytes: usize) -> Vec<u8> {
    let mut text = Vec::new();
    while text.len() < bytes {
        text.extend_from_slice(format!("{} ", text.len()).as_bytes());
        text.extend_from_slice(MARKER);
    }
    text
}

/// Sends work with files of this size, and has it judged with a message.
async fn submit(engine: &Engine, name: &str, user: carrel_model::id::UserId, bytes: usize) {
    let content = if name == "ada" {
        text(bytes)
    } else {
        vec![b'x'; bytes]
    };
    let mut new = new_submission(user, "sample");
    if let Work::Challenge(ChallengeWork { files, .. }) = &mut new.work {
        files.insert("notes.txt".into(), content);
    }
    engine.submit_as(new).await;
    for lease in engine.claim(9).await {
        engine.finish(&lease, Verdict::Accepted, 1.0).await;
    }
}

#[tokio::test]
async fn nothing_of_who_was_deleted_stays_in_the_files() {
    let (engine, directory) = crate::sqlite::fresh();
    let marker = String::from_utf8(MARKER.to_vec()).unwrap();
    let mut ada = user_row("ada");
    ada.display_name.clone_from(&marker);
    ada.email = Some(format!("{marker}@example.org"));
    let bob = user_row("bob");
    let people = [("ada", ada.id), ("bob", bob.id)];
    engine
        .store
        .add_user(ada.clone(), Authority::Host)
        .await
        .unwrap();
    engine.store.add_user(bob, Authority::Host).await.unwrap();
    // Of both by turns, so that pages are shared, large and small.
    for round in 0..12_usize {
        for (name, user) in people {
            for bytes in [40, 900, 30_000] {
                submit(&engine, name, user, bytes * (round % 3 + 1)).await;
            }
            // Large ones leave free pages behind when they are written over.
            let bytes = 500 + 30_000 * (round % 2);
            let written = if name == "ada" {
                text(bytes)
            } else {
                vec![b'x'; bytes]
            };
            let of = [("a.py", written.as_slice())];
            let revision = round as u64;
            let place = place(user);
            let changed = engine.store.change_draft(place, revision, files(&of));
            changed.await.unwrap();
        }
        engine.clock.advance(Duration::from_secs(60));
    }
    let before = holding(directory.path());
    println!("before: {before:?}");
    assert!(
        before.iter().any(|(name, _)| name == "carrel.db-wal"),
        "{before:?}"
    );
    engine
        .store
        .delete_user(ada.id, Authority::Host)
        .await
        .unwrap();
    assert_eq!(holding(directory.path()), []);
    // The store goes on, and so do the others.
    let (_, bob) = people[1];
    submit(&engine, "bob", bob, 40).await;
    let told = engine.export(bob).await;
    assert_eq!(told["submissions"].as_array().unwrap().len(), 37);
}

#[tokio::test]
async fn a_long_read_does_not_hold_up_the_deletion() {
    let (engine, directory) = crate::sqlite::fresh();
    let mut ada = user_row("ada");
    ada.display_name = String::from_utf8(MARKER.to_vec()).unwrap();
    engine
        .store
        .add_user(ada.clone(), Authority::Host)
        .await
        .unwrap();
    let path = directory.path().join("carrel.db");
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let people: i64 = reader
        .query_row("SELECT count(*) FROM user", [], |row| row.get(0))
        .unwrap();
    assert_eq!(people, 1);
    engine
        .store
        .delete_user(ada.id, Authority::Host)
        .await
        .unwrap();
    assert!(engine.store.user(ada.id).await.is_err());
    assert!(!holding(directory.path()).is_empty(), "it is still read");
    reader.execute_batch("COMMIT").unwrap();
    // The next deletion clears what that one had to leave.
    let bob = user_row("bob");
    engine
        .store
        .add_user(bob.clone(), Authority::Host)
        .await
        .unwrap();
    engine
        .store
        .delete_user(bob.id, Authority::Host)
        .await
        .unwrap();
    assert_eq!(holding(directory.path()), []);
}
