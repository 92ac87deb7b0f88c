//! Cloze: blanks written into the text as `{2:SHORTANSWER:=Berlin#yes~%50%Bonn}`.

use std::fmt::Write as _;

use carrel_quiz::kind::{
    Accept, Blank, BlankKey, Blanks, Case, Choice, ChoiceOption, ChoiceScheme, Layout,
    NumberAnswer, NumberKey, Select, TextKey, TextPattern, Tolerance,
};
use carrel_quiz::template::Amount;
use carrel_quiz::{Text, TextFormat};

use super::entity::{decode, encode};
use super::kinds::parse_number;
use super::pattern;
use crate::gift::letter_id;
use crate::markup::{html, line_html};
use crate::near;
use crate::share;

/// What stands in one pair of braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Short {
        case: Case,
    },
    Number,
    Choice {
        layout: Layout,
        shuffle: bool,
        many: bool,
    },
}

fn type_of(name: &str) -> Option<Type> {
    let choice = |layout, shuffle, many| Type::Choice {
        layout,
        shuffle,
        many,
    };
    Some(match name {
        "SHORTANSWER" | "SA" | "MW" => Type::Short { case: Case::Ignore },
        "SHORTANSWER_C" | "SAC" | "MWC" => Type::Short { case: Case::Exact },
        "NUMERICAL" | "NM" => Type::Number,
        "MULTICHOICE" | "MC" => choice(Layout::DropDown, false, false),
        "MULTICHOICE_S" | "MCS" => choice(Layout::DropDown, true, false),
        "MULTICHOICE_V" | "MCV" => choice(Layout::Vertical, false, false),
        "MULTICHOICE_VS" | "MCVS" => choice(Layout::Vertical, true, false),
        "MULTICHOICE_H" | "MCH" => choice(Layout::Horizontal, false, false),
        "MULTICHOICE_HS" | "MCHS" => choice(Layout::Horizontal, true, false),
        "MULTIRESPONSE" | "MR" => choice(Layout::Vertical, false, true),
        "MULTIRESPONSE_S" | "MRS" => choice(Layout::Vertical, true, true),
        "MULTIRESPONSE_H" | "MRH" => choice(Layout::Horizontal, false, true),
        "MULTIRESPONSE_HS" | "MRHS" => choice(Layout::Horizontal, true, true),
        _ => return None,
    })
}

/// The text with `[[1]]`, `[[2]]`, … in place of the braces, and the blanks.
pub(crate) fn read(source: &str) -> Result<(String, Blanks), String> {
    let mut text = String::with_capacity(source.len());
    let mut blanks = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some((head, inside)) = head(&rest[1..]) else {
            text.push('{');
            rest = &rest[1..];
            continue;
        };
        // Where one is not closed, no later one is.
        let Some(end) = find_plain(inside, '}') else {
            break;
        };
        let (body, after) = (&inside[..end], &inside[end + 1..]);
        let id = (blanks.len() + 1).to_string();
        let _ = write!(text, "[[{id}]]");
        let mut blank = Blank::new(id, key_of(head.1, body)?);
        blank.weight = head.0;
        blanks.push(blank);
        rest = after;
    }
    text.push_str(rest);
    if blanks.is_empty() {
        return Err("a Cloze question without a single `{1:TYPE:…}`".to_owned());
    }
    Ok((
        text,
        Blanks {
            blanks,
            scheme: carrel_quiz::kind::PartScheme::default(),
        },
    ))
}

/// Whether a text has a blank as Cloze writes it.
pub(crate) fn holds_blank(source: &str) -> bool {
    let mut braces = source.match_indices('{');
    let first = braces.find_map(|(at, _)| head(&source[at + 1..]));
    // Where it is not closed, no later one is.
    first.is_some_and(|(_, inside)| find_plain(inside, '}').is_some())
}

/// Weight and type, and what follows.
fn head(inside: &str) -> Option<((f64, Type), &str)> {
    let (weight, rest) = before_colon(inside, WEIGHT_BYTES_MAX)?;
    let weight = match weight.trim() {
        "" => 1.0,
        digits => digits
            .parse::<u32>()
            .ok()
            .filter(|weight| *weight > 0)?
            .into(),
    };
    let (name, rest) = before_colon(rest, TYPE_BYTES_MAX)?;
    let kind = type_of(name.trim())?;
    Some(((weight, kind), rest))
}

/// What stands before a colon that is not far, and after it.
fn before_colon(text: &str, bytes_max: usize) -> Option<(&str, &str)> {
    let mut near = text.bytes().take(bytes_max + 1);
    let at = near.position(|byte| byte == b':')?;
    Some((&text[..at], &text[at + 1..]))
}

