//! What is asked for, and what is right.

use super::Page;
use super::number::write_number_key;
use crate::kind::{
    Blank, BlankKey, Blanks, BugLine, Choice, ChoiceOption, ChoiceScheme, Essay, EssayFormat, Kind,
    Layout, LineScheme, MatchItem, MatchTarget, Matching, Numbering, OrderScheme, Ordering,
    Outcome, PairWeight, PartScheme, PatternKind, Select, TextKey, TextPattern, TextRules, Tracing,
    TrueFalse,
};
use crate::notation::attribute::{looks_like_attributes, write_value};
use crate::notation::line::opens_fence;
use crate::notation::read::{escape_parts, is_number, letter_id, write_inline};
use crate::notation::rich::{
    is_one_line, quote, write_exact, write_number, write_rich, write_string,
};
use crate::text::{Text, TextFormat};

/// The word for `kind:`; `None` where the answers tell it.
pub(super) fn kind_word(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Choice(choice) if choice.options.is_empty() => "choice",
        Kind::ShortAnswer(key) if key.patterns.is_empty() => "short-answer",
        Kind::Choice(_) | Kind::ShortAnswer(_) | Kind::Blanks(_) => return None,
        Kind::TrueFalse(_) => "true-false",
        Kind::Numeric(_) => "numeric",
        Kind::Matching(_) => "matching",
        Kind::Ordering(_) => "ordering",
        Kind::Tracing(_) => "tracing",
        Kind::BugLine(_) => "bug-line",
        Kind::Essay(_) => "essay",
        Kind::Description => "description",
    })
}

pub(super) fn write_kind(kind: &Kind, inline: &[String], page: &mut Page) {
    match kind {
        Kind::Choice(choice) => write_choice(choice, page),
        Kind::TrueFalse(key) => write_true_false(key, page),
        Kind::Blanks(blanks) => write_blanks(blanks, inline, page),
        Kind::ShortAnswer(key) => write_text_key(key, page),
        Kind::Numeric(key) => write_number_key(key, page),
        Kind::Matching(matching) => write_matching(matching, page),
        Kind::Ordering(ordering) => write_ordering(ordering, page),
        Kind::Tracing(tracing) => write_tracing(tracing, page),
        Kind::BugLine(bug_line) => write_bug_line(bug_line, page),
        Kind::Essay(essay) => write_essay(essay, page),
        Kind::Description => {}
    }
}

/// A marker with a value, and feedback below it.
pub(super) fn write_with_feedback(
    marker: &str,
    value: Vec<String>,
    feedback: Option<&Text>,
    page: &mut Page,
) {
    page.entry(marker, &escape_parts(value));
    write_below(">", feedback, page);
}

fn write_below(sign: &str, text: Option<&Text>, page: &mut Page) {
    let Some(text) = text else { return };
    for line in write_rich(text, &[]) {
        if line.is_empty() {
            page.line(&format!("  {sign}"));
        } else {
            page.line(&format!("  {sign} {line}"));
        }
    }
}

fn write_choice(choice: &Choice, page: &mut Page) {
    let is_one = choice.select == Select::One;
    for (index, option) in choice.options.iter().enumerate() {
        let marker = match (is_one, option.correct) {
            (true, true) => "- (x)",
            (true, false) => "- ( )",
            (false, true) => "- [x]",
            (false, false) => "- [ ]",
        };
        let value = write_rich(&option.text, &option_attributes(option, index));
        write_with_feedback(marker, value, option.feedback.as_ref(), page);
        write_below(">!", option.feedback_not_chosen.as_ref(), page);
        write_below(">?", option.tip.as_ref(), page);
    }
    page.end_answers();
    if let Select::Many { min, max } = choice.select
        && (min, max) != (0, None)
    {
        let max = max.map_or(String::new(), |max| max.to_string());
        page.keyword("choose", &format!("{min}..{max}"));
    }
    match choice.scheme {
        ChoiceScheme::AllOrNothing => page.keyword("scoring", "all or nothing"),
        ChoiceScheme::RightMinusWrong => page.keyword("scoring", "right minus wrong"),
        ChoiceScheme::EveryDecision => page.keyword("scoring", "every decision"),
        ChoiceScheme::Weights { floor, ceiling } if (floor, ceiling) != (0.0, 1.0) => {
            let (floor, ceiling) = (write_number(floor), write_number(ceiling));
            page.keyword("scoring", &format!("weights {floor} .. {ceiling}"));
        }
        ChoiceScheme::Weights { .. } => {}
    }
    page.word("shuffle", choice.shuffle, true);
    page.word("numbering", choice.numbering, Numbering::default());
    page.word("layout", choice.layout, Layout::default());
}

