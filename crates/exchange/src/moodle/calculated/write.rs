//! Questions with variables as Moodle's calculated ones: formulas, and lists of values.
//!
//! Every value that Moodle could draw is drawn here, so what a formula of Moodle cannot compute
//! (`fixed`, `gcd`, conditions) becomes a list of its own, with the value of each draw.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use carrel_quiz::expression::{Values, evaluate, format_number, format_value};
use carrel_quiz::kind::{Accept, Kind, NumberKey, Tolerance};
use carrel_quiz::limits::VARIABLES_MAX;
use carrel_quiz::template::{Amount, Template, Value, VariableSource};
use carrel_quiz::{Question, Text};

use super::super::entity::encode;
use super::super::formula::Term;
use super::sets::sets;
use crate::near;

/// Most decimals of the right answer as Moodle shows it.
const DECIMALS_MAX: usize = 9;

/// A question made ready to be written.
pub(in crate::moodle) struct Calculated {
    /// The question with Moodle's formulas in its texts, and without variables.
    pub(in crate::moodle) question: Question,
    /// Of a number: formula and tolerance of each of its answers.
    pub(in crate::moodle) answers: Vec<Asked>,
    /// The lists of values.
    pub(in crate::moodle) datasets: String,
    /// What is lost.
    pub(in crate::moodle) losses: Vec<String>,
}

/// A right answer.
pub(in crate::moodle) struct Asked {
    /// What Moodle computes.
    pub(in crate::moodle) formula: String,
    /// Elements of its tolerance, and how it is shown.
    pub(in crate::moodle) details: String,
}

/// A question with variables as Moodle has them; the reason where it cannot be one.
pub(in crate::moodle) fn plan(question: &Question) -> Result<Calculated, String> {
    let Some(template) = &question.template else {
        return Err("it has no variables".to_owned());
    };
    let (sets, whole) = sets(question, template)?;
    let mut writer = Writer::new(sets, template);
    if !whole {
        writer.losses.push(format!(
            "its variables are not drawn anew in Moodle: one of {} sets of values is taken",
            writer.sets.len()
        ));
    }
    let mut written = question.clone();
    written.template = None;
    let mut answers = Vec::new();
    if let Kind::Numeric(key) = &mut written.kind {
        answers = writer.answers(key)?;
    }
    writer.texts(&mut written)?;
    if writer.lists.is_empty() {
        // Moodle wants one, even where nothing is drawn.
        let name = template.variables.first().map(|variable| &variable.name);
        writer.need(name.ok_or("it has no variables")?)?;
    }
    Ok(Calculated {
        question: written,
        answers,
        datasets: writer.datasets(),
        losses: writer.losses,
    })
}

struct Writer {
    sets: Vec<Values>,
    /// Values of each list, as Moodle shows them.
    lists: BTreeMap<String, Vec<String>>,
    /// Variables that are computed, as formulas over those that are drawn; constants.
    known: BTreeMap<String, Term>,
    losses: Vec<String>,
}

/// What stands for an expression.
enum Said {
    /// A variable, or a list made for it.
    List(String),
    Formula(String),
}

impl Writer {
    fn new(sets: Vec<Values>, template: &Template) -> Self {
        let mut known: BTreeMap<String, Term> = ["pi", "e"]
            .map(|name| (name.to_owned(), Term::Call(name, Vec::new())))
            .into();
        for variable in &template.variables {
            known.remove(&variable.name);
            let VariableSource::Expression { expression } = &variable.source else {
                continue;
            };
            let term = Term::of_ours(expression).and_then(|term| term.with(&known));
            if let Some(term) = term.filter(|term| !term.is_comparison()) {
                known.insert(variable.name.clone(), term);
            }
        }
        Self {
            sets,
            lists: BTreeMap::new(),
            known,
            losses: Vec::new(),
        }
    }

