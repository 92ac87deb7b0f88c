//! A full disk: clear refusals, nothing acknowledged is lost, and it works again.

use std::path::Path;
use std::time::Duration;

use carrel_e2e::{Ledger, People, Server};
use carrel_model::Verdict;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use super::{RIGHT, arguments, program, work, write_course};
use crate::test::sandboxes_work;

/// A small disk of its own, gone at the end.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` where nothing may be mounted.
    fn mount(options: &std::ffi::CStr) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        match mount(
            "tmpfs",
            directory.path(),
            "tmpfs",
            MountFlags::empty(),
            options,
        ) {
            Ok(()) => Some(Self(directory)),
            Err(error) => {
                println!("SKIP: a tmpfs cannot be mounted here: {error}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a failing test leaves the service running a moment longer.
        let _ = unmount(self.0.path(), UnmountFlags::DETACH);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_blames_nobody() {
    if !sandboxes_work() {
        return;
    }
    let Some(disk) = Disk::mount(c"size=24m,mode=0711") else {
        return;
    };
    let course = write_course();
    let arguments = arguments(course.path(), &[]);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let state = disk.path().join("state");
    let server = Server::start_in(&program(), &words, Some(&state)).unwrap();
    let people = People::add(&server, "arithmetic", 1).unwrap();
    let mut learner = carrel_e2e::Client::new(server.address, Some(&people.learners[0]));
    let work = work(RIGHT, Verdict::Accepted);
    let mut ledger = Ledger::default();
    let mut refused = 0;
    let mut number = 0;
    while number < 60 {
        if number == 20 {
            fill(&disk.path().join("filler"));
        }
        let key = format!("disk-{number}");
        let sent = learner
            .post(&work.path(), &[("idempotency-key", &key)], &work.body())
            .await;
        match sent {
            Ok(answer) if matches!(answer.status, 200..=202) => {
                ledger.note(&key, answer.json()["id"].as_str().unwrap(), &work);
            }
            // While there is room it is the sender's own work that is too much, and only for now.
            Ok(answer) if number < 20 && matches!(answer.status, 429 | 503) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            Ok(answer) => {
                assert!(answer.status >= 429, "{}: {}", answer.status, answer.text());
                refused += 1;
            }
            Err(error) => panic!("{error}\n{}", server.log()),
        }
        number += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(refused > 0, "the disk was never full");
    std::fs::remove_file(disk.path().join("filler")).unwrap();
    let mut operator = carrel_e2e::Client::new(server.address, Some(&people.operator));
    let findings = ledger
        .settle(&mut operator, Duration::from_secs(60))
        .await
        .unwrap();
    assert!(findings.is_clean(), "{findings:#?}\n{}", server.log());
    assert!(findings.acknowledged >= 20);
}

fn fill(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    let block = vec![0_u8; 64 << 10];
    while file.write_all(&block).is_ok() {}
}
