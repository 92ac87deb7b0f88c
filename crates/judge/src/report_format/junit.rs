//! JUnit XML, in the form that build servers read (the schema of Jenkins's xUnit plug-in).

use std::fmt::Write as _;

use carrel_model::result::{ResultDocument, Status, TestResult};
use carrel_model::{Cause, Verdict};

use super::{WHOLE, duration_ms, step_title};

/// The document as JUnit XML: a suite per step, a test case per result.
#[must_use]
pub fn write(document: &ResultDocument) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = Counts::of(document.tests.iter());
    let whole = document.tests.is_empty() && document.verdict != Verdict::Accepted;
    let (tests, errors) = if whole {
        (1, 1)
    } else {
        (counts.tests, counts.errors)
    };
    line(
        &mut xml,
        0,
        &format!(
            "<testsuites name=\"{}\" tests=\"{tests}\" failures=\"{}\" errors=\"{errors}\" time=\"{}\">",
            attribute(&document.challenge),
            counts.failures,
            seconds(document.duration_ms)
        ),
    );
    if whole {
        write_whole(&mut xml, document);
    }
    for results in document.tests.chunk_by(|a, b| a.step == b.step) {
        write_suite(&mut xml, document, results);
    }
    line(&mut xml, 0, "</testsuites>");
    xml
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Counts {
    fn of<'a>(results: impl Iterator<Item = &'a TestResult>) -> Self {
        results.fold(Self::default(), |counts, result| Self {
            tests: counts.tests + 1,
            failures: counts.failures + usize::from(result.status == Status::Fail),
            errors: counts.errors + usize::from(result.status == Status::Error),
        })
    }
}

/// A submission without results is one test case that could not run.
fn write_whole(xml: &mut String, document: &ResultDocument) {
    let name = attribute(&document.challenge);
    line(
        xml,
        1,
        &format!("<testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">"),
    );
    line(
        xml,
        2,
        &format!("<testcase name=\"{WHOLE}\" classname=\"{name}\">"),
    );
    let message = document.message.as_deref().unwrap_or_default();
    write_problem(xml, "error", document.verdict.name(), message);
    line(xml, 2, "</testcase>");
    line(xml, 1, "</testsuite>");
}

fn write_suite(xml: &mut String, document: &ResultDocument, results: &[TestResult]) {
    let Some(first) = results.first() else { return };
    let counts = Counts::of(results.iter());
    line(
        xml,
        1,
        &format!(
            "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
            attribute(step_title(document, &first.step)),
            counts.tests,
            counts.failures,
            counts.errors
        ),
    );
    for result in results {
        write_case(xml, document, result);
    }
    line(xml, 1, "</testsuite>");
}

fn write_case(xml: &mut String, document: &ResultDocument, result: &TestResult) {
    let class = format!("{}.{}", document.challenge, result.step);
    let head = format!(
        "<testcase name=\"{}\" classname=\"{}\" time=\"{}\"",
        attribute(&result.name),
        attribute(&class),
        seconds(duration_ms(document, result))
    );
    if result.status == Status::Pass && result.output.is_none() {
        return line(xml, 2, &format!("{head}/>"));
    }
    line(xml, 2, &format!("{head}>"));
    let message = result.message.as_deref().unwrap_or_default();
    let kind = result.cause.as_ref().map_or("wrong_answer", cause_name);
    match result.status {
        Status::Pass => {}
        Status::Fail => write_problem(xml, "failure", kind, message),
        Status::Error => write_problem(xml, "error", kind, message),
    }
    if let Some(output) = &result.output {
        line(
            xml,
            3,
            &format!("<system-out>{}</system-out>", content(output)),
        );
    }
    line(xml, 2, "</testcase>");
}

fn write_problem(xml: &mut String, element: &str, kind: &str, message: &str) {
    let first = message.lines().next().unwrap_or_default();
    let (first, all) = (attribute(first), content(message));
    line(
        xml,
        3,
        &format!("<{element} type=\"{kind}\" message=\"{first}\">{all}</{element}>"),
    );
}

/// The word that stands for a cause in the result contract.
fn cause_name(cause: &Cause) -> &'static str {
    match cause {
        Cause::WrongAnswer => "wrong_answer",
        Cause::CompileError { .. } => "compile_error",
        Cause::RuntimeError { .. } => "runtime_error",
        Cause::TimeLimit { .. } => "time_limit",
        Cause::MemoryLimit => "memory_limit",
        Cause::OutputLimit => "output_limit",
        Cause::DiskLimit => "disk_limit",
        Cause::ProcessLimit => "process_limit",
        Cause::ForbiddenSystemCall { .. } => "forbidden_system_call",
        Cause::ResultsForged => "results_forged",
        Cause::DependencyFailed { .. } => "dependency_failed",
        Cause::PlatformFault => "platform_fault",
    }
}

