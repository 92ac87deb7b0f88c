//! Settings of the service: the file, the environment and the command line
//! write them, the later over the earlier.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::setting::{Origin, Setting, Value};
use crate::failure::Failure;

/// Largest settings file that is read, bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// All settings with their values and where those were written.
#[derive(Clone)]
pub struct Settings {
    table: &'static [Setting],
    values: BTreeMap<&'static str, (Value, Origin)>,
    /// Contents of files that settings name, by the setting's key. Never printed.
    secrets: BTreeMap<String, String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

/// Settings on their way to another process of this program.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wire {
    /// Values by key.
    pub values: BTreeMap<String, Value>,
    /// See [`Settings::secret`].
    pub secrets: BTreeMap<String, String>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Wire")
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The defaults of this table.
    ///
    /// # Errors
    /// A default of the table does not fit its own bounds.
    pub fn defaults(table: &'static [Setting]) -> Result<Self, Failure> {
        let mut values = BTreeMap::new();
        for setting in table {
            let value = setting.parse(setting.default).map_err(|problem| {
                Failure::platform(anyhow::anyhow!("default of `{}` {problem}", setting.key))
            })?;
            values.insert(setting.key, (value, Origin::Default));
        }
        Ok(Self {
            table,
            values,
            secrets: BTreeMap::new(),
        })
    }

