//! Attempts at quizzes, marks and rescores.

use std::time::Duration;

use carrel_model::id::{AttemptId, RescoreId, UserId};
use carrel_store::Error;
use carrel_store::attempt::{
    AttemptFilter, AttemptRow, EndedBy, Grade, Kept, NewAttempt, NewEnd, NewMark, NewMarking,
    NewResponse, Started,
};
use carrel_store::rescore::{ChangeState, NewChange, NewRescore, RescoreState};
use serde_json::{Value, json};

use super::{Engine, all};

/// An attempt that lasts this long.
const LASTS: Duration = Duration::from_secs(600);

pub(crate) fn new_attempt(engine: &Engine, user: UserId, number: u32) -> NewAttempt {
    let now = engine.clock.now();
    NewAttempt {
        id: AttemptId::new(),
        user,
        course: "sample".into(),
        course_version: "1".repeat(64),
        quiz: "loops".into(),
        number,
        started_at: now,
        ends_at: Some(now + LASTS),
        paper: json!({"seed": 7}),
        state: json!({"place": 0}),
    }
}

pub(crate) async fn start(engine: &Engine, user: UserId, number: u32) -> AttemptRow {
    let new = new_attempt(engine, user, number);
    match engine.store.start_attempt(new).await.unwrap() {
        Started::New(row) => row,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn response(question: &str, sequence: u64, revision: u64, text: &str) -> NewResponse {
    NewResponse {
        question: question.into(),
        sequence,
        revision,
        document: json!({"answer": text}),
    }
}

pub(crate) fn end(engine: &Engine, points: f64) -> NewEnd {
    NewEnd {
        at: engine.clock.now(),
        by: EndedBy::Learner,
        grade: grade(points),
        marks: Vec::new(),
    }
}

fn grade(points: f64) -> Grade {
    Grade {
        points,
        points_max: 10.0,
        passed: Some(points >= 5.0),
        needs_grading: false,
    }
}

pub(crate) fn mark(question: &str, points: f64) -> NewMark {
    NewMark {
        question: question.into(),
        points,
        comment: Some("well said".into()),
        explanation: vec!["two of three".into()],
    }
}

pub(crate) fn marking(by: UserId, mark: NewMark, grade: Grade) -> NewMarking {
    NewMarking {
        by,
        marks: vec![mark],
        grade,
    }
}

async fn finish(engine: &Engine, id: AttemptId, points: f64) {
    let revision = engine.store.attempt(id).await.unwrap().revision;
    let ended = engine.store.end_attempt(id, revision, end(engine, points));
    assert!(ended.await.unwrap());
}

pub(crate) async fn an_attempt_is_kept_as_started(engine: &Engine) {
    let user = engine.user("ada").await;
    let new = new_attempt(engine, user, 1);
    let Started::New(row) = engine.store.start_attempt(new.clone()).await.unwrap() else {
        panic!("it is the first");
    };
    assert_eq!((row.id, row.number, row.revision), (new.id, 1, 1));
    assert_eq!(
        (row.ends_at, row.ended, row.grade),
        (new.ends_at, None, None)
    );
    let whole = engine.store.whole_attempt(new.id).await.unwrap();
    assert_eq!((whole.row, whole.paper), (row, new.paper));
    assert!(whole.responses.is_empty() && whole.marks.is_empty());
    let none = engine.store.attempt(AttemptId::new()).await.unwrap_err();
    assert!(matches!(none, Error::Missing { .. }), "{none}");
    assert_eq!(engine.store.now(), engine.clock.now());
}

pub(crate) async fn one_attempt_goes_on_at_a_time(engine: &Engine) {
    let user = engine.user("ada").await;
    let first = start(engine, user, 1).await;
    let again = engine.store.start_attempt(new_attempt(engine, user, 2));
    assert_eq!(again.await.unwrap(), Started::Running(first.clone()));
    finish(engine, first.id, 1.0).await;
    let stale = engine.store.start_attempt(new_attempt(engine, user, 1));
    assert_eq!(stale.await.unwrap(), Started::Stale);
    start(engine, user, 2).await;
    let other = engine.user("bob").await;
    start(engine, other, 1).await;
    let of_ada = engine.store.attempts_of(user, "sample", "loops").await;
    let numbers: Vec<u32> = of_ada.unwrap().iter().map(|row| row.number).collect();
    assert_eq!(numbers, [1, 2]);
}

pub(crate) async fn an_older_answer_never_replaces_a_newer_one(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = start(engine, user, 1).await.id;
    let keep = |response| engine.store.keep_response(id, response);
    let now = engine.clock.now();
    assert_eq!(
        keep(response("a", 1, 0, "x")).await.unwrap(),
        Kept::Done(now)
    );
    assert_eq!(
        keep(response("a", 5, 1, "xy")).await.unwrap(),
        Kept::Done(now)
    );
    // Of two tabs that have read the same, one comes second.
    assert_eq!(keep(response("a", 6, 1, "z")).await.unwrap(), Kept::Stale);
    // A save that was under way for long.
    assert_eq!(keep(response("a", 4, 2, "x")).await.unwrap(), Kept::Stale);
    // Another question is none of its business.
    assert_eq!(
        keep(response("b", 1, 0, "y")).await.unwrap(),
        Kept::Done(now)
    );
    let whole = engine.store.whole_attempt(id).await.unwrap();
    let kept: Vec<(&str, u64, &Value)> = whole
        .responses
        .iter()
        .map(|row| (row.question.as_str(), row.sequence, &row.document))
        .collect();
    assert_eq!(
        kept,
        [
            ("a", 5, &json!({"answer": "xy"})),
            ("b", 1, &json!({"answer": "y"}))
        ]
    );
    assert_eq!(whole.row.revision, 4, "every change counts");
}

pub(crate) async fn nothing_is_kept_when_the_time_is_over(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = start(engine, user, 1).await.id;
    engine.clock.advance(LASTS - Duration::from_millis(1));
    let keep = |sequence| {
        engine
            .store
            .keep_response(id, response("a", sequence, sequence - 1, "x"))
    };
    assert!(matches!(keep(1).await.unwrap(), Kept::Done(_)));
    assert!(
        engine
            .store
            .overdue_attempts(None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    engine.clock.advance(Duration::from_millis(1));
    assert_eq!(keep(2).await.unwrap(), Kept::Over);
    let overdue = engine.store.overdue_attempts(None, 10).await.unwrap();
    assert_eq!(overdue[0].id, id);
    let ends_at = overdue[0].ends_at.unwrap();
    let others = engine.store.overdue_attempts(Some((ends_at, id)), 10).await;
    assert!(others.unwrap().is_empty(), "those after it");
    let before = AttemptId(uuid::Uuid::nil());
    let again = engine
        .store
        .overdue_attempts(Some((ends_at, before)), 10)
        .await;
    assert_eq!(again.unwrap()[0].id, id);
    // More time in mid-attempt.
    let more = Some(engine.clock.now() + LASTS);
    let row = engine.store.attempt(id).await.unwrap();
    let change = engine
        .store
        .change_attempt(id, row.revision, json!({"place": 1}), more);
    assert!(change.await.unwrap());
    assert_eq!(engine.store.next_attempt_end().await.unwrap(), more);
    assert!(
        engine
            .store
            .overdue_attempts(None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(matches!(keep(2).await.unwrap(), Kept::Done(_)));
    finish(engine, id, 3.0).await;
    assert_eq!(keep(3).await.unwrap(), Kept::Over);
    assert_eq!(engine.store.next_attempt_end().await.unwrap(), None);
}

pub(crate) async fn an_end_is_of_everything_answered(engine: &Engine) {
    let user = engine.user("ada").await;
    let row = start(engine, user, 1).await;
    let keep = engine.store.keep_response(row.id, response("a", 1, 0, "x"));
    keep.await.unwrap();
    let stale = engine
        .store
        .end_attempt(row.id, row.revision, end(engine, 1.0));
    assert!(!stale.await.unwrap(), "an answer came in between");
    let change = engine
        .store
        .change_attempt(row.id, row.revision, json!({}), None);
    assert!(!change.await.unwrap());
    finish(engine, row.id, 7.0).await;
    let again = engine.store.end_attempt(row.id, 3, end(engine, 1.0));
    assert!(!again.await.unwrap(), "once");
    let row = engine.store.attempt(row.id).await.unwrap();
    assert_eq!(row.ended, Some((engine.clock.now(), EndedBy::Learner)));
    assert_eq!(row.grade, Some(grade(7.0)));
}

pub(crate) async fn marks_are_kept_with_their_history(engine: &Engine) {
    let (user, author) = (engine.user("ada").await, engine.user("tom").await);
    let id = start(engine, user, 1).await.id;
    let early = engine
        .store
        .mark_attempt(id, 1, marking(author, mark("a", 1.0), grade(1.0)));
    let early = early.await.unwrap_err();
    assert!(matches!(early, Error::State { .. }), "{early}");
    finish(engine, id, 0.0).await;
    for points in [1.0, 2.0] {
        let revision = engine.store.attempt(id).await.unwrap().revision;
        let new = marking(author, mark("a", points), grade(points));
        let given = engine.store.mark_attempt(id, revision, new.clone());
        assert!(given.await.unwrap());
        let stale = engine.store.mark_attempt(id, revision, new);
        assert!(!stale.await.unwrap());
    }
    let whole = engine.store.whole_attempt(id).await.unwrap();
    let points: Vec<f64> = whole.marks.iter().map(|row| row.mark.points).collect();
    assert_eq!(points, [1.0, 2.0]);
    assert_eq!(whole.marks[1].mark, mark("a", 2.0));
    assert_eq!(
        (whole.marks[1].by, whole.marks[1].rescore),
        (Some(author), None)
    );
    assert_eq!(whole.row.grade, Some(grade(2.0)));
}

pub(crate) async fn attempts_are_listed_newest_first(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    let first = start(engine, ada, 1).await.id;
    finish(engine, first, 1.0).await;
    engine.clock.advance(Duration::from_secs(1));
    let second = start(engine, bob, 1).await.id;
    let list = |filter| async {
        let page = engine.store.attempts(filter, all()).await.unwrap();
        page.items.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let course = || AttemptFilter {
        course: Some("sample".into()),
        ..AttemptFilter::default()
    };
    assert_eq!(list(course()).await, [second, first]);
    let ended = AttemptFilter {
        ended: Some(true),
        quiz: Some("loops".into()),
        ..course()
    };
    assert_eq!(list(ended).await, [first]);
    let of_bob = AttemptFilter {
        user: Some(bob),
        ended: Some(false),
        ..course()
    };
    assert_eq!(list(of_bob).await, [second]);
    let waiting = AttemptFilter {
        needs_grading: true,
        ..course()
    };
    assert!(list(waiting).await.is_empty());
}

fn change(row: &AttemptRow, points: f64) -> NewChange {
    NewChange {
        attempt: row.id,
        revision: row.revision,
        points_before: row.grade.unwrap().points,
        after: grade(points),
        marks: vec![mark("a", points)],
    }
}

fn new_rescore(user: UserId) -> NewRescore {
    NewRescore {
        id: RescoreId::new(),
        course: "sample".into(),
        quiz: "loops".into(),
        course_version: "2".repeat(64),
        never_lower: true,
        user,
        attempts: 3,
    }
}

pub(crate) async fn a_rescore_counts_when_applied_and_only_where_nothing_else_changed(
    engine: &Engine,
) {
    let author = engine.user("tom").await;
    let mut rows = Vec::new();
    for name in ["ada", "bob"] {
        let user = engine.user(name).await;
        let id = start(engine, user, 1).await.id;
        finish(engine, id, 1.0).await;
        rows.push(engine.store.attempt(id).await.unwrap());
    }
    let changes = rows.iter().map(|row| change(row, 6.0)).collect();
    let row = engine.store.rescore(new_rescore(author), changes).await;
    let row = row.unwrap();
    assert_eq!((row.state, row.changed), (RescoreState::Preview, 2));
    let id = row.rescore.id;
    assert_eq!(engine.store.attempt(rows[0].id).await.unwrap(), rows[0]);
    let applied = engine.store.applied_rescores("sample", "loops").await;
    assert!(applied.unwrap().is_empty());
    // A person graded one of them in the meantime.
    let graded = engine.store.mark_attempt(
        rows[1].id,
        rows[1].revision,
        marking(author, mark("b", 3.0), grade(4.0)),
    );
    assert!(graded.await.unwrap());
    let store = &engine.store;
    assert!(store.begin_applying_rescore(id).await.unwrap());
    assert!(!store.begin_applying_rescore(id).await.unwrap(), "once");
    assert_eq!(store.applying_rescores().await.unwrap(), [id]);
    let begun = store.rescore_row(id).await.unwrap();
    assert_eq!(begun.state, RescoreState::Applying);
    assert_eq!(store.attempt(rows[0].id).await.unwrap(), rows[0]);
    let row = store.apply_rescore(id).await.unwrap();
    assert_eq!((row.state, row.skipped), (RescoreState::Applied, 1));
    assert_eq!(store.applying_rescores().await.unwrap(), []);
    assert!(!store.begin_applying_rescore(id).await.unwrap());
    let again = engine.store.apply_rescore(id).await.unwrap();
    assert_eq!(again, row, "once");
    let whole = engine.store.whole_attempt(rows[0].id).await.unwrap();
    assert_eq!(whole.row.grade, Some(grade(6.0)));
    assert_eq!(whole.marks[0].rescore, Some(id));
    let other = engine.store.attempt(rows[1].id).await.unwrap();
    assert_eq!(other.grade, Some(grade(4.0)));
    let told = engine.store.rescore_changes(id, all()).await.unwrap().items;
    let states: Vec<ChangeState> = told.iter().map(|row| row.state).collect();
    assert_eq!(states, [ChangeState::Skipped, ChangeState::Applied]);
    let applied = engine.store.applied_rescores("sample", "loops").await;
    assert_eq!(applied.unwrap(), std::slice::from_ref(&row));
    let list = engine.store.rescores("sample", all()).await.unwrap();
    assert_eq!(list.items, [row]);
}

pub(crate) async fn a_large_rescore_is_applied_in_batches(engine: &Engine) {
    let author = engine.user("tom").await;
    let mut changes = Vec::new();
    for number in 0..300 {
        let user = engine.user(&format!("learner-{number}")).await;
        let id = start(engine, user, 1).await.id;
        finish(engine, id, 1.0).await;
        changes.push(change(&engine.store.attempt(id).await.unwrap(), 2.0));
    }
    let id = engine.store.rescore(new_rescore(author), changes).await;
    let id = id.unwrap().rescore.id;
    let row = engine.store.apply_rescore(id).await.unwrap();
    assert_eq!(
        (row.state, row.changed, row.skipped),
        (RescoreState::Applied, 300, 0)
    );
}
