//! Calculated questions: formulas over variables whose values are drawn from lists.

mod sets;
mod write;

use std::collections::BTreeMap;

use carrel_quiz::Question;
use carrel_quiz::expression::{Expression, format_number};
use carrel_quiz::kind::{Accept, Kind, NumberAnswer, NumberKey, Tolerance};
use carrel_quiz::limits::{EXPRESSION_BYTES_MAX, VARIABLES_MAX};
use carrel_quiz::template::{Amount, Template, Value, Variable, VariableSource};
use roxmltree::Node;

use super::formula::Term;
use super::kinds::{choice, fraction, units};
use super::node::{Gathered, child, children, inner_text, value};
pub(super) use write::{Asked, Calculated, details, plan};

/// Group of lists that Moodle draws together.
const GROUP: &str = "items";
/// Longest name of a variable that is looked for in texts.
const NAME_BYTES_MAX: usize = 200;

/// The variables of a question: Moodle's name, ours, and how its values are shown.
#[derive(Debug, Default)]
pub(super) struct Names {
    ours: BTreeMap<String, String>,
    shown: BTreeMap<String, String>,
}

/// The key and the variables of a calculated question; the reason where it cannot be carried over.
///
/// Its texts hold Moodle's formulas still: [`fill`] writes them anew when all have been read.
pub(super) fn read(
    node: Node<'_, '_>,
    kind: &str,
    gathered: &mut Gathered,
) -> Result<(Kind, Template, Names), String> {
    let (template, names) = variables(node)?;
    if kind == "calculatedmulti" {
        let computes = |answer| inner_text(answer).contains("{=");
        if children(node, "answer").any(computes) {
            gathered.lose("the results within its options are not rounded here, as Moodle does");
        }
        let choice = choice(node, "multichoice", gathered)?;
        return Ok((Kind::Choice(choice), template, names));
    }
    let mut key = NumberKey::near(0.0, Tolerance::Exact);
    key.answers.clear();
    for answer in children(node, "answer") {
        let accept = match inner_text(answer).as_str() {
            // Moodle takes an empty answer for a star, and a bare 0 is empty to it.
            "*" | "" | "0" => Accept::Any,
            formula => Accept::Near {
                value: Amount::Expression(translated(formula, &names)?),
                tolerance: tolerance(answer),
            },
        };
        key.answers.push(NumberAnswer {
            score: fraction(answer)?,
            feedback: gathered.filled(answer, "feedback"),
            ..NumberAnswer::new(accept)
        });
    }
    if key.answers.is_empty() {
        return Err("a calculated question needs at least one answer".to_owned());
    }
    key.units = units(node)?;
    Ok((Kind::Numeric(key), template, names))
}

fn variables(node: Node<'_, '_>) -> Result<(Template, Names), String> {
    let definitions = child(node, "dataset_definitions");
    let mut names = Names::default();
    let mut lists: Vec<(String, Vec<(f64, String)>)> = Vec::new();
    for definition in definitions
        .iter()
        .flat_map(|list| children(*list, "dataset_definition"))
    {
        let (name, values) = items(definition)?;
        if names.ours.contains_key(&name) {
            continue;
        }
        if lists.len() >= VARIABLES_MAX {
            return Err(format!("it has more than {VARIABLES_MAX} variables"));
        }
        let ours = own_name(&name, &names);
        names.shown.insert(name.clone(), shown(&ours, &values));
        names.ours.insert(name, ours.clone());
        lists.push((ours, values));
    }
    // Moodle draws as many as the shortest list has.
    let count = lists.iter().map(|(_, values)| values.len()).min();
    let Some(count) = count else {
        return Err("it needs variables with values".to_owned());
    };
    let variables = lists.into_iter().map(|(name, values)| Variable {
        name,
        source: VariableSource::List {
            values: values
                .into_iter()
                .take(count)
                .map(|(value, _)| Value::Number(value))
                .collect(),
            group: Some(GROUP.to_owned()),
        },
    });
    let template = Template {
        variables: variables.collect(),
        conditions: Vec::new(),
    };
    Ok((template, names))
}

/// A name that expressions can hold, and that no other variable has.
fn own_name(name: &str, names: &Names) -> String {
    let mut own: String = name
        .chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() => letter,
            _ => '_',
        })
        .collect();
    // Constants and words of expressions mean something else.
    let taken = ["pi", "e", "and", "or", "not", "true", "false"];
    if !own.starts_with(|first: char| first.is_ascii_alphabetic()) {
        own.insert(0, 'v');
    }
    if taken.contains(&own.as_str()) {
        own.push('_');
    }
    while names.ours.values().any(|known| *known == own) {
        own.push('_');
    }
    own
}