    /// Takes over what a file says.
    ///
    /// # Errors
    /// Every problem of the file, by line.
    pub fn read_file(&mut self, path: &Path) -> Result<(), Failure> {
        let unreadable = |error: &dyn fmt::Display| {
            Failure::usage(format!(
                "reading settings file `{}`: {error}",
                path.display()
            ))
        };
        let length = std::fs::metadata(path)
            .map_err(|error| unreadable(&error))?
            .len();
        if length > FILE_BYTES_MAX {
            return Err(unreadable(&format_args!(
                "it is larger than {FILE_BYTES_MAX} bytes"
            )));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
        let problems = self.read_text(path, &text);
        if problems.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "the settings file is wrong\n{}",
            problems.join("\n")
        ))
        .hint("every setting is told in docs/settings.md and by `carrel serve --print-config`"))
    }

    /// Takes over a text; returns its problems.
    fn read_text(&mut self, path: &Path, text: &str) -> Vec<String> {
        let line_of = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let place = |at: usize| format!("{}:{}", path.display(), line_of(at));
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let told = errors.iter().map(|error| {
                let at = error.span().map_or(0, |span| span.start);
                format!("{}: {}", place(at), error.message())
            });
            return told.collect();
        }
        let mut problems = Vec::new();
        for (key, value) in flatten(root.get_ref()) {
            let at = value.span().start;
            let Some(setting) = self.table.iter().find(|setting| setting.key == key) else {
                problems.push(format!(
                    "{}: there is no setting `{}`{}",
                    place(at),
                    key.escape_debug(),
                    self.nearest(&key)
                ));
                continue;
            };
            let written = convert(value.get_ref()).and_then(|value| setting.check(value));
            match written {
                Ok(value) => {
                    let origin = Origin::File(path.to_owned(), line_of(at));
                    self.values.insert(setting.key, (value, origin));
                }
                Err(problem) => problems.push(format!("{}: `{key}` {problem}", place(at))),
            }
        }
        problems
    }

    /// The key that differs least, as the end of a message.
    fn nearest(&self, key: &str) -> String {
        let last = key.rsplit('.').next().unwrap_or(key);
        let found = self
            .table
            .iter()
            .find(|setting| setting.key.rsplit('.').next() == Some(last));
        found.map_or_else(String::new, |setting| {
            format!("; did you mean `{}`?", setting.key)
        })
    }

    /// Takes over what environment variables say.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn read_variables(
        &mut self,
        read: &dyn Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Result<(), Failure> {
        for setting in self.table {
            let name = setting.variable();
            let Some(text) = read(&name) else { continue };
            let value = setting.parse(&text.to_string_lossy()).map_err(|problem| {
                Failure::usage(format!("environment variable `{name}`: {problem}"))
            })?;
            self.values
                .insert(setting.key, (value, Origin::Variable(name)));
        }
        Ok(())
    }

    /// Refuses a variable that is named like one of a section's and writes no setting: whoever
    /// set it believes that it does. Others of this program are no settings.
    ///
    /// # Errors
    /// The first such variable.
    pub fn refuse_unknown_variables(
        &self,
        mut names: impl Iterator<Item = String>,
    ) -> Result<(), Failure> {
        let begins_as = |name: &str, setting: &Setting| {
            let section = setting.key.split_once('.').map(|(section, _)| section);
            section.is_some_and(|section| {
                name.starts_with(&format!("CARREL_{}_", section.to_uppercase()))
            })
        };
        let is_unknown = |name: &String| {
            let mut table = self.table.iter();
            table.clone().any(|setting| begins_as(name, setting))
                && !table.any(|setting| setting.variable() == *name)
        };
        let Some(unknown) = names.find(is_unknown) else {
            return Ok(());
        };
        let unknown = unknown.escape_debug();
        let problem = format!("environment variable `{unknown}` writes no setting");
        Err(Failure::usage(problem).hint("docs/settings.md names the variable of each setting"))
    }

    /// Takes over `KEY=VALUE` of the command line.
    ///
    /// # Errors
    /// No such key, or a value that does not fit.
    pub fn set(&mut self, assignment: &str) -> Result<(), Failure> {
        let Some((key, text)) = assignment.split_once('=') else {
            return Err(Failure::usage(format!(
                "`{}` is not KEY=VALUE",
                assignment.escape_debug()
            )));
        };
        let Some(setting) = self.table.iter().find(|setting| setting.key == key) else {
            return Err(Failure::usage(format!(
                "there is no setting `{}`{}",
                key.escape_debug(),
                self.nearest(key)
            ))
            .hint("`carrel serve --print-config` prints all of them"));
        };
        let value = setting
            .parse(text)
            .map_err(|problem| Failure::usage(format!("`{key}` {problem}")))?;
        self.values
            .insert(setting.key, (value, Origin::CommandLine));
        Ok(())
    }

    /// Every setting with its value and where that was written.
    pub fn list(&self) -> impl Iterator<Item = (&'static Setting, &Value, &Origin)> {
        self.table.iter().filter_map(|setting| {
            let (value, origin) = self.values.get(setting.key)?;
            Some((setting, value, origin))
        })
    }

    /// A number; 0 where the table has no such number.
    #[must_use]
    pub fn number(&self, key: &str) -> u64 {
        match self.values.get(key) {
            Some((Value::Number(number), _)) => *number,
            _ => 0,
        }
    }

    /// A number where 0 stands for none.
    #[must_use]
    pub fn number_or_none(&self, key: &str) -> Option<u64> {
        Some(self.number(key)).filter(|number| *number > 0)
    }

    /// A flag.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some((Value::Flag(true), _)))
    }

    /// A text; `None` where it is empty.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        match self.values.get(key) {
            Some((Value::Text(text), _)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// A list.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.values.get(key) {
            Some((Value::List(list), _)) => list.clone(),
            _ => Vec::new(),
        }
    }

    /// Reads the file that a setting names: a process without rights to it gets its content
    /// from the one that has them.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_secret(&mut self, key: &str) -> Result<(), Failure> {
        let Some(path) = self.text(key) else {
            return Ok(());
        };
        let read = std::fs::read_to_string(&path);
        let text =
            read.map_err(|error| Failure::usage(format!("`{key}`: reading `{path}`: {error}")))?;
        self.secrets.insert(key.to_owned(), text.trim().to_owned());
        Ok(())
    }

    /// Content of the file that a setting names, without white space around it.
    #[must_use]
    pub fn secret(&self, key: &str) -> Option<&str> {
        self.secrets.get(key).map(String::as_str)
    }

    /// All values, for another process of this program.
    #[must_use]
    pub fn wire(&self) -> Wire {
        let pairs = self.values.iter();
        Wire {
            values: pairs
                .map(|(key, (value, _))| ((*key).to_owned(), value.clone()))
                .collect(),
            secrets: self.secrets.clone(),
        }
    }

    /// Takes over the values of another process; keys that this program does not know are left out.
    pub fn take_wire(&mut self, wire: Wire) {
        for (key, value) in wire.values {
            let Some(setting) = self.table.iter().find(|setting| setting.key == key) else {
                continue;
            };
            if let Ok(value) = setting.check(value) {
                self.values
                    .insert(setting.key, (value, Origin::CommandLine));
            }
        }
        self.secrets = wire.secrets;
    }
}

/// Keys and values of a table with at most one level of sections.
fn flatten<'a, 'b>(root: &'b DeTable<'a>) -> Vec<(String, &'b Spanned<DeValue<'a>>)> {
    let mut flat = Vec::new();
    for (key, value) in root {
        match value.get_ref() {
            DeValue::Table(section) => {
                for (inner, value) in section {
                    flat.push((format!("{}.{}", key.get_ref(), inner.get_ref()), value));
                }
            }
            _ => flat.push((key.get_ref().to_string(), value)),
        }
    }
    flat
}

