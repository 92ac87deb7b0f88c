//! Answers that cannot be read as what was asked for.

use serde_json::json;

use crate::school::{sit, start};

#[test]
fn a_number_in_doubt_is_told_at_once_and_costs_no_try() {
    let questions = "\n## Fall {#fall}\nkind: numeric\n\nHow far?\n\n= 1500\n";
    let (world, _) = start("tries = 2\n", questions);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    let number = |text: &str| json!({"type": "numeric", "number": text});
    let message = "`1,500` can be read as 1500 and as 1.5: write `1500` or `1.5`";
    let saved = sitting.save("fall", &number("1,500"));
    assert_eq!(saved.ok()["unreadable"], json!([{"message": message}]));
    assert_eq!(
        sitting.question("fall")["unreadable"][0]["message"],
        message
    );
    let tried = sitting.try_answer("fall", &number("1,500"));
    let tried = tried.ok();
    assert_eq!(
        (&tried["tries"], &tried["result"]),
        (&json!(0), &json!(null))
    );
    let shown = world.get(&ann, &format!("/{}", sitting.path()));
    assert!(shown.text.contains("as it stands"), "{}", shown.text);
    assert!(shown.text.contains("can be read as 1500"), "{}", shown.text);
    let right = sitting.try_answer("fall", &number("1500"));
    let right = right.ok();
    assert_eq!(right["result"]["state"], "correct");
    assert_eq!(right["unreadable"], json!(null));
}
