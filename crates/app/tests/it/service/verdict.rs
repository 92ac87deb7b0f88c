//! A submission to its verdict over HTTP.

use carrel_model::Verdict;

use super::{BROKEN, RIGHT, WRONG, judged, start, work};

#[tokio::test(flavor = "multi_thread")]
async fn each_submission_gets_its_verdict() {
    let Some(world) = start(1, &[]) else { return };
    let mut learner = world.learner(0);
    let cases = [
        (RIGHT, Verdict::Accepted),
        (WRONG, Verdict::WrongAnswer),
        (BROKEN, Verdict::CompileError),
    ];
    for (text, verdict) in cases {
        let work = work(text, verdict);
        let row = judged(&mut learner, &work).await;
        assert_eq!(row["verdict"], verdict.name(), "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_in_order_and_can_be_resumed() {
    let Some(world) = start(1, &[]) else { return };
    let mut learner = world.learner(0);
    let work = work(WRONG, Verdict::WrongAnswer);
    let answer = learner.post(&work.path(), &[], &work.body()).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/submissions/{id}/events");
    let whole = learner.events(&path, None, &mut |_| false).await.unwrap();
    assert!(whole.contains("wrong_answer"), "{whole}");
    // The hidden check is told to no learner, neither its input nor its answer.
    assert!(!whole.contains("9041726"), "{whole}");
    let ids: Vec<&str> = whole
        .lines()
        .filter_map(|line| line.strip_prefix("id:"))
        .map(str::trim)
        .collect();
    assert!(ids.len() >= 2, "{whole}");
    let rest = learner
        .events(&path, Some(ids[0]), &mut |_| false)
        .await
        .unwrap();
    let resumed: Vec<&str> = rest
        .lines()
        .filter_map(|line| line.strip_prefix("id:"))
        .map(str::trim)
        .collect();
    assert_eq!(resumed, ids[1..], "{whole}\n---\n{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_is_one_submission() {
    let Some(world) = start(1, &[]) else { return };
    let mut learner = world.learner(0);
    let work = work(RIGHT, Verdict::Accepted);
    let key = [("idempotency-key", "once")];
    let first = learner
        .post(&work.path(), &key, &work.body())
        .await
        .unwrap();
    let second = learner
        .post(&work.path(), &key, &work.body())
        .await
        .unwrap();
    assert!(first.json()["id"].is_string(), "{}", first.text());
    assert_eq!(first.json()["id"], second.json()["id"]);
}
