//! The test of a package: which items it has, in which order, and how they are attempted.

use carrel_quiz::{Settings, Text};
use roxmltree::Node;

use super::body::plain_html;
use super::node::{attribute, child, children, elements, flag, inside, is, name_of, number};
use crate::archive::beside;

/// Deepest nesting of sections.
const DEPTH_MAX: usize = 20;

/// What a test says that a quiz can say.
#[derive(Debug, Default)]
pub(super) struct Test {
    pub(super) title: String,
    pub(super) introduction: Option<Text>,
    pub(super) settings: Settings,
    pub(super) entries: Vec<Entry>,
    pub(super) losses: Vec<String>,
}

/// An item by its path in the package, or several of which some are drawn.
#[derive(Debug)]
pub(super) enum Entry {
    Item(String),
    Pool {
        id: String,
        title: String,
        draw: u32,
        items: Vec<String>,
    },
}

/// Reads a test; `path` is where it lies.
pub(super) fn read(root: Node<'_, '_>, path: &str) -> Test {
    let mut test = Test {
        title: attribute(root, "title").unwrap_or_default().to_owned(),
        ..Test::default()
    };
    test.settings.time_limit_seconds = test.time_limit(root);
    let parts: Vec<Node<'_, '_>> = children(root, "testPart").collect();
    let mut modes = parts.iter().map(|part| attribute(*part, "navigationMode"));
    test.settings.sequential = modes.all(|mode| mode == Some("linear")) && !parts.is_empty();
    let linear = |part: &&Node<'_, '_>| attribute(**part, "navigationMode") == Some("linear");
    if !test.settings.sequential && parts.iter().any(|part| linear(&part)) {
        test.lose("parts without a way back: here the whole quiz has one");
    }
    for part in &parts {
        if attribute(*part, "submissionMode") == Some("individual") {
            test.lose("questions that are submitted one by one");
        }
        let limit = test.time_limit(*part);
        match parts.as_slice() {
            [_] if test.settings.time_limit_seconds.is_none() => {
                test.settings.time_limit_seconds = limit;
            }
            _ if limit.is_some() => test.lose("the time limit of a part"),
            _ => {}
        }
        let sections: Vec<Node<'_, '_>> = children(*part, "assessmentSection").collect();
        let is_whole = parts.len() == 1 && sections.len() == 1;
        for section in sections {
            test.section(section, path, is_whole, 0);
        }
    }
    for node in root.descendants().filter(Node::is_element) {
        let what = match name_of(node).as_str() {
            "preCondition" | "branchRule" => "conditions on which questions follow",
            "itemSessionControl" => "`itemSessionControl`: how single questions are attempted",
            "weight" => "weights of items",
            "testFeedback" => "feedback on the whole test",
            "assessmentSectionRef" => "sections in files of their own",
            "outcomeProcessing" if !is_sum(node) => {
                "the outcomes of the test: here points are added up"
            }
            _ => continue,
        };
        test.lose(what);
    }
    test
}

/// Whether the outcome is the sum of the points of all items.
fn is_sum(processing: Node<'_, '_>) -> bool {
    let plain = ["setOutcomeValue", "sum", "testVariables"];
    let mut inner = processing.descendants().skip(1).filter(Node::is_element);
    inner.all(|node| {
        let filtered = [
            "sectionIdentifier",
            "includeCategory",
            "excludeCategory",
            "weightIdentifier",
        ];
        plain.iter().any(|name| is(node, name))
            && filtered.iter().all(|name| attribute(node, name).is_none())
    })
}

impl Test {
    fn lose(&mut self, what: &str) {
        let what = format!("the test: {what}");
        if !self.losses.contains(&what) {
            self.losses.push(what);
        }
    }

    /// The time limit of an element in seconds.
    fn time_limit(&mut self, node: Node<'_, '_>) -> Option<u32> {
        let limits = child(node, "timeLimits")?;
        if number(limits, "minTime").is_some_and(|least| least > 0.0) {
            self.lose("a least time");
        }
        let most = number(limits, "maxTime").filter(|most| *most >= 1.0)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held between 1 and the greatest number"
        )]
        Some(most.ceil().min(f64::from(u32::MAX)) as u32)
    }

    fn section(&mut self, section: Node<'_, '_>, path: &str, is_whole: bool, depth: usize) {
        if depth > DEPTH_MAX {
            return self.lose("sections that are nested too deeply");
        }
        let title = attribute(section, "title").unwrap_or_default().to_owned();
        let shuffled = child(section, "ordering").is_some_and(|order| flag(order, "shuffle"));
        let limit = self.time_limit(section);
        if is_whole {
            self.settings.shuffle = shuffled;
            self.settings.time_limit_seconds = self.settings.time_limit_seconds.or(limit);
        } else if limit.is_some() {
            self.lose("the time limit of a section");
        }
        for block in children(section, "rubricBlock") {
            if is_whole && self.introduction.is_none() {
                self.introduction = Text::html(plain_html(block)).filled();
            } else {
                self.lose("texts of sections");
            }
        }
        if let Some(selection) = child(section, "selection")
            && self.pool(section, selection, path)
        {
            return;
        }
        if !is_whole {
            if shuffled {
                self.lose("sections whose questions have an order of their own");
            }
            self.losses.push(format!(
                "the test: the section `{title}`: its questions stand in the row"
            ));
        }
        for inner in elements(section) {
            match name_of(inner).as_str() {
                "assessmentSection" => self.section(inner, path, false, depth + 1),
                "assessmentItemRef" => {
                    let item = self.item(inner, path);
                    self.entries.extend(item.map(Entry::Item));
                }
                _ => {}
            }
        }
    }

    /// A section of items of which some are drawn; `false` where it is none, and why is told.
    fn pool(&mut self, section: Node<'_, '_>, selection: Node<'_, '_>, path: &str) -> bool {
        let draw = attribute(selection, "select").and_then(|draw| draw.parse::<u32>().ok());
        let items: Vec<Node<'_, '_>> = children(section, "assessmentItemRef").collect();
        let Some(draw) = draw.filter(|draw| *draw > 0) else {
            return false;
        };
        if inside(section, "assessmentSection").is_some_and(|inner| inner != section)
            && children(section, "assessmentSection").next().is_some()
        {
            self.lose("sections of which some are drawn: all questions are taken");
            return false;
        }
        if flag(selection, "withReplacement") {
            self.lose("questions that may be drawn twice");
        }
        if items
            .iter()
            .any(|item| flag(*item, "required") || flag(*item, "fixed"))
        {
            self.lose("questions that are always drawn or keep their place");
        }
        let paths: Vec<String> = items
            .iter()
            .filter_map(|item| self.item(*item, path))
            .collect();
        if draw as usize >= paths.len() {
            self.entries.extend(paths.into_iter().map(Entry::Item));
            return true;
        }
        let id = attribute(section, "identifier").unwrap_or("pool");
        self.entries.push(Entry::Pool {
            id: id.strip_prefix("pool-").unwrap_or(id).to_owned(),
            title: attribute(section, "title").unwrap_or_default().to_owned(),
            draw,
            items: paths,
        });
        true
    }

    fn item(&mut self, item: Node<'_, '_>, path: &str) -> Option<String> {
        let href = attribute(item, "href").unwrap_or_default();
        if child(item, "timeLimits").is_some() {
            self.lose("time limits of single questions");
        }
        match beside(path, href) {
            Ok(found) => Some(found),
            Err(what) => {
                self.losses.push(format!("the test: {what}"));
                None
            }
        }
    }
}
