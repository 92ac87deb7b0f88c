//! What is done to others, or to a course, is written down.

use std::collections::BTreeSet;

use carrel_model::Verdict;
use carrel_store::PageRequest;
use carrel_store::ledger::{AuditFilter, AuditRow, Ledger as _};
use carrel_store::queue::{Queue as _, Released};
use serde_json::{Value, json};

use crate::school::{Hand, QUESTIONS, SETTINGS, essay, sit, start};
use crate::world::{Answer, Person, World, tar, write_course};

/// What the audit log gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// An entry of this action; tried below.
    As(&'static str),
    /// An entry of this action; tried beside its code.
    Elsewhere(&'static str),
    /// None, for this reason.
    Not(&'static str),
}
use Kept::{As, Elsewhere, Not};

const OWN: &str = "one's own work, which is kept as such";

/// One row per operation that changes something; a new one without its row fails the test.
const TABLE: &[(&str, &str, Kept)] = &[
    ("post", "/courses/{course}/versions", As("course.publish")),
    (
        "post",
        "/courses/{course}/versions/{version}/present",
        As("course.present"),
    ),
    ("post", "/courses/{course}/lessons/{lesson}/seen", Not(OWN)),
    (
        "post",
        "/courses/{course}/projects/{project}/done",
        Not(OWN),
    ),
    (
        "post",
        "/courses/{course}/quizzes/{quiz}/attempts",
        Not(OWN),
    ),
    ("put", "/attempts/{id}/answers/{question}", Not(OWN)),
    ("post", "/attempts/{id}/answers/{question}/tries", Not(OWN)),
    (
        "post",
        "/attempts/{id}/answers/{question}/hints/{index}",
        Not(OWN),
    ),
    ("post", "/attempts/{id}/go-on", Not(OWN)),
    ("post", "/attempts/{id}/submit", Not(OWN)),
    ("post", "/attempts/{id}/marks", As("attempt.grade")),
    (
        "put",
        "/courses/{course}/accommodations/{user}",
        As("accommodation.set"),
    ),
    (
        "delete",
        "/courses/{course}/accommodations/{user}",
        As("accommodation.set"),
    ),
    (
        "post",
        "/courses/{course}/accommodations/copy",
        As("accommodation.set"),
    ),
    (
        "post",
        "/courses/{course}/quizzes/{quiz}/rescores",
        As("rescore.create"),
    ),
    ("post", "/rescores/{id}/apply", As("rescore.apply")),
    (
        "post",
        "/courses/{course}/challenges/{challenge}/submissions",
        Not(OWN),
    ),
    ("post", "/submissions/{id}/cancel", As("submission.cancel")),
    (
        "post",
        "/submissions/{id}/rejudge",
        As("submission.rejudge"),
    ),
    (
        "put",
        "/courses/{course}/challenges/{challenge}/draft",
        Not(OWN),
    ),
    (
        "delete",
        "/courses/{course}/challenges/{challenge}/draft",
        Not(OWN),
    ),
    ("post", "/executions", Not(OWN)),
    ("post", "/executions/{id}/cancel", As("submission.cancel")),
    (
        "post",
        "/courses/{course}/challenges/{challenge}/regrades",
        As("regrade.create"),
    ),
    ("post", "/regrades/{id}/cancel", As("regrade.cancel")),
    ("post", "/regrades/{id}/apply", As("regrade.apply")),
    ("post", "/courses/{course}/webhooks", As("webhook.create")),
    (
        "delete",
        "/courses/{course}/webhooks/{id}",
        As("webhook.remove"),
    ),
    (
        "post",
        "/courses/{course}/webhooks/{id}/enable",
        As("webhook.enable"),
    ),
    ("post", "/webhooks", As("webhook.create")),
    ("post", "/webhooks/{id}/enable", As("webhook.enable")),
    ("delete", "/webhooks/{id}", As("webhook.remove")),
    ("put", "/nodes/{id}/orders", As("node.order")),
    ("delete", "/parked/{submission}", As("parked.drop")),
    ("post", "/parked/{submission}/retry", As("parked.retry")),
    ("post", "/session", Elsewhere("session.create")),
    ("delete", "/session", Elsewhere("session.end")),
    ("delete", "/sessions", Elsewhere("session.end_all")),
    ("post", "/users", As("user.add")),
    ("patch", "/users/{user}", As("user.change")),
    ("put", "/users/{user}/password", As("user.password")),
    ("post", "/users/{user}/deletion", As("user.delete")),
    ("post", "/tokens", As("token.create")),
    ("delete", "/tokens/{token}", As("token.revoke")),
    ("put", "/courses/{course}/members/{user}", As("role.set")),
    (
        "delete",
        "/courses/{course}/members/{user}",
        As("role.remove"),
    ),
];

#[test]
fn every_operation_that_changes_something_has_its_row() {
    let document: Value = serde_json::from_str(carrel_web::openapi::document()).unwrap();
    let mut there = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        for method in item.as_object().unwrap().keys() {
            if method != "get" {
                there.insert((method.as_str(), path));
            }
        }
    }
    let rows: BTreeSet<_> = TABLE.iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(there, rows);
    for (_, path, kept) in TABLE {
        let (As(text) | Elsewhere(text) | Not(text)) = kept;
        assert!(!text.is_empty(), "{path}");
    }
}

/// Does one thing after another, and looks into the log each time.
struct Watch<'a> {
    world: &'a World,
    hand: Hand,
    tried: BTreeSet<(&'static str, &'static str)>,
}

