//! As much of JSON Schema (2020-12) as our generated schemas use; anything else is a failure.

use serde_json::Value;

use crate::test::{Ended, Test};

/// Keywords that say nothing about validity here.
const ANNOTATIONS: [&str; 8] = [
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "format",
    "minimum",
    "maximum",
];

/// Standard output is a document of this schema; returns it.
pub(crate) fn assert_fits(ended: &Ended, name: &str) -> Value {
    let schema = Test::new(&["schema", name]).run().json();
    let document = ended.json();
    let problems = check(&schema, &document);
    assert!(problems.is_empty(), "{problems:#?}\n{document:#}");
    document
}

/// Every way in which a document breaks a schema.
pub(crate) fn check(schema: &Value, document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    visit(schema, schema, document, "$", &mut problems);
    problems
}

fn visit(root: &Value, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let keywords = match schema {
        Value::Bool(true) => return,
        Value::Object(keywords) => keywords,
        _ => return problems.push(format!("{at}: nothing is allowed here")),
    };
    for (keyword, rule) in keywords {
        match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                visit(root, root.pointer(pointer).unwrap(), value, at, problems);
            }
            "type" if !fits_type(rule, value) => {
                problems.push(format!("{at}: {value} is not of type {rule}"));
            }
            "const" if rule != value => problems.push(format!("{at}: {value} is not {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => {
                problems.push(format!("{at}: {value} is none of {rule}"));
            }
            "oneOf" | "anyOf" => {
                let fitting = rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|one| fits(root, one, value))
                    .count();
                if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                    problems.push(format!("{at}: {value} fits {fitting} of {keyword}"));
                }
            }
            "required" => {
                let missing = rule.as_array().unwrap().iter();
                let missing = missing.filter(|key| value.get(key.as_str().unwrap()).is_none());
                problems.extend(missing.map(|key| format!("{at}: lacks {key}")));
            }
            "minItems" => {
                if value
                    .as_array()
                    .is_some_and(|list| list.len() < count(rule))
                {
                    problems.push(format!("{at}: fewer than {rule} items"));
                }
            }
            "maxItems" => {
                if value
                    .as_array()
                    .is_some_and(|list| list.len() > count(rule))
                {
                    problems.push(format!("{at}: more than {rule} items"));
                }
            }
            "properties" | "additionalProperties" | "items" => {}
            "type" | "const" | "enum" => {}
            other => assert!(ANNOTATIONS.contains(&other), "keyword `{other}` at {at}"),
        }
    }
    visit_inside(root, schema, value, at, problems);
}

fn count(rule: &Value) -> usize {
    usize::try_from(rule.as_u64().unwrap()).unwrap()
}

fn visit_inside(root: &Value, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        for (number, item) in list.iter().enumerate() {
            visit(root, items, item, &format!("{at}[{number}]"), problems);
        }
    }
    let Some(object) = value.as_object() else {
        return;
    };
    for (key, inner) in object {
        let at = format!("{at}.{key}");
        if let Some(rule) = schema.get("properties").and_then(|rules| rules.get(key)) {
            visit(root, rule, inner, &at, problems);
        } else if let Some(rule) = schema.get("additionalProperties") {
            visit(root, rule, inner, &at, problems);
        }
    }
}

fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let mut problems = Vec::new();
    visit(root, schema, value, "", &mut problems);
    problems.is_empty()
}

fn fits_type(rule: &Value, value: &Value) -> bool {
    if let Some(list) = rule.as_array() {
        return list.iter().any(|one| fits_type(one, value));
    }
    match rule.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("type `{other}`"),
    }
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let schema = serde_json::json!({
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"type": ["integer", "null"]}},
        "required": ["a"],
        "additionalProperties": false,
        "$defs": {"A": {"oneOf": [{"const": "x"}, {"type": "string", "enum": ["y"]}]}},
    });
    let problems = |document: Value| check(&schema, &document).len();
    assert_eq!(problems(serde_json::json!({"a": "x", "b": 3})), 0);
    assert_eq!(problems(serde_json::json!({"a": "z"})), 1);
    assert_eq!(problems(serde_json::json!({"b": 1.5})), 2);
    assert_eq!(problems(serde_json::json!({"a": "y", "c": 1})), 1);
}
