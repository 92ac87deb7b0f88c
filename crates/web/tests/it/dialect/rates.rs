//! Too many requests are told in the form of the interface that was asked.

use std::time::Duration;

use carrel_web::session::rate::Rate;

use crate::world::World;

#[test]
fn too_many_requests_are_refused_in_the_callers_dialect() {
    let world = World::start_with(|config| {
        config.account.rates.token = Rate {
            requests: 1,
            window: Duration::from_secs(3_600),
        };
    });
    let eve = world.person("eve", None);
    world.get(&eve, "//judge0/languages").ok();
    for (path, field) in [
        ("//judge0/languages", "error"),
        ("//api/v2/runtimes", "message"),
        ("//api/v2/piston/runtimes", "message"),
        ("//piston/api/v2/runtimes", "message"),
    ] {
        let refused = world.get(&eve, path);
        assert_eq!(refused.status, 429, "{path}: {refused:?}");
        assert_eq!(refused.headers["content-type"], "application/json");
        let told = refused.body[field].as_str().unwrap_or_default();
        assert!(
            told.contains("more than 1 request in"),
            "{path}: {refused:?}"
        );
        assert!(refused.headers.contains_key("retry-after"), "{refused:?}");
        assert!(refused.headers.contains_key("ratelimit"), "{refused:?}");
    }
    let page = world.get(&eve, "//judge0/languages");
    assert_eq!(page.headers["access-control-allow-origin"], "*");
    world.get(&eve, "/languages").is(429, "rate_limited");
}
