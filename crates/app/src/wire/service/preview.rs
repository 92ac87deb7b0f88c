//! What a preview of a course begins with: its database, two people who are signed in, and the
//! course published.

use std::sync::Arc;

use carrel_model::account::Scope;
use carrel_model::id::{TokenId, UserId};
use carrel_store::Store;
use carrel_store::account::{Authority, Credential, Giver, Role, SessionRow, TokenRow, UserRow};
use carrel_web::session::secret::Secret;
use carrel_web::session::token::TokenText;
use jiff::{SignedDuration, Timestamp};

use super::prepare::give;
use super::web::{open_bus, open_store, platform, runtime};
use crate::config::service::Places;
use crate::failure::Failure;
use crate::publication::pack::Archive;
use crate::supervise::identity::Identity;

/// How long the sessions and the token count: longer than a preview is open.
const VALID: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Who looks at a preview, already signed in.
#[derive(Debug)]
pub struct People {
    /// Session of somebody who learns.
    pub learner: Secret,
    /// Session of an author.
    pub author: Secret,
    /// Token of the author, to publish with.
    pub token: TokenText,
}

/// Makes the database, the people and the first version of the course, and gives the files to
/// their owner.
///
/// # Errors
/// The database cannot be used, or the course is not taken.
pub fn fill(
    places: &Places,
    (course, archive): (&str, &Archive),
    owner: Option<&Identity>,
) -> Result<People, Failure> {
    let runtime = runtime(1)?;
    let filled = runtime.block_on(async {
        let bus = open_bus(places)?;
        let store = open_store(places, &bus)?;
        let (people, author) = add_people(&store, course).await?;
        let config = carrel_web::Config::new(places.service.clone());
        let app = carrel_web::App::new(store, bus, config);
        publish(&app, course, archive, author).await?;
        Ok(people)
    });
    drop(runtime);
    if let Some(owner) = owner {
        give(places, owner).map_err(|error| platform("giving files to the web process", error))?;
    }
    filled
}

async fn add_people(store: &Arc<dyn Store>, course: &str) -> Result<(People, UserId), Failure> {
    let (learner, learner_session) = add_person(store, "Learner").await?;
    let (author, author_session) = add_person(store, "Author").await?;
    for (user, role) in [(learner, Role::Learner), (author, Role::Author)] {
        let set = store.set_role(user, course, Some(role), Giver::Host).await;
        set.map_err(|error| platform("giving a role", error))?;
    }
    let token = TokenText::generate().map_err(random)?;
    let now = Timestamp::now();
    let row = TokenRow {
        id: TokenId::new(),
        secret_hash: token.hash(),
        user: author,
        name: "preview".to_owned(),
        scopes: [Scope::Author].into(),
        course: Some(course.to_owned()),
        expires_at: Some(now + VALID),
        created_at: now,
        used_at: None,
        revoked_at: None,
    };
    let added = store.add_token(row, Credential::Host).await;
    added.map_err(|error| platform("adding a token", error))?;
    let people = People {
        learner: learner_session,
        author: author_session,
        token,
    };
    Ok((people, author))
}

/// A person without a password, and the secret of their session.
async fn add_person(store: &Arc<dyn Store>, name: &str) -> Result<(UserId, Secret), Failure> {
    let (id, now) = (UserId::new(), Timestamp::now());
    let user = UserRow {
        id,
        name: name.to_lowercase(),
        display_name: name.to_owned(),
        email: None,
        password_hash: None,
        operator: false,
        disabled: false,
        subject: None,
        created_at: now,
    };
    let added = store.add_user(user, Authority::Host).await;
    added.map_err(|error| platform("adding a person", error))?;
    let secret = Secret::generate().map_err(random)?;
    let session = SessionRow {
        secret_hash: secret.hash(),
        user: id,
        created_at: now,
        expires_at: now + VALID,
        seen_at: now,
    };
    let begun = store.add_session(session, None).await;
    begun.map_err(|error| platform("beginning a session", error))?;
    Ok((id, secret))
}

fn random(error: impl std::fmt::Display) -> Failure {
    Failure::platform(anyhow::anyhow!("drawing random bytes: {error}"))
}

async fn publish(
    app: &carrel_web::App,
    course: &str,
    archive: &Archive,
    author: UserId,
) -> Result<(), Failure> {
    let file = archive
        .open()
        .map_err(|error| platform("reading the packed course", error))?;
    let published = carrel_web::publish::publish_archive(app, file, course, author).await;
    match published {
        Ok(_) => Ok(()),
        Err(problem) => Err(tell(&problem)),
    }
}

fn tell(problem: &carrel_web::Problem) -> Failure {
    let document = problem.document();
    let mut text = document.detail.clone();
    for error in &document.errors {
        text.push_str(&format!("\n{}: {}", error.field, error.message));
    }
    Failure::bad_challenge(anyhow::anyhow!(text))
}