/// Name and values of a variable, each as a number and as written.
fn items(definition: Node<'_, '_>) -> Result<(String, Vec<(f64, String)>), String> {
    let name = child(definition, "name")
        .map(inner_text)
        .unwrap_or_default();
    let list = child(definition, "dataset_items");
    let mut values: Vec<(u32, f64, String)> = Vec::new();
    for item in list.iter().flat_map(|list| children(*list, "dataset_item")) {
        let place = value(item, "number").parse().unwrap_or(0);
        let text = value(item, "value");
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number
            .ok_or_else(|| format!("the value `{text}` of the variable `{name}` is no number"))?;
        values.push((place, number, text));
    }
    if values.is_empty() {
        return Err(format!("the variable `{name}` has no values"));
    }
    values.sort_by_key(|(place, ..)| *place);
    let values = values.into_iter().map(|(_, number, text)| (number, text));
    Ok((name, values.collect()))
}

/// The expression that shows the values as they are written: `2.50` is not shown as `2.5`.
fn shown(name: &str, values: &[(f64, String)]) -> String {
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, after)| after.len());
    let plain = values
        .iter()
        .all(|(number, text)| format_number(*number) == *text);
    let count = decimals(&values[0].1);
    let same = values
        .iter()
        .all(|(_, text)| decimals(text) == count && !text.contains(['e', 'E', '+']));
    match !plain && same && (1..=9).contains(&count) {
        true => format!("fixed({name}, {count})"),
        false => name.to_owned(),
    }
}

fn tolerance(answer: Node<'_, '_>) -> Tolerance {
    let by = super::node::number(answer, "tolerance")
        .unwrap_or(0.0)
        .abs();
    match value(answer, "tolerancetype").as_str() {
        _ if by == 0.0 => Tolerance::Exact,
        "2" => Tolerance::Absolute { by },
        "3" => Tolerance::Geometric { by },
        _ => Tolerance::Relative { by },
    }
}

/// A formula as an expression that can be read.
fn translated(formula: &str, names: &Names) -> Result<String, String> {
    let expression = Term::of_moodle(formula, &names.ours)?.ours();
    match Expression::parse(&expression) {
        Ok(_) => Ok(expression),
        Err(error) => Err(format!("the formula `{formula}`: {error}")),
    }
}

/// Writes the formulas of all texts anew, where Moodle fills them in: `{a}` as `{{a}}`,
/// `{={a}*2}` as `{{a * 2}}`.
pub(super) fn fill(question: &mut Question, names: &Names) -> Result<(), String> {
    // Moodle fills in nothing there.
    let hints = std::mem::take(&mut question.hints);
    let mut failure = None;
    question.for_each_string_mut(&mut |passage| match filled(passage.source, names) {
        Ok(text) => *passage.source = text,
        Err(what) => {
            failure.get_or_insert(what);
        }
    });
    question.hints = hints;
    for hint in &mut question.hints {
        let mut text = Filled::default();
        text.plain(&hint.text.source);
        hint.text.source = text.source;
    }
    failure.map_or(Ok(()), Err)
}

/// A text with expressions while it is written.
#[derive(Default)]
struct Filled {
    source: String,
}

impl Filled {
    /// Text that stays text: two braces in a row would begin an expression.
    fn plain(&mut self, text: &str) {
        if self.source.ends_with('{') && text.starts_with('{') {
            self.guard();
        }
        self.source.push_str(&text.replace("{{", "\\{{"));
    }

    fn expression(&mut self, expression: &str) {
        self.guard();
        self.source.push_str(&format!("{{{{{expression}}}}}"));
    }

    /// Writes backslashes and braces at the end as an expression: before another, a brace would be
    /// taken for a part of it, and a backslash for its escape.
    fn guard(&mut self) {
        let kept = self.source.trim_end_matches(['{', '\\']).len();
        let signs = self.source.split_off(kept).replace("\\{{", "{{");
        if !signs.is_empty() {
            self.source.push_str(&format!("{{{{\"{signs}\"}}}}"));
        }
    }
}

fn filled(source: &str, names: &Names) -> Result<String, String> {
    let mut text = Filled::default();
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        text.plain(&rest[..start]);
        rest = &rest[start..];
        if let Some(inside) = rest.strip_prefix("{=")
            && let Some(end) = end_of(inside)?
        {
            text.expression(&translated(&inside[..end], names)?);
            rest = &inside[end + 1..];
            continue;
        }
        let end = rest
            .bytes()
            .take(NAME_BYTES_MAX)
            .position(|byte| byte == b'}');
        let name = end.and_then(|end| names.shown.get_key_value(&rest[1..end]));
        match name {
            Some((name, shown)) => {
                text.expression(shown);
                rest = &rest[name.len() + 2..];
            }
            None => {
                text.plain("{");
                rest = &rest[1..];
            }
        }
    }
    text.plain(rest);
    Ok(text.source)
}

