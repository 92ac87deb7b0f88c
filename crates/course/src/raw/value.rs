//! Values that may be written in two ways.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use carrel_model::Verdict;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::placed::Placed;

/// A number of bytes: an integer, or text such as `"64 MiB"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Size(
    /// Bytes.
    pub u64,
);

/// Units of [`Size`].
const UNITS: [(&str, u64); 7] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

impl Size {
    /// Reads text such as `64 MiB`.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
        let unit = text[digits.len()..].trim();
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
        let number: u64 = digits.parse().ok()?;
        number.checked_mul(*factor).map(Self)
    }
}

struct SizeVisitor;

impl Visitor<'_> for SizeVisitor {
    type Value = Size;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of bytes or text such as \"64 MiB\"")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Size, E> {
        u64::try_from(value)
            .map(Size)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(value), &self))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Size, E> {
        Ok(Size(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Size, E> {
        Size::parse(value).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(value), &self))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of bytes, or text such as \"64 MiB\".",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+ *([KMG]i?)?B$" }
            ]
        })
    }
}

/// The verdicts that are right: one, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdicts(
    /// In the order written.
    pub Vec<Verdict>,
);

struct VerdictsVisitor;

impl<'de> Visitor<'de> for VerdictsVisitor {
    type Value = Verdicts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a verdict, or a list of verdicts")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Verdicts, E> {
        let verdict = Verdict::deserialize(value.into_deserializer())?;
        Ok(Verdicts(vec![verdict]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Verdicts, A::Error> {
        let mut verdicts = Vec::new();
        while let Some(verdict) = access.next_element()? {
            verdicts.push(verdict);
        }
        Ok(Verdicts(verdicts))
    }
}

impl<'de> Deserialize<'de> for Verdicts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VerdictsVisitor)
    }
}

impl Serialize for Verdicts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

impl JsonSchema for Verdicts {
    fn schema_name() -> Cow<'static, str> {
        "Verdicts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let verdict = generator.subschema_for::<Verdict>();
        json_schema!({
            "description": "The verdicts that are right: one, or a list.",
            "anyOf": [
                &verdict,
                { "type": "array", "items": &verdict, "minItems": 1 }
            ]
        })
    }
}

/// Files of a check: a list of paths or patterns, or a table from the path in
/// the work directory to the file.
#[derive(Debug, Clone, PartialEq)]
pub enum FileList {
    /// Paths or patterns, relative to the challenge directory.
    Listed(Vec<Placed<String>>),
    /// Path in the work directory → file.
    Mapped(BTreeMap<String, Placed<String>>),
}

struct FileListVisitor;

impl<'de> Visitor<'de> for FileListVisitor {
    type Value = FileList;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of paths, or a table from path in the work directory to file")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<FileList, A::Error> {
        let mut paths = Vec::new();
        while let Some(path) = access.next_element()? {
            paths.push(path);
        }
        Ok(FileList::Listed(paths))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<FileList, A::Error> {
        let mut paths = BTreeMap::new();
        while let Some((key, path)) = access.next_entry()? {
            paths.insert(key, path);
        }
        Ok(FileList::Mapped(paths))
    }
}

impl<'de> Deserialize<'de> for FileList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FileListVisitor)
    }
}

impl Serialize for FileList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Listed(paths) => paths.serialize(serializer),
            Self::Mapped(paths) => paths.serialize(serializer),
        }
    }
}

impl JsonSchema for FileList {
    fn schema_name() -> Cow<'static, str> {
        "FileList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Paths or patterns, or a table from path in the work directory to file.",
            "anyOf": [
                { "type": "array", "items": { "type": "string" } },
                { "type": "object", "additionalProperties": { "type": "string" } }
            ]
        })
    }
}

/// Points that a submission must get: a number, or `[least, most]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreRange {
    /// Least.
    pub least: f64,
    /// Most.
    pub most: f64,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number of points or `[least, most]`")]
enum ScoreForm {
    Exactly(f64),
    Between([f64; 2]),
}

impl<'de> Deserialize<'de> for ScoreRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match ScoreForm::deserialize(deserializer)? {
            ScoreForm::Exactly(score) => Self {
                least: score,
                most: score,
            },
            ScoreForm::Between([least, most]) => Self { least, most },
        })
    }
}

impl Serialize for ScoreRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.least, self.most].serialize(serializer)
    }
}

impl JsonSchema for ScoreRange {
    fn schema_name() -> Cow<'static, str> {
        "ScoreRange".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Points, or `[least, most]`.",
            "anyOf": [
                { "type": "number" },
                { "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(Size::parse("64 MiB"), Some(Size(64 << 20)));
        assert_eq!(Size::parse("2kb"), Some(Size(2_000)));
        assert_eq!(Size::parse("7 B"), Some(Size(7)));
        for wrong in [
            "",
            "MiB",
            "1.5 MiB",
            "-1 B",
            "12",
            "9 TiB",
            "99999999999999999999 B",
            "18446744073709551615 GiB",
        ] {
            assert_eq!(Size::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn sizes_never_panic(text in ".{0,20}") {
            let _ = Size::parse(&text);
        }
    }
}
