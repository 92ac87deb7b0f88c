//! Unit checks that each name one test case of the same suite share one run of it.
//!
//! A suite that came to its end tells every check its own case. A suite that
//! did not (a crash, a limit, results that cannot be trusted) says nothing
//! about single cases: then every check runs its case alone, so that one bad
//! case never decides another. Only what stopped it before the first case,
//! such as an import that fails, holds for all of them.

use carrel_model::challenge::Unit;
use carrel_model::{Cause, Check, CheckKind};

use crate::case::CaseStatus;
use crate::check::CheckOutcome;

/// What one run of a whole suite brought back.
#[derive(Debug)]
pub(crate) struct SharedRun<'a> {
    /// A check that takes its case from it.
    pub(crate) check: &'a Check,
    pub(crate) outcome: CheckOutcome,
    /// Numbers of its runs in the result document.
    pub(crate) runs: Vec<usize>,
}

/// The suite without the choice of one case, and the case; `None` where a check does not name one.
pub(crate) fn whole_suite(check: &Check) -> Option<(Unit, &str)> {
    let CheckKind::Unit(unit) = &check.kind else {
        return None;
    };
    let test = unit.test.as_deref()?;
    let whole = Unit {
        test: None,
        ..unit.clone()
    };
    Some((whole, test))
}

/// Whether two checks name cases of the same suite, run within the same limits.
pub(crate) fn may_share(one: &Check, other: &Check) -> bool {
    let (CheckKind::Unit(unit), CheckKind::Unit(others)) = (&one.kind, &other.kind) else {
        return false;
    };
    let named = unit.test.is_some() && others.test.is_some();
    named && one.limits == other.limits && unit.is_same_suite(others)
}

impl SharedRun<'_> {
    /// The outcome of the check that names this case; `None`: it needs a run of its own.
    pub(crate) fn deal(&self, test: &str) -> Option<CheckOutcome> {
        match &self.outcome.failure {
            Some(failure) => {
                let all = self.outcome.cases.is_empty() && failure.cause != Cause::ResultsForged;
                all.then(|| CheckOutcome {
                    failure: Some(failure.clone()),
                    ..CheckOutcome::default()
                })
            }
            None => {
                let mut named = self.outcome.cases.iter().filter(|case| case.name == test);
                let case = named.next()?;
                let decided = named.next().is_none() && case.status != CaseStatus::Skipped;
                decided.then(|| CheckOutcome {
                    cases: vec![case.clone()],
                    ..CheckOutcome::default()
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::case::{CaseResult, SuiteFailure};
    use crate::fixture;

    fn unit_check(id: &str, test: Option<&str>) -> Check {
        Check {
            kind: CheckKind::Unit(Unit {
                framework: "unittest".to_owned(),
                files: BTreeMap::from([("a_test.py".to_owned(), "tests/a_test.py".into())]),
                test: test.map(str::to_owned),
                expected: Vec::new(),
                command: None,
                apart: true,
                include_skipped: false,
            }),
            ..fixture::check(id, "one")
        }
    }

    fn outcome(cases: &[(&str, CaseStatus)], failure: Option<Cause>) -> CheckOutcome {
        let case = |(name, status): &(&str, CaseStatus)| CaseResult {
            name: (*name).to_owned(),
            status: *status,
            message: None,
            output: None,
            test_code: None,
            cause: None,
        };
        CheckOutcome {
            cases: cases.iter().map(case).collect(),
            failure: failure.map(|cause| SuiteFailure {
                cause,
                message: "it broke".to_owned(),
            }),
            ..CheckOutcome::default()
        }
    }

    fn deal(outcome: CheckOutcome, test: &str) -> Option<CheckOutcome> {
        let check = unit_check("a", Some("T.one"));
        let shared = SharedRun {
            check: &check,
            outcome,
            runs: vec![0],
        };
        shared.deal(test)
    }

    #[test]
    fn checks_of_one_suite_share_and_others_do_not() {
        let one = unit_check("a", Some("T.one"));
        let mut other = unit_check("b", Some("T.two"));
        assert!(may_share(&one, &other));
        assert!(!may_share(&one, &unit_check("c", None)));
        assert!(!may_share(&one, &fixture::check("d", "one")));
        other.limits = Some(carrel_model::Limits::default());
        assert!(!may_share(&one, &other));
        let mut within = unit_check("e", Some("T.two"));
        if let CheckKind::Unit(unit) = &mut within.kind {
            unit.apart = false;
        }
        assert!(!may_share(&one, &within));
    }

    #[test]
    fn every_check_gets_its_own_case_and_no_other() {
        let all = [("T.one", CaseStatus::Passed), ("T.two", CaseStatus::Failed)];
        let dealt = deal(outcome(&all, None), "T.two").unwrap();
        assert_eq!(dealt.cases.len(), 1);
        assert!(!dealt.passed());
        assert!(deal(outcome(&all, None), "T.one").unwrap().passed());
        assert_eq!(deal(outcome(&all, None), "T.three"), None);
    }

    #[test]
    fn a_name_that_is_not_clear_and_a_skipped_case_run_alone() {
        let twice = [("T.one", CaseStatus::Passed), ("T.one", CaseStatus::Failed)];
        assert_eq!(deal(outcome(&twice, None), "T.one"), None);
        let skipped = [("T.one", CaseStatus::Skipped)];
        assert_eq!(deal(outcome(&skipped, None), "T.one"), None);
    }

    #[test]
    fn a_suite_that_broke_decides_no_single_case() {
        let cause = || {
            Some(Cause::RuntimeError {
                signal: None,
                exit_code: Some(1),
            })
        };
        let some = [("T.one", CaseStatus::Passed)];
        assert_eq!(deal(outcome(&some, cause()), "T.one"), None);
        assert_eq!(
            deal(outcome(&[], Some(Cause::ResultsForged)), "T.one"),
            None
        );
        let before = deal(outcome(&[], cause()), "T.one").unwrap();
        assert!(before.failure.is_some() && !before.passed());
    }
}
