//! A disk without room: told clearly, nothing lost, works again.

use std::io::Read;
use std::path::Path;

use carrel_store::Error;
use carrel_store::account::{Accounts, Authority};
use carrel_store::sqlite::{Options, SqliteStore};
use carrel_store::submission::{Submissions, Work};
use carrel_store::upkeep::Upkeep;

use crate::conformance::{new_submission, user_row};
use crate::crash::start;

/// Bytes that are set free, twice.
const BALLAST_BYTES: usize = 3 << 20;

#[test]
#[ignore = "the program of a child process, on a small disk"]
fn filling_child() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(fill(Path::new(line.trim())));
    println!("filled");
}

async fn fill(directory: &Path) {
    let ballast = [directory.join("ballast-1"), directory.join("ballast-2")];
    for file in &ballast {
        std::fs::write(file, vec![0; BALLAST_BYTES]).unwrap();
    }
    let store = SqliteStore::open(&directory.join("carrel.db"), Options::default()).unwrap();
    let user = user_row("ada");
    store.add_user(user.clone(), Authority::Host).await.unwrap();
    let large = || {
        let mut new = new_submission(user.id, "sample");
        if let Work::Challenge(work) = &mut new.work {
            work.files.insert("large".into(), vec![7; 100_000]);
        }
        new
    };
    let mut kept = Vec::new();
    let error = loop {
        let new = large();
        let id = new.id;
        match store.submit(new).await {
            Ok(_) => kept.push(id),
            Err(error) => break error,
        }
        assert!(kept.len() < 1_000, "the disk is small");
    };
    assert!(
        matches!(error, Error::Full { what: "the disk" }),
        "{error:?}"
    );
    for _ in 0..3 {
        assert!(store.submit(large()).await.is_err());
    }
    // A look that takes no room would pass: the log has some left.
    let checked = store.check().await.unwrap_err();
    assert!(
        matches!(checked, Error::Full { what: "the disk" }),
        "{checked:?}"
    );
    for id in &kept {
        assert_eq!(
            store.submission(*id).await.unwrap().id,
            *id,
            "reading goes on"
        );
    }
    let copy = store.back_up(&directory.join("copy")).await.unwrap_err();
    assert!(
        matches!(copy, Error::Full { .. } | Error::Engine { .. }),
        "{copy:?}"
    );
    assert!(!directory.join("copy").exists() && !directory.join("copy.partial").exists());
    std::fs::remove_file(&ballast[0]).unwrap();
    store.check().await.unwrap();
    let new = large();
    let id = new.id;
    store.submit(new).await.unwrap();
    kept.push(id);
    drop(store);
    // Closing moved the log into the file, which may have filled the disk again; what is
    // there is whole, and opens when there is room.
    std::fs::remove_file(&ballast[1]).unwrap();
    carrel_store::sqlite::inspect(&directory.join("carrel.db")).unwrap();
    let store = SqliteStore::open(&directory.join("carrel.db"), Options::default()).unwrap();
    for id in &kept {
        store.work(*id).await.unwrap();
    }
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().display().to_string();
    let script = format!("mount -t tmpfs -o size=12m none '{place}' && exec \"$0\" \"$@\"");
    let prefix = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        &script,
    ];
    let mut child = start(&prefix, "full_disk::filling_child", &format!("{place}\n"));
    let mut output = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut output)
        .unwrap();
    let status = child.wait().unwrap();
    if !output.contains("running 1 test") {
        println!("SKIP: no small disk can be mounted here");
        return;
    }
    assert!(status.success() && output.contains("filled"), "{output}");
}
