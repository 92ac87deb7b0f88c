//! Requests that may be repeated: `Idempotency-Key`, and what makes two requests the same.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use carrel_api::limits::IDEMPOTENCY_KEY_BYTES_MAX;
use carrel_store::queue::Band;
use carrel_store::submission::{ChallengeWork, IdempotencyKey, Work};
use schemars::json_schema;
use sha2::{Digest as _, Sha256};

use crate::openapi::declaring;
use crate::problem::{Problem, Result};

/// Name of the header.
const HEADER: &str = "Idempotency-Key";

/// The key of a request that may be repeated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Key(pub Option<String>);

impl Key {
    /// The key with what the request asks for; none where none was sent.
    #[must_use]
    pub fn of(self, work: &Work, band: Band) -> Option<IdempotencyKey> {
        self.0.map(|key| IdempotencyKey {
            key,
            request_digest: digest(work, band),
        })
    }

    /// The same for a challenge, whose work is lent.
    #[must_use]
    pub fn of_challenge(self, work: &ChallengeWork, band: Band) -> Option<IdempotencyKey> {
        self.0.map(|key| {
            let mut hasher = Sha256::new();
            add_challenge(&mut hasher, work);
            IdempotencyKey {
                key,
                request_digest: finish(hasher, band),
            }
        })
    }

    fn read(headers: &HeaderMap) -> Result<Self> {
        let Some(value) = headers.get(HEADER) else {
            return Ok(Self(None));
        };
        if headers.get_all(HEADER).iter().count() > 1 {
            let message = "comes more than once; a request has one key";
            return Err(Problem::parameter(HEADER, message));
        }
        match value.to_str() {
            Ok(key) if !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_BYTES_MAX => {
                Ok(Self(Some(key.to_owned())))
            }
            _ => {
                let message =
                    format!("is 1 to {IDEMPOTENCY_KEY_BYTES_MAX} printable ASCII characters");
                Err(Problem::parameter(HEADER, message))
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Self::read(&parts.headers)
    }
}

impl OperationInput for Key {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let description = "The same request with the same key within 24 hours is answered as the \
            first was; another one with it is refused.";
        let schema = json_schema!({
            "type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_BYTES_MAX,
        });
        declaring::take_header(context, operation, (HEADER, description), schema);
    }
}

/// What a request asks for, whoever sent it. How long it waits for the answer is no part of it.
fn digest(work: &Work, band: Band) -> [u8; 32] {
    let mut hasher = Sha256::new();
    match work {
        Work::Challenge(work) => add_challenge(&mut hasher, work),
        // The row's own encoding: the same request gives the same text.
        Work::Execution(_) => hasher.update(serde_json::to_vec(work).unwrap_or_default()),
    }
    finish(hasher, band)
}

fn finish(mut hasher: Sha256, band: Band) -> [u8; 32] {
    // The usual band adds nothing, so that a key of the version before, which left the band out,
    // still means its request. No length is as large as what stands before the others.
    if band != Band::Interactive {
        hasher.update(u64::MAX.to_be_bytes());
        hasher.update([band as u8]);
    }
    hasher.finalize().into()
}

/// The version is left out: a repeated request after a new version was published is still the
/// same request.
fn add_challenge(hasher: &mut Sha256, work: &ChallengeWork) {
    let step = work.step.as_deref().unwrap_or_default();
    for part in [&work.course, &work.challenge, step] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    for (path, content) in &work.files {
        hasher.update((path.len() as u64).to_be_bytes());
        hasher.update(path);
        hasher.update((content.len() as u64).to_be_bytes());
        hasher.update(content);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn all_that_is_asked_for_counts_and_the_version_does_not() {
        let work = ChallengeWork {
            course: "demo".to_owned(),
            course_version: "one".to_owned(),
            challenge: "double".to_owned(),
            step: None,
            language: None,
            files: BTreeMap::from([("a".to_owned(), b"b".to_vec())]),
        };
        let of = |work: ChallengeWork, band| digest(&Work::Challenge(work), band);
        let first = of(work.clone(), Band::Interactive);
        let published = ChallengeWork {
            course_version: "two".to_owned(),
            ..work.clone()
        };
        assert_eq!(of(published, Band::Interactive), first);
        let step = ChallengeWork {
            step: Some("one".to_owned()),
            ..work.clone()
        };
        let file = ChallengeWork {
            files: BTreeMap::from([("a".to_owned(), b"c".to_vec())]),
            ..work.clone()
        };
        let others = BTreeSet::from([
            first,
            of(work, Band::Batch),
            of(step, Band::Interactive),
            of(file, Band::Interactive),
        ]);
        assert_eq!(others.len(), 4);
    }
}
