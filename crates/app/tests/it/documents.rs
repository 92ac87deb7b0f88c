//! Documents with a published schema.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schema;
use crate::test::Test;

#[test]
fn every_schema_is_printed() {
    for (name, title) in [
        ("result", "ResultDocument"),
        ("challenge", "ChallengeFile"),
        ("submissions", "SubmissionsFile"),
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

/// What is wrong with a text as an editor tells it that has the schema of a document.
fn told_by_editor(schema: &Value, text: &str) -> Vec<String> {
    let document: Value = toml::from_str(text).unwrap();
    schema::check(schema, &document)
}

#[test]
fn declared_submissions_fit_their_schema() {
    let schema = Test::new(&["schema", "submissions"]).run().json();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut read = 0;
    for entry in fs::read_dir(root.join("courses/sample")).unwrap() {
        let path = entry.unwrap().path().join("submissions.toml");
        if let Ok(text) = fs::read_to_string(&path) {
            let problems = told_by_editor(&schema, &text);
            assert!(problems.is_empty(), "{}: {problems:#?}", path.display());
            read += 1;
        }
    }
    assert!(read >= 5, "{read}");
    // The example of the documentation, whose rarer keys stand in comments.
    let format = fs::read_to_string(root.join("docs/challenge-format.md")).unwrap();
    let example = format.split("[[submissions]]").nth(1).unwrap();
    let example = example.split("```").next().unwrap().replace("\n# ", "\n");
    let lines = example
        .lines()
        .map(|line| line.split("   ").next().unwrap());
    let example: String = lines.map(|line| format!("{line}\n")).collect();
    let example = format!("[[submissions]]{example}");
    let problems = told_by_editor(&schema, &example);
    assert!(problems.is_empty(), "{problems:#?}\n{example}");
    for wrong in [
        "submission = []",
        "[[submissions]]\nnam = 'accepted/x'",
        "[[submissions]]\nname = 'accepted/x'\nverdicts = ['right']",
        "[[submissions]]\nname = 'accepted/x'\nfailing = 'tests'",
        "[[submissions]]\nname = 'accepted/x'\nscore = [0, 1, 2]",
    ] {
        assert!(!told_by_editor(&schema, wrong).is_empty(), "{wrong}");
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
