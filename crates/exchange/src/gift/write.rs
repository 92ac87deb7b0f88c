//! Questions to GIFT text.

use std::fmt::Write as _;

use carrel_quiz::kind::{
    Accept, BlankKey, Blanks, Choice, Essay, Kind, Matching, NumberKey, Ordering, PartScheme,
    Select, TextKey, TrueFalse,
};
use carrel_quiz::template::Amount;
use carrel_quiz::{Question, Quiz, Text, TextFormat};

use super::SPECIAL;
use crate::beyond::{self, Places};
use crate::markup::{as_automatic, html, plain};
use crate::moodle::instead::{Prepared, Target, prepare};
use crate::moodle::{category_path, order_name, pattern};
use crate::near;
use crate::report::{Exported, Loss, without_settings};
use crate::share;

/// Writes all questions of a quiz, those of pools among them.
#[must_use]
pub fn write(quiz: &Quiz) -> Exported {
    let mut writer = Writer {
        text: String::new(),
        losses: without_settings(quiz, "GIFT", false),
    };
    let mut category: &[String] = &[];
    for question in quiz.questions() {
        if question.category != category {
            category = &question.category;
            // Moodle takes this line as it stands.
            let path = category_path(category).replace(['\r', '\n'], " ");
            writer
                .text
                .push_str(&format!("$CATEGORY: $course$/{path}\n\n"));
        }
        writer.question(question);
    }
    if quiz.items.len() != quiz.questions().count() {
        writer.lose("", "pools became their questions, one after the other");
    }
    Exported {
        bytes: writer.text.into_bytes(),
        losses: writer.losses,
    }
}

/// GIFT has a place for none of these.
const PLACES: Places = Places {
    order: false,
    numbering: false,
    hints: false,
};

struct Writer {
    text: String,
    losses: Vec<Loss>,
}

impl Writer {
    fn lose(&mut self, question: &str, what: &str) {
        let loss = Loss {
            line: 0,
            question: question.to_owned(),
            what: what.to_owned(),
        };
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }

    fn question(&mut self, question: &Question) {
        let Prepared { question, losses } = match prepare(question, Target::Gift) {
            Ok(prepared) => prepared,
            Err(reason) => {
                return self.lose(&question.id, &format!("{reason}: it was left out"));
            }
        };
        let several = matches!(&question.kind, Kind::Blanks(blanks) if blanks.blanks.len() > 1);
        if !several {
            losses.iter().for_each(|what| self.lose(&question.id, what));
        }
        let question = &question;
        match missing_word(question) {
            Some((asked, after)) => {
                self.lose(
                    &question.id,
                    "its blank became a gap, and the answer stands below the text",
                );
                self.tell_scheme(question);
                self.write_question(&asked, &after);
            }
            None => self.write_question(question, ""),
        }
    }

    /// A question, and what of its text follows the answers.
    fn write_question(&mut self, question: &Question, after: &str) {
        let format = question.text.format;
        let answers = match &question.kind {
            Kind::Choice(choice) => self.choice(question, choice),
            Kind::TrueFalse(answer) => true_false(answer, format),
            Kind::ShortAnswer(key) => self.short_answer(question, key),
            Kind::Numeric(key) => self.numeric(question, key),
            Kind::Matching(matching) => self.matching(question, matching),
            Kind::Essay(essay) => {
                self.tell_essay(question, essay);
                "{".to_owned()
            }
            Kind::Description => String::new(),
            Kind::Ordering(ordering) => self.ordering(question, ordering),
            Kind::Blanks(_) | Kind::Tracing(_) | Kind::BugLine(_) => {
                let what = format!(
                    "the kind `{}` cannot be written in GIFT: the question was left out",
                    question.kind.name()
                );
                return self.lose(&question.id, &what);
            }
        };
        self.tell_losses(question);
        let mut comment = format!("[id:{}]", question.id);
        for tag in &question.tags {
            // A tag stands in brackets.
            let plain = tag.replace(['[', ']', '\n'], " ");
            if plain != *tag {
                let what = format!("the tag `{tag}` became `{plain}`");
                self.lose(&question.id, &what);
            }
            let _ = write!(comment, " [tag:{plain}]");
        }
        let _ = writeln!(self.text, "// {comment}");
        if !question.title.is_empty() {
            let _ = write!(self.text, "::{}::", escape(&question.title));
        }
        let text = match after.is_empty() {
            true => written(&question.text, None),
            false => as_it_stands(&question.text),
        };
        let _ = write!(self.text, "{text}");
        if !answers.is_empty() {
            let general = question.feedback.general.as_ref();
            let general = general.map_or_else(String::new, |text| {
                format!("\t####{}\n", written(text, Some(format)))
            });
            let space = if after.is_empty() { " " } else { "" };
            let _ = write!(self.text, "{space}{answers}{general}}}{}", escape(after));
        }
        self.text.push_str("\n\n");
    }

