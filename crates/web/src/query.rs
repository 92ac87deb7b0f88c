//! Parameters of the address after `?`, read so that a wrong one is told by its name, what was
//! found there and what is allowed.

use std::fmt::Display;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer as _,
    MapAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::problem::{Problem, Result};

/// Most of a value that a message repeats, characters.
const TOLD_CHARACTERS_MAX: usize = 60;

/// Parameters of the address after `?`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        axum::extract::Query::<T>::operation_input(context, operation);
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(text);
    let pairs = pairs.unwrap_or_default().into_iter();
    let read = T::deserialize(Parameters { pairs, value: None });
    read.map_err(|wrong| Problem::parameter(wrong.name, wrong.message))
}

/// What is wrong with which parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` {message}")]
struct Wrong {
    /// Empty: not known yet.
    name: String,
    message: String,
}

impl Wrong {
    fn new(name: &str, message: impl Display) -> Self {
        Self {
            name: name.to_owned(),
            message: message.to_string(),
        }
    }

    fn value(found: &str, allowed: impl Display) -> Self {
        let mut told: String = found
            .chars()
            .take(TOLD_CHARACTERS_MAX)
            .map(|letter| {
                if letter.is_control() {
                    '\u{fffd}'
                } else {
                    letter
                }
            })
            .collect();
        if found.chars().nth(TOLD_CHARACTERS_MAX).is_some() {
            told.push('…');
        }
        Self::new("", format!("is `{told}`; it must be {allowed}"))
    }
}

/// Words in a row, each as it is written.
fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

impl de::Error for Wrong {
    fn custom<M: Display>(message: M) -> Self {
        Self::new("", message)
    }

    fn invalid_value(found: Unexpected<'_>, allowed: &dyn Expected) -> Self {
        match found {
            Unexpected::Str(text) => Self::value(text, allowed),
            other => Self::new("", format!("is {other}; it must be {allowed}")),
        }
    }

    fn invalid_type(found: Unexpected<'_>, allowed: &dyn Expected) -> Self {
        Self::invalid_value(found, allowed)
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::value(found, format!("one of {}", list(allowed)))
    }

    fn unknown_field(name: &str, allowed: &'static [&'static str]) -> Self {
        Self::new(
            name,
            format!("is not known here; there are {}", list(allowed)),
        )
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new(name, "is missing")
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(name, "comes more than once; send it once")
    }
}

/// All of them, and the value of the one whose name was read last.
struct Parameters {
    pairs: std::vec::IntoIter<(String, String)>,
    value: Option<(String, String)>,
}

impl<'de> MapAccess<'de> for Parameters {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.pairs.next() else {
            return Ok(None);
        };
        let key: StringDeserializer<Wrong> = name.clone().into_deserializer();
        self.value = Some((name, value));
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let (name, value) = self.value.take().unwrap_or_default();
        // What cannot be decoded stands for itself nowhere.
        if value.contains('\u{fffd}') {
            return Err(Wrong::new(&name, "is not UTF-8"));
        }
        seed.deserialize(Text(value)).map_err(|wrong| Wrong {
            name: if wrong.name.is_empty() {
                name
            } else {
                wrong.name
            },
            message: wrong.message,
        })
    }
}

impl<'de> Deserializer<'de> for Parameters {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The value of one.
struct Text(String);

/// Reads a whole number and tells its bounds where it is none.
macro_rules! read_numbers {
    ($($deserialize:ident $visit:ident $number:ty;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            match self.0.parse::<$number>() {
                Ok(number) => visitor.$visit(number),
                Err(_) => {
                    let (least, most) = (<$number>::MIN, <$number>::MAX);
                    let allowed = format!("a whole number from {least} to {most}");
                    Err(Wrong::value(&self.0, allowed))
                }
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Text {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_string(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0.as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(Wrong::value(other, "`true` or `false`")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let word: StringDeserializer<Wrong> = self.0.into_deserializer();
        visitor.visit_enum(word)
    }

    read_numbers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Asked {
        limit: Option<u32>,
        everybody: bool,
        of: Option<Kind>,
        user: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Quizzes,
        NoQuizzes,
    }

    #[test]
    fn what_is_right_is_read() {
        let asked: Asked =
            parse("limit=5&everybody=true&of=no_quizzes&user=a%20b+c%C3%A9").unwrap();
        let expected = Asked {
            limit: Some(5),
            everybody: true,
            of: Some(Kind::NoQuizzes),
            user: Some("a b cé".to_owned()),
        };
        assert_eq!(asked, expected);
        assert_eq!(parse::<Asked>("").unwrap(), Asked::default());
        assert_eq!(parse::<Asked>("user=").unwrap().user.as_deref(), Some(""));
    }

    #[test]
    fn what_is_wrong_is_told_by_name_with_what_was_found_and_what_is_allowed() {
        for (query, name, message) in [
            (
                "limit=ten",
                "limit",
                "is `ten`; it must be a whole number from 0 to 4294967295",
            ),
            (
                "limit=-1",
                "limit",
                "is `-1`; it must be a whole number from 0 to 4294967295",
            ),
            (
                "limit=",
                "limit",
                "is ``; it must be a whole number from 0 to 4294967295",
            ),
            (
                "everybody=1",
                "everybody",
                "is `1`; it must be `true` or `false`",
            ),
            (
                "of=quiz",
                "of",
                "is `quiz`; it must be one of `quizzes`, `no_quizzes`",
            ),
            (
                "user=a&user=b",
                "user",
                "comes more than once; send it once",
            ),
            ("user=%ff", "user", "is not UTF-8"),
            (
                "usr=a",
                "usr",
                "is not known here; there are `limit`, `everybody`, `of`, `user`",
            ),
        ] {
            let problem = parse::<Asked>(query).unwrap_err();
            let document = problem.document();
            let error = &document.errors[0];
            assert_eq!(
                (error.field.as_str(), error.message.as_str()),
                (name, message)
            );
            assert_eq!(document.detail, format!("`{name}` {message}"));
            assert_eq!(document.status, 400);
        }
        let long = parse::<Asked>(&format!("of={}", "x".repeat(1_000))).unwrap_err();
        assert!(long.document().detail.len() < 200, "{long}");
    }

    #[test]
    fn what_a_type_says_of_itself_is_told_with_the_name() {
        #[derive(Debug, Deserialize)]
        struct Since {
            #[expect(dead_code, reason = "only parsed")]
            since: jiff::Timestamp,
        }
        let problem = parse::<Since>("since=noon").unwrap_err();
        let document = problem.document();
        assert_eq!(document.errors[0].field, "since");
        assert!(document.detail.starts_with("`since`"), "{problem}");
        let problem = parse::<Since>("").unwrap_err();
        assert_eq!(problem.document().detail, "`since` is missing");
    }
}
