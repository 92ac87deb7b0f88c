//! What work needs of the node that takes it.

use carrel_judge::language::{self, HOST};
use carrel_model::Challenge;
use carrel_store::submission::Work;

use crate::environment::NodeEnvironments;
use crate::error::tell_chain;

/// Why this node cannot do it: an environment that it does not have, or may not use. One that
/// it has and that cannot be opened is a fault, and shows when the work is begun.
/// `challenge`: that of the work, in the language of the submission.
pub(crate) fn lacking(
    environments: &dyn NodeEnvironments,
    work: &Work,
    challenge: Option<&Challenge>,
) -> Option<String> {
    let lacks = |name: &str| {
        let error = environments.describe(name).err()?;
        let available = environments.available();
        let is_here = available.iter().any(|(known, _)| known == name);
        (!is_here).then(|| tell_chain(&error))
    };
    match work {
        Work::Challenge(_) => {
            let needed = challenge?.environments();
            needed.iter().find_map(|name| lacks(name))
        }
        Work::Execution(request) => match &request.environment {
            Some(name) => lacks(name),
            None => {
                // The host stands in where it may be used.
                let own = lacks(&language::find(&request.language)?.environment)?;
                lacks(HOST).map(|_| own)
            }
        },
    }
}
