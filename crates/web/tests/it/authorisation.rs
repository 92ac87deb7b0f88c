//! Every operation of the document × everybody: who may, who may not.

use carrel_model::Verdict;
use carrel_store::account::Role;
use carrel_web::publish::publish_directory;
use serde_json::{Value, json};

use crate::school::{QUESTIONS, sit};
use crate::world::{Answer, Person, World};

/// Who may do something; each includes those after it unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Whoever is signed in.
    SignedIn,
    /// Members of the course.
    Member,
    /// Who sent it, and authors.
    Owner,
    /// Who makes the attempt, and nobody else: not even authors answer for somebody.
    Learner,
    /// Who sent it, and operators: an execution belongs to no course.
    Sender,
    /// Authors of the course, and operators.
    Author,
    /// Operators of the course, and those of the service.
    CourseOperator,
    /// Operators of the service.
    Operator,
}

/// One row per operation; a new one without its row fails the test.
const TABLE: &[(&str, &str, May)] = &[
    ("get", "/courses", May::SignedIn),
    ("get", "/courses/{course}", May::Member),
    ("get", "/courses/{course}/versions", May::Author),
    ("post", "/courses/{course}/versions", May::Author),
    (
        "post",
        "/courses/{course}/versions/{version}/present",
        May::Author,
    ),
    (
        "get",
        "/courses/{course}/challenges/{challenge}",
        May::Member,
    ),
    (
        "post",
        "/courses/{course}/challenges/{challenge}/submissions",
        May::Member,
    ),
    (
        "get",
        "/courses/{course}/challenges/{challenge}/draft",
        May::Member,
    ),
    (
        "put",
        "/courses/{course}/challenges/{challenge}/draft",
        May::Member,
    ),
    (
        "delete",
        "/courses/{course}/challenges/{challenge}/draft",
        May::Member,
    ),
    (
        "post",
        "/courses/{course}/challenges/{challenge}/regrades",
        May::Author,
    ),
    ("get", "/courses/{course}/regrades", May::Author),
    ("get", "/courses/{course}/webhooks", May::Author),
    ("post", "/courses/{course}/webhooks", May::Author),
    ("delete", "/courses/{course}/webhooks/{id}", May::Author),
    (
        "post",
        "/courses/{course}/webhooks/{id}/enable",
        May::Author,
    ),
    ("get", "/courses/{course}/progress", May::Member),
    ("get", "/courses/{course}/lessons/{lesson}", May::Member),
    (
        "post",
        "/courses/{course}/lessons/{lesson}/seen",
        May::Member,
    ),
    ("get", "/courses/{course}/projects/{project}", May::Member),
    (
        "get",
        "/courses/{course}/projects/{project}/archive",
        May::Member,
    ),
    (
        "post",
        "/courses/{course}/projects/{project}/done",
        May::Member,
    ),
    ("get", "/courses/{course}/quizzes/{quiz}", May::Member),
    (
        "post",
        "/courses/{course}/quizzes/{quiz}/attempts",
        May::Member,
    ),
    ("get", "/courses/{course}/attempts", May::Member),
    ("get", "/attempts/{id}", May::Owner),
    ("put", "/attempts/{id}/answers/{question}", May::Learner),
    (
        "post",
        "/attempts/{id}/answers/{question}/tries",
        May::Learner,
    ),
    (
        "post",
        "/attempts/{id}/answers/{question}/hints/{index}",
        May::Learner,
    ),
    ("post", "/attempts/{id}/go-on", May::Learner),
    ("post", "/attempts/{id}/submit", May::Learner),
    ("post", "/attempts/{id}/marks", May::Author),
    ("get", "/courses/{course}/accommodations", May::Author),
    (
        "put",
        "/courses/{course}/accommodations/{user}",
        May::Author,
    ),
    (
        "delete",
        "/courses/{course}/accommodations/{user}",
        May::Author,
    ),
    ("post", "/courses/{course}/accommodations/copy", May::Author),
    (
        "post",
        "/courses/{course}/quizzes/{quiz}/rescores",
        May::Author,
    ),
    ("get", "/courses/{course}/rescores", May::Author),
    ("get", "/rescores/{id}", May::Author),
    ("get", "/rescores/{id}/changes", May::Author),
    ("post", "/rescores/{id}/apply", May::Author),
    ("get", "/courses/{course}/gradebook", May::Author),
    ("get", "/courses/{course}/xapi", May::Author),
    (
        "get",
        "/courses/{course}/quizzes/{quiz}/statistics",
        May::Author,
    ),
    (
        "get",
        "/courses/{course}/challenges/{challenge}/statistics",
        May::Author,
    ),
    ("get", "/submissions", May::SignedIn),
    ("get", "/submissions/{id}", May::Owner),
    ("get", "/submissions/{id}/result", May::Owner),
    ("get", "/submissions/{id}/files", May::Owner),
    ("get", "/submissions/{id}/verdicts", May::Owner),
    ("get", "/submissions/{id}/events", May::Owner),
    ("post", "/submissions/{id}/cancel", May::Owner),
    ("post", "/submissions/{id}/rejudge", May::Author),
    ("get", "/executions", May::SignedIn),
    ("post", "/executions", May::SignedIn),
    ("get", "/executions/{id}", May::Sender),
    ("post", "/executions/{id}/cancel", May::Sender),
    ("get", "/environments", May::SignedIn),
    ("get", "/languages", May::SignedIn),
    ("get", "/regrades/{id}", May::Author),
    ("get", "/regrades/{id}/changes", May::Author),
    ("post", "/regrades/{id}/cancel", May::Author),
    ("post", "/regrades/{id}/apply", May::Author),
    ("get", "/webhooks", May::Operator),
    ("post", "/webhooks", May::Operator),
    ("delete", "/webhooks/{id}", May::Operator),
    ("post", "/webhooks/{id}/enable", May::Operator),
    ("get", "/nodes", May::Operator),
    ("put", "/nodes/{id}/orders", May::Operator),
    ("get", "/history", May::Operator),
    ("get", "/incidents", May::Operator),
    ("get", "/parked", May::Operator),
    ("delete", "/parked/{submission}", May::CourseOperator),
    ("post", "/parked/{submission}/retry", May::CourseOperator),
];