    /// Of one blank the whole is that blank, whose answers may be right in part.
    fn tell_scheme(&mut self, question: &Question) {
        if let Kind::Blanks(blanks) = &question.kind
            && blanks.scheme == PartScheme::AllOrNothing
        {
            self.lose(&question.id, "each blank counts by itself in GIFT");
        }
    }

    fn tell_losses(&mut self, question: &Question) {
        for what in beyond::tell(question, PLACES) {
            self.lose(&question.id, &format!("{what}: GIFT has no place for that"));
        }
        let feedback = &question.feedback;
        let lost = [
            (
                feedback.general.is_some() && question.kind == Kind::Description,
                "feedback on a description",
            ),
            (!question.hints.is_empty(), "hints"),
            (
                question.penalty.is_some() || question.tries.is_some(),
                "penalty and tries",
            ),
            ((question.points - 1.0).abs() > f64::EPSILON, "points"),
            (!question.attachments.is_empty(), "embedded files"),
            (
                feedback.correct.is_some()
                    || feedback.incorrect.is_some()
                    || feedback.partially_correct.is_some(),
                "feedback for right, partly right and wrong answers",
            ),
        ];
        for (is_lost, what) in lost {
            if is_lost {
                self.lose(&question.id, &format!("{what}: GIFT has no place for that"));
            }
        }
    }

    fn tell_essay(&mut self, question: &Question, essay: &Essay) {
        let usual = Essay::default();
        let lost = [
            (essay.format != usual.format, "the form of the answer"),
            (essay.lines.is_some(), "the height of the field"),
            (
                essay.words_min.is_some() || essay.words_max.is_some(),
                "the number of words",
            ),
            (
                essay.files_min > 0 || essay.files_max > 0,
                "files of the answer",
            ),
            (
                essay.start.is_some(),
                "the text that the answer starts with",
            ),
            (essay.grader_notes.is_some(), "notes for graders"),
        ];
        for (is_lost, what) in lost {
            if is_lost {
                self.lose(&question.id, &format!("{what}: GIFT has no place for that"));
            }
        }
    }

    fn choice(&mut self, question: &Question, choice: &Choice) -> String {
        let (shares, exact) = share::of_options(choice);
        if !exact {
            self.lose(
                &question.id,
                "the scheme of partial credit became a sum of weights",
            );
        }
        if choice.options.iter().any(|option| {
            option.fixed || option.tip.is_some() || option.feedback_not_chosen.is_some()
        }) {
            self.lose(
                &question.id,
                "options that keep their place, tips, and feedback on options not chosen",
            );
        }
        let mut weighed = choice.clone();
        weighed.scheme = carrel_quiz::kind::ChoiceScheme::default();
        for (option, share) in weighed.options.iter_mut().zip(&shares) {
            option.weight = Some(*share);
        }
        if let Some(what) = share::tell(&weighed) {
            self.lose(&question.id, &what);
        }
        let mut text = String::from("{");
        let mut marked = false;
        for (option, share) in choice.options.iter().zip(shares) {
            // A text that begins like a weight has the mark of its format before it.
            let usual =
                (!option.text.source.trim_start().starts_with('%')).then_some(question.text.format);
            let shown = written(&option.text, usual);
            // With `=` alone the options would be answers to type.
            let mark = match choice.select {
                Select::One if share >= 1.0 && !marked => "=".to_owned(),
                Select::One if share == 0.0 => "~".to_owned(),
                _ => format!("~{}", percent(share)),
            };
            marked |= mark == "=";
            let _ = write!(
                text,
                "\n\t{mark}{shown}{}",
                feedback_of(option.feedback.as_ref(), question.text.format)
            );
        }
        text.push('\n');
        text
    }

