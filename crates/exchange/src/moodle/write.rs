//! Questions to Moodle XML.

use std::fmt::Write as _;

use carrel_quiz::kind::{
    Accept, Case, Choice, ChoiceScheme, Essay, EssayFormat, Kind, Matching, NumberKey, Numbering,
    Ordering, PartScheme, PenaltyBase, Select, TextKey, Tolerance, TrueFalse, UnitEntry, Units,
};
use carrel_quiz::template::Amount;
use carrel_quiz::text::Attachment;
use carrel_quiz::{Question, Quiz, Text};

use super::calculated::{self, Asked, Calculated};
use super::cloze;
use super::entity::encode;
use super::instead::{Prepared, Target, fixed, prepare};
use super::kinds::order_name;
use super::links::placed;
use super::pattern;
use super::read::category_path;
use super::written::{Xml, file, format_name, percent};
use crate::beyond::{self, Places};
use crate::markup::{html, plain};
use crate::near;
use crate::report::{Exported, File, Loss, without_settings};
use crate::share;

/// Writes all questions of a quiz, those of pools among them, with their embedded files.
#[must_use]
pub fn write(quiz: &Quiz, files: &[File]) -> Exported {
    let mut writer = Writer {
        xml: Xml::default(),
        files,
        penalty: quiz.settings.penalty,
        losses: without_settings(quiz, "Moodle XML", true),
        id: String::new(),
        attachments: Vec::new(),
        embedded: Vec::new(),
    };
    writer
        .xml
        .text
        .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>\n");
    let mut category: &[String] = &[];
    for question in quiz.questions() {
        if question.category != category {
            category = &question.category;
            let path = format!("$course$/top/{}", category_path(category));
            let _ = writeln!(
                writer.xml.text,
                "  <question type=\"category\">\n    <category><text>{}</text></category>\n  </question>",
                encode(&path)
            );
        }
        writer.question(question);
    }
    writer.xml.text.push_str("</quiz>\n");
    writer.id.clear();
    if quiz.items.len() != quiz.questions().count() {
        writer.lose("pools became their questions, one after the other");
    }
    Exported {
        bytes: writer.xml.text.into_bytes(),
        losses: writer.losses,
    }
}

const PLACES: Places = Places {
    order: true,
    numbering: true,
    hints: true,
};

/// Kinds of Moodle that have feedback for right, partly right and wrong answers.
const COMBINED: [&str; 5] = [
    "multichoice",
    "multichoiceset",
    "calculatedmulti",
    "matching",
    "ordering",
];

struct Writer<'a> {
    xml: Xml,
    files: &'a [File],
    /// That of questions that say none.
    penalty: f64,
    losses: Vec<Loss>,
    id: String,
    /// Those of the question that is written, and which of them are in it already.
    attachments: Vec<Attachment>,
    embedded: Vec<String>,
}

