//! From what a run did to why it does not count, in words for the learner.

use carrel_model::verdict::Clock;
use carrel_model::{Cause, Limits};
use carrel_sandbox::{Ending, Limit, Report};

/// Why a run did not come to its ordinary end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Why, precisely.
    pub cause: Cause,
    /// The same in words, with the figure and the limit.
    pub message: String,
}

/// Why this run is not an ordinary end with `exit_code`; `None` where it is.
#[must_use]
pub fn of_report(report: &Report, limits: &Limits, exit_code: i32) -> Option<Ended> {
    let usual = matches!(report.ending, Ending::Exited(code) if code == exit_code);
    if usual {
        return None;
    }
    Some(match &report.ending {
        Ending::Limit(limit) => of_limit(*limit, report, limits),
        Ending::ForbiddenSystemCall(name) => forbidden(name.as_deref()),
        Ending::NotStarted(reason) => Ended {
            cause: Cause::RuntimeError {
                signal: None,
                exit_code: None,
            },
            message: format!("the program could not be started: {reason}"),
        },
        // Only where a validator had rejected it: nobody listens to it any more.
        Ending::Stopped => Ended {
            cause: Cause::WrongAnswer,
            message: "stopped because the conversation was over".to_owned(),
        },
        Ending::Exited(_) | Ending::Signalled(_) | Ending::Cancelled => {
            of_failure(report, limits, exit_code)
        }
    })
}

/// A crash or an exit code: a refused process or a full disk is the likelier reason.
fn of_failure(report: &Report, limits: &Limits, expected: i32) -> Ended {
    if report.processes_refused > 0 {
        return Ended {
            cause: Cause::ProcessLimit,
            message: format!(
                "failed after it was refused more processes or threads (limit {} at one moment)",
                limits.processes
            ),
        };
    }
    if report.disk_full {
        return Ended {
            cause: Cause::DiskLimit,
            message: format!(
                "failed after its writable space was full (limit {}, {} files)",
                bytes(limits.disk_bytes),
                limits.inodes
            ),
        };
    }
    match report.ending {
        Ending::Signalled(signal) => Ended {
            cause: Cause::RuntimeError {
                signal: Some(signal),
                exit_code: None,
            },
            message: format!("crashed: {}", signal_words(signal)),
        },
        Ending::Exited(code) => Ended {
            cause: Cause::RuntimeError {
                signal: None,
                exit_code: Some(code),
            },
            message: format!("ended with exit code {code} instead of {expected}"),
        },
        _ => Ended {
            cause: Cause::RuntimeError {
                signal: None,
                exit_code: None,
            },
            message: "did not come to its ordinary end".to_owned(),
        },
    }
}

fn of_limit(limit: Limit, report: &Report, limits: &Limits) -> Ended {
    let usage = &report.usage;
    match limit {
        Limit::Cpu => Ended {
            cause: Cause::TimeLimit { clock: Clock::Cpu },
            message: format!(
                "stopped after {} of processor time (limit {})",
                seconds(usage.cpu_us),
                seconds(limits.cpu_ms * 1_000)
            ),
        },
        Limit::Wall => Ended {
            cause: Cause::TimeLimit { clock: Clock::Wall },
            message: format!(
                "stopped after {} (limit {}), of which {} were processor time; \
                 a program that waits for input that does not come ends like this",
                seconds(usage.wall_us),
                seconds(limits.wall_ms * 1_000),
                seconds(usage.cpu_us)
            ),
        },
        Limit::Memory => Ended {
            cause: Cause::MemoryLimit,
            message: format!(
                "stopped because it needed more memory than the limit of {}",
                bytes(limits.memory_bytes)
            ),
        },
        Limit::Output => Ended {
            cause: Cause::OutputLimit,
            message: format!(
                "stopped because it wrote more output than the limit of {}",
                bytes(limits.output_bytes)
            ),
        },
        Limit::FileSize => Ended {
            cause: Cause::DiskLimit,
            message: format!(
                "stopped because a file grew past the limit of {}",
                bytes(limits.file_bytes)
            ),
        },
    }
}

