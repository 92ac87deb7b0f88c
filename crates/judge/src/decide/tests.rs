use std::collections::BTreeMap;

use carrel_model::challenge::Unit;
use carrel_model::verdict::Clock;

use super::*;
use crate::fixture::{challenge, check, step};
use crate::plan::plan;

fn circumstances() -> Circumstances {
    Circumstances {
        environment: EnvironmentUsed {
            name: "python".to_owned(),
            digest: None,
            repeatable: false,
        },
        runs: Vec::new(),
        incidents: Vec::new(),
        failures: 0,
        duration_ms: 1.0,
    }
}

/// Three checks of one point: `a` and `b` required, `c` not.
fn three() -> Challenge {
    let mut challenge = challenge();
    challenge.checks = vec![check("a", "one"), check("b", "one"), check("c", "one")];
    challenge.checks[2].required = false;
    challenge
}

fn judged(challenge: &Challenge, outcomes: &[(&str, CheckOutcome)]) -> ResultDocument {
    let plan = plan(challenge, None).unwrap();
    let results = outcomes.iter().flat_map(|(id, outcome)| {
        let check = challenge
            .checks
            .iter()
            .find(|check| check.id == *id)
            .unwrap();
        results_of(challenge, check, outcome, &[])
    });
    decide(
        challenge,
        &plan,
        Conclusion::Checked(results.collect()),
        circumstances(),
    )
}

fn failing(cause: Cause) -> CheckOutcome {
    CheckOutcome::single(CaseStatus::Errored, Some(cause), Some("said".to_owned()))
}

fn slow() -> Cause {
    Cause::TimeLimit { clock: Clock::Cpu }
}

#[test]
fn required_checks_decide_others_only_give_points() {
    let challenge = three();
    let document = judged(
        &challenge,
        &[
            ("a", CheckOutcome::pass()),
            ("b", CheckOutcome::pass()),
            ("c", CheckOutcome::wrong("no".to_owned())),
        ],
    );
    assert_eq!(document.verdict, Verdict::Accepted);
    assert_eq!((document.points, document.points_max), (2.0, 3.0));
    assert_eq!(document.status, Status::Pass);
    assert_eq!(document.message, None);
}

#[test]
fn the_first_required_failure_in_the_authors_order_gives_the_cause() {
    let document = judged(
        &three(),
        &[
            ("c", failing(Cause::MemoryLimit)),
            ("b", failing(slow())),
            ("a", CheckOutcome::pass()),
        ],
    );
    assert_eq!(document.verdict, Verdict::TimeLimit);
    assert_eq!(document.cause, Some(slow()));
    let order: Vec<&str> = document.tests.iter().map(|test| test.id.as_str()).collect();
    assert_eq!(order, ["a", "b", "c"]);
    assert_eq!(document.tests[1].status, Status::Error);
}

#[test]
fn with_pass_points_not_every_required_check_must_pass() {
    let mut challenge = three();
    challenge.pass_points = Some(2.0);
    let outcomes = [
        ("a", CheckOutcome::pass()),
        ("b", CheckOutcome::wrong("no".to_owned())),
        ("c", CheckOutcome::pass()),
    ];
    assert_eq!(judged(&challenge, &outcomes).verdict, Verdict::Accepted);
    challenge.pass_points = Some(3.0);
    assert_eq!(judged(&challenge, &outcomes).verdict, Verdict::WrongAnswer);
}

