//! Model to notation, in one way: what [`super::parse`] reads back as the same quiz.

mod kind;
mod number;

use super::front_matter::{self, FENCE};
use super::read::{escape_text, find_signed, find_stray};
use super::rich::{is_one_line, quote, write_item, write_number, write_rich, write_string};
use super::words::Words;
use crate::answer::Answer;
use crate::kind::Kind;
use crate::question::{Hint, Question, SpecialAnswer};
use crate::quiz::{Item, Quiz};
use crate::settings::Settings;
use crate::template::{Template, Value, Variable, VariableSource};
use crate::text::{Text, TextFormat};

pub(super) use number::accept;

/// Writes a quiz.
#[must_use]
pub fn write(quiz: &Quiz) -> String {
    let mut page = Page::default();
    let introduction = write_front_matter(quiz, &mut page);
    write_body(quiz, introduction, page)
}

/// Writes a quiz below the front matter that it was read with.
pub(super) fn write_below(front: &str, quiz: &Quiz) -> String {
    let mut page = Page::default();
    page.line(FENCE);
    page.text.push_str(front);
    page.line(FENCE);
    let introduction = quiz.introduction.as_ref();
    let introduction = introduction
        .filter(|_| !front_matter::says_introduction(front))
        .and_then(|text| escape_text(&text.source, None));
    write_body(quiz, introduction, page)
}

fn write_body(quiz: &Quiz, introduction: Option<String>, mut page: Page) -> String {
    if let Some(text) = introduction {
        page.blank();
        page.line(&text);
    }
    for item in &quiz.items {
        match item {
            Item::Question(question) => write_question(question, 2, &mut page),
            Item::Pool(pool) => {
                let mut attributes = format!("{{#{} draw={}", pool.id, pool.draw);
                if let Some(points) = pool.points {
                    attributes.push_str(&format!(" points={}", write_number(points)));
                }
                page.blank();
                page.line(&format!("{}{attributes}}}", heading(2, &pool.title)));
                write_title(&pool.title, &mut page);
                for question in &pool.questions {
                    write_question(question, 3, &mut page);
                }
            }
        }
    }
    // What would separate a next question is not there at the end.
    if page.text.ends_with("\n\n") {
        page.text.pop();
    }
    page.text
}

/// What was written so far.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    /// Whether it is the inner part of an entry, where nothing is set apart.
    is_inner: bool,
    /// Whether the next keyword stands below answers, and is set apart from them.
    is_below_answers: bool,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// An empty line, unless there is one.
    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Sets what follows apart from the answers above it.
    fn end_answers(&mut self) {
        self.is_below_answers = !self.is_inner;
    }

    /// A line or lines that begin with a keyword.
    fn keyword_entry(&mut self, marker: &str, lines: &[String]) {
        if std::mem::take(&mut self.is_below_answers) {
            self.blank();
        }
        self.entry(marker, lines);
    }

    /// A marker with lines after it, those from the second on indented.
    fn entry(&mut self, marker: &str, lines: &[String]) {
        let first = lines.first().map_or("", String::as_str);
        if first.is_empty() {
            self.line(marker);
        } else {
            self.line(&format!("{marker} {first}"));
        }
        for line in lines.iter().skip(1) {
            if line.is_empty() {
                self.text.push('\n');
            } else {
                self.line(&format!("  {line}"));
            }
        }
    }

    /// `keyword: value`.
    fn keyword(&mut self, name: &str, value: &str) {
        self.keyword_entry(&format!("{name}:"), &[value.to_owned()]);
    }

    /// `keyword: value`, unless it is what goes without saying.
    fn word<W: Words>(&mut self, name: &str, value: W, default: W) {
        if value != default {
            self.keyword(name, value.word());
        }
    }

    fn rich(&mut self, name: &str, text: Option<&Text>) {
        if let Some(text) = text {
            self.keyword_entry(&format!("{name}:"), &write_rich(text, &[]));
        }
    }
}

fn heading(level: usize, title: &str) -> String {
    let signs = "#".repeat(level);
    if is_one_line(title) {
        format!("{signs} {title} ")
    } else {
        format!("{signs} ")
    }
}

