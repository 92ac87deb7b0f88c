//! YAML with the place of every value, so that a refusal can name its line.
//!
//! The document is read into a tree of [`Node`]s; [`Reader`] walks one mapping
//! of it, collects every problem instead of stopping at the first, and at the
//! end names the keys that the format does not know.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::problem::Problem;
use crate::problem::find_nearest;

/// Largest YAML file that is read, bytes.
pub(crate) const YAML_BYTES_MAX: u64 = 1 << 20;
/// Deepest nesting that is read.
const DEPTH_MAX: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Line from 1; 0 where not known.
    pub(crate) line: u64,
    /// Column from 1; 0 where not known.
    pub(crate) column: u64,
    /// What it is.
    pub(crate) value: Value,
}

/// A YAML value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys in the order written, each with its place.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    /// Its text.
    pub(crate) name: String,
    /// Line from 1.
    pub(crate) line: u64,
    /// Column from 1.
    pub(crate) column: u64,
}

impl Value {
    /// What a message calls it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number",
            Self::String(_) => "a string",
            Self::Sequence(_) => "a sequence",
            Self::Map(_) => "a map",
        }
    }

    /// The number, where it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "limits and scores are far below 2^53"
            )]
            Self::Integer(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "only what does not fit a signed number"
        )]
        let float = value as f64;
        Ok(i64::try_from(value).map_or(Value::Float(float), Value::Integer))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = access.next_element::<Spanned<Value>>()? {
            nodes.push(place(node));
        }
        Ok(Value::Sequence(nodes))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let node = place(access.next_value::<Spanned<Value>>()?);
            let (line, column) = (key.referenced.line(), key.referenced.column());
            entries.push((
                Key {
                    name: key.value,
                    line,
                    column,
                },
                node,
            ));
        }
        Ok(Value::Map(entries))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

fn place(spanned: Spanned<Value>) -> Node {
    let (line, column) = (spanned.referenced.line(), spanned.referenced.column());
    Node {
        line,
        column,
        value: spanned.value,
    }
}

/// Reads a YAML document; `path` only names it in the problem.
///
/// # Errors
/// What is wrong and where, when it is not one YAML document or nested too deeply.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Node, Problem> {
    let budget = serde_saphyr::budget! { max_depth: DEPTH_MAX, max_nodes: 100_000 };
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        budget: budget,
    };
    if text.trim().is_empty() {
        return Ok(Node {
            line: 1,
            column: 1,
            value: Value::Null,
        });
    }
    serde_saphyr::from_str_with_options::<Spanned<Value>>(text, options)
        .map(place)
        .map_err(|error| {
            let (line, column) = error
                .location()
                .map_or((0, 0), |location| (location.line(), location.column()));
            Problem::at(
                path,
                line,
                column,
                format!("not valid YAML: {}", first_line(&error.to_string())),
            )
        })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Walks one mapping and collects what is wrong with it.
#[derive(Debug)]
pub(crate) struct Reader<'n> {
    path: PathBuf,
    entries: &'n [(Key, Node)],
    known: Vec<&'static str>,
    /// Line of the mapping, for what is missing in it.
    pub(crate) line: u64,
}

impl<'n> Reader<'n> {
    /// A reader of `node`, which must be a mapping (or nothing, which is an empty one).
    pub(crate) fn open(path: &Path, node: &'n Node, problems: &mut Vec<Problem>) -> Self {
        let entries: &[(Key, Node)] = match &node.value {
            Value::Map(entries) => entries,
            Value::Null => &[],
            other => {
                let text = format!("expected a map, found {}", other.kind());
                problems.push(Problem::at(path, node.line, node.column, text));
                &[]
            }
        };
        Self {
            path: path.to_owned(),
            entries,
            known: Vec::new(),
            line: node.line.max(1),
        }
    }

    /// The file it reads, as problems name it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The value of a key that the format knows; `null` counts as absent.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'n Node> {
        self.known.push(name);
        let (_, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        (node.value != Value::Null).then_some(node)
    }

    /// Text under a key; a plain number counts as text, as YAML authors write versions and years so.
    pub(crate) fn string(
        &mut self,
        name: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        let node = self.get(name)?;
        string_of(node).or_else(|| {
            problems.push(self.mismatch(name, "a string", node));
            None
        })
    }

    /// A boolean under a key.
    pub(crate) fn boolean(
        &mut self,
        name: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<bool> {
        let node = self.get(name)?;
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        problems.push(self.mismatch(name, "`true` or `false`", node));
        None
    }

    /// A finite number of at least `least` under a key.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        least: f64,
        problems: &mut Vec<Problem>,
    ) -> Option<f64> {
        let node = self.get(name)?;
        match node.value.number() {
            Some(value) if value.is_finite() && value >= least => Some(value),
            Some(_) => {
                let bound = if least > 0.0 && least < f64::MIN_POSITIVE {
                    "greater than 0".to_owned()
                } else {
                    format!("of at least {least}")
                };
                let text = format!("`{name}` must be a number {bound}");
                problems.push(Problem::at(&self.path, node.line, node.column, text));
                None
            }
            None => {
                problems.push(self.mismatch(name, "a number", node));
                None
            }
        }
    }

    /// A whole number of at least `least` under a key.
    pub(crate) fn integer(
        &mut self,
        name: &'static str,
        least: u64,
        problems: &mut Vec<Problem>,
    ) -> Option<u64> {
        let node = self.get(name)?;
        if let Value::Integer(value) = node.value
            && let Ok(value) = u64::try_from(value)
            && value >= least
        {
            return Some(value);
        }
        problems.push(self.mismatch(name, &format!("an integer of at least {least}"), node));
        None
    }

