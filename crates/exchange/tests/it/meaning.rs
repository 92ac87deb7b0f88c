//! What two questions have in common, part by part.

use carrel_quiz::kind::{Choice, Kind, MatchTarget, NumberAnswer, TextKey};
use carrel_quiz::question::Hint;
use carrel_quiz::{Answer, Instance, Question, Scorer, Text, TextFormat};

/// A text as people see it: HTML without what makes no difference.
pub(crate) fn seen(text: &Text) -> String {
    let html = match text.format {
        TextFormat::Html => text.source.clone(),
        TextFormat::Plain => {
            let escaped = text
                .source
                .trim()
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            escaped.replace('\n', "<br>\n")
        }
        TextFormat::Markdown => {
            let mut html = String::new();
            let options = pulldown_cmark::Options::ENABLE_TABLES;
            let parser = pulldown_cmark::Parser::new_ext(text.source.trim(), options);
            pulldown_cmark::html::push_html(&mut html, parser);
            html
        }
    };
    let html = html.replace("&quot;", "\"").replace("&gt;", ">");
    let html = html.replace("&#92;", "\\").replace("%20", " ");
    let words: Vec<&str> = html.split_whitespace().collect();
    let html = words.join(" ");
    let inner = html
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"));
    match inner.filter(|inner| !inner.contains("<p>")) {
        Some(inner) => inner.to_owned(),
        None => html,
    }
}

fn maybe(text: Option<&Text>) -> Option<String> {
    text.map(seen).filter(|text| !text.is_empty())
}

fn choices(choice: &Choice) -> Vec<(String, Option<String>)> {
    let options = choice.options.iter();
    let options = options.map(|option| (seen(&option.text), maybe(option.feedback.as_ref())));
    options.collect()
}

fn keys(key: &TextKey) -> Vec<(String, Option<String>)> {
    let patterns = key.patterns.iter();
    let patterns = patterns.map(|one| (one.pattern.clone(), maybe(one.feedback.as_ref())));
    patterns.collect()
}

fn told(answers: &[NumberAnswer]) -> Vec<Option<String>> {
    let answers = answers.iter();
    answers
        .map(|answer| maybe(answer.feedback.as_ref()))
        .collect()
}

/// Texts and feedback of a kind; what is right is compared by what answers are worth.
fn shown(kind: &Kind) -> String {
    match kind {
        Kind::Choice(choice) => format!("{:?}", choices(choice)),
        Kind::TrueFalse(key) => format!(
            "{:?} {:?}",
            maybe(key.feedback_true.as_ref()),
            maybe(key.feedback_false.as_ref())
        ),
        Kind::ShortAnswer(key) => format!("{:?}", keys(key)),
        Kind::Numeric(key) => format!("{:?} {:?}", told(&key.answers), key.units),
        Kind::Matching(matching) => {
            let items = matching.items.iter();
            let items: Vec<String> = items.map(|item| seen(&item.text)).collect();
            let targets = matching.targets.iter();
            let mut targets: Vec<String> = targets.map(|target| seen(&target.text)).collect();
            targets.sort();
            format!("{items:?} {targets:?}")
        }
        Kind::Ordering(ordering) => {
            let items = ordering.items.iter().chain(&ordering.distractors);
            let items: Vec<String> = items.map(|item| seen(&item.text)).collect();
            format!("{items:?} {:?}", ordering.scheme)
        }
        Kind::Blanks(blanks) => {
            let keys = blanks.blanks.iter().map(|blank| match &blank.key {
                carrel_quiz::kind::BlankKey::Text(key) => format!("{:?}", keys(key)),
                carrel_quiz::kind::BlankKey::Number(key) => format!("{:?}", told(&key.answers)),
                carrel_quiz::kind::BlankKey::Choice(choice) => format!("{:?}", choices(choice)),
            });
            keys.collect::<Vec<_>>().join("; ")
        }
        Kind::Essay(essay) => format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            essay.format,
            essay.lines,
            (essay.words_min, essay.words_max),
            (essay.files_min, essay.files_max),
            maybe(essay.start.as_ref()),
            maybe(essay.grader_notes.as_ref())
        ),
        Kind::Description | Kind::Tracing(_) | Kind::BugLine(_) => String::new(),
    }
}

