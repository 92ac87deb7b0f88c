//! Names of signals as Node.js and Piston write them.

const NAMES: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];
/// First real-time signal that a program may use.
const REAL_TIME_MIN: i32 = 34;
/// Last real-time signal.
const REAL_TIME_MAX: i32 = 64;
/// Up to here they are counted from the first.
const REAL_TIME_MIDDLE: i32 = 49;

/// The name of a signal; `None`: there is none of this number.
pub(super) fn name(signal: i32) -> Option<String> {
    match signal {
        1..=31 => {
            let index = usize::try_from(signal - 1).ok()?;
            NAMES.get(index).map(|name| (*name).to_owned())
        }
        REAL_TIME_MIN => Some("SIGRTMIN".to_owned()),
        REAL_TIME_MAX => Some("SIGRTMAX".to_owned()),
        35..=REAL_TIME_MIDDLE => Some(format!("SIGRTMIN+{}", signal - REAL_TIME_MIN)),
        50..REAL_TIME_MAX => Some(format!("SIGRTMAX-{}", REAL_TIME_MAX - signal)),
        _ => None,
    }
}

/// The number of a signal by name; `None`: there is none.
pub(super) fn number(wanted: &str) -> Option<i32> {
    (1..=REAL_TIME_MAX).find(|signal| name(*signal).is_some_and(|name| name == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_go_both_ways() {
        for (signal, text) in [
            (1, "SIGHUP"),
            (9, "SIGKILL"),
            (11, "SIGSEGV"),
            (31, "SIGSYS"),
            (35, "SIGRTMIN+1"),
            (49, "SIGRTMIN+15"),
            (50, "SIGRTMAX-14"),
            (63, "SIGRTMAX-1"),
            (64, "SIGRTMAX"),
        ] {
            assert_eq!(name(signal).as_deref(), Some(text));
            assert_eq!(number(text), Some(signal));
        }
        assert_eq!((name(0), name(32), name(65)), (None, None, None));
        assert_eq!(number("SIGNONE"), None);
    }
}
