//! A question as an item of QTI 1.2.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use carrel_quiz::kind::{
    Accept, BlankKey, Blanks, Case, Choice, ChoiceScheme, Kind, Matching, NumberKey, PartScheme,
    PatternKind, Select, TextKey, Tolerance, TrueFalse,
};
use carrel_quiz::template::Amount;
use carrel_quiz::{Question, Text};

use super::lost;
use crate::markup::{html, plain};
use crate::moodle::encode;
use crate::unsaid;

/// A written item, or the reason why there is none, and what was lost.
pub(super) struct Written {
    pub(super) xml: Result<String, String>,
    pub(super) losses: Vec<String>,
}

/// Writes a question; `links` gives where an attachment lies.
pub(super) fn write(question: &Question, name: &str, links: &BTreeMap<String, String>) -> Written {
    let mut writer = Writer {
        links,
        losses: Vec::new(),
        presentation: String::new(),
        conditions: String::new(),
        feedback: String::new(),
        answers: Vec::new(),
    };
    let xml = writer.item(question, name);
    Written {
        xml,
        losses: writer.losses,
    }
}

/// A field of metadata.
pub(super) fn field(label: &str, entry: &str) -> String {
    format!(
        "<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{}</fieldentry></qtimetadatafield>",
        encode(entry)
    )
}

struct Writer<'a> {
    links: &'a BTreeMap<String, String>,
    losses: Vec<String>,
    /// What stands below the text.
    presentation: String,
    conditions: String,
    feedback: String,
    /// Ids of answers, which Canvas lists.
    answers: Vec<String>,
}

