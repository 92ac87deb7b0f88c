//! Responses that an interaction may get.

use std::collections::{BTreeMap, BTreeSet};

use carrel_quiz::limits::PARTS_MAX;
use carrel_quiz::random::Random;
use roxmltree::Node;

use super::value::{Atom, Value};
use crate::qti::declaration::{Cardinality, Declaration};
use crate::qti::node::{attribute, children, is, name_of, number, text_of};

/// Most distances from a number that are tried.
const STEPS_MAX: usize = 40;

/// Everything that may be given: the right response first where there is one, then those that the
/// rules name, nothing last.
pub(super) fn possible(
    node: Node<'_, '_>,
    declaration: &Declaration,
    right: &Value,
    named: &[Value],
    limit: usize,
) -> Vec<Value> {
    // What has more parts than a question may have is told when the course is checked.
    let parts = node
        .descendants()
        .filter(|inner| inner.has_attribute("identifier"));
    if parts.count() > PARTS_MAX {
        return vec![Value::Null];
    }
    let mut found = match name_of(node).as_str() {
        "choiceInteraction" | "hottextInteraction" | "inlineChoiceInteraction" => {
            chosen(node, declaration, right, limit)
        }
        "textEntryInteraction" | "extendedTextInteraction" => {
            typed(node, declaration, right, limit)
        }
        "uploadInteraction" => vec![Value::text("file")],
        "orderInteraction" => orders(node, right, limit),
        "matchInteraction" | "gapMatchInteraction" => pairs(node, right, limit),
        _ => Vec::new(),
    };
    for value in named.iter().rev() {
        if is_possible(node, declaration, value) {
            found.retain(|known| !known.is(value));
            found.insert(0, value.clone());
        }
    }
    if *right != Value::Null {
        found.retain(|value| !value.is(right));
        found.insert(0, right.clone());
    }
    found.truncate(limit);
    found.retain(|value| *value != Value::Null);
    found.push(Value::Null);
    found
}

/// Whether a set or an order that rules name may be given in an interaction.
fn is_possible(node: Node<'_, '_>, declaration: &Declaration, value: &Value) -> bool {
    let fits = match value {
        Value::Bag(_) => declaration.cardinality == Cardinality::Multiple,
        Value::List(_) => declaration.cardinality == Cardinality::Ordered,
        Value::Null | Value::One(_) => false,
    };
    let most = ["maxChoices", "maxAssociations"]
        .iter()
        .find_map(|name| number(node, name))
        .filter(|most| *most >= 1.0);
    let is_there = |id: &str| {
        let mut all = node.descendants();
        all.any(|inner| attribute(inner, "identifier") == Some(id))
    };
    fits && most.is_none_or(|most| value.atoms().len() as f64 <= most)
        && value.atoms().iter().all(|atom| match atom {
            Atom::Text(id) => is_there(id),
            Atom::Pair(one, other) => is_there(one) && is_there(other),
            Atom::Number(_) | Atom::Truth(_) => false,
        })
}

fn ids(nodes: impl Iterator<Item = impl AsRef<str>>) -> Vec<Atom> {
    nodes.map(|id| Atom::Text(id.as_ref().to_owned())).collect()
}

fn chosen(
    node: Node<'_, '_>,
    declaration: &Declaration,
    right: &Value,
    limit: usize,
) -> Vec<Value> {
    let option = |inner: &Node<'_, '_>| {
        ["simpleChoice", "hottext", "inlineChoice"]
            .iter()
            .any(|name| is(*inner, name))
    };
    let options = ids(node
        .descendants()
        .filter(option)
        .filter_map(|option| attribute(option, "identifier")));
    if declaration.cardinality != Cardinality::Multiple {
        return options.into_iter().map(Value::One).collect();
    }
    let most = number(node, "maxChoices").filter(|most| *most >= 1.0);
    let fits = |set: &Vec<Atom>| most.is_none_or(|most| set.len() as f64 <= most);
    let mut sets: Vec<Vec<Atom>> = Vec::new();
    if options.len() < usize::BITS as usize - 1 && 1_usize << options.len() <= limit {
        for mask in 1..1_usize << options.len() {
            let picked = options.iter().enumerate();
            let picked = picked.filter(|(place, _)| mask >> place & 1 == 1);
            sets.push(picked.map(|(_, option)| option.clone()).collect());
        }
    } else {
        let best = right.atoms().to_vec();
        for option in &options {
            sets.push(vec![option.clone()]);
            // The right ones, with one turned round.
            let mut turned: Vec<Atom> = best.clone();
            match turned.iter().position(|known| known.is(option)) {
                Some(place) => drop(turned.remove(place)),
                None => turned.push(option.clone()),
            }
            sets.push(turned);
        }
        sets.push(options.clone());
        let mut random = Random::new(1);
        while sets.len() < limit {
            let picked = options.iter().filter(|_| random.index(2) == 0);
            sets.push(picked.cloned().collect());
        }
    }
    sets.into_iter().filter(fits).map(Value::bag).collect()
}

