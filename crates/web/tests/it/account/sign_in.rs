//! Signing in: what is given, what is refused, what is slowed.

use serde_json::json;

use super::world::{PASSWORD, World};

#[test]
fn a_cookie_stands_for_the_person_until_sign_out() {
    let world = World::start();
    let ada = world.person("ada");
    world
        .send("GET", "/session", &[], None)
        .is(401, "unauthenticated");
    let answer = world.sign_in("ADA", PASSWORD);
    answer.is_ok();
    assert_eq!(answer.body["user"]["id"], json!(ada.id));
    assert!(answer.body["user"].get("password_hash").is_none());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let set = answer.headers["set-cookie"].to_str().unwrap();
    for part in [
        "__Host-carrel=",
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = answer.cookie();
    let me = world.page("GET", "/session", &cookie, None);
    assert_eq!(me.is_ok().body["user"]["name"], "ada");
    world.page("DELETE", "/session", &cookie, None).is_ok();
    world
        .page("GET", "/session", &cookie, None)
        .is(401, "unauthenticated");
    let audit = world.audit();
    assert!(
        audit[0].starts_with(&format!("session.create {} password", ada.id)),
        "{audit:?}"
    );
    assert!(audit[1].starts_with("session.end "), "{audit:?}");
}

#[test]
fn signing_out_on_the_page_clears_what_the_browser_keeps() {
    let world = World::start();
    let cookie = world.session(&world.person("ada"));
    let page = format!("http://{}/sign-out", world.address);
    let done = world.page("POST", &page, &cookie, None);
    assert_eq!(done.status, 303, "{done:?}");
    assert_eq!(done.headers["clear-site-data"], "\"cache\", \"storage\"");
    let set = done.headers["set-cookie"].to_str().unwrap();
    assert!(
        set.starts_with("__Host-carrel=;") && set.contains("Max-Age=0"),
        "{set}"
    );
    world
        .page("GET", "/session", &cookie, None)
        .is(401, "unauthenticated");
}

#[test]
fn a_planted_secret_is_never_taken_over() {
    let world = World::start();
    let (ada, eve) = (world.person("ada"), world.person("eve"));
    let body = json!({"name": "ada", "password": PASSWORD});
    // A secret that the service never gave.
    let planted = format!("__Host-carrel={}", "A".repeat(43));
    let answer = world.page("POST", "/session", &planted, Some(body.clone()));
    assert_ne!(answer.is_ok().cookie(), planted);
    world
        .page("GET", "/session", &planted, None)
        .is(401, "unauthenticated");
    // A session of somebody else: it ends.
    let planted = world.session(&eve);
    let answer = world.page("POST", "/session", &planted, Some(body));
    assert_ne!(answer.is_ok().cookie(), planted);
    assert_eq!(answer.body["user"]["id"], json!(ada.id));
    world
        .page("GET", "/session", &planted, None)
        .is(401, "unauthenticated");
}

#[test]
fn nobody_learns_which_names_exist() {
    let world = World::start();
    let ada = world.person("ada");
    world.person_with("elsewhere", |row| row.password_hash = None);
    world.person_with("gone", |row| row.disabled = true);
    let answers: Vec<_> = ["ada", "nobody", "elsewhere", "gone", "not a name"]
        .iter()
        .map(|name| {
            let mut answer = world.sign_in(name, "wrong password");
            answer.is(401, "invalid_credentials");
            answer.body["request_id"] = json!(null);
            answer.body
        })
        .collect();
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
    // What was typed as a name stands nowhere: it may have been a password.
    let audit = world.audit();
    assert_eq!(audit.len(), 5);
    assert!(
        audit[0].starts_with(&format!("session.failed {}", ada.id)),
        "{audit:?}"
    );
    assert_eq!(audit[1], "session.failed unknown name password");
    // Only who knows the password learns that the account is disabled.
    world.sign_in("gone", PASSWORD).is(403, "account_disabled");
}

#[test]
fn failures_are_slowed_even_for_the_right_password() {
    let world = World::start();
    world.person("ada");
    world.person("bob");
    for _ in 0..5 {
        world
            .sign_in("ada", "wrong password")
            .is(401, "invalid_credentials");
    }
    let refused = world.sign_in("Ada", PASSWORD);
    refused.is(429, "rate_limited");
    assert!(refused.headers.contains_key("retry-after"));
    world.sign_in("bob", PASSWORD).is_ok();
}

#[test]
fn a_success_forgets_failures_of_that_name() {
    let world = World::start();
    world.person("ada");
    for _ in 0..3 {
        for _ in 0..4 {
            world
                .sign_in("ada", "wrong password")
                .is(401, "invalid_credentials");
        }
        world.sign_in("ada", PASSWORD).is_ok();
    }
}

#[test]
fn a_hash_of_weaker_parameters_is_made_anew() {
    use carrel_store::account::Accounts as _;
    let world = World::start();
    let ada = world.person("ada");
    world.sign_in("ada", PASSWORD).is_ok();
    let row = world.wait(world.store.user(ada.id)).unwrap();
    assert!(row.password_hash.unwrap().contains("m=19456,t=2,p=1"));
    world.sign_in("ada", PASSWORD).is_ok();
}

#[test]
fn what_is_not_well_formed_is_told_by_field() {
    let world = World::start();
    let sent = world.send("POST", "/session", &[], Some(json!({"name": "ada"})));
    assert_eq!(sent.is(422, "invalid").status, 422);
    let sent = world.send(
        "POST",
        "/session",
        &[],
        Some(json!({"name": "a", "password": "b", "x": 1})),
    );
    sent.is(422, "invalid");
}

#[test]
fn over_plain_http_only_this_machine_signs_in() {
    let world = World::start_with(|config, _| config.account.plain_http = true);
    world.person("ada");
    let answer = world.sign_in("ada", PASSWORD);
    let set = answer.is_ok().headers["set-cookie"].to_str().unwrap();
    assert!(
        set.starts_with("carrel=") && !set.contains("Secure"),
        "{set}"
    );
    world
        .page("GET", "/session", &answer.cookie(), None)
        .is_ok();
    // The proxy on this machine answers for somebody else.
    let body = json!({"name": "ada", "password": PASSWORD});
    let from_afar = [("x-forwarded-for", "192.0.2.7")];
    world
        .send("POST", "/session", &from_afar, Some(body))
        .is(403, "cross_site");
}