impl Writer<'_> {
    fn lose(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.losses.contains(&what) {
            self.losses.push(what);
        }
    }

    fn item(&mut self, question: &Question, name: &str) -> Result<String, String> {
        if question.template.is_some() {
            return Err("Canvas takes no variables in QTI".to_owned());
        }
        let mut text = question.text.clone();
        self.general(question);
        let kind = match &question.kind {
            Kind::Choice(choice) => self.choice(choice)?,
            Kind::TrueFalse(answer) => self.true_false(answer),
            Kind::ShortAnswer(key) => self.short_answer(key)?,
            Kind::Numeric(key) => self.numeric(key)?,
            Kind::Blanks(blanks) => self.blanks(blanks, &mut text)?,
            Kind::Matching(matching) => self.matching(matching),
            Kind::Essay(essay) if essay.format == carrel_quiz::kind::EssayFormat::FilesOnly => {
                "file_upload_question"
            }
            Kind::Essay(_) => {
                self.typed("");
                "essay_question"
            }
            Kind::Description => "text_only_question",
            Kind::Ordering(_) | Kind::Tracing(_) | Kind::BugLine(_) => {
                return Err(format!(
                    "Canvas has no questions of the kind `{}` in QTI 1.2",
                    question.kind.name()
                ));
            }
        };
        self.wrong(question);
        for what in unsaid::lost(question, lost::lost) {
            self.lose(what);
        }
        let title = if question.title.is_empty() {
            &question.id
        } else {
            &question.title
        };
        let scored = !matches!(question.kind, Kind::Description);
        let points = if scored { question.points } else { 0.0 };
        let metadata = [
            field("question_type", kind),
            field("points_possible", &points.to_string()),
            field("original_answer_ids", &self.answers.join(",")),
            field("assessment_question_identifierref", &format!("{name}_ref")),
        ];
        let processing = match scored {
            true => format!(
                "        <resprocessing>\n          <outcomes><decvar maxvalue=\"100\" minvalue=\"0\" varname=\"SCORE\" vartype=\"Decimal\"/></outcomes>\n{}        </resprocessing>\n",
                self.conditions
            ),
            false => String::new(),
        };
        Ok(format!(
            "      <item ident=\"{name}\" title=\"{}\">\n        <itemmetadata><qtimetadata>{}</qtimetadata></itemmetadata>\n        <presentation>\n          {}\n{}        </presentation>\n{processing}{}      </item>\n",
            encode(title),
            metadata.concat(),
            self.material(&text),
            self.presentation,
            self.feedback
        ))
    }

    /// A text as HTML within XML, its links in place.
    fn material(&self, text: &Text) -> String {
        let mut html = html(text);
        for (name, link) in self.links {
            for key in ["src", "href"] {
                let (from, to) = (format!("{key}=\"{name}\""), format!("{key}=\"{link}\""));
                html = html.replace(&from, &to);
            }
        }
        format!(
            "<material><mattext texttype=\"text/html\">{}</mattext></material>",
            encode(&html)
        )
    }

    fn told(&mut self, id: &str, text: &Text) {
        let material = self.material(text);
        let _ = writeln!(
            self.feedback,
            "        <itemfeedback ident=\"{id}\"><flow_mat>{material}</flow_mat></itemfeedback>"
        );
    }

    /// Feedback that is shown whatever was answered.
    fn general(&mut self, question: &Question) {
        if let Some(text) = &question.feedback.general {
            self.told("general_fb", text);
            self.conditions.push_str("          <respcondition continue=\"Yes\"><conditionvar><other/></conditionvar><displayfeedback feedbacktype=\"Response\" linkrefid=\"general_fb\"/></respcondition>\n");
        }
        if let Some(text) = &question.feedback.correct {
            self.told("correct_fb", text);
        }
    }

    fn wrong(&mut self, question: &Question) {
        if let Some(text) = &question.feedback.incorrect {
            self.told("general_incorrect_fb", text);
            self.conditions.push_str("          <respcondition continue=\"Yes\"><conditionvar><other/></conditionvar><displayfeedback feedbacktype=\"Response\" linkrefid=\"general_incorrect_fb\"/></respcondition>\n");
        }
    }

    /// A condition that gives the whole.
    fn right(&mut self, test: &str) {
        let shown = if self.feedback.contains("ident=\"correct_fb\"") {
            "<displayfeedback feedbacktype=\"Response\" linkrefid=\"correct_fb\"/>"
        } else {
            ""
        };
        let _ = writeln!(
            self.conditions,
            "          <respcondition continue=\"No\"><conditionvar>{test}</conditionvar><setvar action=\"Set\" varname=\"SCORE\">100</setvar>{shown}</respcondition>"
        );
    }

    /// A condition that adds a share of the whole.
    fn part(&mut self, response: &str, value: &str, share: f64) {
        let _ = writeln!(
            self.conditions,
            "          <respcondition><conditionvar><varequal respident=\"{response}\">{}</varequal></conditionvar><setvar action=\"Add\" varname=\"SCORE\">{:.2}</setvar></respcondition>",
            encode(value),
            share * 100.0
        );
    }

    /// Feedback on one answer.
    fn on_answer(&mut self, id: &str, value: &str, text: Option<&Text>) {
        let Some(text) = text else { return };
        let feedback = format!("{id}_fb");
        self.told(&feedback, text);
        let _ = writeln!(
            self.conditions,
            "          <respcondition continue=\"Yes\"><conditionvar><varequal respident=\"response1\">{}</varequal></conditionvar><displayfeedback feedbacktype=\"Response\" linkrefid=\"{feedback}\"/></respcondition>",
            encode(value)
        );
    }

    fn options(&mut self, cardinality: &str, options: &[(String, Text)]) {
        let mut labels = String::new();
        for (id, text) in options {
            let material = self.material(text);
            let _ = write!(
                labels,
                "<response_label ident=\"{id}\">{material}</response_label>"
            );
            self.answers.push(id.clone());
        }
        let _ = writeln!(
            self.presentation,
            "          <response_lid ident=\"response1\" rcardinality=\"{cardinality}\"><render_choice>{labels}</render_choice></response_lid>"
        );
    }

    fn choice(&mut self, choice: &Choice) -> Result<&'static str, String> {
        let one = choice.select == Select::One;
        let ids: Vec<String> = choice
            .options
            .iter()
            .map(|option| format!("answer_{}", encode(&option.id)))
            .collect();
        let options: Vec<(String, Text)> = ids
            .iter()
            .cloned()
            .zip(choice.options.iter().map(|option| option.text.clone()))
            .collect();
        self.options(if one { "Single" } else { "Multiple" }, &options);
        for (option, id) in choice.options.iter().zip(&ids) {
            self.on_answer(id, id, option.feedback.as_ref());
        }
        let right: Vec<&String> = choice
            .options
            .iter()
            .zip(&ids)
            .filter(|(option, _)| option.correct)
            .map(|(_, id)| id)
            .collect();
        let equal = |id: &str| format!("<varequal respident=\"response1\">{id}</varequal>");
        if one {
            let first = right.first().ok_or("no option of it is right")?;
            let plain = choice
                .options
                .iter()
                .all(|option| choice.weight(option) == f64::from(u8::from(option.correct)));
            if !plain || right.len() > 1 {
                self.lose(
                    "weights of options: in Canvas one option is right, the others give nothing",
                );
            }
            let test = equal(first);
            self.right(&test);
            return Ok("multiple_choice_question");
        }
        if choice.scheme != ChoiceScheme::RightMinusWrong {
            self.lose("in Canvas right options chosen minus wrong ones count");
        }
        let tests: String = choice
            .options
            .iter()
            .zip(&ids)
            .map(|(option, id)| match option.correct {
                true => equal(id),
                false => format!("<not>{}</not>", equal(id)),
            })
            .collect();
        self.right(&format!("<and>{tests}</and>"));
        Ok("multiple_answers_question")
    }

    fn true_false(&mut self, answer: &TrueFalse) -> &'static str {
        let options = [("true", "True"), ("false", "False")]
            .map(|(id, text)| (format!("answer_{id}"), Text::plain(text)));
        self.options("Single", &options);
        self.on_answer("answer_true", "answer_true", answer.feedback_true.as_ref());
        self.on_answer(
            "answer_false",
            "answer_false",
            answer.feedback_false.as_ref(),
        );
        let test = format!(
            "<varequal respident=\"response1\">answer_{}</varequal>",
            answer.correct
        );
        self.right(&test);
        "true_false_question"
    }

    fn typed(&mut self, kind: &str) {
        let _ = writeln!(
            self.presentation,
            "          <response_str ident=\"response1\" rcardinality=\"Single\"><render_fib{kind}><response_label ident=\"answer1\" rshuffle=\"No\"/></render_fib></response_str>"
        );
    }

    /// Texts that are fully right; what else a key holds is told.
    fn texts(&mut self, key: &TextKey) -> Result<Vec<String>, String> {
        if key.rules.case == Case::Exact {
            self.lose("upper and lower case: Canvas does not tell them apart");
        }
        let mut texts = Vec::new();
        for pattern in &key.patterns {
            if pattern.kind != PatternKind::Exact {
                self.lose(format!("the pattern `{}`", pattern.pattern));
            } else if pattern.score < 1.0 {
                self.lose("answers that are right in part");
            } else {
                texts.push(pattern.pattern.clone());
            }
        }
        match texts.is_empty() {
            true => Err("no right answer of it can be told in QTI 1.2".to_owned()),
            false => Ok(texts),
        }
    }

    fn short_answer(&mut self, key: &TextKey) -> Result<&'static str, String> {
        self.typed("");
        for (number, pattern) in key.patterns.iter().enumerate() {
            let id = format!("answer_{}", number + 1);
            self.on_answer(&id, &pattern.pattern, pattern.feedback.as_ref());
        }
        let tests: String = self
            .texts(key)?
            .iter()
            .map(|text| {
                format!(
                    "<varequal respident=\"response1\">{}</varequal>",
                    encode(text)
                )
            })
            .collect();
        self.right(&tests);
        Ok("short_answer_question")
    }

    fn numeric(&mut self, key: &NumberKey) -> Result<&'static str, String> {
        self.typed(" fibtype=\"Decimal\"");
        let mut any = false;
        for answer in &key.answers {
            if answer.score < 1.0 {
                self.lose("answers that are right in part");
                continue;
            }
            let Some((exact, min, max)) = bounds(&answer.accept) else {
                self.lose("an answer without constant bounds");
                continue;
            };
            let range = format!(
                "<vargte respident=\"response1\">{min}</vargte><varlte respident=\"response1\">{max}</varlte>"
            );
            let test = match exact {
                None => range,
                Some(exact) => format!(
                    "<or><varequal respident=\"response1\">{exact}</varequal><and>{range}</and></or>"
                ),
            };
            self.right(&test);
            any = true;
        }
        match any {
            true => Ok("numerical_question"),
            false => Err("no right answer of it can be told in QTI 1.2".to_owned()),
        }
    }

    fn matching(&mut self, matching: &Matching) -> &'static str {
        // Weights are told with what they say.
        if matching.scheme == PartScheme::AllOrNothing {
            self.lose("in Canvas each pair counts by itself");
        }
        let share = 1.0 / matching.items.len().max(1) as f64;
        for item in &matching.items {
            let response = format!("response_{}", encode(&item.id));
            let material = self.material(&item.text);
            let mut labels = String::new();
            for target in &matching.targets {
                let text = encode(&plain(&html(&target.text)));
                let _ = write!(
                    labels,
                    "<response_label ident=\"{}\"><material><mattext>{text}</mattext></material></response_label>",
                    encode(&target.id)
                );
            }
            let _ = writeln!(
                self.presentation,
                "          <response_lid ident=\"{response}\">{material}<render_choice>{labels}</render_choice></response_lid>"
            );
            self.part(&response, &item.target, share);
        }
        "matching_question"
    }

    fn blanks(&mut self, blanks: &Blanks, text: &mut Text) -> Result<&'static str, String> {
        let lists = blanks
            .blanks
            .iter()
            .filter(|blank| matches!(blank.key, BlankKey::Choice(_)))
            .count();
        if lists != 0 && lists != blanks.blanks.len() {
            return Err("Canvas has no typed blanks and lists in one text".to_owned());
        }
        if blanks.scheme == PartScheme::AllOrNothing {
            self.lose("in Canvas each blank counts by itself");
        }
        if blanks
            .blanks
            .iter()
            .any(|blank| blank.weight != blanks.blanks[0].weight)
        {
            self.lose("weights of blanks: in Canvas all count the same");
        }
        let share = 1.0 / blanks.blanks.len().max(1) as f64;
        for blank in &blanks.blanks {
            let (shown, right) = self.blank_key(&blank.key)?;
            if right.is_empty() {
                return Err(format!(
                    "no right answer of the blank `{}` can be told",
                    blank.id
                ));
            }
            self.blank(&blank.id, &shown, &right, share);
            text.source = text.source.replacen(
                &format!("[[{}]]", blank.id),
                &format!("[{}]", name_of(&blank.id)),
                1,
            );
        }
        Ok(if lists > 0 {
            "multiple_dropdowns_question"
        } else {
            "fill_in_multiple_blanks_question"
        })
    }

    /// What a blank shows, and what of it is right.
    fn blank_key(&mut self, key: &BlankKey) -> Result<(Vec<String>, Vec<String>), String> {
        Ok(match key {
            BlankKey::Text(key) => {
                let texts = self.texts(key)?;
                (texts.clone(), texts)
            }
            BlankKey::Number(key) => {
                self.lose("tolerances of numbers in blanks: they are compared as texts");
                let exact = key.answers.iter().filter(|answer| answer.score >= 1.0);
                let texts: Vec<String> = exact
                    .filter_map(|answer| bounds(&answer.accept)?.0)
                    .map(|exact| exact.to_string())
                    .collect();
                (texts.clone(), texts)
            }
            BlankKey::Choice(choice) => {
                let text = |text: &Text| plain(&html(text));
                let right = choice.options.iter().filter(|option| option.correct);
                let right: Vec<String> = right.map(|option| text(&option.text)).collect();
                if choice.select != Select::One || right.len() != 1 {
                    return Err("a list of it has several right choices".to_owned());
                }
                let plain = choice
                    .options
                    .iter()
                    .all(|option| option.correct || choice.weight(option) == 0.0);
                if !plain {
                    self.lose("weights of choices in a list");
                }
                (
                    choice
                        .options
                        .iter()
                        .map(|option| text(&option.text))
                        .collect(),
                    right,
                )
            }
        })
    }

    fn blank(&mut self, id: &str, shown: &[String], right: &[String], share: f64) {
        let name = name_of(id);
        let response = format!("response_{name}");
        let mut labels = String::new();
        for (number, text) in shown.iter().enumerate() {
            let label = format!("{name}_{}", number + 1);
            let _ = write!(
                labels,
                "<response_label ident=\"{label}\"><material><mattext texttype=\"text/plain\">{}</mattext></material></response_label>",
                encode(text)
            );
            if right.contains(text) {
                self.part(&response, &label, share);
            }
        }
        let _ = writeln!(
            self.presentation,
            "          <response_lid ident=\"{response}\"><material><mattext>{name}</mattext></material><render_choice>{labels}</render_choice></response_lid>"
        );
    }
}

/// Canvas takes `[1]` for a reference of its own: names begin with a letter.
fn name_of(id: &str) -> String {
    let id: String = id
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        })
        .collect();
    match id.starts_with(|first: char| first.is_ascii_alphabetic()) {
        true => id,
        false => format!("blank{id}"),
    }
}

/// The very number where there is one, least and greatest.
fn bounds(accept: &Accept) -> Option<(Option<f64>, f64, f64)> {
    match accept {
        Accept::Range {
            min: Amount::Number(min),
            max: Amount::Number(max),
        } => Some((None, *min, *max)),
        Accept::Near {
            value: Amount::Number(value),
            tolerance,
        } => {
            let by = match *tolerance {
                Tolerance::Exact => 0.0,
                Tolerance::Absolute { by } => by,
                Tolerance::Relative { by } => by * value.abs(),
                Tolerance::Decimals { digits } => {
                    0.5 * 10_f64.powi(-i32::try_from(digits).unwrap_or(0))
                }
                Tolerance::Geometric { .. } | Tolerance::SignificantDigits { .. } => return None,
            };
            Some((Some(*value), value - by, value + by))
        }
        _ => None,
    }
}
