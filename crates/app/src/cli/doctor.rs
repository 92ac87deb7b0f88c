//! `carrel doctor`: what this host can do, layer by layer, with reason and remedy.

use serde::Serialize;

use super::Session;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::terminal::Terminal;
use crate::terminal::text::printable;
use crate::wire;

/// Arguments of `carrel doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArguments {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What, such as the name of a layer of isolation.
    pub name: String,
    /// What was found.
    #[serde(flatten)]
    pub state: State,
    /// Carrel cannot judge without it.
    pub needed: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It was tried, and works.
    Present {
        /// More about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// It was tried, and does not work.
    Missing {
        /// Why.
        reason: String,
        /// The way out.
        remedy: String,
    },
    /// It was not tried, so nothing is claimed.
    NotProbed {
        /// Why.
        reason: String,
    },
}

/// Everything found.
#[derive(Debug, Serialize)]
struct Findings {
    ready: bool,
    layers: Vec<Finding>,
    installation: Vec<Finding>,
}

/// Runs the command.
///
/// # Errors
/// Of the output; what is missing is a finding, not an error.
pub fn run(arguments: &DoctorArguments, session: &mut Session) -> Outcome {
    let layers = wire::probe::layers();
    let installation = wire::probe::installation(&session.state);
    let ready = layers
        .iter()
        .chain(&installation)
        .all(|finding| !stands_in_the_way(finding));
    let findings = Findings {
        ready,
        layers,
        installation,
    };
    if arguments.json {
        session.terminal.json(&findings)?;
    } else {
        show(&findings, &mut session.terminal)?;
    }
    Ok(if ready {
        exit_code::OK
    } else {
        exit_code::NOT_READY
    })
}

fn stands_in_the_way(finding: &Finding) -> bool {
    finding.needed && !matches!(finding.state, State::Present { .. })
}

fn show(findings: &Findings, terminal: &mut Terminal) -> Result<(), Failure> {
    let paint = terminal.paint;
    let sections = [
        ("layers of isolation", &findings.layers),
        ("installation", &findings.installation),
    ];
    for (title, list) in sections {
        terminal.line(format_args!("{}", paint.strong(title)))?;
        for finding in list {
            for line in finding_lines(finding, terminal) {
                terminal.line(format_args!("{line}"))?;
            }
        }
    }
    let end = if findings.ready {
        paint.good("this host is ready to judge")
    } else if only_layers_are_missing(findings) {
        paint.bad("this host is not ready to judge: see what is missing above; --allow-missing-layers judges without it, at your own risk")
    } else {
        paint.bad("this host is not ready to judge: see what is missing above")
    };
    terminal.line(format_args!("{end}"))?;
    Ok(())
}

/// A sandbox can be made, so that the operator may allow to go on without the rest.
fn only_layers_are_missing(findings: &Findings) -> bool {
    let sandbox_works = findings
        .layers
        .first()
        .is_some_and(|sandbox| !stands_in_the_way(sandbox));
    sandbox_works && !findings.installation.iter().any(stands_in_the_way)
}

fn finding_lines(finding: &Finding, terminal: &Terminal) -> Vec<String> {
    let paint = terminal.paint;
    let name = &finding.name;
    match &finding.state {
        State::Present { detail: None } => vec![format!("  {} {name}", paint.good('✓'))],
        State::Present {
            detail: Some(detail),
        } => {
            vec![format!(
                "  {} {name}: {}",
                paint.good('✓'),
                printable(detail)
            )]
        }
        State::Missing { reason, remedy } => {
            let mark = if finding.needed {
                paint.bad('✗')
            } else {
                paint.warn('✗')
            };
            let optional = if finding.needed { "" } else { " (not needed)" };
            vec![
                format!("  {mark} {name}{optional}: {}", printable(reason)),
                format!("      remedy: {}", printable(remedy)),
            ]
        }
        State::NotProbed { reason } => {
            vec![format!(
                "  {} {name}: not probed: {}",
                paint.warn('?'),
                printable(reason)
            )]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::tests::captured;

    fn missing(needed: bool) -> Finding {
        let state = State::Missing {
            reason: "no such file".into(),
            remedy: "mount it".into(),
        };
        Finding {
            name: "cgroup_memory".into(),
            state,
            needed,
        }
    }

    #[test]
    fn what_is_missing_has_reason_and_remedy() {
        let (terminal, _, _) = captured();
        assert_eq!(
            finding_lines(&missing(true), &terminal),
            ["  ✗ cgroup_memory: no such file", "      remedy: mount it"]
        );
    }

    #[test]
    fn only_what_is_needed_stands_in_the_way_and_unprobed_is_not_claimed() {
        assert!(stands_in_the_way(&missing(true)));
        assert!(!stands_in_the_way(&missing(false)));
        let unknown = State::NotProbed {
            reason: "no privilege".into(),
        };
        assert!(stands_in_the_way(&Finding {
            name: "x".into(),
            state: unknown,
            needed: true
        }));
    }
}