impl Writer<'_> {
    fn lose(&mut self, what: &str) {
        let loss = Loss {
            line: 0,
            question: self.id.clone(),
            what: what.to_owned(),
        };
        // One that holds for several parts is told once.
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }

    fn question(&mut self, question: &Question) {
        self.id.clone_from(&question.id);
        let Prepared { question, losses } = match prepare(question, Target::MoodleXml) {
            Ok(prepared) => prepared,
            Err(reason) => return self.lose(&format!("{reason}: it was left out")),
        };
        losses.iter().for_each(|what| self.lose(what));
        if question.template.is_none() {
            return self.write(&question, None);
        }
        match calculated::plan(&question) {
            Ok(planned) => {
                planned.losses.iter().for_each(|what| self.lose(what));
                self.write(&planned.question, Some(&planned));
            }
            Err(reason) => match fixed(&question) {
                Ok(fixed) => {
                    self.lose(&format!("Moodle cannot compute it: {reason}"));
                    fixed.losses.iter().for_each(|what| self.lose(what));
                    self.write(&fixed.question, None);
                }
                Err(what) => self.lose(&format!("{what}: it was left out")),
            },
        }
    }

    fn write(&mut self, question: &Question, planned: Option<&Calculated>) {
        let name = name_of(&question.kind, planned.is_some());
        if name == "multichoiceset" {
            self.lose(
                "all-or-nothing choices: Moodle reads them with its plug-in `multichoiceset` only",
            );
        }
        let feedback = &question.feedback;
        let combined = [
            &feedback.correct,
            &feedback.partially_correct,
            &feedback.incorrect,
        ];
        if !COMBINED.contains(&name) && combined.into_iter().any(Option::is_some) {
            self.lose("feedback for right, partly right and wrong answers: Moodle has none for questions of this kind");
        }
        self.attachments.clone_from(&question.attachments);
        self.embedded.clear();
        let _ = writeln!(self.xml.text, "  <question type=\"{name}\">");
        let title = if question.title.is_empty() {
            &question.id
        } else {
            &question.title
        };
        self.xml.inner("name", title);
        let text = self.question_text(question);
        let start = self.xml.text.len();
        self.element("questiontext", "", &text, "");
        self.common(question);
        self.kind(question, planned);
        for hint in &question.hints {
            if hint.cost > 0.0 {
                self.lose("the cost of a hint: in Moodle a try costs, not a hint");
            }
            let mut content = String::new();
            if hint.show_right_count {
                content.push_str("<shownumcorrect/>");
            }
            if hint.clear_wrong {
                content.push_str("<clearwrong/>");
            }
            self.element("hint", "", &hint.text, &content);
        }
        self.unlinked(start);
        self.tags(question);
        self.xml.text.push_str("  </question>\n");
    }

    /// Files that no text links to stand with the question's text.
    fn unlinked(&mut self, start: usize) {
        let mut others = self.attachments.clone();
        others.retain(|attachment| !self.embedded.contains(&attachment.name));
        let mut content = String::new();
        for attachment in &others {
            content.push_str(&self.file(attachment));
        }
        if let Some(end) = self.xml.text[start..].find("</questiontext>") {
            self.xml.text.insert_str(start + end, &content);
        }
    }

    /// The element of an embedded file; empty where it is not at hand.
    fn file(&mut self, attachment: &Attachment) -> String {
        match self.files.iter().find(|file| file.path == attachment.path) {
            Some(found) => file(&attachment.name, found),
            None => {
                let name = &attachment.name;
                self.lose(&format!("the embedded file `{name}` was not handed over"));
                String::new()
            }
        }
    }

    /// A text with the files that it links to, and further content.
    fn linked(&mut self, text: &Text) -> (Text, String) {
        let attachments = std::mem::take(&mut self.attachments);
        let (source, used) = placed(&text.source, &attachments);
        let mut files = String::new();
        for attachment in used {
            files.push_str(&self.file(attachment));
            if !self.embedded.contains(&attachment.name) {
                self.embedded.push(attachment.name.clone());
            }
        }
        self.attachments = attachments;
        let format = text.format;
        (Text { format, source }, files)
    }

    fn element(&mut self, name: &str, attributes: &str, text: &Text, content: &str) {
        let (text, files) = self.linked(text);
        let content = format!("{files}{content}");
        self.xml.element(name, attributes, &text, &content);
    }

    /// A text with its format; nothing where there is none.
    fn rich(&mut self, name: &str, text: Option<&Text>) {
        if let Some(text) = text {
            self.element(name, "", text, "");
        }
    }

    /// `<feedback …>`, or nothing.
    fn feedback(&mut self, text: Option<&Text>) -> String {
        let Some(text) = text else {
            return String::new();
        };
        let (text, files) = self.linked(text);
        format!(
            "<feedback format=\"{}\"><text>{}</text>{files}</feedback>",
            format_name(text.format),
            encode(&text.source)
        )
    }

    fn tags(&mut self, question: &Question) {
        if !question.tags.is_empty() {
            let tags: String = question
                .tags
                .iter()
                .map(|tag| format!("<tag><text>{}</text></tag>", encode(tag)))
                .collect();
            let _ = writeln!(self.xml.text, "    <tags>{tags}</tags>");
        }
    }

    fn common(&mut self, question: &Question) {
        self.xml.value("defaultgrade", &question.points.to_string());
        // Moodle takes a third of the points where none is written.
        let penalty = question.penalty.unwrap_or(self.penalty);
        self.xml
            .value("penalty", &((penalty * 1e7).round() / 1e7).to_string());
        self.xml.value("hidden", "0");
        self.xml.value("idnumber", &question.id);
        let told = &question.feedback;
        self.rich("generalfeedback", told.general.as_ref());
        self.rich("correctfeedback", told.correct.as_ref());
        self.rich("partiallycorrectfeedback", told.partially_correct.as_ref());
        self.rich("incorrectfeedback", told.incorrect.as_ref());
        for what in beyond::tell(question, PLACES) {
            self.lose(&format!("{what}: Moodle XML has no place for that"));
        }
        if question.tries.is_some() {
            self.lose("the number of tries: in Moodle hints decide it");
        }
    }

    /// The text with blanks as Cloze writes them.
    fn question_text(&mut self, question: &Question) -> Text {
        let Kind::Blanks(blanks) = &question.kind else {
            return question.text.clone();
        };
        let mut lost = Vec::new();
        let text = cloze::write(&question.text, blanks, question.points, &mut |what| {
            lost.push(what.to_owned());
        });
        if blanks.scheme == PartScheme::AllOrNothing {
            lost.push("each blank counts by itself in Moodle".to_owned());
        }
        lost.iter().for_each(|what| self.lose(what));
        text
    }

    fn kind(&mut self, question: &Question, planned: Option<&Calculated>) {
        match &question.kind {
            Kind::Choice(choice) => self.choice(choice, planned.is_some()),
            Kind::TrueFalse(answer) => self.true_false(answer),
            Kind::ShortAnswer(key) => self.short_answer(key),
            Kind::Numeric(key) => match planned {
                Some(planned) => self.calculated(key, &planned.answers),
                None => self.numeric(key),
            },
            Kind::Matching(matching) => self.matching(matching),
            Kind::Ordering(ordering) => self.ordering(ordering),
            Kind::Essay(essay) => self.essay(essay),
            Kind::Blanks(_) | Kind::Description | Kind::Tracing(_) | Kind::BugLine(_) => {}
        }
        if let Some(planned) = planned {
            self.xml.text.push_str(&planned.datasets);
        }
    }

    fn answer(&mut self, share: f64, text: &Text, told: Option<&Text>) {
        let attributes = format!(" fraction=\"{}\"", percent(share));
        let feedback = self.feedback(told);
        self.element("answer", &attributes, text, &feedback);
    }

    fn choice(&mut self, choice: &Choice, computed: bool) {
        let set = is_set(choice) && !computed;
        let (shares, exact) = share::of_options(choice);
        if !set && !exact {
            self.lose("the scheme of partial credit became a sum of weights");
        }
        if !set && let Some(what) = share::tell(&with_shares(choice, &shares)) {
            self.lose(&what);
        }
        let details = match computed {
            true => calculated::details(Tolerance::Exact, 2),
            false => String::new(),
        };
        if choice.options.iter().any(|option| {
            option.fixed || option.tip.is_some() || option.feedback_not_chosen.is_some()
        }) {
            self.lose("options that keep their place, tips, and feedback on options not chosen");
        }
        if !set {
            self.xml.value(
                "single",
                if choice.select == Select::One {
                    "true"
                } else {
                    "false"
                },
            );
        }
        self.xml.value(
            "shuffleanswers",
            if choice.shuffle { "true" } else { "false" },
        );
        let numbering = match choice.numbering {
            Numbering::None => "none",
            Numbering::LowerLetters => "abc",
            Numbering::UpperLetters => "ABCD",
            Numbering::Digits => "123",
            Numbering::LowerRoman => "iii",
            Numbering::UpperRoman => "IIII",
        };
        self.xml.value("answernumbering", numbering);
        for (option, share) in choice.options.iter().zip(shares) {
            let share = match set {
                true => f64::from(u8::from(option.correct)),
                false => share,
            };
            let attributes = format!(" fraction=\"{}\"", percent(share));
            let feedback = self.feedback(option.feedback.as_ref());
            let content = format!("{details}{feedback}");
            self.element("answer", &attributes, &option.text, &content);
        }
    }

    fn true_false(&mut self, answer: &TrueFalse) {
        let share = |right: bool| f64::from(u8::from(right));
        self.answer(
            share(answer.correct),
            &Text::plain("true"),
            answer.feedback_true.as_ref(),
        );
        self.answer(
            share(!answer.correct),
            &Text::plain("false"),
            answer.feedback_false.as_ref(),
        );
    }

    fn short_answer(&mut self, key: &TextKey) {
        self.xml.value(
            "usecase",
            if key.rules.case == Case::Exact {
                "1"
            } else {
                "0"
            },
        );
        let mut plain = key.rules;
        plain.case = Case::default();
        if plain != carrel_quiz::kind::TextRules::default() {
            self.lose("rules of comparison beyond upper and lower case became Moodle's own");
        }
        if let Some(what) = share::tell_text(key) {
            self.lose(&what);
        }
        for pattern in &key.patterns {
            for text in pattern::write(pattern).unwrap_or_default() {
                self.answer(pattern.score, &Text::plain(text), pattern.feedback.as_ref());
            }
        }
    }

    /// Formulas, with the same feedback and shares as the answers of the key.
    fn calculated(&mut self, key: &NumberKey, asked: &[Asked]) {
        for (answer, asked) in key.answers.iter().zip(asked) {
            let feedback = self.feedback(answer.feedback.as_ref());
            let attributes = format!(" fraction=\"{}\"", percent(answer.score));
            let content = format!("{}{feedback}", asked.details);
            let formula = Text::plain(asked.formula.clone());
            self.xml.element("answer", &attributes, &formula, &content);
        }
        if let Some(units) = &key.units {
            self.units(units);
        }
    }

    fn numeric(&mut self, key: &NumberKey) {
        if let Some(what) = share::tell_number(key) {
            self.lose(&what);
        }
        for answer in &key.answers {
            let (value, by) = match &answer.accept {
                Accept::Any => ("*".to_owned(), 0.0),
                Accept::Near {
                    value: Amount::Number(value),
                    tolerance,
                } => {
                    let (value, by) = near::absolute(*value, *tolerance);
                    (value.to_string(), by)
                }
                Accept::Range {
                    min: Amount::Number(min),
                    max: Amount::Number(max),
                } => (f64::midpoint(*min, *max).to_string(), (max - min) / 2.0),
                Accept::Near { .. } | Accept::Range { .. } => {
                    self.lose("a computed answer was left out");
                    continue;
                }
            };
            let attributes = format!(" fraction=\"{}\"", percent(answer.score));
            let feedback = self.feedback(answer.feedback.as_ref());
            let content = format!("<tolerance>{by}</tolerance>{feedback}");
            self.xml
                .element("answer", &attributes, &Text::plain(value), &content);
        }
        if let Some(units) = &key.units {
            self.units(units);
        }
    }

    fn units(&mut self, units: &Units) {
        let list: String = units
            .units
            .iter()
            .map(|unit| {
                format!(
                    "<unit><multiplier>{}</multiplier><unit_name>{}</unit_name></unit>",
                    1.0 / unit.multiplier,
                    encode(&unit.name)
                )
            })
            .collect();
        let _ = writeln!(self.xml.text, "    <units>{list}</units>");
        let graded = match (units.penalty, units.penalty_base) {
            (None, _) => "0",
            (Some(_), PenaltyBase::Answer) => "1",
            (Some(_), PenaltyBase::Question) => "2",
        };
        self.xml.value("unitgradingtype", graded);
        self.xml
            .value("unitpenalty", &units.penalty.unwrap_or(0.0).to_string());
        self.xml.value(
            "showunits",
            if units.entry == UnitEntry::Chosen {
                "2"
            } else {
                "0"
            },
        );
        self.xml
            .value("unitsleft", if units.before { "1" } else { "0" });
    }

    fn matching(&mut self, matching: &Matching) {
        if matching
            .items
            .iter()
            .any(|item| item.feedback.is_some() || (item.weight - 1.0).abs() > f64::EPSILON)
        {
            self.lose("feedback and weights of pairs");
        }
        if matching.scheme == PartScheme::AllOrNothing {
            self.lose("each pair counts by itself in Moodle");
        }
        self.xml.value(
            "shuffleanswers",
            if matching.shuffle { "true" } else { "false" },
        );
        let used = |id: &str| matching.items.iter().any(|item| item.target == id);
        let answer = |id: &str| {
            let target = matching.targets.iter().find(|target| target.id == id);
            let text = target.map_or_else(String::new, |target| plain(&html(&target.text)));
            format!("<answer><text>{}</text></answer>", encode(&encode(&text)))
        };
        for item in &matching.items {
            self.element("subquestion", "", &item.text, &answer(&item.target));
        }
        for target in matching.targets.iter().filter(|target| !used(&target.id)) {
            self.element("subquestion", "", &Text::html(""), &answer(&target.id));
        }
    }

    fn ordering(&mut self, ordering: &Ordering) {
        if !ordering.distractors.is_empty() {
            self.lose("items that belong nowhere were left out");
        }
        self.xml.value("layouttype", "VERTICAL");
        self.xml.value("selecttype", "ALL");
        self.xml.value("gradingtype", order_name(ordering.scheme));
        for (place, item) in ordering.items.iter().enumerate() {
            let attributes = format!(" fraction=\"{}.0000000\"", place + 1);
            self.element("answer", &attributes, &item.text, "");
        }
    }

    fn essay(&mut self, essay: &Essay) {
        let format = match essay.format {
            EssayFormat::Rich => "editor",
            EssayFormat::Plain => "plain",
            EssayFormat::Code => "monospaced",
            EssayFormat::FilesOnly => "noinline",
        };
        self.xml.value("responseformat", format);
        let mut count = |name: &str, number: Option<u32>| {
            if let Some(number) = number {
                self.xml.value(name, &number.to_string());
            }
        };
        count("responsefieldlines", essay.lines);
        count("minwordlimit", essay.words_min);
        count("maxwordlimit", essay.words_max);
        count("attachments", Some(essay.files_max));
        count("attachmentsrequired", Some(essay.files_min));
        self.rich("graderinfo", essay.grader_notes.as_ref());
        self.rich("responsetemplate", essay.start.as_ref());
    }
}

