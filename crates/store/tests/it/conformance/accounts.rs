//! People, sessions, tokens, roles.

use std::collections::BTreeSet;
use std::time::Duration;

use carrel_model::id::{TokenId, UserId};
use carrel_store::account::{Authority, Credential, Scope, SessionRow, TokenRow, UserUpdate};
use carrel_store::{Error, PageRequest};
use jiff::Timestamp;

use super::{Engine, all, user_row};

pub(crate) async fn a_user_is_kept_as_given(engine: &Engine) {
    let mut user = user_row("Ada");
    user.subject = Some(("https://id.example".into(), "42".into()));
    user.operator = true;
    engine
        .store
        .add_user(user.clone(), Authority::Host)
        .await
        .unwrap();
    assert_eq!(engine.store.user(user.id).await.unwrap(), user);
    assert_eq!(
        engine.store.user_by_name("aDA").await.unwrap(),
        Some(user.clone())
    );
    assert_eq!(engine.store.user_by_name("bob").await.unwrap(), None);
    assert_eq!(
        engine
            .store
            .user_by_subject("https://id.example", "42")
            .await
            .unwrap(),
        Some(user.clone())
    );
    let error = engine.store.user(UserId::new()).await.unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

/// What changes nothing.
fn unchanged() -> UserUpdate {
    UserUpdate::default()
}

pub(crate) async fn a_change_leaves_alone_what_it_does_not_name(engine: &Engine) {
    let store = &engine.store;
    let old = user_row("ada");
    store.add_user(old.clone(), Authority::Host).await.unwrap();
    let changes = [
        UserUpdate {
            display_name: Some("Ada L.".into()),
            ..unchanged()
        },
        UserUpdate {
            email: Some(Some("ada@b.example".into())),
            ..unchanged()
        },
        UserUpdate {
            operator: Some(true),
            subject: Some(("https://id.example".into(), "42".into())),
            ..unchanged()
        },
    ];
    for change in changes {
        let (was, is) = store
            .change_user(old.id, change, Authority::Own)
            .await
            .unwrap();
        assert_ne!(was, is);
        assert_eq!(store.user(old.id).await.unwrap(), is);
    }
    let by = Authority::Host;
    store.set_password(old.id, "new".into(), by).await.unwrap();
    let mut expected = old.clone();
    expected.display_name = "Ada L.".into();
    expected.email = Some("ada@b.example".into());
    expected.operator = true;
    expected.subject = Some(("https://id.example".into(), "42".into()));
    expected.password_hash = Some("new".into());
    assert_eq!(store.user(old.id).await.unwrap(), expected);
    let nobody = store.change_user(UserId::new(), unchanged(), by).await;
    assert!(matches!(nobody, Err(Error::Missing { .. })), "{nobody:?}");
}

pub(crate) async fn a_power_that_is_gone_changes_nobody(engine: &Engine) {
    let store = &engine.store;
    let (ada, root) = (engine.user("ada").await, engine.user("root").await);
    let by_root = Authority::Operator(root);
    let make = |operator| UserUpdate {
        operator: Some(operator),
        ..unchanged()
    };
    let refused = store.change_user(ada, make(true), by_root).await;
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    let refused = store.set_password(ada, "x".into(), by_root).await;
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    let refused = store.add_user(user_row("eve"), by_root).await;
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    assert_eq!(store.user_by_name("eve").await.unwrap(), None);
    let token = token(ada, 1);
    let id = token.id;
    store.add_token(token, Credential::Host).await.unwrap();
    let refused = store.revoke_token(id, by_root).await;
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    assert!(store.token([1; 32]).await.unwrap().is_some());
    let refused = store.delete_user(ada, by_root).await;
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    assert_eq!(store.deletions().await.unwrap(), []);
    let host = Authority::Host;
    store.change_user(root, make(true), host).await.unwrap();
    store.change_user(ada, make(true), by_root).await.unwrap();
    let disabled = UserUpdate {
        disabled: Some(true),
        ..unchanged()
    };
    let by_ada = Authority::Operator(ada);
    store.change_user(root, disabled, by_ada).await.unwrap();
    let refused = store.change_user(ada, make(false), by_root).await;
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    let refused = store.change_user(root, unchanged(), Authority::Own).await;
    assert!(matches!(refused, Err(Error::State { .. })), "{refused:?}");
    let refused = store.change_user(ada, make(false), by_ada).await;
    assert!(refused.unwrap_err().to_string().contains("last operator"));
    let refused = store.delete_user(ada, Authority::Host).await;
    assert!(refused.unwrap_err().to_string().contains("last operator"));
    assert!(store.user(ada).await.unwrap().operator);
    store.revoke_token(id, by_ada).await.unwrap();
}

pub(crate) async fn a_password_is_replaced_only_where_it_is_the_one(engine: &Engine) {
    let store = &engine.store;
    let ada = engine.user("ada").await;
    let kept = store.user(ada).await.unwrap().password_hash;
    let replace = |kept: Option<String>, hash: &str| store.replace_password(ada, kept, hash.into());
    assert!(replace(kept.clone(), "second").await.unwrap());
    assert!(!replace(kept, "third").await.unwrap());
    let second = Some("second".to_owned());
    assert_eq!(store.user(ada).await.unwrap().password_hash, second);
    let disabled = UserUpdate {
        disabled: Some(true),
        ..unchanged()
    };
    let by = Authority::Host;
    store.change_user(ada, disabled, by).await.unwrap();
    assert!(!replace(second.clone(), "third").await.unwrap());
    assert_eq!(store.user(ada).await.unwrap().password_hash, second);
}

pub(crate) async fn names_are_unique_without_case(engine: &Engine) {
    engine.user("Äda").await;
    let error = engine
        .store
        .add_user(user_row("äDA"), Authority::Host)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Exists { .. }), "{error}");
    let (bob, carl) = (engine.user("bob").await, engine.user("carl").await);
    let linked = || UserUpdate {
        subject: Some(("https://id.example".into(), "42".into())),
        ..unchanged()
    };
    let link = |id| engine.store.change_user(id, linked(), Authority::Host);
    link(bob).await.unwrap();
    let error = link(carl).await.unwrap_err();
    assert!(matches!(error, Error::Exists { .. }), "{error}");
    assert_eq!(engine.store.user(carl).await.unwrap().subject, None);
}

