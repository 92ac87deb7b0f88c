//! Sessions: when they end, and from where they count.

use serde_json::json;

use super::world::{PASSWORD, World};

#[test]
fn a_session_ends_by_age_by_rest_and_with_the_account() {
    use carrel_store::account::{Accounts as _, Authority, UserUpdate};
    let world = World::start();
    let ada = world.person("ada");
    let show = |cookie: &str| world.page("GET", "/session", cookie, None);
    show(&world.session(&ada)).is_ok();
    show(&world.session_at(&ada, -1, 0)).is(401, "unauthenticated");
    show(&world.session_at(&ada, 24, -7 * 24 - 1)).is(401, "unauthenticated");
    show(&world.session_at(&ada, 24, -6 * 24)).is_ok();
    let open = world.session(&ada);
    let disabled = UserUpdate {
        disabled: Some(true),
        ..UserUpdate::default()
    };
    let changed = world.store.change_user(ada.id, disabled, Authority::Host);
    world.wait(changed).unwrap();
    assert!([401, 403].contains(&show(&open).status));
}

#[test]
fn a_cookie_counts_for_our_own_pages_only() {
    let world = World::start();
    let ada = world.person("ada");
    let cookie = world.session(&ada);
    let host = world.address.to_string();
    let own = format!("http://{host}");
    let change = |headers: &[(&str, &str)]| {
        let mut all = vec![("cookie", cookie.as_str()), ("host", host.as_str())];
        all.extend_from_slice(headers);
        world.send(
            "PATCH",
            "/users/me",
            &all,
            Some(json!({"display_name": "Ada"})),
        )
    };
    change(&[("sec-fetch-site", "same-origin")]).is_ok();
    change(&[("origin", &own)]).is_ok();
    change(&[("sec-fetch-site", "cross-site"), ("origin", &own)]).is(403, "cross_site");
    change(&[("sec-fetch-site", "same-site")]).is(403, "cross_site");
    change(&[("origin", "https://evil.example")]).is(403, "cross_site");
    change(&[("origin", "null")]).is(403, "cross_site");
    change(&[]).is(403, "cross_site");
    // Reading is not changing: a link from elsewhere works.
    let headers = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "cross-site"),
    ];
    world.send("GET", "/session", &headers, None).is_ok();
    // A token is no cookie: no browser sends it by itself.
    let token = world.token(&ada, &[]);
    let headers = [
        ("authorization", token.as_str()),
        ("sec-fetch-site", "cross-site"),
    ];
    world.send("GET", "/session", &headers, None).is_ok();
}

#[test]
fn another_site_signs_nobody_in() {
    let world = World::start();
    world.person("ada");
    let body = || Some(json!({"name": "ada", "password": PASSWORD}));
    let sent = |name, value| world.send("POST", "/session", &[(name, value)], body());
    sent("origin", "https://evil.example").is(403, "cross_site");
    sent("sec-fetch-site", "cross-site").is(403, "cross_site");
    sent("sec-fetch-site", "same-origin").is_ok();
}

#[test]
fn a_public_address_stands_for_the_host() {
    let world = World::start_with(|config, _| {
        config.public_url = Some("https://carrel.example".to_owned());
    });
    let cookie = world.session(&world.person("ada"));
    let change = |origin: &str| {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        world.send("PATCH", "/users/me", &headers, Some(json!({})))
    };
    change("https://carrel.example").is_ok();
    change(&format!("http://{}", world.address)).is(403, "cross_site");
}

#[test]
fn signing_out_everywhere_ends_all_of_ones_own() {
    let world = World::start();
    let (ada, bob) = (world.person("ada"), world.person("bob"));
    let (one, other) = (world.session(&ada), world.session(&ada));
    let bobs = world.session(&bob);
    world.page("DELETE", "/sessions", &one, None).is_ok();
    for cookie in [&one, &other] {
        world
            .page("GET", "/session", cookie, None)
            .is(401, "unauthenticated");
    }
    world.page("GET", "/session", &bobs, None).is_ok();
}

#[test]
fn a_new_password_ends_other_sessions_and_renews_ones_own() {
    let world = World::start();
    let ada = world.person("ada");
    let (own, other) = (world.session(&ada), world.session(&ada));
    let change = |old: &str, new: &str| {
        let body = json!({"old_password": old, "password": new});
        world.page("PUT", "/users/me/password", &own, Some(body))
    };
    let refused = change("wrong password", "another staple");
    assert_eq!(
        refused.is(422, "invalid").body["errors"][0]["field"],
        "old_password"
    );
    for bad in ["short", "ada", "password123"] {
        let refused = change(PASSWORD, bad);
        assert_eq!(
            refused.is(422, "invalid").body["errors"][0]["field"],
            "password"
        );
    }
    let body = json!({"password": "another staple"});
    world
        .page("PUT", "/users/me/password", &own, Some(body))
        .is(422, "invalid");
    let changed = change(PASSWORD, "another staple");
    changed.is_ok();
    for cookie in [&own, &other] {
        world
            .page("GET", "/session", cookie, None)
            .is(401, "unauthenticated");
    }
    world
        .page("GET", "/session", &changed.cookie(), None)
        .is_ok();
    world
        .sign_in("ada", PASSWORD)
        .is(401, "invalid_credentials");
    world.sign_in("ada", "another staple").is_ok();
}
