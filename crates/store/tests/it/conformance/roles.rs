//! Roles in courses, and who may give and take them.

use carrel_model::id::UserId;
use carrel_store::Error;
use carrel_store::account::{Authority, Giver, Role, UserUpdate};

use super::{Engine, all};

pub(crate) async fn roles_are_given_and_taken(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    engine
        .store
        .set_role(ada, "sample", Some(Role::Learner), Giver::Host)
        .await
        .unwrap();
    engine
        .store
        .set_role(ada, "sample", Some(Role::Author), Giver::Host)
        .await
        .unwrap();
    engine
        .store
        .set_role(bob, "sample", Some(Role::Learner), Giver::Host)
        .await
        .unwrap();
    engine
        .store
        .set_role(ada, "other", Some(Role::Learner), Giver::Host)
        .await
        .unwrap();
    assert_eq!(
        engine.store.roles(ada).await.unwrap(),
        [
            ("other".into(), Role::Learner),
            ("sample".into(), Role::Author)
        ]
    );
    let members = engine.store.members("sample", all()).await.unwrap().items;
    let told: Vec<_> = members
        .iter()
        .map(|(user, role)| (user.name.as_str(), *role))
        .collect();
    assert_eq!(told, [("ada", Role::Author), ("bob", Role::Learner)]);
    engine
        .store
        .set_role(ada, "sample", None, Giver::Host)
        .await
        .unwrap();
    assert_eq!(engine.store.roles(ada).await.unwrap().len(), 1);
    let nobody = engine
        .store
        .set_role(UserId::new(), "sample", None, Giver::Host)
        .await
        .unwrap_err();
    assert!(matches!(nobody, Error::Missing { .. }), "{nobody}");
}

/// Everything that a giver may be, and what they may give and take then.
pub(crate) async fn nobody_makes_or_unmakes_their_equals(engine: &Engine) {
    let store = &engine.store;
    let (giver, ada) = (engine.user("giver").await, engine.user("ada").await);
    let give = async |present: Option<Role>, wanted: Option<Role>, highest| {
        let host = Giver::Host;
        store.set_role(ada, "one", present, host).await.unwrap();
        let by = Giver::Person { id: giver, highest };
        let given = store.set_role(ada, "one", wanted, by).await;
        let roles = store.roles(ada).await.unwrap();
        let is = roles.first().map(|(_, role)| *role);
        match given {
            Ok(()) => assert_eq!(is, wanted),
            Err(Error::State { .. }) => assert_eq!(is, present),
            Err(error) => panic!("{error}"),
        }
        given.is_ok()
    };
    let anything = [None]
        .into_iter()
        .chain(Role::ALL.iter().copied().map(Some));
    let own = [
        (None, None),
        (Some(Role::Learner), None),
        (Some(Role::Author), Some(Role::Learner)),
        (Some(Role::Operator), Some(Role::Author)),
    ];
    for (role, reach) in own {
        let host = Giver::Host;
        store.set_role(giver, "one", role, host).await.unwrap();
        // In another course they are more, which counts nothing here.
        let more = Some(Role::Operator);
        store.set_role(giver, "other", more, host).await.unwrap();
        for present in anything.clone() {
            for wanted in anything.clone() {
                let may = reach.is_some() && present.max(wanted) <= reach;
                let given = give(present, wanted, Role::Operator).await;
                assert_eq!(given, may, "{role:?}: {present:?} to {wanted:?}");
            }
        }
    }
    // A token for less bounds what its owner is.
    assert!(give(None, Some(Role::Author), Role::Author).await);
    assert!(!give(None, Some(Role::Author), Role::Learner).await);
    assert!(!give(Some(Role::Author), None, Role::Learner).await);
}

pub(crate) async fn a_role_that_is_lost_gives_none(engine: &Engine) {
    let store = &engine.store;
    let (giver, ada) = (engine.user("giver").await, engine.user("ada").await);
    engine.operator("other").await;
    let by = Giver::Person {
        id: giver,
        highest: Role::Operator,
    };
    let give = async |role| {
        let given = store.set_role(ada, "one", Some(role), by).await;
        assert!(
            matches!(given, Ok(()) | Err(Error::State { .. })),
            "{given:?}"
        );
        given.is_ok()
    };
    let set = |role| store.set_role(giver, "one", role, Giver::Host);
    let change = |operator, disabled| {
        let update = UserUpdate {
            operator: Some(operator),
            disabled: Some(disabled),
            ..UserUpdate::default()
        };
        store.change_user(giver, update, Authority::Host)
    };
    change(true, false).await.unwrap();
    assert!(give(Role::Operator).await);
    change(true, true).await.unwrap();
    assert!(!give(Role::Operator).await);
    change(false, false).await.unwrap();
    assert!(!give(Role::Operator).await);
    let host = Giver::Host;
    store.set_role(ada, "one", None, host).await.unwrap();
    set(Some(Role::Author)).await.unwrap();
    assert!(give(Role::Learner).await);
    set(Some(Role::Learner)).await.unwrap();
    assert!(!give(Role::Learner).await);
    set(None).await.unwrap();
    assert!(!give(Role::Learner).await);
    let gone = Giver::Person {
        id: UserId::new(),
        highest: Role::Operator,
    };
    let given = store.set_role(ada, "one", None, gone).await;
    assert!(matches!(given, Err(Error::Missing { .. })), "{given:?}");
    assert_eq!(
        store.roles(ada).await.unwrap(),
        [("one".to_owned(), Role::Learner)]
    );
}
