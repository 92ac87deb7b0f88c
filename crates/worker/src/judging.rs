//! A lease to its end, on a blocking thread: what was found, or whose fault it is that nothing was.

use carrel_judge::language::HOST;
use carrel_judge::partner::Partner;
use carrel_judge::{Error, Judge, Submission, View, language};
use carrel_model::execution::{ExecutionRequest, ExecutionResult};
use carrel_model::result::{IncidentNote, Run};
use carrel_model::{Challenge, ResultDocument, Verdict};
use carrel_store::queue::Lease;
use carrel_store::submission::{ChallengeWork, Fault, Outcome, Work};

use crate::conversation::Conversation;
use crate::courses::Missing;
use crate::error::tell_chain;
use crate::leases::InHand;
use crate::needs;
use crate::node::Node;
use crate::runs::{self, Runs, Way};
use crate::telling::Teller;

/// Kind of the incident that a fault of ours is.
pub(crate) const PLATFORM_FAULT: &str = "platform_fault";
/// Label of what is in no language of the table.
pub(crate) const UNKNOWN: &str = "unknown";

/// How the work on a lease ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// With something to record.
    Found(Box<Found>),
    /// In a fault of ours.
    Fault {
        reason: String,
        incidents: Vec<IncidentNote>,
    },
    /// Not begun: this node lacks what it needs.
    Lacking(String),
    /// The lease is no longer worth anything, or is to be given back.
    TakenBack,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) outcome: Outcome,
    /// Processor time of the runs made, milliseconds.
    pub(crate) cost_ms: f64,
    pub(crate) incidents: Vec<IncidentNote>,
}

/// Judges or executes what the lease is of; how it ended, and in which language it is.
pub(crate) fn judge(
    node: &Node,
    lease: &Lease,
    in_hand: &InHand,
    mut teller: Teller,
) -> (Ended, &'static str) {
    let (challenge, id) = match &lease.work {
        Work::Challenge(work) => match find_challenge(node, work) {
            Ok(challenge) => {
                let id = challenge.language.clone();
                (Some(challenge), id)
            }
            Err(ended) => return (*ended, UNKNOWN),
        },
        Work::Execution(request) => (None, request.language.clone()),
    };
    // What is not known must not become a label of figures, by anybody's choice.
    let language = language::find(&id).map_or(UNKNOWN, |known| known.id.as_str());
    let environments = node.parts.environments.as_ref();
    if let Some(lacking) = needs::lacking(environments, &lease.work, challenge.as_ref()) {
        return (Ended::Lacking(lacking), language);
    }
    let way = Way {
        environments,
        pool: &node.pool,
        cancellation: &in_hand.cancellation,
    };
    let directory = runs::directory(&node.settings.run, lease.submission);
    let runs = match Runs::open(way, directory.clone()) {
        Ok(runs) => runs,
        Err(error) => {
            let reason = format!("making `{}`: {error}", directory.display());
            return (fault(reason), language);
        }
    };
    let judge = Judge::new(environments, &runs, &node.parts.cache);
    let ended = match (&lease.work, &challenge) {
        (Work::Challenge(work), Some(challenge)) => {
            judge_challenge(&judge, (challenge, work, lease.failures), &mut teller)
        }
        (Work::Execution(request), _) => {
            let place = request.conversation.as_deref();
            let conversation =
                place.and_then(|place| Conversation::begin(node.parts.bus.as_ref(), place));
            execute(&judge, request, conversation.as_ref())
        }
        (Work::Challenge(_), None) => fault("the challenge was not looked for".to_owned()),
    };
    node.metrics.runs_taken_up(runs.taken_up());
    (ended, language)
}

/// The challenge as this submission is judged by it, or whose fault it is that there is none.
fn find_challenge(node: &Node, work: &ChallengeWork) -> Result<Challenge, Box<Ended>> {
    let found = node
        .courses
        .challenge(&work.course_version, &work.challenge);
    let ended = match found {
        Ok(challenge) => match in_language(challenge, work) {
            Ok(challenge) => return Ok(challenge),
            Err(message) => refused(Fault::Sender, message),
        },
        Err(Missing::Author(message)) => refused(Fault::Author, message),
        Err(missing) => fault(tell_chain(&missing)),
    };
    Err(Box::new(ended))
}

fn judge_challenge(
    judge: &Judge<'_>,
    (challenge, work, failures): (&Challenge, &ChallengeWork, u32),
    teller: &mut Teller,
) -> Ended {
    let submission = Submission {
        files: work.files.clone(),
        step: work.step.clone(),
        failures,
        // What a learner may see is decided when it is shown.
        view: View::Author,
    };
    match judge.judge_watched(challenge, &submission, teller) {
        Ok(document) if document.verdict == Verdict::PlatformFault => fault_of(document.incidents),
        Ok(document) => found_document(document),
        Err(error) => ended_by(error),
    }
}