fn line(xml: &mut String, depth: usize, text: &str) {
    // Writing to a string can not fail.
    let _ = writeln!(xml, "{}{text}", "  ".repeat(depth));
}

fn seconds(ms: f64) -> String {
    format!("{:.3}", ms / 1_000.0)
}

/// Text of an element. What XML 1.0 does not allow at all (§2.2) becomes U+FFFD.
fn content(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                // `]]>` may not stand in text.
                '>' => out.push_str("&gt;"),
                '\r' => out.push_str("&#13;"),
                '\n' | '\t' => out.push(c),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
                _ => out.push(c),
            }
            out
        })
}

/// Value of an attribute: a reader would turn bare line ends into spaces.
fn attribute(text: &str) -> String {
    content(text)
        .replace('"', "&quot;")
        .replace('\n', "&#10;")
        .replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roxmltree::Document;

    use super::*;
    use crate::report_format::fixture::{document, platform_fault};

    #[test]
    fn counts_times_and_messages_are_there() {
        let xml = write(&document("line 2 differs\nreally"));
        let parsed = Document::parse(&xml).unwrap();
        let root = parsed.root_element();
        assert_eq!(root.attribute("tests"), Some("2"));
        assert_eq!(root.attribute("failures"), Some("1"));
        let failure = parsed
            .descendants()
            .find(|node| node.has_tag_name("failure"))
            .unwrap();
        assert_eq!(failure.attribute("type"), Some("wrong_answer"));
        assert_eq!(failure.attribute("message"), Some("line 2 differs"));
        assert_eq!(failure.text(), Some("line 2 differs\nreally"));
        let case = parsed
            .descendants()
            .find(|node| node.has_tag_name("testcase"))
            .unwrap();
        assert_eq!(case.attribute("time"), Some("1.500"));
        assert_eq!(case.attribute("classname"), Some("adding.one"));
    }

    #[test]
    fn a_submission_without_results_is_one_error() {
        let xml = write(&platform_fault());
        let parsed = Document::parse(&xml).unwrap();
        assert_eq!(parsed.root_element().attribute("errors"), Some("1"));
        let error = parsed
            .descendants()
            .find(|node| node.has_tag_name("error"))
            .unwrap();
        assert_eq!(error.attribute("type"), Some("platform_fault"));
    }

    proptest! {
        #[test]
        fn any_message_comes_through_as_far_as_xml_can_hold_it(message in any::<String>()) {
            let mut document = document("x");
            document.tests[1].message = Some(message.clone());
            document.tests[1].name.clone_from(&message);
            let xml = write(&document);
            let parsed = Document::parse(&xml).unwrap();
            let failure = parsed.descendants().find(|node| node.has_tag_name("failure")).unwrap();
            let allowed = |c: char| match c {
                '\n' | '\t' | '\r' => c,
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
                c => c,
            };
            let expected: String = message.chars().map(allowed).collect();
            prop_assert_eq!(failure.text().unwrap_or_default(), &expected);
            let case = failure.parent().unwrap();
            prop_assert_eq!(case.attribute("name").unwrap_or_default(), &expected);
        }
    }
}
