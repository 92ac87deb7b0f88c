//! Responses of a written item: what is declared, and what it is worth.

use std::fmt::Write as _;

use crate::moodle::encode;

/// One response variable.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) id: String,
    /// `single`, `multiple`, `ordered`.
    pub(super) cardinality: &'static str,
    /// `identifier`, `string`, `float`, `directedPair`, `file`.
    pub(super) base: &'static str,
    pub(super) correct: Vec<String>,
    /// The right response as an expression over template variables.
    pub(super) computed: Option<String>,
    pub(super) worth: Worth,
}

/// What answers are worth, in points.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Worth {
    /// The declared right response gives so much.
    Whole(f64),
    /// The sum of what each value gives, within bounds.
    Map {
        entries: Vec<Entry>,
        /// What a value without an entry gives.
        default: f64,
        lower: f64,
        upper: f64,
    },
    /// Tests in order: the first that holds decides.
    Rules(Vec<(String, f64)>),
    /// Each value of an ordered response at its place gives so much.
    Places(f64),
    /// A person decides.
    Person,
}

/// One value and its points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) points: f64,
    /// Only said of texts.
    pub(super) case_sensitive: Option<bool>,
}

impl Response {
    pub(super) fn declaration(&self) -> String {
        let mut xml = format!(
            "  <responseDeclaration identifier=\"{}\" cardinality=\"{}\" baseType=\"{}\">",
            self.id, self.cardinality, self.base
        );
        if !self.correct.is_empty() {
            xml.push_str("<correctResponse>");
            for value in &self.correct {
                let _ = write!(xml, "<value>{}</value>", encode(value));
            }
            xml.push_str("</correctResponse>");
        }
        if let Worth::Map {
            entries,
            default,
            lower,
            upper,
        } = &self.worth
        {
            let _ = write!(
                xml,
                "<mapping lowerBound=\"{lower}\" upperBound=\"{upper}\" defaultValue=\"{default}\">"
            );
            for entry in entries {
                let case = entry
                    .case_sensitive
                    .map(|case| format!(" caseSensitive=\"{case}\""));
                let _ = write!(
                    xml,
                    "<mapEntry mapKey=\"{}\" mappedValue=\"{}\"{}/>",
                    encode(&entry.key),
                    entry.points,
                    case.unwrap_or_default()
                );
            }
            xml.push_str("</mapping>");
        }
        xml.push_str("</responseDeclaration>\n");
        xml
    }

    /// The name of the standard template that scores it, where there is one.
    pub(super) fn template(&self) -> Option<&'static str> {
        match &self.worth {
            _ if self.id != "RESPONSE" => None,
            Worth::Whole(points) if *points == 1.0 => Some("match_correct"),
            Worth::Map { .. } => Some("map_response"),
            _ => None,
        }
    }

    /// Rules that add its points to the score.
    pub(super) fn rules(&self) -> String {
        match &self.worth {
            Worth::Whole(points) => {
                format!(
                    "    <responseCondition><responseIf>{}{}</responseIf></responseCondition>\n",
                    self.is_right(),
                    add(*points)
                )
            }
            Worth::Map { .. } => format!(
                "    <setOutcomeValue identifier=\"SCORE\"><sum><variable identifier=\"SCORE\"/><mapResponse identifier=\"{}\"/></sum></setOutcomeValue>\n",
                self.id
            ),
            Worth::Rules(rules) => {
                let mut xml = "    <responseCondition>".to_owned();
                for (number, (test, points)) in rules.iter().enumerate() {
                    let name = if number == 0 {
                        "responseIf"
                    } else {
                        "responseElseIf"
                    };
                    let _ = write!(xml, "<{name}>{test}{}</{name}>", add(*points));
                }
                xml.push_str("</responseCondition>\n");
                xml
            }
            Worth::Places(points) => {
                let mut xml = String::new();
                for (number, right) in self.correct.iter().enumerate() {
                    let _ = writeln!(
                        xml,
                        "    <responseCondition><responseIf><match><index n=\"{}\"><variable identifier=\"{}\"/></index><baseValue baseType=\"{}\">{}</baseValue></match>{}</responseIf></responseCondition>",
                        number + 1,
                        self.id,
                        self.base,
                        encode(right),
                        add(*points)
                    );
                }
                xml
            }
            Worth::Person => String::new(),
        }
    }

    /// Test for the declared right response.
    pub(super) fn is_right(&self) -> String {
        format!(
            "<match><variable identifier=\"{0}\"/><correct identifier=\"{0}\"/></match>",
            self.id
        )
    }
}

/// The score raised.
fn add(points: f64) -> String {
    format!(
        "<setOutcomeValue identifier=\"SCORE\"><sum><variable identifier=\"SCORE\"/><baseValue baseType=\"float\">{points}</baseValue></sum></setOutcomeValue>"
    )
}

/// The score set.
pub(super) fn set(points: f64) -> String {
    format!(
        "<setOutcomeValue identifier=\"SCORE\"><baseValue baseType=\"float\">{points}</baseValue></setOutcomeValue>"
    )
}

/// An id as QTI takes identifiers: no digit first. [`own_id`](crate::qti::node::own_id) turns it back.
pub(super) fn identifier(id: &str) -> String {
    let mut name: String = id
        .chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() || "-_.".contains(letter) => letter,
            _ => '_',
        })
        .collect();
    let bare = name.starts_with(|first: char| !first.is_ascii_alphabetic());
    let taken = matches!(name.as_str(), "" | "SCORE" | "FEEDBACK" | "SHOWN");
    if bare || taken {
        name.insert(0, '_');
    }
    name
}
