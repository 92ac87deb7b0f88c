//! Identities of what the service keeps: UUID version 7 (RFC 9562), so they sort by time of making.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$note:meta])* $name:ident) => {
        $(#[$note])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, of now.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "every call gives another one")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// Of a person.
    UserId
);
id!(
    /// Of what a learner sent, or of an ad-hoc execution.
    SubmissionId
);
id!(
    /// Of an API token (not the secret).
    TokenId
);
id!(
    /// Of a host's worker; kept in its state directory.
    NodeId
);
id!(
    /// Of a sign of weirdness or a fault.
    IncidentId
);
id!(
    /// Of a registered receiver of events.
    WebhookId
);
id!(
    /// Of one event sent to one receiver.
    DeliveryId
);
id!(
    /// Of a re-run of a challenge's submissions.
    RegradeId
);
id!(
    /// Of a learner's run through a quiz.
    AttemptId
);
id!(
    /// Of a change of grades after an answer key was changed.
    RescoreId
);