fn option_attributes(option: &ChoiceOption, index: usize) -> Vec<String> {
    let mut attributes = id_attribute(&option.id, &letter_id(index));
    if option.fixed {
        attributes.push("fixed".to_owned());
    }
    if let Some(weight) = option.weight {
        attributes.push(format!("weight={}", write_number(weight)));
    }
    attributes
}

fn id_attribute(id: &str, usual: &str) -> Vec<String> {
    if id == usual {
        Vec::new()
    } else {
        vec![format!("#{id}")]
    }
}

fn write_true_false(key: &TrueFalse, page: &mut Page) {
    page.keyword("answer", if key.correct { "true" } else { "false" });
    page.rich("true", key.feedback_true.as_ref());
    page.rich("false", key.feedback_false.as_ref());
}

fn write_text_key(key: &TextKey, page: &mut Page) {
    for pattern in &key.patterns {
        let attributes = pattern_attributes(pattern);
        let value = if pattern.kind == PatternKind::Exact && is_number(&pattern.pattern) {
            write_exact(&pattern.pattern, &attributes)
        } else {
            write_string(&pattern.pattern, &attributes)
        };
        write_with_feedback("=", value, pattern.feedback.as_ref(), page);
    }
    page.end_answers();
    let usual = TextRules::default();
    let TextRules {
        case,
        spaces,
        unicode,
        ignore_accents,
        typos,
    } = key.rules;
    page.word("case", case, usual.case);
    page.word("spaces", spaces, usual.spaces);
    page.word("unicode", unicode, usual.unicode);
    if ignore_accents {
        page.keyword("accents", "ignore");
    }
    if typos != 0 {
        page.keyword("typos", &typos.to_string());
    }
}

fn pattern_attributes(pattern: &TextPattern) -> Vec<String> {
    let mut attributes = Vec::new();
    match pattern.kind {
        PatternKind::Exact => {}
        PatternKind::Wildcard => attributes.push("wildcard".to_owned()),
        PatternKind::Regex => attributes.push("regex".to_owned()),
    }
    if pattern.score != 1.0 {
        attributes.push(format!("score={}", write_number(pattern.score)));
    }
    attributes
}

/// The text with simple blanks written out in it, and the ids of these.
pub(super) fn put_inline(source: &str, blanks: &Blanks) -> (String, Vec<String>) {
    let mut text = source.to_owned();
    let mut inline = Vec::new();
    for blank in &blanks.blanks {
        let placeholder = format!("[[{}]]", blank.id);
        let is_next = blank.id == (inline.len() + 1).to_string();
        let is_plain = blank.weight == 1.0 && blank.width.is_none();
        let (Some(at), true, true) = (text.find(&placeholder), is_next, is_plain) else {
            continue;
        };
        let after = &text[at + placeholder.len()..];
        let Some(written) = write_inline(&blank.key).filter(|_| !after.starts_with(']')) else {
            continue;
        };
        text.replace_range(at..at + placeholder.len(), &written);
        inline.push(blank.id.clone());
    }
    (text, inline)
}

fn write_blanks(blanks: &Blanks, inline: &[String], page: &mut Page) {
    for blank in &blanks.blanks {
        if !inline.contains(&blank.id) {
            write_blank(blank, page);
        }
    }
    page.end_answers();
    write_part_scheme(blanks.scheme, page);
}

fn write_part_scheme(scheme: PartScheme, page: &mut Page) {
    match scheme {
        PartScheme::EachPart => {}
        PartScheme::AllOrNothing => page.keyword("scoring", "all or nothing"),
        PartScheme::Weights { floor, ceiling } if (floor, ceiling) == (0.0, 1.0) => {
            page.keyword("scoring", "weights");
        }
        PartScheme::Weights { floor, ceiling } => {
            let (floor, ceiling) = (write_number(floor), write_number(ceiling));
            page.keyword("scoring", &format!("weights {floor} .. {ceiling}"));
        }
    }
}

