//! An item to a question.

use std::collections::BTreeMap;

use carrel_quiz::kind::{Blank, BlankKey, Blanks, Kind, PartScheme, Select, TrueFalse};
use carrel_quiz::{Item, Question, Quiz, Text};
use roxmltree::{Document, Node};

use super::body::{inner_html, plain_html};
use super::declaration::{Declaration, declarations};
use super::gap::{Gap, gap_match, inline_choice, text_entry};
use super::interaction::{self, is_interaction, prompt};
use super::node::{attribute, flag, inside, is, line_of, name_of, own_id};
use super::processing::{Way, Ways, ways};
use super::template;
use crate::error::{Error, Problem};
use crate::identity::slug;
use crate::limits::FILE_BYTES_MAX;
use crate::report::{Imported, Loss};

/// Reads one item. An item that Carrel cannot hold gives an empty quiz and a loss that says why.
///
/// # Errors
/// It is no XML, holds a DTD, is too large, or is no item.
pub fn read(text: &str, file: &str) -> Result<Imported, Error> {
    if text.len() > FILE_BYTES_MAX {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "its size in bytes",
            limit: FILE_BYTES_MAX,
        });
    }
    let document =
        Document::parse(text.trim_start_matches('\u{feff}')).map_err(|source| Error::Xml {
            file: file.to_owned(),
            source,
        })?;
    let root = document.root_element();
    let invalid = |line, message: &str| Error::Invalid {
        file: file.to_owned(),
        format: "QTI",
        problems: vec![Problem {
            line,
            column: 0,
            message: message.to_owned(),
        }],
    };
    if !is(root, "assessmentItem") {
        let message = format!(
            "the outermost element is <{}>; an item has <assessmentItem>",
            root.tag_name().name()
        );
        return Err(invalid(line_of(root), &message));
    }
    let wanted = attribute(root, "identifier").unwrap_or_default();
    let id = match slug(wanted) {
        empty if empty.is_empty() => "item".to_owned(),
        id => id,
    };
    let mut losses = Vec::new();
    let mut items = Vec::new();
    match read_question(&document, &id) {
        Ok((question, lost)) => {
            losses.extend(lost);
            items.push(Item::Question(question));
        }
        Err(reason) => losses.push(format!("left out: {reason}")),
    }
    Ok(Imported {
        quiz: Quiz {
            id: id.clone(),
            title: attribute(root, "title").unwrap_or_default().to_owned(),
            items,
            ..Quiz::default()
        },
        files: Vec::new(),
        challenges: Vec::new(),
        losses: losses
            .into_iter()
            .map(|what| Loss {
                line: 0,
                question: id.clone(),
                what,
            })
            .collect(),
    })
}

fn read_question(document: &Document<'_>, id: &str) -> Result<(Question, Vec<String>), String> {
    let root = document.root_element();
    if flag(root, "adaptive") {
        return Err("it is an adaptive item".to_owned());
    }
    let computed = template::read(document)?;
    let body = root
        .children()
        .find(|node| is(*node, "itemBody"))
        .ok_or("it has no body")?;
    let mut declared = declarations(document);
    for (id, expression) in computed.iter().flat_map(|computed| &computed.correct) {
        if let Some(declaration) = declared.get_mut(id) {
            declaration.computed = Some(expression.clone());
        }
    }
    let ways = ways(document, &declared);
    let interactions: Vec<Node<'_, '_>> = body
        .descendants()
        .filter(|node| is_interaction(*node))
        .collect();
    let mut read = Reading {
        declared,
        ways,
        losses: Vec::new(),
    };
    let (kind, text, points) = match interactions.as_slice() {
        [] => (Kind::Description, plain_html(body), 0.0),
        [alone] if !in_line(*alone) => read.alone(body, *alone)?,
        _ => alone_typed(read.blanks(body, &interactions)?),
    };
    let mut question = Question::new(id, Text::html(unwrapped(text)), kind);
    if let Some(computed) = computed {
        read.losses.extend(computed.losses);
        question.template = Some(computed.template);
    }
    question.points = if question.kind.is_scored() {
        points
    } else {
        1.0
    };
    attribute(root, "title")
        .unwrap_or_default()
        .clone_into(&mut question.title);
    feedback(root, &mut question, &mut read.losses);
    Ok((question, read.losses))
}