#[test]
fn up_to_a_step_the_share_of_its_points_is_needed() {
    let mut challenge = three();
    challenge.steps = vec![step("one", &[]), step("two", &["one"])];
    challenge.checks[2].step = "two".to_owned();
    // Two thirds of three points; of the first step's two points that is 4/3.
    challenge.pass_points = Some(2.0);
    let judged_up_to = |step: Option<&str>, passes: &[&str]| {
        let plan = plan(&challenge, step).unwrap();
        let results = plan.checks.iter().flat_map(|index| {
            let check = &challenge.checks[*index];
            let outcome = match passes.contains(&check.id.as_str()) {
                true => CheckOutcome::pass(),
                false => CheckOutcome::wrong("no".to_owned()),
            };
            results_of(&challenge, check, &outcome, &[])
        });
        let results = Conclusion::Checked(results.collect());
        decide(&challenge, &plan, results, circumstances()).verdict
    };
    assert_eq!(judged_up_to(Some("one"), &["a", "b"]), Verdict::Accepted);
    assert_eq!(judged_up_to(Some("one"), &["a"]), Verdict::WrongAnswer);
    assert_eq!(judged_up_to(None, &["a", "b"]), Verdict::Accepted);
    assert_eq!(judged_up_to(None, &["a"]), Verdict::WrongAnswer);
    // All that there is to reach: the whole of the step suffices.
    challenge.pass_points = Some(3.0);
    let judged_up_to = |passes: &[&str]| {
        let plan = plan(&challenge, Some("one")).unwrap();
        let results = passes.iter().flat_map(|id| {
            let check = challenge.checks.iter().find(|check| check.id == *id);
            results_of(&challenge, check.unwrap(), &CheckOutcome::pass(), &[])
        });
        let results = Conclusion::Checked(results.collect());
        decide(&challenge, &plan, results, circumstances()).verdict
    };
    assert_eq!(judged_up_to(&["a", "b"]), Verdict::Accepted);
}

fn unit_check(test: Option<&str>) -> Check {
    let mut unit = check("u", "one");
    unit.kind = CheckKind::Unit(Unit {
        framework: "unittest".to_owned(),
        files: BTreeMap::new(),
        test: test.map(str::to_owned),
        expected: Vec::new(),
        command: None,
        apart: true,
        include_skipped: false,
    });
    unit.points = 10.0;
    unit
}

fn cases(statuses: &[CaseStatus]) -> CheckOutcome {
    let case = |(number, status): (usize, &CaseStatus)| CaseResult {
        name: format!("test_{number}"),
        status: *status,
        message: None,
        output: None,
        test_code: None,
        cause: None,
    };
    CheckOutcome {
        cases: statuses.iter().enumerate().map(case).collect(),
        ..CheckOutcome::default()
    }
}

#[test]
fn a_suite_shares_its_points_among_the_cases_that_count() {
    use CaseStatus::{Failed, Passed, Skipped};
    let mut challenge = challenge();
    challenge.checks = vec![unit_check(None)];
    let partial = judged(
        &challenge,
        &[(
            "u",
            cases(&[Passed, Failed, Skipped, Passed, Passed, Failed]),
        )],
    );
    assert!((partial.points - 6.0).abs() < 1e-9);
    assert_eq!(partial.tests.len(), 5);
    assert_eq!(partial.tests[1].id, "u/test_1");
    assert_eq!(partial.verdict, Verdict::WrongAnswer);
    let full = judged(&challenge, &[("u", cases(&[Passed, Passed, Passed]))]);
    assert_eq!(full.points.to_bits(), 10.0_f64.to_bits());
    assert_eq!(full.verdict, Verdict::Accepted);
}

#[test]
fn a_suite_that_did_not_end_gives_no_points_for_what_passed() {
    let mut challenge = challenge();
    challenge.checks = vec![unit_check(None)];
    let mut outcome = cases(&[CaseStatus::Passed, CaseStatus::Passed]);
    outcome.failure = Some(SuiteFailure {
        cause: Cause::ResultsForged,
        message: "forged".to_owned(),
    });
    let document = judged(&challenge, &[("u", outcome)]);
    assert_eq!(document.verdict, Verdict::WrongAnswer);
    assert_eq!(document.cause, Some(Cause::ResultsForged));
    assert!(document.points.abs() < f64::EPSILON);
}

#[test]
fn a_check_that_names_one_test_keeps_its_title() {
    let mut challenge = challenge();
    challenge.checks = vec![unit_check(Some("test_0"))];
    let document = judged(&challenge, &[("u", cases(&[CaseStatus::Passed]))]);
    assert_eq!(document.tests[0].name, "Check u");
    assert_eq!(document.tests[0].id, "u");
}

