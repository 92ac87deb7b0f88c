//! Interactions within running text: they become blanks.

use carrel_quiz::Text;
use carrel_quiz::kind::{
    Accept, Blank, BlankKey, Case, Choice, ChoiceOption, ChoiceScheme, Kind, Layout, NumberAnswer,
    NumberKey, PatternKind, TextKey, TextPattern, Tolerance,
};
use carrel_quiz::template::Amount;
use roxmltree::Node;

use super::body::plain_html;
use super::declaration::{Declaration, Entry};
use super::interaction::{choice, right_pairs, settle};
use super::node::{attribute, children, flag, is};
use super::processing::Way;

/// A blank and what was lost with it. Its weight is what it is worth.
pub(super) struct Gap {
    pub(super) blank: Blank,
    pub(super) losses: Vec<String>,
}

/// A text entry.
pub(super) fn text_entry(
    node: Node<'_, '_>,
    id: &str,
    declaration: &Declaration,
    way: Way,
) -> Result<Gap, String> {
    let mut losses = Vec::new();
    let way = settle(way, declaration, &mut losses)?;
    let (entries, points) = match (way, &declaration.mapping) {
        (Way::Map, Some(mapping)) => {
            let best = mapping
                .entries
                .iter()
                .map(|entry| entry.value)
                .fold(0.0, f64::max);
            let most = mapping.upper.map_or(best, |upper| upper.min(best));
            (mapping.entries.clone(), most)
        }
        (Way::Correct(points), _) => {
            let entry = |right: &String| Entry {
                key: right.clone(),
                value: points,
                case_sensitive: true,
            };
            (declaration.correct.iter().map(entry).collect(), points)
        }
        _ => return Err("no right response is declared".to_owned()),
    };
    if points <= 0.0 || entries.is_empty() {
        return Err("its right responses are worth nothing".to_owned());
    }
    let key = if matches!(declaration.base.as_str(), "integer" | "float") {
        BlankKey::Number(numbers(&entries, points)?)
    } else {
        BlankKey::Text(texts(&entries, points, &mut losses))
    };
    let mut blank = Blank::new(id, key);
    blank.weight = points;
    blank.width = attribute(node, "expectedLength").and_then(|length| length.parse().ok());
    Ok(Gap { blank, losses })
}

fn numbers(entries: &[Entry], points: f64) -> Result<NumberKey, String> {
    let mut key = NumberKey::near(0.0, Tolerance::Exact);
    key.answers.clear();
    for entry in entries {
        let value: f64 = entry
            .key
            .parse()
            .map_err(|_| format!("the right response `{}` is no number", entry.key))?;
        key.answers.push(NumberAnswer {
            score: (entry.value / points).clamp(-1.0, 1.0),
            ..NumberAnswer::new(Accept::Near {
                value: Amount::Number(value),
                tolerance: Tolerance::Exact,
            })
        });
    }
    Ok(key)
}

fn texts(entries: &[Entry], points: f64, losses: &mut Vec<String>) -> TextKey {
    let mut key = TextKey::exact(Vec::<String>::new());
    let exact = entries.iter().filter(|entry| entry.case_sensitive).count();
    if exact == entries.len() {
        key.rules.case = Case::Exact;
    } else if exact > 0 {
        losses.push("upper and lower case count for some responses only: here for none".to_owned());
    }
    key.patterns = entries
        .iter()
        .map(|entry| TextPattern {
            score: (entry.value / points).clamp(-1.0, 1.0),
            ..TextPattern::new(PatternKind::Exact, entry.key.as_str())
        })
        .collect();
    key
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
        losses: read.losses,
    })
}

/// The gaps of a gap match, each a list of all texts.
pub(super) fn gap_match(
    node: Node<'_, '_>,
    declaration: &Declaration,
    way: Way,
) -> Result<Vec<Gap>, String> {
    let mut losses = Vec::new();
    let way = settle(way, declaration, &mut losses)?;
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
            let mut option = ChoiceOption::new(word.as_str(), Text::html(text.as_str()), correct);
            option.weight =
                (mapping.is_some() && best > 0.0).then(|| (worth(word) / best).clamp(-1.0, 1.0));
            option
        });
        let mut choice = Choice::one(options.collect());
        choice.layout = Layout::DropDown;
        choice.shuffle = flag(node, "shuffle");
        choice.scheme = ChoiceScheme::default();
        let mut blank = Blank::new(id, BlankKey::Choice(choice));
        blank.weight = if best > 0.0 { best } else { 1.0 };
        gaps.push(Gap {
            blank,
            losses: std::mem::take(&mut losses),
        });
    }
    if words.iter().any(|(word, _)| {
        children(node, "gapText").any(|text| {
            attribute(text, "identifier") == Some(word) && attribute(text, "matchMax") == Some("1")
        })
    }) && let Some(first) = gaps.first_mut()
    {
        first.losses.push(
            "words to drag became lists in the line; a word may be used more than once".to_owned(),
        );
    }
    Ok(gaps)
}