/// Moodle's name of a kind.
fn name_of(kind: &Kind, computed: bool) -> &'static str {
    match kind {
        Kind::Choice(_) if computed => "calculatedmulti",
        Kind::Choice(choice) if is_set(choice) => "multichoiceset",
        Kind::Choice(_) => "multichoice",
        Kind::TrueFalse(_) => "truefalse",
        Kind::ShortAnswer(_) => "shortanswer",
        Kind::Numeric(_) if computed => "calculated",
        Kind::Numeric(_) => "numerical",
        Kind::Matching(_) => "matching",
        Kind::Ordering(_) => "ordering",
        Kind::Blanks(_) => "cloze",
        Kind::Essay(_) => "essay",
        // Tracing and bug lines have become other kinds before.
        Kind::Description | Kind::Tracing(_) | Kind::BugLine(_) => "description",
    }
}

/// Whether exactly the right ones of several options count.
fn is_set(choice: &Choice) -> bool {
    choice.select != Select::One && choice.scheme == ChoiceScheme::AllOrNothing
}

/// A choice whose options weigh so much.
fn with_shares(choice: &Choice, shares: &[f64]) -> Choice {
    let mut choice = choice.clone();
    choice.scheme = ChoiceScheme::default();
    for (option, share) in choice.options.iter_mut().zip(shares) {
        option.weight = Some(*share);
    }
    choice
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
