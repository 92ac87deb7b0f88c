//! What hints do to an answer.

use serde_json::json;

use crate::school::{sit, start};

#[test]
fn a_hint_clears_what_is_wrong_and_other_tabs_are_told() {
    let questions = "\n## Fill {#fill}\n\nA [[= a]], b [[= b]].\n\n\
        hint: {after=1 cost=0.25 clear-wrong right-count} Look again.\n";
    let (world, _) = start("tries = 3\n", questions);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    let fill =
        |first: &str, second: &str| json!({"type": "blanks", "blanks": {"1": first, "2": second}});
    let hint = format!("{}/answers/fill/hints/0", sitting.path());
    world.post(&ann, &hint, &json!({})).is(409, "wrong_state");
    sitting.try_answer("fill", &fill("a", "x")).ok();
    let page = world.get(&ann, &format!("/{}", sitting.path()));
    assert!(page.text.contains("clears what is wrong"), "{}", page.text);
    let taken = world.post(&ann, &hint, &json!({}));
    assert_eq!(taken.ok()["right"], json!({"right": 1, "of": 2}));
    let question = sitting.question("fill");
    assert_eq!(question["answer"]["blanks"], json!({"1": "a"}));
    assert_eq!(question["sequence"], 2, "a save of its own");
    let page = world.get(&ann, &format!("/{}", sitting.path()));
    assert!(
        page.text.contains("1 of 2 parts of the answer were right"),
        "{}",
        page.text
    );
    // Another tab that has not seen it would bring back what is wrong.
    let stale = sitting.save_as("fill", &fill("a", "x"), 2);
    stale.is(409, "answer_superseded");
    // Taken again it costs, clears and tells nothing more.
    sitting.save("fill", &fill("a", "y")).ok();
    let again = world.post(&ann, &hint, &json!({}));
    assert_eq!(again.ok()["right"], json!({"right": 1, "of": 2}));
    assert_eq!(sitting.question("fill")["answer"]["blanks"]["2"], "y");
    let tried = sitting.try_answer("fill", &fill("a", "b"));
    assert_eq!(tried.ok()["result"]["points"], 0.75);
    // What is saved after the right answer counts nothing.
    sitting.save("fill", &fill("q", "q")).ok();
    assert_eq!(sitting.act("submit").ok()["grade"]["points"], 0.75);
}
