//! Cloze: blanks written into the text as `{2:SHORTANSWER:=Berlin#yes~%50%Bonn}`.

use std::fmt::Write as _;

use carrel_quiz::Text;
use carrel_quiz::kind::{
    Accept, Blank, BlankKey, Blanks, Case, Choice, ChoiceOption, Layout, NumberAnswer, NumberKey,
    PatternKind, Select, TextKey, TextPattern, Tolerance,
};
use carrel_quiz::template::Amount;

use super::entity::{decode, encode};
use super::kinds::{parse_number, pattern};
use crate::gift::letter_id;
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
        let Some((head, body, after)) = open(&rest[start + 1..]) else {
            text.push('{');
            rest = &rest[start + 1..];
            continue;
        };
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
    braces.any(|(at, _)| open(&source[at + 1..]).is_some())
}

/// Weight and type, body, and what follows the brace.
fn open(inside: &str) -> Option<((f64, Type), &str, &str)> {
    let (weight, rest) = inside.split_once(':')?;
    let weight = match weight.trim() {
        "" => 1.0,
        digits => digits
            .parse::<u32>()
            .ok()
            .filter(|weight| *weight > 0)?
            .into(),
    };
    let (name, rest) = rest.split_once(':')?;
    let kind = type_of(name.trim())?;
    let end = find_plain(rest, '}')?;
    Some(((weight, kind), &rest[..end], &rest[end + 1..]))
}

/// Place of a character without `\` before it.
fn find_plain(text: &str, wanted: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == wanted => return Some(at),
            _ => {}
        }
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

/// Escapes of Cloze resolved. A star stays escaped: it is for the wildcard pattern.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some('}' | '~' | '#' | '/' | '"' | '\\' | '=' | '%') if letter == '\\' => {}
            _ => plain.push(letter),
        }
    }
    plain
}

struct Given {
    share: f64,
    text: String,
    feedback: Option<Text>,
}

fn given(part: &str) -> Result<Given, String> {
    let part = part.trim_start();
    let (weight, rest) = match part.strip_prefix('=') {
        Some(rest) => (1.0, rest),
        None => match part.strip_prefix('%').and_then(|rest| rest.split_once('%')) {
            Some((percent, rest)) => match share::parse(percent) {
                Some(share) => (share, rest),
                None => {
                    return Err(format!(
                        "`%{percent}%` in a blank is no weight from -100 to 100"
                    ));
                }
            },
            None => (0.0, part),
        },
    };
    let (answer, feedback) = match find_plain(rest, '#') {
        Some(at) => (&rest[..at], Text::html(unescape(&rest[at + 1..])).filled()),
        None => (rest, None),
    };
    Ok(Given {
        share: weight,
        text: unescape(answer).trim().to_owned(),
        feedback,
    })
}

