//! A question as an item.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use carrel_quiz::kind::{
    BlankKey, Blanks, Choice, Essay, EssayFormat, Kind, Layout, Matching, OrderScheme, Ordering,
    PartScheme, Select, TrueFalse,
};
use carrel_quiz::{Question, Text};

use super::response::{Response, Worth, identifier};
use super::rules::Rules;
use super::variable;
use super::{key, lost, pairs, special};
use crate::markup::{html, line_html, xhtml};
use crate::moodle::encode;
use crate::qti::Version;
use crate::unsaid;

/// Name of the response of a question with one.
pub(super) const RESPONSE: &str = "RESPONSE";

/// A written item, or the reason why there is none, and what was lost.
pub(super) struct Written {
    pub(super) xml: Result<String, String>,
    pub(super) losses: Vec<String>,
}

/// Writes a question. `links` gives where an attachment lies, seen from the item.
pub(super) fn write(
    question: &Question,
    links: &BTreeMap<String, String>,
    version: Version,
) -> Written {
    let mut writer = Writer {
        links,
        responses: Vec::new(),
        whole: None,
        bounds: None,
        inline_feedback: false,
        template: (String::new(), String::new()),
        computed: question.template.is_some().then_some(0),
        losses: Vec::new(),
    };
    let xml = writer.item(question, version);
    Written {
        xml,
        losses: writer.losses,
    }
}

struct Writer<'a> {
    links: &'a BTreeMap<String, String>,
    responses: Vec<Response>,
    /// Points that all responses give together, or none.
    whole: Option<f64>,
    /// The least and the most points that all responses give together.
    bounds: Option<(f64, f64)>,
    inline_feedback: bool,
    /// Declarations of variables, and their processing.
    template: (String, String),
    /// Number of variables made for texts; `None`: a question without variables.
    computed: Option<usize>,
    losses: Vec<String>,
}

