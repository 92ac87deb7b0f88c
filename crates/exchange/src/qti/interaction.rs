//! Interactions that fill an item by themselves.

use carrel_quiz::Text;
use carrel_quiz::kind::{
    Choice, ChoiceOption, ChoiceScheme, Essay, EssayFormat, Kind, Layout, OrderItem, OrderScheme,
    Ordering, Select,
};
use roxmltree::Node;

use super::body::{inner_html, plain_html};
use super::declaration::{Cardinality, Declaration, Mapping};
use super::node::{attribute, child, children, flag, is, name_of, own_id};
use super::pairs;
use super::processing::{Way, as_mapping};

/// A kind with the points that its response is worth, and what was lost.
pub(super) struct Read {
    pub(super) kind: Kind,
    pub(super) points: f64,
    /// What may give other points than the item.
    pub(super) doubts: Vec<String>,
}

const OTHER: &str =
    "its own response processing was read as: the declared right response, or nothing";

/// Names of interactions, as QTI 2 spells them.
pub(super) fn is_interaction(node: Node<'_, '_>) -> bool {
    node.is_element() && name_of(node).ends_with("Interaction")
}

/// Reads an interaction that stands alone; the reason where Carrel has no such kind.
pub(super) fn read(
    node: Node<'_, '_>,
    declaration: &Declaration,
    way: Way,
) -> Result<Read, String> {
    match name_of(node).as_str() {
        "choiceInteraction" => choice(node, "simpleChoice", declaration, way),
        "hottextInteraction" => choice(node, "hottext", declaration, way),
        "orderInteraction" => order(node, declaration, way),
        "matchInteraction" => pairs::matching(node, declaration, way),
        "extendedTextInteraction" => Ok(Read {
            kind: Kind::Essay(Essay {
                format: match attribute(node, "format") {
                    Some("xhtml") => EssayFormat::Rich,
                    Some("preFormatted") => EssayFormat::Code,
                    _ => EssayFormat::Plain,
                },
                lines: attribute(node, "expectedLines").and_then(|lines| lines.parse().ok()),
                ..Essay::default()
            }),
            points: 1.0,
            doubts: Vec::new(),
        }),
        "uploadInteraction" => Ok(Read {
            kind: Kind::Essay(Essay {
                format: EssayFormat::FilesOnly,
                files_max: 1,
                files_min: 1,
                ..Essay::default()
            }),
            points: 1.0,
            doubts: Vec::new(),
        }),
        other => Err(format!("`{other}` has no counterpart")),
    }
}

/// Options of a choice with their worth, for a choice that stands alone and one in the line.
pub(super) fn choice(
    node: Node<'_, '_>,
    option: &str,
    declaration: &Declaration,
    way: Way,
) -> Result<Read, String> {
    let many = declaration.cardinality == Cardinality::Multiple;
    let mut doubts = Vec::new();
    let way = settle(way, declaration, &mut doubts)?;
    let table = match &way {
        Way::Table(rows) => as_mapping(rows, declaration),
        _ => None,
    };
    let mapping = match &way {
        Way::Map => declaration.mapping.as_ref(),
        Way::Table(_) => table.as_ref(),
        _ => None,
    };
    if declaration.computed.is_some() {
        return Err("which of its options is right is computed".to_owned());
    }
    let mut options = options_of(node, option, declaration, mapping)?;
    if options.len() < 2 {
        return Err("a choice of less than two options".to_owned());
    }
    // Here that would mean that nothing is to be chosen.
    if mapping.is_none() && !options.iter().any(|option| option.correct) {
        return Err("none of its options is declared right".to_owned());
    }
    let points = match (&way, mapping) {
        (Way::Correct(points), _) => *points,
        (_, Some(mapping)) => weigh(&mut options, mapping, many, &mut doubts)?,
        _ => 1.0,
    };
    let floor = mapping.map_or(0.0, |mapping| {
        (mapping.lower.unwrap_or(f64::NEG_INFINITY) / points).clamp(-1.0, 0.0)
    });
    let most = attribute(node, "maxChoices").and_then(|most| most.parse::<u32>().ok());
    let mut read = if many {
        let mut read = Choice::many(options);
        let least = attribute(node, "minChoices").and_then(|least| least.parse().ok());
        read.select = Select::Many {
            min: least.unwrap_or(0),
            max: most.filter(|most| *most > 0),
        };
        read.scheme = match mapping {
            Some(_) => ChoiceScheme::Weights {
                floor,
                ceiling: 1.0,
            },
            None => ChoiceScheme::AllOrNothing,
        };
        read
    } else {
        let mut read = Choice::one(options);
        // Only where something is taken away does the least result matter.
        if read.options.iter().any(|option| read.weight(option) < 0.0) {
            read.scheme = ChoiceScheme::Weights {
                floor,
                ceiling: 1.0,
            };
        }
        read
    };
    read.shuffle = flag(node, "shuffle");
    if attribute(node, "orientation") == Some("horizontal") {
        read.layout = Layout::Horizontal;
    }
    Ok(Read {
        kind: Kind::Choice(read),
        points,
        doubts,
    })
}