fn arrangement(kind: &Kind) -> String {
    match kind {
        Kind::Choice(choice) => format!("{} {:?}", choice.shuffle, choice.numbering),
        Kind::Matching(matching) => format!("{}", matching.shuffle),
        _ => String::new(),
    }
}

fn hints(hints: &[Hint]) -> Vec<(String, bool, bool)> {
    let hints = hints.iter();
    let hints = hints.map(|hint| (seen(&hint.text), hint.clear_wrong, hint.show_right_count));
    hints.collect()
}

/// Parts that differ, by name.
pub(crate) fn differences(was: &Question, is: &Question) -> Vec<&'static str> {
    let feedback = |question: &Question| {
        let told = &question.feedback;
        let texts = [&told.correct, &told.partially_correct, &told.incorrect];
        texts.map(|text| maybe(text.as_ref()))
    };
    let general = |question: &Question| maybe(question.feedback.general.as_ref());
    let files = |question: &Question| {
        let mut names: Vec<String> = question
            .attachments
            .iter()
            .map(|file| file.name.clone())
            .collect();
        names.sort();
        names
    };
    let blanked = |question: &Question| match question.kind {
        // A blank's place has a name of its own.
        Kind::Blanks(_) => {
            let text = seen(&question.text);
            text.split("[[")
                .map(|part| part.split_once("]]").map_or(part, |(_, rest)| rest))
                .collect::<Vec<_>>()
                .join("[[]]")
        }
        _ => seen(&question.text),
    };
    let mut parts = vec![
        ("id", was.id == is.id),
        ("title", was.title == is.title),
        ("text", blanked(was) == blanked(is)),
        ("points", (was.points - is.points).abs() < 1e-9),
        ("kind", was.kind.name() == is.kind.name()),
        ("general feedback", general(was) == general(is)),
        ("feedback", feedback(was) == feedback(is)),
        ("hints", hints(&was.hints) == hints(&is.hints)),
        ("penalty", was.penalty == is.penalty),
        ("tries", was.tries == is.tries),
        ("tags", was.tags == is.tags),
        ("category", was.category == is.category),
        ("files", files(was) == files(is)),
    ];
    if was.kind.name() == is.kind.name() {
        parts.push(("texts", shown(&was.kind) == shown(&is.kind)));
        parts.push((
            "arrangement",
            arrangement(&was.kind) == arrangement(&is.kind),
        ));
    }
    let differ = parts.into_iter().filter(|(_, same)| !same);
    differ.map(|(name, _)| name).collect()
}

pub(crate) fn points(question: &Question, answer: &Answer) -> Result<f64, String> {
    let scorer = Scorer::new(question, &Instance::default()).map_err(|error| error.to_string())?;
    let score = scorer
        .score(Some(answer))
        .map_err(|error| error.to_string())?;
    Ok(score.fraction)
}

/// The answer by the ids of what came back: a format without ids gives new ones, in order.
pub(crate) fn translated(answer: &Answer, was: &Question, is: &Question) -> Option<Answer> {
    let (Answer::Matching { targets }, Kind::Matching(before), Kind::Matching(after)) =
        (answer, &was.kind, &is.kind)
    else {
        return Some(answer.clone());
    };
    // Texts of targets end in a number of their own, with or without their markup.
    let end = |text: &Text| {
        let digits = |letter: char| !letter.is_ascii_digit();
        let text = seen(text);
        let mut numbers = text.split(digits).filter(|part| !part.is_empty());
        numbers.next_back().unwrap_or_default().to_owned()
    };
    let new = |id: &String| {
        let old = before.targets.iter().find(|known| known.id == *id)?;
        let same = |known: &&MatchTarget| end(&known.text) == end(&old.text);
        Some(after.targets.iter().find(same)?.id.clone())
    };
    let targets = targets
        .iter()
        .map(|(item, target)| Some((item.clone(), new(target)?)));
    Some(Answer::Matching {
        targets: targets.collect::<Option<_>>()?,
    })
}