/// Interactions that stand in running text.
fn in_line(node: Node<'_, '_>) -> bool {
    matches!(
        name_of(node).as_str(),
        "textEntryInteraction" | "inlineChoiceInteraction" | "gapMatchInteraction"
    )
}

struct Reading {
    declared: BTreeMap<String, Declaration>,
    ways: Ways,
    losses: Vec<String>,
}

impl Reading {
    fn response(&self, node: Node<'_, '_>) -> Result<(&str, &Declaration, Way), String> {
        let id = attribute(node, "responseIdentifier").ok_or("an interaction names no response")?;
        let found = self.declared.get_key_value(id);
        let (id, declaration) =
            found.ok_or_else(|| format!("the response `{id}` is not declared"))?;
        Ok((
            id,
            declaration,
            self.ways.each.get(id).cloned().unwrap_or(Way::Nothing),
        ))
    }

    fn alone(
        &mut self,
        body: Node<'_, '_>,
        node: Node<'_, '_>,
    ) -> Result<(Kind, String, f64), String> {
        let (_, declaration, way) = self.response(node)?;
        let read = interaction::read(node, declaration, way)?;
        let hottext = is(node, "hottextInteraction");
        let text = inner_html(body, &mut |inner| {
            if inner != node {
                return None;
            }
            let inside = if hottext {
                plain_html(node)
            } else {
                String::new()
            };
            Some(format!("{}{inside}", prompt(node)))
        });
        self.losses.extend(read.losses);
        Ok((true_or_false(read.kind), text, read.points))
    }

    fn blanks(
        &mut self,
        body: Node<'_, '_>,
        interactions: &[Node<'_, '_>],
    ) -> Result<(Kind, String, f64), String> {
        let mut gaps: Vec<Gap> = Vec::new();
        for node in interactions {
            let (id, declaration, way) = self.response(*node)?;
            let id = own_id(id);
            match name_of(*node).as_str() {
                "textEntryInteraction" => gaps.push(text_entry(*node, id, declaration, way)?),
                "inlineChoiceInteraction" => {
                    gaps.push(inline_choice(*node, "inlineChoice", id, declaration, way)?)
                }
                "choiceInteraction" => {
                    gaps.push(inline_choice(*node, "simpleChoice", id, declaration, way)?)
                }
                "gapMatchInteraction" => gaps.extend(gap_match(*node, declaration, way)?),
                other => {
                    return Err(format!(
                        "`{other}` beside other interactions has no counterpart"
                    ));
                }
            }
        }
        let text = inner_html(body, &mut |inner| {
            if is(inner, "gap") {
                let id = attribute(inner, "identifier").map(own_id);
                return id.map(|id| format!("[[{id}]]"));
            }
            if is(inner, "gapText") || is(inner, "gapImg") {
                return Some(String::new());
            }
            let replaced = is(inner, "textEntryInteraction")
                || is(inner, "inlineChoiceInteraction")
                || is(inner, "choiceInteraction");
            let id = attribute(inner, "responseIdentifier").filter(|_| replaced)?;
            Some(format!("{}[[{}]]", prompt(inner), own_id(id)))
        });
        let mut ways = self.ways.each.values();
        let together = gaps.len() > 1 && interactions.len() == 1;
        let whole = match self.ways.whole {
            Some(points) => Some(points),
            None if together && ways.all(|way| matches!(way, Way::Correct(_))) => {
                // The pairs of one response count together.
                ways = self.ways.each.values();
                ways.find_map(|way| match way {
                    Way::Correct(points) => Some(*points),
                    _ => None,
                })
            }
            None => {
                let mut ways = self.ways.each.values();
                ways.all(|way| *way == Way::Other).then_some(1.0)
            }
        };
        self.losses
            .extend(gaps.iter().flat_map(|gap| gap.losses.clone()));
        self.losses.dedup();
        let blanks: Vec<Blank> = gaps.into_iter().map(|gap| gap.blank).collect();
        let points = whole.unwrap_or_else(|| blanks.iter().map(|blank| blank.weight).sum());
        let scheme = match whole {
            Some(_) => PartScheme::AllOrNothing,
            None => PartScheme::EachPart,
        };
        Ok((Kind::Blanks(Blanks { blanks, scheme }), text, points))
    }
}

