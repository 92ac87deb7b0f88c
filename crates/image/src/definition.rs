//! What a teacher writes: `environment.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::lock::Lock;

/// Packages that every environment has: a shell, the usual small tools, `ldconfig`.
const BASE_PACKAGES: &[&str] = &[
    "base-files",
    "bash",
    "coreutils",
    "dash",
    "debianutils",
    "diffutils",
    "findutils",
    "grep",
    "libc-bin",
    "mawk",
    "sed",
];
/// Most bytes of one definition or lock file.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Longest name of an environment.
const NAME_LENGTH_MAX: usize = 40;
/// The name that stands for the host's own runtimes.
pub const HOST: &str = "host";

/// A definition of an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Name: lower-case letters, digits and `-`.
    pub name: String,
    /// One line that says what is in it.
    pub summary: String,
    /// Debian release, such as `bookworm`.
    pub suite: String,
    /// Packages by name; what they depend on comes along, what they recommend does not.
    pub packages: Vec<String>,
    /// Paths or path prefixes (ending in `/`) left out, besides documentation and translations.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Symbolic links: path to what it holds. These take the place of Debian's alternatives.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// Small text files: path to content.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Environment variables that programs get.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Time stamp of every file, seconds since 1970 (`SOURCE_DATE_EPOCH`).
    #[serde(default = "default_epoch")]
    pub epoch: i64,
    /// Commands that must work before the environment is published.
    #[serde(default, rename = "probe")]
    pub probes: Vec<Probe>,
}

/// A hello world of one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Language id, as in challenges.
    pub language: String,
    /// Files placed in the work directory.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Command.
    pub run: Vec<String>,
    /// What it must print.
    pub stdout: String,
}

/// 2025-01-01T00:00:00Z.
fn default_epoch() -> i64 {
    1_735_689_600
}

impl Definition {
    /// Parses the text of an `environment.toml`.
    ///
    /// # Errors
    /// When it is not TOML, has unknown keys, or says something that cannot be. `file` names it.
    pub fn parse(text: &str, file: &str) -> Result<Definition, Error> {
        let definition: Definition = toml::from_str(text).map_err(|error| Error::Definition {
            file: file.to_owned(),
            problem: error.to_string().trim_end().to_owned(),
        })?;
        definition.check().map_err(|problem| Error::Definition {
            file: file.to_owned(),
            problem,
        })?;
        Ok(definition)
    }

    /// Reads `environment.toml` in a directory, and `environment.lock` where there is one.
    ///
    /// # Errors
    /// When a file cannot be read or is wrong.
    pub fn read(directory: &Path) -> Result<(Definition, Option<Lock>), Error> {
        let path = directory.join("environment.toml");
        let definition = Definition::parse(&read_text(&path)?, &path.display().to_string())?;
        let path = directory.join("environment.lock");
        let lock = if path.exists() {
            let text = read_text(&path)?;
            Some(Lock::parse(&text, &path.display().to_string())?)
        } else {
            None
        };
        Ok((definition, lock))
    }

    /// All packages asked for: those of every environment and its own, sorted.
    #[must_use]
    pub fn all_packages(&self) -> Vec<&str> {
        let mut packages: Vec<&str> = BASE_PACKAGES
            .iter()
            .copied()
            .chain(self.packages.iter().map(String::as_str))
            .collect();
        packages.sort_unstable();
        packages.dedup();
        packages
    }

    /// SHA-256 over everything in the definition that shapes the tree, in hexadecimal.
    /// The summary, the variables and the probes do not.
    #[must_use]
    pub fn digest(&self) -> String {
        let shape = serde_json::json!({
            "name": self.name,
            "suite": self.suite,
            "packages": self.all_packages(),
            "drop": self.drop,
            "links": self.links,
            "files": self.files,
            "epoch": self.epoch,
        });
        hex::encode(Sha256::digest(shape.to_string().as_bytes()))
    }

    fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        if !is_word(&self.suite) {
            return Err(format!("`suite`: `{}` is no release name", self.suite));
        }
        if self.packages.is_empty() {
            return Err("`packages` is empty; name at least one Debian package".to_owned());
        }
        if let Some(package) = self.packages.iter().find(|name| !is_word(name)) {
            return Err(format!("`packages`: `{package}` is no package name"));
        }
        if self.epoch < 0 {
            return Err("`epoch` must not be before 1970".to_owned());
        }
        let placed = self.links.keys().chain(self.files.keys());
        for path in placed.chain(&self.drop) {
            check_path(path)?;
        }
        if let Some(path) = self
            .links
            .keys()
            .find(|path| self.files.contains_key(*path))
        {
            return Err(format!("`{path}` is both a link and a file"));
        }
        for (path, target) in &self.links {
            if target.is_empty() || target.contains('\0') || target.len() > 1024 {
                return Err(format!("`links`: `{path}` cannot point to `{target}`"));
            }
        }
        for variable in self.variables.keys() {
            if variable.is_empty() || variable.contains(['=', '\0']) {
                return Err(format!(
                    "`variables`: `{variable}` is no name of a variable"
                ));
            }
        }
        match self.probes.iter().find(|probe| probe.run.is_empty()) {
            Some(probe) => Err(format!("probe of `{}`: `run` is empty", probe.language)),
            None => Ok(()),
        }
    }
}