impl Watch<'_> {
    fn log(&self) -> Vec<AuditRow> {
        let all = PageRequest {
            after: None,
            limit: 200,
        };
        let log = self
            .world
            .wait(self.world.store.audit(AuditFilter::default(), all));
        log.unwrap().items
    }

    /// An operation of the table, at this place; its entry names who did it.
    #[track_caller]
    fn does(&mut self, who: &Person, operation: (&str, &str), place: &str, body: &Value) -> Answer {
        let method = operation.0.to_uppercase();
        self.sends(who, operation, |world| {
            world.put_or_post(&method, who, place, body)
        })
    }

    #[track_caller]
    fn sends(
        &mut self,
        who: &Person,
        (method, path): (&str, &str),
        send: impl FnOnce(&World) -> Answer,
    ) -> Answer {
        let row = TABLE.iter().find(|row| (row.0, row.1) == (method, path));
        let row = row.unwrap_or_else(|| panic!("no row: {method} {path}"));
        let As(action) = row.2 else {
            panic!("not to be tried here: {row:?}")
        };
        let before = self.log().len();
        let answer = send(self.world);
        answer.ok();
        let log = self.log();
        assert_eq!(log.len(), before + 1, "{method} {path}: {:?}", log.first());
        assert_eq!(
            (log[0].action.as_str(), log[0].user),
            (action, Some(who.id)),
            "{method} {path}"
        );
        self.tried.insert((row.0, row.1));
        answer
    }

    /// Nothing of this is for the log.
    #[track_caller]
    fn is_silent(&self, act: impl FnOnce(&World)) {
        let before = self.log().len();
        act(self.world);
        assert_eq!(self.log().len(), before, "{:?}", self.log().first());
    }

    /// Fails a submission until it is parked.
    fn park(&self, who: &Person) -> String {
        let submission = self.world.submit(who).to_string();
        loop {
            self.hand.advance(60);
            self.world.beat(2);
            let lease = self.world.claim();
            let (id, token) = (lease.submission, lease.token);
            let released = self.world.store.release(id, token, "a fault", true);
            if self.world.wait(released).unwrap() == Released::Parked {
                return submission;
            }
        }
    }
}

