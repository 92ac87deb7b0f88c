//! Settings compared key by key, whatever they are.

use serde::Serialize;
use serde_json::Value;

use super::Change;

/// What differs between two values, each at its place below `name`.
pub(super) fn compare<T: Serialize>(
    name: &str,
    before: &T,
    after: &T,
    affects_results: impl Fn(&str) -> bool,
) -> Vec<Change> {
    let [before, after] =
        [before, after].map(|value| serde_json::to_value(value).unwrap_or_default());
    let mut changes = Vec::new();
    walk(
        name,
        Some(&before),
        Some(&after),
        &mut |what, before, after| {
            changes.push(Change::Value {
                what: what.to_owned(),
                before: before.and_then(show),
                after: after.and_then(show),
                affects_results: affects_results(what),
            });
        },
    );
    changes
}

/// One value that is different, or nothing.
pub(super) fn compare_one(
    what: &str,
    before: Option<String>,
    after: Option<String>,
    affects_results: bool,
) -> Option<Change> {
    (before != after).then(|| Change::Value {
        what: what.to_owned(),
        before,
        after,
        affects_results,
    })
}

fn walk(
    name: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    tell: &mut impl FnMut(&str, Option<&Value>, Option<&Value>),
) {
    if before == after {
        return;
    }
    let keys_of = |value: Option<&Value>| match value {
        Some(Value::Object(map)) => Some(map.keys().cloned().collect::<Vec<_>>()),
        None => Some(Vec::new()),
        _ => None,
    };
    let (Some(mut keys), Some(more)) = (keys_of(before), keys_of(after)) else {
        return tell(name, before, after);
    };
    for key in more {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    for key in keys {
        let inner = if name.is_empty() {
            key.clone()
        } else {
            format!("{name}.{key}")
        };
        let at = |value: Option<&'_ Value>| value.and_then(|value| value.get(&key)).cloned();
        walk(&inner, at(before).as_ref(), at(after).as_ref(), tell);
    }
}

fn show(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(show).collect();
            Some(items.join(", "))
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_told_where_they_are() {
        let before = json!({"a": 1, "b": {"c": [1, 2], "d": null}, "same": "x", "gone": 2});
        let after = json!({"a": 2, "b": {"c": [1], "d": "new"}, "same": "x", "came": {"e": 1}});
        let told: Vec<String> = compare("", &before, &after, |what| what == "a")
            .iter()
            .map(|change| match change {
                Change::Value {
                    what,
                    before,
                    after,
                    affects_results,
                } => format!("{what} {before:?} {after:?} {affects_results}"),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"a Some("1") Some("2") true"#,
                r#"b.c Some("1, 2") Some("1") false"#,
                r#"b.d None Some("new") false"#,
                r#"gone Some("2") None false"#,
                r#"came.e None Some("1") false"#,
            ]
        );
        assert!(compare("", &before, &before, |_| false).is_empty());
    }
}
