//! What operators and authors look after: nodes, incidents, parked work, regrades, webhooks.

use std::collections::BTreeMap;

use carrel_model::Verdict;
use carrel_model::id::{IncidentId, NodeId, RegradeId, SubmissionId, UserId, WebhookId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an operator wants of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Orders {
    /// Work.
    Work,
    /// Finish what runs, take nothing new.
    Drain,
}

/// Orders to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrders {
    /// What is wanted.
    pub orders: Orders,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Id.
    pub id: NodeId,
    /// Counts the lives of its worker.
    pub epoch: u64,
    /// Host name.
    pub host: String,
    /// Version of the program.
    pub version: String,
    /// Submissions it judges at once.
    pub slots: u32,
    /// Submissions that it judges beyond them while every slot is held for long.
    pub spare_slots: u32,
    /// Of them busy.
    pub busy: u32,
    /// Processor milliseconds per second that judging gets, thousandths.
    pub rate_milli: u32,
    /// Takes new work.
    pub accepting: bool,
    /// What is wanted of it.
    pub orders: Orders,
    /// When it last told of itself.
    pub beat_at: Timestamp,
    /// How long its last canary run took, milliseconds; absent: it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub canary_ms: Option<f64>,
    /// Layers of isolation that it lacks.
    pub missing_layers: Vec<String>,
    /// Names of its environments.
    pub environments: Vec<String>,
}

/// How far back the history goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HistoryQuery {
    /// Seconds; at most and without it an hour.
    pub seconds: Option<u32>,
}

/// The last hour of this web process in short intervals, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// Length of an interval, seconds.
    pub interval_seconds: u64,
    /// Target of verdicts where a challenge names none, milliseconds.
    pub target_ms: u64,
    /// All of it together.
    pub together: Happened,
    /// The intervals.
    pub intervals: Vec<Interval>,
}

/// One interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Its end.
    pub at: Timestamp,
    /// What happened in it.
    #[serde(flatten)]
    pub happened: Happened,
    /// How full things were at its end; absent: the store did not answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub levels: Option<Levels>,
}

/// What happened in some time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Happened {
    /// Time of stages by name (`accept`, `queue`, `run`, `total`); those that nothing went through are absent.
    pub stages: BTreeMap<String, StageTime>,
    /// Ends of submissions by verdict; `executed`, `refused`, `cancelled`, `parked` where there is none.
    pub verdicts: BTreeMap<String, u64>,
    /// Work refused at the door.
    pub refused: u64,
    /// Interactive verdicts after their target.
    pub late: u64,
}

/// How long a stage took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageTime {
    /// How many went through it.
    pub count: u64,
    /// Half took at most this, milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 took at most this, milliseconds.
    pub p99_ms: f64,
    /// The longest, milliseconds.
    pub max_ms: f64,
}

/// How full things were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Levels {
    /// Jobs that wait: interactive, batch, regrade.
    pub queued: [u64; 3],
    /// Jobs in workers' hands.
    pub running: u64,
    /// Jobs that wait for an operator.
    pub parked: u64,
    /// Age of the oldest job that waits, milliseconds.
    pub oldest_queued_ms: u64,
    /// Nodes that told of themselves lately.
    pub nodes: u64,
    /// Submissions that they judge at once.
    pub slots: u64,
    /// Of them busy.
    pub busy: u64,
}

/// How a webhook is enabled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnableWebhook {
    /// Send again what was given up in the last days; where not said, it is.
    pub resend: bool,
}

impl Default for EnableWebhook {
    fn default() -> Self {
        Self { resend: true }
    }
}

/// Which incidents a list is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IncidentQuery {
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Rows wanted, from 1 to 200; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of submissions to this course; operators of a course always name it.
    pub course: Option<String>,
}

/// Which parked submissions are wanted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParkedQuery {
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Rows wanted, from 1 to 200; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// Of this course; operators of a course always name it.
    pub course: Option<String>,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Id.
    pub id: IncidentId,
    /// When.
    pub at: Timestamp,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<NodeId>,
    /// Which submission.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub submission: Option<SubmissionId>,
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user: Option<UserId>,
    /// Stable kind.
    pub kind: String,
    /// What was seen.
    pub detail: String,
}

/// A submission that waits for an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parked {
    /// Which.
    pub submission: SubmissionId,
    /// Course; empty for an execution.
    pub course: String,
    /// Since when.
    pub at: Timestamp,
    /// Attempts made.
    pub attempts: u32,
    /// The last reason.
    pub reason: String,
}

/// A regrade to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewRegrade {
    /// Version to judge against; the present one where not said.
    pub version: Option<String>,
    /// Only tell what would change; nothing counts until it is applied.
    pub preview: bool,
    /// A submission never loses points by it.
    pub never_lower: bool,
}

impl Default for NewRegrade {
    fn default() -> Self {
        Self {
            version: None,
            preview: false,
            never_lower: true,
        }
    }
}

/// State of a regrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegradeState {
    /// Submissions are being judged.
    Running,
    /// All are judged.
    Finished,
    /// Stopped before its end.
    Cancelled,
    /// A preview whose results are being made to count; asking to apply it again waits for that.
    Applying,
    /// A preview whose results were made to count.
    Applied,
}

/// A regrade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Regrade {
    /// Id.
    pub id: RegradeId,
    /// Course.
    pub course: String,
    /// Challenge.
    pub challenge: String,
    /// Version judged against.
    pub version: String,
    /// Only tells what would change.
    pub preview: bool,
    /// A submission never loses points by it.
    pub never_lower: bool,
    /// Who asked for it.
    pub user: UserId,
    /// State.
    pub state: RegradeState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Submissions in all.
    pub submissions: u64,
    /// Of them judged anew.
    pub judged: u64,
    /// Of them with another verdict or other points.
    pub changed: u64,
}

/// What a regrade does to one submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RegradeChange")]
pub struct Change {
    /// Which.
    pub submission: SubmissionId,
    /// Whose.
    pub user: UserId,
    /// Verdict before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict_before: Option<Verdict>,
    /// Points before.
    pub points_before: f64,
    /// Verdict after; absent: not judged yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict_after: Option<Verdict>,
    /// Points after.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points_after: Option<f64>,
    /// The new one counts (or would, in a preview).
    pub counts: bool,
}

/// A receiver of events to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where to; `https`, or `http` where the service allows private addresses.
    pub url: String,
}

/// How the latest event went that a receiver was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastDelivery {
    /// When the event was.
    pub at: Timestamp,
    /// Where it is now.
    pub state: DeliveryState,
    /// Attempts made.
    pub attempts: u32,
    /// Why the latest attempt failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be tried again.
    Waiting,
    /// The receiver has it.
    Delivered,
    /// It will not be tried again.
    GivenUp,
}

/// A receiver of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// Id.
    pub id: WebhookId,
    /// Whose.
    pub user: UserId,
    /// Events of this course; absent: of all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub course: Option<String>,
    /// Where to.
    pub url: String,
    /// Sends nothing: it took nothing for long. Mend the receiver and enable it again.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Events still to be delivered.
    pub waiting: u64,
    /// Events of the last days that were given up.
    pub given_up: u64,
    /// The latest event that was tried; absent: none in the last days.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_delivery: Option<LastDelivery>,
    /// Events that are sent again; only told when it is enabled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resent: Option<u64>,
    /// Key of the signature (`whsec_…`): only told when it is made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
}
