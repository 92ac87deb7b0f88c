//! Questions to Moodle XML.

use std::fmt::Write as _;

use carrel_quiz::kind::{
    Accept, Case, Choice, ChoiceScheme, Essay, EssayFormat, Kind, Matching, NumberKey, Numbering,
    Ordering, PartScheme, PatternKind, PenaltyBase, Select, TextKey, TrueFalse, UnitEntry, Units,
};
use carrel_quiz::template::Amount;
use carrel_quiz::{Question, Quiz, Text};

use super::cloze;
use super::entity::encode;
use super::kinds::order_name;
use super::written::{Xml, feedback, file, percent};
use crate::beyond::{self, Places};
use crate::markup::{html, plain};
use crate::near;
use crate::report::{Exported, File, Loss, without_settings};

/// Writes all questions of a quiz, those of pools among them, with their embedded files.
#[must_use]
pub fn write(quiz: &Quiz, files: &[File]) -> Exported {
    let mut writer = Writer {
        xml: Xml::default(),
        files,
        penalty: quiz.settings.penalty,
        losses: without_settings(quiz, "Moodle XML", true),
        id: String::new(),
    };
    writer
        .xml
        .text
        .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>\n");
    let mut category: &[String] = &[];
    for question in quiz.questions() {
        if question.category != category {
            category = &question.category;
            let names: Vec<String> = category
                .iter()
                .map(|name| name.replace('/', "//"))
                .collect();
            let path = format!("$course$/top/{}", names.join("/"));
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

struct Writer<'a> {
    xml: Xml,
    files: &'a [File],
    /// That of questions that say none.
    penalty: f64,
    losses: Vec<Loss>,
    id: String,
}

impl Writer<'_> {
    fn lose(&mut self, what: &str) {
        self.losses.push(Loss {
            line: 0,
            question: self.id.clone(),
            what: what.to_owned(),
        });
    }

    fn question(&mut self, question: &Question) {
        self.id.clone_from(&question.id);
        let name = match &question.kind {
            _ if question.template.is_some() => {
                return self.lose("a question with variables cannot be written: it was left out");
            }
            Kind::Choice(choice)
                if choice.select != Select::One && choice.scheme == ChoiceScheme::AllOrNothing =>
            {
                "multichoiceset"
            }
            Kind::Choice(_) => "multichoice",
            Kind::TrueFalse(_) => "truefalse",
            Kind::ShortAnswer(_) => "shortanswer",
            Kind::Numeric(_) => "numerical",
            Kind::Matching(matching) if matching.items.len() < 2 => {
                return self.lose("Moodle wants at least two pairs: it was left out");
            }
            Kind::Matching(_) => "matching",
            Kind::Ordering(_) => "ordering",
            Kind::Blanks(_) => "cloze",
            Kind::Essay(_) => "essay",
            Kind::Description => "description",
            Kind::Tracing(_) | Kind::BugLine(_) => {
                let what = format!(
                    "Moodle has no questions of the kind `{}`: it was left out",
                    question.kind.name()
                );
                return self.lose(&what);
            }
        };
        let _ = writeln!(self.xml.text, "  <question type=\"{name}\">");
        let title = if question.title.is_empty() {
            &question.id
        } else {
            &question.title
        };
        self.xml.inner("name", title);
        let mut text = self.question_text(question);
        let files = self.embedded(question);
        // Moodle finds embedded files by this prefix of their links.
        for attachment in &question.attachments {
            for quote in ['"', '('] {
                let link = format!("{quote}{}", attachment.name);
                let place = format!("{quote}@@PLUGINFILE@@/{}", attachment.name);
                text.source = text.source.replace(&link, &place);
            }
        }
        self.xml.element("questiontext", "", &text, &files);
        self.common(question);
        self.kind(&question.kind);
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
            self.xml.element("hint", "", &hint.text, &content);
        }
        self.tags(question);
        self.xml.text.push_str("  </question>\n");
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
        self.xml.rich("generalfeedback", told.general.as_ref());
        self.xml.rich("correctfeedback", told.correct.as_ref());
        self.xml
            .rich("partiallycorrectfeedback", told.partially_correct.as_ref());
        self.xml.rich("incorrectfeedback", told.incorrect.as_ref());
        for what in beyond::tell(question, PLACES) {
            self.lose(&format!("{what}: Moodle XML has no place for that"));
        }
        if question.tries.is_some() {
            self.lose("the number of tries: in Moodle hints decide it");
        }
    }

    /// The text with blanks as Cloze writes them.
    fn question_text(&mut self, question: &Question) -> Text {
        let mut text = question.text.clone();
        if let Kind::Blanks(blanks) = &question.kind {
            let mut lost = Vec::new();
            text.source =
                cloze::write(&text.source, blanks, &mut |what| lost.push(what.to_owned()));
            if blanks.scheme == PartScheme::AllOrNothing {
                lost.push("each blank counts by itself in Moodle".to_owned());
            }
            let sum: f64 = blanks
                .blanks
                .iter()
                .map(|blank| blank.weight.round().max(1.0))
                .sum();
            if (sum - question.points).abs() > f64::EPSILON {
                lost.push("in Moodle the points are the sum of the blanks' weights".to_owned());
            }
            lost.iter().for_each(|what| self.lose(what));
        }
        text
    }

    fn embedded(&mut self, question: &Question) -> String {
        let mut content = String::new();
        for attachment in &question.attachments {
            match self.files.iter().find(|file| file.path == attachment.path) {
                Some(found) => content.push_str(&file(&attachment.name, found)),
                None => self.lose(&format!(
                    "the embedded file `{}` was not handed over",
                    attachment.name
                )),
            }
        }
        content
    }

    fn kind(&mut self, kind: &Kind) {
        match kind {
            Kind::Choice(choice) => self.choice(choice),
            Kind::TrueFalse(answer) => self.true_false(answer),
            Kind::ShortAnswer(key) => self.short_answer(key),
            Kind::Numeric(key) => self.numeric(key),
            Kind::Matching(matching) => self.matching(matching),
            Kind::Ordering(ordering) => self.ordering(ordering),
            Kind::Essay(essay) => self.essay(essay),
            Kind::Blanks(_) | Kind::Description | Kind::Tracing(_) | Kind::BugLine(_) => {}
        }
    }

    fn answer(&mut self, share: f64, text: &Text, told: Option<&Text>) {
        let attributes = format!(" fraction=\"{}\"", percent(share));
        self.xml
            .element("answer", &attributes, text, &feedback(told));
    }

    fn choice(&mut self, choice: &Choice) {
        let set = choice.select != Select::One && choice.scheme == ChoiceScheme::AllOrNothing;
        let weights = matches!(choice.scheme, ChoiceScheme::Weights { floor, ceiling } if floor == 0.0 && ceiling == 1.0);
        if !set && !weights && choice.select != Select::One {
            self.lose("the scheme of partial credit became a sum of weights");
        }
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
        for option in &choice.options {
            let share = match set {
                true => f64::from(u8::from(option.correct)),
                false => choice.weight(option),
            };
            self.answer(share, &option.text, option.feedback.as_ref());
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
        for pattern in &key.patterns {
            let text = match pattern.kind {
                PatternKind::Exact => pattern.pattern.replace('*', "\\*"),
                PatternKind::Wildcard => pattern.pattern.clone(),
                PatternKind::Regex => {
                    self.lose(&format!(
                        "the regular expression `{}` was left out",
                        pattern.pattern
                    ));
                    continue;
                }
            };
            self.answer(pattern.score, &Text::plain(text), pattern.feedback.as_ref());
        }
    }

    fn numeric(&mut self, key: &NumberKey) {
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
            let content = format!(
                "<tolerance>{by}</tolerance>{}",
                feedback(answer.feedback.as_ref())
            );
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
            self.xml
                .element("subquestion", "", &item.text, &answer(&item.target));
        }
        for target in matching.targets.iter().filter(|target| !used(&target.id)) {
            self.xml
                .element("subquestion", "", &Text::html(""), &answer(&target.id));
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
            self.xml.element("answer", &attributes, &item.text, "");
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
        self.xml.rich("graderinfo", essay.grader_notes.as_ref());
        self.xml.rich("responsetemplate", essay.start.as_ref());
    }
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