/// Writes the front matter; gives the introduction that is to stand below it.
fn write_front_matter(quiz: &Quiz, page: &mut Page) -> Option<String> {
    page.line(FENCE);
    page.line(&format!("id = {}", quote(&quiz.id)));
    page.line(&format!("title = {}", quote(&quiz.title)));
    let introduction = quiz.introduction.as_ref();
    let escaped = introduction
        .filter(|text| text.format == TextFormat::Markdown)
        .and_then(|text| escape_text(&text.source, None));
    if let (Some(text), None) = (introduction, &escaped) {
        let format = match text.format {
            TextFormat::Markdown => "markdown",
            TextFormat::Html => "html",
            TextFormat::Plain => "plain",
        };
        page.line(&format!(
            "introduction = {{ format = \"{format}\", source = {} }}",
            quote(&text.source)
        ));
    }
    page.text.push_str(&settings_text(&quiz.settings));
    page.line(FENCE);
    escaped
}

/// Settings that are not the default, as TOML.
fn settings_text(settings: &Settings) -> String {
    let (Ok(mut table), Ok(default)) = (
        toml::Table::try_from(settings),
        toml::Table::try_from(Settings::default()),
    ) else {
        // Plain numbers, words and lists: there is nothing that TOML lacks.
        return String::new();
    };
    if let (Some(toml::Value::Table(review)), Some(toml::Value::Table(usual))) =
        (table.get_mut("review"), default.get("review"))
    {
        review.retain(|key, value| usual.get(key) != Some(value));
    }
    table.retain(|key, value| {
        let is_empty = matches!(value, toml::Value::Table(table) if table.is_empty());
        !is_empty && default.get(key) != Some(value)
    });
    toml::to_string(&table).unwrap_or_default()
}

fn write_question(question: &Question, level: usize, page: &mut Page) {
    page.blank();
    page.line(&format!(
        "{}{{#{}}}",
        heading(level, &question.title),
        question.id
    ));
    let kind = kind::kind_word(&question.kind);
    if let Some(kind) = kind {
        page.keyword("kind", kind);
    }
    if let Kind::Tracing(tracing) = &question.kind
        && let Some(environment) = &tracing.environment
    {
        page.keyword("environment", environment);
    }
    write_title(&question.title, page);
    if question.points != 1.0 {
        page.keyword("points", &write_number(question.points));
    }
    if let Some(penalty) = question.penalty {
        page.keyword("penalty", &write_number(penalty));
    }
    if question.wrong != 0.0 {
        page.keyword("wrong", &write_number(question.wrong));
    }
    if let Some(tries) = question.tries {
        page.keyword("tries", &tries.to_string());
    }
    for (name, list, separator) in [
        ("tags", &question.tags, ", "),
        ("category", &question.category, " / "),
    ] {
        if !list.is_empty() {
            page.keyword(name, &write_list(list, separator));
        }
    }
    for file in &question.attachments {
        let parts = [&file.name, &file.media_type, &file.path].map(Clone::clone);
        page.keyword("file", &write_list(&parts, "; "));
    }
    if let Some(template) = &question.template {
        write_template(template, page);
    }
    let inline = write_text(question, kind, page);
    kind::write_kind(&question.kind, &inline, page);
    write_special(question, page);
    write_feedback(question, page);
}

/// Whole answers with a share of their own; those of other kinds than the question's say nothing.
fn write_special(question: &Question, page: &mut Page) {
    for SpecialAnswer { answer, share } in &question.special {
        let ids = match answer {
            Answer::Choice { options: ids } | Answer::Ordering { items: ids } => ids.join(" "),
            Answer::Matching { targets } => {
                let pairs = targets
                    .iter()
                    .map(|(item, target)| format!("{item}={target}"));
                pairs.collect::<Vec<_>>().join(" ")
            }
            _ => continue,
        };
        page.keyword(&format!("special {}", write_number(*share)), &ids);
    }
}

/// A title that the heading cannot hold.
fn write_title(title: &str, page: &mut Page) {
    if !title.is_empty() && !is_one_line(title) {
        page.entry("title:", &write_string(title, &[]));
    }
}

fn write_list(list: &[String], separator: &str) -> String {
    let sign = separator.trim().chars().next().unwrap_or(',');
    let items: Vec<String> = list.iter().map(|item| write_item(item, sign)).collect();
    items.join(separator)
}

