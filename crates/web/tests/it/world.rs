//! A service on a loopback port with a course, its people, a client, and a hand in place of a worker.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use carrel_bus::local::LocalBus;
use carrel_bus::{Bus as _, Hint};
use carrel_model::Verdict;
use carrel_model::id::{NodeId, SubmissionId, TokenId, UserId};
use carrel_store::account::{
    Accounts as _, Authority, Credential, Giver, Role, Scope, TokenRow, UserRow,
};
use carrel_store::event::{EventKind, Events as _};
use carrel_store::node::{LanguageReport, NodeReport, Nodes as _};
use carrel_store::queue::{Applied, Lease, Queue as _};
use carrel_store::sqlite::{Clock, Options, SqliteStore};
use carrel_store::submission::{Outcome, Work};
use carrel_web::{App, Config, Listener};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

pub(crate) use crate::fixture::{
    SECRET, document, executed, results, small_limits, tar, write_course,
};

/// What every scope together may do.
pub(crate) const ALL: [Scope; 5] = [
    Scope::Read,
    Scope::Submit,
    Scope::Execute,
    Scope::Author,
    Scope::Operate,
];

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) app: App,
    pub(crate) node: NodeId,
    pub(crate) directory: TempDir,
    bus: Arc<LocalBus>,
    runtime: Runtime,
    agent: ureq::Agent,
    stop: Option<oneshot::Sender<()>>,
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl World {
    /// With the course `demo` and a node that works.
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        Self::start_at(Clock::host(), configure)
    }

    /// With a clock of one's own.
    pub(crate) fn start_at(clock: Clock, configure: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let database = directory.path().join("carrel.db");
        let options = Options {
            clock,
            ..Options::default()
        };
        let store = Arc::new(SqliteStore::open(&database, options).unwrap());
        let bus = Arc::new(LocalBus::open(&directory.path().join("bus")).unwrap());
        let listening = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listening = listening.unwrap();
        let address = listening.local_addr().unwrap();
        let mut config = Config::new(directory.path().to_owned());
        config.drain_ms = 2_000;
        configure(&mut config);
        let app = {
            let _inside = runtime.enter();
            App::new(store.clone(), bus.clone(), config)
        };
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(carrel_web::serve(
            vec![Listener::Tcp(listening)],
            app.clone(),
            async {
                let _ = stopped.await;
            },
        ));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build()
            .new_agent();
        let world = Self {
            address,
            store,
            app,
            node: NodeId::new(),
            directory,
            bus,
            runtime,
            agent,
            stop: Some(stop),
        };
        let course = write_course(world.directory.path(), "demo", "");
        world
            .wait(carrel_web::publish::publish_directory(&world.app, &course))
            .unwrap();
        world.beat(2);
        world
    }

    pub(crate) fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }

    /// Tells the service to stop, as a signal does.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// A node tells of itself.
    pub(crate) fn beat(&self, slots: u32) {
        self.beat_as(self.report(slots));
    }

    /// A node tells this of itself.
    pub(crate) fn beat_as(&self, report: NodeReport) {
        self.wait(self.store.beat(report)).unwrap();
        self.app.nodes.forget();
    }

    /// What the node tells.
    pub(crate) fn report(&self, slots: u32) -> NodeReport {
        NodeReport {
            id: self.node,
            epoch: 1,
            host: "test".to_owned(),
            version: "0".to_owned(),
            slots,
            spare_slots: 0,
            busy: 0,
            rate_milli: slots * 1_000,
            environments: vec![("python".to_owned(), Some("d1".to_owned()))],
            languages: vec![LanguageReport {
                id: "python".to_owned(),
                version: "3.11.2".to_owned(),
                environment: "python".to_owned(),
                compiled: false,
            }],
            missing_layers: Vec::new(),
            accepting: true,
            canary_ms: Some(20.0),
            metrics: "# HELP carrel_worker_pool Ready.\n# TYPE carrel_worker_pool gauge\ncarrel_worker_pool 3\n# EOF\n".to_owned(),
        }
    }

    pub(crate) fn person(&self, name: &str, role: Option<Role>) -> Person {
        self.person_with(name, role, |_| {})
    }

    pub(crate) fn learner(&self, name: &str) -> Person {
        self.person(name, Some(Role::Learner))
    }

    pub(crate) fn author(&self, name: &str) -> Person {
        self.person(name, Some(Role::Author))
    }

    pub(crate) fn operator(&self, name: &str) -> Person {
        self.person_with(name, None, |row| row.operator = true)
    }

    fn person_with(
        &self,
        name: &str,
        role: Option<Role>,
        change: impl FnOnce(&mut UserRow),
    ) -> Person {
        let mut row = UserRow {
            id: UserId::new(),
            name: name.to_owned(),
            display_name: name.to_owned(),
            email: None,
            password_hash: None,
            operator: false,
            disabled: false,
            subject: None,
            created_at: Timestamp::now(),
        };
        change(&mut row);
        let id = row.id;
        self.wait(self.store.add_user(row, Authority::Host))
            .unwrap();
        if role.is_some() {
            self.wait(self.store.set_role(id, "demo", role, Giver::Host))
                .unwrap();
        }
        let token = self.token(id, &ALL, None);
        Person { id, token }
    }

    pub(crate) fn token(&self, user: UserId, scopes: &[Scope], course: Option<&str>) -> String {
        let text = token_text();
        let row = TokenRow {
            id: TokenId::new(),
            secret_hash: Sha256::digest(text.as_bytes()).into(),
            user,
            name: "test".to_owned(),
            scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
            course: course.map(str::to_owned),
            expires_at: None,
            created_at: Timestamp::now(),
            used_at: None,
            revoked_at: None,
        };
        self.wait(self.store.add_token(row, Credential::Host))
            .unwrap();
        text
    }

    /// One request; `path` below `/api/v1` unless it begins with `//`.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let path = match path.strip_prefix("//") {
            Some(path) => format!("/{path}"),
            None => format!("/api/v1{path}"),
        };
        let uri = format!("http://{}{path}", self.address);
        let mut request = ureq::http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = if body.is_empty() && matches!(method, "GET" | "DELETE") {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        let mut answer = sent.unwrap();
        let bytes = answer.body_mut().read_to_vec().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    pub(crate) fn get(&self, who: &Person, path: &str) -> Answer {
        let bearer = who.bearer();
        self.send("GET", path, &[("authorization", &bearer)], b"")
    }

    /// The bytes of an answer that is no text; the path is a whole one.
    pub(crate) fn download(&self, who: &Person, path: &str) -> Vec<u8> {
        let uri = format!("http://{}{path}", self.address);
        let request = ureq::http::Request::builder()
            .uri(uri)
            .header("authorization", who.bearer());
        let mut answer = self.agent.run(request.body(()).unwrap()).unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_to_vec().unwrap()
    }

    pub(crate) fn post(&self, who: &Person, path: &str, body: &Value) -> Answer {
        self.put_or_post("POST", who, path, body)
    }

    pub(crate) fn put_or_post(
        &self,
        method: &str,
        who: &Person,
        path: &str,
        body: &Value,
    ) -> Answer {
        let bearer = who.bearer();
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        self.send(method, path, &headers, body.to_string().as_bytes())
    }

    /// Submits a program to the challenge `double`.
    pub(crate) fn submit(&self, who: &Person) -> SubmissionId {
        let path = "/courses/demo/challenges/double/submissions";
        let answer = self.post(who, path, &json!({"files": {"double.py": "print(2)"}}));
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.id()
    }

    /// Claims the next job, as a worker does.
    pub(crate) fn claim(&self) -> Lease {
        let mut leases = self.wait(self.store.claim(self.node, 1, 10_000)).unwrap();
        leases.pop().expect("a job waits")
    }

    /// Tells events of a job, as a worker does.
    pub(crate) fn tell(&self, lease: &Lease, kinds: Vec<EventKind>) {
        let (submission, token) = (lease.submission, lease.token);
        let number = self
            .wait(self.store.append(submission, token, kinds))
            .unwrap();
        self.bus.send(&Hint::Events {
            submission,
            number,
            last: false,
        });
    }

    /// Ends a job, as a worker does.
    pub(crate) fn finish(&self, lease: &Lease, outcome: Outcome) {
        let (submission, token) = (lease.submission, lease.token);
        let applied = self.wait(self.store.finish(submission, token, outcome, 50.0));
        assert_eq!(applied.unwrap(), Applied::Applied);
        self.bus.send(&Hint::Events {
            submission,
            number: 0,
            last: true,
        });
    }

    /// Judges the next job.
    pub(crate) fn judge(&self, verdict: Verdict) -> SubmissionId {
        let lease = self.claim();
        assert!(matches!(lease.work, Work::Challenge(_)));
        self.finish(&lease, Outcome::Judged(Box::new(document(verdict))));
        lease.submission
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

impl Person {
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) -> &Self {
        let told = self.body["code"].as_str().unwrap_or_default();
        assert_eq!((self.status, told), (status, code), "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert!(self.body["request_id"].is_string(), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn ok(&self) -> &Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        &self.body
    }

    #[track_caller]
    pub(crate) fn id(&self) -> SubmissionId {
        self.body["id"].as_str().unwrap().parse().unwrap()
    }

    /// Places of what is wrong.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        let errors = errors.into_iter().flatten();
        errors.filter_map(|error| error["field"].as_str()).collect()
    }
}

/// A well-formed token: `carrel_`, 43 letters, and the CRC-32 of all that in base 62.
fn token_text() -> String {
    let mut text = "carrel_".to_owned();
    let random = Sha256::digest(TokenId::new().to_string());
    text.push_str(&base62(&random, 43));
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ (0xedb8_8320 * low);
        }
    }
    text.push_str(&base62(&(!crc).to_be_bytes(), 6));
    text
}

fn base62(number: &[u8], length: usize) -> String {
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = number.to_vec();
    let mut letters = Vec::new();
    for _ in 0..length {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap();
            rest = value % 62;
        }
        letters.push(char::from(alphabet[rest as usize]));
    }
    letters.into_iter().rev().collect()
}