pub(crate) async fn users_are_listed_by_name(engine: &Engine) {
    for name in ["carl", "Ada", "bob"] {
        engine.user(name).await;
    }
    let first = engine
        .store
        .users(PageRequest {
            after: None,
            limit: 2,
        })
        .await
        .unwrap();
    let names: Vec<_> = first.items.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["Ada", "bob"]);
    let rest = engine
        .store
        .users(PageRequest {
            after: first.next,
            limit: 2,
        })
        .await
        .unwrap();
    assert_eq!(rest.items[0].name, "carl");
    assert_eq!(rest.next, None);
}

fn session(engine: &Engine, user: UserId, secret: u8) -> SessionRow {
    let now = engine.clock.now();
    SessionRow {
        secret_hash: [secret; 32],
        user,
        created_at: now,
        expires_at: Timestamp::from_second(now.as_second() + 3_600).unwrap(),
        seen_at: now,
    }
}

/// Keeps a session, begun with the password that the person has.
async fn keep(engine: &Engine, session: SessionRow) {
    let kept = engine.store.user(session.user).await.unwrap();
    let kept = engine.store.add_session(session, kept.password_hash).await;
    assert!(kept.unwrap());
}

pub(crate) async fn a_session_begins_with_the_password_that_is_kept(engine: &Engine) {
    let store = &engine.store;
    let ada = engine.user("ada").await;
    let checked = store.user(ada).await.unwrap().password_hash;
    // Between the look at a password and the session it is reset.
    let by = Authority::Host;
    store.set_password(ada, "reset".into(), by).await.unwrap();
    let begun = store.add_session(session(engine, ada, 1), checked).await;
    assert!(!begun.unwrap());
    assert_eq!(store.session([1; 32]).await.unwrap(), None);
    let reset = Some("reset".to_owned());
    let disable = |disabled| {
        let update = UserUpdate {
            disabled: Some(disabled),
            ..unchanged()
        };
        store.change_user(ada, update, Authority::Host)
    };
    disable(true).await.unwrap();
    let begun = store.add_session(session(engine, ada, 2), reset.clone());
    assert!(!begun.await.unwrap());
    disable(false).await.unwrap();
    let begun = store.add_session(session(engine, ada, 3), reset).await;
    assert!(begun.unwrap());
    assert_eq!(store.session([2; 32]).await.unwrap(), None);
    assert!(store.session([3; 32]).await.unwrap().is_some());
}

