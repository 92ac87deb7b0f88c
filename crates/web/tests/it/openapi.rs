//! The OpenAPI document by itself: valid by the standard's own schema, and whole.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Value, json};

/// The schema of OpenAPI 3.1 documents.
const STANDARD: &str = include_str!("../openapi-3.1/schema.json");

fn document() -> Value {
    serde_json::from_str(carrel_web::openapi::document()).unwrap()
}

/// Every operation with its path and method.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap();
        operations
            .iter()
            .map(move |(method, operation)| (path, method, operation))
    })
}

fn parameters(operation: &Value) -> &[Value] {
    operation["parameters"]
        .as_array()
        .map_or(&[], Vec::as_slice)
}

/// Every schema that is not part of another, with the place where it stands.
fn schemas(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    let named = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in named {
        found.push((name.clone(), schema));
    }
    for (path, method, operation) in operations(document) {
        let place = format!("{method} {path}");
        for parameter in parameters(operation) {
            let name = &parameter["name"];
            found.push((format!("{place} {name}"), &parameter["schema"]));
        }
        let answers = operation["responses"].as_object().unwrap();
        let bodies = answers
            .iter()
            .map(|(status, answer)| (status.as_str(), answer));
        for (part, body) in bodies.chain([("body", &operation["requestBody"])]) {
            for (kind, media) in body["content"].as_object().into_iter().flatten() {
                found.push((format!("{place} {part} {kind}"), &media["schema"]));
            }
        }
    }
    found
}

/// Calls a function for a schema and all within it; values of keywords are no schemas.
fn visit(schema: &Value, look: &mut dyn FnMut(&Value)) {
    let Some(members) = schema.as_object() else {
        return;
    };
    look(schema);
    for (keyword, value) in members {
        match (keyword.as_str(), value) {
            ("default" | "const" | "enum" | "examples", _) => {}
            ("properties" | "patternProperties" | "$defs", Value::Object(named)) => {
                named.values().for_each(|schema| visit(schema, look));
            }
            (_, Value::Array(several)) => several.iter().for_each(|schema| visit(schema, look)),
            (_, schema) => visit(schema, look),
        }
    }
}

/// A validator of a schema of the document, whose references lead into it.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    jsonschema::draft202012::new(&whole).unwrap()
}

#[test]
fn the_document_is_valid_by_the_schema_of_the_standard() {
    let standard: Value = serde_json::from_str(STANDARD).unwrap();
    let standard = jsonschema::draft202012::new(&standard).unwrap();
    let document = document();
    let errors: Vec<String> = standard
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // The schema of the standard leaves schemas within the document to their own.
    for (place, schema) in schemas(&document) {
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            panic!("{place}: {error}");
        }
    }
}

