//! Signing in at a provider: a real one, from the package registry of Node, where Node is there.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use carrel_store::account::{Accounts as _, Authority, UserUpdate};
use carrel_web::session::openid::Settings;
use serde_json::json;

use super::world::{Answer, World};

/// The provider that is installed: certified by the OpenID foundation.
const PACKAGE: &str = "oidc-provider@9.13.3";
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/account/openid_provider.mjs"
);
const ACCOUNT: &str = "account-7";

/// A provider in a process of its own.
struct Provider {
    process: Child,
    issuer: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where the provider's package is; `None`, with the reason printed: it cannot be had here.
fn installed() -> Option<&'static Path> {
    static PLACE: OnceLock<Option<PathBuf>> = OnceLock::new();
    PLACE.get_or_init(install).as_deref()
}

#[expect(clippy::disallowed_methods, reason = "a test installs what it drives")]
fn install() -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openid-provider");
    if place
        .join("node_modules/oidc-provider/package.json")
        .exists()
    {
        return Some(place);
    }
    std::fs::create_dir_all(&place).unwrap();
    let run = Command::new("npm")
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(&place)
        .arg(PACKAGE)
        .output();
    match run {
        Ok(output) if output.status.success() => Some(place),
        Ok(output) => {
            println!(
                "SKIP: npm cannot install {PACKAGE}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            None
        }
        Err(error) => {
            println!("SKIP: no npm: {error}");
            None
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test drives a real provider")]
fn start_provider(place: &Path, service: SocketAddr) -> Provider {
    let mut process = Command::new("node")
        .arg(SCRIPT)
        .arg(format!("http://{service}/api/v1/session/openid/callback"))
        .arg(ACCOUNT)
        .current_dir(place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let issuer = lines.find_map(|line| line.ok().filter(|line| line.starts_with("http://")));
    Provider {
        process,
        issuer: issuer.expect("the provider tells its issuer"),
    }
}

/// A service that knows a provider.
fn start(create_users: bool) -> Option<(World, Provider)> {
    let place = installed()?;
    let mut provider = None;
    let world = World::start_with(|config, address| {
        let started = start_provider(place, address);
        config.public_url = Some(format!("http://{address}"));
        config.account.openid = Some(Settings {
            issuer: started.issuer.clone(),
            client_id: "carrel".to_owned(),
            client_secret: Some("a secret & a half".to_owned()),
            create_users,
        });
        provider = Some(started);
    });
    Some((world, provider.unwrap()))
}

/// Goes from page to page as a browser does, with the cookies of each place.
#[derive(Default)]
struct Browser {
    jars: BTreeMap<String, BTreeMap<String, String>>,
}

impl Browser {
    fn get(&mut self, world: &World, url: &str) -> Answer {
        let place: String = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let jar = self.jars.entry(place).or_default();
        let cookies: Vec<String> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let headers = [
            ("cookie", cookies.as_str()),
            ("sec-fetch-site", "cross-site"),
        ];
        let answer = world.send("GET", url, &headers, None);
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            jar.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// From the start of a sign-in to the address that the provider sends back to.
    fn reach_callback(&mut self, world: &World, return_to: &str) -> String {
        let own = format!("http://{}", world.address);
        let mut url = format!("{own}/api/v1/session/openid?return_to={return_to}");
        for _ in 0..20 {
            let answer = self.get(world, &url);
            assert!((300..400).contains(&answer.status), "{url}: {answer:?}");
            let location = answer.headers["location"].to_str().unwrap();
            url = if location.starts_with('/') {
                let place: Vec<&str> = url.splitn(4, '/').take(3).collect();
                format!("{}{location}", place.join("/"))
            } else {
                location.to_owned()
            };
            if url.starts_with(&format!("{own}/api/v1/session/openid/callback")) {
                return url;
            }
        }
        panic!("no end of redirections: {url}");
    }

    fn show(&mut self, world: &World) -> Answer {
        self.get(world, &format!("http://{}/api/v1/session", world.address))
    }
}

#[test]
fn without_a_provider_there_is_no_such_thing() {
    let world = World::start();
    world
        .send("GET", "/session/openid", &[], None)
        .is(404, "not_found");
    world
        .send("GET", "/session/openid/callback?code=a&state=b", &[], None)
        .is(404, "not_found");
}

#[test]
fn a_provider_that_is_not_there_is_told() {
    let world = World::start_with(|config, address| {
        config.public_url = Some(format!("http://{address}"));
        config.account.openid = Some(Settings {
            issuer: "http://127.0.0.1:1".to_owned(),
            client_id: "carrel".to_owned(),
            client_secret: None,
            create_users: true,
        });
    });
    world
        .send("GET", "/session/openid", &[], None)
        .is(503, "busy");
}

#[test]
fn the_page_of_signing_in_leads_to_a_provider_where_there_is_one() {
    let show = |world: &World| {
        let page = format!("http://{}/sign-in?return_to=/courses/sample", world.address);
        world.send("GET", &page, &[("accept", "text/html")], None)
    };
    let link = "href=\"/api/v1/session/openid?return_to=%2Fcourses%2Fsample\"";
    let without = show(&World::start()).body;
    assert!(!without.as_str().unwrap().contains("/session/openid"));
    let with = World::start_with(|config, address| {
        config.public_url = Some(format!("http://{address}"));
        config.account.openid = Some(Settings {
            issuer: "http://127.0.0.1:1".to_owned(),
            client_id: "carrel".to_owned(),
            client_secret: None,
            create_users: true,
        });
    });
    let with = show(&with).body;
    assert!(with.as_str().unwrap().contains(link), "{with}");
}

#[test]
fn somebody_new_gets_an_account_and_keeps_it() {
    let Some((world, provider)) = start(true) else {
        return;
    };
    // The name is somebody else's here: it is not taken over.
    let other = world.person("ada");
    let mut browser = Browser::default();
    let callback = browser.reach_callback(&world, "/courses/sample");
    let answer = browser.get(&world, &callback);
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.headers["location"], "/courses/sample");
    let me = browser.show(&world);
    let user = me.is_ok().body["user"].clone();
    assert_ne!(user["id"], json!(other.id));
    assert_eq!(
        (&user["name"], &user["display_name"]),
        (&json!("ada-2"), &json!("Ada Lovelace"))
    );
    assert_eq!(
        (&user["email"], &user["has_password"]),
        (&json!("ada@b.example"), &json!(false))
    );
    assert_eq!(user["operator"], false);
    let known = world
        .wait(world.store.user_by_subject(&provider.issuer, ACCOUNT))
        .unwrap();
    assert_eq!(json!(known.unwrap().id), user["id"]);
    let mut again = Browser::default();
    let callback = again.reach_callback(&world, "//evil.example");
    assert_eq!(again.get(&world, &callback).headers["location"], "/");
    assert_eq!(again.show(&world).is_ok().body["user"]["id"], user["id"]);
    let audit = world.audit();
    let actions: Vec<&str> = audit
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(actions, ["user.add", "session.create", "session.create"]);
}

#[test]
fn only_the_browser_that_began_ends_it_and_only_once() {
    let Some((world, _provider)) = start(true) else {
        return;
    };
    let mut browser = Browser::default();
    let callback = browser.reach_callback(&world, "/");
    // Somebody else is given the address.
    Browser::default()
        .get(&world, &callback)
        .is(401, "sign_in_failed");
    let mut other = Browser::default();
    let others = other.reach_callback(&world, "/");
    other.get(&world, &callback).is(401, "sign_in_failed");
    // Another's code with one's own state: the code verifier does not fit.
    let part = |url: &str, name: &str| {
        let (_, query) = url.split_once('?').unwrap();
        let found = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        found.unwrap().to_owned()
    };
    let (own, foreign) = (part(&callback, "code"), part(&others, "code"));
    let injected = callback.replace(&own, &foreign);
    browser.get(&world, &injected).is(401, "sign_in_failed");
    browser.show(&world).is(401, "unauthenticated");
    let mut copy = Browser {
        jars: browser.jars.clone(),
    };
    let good = browser.get(&world, &callback);
    assert_eq!(good.status, 303, "{good:?}");
    browser.show(&world).is_ok();
    // A code counts once.
    copy.get(&world, &callback).is(401, "sign_in_failed");
    // The person said no.
    let again = copy.reach_callback(&world, "/");
    let state = part(&again, "state");
    let own = format!("http://{}/api/v1/session/openid/callback", world.address);
    let denied = copy.get(&world, &format!("{own}?error=access_denied&state={state}"));
    let detail = denied.is(401, "sign_in_failed").body["detail"].to_string();
    assert!(detail.contains("access_denied"), "{detail}");
}

#[test]
fn who_is_not_linked_is_not_let_in_where_accounts_are_not_made() {
    let Some((world, provider)) = start(false) else {
        return;
    };
    let mut browser = Browser::default();
    let callback = browser.reach_callback(&world, "/");
    browser.get(&world, &callback).is(403, "account_disabled");
    let ada = world.person("ada");
    let change = |update| {
        let changed = world.store.change_user(ada.id, update, Authority::Host);
        world.wait(changed).unwrap()
    };
    change(UserUpdate {
        subject: Some((provider.issuer.clone(), ACCOUNT.to_owned())),
        ..UserUpdate::default()
    });
    let callback = browser.reach_callback(&world, "/");
    assert_eq!(browser.get(&world, &callback).status, 303);
    assert_eq!(
        browser.show(&world).is_ok().body["user"]["id"],
        json!(ada.id)
    );
    change(UserUpdate {
        disabled: Some(true),
        ..UserUpdate::default()
    });
    let callback = browser.reach_callback(&world, "/");
    browser.get(&world, &callback).is(403, "account_disabled");
}