#[test]
fn a_message_stands_at_the_top_only_where_nothing_ran() {
    let broken = || CheckOutcome {
        failure: Some(SuiteFailure {
            cause: Cause::CompileError {
                file: None,
                line: None,
            },
            message: "line 3: no".to_owned(),
        }),
        ..CheckOutcome::default()
    };
    let mut challenge = challenge();
    challenge.checks = vec![unit_check(None), check("a", "one")];
    let nothing_ran = judged(&challenge, &[("u", broken())]);
    assert_eq!(nothing_ran.status, Status::Error);
    assert_eq!(nothing_ran.message.as_deref(), Some("line 3: no"));
    assert_eq!(nothing_ran.verdict, Verdict::CompileError);
    let one_ran = judged(&challenge, &[("u", broken()), ("a", CheckOutcome::pass())]);
    assert_eq!(one_ran.status, Status::Fail);
    assert_eq!(one_ran.message, None);
    assert_eq!(one_ran.verdict, Verdict::CompileError);
}

#[test]
fn a_compile_error_and_our_fault_have_no_tests() {
    let challenge = three();
    let plan = plan(&challenge, None).unwrap();
    let cause = Cause::CompileError {
        file: Some("a.py".to_owned()),
        line: Some(3),
    };
    let failure = SuiteFailure {
        cause: cause.clone(),
        message: "no".to_owned(),
    };
    let conclusion = Conclusion::NotCompiled(failure);
    let document = decide(&challenge, &plan, conclusion, circumstances());
    assert_eq!(document.cause, Some(cause));
    assert_eq!(document.tests, []);
    assert_eq!(document.steps[0].status, Status::Error);
    assert_eq!(format!("{:?}", document.steps[0].points), "0.0");
    assert!(document.gradable);
    let conclusion = Conclusion::PlatformFault("the disk is gone".to_owned());
    let document = decide(&challenge, &plan, conclusion, circumstances());
    assert_eq!(document.verdict, Verdict::PlatformFault);
    assert!(!document.gradable);
    assert!(!document.message.unwrap().contains("disk"));
    assert_eq!(document.incidents[0].detail, "the disk is gone");
}

#[test]
fn hints_come_after_failures_and_steps_have_their_own_state() {
    let mut challenge = challenge();
    challenge.steps = vec![step("one", &[]), step("two", &["one"])];
    let hint = |text: &str, after_failures, cost| Hint {
        text: text.to_owned(),
        after_failures,
        cost,
    };
    challenge.steps[1].hints = vec![hint("x", 1, 0.0), hint("y", 2, 0.0), hint("z", 0, 2.0)];
    challenge.checks = vec![check("a", "one"), check("b", "two")];
    let outcomes = [
        ("a", CheckOutcome::pass()),
        ("b", CheckOutcome::wrong("no".to_owned())),
    ];
    let document = judged(&challenge, &outcomes);
    assert_eq!(document.steps[0].status, Status::Pass);
    assert_eq!(document.steps[1].status, Status::Fail);
    assert_eq!(
        document.steps[1].hints,
        ["x", "[a further hint costs 2 points]"]
    );
    assert_eq!(document.tests[1].task_id, Some(2));
}

#[test]
fn a_score_of_a_validator_takes_the_place_of_the_points() {
    let mut challenge = three();
    challenge.checks[0].points = 10.0;
    let mut outcome = CheckOutcome::pass();
    outcome.score = Some(3.5);
    let document = judged(&challenge, &[("a", outcome), ("b", CheckOutcome::pass())]);
    assert!((document.points - 4.5).abs() < 1e-9);
    assert_eq!(document.verdict, Verdict::Accepted);
}

#[test]
fn the_authors_message_stands_before_what_the_program_said() {
    let mut challenge = three();
    challenge.checks[0].message = Some("Look at negative numbers.".to_owned());
    challenge.checks[0].help = Some("abs()".to_owned());
    let document = judged(&challenge, &[("a", failing(slow()))]);
    assert_eq!(
        document.tests[0].message.as_deref(),
        Some("Look at negative numbers.\n\nsaid")
    );
    assert_eq!(document.tests[0].help.as_deref(), Some("abs()"));
    let skipped = skipped(&challenge, &challenge.checks[1], "a");
    assert_eq!(
        skipped.cause,
        Some(Cause::DependencyFailed {
            check: "a".to_owned()
        })
    );
    assert!(skipped.message.unwrap().contains("Check a"));
}
