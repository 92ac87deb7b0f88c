//! What Piston answers.

use carrel_model::Cause;
use carrel_model::execution::{ExecutionResult, StageResult};
use carrel_model::verdict::Clock;
use serde::Serialize;

use super::signal;
use crate::dialect::language::Offered;
use crate::dialect::version::write_version;

/// The answer to an execution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compile: Option<Stage>,
    pub(super) run: Stage,
    pub(super) language: &'static str,
    pub(super) version: String,
}

/// How one stage went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Stage {
    pub(super) signal: Option<String>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) code: Option<i32>,
    pub(super) output: String,
    /// Bytes.
    pub(super) memory: u64,
    pub(super) message: Option<String>,
    /// `RE`, `SG`, `TO`, `OL`, `EL`, or none for an ordinary end.
    pub(super) status: Option<&'static str>,
    /// Milliseconds.
    pub(super) cpu_time: u64,
    /// Milliseconds.
    pub(super) wall_time: u64,
}

/// Signal that theirs names wherever a limit ended a run.
const KILLED: &str = "SIGKILL";

/// The answer; `None`: neither stage was reached, which no execution that ended has.
pub(super) fn answer(offered: Offered, result: &ExecutionResult) -> Option<Answer> {
    let compile = result.compile.as_ref().map(stage);
    // A run that was never begun is told as its compile step, as theirs is.
    let run = result.run.as_ref().map(stage).or_else(|| compile.clone())?;
    Some(Answer {
        compile,
        run,
        language: offered.names.piston,
        version: write_version(offered.version),
    })
}

/// One stage.
pub(super) fn stage(result: &StageResult) -> Stage {
    let (status, message) = tell(result);
    let killed = matches!(status, Some("TO" | "OL" | "EL"));
    let signalled = status == Some("SG");
    let name = result.signal.and_then(signal::name);
    let signal = match (killed, name) {
        (true, _) => Some(KILLED.to_owned()),
        (false, Some(name)) => Some(name),
        // A limit of ours killed it where the kernel named no signal.
        (false, None) => signalled.then(|| KILLED.to_owned()),
    };
    Stage {
        code: result.exit_code.filter(|_| signal.is_none()),
        signal,
        stdout: text(&result.stdout),
        stderr: text(&result.stderr),
        output: text(&result.output()),
        memory: result.usage.memory_peak_bytes,
        message,
        status,
        cpu_time: whole(result.usage.cpu_ms),
        wall_time: whole(result.usage.wall_ms),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates"
)]
fn whole(milliseconds: f64) -> u64 {
    milliseconds.round() as u64
}

/// Status and message as isolate writes them (`isolate.1.txt`), with the reason where it knows none.
fn tell(result: &StageResult) -> (Option<&'static str>, Option<String>) {
    let exited = |why: &str| {
        let code = result.exit_code.filter(|code| *code != 0)?;
        let message = format!("Exited with error status {code}{why}");
        Some((Some("RE"), Some(message)))
    };
    let signalled = |default: i32, why: &str| {
        let signal = result.signal.unwrap_or(default);
        let message = format!("Caught fatal signal {signal}{why}");
        (Some("SG"), Some(message))
    };
    // Of a compile step the limit says more than that it is an error.
    match result.limit.as_ref().or(result.cause.as_ref()) {
        None | Some(Cause::WrongAnswer) => (None, None),
        Some(Cause::TimeLimit { clock: Clock::Cpu }) => {
            (Some("TO"), Some("Time limit exceeded".to_owned()))
        }
        Some(Cause::TimeLimit { clock: Clock::Wall }) => {
            let message = "Time limit exceeded (wall clock)";
            (Some("TO"), Some(message.to_owned()))
        }
        Some(Cause::OutputLimit) if result.stderr.len() > result.stdout.len() => {
            (Some("EL"), Some("stderr length exceeded".to_owned()))
        }
        Some(Cause::OutputLimit) => (Some("OL"), Some("stdout length exceeded".to_owned())),
        Some(Cause::MemoryLimit) => signalled(9, " (memory limit exceeded)"),
        Some(Cause::DiskLimit) => {
            exited(" (disk limit exceeded)").unwrap_or_else(|| signalled(25, ""))
        }
        Some(Cause::ProcessLimit) => exited(" (process limit exceeded)")
            .unwrap_or_else(|| signalled(9, " (process limit exceeded)")),
        Some(Cause::ForbiddenSystemCall { name }) => {
            let name = name.as_deref().unwrap_or("unknown");
            signalled(31, &format!(" (forbidden system call {name})"))
        }
        Some(_) => exited("").unwrap_or_else(|| signalled(9, "")),
    }
}