/// Groups of operations with tests of their own beside their code.
const ELSEWHERE: &[&str] = &["Accounts", "People", "Sessions", "Tokens", "Audit"];

struct Things {
    submission: String,
    execution: String,
    regrade: String,
    attempt: String,
    rescore: String,
    user: String,
}

fn fill(path: &str, world: &World, things: &Things) -> String {
    let id = match path.split('/').nth(1) {
        Some("submissions") => things.submission.clone(),
        Some("executions") => things.execution.clone(),
        Some("regrades") => things.regrade.clone(),
        Some("attempts") => things.attempt.clone(),
        Some("rescores") => things.rescore.clone(),
        Some("nodes") => world.node.to_string(),
        _ => "00000000-0000-7000-8000-000000000000".to_owned(),
    };
    path.replace("{course}", "demo")
        .replace("{challenge}", "double")
        .replace("{submission}", &things.submission)
        .replace("{lesson}", "intro")
        .replace("{project}", "page")
        .replace("{quiz}", "loops")
        .replace("{question}", "last")
        .replace("{index}", "0")
        .replace("{user}", &things.user)
        .replace("{version}", "0")
        .replace("{id}", &id)
}

/// A body that passes parsing and changes as little as it can.
fn body(path: &str) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "orders" => json!({"orders": "work"}),
        "webhooks" => json!({"url": "https://example.org/"}),
        "executions" => json!({"language": "python", "files": {"a.py": ""}}),
        "submissions" => json!({"files": {"double.py": ""}}),
        "draft" => json!({"revision": 0, "files": {"double.py": ""}}),
        "marks" => json!({"marks": []}),
        "copy" => json!({"from": "demo"}),
        "rescores" => json!({"preview": true}),
        "last" => json!({"answer": null}),
        "tries" => json!({"answer": {"type": "short_answer", "text": "x"}}),
        _ => json!({}),
    }
}

fn operations() -> Vec<(String, String, String)> {
    let document: Value = serde_json::from_str(carrel_web::openapi::document()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let tag = operation["tags"][0].as_str().unwrap_or_default().to_owned();
            let path = path.strip_prefix("/api/v1").unwrap().to_owned();
            all.push((method.clone(), path, tag));
        }
    }
    all
}

/// The course with an activity of every kind, under rules of its two units.
pub(crate) fn publish_with_project(world: &World, rules: [&str; 2]) {
    let root = crate::school::write_with(world, "tries = 2\n", QUESTIONS, rules);
    crate::project_pages::write_project(&root);
    let file = root.join("course.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("'double']", "'double', 'page']");
    std::fs::write(&file, text).unwrap();
    world
        .wait(publish_directory(&world.app, &root))
        .unwrap_or_else(|problem| panic!("{:#?}", problem.document()));
}