    fn short_answer(&mut self, question: &Question, key: &TextKey) -> String {
        if key.rules != carrel_quiz::kind::TextRules::default() {
            self.lose(&question.id, "rules of comparison became Moodle's own");
        }
        if let Some(what) = share::tell_text(key) {
            self.lose(&question.id, &what);
        }
        let mut text = String::from("{");
        for answer in &key.patterns {
            for moodle in pattern::write(answer).unwrap_or_default() {
                let shown = escape(&moodle);
                let weight = if answer.score == 1.0 && !shown.starts_with('%') {
                    String::new()
                } else {
                    percent(answer.score)
                };
                let _ = write!(
                    text,
                    "\n\t={weight}{shown}{}",
                    feedback_of(
                        answer.feedback.as_ref().map(without_arrows).as_ref(),
                        question.text.format
                    )
                );
            }
        }
        text.push('\n');
        text
    }

    fn numeric(&mut self, question: &Question, key: &NumberKey) -> String {
        if key.units.is_some() {
            self.lose(&question.id, "units: GIFT has no place for them");
        }
        if let Some(what) = share::tell_number(key) {
            self.lose(&question.id, &what);
        }
        let mut text = String::from("{#");
        for answer in &key.answers {
            let number = match self.accept(question, &answer.accept) {
                Some(number) => number,
                None => continue,
            };
            let weight = if answer.score == 1.0 {
                String::new()
            } else {
                percent(answer.score)
            };
            let _ = write!(
                text,
                "\n\t={weight}{number}{}",
                feedback_of(answer.feedback.as_ref(), question.text.format)
            );
        }
        text.push('\n');
        text
    }

    fn accept(&mut self, question: &Question, accept: &Accept) -> Option<String> {
        let (value, by) = match accept {
            Accept::Any => return Some("*".to_owned()),
            Accept::Range {
                min: Amount::Number(min),
                max: Amount::Number(max),
            } => return Some(format!("{min}..{max}")),
            Accept::Near {
                value: Amount::Number(value),
                tolerance,
            } => near::absolute(*value, *tolerance),
            Accept::Range { .. } | Accept::Near { .. } => {
                self.lose(&question.id, "a computed number was left out");
                return None;
            }
        };
        Some(if by == 0.0 {
            value.to_string()
        } else {
            format!("{value}:{by}")
        })
    }

    fn ordering(&mut self, question: &Question, ordering: &Ordering) -> String {
        if !ordering.distractors.is_empty() {
            self.lose(&question.id, "items that belong nowhere were left out");
        }
        let scheme = order_name(ordering.scheme);
        let count = ordering.items.len();
        let mut text = format!("{{>{count} ALL VERTICAL {scheme} SHOW none");
        for item in &ordering.items {
            // A line that begins so would be a comment.
            let usual =
                (!item.text.source.trim_start().starts_with("//")).then_some(question.text.format);
            let _ = write!(text, "\n{}", written(&item.text, usual));
        }
        text.push('\n');
        text
    }

