//! Adding, changing and disabling people.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use carrel_store::account::{Accounts as _, Authority, UserUpdate};
use serde_json::{Value, json};

use super::world::{PASSWORD, World};

#[test]
fn an_operator_adds_people_who_then_sign_in() {
    let world = World::start();
    let root = world.session(&world.operator("root"));
    let add = |body| world.page("POST", "/users", &root, Some(body));
    let added = add(json!({"name": "ada", "email": "ada@b.example"}));
    assert_eq!(added.is_ok().status, 201);
    let drawn = added.body["password"].as_str().unwrap();
    world.sign_in("ada", drawn).is_ok();
    let added = add(json!({"name": "bob", "password": "chosen by Bob"}));
    assert!(added.is_ok().body.get("password").is_none());
    world.sign_in("bob", "chosen by Bob").is_ok();
    add(json!({"name": "ADA"})).is(409, "already_exists");
    for (body, field) in [
        (json!({"name": "a b"}), "name"),
        (json!({"name": "me"}), "name"),
        (json!({"name": "c", "email": "nowhere"}), "email"),
        (json!({"name": "c", "display_name": ""}), "display_name"),
        (json!({"name": "c", "password": "short"}), "password"),
    ] {
        assert_eq!(
            add(body).is(422, "invalid").body["errors"][0]["field"],
            field
        );
    }
    let list = world.page("GET", "/users?limit=2", &root, None);
    let names: Vec<_> = list.is_ok().body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["ada", "bob"]);
    let next = list.body["next"].as_str().unwrap();
    let list = world.page("GET", &format!("/users?limit=2&cursor={next}"), &root, None);
    assert_eq!(list.is_ok().body["items"][0]["name"], "root");
}