fn key_of(kind: Type, body: &str) -> Result<BlankKey, String> {
    let answers: Vec<Given> = split_plain(body, '~')
        .into_iter()
        .map(given)
        .collect::<Result<_, _>>()?;
    match kind {
        Type::Short { case } => {
            let mut key = TextKey::exact(Vec::<String>::new());
            key.rules.case = case;
            key.patterns = answers
                .into_iter()
                .map(|answer| TextPattern {
                    score: answer.share,
                    feedback: answer.feedback,
                    ..pattern(&decode(&answer.text))
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
pub(super) fn write(source: &str, blanks: &Blanks, lose: &mut dyn FnMut(&str)) -> String {
    let mut text = source.to_owned();
    for blank in &blanks.blanks {
        let written = write_blank(blank, lose);
        text = text.replace(&format!("[[{}]]", blank.id), &written);
    }
    text
}

fn write_blank(blank: &Blank, lose: &mut dyn FnMut(&str)) -> String {
    let weight = blank.weight.round().max(1.0);
    if (weight - blank.weight).abs() > f64::EPSILON {
        lose("weights of blanks became whole numbers");
    }
    let (name, answers) = match &blank.key {
        BlankKey::Text(key) => {
            let name = match key.rules.case {
                Case::Ignore => "SHORTANSWER",
                Case::Exact => "SHORTANSWER_C",
            };
            if key
                .patterns
                .iter()
                .any(|pattern| pattern.kind == PatternKind::Regex)
            {
                lose("regular expressions of blanks were left out");
            }
            let kept = key
                .patterns
                .iter()
                .filter(|pattern| pattern.kind != PatternKind::Regex);
            let answers = kept.map(|pattern| {
                let text = match pattern.kind {
                    PatternKind::Exact => pattern.pattern.replace('*', "\\*"),
                    _ => pattern.pattern.clone(),
                };
                (pattern.score, encode(&text), &pattern.feedback)
            });
            (name, answers.collect::<Vec<_>>())
        }
        BlankKey::Number(key) => {
            if key.units.is_some() {
                lose("units of a blank were left out");
            }
            let answers = key.answers.iter().filter_map(|answer| {
                let text = number_text(&answer.accept)?;
                Some((answer.score, text, &answer.feedback))
            });
            let answers: Vec<_> = answers.collect();
            if answers.len() < key.answers.len() {
                lose("answers of a blank that are no plain number with a tolerance were left out");
            }
            ("NUMERICAL", answers)
        }
        BlankKey::Choice(choice) => {
            let answers = choice.options.iter().map(|option| {
                (
                    choice.weight(option),
                    option.text.source.clone(),
                    &option.feedback,
                )
            });
            (choice_name(choice), answers.collect())
        }
    };
    let answers: Vec<String> = answers
        .into_iter()
        .map(|(share, text, feedback)| {
            let mark = match share {
                1.0 => "=".to_owned(),
                0.0 => String::new(),
                share => format!("%{}%", (share * 1e7).round() / 1e5),
            };
            let feedback = feedback.as_ref().map_or_else(String::new, |feedback| {
                format!("#{}", escape(&feedback.source))
            });
            format!("{mark}{}{feedback}", escape(&text))
        })
        .collect();
    format!("{{{weight}:{name}:{}}}", answers.join("~"))
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

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '}' | '~' | '#') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<p>A {2:SHORTANSWER:%100%Berlin#Right \\} yes~%50%Bonn~*#No} b {:MC:=x &lt; y~z} c {1:NM:=23.8:0.1~%50%23:2} { d } {1:OTHER:x}</p>";

    #[test]
    fn blanks_are_read_in_place() {
        let (text, blanks) = read(TEXT).unwrap();
        assert_eq!(text, "<p>A [[1]] b [[2]] c [[3]] { d } {1:OTHER:x}</p>");
        assert_eq!(blanks.blanks[0].weight, 2.0);
        let BlankKey::Text(key) = &blanks.blanks[0].key else {
            panic!()
        };
        assert_eq!(
            key.patterns[0].feedback.as_ref().unwrap().source,
            "Right } yes"
        );
        assert_eq!(
            (key.patterns[1].score, key.patterns[2].kind),
            (0.5, PatternKind::Wildcard)
        );
        let BlankKey::Choice(choice) = &blanks.blanks[1].key else {
            panic!()
        };
        assert!(choice.options[0].correct && choice.options[0].text.source == "x &lt; y");
        assert!(read("no blank {here}").is_err());
        for wrong in ["{1:NM:=x}", "{1:MC:=one}", "{1:MC:a~%50%b}", "{1:MC}"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_read_is_written_and_read_again() {
        let (text, blanks) = read(TEXT).unwrap();
        let mut losses = Vec::new();
        let written = write(&text, &blanks, &mut |what| losses.push(what.to_owned()));
        assert_eq!(losses, Vec::<String>::new());
        assert_eq!(read(&written).unwrap(), (text, blanks), "{written}");
    }

    proptest::proptest! {
        #[test]
        fn fuzz_cloze(text in "[{}:~=#%\\\\*0-9a-zSAMNC]{0,120}") {
            let _ = read(&text);
        }
    }
}
