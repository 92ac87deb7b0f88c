//! Whole challenges in a temporary directory: what loads, and what is told about what does not.

use std::path::Path;

use carrel_model::challenge::{Comparator, Grading, Rule};
use carrel_model::{Challenge, CheckKind, Limits, Verdict};
use proptest::prelude::*;
use tempfile::TempDir;

use super::load;

pub(super) fn write(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let full = directory.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }
    directory
}

pub(super) const SMALLEST: [(&str, &str); 4] = [
    (
        "challenge.toml",
        "id = 'a'\ntitle = 'A'\nlanguage = 'python'\n",
    ),
    ("tests/test_a.py", ""),
    ("start/a.py", ""),
    ("solution/a.py", ""),
];

pub(super) fn with(toml: &str, more: &[(&str, &str)]) -> TempDir {
    let mut files = SMALLEST.to_vec();
    let text = format!("{}{toml}", SMALLEST[0].1);
    files[0].1 = &text;
    files.extend(more);
    write(&files)
}

pub(super) fn load_ok(directory: &Path) -> Challenge {
    load(directory).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(super) fn check_problems(directory: &Path, expected: &[&str]) {
    let problems = load(directory).expect_err("the challenge loads");
    let text = problems
        .to_string()
        .replace(&format!("{}/", directory.display()), "");
    for expected in expected {
        assert!(text.contains(expected), "`{expected}` not in:\n{text}");
    }
    assert_eq!(problems.list().len(), expected.len(), "{text}");
}

#[test]
fn the_smallest_challenge_has_defaults() {
    let directory = write(&SMALLEST);
    let challenge = load_ok(directory.path());
    assert_eq!(challenge.environment, "python");
    assert_eq!(challenge.editable, ["a.py"]);
    assert_eq!(challenge.limits, Limits::default());
    assert_eq!(challenge.steps.len(), 1);
    assert_eq!(challenge.steps[0].id, "a");
    assert_eq!(challenge.grading, Grading::Sum);
    let [check] = challenge.checks.as_slice() else {
        panic!()
    };
    assert_eq!(
        (check.id.as_str(), check.points, check.required),
        ("unit", 1.0, true)
    );
    let CheckKind::Unit(unit) = &check.kind else {
        panic!()
    };
    assert_eq!((unit.framework.as_str(), unit.apart), ("unittest", true));
    assert_eq!(unit.files.keys().collect::<Vec<_>>(), ["test_a.py"]);
}

#[test]
fn data_spreads_over_files_and_dependencies_follow() {
    let toml = "
[[checks]]
id = 'sample'
kind = 'io'
data = 'data/sample/*.in'
[[checks]]
id = 'secret'
kind = 'io'
data = 'data/secret/**/*.in'
absolute_tolerance = 1e-6
points = 2
depends_on = ['sample']
title = 'Secret'
";
    let data = [
        ("data/sample/1.in", ""),
        ("data/sample/1.ans", ""),
        ("data/secret/10.in", ""),
        ("data/secret/10.out", ""),
        ("data/secret/2.in", ""),
        ("data/secret/2.ans", ""),
        ("data/secret/g/1.in", ""),
        ("data/secret/g/1.ans", ""),
    ];
    let directory = with(toml, &data);
    let challenge = load_ok(directory.path());
    let ids: Vec<&str> = challenge
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, ["sample/1", "secret/2", "secret/10", "secret/g/1"]);
    assert_eq!(challenge.checks[1].depends_on, ["sample/1"]);
    assert_eq!(challenge.checks[1].title, "Secret 2");
    let CheckKind::Io(io) = &challenge.checks[2].kind else {
        panic!()
    };
    assert!(io.answer.ends_with("data/secret/10.out"));
    assert!(
        matches!(&io.comparator, Comparator::Tokens(options) if options.absolute_tolerance == Some(1e-6))
    );
}

#[test]
fn reads_steps_with_their_own_files() {
    let toml = "
[[steps]]
id = 'read'
title = 'Read'
hints = [{ text = 'look', after_failures = 2 }]
[[steps]]
id = 'count'
[[checks]]
kind = 'unit'
step = 'read'
[[checks]]
id = 'no-sort'
kind = 'static'
step = 'count'
must_not = { call = 'sorted' }
";
    let directory = with(
        toml,
        &[
            ("steps/01-read.md", ""),
            ("steps/02-count.md", ""),
            ("steps/02-count/start/a.py", ""),
        ],
    );
    let challenge = load_ok(directory.path());
    let [read, count] = challenge.steps.as_slice() else {
        panic!()
    };
    assert!(
        read.instructions
            .as_ref()
            .unwrap()
            .ends_with("steps/01-read.md")
    );
    assert_eq!(read.hints[0].after_failures, 2);
    assert_eq!(count.requires, ["read"]);
    assert_eq!(count.start.keys().collect::<Vec<_>>(), ["a.py"]);
    let CheckKind::Static(rule) = &challenge.checks[1].kind else {
        panic!()
    };
    assert_eq!(
        (&rule.rule, rule.must),
        (&Rule::Calls("sorted".to_owned()), false)
    );
}