    /// One text or a list of texts under a key, each with its place.
    pub(crate) fn strings(
        &mut self,
        name: &'static str,
        problems: &mut Vec<Problem>,
    ) -> Option<Vec<(String, &'n Node)>> {
        let node = self.get(name)?;
        match &node.value {
            Value::Sequence(nodes) => {
                let mut texts = Vec::new();
                for item in nodes {
                    match string_of(item) {
                        Some(text) => texts.push((text, item)),
                        None => problems.push(self.mismatch(name, "a sequence of strings", item)),
                    }
                }
                Some(texts)
            }
            _ => match string_of(node) {
                Some(text) => Some(vec![(text, node)]),
                None => {
                    problems.push(self.mismatch(name, "a string or a sequence of strings", node));
                    None
                }
            },
        }
    }

    /// Is the key there? Neither marks it as known nor says anything.
    pub(crate) fn get_silent(&self, name: &str) -> bool {
        self.entries
            .iter()
            .any(|(key, node)| key.name == name && node.value != Value::Null)
    }

    /// Marks keys as known without reading them.
    pub(crate) fn accept(&mut self, names: &[&'static str]) {
        self.known.extend_from_slice(names);
    }

    /// Names every key that was never asked for.
    pub(crate) fn finish(self, problems: &mut Vec<Problem>) {
        self.finish_but(|_| false, problems);
    }

    /// The same, where `open` accepts further names.
    pub(crate) fn finish_but(self, open: impl Fn(&str) -> bool, problems: &mut Vec<Problem>) {
        for (key, _) in self.entries {
            if !self.known.contains(&key.name.as_str()) && !open(&key.name) {
                let text = format!("unknown key `{}`", key.name);
                let problem = Problem::at(&self.path, key.line, key.column, text);
                problems.push(match find_nearest(&key.name, self.known.iter().copied()) {
                    Some(name) => problem.hint(format!("did you mean `{name}`?")),
                    None => problem.hint(format!("known here: {}", self.known.join(", "))),
                });
            }
        }
    }

    fn mismatch(&self, name: &str, expected: &str, node: &Node) -> Problem {
        let text = format!("`{name}` must be {expected}, found {}", node.value.kind());
        Problem::at(&self.path, node.line, node.column, text)
    }
}

/// The text of a scalar; numbers are written out as YAML would.
pub(crate) fn string_of(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Float(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Node {
        parse(Path::new("problem.yaml"), text).unwrap()
    }

    #[test]
    fn values_keep_their_types_and_places() {
        let node = read("name: a\nlimits:\n  memory: 512\n  ratio: 1.5\nlist: [x, true]\nnone:\n");
        let Value::Map(entries) = &node.value else {
            panic!("{node:?}")
        };
        assert_eq!(entries[0].1.value, Value::String("a".into()));
        let Value::Map(limits) = &entries[1].1.value else {
            panic!()
        };
        assert_eq!(
            (limits[0].0.line, &limits[0].1.value),
            (3, &Value::Integer(512))
        );
        assert_eq!(limits[1].1.value, Value::Float(1.5));
        let Value::Sequence(list) = &entries[2].1.value else {
            panic!()
        };
        assert_eq!(list[1].value, Value::Bool(true));
        assert_eq!(entries[3].1.value, Value::Null);
    }

    #[test]
    fn a_version_stays_text_and_comments_alone_are_nothing() {
        let node = read("problem_format_version: 2025-09\n");
        let Value::Map(entries) = &node.value else {
            panic!()
        };
        assert_eq!(entries[0].1.value, Value::String("2025-09".into()));
        assert_eq!(read("# nothing\n").value, Value::Null);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let node = read("name: x\nlicence: cc0\n");
        let mut problems = Vec::new();
        let mut reader = Reader::open(Path::new("problem.yaml"), &node, &mut problems);
        assert_eq!(reader.string("name", &mut problems).as_deref(), Some("x"));
        reader.accept(&["license", "limits"]);
        reader.finish(&mut problems);
        assert_eq!(problems.len(), 1);
        let text = problems[0].to_string();
        assert!(
            text.contains("problem.yaml:2:1") && text.contains("did you mean `license`?"),
            "{text}"
        );
    }

    #[test]
    fn duplicate_keys_and_depth_are_refused_with_a_line() {
        let problem = parse(Path::new("p.yaml"), "a: 1\na: 2\n").unwrap_err();
        assert!(problem.to_string().contains("p.yaml:2"), "{problem}");
        let deep = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
        assert!(parse(Path::new("p.yaml"), &deep).is_err());
    }

    proptest! {
        #[test]
        fn fuzz_yaml(text in carrel_fuzz::damaged_text(
            &["name: a\nlimits:\n  memory: 512\n  ratio: 1.5\nlist: [x, true]\nnone:\n", "a: &b {c: 1}\nd: *b\n"],
            &["&a ", "*a", "<<: ", "!!binary ", "|\n  ", "? ", "---\n", "%YAML 1.2\n"],
        )) {
            drop(parse(Path::new("p.yaml"), &text));
        }

        #[test]
        fn garbage_never_panics(text in any::<String>()) {
            drop(parse(Path::new("p.yaml"), &text));
        }

        #[test]
        fn yaml_like_garbage_never_panics(text in "[a-z:\\-\\[\\]{}&*!|>'\"#%@ \n0-9.]{0,200}") {
            drop(parse(Path::new("p.yaml"), &text));
        }
    }
}
