//! Parts of a question that learners see as the same.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Found;
use crate::kind::{BlankKey, Choice, Kind, Matching, Ordering};
use crate::question::Question;
use crate::text::{Text, TextFormat};

/// Warns of parts with the same text. The question is as an attempt shows it, its variables drawn.
pub(super) fn check(question: &Question, found: &mut Found<'_>) {
    match &question.kind {
        Kind::Choice(choice) => check_choice(choice, "option", found),
        Kind::Blanks(blanks) => {
            for blank in &blanks.blanks {
                if let BlankKey::Choice(choice) = &blank.key {
                    check_choice(choice, &format!("blank {} option", blank.id), found);
                }
            }
        }
        Kind::Matching(matching) => check_matching(matching, found),
        Kind::Ordering(ordering) => check_ordering(ordering, found),
        _ => {}
    }
}

fn check_choice(choice: &Choice, what: &str, found: &mut Found<'_>) {
    for (first, second) in pairs(&choice.options, |option| &option.text) {
        let (one, other) = (&first.id, &second.id);
        let is_ambiguous = first.correct != second.correct || first.weight != second.weight;
        let message = if is_ambiguous {
            format!(
                "options `{one}` and `{other}` have the same text, and do not count the same: learners cannot tell which to choose"
            )
        } else {
            format!("options `{one}` and `{other}` have the same text")
        };
        let part = format!("{what} {other}");
        found.warning(&part, message, "change one of them, or leave it out");
    }
}

fn check_matching(matching: &Matching, found: &mut Found<'_>) {
    for (first, second) in pairs(&matching.items, |item| &item.text) {
        let message = format!(
            "items `{}` and `{}` have the same text{}",
            first.id,
            second.id,
            if first.target == second.target {
                ""
            } else {
                ", and each its own target: learners cannot tell which is which"
            }
        );
        let part = format!("item {}", second.id);
        found.warning(&part, message, "change one of them, or leave it out");
    }
    for (first, second) in pairs(&matching.targets, |target| &target.text) {
        found.warning(
            &format!("target {}", second.id),
            format!(
                "targets `{}` and `{}` have the same text: learners cannot tell which is meant",
                first.id, second.id
            ),
            "let all items that go there name one of them, and leave the other out",
        );
    }
}

/// Items of the very same text may stand for each other; those that only look the same may not.
fn check_ordering(ordering: &Ordering, found: &mut Found<'_>) {
    let all: Vec<_> = ordering.items.iter().chain(&ordering.distractors).collect();
    for (first, second) in pairs(&all, |item| &item.text) {
        if first.text != second.text {
            found.warning(
                &format!("item {}", second.id),
                format!(
                    "items `{}` and `{}` look the same, and differ in their blanks",
                    first.id, second.id
                ),
                "write them the same, so that they may stand for each other, or change one of them",
            );
        }
    }
}

/// Each part that looks like an earlier one, with the first such.
fn pairs<T>(parts: &[T], text: impl Fn(&T) -> &Text) -> Vec<(&T, &T)> {
    let mut seen: BTreeMap<(TextFormat, String), &T> = BTreeMap::new();
    let mut pairs = Vec::new();
    for part in parts {
        let text = text(part);
        if text.is_blank() {
            continue;
        }
        match seen.entry((text.format, fold(text))) {
            Entry::Occupied(first) => pairs.push((*first.get(), part)),
            Entry::Vacant(free) => {
                free.insert(part);
            }
        }
    }
    pairs
}

/// A text as it is seen: one blank is as good as several, but not in code.
fn fold(text: &Text) -> String {
    let source = text.source.trim();
    let keeps_blanks = text.format == TextFormat::Plain
        || source.contains('`')
        || source.contains("~~~")
        || source.contains("\n    ")
        || source.contains("<pre");
    if keeps_blanks {
        source.to_owned()
    } else {
        source.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use crate::notation::parse_with_places;

    fn warnings(body: &str) -> String {
        let text = format!("+++\nid = \"q\"\ntitle = \"Q\"\n+++\n## A {{#a}}\n{body}");
        let parsed = parse_with_places(&text, "q.md").unwrap_or_else(|told| panic!("{told}"));
        parsed.warnings.to_string()
    }

    #[test]
    fn what_looks_the_same_is_told_with_its_place() {
        for (body, expected) in [
            (
                "\nWhich?\n\n- (x) a  b\n- ( ) c\n- ( ) a b\n",
                "q.md:11:1: question `a`, option c: options `a` and `c` have the same text, and do not count the same",
            ),
            (
                "\nWhich?\n\n- (x) a\n- ( ) b\n- ( ) b\n",
                "q.md:11:1: question `a`, option c: options `b` and `c` have the same text\n",
            ),
            (
                "\nA [[? *a | b | a]].\n",
                "q.md:7:3: question `a`, blank 1 option c: options `a` and `c`",
            ),
            (
                "kind: matching\n\nMatch.\n\n- a => 1\n- b => 2\n- a => 3\n",
                "q.md:12:1: question `a`, item 3: items `1` and `3` have the same text, and each its own target",
            ),
            (
                "kind: matching\n\nMatch.\n\n- {target=x} a\n- {target=y} b\n+ {#x} one\n+ {#y} one\n",
                "q.md:13:1: question `a`, target y: targets `x` and `y` have the same text",
            ),
            (
                "kind: ordering\n\nSort.\n\n1. a b\n2. c\n3. a  b\n",
                "q.md:12:1: question `a`, item 3: items `1` and `3` look the same",
            ),
            (
                "variable n: one of 2\n\nWhich?\n\n- (x) {{n + n}}\n- ( ) {{n * n}}\n",
                "q.md:11:1: question `a`, option b: options `a` and `b` have the same text",
            ),
        ] {
            let told = warnings(body);
            assert!(told.contains(expected), "{expected}\nis not in\n{told}");
            assert_eq!(told.matches("q.md:").count(), 1, "{told}");
        }
    }

    #[test]
    fn what_differs_is_left_alone() {
        for body in [
            "\nWhich?\n\n- (x) `a  b`\n- ( ) `a b`\n",
            "\nWhich?\n\n- (x) ```\n    x\n  ```\n- ( ) ```\n  x\n  ```\n",
            "kind: ordering\n\nSort.\n\n1. a\n2. b\n3. a\n",
            "kind: matching\n\nMatch.\n\n- a => 1\n- b => 1\n",
        ] {
            assert_eq!(warnings(body), "", "{body}");
        }
    }
}
