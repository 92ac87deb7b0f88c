//! A submission to its verdict, on this host's own runtimes.

use serde_json::Value;

use crate::schema;
use crate::test::{Test, sandboxes_work};

const CHALLENGE: &str = r#"
id = "adding"
title = "Adding"
language = "bash"
environment = "host"

[files]
editable = ["add.sh"]

[limits]
cpu_ms = 1000
wall_ms = 2000

[[checks]]
id = "small"
kind = "io"
title = "small numbers"
input = "data/small.in"
answer = "data/small.ans"
message = "2 and 3 make 5."
points = 2

[[checks]]
id = "hidden"
kind = "io"
title = "other numbers"
input = "data/hidden.in"
answer = "data/hidden.ans"
visibility = "never"
"#;

const RIGHT: &str = "read -r a b\necho $((a + b))\n";
const WRONG: &str = "read -r a b\necho 5\n";

fn world(arguments: &[&str]) -> Test {
    Test::new(arguments)
        .file("adding/challenge.toml", CHALLENGE)
        .file("adding/instructions.md", "Add two numbers.\n")
        .file("adding/data/small.in", "2 3\n")
        .file("adding/data/small.ans", "5\n")
        .file("adding/data/hidden.in", "41 1\n")
        .file("adding/data/hidden.ans", "42\n")
        .file("adding/start/add.sh", "echo nothing yet\n")
        .file("adding/solution/add.sh", RIGHT)
        .file("adding/submissions/wrong_answer/constant/add.sh", WRONG)
        .file(
            "adding/submissions/time_limit/loop/add.sh",
            "while :; do :; done\n",
        )
        .file("wrong.sh", WRONG)
        .file("syntax.sh", "if true; then\n")
        .file("loop.sh", "while :; do :; done\n")
}

#[test]
fn the_host_is_refused_unless_it_is_allowed() {
    world(&["check", "adding"])
        .status(5)
        .stderr("--allow-unrepeatable")
        .run();
}

#[test]
fn the_reference_solution_is_judged_without_files() {
    if !sandboxes_work() {
        return;
    }
    world(&["check", "adding", "--allow-unrepeatable"])
        .stderr("judging the reference solution")
        .stdout("✓ small numbers  2/2")
        .stdout("verdict: accepted · 3 of 3 points")
        .run();
}

#[test]
fn a_wrong_submission_is_rejected_check_by_check() {
    if !sandboxes_work() {
        return;
    }
    world(&["check", "adding", "wrong.sh", "--allow-unrepeatable"])
        .status(1)
        .stdout("✓ small numbers")
        .stdout("✗ other numbers")
        .stdout("verdict: wrong answer")
        // The check is hidden from learners: nothing of its content is told.
        .absent("42")
        .run();
}

#[test]
fn the_author_sees_what_is_hidden() {
    if !sandboxes_work() {
        return;
    }
    world(&[
        "check",
        "adding",
        "wrong.sh",
        "--allow-unrepeatable",
        "--view",
        "author",
    ])
    .status(1)
    .stdout("42")
    .run();
}

#[test]
fn the_result_document_fits_its_schema() {
    if !sandboxes_work() {
        return;
    }
    for file in ["adding/solution/add.sh", "wrong.sh", "syntax.sh", "loop.sh"] {
        let status = u8::from(file != "adding/solution/add.sh");
        let ended = world(&["check", "adding", file, "--allow-unrepeatable", "--json"])
            .status(status)
            .run();
        schema::assert_fits(&ended, "result");
    }
}

#[test]
fn a_syntax_error_is_a_compile_error_with_its_line() {
    if !sandboxes_work() {
        return;
    }
    let ended = world(&[
        "check",
        "adding",
        "syntax.sh",
        "--allow-unrepeatable",
        "--json",
    ])
    .status(1)
    .run();
    let document = ended.json();
    assert_eq!(document["verdict"], "compile_error", "{document:#}");
    assert_eq!(document["cause"]["file"], "add.sh", "{document:#}");
}

#[test]
fn an_endless_loop_is_stopped_and_told() {
    if !sandboxes_work() {
        return;
    }
    world(&["check", "adding", "loop.sh", "--allow-unrepeatable"])
        .status(1)
        .stdout("verdict: time limit")
        .run();
}

#[test]
fn reports_are_written() {
    if !sandboxes_work() {
        return;
    }
    let ended = world(&[
        "check",
        "adding",
        "wrong.sh",
        "--allow-unrepeatable",
        "--junit",
        "r.xml",
        "--ctrf",
        "r.json",
    ])
    .status(1)
    .run();
    let read = |name: &str| std::fs::read_to_string(ended.directory.path().join(name)).unwrap();
    assert!(read("r.xml").contains("<testsuite"), "{}", read("r.xml"));
    let ctrf: Value = serde_json::from_str(&read("r.json")).unwrap();
    assert_eq!(ctrf["results"]["summary"]["failed"], 1, "{ctrf:#}");
}

#[test]
fn a_course_that_is_as_declared_passes() {
    if !sandboxes_work() {
        return;
    }
    let ended = world(&[
        "course",
        "check",
        "adding",
        "--allow-unrepeatable",
        "--json",
    ])
    .run();
    let report = schema::assert_fits(&ended, "course-check");
    assert_eq!(report["submissions"], 4, "{report:#}");
    assert_eq!(report["as_declared"], true);
}

#[test]
fn a_course_that_is_not_as_declared_is_refused_with_the_difference() {
    if !sandboxes_work() {
        return;
    }
    world(&["course", "check", "adding", "--allow-unrepeatable"])
        .file("adding/submissions/wrong_answer/right/add.sh", RIGHT)
        .status(1)
        .stdout("DIFF  adding wrong_answer/right: accepted")
        .stdout("declared wrong_answer, got accepted")
        .stdout("the course is refused")
        .run();
}

#[test]
fn a_declared_submission_may_be_in_another_language_with_its_own_main_file() {
    if !sandboxes_work() {
        return;
    }
    let editable = r#"editable = ["add.sh", "*.py"]"#;
    let challenge = CHALLENGE.replace(r#"editable = ["add.sh"]"#, editable);
    let declared =
        "[[submissions]]\nname = \"accepted/other\"\nlanguage = \"python\"\nentry = \"main.py\"\n";
    let ended = world(&[
        "course",
        "check",
        "adding",
        "--allow-unrepeatable",
        "--json",
    ])
    .file("adding/challenge.toml", &challenge)
    .file("adding/submissions.toml", declared)
    .file(
        "adding/submissions/accepted/other/adding.py",
        "def add(a, b):\n    return int(a) + int(b)\n",
    )
    .file(
        "adding/submissions/accepted/other/main.py",
        "import adding\nprint(adding.add(*input().split()))\n",
    )
    .run();
    let report = ended.json();
    assert_eq!(report["submissions"], 5, "{report:#}");
}

#[test]
fn a_file_that_may_not_be_sent_is_told() {
    if !sandboxes_work() {
        return;
    }
    world(&[
        "check",
        "adding",
        "wrong.sh:other.sh",
        "--allow-unrepeatable",
    ])
    .status(2)
    .stderr("other.sh")
    .run();
}
