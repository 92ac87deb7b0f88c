//! `carrel run`: what it passes on, and what it says at the end.

use crate::test::{Test, sandboxes_work};

#[test]
fn output_is_passed_on_and_the_report_goes_to_standard_error() {
    if !sandboxes_work() {
        return;
    }
    Test::new(&["run", "--env", "host", "--", "/bin/echo", "hello"])
        .stdout("hello\n")
        .stderr("carrel: exit code 0 · wall ")
        .run();
}

#[test]
fn another_exit_code_is_rejected_and_told() {
    if !sandboxes_work() {
        return;
    }
    Test::new(&["run", "--env", "host", "--", "/bin/sh", "-c", "exit 7"])
        .status(1)
        .stderr("carrel: exit code 7")
        .run();
}

#[test]
fn too_much_output_is_stopped_and_told() {
    if !sandboxes_work() {
        return;
    }
    let ended = Test::new(&[
        "run",
        "--env",
        "host",
        "--output",
        "4K",
        "--",
        "/bin/cat",
        "/dev/zero",
    ])
    .status(1)
    .stderr("limit of output")
    .run();
    assert_eq!(ended.stdout.len(), 4096);
}

#[test]
fn standard_input_and_files_arrive() {
    if !sandboxes_work() {
        return;
    }
    Test::new(&[
        "run",
        "--env",
        "host",
        "--stdin",
        "--file",
        "a.txt:b.txt",
        "--",
        "/bin/cat",
        "-",
        "b.txt",
    ])
    .file("a.txt", "from the file")
    .stdin("from outside, ")
    .stdout("from outside, from the file")
    .run();
}

#[test]
fn time_runs_out_by_name() {
    if !sandboxes_work() {
        return;
    }
    let ended = Test::new(&[
        "run",
        "--env",
        "host",
        "--wall",
        "300ms",
        "--json",
        "--",
        "/bin/sleep",
        "5",
    ])
    .status(1)
    .run();
    assert_eq!(ended.json()["ending"], serde_json::json!({"limit": "wall"}));
}

#[test]
fn a_program_that_is_not_there_is_told() {
    if !sandboxes_work() {
        return;
    }
    Test::new(&["run", "--env", "host", "--", "/bin/no-such-program"])
        .status(1)
        .stderr("not started")
        .run();
}