    fn matching(&mut self, question: &Question, matching: &Matching) -> String {
        if matching
            .items
            .iter()
            .any(|item| item.feedback.is_some() || (item.weight - 1.0).abs() > f64::EPSILON)
        {
            self.lose(&question.id, "feedback and weights of pairs");
        }
        if matching.scheme == carrel_quiz::kind::PartScheme::AllOrNothing {
            self.lose(&question.id, "each pair counts by itself in GIFT");
        }
        let text_of = |id: &str| {
            let target = matching.targets.iter().find(|target| target.id == id);
            target.map_or_else(String::new, |target| target_text(&target.text))
        };
        let mut text = String::from("{");
        for item in &matching.items {
            let shown = without_arrows(&item.text);
            let _ = write!(
                text,
                "\n\t={} -> {}",
                written(&shown, Some(question.text.format)),
                text_of(&item.target)
            );
        }
        for target in &matching.targets {
            if !matching.items.iter().any(|item| item.target == target.id) {
                let _ = write!(text, "\n\t= -> {}", target_text(&target.text));
            }
        }
        text.push('\n');
        text
    }
}

/// A question with one blank in its text, as a question whose answer is missing there, and what
/// follows it in the text.
fn missing_word(question: &Question) -> Option<(Question, String)> {
    let Kind::Blanks(Blanks { blanks, scheme: _ }) = &question.kind else {
        return None;
    };
    let [blank] = blanks.as_slice() else {
        return None;
    };
    let mark = format!("[[{}]]", blank.id);
    let (before, after) = question.text.source.split_once(&mark)?;
    let kind = match blank.key.clone() {
        BlankKey::Text(key) => Kind::ShortAnswer(key),
        BlankKey::Number(key) => Kind::Numeric(key),
        BlankKey::Choice(choice) => Kind::Choice(choice),
    };
    let mut asked = Question {
        kind,
        ..question.clone()
    };
    before.clone_into(&mut asked.text.source);
    let after = match after.trim_end() {
        "" => String::new(),
        after => after.to_owned(),
    };
    Some((asked, after))
}

/// An arrow of its own would make a pair of what stands beside it.
fn without_arrows(text: &Text) -> Text {
    match text.source.contains("->") {
        true => Text::html(html(text).replace("->", "-&gt;")),
        false => text.clone(),
    }
}

fn true_false(answer: &TrueFalse, format: TextFormat) -> String {
    let (word, right, wrong) = if answer.correct {
        ("TRUE", &answer.feedback_true, &answer.feedback_false)
    } else {
        ("FALSE", &answer.feedback_false, &answer.feedback_true)
    };
    let mut text = format!("{{{word}");
    if right.is_some() || wrong.is_some() {
        let of = |feedback: &Option<Text>| {
            let feedback = feedback.as_ref().map(without_arrows);
            feedback.map_or_else(String::new, |feedback| written(&feedback, Some(format)))
        };
        let _ = write!(text, "#{}#{}", of(wrong), of(right));
    }
    text
}

/// `%50%`, with at most five decimals as Moodle writes its fractions.
fn percent(share: f64) -> String {
    let rounded = (share * 100.0 * 1e5).round() / 1e5;
    format!("%{rounded}%")
}

fn feedback_of(feedback: Option<&Text>, format: TextFormat) -> String {
    feedback.map_or_else(String::new, |text| {
        format!("#{}", written(text, Some(format)))
    })
}

/// What an item is matched with: in Moodle a text without markup, in which references count.
fn target_text(text: &Text) -> String {
    escape(&as_automatic(&plain(&html(text))))
}

/// A text before a gap: with its format in front, and the blanks at its end.
fn as_it_stands(text: &Text) -> String {
    let blanks = &text.source[text.source.trim_end().len()..];
    format!("{}{}", written(text, None), escape(blanks))
}

/// The text with its format in front, unless it is the one that holds anyway.
fn written(text: &Text, usual: Option<TextFormat>) -> String {
    let marks = ["[html]", "[markdown]", "[plain]", "[moodle]"];
    let marked = marks
        .iter()
        .any(|mark| text.source.trim_start().starts_with(mark));
    let name = match text.format {
        format if Some(format) == usual && !marked => "",
        TextFormat::Html => "[html]",
        TextFormat::Markdown => "[markdown]",
        TextFormat::Plain => "[plain]",
    };
    format!("{name}{}", escape(text.source.trim()))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\n' => escaped.push_str("\\n"),
            letter if SPECIAL.contains(&letter) => {
                escaped.push('\\');
                escaped.push(letter);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
