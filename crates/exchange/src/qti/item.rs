//! An item to a question.

use std::collections::{BTreeMap, HashSet};

use carrel_quiz::kind::{Blank, BlankKey, Blanks, Kind, PartScheme, Select, TrueFalse};
use carrel_quiz::{Item, Question, Quiz, Text};
use roxmltree::{Document, Node};

use super::body::{self, inner_html, plain_html};
use super::declaration::{Declaration, declarations};
use super::gap::{Bounds, Gap, gap_match, inline_choice, text_entry};
use super::interaction::{self, is_interaction, prompt};
use super::node::{attribute, child, flag, inside, is, line_of, name_of, number, own_id, text_of};
use super::processing::{Way, Ways, ways};
use super::trial::{self, Effort, Samples, Trial};
use super::{feedback, template};
use crate::error::{Error, Problem, parse_xml};
use crate::identity::slug;
use crate::limits::FILE_BYTES_MAX;
use crate::report::{Imported, Loss};

const NO_POINTS: &str = "its rules set no points: read as the declared right response, or nothing";

/// Reads one item. An item that Carrel cannot hold gives an empty quiz and a loss that says why.
///
/// # Errors
/// It is no XML, holds a DTD, is too large, or is no item.
pub fn read(text: &str, file: &str) -> Result<Imported, Error> {
    let mut alone = |href: &str| Err(format!("`{href}` is a file of its own"));
    read_with(text, file, &mut alone)
}

/// The text of a passage by the link of an item to it.
type Passages<'p> = dyn FnMut(&str) -> Result<String, String> + 'p;

/// As [`read`], with the passages that a package holds.
pub(super) fn read_with(
    text: &str,
    file: &str,
    passages: &mut Passages<'_>,
) -> Result<Imported, Error> {
    if text.len() > FILE_BYTES_MAX {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "its size in bytes",
            limit: FILE_BYTES_MAX,
        });
    }
    let document = parse_xml(text, file)?;
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
    match read_question(&document, &id, passages) {
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

fn read_question(
    document: &Document<'_>,
    id: &str,
    passages: &mut Passages<'_>,
) -> Result<(Question, Vec<String>), String> {
    let root = document.root_element();
    if flag(root, "adaptive") {
        return Err("it is an adaptive item".to_owned());
    }
    let computed = template::read(document)?;
    let body = root
        .children()
        .find(|node| is(*node, "itemBody"))
        .ok_or("it has no body")?;
    body::check(body)?;
    let declared = declared_with(document, computed.as_ref());
    let interactions = interactions_of(body);
    let trial = Trial::new(document, &declared, &interactions);
    let mut read = Reading {
        declared: &declared,
        ways: ways(document, &declared),
        losses: Vec::new(),
        doubts: Vec::new(),
    };
    let (kind, text, points) = match interactions.as_slice() {
        [] => (Kind::Description, plain_html(body), 0.0),
        [alone] if !in_line(*alone) => read.alone(body, *alone)?,
        _ => alone_typed(read.blanks(body, &interactions)?),
    };
    let mut question = Question::new(id, Text::html(unwrapped(text)), kind);
    read.passages(root, &mut question, passages);
    if let Some(computed) = computed {
        read.losses.extend(computed.losses);
        question.template = Some(computed.template);
    }
    question.points = match question.kind {
        Kind::Essay(_) => most_of(root).unwrap_or(points),
        Kind::Description => 1.0,
        _ => points,
    };
    attribute(root, "title")
        .unwrap_or_default()
        .clone_into(&mut question.title);
    let Reading {
        mut losses, doubts, ..
    } = read;
    let samples = settle_points(trial, &mut question, doubts, &mut losses);
    feedback::take(root, &mut question, samples.as_ref(), &mut losses);
    question.kind = true_or_false(question.kind);
    let named = ["catalogInfo", "infoControl", "object"];
    let lost = named.iter().filter(|name| inside(root, name).is_some());
    losses.extend(lost.map(|name| format!("`{name}`")));
    losses.extend(body::lost_rubrics(root));
    Ok((question, losses))
}

/// All interactions of a body.
pub(super) fn interactions_of<'a>(body: Node<'a, 'a>) -> Vec<Node<'a, 'a>> {
    let all = body.descendants();
    all.filter(|node| is_interaction(*node)).collect()
}

/// Declarations of responses, with those that templates compute.
pub(super) fn declared_with(
    document: &Document<'_>,
    computed: Option<&template::Computed>,
) -> BTreeMap<String, Declaration> {
    let mut declared = declarations(document);
    for (id, expression) in computed.iter().flat_map(|computed| &computed.correct) {
        if let Some(declaration) = declared.get_mut(id) {
            declaration.computed = Some(expression.clone());
        }
    }
    declared
}