fn write_blank(blank: &Blank, page: &mut Page) {
    let mut attributes = Vec::new();
    let mut inner = Page {
        is_inner: true,
        ..Page::default()
    };
    match &blank.key {
        BlankKey::Text(key) => write_text_key(key, &mut inner),
        BlankKey::Number(key) => {
            attributes.push("number".to_owned());
            write_number_key(key, &mut inner);
        }
        BlankKey::Choice(choice) => write_choice(choice, &mut inner),
    }
    if blank.weight != 1.0 {
        attributes.push(format!("weight={}", write_number(blank.weight)));
    }
    if let Some(width) = blank.width {
        attributes.push(format!("width={width}"));
    }
    let mut lines = vec![if attributes.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", attributes.join(" "))
    }];
    lines.extend(
        inner
            .text
            .trim_end_matches('\n')
            .split('\n')
            .map(str::to_owned),
    );
    page.entry(&format!("blank {}:", blank.id), &lines);
}

fn write_matching(matching: &Matching, page: &mut Page) {
    if is_short(matching) {
        let mut shown: Vec<&str> = Vec::new();
        for item in &matching.items {
            shown.push(&item.target);
            let right = text_of(&matching.targets, &item.target);
            let line = format!("{} => {right}", item.text.source);
            write_with_feedback("-", vec![line], item.feedback.as_ref(), page);
        }
        for target in &matching.targets {
            if !shown.contains(&target.id.as_str()) {
                page.line(&format!("- => {}", target.text.source));
            }
        }
    } else {
        for (index, item) in matching.items.iter().enumerate() {
            let mut attributes = id_attribute(&item.id, &(index + 1).to_string());
            attributes.push(format!("target={}", write_value(&item.target)));
            if item.weight != 1.0 {
                attributes.push(format!("weight={}", write_number(item.weight)));
            }
            let value = write_rich(&item.text, &attributes);
            write_with_feedback("-", value, item.feedback.as_ref(), page);
        }
        for (index, target) in matching.targets.iter().enumerate() {
            let attributes = id_attribute(&target.id, &letter_id(index));
            page.entry("+", &escape_parts(write_rich(&target.text, &attributes)));
        }
    }
    page.end_answers();
    write_part_scheme(matching.scheme, page);
    for PairWeight {
        item,
        target,
        weight,
    } in &matching.pairs
    {
        page.keyword(&format!("pair {item} {target}"), &write_number(*weight));
    }
    if matching.wrong_pair != 0.0 {
        page.keyword("pairs", &write_number(matching.wrong_pair));
    }
    page.word("shuffle", matching.shuffle, true);
}

fn text_of<'m>(targets: &'m [MatchTarget], id: &str) -> &'m str {
    targets
        .iter()
        .find(|target| target.id == id)
        .map_or("", |target| target.text.source.as_str())
}

/// Whether `- left => right` says everything: short texts, usual ids, targets in
/// the order in which items use them.
fn is_short(matching: &Matching) -> bool {
    let is_side = |text: &Text| {
        text.format == TextFormat::Markdown
            && is_one_line(&text.source)
            && !text.source.contains("=>")
            && !opens_fence(&text.source)
            && !looks_like_attributes(&text.source)
    };
    let mut used: Vec<&str> = Vec::new();
    let items_fit = matching.items.iter().enumerate().all(|(index, item)| {
        let MatchItem {
            id,
            text,
            target,
            weight,
            ..
        } = item;
        if !used.contains(&target.as_str()) {
            used.push(target);
        }
        *id == (index + 1).to_string() && *weight == 1.0 && is_side(text)
    });
    let targets = &matching.targets;
    let in_order = targets
        .iter()
        .zip(&used)
        .all(|(target, id)| target.id == *id);
    let targets_fit = targets.iter().enumerate().all(|(index, target)| {
        let is_new = targets[..index]
            .iter()
            .all(|other| other.text != target.text);
        target.id == letter_id(index) && is_new && is_side(&target.text)
    });
    items_fit && in_order && targets_fit && used.len() <= targets.len()
}

