//! Recognises who makes a request, before any route is reached.

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use carrel_api::Code;
use carrel_store::account::TokenRow;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::caller::{Caller, Recognised, Through};
use crate::problem::{Problem, Result};

/// Middleware: puts [`Recognised`] into the request.
pub async fn recognise(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION);
    let secret = header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, secret)| secret.trim().to_owned());
    let recognised = match secret {
        None => Recognised::Nobody,
        Some(secret) => match find_token(&app, &secret).await {
            Ok(caller) => Recognised::Caller(caller),
            Err(problem) => Recognised::Refused(problem),
        },
    };
    request.extensions_mut().insert(recognised);
    next.run(request).await
}

async fn find_token(app: &App, secret: &str) -> Result<Caller> {
    let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    let found = app.store.token(hash).await?;
    let (token, user): (TokenRow, _) = found.ok_or_else(|| {
        Problem::new(
            Code::InvalidToken,
            "make another token, or correct this one",
        )
    })?;
    if user.disabled {
        let detail = format!("`{}` may not sign in", user.name);
        return Err(Problem::new(Code::AccountDisabled, detail));
    }
    let roles = app.store.roles(user.id).await?;
    let roles = roles.into_iter().collect();
    Ok(Caller::new(user, Through::Token(token), roles))
}