fn make_things(world: &World, ann: &Person, ada: &Person) -> Things {
    let submission = world.submit(ann).to_string();
    world.judge(Verdict::Accepted);
    let regrades = "/courses/demo/challenges/double/regrades";
    let regrade = world.post(ada, regrades, &json!({"preview": true}));
    let execution = world.post(ann, "/executions", &body("/executions"));
    publish_with_project(world, ["", ""]);
    let attempt = sit(world, ann).id;
    let rescores = "/courses/demo/quizzes/loops/rescores";
    let rescore = world.post(ada, rescores, &body(rescores));
    Things {
        attempt,
        rescore: rescore.body["id"].as_str().unwrap().to_owned(),
        user: ann.id.to_string(),
        submission,
        execution: execution.id().to_string(),
        regrade: regrade.body["id"].as_str().unwrap().to_owned(),
    }
}

/// Asks for an operation as somebody, or as nobody.
fn request(
    world: &World,
    things: &Things,
    (method, path): (&str, &str),
    who: Option<&Person>,
) -> Answer {
    let method = method.to_uppercase();
    let mut path = fill(path, world, things);
    let bearer = who.map(Person::bearer).unwrap_or_default();
    let mut headers = vec![("content-type", "application/json")];
    if who.is_some() {
        headers.push(("authorization", bearer.as_str()));
    }
    let body = if method == "GET" {
        String::new()
    } else {
        body(&path).to_string()
    };
    if method == "DELETE" && path.ends_with("/draft") {
        path.push_str("?revision=0");
    }
    world.send(&method, &path, &headers, body.as_bytes())
}

#[test]
fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let world = World::start_with(|config| {
        // Statements of xAPI name activities by it.
        config.public_url = Some("http://learn.example".to_owned());
    });
    let (ann, bob) = (world.learner("ann"), world.learner("bob"));
    let (eve, ada) = (world.person("eve", None), world.author("ada"));
    let nina = world.person("nina", Some(Role::Operator));
    let olga = world.operator("olga");
    let things = make_things(&world, &ann, &ada);
    for (method, path, tag) in operations() {
        let row = TABLE.iter().find(|row| row.0 == method && row.1 == path);
        let Some((_, _, may)) = row else {
            assert!(
                ELSEWHERE.contains(&tag.as_str()),
                "{method} {path} has no row in the table"
            );
            continue;
        };
        let ask = |who: Option<&Person>| request(&world, &things, (&method, &path), who);
        ask(None).is(401, "unauthenticated");
        let bare = Person {
            id: olga.id,
            token: world.token(olga.id, &[], None),
        };
        let public = ["/environments", "/languages"].contains(&path.as_str());
        if !public {
            let answer = ask(Some(&bare));
            assert!(
                [403, 404].contains(&answer.status),
                "no scope: {method} {path}: {answer:?}"
            );
        }
        let people = [
            ("eve", &eve),
            ("bob", &bob),
            ("ann", &ann),
            ("ada", &ada),
            ("nina", &nina),
            ("olga", &olga),
        ];
        for (name, who) in people {
            let allowed = is_allowed(*may, name);
            let answer = ask(Some(who));
            let refused = matches!(answer.status, 401 | 403)
                || (answer.status == 404
                    && (answer.text.contains("no course `demo`")
                        || !is_about_a_thing_that_is_not(&path)));
            assert_eq!(!refused, allowed, "{name}: {method} {path}: {answer:?}");
        }
    }
}

/// Whether an operation of learners is about an activity of [`fill`], or about
/// what somebody did with it.
fn is_about_an_activity(path: &str, may: May) -> bool {
    let parts = ["/challenges/{", "/lessons/{", "/projects/{", "/quizzes/{"];
    let own = ["/submissions/{", "/attempts/{"];
    matches!(may, May::Member | May::Owner | May::Learner)
        && (parts.iter().any(|part| path.contains(part))
            || own.iter().any(|part| path.starts_with(part)))
}