fn write_ordering(ordering: &Ordering, page: &mut Page) {
    let count = ordering.items.len();
    for (index, item) in ordering.items.iter().enumerate() {
        let number = (index + 1).to_string();
        let value = write_rich(&item.text, &id_attribute(&item.id, &number));
        page.entry(&format!("{number}."), &escape_parts(value));
    }
    for (index, item) in ordering.distractors.iter().enumerate() {
        let usual = (count + index + 1).to_string();
        let value = write_rich(&item.text, &id_attribute(&item.id, &usual));
        page.entry("+", &escape_parts(value));
    }
    page.end_answers();
    page.word("scoring", ordering.scheme, OrderScheme::default());
}

fn write_tracing(tracing: &Tracing, page: &mut Page) {
    write_source(&tracing.source, &tracing.language, page);
    if !tracing.stdin.is_empty() {
        write_block("stdin", &tracing.stdin, page);
    }
    match &tracing.expected {
        Outcome::Prints { output } => write_block("output", output, page),
        Outcome::CompileError => page.keyword("outcome", "compile error"),
        Outcome::RuntimeError { output } => {
            page.keyword("outcome", "runtime error");
            if !output.is_empty() {
                page.blank();
                write_block("output", output, page);
            }
        }
    }
    page.word("scoring", tracing.scheme, LineScheme::AllOrNothing);
}

fn write_source(source: &str, language: &str, page: &mut Page) {
    let is_word = is_one_line(language)
        && language
            .chars()
            .all(|letter| !letter.is_whitespace() && letter != '`');
    if is_word && fits_block(source) {
        write_block(&format!("{language} source"), source, page);
        return;
    }
    let language = write_value(language);
    let line = format!("{{exact language={language}}} {}", quote(source));
    page.entry("source:", &[line]);
}

/// Whether a block gives a text back as it is.
fn fits_block(text: &str) -> bool {
    (text.is_empty() || text.ends_with('\n')) && !text.contains('\r')
}

fn write_block(info: &str, text: &str, page: &mut Page) {
    if !fits_block(text) {
        page.entry(&format!("{info}:"), &[format!("{{exact}} {}", quote(text))]);
        return;
    }
    let longest = text
        .split('\n')
        .map(|line| line.chars().take_while(|letter| *letter == '`').count())
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    page.line(&format!("{fence}{info}"));
    page.text.push_str(text);
    page.line(&fence);
    page.blank();
}

fn write_bug_line(bug_line: &BugLine, page: &mut Page) {
    write_source(&bug_line.source, &bug_line.language, page);
    for bug in &bug_line.bugs {
        let marker = if bug.first_line == bug.last_line {
            format!("bug {}:", bug.first_line)
        } else {
            format!("bug {}-{}:", bug.first_line, bug.last_line)
        };
        let lines = bug
            .feedback
            .as_ref()
            .map(|text| write_rich(text, &[]))
            .unwrap_or_default();
        page.entry(&marker, &lines);
    }
    for note in &bug_line.notes {
        page.entry(
            &format!("line {}:", note.line),
            &write_rich(&note.feedback, &[]),
        );
    }
    page.end_answers();
    page.word("scoring", bug_line.scheme, LineScheme::default());
}

fn write_essay(essay: &Essay, page: &mut Page) {
    page.word("format", essay.format, EssayFormat::default());
    if let Some(lines) = essay.lines {
        page.keyword("lines", &lines.to_string());
    }
    if essay.words_min.is_some() || essay.words_max.is_some() {
        page.keyword("words", &range(essay.words_min, essay.words_max));
    }
    if (essay.files_min, essay.files_max) != (0, 0) {
        page.keyword(
            "files",
            &range(Some(essay.files_min), Some(essay.files_max)),
        );
    }
    page.rich("start", essay.start.as_ref());
    page.rich("grader", essay.grader_notes.as_ref());
}

fn range(min: Option<u32>, max: Option<u32>) -> String {
    let say = |number: Option<u32>| number.map_or(String::new(), |number| number.to_string());
    format!("{}..{}", say(min), say(max))
}
