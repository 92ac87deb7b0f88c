//! Bodies of another form than the document tells.

use serde_json::{Value, json};

use crate::world::World;

/// Levels of a body that are looked at.
const LEVELS_MAX: usize = 4;

/// The schema that is meant, where it is another's name or may be null.
fn meant<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(place) = schema["$ref"].as_str() {
        let found = document.pointer(place.strip_prefix('#').unwrap()).unwrap();
        return meant(document, found);
    }
    let several = ["allOf", "anyOf"]
        .iter()
        .find_map(|of| schema[of].as_array());
    let mut several = several.into_iter().flatten();
    match several.clone().count() {
        1 | 2 => {
            let is_null = |one: &&Value| one["type"] == "null";
            let one = several.find(|one| !is_null(one)).unwrap();
            meant(document, one)
        }
        _ => schema,
    }
}

/// Every place of an object within a schema, with a body that has a list there.
fn lists(document: &Value, schema: &Value, level: usize) -> Vec<(String, Value)> {
    let schema = meant(document, schema);
    let mut found = Vec::new();
    if level == LEVELS_MAX {
        return found;
    }
    let mut within = |place: &str, schema: &Value, wrap: &dyn Fn(Value) -> Value| {
        for (rest, body) in lists(document, schema, level + 1) {
            let dot = if rest.is_empty() || rest.starts_with('[') {
                ""
            } else {
                "."
            };
            found.push((format!("{place}{dot}{rest}"), wrap(body)));
        }
    };
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        within(name, schema, &|body| json!({ name: body }));
    }
    if schema["additionalProperties"].is_object() {
        let schema = &schema["additionalProperties"];
        within("some", schema, &|body| json!({ "some": body }));
    }
    if schema["type"] == "array" {
        within("[0]", &schema["items"], &|body| json!([body]));
    }
    let tagged = schema["oneOf"].as_array().is_some_and(|all| {
        let mut all = all.iter();
        all.all(|one| one["properties"]["type"]["const"].is_string())
    });
    if schema["type"] == "object" || tagged {
        found.push((String::new(), json!([])));
        found.push((String::new(), json!([1, "x", {}])));
    }
    found
}

#[test]
fn a_list_in_the_place_of_an_object_is_told_with_its_place_by_every_operation() {
    let world = World::start();
    let root = world.operator("root");
    let bearer = root.bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let document: Value = serde_json::from_str(carrel_web::openapi::document()).unwrap();
    let mut places = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let body = &operation["requestBody"]["content"]["application/json"];
            let Some(schema) = body.get("schema") else {
                continue;
            };
            // Those that take other forms too look for the challenge first.
            let path = path.strip_prefix("/api/v1").unwrap();
            let known = path;
            let path = path
                .replace("{course}", "demo")
                .replace("{challenge}", "double")
                .replace("{id}", "019a0000-0000-7000-8000-000000000000")
                .replace(['{', '}'], "");
            for (place, body) in lists(&document, schema, 0) {
                let place = if place.is_empty() {
                    "body"
                } else {
                    place.as_str()
                };
                let sent = body.to_string();
                let refused = world.send(&method.to_uppercase(), &path, &headers, sent.as_bytes());
                refused.is(422, "invalid");
                assert_eq!(refused.fields(), [place], "{method} {path} {sent}");
                let told = refused.body["errors"][0]["message"].as_str().unwrap();
                assert!(
                    told.starts_with("is a list; send an object"),
                    "{method} {path} {sent}: {told}"
                );
                places.push(format!("{method} {known} {place}"));
            }
        }
    }
    for known in [
        "post /executions limits",
        "post /executions compile_limits",
        "post /executions files",
        "put /attempts/{id}/answers/{question} answer",
        "post /attempts/{id}/marks marks[0]",
        "post /session body",
    ] {
        assert!(
            places.iter().any(|place| place == known),
            "{known}: {places:#?}"
        );
    }
}
