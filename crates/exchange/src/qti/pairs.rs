//! Matches, and what a mapping says of pairs.

use carrel_quiz::Text;
use carrel_quiz::kind::{Kind, MatchItem, MatchTarget, Matching, PairWeight, PartScheme};
use carrel_quiz::limits::PARTS_MAX;
use roxmltree::Node;

use super::body::plain_html;
use super::declaration::{Declaration, Mapping};
use super::interaction::{Read, settle};
use super::node::{attribute, children, flag, own_id};
use super::processing::Way;

/// Two sets of which one has a right partner for each of its own.
pub(super) fn matching(
    node: Node<'_, '_>,
    declaration: &Declaration,
    way: Way,
) -> Result<Read, String> {
    let mut doubts = Vec::new();
    let way = settle(way, declaration, &mut doubts)?;
    let mut sets = children(node, "simpleMatchSet");
    let (Some(first), Some(second)) = (sets.next(), sets.next()) else {
        return Err("it has no two sets to match".to_owned());
    };
    let pairs = right_pairs(declaration);
    let (first, second) = (read_set(first), read_set(second));
    let mapping = declaration.mapping.as_ref();
    let entries = mapping.map_or(0, |mapping| mapping.entries.len());
    few(&[first.len(), second.len(), pairs.len(), entries])?;
    let (from, to, turned) = sides(first, second, &pairs)?;
    let mapping = mapping.filter(|_| way == Way::Map);
    let items = from.iter().filter_map(|(id, text)| {
        let pair = pairs
            .iter()
            .find(|pair| if turned { pair.1 == *id } else { pair.0 == *id })?;
        Some(MatchItem {
            id: own_id(id).to_owned(),
            text: text.clone(),
            target: own_id(if turned { &pair.0 } else { &pair.1 }).to_owned(),
            weight: 1.0,
            feedback: None,
        })
    });
    let items: Vec<MatchItem> = items.collect();
    if items.is_empty() {
        return Err("it has no right pairs".to_owned());
    }
    let targets = to.iter().map(|(id, text)| MatchTarget {
        id: own_id(id).to_owned(),
        text: text.clone(),
    });
    let mut matching = Matching {
        items,
        targets: targets.collect(),
        scheme: PartScheme::AllOrNothing,
        pairs: Vec::new(),
        wrong_pair: 0.0,
        shuffle: flag(node, "shuffle"),
    };
    let points = match (way, mapping) {
        (Way::Correct(points), _) => points,
        (_, Some(mapping)) => {
            let raw = |own: &str, side: &Side| {
                let found = side.iter().find(|(id, _)| own_id(id) == own);
                found.map_or_else(|| own.to_owned(), |(id, _)| id.clone())
            };
            let worth = |item: &str, target: &str| {
                let (item, target) = (raw(item, &from), raw(target, &to));
                mapping.of(&match turned {
                    true => format!("{target} {item}"),
                    false => format!("{item} {target}"),
                })
            };
            weigh_pairs(&mut matching, mapping, &worth)?
        }
        _ => matching.items.len() as f64,
    };
    Ok(Read {
        kind: Kind::Matching(matching),
        points,
        doubts,
    })
}

/// Refuses more than a question may hold, before each is held against each.
fn few(counts: &[usize]) -> Result<(), String> {
    match counts.iter().all(|count| *count <= PARTS_MAX) {
        true => Ok(()),
        false => Err(format!("it has more than {PARTS_MAX} items or pairs")),
    }
}

/// Gives pairs what a mapping says of them, and gives the points of all right ones. Where a bound
/// is met or a wrong pair counts, that is by weights; else each pair counts by itself.
fn weigh_pairs(
    matching: &mut Matching,
    mapping: &Mapping,
    worth: &dyn Fn(&str, &str) -> f64,
) -> Result<f64, String> {
    let right: Vec<f64> = matching
        .items
        .iter()
        .map(|item| worth(&item.id, &item.target))
        .collect();
    let sum: f64 = right.iter().sum();
    let whole = mapping.bounded(sum);
    if whole <= 0.0 || right.iter().any(|worth| *worth < 0.0) {
        return Err("a right pair is worth nothing".to_owned());
    }
    let mut wrong = Vec::new();
    for item in &matching.items {
        for target in &matching.targets {
            let weight = worth(&item.id, &target.id);
            if weight != mapping.default && !matching.is_right(item, &target.id) {
                wrong.push(PairWeight {
                    item: item.id.clone(),
                    target: target.id.clone(),
                    weight: weight / whole,
                });
            }
        }
    }
    let is_plain = wrong.is_empty()
        && mapping.default == 0.0
        && (sum - whole).abs() < 1e-9
        && mapping.lower.is_none_or(|lower| lower <= 0.0)
        && right.iter().all(|worth| *worth > 0.0);
    for (item, worth) in matching.items.iter_mut().zip(&right) {
        item.weight = if is_plain { *worth } else { worth / whole };
    }
    if is_plain {
        matching.scheme = PartScheme::EachPart;
        return Ok(sum);
    }
    matching.scheme = held(mapping, whole);
    matching.pairs = wrong;
    matching.wrong_pair = mapping.default / whole;
    Ok(whole)
}

/// The bounds of a mapping, where its right response is worth `whole`.
pub(super) fn held(mapping: &Mapping, whole: f64) -> PartScheme {
    let floor = mapping.lower.map_or(-1.0, |lower| lower / whole);
    PartScheme::Weights {
        // Not the whole: such an item gives everything for anything.
        floor: floor.clamp(-1.0, 1.0 - 1e-9),
        ceiling: 1.0,
    }
}

/// Ids and texts of one set.
fn read_set(set: Node<'_, '_>) -> Vec<(String, Text)> {
    children(set, "simpleAssociableChoice")
        .filter_map(|choice| {
            let id = attribute(choice, "identifier")?.to_owned();
            Some((id, Text::html(plain_html(choice))))
        })
        .collect()
}

/// Ids and texts of one side.
type Side = Vec<(String, Text)>;

/// Which side has one right partner for each of its own: that one, the other, and whether they
/// were turned round.
fn sides(
    first: Side,
    second: Side,
    pairs: &[(String, String)],
) -> Result<(Side, Side, bool), String> {
    let each_once = |side: &Side, of: fn(&(String, String)) -> &String| {
        side.iter()
            .all(|(id, _)| pairs.iter().filter(|pair| of(pair) == id).count() == 1)
    };
    if each_once(&first, |pair| &pair.0) {
        Ok((first, second, false))
    } else if each_once(&second, |pair| &pair.1) {
        Ok((second, first, true))
    } else {
        Err("its items have none or several right targets".to_owned())
    }
}

/// Right pairs: declared, or of positive worth.
pub(super) fn right_pairs(declaration: &Declaration) -> Vec<(String, String)> {
    let split = |pair: &str| {
        let mut ids = pair.split_whitespace();
        Some((ids.next()?.to_owned(), ids.next()?.to_owned()))
    };
    if declaration.correct.is_empty() {
        let entries = declaration
            .mapping
            .iter()
            .flat_map(|mapping| &mapping.entries);
        return entries
            .filter(|entry| entry.value > 0.0)
            .filter_map(|entry| split(&entry.key))
            .collect();
    }
    declaration
        .correct
        .iter()
        .filter_map(|pair| split(pair))
        .collect()
}
