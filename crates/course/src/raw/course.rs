//! `course.toml`, and the front matter of a lesson.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::placed::Placed;

/// `course.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CourseFile {
    /// Stable id.
    pub id: Option<Placed<String>>,
    /// Title.
    pub title: Option<Placed<String>>,
    /// What the course is about, Markdown.
    pub description: Option<Placed<String>>,
    /// Language that the course is written in (BCP 47), such as `en` or `pt-BR`; `en` where not said.
    pub language: Option<Placed<String>>,
    /// Licence of the course, such as `CC-BY-4.0`.
    pub licence: Option<Placed<String>>,
    /// Units, in order.
    pub units: Vec<Placed<UnitTable>>,
    /// Lessons, quizzes, directories of challenges and of projects that are not part of the course yet.
    pub drafts: Vec<Placed<String>>,
    /// Ids of units and activities that were part of the course once: never used again.
    pub retired: Vec<Placed<String>>,
}

/// `[[units]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UnitTable {
    /// Id, unique in the course and never reused.
    pub id: Option<Placed<String>>,
    /// Title.
    pub title: Option<Placed<String>>,
    /// What the unit is about, Markdown.
    pub description: Option<Placed<String>>,
    /// Ids of units and activities that come before it and must be passed first.
    pub requires: Vec<Placed<String>>,
    /// From when its activities can be worked on.
    pub opens: Option<Placed<Moment>>,
    /// Until when work on its activities is in time.
    pub due: Option<Placed<Moment>>,
    /// From when nothing is taken any more.
    pub closes: Option<Placed<Moment>>,
    /// Whether learners see nothing of it and of all that is in it.
    pub hidden: bool,
    /// Whether learners see nothing of it before it opens.
    pub hidden_until_open: Option<Placed<bool>>,
    /// Lessons (`*.md`), quizzes (`*.quiz.md`), directories of challenges and of projects, in order, relative to the course.
    pub activities: Vec<Placed<ActivityEntry>>,
    /// Challenge directories, in order: short for `activities` where a unit has nothing else.
    pub challenges: Vec<Placed<String>>,
}

/// One entry of `activities`: a path, or a table with more to say.
#[derive(Debug, Clone, PartialEq)]
pub enum ActivityEntry {
    /// A path alone.
    Path(String),
    /// A path and the rules of the activity.
    Table(Box<ActivityTable>),
}

/// An entry of `activities` that has more to say than its path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ActivityTable {
    /// Lesson, quiz, or directory of a challenge or project, relative to the course.
    pub path: Option<Placed<String>>,
    /// Ids of units and activities that come before it and must be passed first.
    pub requires: Vec<Placed<String>>,
    /// From when it can be worked on; the unit's where not said.
    pub opens: Option<Placed<Moment>>,
    /// Until when work is in time; the unit's where not said.
    pub due: Option<Placed<Moment>>,
    /// From when nothing is taken any more; the unit's where not said.
    pub closes: Option<Placed<Moment>>,
    /// Whether learners see nothing of it.
    pub hidden: bool,
    /// Whether learners see nothing of it before it opens.
    pub hidden_until_open: Option<Placed<bool>>,
    /// Weight in the course; 1 where not said, 0 for a lesson or project.
    pub points: Option<Placed<f64>>,
    /// Whether the unit is passed without it.
    pub optional: bool,
}

struct ActivityEntryVisitor;

impl<'de> Visitor<'de> for ActivityEntryVisitor {
    type Value = ActivityEntry;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a path, or a table with `path`")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<ActivityEntry, E> {
        Ok(ActivityEntry::Path(value.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<ActivityEntry, A::Error> {
        let table = ActivityTable::deserialize(MapAccessDeserializer::new(access))?;
        Ok(ActivityEntry::Table(Box::new(table)))
    }
}

impl<'de> Deserialize<'de> for ActivityEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ActivityEntryVisitor)
    }
}

impl Serialize for ActivityEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Path(path) => path.serialize(serializer),
            Self::Table(table) => table.serialize(serializer),
        }
    }
}

impl JsonSchema for ActivityEntry {
    fn schema_name() -> Cow<'static, str> {
        "ActivityEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<ActivityTable>();
        json_schema!({
            "description": "A path, or a table with `path` and the rules of the activity.",
            "anyOf": [{ "type": "string", "minLength": 1 }, table]
        })
    }
}

/// A moment with its offset from UTC, such as `2026-10-05T08:00:00+02:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(
    /// The moment.
    pub Timestamp,
);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = toml::value::Datetime::deserialize(deserializer).map_err(|_| {
            D::Error::custom(
                "expected a date and time such as 2026-10-05T08:00:00+02:00, without quotes",
            )
        })?;
        let text = written.to_string();
        if written.offset.is_none() {
            return Err(D::Error::custom(format!(
                "`{text}` is no moment: it needs a date, a time and an offset from UTC, such as 2026-10-05T08:00:00+02:00"
            )));
        }
        text.parse()
            .map(Self)
            .map_err(|error| D::Error::custom(format!("`{text}` is no moment: {error}")))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written: Result<toml::value::Datetime, _> = self.0.to_string().parse();
        written
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Date, time and offset from UTC, such as 2026-10-05T08:00:00+02:00.",
            "type": "string",
            "format": "date-time"
        })
    }
}

/// Front matter of a lesson: TOML between two lines `+++` at the top of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LessonFile {
    /// Stable id, unique in the course and never reused: lower-case letters, digits, `-`.
    pub id: Option<Placed<String>>,
    /// Title.
    pub title: Option<Placed<String>>,
    /// One or two sentences for lists.
    pub summary: Option<Placed<String>>,
    /// Minutes that reading takes.
    pub minutes: Option<Placed<u32>>,
}
