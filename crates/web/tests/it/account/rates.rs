//! Rate limits of people, tokens and addresses.

use std::time::Duration;

use carrel_web::session::rate::Rate;

use super::world::World;

fn few(requests: u32) -> Rate {
    Rate {
        requests,
        window: Duration::from_secs(3_600),
    }
}

#[test]
fn an_address_without_a_name_has_its_own_bucket() {
    let world = World::start_with(|config, _| config.account.rates.address = few(3));
    let ada = world.person("ada");
    let cookie = world.session(&ada);
    let nobody = || world.send("GET", "/session", &[], None);
    for left in ["2", "1", "0"] {
        let answer = nobody();
        answer.is(401, "unauthenticated");
        assert_eq!(answer.headers["ratelimit-policy"], "\"address\";q=3;w=3600");
        let limit = answer.headers["ratelimit"].to_str().unwrap();
        assert!(
            limit.starts_with(&format!("\"address\";r={left};t=")),
            "{limit}"
        );
    }
    let refused = nobody();
    refused.is(429, "rate_limited");
    let wait: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=1_200).contains(&wait), "{wait}");
    // What does not count is nobody's: it is refused before it is looked at further.
    world
        .program("GET", "/session", "Bearer carrel_x", None)
        .is(429, "rate_limited");
    // Who is somebody is not touched, nor is another address, nor the probes.
    world.page("GET", "/session", &cookie, None).is_ok();
    let from_afar = [("x-forwarded-for", "192.0.2.7")];
    world
        .send("GET", "/session", &from_afar, None)
        .is(401, "unauthenticated");
    let health = format!("http://{}/healthz", world.address);
    assert_ne!(world.send("GET", &health, &[], None).status, 429);
}

#[test]
fn a_token_is_counted_for_itself_and_for_its_person() {
    let world = World::start_with(|config, _| {
        config.account.rates.token = few(2);
        config.account.rates.user = few(3);
    });
    let (ada, bob) = (world.person("ada"), world.person("bob"));
    let (one, other) = (world.token(&ada, &[]), world.token(&ada, &[]));
    let get = |token: &str| world.program("GET", "/session", token, None);
    get(&one).is_ok();
    get(&one).is_ok();
    let refused = get(&one);
    assert!(
        refused.is(429, "rate_limited").headers["ratelimit"]
            .to_str()
            .unwrap()
            .contains("token")
    );
    get(&other).is_ok();
    let refused = get(&other);
    assert!(
        refused.is(429, "rate_limited").headers["ratelimit"]
            .to_str()
            .unwrap()
            .contains("user")
    );
    world
        .page("GET", "/session", &world.session(&ada), None)
        .is(429, "rate_limited");
    world
        .page("GET", "/session", &world.session(&bob), None)
        .is_ok();
}
