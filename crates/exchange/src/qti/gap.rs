//! Interactions within running text: they become blanks.

use std::collections::BTreeMap;

use carrel_quiz::Text;
use carrel_quiz::kind::{
    Blank, BlankKey, Case, Choice, ChoiceOption, ChoiceScheme, Kind, Layout, PartScheme,
    PatternKind, TextKey, TextPattern, Tolerance,
};
use roxmltree::Node;

use super::body::plain_html;
use super::declaration::{Declaration, Entry, Mapping};
use super::interaction::{choice, settle};
use super::node::{attribute, children, flag, is, own_id};
use super::number::numbers;
use super::pairs::{held, right_pairs};
use super::processing::{Operand, Row, Test, Way};

/// A blank and what was lost with it. Its weight is what it is worth.
pub(super) struct Gap {
    pub(super) blank: Blank,
    pub(super) losses: Vec<String>,
    /// What may give other points than the item.
    pub(super) doubts: Vec<String>,
}

/// A text entry.
pub(super) fn text_entry(
    node: Node<'_, '_>,
    id: &str,
    declaration: &Declaration,
    way: Way,
) -> Result<Gap, String> {
    let mut doubts = Vec::new();
    let way = settle(way, declaration, &mut doubts)?;
    let rows = match (way, &declaration.mapping) {
        (Way::Map, Some(mapping)) => mapped(mapping),
        (Way::Correct(points), _) => vec![Row {
            test: Test::Correct,
            points,
        }],
        (Way::Table(rows), _) => rows,
        _ => return Err("no right response is declared".to_owned()),
    };
    let points = rows.iter().map(|row| row.points).fold(0.0, f64::max);
    if points <= 0.0 {
        return Err("its right responses are worth nothing".to_owned());
    }
    let key = if matches!(declaration.base.as_str(), "integer" | "float") {
        BlankKey::Number(numbers(&rows, points, declaration)?)
    } else {
        BlankKey::Text(texts(&rows, points, declaration)?)
    };
    let mut blank = Blank::new(id, key);
    blank.weight = points;
    blank.width = attribute(node, "expectedLength").and_then(|length| length.parse().ok());
    Ok(Gap {
        blank,
        losses: Vec::new(),
        doubts,
    })
}

fn mapped(mapping: &Mapping) -> Vec<Row> {
    let row = |entry: &Entry| Row {
        test: Test::Value {
            value: entry.key.clone(),
            case_sensitive: entry.case_sensitive,
        },
        points: mapping.bounded(entry.value),
    };
    let mut rows: Vec<Row> = mapping.entries.iter().map(row).collect();
    let rest = mapping.bounded(mapping.default);
    if rest != 0.0 {
        rows.push(Row {
            test: Test::Any,
            points: rest,
        });
    }
    rows
}

fn texts(rows: &[Row], points: f64, declaration: &Declaration) -> Result<TextKey, String> {
    let mut key = TextKey::exact(Vec::<String>::new());
    let case = |row: &&Row| match row.test {
        Test::Value { case_sensitive, .. } | Test::Contains { case_sensitive, .. } => {
            case_sensitive
        }
        Test::Correct | Test::Pattern(_) | Test::Near { .. } => true,
        _ => false,
    };
    let exact = rows.iter().filter(case).count();
    if exact > 0 {
        key.rules.case = Case::Exact;
    }
    for row in rows {
        let patterns: Vec<(PatternKind, String)> = match &row.test {
            // Among texts whose case counts: an expression that says it does not.
            Test::Value {
                value,
                case_sensitive: false,
            } if exact > 0 => vec![(PatternKind::Regex, format!("(?i){}", escaped(value)))],
            Test::Value { value, .. } => vec![(PatternKind::Exact, value.clone())],
            Test::Contains {
                value,
                case_sensitive,
            } => {
                let any_case = !case_sensitive && exact > 0;
                let flag = if any_case { "(?i)" } else { "" };
                vec![(PatternKind::Regex, format!("{flag}.*{}.*", escaped(value)))]
            }
            Test::Pattern(pattern) => vec![(PatternKind::Regex, pattern.clone())],
            Test::Any => vec![(PatternKind::Wildcard, "*".to_owned())],
            Test::Correct => right_texts(declaration)?,
            Test::Near {
                value: Operand::Correct,
                tolerance: Tolerance::Exact,
            } => right_texts(declaration)?,
            Test::Near { .. } | Test::Around { .. } | Test::Range { .. } => {
                return Err("a text is compared as a number".to_owned());
            }
        };
        key.patterns
            .extend(patterns.into_iter().map(|(kind, pattern)| TextPattern {
                score: (row.points / points).clamp(-1.0, 1.0),
                ..TextPattern::new(kind, pattern)
            }));
    }
    Ok(key)
}

/// A text as a regular expression that matches it and nothing else.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

fn right_texts(declaration: &Declaration) -> Result<Vec<(PatternKind, String)>, String> {
    if let Some(expression) = &declaration.computed {
        return Ok(vec![(PatternKind::Exact, format!("{{{{{expression}}}}}"))]);
    }
    if declaration.correct.is_empty() {
        return Err("no right response is declared".to_owned());
    }
    let exact = |right: &String| (PatternKind::Exact, right.clone());
    Ok(declaration.correct.iter().map(exact).collect())
}