#[test]
fn every_place_of_a_path_is_a_parameter_and_the_other_way_round() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let in_text: Vec<&str> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let of_path = parameters(operation)
            .iter()
            .filter(|one| one["in"] == "path");
        let declared: Vec<&str> = of_path
            .clone()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(declared, in_text, "{method} {path}");
        for one in of_path {
            assert_eq!(one["required"], true, "{method} {path}: {one}");
        }
        let mut seen = BTreeSet::new();
        for one in parameters(operation) {
            assert!(
                one["description"].is_string(),
                "{method} {path}: {one} is not described; a new collection goes into openapi/place.rs"
            );
            assert!(
                seen.insert((one["in"].to_string(), one["name"].to_string())),
                "{method} {path}: {one} twice"
            );
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_default_fits() {
    let document = document();
    for (place, schema) in schemas(&document) {
        visit(schema, &mut |schema| {
            if let Some(reference) = schema["$ref"].as_str() {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{place}: {reference}");
            }
            if let Some(default) = schema.get("default") {
                let validator = validator(&document, schema);
                if let Err(error) = validator.validate(default) {
                    panic!("{place}: the default {default}: {error}");
                }
            }
        });
    }
    let parameter = json!({"type": "string", "default": null});
    assert!(
        !validator(&document, &parameter).is_valid(&Value::Null),
        "a default that does not fit is seen"
    );
}

#[test]
fn every_operation_is_told_whole() {
    let document = document();
    let schemes = document["components"]["securitySchemes"]
        .as_object()
        .unwrap();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(operation["summary"].is_string(), "{place}");
        assert!(operation["tags"][0].is_string(), "{place}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} twice");
        let answers = operation["responses"].as_object().unwrap();
        assert!(
            answers.keys().any(|status| status.starts_with(['2', '3'])),
            "{place} tells of no success: `.response::<STATUS, …>()`"
        );
        let problem = &answers["default"]["content"]["application/problem+json"];
        assert!(problem["schema"].is_object(), "{place}");
        for (status, answer) in answers {
            let kinds = answer["content"].as_object();
            let is_json = kinds.is_some_and(|kinds| kinds.contains_key("application/json"));
            assert!(
                !is_json || status.starts_with('2'),
                "{place}: {status} is told as JSON, which no problem is"
            );
        }
        if matches!(method.as_str(), "put" | "patch") {
            assert!(
                operation["requestBody"].is_object(),
                "{place} takes no body"
            );
        }
        for requirement in operation["security"].as_array().into_iter().flatten() {
            for scheme in requirement.as_object().unwrap().keys() {
                assert!(schemes.contains_key(scheme), "{place}: {scheme}");
            }
        }
    }
    for (name, _) in document["components"]["schemas"].as_object().unwrap() {
        assert!(
            !name.ends_with(|letter: char| letter.is_ascii_digit()),
            "{name}: another schema has that name; rename one: `#[schemars(rename = \"…\")]`"
        );
    }
    let text = document.to_string();
    assert!(!text.contains("[`"), "a link that only our code knows");
}

#[test]
fn what_is_special_is_told() {
    let document = document();
    let operation = |method: &str, path: &str| {
        let place = format!("/api/v1{path}");
        document["paths"][&place][method].clone()
    };
    let header = |operation: &Value, name: &str| {
        let mut all = parameters(operation).iter();
        all.any(|one| one["in"] == "header" && one["name"] == name)
    };
    let kinds = |content: &Value| -> Vec<String> {
        let content = content["content"].as_object().into_iter().flatten();
        content.map(|(kind, _)| kind.clone()).collect()
    };
    let submit = operation(
        "post",
        "/courses/{course}/challenges/{challenge}/submissions",
    );
    let execute = operation("post", "/executions");
    for operation in [&submit, &execute] {
        assert!(header(operation, "Idempotency-Key") && header(operation, "Prefer"));
    }
    let forms = kinds(&submit["requestBody"]);
    for form in ["json", "zip", "x-tar", "gzip"] {
        assert!(forms.contains(&format!("application/{form}")), "{forms:?}");
    }
    assert!(forms.contains(&"multipart/form-data".to_owned()));
    let publish = operation("post", "/courses/{course}/versions");
    assert!(kinds(&publish["requestBody"]).contains(&"application/zip".to_owned()));
    let events = operation("get", "/submissions/{id}/events");
    assert!(header(&events, "Last-Event-ID"));
    assert_eq!(kinds(&events["responses"]["200"]), ["text/event-stream"]);
    assert!(document["components"]["schemas"]["SubmissionEvent"].is_object());
    let grades = operation("get", "/courses/{course}/gradebook");
    assert_eq!(
        kinds(&grades["responses"]["200"]),
        ["application/json", "text/csv"]
    );
    let words = &document["components"]["schemas"]["SubmissionState"]["enum"];
    assert!(
        words.as_array().unwrap().contains(&json!("finished")),
        "generators of clients know no other form: {words}"
    );
    // Signing in takes nobody who is signed in; all else takes a token or the cookie.
    assert!(operation("post", "/session")["security"].is_null());
    assert_eq!(submit["security"], json!([{"token": []}, {"session": []}]));
    let session = &document["components"]["securitySchemes"]["session"];
    assert_eq!(
        (&session["in"], &session["name"]),
        (&"cookie".into(), &"__Host-carrel".into())
    );
}
