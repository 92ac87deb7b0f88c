//! Wrong parameters of the address, of every operation of the document.

use serde_json::Value;

use crate::world::World;

/// A parameter of the address: its operation's method and path, its name and its schema.
struct Parameter {
    method: String,
    path: String,
    name: String,
    schema: Value,
}

/// Of all operations, with something in the places of their paths.
fn parameters(document: &Value) -> Vec<Parameter> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let all = operation["parameters"].as_array().into_iter().flatten();
            for one in all.filter(|one| one["in"] == "query") {
                found.push(Parameter {
                    method: method.to_uppercase(),
                    // Nothing of it is looked for before the address is read.
                    path: path
                        .strip_prefix("/api/v1")
                        .unwrap()
                        .replace(['{', '}'], ""),
                    name: one["name"].as_str().unwrap().to_owned(),
                    schema: one["schema"].clone(),
                });
            }
        }
    }
    found
}

/// The words that a schema allows, where it allows words alone.
fn words<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Vec<Value>> {
    let meant = match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.strip_prefix('#').unwrap()).unwrap(),
        None => schema,
    };
    meant["enum"].as_array()
}

/// What a parameter may be, what it may not, and what the message must say is allowed.
fn values(document: &Value, schema: &Value) -> (String, &'static str, Vec<String>) {
    if let Some(words) = words(document, schema) {
        let words = words.iter().map(|word| word.as_str().unwrap());
        let words: Vec<String> = words.map(str::to_owned).collect();
        return (words[0].clone(), "no-such-word", words);
    }
    match schema["type"].as_str().unwrap() {
        "integer" => ("1".to_owned(), "ten", vec!["a whole number".to_owned()]),
        "boolean" => (
            "true".to_owned(),
            "maybe",
            vec!["`true` or `false`".to_owned()],
        ),
        "string" => ("x".to_owned(), "%ff", vec!["UTF-8".to_owned()]),
        other => panic!("{schema}: say what is wrong for `{other}`"),
    }
}

#[test]
fn a_wrong_parameter_is_named_with_what_is_allowed_by_every_operation() {
    let world = World::start();
    let root = world.operator("root");
    let document: Value = serde_json::from_str(carrel_web::openapi::document()).unwrap();
    let all = parameters(&document);
    assert!(all.len() > 60, "{}", all.len());
    let bearer = root.bearer();
    let headers = [("authorization", bearer.as_str())];
    let ask = |one: &Parameter, query: &str| {
        let path = format!("{}?{query}", one.path);
        world.send(&one.method, &path, &headers, b"")
    };
    for one in &all {
        let Parameter {
            path, name, schema, ..
        } = one;
        let (right, wrong, allowed) = values(&document, schema);
        let refused = ask(one, &format!("{name}={wrong}"));
        refused.is(400, "invalid_parameter");
        assert_eq!(refused.fields(), [name.as_str()], "{path} {wrong}");
        let told = refused.body["errors"][0]["message"].as_str().unwrap();
        for word in &allowed {
            assert!(told.contains(word.as_str()), "{path} {name}: {told}");
        }
        let found = wrong == "%ff" || told.contains(&format!("`{wrong}`"));
        assert!(found, "{path} {name}: {told}");
        let twice = ask(one, &format!("{name}={right}&{name}={right}"));
        twice.is(400, "invalid_parameter");
        assert_eq!(twice.fields(), [name.as_str()], "{path} twice");
        // What a provider adds to the address of its answer is none of ours.
        if !path.starts_with("/session/openid") {
            let unknown = ask(one, &format!("{name}-s={right}"));
            unknown.is(400, "invalid_parameter");
            assert_eq!(unknown.fields(), [format!("{name}-s")], "{path} unknown");
            let told = unknown.body["detail"].as_str().unwrap();
            assert!(told.contains(&format!("`{name}`")), "{path}: {told}");
        }
    }
}
