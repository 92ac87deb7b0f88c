//! What Moodle's formats have instead: questions of kinds that they lack, or in a form that they
//! refuse, become such as they take.

mod code;

use carrel_quiz::instance::InstanceError;
use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, Case, Choice, ChoiceOption, Kind, Matching, PatternKind, Select,
    TextKey, TextPattern,
};
use carrel_quiz::{Instance, Question, Text, TextFormat};

use super::pattern;
use crate::markup::{html, line_html, plain};
use crate::share;

/// The format that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    MoodleXml,
    Gift,
}

/// A question that can be written, and what was lost on the way to it.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) question: Question,
    pub(crate) losses: Vec<String>,
}

/// A question in a form that is not refused; the reason where there is none.
pub(crate) fn prepare(question: &Question, target: Target) -> Result<Prepared, String> {
    let mut prepared = Prepared {
        question: question.clone(),
        losses: Vec::new(),
    };
    let calculated =
        target == Target::MoodleXml && matches!(question.kind, Kind::Numeric(_) | Kind::Choice(_));
    if question.template.is_some() && !calculated {
        prepared = fixed(question)?;
    }
    prepared.kind(target)?;
    Ok(prepared)
}

/// A question with the values of one draw in place of its variables.
pub(crate) fn fixed(question: &Question) -> Result<Prepared, String> {
    let told = |error: InstanceError| error.to_string();
    let drawn = Instance::draw(question, 0).map_err(told)?;
    let resolved = drawn.resolve(question).map_err(told)?;
    let values = drawn.values.iter().map(|(name, value)| {
        let shown = carrel_quiz::expression::format_value(value);
        format!("{name} = {shown}")
    });
    let values: Vec<String> = values.collect();
    Ok(Prepared {
        question: resolved,
        losses: vec![format!(
            "its variables became the values of one draw: {}",
            values.join(", ")
        )],
    })
}

impl Prepared {
    fn lose(&mut self, what: impl Into<String>) {
        self.losses.push(what.into());
    }

    fn kind(&mut self, target: Target) -> Result<(), String> {
        let (kind, losses) = match self.question.kind.clone() {
            Kind::Tracing(tracing) => {
                code::tracing(&mut self.question, &tracing, target, &mut self.losses);
                return self.kind(target);
            }
            Kind::BugLine(bug_line) => {
                code::bug_line(&mut self.question, &bug_line, &mut self.losses);
                return self.kind(target);
            }
            Kind::Choice(mut choice) => {
                let losses = choices(&mut choice, target)?;
                (Kind::Choice(choice), losses)
            }
            Kind::ShortAnswer(mut key) => {
                let losses = texts(&mut key, target)?;
                (Kind::ShortAnswer(key), losses)
            }
            Kind::Blanks(mut blanks) => {
                let losses = all_blanks(&mut blanks, target)?;
                (Kind::Blanks(blanks), losses)
            }
            Kind::Matching(mut matching) => {
                let losses = pairs(&mut matching);
                self.losses.extend(losses);
                if let [_] = matching.items.as_slice() {
                    self.single_pair(&matching)?;
                    return self.kind(target);
                }
                (Kind::Matching(matching), Vec::new())
            }
            Kind::Ordering(mut ordering) => {
                let mut losses = Vec::new();
                for (number, item) in (1..).zip(&mut ordering.items) {
                    losses.extend(named(&mut item.text, &format!("({number})")));
                }
                (Kind::Ordering(ordering), losses)
            }
            Kind::Numeric(key) if key.answers.is_empty() => {
                return Err("it has no answers".to_owned());
            }
            other => (other, Vec::new()),
        };
        self.question.kind = kind;
        self.losses.extend(losses);
        Ok(())
    }

    /// Of one pair, its target is a choice.
    fn single_pair(&mut self, matching: &Matching) -> Result<(), String> {
        let Some(item) = matching.items.first() else {
            return Err("it has no pairs".to_owned());
        };
        if matching.targets.len() < 2 {
            return Err("one pair without another target leaves nothing to choose".to_owned());
        }
        code::append(&mut self.question.text, &item.text);
        let options = matching.targets.iter().map(|target| {
            let right = matching.is_right(item, &target.id);
            let mut option = ChoiceOption::new(target.id.clone(), target.text.clone(), right);
            option.feedback = item.feedback.clone().filter(|_| !right);
            option
        });
        let mut choice = Choice::one(options.collect());
        choice.shuffle = matching.shuffle;
        self.question.kind = Kind::Choice(choice);
        self.lose("its only pair became a choice of its target: Moodle wants at least two");
        Ok(())
    }
}

/// A text that is blank gets a name.
fn named(text: &mut Text, name: &str) -> Option<String> {
    text.is_blank().then(|| {
        *text = Text::plain(name);
        format!("a part without text was named `{name}`: Moodle wants one")
    })
}

