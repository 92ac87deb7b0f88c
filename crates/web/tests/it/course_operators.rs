//! Operators of one course: in it they may what those may who run the service, and nothing outside.

use carrel_model::id::IncidentId;
use carrel_store::account::{Accounts as _, Giver, Role, Scope};
use carrel_store::ledger::{IncidentRow, Ledger as _};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fixture::write_course;
use crate::operator_pages::{fill, open, park};
use crate::world::{Answer, Person, World, tar};

fn start() -> (World, Person) {
    let world = World::start();
    let nina = world.person("nina", Some(Role::Operator));
    (world, nina)
}

/// Gives the role in the course, or takes it.
fn set(world: &World, who: &Person, (course, user): (&str, &str), role: Option<&str>) -> Answer {
    let path = format!("/courses/{course}/members/{user}");
    match role {
        Some(role) => world.put_or_post("PUT", who, &path, &json!({"role": role})),
        None => {
            let bearer = who.bearer();
            world.send("DELETE", &path, &[("authorization", &bearer)], b"")
        }
    }
}

fn publish(world: &World, who: &Person, course: &str) -> Answer {
    let root = write_course(&world.directory.path().join("sent"), course, "");
    let bearer = who.bearer();
    let path = format!("/courses/{course}/versions");
    world.send("POST", &path, &[("authorization", &bearer)], &tar(&root))
}

#[test]
fn they_name_authors_and_none_of_their_equals() {
    let (world, nina) = start();
    let (ada, olga) = (world.author("ada"), world.operator("olga"));
    world.person("ben", None);
    let refused = |answer: Answer| {
        answer.is(403, "operator_required");
    };
    refused(set(&world, &ada, ("demo", "ben"), Some("author")));
    set(&world, &nina, ("demo", "ben"), Some("author")).ok();
    refused(set(&world, &ada, ("demo", "ben"), None));
    refused(set(&world, &nina, ("demo", "ben"), Some("operator")));
    // Nobody unmakes themselves or an equal by mistake, and no author one above them.
    refused(set(&world, &nina, ("demo", "nina"), Some("author")));
    refused(set(&world, &ada, ("demo", "nina"), None));
    set(&world, &olga, ("demo", "ben"), Some("operator")).ok();
    refused(set(&world, &nina, ("demo", "ben"), None));
    assert_eq!(set(&world, &olga, ("demo", "ben"), None).status, 204);
    set(&world, &nina, ("demo", "ben"), Some("learner")).ok();
    let members = world.get(&nina, "/courses/demo/members").ok().clone();
    let role = |name: &str| {
        let rows = members["items"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        row["role"].clone()
    };
    assert_eq!(
        (role("nina"), role("ben")),
        ("operator".into(), "learner".into())
    );
    assert_eq!(world.get(&nina, "/courses/demo").ok()["role"], "operator");
}

#[test]
fn members_are_named_on_the_page_by_those_who_may() {
    let (world, nina) = start();
    let (ada, olga) = (world.author("ada"), world.operator("olga"));
    world.person("ben", None);
    let page = "/courses/demo/author/members";
    let offered = |who: &Person| {
        let text = open(&world, who, page).text;
        let roles = ["learner", "author", "operator"];
        roles.map(|role| text.contains(&format!("<option value=\"{role}\"")))
    };
    assert_eq!(offered(&ada), [true, false, false]);
    assert_eq!(offered(&nina), [true, true, false]);
    assert_eq!(offered(&olga), [true, true, true]);
    let set = |who: &Person, form: &str| fill(&world, who, page, form);
    assert_eq!(set(&ada, "person=ben&role=learner").status, 303);
    assert_eq!(set(&nina, "person=ben&role=author").status, 303);
    let refused = set(&ada, "person=ben");
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.text.contains("role=\"alert\""), "{refused:?}");
    let unknown = set(&nina, "person=bne&role=author");
    assert_eq!(unknown.status, 404);
    for part in [
        "there is no user `bne`",
        "value=\"bne\"",
        "<option value=\"author\" selected>",
    ] {
        assert!(
            unknown.text.contains(part),
            "{part} not in:\n{}",
            unknown.text
        );
    }
    // Only what one may change has its button.
    let removes = |who: &Person| open(&world, who, page).text.matches("data-confirm").count();
    assert_eq!((removes(&ada), removes(&nina), removes(&olga)), (0, 2, 3));
    assert_eq!(set(&nina, "person=ben").status, 303);
    let roles = world.get(&nina, "/courses/demo/members").ok().clone();
    assert_eq!(roles["items"].as_array().unwrap().len(), 2, "{roles}");
    let zoe = world.learner("zoe");
    assert_eq!(open(&world, &zoe, page).status, 403);
    assert_eq!(set(&zoe, "person=zoe&role=author").status, 403);
}

