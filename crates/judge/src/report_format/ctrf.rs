//! CTRF, the Common Test Report Format (<https://ctrf.io>, JSON Schema of `specVersion` 0.0.0).

use carrel_model::Verdict;
use carrel_model::result::{ResultDocument, Status, TestResult};
use serde_json::{Map, Value, json};

use super::{WHOLE, duration_ms, step_title};

/// Version of the format that is written.
const SPEC_VERSION: &str = "0.0.0";

/// The document as CTRF. `start_ms`: when judging began, milliseconds since 1970-01-01 UTC.
#[must_use]
pub fn write(document: &ResultDocument, start_ms: u64) -> Value {
    let mut tests: Vec<Value> = document
        .tests
        .iter()
        .map(|test| write_test(document, test))
        .collect();
    if tests.is_empty() && document.verdict != Verdict::Accepted {
        tests.push(json!({
            "name": WHOLE,
            "status": "failed",
            "duration": whole_ms(document.duration_ms),
            "rawStatus": document.verdict.name(),
            "message": document.message.as_deref().unwrap_or_default(),
            "suite": [document.challenge],
        }));
    }
    let count = |status: &str| tests.iter().filter(|test| test["status"] == status).count();
    let duration = whole_ms(document.duration_ms);
    json!({
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "generatedBy": "carrel",
        "results": {
            "tool": { "name": "carrel", "version": env!("CARGO_PKG_VERSION") },
            "summary": {
                "tests": tests.len(),
                "passed": count("passed"),
                "failed": count("failed"),
                "skipped": count("skipped"),
                "pending": 0,
                "other": 0,
                "start": start_ms,
                "stop": start_ms.saturating_add(duration),
                "duration": duration,
                "extra": { "verdict": document.verdict.name() },
            },
            "tests": tests,
        },
    })
}

fn write_test(document: &ResultDocument, test: &TestResult) -> Value {
    let not_run = matches!(
        test.cause,
        Some(carrel_model::Cause::DependencyFailed { .. })
    );
    let status = match test.status {
        Status::Pass => "passed",
        _ if not_run => "skipped",
        Status::Fail | Status::Error => "failed",
    };
    let mut entry = Map::new();
    // The schema asks for at least one character.
    let name = if test.name.is_empty() {
        &test.id
    } else {
        &test.name
    };
    entry.insert("name".to_owned(), json!(name));
    entry.insert("status".to_owned(), json!(status));
    entry.insert(
        "duration".to_owned(),
        json!(whole_ms(duration_ms(document, test))),
    );
    let suite = [
        document.challenge.as_str(),
        step_title(document, &test.step),
    ];
    entry.insert("suite".to_owned(), json!(suite));
    if let Some(message) = &test.message {
        entry.insert("message".to_owned(), json!(message));
    }
    if let Some(output) = &test.output {
        let lines: Vec<&str> = output.lines().collect();
        entry.insert("stdout".to_owned(), json!(lines));
    }
    if let Some(cause) = &test.cause {
        entry.insert("extra".to_owned(), json!({ "cause": cause }));
    }
    Value::Object(entry)
}

/// Milliseconds as the whole number that the format asks for.
fn whole_ms(ms: f64) -> u64 {
    let seconds = if ms.is_finite() {
        (ms / 1_000.0).clamp(0.0, 1e9)
    } else {
        0.0
    };
    let whole = std::time::Duration::from_secs_f64(seconds).as_millis();
    u64::try_from(whole).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report_format::fixture::{document, platform_fault};

    #[test]
    fn the_summary_counts_what_is_in_the_list() {
        let report = write(&document("no"), 1_000);
        let summary = &report["results"]["summary"];
        assert_eq!(summary["tests"], 2);
        assert_eq!(summary["passed"], 1);
        assert_eq!(summary["failed"], 1);
        assert_eq!(summary["stop"], 3_000);
        let tests = &report["results"]["tests"];
        assert_eq!(tests[0]["duration"], 1_500);
        assert_eq!(tests[1]["message"], "no");
        assert_eq!(tests[1]["extra"]["cause"]["kind"], "wrong_answer");
        assert_eq!(tests[1]["suite"][0], "adding");
    }

    #[test]
    fn a_submission_without_results_is_one_failed_test() {
        let report = write(&platform_fault(), 0);
        assert_eq!(report["results"]["tests"][0]["rawStatus"], "platform_fault");
        assert_eq!(report["results"]["summary"]["failed"], 1);
    }
}