#[test]
fn limits_lie_over_each_other() {
    let toml = "
[limits]
cpu_ms = 1000
memory_bytes = '64 MiB'
[[checks]]
kind = 'unit'
limits = { processes = 3 }
";
    let directory = with(toml, &[]);
    let challenge = load_ok(directory.path());
    assert_eq!(
        (challenge.limits.cpu_ms, challenge.limits.wall_ms),
        (1_000, 2_000)
    );
    let own = challenge.checks[0].limits.unwrap();
    assert_eq!(
        (own.processes, own.memory_bytes, own.cpu_ms),
        (3, 64 << 20, 1_000)
    );
}

#[test]
fn validators_have_a_language_and_environment() {
    let toml = "
[[checks]]
id = 'v'
kind = 'validator'
data = 'data/*.in'
program = { path = 'validators/check.c' }
[[checks]]
id = 'talk'
kind = 'interactive'
program = { path = 'validators/talk', arguments = ['x'] }
";
    let files = [
        ("data/1.in", ""),
        ("validators/check.c", ""),
        ("validators/talk/main.py", ""),
    ];
    let directory = with(toml, &files);
    let challenge = load_ok(directory.path());
    let CheckKind::Validator(validator) = &challenge.checks[0].kind else {
        panic!()
    };
    assert_eq!(validator.program.language, "c");
    assert_eq!(validator.program.environment.as_deref(), Some("c"));
    let CheckKind::Interactive(interactive) = &challenge.checks[1].kind else {
        panic!()
    };
    assert_eq!(interactive.validator.program.environment, None);
    assert_eq!(
        interactive
            .validator
            .program
            .files
            .keys()
            .collect::<Vec<_>>(),
        ["main.py"]
    );
}

#[test]
fn submissions_are_found_and_told_apart() {
    let toml = "[[checks]]\nid = 'tests'\nkind = 'unit'\n";
    let declared = "
[[submissions]]
name = 'wrong_answer/off'
failing = ['tests']
messages = ['expected']
score = 0
[[submissions]]
name = 'time_limit/slow'
verdicts = ['time_limit', 'wrong_answer']
score = [0, 1]
";
    let directory = with(
        toml,
        &[
            ("submissions/accepted/other.py", ""),
            ("submissions/wrong_answer/off.py", ""),
            ("submissions/time_limit/slow/a.py", ""),
            ("submissions.toml", declared),
        ],
    );
    let challenge = load_ok(directory.path());
    let names: Vec<&str> = challenge
        .submissions
        .iter()
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "accepted/other.py",
            "time_limit/slow",
            "wrong_answer/off.py"
        ]
    );
    let off = &challenge.submissions[2];
    assert_eq!(off.files.keys().collect::<Vec<_>>(), ["a.py"]);
    assert_eq!(
        off.failing.as_deref(),
        Some(["tests".to_owned()].as_slice())
    );
    assert_eq!(off.score, Some((0.0, 0.0)));
    let slow = &challenge.submissions[1];
    assert_eq!(slow.verdicts, [Verdict::TimeLimit, Verdict::WrongAnswer]);
    assert_eq!(slow.score, Some((0.0, 1.0)));
}

#[test]
fn groups_become_a_tree() {
    let toml = "
[[checks]]
id = 's'
kind = 'io'
data = 'data/*.in'
[[groups]]
name = ''
[[groups]]
name = 'secret/one'
points_max = 30
aggregation = 'pass_fail'
checks = ['s']
";
    let directory = with(toml, &[("data/1.in", ""), ("data/1.ans", "")]);
    let Grading::Groups(root) = load_ok(directory.path()).grading else {
        panic!()
    };
    assert_eq!(root.groups[0].name, "secret");
    let one = &root.groups[0].groups[0];
    assert_eq!(
        (one.name.as_str(), one.points_max),
        ("secret/one", Some(30.0))
    );
    assert_eq!(one.checks, ["s/1"]);
}

