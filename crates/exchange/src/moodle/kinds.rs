//! The kinds of Moodle's questions.

use carrel_quiz::Question;
use carrel_quiz::kind::{
    Accept, Case, Choice, ChoiceOption, ChoiceScheme, Essay, EssayFormat, Kind, MatchItem,
    MatchTarget, Matching, NumberAnswer, NumberKey, Numbering, OrderItem, OrderScheme, Ordering,
    PartScheme, PenaltyBase, TextKey, TextPattern, Tolerance, TrueFalse, Unit, UnitEntry, Units,
};
use roxmltree::Node;

use super::node::{Gathered, child, children, flag, inner_text, number, value};
use super::{calculated, cloze, gaps, pattern};
use crate::gift::letter_id;
use crate::markup::{automatic_plain, plain};
use crate::share;

/// What became of the kind of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// It was filled in.
    Whole,
    /// It was left out, and why has been told.
    Told,
    /// Carrel does not have it.
    Unknown,
}

/// Fills in the kind.
pub(super) fn read_kind(
    node: Node<'_, '_>,
    kind: &str,
    question: &mut Question,
    gathered: &mut Gathered,
) -> Result<Carried, String> {
    question.kind = match kind {
        "multichoice" | "multichoiceset" => Kind::Choice(choice(node, kind, gathered)?),
        "truefalse" => Kind::TrueFalse(true_false(node, gathered)?),
        "shortanswer" => Kind::ShortAnswer(short_answer(node, gathered)?),
        "numerical" => Kind::Numeric(numeric(node, gathered)?),
        "calculated" | "calculatedsimple" | "calculatedmulti" => {
            match calculated::read(node, kind, gathered) {
                Ok((kind, template, names)) => {
                    question.template = Some(template);
                    gathered.names = Some(names);
                    kind
                }
                Err(reason) => {
                    gathered.lose(format!("{reason}: it was left out"));
                    return Ok(Carried::Told);
                }
            }
        }
        "matching" | "match" => Kind::Matching(matching(node, gathered)?),
        "ordering" => Kind::Ordering(ordering(node, gathered)?),
        "essay" => Kind::Essay(essay(node, gathered)),
        "description" => Kind::Description,
        "cloze" | "multianswer" => {
            let (source, blanks) = cloze::read(&question.text.source)?;
            question.text.source = source;
            question.points = blanks.blanks.iter().map(|blank| blank.weight).sum();
            for blank in &blanks.blanks {
                if let Some(what) = share::tell_blank(&blank.key) {
                    gathered.lose(format!("blank {}: {what}", blank.id));
                }
            }
            Kind::Blanks(blanks)
        }
        "gapselect" | "ddwtos" => Kind::Blanks(gaps::read(node, kind, question, gathered)?),
        _ => return Ok(Carried::Unknown),
    };
    Ok(Carried::Whole)
}

/// Share of an answer.
pub(super) fn fraction(node: Node<'_, '_>) -> Result<f64, String> {
    let text = node.attribute("fraction").unwrap_or("0");
    share::parse(text).ok_or_else(|| format!("`fraction=\"{text}\"` is no number from -100 to 100"))
}

pub(super) fn choice(
    node: Node<'_, '_>,
    kind: &str,
    gathered: &mut Gathered,
) -> Result<Choice, String> {
    let set = kind == "multichoiceset";
    let single = !set && flag(node, "single").unwrap_or(true);
    let mut options = Vec::new();
    for answer in children(node, "answer") {
        let weight = fraction(answer)?;
        let text = gathered.text(answer);
        let correct = if single { weight >= 1.0 } else { weight > 0.0 };
        let mut option = ChoiceOption::new(letter_id(options.len()), text, correct);
        let usual = single && (weight == 1.0 || weight == 0.0);
        option.weight = (!usual && !set).then_some(weight);
        option.feedback = gathered.filled(answer, "feedback");
        options.push(option);
    }
    if options.len() < 2 {
        return Err("a choice needs at least two answers".to_owned());
    }
    let mut choice = if single {
        Choice::one(options)
    } else {
        Choice::many(options)
    };
    if set {
        choice.scheme = ChoiceScheme::AllOrNothing;
    }
    choice.shuffle = flag(node, "shuffleanswers").unwrap_or(true);
    choice.numbering = match value(node, "answernumbering").as_str() {
        "abc" => Numbering::LowerLetters,
        "ABCD" => Numbering::UpperLetters,
        "123" => Numbering::Digits,
        "iii" => Numbering::LowerRoman,
        "IIII" => Numbering::UpperRoman,
        _ => Numbering::None,
    };
    if let Some(what) = share::tell(&choice) {
        gathered.lose(what);
    }
    share::take_away(&mut choice);
    Ok(choice)
}

