//! What is told to whom: syntax errors, faults of the tests, names, skips, sub-tests, real pytest.

use carrel_judge::case::{CaseResult, CaseStatus, UnitOutcome};
use carrel_model::Cause;

use crate::world::{Files, World, judge, judge_unit, unit};

type Scene = fn(&World) -> Result<(), String>;

/// Every scene with its name.
pub(crate) const SCENES: [(&str, Scene); 10] = [
    ("scene_syntax_error_has_its_line", syntax_error_has_its_line),
    (
        "scene_fault_of_the_tests_is_the_authors",
        fault_of_the_tests_is_the_authors,
    ),
    (
        "scene_assertions_read_as_in_plain_unittest",
        assertions_read_as_in_plain_unittest,
    ),
    ("scene_the_learners_line_is_told", the_learners_line_is_told),
    (
        "scene_cases_before_a_loss_keep_their_results",
        cases_before_a_loss_keep_their_results,
    ),
    (
        "scene_skips_count_only_when_asked",
        skips_count_only_when_asked,
    ),
    (
        "scene_a_file_named_like_a_standard_module_is_not_the_tests",
        standard_names_are_reserved,
    ),
    ("scene_pytest_runs_as_itself", pytest_runs_as_itself),
    (
        "scene_tests_need_no_change_for_unittest",
        tests_need_no_change_for_unittest,
    ),
    (
        "scene_tests_need_no_change_for_pytest",
        tests_need_no_change_for_pytest,
    ),
];

const TWICE: &str = "def twice(x):\n    return x + x\n";

/// Debian's place; the sandboxes here hold the host's /usr. Without it the scenes of pytest have nothing to show.
fn has_pytest() -> bool {
    std::path::Path::new("/usr/lib/python3/dist-packages/pytest").exists()
}

fn check(right: bool, seen: &UnitOutcome) -> Result<(), String> {
    if right {
        Ok(())
    } else {
        Err(format!("{seen:?}"))
    }
}

fn case<'a>(outcome: &'a UnitOutcome, name: &str) -> Result<&'a CaseResult, String> {
    let found = outcome.cases.iter().find(|case| case.name == name);
    found.ok_or_else(|| format!("no case {name}: {outcome:?}"))
}

fn syntax_error_has_its_line(world: &World) -> Result<(), String> {
    let learner: &Files<'_> = &[("twice.py", "def twice(x):\n    return (x +\n")];
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import unittest\nfrom twice import twice\n",
    )];
    let outcome = judge(world, "unittest", learner, tests)?;
    let failure = outcome.failure.clone().ok_or("no failure")?;
    let place = Cause::CompileError {
        file: Some("twice.py".to_owned()),
        line: Some(2),
    };
    check(
        failure.cause == place && failure.message.contains("return (x +"),
        &outcome,
    )
}

fn fault_of_the_tests_is_the_authors(world: &World) -> Result<(), String> {
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import unittest\nfrom twice import twice\nnothing_of_that_name\n",
    )];
    match judge(world, "unittest", &[("twice.py", TWICE)], tests) {
        Err(problem)
            if problem.contains("NameError") && problem.contains("twice_test.py\", line 3") =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

fn assertions_read_as_in_plain_unittest(world: &World) -> Result<(), String> {
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import unittest\nfrom twice import twice\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        \
         self.assertEqual(twice([1]), [2], 'look')\n\n    def test_b(self):\n        for n in (1, 2):\n            \
         with self.subTest(n=n):\n                self.assertEqual(twice(n), 2)\n",
    )];
    let outcome = judge(world, "unittest", &[("twice.py", TWICE)], tests)?;
    let first = case(&outcome, "T.test_a")?
        .message
        .clone()
        .unwrap_or_default();
    check(
        first.starts_with("AssertionError: Lists differ: [1, 1] != [2]") && first.ends_with("look"),
        &outcome,
    )?;
    let second = case(&outcome, "T.test_b")?;
    check(
        second.message.as_deref() == Some("(n=2) AssertionError: 4 != 2"),
        &outcome,
    )?;
    let code = second.test_code.clone().unwrap_or_default();
    check(
        code.starts_with("def test_b(self):") && code.ends_with("self.assertEqual(twice(n), 2)"),
        &outcome,
    )
}

fn the_learners_line_is_told(world: &World) -> Result<(), String> {
    let learner: &Files<'_> = &[(
        "twice.py",
        "def twice(x):\n    print('seen', x)\n    return 1 / 0\n",
    )];
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import unittest\nfrom twice import twice\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        twice(3)\n",
    )];
    let outcome = judge(world, "unittest", learner, tests)?;
    let case = case(&outcome, "T.test_a")?;
    let message = "Traceback (most recent call last):\n  File \"twice.py\", line 3, in twice\n    return 1 / 0\n\
                   ZeroDivisionError: division by zero";
    check(
        case.message.as_deref() == Some(message) && case.status == CaseStatus::Errored,
        &outcome,
    )?;
    check(case.output.as_deref() == Some("seen 3\n"), &outcome)
}