#[test]
fn what_lies_outside_their_course_is_not_theirs() {
    let (world, nina) = start();
    let (zoe, node) = (world.learner("zoe"), world.node);
    for path in [
        "/users",
        "/users/zoe",
        "/nodes",
        "/history",
        "/incidents",
        "/parked",
        "/audit",
        "/webhooks",
        "/submissions?everybody=true",
        "/tokens?user=all",
        "/incidents?course=other",
        "/parked?course=other",
        "/audit?course=other",
    ] {
        world.get(&nina, path).is(403, "operator_required");
    }
    let drain = json!({"orders": "drain"});
    world
        .put_or_post("PUT", &nina, &format!("/nodes/{node}/orders"), &drain)
        .is(403, "operator_required");
    let body = json!({"operator": true});
    let changed = world.put_or_post("PATCH", &nina, "/users/nina", &body);
    assert_eq!(changed.status, 403, "{changed:?}");
    publish(&world, &nina, "other").is(403, "operator_required");
    set(&world, &nina, ("other", "zoe"), Some("learner")).is(404, "not_found");
    assert_eq!(open(&world, &nina, "/operator").status, 403);
    // Work without a course belongs to whom it belongs to.
    let program = json!({"language": "python", "files": {"a.py": ""}});
    let execution = world.post(&zoe, "/executions", &program).id();
    let path = format!("/executions/{execution}");
    world.get(&nina, &path).is(404, "not_found");
    park(&world);
    world
        .post(&nina, &format!("/parked/{execution}/retry"), &json!({}))
        .is(403, "operator_required");
}

#[test]
fn a_course_that_was_given_to_them_is_theirs_to_bring() {
    let (world, nina) = start();
    let store = &world.store;
    world
        .wait(store.set_role(nina.id, "other", Some(Role::Operator), Giver::Host))
        .unwrap();
    publish(&world, &nina, "other").ok();
    let roles = world.wait(store.roles(nina.id)).unwrap();
    assert!(
        roles.iter().all(|(_, role)| *role == Role::Operator),
        "{roles:?}"
    );
}

#[test]
fn they_look_after_parked_work_of_their_course() {
    let (world, nina) = start();
    let (zoe, ada) = (world.learner("zoe"), world.author("ada"));
    let submission = world.submit(&zoe);
    park(&world);
    let listed = |who: &Person| world.get(who, "/parked?course=demo");
    listed(&ada).is(403, "operator_required");
    assert_eq!(
        listed(&nina).ok()["items"][0]["submission"],
        submission.to_string()
    );
    let path = format!("/courses/demo/author/submissions/{submission}");
    let button = format!("action=\"/operator/parked/{submission}\"");
    assert!(!open(&world, &ada, &path).text.contains(&button));
    assert!(open(&world, &nina, &path).text.contains(&button));
    let decide = |who, decision| {
        let place = format!("/operator/parked/{submission}");
        fill(&world, who, &place, &format!("decision={decision}"))
    };
    assert_eq!(decide(&ada, "run").status, 403);
    let run = decide(&nina, "run");
    assert_eq!(
        (run.status, &run.headers["location"]),
        (303, &path.parse().unwrap())
    );
    assert_eq!(listed(&nina).ok()["items"], json!([]));
    park(&world);
    let bearer = nina.bearer();
    let dropped = world.send(
        "DELETE",
        &format!("/parked/{submission}"),
        &[("authorization", &bearer)],
        b"",
    );
    assert_eq!(dropped.status, 204, "{dropped:?}");
}

