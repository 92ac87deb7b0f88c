//! An author's command line against a service that runs: publish, diff, stats.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use carrel_model::Verdict;

use super::{CHALLENGE, COURSE, RIGHT, WRONG, World, start, work};
use crate::test::{Ended, Test};

/// A call with the course of the service in `c`, changed as told, and a token in `token`.
fn author(arguments: &[&str], token: &str, change: impl Fn(&str) -> String) -> Test {
    let mut test = Test::new(arguments).file("token", &format!("{token}\n"));
    for (path, text) in files() {
        test = test.file(&format!("c/{path}"), &change(&text));
    }
    test
}

/// A token that looks like one.
fn nobodys_token() -> String {
    let token = format!("carrel_{}", "0".repeat(43));
    format!("{token}{}", base62(crc32(token.as_bytes())))
}

/// The files of the course that [`super::write_course`] writes.
fn files() -> Vec<(String, String)> {
    let mut files = vec![("course.toml".to_owned(), COURSE.to_owned())];
    for id in ["adding", "slow"] {
        let challenge = CHALLENGE.replace("\"adding\"", &format!("\"{id}\""));
        for (path, text) in [
            ("challenge.toml", challenge.as_str()),
            ("instructions.md", "Add two numbers.\n"),
            ("data/small.in", "2 3\n"),
            ("data/small.ans", "5\n"),
            ("data/hidden.in", "90417263 1\n"),
            ("data/hidden.ans", "90417264\n"),
            ("start/add.sh", "echo nothing yet\n"),
            ("solution/add.sh", RIGHT),
        ] {
            files.push((format!("{id}/{path}"), text.to_owned()));
        }
    }
    files
}

fn renamed(text: &str) -> String {
    text.replace("title = \"Arithmetic\"", "title = \"Sums\"")
        .replace("points = 2", "points = 3")
}

fn address(world: &World) -> String {
    format!("http://{}", world.server.address)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_start_publishes_is_written_down_once() {
    let Some(mut world) = start(1, &["--set", "log=json"]) else {
        return;
    };
    let log = world.server.log();
    let told = |text: &str| -> Vec<serde_json::Value> {
        let lines = log.lines().filter(|line| line.contains(text));
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .collect()
    };
    assert_eq!(told("nobody can sign in yet").len(), 1, "{log}");
    assert_eq!(told("\"published\"").len(), 1, "{log}");
    // The same course at the next start is no new version.
    world.server.stop();
    world.server.restart().unwrap();
    let operator = Some(world.people.operator.as_str());
    let mut client = carrel_e2e::Client::new(world.server.address, operator);
    let audit = client.get("/api/v1/audit?limit=200").await.unwrap().json();
    let entries = audit["items"].as_array().unwrap().iter();
    let published: Vec<_> = entries
        .filter(|entry| entry["action"] == "course.publish")
        .collect();
    assert_eq!(published.len(), 1, "{audit}");
    assert_eq!(published[0]["object"], "arithmetic");
    assert_eq!(published[0]["through"], "command_line");
}

#[test]
fn a_directory_is_published_once_somebody_agrees() {
    let Some(world) = start(1, &[]) else { return };
    let (to, token) = (address(&world), world.people.operator.as_str());
    let words = [
        "course",
        "publish",
        "c",
        "--to",
        &to,
        "--token-file",
        "token",
    ];
    let confirmed = [&words[..], &["--yes"]].concat();
    // Nobody is there to be asked.
    author(&words, token, renamed)
        .status(2)
        .stderr("~ course arithmetic  Sums")
        .stderr("check small: points 2 → 3 (!)")
        .stderr("results that learners have could be others in: challenge adding")
        .stderr("nothing was published")
        .stderr("--yes")
        .run();
    author(&confirmed, token, renamed)
        .stdout("published arithmetic ")
        .absent(token)
        .run();
    author(&words, token, renamed)
        .stdout("unchanged: arithmetic ")
        .run();
    // What the service lacks for it is told before anybody is asked.
    author(&words, token, |text| {
        text.replace("environment = \"host\"", "environment = \"cobol\"")
    })
    .status(2)
    .stderr("warning: no node of the service has these environments now: cobol")
    .run();
    let json = [&confirmed[..], &["--json"]].concat();
    let published = author(&json, token, str::to_owned).run().json();
    assert_eq!(published["unchanged"], false, "{published}");
    assert_eq!(published["version"].as_str().unwrap().len(), 64);
    // Without a course, without its sense, without a right.
    author(&confirmed, token, |text| text.replace("units", "unitz"))
        .status(3)
        .stderr("c/course.toml:4:3")
        .run();
    let learner = &world.people.learners[0];
    author(&confirmed, learner, renamed)
        .status(2)
        .stderr("you are a learner of `arithmetic`")
        .stderr("hint: ")
        .run();
    author(&confirmed, "carrel_none", renamed)
        .status(2)
        .stderr("`token` holds no token of Carrel")
        .run();
    let revoked = format!("carrel_{}", "0".repeat(43));
    let sum = base62(crc32(revoked.as_bytes()));
    author(&confirmed, &format!("{revoked}{sum}"), renamed)
        .status(2)
        .stderr("make another")
        .run();
}

/// What a token ends with: its CRC-32 in base 62.
fn base62(mut number: u32) -> String {
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut letters = [b'0'; 6];
    for letter in letters.iter_mut().rev() {
        *letter = alphabet[(number % 62) as usize];
        number /= 62;
    }
    String::from_utf8(letters.to_vec()).unwrap()
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 * (crc & 1));
        }
    }
    !crc
}

