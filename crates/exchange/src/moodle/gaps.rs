//! "Select missing words" (`gapselect`) and "drag and drop into text" (`ddwtos`):
//! `[[n]]` in the text is the n-th choice of the list.

use carrel_quiz::kind::{Blank, BlankKey, Blanks, Choice, ChoiceOption, Layout, PartScheme};
use carrel_quiz::{Question, Text};
use roxmltree::Node;

use super::node::{Gathered, children, flag, inner_text, value};
use crate::gift::letter_id;

pub(super) fn read(
    node: Node<'_, '_>,
    kind: &str,
    question: &mut Question,
    gathered: &mut Gathered,
) -> Result<Blanks, String> {
    let name = if kind == "ddwtos" {
        "dragbox"
    } else {
        "selectoption"
    };
    let words: Vec<(String, String)> = children(node, name)
        .map(|word| (inner_text(word), value(word, "group")))
        .collect();
    let shuffle = flag(node, "shuffleanswers").unwrap_or(true);
    let source = std::mem::take(&mut question.text.source);
    let mut text = String::with_capacity(source.len());
    let mut blanks: Vec<Blank> = Vec::new();
    let mut rest = source.as_str();
    while let Some(start) = rest.find("[[") {
        text.push_str(&rest[..start + 2]);
        rest = &rest[start + 2..];
        let Some((digits, after)) = rest.split_once("]]") else {
            continue;
        };
        let Ok(place) = digits.parse::<usize>() else {
            continue;
        };
        let Some((right, group)) = place.checked_sub(1).and_then(|place| words.get(place)) else {
            return Err(format!(
                "the text names choice {place}, and there are {}",
                words.len()
            ));
        };
        let options = words.iter().filter(|(_, other)| other == group).enumerate();
        let options = options.map(|(number, (word, _))| {
            ChoiceOption::new(letter_id(number), Text::html(word.as_str()), word == right)
        });
        let mut choice = Choice::one(options.collect());
        choice.layout = Layout::DropDown;
        choice.shuffle = shuffle;
        let id = (blanks.len() + 1).to_string();
        text.push_str(&id);
        text.push_str("]]");
        blanks.push(Blank::new(id, BlankKey::Choice(choice)));
        rest = after;
    }
    text.push_str(rest);
    question.text.source = text;
    if blanks.is_empty() {
        return Err("the text has no `[[1]]`".to_owned());
    }
    if kind == "ddwtos" {
        gathered.lose("words to drag became lists in the line; a word may be used more than once");
    }
    Ok(Blanks {
        blanks,
        scheme: PartScheme::default(),
    })
}
