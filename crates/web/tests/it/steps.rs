//! Challenges whose steps are sent one by one.

use carrel_model::Verdict;
use carrel_store::submission::Outcome;
use serde_json::json;

use crate::fixture::{document, write_course};
use crate::world::{Person, World};

/// Publishes `demo` with its challenge and a lesson after it; `change` works on `challenge.toml`.
fn publish(world: &World, change: impl Fn(&str) -> String) {
    let root = write_course(world.directory.path(), "demo", "");
    let course = "id = 'demo'\ntitle = 'Demo'\n[[units]]\nid = 'one'\ntitle = 'One'\n\
         activities = ['double']\n[[units]]\nid = 'two'\ntitle = 'Two'\nrequires = ['double']\n\
         activities = ['after.md']\n";
    let lesson = "+++\nid = 'after'\ntitle = 'After'\n+++\nWell done.\n";
    std::fs::write(root.join("course.toml"), course).unwrap();
    std::fs::write(root.join("after.md"), lesson).unwrap();
    let toml = root.join("double/challenge.toml");
    let text = change(&std::fs::read_to_string(&toml).unwrap());
    std::fs::write(&toml, text).unwrap();
    let published = world.wait(carrel_web::publish::publish_directory(&world.app, &root));
    published.unwrap_or_else(|problem| panic!("{:#?}", problem.document()));
}

/// The check `visible` belongs to the first step, `hidden` to the second.
fn in_steps(text: &str) -> String {
    let steps = "[[steps]]\nid = 'first'\ntitle = 'First'\ninstructions = 'instructions.md'\n\
                 [[steps]]\nid = 'second'\ntitle = 'Second'\ninstructions = 'instructions.md'\n\
                 [[checks]]\nid = 'visible'\nstep = 'first'";
    text.replace("[[checks]]\nid = 'visible'", steps)
        .replace("id = 'hidden'", "id = 'hidden'\nstep = 'second'")
        .replace("[[hints]]\ntext = 'Use two.'\nafter_failures = 1\n", "")
}

/// Sends a program up to a step, which is accepted.
fn pass(world: &World, who: &Person, step: &str, points: f64) {
    let path = "/courses/demo/challenges/double/submissions";
    let body = json!({"files": {"double.py": "print(2)"}, "step": step});
    let sent = world.post(who, path, &body);
    assert_eq!(sent.status, 202, "{sent:?}");
    let mut judged = document(Verdict::Accepted);
    judged.points = points;
    judged.points_max = points;
    world.finish(&world.claim(), Outcome::Judged(Box::new(judged)));
}

#[test]
fn a_challenge_is_passed_with_all_its_steps() {
    let world = World::start();
    publish(&world, in_steps);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let look = || {
        let progress = world.get(&ann, "/courses/demo/progress");
        let units = &progress.ok()["units"];
        let book = world.get(&ada, "/courses/demo/gradebook");
        let row = book.ok()["rows"][0].clone();
        let figures = world.get(&ada, "/courses/demo/challenges/double/statistics");
        (
            units[0]["activities"][0]["passed"].clone(),
            units[1]["activities"][0]["standing"].clone(),
            row["grades"]["double"]["points_max"].clone(),
            row["total"].clone(),
            figures.ok()["passed"].clone(),
        )
    };
    pass(&world, &ann, "first", 1.0);
    let expected = (
        json!(false),
        json!("locked"),
        json!(2.0),
        json!(0.5),
        json!(0),
    );
    assert_eq!(look(), expected);
    pass(&world, &ann, "second", 2.0);
    let expected = (json!(true), json!("open"), json!(2.0), json!(1.0), json!(1));
    assert_eq!(look(), expected);
}
