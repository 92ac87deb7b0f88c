//! What a worker finds out, and how it is told.

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState::Finished;
use carrel_model::view::{View, show_results};
use carrel_store::event::EventKind;
use carrel_store::submission::{Fault, Outcome, Work};

use crate::world::{GOOD, VERSION, World, wait_until};

pub(crate) fn a_verdict_is_recorded_with_its_events_in_order() {
    let world = World::new();
    let _worker = world.start();
    let (right, wrong) = (world.submit(GOOD), world.submit("echo 3\n"));
    let row = world.wait_for(right, Finished);
    assert_eq!(
        (row.verdict, row.points, row.verdicts),
        (Some(Verdict::Accepted), Some(2.0), 1)
    );
    let row = world.wait_for(wrong, Finished);
    assert_eq!(
        (row.verdict, row.points, row.points_max),
        (Some(Verdict::WrongAnswer), Some(1.0), Some(2.0))
    );
    let Outcome::Judged(document) = world.outcome(wrong) else {
        panic!("it was judged");
    };
    assert_eq!(document.tests.len(), 2);
    let events = world.events(wrong);
    let numbers: Vec<u32> = events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let kinds: Vec<EventKind> = events.into_iter().map(|event| event.kind).collect();
    assert!(matches!(kinds[0], EventKind::Started { attempt: 1 }));
    for (kind, test) in kinds[1..3].iter().zip(&document.tests) {
        let EventKind::Check { results } = kind else {
            panic!("{kind:?}");
        };
        assert_eq!(
            (results[0].id.as_str(), results[0].status),
            (test.id.as_str(), test.status)
        );
    }
    assert_eq!(kinds[3], EventKind::Finished);
    wait_until("nothing of the runs is left", || {
        let left = std::fs::read_dir(world.state().join("run/runs"));
        left.is_ok_and(|mut left| left.next().is_none())
    });
}

pub(crate) fn hidden_checks_do_not_leak_through_events() {
    let world = World::new();
    let _worker = world.start();
    let id = world.submit("echo 3\n");
    world.wait_for(id, Finished);
    let version = world.state().join("courses").join(VERSION);
    let course = carrel_course::course::load(&version).expect("a course");
    let told = |view: View| {
        let events = world.events(id).into_iter();
        let shown = events.filter_map(|event| match event.kind {
            EventKind::Check { results } => {
                Some(show_results(&course.challenges[0], &results, view))
            }
            _ => None,
        });
        serde_json::to_string(&shown.collect::<Vec<_>>()).expect("JSON")
    };
    let learner = told(View::Learner { after_due: false });
    assert!(told(View::Author).contains("hidden-in-the-message"));
    assert!(!learner.contains("hidden-in-the-message"), "{learner}");
    assert!(!learner.contains("1234567"), "{learner}");
    assert!(learner.contains("Large numbers"), "{learner}");
}

pub(crate) fn an_execution_gives_its_output() {
    let world = World::new();
    let _worker = world.start();
    let mut request = world.execution("cat; echo $1; echo two >&2; exit 3\n");
    request.merge_stderr = true;
    let id = world.send(Work::Execution(Box::new(request)));
    let mut request = world.execution("echo $1; (\n");
    request.stdin.clear();
    let broken = world.send(Work::Execution(Box::new(request)));
    world.wait_for(id, Finished);
    let Outcome::Executed(result) = world.outcome(id) else {
        panic!("it was executed");
    };
    let run = result.run.expect("it ran");
    assert_eq!(run.stdout, b"in\nword\ntwo\n");
    assert_eq!(
        (run.exit_code, result.environment.name.as_str()),
        (Some(3), "host")
    );
    // A syntax error of an interpreted language is simply its run.
    world.wait_for(broken, Finished);
    let Outcome::Executed(result) = world.outcome(broken) else {
        panic!("it was executed");
    };
    let run = result.run.expect("it ran");
    assert_eq!(run.stdout, b"word\n");
    assert!(
        run.exit_code != Some(0) && !run.stderr.is_empty(),
        "{run:?}"
    );
}

pub(crate) fn each_refusal_has_its_owner() {
    let world = World::new();
    let _worker = world.start();
    let mut not_editable = world.challenge_work(GOOD);
    not_editable
        .files
        .insert("other.sh".to_owned(), b"x".to_vec());
    let mut no_challenge = world.challenge_work(GOOD);
    no_challenge.challenge = "subtracting".to_owned();
    let mut no_language = world.execution("x");
    no_language.language = "cobol".to_owned();
    let sent = [
        (Work::Challenge(not_editable), Fault::Sender, "`other.sh`"),
        (
            Work::Challenge(no_challenge),
            Fault::Author,
            "`subtracting`",
        ),
        (
            Work::Execution(Box::new(no_language)),
            Fault::Sender,
            "`cobol`",
        ),
    ]
    .map(|(work, fault, word)| (world.send(work), fault, word));
    for (id, owner, word) in sent {
        let row = world.wait_for(id, Finished);
        assert_eq!(row.verdict, None);
        match world.outcome(id) {
            Outcome::Refused { fault, message } => {
                assert_eq!(fault, owner, "{message}");
                assert!(message.contains(word), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn a_node_tells_how_it_is() {
    let world = World::new();
    let worker = world.start();
    wait_until("the node has told its languages", || {
        world.node().is_some_and(|node| {
            node.report.accepting && node.report.languages.iter().any(|known| known.id == "bash")
        })
    });
    let report = world.node().expect("a node").report;
    assert_eq!((report.slots, report.epoch), (2, 1));
    assert!(report.canary_ms.is_some());
    assert_eq!(report.environments[0], ("plain".to_owned(), None));
    let bash = report.languages.iter().find(|known| known.id == "bash");
    let bash = bash.expect("bash");
    assert!(bash.version.contains('.') && !bash.compiled, "{bash:?}");
    assert_eq!(bash.environment, "host");
    assert!(report.metrics.contains("carrel_worker_canaries_total"));
    let node = report.id;
    assert_eq!(worker.stop(), Some(0));
    let last = world.node().expect("a node").report;
    assert!(
        !last.accepting,
        "its last word is that it takes nothing new"
    );
    let _second = world.start();
    wait_until("the second life tells itself", || {
        world
            .node()
            .is_some_and(|row| row.report.epoch == 2 && row.report.id == node)
    });
}
