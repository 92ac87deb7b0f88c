//! What scripts say, in the language of the page: they find it as `data-…` of `#texts`.

use crate::page::Frame;

/// Names as scripts use them (`data-draft-refused` is `draftRefused` there), and the texts.
pub(super) fn all(frame: &Frame) -> Vec<(&'static str, String)> {
    vec![
        ("sending", frame.text("said-sending")),
        ("sending-later", frame.text("said-sending-later")),
        ("connection-lost", frame.text("said-connection-lost")),
        ("signed-out", frame.text("said-signed-out")),
        ("signed-out-kept", frame.text("said-signed-out-kept")),
        ("sign-in", frame.text("said-sign-in")),
        ("busy", frame.text("said-busy")),
        ("again-in", frame.text("said-again-in")),
        ("again-now", frame.text("said-again-now")),
        ("saving", frame.text("said-saving")),
        ("saved", frame.text("said-saved")),
        ("offline", frame.text("said-offline")),
        ("offline-lost", frame.text("said-offline-lost")),
        ("draft-refused", frame.text("said-draft-refused")),
        ("conflict", frame.text("challenge-conflict")),
        ("conflict-short", frame.text("said-conflict-short")),
        ("file", frame.text("said-file")),
        ("file-fixed", frame.text("said-file-fixed")),
        ("fixed", frame.text("challenge-file-fixed")),
        ("running", frame.text("said-running")),
        ("run-lost", frame.text("said-run-lost")),
        ("changes-of", frame.text("said-changes-of")),
        ("no-changes", frame.text("said-no-changes")),
        ("changes-since", frame.text("said-changes-since")),
        ("changes-theirs", frame.text("said-changes-theirs")),
        ("restored", frame.text("said-restored")),
        ("history-lost", frame.text("said-history-lost")),
        ("start-over", frame.text("said-start-over")),
    ]
}