    /// The value of an expression in each set.
    fn values(&self, expression: &str) -> Result<Vec<Value>, String> {
        let values = self.sets.iter().map(|set| evaluate(expression, set));
        values
            .collect::<Result<_, _>>()
            .map_err(|error| format!("`{expression}`: {error}"))
    }

    fn numbers(&self, expression: &str) -> Result<Vec<f64>, String> {
        let values = self.values(expression)?.into_iter();
        let numbers = values.map(|value| match value {
            Value::Number(number) => Ok(number),
            Value::Text(text) => Err(format!("`{expression}` gives the text `{text}`")),
        });
        numbers.collect()
    }

    /// A list with the values of an expression.
    fn list(&mut self, name: &str, expression: &str) -> Result<(), String> {
        let shown: Vec<String> = self.values(expression)?.iter().map(format_value).collect();
        // Moodle's lists hold numbers.
        let text = shown
            .iter()
            .find(|text| !text.parse::<f64>().is_ok_and(f64::is_finite));
        if let Some(text) = text {
            return Err(format!("`{expression}` gives the text `{text}`"));
        }
        if self.lists.len() >= VARIABLES_MAX && !self.lists.contains_key(name) {
            return Err(format!(
                "Moodle would need more than {VARIABLES_MAX} lists of values"
            ));
        }
        self.lists.insert(name.to_owned(), shown);
        Ok(())
    }

    fn need(&mut self, name: &str) -> Result<(), String> {
        match self.lists.contains_key(name) {
            true => Ok(()),
            false => self.list(name, name),
        }
    }

    fn say(&mut self, expression: &str) -> Result<Said, String> {
        let term = Term::of_ours(expression).and_then(|term| term.with(&self.known));
        if let Some(Term::Variable(name)) = &term {
            self.need(name)?;
            return Ok(Said::List(name.clone()));
        }
        let numbers = self.numbers(expression).is_ok();
        match term.filter(|term| numbers && !term.is_comparison()) {
            Some(term) => {
                for name in term.variables() {
                    self.need(&name)?;
                }
                Ok(Said::Formula(term.moodle()))
            }
            None => self.computed(expression).map(Said::List),
        }
    }

    /// The list that was made for an expression.
    fn computed(&mut self, expression: &str) -> Result<String, String> {
        let shown: Vec<String> = self.values(expression)?.iter().map(format_value).collect();
        let known = self.lists.iter().find(|(_, values)| **values == shown);
        if let Some((name, _)) = known {
            return Ok(name.clone());
        }
        let taken = |name: &String| {
            self.lists.contains_key(name) || self.sets.iter().any(|set| set.contains_key(name))
        };
        let mut names = (1..).map(|number: usize| format!("value{number}"));
        let name = names.find(|name| !taken(name)).unwrap_or_default();
        self.list(&name, expression)?;
        Ok(name)
    }

    /// The answers that can be written; the others are taken out of the key.
    fn answers(&mut self, key: &mut NumberKey) -> Result<Vec<Asked>, String> {
        let mut asked = Vec::new();
        let mut kept = Vec::new();
        for answer in std::mem::take(&mut key.answers) {
            let written = match &answer.accept {
                Accept::Any => Some(("*".to_owned(), Tolerance::Exact, 0)),
                Accept::Near { value, tolerance } => Some(self.near(value, *tolerance)?),
                Accept::Range { min, max } => self.range(min, max)?,
            };
            let Some((formula, tolerance, decimals)) = written else {
                self.losses
                    .push("an answer was left out: the width of its range is drawn".to_owned());
                continue;
            };
            let formula = match formula.as_str() {
                // To Moodle a bare 0 is empty, and an empty answer is a star.
                "0" => "(0)".to_owned(),
                _ => formula,
            };
            let details = details(tolerance, decimals);
            asked.push(Asked { formula, details });
            kept.push(answer);
        }
        key.answers = kept;
        match asked.is_empty() {
            true => Err("none of its answers can be written".to_owned()),
            false => Ok(asked),
        }
    }