#[test]
fn what_is_hidden_is_not_there_for_learners_whatever_they_ask() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let things = make_things(&world, &ann, &ada);
    let author = sit(&world, &ada).id;
    let hide = "hidden = true";
    publish_with_project(&world, [hide, hide]);
    let mut asked = 0;
    for (method, path, may) in TABLE.iter().copied() {
        if !is_about_an_activity(path, may) {
            continue;
        }
        asked += 1;
        request(&world, &things, (method, path), Some(&ann)).is(404, "not_found");
        let answer = request(&world, &things, (method, path), Some(&ada));
        let allowed = is_allowed(may, "ada");
        assert_eq!(
            !matches!(answer.status, 401 | 403 | 404),
            allowed,
            "ada: {method} {path}: {answer:?}"
        );
    }
    assert!(asked > 20, "{asked}");
    for path in [
        "/courses/demo",
        "/courses/demo/progress",
        "/courses/demo/attempts",
        "/submissions",
        "/submissions?course=demo",
        "//courses",
        "//courses/demo",
    ] {
        let answer = world.get(&ann, path);
        answer.ok();
        for told in [
            "Introduction",
            "intro",
            "double",
            "Double",
            "loops",
            "Loops",
            "A page to make",
        ] {
            assert!(
                !answer.text.contains(told),
                "{path} tells {told}: {answer:?}"
            );
        }
    }
    let counted = world.get(&ann, "/courses/demo/progress");
    assert_eq!(counted.ok()["activities_total"], 0);
    has_no_page(&world, &ann, &things);
    let seen = world.get(&ada, "/courses/demo");
    assert_eq!(seen.ok()["units"][1]["hidden"], true);
    assert_eq!(seen.body["units"][0]["activities"][0]["hidden"], true);
    let page = world.get(&ada, "//courses/demo");
    assert_eq!(page.text.matches("Hidden from learners").count(), 6);
    world.get(&ada, &format!("/attempts/{author}")).ok();
    let book = world.get(&ada, "/courses/demo/gradebook");
    assert_eq!(book.ok()["columns"], json!([]));
}

/// No page of a hidden activity is there, nor of what was done in it.
fn has_no_page(world: &World, ann: &Person, things: &Things) {
    let submission = format!(
        "courses/demo/challenges/double/submissions/{}",
        things.submission
    );
    for page in [
        "courses/demo/lessons/intro",
        "courses/demo/projects/page",
        "courses/demo/projects/page/archive",
        "courses/demo/challenges/double",
        &submission,
        "courses/demo/quizzes/loops",
        &format!("attempts/{}", things.attempt),
    ] {
        assert_eq!(world.get(ann, &format!("//{page}")).status, 404, "{page}");
    }
}

/// Whether somebody may: eve is nobody's member, bob a learner, ann the learner whose things
/// are asked for, ada an author, nina an operator of the course, olga one of the service.
fn is_allowed(may: May, name: &str) -> bool {
    match name {
        "eve" => may == May::SignedIn,
        "bob" => matches!(may, May::SignedIn | May::Member),
        "ann" => !matches!(may, May::Author | May::CourseOperator | May::Operator),
        "ada" => matches!(may, May::SignedIn | May::Member | May::Owner | May::Author),
        "nina" => may == May::CourseOperator || is_allowed(may, "ada"),
        _ => may != May::Learner,
    }
}

/// What the path names is not there for anybody in this test: 404 says nothing about who asks.
fn is_about_a_thing_that_is_not(path: &str) -> bool {
    path.ends_with("/present") || path.contains("webhooks/{id}") || path.contains("/parked/")
}

#[test]
fn a_token_reaches_no_further_than_it_was_made_for() {
    use carrel_store::account::Scope;
    let world = World::start();
    let ada = world.author("ada");
    let with = |scopes: &[Scope], course| Person {
        id: ada.id,
        token: world.token(ada.id, scopes, course),
    };
    let reader = with(&[Scope::Read], None);
    assert_eq!(world.get(&reader, "/courses/demo").status, 200);
    let path = "/courses/demo/challenges/double/submissions";
    world
        .post(&reader, path, &body(path))
        .is(403, "scope_missing");
    world
        .get(&reader, "/courses/demo/versions")
        .is(403, "scope_missing");
    let elsewhere = with(&[Scope::Read, Scope::Submit], Some("other"));
    world.get(&elsewhere, "/courses/demo").is(404, "not_found");
    assert_eq!(world.get(&elsewhere, "/courses").ok()["items"], json!([]));
    world
        .get(&elsewhere, "/submissions")
        .is(403, "scope_missing");
}
