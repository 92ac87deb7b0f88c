//! From how a run ended to their statuses and messages.

use carrel_model::Cause;
use carrel_model::execution::{ExecutionResult, StageResult};
use carrel_model::verdict::Clock;

use super::note::Note;
use super::text;
use crate::dialect::ending::Ending;

/// Id and description of every status.
pub(super) const STATUSES: [(u8, &str); 14] = [
    (1, "In Queue"),
    (2, "Processing"),
    (3, "Accepted"),
    (4, "Wrong Answer"),
    (5, "Time Limit Exceeded"),
    (6, "Compilation Error"),
    (7, "Runtime Error (SIGSEGV)"),
    (8, "Runtime Error (SIGXFSZ)"),
    (9, "Runtime Error (SIGFPE)"),
    (10, "Runtime Error (SIGABRT)"),
    (11, "Runtime Error (NZEC)"),
    (12, "Runtime Error (Other)"),
    (13, "Internal Error"),
    (14, "Exec Format Error"),
];

/// The description of a status.
pub(super) fn describe(id: u8) -> &'static str {
    STATUSES
        .iter()
        .find(|(known, _)| *known == id)
        .map_or("Internal Error", |(_, description)| description)
}

/// What is told of how a submission went.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    pub(super) status: u8,
    pub(super) stdout: Option<Vec<u8>>,
    pub(super) stderr: Option<Vec<u8>>,
    pub(super) compile_output: Option<Vec<u8>>,
    pub(super) message: Option<String>,
    pub(super) exit_code: Option<i32>,
    pub(super) exit_signal: Option<i32>,
    /// Processor time, seconds.
    pub(super) time: Option<f64>,
    /// Wall-clock time, seconds.
    pub(super) wall_time: Option<f64>,
    /// Kilobytes.
    pub(super) memory: Option<u64>,
}

const QUEUED: u8 = 1;
const PROCESSING: u8 = 2;
const ACCEPTED: u8 = 3;
const WRONG_ANSWER: u8 = 4;
const TIME_LIMIT: u8 = 5;
const COMPILE_ERROR: u8 = 6;
const NONZERO_EXIT: u8 = 11;
const OTHER: u8 = 12;
const INTERNAL_ERROR: u8 = 13;

/// Decides what to tell.
pub(super) fn tell(ending: &Ending, note: &Note) -> Told {
    let with_status = |status| Told {
        status,
        ..Told::default()
    };
    match ending {
        Ending::Queued => with_status(QUEUED),
        Ending::Running => with_status(PROCESSING),
        Ending::Refused(message) | Ending::Failed(message) => Told {
            message: Some(message.clone()),
            ..with_status(INTERNAL_ERROR)
        },
        Ending::Executed(result) => tell_result(result, note),
    }
}

fn tell_result(result: &ExecutionResult, note: &Note) -> Told {
    let compile_output = result.compile.as_ref().map(StageResult::output);
    let compile_output = compile_output.filter(|output| !output.is_empty());
    let Some(run) = &result.run else {
        let stage = result.compile.as_ref();
        let limit = match stage.and_then(|stage| stage.limit.as_ref()) {
            Some(Cause::TimeLimit { .. }) => Some("Compilation time limit exceeded."),
            Some(Cause::MemoryLimit) => Some("Compilation memory limit exceeded."),
            _ => None,
        };
        let bytes = |text: &str| text.as_bytes().to_vec();
        let message = stage.and_then(|stage| stage.message.as_deref());
        let told = limit.map(bytes).or(compile_output);
        return Told {
            status: COMPILE_ERROR,
            compile_output: told.or_else(|| message.map(bytes)),
            ..Told::default()
        };
    };
    let how = decide(run, note);
    let some = |bytes: &Vec<u8>| (!bytes.is_empty()).then(|| bytes.clone());
    Told {
        status: how.status,
        stdout: some(&run.stdout),
        stderr: some(&run.stderr),
        compile_output,
        message: how.message,
        exit_code: Some(how.exit_code),
        exit_signal: how.exit_signal,
        time: Some(run.usage.cpu_ms / 1_000.0),
        wall_time: Some(run.usage.wall_ms / 1_000.0),
        memory: Some(run.usage.memory_peak_bytes / 1_024),
    }
}

struct How {
    status: u8,
    message: Option<String>,
    exit_code: i32,
    exit_signal: Option<i32>,
}