pub(crate) async fn a_session_lasts_until_its_end(engine: &Engine) {
    let user = engine.user("ada").await;
    let session = session(engine, user, 1);
    keep(engine, session.clone()).await;
    let (kept, person) = engine.store.session([1; 32]).await.unwrap().unwrap();
    assert_eq!((kept, person.id), (session, user));
    assert_eq!(engine.store.session([2; 32]).await.unwrap(), None);
    engine.clock.advance(Duration::from_secs(3_601));
    assert_eq!(engine.store.session([1; 32]).await.unwrap(), None);
}

pub(crate) async fn the_use_of_a_session_is_noted(engine: &Engine) {
    let user = engine.user("ada").await;
    keep(engine, session(engine, user, 1)).await;
    engine.clock.advance(Duration::from_secs(120));
    engine.store.session([1; 32]).await.unwrap().unwrap();
    // The note is a write of its own; a later write comes after it.
    engine.store.check().await.unwrap();
    let (kept, _) = engine.store.session([1; 32]).await.unwrap().unwrap();
    assert_eq!(kept.seen_at, engine.clock.now());
}

pub(crate) async fn sessions_end(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    for (secret, user) in [(1, ada), (2, ada), (3, ada), (4, bob)] {
        keep(engine, session(engine, user, secret)).await;
    }
    engine.store.end_session([1; 32]).await.unwrap();
    assert_eq!(engine.store.session([1; 32]).await.unwrap(), None);
    assert!(engine.store.session([2; 32]).await.unwrap().is_some());
    engine.store.end_sessions(ada).await.unwrap();
    assert_eq!(engine.store.session([3; 32]).await.unwrap(), None);
    assert!(engine.store.session([4; 32]).await.unwrap().is_some());
}

pub(crate) async fn who_is_disabled_is_signed_in_nowhere(engine: &Engine) {
    let user = engine.user("ada").await;
    keep(engine, session(engine, user, 1)).await;
    engine
        .store
        .add_token(token(user, 1), Credential::Host)
        .await
        .unwrap();
    let disabled = UserUpdate {
        disabled: Some(true),
        ..unchanged()
    };
    let changed = engine.store.change_user(user, disabled, Authority::Host);
    changed.await.unwrap();
    assert_eq!(engine.store.session([1; 32]).await.unwrap(), None);
    assert_eq!(engine.store.token([1; 32]).await.unwrap(), None);
}

fn token(user: UserId, secret: u8) -> TokenRow {
    TokenRow {
        id: TokenId::new(),
        secret_hash: [secret; 32],
        user,
        name: "ci".into(),
        scopes: BTreeSet::from([Scope::Read, Scope::Submit]),
        course: Some("sample".into()),
        expires_at: None,
        created_at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        used_at: None,
        revoked_at: None,
    }
}