/// Place of a character without `\` before it. As in Moodle, the `#` of `&#39;` is none, nor is
/// that of `&amp;#39;`.
fn find_plain(text: &str, wanted: char) -> Option<usize> {
    let mut escaped = false;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '#' if before == '&' || text[..at].ends_with("&amp;") => {}
            letter if letter == wanted => return Some(at),
            _ => {}
        }
        before = letter;
    }
    None
}

fn split_plain(text: &str, mark: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = find_plain(rest, mark) {
        parts.push(&rest[..at]);
        rest = &rest[at + mark.len_utf8()..];
    }
    parts.push(rest);
    parts
}

/// Characters that a backslash makes plain.
const ESCAPED: [char; 8] = ['}', '~', '#', '/', '"', '\\', '=', '%'];
/// Longest weight and type of a blank that are looked for.
const WEIGHT_BYTES_MAX: usize = 10;
const TYPE_BYTES_MAX: usize = 24;
/// Greatest number that weights of blanks are multiplied by.
const SCALE_MAX: u32 = 60;

/// Escapes of Cloze resolved. A star stays escaped: it is for the wildcard pattern.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(next) if letter == '\\' && ESCAPED.contains(next) => {
                plain.extend(letters.next());
            }
            _ => plain.push(letter),
        }
    }
    plain
}

struct Given {
    share: f64,
    /// Its share stands there in per cent; for Moodle `%0%` is no such mark.
    marked: bool,
    text: String,
    feedback: Option<Text>,
}

fn given(part: &str) -> Result<Given, String> {
    let part = part.trim_start();
    let (weight, marked, rest) = match part.strip_prefix('=') {
        Some(rest) => (1.0, false, rest),
        None => match part.strip_prefix('%').and_then(|rest| rest.split_once('%')) {
            Some((percent, rest)) => match share::parse(percent) {
                Some(share) => (share, percent != "0", rest),
                None => {
                    return Err(format!(
                        "`%{percent}%` in a blank is no weight from -100 to 100"
                    ));
                }
            },
            None => (0.0, false, part),
        },
    };
    let (answer, feedback) = match find_plain(rest, '#') {
        Some(at) => {
            let told = decode(&unescape(&rest[at + 1..]));
            (&rest[..at], Text::html(told).filled())
        }
        None => (rest, None),
    };
    Ok(Given {
        share: weight,
        marked,
        // Moodle takes it for HTML when references are resolved.
        text: decode(unescape(answer).trim()),
        feedback,
    })
}

/// As Moodle takes the shares of several choices: right ones make up the whole, and where none is
/// marked, each wrong one takes away what a right one gives.
fn share_out(answers: &mut [Given]) {
    let given = answers.iter().map(|answer| answer.share);
    let whole: f64 = given.filter(|share| *share > 0.0).sum();
    if whole <= 0.0 {
        return;
    }
    let marked = answers.iter().any(|answer| answer.marked);
    for answer in answers {
        if answer.share <= 0.0 && !marked {
            answer.share = -1.0 / whole;
        } else if answer.share > 0.0 && (whole - 1.0).abs() > 1e-9 {
            answer.share /= whole;
        }
    }
}

fn key_of(kind: Type, body: &str) -> Result<BlankKey, String> {
    let mut answers: Vec<Given> = split_plain(body, '~')
        .into_iter()
        .map(given)
        .collect::<Result<_, _>>()?;
    if let Type::Choice { many: true, .. } = kind {
        share_out(&mut answers);
    }
    match kind {
        Type::Short { case } => {
            let mut key = TextKey::exact(Vec::<String>::new());
            key.rules.case = case;
            key.patterns = answers
                .into_iter()
                .map(|answer| TextPattern {
                    score: answer.share,
                    feedback: answer.feedback,
                    ..pattern::read(&answer.text)
                })
                .collect();
            Ok(BlankKey::Text(key))
        }
        Type::Number => {
            let mut key = NumberKey::near(0.0, Tolerance::Exact);
            key.answers = answers.into_iter().map(number).collect::<Result<_, _>>()?;
            Ok(BlankKey::Number(key))
        }
        Type::Choice {
            layout,
            shuffle,
            many,
        } => {
            let options = answers.into_iter().enumerate().map(|(number, answer)| {
                let correct = if many {
                    answer.share > 0.0
                } else {
                    answer.share >= 1.0
                };
                let mut option =
                    ChoiceOption::new(letter_id(number), Text::html(answer.text), correct);
                let usual = !many && (answer.share == 0.0 || answer.share == 1.0);
                option.weight = (!usual).then_some(answer.share);
                option.feedback = answer.feedback;
                option
            });
            let options: Vec<ChoiceOption> = options.collect();
            if options.len() < 2 {
                return Err(format!("the blank `{body}` needs at least two options"));
            }
            if !many && !options.iter().any(|option| option.correct) {
                return Err(format!("no option of the blank `{body}` is fully right"));
            }
            let mut choice = if many {
                Choice::many(options)
            } else {
                Choice::one(options)
            };
            choice.layout = layout;
            choice.shuffle = shuffle;
            share::take_away(&mut choice);
            Ok(BlankKey::Choice(choice))
        }
    }
}

