//! The service as its users and its accidents drive it: the real binary over HTTP.

mod attempts;
mod conversations;
mod crash;
mod dialects;
mod disk;
mod overload;
mod preview;
mod publishing;
mod supervision;
mod traces;
mod upgrade;
mod verdict;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carrel_e2e::work::Mix;
use carrel_e2e::{Client, People, Response, Server, Work};
use carrel_model::Verdict;
use tempfile::TempDir;

use crate::test::sandboxes_work;

const COURSE: &str = "id = \"arithmetic\"\ntitle = \"Arithmetic\"\n\n[[units]]\nid = \"first\"\ntitle = \"First\"\nchallenges = [\"adding\", \"slow\"]\n";

const CHALLENGE: &str = r#"
id = "adding"
title = "Adding"
language = "bash"
environment = "host"

[files]
editable = ["add.sh"]

[limits]
cpu_ms = 1000
wall_ms = 4000

[[checks]]
id = "small"
kind = "io"
title = "small numbers"
input = "data/small.in"
answer = "data/small.ans"
points = 2

[[checks]]
id = "hidden"
kind = "io"
title = "other numbers"
input = "data/hidden.in"
answer = "data/hidden.ans"
visibility = "never"
"#;

/// Takes a second, nearly all of it asleep.
const SLOW: &str = "sleep 1\nread -r a b\necho $((a + b))\n";
const RIGHT: &str = "read -r a b\necho $((a + b))\n";
const WRONG: &str = "read -r a b\necho 5\n";
const BROKEN: &str = "if true; then\n";

/// A service with a course and people.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) people: People,
    _course: TempDir,
}

/// Arguments that every service here is started with.
fn arguments(course: &Path, more: &[&str]) -> Vec<String> {
    let course = course.display().to_string();
    let mut arguments = vec!["--course", &course, "--allow-unrepeatable"];
    arguments.extend(more);
    arguments.into_iter().map(str::to_owned).collect()
}

pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_carrel"))
}

/// Writes the course.
pub(crate) fn write_course() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("course.toml", COURSE);
    for id in ["adding", "slow"] {
        let mut challenge = CHALLENGE.replace("\"adding\"", &format!("\"{id}\""));
        if id == "slow" {
            challenge = challenge.replace("wall_ms = 4000", "wall_ms = 60000");
        }
        put(&format!("{id}/challenge.toml"), &challenge);
        put(&format!("{id}/instructions.md"), "Add two numbers.\n");
        put(&format!("{id}/data/small.in"), "2 3\n");
        put(&format!("{id}/data/small.ans"), "5\n");
        put(&format!("{id}/data/hidden.in"), "90417263 1\n");
        put(&format!("{id}/data/hidden.ans"), "90417264\n");
        put(&format!("{id}/start/add.sh"), "echo nothing yet\n");
        put(&format!("{id}/solution/add.sh"), RIGHT);
    }
    directory
}

/// Starts a service with so many learners; `None` where sandboxes cannot be made here.
pub(crate) fn start(learners: usize, more: &[&str]) -> Option<World> {
    if !sandboxes_work() {
        return None;
    }
    let course = write_course();
    let arguments = arguments(course.path(), more);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let server = Server::start(&program(), &words).unwrap();
    let people = People::add(&server, "arithmetic", learners).unwrap();
    Some(World {
        server,
        people,
        _course: course,
    })
}

impl World {
    pub(crate) fn learner(&self, number: usize) -> Client {
        Client::new(self.server.address, Some(&self.people.learners[number]))
    }
}

/// A submission to `adding`.
pub(crate) fn work(text: &str, verdict: Verdict) -> Work {
    Work {
        course: "arithmetic".to_owned(),
        challenge: "adding".to_owned(),
        language: "bash".into(),
        name: verdict.name().to_owned(),
        step: None,
        files: BTreeMap::from([("add.sh".to_owned(), text.as_bytes().to_vec())]),
        verdicts: vec![verdict],
        target_ms: None,
    }
}

/// Submits and waits for the end, however busy the machine is: the submission with its verdict.
pub(crate) async fn judged(learner: &mut Client, work: &Work) -> serde_json::Value {
    judged_with(learner, work, &[]).await
}

/// The same, with more headers of the request that submits.
pub(crate) async fn judged_with(
    learner: &mut Client,
    work: &Work,
    more: &[(&str, &str)],
) -> serde_json::Value {
    let headers = [&[("prefer", "wait=30")], more].concat();
    let answer = learner.post(&work.path(), &headers, &work.body()).await;
    ended(learner, answer.unwrap()).await
}

/// Waits for the end of a submission that was taken with this answer, however busy the machine is.
pub(crate) async fn ended(learner: &mut Client, answer: Response) -> serde_json::Value {
    let mut row = answer.json();
    let id = row["id"].as_str().map(str::to_owned);
    let id = id.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()));
    let path = format!("/api/v1/submissions/{id}?wait=30");
    while row["verdict"].is_null() {
        assert_ne!(row["state"], "parked", "{row}");
        row = learner.get(&path).await.unwrap().json();
        assert_eq!(row["id"], id.as_str(), "{row}");
    }
    row
}

/// A submission that takes two seconds and hardly any processor time.
pub(crate) fn slow() -> Work {
    Work {
        challenge: "slow".to_owned(),
        ..work(SLOW, Verdict::Accepted)
    }
}

pub(crate) fn mix() -> Mix {
    Mix::of(vec![
        work(RIGHT, Verdict::Accepted),
        work(WRONG, Verdict::WrongAnswer),
        work(BROKEN, Verdict::CompileError),
        slow(),
    ])
    .unwrap()
}
