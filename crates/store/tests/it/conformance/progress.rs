//! How far people are, and what they have beyond the others.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_store::PageRequest;
use carrel_store::account::{Authority, Giver, Role};
use carrel_store::progress::{DoneRow, NewAccommodation, SeenRow};
use carrel_store::upkeep::Retention;
use serde_json::json;

use super::Engine;
use super::attempts::{end, mark, marking, response, start};

pub(crate) async fn progress_tells_lessons_attempts_and_challenges(engine: &Engine) {
    let user = engine.user("ada").await;
    let store = &engine.store;
    let seen_at = engine.clock.now();
    store.see_lesson(user, "sample", "intro").await.unwrap();
    let first = engine.judged(user, Verdict::WrongAnswer, 4.0).await;
    engine.clock.advance(Duration::from_secs(9));
    store.see_lesson(user, "sample", "intro").await.unwrap();
    let right = engine.judged(user, Verdict::Accepted, 10.0).await;
    let running = start(engine, user, 1).await.id;
    let progress = store.progress(user, "sample").await.unwrap();
    assert_eq!(progress.lessons, [("intro".to_owned(), seen_at)]);
    assert!(progress.attempts.is_empty(), "it goes on");
    let challenge = &progress.challenges[0];
    assert_eq!(
        (
            challenge.points,
            challenge.points_max,
            challenge.submissions
        ),
        (10.0, 10.0, 2)
    );
    let right = store.submission(right).await.unwrap();
    assert_eq!(challenge.passed_at, Some(right.created_at));
    engine.clock.advance(Duration::from_secs(9));
    engine.judged(user, Verdict::Accepted, 10.0).await;
    engine.judged(user, Verdict::WrongAnswer, 6.0).await;
    let again = store.progress(user, "sample").await.unwrap();
    let again = &again.challenges[0];
    assert_eq!(again.submissions, 4);
    // What was sent later has to be better to count.
    assert_eq!(
        (again.counted_at, &again.counted_version),
        (right.created_at, &right.sent_version)
    );
    assert!(again.counted_version.is_some());
    assert!(store.submission(first).await.unwrap().created_at < right.created_at);
    let revision = store.attempt(running).await.unwrap().revision;
    assert!(
        store
            .end_attempt(running, revision, end(engine, 7.0))
            .await
            .unwrap()
    );
    let progress = store.progress(user, "sample").await.unwrap();
    assert_eq!(progress.attempts[0].id, running);
    let elsewhere = store.progress(user, "other").await.unwrap();
    assert_eq!(elsewhere, carrel_store::progress::ProgressRow::default());
}

pub(crate) async fn lessons_seen_by_learners_are_told_in_pages(engine: &Engine) {
    let store = &engine.store;
    let mut learners = [engine.user("ann").await, engine.user("bob").await];
    learners.sort();
    let (ada, olga) = (engine.user("ada").await, engine.operator("olga").await);
    let author = Some(Role::Author);
    store
        .set_role(ada, "sample", author, Giver::Host)
        .await
        .unwrap();
    let at = engine.clock.now();
    for user in [learners[1], ada, olga, learners[0]] {
        for lesson in ["next", "intro"] {
            store.see_lesson(user, "sample", lesson).await.unwrap();
        }
        store.see_lesson(user, "other", "intro").await.unwrap();
    }
    let mut told = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { after, limit: 3 };
        let page = store.lessons_seen("sample", request).await.unwrap();
        told.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected = learners.into_iter().flat_map(|user| {
        ["intro", "next"].map(|lesson| SeenRow {
            user,
            lesson: lesson.into(),
            at,
        })
    });
    assert_eq!(told, expected.collect::<Vec<_>>());
}

