//! A service on a loopback port, its people, and a client.

use std::net::SocketAddr;
use std::sync::Arc;

use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};
use carrel_bus::local::LocalBus;
use carrel_model::account::{Role, Scope};
use carrel_model::id::{TokenId, UserId};
use carrel_store::PageRequest;
use carrel_store::account::{
    Accounts as _, Authority, Credential, Giver, SessionRow, TokenRow, UserRow,
};
use carrel_store::course::{CourseVersion, Courses as _};
use carrel_store::ledger::{AuditFilter, Ledger as _};
use carrel_store::sqlite::{Options, SqliteStore};
use carrel_web::session::secret::Secret;
use carrel_web::session::token::TokenText;
use carrel_web::{App, Config, Listener};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

pub(crate) const PASSWORD: &str = "a staple of horses";

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<SqliteStore>,
    runtime: Runtime,
    agent: ureq::Agent,
    _stop: oneshot::Sender<()>,
    _directory: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Value,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::start_with(|_, _| {})
    }

    /// With another configuration; the service's address is known when it is asked for.
    pub(crate) fn start_with(configure: impl FnOnce(&mut Config, SocketAddr)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let database = directory.path().join("carrel.db");
        let store = Arc::new(SqliteStore::open(&database, Options::default()).unwrap());
        let bus = Arc::new(LocalBus::open(&directory.path().join("bus")).unwrap());
        let listening = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listening = listening.unwrap();
        let address = listening.local_addr().unwrap();
        let mut config = Config::new(directory.path().to_owned());
        configure(&mut config, address);
        let app = {
            let _inside = runtime.enter();
            App::new(store.clone(), bus, config)
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let served = carrel_web::serve(vec![Listener::Tcp(listening)], app, async {
            let _ = stopped.await;
        });
        runtime.spawn(served);
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build()
            .new_agent();
        Self {
            address,
            store,
            runtime,
            agent,
            _stop: stop,
            _directory: directory,
        }
    }

    pub(crate) fn wait<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }

    /// Somebody with the password [`PASSWORD`].
    pub(crate) fn person(&self, name: &str) -> UserRow {
        self.person_with(name, |_| {})
    }

    pub(crate) fn operator(&self, name: &str) -> UserRow {
        self.person_with(name, |row| row.operator = true)
    }

    pub(crate) fn person_with(&self, name: &str, change: impl FnOnce(&mut UserRow)) -> UserRow {
        let mut row = UserRow {
            id: UserId::new(),
            name: name.to_owned(),
            display_name: name.to_owned(),
            email: None,
            password_hash: Some(cheap_hash()),
            operator: false,
            disabled: false,
            subject: None,
            created_at: Timestamp::now(),
        };
        change(&mut row);
        self.wait(self.store.add_user(row.clone(), Authority::Host))
            .unwrap();
        row
    }

    /// A session of theirs, as a cookie header; times in hours from now.
    pub(crate) fn session(&self, user: &UserRow) -> String {
        self.session_at(user, 24, 0)
    }

    pub(crate) fn session_at(&self, user: &UserRow, expires: i64, seen: i64) -> String {
        let secret = Secret::generate().unwrap();
        let now = Timestamp::now();
        let session = SessionRow {
            secret_hash: secret.hash(),
            user: user.id,
            created_at: now,
            expires_at: now + SignedDuration::from_hours(expires),
            seen_at: now + SignedDuration::from_hours(seen),
        };
        let kept = self.wait(self.store.user(user.id)).unwrap().password_hash;
        assert!(self.wait(self.store.add_session(session, kept)).unwrap());
        format!("__Host-carrel={}", secret.reveal())
    }

    /// A token of theirs, as the value of an `Authorization` header.
    pub(crate) fn token(&self, user: &UserRow, scopes: &[Scope]) -> String {
        self.token_with(user, scopes, |_| {})
    }

    pub(crate) fn token_with(
        &self,
        user: &UserRow,
        scopes: &[Scope],
        change: impl FnOnce(&mut TokenRow),
    ) -> String {
        let text = TokenText::generate().unwrap();
        let mut row = TokenRow {
            id: TokenId::new(),
            secret_hash: text.hash(),
            user: user.id,
            name: "test".to_owned(),
            scopes: scopes.iter().copied().collect(),
            course: None,
            expires_at: None,
            created_at: Timestamp::now(),
            used_at: None,
            revoked_at: None,
        };
        change(&mut row);
        self.wait(self.store.add_token(row, Credential::Host))
            .unwrap();
        format!("Bearer {}", text.reveal())
    }

    pub(crate) fn course(&self, id: &str) {
        let version = CourseVersion {
            course: id.to_owned(),
            digest: "0".repeat(64),
            title: id.to_owned(),
            published_by: None,
            published_at: Timestamp::now(),
            contents: json!([]),
        };
        self.wait(self.store.publish(version)).unwrap();
    }

    pub(crate) fn role(&self, user: &UserRow, course: &str, role: Role) {
        self.wait(
            self.store
                .set_role(user.id, course, Some(role), Giver::Host),
        )
        .unwrap();
    }

    /// Entries of the audit log, oldest first, as `action object detail`.
    pub(crate) fn audit(&self) -> Vec<String> {
        let page = PageRequest {
            after: None,
            limit: 200,
        };
        let page = self
            .wait(self.store.audit(AuditFilter::default(), page))
            .unwrap();
        let lines = page.items.iter().rev();
        lines
            .map(|row| format!("{} {} {}", row.action, row.object, row.detail))
            .collect()
    }

    /// A request as a program makes it.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("http://{}/api/v1{path}", self.address)
        };
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default();
        if !bytes.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let sent = if bytes.is_empty() && matches!(method, "GET" | "DELETE") {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(bytes).unwrap())
        };
        let mut answer = sent.unwrap();
        let text = answer
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_string()
            .unwrap();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    /// A request of one of our own pages, with this cookie.
    pub(crate) fn page(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        body: Option<Value>,
    ) -> Answer {
        let headers = [("cookie", cookie), ("sec-fetch-site", "same-origin")];
        self.send(method, path, &headers, body)
    }

    /// A request of a program with this token.
    pub(crate) fn program(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answer {
        self.send(method, path, &[("authorization", token)], body)
    }

    pub(crate) fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = json!({"name": name, "password": password});
        self.send("POST", "/session", &[], Some(body))
    }
}

impl Answer {
    /// Asserts status and code of a problem.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        self
    }

    #[track_caller]
    pub(crate) fn is_ok(&self) -> &Self {
        assert!((200..300).contains(&self.status), "{self:?}");
        self
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The cookie that was set, as a cookie header.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers["set-cookie"].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

/// Of [`PASSWORD`], with parameters that cost nothing.
fn cheap_hash() -> String {
    let params = Params::new(64, 1, 1, None).unwrap();
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    hasher
        .hash_password(PASSWORD.as_bytes())
        .unwrap()
        .to_string()
}
