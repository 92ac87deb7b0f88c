//! How a run ended, in words for the learner and as a cause.

use carrel_model::verdict::Clock;
use carrel_model::{Cause, Limits};
use carrel_sandbox::{Ending, Limit, Report};

/// Cause and message of a run that did not end with exit code 0; `None` for one that did.
pub(crate) fn explain(report: &Report, limits: &Limits) -> Option<(Cause, String)> {
    if report.processes_refused > 0 && report.ending != Ending::Exited(0) {
        let message = format!("it started too many processes (limit {})", limits.processes);
        return Some((Cause::ProcessLimit, message));
    }
    if report.disk_full && report.ending != Ending::Exited(0) {
        return Some((Cause::DiskLimit, "the space for files was full".to_owned()));
    }
    match &report.ending {
        Ending::Exited(0) => None,
        Ending::Exited(code) => Some((
            Cause::RuntimeError { signal: None, exit_code: Some(*code) },
            format!("the program ended with exit code {code}"),
        )),
        Ending::Signalled(signal) => Some((
            Cause::RuntimeError { signal: Some(*signal), exit_code: None },
            format!("the program was ended by signal {signal} ({})", signal_name(*signal)),
        )),
        Ending::Limit(limit) => Some(explain_limit(*limit, limits)),
        Ending::ForbiddenSystemCall(name) => Some((
            Cause::ForbiddenSystemCall { name: name.clone() },
            format!(
                "the program made a system call that is not allowed{}",
                name.as_ref().map(|name| format!(" (`{name}`)")).unwrap_or_default()
            ),
        )),
        Ending::NotStarted(reason) => Some((
            Cause::RuntimeError { signal: None, exit_code: None },
            format!("the program could not be started: {reason}"),
        )),
    }
}

fn explain_limit(limit: Limit, limits: &Limits) -> (Cause, String) {
    let seconds = |ms: u64| format!("{}.{:03} s", ms / 1000, ms % 1000);
    match limit {
        Limit::Cpu => (
            Cause::TimeLimit { clock: Clock::Cpu },
            format!("stopped after {} of processor time", seconds(limits.cpu_ms)),
        ),
        Limit::Wall => {
            (Cause::TimeLimit { clock: Clock::Wall }, format!("stopped after {}", seconds(limits.wall_ms)))
        }
        Limit::Memory => (
            Cause::MemoryLimit,
            format!("stopped because it used more than {} MiB of memory", limits.memory_bytes >> 20),
        ),
        Limit::Output => (
            Cause::OutputLimit,
            format!("stopped because it wrote more than {} bytes", limits.output_bytes),
        ),
        Limit::FileSize => (
            Cause::DiskLimit,
            format!("stopped because a file grew past {} bytes", limits.file_bytes),
        ),
    }
}

/// The usual name of a signal's meaning (signal(7)).
fn signal_name(signal: i32) -> &'static str {
    match signal {
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        8 => "arithmetic error such as division by zero",
        9 => "killed",
        11 => "invalid memory access",
        13 => "broken pipe",
        15 => "terminated",
        _ => "see signal(7)",
    }
}
