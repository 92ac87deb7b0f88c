//! A wrong command line: exit code 2, and the way out.

use crate::test::Test;

#[test]
fn no_command_is_a_usage_error() {
    Test::new(&[]).status(2).stderr("Usage: carrel").run();
}

#[test]
fn help_names_the_exit_codes() {
    Test::new(&["--help"])
        .stdout("Exit codes:")
        .stdout("4  platform fault")
        .run();
}

#[test]
fn version_is_told() {
    Test::new(&["--version"])
        .stdout(env!("CARGO_PKG_VERSION"))
        .run();
}

#[test]
fn a_missing_challenge_directory_is_told() {
    Test::new(&["check", "nowhere"])
        .status(2)
        .stderr("error: `nowhere` is not a directory")
        .stderr("hint: ")
        .run();
}

#[test]
fn a_missing_course_directory_is_told() {
    Test::new(&["course", "check", "nowhere"])
        .status(2)
        .stderr("`nowhere` is not a directory")
        .run();
}

#[test]
fn a_course_to_serve_that_is_not_there_is_told_before_anything_starts() {
    let refused = Test::new(&["serve", "--course", "nowhere"])
        .status(2)
        .stderr("error: `nowhere` is not a directory")
        .stderr("carrel course new DIRECTORY begins one")
        .run();
    assert!(!refused.has(".state"));
}

#[test]
fn a_limit_out_of_bounds_is_told_by_name() {
    Test::new(&[
        "run",
        "--env",
        "host",
        "--processes",
        "0",
        "--",
        "/bin/true",
    ])
    .status(2)
    .stderr("limit `processes` is 0")
    .run();
}

#[test]
fn a_wrong_time_is_told_with_how_it_is_written() {
    Test::new(&["run", "--env", "host", "--cpu", "soon", "--", "/bin/true"])
        .status(2)
        .stderr("500ms")
        .run();
}

#[test]
fn a_missing_input_file_is_told() {
    Test::new(&[
        "run",
        "--env",
        "host",
        "--file",
        "gone.txt",
        "--",
        "/bin/true",
    ])
    .status(2)
    .stderr("cannot read `gone.txt`")
    .run();
}

#[test]
fn an_environment_that_is_not_built_is_not_ready_and_names_the_way_out() {
    Test::new(&["run", "--env", "python", "--", "/bin/true"])
        .status(5)
        .stderr("environment `python` is not built")
        .stderr("carrel env build python")
        .run();
}

#[test]
fn an_unknown_environment_is_told_with_those_there_are() {
    Test::new(&["env", "build", "pyhton"])
        .status(5)
        .stderr("`pyhton`")
        .stderr("python")
        .run();
}

#[test]
fn colour_is_off_without_a_terminal_and_on_when_asked_for() {
    Test::new(&["doctor", "--color", "always"])
        .stdout("\u{1b}[")
        .status(doctor_status())
        .run();
    Test::new(&["doctor"])
        .absent("\u{1b}[")
        .status(doctor_status())
        .run();
}

/// Depends on the host; both codes are promised.
fn doctor_status() -> u8 {
    if crate::test::sandboxes_work() { 0 } else { 5 }
}