fn number(answer: Given) -> Result<NumberAnswer, String> {
    let accept = if answer.text == "*" {
        Accept::Any
    } else {
        let (value, by) = answer.text.split_once(':').unwrap_or((&answer.text, "0"));
        let by = parse_number(by)?.abs();
        Accept::Near {
            value: Amount::Number(parse_number(value)?),
            tolerance: if by == 0.0 {
                Tolerance::Exact
            } else {
                Tolerance::Absolute { by }
            },
        }
    };
    Ok(NumberAnswer {
        score: answer.share,
        feedback: answer.feedback,
        ..NumberAnswer::new(accept)
    })
}

/// The text with braces in place of its `[[id]]`; what was lost is told.
pub(super) fn write(text: &Text, blanks: &Blanks, points: f64, lose: &mut dyn FnMut(&str)) -> Text {
    let scale = scale(blanks, points, lose);
    let begins = |source: &str| {
        let mut braces = source.match_indices('{');
        braces.any(|(at, _)| head(&source[at + 1..]).is_some())
    };
    // Braces of the text itself must not look like a blank.
    let text = match text.format {
        TextFormat::Plain if begins(&text.source) => Text::html(html(text)),
        _ => text.clone(),
    };
    let mut written = String::with_capacity(text.source.len());
    let mut rest = text.source.as_str();
    while let Some(letter) = rest.chars().next() {
        let marked = rest.strip_prefix("[[");
        let blank = marked.and_then(|marked| {
            blanks.blanks.iter().find_map(|blank| {
                let after = marked.strip_prefix(blank.id.as_str())?;
                Some((blank, after.strip_prefix("]]")?))
            })
        });
        if let Some((blank, after)) = blank {
            written.push_str(&write_blank(blank, scale, lose));
            rest = after;
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        match letter == '{' && head(rest).is_some() {
            true => written.push_str("&#123;"),
            false => written.push(letter),
        }
    }
    Text {
        format: text.format,
        source: written,
    }
}

/// What the weights are multiplied by, so that they are whole numbers and, where that can be,
/// the points of the question.
fn scale(blanks: &Blanks, points: f64, lose: &mut dyn FnMut(&str)) -> f64 {
    let sum: f64 = blanks.blanks.iter().map(|blank| blank.weight).sum();
    let whole = |scale: f64| {
        scale.is_finite()
            && blanks.blanks.iter().all(|blank| {
                let weight = blank.weight * scale;
                weight > 0.5 && weight < 1e6 && (weight - weight.round()).abs() < 1e-9
            })
    };
    if whole(points / sum) {
        return points / sum;
    }
    lose("in Moodle the points are the sum of the blanks' weights, which are whole numbers");
    let found = (1..=SCALE_MAX).map(f64::from).find(|scale| whole(*scale));
    found.unwrap_or_else(|| {
        lose("weights of blanks became whole numbers");
        1.0
    })
}

/// What stands in the braces of one answer.
struct Written {
    share: f64,
    text: String,
    feedback: Option<Text>,
}

fn write_blank(blank: &Blank, scale: f64, lose: &mut dyn FnMut(&str)) -> String {
    let weight = (blank.weight * scale).round().max(1.0);
    if let Some(what) = told(&blank.key) {
        lose(&format!("blank {}: {what}", blank.id));
    }
    let (name, answers) = match &blank.key {
        BlankKey::Text(key) => write_texts(key),
        BlankKey::Number(key) => write_numbers(key, lose),
        BlankKey::Choice(choice) => {
            let (shares, exact) = share::of_options(choice);
            if !exact {
                lose("the scheme of partial credit of a blank became a sum of weights");
            }
            let answers = choice.options.iter().zip(shares);
            let answers = answers.map(|(option, share)| Written {
                share,
                text: once_more(&in_line(&option.text)),
                feedback: option.feedback.clone(),
            });
            (choice_name(choice), answers.collect())
        }
    };
    let many = matches!(&blank.key, BlankKey::Choice(choice) if choice.select != Select::One);
    let answers: Vec<String> = answers
        .iter()
        .map(|answer| write_answer(answer, many))
        .collect();
    format!("{{{weight}:{name}:{}}}", answers.join("~"))
}

/// What an author should know of the shares that are written.
fn told(key: &BlankKey) -> Option<String> {
    let BlankKey::Choice(choice) = key else {
        return share::tell_blank(key);
    };
    let mut choice = choice.clone();
    let (shares, _) = share::of_options(&choice);
    choice.scheme = ChoiceScheme::default();
    for (option, share) in choice.options.iter_mut().zip(shares) {
        option.weight = Some(share);
    }
    share::tell(&choice)
}

fn write_texts(key: &TextKey) -> (&'static str, Vec<Written>) {
    let name = match key.rules.case {
        Case::Ignore => "SHORTANSWER",
        Case::Exact => "SHORTANSWER_C",
    };
    let answers = key.patterns.iter().flat_map(|answer| {
        let texts = pattern::write(answer).unwrap_or_default().into_iter();
        texts.map(|text| Written {
            share: answer.score,
            text: encode(&text),
            feedback: answer.feedback.clone(),
        })
    });
    (name, answers.collect())
}

fn write_numbers(key: &NumberKey, lose: &mut dyn FnMut(&str)) -> (&'static str, Vec<Written>) {
    if key.units.is_some() {
        lose("units of a blank were left out");
    }
    let answers = key.answers.iter().filter_map(|answer| {
        Some(Written {
            share: answer.score,
            text: number_text(&answer.accept)?,
            feedback: answer.feedback.clone(),
        })
    });
    let answers: Vec<_> = answers.collect();
    if answers.len() < key.answers.len() {
        lose("answers of a blank that are no plain number with a tolerance were left out");
    }
    ("NUMERICAL", answers)
}

fn write_answer(answer: &Written, many: bool) -> String {
    let mark = match answer.share {
        1.0 => "=".to_owned(),
        // Without a mark Moodle takes points away for it, and `0` is none to it.
        0.0 if many => "%0.0%".to_owned(),
        // A text that looks like a mark has one before it.
        0.0 if !answer.text.starts_with(['=', '%']) => String::new(),
        share => format!("%{}%", (share * 1e7).round() / 1e5),
    };
    let feedback = answer.feedback.as_ref();
    let feedback = feedback.map_or_else(String::new, |feedback| {
        format!("#{}", escape(&once_more(&in_line(feedback))))
    });
    format!("{mark}{}{feedback}", escape(&answer.text))
}

/// HTML whose references Moodle resolves before it takes it for HTML.
fn once_more(html: &str) -> String {
    html.replace('&', "&amp;")
}

/// A text as HTML in one line.
fn in_line(text: &Text) -> String {
    let html = line_html(text);
    match html.contains("<pre") {
        true => html,
        false => html.replace('\n', " "),
    }
}

fn choice_name(choice: &Choice) -> &'static str {
    let many = choice.select != Select::One;
    match (many, choice.layout, choice.shuffle) {
        (false, Layout::Vertical, false) => "MULTICHOICE_V",
        (false, Layout::Vertical, true) => "MULTICHOICE_VS",
        (false, Layout::Horizontal, false) => "MULTICHOICE_H",
        (false, Layout::Horizontal, true) => "MULTICHOICE_HS",
        (false, _, false) => "MULTICHOICE",
        (false, _, true) => "MULTICHOICE_S",
        (true, Layout::Horizontal, false) => "MULTIRESPONSE_H",
        (true, Layout::Horizontal, true) => "MULTIRESPONSE_HS",
        (true, _, false) => "MULTIRESPONSE",
        (true, _, true) => "MULTIRESPONSE_S",
    }
}