/// Its reason is an incident of the document; the others stay incidents.
fn fault_of(incidents: Vec<IncidentNote>) -> Ended {
    let (reasons, incidents): (Vec<_>, Vec<_>) = incidents
        .into_iter()
        .partition(|incident| incident.kind == PLATFORM_FAULT);
    let reasons: Vec<String> = reasons.into_iter().map(|reason| reason.detail).collect();
    Ended::Fault {
        reason: reasons.join("; "),
        incidents,
    }
}

fn found_document(mut document: ResultDocument) -> Ended {
    let incidents = document.incidents.clone();
    // Kept apart, in the ledger, with the node and the person.
    document.incidents.clear();
    Ended::Found(Box::new(Found {
        cost_ms: cost_of(&document.runs),
        incidents,
        outcome: Outcome::Judged(Box::new(document)),
    }))
}

/// Processor time of the runs that were made and not found in the cache, milliseconds.
fn cost_of(runs: &[Run]) -> f64 {
    let made = runs.iter().filter(|run| !run.cached);
    made.map(|run| run.usage.cpu_ms).sum()
}

/// The challenge in the language that the submission is written in. Another
/// language is judged in its stock environment, or on the host where the challenge is.
fn in_language(challenge: Challenge, work: &ChallengeWork) -> Result<Challenge, String> {
    let mut suited = challenge;
    if let Some(id) = work.language.as_ref().filter(|id| **id != suited.language) {
        let Some(language) = language::find(id) else {
            return Err(format!("language `{}` is not known", id.escape_debug()));
        };
        let environment = match suited.environment.as_str() {
            HOST => HOST,
            _ => &language.environment,
        };
        suited = suited.in_language(id, environment);
    }
    Ok(suited)
}

fn execute(
    judge: &Judge<'_>,
    request: &ExecutionRequest,
    conversation: Option<&Conversation>,
) -> Ended {
    let partner = conversation.map(|conversation| conversation as &dyn Partner);
    let executed = judge.execute_with(request, partner);
    if let (Some(conversation), Ok(result)) = (conversation, &executed)
        && result.platform_fault.is_none()
    {
        conversation.finish();
    }
    match executed {
        Ok(ExecutionResult {
            platform_fault: Some(reason),
            incidents,
            ..
        }) => Ended::Fault { reason, incidents },
        Ok(mut result) => {
            let stages = [(&result.compile, 1), (&result.run, request.runs)];
            let cost = stages.into_iter().filter_map(|(stage, times)| {
                let stage = stage.as_ref()?;
                Some(stage.usage.cpu_ms * f64::from(times))
            });
            Ended::Found(Box::new(Found {
                cost_ms: cost.sum(),
                incidents: std::mem::take(&mut result.incidents),
                outcome: Outcome::Executed(Box::new(result)),
            }))
        }
        Err(error) => ended_by(error),
    }
}

fn ended_by(error: Error) -> Ended {
    match error {
        Error::Cancelled => Ended::TakenBack,
        Error::Submission(message) => refused(Fault::Sender, message),
        Error::Challenge { .. } => refused(Fault::Author, error.to_string()),
        // A published version was whole: what is missing of it now was lost here.
        Error::Unread { .. }
        | Error::Environment(_)
        | Error::Command(_)
        | Error::Sandbox { .. }
        | Error::File { .. } => fault(tell_chain(&error)),
    }
}

fn refused(fault: Fault, message: String) -> Ended {
    Ended::Found(Box::new(Found {
        outcome: Outcome::Refused { fault, message },
        cost_ms: 0.0,
        incidents: Vec::new(),
    }))
}

pub(crate) fn fault(reason: String) -> Ended {
    Ended::Fault {
        reason,
        incidents: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(error: Error) -> Option<Fault> {
        match ended_by(error) {
            Ended::Found(found) => match found.outcome {
                Outcome::Refused { fault, .. } => Some(fault),
                _ => None,
            },
            _ => None,
        }
    }

    #[test]
    fn each_failure_has_its_owner() {
        let sender = Error::Submission("no files".to_owned());
        assert_eq!(refusal(sender), Some(Fault::Sender));
        let author = Error::Challenge {
            challenge: "x".to_owned(),
            problem: "y".to_owned(),
        };
        assert_eq!(refusal(author), Some(Fault::Author));
        let missing = ended_by(Error::Environment(
            "environment `go` is not built".to_owned(),
        ));
        assert!(matches!(missing, Ended::Fault { reason, .. } if reason.contains("`go`")));
        let unread = ended_by(Error::Unread {
            challenge: "x".to_owned(),
            path: "/courses/1/x/data/1.in".into(),
            source: std::io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error()),
        });
        let told = "`/courses/1/x/data/1.in`: Too many open files";
        assert!(matches!(unread, Ended::Fault { reason, .. } if reason.contains(told)));
        assert!(matches!(ended_by(Error::Cancelled), Ended::TakenBack));
    }
}
