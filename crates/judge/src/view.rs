//! What a learner may see of a result: [`carrel_model::view`], tested here on what [`crate::decide`] gives.

pub use carrel_model::view::{View, show, show_results};

#[cfg(test)]
mod tests {
    use carrel_model::challenge::CheckKind;
    use carrel_model::result::{Difference, EnvironmentUsed, ResultDocument, Run, Status, Usage};
    use carrel_model::{Cause, Challenge, Visibility};

    use super::*;
    use crate::case::CaseStatus;
    use crate::check::CheckOutcome;
    use crate::decide::{Circumstances, Conclusion, decide, results_of};
    use crate::fixture::{challenge, check};
    use crate::plan::plan;

    const SECRET: &str = "hidden-input-42";
    const LEARNER: View = View::Learner { after_due: false };

    /// One visible check that passed, one hidden that failed and says a secret everywhere.
    fn judged(visibility: Visibility) -> (Challenge, ResultDocument) {
        let mut challenge = challenge();
        challenge.checks = vec![check("a", "one"), check("b", "one")];
        challenge.checks[1].visibility = visibility;
        challenge.checks[1].message = Some(SECRET.to_owned());
        challenge.checks[1].help = Some(SECRET.to_owned());
        let cause = Cause::RuntimeError {
            signal: None,
            exit_code: Some(42),
        };
        let mut outcome =
            CheckOutcome::single(CaseStatus::Errored, Some(cause), Some(SECRET.to_owned()));
        outcome.author_note = Some(SECRET.to_owned());
        outcome.cases[0].output = Some(SECRET.to_owned());
        outcome.cases[0].test_code = Some(SECRET.to_owned());
        let difference = Difference {
            line: 1,
            expected: SECRET.to_owned(),
            actual: SECRET.to_owned(),
        };
        outcome.difference = Some(difference);
        let mut results = results_of(
            &challenge,
            &challenge.checks[0],
            &CheckOutcome::pass(),
            &[1],
        );
        results.extend(results_of(&challenge, &challenge.checks[1], &outcome, &[0]));
        let run = |id: &str, exit_code| Run {
            purpose: "check".to_owned(),
            check: Some(id.to_owned()),
            cause: None,
            exit_code: Some(exit_code),
            usage: Usage {
                cpu_ms: f64::from(exit_code),
                ..Usage::default()
            },
            cached: true,
            missing_layers: Vec::new(),
        };
        let circumstances = Circumstances {
            environment: EnvironmentUsed {
                name: "c".to_owned(),
                digest: None,
                repeatable: false,
            },
            runs: vec![run("b", 42), run("a", 0)],
            incidents: Vec::new(),
            failures: 0,
            duration_ms: 1_234.5,
        };
        let plan = plan(&challenge, None).unwrap();
        let document = decide(
            &challenge,
            &plan,
            Conclusion::Checked(results),
            circumstances,
        );
        (challenge, document)
    }

    #[test]
    fn nothing_of_a_hidden_check_but_passed_or_not_reaches_the_learner() {
        let (challenge, document) = judged(Visibility::Never);
        let shown = show(&challenge, &document, LEARNER);
        let json = serde_json::to_string(&shown).unwrap();
        assert!(!json.contains(SECRET) && !json.contains("42"), "{json}");
        assert_eq!(shown.tests.len(), 2);
        assert_eq!(shown.tests[1].name, "Check b");
        assert_eq!(shown.tests[1].status, Status::Error);
        assert_eq!(shown.verdict, document.verdict);
        assert_eq!(shown.runs.len(), 1);
        assert_eq!(shown.tests[0].runs, [0]);
        assert_eq!(show(&challenge, &document, View::Author), document);
    }

    #[test]
    fn a_hidden_check_that_is_not_required_hides_its_cause_too() {
        let (challenge, mut document) = judged(Visibility::Never);
        // As with `pass_points`, where a check that is not required may decide.
        document.tests[1].required = false;
        document.cause.clone_from(&document.tests[1].cause);
        let shown = show(&challenge, &document, LEARNER);
        let bare = Cause::RuntimeError {
            signal: None,
            exit_code: None,
        };
        assert_eq!(shown.cause, Some(bare));
    }

    #[test]
    fn after_the_due_date_more_is_shown_but_never_what_is_for_authors() {
        let (challenge, document) = judged(Visibility::AfterDue);
        let before = show(&challenge, &document, LEARNER);
        assert_eq!(before.tests[1].message, None);
        let after = show(&challenge, &document, View::Learner { after_due: true });
        assert!(after.tests[1].message.as_ref().unwrap().contains(SECRET));
        assert_eq!(after.tests[1].author_note, None);
        assert!(after.tests[1].difference.is_some());
    }

    #[test]
    fn the_difference_is_shown_only_where_the_author_allows_it() {
        let (mut challenge, document) = judged(Visibility::Always);
        let CheckKind::Io(io) = &mut challenge.checks[1].kind else {
            unreachable!()
        };
        io.show_difference = false;
        assert_eq!(
            show(&challenge, &document, LEARNER).tests[1].difference,
            None
        );
        assert!(
            show(&challenge, &document, View::Author).tests[1]
                .difference
                .is_some()
        );
    }
}
