//! Whole imports of small packages made here, loaded again as challenges.

use std::fs;
use std::path::PathBuf;

use carrel_model::challenge::{Aggregation, CheckKind, Comparator, Grading};
use carrel_model::{Challenge, Verdict, Visibility};

use super::{ImportOptions, ImportReport};
use crate::challenge;
use crate::problem::Problems;

/// A directory with these files.
pub(super) fn package(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = directory.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    directory
}

pub(super) struct Outcome {
    _place: tempfile::TempDir,
    pub(super) directory: PathBuf,
    pub(super) report: Result<ImportReport, Problems>,
}

impl Outcome {
    pub(super) fn challenge(&self) -> Challenge {
        let report = self
            .report
            .as_ref()
            .unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(report.imported.len(), 1, "{report}");
        challenge::load(&report.imported[0].directory)
            .unwrap_or_else(|problems| panic!("{problems}"))
    }

    pub(super) fn refusal(&self) -> String {
        assert!(!self.directory.exists(), "a refused package leaves nothing");
        self.report.as_ref().unwrap_err().to_string()
    }
}

pub(super) fn import(kattis: bool, files: &[(&str, &str)], options: ImportOptions) -> Outcome {
    let source = package(files);
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("challenge");
    let run = if kattis {
        super::kattis
    } else {
        super::exercism
    };
    let report = run(source.path(), &directory, options);
    Outcome {
        _place: place,
        directory,
        report,
    }
}

fn kattis(files: &[(&str, &str)]) -> Outcome {
    import(true, files, ImportOptions::default())
}

/// A minimal 2025-09 package; `more` replaces files of the same path or adds to them.
fn current<'f>(more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut files = vec![
        (
            "problem.yaml",
            "problem_format_version: 2025-09\nname: Sum\nuuid: 1\n",
        ),
        (
            "statement/problem.en.md",
            "Add the numbers. {{nextsample}}\n",
        ),
        ("input_validators/v.py", ""),
        ("data/sample/1.in", "1 2\n"),
        ("data/sample/1.ans", "3\n"),
        ("data/secret/01.in", "4 5\n"),
        ("data/secret/01.ans", "9\n"),
        (
            "submissions/accepted/sum.py",
            "print(sum(map(int, input().split())))\n",
        ),
        ("submissions/wrong_answer/zero.py", "print(0)\n"),
    ];
    files.retain(|(path, _)| more.iter().all(|(other, _)| other != path));
    files.extend_from_slice(more);
    files
}

#[test]
fn a_minimal_package_becomes_a_challenge() {
    let outcome = kattis(&current(&[]));
    let challenge = outcome.challenge();
    assert_eq!(
        (challenge.title.as_str(), challenge.language.as_str()),
        ("Sum", "python")
    );
    let ids: Vec<&str> = challenge
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, ["sample/1", "secret/01"]);
    assert_eq!(challenge.checks[0].visibility, Visibility::Always);
    assert_eq!(challenge.checks[1].visibility, Visibility::Never);
    let CheckKind::Io(io) = &challenge.checks[0].kind else {
        panic!()
    };
    assert!(matches!(io.comparator, Comparator::Tokens(options) if !options.case_sensitive));
    assert_eq!(challenge.submissions.len(), 1);
    assert_eq!(
        challenge.submissions[0].verdicts,
        [Verdict::WrongAnswer, Verdict::OutputLimit]
    );
    let instructions = fs::read_to_string(outcome.directory.join("instructions.md")).unwrap();
    assert!(
        instructions.contains("Add the numbers.") && instructions.contains("## Sample input 1"),
        "{instructions}"
    );
    let report = outcome.report.as_ref().unwrap();
    let timing = report.imported[0].timing.as_ref().unwrap();
    assert_eq!(
        (timing.ac_to_time_limit, timing.time_limit_to_tle),
        (2.0, 1.5)
    );
    assert_eq!(timing.bounds[0].submission, "solution");
    super::kattis::set_time_limit(&outcome.directory, 3.0).unwrap();
    assert_eq!(outcome.challenge().limits.cpu_ms, 3_000);
}

#[test]
fn case_configuration_is_carried() {
    let outcome = kattis(&current(&[
        (
            "data/secret/test_group.yaml",
            "output_validator_args: [float_tolerance, '1e-6']\n",
        ),
        (
            "data/secret/01.yaml",
            "args: [a, '2']\nhint: think\nfull_feedback: true\n",
        ),
        ("data/secret/01.files/words.txt", "x\n"),
    ]));
    let challenge = outcome.challenge();
    let check = &challenge.checks[1];
    let CheckKind::Io(io) = &check.kind else {
        panic!()
    };
    assert_eq!(io.arguments, ["a", "2"]);
    assert_eq!(io.files.keys().collect::<Vec<_>>(), ["words.txt"]);
    assert!(
        matches!(io.comparator, Comparator::Tokens(options) if options.absolute_tolerance == Some(1e-6))
    );
    assert_eq!(
        (check.help.as_deref(), check.visibility),
        (Some("think"), Visibility::Always)
    );
}