/// A single typed blank at the end of the text is a question that wants a short answer.
fn alone_typed((kind, text, points): (Kind, String, f64)) -> (Kind, String, f64) {
    let Kind::Blanks(blanks) = &kind else {
        return (kind, text, points);
    };
    let [blank] = blanks.blanks.as_slice() else {
        return (kind, text, points);
    };
    let mark = format!("[[{}]]", blank.id);
    let before = [format!("<p>{mark}</p>"), format!("<div>{mark}</div>"), mark]
        .iter()
        .find_map(|end| {
            text.trim_end()
                .strip_suffix(end.as_str())
                .map(str::to_owned)
        });
    let Some(before) = before.filter(|before| !crate::markup::plain(before).is_empty()) else {
        return (kind, text, points);
    };
    let kind = match blank.key.clone() {
        BlankKey::Text(key) => Kind::ShortAnswer(key),
        BlankKey::Number(key) => Kind::Numeric(key),
        BlankKey::Choice(_) => return (kind, text, points),
    };
    (kind, before.trim_end().to_owned(), points)
}

/// A choice between `true` and `false` is one.
fn true_or_false(kind: Kind) -> Kind {
    let Kind::Choice(choice) = &kind else {
        return kind;
    };
    let [yes, no] = choice.options.as_slice() else {
        return kind;
    };
    let plain = choice.select == Select::One
        && (yes.id.as_str(), no.id.as_str()) == ("true", "false")
        && yes.correct != no.correct
        && [yes, no].iter().all(|option| {
            option.feedback_not_chosen.is_none()
                && choice.weight(option) == f64::from(u8::from(option.correct))
        });
    if !plain {
        return kind;
    }
    Kind::TrueFalse(TrueFalse {
        correct: yes.correct,
        feedback_true: yes.feedback.clone(),
        feedback_false: no.feedback.clone(),
    })
}

/// HTML without a `div` around all of it.
fn unwrapped(html: String) -> String {
    let inner = html
        .trim()
        .strip_prefix("<div>")
        .and_then(|rest| rest.strip_suffix("</div>"))
        .filter(|inner| !inner.contains("<div"));
    inner.map(|inner| inner.trim().to_owned()).unwrap_or(html)
}

/// Modal feedback for right and wrong answers; further ones are lost.
fn feedback(root: Node<'_, '_>, question: &mut Question, losses: &mut Vec<String>) {
    for node in root.children().filter(|node| is(*node, "modalFeedback")) {
        let name = attribute(node, "identifier")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let text = Text::html(unwrapped(plain_html(node))).filled();
        let place = if name.contains("partial") {
            &mut question.feedback.partially_correct
        } else if name.contains("general") || name.contains("solution") {
            &mut question.feedback.general
        } else if name.contains("incorrect") || name.contains("wrong") || name == "false" {
            &mut question.feedback.incorrect
        } else if name.contains("correct") || name.contains("right") || name == "true" {
            &mut question.feedback.correct
        } else {
            losses.push(format!("modal feedback `{name}`"));
            continue;
        };
        if place.is_none() {
            *place = text;
        }
    }
    let named = ["rubricBlock", "catalogInfo", "infoControl", "object"];
    let lost = named.iter().filter(|name| inside(root, name).is_some());
    losses.extend(lost.map(|name| format!("`{name}`")));
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