#[test]
fn what_is_no_service_is_told_apart() {
    let token = nobodys_token();
    let publish = |to: &str| {
        let words = [
            "course",
            "publish",
            "c",
            "--to",
            to,
            "--token-file",
            "token",
            "--yes",
        ];
        author(&words, &token, str::to_owned)
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = format!("http://{}", listener.local_addr().unwrap());
    let answers = std::thread::spawn(move || {
        for status in [
            "200 OK",
            "413 Too Large",
            "302 Found\r\nlocation: https://c.example/",
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            read_request(&mut stream);
            let body = "<p>hello</p>";
            let head = format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close");
            let length = body.len();
            write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        }
    });
    publish(&other).status(4).stderr("is not understood").run();
    publish(&other)
        .status(4)
        .stderr("refuses requests of this size (413)")
        .run();
    publish(&other)
        .status(4)
        .stderr("sends on to `https://c.example/`")
        .run();
    answers.join().unwrap();
    // Bound and not listening: nobody else can come to listen there meanwhile.
    let (held, silent) = hold_port();
    publish(&format!("http://{silent}"))
        .status(4)
        .stderr("hint: nothing listens there")
        .run();
    drop(held);
    publish("http://carrel.example")
        .status(2)
        .stderr("use https")
        .run();
    publish("https://carrel.example/courses")
        .status(2)
        .stderr("has a path")
        .run();
}

/// A port of this machine that nobody listens on, for as long as it is held.
fn hold_port() -> (rustix::fd::OwnedFd, SocketAddr) {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
    let held = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&held, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = SocketAddr::try_from(getsockname(&held).unwrap()).unwrap();
    (held, address)
}

/// Reads a request to the end of its body, so that its sender is not cut off.
fn read_request(stream: &mut std::net::TcpStream) {
    let mut read = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let Some(end) = text.find("\r\n\r\n") else {
            continue;
        };
        let head = text[..end].lines();
        let mut length = head.filter_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.next_back().unwrap().trim().parse().unwrap();
        let end = read
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        if count == 0 || read.len() >= end + 4 + length {
            return;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test makes a repository")]
fn git(directory: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_commit_of_a_repository_is_published_and_kept_with_its_version() {
    let Some(world) = start(0, &[]) else { return };
    let (to, token) = (address(&world), world.people.operator.as_str());
    let repository = tempfile::tempdir().unwrap();
    for (path, text) in files() {
        let path = repository.path().join("lessons").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, renamed(&text)).unwrap();
    }
    // What a repository would like to be run.
    let marker = repository.path().join("ran");
    let run = format!("ext::touch {}", marker.display());
    let modules = format!("[submodule \"x\"]\n\tpath = x\n\turl = {run}\n");
    std::fs::write(repository.path().join(".gitmodules"), modules).unwrap();
    git(repository.path(), &["init", "--quiet"]);
    git(repository.path(), &["add", "--all"]);
    git(repository.path(), &["commit", "--quiet", "-m", "one"]);
    git(repository.path(), &["tag", "v1"]);
    let commit = git(repository.path(), &["rev-parse", "HEAD"]);
    // What was changed since is not what the tag names.
    std::fs::write(repository.path().join("lessons/course.toml"), "id = 1\n").unwrap();
    let source = repository.path().display().to_string();
    let publish = |source: &str, more: &[&str]| {
        let words = [
            "course",
            "publish",
            source,
            "--to",
            &to,
            "--token-file",
            "token",
        ];
        author(&[&words[..], more].concat(), token, str::to_owned)
    };
    publish(&source, &["--revision", "v1", "--path", "lessons", "--yes"])
        .stderr(&format!("commit {commit}"))
        .stdout("published arithmetic ")
        .run();
    let versions = get(&world, "/courses/arithmetic/versions");
    assert_eq!(
        versions["items"][0]["commit"],
        commit.as_str(),
        "{versions}"
    );
    publish(&source, &["--revision", "v2", "--yes"])
        .status(2)
        .stderr("git fetch failed")
        .stderr("is `v2` a branch, tag")
        .run();
    publish(&source, &["--revision", "v1", "--yes"])
        .status(3)
        .stderr("has no `course.toml`")
        .run();
    publish(&source, &["--revision", "v1", "--path", "../..", "--yes"])
        .status(2)
        .stderr("the repository has no directory")
        .run();
    for (source, told) in [
        (run.as_str(), "names a program"),
        ("git://127.0.0.1/x", "is not secure"),
        ("nowhere", "is not a directory"),
    ] {
        publish(source, &["--yes"]).status(2).stderr(told).run();
    }
    publish(&source, &["--revision=--upload-pack=id"])
        .status(2)
        .stderr("name a branch, a tag or a commit")
        .run();
    assert!(!marker.exists());
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test runs the program and breaks it off"
)]
#[test]
fn who_breaks_off_leaves_no_copy_of_a_repository() {
    use std::os::unix::process::ExitStatusExt as _;
    // A server that says nothing: git waits for it.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let source = format!("https://{}/course.git", silent.local_addr().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let temporary = directory.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    std::fs::write(directory.path().join("token"), nobodys_token()).unwrap();
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_carrel"))
            .args(["course", "publish", &source, "--to", "http://127.0.0.1:9"])
            .args(["--token-file", "token", "--yes"])
            .current_dir(directory.path())
            .env("TMPDIR", &temporary)
            .env_remove("https_proxy")
            .env_remove("HTTPS_PROXY")
            .env_remove("ALL_PROXY")
            .env_remove("all_proxy")
            .spawn()
            .unwrap();
        let _asked = silent.accept().unwrap();
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 1);
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal.as_raw()), "{status}");
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    }
}

