//! What stands between the two lines `+++`, as a type: the JSON Schema for editors is made of it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::settings::Settings;
use crate::text::Text;

/// Front matter of a quiz: TOML between two lines `+++` at the top of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FrontMatter {
    /// Stable id, unique in the course and never reused.
    pub id: String,
    /// Title.
    pub title: String,
    /// Introduction, where it cannot stand below the front matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Text>,
    /// How the quiz is attempted.
    #[serde(flatten)]
    pub settings: Settings,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::notation::parse;
    use crate::settings::ReviewRules;

    #[test]
    fn everything_that_the_schema_names_is_read() {
        let front = FrontMatter {
            id: "q".to_owned(),
            title: "Q".to_owned(),
            introduction: Some(Text::html("<p>Read.</p>")),
            settings: Settings {
                time_limit_seconds: Some(60),
                attempts: Some(2),
                tries: None,
                pass: Some(0.5),
                review: ReviewRules::default(),
                ..Settings::default()
            },
        };
        let written = toml::Table::try_from(&front).unwrap();
        let schema = schemars::schema_for!(FrontMatter).to_value();
        let named: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(written.keys().collect::<BTreeSet<_>>(), named);
        // The introduction is a table of its own here; the formatter writes it in one line.
        assert!(written.to_string().contains("[introduction]"));
        let text = format!("+++\n{written}+++\n");
        let quiz = parse(&text, "q.md").unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!((quiz.id, quiz.title), (front.id, front.title));
        assert_eq!(quiz.introduction, front.introduction);
        assert_eq!(quiz.settings, front.settings);
    }
}