#[test]
fn an_interactive_multi_pass_validator_is_carried_with_its_limits() {
    let outcome = kattis(&current(&[
        (
            "problem.yaml",
            "problem_format_version: 2025-09\nname: Talk\nuuid: 1\ntype: [interactive, multi-pass]\nlimits: {time_limit: 2, validation_passes: 4, validation_time: 7}\n",
        ),
        ("output_validator/talk.py", ""),
        ("submissions/wrong_answer/slow.cpp", "int main() {}\n"),
    ]));
    let challenge = outcome.challenge();
    assert_eq!(
        (challenge.limits.cpu_ms, challenge.limits.wall_ms),
        (2_000, 5_000)
    );
    let CheckKind::Interactive(interactive) = &challenge.checks[0].kind else {
        panic!()
    };
    assert_eq!(interactive.validator.passes_max, 4);
    assert_eq!(interactive.validator.program.limits.cpu_ms, 7_000);
    // The environment is named, as a submission in C++ is judged in another one.
    assert_eq!(
        interactive.validator.program.environment.as_deref(),
        Some("python")
    );
    let cpp = challenge
        .submissions
        .iter()
        .find(|submission| submission.name.ends_with("slow.cpp"))
        .unwrap();
    assert_eq!(cpp.language.as_deref(), Some("cpp"));
    assert_eq!(challenge.in_language("cpp", "cpp").language, "cpp");
    assert_eq!(outcome.report.as_ref().unwrap().imported[0].timing, None);
}

#[test]
fn scoring_groups_become_a_tree() {
    let scoring = "problem_format_version: 2025-09\nname: Sum\nuuid: 1\ntype: scoring\n";
    let outcome = kattis(&[
        ("problem.yaml", scoring),
        ("statement/problem.en.md", "x\n"),
        ("input_validators/v.py", ""),
        ("data/sample/1.in", ""),
        ("data/sample/1.ans", ""),
        (
            "data/secret/a/test_group.yaml",
            "max_score: 30\nrequire_pass: sample\n",
        ),
        ("data/secret/a/1.in", ""),
        ("data/secret/a/1.ans", ""),
        (
            "data/secret/b/test_group.yaml",
            "max_score: 70\nscore_aggregation: sum\nrequire_pass: [secret/a]\n",
        ),
        ("data/secret/b/1.in", ""),
        ("data/secret/b/1.ans", ""),
        ("data/secret/b/2.in", ""),
        ("data/secret/b/2.ans", ""),
        ("submissions/accepted/a.py", "x"),
    ]);
    let challenge = outcome.challenge();
    let Grading::Groups(root) = &challenge.grading else {
        panic!()
    };
    let secret = root
        .groups
        .iter()
        .find(|group| group.name == "secret")
        .unwrap();
    assert_eq!(secret.points_max, Some(100.0));
    assert_eq!(secret.groups[0].aggregation, Aggregation::PassFail);
    assert_eq!(secret.groups[1].require_pass, ["secret/a"]);
    let points = |id: &str| {
        challenge
            .checks
            .iter()
            .find(|check| check.id == id)
            .unwrap()
            .points
    };
    assert_eq!((points("sample/1"), points("secret/b/1")), (0.0, 35.0));
}