/// Checks the name of an environment.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_name(name: &str) -> Result<(), String> {
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if name.is_empty() || name.len() > NAME_LENGTH_MAX || !letters || name.starts_with('-') {
        return Err(format!(
            "`{name}` is no name for an environment: use lower-case letters, digits and `-`, at most {NAME_LENGTH_MAX}"
        ));
    }
    if name == HOST {
        return Err("`host` always means the host's own runtimes; choose another name".to_owned());
    }
    Ok(())
}

/// Letters that package and release names have (Debian policy 5.6.1), and the `:` of an architecture.
fn is_word(text: &str) -> bool {
    let first = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    first
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte)
        })
}

fn check_path(path: &str) -> Result<(), String> {
    let parts = path.strip_prefix('/').unwrap_or_default();
    let parts = parts.strip_suffix('/').unwrap_or(parts);
    let plain = parts
        .split('/')
        .all(|part| !part.is_empty() && part != "." && part != ".." && part.len() <= 255);
    if plain && !path.contains(['\0', '\n']) {
        Ok(())
    } else {
        Err(format!(
            "`{path}` must be an absolute path without `.` and `..`"
        ))
    }
}

fn read_text(path: &Path) -> Result<String, Error> {
    let size = std::fs::metadata(path)
        .map_err(Error::file("reading", path))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(Error::Definition {
            file: path.display().to_string(),
            problem: format!("has {size} bytes, more than {FILE_BYTES_MAX}"),
        });
    }
    std::fs::read_to_string(path).map_err(Error::file("reading", path))
}

macro_rules! stock {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!(
                "../../../environments/",
                $name,
                "/environment.toml"
            )),
            include_str!(concat!(
                "../../../environments/",
                $name,
                "/environment.lock"
            )),
        )
    };
}

/// The stock environments: name, definition and lock as they lie in `environments/`.
const STOCK: &[(&str, &str, &str)] = &[
    stock!("bash"),
    stock!("c"),
    stock!("cpp"),
    stock!("go"),
    stock!("java"),
    stock!("lua"),
    stock!("node"),
    stock!("php"),
    stock!("python"),
    stock!("ruby"),
    stock!("rust"),
    stock!("sqlite"),
];

/// Names of the stock environments, sorted.
pub fn stock_names() -> impl Iterator<Item = &'static str> {
    STOCK.iter().map(|(name, _, _)| *name)
}

/// A stock environment and its lock.
///
/// # Errors
/// When there is none of this name.
pub fn stock(name: &str) -> Result<(Definition, Lock), Error> {
    let Some((_, definition, lock)) = STOCK.iter().find(|(known, _, _)| *known == name) else {
        return Err(Error::Unknown {
            name: name.to_owned(),
            known: stock_names().collect::<Vec<_>>().join(", "),
        });
    };
    let definition = Definition::parse(definition, &format!("stock environment {name}"))?;
    let lock = Lock::parse(lock, &format!("lock of stock environment {name}"))?;
    Ok((definition, lock))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        name = "small"
        summary = "a shell"
        suite = "bookworm"
        packages = ["dash"]
        [links]
        "/usr/bin/x" = "dash"
    "#;

    fn problem_of(text: &str) -> String {
        Definition::parse(text, "environment.toml")
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_definition_names_its_packages_and_the_base() {
        let definition = Definition::parse(SMALL, "x").unwrap();
        assert!(definition.all_packages().contains(&"libc-bin"));
        let dash = definition
            .all_packages()
            .iter()
            .filter(|name| **name == "dash")
            .count();
        assert_eq!(dash, 1);
    }

    #[test]
    fn the_digest_covers_what_shapes_the_tree_and_nothing_else() {
        let one = Definition::parse(SMALL, "x").unwrap();
        let summary = Definition::parse(&SMALL.replace("a shell", "another text"), "x").unwrap();
        let link = Definition::parse(&SMALL.replace("/usr/bin/x", "/usr/bin/y"), "x").unwrap();
        assert_eq!(one.digest(), summary.digest());
        assert_ne!(one.digest(), link.digest());
    }

    #[test]
    fn mistakes_are_told_with_the_file() {
        assert!(problem_of("name = 3").starts_with("environment.toml: "));
        assert!(problem_of(&SMALL.replace("\"small\"", "\"Small\"")).contains("lower-case"));
        assert!(problem_of(&SMALL.replace("\"small\"", "\"host\"")).contains("another name"));
        assert!(problem_of(&SMALL.replace("/usr/bin/x", "/usr/../x")).contains("absolute path"));
        assert!(
            problem_of(&SMALL.replace("[\"dash\"]", "[\"--fix\"]")).contains("no package name")
        );
        assert!(problem_of(&SMALL.replace("suite", "sweet")).contains("unknown field"));
    }

    #[test]
    fn every_stock_environment_parses_and_fits_its_lock() {
        for name in stock_names() {
            let (definition, lock) = stock(name).unwrap();
            assert_eq!(definition.name, name);
            assert_eq!(
                lock.definition,
                definition.digest(),
                "{name} must be locked again"
            );
            assert!(!definition.probes.is_empty(), "{name} has no probe");
        }
    }
}