fn true_false(node: Node<'_, '_>, gathered: &mut Gathered) -> Result<TrueFalse, String> {
    let mut answer = TrueFalse {
        correct: false,
        feedback_true: None,
        feedback_false: None,
    };
    let mut any = false;
    for given in children(node, "answer") {
        let right = fraction(given)? >= 1.0;
        any |= right;
        let feedback = gathered.filled(given, "feedback");
        match inner_text(given).to_ascii_lowercase().as_str() {
            "true" => {
                answer.correct = right;
                answer.feedback_true = feedback;
            }
            "false" => answer.feedback_false = feedback,
            other => return Err(format!("the answers are `true` and `false`, not `{other}`")),
        }
    }
    if !any {
        gathered.lose("neither of its answers gives all points: `false` was taken for right");
    }
    Ok(answer)
}

fn short_answer(node: Node<'_, '_>, gathered: &mut Gathered) -> Result<TextKey, String> {
    let mut key = TextKey::exact(Vec::<String>::new());
    if flag(node, "usecase") == Some(true) {
        key.rules.case = Case::Exact;
    }
    for answer in children(node, "answer") {
        key.patterns.push(TextPattern {
            score: fraction(answer)?,
            feedback: gathered.filled(answer, "feedback"),
            ..pattern::read(&inner_text(answer))
        });
    }
    if key.patterns.is_empty() {
        return Err("a short answer needs at least one answer".to_owned());
    }
    if let Some(what) = share::tell_text(&key) {
        gathered.lose(what);
    }
    Ok(key)
}

fn numeric(node: Node<'_, '_>, gathered: &mut Gathered) -> Result<NumberKey, String> {
    let mut key = NumberKey::near(0.0, Tolerance::Exact);
    key.answers.clear();
    for answer in children(node, "answer") {
        let accept = match inner_text(answer).as_str() {
            "*" => Accept::Any,
            text => Accept::Near {
                value: parse_number(text)?.into(),
                tolerance: match number(answer, "tolerance").unwrap_or(0.0).abs() {
                    0.0 => Tolerance::Exact,
                    by => Tolerance::Absolute { by },
                },
            },
        };
        key.answers.push(NumberAnswer {
            score: fraction(answer)?,
            feedback: gathered.filled(answer, "feedback"),
            ..NumberAnswer::new(accept)
        });
    }
    if key.answers.is_empty() {
        return Err("a numerical question needs at least one answer".to_owned());
    }
    if let Some(what) = share::tell_number(&key) {
        gathered.lose(what);
    }
    key.units = units(node)?;
    Ok(key)
}

/// A number as Moodle writes it; a decimal comma is understood.
pub(super) fn parse_number(text: &str) -> Result<f64, String> {
    match text.trim().replace(',', ".").parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("`{text}` is no number")),
    }
}

pub(super) fn units(node: Node<'_, '_>) -> Result<Option<Units>, String> {
    let Some(list) = child(node, "units") else {
        return Ok(None);
    };
    let mut units = Vec::new();
    for unit in children(list, "unit") {
        let factor = parse_number(&value(unit, "multiplier"))?;
        if factor == 0.0 {
            return Err("a unit has the multiplier 0".to_owned());
        }
        units.push(Unit {
            name: value(unit, "unit_name"),
            // Moodle divides by it: "100 cm are 1 m" has the multiplier 100.
            multiplier: 1.0 / factor,
        });
    }
    let graded = value(node, "unitgradingtype");
    let penalty = number(node, "unitpenalty").filter(|_| !matches!(graded.as_str(), "" | "0"));
    Ok((!units.is_empty()).then(|| Units {
        units,
        penalty: penalty.map(|penalty| penalty.clamp(0.0, 1.0)),
        penalty_base: if graded == "2" {
            PenaltyBase::Question
        } else {
            PenaltyBase::Answer
        },
        entry: if matches!(value(node, "showunits").as_str(), "1" | "2") {
            UnitEntry::Chosen
        } else {
            UnitEntry::Typed
        },
        before: flag(node, "unitsleft") == Some(true),
    }))
}

