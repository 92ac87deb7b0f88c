//! The sample course loads, and is as varied as it promises.

use std::collections::BTreeSet;
use std::path::Path;

use carrel_course::course;
use carrel_model::{CheckKind, Verdict};

#[test]
fn the_sample_course_loads() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../courses/sample");
    let course = course::load(&directory).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(course.challenges.len() >= 14);

    let languages: BTreeSet<&str> = course
        .challenges
        .iter()
        .map(|challenge| challenge.language.as_str())
        .collect();
    assert!(languages.len() >= 7, "{languages:?}");

    let kinds: BTreeSet<&str> = course
        .challenges
        .iter()
        .flat_map(|challenge| &challenge.checks)
        .map(|check| match check.kind {
            CheckKind::Unit(_) => "unit",
            CheckKind::Io(_) => "io",
            CheckKind::Validator(_) => "validator",
            CheckKind::Interactive(_) => "interactive",
            CheckKind::Static(_) => "static",
        })
        .collect();
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    assert!(
        course
            .challenges
            .iter()
            .any(|challenge| challenge.steps.len() >= 3)
    );

    for challenge in &course.challenges {
        let declared = |verdict| {
            challenge
                .submissions
                .iter()
                .any(|submission| submission.verdicts.contains(&verdict))
        };
        assert!(
            declared(Verdict::Accepted),
            "{}: a second right answer",
            challenge.id
        );
        assert!(
            declared(Verdict::WrongAnswer),
            "{}: a wrong answer",
            challenge.id
        );
        let instructions = challenge
            .steps
            .iter()
            .all(|step| step.instructions.is_some());
        assert!(instructions, "{}: instructions", challenge.id);
    }
    let verdicts: BTreeSet<Verdict> = course
        .challenges
        .iter()
        .flat_map(|challenge| &challenge.submissions)
        .flat_map(|submission| submission.verdicts.iter().copied())
        .collect();
    assert_eq!(verdicts, Verdict::DECLARABLE.into_iter().collect());
}
