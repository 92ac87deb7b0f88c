//! Unity (<https://www.throwtheswitch.org/unity>), whose sources come with the tests.
//!
//! Unity prints `file:line:test:PASS`; the harness takes its characters through
//! `UNITY_OUTPUT_CHAR` and sends them with the key. The list of test cases is
//! read from the `RUN_TEST` calls of the sources, so that no program decides it.

use carrel_model::Cause;

use crate::case::{CaseResult, CaseStatus, SuiteFailure, UnitOutcome, UnitRequest};
use crate::check::RunMade;
use crate::compile::Compiler;
use crate::error::Error;
use crate::framework::c::{self, Build};
use crate::framework::outcome;
use crate::framework::transcript::Transcript;
use crate::sandboxes::Sandboxes;

/// Name of the case that our canaries run as, followed by a number.
const CANARY: &str = "carrel_canary";
/// Assertions that must fail, in the words of the tests' own headers.
const CANARIES: [&str; 7] = [
    "TEST_ASSERT_TRUE(carrel_one == 2)",
    "TEST_ASSERT_FALSE(carrel_one == 1)",
    "TEST_ASSERT(carrel_one == 2)",
    "TEST_ASSERT_EQUAL(2, carrel_one)",
    "TEST_ASSERT_EQUAL_INT(2, carrel_one)",
    "TEST_ASSERT_EQUAL_STRING(\"b\", carrel_text)",
    "TEST_ASSERT_NULL(carrel_text)",
];

/// Builds and runs the tests.
///
/// # Errors
/// A platform fault, or tests without Unity's sources or without cases.
pub(crate) fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
    compiler: &Compiler<'_>,
) -> Result<UnitOutcome, Error> {
    let has_unity = request
        .tests
        .keys()
        .chain(request.supplied.keys())
        .any(|path| path == "unity.c" || path.ends_with("/unity.c"));
    if !has_unity {
        let problem = "Unity's own sources (unity.c, unity.h, unity_internals.h) must be among the tests' files";
        return Err(outcome::author_error(request, problem));
    }
    let mut plan = Vec::new();
    let mut tests = Vec::new();
    for (path, content) in request.tests {
        let mut source = String::from_utf8_lossy(content).into_owned();
        if c::is_source(path) && !path.ends_with("unity.c") {
            if request.unit.include_skipped {
                source = without_ignores(&source);
            }
            let named = planned_cases(&source);
            if !named.is_empty() {
                source.push_str(&canaries_source());
            }
            plan.extend(named);
        }
        tests.push((path.clone(), source.into_bytes()));
    }
    if plan.is_empty() {
        return Err(outcome::author_error(request, "no `RUN_TEST(…)` was found"));
    }
    let test_flags = vec![
        "-DUNITY_OUTPUT_CHAR(a)=carrel_put(a)",
        "-DUNITY_OUTPUT_CHAR_HEADER_DECLARATION=carrel_put(int)",
        "-UUNITY_OUTPUT_COLOR",
        "-DUNITY_INCLUDE_DOUBLE",
    ];
    let mut runs = Vec::new();
    let program = match c::compile(request, compiler, &Build { tests, test_flags }, &mut runs)? {
        Ok(program) => program,
        Err(failure) => {
            return Ok(UnitOutcome {
                cases: Vec::new(),
                failure: Some(failure),
                runs,
            });
        }
    };
    let told = c::execute(request, sandboxes, program, runs)?;
    let failure = c::unfinished(request, &told.transcript, &told.runs);
    Ok(conclude(request, &plan, &told.transcript, failure).with_runs(told.runs))
}

struct Concluded {
    cases: Vec<CaseResult>,
    failure: Option<SuiteFailure>,
}

impl Concluded {
    fn with_runs(self, runs: Vec<RunMade>) -> UnitOutcome {
        UnitOutcome {
            cases: self.cases,
            failure: self.failure,
            runs,
        }
    }
}