#[test]
fn what_is_sql_elsewhere_is_text_here() {
    let world = World::start();
    let root = world.session(&world.operator("root"));
    let hostile = "Robert'); DROP TABLE users; --";
    let body = json!({"name": "robert", "display_name": hostile});
    let added = world.page("POST", "/users", &root, Some(body));
    assert_eq!(added.is_ok().body["user"]["display_name"], hostile);
    let found = world.page("GET", "/users/robert", &root, None);
    assert_eq!(found.is_ok().body["display_name"], hostile);
    // In what is looked for and in where a list goes on, too.
    for path in [
        "/users/x'%20OR%20'1'='1",
        "/audit?user=x'%20OR%20'1'='1",
        "/users?cursor=x'%20OR%20'1'='1",
    ] {
        let answer = world.page("GET", path, &root, None);
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    let after = world.page("GET", "/users?cursor=after.x'%20OR%20'1'='1", &root, None);
    assert_eq!(
        after.is_ok().body["items"],
        json!([]),
        "none is named so late"
    );
    let list = world.page("GET", "/users", &root, None);
    assert_eq!(list.is_ok().body["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_learner_sees_and_changes_only_oneself() {
    let world = World::start();
    let (ada, bob) = (world.person("ada"), world.person("bob"));
    let cookie = world.session(&ada);
    let as_ada = |method: &str, path: &str, body| world.page(method, path, &cookie, body);
    as_ada("GET", "/users/me", None).is_ok();
    as_ada("GET", "/users/ada", None).is_ok();
    as_ada("GET", &format!("/users/{}", ada.id), None).is_ok();
    for path in [
        "/users/bob".to_owned(),
        format!("/users/{}", bob.id),
        "/users/nobody".into(),
    ] {
        as_ada("GET", &path, None).is(403, "operator_required");
        as_ada("PATCH", &path, Some(json!({}))).is(403, "operator_required");
        as_ada("GET", &format!("{path}/export"), None).is(403, "operator_required");
        as_ada("POST", &format!("{path}/deletion"), Some(json!({}))).is(403, "operator_required");
        let body = Some(json!({"password": "another staple"}));
        as_ada("PUT", &format!("{path}/password"), body).is(403, "operator_required");
    }
    as_ada("GET", "/users", None).is(403, "operator_required");
    as_ada("POST", "/users", Some(json!({"name": "x"}))).is(403, "operator_required");
    as_ada("GET", "/audit", None).is(403, "operator_required");
    as_ada("PATCH", "/users/me", Some(json!({"operator": true}))).is(403, "operator_required");
    as_ada("PATCH", "/users/me", Some(json!({"disabled": false}))).is(403, "operator_required");
    let changed = as_ada(
        "PATCH",
        "/users/me",
        Some(json!({"display_name": "Ada", "email": "a@b.c"})),
    );
    assert_eq!(changed.is_ok().body["email"], "a@b.c");
    let changed = as_ada("PATCH", "/users/me", Some(json!({"email": ""})));
    assert!(changed.is_ok().body.get("email").is_none());
    as_ada("PATCH", "/users/me", Some(json!({"name": "eve"}))).is(422, "invalid");
}

#[test]
fn disabling_ends_what_is_open() {
    let world = World::start();
    let ada = world.person("ada");
    let (cookie, token) = (world.session(&ada), world.token(&ada, &[]));
    let root = world.session(&world.operator("root"));
    world
        .page(
            "PATCH",
            "/users/ada",
            &root,
            Some(json!({"disabled": true})),
        )
        .is_ok();
    assert!([401, 403].contains(&world.page("GET", "/session", &cookie, None).status));
    assert!([401, 403].contains(&world.program("GET", "/session", &token, None).status));
    world
        .page(
            "PATCH",
            "/users/ada",
            &root,
            Some(json!({"disabled": false})),
        )
        .is_ok();
    // The session is gone for good, the token counts again.
    world
        .page("GET", "/session", &cookie, None)
        .is(401, "unauthenticated");
    world.program("GET", "/session", &token, None).is_ok();
}

#[test]
fn an_operator_resets_a_password() {
    let world = World::start();
    let cookie = world.session(&world.person("ada"));
    let root = world.session(&world.operator("root"));
    let reset = world.page("PUT", "/users/ada/password", &root, Some(json!({})));
    let drawn = reset.is_ok().body["password"].as_str().unwrap().to_owned();
    assert!(!reset.headers.contains_key("set-cookie"));
    world
        .page("GET", "/session", &cookie, None)
        .is(401, "unauthenticated");
    world.sign_in("ada", &drawn).is_ok();
    world
        .page("PUT", "/users/nobody/password", &root, Some(json!({})))
        .is(404, "not_found");
    let audit = world.audit();
    assert!(
        audit[0].starts_with("user.password") && audit[0].ends_with("reset"),
        "{audit:?}"
    );
}

#[test]
fn somebody_is_left_to_run_the_service() {
    let world = World::start();
    let root = world.operator("root");
    world.person("ada");
    world.person_with("old", |row| (row.operator, row.disabled) = (true, true));
    let cookie = world.session(&root);
    let change = |body| world.page("PATCH", "/users/me", &cookie, Some(body));
    change(json!({"operator": false})).is(409, "wrong_state");
    change(json!({"disabled": true})).is(409, "wrong_state");
    let body = json!({"password": super::world::PASSWORD});
    world
        .page("POST", "/users/me/deletion", &cookie, Some(body))
        .is(409, "wrong_state");
    world
        .page(
            "PATCH",
            "/users/ada",
            &cookie,
            Some(json!({"operator": true})),
        )
        .is_ok();
    change(json!({"operator": false})).is_ok();
}

#[test]
fn the_audit_log_tells_who_what_and_from_where() {
    let world = World::start();
    let root = world.operator("root");
    let cookie = world.session(&root);
    world
        .page("POST", "/users", &cookie, Some(json!({"name": "ada"})))
        .is_ok();
    world
        .page(
            "PATCH",
            "/users/ada",
            &cookie,
            Some(json!({"operator": true})),
        )
        .is_ok();
    let log = world.page("GET", "/audit", &cookie, None);
    let newest = &log.is_ok().body["items"][0];
    assert_eq!(newest["action"], "user.change");
    assert_eq!(newest["detail"], "operator=true");
    assert_eq!(newest["user"], json!(root.id));
    assert_eq!(newest["through"], "session");
    assert_eq!(newest["address"], "127.0.0.1");
    let log = world.page(
        "GET",
        &format!("/audit?user={}&limit=1", root.id),
        &cookie,
        None,
    );
    assert_eq!(log.is_ok().body["items"].as_array().unwrap().len(), 1);
    assert!(log.body["next"].is_string());
    // Other parts of the service write there too.
    let body = json!({"url": "https://example.org/"});
    world.page("POST", "/webhooks", &cookie, Some(body)).is_ok();
    let log = world.page("GET", "/audit?limit=1", &cookie, None);
    assert_eq!(log.is_ok().body["items"][0]["action"], "webhook.create");
}

/// A request whose body the service waits for: its head has been recognised.
pub(super) fn begin(world: &World, line: &str, cookie: &str, body: &Value) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: carrel\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\
         Expect: 100-continue\r\n\r\n",
        body.to_string().len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut continued = Vec::new();
    while !continued.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        continued.push(byte[0]);
    }
    assert!(continued.starts_with(b"HTTP/1.1 100 "), "{continued:?}");
    stream
}

/// Sends the body after all; the answer.
pub(super) fn end(mut stream: TcpStream, body: &Value) -> String {
    stream.write_all(body.to_string().as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_body_that_comes_late_brings_back_no_power() {
    let world = World::start();
    world.operator("root");
    let ada = world.operator("ada");
    let cookie = world.session(&ada);
    let (named, raised) = (json!({"display_name": "Ada"}), json!({"operator": true}));
    let added = json!({"name": "eve", "operator": true});
    let naming = begin(&world, "PATCH /api/v1/users/me", &cookie, &named);
    let raising = begin(&world, "PATCH /api/v1/users/me", &cookie, &raised);
    let adding = begin(&world, "POST /api/v1/users", &cookie, &added);
    let demoted = UserUpdate {
        operator: Some(false),
        ..UserUpdate::default()
    };
    let change = world.store.change_user(ada.id, demoted, Authority::Host);
    world.wait(change).unwrap();
    let answer = end(naming, &named);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let answer = end(raising, &raised);
    assert!(answer.starts_with("HTTP/1.1 409 "), "{answer}");
    let answer = end(adding, &added);
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let kept = world.wait(world.store.user(ada.id)).unwrap();
    assert_eq!((kept.display_name.as_str(), kept.operator), ("Ada", false));
    assert_eq!(world.wait(world.store.user_by_name("eve")).unwrap(), None);
}

#[test]
fn a_body_that_comes_late_brings_back_no_password() {
    let world = World::start();
    let ada = world.person("ada");
    let cookie = world.session(&ada);
    let body = json!({"old_password": PASSWORD, "password": "another staple"});
    let changing = begin(&world, "PUT /api/v1/users/me/password", &cookie, &body);
    let reset = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$\
        0cyRSCeNO3Jra3nV9cCdSeBv2qOGKPCOmqfsoOXgVPY";
    let by = Authority::Host;
    world
        .wait(world.store.set_password(ada.id, reset.to_owned(), by))
        .unwrap();
    let answer = end(changing, &body);
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    let kept = world.wait(world.store.user(ada.id)).unwrap();
    assert_eq!(kept.password_hash.as_deref(), Some(reset));
}

#[test]
fn wrong_present_passwords_slow_the_address_they_come_from() {
    let world = World::start();
    let people: Vec<_> = (0..18)
        .map(|number| world.person(&format!("p{number}")))
        .collect();
    let change = |person: usize, address: &str| {
        let cookie = world.session(&people[person]);
        let headers = [
            ("cookie", cookie.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("x-forwarded-for", address),
        ];
        let body = json!({"old_password": "wrong", "password": "another staple"});
        world.send("PUT", "/users/me/password", &headers, Some(body))
    };
    // Fifty failures are free for one address, five for one person there.
    for number in 0..50 {
        change(number / 5, "192.0.2.1").is(422, "invalid");
    }
    // Each failure more doubles the pause: soon it is longer than a request takes anywhere.
    let slowed = (10..17).any(|person| change(person, "192.0.2.1").status == 429);
    assert!(slowed);
    change(17, "192.0.2.2").is(422, "invalid");
}
