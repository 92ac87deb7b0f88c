//! Any command that writes JUnit XML, to a file named by `{report}` in its
//! command or to its standard output.

use carrel_model::Cause;
use carrel_model::quantity::number_of;
use carrel_sandbox::{CollectedContent, Report};
use roxmltree::{Document, Node};

use crate::case::{CaseResult, CaseStatus, SuiteFailure, UnitOutcome, UnitRequest};
use crate::cause;
use crate::check::RunMade;
use crate::error::Error;
use crate::framework::{outcome, tap};
use crate::sandboxes::Sandboxes;

/// Where the report is to be written when the command asks for a name.
const REPORT_PATH: &str = "report.junit.xml";
/// Most bytes of a report that are read.
const BYTES_MAX: usize = 16 << 20;
/// Deepest nesting of elements.
const DEPTH_MAX: usize = 64;
/// Most test cases.
const CASES_MAX: usize = 20_000;

/// Runs the author's command and reads its report.
///
/// # Errors
/// A platform fault, or a check without a command.
pub(crate) fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
) -> Result<UnitOutcome, Error> {
    let to_file = request
        .unit
        .command
        .iter()
        .flatten()
        .any(|word| word.contains("{report}"));
    let mut spec = tap::command_spec(request, &[("{report}", REPORT_PATH)])?;
    if to_file {
        spec.collect = vec![REPORT_PATH.to_owned()];
        spec.collect_bytes_max = BYTES_MAX as u64;
    }
    let report = sandboxes.run(request.environment, spec)?;
    outcome::refuse_not_started(request, &report)?;
    let read = report_text(&report, to_file).and_then(|text| parse(&text));
    Ok(conclude(request, read, report))
}

fn report_text(report: &Report, to_file: bool) -> Result<String, String> {
    if !to_file {
        return Ok(String::from_utf8_lossy(&report.stdout.bytes).into_owned());
    }
    match report
        .files
        .iter()
        .find(|file| file.path == REPORT_PATH)
        .map(|file| &file.content)
    {
        Some(CollectedContent::Bytes(bytes)) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        Some(CollectedContent::Refused(reason)) => {
            Err(format!("the report was not taken: {reason}"))
        }
        None => Err("no report was written".to_owned()),
    }
}

fn conclude(
    request: &UnitRequest<'_>,
    read: Result<Vec<CaseResult>, String>,
    report: Report,
) -> UnitOutcome {
    let ended = cause::of_report(&report, &request.limits, 0);
    let (mut cases, mut problem) = match read {
        Ok(cases) => (cases, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    problem = problem.or_else(|| tap::missing_case(request, &cases));
    let some_failed = cases
        .iter()
        .any(|case| matches!(case.status, CaseStatus::Failed | CaseStatus::Errored));
    let failure = match (problem, ended) {
        (Some(problem), Some(ended)) => {
            Some((ended.cause, format!("{}: {problem}", ended.message)))
        }
        (Some(problem), None) => Some((Cause::ResultsForged, problem)),
        (None, Some(ended)) if !some_failed => Some((ended.cause, ended.message)),
        (None, _) => None,
    }
    .map(|(cause, message)| SuiteFailure { cause, message });
    if let Some(test) = &request.unit.test {
        cases.retain(|case| case.name == *test);
    }
    UnitOutcome {
        cases,
        failure,
        runs: vec![RunMade::new("check", report)],
    }
}

/// The test cases of a report. Document types (and with them entities) are refused.
pub(crate) fn parse(text: &str) -> Result<Vec<CaseResult>, String> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.len() > BYTES_MAX {
        return Err("the report is too large".to_owned());
    }
    check_depth(text)?;
    let document =
        Document::parse(text).map_err(|error| format!("the report is not XML: {error}"))?;
    let root = document.root_element();
    if !matches!(root.tag_name().name(), "testsuites" | "testsuite") {
        return Err(format!(
            "the report begins with <{}>, not <testsuites>",
            root.tag_name().name()
        ));
    }
    let mut cases = Vec::new();
    for node in root
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
    {
        if cases.len() >= CASES_MAX {
            return Err("the report has too many test cases".to_owned());
        }
        cases.push(read_case(node));
    }
    check_counts(root)?;
    if cases.is_empty() {
        return Err("the report holds no test case".to_owned());
    }
    Ok(cases)
}

fn read_case(node: Node<'_, '_>) -> CaseResult {
    let name = node.attribute("name").unwrap_or("(no name)");
    let name = match node
        .attribute("classname")
        .filter(|class| !class.is_empty())
    {
        Some(class) => format!("{class}.{name}"),
        None => name.to_owned(),
    };
    let child = |tag: &str| node.children().find(|child| child.has_tag_name(tag));
    let (status, why) = match (child("error"), child("failure"), child("skipped")) {
        (Some(error), _, _) => (CaseStatus::Errored, Some(error)),
        (_, Some(failure), _) => (CaseStatus::Failed, Some(failure)),
        (_, _, Some(skipped)) => (CaseStatus::Skipped, Some(skipped)),
        _ => (CaseStatus::Passed, None),
    };
    let message = why.map(|node| {
        let attribute = node.attribute("message").unwrap_or_default().trim();
        let text = node.text().unwrap_or_default().trim();
        match (
            attribute.is_empty(),
            text.is_empty() || text.starts_with(attribute),
        ) {
            (true, _) => text.to_owned(),
            (false, true) => attribute.to_owned(),
            (false, false) => format!("{attribute}\n{text}"),
        }
    });
    let output = child("system-out")
        .and_then(|node| node.text())
        .map(str::trim);
    CaseResult {
        name,
        status,
        message: message
            .filter(|text| !text.is_empty())
            .map(|text| outcome::cut(&text)),
        output: output.filter(|text| !text.is_empty()).map(outcome::cut),
        test_code: None,
        cause: None,
    }
}

/// A suite that tells how many tests it has must have them.
fn check_counts(root: Node<'_, '_>) -> Result<(), String> {
    for suite in root
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"))
    {
        let Some(told) = suite
            .attribute("tests")
            .and_then(|count| count.parse::<usize>().ok())
        else {
            continue;
        };
        let found = suite
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
            .count();
        if told != found {
            return Err(format!(
                "a test suite says that it has {} and lists {found}",
                number_of(told, "test", "tests")
            ));
        }
    }
    Ok(())
}

/// Refuses nesting that would need a deep stack, before the parser sees it.
fn check_depth(text: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let (end, change) = tag_end(rest);
        depth = match change {
            Change::Open => depth + 1,
            Change::Close => depth.saturating_sub(1),
            Change::None => depth,
        };
        if depth > DEPTH_MAX {
            return Err("the report is nested too deeply".to_owned());
        }
        rest = &rest[end..];
    }
    Ok(())
}

