//! Webhooks: who is told, and what becomes of receivers that take nothing.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::id::{DeliveryId, UserId, WebhookId};
use carrel_store::Error;
use carrel_store::account::{Authority, Giver, Role};
use carrel_store::webhook::{
    DELIVERY_ATTEMPTS_MAX, Delivery, GIVEN_UP_MAX, Progress, Room, Sender, Undelivered, WebhookRow,
    WebhookState, host,
};
use jiff::Timestamp;

use super::{Engine, all, user_row};

pub(crate) fn webhook(user: UserId, course: Option<&str>) -> WebhookRow {
    WebhookRow {
        id: WebhookId::new(),
        user,
        course: course.map(Into::into),
        url: "https://receiver.example/".into(),
        secret: vec![1, 2, 3],
        disabled: false,
        created_at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
    }
}

pub(crate) async fn a_verdict_is_told_to_receivers(engine: &Engine) {
    let user = engine.user("ada").await;
    let of_course = webhook(user, Some("sample"));
    let of_all = webhook(user, None);
    let mut disabled = webhook(user, Some("sample"));
    disabled.disabled = true;
    for hook in [
        &of_course,
        &of_all,
        &disabled,
        &webhook(user, Some("other")),
    ] {
        engine.store.add_webhook(hook.clone()).await.unwrap();
    }
    let listed = engine
        .store
        .webhooks(Some("sample"), all())
        .await
        .unwrap()
        .items;
    assert_eq!(listed, [disabled, of_course.clone()]);
    let listed = engine.store.webhooks(None, all()).await.unwrap().items;
    assert_eq!(listed, std::slice::from_ref(&of_all));
    let id = engine.judged(user, Verdict::Accepted, 10.0).await;
    let due = engine
        .store
        .due_deliveries(Room::of(10, 10), 30_000)
        .await
        .unwrap();
    let mut told: Vec<_> = due.iter().map(|d| d.webhook.clone().unwrap().id).collect();
    told.sort();
    assert_eq!(told, [of_course.id, of_all.id]);
    let body: serde_json::Value = serde_json::from_str(&due[0].body).unwrap();
    assert_eq!(body["type"], "submission.finished");
    assert_eq!(body["data"]["submission"], id.to_string());
    assert_eq!(body["data"]["verdict"], "accepted");
    assert!(
        engine
            .store
            .due_deliveries(Room::of(10, 10), 30_000)
            .await
            .unwrap()
            .is_empty(),
        "held"
    );
    engine.store.delivered(due[0].id, Ok(())).await.unwrap();
    engine.clock.advance(Duration::from_secs(31));
    let rest = engine
        .store
        .due_deliveries(Room::of(10, 10), 30_000)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1, "whoever held it was lost: again");
    assert_eq!(rest[0].id, due[1].id, "the same id for every attempt");
    engine
        .store
        .remove_webhook(rest[0].webhook.clone().unwrap().id)
        .await
        .unwrap();
    engine.clock.advance(Duration::from_secs(31));
    assert!(
        engine
            .store
            .due_deliveries(Room::of(10, 10), 30_000)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn a_delivery_is_tried_with_growing_pauses_then_given_up(engine: &Engine) {
    let delivery = Delivery {
        id: DeliveryId::new(),
        webhook: None,
        url: "http://127.0.0.1:9/".into(),
        method: "PUT".into(),
        body: "{}".into(),
        attempts: 0,
    };
    engine.store.add_delivery(delivery.clone()).await.unwrap();
    for attempt in 0..DELIVERY_ATTEMPTS_MAX {
        let due = engine
            .store
            .due_deliveries(Room::of(10, 10), 1_000)
            .await
            .unwrap();
        assert_eq!(due.len(), 1, "attempt {attempt}");
        assert_eq!(due[0].attempts, attempt);
        engine
            .store
            .delivered(due[0].id, Err(refused()))
            .await
            .unwrap();
        assert!(
            engine
                .store
                .due_deliveries(Room::of(10, 10), 1_000)
                .await
                .unwrap()
                .is_empty()
        );
        engine.clock.advance(Duration::from_secs(30 * 3_600));
    }
    assert!(
        engine
            .store
            .due_deliveries(Room::of(10, 10), 1_000)
            .await
            .unwrap()
            .is_empty()
    );
    let error = engine
        .store
        .delivered(delivery.id, Ok(()))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

fn refused() -> Undelivered {
    Undelivered {
        reason: "connection refused".into(),
        gone: false,
    }
}

/// Tries everything that is due, without success, until nothing is any more.
async fn fail_all(engine: &Engine) -> bool {
    let mut disabled = false;
    for _ in 0..DELIVERY_ATTEMPTS_MAX {
        for delivery in engine
            .store
            .due_deliveries(Room::of(100, 100), 1_000)
            .await
            .unwrap()
        {
            let failed = Err(refused());
            let noted = engine.store.delivered(delivery.id, failed).await.unwrap();
            disabled |= noted.disabled;
        }
        engine.clock.advance(Duration::from_secs(30 * 3_600));
    }
    disabled
}

const YEAR_MS: u64 = 365 * 24 * 3_600_000;

pub(crate) async fn a_receiver_that_takes_nothing_is_disabled(engine: &Engine) {
    let user = engine.user("ada").await;
    let hook = webhook(user, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    let state = async || engine.store.webhook_state(hook.id).await.unwrap();
    assert_eq!(state().await, WebhookState::default());
    for _ in 1..GIVEN_UP_MAX {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    assert!(!fail_all(engine).await);
    let told = state().await;
    assert_eq!((told.waiting, told.given_up), (0, 9));
    let last = told.last.unwrap();
    assert_eq!(
        (last.progress, last.attempts, last.error.as_deref()),
        (
            Progress::GivenUp,
            DELIVERY_ATTEMPTS_MAX,
            Some("connection refused")
        )
    );
    // One that is taken begins the count anew.
    engine.judged(user, Verdict::Accepted, 10.0).await;
    let due = engine
        .store
        .due_deliveries(Room::of(10, 10), 1_000)
        .await
        .unwrap();
    let noted = engine.store.delivered(due[0].id, Ok(())).await.unwrap();
    assert_eq!(noted.progress, Progress::Delivered);
    assert_eq!(state().await.last.unwrap().progress, Progress::Delivered);
    for _ in 0..GIVEN_UP_MAX {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    assert!(fail_all(engine).await, "told when it happens");
    let listed = engine.store.webhooks(Some("sample"), all()).await.unwrap();
    assert!(listed.items[0].disabled);
    engine.judged(user, Verdict::Accepted, 10.0).await;
    assert_eq!(state().await.waiting, 0, "nothing more is sent");

    let missed = u64::from(2 * GIVEN_UP_MAX - 1);
    let enable = async |id| engine.store.enable_webhook(id, YEAR_MS).await;
    assert_eq!(enable(hook.id).await.unwrap(), missed);
    let listed = engine.store.webhooks(Some("sample"), all()).await.unwrap();
    assert!(!listed.items[0].disabled);
    let told = state().await;
    assert_eq!((told.waiting, told.given_up), (missed, 0), "what it missed");
    let due = engine
        .store
        .due_deliveries(Room::of(100, 100), 1_000)
        .await
        .unwrap();
    assert_eq!(due.len() as u64, missed, "at once");
    assert!(due.iter().all(|delivery| delivery.attempts == 0));
    for delivery in due {
        engine.store.delivered(delivery.id, Ok(())).await.unwrap();
    }
    assert_eq!(enable(hook.id).await.unwrap(), 0);
    assert_eq!(state().await.waiting, 0, "nothing is sent twice");
    let nobody = enable(WebhookId::new()).await;
    assert!(matches!(nobody, Err(Error::Missing { .. })), "{nobody:?}");
}

pub(crate) async fn a_mended_receiver_gets_what_was_given_up_lately(engine: &Engine) {
    let user = engine.user("ada").await;
    let hook = webhook(user, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    let send = async |count| {
        for _ in 0..count {
            engine.judged(user, Verdict::Accepted, 10.0).await;
        }
    };
    let enable = async |resend_ms| {
        let enabled = engine.store.enable_webhook(hook.id, resend_ms).await;
        enabled.unwrap()
    };
    let state = async || engine.store.webhook_state(hook.id).await.unwrap();
    // Nine were given up a month ago; the tenth, that disabled it, an hour ago.
    send(GIVEN_UP_MAX - 1).await;
    assert!(!fail_all(engine).await);
    engine.clock.advance(Duration::from_secs(20 * 24 * 3_600));
    send(1).await;
    assert!(fail_all(engine).await);
    // The last attempt of `fail_all` is thirty hours ago.
    assert_eq!(enable(3 * 24 * 3_600_000).await, 1);
    let told = state().await;
    assert_eq!((told.waiting, told.given_up), (1, 9), "the old ones stay");
    // Nor do they count: it takes ten failures again to disable it.
    assert!(!fail_all(engine).await);
    send(GIVEN_UP_MAX - 1).await;
    assert!(fail_all(engine).await);
    // Whoever wants nothing of it gets nothing, and is disabled for new failures only.
    assert_eq!(enable(0).await, 0);
    assert_eq!(state().await.waiting, 0);
    send(GIVEN_UP_MAX - 1).await;
    assert!(!fail_all(engine).await);
    assert_eq!(enable(YEAR_MS).await, 0, "it is not disabled");
}

pub(crate) async fn a_receiver_that_is_gone_is_disabled_at_once(engine: &Engine) {
    let user = engine.user("ada").await;
    let hook = webhook(user, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    for _ in 0..3 {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    let due = engine
        .store
        .due_deliveries(Room::of(10, 10), 1_000)
        .await
        .unwrap();
    assert_eq!(due.len(), 3);
    let gone = Undelivered {
        reason: "the receiver answered 410 Gone".into(),
        gone: true,
    };
    let noted = engine.store.delivered(due[0].id, Err(gone)).await.unwrap();
    assert_eq!((noted.progress, noted.disabled), (Progress::GivenUp, true));
    let state = engine.store.webhook_state(hook.id).await.unwrap();
    assert_eq!((state.waiting, state.given_up), (0, 3));
}

pub(crate) async fn receivers_of_a_course_outlive_their_author(engine: &Engine) {
    let (ann, bob) = (engine.user("ann").await, engine.user("bob").await);
    let mut root = user_row("root");
    root.operator = true;
    let root_id = root.id;
    engine.store.add_user(root, Authority::Host).await.unwrap();
    for author in [ann, bob] {
        let role = Some(Role::Author);
        engine
            .store
            .set_role(author, "sample", role, Giver::Host)
            .await
            .unwrap();
    }
    let hook = webhook(ann, Some("sample"));
    engine.store.add_webhook(hook.clone()).await.unwrap();
    let owner = async || {
        let listed = engine.store.webhooks(Some("sample"), all()).await.unwrap();
        listed
            .items
            .into_iter()
            .map(|hook| hook.user)
            .collect::<Vec<_>>()
    };
    engine
        .store
        .delete_user(ann, Authority::Host)
        .await
        .unwrap();
    assert_eq!(owner().await, [bob], "another author");
    engine
        .store
        .delete_user(bob, Authority::Host)
        .await
        .unwrap();
    assert_eq!(owner().await, [root_id], "else an operator");
}

pub(crate) async fn what_goes_to_a_busy_host_is_passed_over(engine: &Engine) {
    let user = engine.user("ada").await;
    for url in ["https://slow.example/a", "https://quick.example/"] {
        let hook = WebhookRow {
            url: url.to_owned(),
            ..webhook(user, Some("sample"))
        };
        engine.store.add_webhook(hook).await.unwrap();
    }
    for _ in 0..5 {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    let mut room = Room::of(16, 3);
    assert!(room.take(Sender::Callback, "https://slow.example/"));
    let take = async |room: &Room| {
        let due = engine.store.due_deliveries(room.clone(), 60_000).await;
        let due = due.unwrap().into_iter().map(|delivery| host(&delivery.url));
        due.fold([0, 0], |[slow, quick], host| match host.as_str() {
            "slow.example" => [slow + 1, quick],
            _ => [slow, quick + 1],
        })
    };
    assert_eq!(take(&room).await, [2, 3]);
    for _ in 0..2 {
        assert!(room.take(Sender::Webhook, "https://slow.example/a"));
    }
    // Those that are longest due go to the host whose places are taken.
    assert_eq!(take(&room).await, [0, 2]);
    assert_eq!(take(&Room::of(2, 16)).await, [2, 0]);
    assert_eq!(take(&Room::of(16, 16)).await, [1, 0], "the others are held");
}
