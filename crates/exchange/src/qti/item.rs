//! An item to a question.

use std::collections::BTreeMap;

use carrel_quiz::kind::{Blank, Blanks, Kind, PartScheme};
use carrel_quiz::{Item, Question, Quiz, Text};
use roxmltree::{Document, Node};

use super::body::{inner_html, plain_html};
use super::declaration::{Declaration, declarations};
use super::gap::{Gap, gap_match, inline_choice, text_entry};
use super::interaction::{self, is_interaction, prompt};
use super::node::{attribute, flag, inside, is, line_of, name_of};
use super::processing::{Way, ways};
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
    if root.children().any(|node| is(node, "templateProcessing")) {
        return Err("it computes with template variables".to_owned());
    }
    let body = root
        .children()
        .find(|node| is(*node, "itemBody"))
        .ok_or("it has no body")?;
    let declared = declarations(document);
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
        _ => read.blanks(body, &interactions)?,
    };
    let mut question = Question::new(id, Text::html(text), kind);
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
    ways: BTreeMap<String, Way>,
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
            self.ways.get(id).copied().unwrap_or(Way::Nothing),
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
        Ok((read.kind, text, read.points))
    }

    fn blanks(
        &mut self,
        body: Node<'_, '_>,
        interactions: &[Node<'_, '_>],
    ) -> Result<(Kind, String, f64), String> {
        let mut gaps: Vec<Gap> = Vec::new();
        for node in interactions {
            let (id, declaration, way) = self.response(*node)?;
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
                return attribute(inner, "identifier").map(|id| format!("[[{id}]]"));
            }
            if is(inner, "gapText") || is(inner, "gapImg") {
                return Some(String::new());
            }
            let replaced = is(inner, "textEntryInteraction")
                || is(inner, "inlineChoiceInteraction")
                || is(inner, "choiceInteraction");
            let id = attribute(inner, "responseIdentifier").filter(|_| replaced)?;
            Some(format!("{}[[{id}]]", prompt(inner)))
        });
        let whole = self.ways.values().all(|way| *way == Way::Other)
            || (gaps.len() > 1
                && interactions.len() == 1
                && self.ways.values().all(|way| matches!(way, Way::Correct(_))));
        self.losses
            .extend(gaps.iter().flat_map(|gap| gap.losses.clone()));
        self.losses.dedup();
        let blanks: Vec<Blank> = gaps.into_iter().map(|gap| gap.blank).collect();
        let points = if whole {
            1.0
        } else {
            blanks.iter().map(|blank| blank.weight).sum()
        };
        let scheme = if whole {
            PartScheme::AllOrNothing
        } else {
            PartScheme::EachPart
        };
        Ok((Kind::Blanks(Blanks { blanks, scheme }), text, points))
    }
}

/// Modal feedback for right and wrong answers; further ones are lost.
fn feedback(root: Node<'_, '_>, question: &mut Question, losses: &mut Vec<String>) {
    for node in root.children().filter(|node| is(*node, "modalFeedback")) {
        let name = attribute(node, "identifier")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let text = Text::html(plain_html(node)).filled();
        let place = if name.contains("incorrect") || name.contains("wrong") || name == "false" {
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
