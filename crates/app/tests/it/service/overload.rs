//! More than can be judged: the rest is refused at once, what is accepted is judged.

use std::time::Duration;

use carrel_e2e::load::{self, Offer, Went};

use super::{mix, start};

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