#[test]
fn a_missing_repository_is_told_without_asking_about_a_revision_nobody_named() {
    let publish = |source: &str, more: &[&str]| {
        let words = ["course", "publish", source, "--to", "http://127.0.0.1:9"];
        let token = ["--token-file", "token", "--yes"];
        Test::new(&[&words[..], &token, more].concat())
            .file("token", &nobodys_token())
            .file("there/a", "")
            .status(2)
    };
    publish("file:///no/such/repository", &[])
        .stderr("git fetch failed")
        .stderr("is there such a repository")
        .absent("branch, tag")
        .run();
    publish("there", &["--revision", "v1"])
        .stderr("`there` holds no git repository")
        .stderr("leave --revision out")
        .run();
}

fn get(world: &World, path: &str) -> serde_json::Value {
    let path = format!("/api/v1{path}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let token = Some(world.people.operator.as_str());
        let mut client = carrel_e2e::Client::new(world.server.address, token);
        client.get(&path).await.unwrap().json()
    })
}

#[test]
fn two_directories_are_compared_without_a_service() {
    let diff = |arguments: &[&str]| {
        let mut test = author(arguments, "", str::to_owned);
        for (path, text) in files() {
            test = test.file(&format!("d/{path}"), &renamed(&text));
        }
        test
    };
    diff(&["course", "diff", "c", "d"])
        .stdout("~ course arithmetic  Sums")
        .stdout("    title: Arithmetic → Sums")
        .stdout("~ challenge adding  Adding")
        .run();
    diff(&["course", "diff", "c", "c"])
        .stdout("nothing changes for learners")
        .run();
    let document = diff(&["course", "diff", "c", "d", "--json"]).run().json();
    assert_eq!(document["subjects"][0]["id"], "arithmetic", "{document}");
    diff(&["course", "diff", "c", "none"])
        .status(2)
        .stderr("`none` is not a directory")
        .run();
    diff(&["course", "diff", "c"]).status(2).run();
    diff(&["course", "diff", "c", "--against", "https://c.example"])
        .status(2)
        .stderr("CARREL_TOKEN")
        .run();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_version_is_compared_and_figures_are_told() {
    let Some(world) = start(2, &[]) else { return };
    let (from, token) = (address(&world), world.people.operator.as_str());
    let asked = ["--token-file", "token"];
    let against = ["course", "diff", "c", "--against", &from];
    author(&[&against[..], &asked].concat(), token, renamed)
        .stdout("title: Arithmetic → Sums")
        .run();
    for (number, text, verdict) in [
        (0, WRONG, Verdict::WrongAnswer),
        (0, RIGHT, Verdict::Accepted),
        (1, WRONG, Verdict::WrongAnswer),
    ] {
        let work = work(text, verdict);
        let mut learner = world.learner(number);
        let row = super::judged(&mut learner, &work).await;
        assert_eq!(row["verdict"], verdict.name(), "{row}");
    }
    let stats = |more: &[&str]| -> Test {
        let words = ["course", "stats", "arithmetic", "--from", &from];
        author(&[&words[..], &asked, more].concat(), token, str::to_owned)
    };
    stats(&["--challenge", "adding"])
        .stdout("1 of 2 who tried have passed, 3 submissions")
        .stdout("submissions to pass: median 2")
        .stdout("  hidden                   2   67 %         2      1")
        .run();
    stats(&[])
        .stdout("challenge adding: 1 of 2 who tried have passed")
        .stdout("challenge slow: nobody has tried it yet")
        .run();
    let table = stats(&["--challenge", "adding", "--csv"]).run();
    for part in [
        "about,name,learners,passed,submissions,share,stuck,attempts_to_pass_min,",
        "\r\nchallenge,adding,2,1,3,,,2,2,2,2,",
        "\r\nattempts,2,,1,",
        "\r\ncheck,hidden,2,,2,0.66",
    ] {
        assert!(table.stdout.contains(part), "{part} not in {table:?}");
    }
    let document: Ended = stats(&["--challenge", "adding", "--json"]).run();
    assert_eq!(document.json()["passed"], 1);
    stats(&["--challenge", "none"])
        .status(2)
        .stderr("no challenge `none`")
        .run();
    stats(&["--json"]).status(2).stderr("whose figures?").run();
    let learner = &world.people.learners[0];
    let words = ["course", "stats", "arithmetic", "--from", &from];
    let words = [&words[..], &asked, &["--challenge", "adding"]].concat();
    author(&words, learner, str::to_owned)
        .status(2)
        .stderr("not an author")
        .run();
}
