//! More than can be judged: the rest is refused at once, what is accepted is judged.

use std::time::Duration;

use carrel_e2e::load::{self, Offer, Went};

use super::{ended, mix, slow, start, work};
use carrel_model::Verdict;

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_with_the_time_to_come_back_and_the_rest_is_judged() {
    let Some(world) = start(
        8,
        &[
            "--set",
            "worker.slots=1",
            "--set",
            "admission.target_ms=1500",
        ],
    ) else {
        return;
    };
    let offer = Offer {
        rate: 60.0,
        length: Duration::from_secs(5),
        patience: Duration::from_secs(60),
        mix: mix(),
        seed: 5,
    };
    let all = load::run(world.server.address, &world.people.learners, &offer).await;
    let mut judged = 0;
    let mut refused = 0;
    for went in &all {
        match went {
            Went::Judged { right, .. } => {
                judged += 1;
                assert!(right, "{went:?}");
            }
            Went::Refused { retry_after, .. } => {
                refused += 1;
                assert!(retry_after, "{went:?}");
            }
            other => panic!("{other:?}\n{}", world.server.log()),
        }
    }
    assert!(
        judged > 0 && refused > 0,
        "{judged} judged, {refused} refused"
    );
}

/// One slot, and a program in it that sleeps for most of a minute.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_sleeps_in_the_only_slot_is_not_waited_for() {
    let Some(world) = start(2, &["--set", "worker.slots=1"]) else {
        return;
    };
    let (mut sleeper, mut other) = (world.learner(0), world.learner(1));
    let mut sleeps = slow();
    let text = "sleep 50\n";
    sleeps.files.insert("add.sh".to_owned(), text.into());
    let sent = sleeper.post(&sleeps.path(), &[], &sleeps.body()).await;
    let sent = sent.unwrap();
    assert_eq!(sent.status, 202, "{}", sent.text());
    while world.server.of_role("sandbox").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let quick = work(super::RIGHT, Verdict::Accepted);
    let row = loop {
        // Admission may refuse it before the slot counts as held for long.
        let answer = other.post(&quick.path(), &[], &quick.body()).await.unwrap();
        if answer.status == 202 {
            break ended(&mut other, answer).await;
        }
        assert!(matches!(answer.status, 429 | 503), "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(row["verdict"], "accepted", "{row}");
    let place = format!(
        "/api/v1/submissions/{}",
        sent.json()["id"].as_str().unwrap()
    );
    let still = sleeper.get(&place).await.unwrap().json();
    assert_eq!(still["state"], "running", "{still}\n{}", world.server.log());
}