pub(crate) async fn projects_are_done_once_and_told_in_pages(engine: &Engine) {
    let store = &engine.store;
    let mut learners = [engine.user("ann").await, engine.user("bob").await];
    learners.sort();
    let ada = engine.user("ada").await;
    let author = Some(Role::Author);
    store
        .set_role(ada, "sample", author, Giver::Host)
        .await
        .unwrap();
    let at = engine.clock.now();
    for user in [learners[1], ada, learners[0]] {
        store.finish_project(user, "sample", "page").await.unwrap();
        store.finish_project(user, "other", "page").await.unwrap();
    }
    engine.clock.advance(Duration::from_secs(9));
    store
        .finish_project(learners[0], "sample", "page")
        .await
        .unwrap();
    // A lesson of the same id is another thing.
    let progress = store.progress(learners[0], "sample").await.unwrap();
    assert_eq!(progress.projects, [("page".to_owned(), at)]);
    assert!(progress.lessons.is_empty());
    let first = PageRequest {
        after: None,
        limit: 1,
    };
    let first = store.projects_done("sample", first).await.unwrap();
    let second = PageRequest {
        after: first.next,
        limit: 1,
    };
    let second = store.projects_done("sample", second).await.unwrap();
    assert!(second.next.is_none());
    let expected = learners.map(|user| DoneRow {
        user,
        project: "page".into(),
        at,
    });
    assert_eq!([first.items, second.items].concat(), expected);
    let nobody = carrel_model::id::UserId::new();
    let refused = store.finish_project(nobody, "sample", "page").await;
    assert!(matches!(refused, Err(carrel_store::Error::Missing { .. })));
}

pub(crate) async fn accommodations_are_given_taken_and_copied(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    let author = engine.user("tom").await;
    let store = &engine.store;
    for user in [ada, bob] {
        store
            .set_role(user, "next", Some(Role::Learner), Giver::Host)
            .await
            .unwrap();
    }
    let give = |user, course: &str, quiz: Option<&str>, factor: Option<f64>| {
        let new = NewAccommodation {
            user,
            course: String::from(course),
            quiz: quiz.map(String::from),
            document: factor.map(|factor| json!({"time_factor": factor})),
            by: author,
        };
        store.set_accommodation(new)
    };
    give(ada, "sample", None, Some(1.5)).await.unwrap();
    give(ada, "sample", None, Some(2.0)).await.unwrap();
    give(ada, "sample", Some("loops"), Some(3.0)).await.unwrap();
    give(bob, "sample", None, Some(1.25)).await.unwrap();
    give(bob, "next", None, Some(4.0)).await.unwrap();
    let of_ada = store.accommodations_of(ada, "sample").await.unwrap();
    assert_eq!((of_ada[0].quiz.as_deref(), of_ada.len()), (None, 2));
    assert_eq!(of_ada[0].document, json!({"time_factor": 2.0}));
    assert_eq!(of_ada[0].changed_by, Some(author));
    assert_eq!(of_ada[1].quiz.as_deref(), Some("loops"));
    assert_eq!(store.accommodations("sample").await.unwrap().len(), 3);
    // Who has something there already keeps it.
    let copied = store.copy_accommodations("sample", "next", author).await;
    assert_eq!(copied.unwrap(), 1);
    let copied = store.accommodations_of(ada, "next").await.unwrap();
    assert_eq!((copied.len(), &copied[0].quiz), (1, &None));
    let kept = store.accommodations_of(bob, "next").await.unwrap();
    assert_eq!(kept[0].document, json!({"time_factor": 4.0}));
    give(ada, "sample", None, None).await.unwrap();
    let left = store.accommodations_of(ada, "sample").await.unwrap();
    assert_eq!(left.len(), 1);
}

pub(crate) async fn answers_expire_grades_stay(engine: &Engine) {
    let user = engine.user("ada").await;
    let store = &engine.store;
    let old = start(engine, user, 1).await.id;
    store
        .keep_response(old, response("a", 1, 0, "x"))
        .await
        .unwrap();
    assert!(store.end_attempt(old, 2, end(engine, 7.0)).await.unwrap());
    engine.clock.advance(Duration::from_secs(40 * 24 * 3_600));
    let going_on = start(engine, user, 2).await.id;
    let retention = Retention {
        attempts_days: Some(30),
        ..Retention::default()
    };
    let (expired, more) = store.expire(retention).await.unwrap();
    assert_eq!((expired.attempts, more), (1, false));
    let row = store.attempt(old).await.unwrap();
    assert!(row.answers_gone && row.grade.unwrap().points == 7.0);
    let gone = store.whole_attempt(old).await.unwrap_err();
    assert!(matches!(gone, carrel_store::Error::State { .. }), "{gone}");
    assert!(store.whole_attempt(going_on).await.is_ok());
    let (again, _) = store.expire(retention).await.unwrap();
    assert_eq!(again.attempts, 0);
}

