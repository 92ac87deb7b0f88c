//! Pairs of a match as entries of a mapping.

use carrel_quiz::kind::{Matching, PairWeight, PartScheme};

use super::response::{Entry, identifier};

/// Pairs that give something else than all others; targets of the same text stand for each other.
pub(super) fn entries(matching: &Matching, points: f64, item_ids: &[String]) -> Vec<Entry> {
    let all = match matching.scheme {
        PartScheme::Weights { .. } => 1.0,
        PartScheme::EachPart | PartScheme::AllOrNothing => {
            matching.items.iter().map(|item| item.weight).sum()
        }
    };
    let mut entries = Vec::new();
    for (item, id) in matching.items.iter().zip(item_ids) {
        for target in &matching.targets {
            let told = |pair: &PairWeight| (&pair.item, &pair.target) == (&item.id, &target.id);
            if matching.is_right(item, &target.id) || matching.pairs.iter().any(told) {
                entries.push(Entry {
                    key: format!("{id} {}", target_name(item_ids, &target.id)),
                    points: matching.weight(item, &target.id) / all * points,
                    case_sensitive: None,
                });
            }
        }
    }
    entries
}

/// The name of a target: both sides of a match share one name space in QTI.
pub(super) fn target_name(item_ids: &[String], id: &str) -> String {
    let name = identifier(id);
    if item_ids.contains(&name) {
        format!("T_{name}")
    } else {
        name
    }
}
