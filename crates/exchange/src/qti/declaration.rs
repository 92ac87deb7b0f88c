//! Response declarations: what is right, and what each value is worth.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use super::node::{attribute, child, children, flag, is, number, text_of};
use super::trial::value::{Atom, Value, fold_case};

/// How many values a response has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cardinality {
    Single,
    Multiple,
    Ordered,
    Record,
}

/// One response declaration.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    pub(super) cardinality: Cardinality,
    /// `identifier`, `string`, `integer`, `float`, `directedPair`, `pair`, …
    pub(super) base: String,
    pub(super) correct: Vec<String>,
    /// The right response as an expression over template variables.
    pub(super) computed: Option<String>,
    pub(super) mapping: Option<Mapping>,
}

impl Declaration {
    /// Values of this response, as it holds them.
    pub(super) fn value(&self, texts: &[String]) -> Value {
        let atoms = texts
            .iter()
            .filter_map(|text| Atom::parse(&self.base, text));
        match self.cardinality {
            Cardinality::Multiple => Value::bag(atoms.collect()),
            Cardinality::Ordered => Value::list(atoms.collect()),
            Cardinality::Single => atoms.map(Value::One).next().unwrap_or(Value::Null),
            Cardinality::Record => Value::Null,
        }
    }
}

/// What each value is worth.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    pub(super) default: f64,
    pub(super) entries: Vec<Entry>,
}

/// One value and its worth.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: f64,
    pub(super) case_sensitive: bool,
}

impl Mapping {
    pub(super) fn of(&self, key: &str) -> f64 {
        let entry = self.entries.iter().find(|entry| same_pair(&entry.key, key));
        entry.map_or(self.default, |entry| entry.value)
    }
}

impl Mapping {
    /// A sum within the bounds.
    pub(super) fn bounded(&self, sum: f64) -> f64 {
        let low = self.lower.map_or(sum, |lower| sum.max(lower));
        self.upper.map_or(low, |upper| low.min(upper))
    }

    /// As [`Mapping::of`], for an id of Carrel's.
    pub(super) fn of_own(&self, id: &str) -> f64 {
        let same = |entry: &&Entry| super::node::own_id(&entry.key) == id;
        self.entries
            .iter()
            .find(same)
            .map_or(self.default, |entry| entry.value)
    }
}

impl Mapping {
    /// What a value of a base type gives.
    pub(super) fn of_atom(&self, base: &str, atom: &Atom) -> f64 {
        let is_text = base == "string";
        let same = |entry: &&Entry| match (Atom::parse(base, &entry.key), atom) {
            (Some(Atom::Text(key)), Atom::Text(text)) if is_text && !entry.case_sensitive => {
                fold_case(&key) == fold_case(text)
            }
            (Some(key), atom) => key.is(atom),
            (None, _) => false,
        };
        let found = self.entries.iter().find(same);
        found.map_or(self.default, |entry| entry.value)
    }
}

/// Values are compared with blanks as one.
fn same_pair(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// All declarations of an item by identifier.
pub(super) fn declarations(document: &Document<'_>) -> BTreeMap<String, Declaration> {
    document
        .root_element()
        .children()
        .filter(|node| is(*node, "responseDeclaration"))
        .filter_map(|node| Some((attribute(node, "identifier")?.to_owned(), declaration(node))))
        .collect()
}

fn declaration(node: Node<'_, '_>) -> Declaration {
    let correct = child(node, "correctResponse");
    let values = correct.iter().flat_map(|list| children(*list, "value"));
    Declaration {
        cardinality: match attribute(node, "cardinality") {
            Some("multiple") => Cardinality::Multiple,
            Some("ordered") => Cardinality::Ordered,
            Some("record") => Cardinality::Record,
            _ => Cardinality::Single,
        },
        base: attribute(node, "baseType").unwrap_or("string").to_owned(),
        correct: values.map(text_of).collect(),
        computed: None,
        mapping: child(node, "mapping").map(|mapping| Mapping {
            lower: number(mapping, "lowerBound"),
            upper: number(mapping, "upperBound"),
            default: number(mapping, "defaultValue").unwrap_or(0.0),
            entries: children(mapping, "mapEntry")
                .filter_map(|entry| {
                    Some(Entry {
                        key: attribute(entry, "mapKey")?.to_owned(),
                        value: number(entry, "mappedValue")?,
                        case_sensitive: flag(entry, "caseSensitive"),
                    })
                })
                .collect(),
        }),
    }
}
