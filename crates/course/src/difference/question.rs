//! What changes of one question: its text, its key, its feedback, its rules or its points.

use std::collections::BTreeMap;

use carrel_quiz::Question;
use serde_json::Value;

use super::{Effect, PartChange, PointsChange};

/// What a part of a question is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// What is asked, and how it is shown.
    Text,
    /// What is right, and how much it counts.
    Key,
    /// What is said about an answer.
    Feedback,
    /// How often it may be tried, and what that costs.
    Rules,
    /// What learners never see.
    None,
}

/// Keys within a kind that hold feedback.
const FEEDBACK: [&str; 7] = [
    "feedback",
    "feedback_true",
    "feedback_false",
    "feedback_not_chosen",
    "tip",
    "notes",
    "grader_notes",
];
/// Keys within a kind that say how it is shown.
const DISPLAY: [&str; 7] = [
    "numbering",
    "layout",
    "width",
    "shuffle",
    "fixed",
    "lines",
    "start",
];

/// What changed of a question that both versions have; `None`: nothing.
pub(super) fn compare(before: &Question, after: &Question) -> Option<PartChange> {
    let [old, new] = [before, after].map(list_parts);
    let differs = |role: Role| {
        let part = |parts: &BTreeMap<Role, Vec<(String, Value)>>| parts.get(&role).cloned();
        part(&old) != part(&new)
    };
    let mut change = PartChange::new(&after.id, &after.title, Effect::Changed);
    change.key = differs(Role::Key);
    change.text = differs(Role::Text);
    change.feedback = differs(Role::Feedback);
    change.rules = differs(Role::Rules);
    #[expect(
        clippy::float_cmp,
        reason = "any change of what the author wrote is told"
    )]
    if before.points != after.points {
        change.points = Some(PointsChange {
            before: before.points,
            after: after.points,
        });
    }
    (!change.is_same()).then_some(change)
}

/// Every value of a question with its place, by role.
fn list_parts(question: &Question) -> BTreeMap<Role, Vec<(String, Value)>> {
    let mut parts: BTreeMap<Role, Vec<(String, Value)>> = BTreeMap::new();
    let Ok(Value::Object(fields)) = serde_json::to_value(question) else {
        return parts;
    };
    for (name, value) in fields {
        let role = match name.as_str() {
            "text" | "title" | "attachments" => Role::Text,
            "feedback" | "hints" => Role::Feedback,
            "penalty" | "tries" => Role::Rules,
            "kind" => {
                list_kind("kind", &value, Role::Key, &mut parts);
                continue;
            }
            "template" => Role::Key,
            _ => Role::None,
        };
        parts.entry(role).or_default().push((name, value));
    }
    parts
}

fn list_kind(
    place: &str,
    value: &Value,
    role: Role,
    parts: &mut BTreeMap<Role, Vec<(String, Value)>>,
) {
    match value {
        Value::Object(fields) if !is_text(value) => {
            for (name, inner) in fields {
                let role = if FEEDBACK.contains(&name.as_str()) {
                    Role::Feedback
                } else if DISPLAY.contains(&name.as_str()) || is_text(inner) {
                    Role::Text
                } else {
                    role
                };
                list_kind(&format!("{place}.{name}"), inner, role, parts);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                list_kind(&format!("{place}.{index}"), inner, role, parts);
            }
        }
        other => parts
            .entry(role)
            .or_default()
            .push((place.to_owned(), other.clone())),
    }
}

/// Whether a value is a rich text ([`carrel_quiz::Text`]): a source and its format.
fn is_text(value: &Value) -> bool {
    let Value::Object(fields) = value else {
        return false;
    };
    fields.contains_key("format") && fields.contains_key("source") && fields.len() == 2
}
