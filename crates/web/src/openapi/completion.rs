//! What of the document follows from the document: ids of operations, parameters of paths,
//! which schemas there are.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::place;
use crate::router;

/// Where schemas with names stand, as references write it.
const SCHEMAS: &str = "#/components/schemas/";

/// Completes what the routes tell.
pub(super) fn complete(document: &mut Value) {
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if operation["operationId"].is_null() {
                operation["operationId"] = name_operation(method, path).into();
            }
            declare_places(path, operation);
        }
    }
    mend(document);
    forget_unused(document);
}

/// `get`, `/api/v1/submissions/{id}/files` → `getSubmissionsByIdFiles`.
fn name_operation(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    let below = path.strip_prefix(router::PREFIX).unwrap_or(path);
    for part in below.split('/').filter(|part| !part.is_empty()) {
        let word = match part.strip_prefix('{') {
            Some(parameter) => {
                name.push_str("By");
                parameter.trim_end_matches('}')
            }
            None => part,
        };
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// Declares the parameters that stand in the text of a path, before the others.
fn declare_places(path: &str, operation: &mut Value) {
    let mut parameters = place::parameters(path);
    let others = operation.get_mut("parameters");
    if let Some(others) = others.and_then(Value::as_array_mut) {
        parameters.append(others);
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
}

/// Takes out what tells a reader of the document nothing, and what generators of clients stumble
/// over: a default of null, which does not even fit the type of a parameter; one that is an object,
/// whose members have their own; links between items of our code; `true` where `{}` means the same.
fn mend(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let default = members.get("default");
            if default.is_some_and(|default| default.is_null() || is_value(default)) {
                members.remove("default");
            }
            for place in ["schema", "items"] {
                if let Some(schema @ Value::Bool(true)) = members.get_mut(place) {
                    *schema = json!({});
                }
            }
            list_words(members);
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = unlink(text);
            }
            members.values_mut().for_each(mend);
        }
        Value::Array(items) => items.iter_mut().for_each(mend),
        _ => {}
    }
}

/// One of several words, each told by itself: as one list of words, which generators of clients
/// know, with what they mean in the text.
fn list_words(members: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = members.get("oneOf") else {
        return;
    };
    let mut words = Vec::new();
    let text = members.get("description").and_then(Value::as_str);
    let mut text = text.unwrap_or_default().to_owned();
    for choice in choices {
        match (&choice["const"], &choice["enum"]) {
            (word @ Value::String(name), _) => {
                words.push(word.clone());
                if let Some(meaning) = choice["description"].as_str() {
                    text.extend(["\n- `", name, "`: ", meaning]);
                }
            }
            (_, Value::Array(several)) => words.extend(several.iter().cloned()),
            _ => return,
        }
    }
    members.remove("oneOf");
    members.insert("type".to_owned(), "string".into());
    members.insert("enum".to_owned(), words.into());
    members.insert("description".to_owned(), text.trim_start().into());
}

/// Whether a member named `default` is an object of values rather than the answer of that name.
fn is_value(default: &Value) -> bool {
    default.is_object() && default.get("description").is_none()
}

/// ``[`Attachment::name`]`` → `` `name` ``.
fn unlink(text: &str) -> String {
    let mut parts = text.split("[`");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("`]") {
            Some((link, rest)) => {
                let name = link.rsplit("::").next().unwrap_or(link);
                plain.extend(["`", name, "`", rest]);
            }
            None => plain.extend(["[`", part]),
        }
    }
    plain
}

/// Leaves out schemas that nothing refers to: parameters carry theirs with them.
fn forget_unused(document: &mut Value) {
    let mut used = BTreeSet::new();
    let mut names = BTreeSet::new();
    collect_names(&document["paths"], &mut names);
    while let Some(name) = names.pop_first() {
        collect_names(&document["components"]["schemas"][&name], &mut names);
        used.insert(name);
        names.retain(|name| !used.contains(name));
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        let all = std::mem::take(schemas).into_iter();
        schemas.extend(all.filter(|(name, _)| used.contains(name)));
    }
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let place = members.get("$ref").and_then(Value::as_str);
            names.extend(place.and_then(|place| Some(place.strip_prefix(SCHEMAS)?.to_owned())));
            for member in members.values() {
                collect_names(member, names);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect_names(item, names);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_named_by_method_and_path() {
        let name = name_operation("get", "/api/v1/submissions/{id}/files");
        assert_eq!(name, "getSubmissionsByIdFiles");
    }

    #[test]
    fn links_between_items_of_code_become_names() {
        assert_eq!(
            unlink("Cut as [`Attachment::name`] is, [`X`]."),
            "Cut as `name` is, `X`."
        );
        assert_eq!(unlink("`[a]` and [`open"), "`[a]` and [`open");
    }

    #[test]
    fn words_are_listed_with_their_meaning() {
        let mut state = json!({"description": "State.", "oneOf": [
            {"type": "string", "const": "queued", "description": "It waits."},
            {"type": "string", "enum": ["running", "finished"]},
        ]});
        mend(&mut state);
        let listed = json!({
            "description": "State.\n- `queued`: It waits.",
            "type": "string",
            "enum": ["queued", "running", "finished"],
        });
        assert_eq!(state, listed);
        let other = json!({"oneOf": [{"type": "string"}, {"const": "a"}]});
        let mut mended = other.clone();
        mend(&mut mended);
        assert_eq!(mended, other);
    }

    #[test]
    fn what_tells_nothing_is_left_out() {
        let mut document = json!({
            "paths": {"/a": {"get": {"responses": {"200": {"$ref": "#/components/schemas/A"},
                "default": {"description": "A problem."}}}}},
            "components": {"schemas": {
                "A": {"items": {"$ref": "#/components/schemas/B"}, "default": null},
                "B": {"items": true, "allOf": [{"$ref": "#/components/schemas/A"}],
                    "default": {"a": 1}},
                "C": {"items": {"$ref": "#/components/schemas/C"}},
            }},
        });
        complete(&mut document);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["A", "B"]);
        for schema in schemas.values() {
            assert!(schema.get("default").is_none(), "{schema}");
        }
        assert_eq!(schemas["B"]["items"], json!({}));
        let answers = &document["paths"]["/a"]["get"]["responses"];
        assert!(answers["default"].is_object(), "an answer is no default");
    }
}
