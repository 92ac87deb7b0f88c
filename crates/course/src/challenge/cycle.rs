//! Finding a cycle in who-needs-whom.

use std::collections::{BTreeMap, BTreeSet};

/// The names of one cycle, the first repeated at the end; `None` where there is none.
/// Iterative, so that a long chain cannot overflow the stack.
pub(super) fn find<'a>(needs: &BTreeMap<&'a str, Vec<&'a str>>) -> Option<Vec<&'a str>> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in needs.keys().copied() {
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        let mut on_path: BTreeSet<&str> = BTreeSet::from([start]);
        while let Some((name, next)) = path.last_mut() {
            let name = *name;
            let Some(needed) = needs.get(name).and_then(|list| list.get(*next)).copied() else {
                path.pop();
                on_path.remove(name);
                done.insert(name);
                continue;
            };
            *next += 1;
            if on_path.contains(needed) {
                let mut cycle: Vec<&str> = path
                    .iter()
                    .map(|(name, _)| *name)
                    .skip_while(|name| *name != needed)
                    .collect();
                cycle.push(needed);
                return Some(cycle);
            }
            if !done.contains(needed) && needs.contains_key(needed) {
                path.push((needed, 0));
                on_path.insert(needed);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_a_cycle_and_names_it() {
        let needs = BTreeMap::from([
            ("a", vec!["b"]),
            ("b", vec!["c", "d"]),
            ("c", vec![]),
            ("d", vec!["b"]),
        ]);
        assert_eq!(find(&needs), Some(vec!["b", "d", "b"]));
        assert_eq!(
            find(&BTreeMap::from([("a", vec!["a"])])),
            Some(vec!["a", "a"])
        );
    }

    #[test]
    fn shared_needs_and_unknown_names_are_no_cycle() {
        let needs = BTreeMap::from([("a", vec!["c", "x"]), ("b", vec!["c", "a"]), ("c", vec![])]);
        assert_eq!(find(&needs), None);
    }

    proptest! {
        #[test]
        fn needs_that_point_down_have_no_cycle(edges in prop::collection::vec((0usize..26, 0usize..26), 0..60)) {
            let names: Vec<String> = ('a'..='z').map(String::from).collect();
            let mut needs: BTreeMap<&str, Vec<&str>> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
            for (from, to) in edges.iter().filter(|(from, to)| from > to) {
                needs.get_mut(names[*from].as_str()).unwrap().push(&names[*to]);
            }
            prop_assert_eq!(find(&needs), None);
            if let Some((from, to)) = edges.iter().find(|(from, to)| from > to) {
                needs.get_mut(names[*to].as_str()).unwrap().push(&names[*from]);
                prop_assert!(find(&needs).is_some());
            }
        }
    }
}