/// All orders of a few, some of many.
fn orders(node: Node<'_, '_>, right: &Value, limit: usize) -> Vec<Value> {
    let all = ids(children(node, "simpleChoice").filter_map(|one| attribute(one, "identifier")));
    let partial =
        attribute(node, "minChoices").is_some() || attribute(node, "maxChoices").is_some();
    let best = match right.atoms() {
        [] => all.clone(),
        best => best.to_vec(),
    };
    let mut found = vec![Value::list(best.clone())];
    if best.len() <= 5 {
        permute(&mut best.clone(), 0, &mut found);
    }
    for place in 1..best.len() {
        let (mut swapped, mut turned) = (best.clone(), best.clone());
        swapped.swap(place - 1, place);
        turned.rotate_left(place);
        found.extend([Value::list(swapped), Value::list(turned)]);
        if partial {
            found.push(Value::list(best[..place].to_vec()));
        }
    }
    found.push(Value::list(best.iter().rev().cloned().collect()));
    if partial || all.len() > best.len() {
        let mut random = Random::new(2);
        for _ in 0..20 {
            let mut some = all.clone();
            random.shuffle(&mut some);
            some.truncate(1 + random.index(all.len().max(1)));
            found.push(Value::list(some));
        }
    }
    found.truncate(limit);
    found
}

fn permute(list: &mut Vec<Atom>, from: usize, found: &mut Vec<Value>) {
    if from + 1 >= list.len() {
        return found.push(Value::list(list.clone()));
    }
    for place in from..list.len() {
        list.swap(from, place);
        permute(list, from + 1, found);
        list.swap(from, place);
    }
}

/// Ids of one side, and how often each may be used.
type Side = Vec<(String, usize)>;

/// Two sides of pairs: each of the sources gets one of the targets, or none.
struct Sides {
    sources: Side,
    targets: Side,
    /// Whether the targets stand first in a pair.
    turned: bool,
}

fn side(name: &str, other: &str, within: Node<'_, '_>) -> Side {
    let nodes = within.descendants();
    nodes
        .filter(|inner| is(*inner, name) || is(*inner, other))
        .filter_map(|inner| {
            let most = number(inner, "matchMax").unwrap_or(0.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "held between 1 and 1000"
            )]
            let most = if most >= 1.0 {
                most.min(1e3) as usize
            } else {
                usize::MAX
            };
            Some((attribute(inner, "identifier")?.to_owned(), most))
        })
        .collect()
}

impl Sides {
    fn of(node: Node<'_, '_>, right: &Value) -> Option<Self> {
        if is(node, "gapMatchInteraction") {
            return Some(Self {
                sources: side("gap", "gap", node),
                targets: side("gapText", "gapImg", node),
                turned: true,
            });
        }
        let mut sets = children(node, "simpleMatchSet");
        let name = "simpleAssociableChoice";
        let first = side(name, name, sets.next()?);
        let second = side(name, name, sets.next()?);
        let each_once = |side: &Side, of: fn(&Atom) -> &str| {
            let named = |id: &str| right.atoms().iter().filter(|pair| of(pair) == id).count();
            side.iter().all(|(id, _)| named(id) == 1)
        };
        let turned = !each_once(&first, source_of) && each_once(&second, target_of);
        let (sources, targets) = if turned {
            (second, first)
        } else {
            (first, second)
        };
        Some(Self {
            sources,
            targets,
            turned,
        })
    }

    fn pair(&self, source: &str, target: &str) -> Atom {
        match self.turned {
            true => Atom::Pair(target.to_owned(), source.to_owned()),
            false => Atom::Pair(source.to_owned(), target.to_owned()),
        }
    }

    /// The place of the right target of each source, from 1; 0 where there is none.
    fn right(&self, right: &Value) -> Vec<usize> {
        let numbered = |side: &Side| -> BTreeMap<String, usize> {
            let ids = side.iter().map(|(id, _)| id.clone());
            ids.zip(0..).collect()
        };
        let (sources, targets) = (numbered(&self.sources), numbered(&self.targets));
        let mut places = vec![0; self.sources.len()];
        for atom in right.atoms() {
            let (source, target) = match self.turned {
                true => (target_of(atom), source_of(atom)),
                false => (source_of(atom), target_of(atom)),
            };
            if let (Some(source), Some(target)) = (sources.get(source), targets.get(target)) {
                places[*source] = target + 1;
            }
        }
        places
    }

    /// What was picked as a response, where every target is used as often as it may be.
    fn value(&self, picked: &[usize]) -> Option<Value> {
        let mut used = vec![0_usize; self.targets.len() + 1];
        picked.iter().for_each(|target| used[*target] += 1);
        let mut targets = self.targets.iter().zip(&used[1..]);
        if targets.any(|((_, most), used)| used > most) {
            return None;
        }
        let given = self.sources.iter().zip(picked);
        let given = given.filter(|(_, target)| **target > 0);
        let pairs =
            given.map(|((source, _), target)| self.pair(source, &self.targets[target - 1].0));
        Some(Value::bag(pairs.collect()))
    }
}