#[test]
fn incidents_and_entries_of_their_course_are_theirs_to_read() {
    let (world, nina) = start();
    let (zoe, ada, olga) = (
        world.learner("zoe"),
        world.author("ada"),
        world.operator("olga"),
    );
    let incident = |submission| IncidentRow {
        id: IncidentId::new(),
        at: Timestamp::now(),
        node: None,
        submission,
        user: None,
        kind: "forbidden_system_call".to_owned(),
        detail: "mount".to_owned(),
    };
    let submission = world.submit(&zoe);
    let all = vec![incident(Some(submission)), incident(None)];
    world.wait(world.store.add_incidents(all)).unwrap();
    let count = |who, path: &str| {
        let answer = world.get(who, path);
        answer.ok()["items"].as_array().unwrap().len()
    };
    world
        .get(&ada, "/incidents?course=demo")
        .is(403, "operator_required");
    assert_eq!(count(&nina, "/incidents?course=demo"), 1);
    assert_eq!(count(&olga, "/incidents"), 2);

    set(&world, &nina, ("demo", "zoe"), Some("author")).ok();
    let body = json!({"preview": true});
    let regrades = "/courses/demo/challenges/double/regrades";
    assert_eq!(world.post(&ada, regrades, &body).status, 202);
    set(&world, &olga, ("demo", "olga"), Some("author")).ok();
    let made = json!({"name": "eve", "display_name": "Eve"});
    world.post(&olga, "/users", &made).ok();
    world
        .get(&ada, "/audit?course=demo")
        .is(403, "operator_required");
    let read = |who, path: &str| {
        let answer = world.get(who, path);
        let rows = answer.ok()["items"].as_array().unwrap().clone();
        let told = |row: &Value| row["action"].as_str().unwrap().to_owned();
        let addresses = rows.iter().filter(|row| row["address"].is_string()).count();
        (rows.iter().map(told).collect::<Vec<_>>(), addresses)
    };
    let (actions, addresses) = read(&nina, "/audit?course=demo");
    assert_eq!(actions, ["role.set", "regrade.create", "role.set"]);
    assert_eq!(addresses, 0, "where people sit is not told");
    assert_eq!(read(&nina, "/audit?course=demo&user=me").0, ["role.set"]);
    assert_eq!(read(&olga, "/audit?course=demo").1, 3);
    assert_eq!(read(&olga, "/audit").0[0], "user.add");
}

#[test]
fn a_token_of_theirs_needs_the_scope_and_reaches_their_course_only() {
    let (world, nina) = start();
    world.person("ben", None);
    let with = |scopes: &[Scope], course| Person {
        id: nina.id,
        token: world.token(nina.id, scopes, course),
    };
    let author = with(&[Scope::Read, Scope::Author], None);
    set(&world, &author, ("demo", "ben"), Some("author")).is(403, "scope_missing");
    world
        .get(&author, "/audit?course=demo")
        .is(403, "scope_missing");
    let elsewhere = with(&[Scope::Author, Scope::Operate], Some("other"));
    world
        .get(&elsewhere, "/audit?course=demo")
        .is(403, "scope_missing");
    let here = with(&[Scope::Author, Scope::Operate], Some("demo"));
    set(&world, &here, ("demo", "ben"), Some("author")).ok();
    // Of somebody who runs the service the same: the course alone, and nothing else.
    let olga = world.operator("olga");
    let own = Person {
        id: olga.id,
        token: world.token(olga.id, &[Scope::Author, Scope::Operate], Some("demo")),
    };
    world.get(&own, "/audit?course=demo").ok();
    world.get(&own, "/audit").is(403, "scope_missing");
    set(&world, &own, ("demo", "ben"), Some("operator")).is(403, "scope_missing");
}