/// Writes the text; gives the ids of blanks that stand in it with their answers.
fn write_text(question: &Question, kind: Option<&str>, page: &mut Page) -> Vec<String> {
    let text = &question.text;
    let (source, inline) = match &question.kind {
        Kind::Blanks(blanks) => kind::put_inline(&text.source, blanks),
        _ => (text.source.clone(), Vec::new()),
    };
    // Double brackets with a sign would be read as a blank, others as a slip.
    let is_blanks = matches!(question.kind, Kind::Blanks(_));
    let would_be_blank = is_blanks
        && ["[[= ", "[[# ", "[[? "]
            .iter()
            .any(|sign| text.source.contains(sign));
    let would_be_slip = match &question.kind {
        Kind::Blanks(blanks) => {
            let ids = blanks.blanks.iter().map(|blank| blank.id.as_str());
            let told: Vec<&str> = ids
                .filter(|id| !inline.iter().any(|other| other == id))
                .collect();
            !find_stray(&source, &told).is_empty()
        }
        _ => !find_signed(&source).is_empty(),
    };
    let escaped = Some(&source)
        .filter(|_| text.format == TextFormat::Markdown && !would_be_blank && !would_be_slip)
        .and_then(|source| escape_text(source, kind));
    if let Some(escaped) = escaped {
        page.blank();
        page.line(&escaped);
        page.blank();
        return inline;
    }
    // `{exact}` takes every text, and leaves brackets alone.
    let mut attributes = match text.format {
        TextFormat::Markdown => Vec::new(),
        TextFormat::Html => vec!["html".to_owned()],
        TextFormat::Plain => vec!["plain".to_owned()],
    };
    if is_blanks || attributes.is_empty() {
        attributes.push("exact".to_owned());
        let line = format!("{{{}}} {}", attributes.join(" "), quote(&text.source));
        page.entry("text:", &[line]);
    } else {
        page.entry("text:", &write_rich(text, &[]));
    }
    page.blank();
    Vec::new()
}

fn write_template(template: &Template, page: &mut Page) {
    for Variable { name, source } in &template.variables {
        let value = match source {
            VariableSource::Range { min, max, step } => {
                let mut range = format!("{} .. {}", write_number(*min), write_number(*max));
                if *step != 1.0 {
                    range.push_str(&format!(" step {}", write_number(*step)));
                }
                range
            }
            VariableSource::List { values, group } => {
                let values: Vec<String> = values
                    .iter()
                    .map(|value| match value {
                        Value::Number(number) => write_number(*number),
                        Value::Text(text) => quote(text),
                    })
                    .collect();
                let group = group
                    .as_ref()
                    .map(|group| format!("{{group={}}} ", super::attribute::write_value(group)));
                format!("{}one of {}", group.unwrap_or_default(), values.join(", "))
            }
            VariableSource::Expression { expression } => format!("= {}", expression.trim()),
        };
        page.keyword(&format!("variable {name}"), &value);
    }
    for condition in &template.conditions {
        page.keyword("where", condition.trim());
    }
    // A template without anything in it still changes how `{{…}}` is read; it has no
    // notation, and no effect on a text without braces.
}

fn write_feedback(question: &Question, page: &mut Page) {
    let feedback = &question.feedback;
    page.rich("general", feedback.general.as_ref());
    page.rich("correct", feedback.correct.as_ref());
    page.rich("partial", feedback.partially_correct.as_ref());
    page.rich("incorrect", feedback.incorrect.as_ref());
    for hint in &question.hints {
        page.keyword_entry("hint:", &write_rich(&hint.text, &hint_attributes(hint)));
    }
    page.is_below_answers = false;
}

fn hint_attributes(hint: &Hint) -> Vec<String> {
    let mut attributes = Vec::new();
    if hint.clear_wrong {
        attributes.push("clear-wrong".to_owned());
    }
    if hint.show_right_count {
        attributes.push("right-count".to_owned());
    }
    if hint.cost != 0.0 {
        attributes.push(format!("cost={}", write_number(hint.cost)));
    }
    if hint.after_tries != 0 {
        attributes.push(format!("after={}", hint.after_tries));
    }
    attributes
}