pub(crate) async fn answers_that_nobody_has_graded_do_not_expire(engine: &Engine) {
    let user = engine.user("ada").await;
    let store = &engine.store;
    let essay = start(engine, user, 1).await.id;
    let written = response("a", 1, 0, "much");
    store.keep_response(essay, written).await.unwrap();
    let mut ended = end(engine, 0.0);
    ended.grade.needs_grading = true;
    assert!(store.end_attempt(essay, 2, ended).await.unwrap());
    engine.clock.advance(Duration::from_secs(40 * 24 * 3_600));
    let retention = Retention {
        attempts_days: Some(30),
        ..Retention::default()
    };
    let (expired, _) = store.expire(retention).await.unwrap();
    assert_eq!(expired.attempts, 0);
    assert!(store.whole_attempt(essay).await.is_ok());
    let mut grade = store.attempt(essay).await.unwrap().grade.unwrap();
    grade.needs_grading = false;
    let marked = store.mark_attempt(essay, 3, marking(user, mark("a", 2.0), grade));
    assert!(marked.await.unwrap());
    let (expired, _) = store.expire(retention).await.unwrap();
    assert_eq!(expired.attempts, 1, "now they may go");
}

pub(crate) async fn attempts_are_exported_and_removed_with_their_person(engine: &Engine) {
    let (ada, tom) = (engine.user("ada").await, engine.user("tom").await);
    let store = &engine.store;
    let id = start(engine, ada, 1).await.id;
    store
        .keep_response(id, response("a", 1, 0, "mine"))
        .await
        .unwrap();
    assert!(store.end_attempt(id, 2, end(engine, 7.0)).await.unwrap());
    let grade = store.attempt(id).await.unwrap().grade.unwrap();
    let marked = store.mark_attempt(id, 3, marking(tom, mark("a", 2.0), grade));
    assert!(marked.await.unwrap());
    store.see_lesson(ada, "sample", "intro").await.unwrap();
    store.finish_project(ada, "sample", "page").await.unwrap();
    let opened = store.open_challenge(ada, "sample", "two-fer");
    opened.await.unwrap();
    let new = NewAccommodation {
        user: ada,
        course: "sample".into(),
        quiz: None,
        document: Some(json!({"time_factor": 2.0})),
        by: tom,
    };
    store.set_accommodation(new).await.unwrap();
    let export = engine.export(ada).await;
    let attempt = &export["attempts"][0];
    assert_eq!(attempt["responses"][0]["response"]["answer"], "mine");
    assert_eq!(attempt["marks"][0]["points"], 2.0);
    assert_eq!(export["lessons_seen"][0]["lesson"], "intro");
    assert_eq!(export["projects_done"][0]["project"], "page");
    assert_eq!(export["challenges_opened"][0]["challenge"], "two-fer");
    assert_eq!(export["accommodations"][0]["given"]["time_factor"], 2.0);
    // The one who graded goes first: what they gave stays.
    store.delete_user(tom, Authority::Host).await.unwrap();
    let whole = store.whole_attempt(id).await.unwrap();
    assert_eq!((whole.marks[0].by, whole.marks[0].mark.points), (None, 2.0));
    let kept = store.accommodations("sample").await.unwrap();
    assert_eq!(kept[0].changed_by, None);
    store.delete_user(ada, Authority::Host).await.unwrap();
    let gone = store.attempt(id).await.unwrap_err();
    assert!(
        matches!(gone, carrel_store::Error::Missing { .. }),
        "{gone}"
    );
    assert!(store.accommodations("sample").await.unwrap().is_empty());
    assert!(store.overdue_attempts(None, 10).await.unwrap().is_empty());
}