#[test]
fn what_is_done_to_others_is_written_down() {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let mut watch = Watch {
        world: &world,
        hand,
        tried: BTreeSet::new(),
    };
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let olga = world.operator("olga");
    quizzes(&mut watch, &ann, &ada);
    submissions(&mut watch, &ann, &ada);
    operation(&mut watch, &ann, &olga);
    people(&mut watch, &olga);
    versions(&mut watch, &ada);
    let wanted = TABLE.iter().filter(|row| matches!(row.2, As(_)));
    let wanted: BTreeSet<_> = wanted.map(|row| (row.0, row.1)).collect();
    assert_eq!(watch.tried, wanted);
}

fn quizzes(watch: &mut Watch<'_>, ann: &Person, ada: &Person) {
    let sitting = sit(watch.world, ann);
    watch.is_silent(|_| {
        sitting.save("essay", &essay("They repeat.")).ok();
        sitting.act("submit").ok();
    });
    let place = format!("{}/marks", sitting.path());
    let marks = json!({"marks": [{"question": "essay", "points": 2.0}]});
    watch.does(ada, ("post", "/attempts/{id}/marks"), &place, &marks);
    let path = "/courses/{course}/accommodations/{user}";
    let place = format!("/courses/demo/accommodations/{}", ann.id);
    let more = json!({"time_factor": 2.0});
    watch.does(ada, ("put", path), &place, &more);
    watch.sends(ada, ("delete", path), |world| {
        let bearer = ada.bearer();
        world.send("DELETE", &place, &[("authorization", &bearer)], b"")
    });
    let path = "/courses/{course}/accommodations/copy";
    let (place, from) = ("/courses/demo/accommodations/copy", json!({"from": "demo"}));
    watch.does(ada, ("post", path), place, &from);
    let path = "/courses/{course}/quizzes/{quiz}/rescores";
    let (place, body) = (
        "/courses/demo/quizzes/loops/rescores",
        json!({"preview": true}),
    );
    let rescore = watch.does(ada, ("post", path), place, &body);
    let place = format!("/rescores/{}/apply", rescore.body["id"].as_str().unwrap());
    watch.does(ada, ("post", "/rescores/{id}/apply"), &place, &json!({}));
}

fn submissions(watch: &mut Watch<'_>, ann: &Person, ada: &Person) {
    let none = json!({});
    let world = watch.world;
    watch.is_silent(|world| {
        let place = format!("/submissions/{}/cancel", world.submit(ann));
        world.post(ann, &place, &none).ok();
    });
    let place = format!("/submissions/{}/cancel", world.submit(ann));
    watch.does(ada, ("post", "/submissions/{id}/cancel"), &place, &none);
    let id = world.submit(ann);
    world.judge(Verdict::WrongAnswer);
    let place = format!("/submissions/{id}/rejudge");
    watch.does(ada, ("post", "/submissions/{id}/rejudge"), &place, &none);
    world.judge(Verdict::WrongAnswer);
    let path = "/courses/{course}/challenges/{challenge}/regrades";
    let place = "/courses/demo/challenges/double/regrades";
    let begun = watch.does(ada, ("post", path), place, &json!({"preview": true}));
    // The one slot that asks is for learners until they have been quiet for a while.
    watch.hand.advance(10);
    world.beat(2);
    world.judge(Verdict::Accepted);
    let of = |begun: &Answer, what: &str| {
        format!("/regrades/{}/{what}", begun.body["id"].as_str().unwrap())
    };
    let apply = of(&begun, "apply");
    watch.does(ada, ("post", "/regrades/{id}/apply"), &apply, &none);
    let begun = watch.does(ada, ("post", path), place, &none);
    let cancel = of(&begun, "cancel");
    watch.does(ada, ("post", "/regrades/{id}/cancel"), &cancel, &none);
    webhooks(
        watch,
        ada,
        ("/courses/{course}/webhooks", "/courses/demo/webhooks"),
    );
}