fn cases_before_a_loss_keep_their_results(world: &World) -> Result<(), String> {
    let learner: &Files<'_> = &[(
        "twice.py",
        "import os\n\ndef twice(x):\n    if x == 2:\n        os.abort()\n    return x + x\n",
    )];
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import unittest\nfrom twice import twice\n\nclass T(unittest.TestCase):\n    def test_1(self):\n        \
         self.assertEqual(twice(1), 2)\n\n    def test_2(self):\n        self.assertEqual(twice(2), 4)\n\n    \
         def test_3(self):\n        self.assertEqual(twice(3), 6)\n",
    )];
    let outcome = judge(world, "unittest", learner, tests)?;
    let statuses: Vec<CaseStatus> = outcome.cases.iter().map(|case| case.status).collect();
    check(
        statuses == [CaseStatus::Passed, CaseStatus::Errored, CaseStatus::Errored],
        &outcome,
    )?;
    let aborted = Some(Cause::RuntimeError {
        signal: Some(6),
        exit_code: None,
    });
    check(
        outcome.cases[1].cause == aborted && outcome.cases[2].cause == aborted,
        &outcome,
    )?;
    check(
        outcome.cases[2]
            .message
            .as_deref()
            .is_some_and(|text| text.starts_with("not run")),
        &outcome,
    )
}

fn skips_count_only_when_asked(world: &World) -> Result<(), String> {
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import unittest\nfrom twice import twice\n\nclass T(unittest.TestCase):\n    @unittest.skip('later')\n    \
         def test_a(self):\n        self.assertEqual(twice(1), 3)\n",
    )];
    let learner: &Files<'_> = &[("twice.py", TWICE)];
    let skipped = judge(world, "unittest", learner, tests)?;
    check(
        case(&skipped, "T.test_a")?.status == CaseStatus::Skipped,
        &skipped,
    )?;
    let mut all = unit("unittest");
    all.include_skipped = true;
    let outcome = judge_unit(world, &all, learner, tests)?;
    check(
        case(&outcome, "T.test_a")?.status == CaseStatus::Failed,
        &outcome,
    )
}

fn standard_names_are_reserved(world: &World) -> Result<(), String> {
    let forged =
        "class TestCase:\n    def assertEqual(self, *a): pass\n\ndef isclose(*a): return True\n";
    let learner: &Files<'_> = &[
        ("twice.py", TWICE),
        ("unittest.py", forged),
        ("math.py", forged),
        ("pytest.py", forged),
    ];
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import math\nimport unittest\nfrom twice import twice\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        \
         self.assertTrue(math.isclose(twice(1), 3))\n",
    )];
    for framework in ["unittest", "pytest"] {
        let outcome = judge(world, framework, learner, tests)?;
        check(
            case(&outcome, "T.test_a")?.status == CaseStatus::Failed,
            &outcome,
        )?;
    }
    Ok(())
}

fn pytest_runs_as_itself(world: &World) -> Result<(), String> {
    if !has_pytest() {
        return Ok(());
    }
    let tests: &Files<'_> = &[(
        "twice_test.py",
        "import pytest\nfrom twice import twice\n\n@pytest.mark.parametrize('x,y', [(1, 2), (2, 5)])\n\
         def test_a(x, y):\n    assert twice(x) == y\n\ndef test_b():\n    with pytest.raises(TypeError, match='NoneType'):\n        \
         twice(None)\n",
    )];
    let outcome = judge(world, "pytest", &[("twice.py", TWICE)], tests)?;
    check(
        case(&outcome, "test_a[1-2]")?.status == CaseStatus::Passed,
        &outcome,
    )?;
    check(
        case(&outcome, "test_b")?.status == CaseStatus::Passed,
        &outcome,
    )?;
    let failed = case(&outcome, "test_a[2-5]")?;
    check(
        failed
            .message
            .as_deref()
            .is_some_and(|text| text.starts_with("AssertionError: assert 4 == 5")),
        &outcome,
    )
}

const SHAPE: &str = include_str!("semantics/shape.py");

fn all_pass(outcome: &UnitOutcome, count: usize) -> Result<(), String> {
    let passed = outcome
        .cases
        .iter()
        .filter(|case| case.status == CaseStatus::Passed)
        .count();
    let failed: Vec<&CaseResult> = outcome
        .cases
        .iter()
        .filter(|case| case.status != CaseStatus::Passed)
        .collect();
    if passed == count && failed.is_empty() && outcome.failure.is_none() {
        return Ok(());
    }
    Err(format!(
        "{passed} of {count} passed; {:?} {failed:?}",
        outcome.failure
    ))
}

fn tests_need_no_change_for_unittest(world: &World) -> Result<(), String> {
    let tests: &Files<'_> = &[("shape_test.py", include_str!("semantics/shape_test.py"))];
    all_pass(
        &judge(world, "unittest", &[("shape.py", SHAPE)], tests)?,
        19,
    )
}

fn tests_need_no_change_for_pytest(world: &World) -> Result<(), String> {
    if !has_pytest() {
        return Ok(());
    }
    let tests: &Files<'_> = &[(
        "shape_test.py",
        include_str!("semantics/shape_pytest_test.py"),
    )];
    all_pass(&judge(world, "pytest", &[("shape.py", SHAPE)], tests)?, 8)
}
