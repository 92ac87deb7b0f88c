//! Parameters of paths, by the collection that they name something of.

use serde_json::{Value, json};

/// What a place in a path takes.
#[derive(Debug, Clone, Copy)]
enum Form {
    Text,
    Uuid,
    Index,
}

impl Form {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Uuid => json!({"type": "string", "format": "uuid"}),
            Self::Index => json!({"type": "integer", "minimum": 0}),
        }
    }
}

/// What may follow the name of a collection in a path.
const PLACES: &[(&str, Form, &str)] = &[
    ("accommodations", Form::Text, "Id or name of the learner."),
    ("answers", Form::Text, "Id of the question in its attempt."),
    ("attempts", Form::Uuid, "Id of the attempt."),
    ("challenges", Form::Text, "Id of the challenge."),
    ("courses", Form::Text, "Id of the course."),
    ("executions", Form::Uuid, "Id of the execution."),
    ("hints", Form::Index, "Number of the hint, from 0."),
    ("lessons", Form::Text, "Id of the lesson."),
    ("members", Form::Text, "Id or name of the person."),
    ("nodes", Form::Uuid, "Id of the node."),
    ("parked", Form::Uuid, "Id of the submission."),
    ("projects", Form::Text, "Id of the project."),
    ("quizzes", Form::Text, "Id of the quiz."),
    ("regrades", Form::Uuid, "Id of the regrade."),
    ("rescores", Form::Uuid, "Id of the rescore."),
    ("submissions", Form::Uuid, "Id of the submission."),
    ("tokens", Form::Uuid, "Id of the token, not its secret."),
    ("users", Form::Text, "`me`, or the id or name of a person."),
    ("versions", Form::Text, "Digest of the version's files."),
    ("webhooks", Form::Uuid, "Id of the webhook."),
];

/// The parameters in the text of a path, in their order. One after a collection that is not
/// known here is told without a description, which a test refuses.
pub(super) fn parameters(path: &str) -> Vec<Value> {
    let mut collection = "";
    let mut parameters = Vec::new();
    for part in path.split('/') {
        let name = part.strip_prefix('{');
        let Some(name) = name.and_then(|name| name.strip_suffix('}')) else {
            collection = part;
            continue;
        };
        let place = PLACES.iter().find(|(known, ..)| *known == collection);
        let form = place.map_or(Form::Text, |(_, form, _)| *form);
        let mut parameter = json!({
            "in": "path", "name": name, "required": true, "schema": form.schema(),
        });
        if let Some((_, _, description)) = place {
            parameter["description"] = (*description).into();
        }
        parameters.push(parameter);
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_its_collection() {
        let told = parameters("/api/v1/courses/{course}/webhooks/{id}/new/{thing}");
        let names: Vec<_> = told.iter().map(|one| one["name"].as_str()).collect();
        assert_eq!(names, [Some("course"), Some("id"), Some("thing")]);
        assert_eq!(told[1]["description"], "Id of the webhook.");
        assert_eq!(told[1]["schema"]["format"], "uuid");
        assert!(told[2]["description"].is_null() && told[2]["required"] == true);
    }
}
