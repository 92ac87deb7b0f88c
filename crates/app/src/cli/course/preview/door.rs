//! Where the author's browser gets the session of a person of the preview: by a link with a random
//! key that counts once, on this machine alone.
//!
//! The door is a listener of its own, so that the service has no way in that others lack. Cookies
//! are kept by host, whatever the port: each person has a host of their own below `localhost`,
//! which browsers take for this machine (RFC 6761 §6.3), so that both can be signed in side by side
//! and no other service of this machine loses its cookie.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use carrel_web::session::ABSOLUTE;
use carrel_web::session::cookie::{Cookies, Purpose};
use carrel_web::session::secret::{Secret, hash};

use crate::publication::client::percent;
use crate::wire::service::preview::People;

/// What somebody reads who comes too late.
const USED: &str = "This link was used already, or it is none of this preview.\n\
    Stop `carrel course preview` and start it again for new links.\n";

/// The door.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    links: Vec<(&'static str, String)>,
    entrances: Entrances,
}

/// Entrances by the hash of their key; each goes when it is used.
type Entrances = Arc<Mutex<BTreeMap<[u8; 32], Entrance>>>;

#[derive(Debug)]
struct Entrance {
    cookie: String,
    location: String,
}

impl Door {
    /// For these people, to a course on the service at this address.
    ///
    /// # Errors
    /// There are no random bytes, or the listener is gone.
    pub(super) fn new(
        listener: TcpListener,
        service: SocketAddr,
        course: &str,
        people: &People,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let own = listener.local_addr()?;
        let cookies = Cookies { plain_http: true };
        let (mut links, mut entrances) = (Vec::new(), BTreeMap::new());
        for (who, session) in [("learner", &people.learner), ("author", &people.author)] {
            let key = Secret::generate().map_err(io::Error::other)?.reveal();
            let entrance = Entrance {
                cookie: cookies.set(Purpose::Session, session.reveal(), ABSOLUTE.as_secs()),
                location: format!(
                    "http://{who}.localhost:{}/courses/{}",
                    service.port(),
                    percent(course)
                ),
            };
            links.push((who, format!("http://{who}.localhost:{}/{key}", own.port())));
            entrances.insert(hash(&key), entrance);
        }
        Ok(Self {
            listener,
            links,
            entrances: Arc::new(Mutex::new(entrances)),
        })
    }

    /// Whose session is behind which link.
    #[must_use]
    pub(super) fn links(&self) -> Vec<(&'static str, String)> {
        self.links.clone()
    }

    /// Answers until it is dropped.
    pub(super) async fn serve(self) {
        let router = router(self.entrances);
        if let Ok(listener) = tokio::net::TcpListener::from_std(self.listener) {
            // Without it the links lead nowhere, and the browser says so.
            let _ = axum::serve(listener, router).await;
        }
    }
}

fn router(entrances: Entrances) -> Router {
    Router::new()
        .route("/{key}", get(enter))
        .with_state(entrances)
}

async fn enter(
    State(entrances): State<Entrances>,
    method: Method,
    Path(key): Path<String>,
) -> Response {
    // HEAD looks and does not enter.
    let found = if method == Method::GET {
        let mut entrances = entrances.lock().unwrap_or_else(PoisonError::into_inner);
        entrances.remove(&hash(&key))
    } else {
        None
    };
    let mut response = match found {
        None => (StatusCode::GONE, USED).into_response(),
        Some(entrance) => {
            let headers = [
                (header::SET_COOKIE, entrance.cookie),
                (header::LOCATION, entrance.location),
            ];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let policy = HeaderValue::from_static("no-referrer");
    headers.insert(header::REFERRER_POLICY, policy);
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use carrel_web::session::token::TokenText;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_link_leads_in_once() {
        let people = People {
            learner: Secret::generate().unwrap(),
            author: Secret::generate().unwrap(),
            token: TokenText::generate().unwrap(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = SocketAddr::from(([127, 0, 0, 1], 8080));
        let door = Door::new(listener, service, "a b", &people).unwrap();
        let links = door.links();
        assert_eq!((links.len(), links[0].0), (2, "learner"));
        let key = links[0].1.rsplit('/').next().unwrap().to_owned();
        let router = router(Arc::clone(&door.entrances));
        let ask = async |method: &str, key: &str| {
            let request = Request::builder().method(method).uri(format!("/{key}"));
            let request = request.body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap()
        };
        assert_eq!(ask("GET", "guessed").await.status(), StatusCode::GONE);
        assert_eq!(ask("HEAD", &key).await.status(), StatusCode::GONE);
        let entered = ask("GET", &key).await;
        assert_eq!(entered.status(), StatusCode::SEE_OTHER);
        let location = &entered.headers()["location"];
        assert_eq!(location, "http://learner.localhost:8080/courses/a%20b");
        let cookie = entered.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains(&people.learner.reveal()) && cookie.contains("HttpOnly"));
        assert_eq!(ask("GET", &key).await.status(), StatusCode::GONE);
    }
}