#[test]
fn legacy_graders_are_mapped_or_refused_by_name() {
    let base = |root: &'static str, group: &'static str| {
        vec![
            ("problem.yaml", "name: Odd\ntype: scoring\n"),
            ("problem_statement/problem.tex", "x\n"),
            ("input_validators/v.py", ""),
            ("data/testdata.yaml", root),
            (
                "data/secret/testdata.yaml",
                "grader_flags: accept_if_any_accepted\n",
            ),
            ("data/secret/1/testdata.yaml", group),
            ("data/secret/1/a.in", ""),
            ("data/secret/1/a.ans", ""),
            ("data/secret/1/b.in", ""),
            ("data/secret/1/b.ans", ""),
            ("submissions/accepted/a.py", "x"),
        ]
    };
    let outcome = kattis(&base(
        "grader_flags: ignore_sample\n",
        "accept_score: 50\ngrader_flags: min\nrange: 0 50\n",
    ));
    let Grading::Groups(root) = outcome.challenge().grading else {
        panic!()
    };
    let secret = root
        .groups
        .iter()
        .find(|group| group.name == "secret")
        .unwrap();
    assert_eq!(
        (secret.points_max, secret.aggregation),
        (Some(50.0), Aggregation::Sum)
    );
    assert_eq!(
        (secret.groups[0].points_max, secret.groups[0].aggregation),
        (Some(50.0), Aggregation::PassFail)
    );
    let outcome = kattis(&base("", "grader_flags: max\n"));
    let report = outcome.report.as_ref().unwrap();
    assert!(report.imported.is_empty() && !outcome.directory.exists());
    assert!(
        report.not_carried[0]
            .what
            .contains("data/secret/1/testdata.yaml"),
        "{report}"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of errors")]
fn format_errors_are_refused_with_their_place() {
    let scoring = "problem_format_version: 2025-09\nname: Sum\nuuid: 1\ntype: scoring\n";
    let cases: [(&[(&str, &str)], &str); 14] = [
        (&[("problem.yaml", "name: [\n")], "problem.yaml:"),
        (
            &[(
                "problem.yaml",
                "problem_format_version: 2025-09\nnmae: Sum\nuuid: 1\n",
            )],
            "problem.yaml:2:1: unknown key `nmae`",
        ),
        (
            &[("statement/problem.de.md", "x")],
            "`name` lacks the language `de`",
        ),
        (
            &[("data/secret/02.in", "1")],
            "data/secret/02.in: has no answer file",
        ),
        (
            &[("data/secret/03.ans", "1")],
            "data/secret/03.ans: is an answer without input",
        ),
        (
            &[("data/secret/test_group.yaml", "max_score: 5\n")],
            "only for problems of type `scoring`",
        ),
        (
            &[(
                "data/secret/test_group.yaml",
                "output_validator_args: [float_tolerence, '1']\n",
            )],
            "data/secret/test_group.yaml:1: the default output validator knows no argument",
        ),
        (
            &[("data/secret/testdata.yaml", "range: 0 1\n")],
            "belongs to the legacy format",
        ),
        (
            &[
                ("data/secret/g/test_group.yaml", ""),
                ("data/secret/g/1.in", ""),
                ("data/secret/g/1.ans", ""),
            ],
            "stands beside test data groups",
        ),
        (
            &[("output_validators/v.py", "")],
            "another version of the format",
        ),
        (
            &[("output_validator/README", "")],
            "is no output validator that can be run",
        ),
        (
            &[(
                "submissions/submissions.yaml",
                "accepted:\n  permitted: [OK]\n",
            )],
            "submissions.yaml:2:15",
        ),
        (
            &[
                ("problem.yaml", scoring),
                ("data/secret/test_group.yaml", "require_pass: secret/x\n"),
            ],
            "which is no earlier group",
        ),
        (
            &[(
                "problem.yaml",
                "problem_format_version: 2025-09\nname: Sum\nuuid: 1\ntype: interactive\n",
            )],
            "holds no output validator",
        ),
    ];
    for (more, expected) in cases {
        let refusal = kattis(&current(more)).refusal();
        assert!(
            refusal.contains(expected),
            "{more:?}\nexpected: {expected}\n{refusal}"
        );
    }
}

#[test]
fn what_is_missing_is_refused_or_accepted_as_incomplete() {
    let mut files = current(&[]);
    files.retain(|(path, _)| {
        !path.starts_with("data/secret") && !path.starts_with("input_validators")
    });
    let refusal = kattis(&files).refusal();
    assert!(
        refusal.contains("data/secret: holds no test case") && refusal.contains("input_validators"),
        "{refusal}"
    );
    let incomplete = ImportOptions {
        incomplete: true,
        ..ImportOptions::default()
    };
    assert_eq!(import(true, &files, incomplete).challenge().checks.len(), 1);
}

#[test]
fn submit_answer_is_named_as_left_behind() {
    let outcome = kattis(&current(&[(
        "problem.yaml",
        "problem_format_version: 2025-09\nname: Sum\nuuid: 1\ntype: submit-answer\n",
    )]));
    let report = outcome.report.as_ref().unwrap();
    assert!(
        report.imported.is_empty() && report.to_string().contains("submit-answer"),
        "{report}"
    );
}

#[test]
fn includes_are_supplied_and_nobody_may_send_them() {
    let challenge = kattis(&current(&[
        ("include/python3/helper.py", "N = 1\n"),
        ("include/cpp/h.h", ""),
    ]))
    .challenge();
    assert_eq!(challenge.supplied.keys().collect::<Vec<_>>(), ["helper.py"]);
    assert!(!challenge.editable.contains(&"helper.py".to_owned()));
    assert!(challenge.editable.contains(&"main.py".to_owned()));
}
