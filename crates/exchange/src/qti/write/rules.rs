//! Response processing of a written item.

use std::fmt::Write as _;

use super::item::RESPONSE;
use super::response::{Response, Worth, set};
use crate::qti::Version;

/// What response processing depends on.
pub(super) struct Rules<'a> {
    pub(super) responses: &'a [Response],
    /// Points that all responses give together, or none.
    pub(super) whole: Option<f64>,
    pub(super) inline_feedback: bool,
    pub(super) points: f64,
    /// Feedback on the whole, by name.
    pub(super) modal: &'a [(&'static str, String)],
}

impl Rules<'_> {
    /// A standard template where that says it all, else rules; nothing where nothing is scored.
    pub(super) fn write(&self, version: Version) -> String {
        let mut xml = String::new();
        let scored = self
            .responses
            .iter()
            .any(|response| response.worth != Worth::Person);
        if !scored && self.modal.is_empty() {
            return xml;
        }
        let plain = self.modal.is_empty() && !self.inline_feedback && self.whole.is_none();
        if let ([alone], true) = (self.responses, plain)
            && let Some(template) = alone.template()
        {
            let _ = writeln!(
                xml,
                "  <responseProcessing template=\"{}{template}\"/>",
                version.templates()
            );
            return xml;
        }
        xml.push_str("  <responseProcessing>\n");
        match self.whole {
            Some(points) => {
                let tests: String = self.responses.iter().map(is_full).collect();
                let _ = writeln!(
                    xml,
                    "    <responseCondition><responseIf><and>{tests}</and>{}</responseIf></responseCondition>",
                    set(points)
                );
            }
            None => self
                .responses
                .iter()
                .for_each(|response| xml.push_str(&response.rules())),
        }
        if self.inline_feedback {
            let _ = writeln!(
                xml,
                "    <setOutcomeValue identifier=\"FEEDBACK\"><variable identifier=\"{RESPONSE}\"/></setOutcomeValue>"
            );
        }
        if !self.modal.is_empty() {
            xml.push_str(&shown(self.points, self.modal, scored));
        }
        xml.push_str("  </responseProcessing>\n");
        xml
    }
}

/// Test for a response that is fully right.
fn is_full(response: &Response) -> String {
    match &response.worth {
        Worth::Map { upper, .. } => format!(
            "<gte><mapResponse identifier=\"{}\"/><baseValue baseType=\"float\">{upper}</baseValue></gte>",
            response.id
        ),
        Worth::Rules(rules) => {
            let best = rules.iter().map(|rule| rule.1).fold(0.0, f64::max);
            let full: Vec<&str> = rules
                .iter()
                .filter(|rule| rule.1 >= best)
                .map(|rule| rule.0.as_str())
                .collect();
            match full.as_slice() {
                [one] => (*one).to_owned(),
                several => format!("<or>{}</or>", several.concat()),
            }
        }
        _ => response.is_right(),
    }
}

/// Which feedback is shown, by the score.
fn shown(points: f64, modal: &[(&'static str, String)], scored: bool) -> String {
    let set = |wanted: &str| {
        let names: String = modal
            .iter()
            .filter(|(name, _)| *name == wanted || *name == "general")
            .map(|(name, _)| format!("<baseValue baseType=\"identifier\">{name}</baseValue>"))
            .collect();
        let value = if names.is_empty() {
            "<null/>".to_owned()
        } else {
            format!("<multiple>{names}</multiple>")
        };
        format!("<setOutcomeValue identifier=\"SHOWN\">{value}</setOutcomeValue>")
    };
    if !scored {
        return format!("    {}\n", set("general"));
    }
    let score = "<variable identifier=\"SCORE\"/>";
    let number = |number: f64| format!("<baseValue baseType=\"float\">{number}</baseValue>");
    format!(
        "    <responseCondition><responseIf><gte>{score}{}</gte>{}</responseIf><responseElseIf><gt>{score}{}</gt>{}</responseElseIf><responseElse>{}</responseElse></responseCondition>\n",
        number(points - points.abs() * 1e-9),
        set("correct"),
        number(0.0),
        set("partially_correct"),
        set("incorrect")
    )
}