fn conclude(
    request: &UnitRequest<'_>,
    plan: &[String],
    transcript: &Transcript,
    failure: Option<SuiteFailure>,
) -> Concluded {
    let results: Vec<(String, CaseStatus, Option<String>)> = transcript
        .lines
        .iter()
        .filter_map(|line| read_result(line))
        .collect();
    let problem = if failure.is_none() {
        contradiction(plan, &results)
    } else {
        None
    };
    let failure = failure.or_else(|| {
        let message = format!("the results of the tests cannot be trusted: {}", problem?);
        Some(SuiteFailure {
            cause: Cause::ResultsForged,
            message,
        })
    });
    if matches!(
        &failure,
        Some(SuiteFailure {
            cause: Cause::ResultsForged,
            ..
        })
    ) {
        return Concluded {
            cases: Vec::new(),
            failure,
        };
    }
    let wanted = |name: &&String| request.unit.test.as_ref().is_none_or(|test| test == *name);
    let mut stopped = false;
    let cases = plan
        .iter()
        .filter(wanted)
        .map(
            |name| match results.iter().find(|(other, _, _)| other == name) {
                Some((_, status, message)) => case(name, *status, message.clone(), None),
                None => {
                    let first = !std::mem::replace(&mut stopped, true);
                    let message = failure.as_ref().filter(|_| first).map_or_else(
                        || "not run: the tests stopped before it".to_owned(),
                        |failure| failure.message.clone(),
                    );
                    let cause = failure.as_ref().map(|failure| failure.cause.clone());
                    case(name, CaseStatus::Errored, Some(message), cause)
                }
            },
        )
        .collect();
    Concluded { cases, failure }
}

fn case(
    name: &str,
    status: CaseStatus,
    message: Option<String>,
    cause: Option<Cause>,
) -> CaseResult {
    let message = message.map(|text| outcome::cut(&text));
    CaseResult {
        name: name.to_owned(),
        status,
        message,
        output: None,
        test_code: None,
        cause,
    }
}

/// Every planned case once, nothing else, and every canary failed.
fn contradiction(
    plan: &[String],
    results: &[(String, CaseStatus, Option<String>)],
) -> Option<String> {
    let count = |name: &str| results.iter().filter(|(other, _, _)| other == name).count();
    for name in plan {
        if count(name) != 1 {
            return Some(format!("test case `{name}` has {} results", count(name)));
        }
    }
    for number in 0..CANARIES.len() {
        let name = format!("{CANARY}{number}");
        let failed = results
            .iter()
            .any(|(other, status, _)| *other == name && *status == CaseStatus::Failed);
        if count(&name) != 1 || !failed {
            return Some("assertions do not do their work any more".to_owned());
        }
    }
    let known = |name: &String| plan.contains(name) || name.starts_with(CANARY);
    results
        .iter()
        .find(|(name, _, _)| !known(name))
        .map(|(name, _, _)| format!("`{name}` is no test case"))
}

/// Appended to the author's source, so that its macros are the ones that the tests use.
fn canaries_source() -> String {
    use std::fmt::Write as _;
    let mut source = String::from(
        "\n#undef main\nstatic volatile int carrel_one = 1;\nstatic const char *carrel_text = \"a\";\n",
    );
    for (number, assertion) in CANARIES.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            source,
            "static void {CANARY}{number}(void) {{ {assertion}; }}"
        );
    }
    source.push_str("void carrel_canaries(void) {\n");
    for number in 0..CANARIES.len() {
        let _ = writeln!(
            source,
            "UnityDefaultTestRun({CANARY}{number}, \"{CANARY}{number}\", 1);"
        );
    }
    source.push_str("}\n");
    source
}

