//! What a question of Moodle holds that has no place here.

use carrel_quiz::kind::{Kind, Select};
use carrel_quiz::{Question, Text};
use roxmltree::Node;

use super::node::{Gathered, child, children, inner_text, text_of, value};

/// Elements that are read, or say what is so here anyway.
const READ: [&str; 44] = [
    "name",
    "questiontext",
    "generalfeedback",
    "defaultgrade",
    "penalty",
    "hidden",
    "idnumber",
    "answer",
    "hint",
    "tags",
    "single",
    "shuffleanswers",
    "answernumbering",
    "correctfeedback",
    "partiallycorrectfeedback",
    "incorrectfeedback",
    "usecase",
    "units",
    "unitgradingtype",
    "unitpenalty",
    "showunits",
    "unitsleft",
    "subquestion",
    "selecttype",
    "selectcount",
    "gradingtype",
    "responseformat",
    "responsefieldlines",
    "minwordlimit",
    "maxwordlimit",
    "attachments",
    "attachmentsrequired",
    "graderinfo",
    "responsetemplate",
    "dataset_definitions",
    "dragbox",
    "selectoption",
    "image",
    "image_base64",
    // How many may be chosen is always said.
    "showstandardinstruction",
    // Lists of values are drawn together or not; here always together.
    "synchronize",
    "answertype",
    "questiontextformat",
    "file",
];

/// Settings with the values that ask for nothing, and what any other asks for.
const SETTINGS: [(&str, &[&str], &str); 7] = [
    (
        "layouttype",
        &["VERTICAL", "0"],
        "the items stood side by side: here they stand below each other",
    ),
    (
        "numberingstyle",
        &["none"],
        "the items were numbered: here they are not",
    ),
    (
        "showgrading",
        &["SHOW", "1"],
        "how the points come about was not shown: here it is",
    ),
    (
        "responserequired",
        &["1"],
        "an answer was complete without text: here it is not",
    ),
    ("maxbytes", &["0"], "how large files of an answer may be"),
    (
        "filetypeslist",
        &[],
        "which types of files an answer may have",
    ),
    ("instructions", &[], "the instructions about units"),
];

/// Tells what is left out of a question that is carried over.
pub(super) fn tell(node: Node<'_, '_>, question: &Question, gathered: &mut Gathered) {
    for (name, usual, what) in SETTINGS {
        let written = value(node, name);
        if !written.is_empty() && !usual.contains(&written.as_str()) {
            gathered.lose(format!("{what} (`<{name}>`)"));
        }
    }
    // Of one option that may be chosen it says nothing.
    let one = matches!(&question.kind, Kind::Choice(choice) if choice.select == Select::One);
    let counted = child(node, "shownumcorrect").is_some_and(|shown| text_of(shown) != "0");
    if counted && !one {
        gathered.lose("the number of right parts was shown with the feedback: here the score of each part is (`<shownumcorrect>`)");
    }
    if children(node, "hint").any(|hint| !matches!(value(hint, "options").as_str(), "" | "0")) {
        gathered.lose("what a hint shows beside its text (`<options>`)");
    }
    let mut unknown: Vec<&str> = node
        .children()
        .filter(|element| element.is_element() && !text_of(*element).is_empty())
        .map(|element| element.tag_name().name())
        .filter(|name| !is_known(name))
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    for name in unknown {
        gathered.lose(format!("`<{name}>`, which is not known, was left out"));
    }
}

fn is_known(name: &str) -> bool {
    READ.contains(&name)
        || name == "shownumcorrect"
        || SETTINGS.iter().any(|(known, _, _)| *known == name)
}

/// What a category has beside its name.
pub(super) fn tell_category(node: Node<'_, '_>, path: &[String]) -> Vec<String> {
    let name = path.join("/");
    let info = child(node, "info").map(inner_text).unwrap_or_default();
    let number = value(node, "idnumber");
    let mut told = Vec::new();
    if !Text::html(info).is_blank() {
        told.push(format!(
            "the description of the category `{name}` (`<info>`)"
        ));
    }
    if !number.is_empty() {
        told.push(format!(
            "the id number `{number}` of the category `{name}` (`<idnumber>`)"
        ));
    }
    told
}