fn matching(node: Node<'_, '_>, gathered: &mut Gathered) -> Result<Matching, String> {
    let mut items = Vec::new();
    let mut targets: Vec<MatchTarget> = Vec::new();
    for pair in children(node, "subquestion") {
        let item = gathered.text(pair);
        let answer = child(pair, "answer").ok_or("a pair has no answer")?;
        let target = carrel_quiz::Text::plain(automatic_plain(&inner_text(answer)));
        if target.is_blank() {
            if !item.is_blank() {
                let shown: String = plain(&item.source).chars().take(40).collect();
                gathered.lose(format!("a pair without an answer was left out: `{shown}`"));
            }
            continue;
        }
        let id = match targets.iter().find(|known| known.text == target) {
            Some(known) => known.id.clone(),
            None => {
                let id = letter_id(targets.len());
                targets.push(MatchTarget {
                    id: id.clone(),
                    text: target,
                });
                id
            }
        };
        if !item.is_blank() {
            items.push(MatchItem {
                id: (items.len() + 1).to_string(),
                text: item,
                target: id,
                weight: 1.0,
                feedback: None,
            });
        }
    }
    if items.len() < 2 {
        return Err("matching needs at least two pairs".to_owned());
    }
    Ok(Matching {
        items,
        targets,
        scheme: PartScheme::default(),
        pairs: Vec::new(),
        wrong_pair: 0.0,
        shuffle: flag(node, "shuffleanswers").unwrap_or(true),
    })
}

/// Counterpart of a grading type, also as GIFT abbreviates it; `None`: there is none.
pub(crate) fn order_scheme(grading: &str) -> Option<OrderScheme> {
    match grading {
        "ALL_OR_NOTHING" => Some(OrderScheme::AllOrNothing),
        "ABSOLUTE_POSITION" | "ABSOLUTE" | "ABS" => Some(OrderScheme::Positions),
        "RELATIVE_NEXT_EXCLUDE_LAST" | "RELATIVE" | "REL" => Some(OrderScheme::Neighbours),
        "LONGEST_ORDERED_SUBSET" | "" => Some(OrderScheme::LongestCommonSubsequence),
        _ => None,
    }
}

/// The grading type of a scheme.
pub(crate) fn order_name(scheme: OrderScheme) -> &'static str {
    match scheme {
        OrderScheme::AllOrNothing => "ALL_OR_NOTHING",
        OrderScheme::Positions => "ABSOLUTE_POSITION",
        OrderScheme::Neighbours => "RELATIVE_NEXT_EXCLUDE_LAST",
        OrderScheme::LongestCommonSubsequence => "LONGEST_ORDERED_SUBSET",
    }
}

fn ordering(node: Node<'_, '_>, gathered: &mut Gathered) -> Result<Ordering, String> {
    let mut items = Vec::new();
    for answer in children(node, "answer") {
        items.push(OrderItem {
            id: (items.len() + 1).to_string(),
            text: gathered.text(answer),
        });
    }
    if items.len() < 2 {
        return Err("ordering needs at least two items".to_owned());
    }
    let grading = value(node, "gradingtype");
    let scheme = order_scheme(&grading).unwrap_or_else(|| {
        gathered.lose(format!(
            "the grading type `{grading}` became the longest common subsequence"
        ));
        OrderScheme::LongestCommonSubsequence
    });
    let chosen = value(node, "selecttype");
    if !matches!(chosen.as_str(), "" | "ALL") {
        gathered.lose("a part of the items was to be drawn: all are shown");
    }
    Ok(Ordering {
        items,
        distractors: Vec::new(),
        scheme,
    })
}

fn essay(node: Node<'_, '_>, gathered: &mut Gathered) -> Essay {
    if value(node, "responseformat") == "editorfilepicker" {
        gathered.lose("files within the text of an answer (`editorfilepicker`)");
    }
    let count = |name: &str| value(node, name).parse::<u32>().ok();
    Essay {
        format: match value(node, "responseformat").as_str() {
            "plain" => EssayFormat::Plain,
            "monospaced" => EssayFormat::Code,
            "noinline" => EssayFormat::FilesOnly,
            _ => EssayFormat::Rich,
        },
        lines: count("responsefieldlines"),
        words_min: count("minwordlimit"),
        words_max: count("maxwordlimit"),
        // Moodle's -1 is "any number".
        files_max: value(node, "attachments")
            .parse::<i64>()
            .map_or(0, |files| u32::try_from(files).unwrap_or(100)),
        files_min: count("attachmentsrequired").unwrap_or(0),
        start: gathered.filled(node, "responsetemplate"),
        grader_notes: gathered.filled(node, "graderinfo"),
    }
}