/// `file:line:test:PASS`, `…:FAIL: message` or `…:IGNORE[: message]`.
fn read_result(line: &str) -> Option<(String, CaseStatus, Option<String>)> {
    let mut parts = line.splitn(4, ':');
    let (_file, number, name, rest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    number.parse::<u64>().ok()?;
    let (word, message) = match rest.split_once(':') {
        Some((word, message)) => (word, Some(message.trim().to_owned())),
        None => (rest, None),
    };
    let status = match word.trim() {
        "PASS" => CaseStatus::Passed,
        "FAIL" => CaseStatus::Failed,
        "IGNORE" => CaseStatus::Skipped,
        _ => return None,
    };
    Some((name.to_owned(), status, message))
}

/// Names in `RUN_TEST(name)` outside comments, in order.
fn planned_cases(source: &str) -> Vec<String> {
    let code = without_comments(source);
    let mut names = Vec::new();
    for (place, _) in code.match_indices("RUN_TEST") {
        let before = code[..place].trim_end_matches([' ', '\t']);
        let is_definition = before.ends_with("define")
            || before.ends_with(|character: char| character.is_alphanumeric() || character == '_');
        let Some(rest) = code[place + "RUN_TEST".len()..]
            .trim_start()
            .strip_prefix('(')
        else {
            continue;
        };
        let name = rest.split([')', ',']).next().unwrap_or_default().trim();
        if !is_definition && !name.is_empty() && !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The source with strings emptied, and without comments and character literals.
fn without_comments(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(place) = rest.find(['/', '"', '\'']) {
        code.push_str(&rest[..place]);
        rest = &rest[place..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with('"') {
            code.push_str("\"\"");
            literal_end(rest, b'"').unwrap_or(rest.len())
        } else if let Some(end) = character_end(&code, rest) {
            code.push('0');
            end
        } else {
            code.push_str(&rest[..1]);
            1
        };
        rest = &rest[length..];
    }
    code.push_str(rest);
    code
}

/// Where a character literal at the start of `rest` ends; `None` where the quote starts none:
/// a digit separator (`1'000`), or an apostrophe in the text of an `#error`.
fn character_end(before: &str, rest: &str) -> Option<usize> {
    if !rest.starts_with('\'') || before.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    let line = rest.split('\n').next().unwrap_or_default();
    literal_end(line, b'\'')
}

/// Length of a literal with its quotes; `None` where it does not end.
fn literal_end(text: &str, quote: u8) -> Option<usize> {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if byte == quote && !escaped => return Some(place + 1),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// Takes out `TEST_IGNORE();` and `TEST_IGNORE_MESSAGE(…);`, lines kept.
fn without_ignores(source: &str) -> String {
    source
        .lines()
        .map(|line| {
            let Some(start) = line.find("TEST_IGNORE") else {
                return line.to_owned();
            };
            match line[start..].find(';') {
                Some(end) => format!("{}{}", &line[..start], &line[start + end + 1..]),
                None => line.to_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
        + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_planned_from_the_source() {
        let source = "#define X 1\n// RUN_TEST(test_no);\nint main(void) {\n RUN_TEST(test_a);\n /* RUN_TEST(test_c); */ RUN_TEST( test_b );\n puts(\"RUN_TEST(z)\");\n}";
        assert_eq!(planned_cases(source), ["test_a", "test_b"]);
    }

    #[test]
    fn quotes_in_character_literals_start_no_string() {
        let source = "char q = '\"', b = '\\\\', a = '\\'';\nint n = 1'000'000;\n#error don't\nint main(void) {\n RUN_TEST(test_a); char c = '\"'; RUN_TEST(test_b);\n}";
        assert_eq!(planned_cases(source), ["test_a", "test_b"]);
        assert_eq!(planned_cases("'//'; RUN_TEST(test_c);"), ["test_c"]);
    }

    #[test]
    fn results_are_read_and_other_lines_passed_over() {
        assert_eq!(
            read_result("t.c:12:test_a:FAIL: Expected 1 Was 2"),
            Some((
                "test_a".to_owned(),
                CaseStatus::Failed,
                Some("Expected 1 Was 2".to_owned())
            ))
        );
        assert_eq!(
            read_result("t.c:12:test_a:PASS"),
            Some(("test_a".to_owned(), CaseStatus::Passed, None))
        );
        assert_eq!(read_result("3 Tests 0 Failures 0 Ignored "), None);
    }

    #[test]
    fn forged_and_missing_results_contradict() {
        let plan = ["a".to_owned()];
        let mut results = vec![("a".to_owned(), CaseStatus::Passed, None)];
        assert!(
            contradiction(&plan, &results).is_some(),
            "canaries are missing"
        );
        for number in 0..CANARIES.len() {
            results.push((format!("{CANARY}{number}"), CaseStatus::Failed, None));
        }
        assert_eq!(contradiction(&plan, &results), None);
        results.push(("a".to_owned(), CaseStatus::Passed, None));
        assert!(
            contradiction(&plan, &results).is_some(),
            "one result too many"
        );
    }

    #[test]
    fn ignores_are_taken_out() {
        assert_eq!(
            without_ignores("a;\n  TEST_IGNORE();   // delete\nb;"),
            "a;\n     // delete\nb;\n"
        );
    }
}