/// Place of the brace that closes an open one; `None`: there is none.
fn end_of(text: &str) -> Result<Option<usize>, String> {
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if at > EXPRESSION_BYTES_MAX => {
                return Err("a formula in a text is too long, or is not closed".to_owned());
            }
            '{' => depth += 1,
            '}' if depth == 0 => return Ok(Some(at)),
            '}' => depth -= 1,
            _ => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[(&str, &str)]) -> Names {
        let mut names = Names::default();
        for (name, shown) in list {
            let own = own_name(name, &names);
            names.ours.insert((*name).to_owned(), own);
            names.shown.insert((*name).to_owned(), (*shown).to_owned());
        }
        names
    }

    #[test]
    fn formulas_in_texts_become_expressions() {
        let names = names(&[("a", "a"), ("b", "fixed(b, 2)")]);
        for (moodle, ours) in [
            (
                "What is {a} + {={b}*2}? {c} {",
                "What is {{a}} + {{b * 2}}? {c} {",
            ),
            ("{b}", "{{fixed(b, 2)}}"),
            (
                r"\(\frac{{a}}{{b}}\)",
                r#"\(\frac{{"{"}}{{a}}}{{"{"}}{{fixed(b, 2)}}}\)"#,
            ),
            (r"\{a}", r#"{{"\"}}{{a}}"#),
            (
                r"\begin{pmatrix}{a}\\{b}\end{pmatrix}",
                r#"\begin{pmatrix}{{a}}{{"\\"}}{{fixed(b, 2)}}\end{pmatrix}"#,
            ),
            (r"\{{a}, {b}\}", r#"{{"\{"}}{{a}}, {{fixed(b, 2)}}\}"#),
            (r"\{{c}", r#"{{"\{"}}{c}"#),
            ("{{x}}", r#"{{"{"}}{x}}"#),
        ] {
            assert_eq!(filled(moodle, &names).unwrap(), ours, "{moodle}");
        }
        assert!(filled("{={a}^2}", &names).unwrap_err().contains("bitwise"));
        assert_eq!(filled("{=1", &names).unwrap(), "{=1");
        let long = "{=1+".repeat(EXPRESSION_BYTES_MAX);
        assert!(filled(&long, &names).unwrap_err().contains("too long"));
        let long = "{".repeat(300_000);
        assert!(filled(&long, &names).is_ok());
    }

    #[test]
    fn names_of_moodle_become_names_of_expressions() {
        let mut known = Names::default();
        let mut own = |name: &str| {
            let own = own_name(name, &known);
            known.ours.insert(name.to_owned(), own.clone());
            own
        };
        assert_eq!(own("x_1"), "x_1");
        assert_eq!(own("x.1"), "x_1_");
        assert_eq!(own("pi"), "pi_");
        assert_eq!(own("\u{3b1}"), "v_");
    }

    #[test]
    fn values_are_shown_as_written() {
        let values = |texts: &[&str]| -> Vec<(f64, String)> {
            let number = |text: &str| (text.parse().unwrap(), text.to_owned());
            texts.iter().map(|text| number(text)).collect()
        };
        assert_eq!(shown("a", &values(&["1", "2.5"])), "a");
        assert_eq!(shown("a", &values(&["1.00", "2.50"])), "fixed(a, 2)");
        assert_eq!(shown("a", &values(&["1.00", "2.5"])), "a");
    }

    #[test]
    fn results_within_options_tell_that_they_are_not_rounded() {
        let read = |wrong: &str| {
            let text = format!(
                "<quiz><question type='calculatedmulti'><name><text>c</text></name>\
                 <questiontext><text>{{a}}?</text></questiontext>\
                 <answer fraction='100'><text>{{a}}</text></answer>\
                 <answer fraction='0'><text>{wrong}</text></answer>\
                 <dataset_definitions><dataset_definition><name><text>a</text></name>\
                 <dataset_items><dataset_item><number>1</number><value>2</value></dataset_item>\
                 </dataset_items></dataset_definition></dataset_definitions></question></quiz>"
            );
            let imported = super::super::read(&text, "f").unwrap();
            assert_eq!(imported.quiz.questions().count(), 1, "{imported:?}");
            imported.losses
        };
        let tells =
            |losses: &[crate::Loss]| losses.iter().any(|loss| loss.what.contains("not rounded"));
        assert!(tells(&read("{={a}/3}")));
        assert!(!tells(&read("{a}0")));
    }
}
