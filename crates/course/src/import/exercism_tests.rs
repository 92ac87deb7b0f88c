//! Exercism exercises and tracks.

use std::fs;
use std::path::Path;

use carrel_model::Verdict;
use carrel_model::challenge::CheckKind;

use super::ImportOptions;
use super::tests::import;

const CONCEPT: [(&str, &str); 6] = [
    (
        ".meta/config.json",
        r#"{"files":{"solution":["lasagna.py"],"test":["lasagna_test.py"],"exemplar":[".meta/exemplar.py"]},"blurb":"Cook."}"#,
    ),
    (".meta/exemplar.py", "TIME = 40\n"),
    (
        ".docs/instructions.md",
        "# Instructions\n\nCook.\n\n## 1. Bake\n\nBake it.\n\n## 2. Eat\n\nEat it.\n",
    ),
    (
        ".docs/hints.md",
        "# Hints\n\n## General\n\n- Read.\n\n## 1. Bake\n\n- Turn it on.\n- Wait.\n",
    ),
    ("lasagna.py", "pass\n"),
    (
        "lasagna_test.py",
        "import unittest\nimport pytest\n\nclass LasagnaTest(unittest.TestCase):\n    @pytest.mark.task(taskno=1)\n    def test_a(self):\n        pass\n\n    @pytest.mark.task(taskno=2)\n    def test_b(self):\n        pass\n",
    ),
];

#[test]
fn a_concept_exercise_becomes_steps() {
    let outcome = import(false, &CONCEPT, ImportOptions::default());
    let challenge = outcome.challenge();
    let steps: Vec<(&str, usize)> = challenge
        .steps
        .iter()
        .map(|step| (step.title.as_str(), step.hints.len()))
        .collect();
    assert_eq!(steps, [("Bake", 3), ("Eat", 0)]);
    assert_eq!(challenge.checks.len(), 2);
    let CheckKind::Unit(unit) = &challenge.checks[1].kind else {
        panic!()
    };
    assert_eq!(
        (unit.framework.as_str(), unit.test.as_deref()),
        ("pytest", Some("LasagnaTest.test_b"))
    );
    assert!(unit.include_skipped);
    assert_eq!(
        challenge.solution.keys().collect::<Vec<_>>(),
        ["lasagna.py"]
    );
    let first = fs::read_to_string(outcome.directory.join("steps/01-task-1.md")).unwrap();
    assert!(
        first.starts_with("Cook.") && first.contains("Bake it."),
        "{first}"
    );
}

#[test]
fn a_practice_exercise_has_one_check_for_its_whole_suite() {
    let mut files = CONCEPT.to_vec();
    files[5].1 = "import unittest\n\nclass LasagnaTest(unittest.TestCase):\n    def test_a(self):\n        pass\n";
    files.push(("helper_data.json", "{}"));
    let outcome = import(false, &files, ImportOptions::default());
    let challenge = outcome.challenge();
    let CheckKind::Unit(unit) = &challenge.checks[0].kind else {
        panic!()
    };
    assert_eq!(
        (unit.framework.as_str(), unit.expected.as_slice()),
        ("unittest", &["LasagnaTest.test_a".to_owned()][..])
    );
    assert_eq!(
        unit.files.keys().collect::<Vec<_>>(),
        ["helper_data.json", "lasagna_test.py"]
    );
    assert_eq!(challenge.steps.len(), 1);
}

#[test]
fn the_starter_of_a_refactoring_task_may_pass_or_fail() {
    let config = |blurb: &str| {
        format!(
            r#"{{"files": {{"solution": ["a.py"], "test": ["a_test.py"], "example": [".meta/example.py"]}}, "blurb": "{blurb}"}}"#
        )
    };
    let imported = |blurb: &str| {
        let config = config(blurb);
        let files = [
            (".meta/config.json", config.as_str()),
            (".meta/example.py", "A = 1\n"),
            (".docs/instructions.md", "# Instructions\n\nTidy it.\n"),
            ("a.py", "A = 1  # not tidy\n"),
            ("a_test.py", "import unittest\n"),
        ];
        import(false, &files, ImportOptions::default()).challenge()
    };
    let refactoring = imported("Refactor a thing.");
    assert!(refactoring.starter_verdicts.contains(&Verdict::Accepted));
    assert!(refactoring.starter_verdicts.contains(&Verdict::WrongAnswer));
    // That its tests can fail is shown by something else.
    let empty = &refactoring.submissions[0];
    assert!(!empty.verdicts.contains(&Verdict::Accepted));
    let plain = imported("Write a thing.");
    assert!(plain.starter_verdicts.is_empty() && plain.submissions.is_empty());
}

#[test]
fn an_example_finds_its_neighbours_in_the_place_of_the_stub() {
    let config = r#"{"files": {"solution": ["a.js"], "test": ["a.spec.js"], "example": [".meta/proof.ci.js"], "editor": ["b.js"]}}"#;
    let files = [
        (".meta/config.json", config),
        (
            ".meta/proof.ci.js",
            "import { b } from '../b';\nimport { c } from \"../c\";\nexport const a = b;\n",
        ),
        (".docs/instructions.md", "# Instructions\n\nDo it.\n"),
        ("a.js", "export const a = 0;\n"),
        ("b.js", "export const b = 1;\n"),
        ("a.spec.js", "import { a } from './a';\n"),
    ];
    let outcome = import(false, &files, ImportOptions::default());
    let challenge = outcome.challenge();
    let solution = fs::read_to_string(&challenge.solution["a.js"]).unwrap();
    assert_eq!(
        solution,
        "import { b } from './b';\nimport { c } from \"./c\";\nexport const a = b;\n"
    );
    let report = outcome.report.unwrap().to_string();
    assert!(report.contains("proof.ci.js"), "{report}");
}

#[test]
fn a_track_leaves_deprecated_exercises_and_names_them() {
    let track = r#"{"language":"Python","slug":"python","exercises":{"practice":[{"slug":"leap","name":"Leap"},{"slug":"old","name":"Old","status":"deprecated"},{"slug":"gone","name":"Gone"}]}}"#;
    let mut files: Vec<(String, &str)> = CONCEPT
        .iter()
        .map(|(path, text)| (format!("exercises/practice/leap/{path}"), *text))
        .collect();
    files.push(("config.json".to_owned(), track));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let outcome = import(false, &files, ImportOptions::default());
    let report = outcome.report.as_ref().unwrap();
    assert_eq!(report.imported.len(), 1);
    let text = report.to_string();
    assert!(
        text.contains("exercises/practice/old: deprecated")
            && text.contains("exercises/practice/gone"),
        "{text}"
    );
    let course =
        crate::course::load(&outcome.directory).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((course.id.as_str(), course.challenges.len()), ("python", 1));
    assert_eq!(course.challenges[0].title, "Leap");
}

#[test]
fn wrong_exercises_are_refused_with_their_place() {
    let mut files = CONCEPT.to_vec();
    files[0].1 = r#"{"files":{"solution":["../x.py"],"test":["missing.py"],"example":[".meta/exemplar.py"]}}"#;
    let refusal = import(false, &files, ImportOptions::default()).refusal();
    assert!(
        refusal.contains("`../x.py` is not a path within")
            && refusal.contains("`missing.py` does not exist"),
        "{refusal}"
    );
    let refusal = super::exercism(
        Path::new("/nonexistent"),
        Path::new("x"),
        ImportOptions::default(),
    )
    .unwrap_err();
    assert!(
        refusal.to_string().contains("cannot be opened"),
        "{refusal}"
    );
}