/// Pairs: all there are of a few; of many some, by chance and near the right ones.
fn pairs(node: Node<'_, '_>, right: &Value, limit: usize) -> Vec<Value> {
    let Some(sides) = Sides::of(node, right) else {
        return Vec::new();
    };
    let each = sides.targets.len() + 1;
    let count = u32::try_from(sides.sources.len()).ok();
    let all = count
        .and_then(|count| each.checked_pow(count))
        .filter(|all| *all <= limit);
    let mut found = Vec::new();
    if let Some(all) = all {
        for turn in 0..all {
            let mut rest = turn;
            let mut picked = Vec::with_capacity(sides.sources.len());
            for _ in &sides.sources {
                picked.push(rest % each);
                rest /= each;
            }
            found.extend(sides.value(&picked));
        }
        return found;
    }
    let right = sides.right(right);
    let mut random = Random::new(3);
    for turn in 0..limit * 4 {
        let pick = |right: &usize| {
            let keeps = turn.is_multiple_of(2) && random.index(sides.sources.len()) != 0;
            match keeps {
                true => *right,
                false => random.index(each),
            }
        };
        let picked: Vec<usize> = right.iter().map(pick).collect();
        found.extend(sides.value(&picked));
        if found.len() >= limit {
            break;
        }
    }
    found
}

fn source_of(atom: &Atom) -> &str {
    match atom {
        Atom::Pair(source, _) => source,
        _ => "",
    }
}

fn target_of(atom: &Atom) -> &str {
    match atom {
        Atom::Pair(_, target) => target,
        _ => "",
    }
}

/// Texts or numbers that the item speaks of, and others beside them.
fn typed(node: Node<'_, '_>, declaration: &Declaration, right: &Value, limit: usize) -> Vec<Value> {
    let mapping = declaration
        .mapping
        .iter()
        .flat_map(|mapping| &mapping.entries);
    let keys = mapping.map(|entry| entry.key.clone());
    let root = node.document().root_element();
    let processing = root
        .children()
        .find(|child| is(*child, "responseProcessing"));
    let inside = || processing.iter().flat_map(|node| node.descendants());
    let spoken = inside().filter(|node| is(*node, "baseValue"));
    let mut texts: Vec<String> = right.atoms().iter().map(ToString::to_string).collect();
    texts.extend(declaration.correct.iter().cloned());
    texts.extend(keys);
    let numeric = matches!(declaration.base.as_str(), "integer" | "float");
    let wanted = |node: &Node<'_, '_>| {
        let base = attribute(*node, "baseType").unwrap_or_default();
        matches!(base, "integer" | "float") == numeric
    };
    texts.extend(spoken.filter(wanted).map(text_of));
    let mut seen = BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts.truncate(limit / 4);
    match numeric {
        true => numbers(&texts, declaration, processing, limit),
        false => words(&texts),
    }
}

/// Texts, and others that are nearly the same.
fn words(texts: &[String]) -> Vec<Value> {
    let mut found = Vec::new();
    for text in texts {
        let others = [
            text.clone(),
            text.chars().map(upper).collect(),
            text.to_lowercase(),
            format!("{text}x"),
            format!("z{text}"),
        ];
        let others = others.into_iter().filter(|text| !text.is_empty());
        found.extend(others.map(Value::text));
    }
    found.push(Value::text("qwxz"));
    found
}

/// A letter in upper case, where that is one letter.
fn upper(letter: char) -> char {
    let mut letters = letter.to_uppercase();
    match (letters.next(), letters.next()) {
        (Some(upper), None) => upper,
        _ => letter,
    }
}

/// Numbers, and others as far from them as the rules allow, and a little further.
fn numbers(
    texts: &[String],
    declaration: &Declaration,
    processing: Option<Node<'_, '_>>,
    limit: usize,
) -> Vec<Value> {
    let mut found = Vec::new();
    let inside = || processing.iter().flat_map(|node| node.descendants());
    let mut steps = vec![0.0, 1.0, 0.5, 0.01, 0.005, 10.0];
    for near in inside().filter(|node| attribute(*node, "tolerance").is_some()) {
        let by = attribute(near, "tolerance").unwrap_or_default();
        let by = by
            .split_whitespace()
            .filter_map(|by| by.parse::<f64>().ok());
        steps.extend(by.flat_map(|by| [by, by * 1.01, by * 0.99, by / 100.0]));
    }
    steps.truncate(STEPS_MAX);
    for text in texts {
        let Some(about) = text.parse::<f64>().ok().filter(|number| number.is_finite()) else {
            continue;
        };
        for by in &steps {
            // A share of the number too, for tolerances that are one.
            for by in [*by, -*by, by / 100.0 * about, -by / 100.0 * about] {
                let number = about + by;
                found.push(Value::number(match declaration.base.as_str() {
                    "integer" => number.round(),
                    // Few digits: what people type, and no bound by the error of floating point.
                    _ => (number * 1e9).round() / 1e9,
                }));
            }
        }
    }
    let mut kept: Vec<Value> = Vec::new();
    for value in found {
        if kept.len() < limit && !kept.iter().any(|known| known.is(&value)) {
            kept.push(value);
        }
    }
    kept
}
