//! Signing in at a provider.

use super::world::World;

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
