//! Whole answers with a share of their own, as tests of response processing.

use carrel_quiz::kind::{Kind, Select};
use carrel_quiz::{Answer, Question};

use super::item::RESPONSE;
use super::pairs::target_name;
use super::response::identifier;

/// Tests for whole answers with a share of their own, and their points.
pub(super) fn tests(question: &Question) -> Vec<(String, f64)> {
    let values = |base: &str, names: Vec<String>| -> String {
        let value = |name: &String| format!("<baseValue baseType=\"{base}\">{name}</baseValue>");
        names.iter().map(value).collect()
    };
    let names = |ids: &[String]| ids.iter().map(|id| identifier(id)).collect::<Vec<_>>();
    let value = |answer: &Answer| match (&question.kind, answer) {
        (Kind::Choice(choice), Answer::Choice { options }) => {
            let options = values("identifier", names(options));
            match choice.select {
                Select::One => Some(options),
                Select::Many { .. } => Some(format!("<multiple>{options}</multiple>")),
            }
        }
        (Kind::Ordering(_), Answer::Ordering { items }) => {
            let items = values("identifier", names(items));
            Some(format!("<ordered>{items}</ordered>"))
        }
        (Kind::Matching(matching), Answer::Matching { targets }) => {
            let items: Vec<&String> = matching.items.iter().map(|item| &item.id).collect();
            let item_ids: Vec<String> = items.iter().map(|id| identifier(id)).collect();
            let pair = |(item, target): (&String, &String)| {
                format!("{} {}", identifier(item), target_name(&item_ids, target))
            };
            let pairs = values("directedPair", targets.iter().map(pair).collect());
            Some(format!("<multiple>{pairs}</multiple>"))
        }
        _ => None,
    };
    let special = question.special.iter().filter_map(|special| {
        let value = value(&special.answer)?;
        let test = format!("<match><variable identifier=\"{RESPONSE}\"/>{value}</match>");
        Some((test, special.share * question.points))
    });
    special.collect()
}
