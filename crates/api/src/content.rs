//! Bytes of a file or stream in JSON.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Text as it is, or other bytes in base64: `"text"` or `{"base64": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "content is a text, or `{\"base64\": \"…\"}` for bytes"
)]
pub enum Content {
    /// UTF-8 text.
    Text(String),
    /// Any bytes.
    #[serde(deserialize_with = "read_base64")]
    Base64(Base64Content),
}

/// Bytes in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Base64Content {
    /// Standard alphabet, with padding.
    pub base64: String,
}

/// Reads bytes in base64 from an object and from nothing else: what derives it takes a list too.
fn read_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Base64Content, D::Error> {
    let mut members = BTreeMap::<String, String>::deserialize(deserializer)?;
    match (members.remove("base64"), members.pop_first()) {
        (Some(base64), None) => Ok(Base64Content { base64 }),
        (None, _) => Err(D::Error::missing_field("base64")),
        (_, Some((name, _))) => Err(D::Error::custom(format!("unknown field `{name}`"))),
    }
}

/// Reads files by path, each path once: of two under one path one would be lost.
///
/// # Errors
/// A path comes twice, or what stands there is no content.
pub fn read_files<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Content>, D::Error> {
    struct Files;

    impl<'de> Visitor<'de> for Files {
        type Value = BTreeMap<String, Content>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut files = BTreeMap::new();
            while let Some((path, content)) = map.next_entry::<String, Content>()? {
                if files.contains_key(&path) {
                    let path = path.escape_debug();
                    return Err(A::Error::custom(format!("the path `{path}` comes twice")));
                }
                files.insert(path, content);
            }
            Ok(files)
        }
    }

    deserializer.deserialize_map(Files)
}

/// Content that does not decode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not base64 (standard alphabet, with padding)")]
pub struct NotBase64;

impl Content {
    /// Text where the bytes are UTF-8, else base64.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(
            |error| {
                let base64 = STANDARD.encode(error.as_bytes());
                Self::Base64(Base64Content { base64 })
            },
            Self::Text,
        )
    }

    /// The bytes.
    ///
    /// # Errors
    /// `base64` holds something else.
    pub fn into_bytes(self) -> Result<Vec<u8>, NotBase64> {
        match self {
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Base64(content) => STANDARD.decode(content.base64).map_err(|_| NotBase64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for bytes in [b"print(1)\n".to_vec(), vec![0xff, 0, 1], Vec::new()] {
            let content = Content::from_bytes(bytes.clone());
            let json = serde_json::to_string(&content).unwrap();
            let content: Content = serde_json::from_str(&json).unwrap();
            assert_eq!(content.into_bytes().unwrap(), bytes);
        }
        let bad: Content = serde_json::from_str(r#"{"base64":"%"}"#).unwrap();
        assert_eq!(bad.into_bytes(), Err(NotBase64));
        let mut twice = serde_json::Deserializer::from_str(r#"{"a":"1","b":"2","a":"3"}"#);
        let error = read_files(&mut twice).unwrap_err().to_string();
        assert!(error.starts_with("the path `a` comes twice"), "{error}");
        for other in ["5", r#"["eA=="]"#, "{}", r#"{"base64":"","x":""}"#] {
            let told = serde_json::from_str::<Content>(other).unwrap_err();
            assert!(told.to_string().starts_with("content is a text"), "{told}");
        }
    }
}