    /// Formula, tolerance, and decimals of what is shown.
    fn near(
        &mut self,
        value: &Amount,
        tolerance: Tolerance,
    ) -> Result<(String, Tolerance, usize), String> {
        let expression = expression_of(value);
        let values = self.numbers(&expression)?;
        let tolerance = match tolerance {
            Tolerance::SignificantDigits { .. } | Tolerance::Decimals { .. } => {
                let by = values
                    .iter()
                    .map(|value| near::absolute(*value, tolerance).1);
                let by: Vec<f64> = by.collect();
                let least = by.iter().copied().fold(f64::INFINITY, f64::min);
                if by.iter().any(|by| !same(*by, least)) {
                    self.losses.push(format!("the tolerance by significant digits became the least of all values, {least}"));
                }
                Tolerance::Absolute { by: least }
            }
            other => other,
        };
        Ok((self.formula(&expression)?, tolerance, decimals(&values)))
    }

    fn range(
        &mut self,
        min: &Amount,
        max: &Amount,
    ) -> Result<Option<(String, Tolerance, usize)>, String> {
        let (min, max) = (expression_of(min), expression_of(max));
        let ends = self.numbers(&min)?.into_iter().zip(self.numbers(&max)?);
        let halves: Vec<f64> = ends.map(|(min, max)| (max - min) / 2.0).collect();
        let by = halves.first().copied().unwrap_or_default();
        if by < 0.0 || halves.iter().any(|half| !same(*half, by)) {
            return Ok(None);
        }
        let centre = format!("(({min}) + ({max})) / 2");
        let values = self.numbers(&centre)?;
        let tolerance = Tolerance::Absolute { by };
        Ok(Some((self.formula(&centre)?, tolerance, decimals(&values))))
    }

    fn formula(&mut self, expression: &str) -> Result<String, String> {
        Ok(match self.say(expression)? {
            Said::List(name) => format!("{{{name}}}"),
            Said::Formula(formula) => formula,
        })
    }

    fn texts(&mut self, question: &mut Question) -> Result<(), String> {
        let hints = std::mem::take(&mut question.hints);
        let kind = std::mem::replace(&mut question.kind, Kind::Description);
        // Moodle rounds formulas within answers, as it shows the right one there.
        let mut within = Question::new("", Text::default(), kind);
        for (question, rounds) in [(&mut *question, false), (&mut within, true)] {
            self.fill(question, rounds)?;
        }
        question.kind = within.kind;
        question.hints = hints;
        let mut told = false;
        for hint in &mut question.hints {
            told |= hint.text.source.contains("{{");
            hint.text.source = self.text(&hint.text.source, true)?;
        }
        if told {
            let what = "values in hints: Moodle fills in none there";
            self.losses.push(what.to_owned());
        }
        Ok(())
    }

    fn fill(&mut self, question: &mut Question, rounds: bool) -> Result<(), String> {
        let mut failure = None;
        question.for_each_string_mut(&mut |passage| match self.text(passage.source, rounds) {
            Ok(text) => *passage.source = text,
            Err(what) => {
                failure.get_or_insert(what);
            }
        });
        failure.map_or(Ok(()), Err)
    }

    /// `{{a}}` as `{a}`, `{{a * 2}}` as `{={a} * 2}`.
    fn text(&mut self, source: &str, rounds: bool) -> Result<String, String> {
        let mut text = String::with_capacity(source.len());
        let mut rest = source;
        while let Some(at) = rest.find("{{") {
            let (before, opened) = rest.split_at(at);
            if let Some(kept) = before.strip_suffix('\\') {
                text.push_str(kept);
                text.push_str("{{");
                rest = &opened[2..];
                continue;
            }
            self.check(before)?;
            text.push_str(before);
            let Some(end) = opened.find("}}") else {
                rest = opened;
                break;
            };
            text.push_str(&self.shown(&opened[2..end], rounds)?);
            rest = &opened[end + 2..];
        }
        self.check(rest)?;
        text.push_str(rest);
        Ok(text)
    }