pub(crate) async fn a_token_works_until_it_is_revoked(engine: &Engine) {
    let user = engine.user("ada").await;
    let token = token(user, 1);
    engine
        .store
        .add_token(token.clone(), Credential::Host)
        .await
        .unwrap();
    let (kept, person) = engine.store.token([1; 32]).await.unwrap().unwrap();
    assert_eq!((kept, person.id), (token.clone(), user));
    engine.store.check().await.unwrap();
    let (kept, _) = engine.store.token([1; 32]).await.unwrap().unwrap();
    assert_eq!(kept.used_at, Some(engine.clock.now()), "its use is noted");
    engine
        .store
        .revoke_token(token.id, Authority::Host)
        .await
        .unwrap();
    assert_eq!(engine.store.token([1; 32]).await.unwrap(), None);
    let error = engine
        .store
        .revoke_token(TokenId::new(), Authority::Host)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    let listed = engine.store.tokens(Some(user), all()).await.unwrap().items;
    assert_eq!(listed[0].revoked_at, Some(engine.clock.now()));
}

pub(crate) async fn a_token_is_made_through_what_still_counts(engine: &Engine) {
    let store = &engine.store;
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    keep(engine, session(engine, ada, 1)).await;
    keep(engine, session(engine, bob, 2)).await;
    let make = async |secret, through| {
        let made = store.add_token(token(ada, secret), through).await;
        assert!(
            matches!(made, Ok(()) | Err(Error::State { .. })),
            "{made:?}"
        );
        let found = store.token([secret; 32]).await.unwrap();
        assert_eq!(made.is_ok(), found.is_some());
        made.is_ok()
    };
    assert!(make(10, Credential::Session([1; 32])).await);
    // Of nobody, of another.
    assert!(!make(11, Credential::Session([9; 32])).await);
    assert!(!make(12, Credential::Session([2; 32])).await);
    store.end_sessions(ada).await.unwrap();
    assert!(!make(13, Credential::Session([1; 32])).await);
    let first = store.tokens(Some(ada), all()).await.unwrap().items[0].id;
    assert!(make(14, Credential::Token(first)).await);
    store.revoke_token(first, Authority::Own).await.unwrap();
    assert!(!make(15, Credential::Token(first)).await);
    keep(engine, session(engine, ada, 3)).await;
    engine.clock.advance(Duration::from_secs(3_601));
    assert!(!make(16, Credential::Session([3; 32])).await);
    let second = store.tokens(Some(ada), all()).await.unwrap().items[0].id;
    let disabled = UserUpdate {
        disabled: Some(true),
        ..unchanged()
    };
    let disabled = store.change_user(ada, disabled, Authority::Host);
    disabled.await.unwrap();
    assert!(!make(17, Credential::Token(second)).await);
}

pub(crate) async fn a_token_runs_out(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut token = token(user, 1);
    let end = engine.clock.now().as_second() + 60;
    token.expires_at = Some(Timestamp::from_second(end).unwrap());
    engine
        .store
        .add_token(token, Credential::Host)
        .await
        .unwrap();
    assert!(engine.store.token([1; 32]).await.unwrap().is_some());
    engine.clock.advance(Duration::from_secs(61));
    assert_eq!(engine.store.token([1; 32]).await.unwrap(), None);
}

pub(crate) async fn tokens_are_listed_newest_first(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    let mut ids = Vec::new();
    for (secret, user) in [(1, ada), (2, bob), (3, ada)] {
        let token = token(user, secret);
        ids.push(token.id);
        engine
            .store
            .add_token(token, Credential::Host)
            .await
            .unwrap();
    }
    let of = async |user| -> Vec<TokenId> {
        let page = engine.store.tokens(user, all()).await.unwrap();
        page.items.iter().map(|token| token.id).collect()
    };
    assert_eq!(of(None).await, [ids[2], ids[1], ids[0]]);
    assert_eq!(of(Some(ada)).await, [ids[2], ids[0]]);
}
