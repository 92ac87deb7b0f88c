//! One setting: its key, unit, bounds, default and meaning, and what may be written for it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Most entries of a list.
pub const LIST_MAX: usize = 64;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Key in the file: `section.name`, or a name alone.
    pub key: &'static str,
    /// What may be written.
    pub kind: Kind,
    /// Default, as it would be written after `--set KEY=`.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// What may be written for a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number of this unit between two bounds, both included.
    Number {
        /// Unit, for people.
        unit: &'static str,
        /// Least.
        least: u64,
        /// Most.
        most: u64,
    },
    /// Text; empty means unset.
    Text,
    /// Address of a web server; empty means unset.
    Address,
    /// `true` or `false`.
    Flag,
    /// Several texts; separated by commas outside the file.
    List,
}

/// What was written for a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Of [`Kind::Flag`].
    Flag(bool),
    /// Of [`Kind::Number`].
    Number(u64),
    /// Of [`Kind::Text`].
    Text(String),
    /// Of [`Kind::List`].
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "{flag}"),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => write!(formatter, "{text:?}"),
            Self::List(list) => write!(formatter, "{list:?}"),
        }
    }
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
    Default,
    /// In a file, on this line.
    File(PathBuf, usize),
    /// In this environment variable.
    Variable(String),
    /// On the command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path, line) => write!(formatter, "{}:{line}", path.display()),
            Self::Variable(name) => formatter.write_str(name),
            Self::CommandLine => formatter.write_str("command line"),
        }
    }
}

impl Setting {
    /// The environment variable that writes it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("CARREL_{}", self.key.replace('.', "_").to_uppercase())
    }

    /// The value that a text outside the file means.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let value = match self.kind {
            Kind::Number { .. } => Value::Number(
                text.trim()
                    .parse()
                    .map_err(|_| format!("`{}` is no whole number", text.escape_debug()))?,
            ),
            Kind::Flag => match text.trim() {
                "true" => Value::Flag(true),
                "false" => Value::Flag(false),
                other => {
                    return Err(format!(
                        "`{}` is neither `true` nor `false`",
                        other.escape_debug()
                    ));
                }
            },
            Kind::Text | Kind::Address => Value::Text(text.to_owned()),
            Kind::List => Value::List(
                text.split(',')
                    .map(|entry| entry.trim().to_owned())
                    .filter(|entry| !entry.is_empty())
                    .collect(),
            ),
        };
        self.check(value)
    }

    pub(super) fn check(&self, value: Value) -> Result<Value, String> {
        match (&value, self.kind) {
            (Value::Number(number), Kind::Number { unit, least, most }) => {
                if (least..=most).contains(number) {
                    Ok(value)
                } else {
                    Err(format!("{number} is not between {least} and {most} {unit}"))
                }
            }
            (Value::Text(text), Kind::Address) if !is_address(text) => Err(format!(
                "`{}` is no address such as https://carrel.example.org",
                text.escape_debug()
            )),
            (Value::List(list), Kind::List) if list.len() > LIST_MAX => {
                Err(format!("has {} entries, more than {LIST_MAX}", list.len()))
            }
            (Value::Flag(_), Kind::Flag)
            | (Value::Text(_), Kind::Text | Kind::Address)
            | (Value::List(_), Kind::List) => Ok(value),
            _ => Err(format!("must be {}", self.kind)),
        }
    }
}

/// A scheme that browsers speak and a host, or nothing at all.
fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':']));
    let is_plain = !text.contains(|letter: char| letter.is_whitespace() || "?#".contains(letter));
    text.is_empty() || (has_host && is_plain)
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { unit, .. } => write!(formatter, "a whole number ({unit})"),
            Self::Text => formatter.write_str("a text"),
            Self::Address => formatter.write_str("an address that begins with https:// or http://"),
            Self::Flag => formatter.write_str("`true` or `false`"),
            Self::List => formatter.write_str("a list of texts"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for good in [
            "",
            "https://a.example",
            "http://127.0.0.1:80/x",
            "http://[::1]:8080",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "foo",
            "a.example",
            "ftp://a",
            "https://",
            "https:///x",
            "https://a b",
            "http://a?x",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