enum Change {
    Open,
    Close,
    None,
}

/// Length of the markup at the start of `text`, and what it does to the depth.
fn tag_end(text: &str) -> (usize, Change) {
    for (start, end) in [
        ("<!--", "-->"),
        ("<![CDATA[", "]]>"),
        ("<?", "?>"),
        ("<!", ">"),
    ] {
        if text.starts_with(start) {
            return (
                text.find(end).map_or(text.len(), |place| place + end.len()),
                Change::None,
            );
        }
    }
    let mut quote = None;
    for (place, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => {
                let change = if text.starts_with("</") {
                    Change::Close
                } else if text[..place].ends_with('/') {
                    Change::None
                } else {
                    Change::Open
                };
                return (place + 1, change);
            }
            _ => {}
        }
    }
    (text.len(), Change::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"s\" tests=\"3\" failures=\"1\">\
        <testcase classname=\"Leap\" name=\"a\"/><testcase name=\"b\"><failure message=\"1 &lt; 2\">at line 3</failure>\
        <system-out><![CDATA[hi]]></system-out></testcase><testcase name=\"c\"><skipped/></testcase></testsuite></testsuites>";

    proptest::proptest! {
        /// Whatever a program writes, there are cases or a reason; entities are never expanded.
        #[test]
        fn fuzz_junit(text in carrel_fuzz::damaged_text(&[WHOLE], &["<testsuite>", "</testsuite>", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]>", "&a;", "&#x10ffff;", "<![CDATA[", "<!--", " tests=\"99999999999999999999\""])) {
            match parse(&text) {
                Ok(cases) => proptest::prop_assert!(!cases.is_empty() && cases.len() <= text.matches("<testcase").count()),
                Err(reason) => proptest::prop_assert!(!reason.is_empty()),
            }
        }
    }

    #[test]
    fn cases_and_messages_are_read() {
        let cases = parse(
            "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"s\" tests=\"4\">\
             <testcase classname=\"Leap\" name=\"a\"/>\
             <testcase name=\"b\"><failure message=\"1 != 2\">at line 3</failure><system-out>hi</system-out></testcase>\
             <testcase name=\"c\"><error message=\"boom\"/></testcase>\
             <testcase name=\"d\"><skipped/></testcase></testsuite></testsuites>",
        )
        .unwrap();
        let told: Vec<_> = cases
            .iter()
            .map(|case| (case.name.as_str(), case.status))
            .collect();
        assert_eq!(
            told,
            [
                ("Leap.a", CaseStatus::Passed),
                ("b", CaseStatus::Failed),
                ("c", CaseStatus::Errored),
                ("d", CaseStatus::Skipped),
            ]
        );
        assert_eq!(cases[1].message.as_deref(), Some("1 != 2\nat line 3"));
        assert_eq!(cases[1].output.as_deref(), Some("hi"));
    }

    #[test]
    fn hostile_and_wrong_reports_are_refused() {
        let deep = format!(
            "{}{}",
            "<testsuite>".repeat(100_000),
            "</testsuite>".repeat(100_000)
        );
        let entities = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><testsuites>&a;</testsuites>";
        for text in [
            "",
            "ok 1",
            "<html/>",
            "<testsuite/>",
            "<testsuite tests='2'><testcase name='a'/></testsuite>",
            &deep,
            entities,
        ] {
            assert!(parse(text).is_err(), "{}", &text[..text.len().min(60)]);
        }
    }

    #[test]
    fn angle_brackets_in_quotes_and_cdata_do_not_count() {
        let text = "<testsuite><testcase name='a>b'><failure><![CDATA[<a><b><c>]]></failure></testcase></testsuite>";
        assert_eq!(
            parse(text).unwrap()[0].message.as_deref(),
            Some("<a><b><c>")
        );
    }
}
