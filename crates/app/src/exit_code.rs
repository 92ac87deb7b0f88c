//! Exit codes of `carrel`, promised in the man page and the README; a test pins them.

/// The submission is accepted, the course is as declared, the command did what was asked.
pub const OK: u8 = 0;
/// The answer is no: submission not accepted, course refused, program run did not end with 0.
pub const REJECTED: u8 = 1;
/// The command line is wrong, or a file named on it is.
pub const USAGE: u8 = 2;
/// The author's files are wrong: challenge, course, package or environment definition.
pub const BAD_CHALLENGE: u8 = 3;
/// Ours, never the learner's: a sandbox, store or file operation failed.
pub const PLATFORM_FAULT: u8 = 4;
/// This host lacks something that the message names with the way out: an environment, a layer, a privilege.
pub const NOT_READY: u8 = 5;

/// Every code with its name and meaning, for the man page and the help text.
pub const ALL: [(u8, &str, &str); 6] = [
    (OK, "ok", "accepted; the course is as declared; done"),
    (
        REJECTED,
        "rejected",
        "not accepted; the course is refused; the program run did not exit with 0",
    ),
    (
        USAGE,
        "usage",
        "the command line, or a file named on it, is wrong",
    ),
    (
        BAD_CHALLENGE,
        "bad challenge",
        "the author's files are wrong; the message names file and line",
    ),
    (
        PLATFORM_FAULT,
        "platform fault",
        "something of ours failed; nothing is said about the submission",
    ),
    (
        NOT_READY,
        "not ready",
        "this host lacks an environment, a layer or a privilege; the message names the way out",
    ),
];

/// The table as text, one code a line.
#[must_use]
pub fn table() -> String {
    ALL.iter()
        .map(|(code, name, meaning)| format!("  {code}  {name}: {meaning}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_pinned() {
        let codes: Vec<_> = ALL.iter().map(|(code, name, _)| (*code, *name)).collect();
        let promised = [
            (0, "ok"),
            (1, "rejected"),
            (2, "usage"),
            (3, "bad challenge"),
            (4, "platform fault"),
            (5, "not ready"),
        ];
        assert_eq!(codes, promised);
    }
}
