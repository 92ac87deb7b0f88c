//! Members of a course.

use carrel_model::account::{Role, Scope};
use carrel_store::account::{Accounts as _, Authority, Giver, UserUpdate};
use serde_json::json;

use super::users::{begin, end};
use super::world::World;

#[test]
fn authors_add_learners_and_operators_add_authors() {
    let world = World::start();
    world.course("one");
    let author = world.person("author");
    world.role(&author, "one", Role::Author);
    let (ada, root) = (world.person("ada"), world.operator("root"));
    let author = world.session(&author);
    let put = |cookie: &str, user: &str, role: &str| {
        let path = format!("/courses/one/members/{user}");
        world.page("PUT", &path, cookie, Some(json!({"role": role})))
    };
    put(&author, "ada", "learner").is_ok();
    put(&author, "ada", "author").is(403, "operator_required");
    put(&author, "ada", "king").is(422, "invalid");
    put(&author, "nobody", "learner").is(404, "not_found");
    let root = world.session(&root);
    put(&root, &ada.id.to_string(), "author").is_ok();
    // Who is author now is the operators' matter.
    put(&author, "ada", "learner").is(403, "operator_required");
    let remove = |cookie: &str, user: &str| {
        world.page(
            "DELETE",
            &format!("/courses/one/members/{user}"),
            cookie,
            None,
        )
    };
    remove(&author, "ada").is(403, "operator_required");
    remove(&root, "ada").is_ok();
    remove(&root, "ada").is(404, "not_found");
    let list = world.page("GET", "/courses/one/members", &author, None);
    let members = list.is_ok().body["items"].clone();
    assert_eq!(members.as_array().unwrap().len(), 1);
    assert_eq!(
        (&members[0]["name"], &members[0]["role"]),
        (&json!("author"), &json!("author"))
    );
    let audit = world.audit();
    assert!(
        audit[0].starts_with("role.set") && audit[0].ends_with("one learner"),
        "{audit:?}"
    );
}

#[test]
fn others_do_not_see_who_is_there() {
    let world = World::start();
    world.course("one");
    let learner = world.person("learner");
    world.role(&learner, "one", Role::Learner);
    let stranger = world.session(&world.person("stranger"));
    let learner = world.session(&learner);
    let get = |cookie: &str, course: &str| {
        world.page("GET", &format!("/courses/{course}/members"), cookie, None)
    };
    get(&learner, "one").is(403, "author_required");
    get(&stranger, "one").is(404, "not_found");
    get(&world.session(&world.operator("root")), "two").is(404, "not_found");
    world
        .send("GET", "/courses/one/members", &[], None)
        .is(401, "unauthenticated");
    let author = world.person("author");
    world.role(&author, "one", Role::Author);
    let token = world.token(&author, &[Scope::Read, Scope::Submit]);
    world
        .program("GET", "/courses/one/members", &token, None)
        .is(403, "scope_missing");
}

#[test]
fn a_body_that_comes_late_gives_no_role_by_a_power_that_is_gone() {
    let world = World::start();
    world.course("one");
    let [ada, bob, cy, dan] = ["ada", "bob", "cy", "dan"].map(|name| world.person(name));
    let root = world.operator("root");
    world.role(&ada, "one", Role::Operator);
    world.role(&bob, "one", Role::Author);
    world.role(&cy, "one", Role::Author);
    let (learner, author) = (json!({"role": "learner"}), json!({"role": "author"}));
    let operator = json!({"role": "operator"});
    let line = |user: &str| format!("PUT /api/v1/courses/one/members/{user}");
    let [of_ada, of_bob, of_cy, of_root] =
        [&ada, &bob, &cy, &root].map(|person| world.session(person));
    let back = begin(&world, &line("ada"), &of_ada, &author);
    let by_bob = begin(&world, &line("dan"), &of_bob, &learner);
    let by_cy = begin(&world, &line("dan"), &of_cy, &learner);
    let by_root = begin(&world, &line("dan"), &of_root, &operator);
    let store = &world.store;
    world
        .wait(store.set_role(ada.id, "one", None, Giver::Host))
        .unwrap();
    let disabled = UserUpdate {
        disabled: Some(true),
        ..UserUpdate::default()
    };
    let change = store.change_user(bob.id, disabled, Authority::Host);
    world.wait(change).unwrap();
    // The last operator cannot be demoted.
    world.operator("other");
    let demoted = UserUpdate {
        operator: Some(false),
        ..UserUpdate::default()
    };
    let change = store.change_user(root.id, demoted, Authority::Host);
    world.wait(change).unwrap();
    for (asked, body, status) in [
        (back, &author, "404"),
        (by_bob, &learner, "403"),
        (by_root, &operator, "404"),
    ] {
        let answer = end(asked, body);
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{answer}");
    }
    for person in [&ada, &dan] {
        let roles = world.wait(store.roles(person.id)).unwrap();
        assert!(roles.is_empty(), "{}: {roles:?}", person.name);
    }
    // Who may still does what they asked for.
    let answer = end(by_cy, &learner);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let roles = world.wait(store.roles(dan.id)).unwrap();
    assert_eq!(roles, [("one".to_owned(), Role::Learner)]);
}