#[cfg(test)]
mod tests {
    use carrel_model::result::Usage;

    use super::*;

    fn ended(exit_code: Option<i32>, signal: Option<i32>, cause: Option<Cause>) -> StageResult {
        StageResult {
            stdout: b"out\xff".to_vec(),
            stderr: b"".to_vec(),
            order: Vec::new(),
            exit_code,
            signal,
            cause,
            limit: None,
            message: None,
            usage: Usage {
                cpu_ms: 12.4,
                wall_ms: 20.6,
                memory_peak_bytes: 5_000,
                ..Usage::default()
            },
        }
    }

    fn compile_error() -> Cause {
        Cause::CompileError {
            file: None,
            line: None,
        }
    }

    fn told(result: &StageResult) -> (Option<&str>, Option<i32>, Option<String>, Option<String>) {
        let stage = stage(result);
        (stage.status, stage.code, stage.signal, stage.message)
    }

    #[test]
    fn an_ordinary_end_has_no_status() {
        let stage = stage(&ended(Some(0), None, None));
        assert_eq!((stage.code, stage.status), (Some(0), None));
        assert_eq!(
            (stage.cpu_time, stage.wall_time, stage.memory),
            (12, 21, 5_000)
        );
        assert_eq!(
            (stage.stdout.as_str(), stage.output.as_str()),
            ("out\u{fffd}", "out\u{fffd}")
        );
    }

    #[test]
    fn statuses_and_messages_are_those_of_isolate() {
        let error = |signal, exit_code| Some(Cause::RuntimeError { signal, exit_code });
        assert_eq!(
            told(&ended(Some(3), None, error(None, Some(3)))),
            (
                Some("RE"),
                Some(3),
                None,
                Some("Exited with error status 3".into())
            )
        );
        assert_eq!(
            told(&ended(None, Some(11), error(Some(11), None))),
            (
                Some("SG"),
                None,
                Some("SIGSEGV".into()),
                Some("Caught fatal signal 11".into())
            )
        );
        let wall = Some(Cause::TimeLimit { clock: Clock::Wall });
        let message = Some("Time limit exceeded (wall clock)".into());
        assert_eq!(
            told(&ended(None, None, wall)),
            (Some("TO"), None, Some("SIGKILL".into()), message)
        );
        let message = Some("Caught fatal signal 9 (memory limit exceeded)".into());
        assert_eq!(
            told(&ended(None, None, Some(Cause::MemoryLimit))),
            (Some("SG"), None, Some("SIGKILL".into()), message)
        );
        let compiled = StageResult {
            limit: Some(Cause::TimeLimit { clock: Clock::Wall }),
            ..ended(None, None, Some(compile_error()))
        };
        let message = Some("Time limit exceeded (wall clock)".into());
        assert_eq!(
            told(&compiled),
            (Some("TO"), None, Some("SIGKILL".into()), message)
        );
        let message = Some("stdout length exceeded".into());
        assert_eq!(
            told(&ended(None, None, Some(Cause::OutputLimit))),
            (Some("OL"), None, Some("SIGKILL".into()), message)
        );
    }
}