/// The points of the item beside those of the question. What the reading left in doubt is told
/// only where the item's rules do not say it exactly.
fn settle_points(
    trial: Result<Option<Trial<'_>>, String>,
    question: &mut Question,
    doubts: Vec<String>,
    losses: &mut Vec<String>,
) -> Option<Samples> {
    let scored = question.kind.is_scored();
    match trial {
        Ok(Some(trial)) => {
            let samples = trial.samples(question, Effort::READING);
            if trial.is_scored() && question.kind != Kind::Description {
                losses.extend(trial::settle(question, &samples));
            } else if scored {
                losses.extend(doubts);
                losses.push(NO_POINTS.to_owned());
            }
            Some(samples)
        }
        Ok(None) => {
            losses.extend(doubts);
            None
        }
        Err(what) => {
            losses.extend(doubts);
            if scored {
                losses.push(format!(
                    "its points were not compared with those of the item, whose rules use {what}"
                ));
            }
            None
        }
    }
}

/// The most points that an item declares.
fn most_of(root: Node<'_, '_>) -> Option<f64> {
    let named = |name: &str| {
        let mut outcomes = root
            .children()
            .filter(|node| is(*node, "outcomeDeclaration"));
        outcomes.find(|node| attribute(*node, "identifier") == Some(name))
    };
    let declared = named("SCORE").and_then(|score| number(score, "normalMaximum"));
    let default = || {
        text_of(child(named("MAXSCORE")?, "defaultValue")?)
            .parse()
            .ok()
    };
    declared
        .or_else(default)
        .filter(|most: &f64| most.is_finite() && *most > 0.0)
}

/// Interactions that stand in running text.
fn in_line(node: Node<'_, '_>) -> bool {
    matches!(
        name_of(node).as_str(),
        "textEntryInteraction" | "inlineChoiceInteraction" | "gapMatchInteraction"
    )
}

struct Reading<'d> {
    declared: &'d BTreeMap<String, Declaration>,
    ways: Ways,
    losses: Vec<String>,
    /// What may differ, where the item's own rules do not say.
    doubts: Vec<String>,
}

impl Reading<'_> {
    /// Passages stand before the text of the question.
    fn passages(&mut self, root: Node<'_, '_>, question: &mut Question, read: &mut Passages<'_>) {
        let mut before = String::new();
        for reference in root
            .children()
            .filter(|node| is(*node, "assessmentStimulusRef"))
        {
            match read(attribute(reference, "href").unwrap_or_default()) {
                Ok(html) => before.push_str(&format!("<div>{html}</div>")),
                Err(reason) => {
                    let what = format!("the passage was left out: {reason}");
                    self.losses.push(what);
                }
            }
        }
        question.text.source.insert_str(0, &before);
    }

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
        self.doubts.extend(read.doubts);
        Ok((read.kind, text, read.points))
    }

    /// All gaps of some interactions; of a gap match that stands alone, the bounds of its points.
    fn gaps(&self, interactions: &[Node<'_, '_>]) -> Result<(Vec<Gap>, Option<Bounds>), String> {
        let mut gaps: Vec<Gap> = Vec::new();
        let mut known: HashSet<String> = HashSet::new();
        let mut bounds = None;
        for node in interactions {
            let (id, declaration, way) = self.response(*node)?;
            let id = own_id(id);
            if known.contains(id) {
                return Err(format!("several interactions ask for the response `{id}`"));
            }
            let before = gaps.len();
            match name_of(*node).as_str() {
                "textEntryInteraction" => gaps.push(text_entry(*node, id, declaration, way)?),
                "inlineChoiceInteraction" => {
                    gaps.push(inline_choice(*node, "inlineChoice", id, declaration, way)?)
                }
                "choiceInteraction" => {
                    gaps.push(inline_choice(*node, "simpleChoice", id, declaration, way)?)
                }
                "gapMatchInteraction" => {
                    let alone = interactions.len() == 1;
                    let (read, held) = gap_match(*node, declaration, way, alone)?;
                    gaps.extend(read);
                    bounds = held;
                }
                other => {
                    return Err(format!(
                        "`{other}` beside other interactions has no counterpart"
                    ));
                }
            }
            known.extend(gaps[before..].iter().map(|gap| gap.blank.id.clone()));
        }
        Ok((gaps, bounds))
    }

    fn blanks(
        &mut self,
        body: Node<'_, '_>,
        interactions: &[Node<'_, '_>],
    ) -> Result<(Kind, String, f64), String> {
        let (gaps, bounds) = self.gaps(interactions)?;
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
        for gap in &gaps {
            self.losses.extend(gap.losses.clone());
            self.doubts.extend(gap.doubts.clone());
        }
        self.losses.dedup();
        self.doubts.dedup();
        let blanks: Vec<Blank> = gaps.into_iter().map(|gap| gap.blank).collect();
        let mut known = HashSet::new();
        for blank in &blanks {
            if !known.insert(blank.id.as_str()) {
                return Err(format!("several of its gaps are called `{}`", blank.id));
            }
        }
        let (scheme, points) = match (bounds, whole) {
            (Some(held), _) => held,
            (None, Some(points)) => (PartScheme::AllOrNothing, points),
            (None, None) => (
                PartScheme::EachPart,
                blanks.iter().map(|blank| blank.weight).sum(),
            ),
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
pub(super) fn unwrapped(html: String) -> String {
    let inner = html
        .trim()
        .strip_prefix("<div>")
        .and_then(|rest| rest.strip_suffix("</div>"))
        .filter(|inner| !inner.contains("<div"));
    inner.map(|inner| inner.trim().to_owned()).unwrap_or(html)
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
