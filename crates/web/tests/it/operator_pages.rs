//! Pages of those who run the service: for operators only, and what they do is done.

use carrel_model::Verdict;
use carrel_store::account::Accounts as _;
use carrel_store::queue::{Queue as _, Released};

use crate::world::{Answer, Person, World};

pub(crate) fn open(world: &World, who: &Person, path: &str) -> Answer {
    let bearer = who.bearer();
    let headers = [("authorization", bearer.as_str()), ("accept", "text/html")];
    world.send("GET", &format!("/{path}"), &headers, b"")
}

pub(crate) fn fill(world: &World, who: &Person, path: &str, form: &str) -> Answer {
    let bearer = who.bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    world.send("POST", &format!("/{path}"), &headers, form.as_bytes())
}

/// Fails a job until it is parked.
pub(crate) fn park(world: &World) {
    loop {
        let leases = world.wait(world.store.claim(world.node, 1, 10_000));
        for lease in leases.unwrap() {
            let reason = "the <disk> is on fire";
            let (submission, token) = (lease.submission, lease.token);
            let released = world.store.release(submission, token, reason, true);
            if world.wait(released).unwrap() == Released::Parked {
                return;
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn nobody_but_operators_sees_or_does_anything() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let submission = world.submit(&ann);
    let node = world.node;
    for path in [
        "/operator".to_owned(),
        "/operator/parked".to_owned(),
        format!("/operator/parked/{submission}"),
        "/operator/incidents".to_owned(),
        "/operator/courses".to_owned(),
        format!("/operator/courses/{}", "0".repeat(64)),
        "/operator/people".to_owned(),
        "/operator/people/ann".to_owned(),
        "/operator/audit".to_owned(),
    ] {
        for who in [&ann, &ada] {
            let answer = open(&world, who, &path);
            assert_eq!(answer.status, 403, "{path}: {answer:?}");
        }
        let nobody = world.send("GET", &format!("/{path}"), &[("accept", "text/html")], b"");
        assert_eq!(nobody.status, 303, "{path}: {nobody:?}");
    }
    for (path, form) in [
        (format!("/operator/nodes/{node}"), "orders=drain"),
        (format!("/operator/parked/{submission}"), "decision=drop"),
        ("/operator/people".to_owned(), "name=eve&operator=true"),
        ("/operator/people/ann".to_owned(), "operator=true"),
        ("/operator/people/ann/password".to_owned(), ""),
        (
            "/operator/people/ann/roles".to_owned(),
            "course=demo&role=author",
        ),
    ] {
        let answer = fill(&world, &ada, &path, form);
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
    assert!(
        world
            .wait(world.store.user_by_name("eve"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn the_overview_shows_how_it_goes() {
    let world = World::start();
    let (ann, olga) = (world.learner("ann"), world.operator("olga"));
    world.submit(&ann);
    world.judge(Verdict::TimeLimit);
    for _ in 0..200 {
        if world.app.metrics.history.together(1).ended() > 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    let page = open(&world, &olga, "/operator?minutes=5");
    assert_eq!(page.status, 200, "{page:?}");
    for part in [
        "<dt>Hit a limit</dt><dd>1</dd>",
        "<dt>Verdicts</dt><dd>1</dd>",
        "class=\"line bound\"",
        "<h3>test",
        "python d1",
    ] {
        assert!(page.text.contains(part), "{part} not in:\n{}", page.text);
    }
    let drained = fill(
        &world,
        &olga,
        &format!("/operator/nodes/{}", world.node),
        "orders=drain",
    );
    assert_eq!(drained.status, 303, "{drained:?}");
    assert!(open(&world, &olga, "/operator").text.contains("drains"));
}

#[test]
fn parked_work_is_looked_at_and_run_again_or_given_up() {
    let world = World::start();
    let (ann, olga) = (world.learner("ann"), world.operator("olga"));
    let submission = world.submit(&ann);
    park(&world);
    let list = open(&world, &olga, "/operator/parked");
    assert!(
        list.text.contains("the &#60;disk&#62; is on fire"),
        "{list:?}"
    );
    let path = format!("/operator/parked/{submission}");
    let job = open(&world, &olga, &path);
    assert!(job.text.contains("print(2)"), "{job:?}");
    assert_eq!(fill(&world, &olga, &path, "decision=run").status, 303);
    assert_eq!(world.judge(Verdict::Accepted), submission);
    let again = fill(&world, &olga, &path, "decision=drop");
    assert_eq!(again.status, 409, "it is parked no more: {again:?}");
}

#[test]
fn people_are_added_changed_and_given_roles() {
    let world = World::start();
    let olga = world.operator("olga");
    let added = fill(
        &world,
        &olga,
        "/operator/people",
        "name=eve&display_name=Eve",
    );
    assert_eq!(added.status, 200, "{added:?}");
    assert!(added.text.contains("class=\"secret\""), "{added:?}");
    let refused = fill(&world, &olga, "/operator/people", "name=e%20ve");
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(
        refused.text.contains("value=\"e ve\""),
        "nothing typed is lost"
    );
    let roles = "/operator/people/eve/roles";
    assert_eq!(
        fill(&world, &olga, roles, "course=demo&role=author").status,
        303
    );
    assert!(
        open(&world, &olga, "/operator/people/eve")
            .text
            .contains("author")
    );
    assert_eq!(fill(&world, &olga, roles, "course=demo").status, 303);
    let path = "/operator/people/eve";
    assert_eq!(fill(&world, &olga, path, "disabled=true").status, 303);
    let eve = world
        .wait(world.store.user_by_name("eve"))
        .unwrap()
        .unwrap();
    assert!(eve.disabled && world.wait(world.store.roles(eve.id)).unwrap().is_empty());
    let last = fill(&world, &olga, "/operator/people/olga", "operator=false");
    assert_eq!(last.status, 409, "{last:?}");
    let audit = open(&world, &olga, "/operator/audit?person=olga");
    for action in ["user.add", "role.set", "role.remove", "user.change"] {
        assert!(audit.text.contains(action), "{action}");
    }
}