fn webhooks(watch: &mut Watch<'_>, who: &Person, (path, place): (&str, &str)) {
    let url = json!({"url": "https://example.org/"});
    let made = watch.does(who, ("post", path), place, &url);
    let place = format!("{place}/{}", made.body["id"].as_str().unwrap());
    let enable = format!("{path}/{{id}}/enable");
    let enabled = watch.does(
        who,
        ("post", &enable),
        &format!("{place}/enable"),
        &json!({}),
    );
    assert_eq!(enabled.status, 200, "{enabled:?}");
    removes(watch, who, &format!("{path}/{{id}}"), &place);
}

fn removes(watch: &mut Watch<'_>, who: &Person, path: &str, place: &str) {
    let bearer = who.bearer();
    watch.sends(who, ("delete", path), |world| {
        world.send("DELETE", place, &[("authorization", &bearer)], b"")
    });
}

fn operation(watch: &mut Watch<'_>, ann: &Person, olga: &Person) {
    let none = json!({});
    let world = watch.world;
    webhooks(watch, olga, ("/webhooks", "/webhooks"));
    let place = format!("/nodes/{}/orders", world.node);
    for orders in ["drain", "work"] {
        let body = json!({"orders": orders});
        watch.does(olga, ("put", "/nodes/{id}/orders"), &place, &body);
    }
    world.beat(2);
    let parked = watch.park(ann);
    let place = format!("/parked/{parked}/retry");
    watch.does(olga, ("post", "/parked/{submission}/retry"), &place, &none);
    world.judge(Verdict::Accepted);
    let parked = watch.park(ann);
    removes(
        watch,
        olga,
        "/parked/{submission}",
        &format!("/parked/{parked}"),
    );
    let program = json!({"language": "python", "files": {"a.py": ""}});
    let execution = world.post(ann, "/executions", &program).id();
    let place = format!("/executions/{execution}/cancel");
    watch.does(olga, ("post", "/executions/{id}/cancel"), &place, &none);
}

fn people(watch: &mut Watch<'_>, olga: &Person) {
    let none = json!({});
    let eve = json!({"name": "eve", "display_name": "Eve"});
    watch.does(olga, ("post", "/users"), "/users", &eve);
    let name = json!({"display_name": "E."});
    watch.does(olga, ("patch", "/users/{user}"), "/users/eve", &name);
    let path = "/users/{user}/password";
    watch.does(olga, ("put", path), "/users/eve/password", &none);
    let path = "/courses/{course}/members/{user}";
    let (place, role) = ("/courses/demo/members/eve", json!({"role": "learner"}));
    watch.does(olga, ("put", path), place, &role);
    removes(watch, olga, path, place);
    let path = "/users/{user}/deletion";
    watch.does(olga, ("post", path), "/users/eve/deletion", &none);
    let wanted = json!({"name": "ci", "scopes": ["read"], "days": 1});
    let made = watch.does(olga, ("post", "/tokens"), "/tokens", &wanted);
    let place = format!("/tokens/{}", made.body["token"]["id"].as_str().unwrap());
    removes(watch, olga, "/tokens/{token}", &place);
}

fn versions(watch: &mut Watch<'_>, ada: &Person) {
    let world = watch.world;
    let before = world.get(ada, "/courses/demo").ok()["version"].clone();
    let root = write_course(&world.directory.path().join("anew"), "demo", " Quickly.");
    let publish = |world: &World| {
        let bearer = ada.bearer();
        let headers = [("authorization", bearer.as_str())];
        world.send("POST", "/courses/demo/versions", &headers, &tar(&root))
    };
    watch.sends(ada, ("post", "/courses/{course}/versions"), publish);
    watch.is_silent(|world| {
        assert_eq!(publish(world).ok()["unchanged"], true);
    });
    let path = "/courses/{course}/versions/{version}/present";
    let before = before.as_str().unwrap();
    let place = format!("/courses/demo/versions/{before}/present");
    watch.does(ada, ("post", path), &place, &json!({}));
    watch.is_silent(|world| {
        assert_eq!(world.post(ada, &place, &json!({})).ok()["unchanged"], true);
    });
}
