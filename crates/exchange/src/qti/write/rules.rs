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
    /// The least and the most points that all responses give together.
    pub(super) bounds: Option<(f64, f64)>,
    /// Tests for whole answers, and the points of these.
    pub(super) special: Vec<(String, f64)>,
    /// Points of any other answer that would get none.
    pub(super) wrong: f64,
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
        let plain = self.modal.is_empty()
            && !self.inline_feedback
            && self.whole.is_none()
            && self.bounds.is_none()
            && self.special.is_empty()
            && self.wrong == 0.0;
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
        if scored {
            xml.push_str(&self.held());
            xml.push_str(&self.whole_answers());
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

impl Rules<'_> {
    /// Test for an answer to anything.
    fn is_answered(&self) -> String {
        let given = |response: &Response| {
            format!(
                "<not><isNull><variable identifier=\"{}\"/></isNull></not>",
                response.id
            )
        };
        match self.responses {
            [alone] => given(alone),
            several => format!("<or>{}</or>", several.iter().map(given).collect::<String>()),
        }
    }

    /// The score held within its bounds.
    fn held(&self) -> String {
        let Some((lower, upper)) = self.bounds else {
            return String::new();
        };
        let score = "<variable identifier=\"SCORE\"/>";
        let mut below = format!("<lt>{score}{}</lt>", float(lower));
        if lower > 0.0 {
            // No answer at all gets nothing.
            below = format!("<and>{}{below}</and>", self.is_answered());
        }
        format!(
            "    <responseCondition><responseIf>{below}{}</responseIf><responseElseIf><gt>{score}{}</gt>{}</responseElseIf></responseCondition>\n",
            set(lower),
            float(upper),
            set(upper)
        )
    }

    /// Whole answers with points of their own, and wrong ones.
    fn whole_answers(&self) -> String {
        let mut branches: Vec<(String, f64)> = self.special.clone();
        if self.wrong != 0.0 {
            let nothing = format!(
                "<equal toleranceMode=\"absolute\" tolerance=\"0.000000001 0.000000001\">{}<variable identifier=\"SCORE\"/></equal>",
                float(0.0)
            );
            let test = format!("<and>{}{nothing}</and>", self.is_answered());
            branches.push((test, self.wrong));
        }
        if branches.is_empty() {
            return String::new();
        }
        let mut xml = "    <responseCondition>".to_owned();
        for (number, (test, points)) in branches.iter().enumerate() {
            let name = if number == 0 {
                "responseIf"
            } else {
                "responseElseIf"
            };
            let _ = write!(xml, "<{name}>{test}{}</{name}>", set(*points));
        }
        xml.push_str("</responseCondition>\n");
        xml
    }
}

fn float(number: f64) -> String {
    format!("<baseValue baseType=\"float\">{number}</baseValue>")
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
    format!(
        "    <responseCondition><responseIf><gte>{score}{}</gte>{}</responseIf><responseElseIf><gt>{score}{}</gt>{}</responseElseIf><responseElse>{}</responseElse></responseCondition>\n",
        float(points - points.abs() * 1e-9),
        set("correct"),
        float(0.0),
        set("partially_correct"),
        set("incorrect")
    )
}
