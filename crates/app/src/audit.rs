//! What a course must prove about itself before it ships: every reference
//! solution accepted, every starter and every declared submission as its author said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use carrel_model::challenge::Challenge;
use carrel_model::result::{ResultDocument, Status, TestResult};
use carrel_model::verdict::{Cause, Verdict};

/// Least difference of two scores that counts.
const SCORE_TOLERANCE: f64 = 1e-6;

/// One submission with the outcome that it must get.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Shown: `solution`, `starter`, `solution of step`, or the name of a declared submission.
    pub name: String,
    /// Its files by path in the work directory.
    pub files: BTreeMap<String, PathBuf>,
    /// Step up to which it is judged; `None`: all.
    pub step: Option<String>,
    /// The verdicts that are right for it.
    pub verdicts: Vec<Verdict>,
    /// Ids of checks (or of single test cases) that must fail, exactly; `None`: not declared.
    pub failing: Option<Vec<String>>,
    /// Texts that must occur in the message of a failing check.
    pub messages: Vec<String>,
    /// Least and most score; `None`: not declared.
    pub score: Option<(f64, f64)>,
    /// Language it is written in; `None`: that of the challenge.
    pub language: Option<String>,
    /// Main file; `None`: that of the challenge or language.
    pub entry: Option<String>,
}

/// Everything that a challenge declares, in the order told: solutions, starters, submissions.
#[must_use]
pub fn expectations(challenge: &Challenge) -> Vec<Expectation> {
    let not_accepted: Vec<Verdict> = match challenge.starter_verdicts.as_slice() {
        [_, ..] => challenge.starter_verdicts.clone(),
        [] => Verdict::DECLARABLE
            .into_iter()
            .filter(|v| *v != Verdict::Accepted)
            .collect(),
    };
    let plain = |name: String, files, step: Option<&str>, verdicts: &[Verdict]| Expectation {
        name,
        files,
        step: step.map(str::to_owned),
        verdicts: verdicts.to_vec(),
        failing: None,
        messages: Vec::new(),
        score: None,
        language: None,
        entry: None,
    };
    let mut all = Vec::new();
    if !challenge.solution.is_empty() {
        all.push(plain(
            "solution".into(),
            challenge.solution.clone(),
            None,
            &[Verdict::Accepted],
        ));
    }
    for step in challenge
        .steps
        .iter()
        .filter(|step| !step.solution.is_empty())
    {
        let files = layered(&challenge.solution, &step.solution);
        let name = format!("solution of {}", step.id);
        all.push(plain(name, files, Some(&step.id), &[Verdict::Accepted]));
    }
    if !challenge.start.is_empty() {
        all.push(plain(
            "starter".into(),
            challenge.start.clone(),
            None,
            &not_accepted,
        ));
    }
    for step in challenge.steps.iter().filter(|step| !step.start.is_empty()) {
        let files = layered(&challenge.start, &step.start);
        all.push(plain(
            format!("starter of {}", step.id),
            files,
            Some(&step.id),
            &not_accepted,
        ));
    }
    all.extend(challenge.submissions.iter().map(|declared| Expectation {
        name: declared.name.clone(),
        files: declared.files.clone(),
        step: declared.step.clone(),
        verdicts: declared.verdicts.clone(),
        failing: declared.failing.clone(),
        messages: declared.messages.clone(),
        score: declared.score,
        language: declared.language.clone(),
        entry: declared.entry.clone(),
    }));
    all
}

fn layered(
    below: &BTreeMap<String, PathBuf>,
    above: &BTreeMap<String, PathBuf>,
) -> BTreeMap<String, PathBuf> {
    let mut files = below.clone();
    files.extend(
        above
            .iter()
            .map(|(target, source)| (target.clone(), source.clone())),
    );
    files
}