fn toml_value() -> impl Strategy<Value = toml::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(toml::Value::from),
        any::<i64>().prop_map(toml::Value::from),
        any::<f64>().prop_map(toml::Value::from),
        "[a-z*/.]{0,8}".prop_map(toml::Value::from),
        prop::sample::select(vec![
            "unit", "io", "static", "a", "tests/**", "python", "tap", "unittest"
        ])
        .prop_map(toml::Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop::sample::select(vec![
            "id",
            "title",
            "language",
            "files",
            "editable",
            "checks",
            "steps",
            "kind",
            "data",
            "input",
            "answer",
            "limits",
            "cpu_ms",
            "memory_bytes",
            "points",
            "depends_on",
            "requires",
            "groups",
            "name",
            "program",
            "path",
            "must",
            "call",
            "hints",
            "text",
            "compile",
            "command",
            "score",
            "submissions",
            "verdicts",
            "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(toml::Value::from),
            prop::collection::btree_map(key.prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| toml::Value::Table(map.into_iter().collect())),
        ]
    })
}

/// Something of everything.
const WHOLE: &str = "id = 'a'\ntitle = 'A'\nlanguage = 'python'\npass_points = 2\nstarter_verdict = ['wrong_answer', 'runtime_error']\n\
    [files]\neditable = ['a.py']\n[limits]\ncpu_ms = 10\nmemory_bytes = '64 MiB'\n\
    [[steps]]\nid = 'one'\ntitle = 'One'\n[[steps]]\nid = 'two'\ntitle = 'Two'\nrequires = ['one']\n\
    [[checks]]\nid = 'a'\nkind = 'unit'\nstep = 'one'\nfiles = ['tests/test_a.py']\npoints = 2\n\
    [[checks]]\nid = 'b'\nkind = 'io'\nstep = 'two'\ninput = 'tests/1.in'\nanswer = 'tests/1.ans'\ndepends_on = ['a']\nvisibility = 'never'\n";
/// Of a submission that the challenge does not have.
const DECLARED: &str =
    "[[submissions]]\nname = 'wrong_answer/x'\nverdicts = ['wrong_answer']\nfailing = ['a']\n";

/// The files that a check reads.
pub(super) fn check_files(kind: &CheckKind) -> Vec<std::path::PathBuf> {
    match kind {
        CheckKind::Unit(unit) => unit.files.values().cloned().collect(),
        CheckKind::Io(io) => {
            let files = io.files.values().chain(&io.input).chain([&io.answer]);
            files.cloned().collect()
        }
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn any_table_is_answered_without_panic(value in toml_value(), declared in toml_value()) {
        let text = toml::to_string(&value).unwrap_or_default();
        let declared = toml::to_string(&declared).unwrap_or_default();
        let directory = write(&[("challenge.toml", &text), SMALLEST[1], SMALLEST[2], SMALLEST[3], ("submissions.toml", &declared)]);
        if let Err(problems) = load(directory.path()) {
            prop_assert!(!problems.is_empty());
        }
    }

    /// An author's slip anywhere in the two files is told, with its place, or does no harm.
    #[test]
    fn fuzz_challenge(
        challenge in carrel_fuzz::damaged_text(&[WHOLE], &["[[checks]]\n", "[[groups]]\n", "../../etc/passwd", "\u{202e}", "9223372036854775808", "depends_on = [\"a\"]\n"]),
        declared in carrel_fuzz::damaged_text(&[DECLARED], &["[[submissions]]\n", "verdicts = []\n"]),
    ) {
        let directory = write(&[("challenge.toml", &challenge), SMALLEST[1], SMALLEST[2], SMALLEST[3], ("submissions.toml", &declared), ("tests/1.in", "1"), ("tests/1.ans", "1")]);
        match load(directory.path()) {
            Ok(challenge) => for path in challenge.checks.iter().flat_map(|check| check_files(&check.kind)) {
                prop_assert!(path.starts_with(directory.path()), "{}", path.display());
            },
            Err(problems) => prop_assert!(problems.to_string().contains(".toml:")
                || problems.to_string().contains(&directory.path().display().to_string())),
        }
    }

    #[test]
    fn garbage_is_answered_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let directory = write(&SMALLEST);
        std::fs::write(directory.path().join("challenge.toml"), bytes).unwrap();
        let _ = load(directory.path());
    }

    #[test]
    fn a_broken_valid_file_is_answered_without_panic(at in 0usize..100, byte in any::<u8>()) {
        let directory = with("[limits]\ncpu_ms = 10\n[[checks]]\nkind = 'unit'\n", &[]);
        let path = directory.path().join("challenge.toml");
        let mut text = std::fs::read(&path).unwrap();
        let at = at % text.len();
        text[at] = byte;
        std::fs::write(&path, text).unwrap();
        let _ = load(directory.path());
    }
}
