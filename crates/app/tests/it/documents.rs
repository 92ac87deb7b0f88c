//! Documents with a published schema.

use serde_json::Value;

use crate::test::Test;

#[test]
fn every_schema_is_printed() {
    for (name, title) in [
        ("result", "ResultDocument"),
        ("challenge", "ChallengeFile"),
        ("course", "CourseFile"),
        ("lesson", "LessonFile"),
        ("quiz", "FrontMatter"),
        ("course-check", "CourseReport"),
        ("import-report", "ImportReport"),
        ("export-report", "ExportReport"),
    ] {
        let schema = Test::new(&["schema", name]).run().json();
        assert_eq!(schema["title"], title);
    }
}

#[test]
fn doctor_tells_every_layer_with_a_reason_where_it_is_not_there() {
    let status = if crate::test::sandboxes_work() { 0 } else { 5 };
    let findings = Test::new(&["doctor", "--json"]).status(status).run().json();
    let layers = findings["layers"].as_array().unwrap();
    assert!(layers.len() >= 10, "{findings}");
    for layer in layers {
        let told = |key: &str| layer[key].as_str().is_some_and(|text| !text.is_empty());
        match layer["state"].as_str().unwrap() {
            "present" => {}
            "missing" => assert!(told("reason") && told("remedy"), "{layer}"),
            "not_probed" => assert!(told("reason"), "{layer}"),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn environments_are_listed() {
    let list = Test::new(&["env", "ls", "--json"]).run().json();
    let missing: Vec<&str> = list["not_built"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(missing.contains(&"python"), "{list}");
}