impl Expectation {
    /// Everything in which the outcome differs from the declaration; empty: as declared.
    #[must_use]
    pub fn deviations(&self, document: &ResultDocument) -> Vec<String> {
        let mut found = Vec::new();
        if !self.verdicts.contains(&document.verdict) {
            found.push(self.verdict_deviation(document));
        }
        let failing: Vec<&TestResult> = document.tests.iter().filter(|test| failed(test)).collect();
        if let Some(declared) = &self.failing {
            found.extend(failing_deviations(declared, &failing));
        }
        for text in &self.messages {
            // What a validator told its author is a message too (Kattis: `message` is about that one).
            let told = failing
                .iter()
                .flat_map(|test| [test.message.as_deref(), test.author_note.as_deref()])
                .flatten();
            if !told
                .chain(document.message.as_deref())
                .any(|message| message.contains(text))
            {
                found.push(format!("no failing check's message contains `{text}`"));
            }
        }
        if let Some((least, most)) = self.score {
            let points = document.points;
            if points < least - SCORE_TOLERANCE || points > most + SCORE_TOLERANCE {
                found.push(format!(
                    "declared a score of {least} to {most}, got {points}"
                ));
            }
        }
        found
    }

    fn verdict_deviation(&self, document: &ResultDocument) -> String {
        let got = document.verdict.name();
        let only_accepted_is_wrong = self.verdicts.len() == Verdict::DECLARABLE.len() - 1
            && !self.verdicts.contains(&Verdict::Accepted);
        if only_accepted_is_wrong {
            return format!("declared anything but accepted, got {got}");
        }
        let declared: Vec<&str> = self.verdicts.iter().map(|verdict| verdict.name()).collect();
        format!("declared {}, got {got}", declared.join(" or "))
    }
}

/// It did not pass, and that is not just because a check before it did not.
fn failed(test: &TestResult) -> bool {
    test.status != Status::Pass && !matches!(test.cause, Some(Cause::DependencyFailed { .. }))
}