/// A choice in the line, or one that stands among other interactions.
pub(super) fn inline_choice(
    node: Node<'_, '_>,
    option: &str,
    id: &str,
    declaration: &Declaration,
    way: Way,
) -> Result<Gap, String> {
    let read = choice(node, option, declaration, way)?;
    let Kind::Choice(mut choice) = read.kind else {
        return Err("it is no choice".to_owned());
    };
    choice.layout = if option == "inlineChoice" {
        Layout::DropDown
    } else {
        Layout::Vertical
    };
    let mut blank = Blank::new(id, BlankKey::Choice(choice));
    blank.weight = read.points;
    Ok(Gap {
        blank,
        losses: Vec::new(),
        doubts: read.doubts,
    })
}

/// Bounds of the points of all gaps together, and the points that all right words give.
pub(super) type Bounds = (PartScheme, f64);

/// How gaps are put together, and the points of all right words, where bounds make a difference.
fn bounds_of(mapping: &Mapping, pairs: &[(String, String)], takes_away: bool) -> Option<Bounds> {
    // Of several right words of a gap, the best.
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for (word, gap) in pairs {
        let known = best.entry(gap.as_str()).or_default();
        *known = known.max(mapping.of(&format!("{word} {gap}")));
    }
    let sum: f64 = best.values().sum();
    let whole = mapping.bounded(sum);
    let is_met = takes_away || (sum - whole).abs() > 1e-9;
    let is_least = mapping.lower.is_some_and(|lower| lower > 0.0);
    (whole > 0.0 && (is_met || is_least)).then(|| (held(mapping, whole), whole))
}

/// The gaps of a gap match, each a list of all texts. Where it stands `alone`, its bounds are those
/// of the question: they come with the points that all right words give.
pub(super) fn gap_match(
    node: Node<'_, '_>,
    declaration: &Declaration,
    way: Way,
    alone: bool,
) -> Result<(Vec<Gap>, Option<Bounds>), String> {
    let mut doubts = Vec::new();
    let way = settle(way, declaration, &mut doubts)?;
    let words: Vec<(String, String)> = node
        .children()
        .filter(|inner| is(*inner, "gapText") || is(*inner, "gapImg"))
        .filter_map(|word| Some((attribute(word, "identifier")?.to_owned(), plain_html(word))))
        .collect();
    if words.len() < 2 {
        return Err("it has less than two texts for its gaps".to_owned());
    }
    let pairs = right_pairs(declaration);
    let mapping = declaration.mapping.as_ref().filter(|_| way == Way::Map);
    let takes_away = mapping.is_some_and(|mapping| {
        mapping.default < 0.0 || mapping.entries.iter().any(|entry| entry.value < 0.0)
    });
    let bounds = mapping
        .filter(|_| alone)
        .and_then(|mapping| bounds_of(mapping, &pairs, takes_away));
    // Beside other interactions a bound on all gaps together has no counterpart: each gives at
    // least nothing.
    let floored = bounds.is_none() && mapping.is_none_or(|mapping| mapping.lower.is_some());
    if takes_away && floored {
        doubts.push("points that wrong words take away from other gaps".to_owned());
    }
    let mut gaps = Vec::new();
    for gap in node.descendants().filter(|inner| is(*inner, "gap")) {
        let id = attribute(gap, "identifier").ok_or("a gap has no identifier")?;
        let right: Vec<&String> = pairs
            .iter()
            .filter(|pair| pair.1 == id)
            .map(|pair| &pair.0)
            .collect();
        if right.is_empty() {
            return Err(format!("the gap `{id}` has no right text"));
        }
        let worth = |word: &str| mapping.map_or(0.0, |mapping| mapping.of(&format!("{word} {id}")));
        let best = words
            .iter()
            .map(|(word, _)| worth(word))
            .fold(0.0, f64::max);
        let options = words.iter().map(|(word, text)| {
            let correct = right.contains(&word);
            let mut option = ChoiceOption::new(own_id(word), Text::html(text.as_str()), correct);
            option.weight =
                (mapping.is_some() && best > 0.0).then(|| (worth(word) / best).clamp(-1.0, 1.0));
            option
        });
        let mut choice = Choice::one(options.collect());
        choice.layout = Layout::DropDown;
        choice.shuffle = flag(node, "shuffle");
        choice.scheme = ChoiceScheme::Weights {
            floor: if floored { 0.0 } else { -1.0 },
            ceiling: 1.0,
        };
        let mut blank = Blank::new(own_id(id), BlankKey::Choice(choice));
        blank.weight = if best > 0.0 { best } else { 1.0 };
        gaps.push(Gap {
            blank,
            losses: Vec::new(),
            doubts: std::mem::take(&mut doubts),
        });
    }
    let once = children(node, "gapText").any(|text| attribute(text, "matchMax") == Some("1"));
    if once && let Some(first) = gaps.first_mut() {
        first.losses.push(
            "words to drag became lists in the line; a word may be used more than once".to_owned(),
        );
    }
    if let Some((_, whole)) = &bounds {
        gaps.iter_mut().for_each(|gap| gap.blank.weight /= whole);
    }
    Ok((gaps, bounds))
}