fn convert(value: &DeValue<'_>) -> Result<Value, String> {
    match value {
        DeValue::String(text) => Ok(Value::Text(text.to_string())),
        DeValue::Boolean(flag) => Ok(Value::Flag(*flag)),
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix())
            .map(Value::Number)
            .map_err(|_| "must be a whole number that is not negative".to_owned()),
        DeValue::Array(array) => {
            let texts = array.iter().map(|entry| match entry.get_ref() {
                DeValue::String(text) => Ok(text.to_string()),
                _ => Err("must be a list of texts".to_owned()),
            });
            texts.collect::<Result<Vec<_>, _>>().map(Value::List)
        }
        _ => Err("must be a text, a whole number, `true`, `false` or a list of texts".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::Kind;
    use super::*;

    const TABLE: &[Setting] = &[
        Setting {
            key: "listen",
            kind: Kind::List,
            default: "127.0.0.1:1",
            about: "where",
        },
        Setting {
            key: "web.drain_ms",
            kind: Kind::Number {
                unit: "ms",
                least: 10,
                most: 1_000,
            },
            default: "100",
            about: "how long",
        },
        Setting {
            key: "worker.allow",
            kind: Kind::Flag,
            default: "false",
            about: "whether",
        },
    ];

    fn settings() -> Settings {
        Settings::defaults(TABLE).unwrap()
    }

    #[test]
    fn later_writes_over_earlier() {
        let mut settings = settings();
        assert_eq!(settings.number("web.drain_ms"), 100);
        let text = "listen = [\"[::1]:2\", \"unix:/x\"]\n[web]\ndrain_ms = 1_000\n[worker]\nallow = true\n";
        assert_eq!(
            settings.read_text(Path::new("c.toml"), text),
            Vec::<String>::new()
        );
        assert_eq!(settings.number("web.drain_ms"), 1_000);
        assert_eq!(settings.texts("listen"), ["[::1]:2", "unix:/x"]);
        assert!(settings.flag("worker.allow"));
        let origin = settings.list().nth(1).unwrap().2.to_string();
        assert_eq!(origin, "c.toml:3");
        settings
            .read_variables(&|name| (name == "CARREL_WEB_DRAIN_MS").then(|| "20".into()))
            .unwrap();
        assert_eq!(settings.number("web.drain_ms"), 20);
        settings.set("web.drain_ms=30").unwrap();
        assert_eq!(settings.number("web.drain_ms"), 30);
    }

    #[test]
    fn a_variable_that_nobody_reads_is_refused() {
        let look = |name: &str| settings().refuse_unknown_variables([name.to_owned()].into_iter());
        for fine in ["CARREL_WEB_DRAIN_MS", "CARREL_TOKEN", "CARREL_LISTEN", "X"] {
            assert!(look(fine).is_ok(), "{fine}");
        }
        let refused = look("CARREL_WEB_DRAIN").unwrap_err();
        assert!(refused.error.to_string().contains("`CARREL_WEB_DRAIN`"));
    }

    #[test]
    fn every_problem_of_a_file_is_told_with_its_line() {
        let mut settings = settings();
        let text =
            "listen = 1\n[web]\ndrain_ms = 9\nfoo = 1\n[worker]\nallow = \"yes\"\ndrain_ms = 1\n";
        let problems = settings.read_text(Path::new("c.toml"), text);
        assert_eq!(
            problems,
            [
                "c.toml:1: `listen` must be a list of texts",
                "c.toml:3: `web.drain_ms` 9 is not between 10 and 1000 ms",
                "c.toml:4: there is no setting `web.foo`",
                "c.toml:6: `worker.allow` must be `true` or `false`",
                "c.toml:7: there is no setting `worker.drain_ms`; did you mean `web.drain_ms`?",
            ]
        );
        assert!(settings.read_text(Path::new("c.toml"), "a = \n")[0].starts_with("c.toml:1: "));
    }

    #[test]
    fn a_wrong_word_of_the_command_line_or_the_environment_is_told() {
        let mut settings = settings();
        assert!(settings.set("web.drain_ms=x").is_err());
        assert!(settings.set("web").is_err());
        assert!(settings.set("nothing=1").is_err());
        let failure = settings
            .read_variables(&|name| (name == "CARREL_WORKER_ALLOW").then(|| "1".into()))
            .unwrap_err();
        assert!(failure.error.to_string().contains("CARREL_WORKER_ALLOW"));
    }

    #[test]
    fn another_process_gets_the_same_values() {
        let mut here = settings();
        here.set("web.drain_ms=30").unwrap();
        here.secrets.insert("k".to_owned(), "hidden".to_owned());
        assert!(!format!("{here:?} {:?}", here.wire()).contains("hidden"));
        let json = serde_json::to_string(&here.wire()).unwrap();
        let mut there = settings();
        there.take_wire(serde_json::from_str(&json).unwrap());
        assert_eq!(there.number("web.drain_ms"), 30);
        assert_eq!(there.texts("listen"), ["127.0.0.1:1"]);
        assert_eq!(there.secret("k"), Some("hidden"));
    }
}