/// The options of a choice, without their worth.
fn options_of(
    node: Node<'_, '_>,
    option: &str,
    declaration: &Declaration,
    mapping: Option<&Mapping>,
) -> Result<Vec<ChoiceOption>, String> {
    let found: Vec<Node<'_, '_>> = node
        .descendants()
        .filter(|inner| is(*inner, option))
        .collect();
    let mut options = Vec::new();
    for choice in found {
        let id = attribute(choice, "identifier").ok_or("an option has no identifier")?;
        let text = Text::html(inner_html(choice, &mut |inner| {
            is(inner, "feedbackInline").then(String::new)
        }));
        let declared = declaration.correct.iter().any(|right| right == id);
        let worth = mapping.map_or(0.0, |mapping| mapping.of(id));
        let correct = if declaration.correct.is_empty() {
            worth > 0.0
        } else {
            declared
        };
        let mut read = ChoiceOption::new(own_id(id), text, correct);
        read.fixed = flag(choice, "fixed");
        options.push(read);
    }
    Ok(options)
}

/// Weights of options as shares of the most that can be reached; gives that.
fn weigh(
    options: &mut [ChoiceOption],
    mapping: &Mapping,
    many: bool,
    doubts: &mut Vec<String>,
) -> Result<f64, String> {
    let worth: Vec<f64> = options
        .iter()
        .map(|option| mapping.of_own(&option.id))
        .map(|worth| if many { worth } else { mapping.bounded(worth) })
        .collect();
    let best = if many {
        worth.iter().filter(|worth| **worth > 0.0).sum()
    } else {
        worth.iter().copied().fold(0.0, f64::max)
    };
    let most = mapping.upper.map_or(best, |upper| upper.min(best));
    if most <= 0.0 {
        return Err("its mapping gives no points to anything".to_owned());
    }
    for (option, worth) in options.iter_mut().zip(worth) {
        let share = worth / most;
        if share.abs() > 1.0 + 1e-9 {
            doubts.push(format!(
                "option `{}` is worth more than the whole: its weight was cut",
                option.id
            ));
        }
        option.weight = Some(share.clamp(-1.0, 1.0));
    }
    Ok(most)
}

/// A way of its own becomes the declared right response, where there is one.
pub(super) fn settle(
    way: Way,
    declaration: &Declaration,
    doubts: &mut Vec<String>,
) -> Result<Way, String> {
    match way {
        Way::Map if declaration.mapping.is_none() => {
            Err("its response processing asks for a mapping that is not declared".to_owned())
        }
        Way::Correct(_) | Way::Other | Way::Nothing
            if declaration.correct.is_empty() && declaration.computed.is_none() =>
        {
            match &declaration.mapping {
                Some(_) if !matches!(way, Way::Correct(_)) => Ok(Way::Map),
                _ => Err("no right response is declared".to_owned()),
            }
        }
        Way::Other => {
            doubts.push(OTHER.to_owned());
            Ok(Way::Correct(1.0))
        }
        Way::Nothing => Ok(Way::Correct(1.0)),
        way => Ok(way),
    }
}

fn order(node: Node<'_, '_>, declaration: &Declaration, way: Way) -> Result<Read, String> {
    let mut doubts = Vec::new();
    let way = settle(way, declaration, &mut doubts)?;
    let texts: Vec<(String, Text)> = children(node, "simpleChoice")
        .filter_map(|choice| {
            Some((
                attribute(choice, "identifier")?.to_owned(),
                Text::html(plain_html(choice)),
            ))
        })
        .collect();
    let item = |id: &String| {
        let found = texts.iter().find(|(known, _)| known == id);
        found.map(|(id, text)| OrderItem {
            id: own_id(id).to_owned(),
            text: text.clone(),
        })
    };
    let items: Option<Vec<OrderItem>> = declaration.correct.iter().map(item).collect();
    let items = items.ok_or("the right order names a choice that is not there")?;
    if items.len() < 2 {
        return Err("an order of less than two items".to_owned());
    }
    let rest = texts
        .iter()
        .filter(|(id, _)| !declaration.correct.contains(id));
    let distractors: Vec<OrderItem> = rest
        .map(|(id, text)| OrderItem {
            id: own_id(id).to_owned(),
            text: text.clone(),
        })
        .collect();
    let (points, scheme) = match way {
        Way::Correct(points) => (points, OrderScheme::AllOrNothing),
        Way::Places(points) => {
            if !distractors.is_empty() {
                doubts.push("choices that belong nowhere take points away here".to_owned());
            }
            (points * items.len() as f64, OrderScheme::Positions)
        }
        _ => {
            doubts.push(OTHER.to_owned());
            (1.0, OrderScheme::AllOrNothing)
        }
    };
    Ok(Read {
        kind: Kind::Ordering(Ordering {
            items,
            distractors,
            scheme,
        }),
        points,
        doubts,
    })
}

/// The prompt of an interaction, as HTML.
pub(super) fn prompt(node: Node<'_, '_>) -> String {
    child(node, "prompt").map(plain_html).unwrap_or_default()
}