/// A program that a signal ended: their status of it, and the exit code that the shell between gives.
fn signalled(signal: i32, why: &str) -> How {
    let status = match signal {
        11 => 7,
        25 => 8,
        8 => 9,
        6 => 10,
        _ => OTHER,
    };
    How {
        status,
        message: Some(format!("Caught fatal signal {signal}{why}")),
        exit_code: 128 + signal,
        exit_signal: Some(signal),
    }
}

fn exited(run: &StageResult, why: &str) -> Option<How> {
    let exit_code = run.exit_code.filter(|code| *code != 0)?;
    Some(How {
        status: NONZERO_EXIT,
        message: Some(format!("Exited with error status {exit_code}{why}")),
        exit_code,
        exit_signal: None,
    })
}

fn late(message: &str) -> How {
    How {
        status: TIME_LIMIT,
        message: Some(message.to_owned()),
        exit_code: 0,
        exit_signal: None,
    }
}

fn decide(run: &StageResult, note: &Note) -> How {
    let ended = |default: i32, why: &str| {
        exited(run, why).unwrap_or_else(|| signalled(run.signal.unwrap_or(default), why))
    };
    match &run.cause {
        Some(Cause::TimeLimit { clock: Clock::Cpu }) => late("Time limit exceeded"),
        Some(Cause::TimeLimit { clock: Clock::Wall }) => late("Time limit exceeded (wall clock)"),
        Some(Cause::MemoryLimit) => signalled(9, " (memory limit exceeded)"),
        Some(Cause::OutputLimit) => signalled(25, " (output limit exceeded)"),
        Some(Cause::DiskLimit) => ended(25, " (file size limit exceeded)"),
        Some(Cause::ProcessLimit) => ended(9, " (process limit exceeded)"),
        Some(Cause::ForbiddenSystemCall { name }) => {
            let name = name.as_deref().unwrap_or("unknown");
            signalled(31, &format!(" (forbidden system call {name})"))
        }
        Some(Cause::PlatformFault) => How {
            status: INTERNAL_ERROR,
            message: Some(crate::dialect::ending::PARKED.to_owned()),
            exit_code: 0,
            exit_signal: None,
        },
        Some(Cause::RuntimeError {
            signal: Some(signal),
            ..
        }) => signalled(*signal, ""),
        Some(_) => ended(9, ""),
        // It ended well, but after the time that it had.
        None if run.usage.cpu_ms > note.cpu_time_limit * 1_000.0 && note.cpu_time_limit > 0.0 => {
            late("Time limit exceeded")
        }
        None => {
            let expected = note.expected_output();
            let right = expected.is_none_or(|expected| text::is_same(&expected, &run.stdout));
            How {
                status: if right { ACCEPTED } else { WRONG_ANSWER },
                message: None,
                exit_code: 0,
                exit_signal: None,
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use carrel_model::result::{EnvironmentUsed, Usage};

    use super::*;
    use crate::judge0::note::FORM;

    pub(in crate::judge0) fn note() -> Note {
        Note {
            judge0: FORM,
            language_id: 71,
            stdin: false,
            expected_output: None,
            compiler_options: None,
            command_line_arguments: None,
            cpu_time_limit: 5.0,
            cpu_extra_time: 1.0,
            wall_time_limit: 10.0,
            memory_limit: 128_000,
            stack_limit: 64_000,
            max_processes_and_or_threads: 60,
            max_file_size: 1_024,
            additional_files: None,
            callback_url: None,
        }
    }

    pub(in crate::judge0) fn stage(exit_code: Option<i32>, cause: Option<Cause>) -> StageResult {
        StageResult {
            stdout: b"1\n".to_vec(),
            stderr: Vec::new(),
            order: Vec::new(),
            exit_code,
            signal: None,
            cause,
            limit: None,
            message: None,
            usage: Usage {
                cpu_ms: 12.0,
                wall_ms: 30.5,
                memory_peak_bytes: 3_500 * 1_024 + 1,
                ..Usage::default()
            },
        }
    }

    pub(in crate::judge0) fn result(
        compile: Option<StageResult>,
        run: Option<StageResult>,
    ) -> ExecutionResult {
        ExecutionResult {
            environment: EnvironmentUsed {
                name: "python".into(),
                digest: None,
                repeatable: false,
            },
            compile,
            run,
            platform_fault: None,
            incidents: Vec::new(),
        }
    }

    fn told(run: StageResult, note: &Note) -> Told {
        tell(&Ending::Executed(Box::new(result(None, Some(run)))), note)
    }

    #[test]
    fn an_answer_is_compared_where_one_is_expected() {
        let ended = stage(Some(0), None);
        assert_eq!(told(ended.clone(), &note()).status, ACCEPTED);
        let expecting = |text: &[u8]| Note {
            expected_output: Some(text::encode(text)),
            ..note()
        };
        assert_eq!(told(ended.clone(), &expecting(b"1")).status, ACCEPTED);
        let wrong = told(ended, &expecting(b"2"));
        assert_eq!(
            (wrong.status, wrong.exit_code, wrong.memory),
            (WRONG_ANSWER, Some(0), Some(3_500))
        );
    }

    #[test]
    fn causes_become_statuses_and_messages() {
        let exited = |exit_code| Cause::RuntimeError {
            signal: None,
            exit_code: Some(exit_code),
        };
        let ended = |signal| Cause::RuntimeError {
            signal: Some(signal),
            exit_code: None,
        };
        let clock = |clock| Cause::TimeLimit { clock };
        let memory = "Caught fatal signal 9 (memory limit exceeded)";
        let output = "Caught fatal signal 25 (output limit exceeded)";
        for (cause, status, signal, message) in [
            (exited(3), 11, None, "Exited with error status 3"),
            (ended(11), 7, Some(11), "Caught fatal signal 11"),
            (ended(8), 9, Some(8), "Caught fatal signal 8"),
            (ended(6), 10, Some(6), "Caught fatal signal 6"),
            (ended(15), 12, Some(15), "Caught fatal signal 15"),
            (Cause::MemoryLimit, 12, Some(9), memory),
            (Cause::OutputLimit, 8, Some(25), output),
            (clock(Clock::Cpu), 5, None, "Time limit exceeded"),
            (
                clock(Clock::Wall),
                5,
                None,
                "Time limit exceeded (wall clock)",
            ),
        ] {
            let code = (cause == exited(3)).then_some(3);
            let told = told(stage(code, Some(cause)), &note());
            assert_eq!(
                (told.status, told.exit_signal),
                (status, signal),
                "{message}"
            );
            assert_eq!(told.message.as_deref(), Some(message));
        }
    }

    #[test]
    fn extra_time_is_measured_but_not_given() {
        let mut slow = stage(Some(0), None);
        slow.usage.cpu_ms = 5_400.0;
        let told = told(slow, &note());
        assert_eq!((told.status, told.time), (TIME_LIMIT, Some(5.4)));
    }

    #[test]
    fn a_compile_error_tells_the_compiler_only() {
        let mut failed = stage(Some(1), None);
        failed.stderr = b"error".to_vec();
        let ending = Ending::Executed(Box::new(result(Some(failed), None)));
        let told = tell(&ending, &note());
        let expected = Told {
            status: COMPILE_ERROR,
            compile_output: Some(b"1\nerror".to_vec()),
            ..Told::default()
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn a_compile_step_that_a_limit_ended_says_so() {
        let output = |limit, message: Option<&str>| {
            let ended = StageResult {
                stdout: Vec::new(),
                limit,
                message: message.map(str::to_owned),
                ..stage(None, None)
            };
            let told = tell(
                &Ending::Executed(Box::new(result(Some(ended), None))),
                &note(),
            );
            assert_eq!(told.status, COMPILE_ERROR);
            String::from_utf8(told.compile_output.unwrap_or_default()).unwrap()
        };
        let wall = Cause::TimeLimit { clock: Clock::Wall };
        assert_eq!(output(Some(wall), None), "Compilation time limit exceeded.");
        let processes = output(Some(Cause::ProcessLimit), Some("too many processes"));
        assert_eq!(processes, "too many processes");
    }

    #[test]
    fn faults_of_ours_are_internal_errors() {
        let told = tell(&Ending::Failed("why".into()), &note());
        assert_eq!((told.status, told.message.as_deref()), (13, Some("why")));
        assert_eq!(tell(&Ending::Queued, &note()).status, 1);
        assert_eq!(tell(&Ending::Running, &note()).status, 2);
    }
}