    /// Whether Moodle would fill in something that is only text.
    fn check(&self, text: &str) -> Result<(), String> {
        let names = self.sets.iter().flat_map(BTreeMap::keys);
        let mut marks = names.map(|name| format!("{{{name}}}"));
        let found = match text.contains("{=") {
            true => Some("{=".to_owned()),
            false => marks.find(|mark| text.contains(mark.as_str())),
        };
        match found {
            Some(mark) => Err(format!("Moodle would fill in `{mark}`, which is text here")),
            None => Ok(()),
        }
    }

    fn shown(&mut self, expression: &str, rounds: bool) -> Result<String, String> {
        // A text that is the same for all values needs no list: a brace of its own, for one.
        let values = self.values(expression)?;
        if let Some(Value::Text(text)) = values.first()
            && values.iter().all(|value| *value == values[0])
        {
            return Ok(text.clone());
        }
        Ok(match self.say(expression)? {
            Said::List(name) => format!("{{{name}}}"),
            // Within mark-up its signs would be read as that.
            Said::Formula(formula) if !rounds && !formula.contains(['<', '>', '&']) => {
                format!("{{={formula}}}")
            }
            Said::Formula(_) => format!("{{{}}}", self.computed(expression)?),
        })
    }

    fn datasets(&self) -> String {
        let mut xml = String::from("    <dataset_definitions>\n");
        for (name, values) in &self.lists {
            let numbers = values.iter().filter_map(|text| text.parse::<f64>().ok());
            let least = numbers.clone().fold(f64::INFINITY, f64::min);
            let greatest = numbers.fold(f64::NEG_INFINITY, f64::max);
            let count = values.len();
            let places = values.iter().map(|text| decimals_of(text)).max();
            let _ = write!(
                xml,
                "      <dataset_definition><status><text>private</text></status><name><text>{}</text></name><type>calculated</type><distribution><text>uniform</text></distribution><minimum><text>{least}</text></minimum><maximum><text>{greatest}</text></maximum><decimals><text>{}</text></decimals><itemcount>{count}</itemcount><dataset_items>",
                encode(name),
                places.unwrap_or_default().min(DECIMALS_MAX),
            );
            for (number, value) in (1..).zip(values) {
                let _ = write!(
                    xml,
                    "<dataset_item><number>{number}</number><value>{value}</value></dataset_item>"
                );
            }
            let _ = writeln!(
                xml,
                "</dataset_items><number_of_items>{count}</number_of_items></dataset_definition>"
            );
        }
        xml.push_str("    </dataset_definitions>\n");
        xml
    }
}

fn expression_of(amount: &Amount) -> String {
    match amount {
        Amount::Number(number) => number.to_string(),
        Amount::Expression(expression) => expression.clone(),
    }
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12 * one.abs().max(1.0)
}

fn decimals_of(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, after)| after.len())
}

/// Decimals that show all of these numbers.
fn decimals(values: &[f64]) -> usize {
    let places = values
        .iter()
        .map(|value| decimals_of(&format_number(*value)));
    places.max().unwrap_or_default().min(DECIMALS_MAX)
}

/// What stands in the element of an answer beside its formula.
pub(in crate::moodle) fn details(tolerance: Tolerance, decimals: usize) -> String {
    let (by, kind) = match tolerance {
        Tolerance::Absolute { by } => (by, 2),
        Tolerance::Geometric { by } => (by, 3),
        Tolerance::Relative { by } => (by, 1),
        // The others were written as an absolute one.
        _ => (0.0, 1),
    };
    format!(
        "<tolerance>{by}</tolerance><tolerancetype>{kind}</tolerancetype><correctanswerformat>1</correctanswerformat><correctanswerlength>{decimals}</correctanswerlength>"
    )
}
