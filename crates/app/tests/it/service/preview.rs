//! `carrel course preview`, as an author sees it: links, pages, changes, an end without a trace.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use super::program;
use crate::test::{Test, sandboxes_work};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

struct Preview {
    child: Child,
    course: TempDir,
    temporary: TempDir,
    lines: Arc<Mutex<String>>,
    told: Arc<Mutex<String>>,
}

/// An answer: its head in lower case where names matter, and its body.
struct Page {
    head: String,
    text: String,
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(course: &Path, lesson: &str) {
    let text = "id = \"c\"\ntitle = \"Course\"\n[[units]]\nid = \"one\"\ntitle = \"One\"\n\
        activities = [\"hello.md\"]\n";
    std::fs::write(course.join("course.toml"), text).unwrap();
    let front = "+++\nid = \"hello\"\ntitle = \"Hello\"\n+++\n\n";
    std::fs::write(course.join("hello.md"), format!("{front}{lesson}\n")).unwrap();
}

/// Reads a stream into a text as it comes.
fn gather(stream: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let own = Arc::clone(&text);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            own.lock().unwrap().push_str(&format!("{line}\n"));
        }
    });
    text
}

#[track_caller]
fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Preview {
    #[expect(clippy::disallowed_methods, reason = "a test drives the real binary")]
    fn start(course: TempDir) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let pass = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(temporary.path(), pass).unwrap();
        let mut child = Command::new(program())
            .args(["course", "preview"])
            .arg(course.path())
            .env("TMPDIR", temporary.path())
            .env("CARREL_STATE_DIRECTORY", course.path().join(".git/state"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = gather(child.stdout.take().unwrap());
        let told = gather(child.stderr.take().unwrap());
        Self {
            child,
            course,
            temporary,
            lines,
            told,
        }
    }

    fn told(&self) -> String {
        self.told.lock().unwrap().clone()
    }

    /// The link of somebody, once it is printed.
    fn link(&self, who: &str) -> String {
        let prefix = format!("{who}: ");
        eventually("a link is printed", || {
            let lines = self.lines.lock().unwrap().clone();
            let found = lines.lines().find_map(|line| line.strip_prefix(&prefix));
            found.map(str::to_owned)
        })
    }

    #[track_caller]
    fn tells(&self, text: &str) {
        eventually(text, || self.told().contains(text).then_some(()));
    }
}

/// Asks as a browser does that takes every name below `localhost` for this machine.
fn get(url: &str, cookie: &str) -> Page {
    send("GET", url, cookie, "")
}

fn send(method: &str, url: &str, cookie: &str, body: &str) -> Page {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let port: u16 = host.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\
         Sec-Fetch-Site: same-origin\r\nPrefer: wait=30\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, text) = text.split_once("\r\n\r\n").unwrap();
    Page {
        head: head.to_owned(),
        text: text.to_owned(),
    }
}

impl Page {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Follows a link: the address that it leads to, and the cookie that it gives.
fn enter(link: &str) -> (String, String) {
    let page = get(link, "");
    assert!(page.head.starts_with("HTTP/1.1 303"), "{}", page.head);
    let cookie = page.header("set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    (page.header("location").unwrap().to_owned(), cookie)
}

#[test]
fn a_course_is_looked_at_changed_and_put_away() {
    let course = tempfile::tempdir().unwrap();
    write(course.path(), "First words.");
    let mut preview = Preview::start(course);
    let (address, cookie) = enter(&preview.link("learner"));
    let author = preview.link("author");
    assert!(address.starts_with("http://learner.localhost:") && address.ends_with("/courses/c"));
    let page = get(&address, &cookie);
    assert!(page.head.starts_with("HTTP/1.1 200"), "{}", page.head);
    assert!(page.text.contains("Hello"), "{}", page.text);
    // A link counts once; without the cookie nothing is shown.
    let again = get(&preview.link("learner"), "");
    assert!(again.head.starts_with("HTTP/1.1 410"), "{}", again.head);
    assert!(!get(&address, "").head.starts_with("HTTP/1.1 200"));
    let versions = address.replace("learner.", "author.") + "/author/versions";
    assert!(!get(&versions, &cookie).head.starts_with("HTTP/1.1 200"));
    let (_, author_cookie) = enter(&author);
    let shown = get(&versions, &author_cookie);
    assert!(shown.head.starts_with("HTTP/1.1 200"), "{}", shown.head);

    let lesson = format!("{address}/lessons/hello");
    let shows = |text: &str| get(&lesson, &cookie).text.contains(text);
    assert!(shows("First words."));
    write(preview.course.path(), "Second words.");
    eventually("the change is shown", || {
        shows("Second words.").then_some(())
    });
    preview.tells("published version ");
    // What is wrong is told, and the last good version stays.
    write(preview.course.path(), "See [nothing](nowhere.md).");
    preview.tells("hello.md:6:");
    preview.tells("the last good version stays");
    assert!(shows("Second words."));
    write(preview.course.path(), "Third words.");
    eventually("the mended one is shown", || {
        shows("Third words.").then_some(())
    });

    let pid = Pid::from_raw(i32::try_from(preview.child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::INT).unwrap();
    let status = eventually("it ends", || preview.child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0), "{}", preview.told());
    let left: Vec<PathBuf> = std::fs::read_dir(preview.temporary.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let below = preview.temporary.path().to_str().unwrap();
    assert_eq!(processes_with(below), Vec::<String>::new());
}

/// Command lines of processes that name a directory.
fn processes_with(directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().map_while(Result::ok);
    let lines = entries.filter_map(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(directory)).collect()
}

#[test]
fn a_learner_of_a_preview_gets_a_verdict() {
    if !sandboxes_work() {
        return;
    }
    let preview = Preview::start(super::write_course());
    let (address, cookie) = enter(&preview.link("learner"));
    let origin = address.split("/courses/").next().unwrap();
    let url = format!("{origin}/api/v1/courses/arithmetic/challenges/adding/submissions");
    let body = serde_json::json!({"files": {"add.sh": super::RIGHT}}).to_string();
    let answer = send("POST", &url, &cookie, &body);
    let told = || format!("{}\n{}\n{}", answer.head, answer.text, preview.told());
    let answer = serde_json::from_str::<serde_json::Value>(&answer.text);
    let id = answer
        .ok()
        .and_then(|answer| Some(answer["id"].as_str()?.to_owned()));
    let id = id.unwrap_or_else(|| panic!("{}", told()));
    // On a busy machine the answer comes before the verdict.
    let url = format!("{origin}/api/v1/submissions/{id}");
    let verdict = eventually("a verdict", || {
        let row = get(&url, &cookie).text;
        let row = serde_json::from_str::<serde_json::Value>(&row).ok()?;
        row["verdict"].as_str().map(str::to_owned)
    });
    assert_eq!(verdict, "accepted", "{}", told());
}

#[test]
fn what_cannot_be_previewed_is_told() {
    Test::new(&["course", "preview", "c"])
        .status(2)
        .stderr("has no `course.toml`")
        .run();
    Test::new(&["course", "preview", "c", "--listen", "0.0.0.0:0"])
        .status(2)
        .stderr("a preview is for this machine alone")
        .run();
    Test::new(&["course", "preview", "c"])
        .file("c/course.toml", "id = \"c\"\ntitel = \"C\"\n")
        .status(3)
        .stderr("c/course.toml:2:1")
        .run();
}
