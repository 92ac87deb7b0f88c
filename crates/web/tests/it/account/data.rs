//! A person's data, handed out and deleted.

use serde_json::json;

use super::world::{PASSWORD, World};

#[test]
fn an_export_is_of_oneself_without_secrets() {
    let world = World::start();
    let ada = world.person_with("ada", |row| row.email = Some("ada@b.example".into()));
    world.person_with("bob", |row| row.email = Some("bob@b.example".into()));
    let cookie = world.session(&ada);
    let export = world.page("GET", "/users/me/export", &cookie, None);
    let text = export.is_ok().body.to_string();
    assert!(
        text.contains("ada@b.example") && !text.contains("bob@"),
        "{text}"
    );
    assert!(
        !text.contains("argon2") && !text.contains(&cookie[14..30]),
        "{text}"
    );
    assert_eq!(export.headers["cache-control"], "no-store");
    let root = world.session(&world.operator("root"));
    world.page("GET", "/users/bob/export", &root, None).is_ok();
    world
        .page("GET", "/users/nobody/export", &root, None)
        .is(404, "not_found");
}

#[test]
fn deleting_oneself_takes_the_password() {
    let world = World::start();
    let ada = world.person("ada");
    let cookie = world.session(&ada);
    let token = world.token(&ada, &[]);
    let delete = |body| world.page("POST", "/users/me/deletion", &cookie, Some(body));
    delete(json!({})).is(422, "invalid");
    delete(json!({"password": "wrong password"})).is(422, "invalid");
    world.page("GET", "/session", &cookie, None).is_ok();
    let gone = delete(json!({"password": PASSWORD}));
    assert_eq!(gone.is_ok().status, 204);
    assert!(
        gone.headers["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    world
        .page("GET", "/session", &cookie, None)
        .is(401, "unauthenticated");
    world
        .program("GET", "/session", &token, None)
        .is(401, "invalid_token");
    world
        .sign_in("ada", PASSWORD)
        .is(401, "invalid_credentials");
    // The audit log keeps that it happened, not who it was.
    let root = world.session(&world.operator("root"));
    let log = world.page("GET", "/audit", &root, None);
    let deleted = log.is_ok().body["items"].as_array().unwrap().clone();
    let deleted = deleted
        .iter()
        .find(|entry| entry["action"] == "user.delete")
        .unwrap();
    assert!(
        deleted.get("user").is_none() && deleted.get("address").is_none(),
        "{deleted}"
    );
}

#[test]
fn an_operator_deletes_others() {
    let world = World::start();
    world.person("ada");
    let root = world.session(&world.operator("root"));
    world
        .page("POST", "/users/ada/deletion", &root, Some(json!({})))
        .is_ok();
    world
        .page("GET", "/users/ada", &root, None)
        .is(404, "not_found");
    world
        .page("POST", "/users/ada/deletion", &root, Some(json!({})))
        .is(404, "not_found");
}