fn number_text(accept: &Accept) -> Option<String> {
    Some(match accept {
        Accept::Any => "*".to_owned(),
        Accept::Near {
            value: Amount::Number(value),
            tolerance,
        } => match near::absolute(*value, *tolerance) {
            (value, 0.0) => value.to_string(),
            (value, by) => format!("{value}:{by}"),
        },
        Accept::Range {
            min: Amount::Number(min),
            max: Amount::Number(max),
        } => format!("{}:{}", f64::midpoint(*min, *max), (max - min) / 2.0),
        _ => return None,
    })
}

/// Signs that mean something in a blank as references: Moodle knows a backslash before some only.
fn escape(text: &str) -> String {
    let text = text.trim();
    let mut escaped = String::with_capacity(text.len());
    // To Moodle a `&` before the end of an answer says that it is none.
    let (text, end) = match text.strip_suffix("&amp;").or(text.strip_suffix('&')) {
        Some(text) => (text, "&#38;"),
        None => (text, ""),
    };
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '}' => escaped.push_str("&#125;"),
            '~' => escaped.push_str("&#126;"),
            '#' => escaped.push_str("&#35;"),
            // Before one of these it would be taken for its escape.
            '\\' if letters.peek().is_none_or(|next| ESCAPED.contains(next)) => {
                escaped.push_str("&#92;");
            }
            letter => escaped.push(letter),
        }
    }
    escaped + end
}

#[cfg(test)]
#[path = "cloze_tests.rs"]
mod tests;