impl Writer<'_> {
    fn lose(&mut self, what: &str) {
        if !self.losses.iter().any(|known| known == what) {
            self.losses.push(what.to_owned());
        }
    }

    fn item(&mut self, question: &Question, version: Version) -> Result<String, String> {
        if let Some(template) = &question.template {
            self.template = variable::variables(template)?;
        }
        let interaction = self.interaction(question)?;
        let text = html(&question.text);
        let mut body = self.rich(&text)?;
        if let Kind::Blanks(blanks) = &question.kind {
            body = self.fill(&body, blanks, question.points)?;
        }
        let modal = self.modal(question)?;
        for response in &self.responses {
            if let Some(value) = &response.computed {
                let _ = writeln!(
                    self.template.1,
                    "    <setCorrectResponse identifier=\"{}\">{value}</setCorrectResponse>",
                    response.id
                );
            }
        }
        for what in unsaid::lost(question, lost::lost) {
            self.lose(&what);
        }
        let title = if question.title.is_empty() {
            &question.id
        } else {
            &question.title
        };
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<assessmentItem xmlns=\"{}\" identifier=\"{}\" title=\"{}\" adaptive=\"false\" timeDependent=\"false\">\n",
            version.namespace(),
            identifier(&question.id),
            encode(title)
        );
        self.responses
            .iter()
            .for_each(|response| xml.push_str(&response.declaration()));
        self.outcomes(question, !modal.is_empty(), &mut xml);
        xml.push_str(&self.template.0);
        if !self.template.1.is_empty() {
            let _ = writeln!(
                xml,
                "  <templateProcessing>\n{}  </templateProcessing>",
                self.template.1
            );
        }
        let _ = writeln!(xml, "  <itemBody><div>{body}</div>{interaction}</itemBody>");
        let rules = Rules {
            responses: &self.responses,
            whole: self.whole,
            bounds: self.bounds,
            special: special::tests(question),
            wrong: question.wrong * question.points,
            inline_feedback: self.inline_feedback,
            points: question.points,
            modal: &modal,
        };
        xml.push_str(&rules.write(version));
        for (name, text) in &modal {
            let _ = writeln!(
                xml,
                "  <modalFeedback outcomeIdentifier=\"SHOWN\" identifier=\"{name}\" showHide=\"show\"><div>{text}</div></modalFeedback>"
            );
        }
        xml.push_str("</assessmentItem>\n");
        Ok(xml)
    }

    fn outcomes(&self, question: &Question, modal: bool, xml: &mut String) {
        if !question.kind.is_scored() && !matches!(question.kind, Kind::Essay(_)) {
            return;
        }
        let _ = writeln!(
            xml,
            "  <outcomeDeclaration identifier=\"SCORE\" cardinality=\"single\" baseType=\"float\" normalMaximum=\"{}\"><defaultValue><value>0</value></defaultValue></outcomeDeclaration>",
            question.points
        );
        let cardinality = self
            .responses
            .first()
            .map_or("single", |first| first.cardinality);
        if self.inline_feedback {
            let _ = writeln!(
                xml,
                "  <outcomeDeclaration identifier=\"FEEDBACK\" cardinality=\"{cardinality}\" baseType=\"identifier\"/>"
            );
        }
        if modal {
            xml.push_str("  <outcomeDeclaration identifier=\"SHOWN\" cardinality=\"multiple\" baseType=\"identifier\"/>\n");
        }
    }

    /// A text as XML, its links and variables in place.
    fn rich(&mut self, html: &str) -> Result<String, String> {
        let mut xml = xhtml(html);
        for (name, link) in self.links {
            for key in ["src", "href"] {
                let from = format!("{key}=\"{}\"", encode(name));
                xml = xml.replace(&from, &format!("{key}=\"{}\"", encode(link)));
            }
        }
        if self.computed.is_none() {
            return Ok(xml);
        }
        let mut filled = String::with_capacity(xml.len());
        let mut rest = xml.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((inside, after)) = after.split_once("}}") else {
                break;
            };
            filled.push_str(before);
            let name = self.variable(&crate::moodle::decode(inside))?;
            let _ = write!(filled, "<printedVariable identifier=\"{name}\"/>");
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The variable that a text shows: one of the question's, or one made for it.
    fn variable(&mut self, source: &str) -> Result<String, String> {
        let name = identifier(source.trim());
        if self.template.0.contains(&format!("identifier=\"{name}\"")) {
            return Ok(name);
        }
        let number = self.computed.unwrap_or(0) + 1;
        self.computed = Some(number);
        let name = format!("COMPUTED_{number}");
        variable::computed(&name, source, &mut self.template)
            .ok_or_else(|| format!("QTI cannot compute `{source}`"))?;
        Ok(name)
    }

    fn line(&mut self, text: &Text) -> Result<String, String> {
        self.rich(&line_html(text))
    }

    /// What stands below the text.
    fn interaction(&mut self, question: &Question) -> Result<String, String> {
        let points = question.points;
        match &question.kind {
            Kind::Choice(choice) => self.choice(choice, points),
            Kind::TrueFalse(answer) => self.true_false(answer, points),
            Kind::Matching(matching) => self.matching(matching, points),
            Kind::Ordering(ordering) => self.ordering(ordering, points),
            Kind::ShortAnswer(key) => {
                let response = key::text(RESPONSE, key, points, &mut |what| self.losses.push(what));
                self.typed(response)
            }
            Kind::Numeric(key) => {
                let response =
                    key::number(RESPONSE, key, points, &mut |what| self.losses.push(what));
                self.typed(response)
            }
            Kind::Essay(essay) => Ok(self.essay(essay)),
            Kind::Blanks(_) | Kind::Description => Ok(String::new()),
            Kind::Tracing(_) | Kind::BugLine(_) => Err(format!(
                "QTI has no questions of the kind `{}`",
                question.kind.name()
            )),
        }
    }

    fn typed(&mut self, response: Option<Response>) -> Result<String, String> {
        let response = response.ok_or("no right answer of it can be told in QTI")?;
        self.responses.push(response);
        Ok(format!(
            "<p><textEntryInteraction responseIdentifier=\"{RESPONSE}\"/></p>"
        ))
    }

    fn choice(&mut self, choice: &Choice, points: f64) -> Result<String, String> {
        let response = key::choice(RESPONSE, choice, points, &mut |what| self.losses.push(what));
        self.responses.push(response);
        let (least, most) = match choice.select {
            Select::One => (0, 1),
            Select::Many { min, max } => (min, max.unwrap_or(0)),
        };
        let side = match choice.layout {
            Layout::Horizontal => " orientation=\"horizontal\"",
            _ => "",
        };
        let least = match least {
            0 => String::new(),
            least => format!(" minChoices=\"{least}\""),
        };
        let mut xml = format!(
            "<choiceInteraction responseIdentifier=\"{RESPONSE}\" shuffle=\"{}\" maxChoices=\"{most}\"{least}{side}>",
            choice.shuffle
        );
        for option in &choice.options {
            let id = identifier(&option.id);
            let fixed = if option.fixed { " fixed=\"true\"" } else { "" };
            let text = self.line(&option.text)?;
            let mut told = self.told(&id, option.feedback.as_ref(), "show")?;
            told.push_str(&self.told(&id, option.feedback_not_chosen.as_ref(), "hide")?);
            let _ = write!(
                xml,
                "<simpleChoice identifier=\"{id}\"{fixed}>{text}{told}</simpleChoice>"
            );
        }
        xml.push_str("</choiceInteraction>");
        Ok(xml)
    }

    /// Feedback within an option, shown or hidden when it was chosen.
    fn told(&mut self, id: &str, text: Option<&Text>, when: &str) -> Result<String, String> {
        let Some(text) = text else {
            return Ok(String::new());
        };
        self.inline_feedback = true;
        let text = self.line(text)?;
        Ok(format!(
            "<feedbackInline outcomeIdentifier=\"FEEDBACK\" identifier=\"{id}\" showHide=\"{when}\">{}</feedbackInline>",
            inline(&text)
        ))
    }

    fn true_false(&mut self, answer: &TrueFalse, points: f64) -> Result<String, String> {
        self.responses.push(Response {
            id: RESPONSE.to_owned(),
            cardinality: "single",
            base: "identifier",
            correct: vec![answer.correct.to_string()],
            computed: None,
            worth: Worth::Whole(points),
        });
        let yes = self.told("true", answer.feedback_true.as_ref(), "show")?;
        let no = self.told("false", answer.feedback_false.as_ref(), "show")?;
        Ok(format!(
            "<choiceInteraction responseIdentifier=\"{RESPONSE}\" shuffle=\"false\" maxChoices=\"1\"><simpleChoice identifier=\"true\">True{yes}</simpleChoice><simpleChoice identifier=\"false\">False{no}</simpleChoice></choiceInteraction>"
        ))
    }

    fn matching(&mut self, matching: &Matching, points: f64) -> Result<String, String> {
        let item_ids: Vec<String> = matching
            .items
            .iter()
            .map(|item| identifier(&item.id))
            .collect();
        let target_id = |id: &str| pairs::target_name(&item_ids, id);
        let entries = pairs::entries(matching, points, &item_ids);
        let right = matching.items.iter().zip(&item_ids);
        self.responses.push(Response {
            id: RESPONSE.to_owned(),
            cardinality: "multiple",
            base: "directedPair",
            correct: right
                .map(|(item, id)| format!("{id} {}", target_id(&item.target)))
                .collect(),
            computed: None,
            worth: match matching.scheme {
                PartScheme::AllOrNothing => Worth::Whole(points),
                PartScheme::EachPart => Worth::Map {
                    entries,
                    default: 0.0,
                    lower: 0.0,
                    upper: points,
                },
                PartScheme::Weights { floor, ceiling } => Worth::Map {
                    entries,
                    default: matching.wrong_pair * points,
                    lower: floor * points,
                    upper: ceiling * points,
                },
            },
        });
        let mut sets = [String::new(), String::new()];
        for (item, id) in matching.items.iter().zip(&item_ids) {
            let text = self.line(&item.text)?;
            let _ = write!(
                sets[0],
                "<simpleAssociableChoice identifier=\"{id}\" matchMax=\"1\">{text}</simpleAssociableChoice>"
            );
        }
        for target in &matching.targets {
            let (id, text) = (target_id(&target.id), self.line(&target.text)?);
            let _ = write!(
                sets[1],
                "<simpleAssociableChoice identifier=\"{id}\" matchMax=\"0\">{text}</simpleAssociableChoice>"
            );
        }
        Ok(format!(
            "<matchInteraction responseIdentifier=\"{RESPONSE}\" shuffle=\"{}\" maxAssociations=\"0\"><simpleMatchSet>{}</simpleMatchSet><simpleMatchSet>{}</simpleMatchSet></matchInteraction>",
            matching.shuffle, sets[0], sets[1]
        ))
    }

    fn ordering(&mut self, ordering: &Ordering, points: f64) -> Result<String, String> {
        let correct: Vec<String> = ordering
            .items
            .iter()
            .map(|item| identifier(&item.id))
            .collect();
        let worth = match ordering.scheme {
            OrderScheme::AllOrNothing => Worth::Whole(points),
            OrderScheme::Positions => Worth::Places(points / correct.len().max(1) as f64),
            OrderScheme::LongestCommonSubsequence | OrderScheme::Neighbours => {
                self.lose("partly right orders count by places: QTI knows no subsequences");
                Worth::Places(points / correct.len().max(1) as f64)
            }
        };
        if !ordering.distractors.is_empty() && ordering.scheme != OrderScheme::AllOrNothing {
            self.lose("items that belong nowhere take no points away: QTI counts places alone");
        }
        self.responses.push(Response {
            id: RESPONSE.to_owned(),
            cardinality: "ordered",
            base: "identifier",
            correct,
            computed: None,
            worth,
        });
        let least = if ordering.distractors.is_empty() {
            ""
        } else {
            " minChoices=\"1\""
        };
        let mut xml =
            format!("<orderInteraction responseIdentifier=\"{RESPONSE}\" shuffle=\"true\"{least}>");
        for item in ordering.items.iter().chain(&ordering.distractors) {
            let (id, text) = (identifier(&item.id), self.line(&item.text)?);
            let _ = write!(
                xml,
                "<simpleChoice identifier=\"{id}\">{text}</simpleChoice>"
            );
        }
        xml.push_str("</orderInteraction>");
        Ok(xml)
    }

    fn essay(&mut self, essay: &Essay) -> String {
        let files = essay.format == EssayFormat::FilesOnly;
        self.responses.push(Response {
            id: RESPONSE.to_owned(),
            cardinality: "single",
            base: if files { "file" } else { "string" },
            correct: Vec::new(),
            computed: None,
            worth: Worth::Person,
        });
        if files {
            return format!("<uploadInteraction responseIdentifier=\"{RESPONSE}\"/>");
        }
        let lines = essay
            .lines
            .map(|lines| format!(" expectedLines=\"{lines}\""));
        let format = match essay.format {
            EssayFormat::Rich => " format=\"xhtml\"",
            EssayFormat::Code => " format=\"preFormatted\"",
            EssayFormat::Plain | EssayFormat::FilesOnly => "",
        };
        format!(
            "<extendedTextInteraction responseIdentifier=\"{RESPONSE}\"{}{format}/>",
            lines.unwrap_or_default()
        )
    }

    /// The body with interactions in place of `[[id]]`.
    fn fill(&mut self, body: &str, blanks: &Blanks, points: f64) -> Result<String, String> {
        let all: f64 = blanks.blanks.iter().map(|blank| blank.weight).sum();
        let mut filled = body.to_owned();
        for blank in &blanks.blanks {
            let id = identifier(&blank.id);
            let worth = match blanks.scheme {
                PartScheme::Weights { .. } => blank.weight * points,
                PartScheme::EachPart | PartScheme::AllOrNothing => blank.weight / all * points,
            };
            let mut lost = Vec::new();
            let response = match &blank.key {
                BlankKey::Text(key) => key::text(&id, key, worth, &mut |what| lost.push(what)),
                BlankKey::Number(key) => key::number(&id, key, worth, &mut |what| lost.push(what)),
                BlankKey::Choice(choice) => {
                    Some(key::choice(&id, choice, worth, &mut |what| lost.push(what)))
                }
            };
            lost.iter().for_each(|what| self.lose(what));
            let response = response.ok_or_else(|| {
                format!(
                    "no right answer of the blank `{}` can be told in QTI",
                    blank.id
                )
            })?;
            let interaction = match &blank.key {
                BlankKey::Choice(choice) => self.in_line(&id, choice)?,
                _ => {
                    let width = blank
                        .width
                        .map(|width| format!(" expectedLength=\"{width}\""));
                    format!(
                        "<textEntryInteraction responseIdentifier=\"{id}\"{}/>",
                        width.unwrap_or_default()
                    )
                }
            };
            self.responses.push(response);
            let mark = format!("[[{}]]", blank.id);
            if !filled.contains(&mark) {
                return Err(format!(
                    "the blank `{}` does not stand in the text",
                    blank.id
                ));
            }
            filled = filled.replacen(&mark, &interaction, 1);
        }
        match blanks.scheme {
            PartScheme::EachPart => {}
            PartScheme::AllOrNothing => self.whole = Some(points),
            PartScheme::Weights { floor, ceiling } => {
                self.bounds = Some((floor * points, ceiling * points));
            }
        }
        Ok(filled)
    }

    fn in_line(&mut self, id: &str, choice: &Choice) -> Result<String, String> {
        if choice.select != Select::One {
            return Err("several choices in the line have no counterpart in QTI".to_owned());
        }
        let mut xml = format!(
            "<inlineChoiceInteraction responseIdentifier=\"{id}\" shuffle=\"{}\">",
            choice.shuffle
        );
        for option in &choice.options {
            // Only text stands in a list.
            let text = encode(&crate::markup::plain(&html(&option.text)));
            let fixed = if option.fixed { " fixed=\"true\"" } else { "" };
            let _ = write!(
                xml,
                "<inlineChoice identifier=\"{}\"{fixed}>{text}</inlineChoice>",
                identifier(&option.id)
            );
        }
        xml.push_str("</inlineChoiceInteraction>");
        Ok(xml)
    }

    /// Feedback on the whole, by name.
    fn modal(&mut self, question: &Question) -> Result<Vec<(&'static str, String)>, String> {
        let told = &question.feedback;
        let mut modal = Vec::new();
        for (name, text) in [
            ("general", &told.general),
            ("correct", &told.correct),
            ("partially_correct", &told.partially_correct),
            ("incorrect", &told.incorrect),
        ] {
            if let Some(text) = text {
                modal.push((name, self.rich(&html(text))?));
            }
        }
        Ok(modal)
    }
}

/// Block elements do not stand within a line.
fn inline(xml: &str) -> String {
    let mut text = xml.to_owned();
    for name in ["p", "div"] {
        text = text
            .replace(&format!("<{name}>"), "")
            .replace(&format!("</{name}>"), " ");
    }
    text.trim().to_owned()
}