fn forbidden(name: Option<&str>) -> Ended {
    let message = match name {
        Some(name) => {
            format!("stopped because it made the system call `{name}`, which is not allowed here")
        }
        None => "stopped because it made a system call that is not allowed here".to_owned(),
    };
    let cause = Cause::ForbiddenSystemCall {
        name: name.map(str::to_owned),
    };
    Ended { cause, message }
}

/// Microseconds as seconds; at least one decimal, three below a second.
fn seconds(us: u64) -> String {
    let ms = us / 1_000;
    if ms < 1_000 && !ms.is_multiple_of(100) {
        return format!("0.{ms:03} s");
    }
    format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
}

/// Bytes in the largest unit that divides them well enough.
fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    for (unit, size) in UNITS {
        if count >= size {
            let whole = count / size;
            // Rounded down; wide enough for any count.
            let tenth = u128::from(count % size) * 10 / u128::from(size);
            return match tenth {
                0 => format!("{whole} {unit}"),
                tenth => format!("{whole}.{tenth} {unit}"),
            };
        }
    }
    format!("{count} bytes")
}

/// Name and meaning of the signals that programs end with (Linux, signal(7)).
fn signal_words(signal: i32) -> String {
    let words = match signal {
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL (illegal instruction)",
        5 => "SIGTRAP (trap)",
        6 => "SIGABRT (abort: a failed assertion or an uncaught exception)",
        7 => "SIGBUS (bad memory access)",
        8 => "SIGFPE (division by zero or another arithmetic error)",
        9 => "SIGKILL (killed)",
        11 => "SIGSEGV (access to memory that is not its own, or a stack that is too deep)",
        13 => "SIGPIPE (wrote to a closed pipe)",
        15 => "SIGTERM",
        24 => "SIGXCPU (processor time)",
        31 => "SIGSYS (a system call that is not allowed)",
        other => return format!("signal {other}"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::report;

    fn told(ending: Ending) -> Ended {
        of_report(&Report::of(ending), &Limits::default(), 0).unwrap()
    }

    #[test]
    fn the_expected_exit_code_is_no_cause() {
        assert_eq!(of_report(&report(0), &Limits::default(), 0), None);
        assert_eq!(of_report(&report(3), &Limits::default(), 3), None);
        let ended = of_report(&report(0), &Limits::default(), 3).unwrap();
        assert_eq!(ended.message, "ended with exit code 0 instead of 3");
    }

    #[test]
    fn messages_name_figure_and_limit() {
        let mut stopped = Report::of(Ending::Limit(Limit::Cpu));
        stopped.usage.cpu_us = 1_049_000;
        let limits = Limits {
            cpu_ms: 1_000,
            ..Limits::default()
        };
        let ended = of_report(&stopped, &limits, 0).unwrap();
        assert_eq!(
            ended.message,
            "stopped after 1.0 s of processor time (limit 1.0 s)"
        );
        assert_eq!(ended.cause, Cause::TimeLimit { clock: Clock::Cpu });
        assert!(
            told(Ending::Limit(Limit::Memory))
                .message
                .contains("512 MiB")
        );
        assert!(told(Ending::Limit(Limit::Output)).message.contains("1 MiB"));
        assert_eq!(told(Ending::Limit(Limit::FileSize)).cause, Cause::DiskLimit);
        assert!(told(Ending::Signalled(11)).message.contains("SIGSEGV"));
    }

    #[test]
    fn refused_processes_count_only_when_the_program_then_failed() {
        let mut fine = report(0);
        fine.processes_refused = 4;
        assert_eq!(of_report(&fine, &Limits::default(), 0), None);
        let mut failed = report(1);
        failed.processes_refused = 4;
        let ended = of_report(&failed, &Limits::default(), 0).unwrap();
        assert_eq!(ended.cause, Cause::ProcessLimit);
        let mut full = report(1);
        full.disk_full = true;
        assert_eq!(
            of_report(&full, &Limits::default(), 0).unwrap().cause,
            Cause::DiskLimit
        );
    }

    #[test]
    fn figures_read_well() {
        assert_eq!(seconds(50_000), "0.050 s");
        assert_eq!(seconds(10_000_000), "10.0 s");
        assert_eq!(seconds(300_000), "0.3 s");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes((2 << 20) - 1), "1.9 MiB");
        assert_eq!(bytes(12), "12 bytes");
        assert_eq!(bytes(3 << 30), "3 GiB");
    }
}