fn choices(choice: &mut Choice, target: Target) -> Result<Vec<String>, String> {
    if choice.options.len() < 2 {
        return Err("Moodle wants at least two options".to_owned());
    }
    let best = share::of_options(choice).0.into_iter().fold(0.0, f64::max);
    if best <= 0.0 {
        return Err("none of its options is right, and Moodle wants one".to_owned());
    }
    if target == Target::Gift && choice.select == Select::One && best < 1.0 {
        return Err("none of its options is fully right, and GIFT wants one".to_owned());
    }
    let options = choice.options.iter_mut();
    let told = options.filter_map(|option| named(&mut option.text, &format!("({})", option.id)));
    Ok(told.collect())
}

/// Patterns as Moodle has them: texts with stars, each beginning to match in its order.
fn texts(key: &mut TextKey, target: Target) -> Result<Vec<String>, String> {
    let mut losses = Vec::new();
    let mut kept = Vec::new();
    for pattern in std::mem::take(&mut key.patterns) {
        let shown = &pattern.pattern;
        let what = match pattern::write(&pattern) {
            None if pattern.kind == PatternKind::Regex => {
                format!("the regular expression `{shown}` was left out")
            }
            None => format!(
                "the pattern `{shown}` was left out: Moodle cannot say a backslash before any text"
            ),
            Some(texts) if texts.iter().any(|text| text.trim().is_empty()) => {
                "an answer without text was left out".to_owned()
            }
            Some(texts)
                if target == Target::Gift && texts.iter().any(|text| text.contains("->")) =>
            {
                format!("the answer `{shown}` was left out: GIFT takes its `->` for a pair")
            }
            Some(texts) => {
                if pattern.kind == PatternKind::Regex {
                    let what = format!(
                        "the regular expression `{shown}` became the texts that it stands for"
                    );
                    losses.push(what);
                }
                let texts = texts.iter().map(|text| TextPattern {
                    score: pattern.score,
                    feedback: pattern.feedback.clone(),
                    ..pattern::read(text)
                });
                kept.extend(texts);
                continue;
            }
        };
        losses.push(what);
    }
    key.patterns = kept;
    match key.patterns.iter().any(|pattern| pattern.score > 0.0) {
        true => Ok(losses),
        false if losses.is_empty() => Err("none of its answers is right".to_owned()),
        false => Err(losses.join("; ")),
    }
}

fn all_blanks(blanks: &mut Blanks, target: Target) -> Result<Vec<String>, String> {
    let mut losses = Vec::new();
    for blank in &mut blanks.blanks {
        let told =
            one_blank(blank, target).map_err(|what| format!("blank {}: {what}", blank.id))?;
        losses.extend(told);
    }
    losses.dedup();
    Ok(losses)
}

fn one_blank(blank: &mut Blank, target: Target) -> Result<Vec<String>, String> {
    match &mut blank.key {
        BlankKey::Text(key) => texts(key, target),
        BlankKey::Number(key) if key.answers.is_empty() => Err("it has no answers".to_owned()),
        BlankKey::Number(_) => Ok(Vec::new()),
        BlankKey::Choice(choice) => {
            let mut losses = Vec::new();
            if let [option] = choice.options.as_slice()
                && option.correct
            {
                let word = plain(&html(&option.text));
                let mut key = TextKey::exact([word]);
                key.patterns[0].feedback.clone_from(&option.feedback);
                losses.push("a list of one word became a text to type".to_owned());
                losses.extend(texts(&mut key, target)?);
                blank.key = BlankKey::Text(key);
                return Ok(losses);
            }
            losses.extend(choices(choice, target)?);
            let best = share::of_options(choice).0.into_iter().fold(0.0, f64::max);
            if choice.select == Select::One && best < 1.0 {
                return Err("none of its options is fully right, and Moodle wants one".to_owned());
            }
            Ok(losses)
        }
    }
}

/// Targets are texts without markup, and none looks like another.
fn pairs(matching: &mut Matching) -> Vec<String> {
    let mut losses = Vec::new();
    for (number, item) in (1..).zip(&mut matching.items) {
        losses.extend(named(&mut item.text, &format!("({number})")));
    }
    let mut seen: Vec<(Text, String)> = Vec::new();
    for target in &mut matching.targets {
        let was = target.text.clone();
        let mut text = plain(&html(&was));
        if line_html(&was).contains('<') && was.format != TextFormat::Plain {
            losses.push(
                "the markup of what items are matched with: Moodle has none there".to_owned(),
            );
        }
        if text.is_empty() {
            text = format!("({})", target.id);
            losses.push(format!(
                "a target without text was named `{text}`: Moodle wants one"
            ));
        }
        if seen
            .iter()
            .any(|(other, shown)| *other != was && *shown == text)
        {
            text = format!("{text} ({})", target.id);
            losses.push(format!(
                "a target that looks like another without its markup was named `{text}`"
            ));
        }
        seen.push((was, text.clone()));
        target.text = Text::plain(text);
    }
    losses.dedup();
    losses
}

/// A key of one text whose case counts.
fn exactly(text: &str) -> TextKey {
    let mut key = TextKey::exact([text]);
    key.rules.case = Case::Exact;
    key
}

#[cfg(test)]
#[path = "instead_tests.rs"]
mod tests;