fn failing_deviations(declared: &[String], failing: &[&TestResult]) -> Vec<String> {
    let declared: BTreeSet<&str> = declared.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for id in &declared {
        if !failing
            .iter()
            .any(|test| test.check == **id || test.id == **id)
        {
            found.push(format!("check `{id}` is declared to fail, and did not"));
        }
    }
    for test in failing {
        if !declared.contains(test.check.as_str()) && !declared.contains(test.id.as_str()) {
            found.push(format!(
                "check `{}` failed, and is not declared to",
                test.id
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use carrel_model::challenge::{DeclaredSubmission, Step, Visibility};
    use carrel_model::result::EnvironmentUsed;

    use super::*;

    fn test(id: &str, status: Status, message: &str) -> TestResult {
        TestResult {
            name: id.into(),
            status,
            message: Some(message.into()),
            output: None,
            author_note: None,
            test_code: None,
            task_id: None,
            id: id.into(),
            check: id.split('/').next().unwrap().into(),
            step: "one".into(),
            cause: None,
            help: None,
            points: 0.0,
            points_max: 1.0,
            required: true,
            visibility: Visibility::Always,
            difference: None,
            runs: Vec::new(),
        }
    }

    fn document(verdict: Verdict, tests: Vec<TestResult>) -> ResultDocument {
        ResultDocument {
            version: 3,
            status: Status::Fail,
            message: None,
            tests,
            contract_version: 1,
            verdict,
            cause: None,
            gradable: true,
            points: 1.0,
            points_max: 2.0,
            challenge: "adding".into(),
            environment: EnvironmentUsed {
                name: "host".into(),
                digest: None,
                repeatable: false,
            },
            steps: Vec::new(),
            runs: Vec::new(),
            incidents: Vec::new(),
            duration_ms: 1.0,
        }
    }

    fn declared(failing: &[&str], messages: &[&str]) -> Expectation {
        Expectation {
            name: "wrong_answer/one".into(),
            files: BTreeMap::new(),
            step: None,
            verdicts: vec![Verdict::WrongAnswer],
            failing: Some(failing.iter().map(|id| (*id).to_owned()).collect()),
            messages: messages.iter().map(|text| (*text).to_owned()).collect(),
            score: None,
            language: None,
            entry: None,
        }
    }

    #[test]
    fn as_declared_has_no_deviation() {
        let tests = vec![
            test("a", Status::Pass, ""),
            test("b", Status::Fail, "sign is wrong"),
        ];
        let outcome = document(Verdict::WrongAnswer, tests);
        assert_eq!(
            declared(&["b"], &["sign"]).deviations(&outcome),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_a_validator_told_its_author_is_a_message() {
        let mut wrong = test("b", Status::Fail, "the answer is not right");
        wrong.author_note = Some("token 3 differs".to_owned());
        let outcome = document(Verdict::WrongAnswer, vec![wrong]);
        assert!(
            declared(&["b"], &["token 3"])
                .deviations(&outcome)
                .is_empty()
        );
        assert_eq!(declared(&["b"], &["token 4"]).deviations(&outcome).len(), 1);
    }

    #[test]
    fn every_difference_is_told() {
        let tests = vec![test("a", Status::Fail, "x"), test("b", Status::Pass, "")];
        let outcome = document(Verdict::TimeLimit, tests);
        let scored = Expectation {
            score: Some((2.0, 3.0)),
            ..declared(&["b"], &["sign"])
        };
        assert_eq!(
            scored.deviations(&outcome),
            [
                "declared wrong_answer, got time_limit",
                "check `b` is declared to fail, and did not",
                "check `a` failed, and is not declared to",
                "no failing check's message contains `sign`",
                "declared a score of 2 to 3, got 1",
            ]
        );
    }

    #[test]
    fn a_check_stands_for_its_cases_and_a_case_for_itself() {
        let tests = || {
            vec![
                test("unit/x", Status::Fail, ""),
                test("unit/y", Status::Pass, ""),
            ]
        };
        let outcome = document(Verdict::WrongAnswer, tests());
        assert!(declared(&["unit"], &[]).deviations(&outcome).is_empty());
        assert!(declared(&["unit/x"], &[]).deviations(&outcome).is_empty());
        assert_eq!(declared(&["unit/y"], &[]).deviations(&outcome).len(), 2);
    }

    #[test]
    fn a_skipped_check_did_not_fail_by_itself() {
        let cause = Some(Cause::DependencyFailed { check: "a".into() });
        let skipped = TestResult {
            cause,
            ..test("b", Status::Fail, "")
        };
        let outcome = document(
            Verdict::WrongAnswer,
            vec![test("a", Status::Fail, ""), skipped],
        );
        assert!(declared(&["a"], &[]).deviations(&outcome).is_empty());
    }

    #[test]
    fn a_challenge_declares_solutions_starters_and_submissions() {
        let file = |name: &str| BTreeMap::from([("a.py".to_owned(), PathBuf::from(name))]);
        let mut challenge = crate::submission::tests::challenge(&["a.py"]);
        challenge.solution = file("solution/a.py");
        challenge.start = file("start/a.py");
        challenge.steps = vec![Step {
            id: "one".into(),
            title: "One".into(),
            instructions: None,
            requires: Vec::new(),
            hints: Vec::new(),
            start: BTreeMap::new(),
            solution: file("steps/one/solution/a.py"),
        }];
        challenge.submissions = vec![DeclaredSubmission {
            language: None,
            entry: None,
            name: "time_limit/loop".into(),
            files: file("loop.py"),
            verdicts: vec![Verdict::TimeLimit],
            failing: None,
            messages: Vec::new(),
            score: None,
            step: None,
        }];
        let all = expectations(&challenge);
        let names: Vec<&str> = all
            .iter()
            .map(|expectation| expectation.name.as_str())
            .collect();
        assert_eq!(
            names,
            ["solution", "solution of one", "starter", "time_limit/loop"]
        );
        assert_eq!(all[1].step.as_deref(), Some("one"));
        let accepted = document(Verdict::Accepted, Vec::new());
        assert_eq!(
            all[2].deviations(&accepted),
            ["declared anything but accepted, got accepted"]
        );
        let fault = document(Verdict::PlatformFault, Vec::new());
        assert_eq!(all[2].deviations(&fault).len(), 1);
    }
}
