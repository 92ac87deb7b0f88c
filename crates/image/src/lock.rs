//! What a machine writes: `environment.lock`, every input by its SHA-256.

use serde::{Deserialize, Serialize};

use crate::definition::Definition;
use crate::error::Error;

/// Version of the format.
pub const SCHEMA: u32 = 1;
/// Version of the way trees are put together: changes whenever the same packages would give another tree.
pub const BUILDER: &str = "1";

/// The inputs of an environment, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Version of the format.
    pub schema: u32,
    /// Environment.
    pub name: String,
    /// Digest of the definition that was locked.
    pub definition: String,
    /// Debian release.
    pub suite: String,
    /// Debian architecture, such as `amd64`.
    pub architecture: String,
    /// Version of the builder that gave the digest.
    pub builder: String,
    /// Digest of the tree; absent until it was built once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// The packages, sorted by name.
    #[serde(rename = "package")]
    pub packages: Vec<LockedPackage>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPackage {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Architecture, `all` for one that fits every machine.
    pub architecture: String,
    /// Which archive it is in: `debian` or `debian-security`.
    pub archive: String,
    /// Path in the archive, `pool/…`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

impl Lock {
    /// Parses the text of an `environment.lock`.
    ///
    /// # Errors
    /// When it is damaged or of another version.
    pub fn parse(text: &str, file: &str) -> Result<Lock, Error> {
        let problem = |problem: String| Error::Definition {
            file: file.to_owned(),
            problem,
        };
        let lock: Lock = toml::from_str(text)
            .map_err(|error| problem(error.to_string().trim_end().to_owned()))?;
        if lock.schema != SCHEMA {
            return Err(problem(format!(
                "has schema {}, this carrel reads {SCHEMA}",
                lock.schema
            )));
        }
        for package in &lock.packages {
            package.check().map_err(problem)?;
        }
        Ok(lock)
    }

    /// The text of the file.
    ///
    /// # Panics
    /// Never: a lock is plain data that TOML can say.
    #[must_use]
    pub fn to_text(&self) -> String {
        let body = toml::to_string(self).expect("a lock is strings and numbers");
        format!(
            "# Written by `carrel env lock {}`; do not edit.\n{body}",
            self.name
        )
    }

    /// Checks that the lock is one of this definition for this machine.
    ///
    /// # Errors
    /// Says what does not fit, and how to lock again.
    pub fn check(&self, definition: &Definition, architecture: &str) -> Result<(), Error> {
        let problem = if self.name != definition.name {
            format!("is for `{}`", self.name)
        } else if self.definition != definition.digest() {
            "was written for another text of its definition".to_owned()
        } else if self.architecture != architecture {
            format!(
                "is for {}, this machine is {architecture}",
                self.architecture
            )
        } else {
            return Ok(());
        };
        Err(Error::Lock {
            name: definition.name.clone(),
            problem,
        })
    }

    /// Bytes of all packages.
    #[must_use]
    pub fn download_bytes(&self) -> u64 {
        self.packages.iter().map(|package| package.size).sum()
    }
}

impl LockedPackage {
    /// File name in the local cache: the content's own name.
    #[must_use]
    pub fn cache_name(&self) -> String {
        format!("{}.deb", self.sha256)
    }

    /// The path becomes part of an address and the digest of a file name, so both are held to their letters.
    fn check(&self) -> Result<(), String> {
        let path_ok = self.path.starts_with("pool/")
            && self.path.ends_with(".deb")
            && !self
                .path
                .split('/')
                .any(|part| part.is_empty() || part == "..")
            && self
                .path
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/+-._~%".contains(&byte));
        let digest_ok = self.sha256.len() == 64
            && self
                .sha256
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if !path_ok {
            return Err(format!(
                "package `{}`: `{}` is no path in an archive",
                self.name, self.path
            ));
        }
        if !digest_ok {
            return Err(format!(
                "package `{}`: `{}` is no SHA-256",
                self.name, self.sha256
            ));
        }
        if self.archive != "debian" && self.archive != "debian-security" {
            return Err(format!(
                "package `{}`: unknown archive `{}`",
                self.name, self.archive
            ));
        }
        Ok(())
    }
}

/// Debian's name for the machine that this binary was built for.
///
/// # Errors
/// When Debian has no name that we know.
pub fn machine_architecture() -> Result<&'static str, Error> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        "riscv64" => Ok("riscv64"),
        other => Err(Error::Archive {
            doing: "choosing the architecture".to_owned(),
            problem: format!("environments from packages are not known for `{other}`; use `host`"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        Lock {
            schema: SCHEMA,
            name: "small".to_owned(),
            definition: "d".to_owned(),
            suite: "bookworm".to_owned(),
            architecture: "amd64".to_owned(),
            builder: BUILDER.to_owned(),
            tree: None,
            packages: vec![LockedPackage {
                name: "dash".to_owned(),
                version: "0.5.12-2".to_owned(),
                architecture: "amd64".to_owned(),
                archive: "debian".to_owned(),
                path: "pool/main/d/dash/dash_0.5.12-2_amd64.deb".to_owned(),
                size: 97_000,
                sha256: "0".repeat(64),
            }],
        }
    }

    #[test]
    fn text_and_lock_are_the_same_thing() {
        assert_eq!(Lock::parse(&lock().to_text(), "x").unwrap(), lock());
    }

    #[test]
    fn paths_and_digests_are_held_to_their_letters() {
        let mut bad = lock();
        bad.packages[0].path = "pool/../../etc/passwd.deb".to_owned();
        assert!(Lock::parse(&bad.to_text(), "x").is_err());
        let mut bad = lock();
        bad.packages[0].path = "pool/a b.deb".to_owned();
        assert!(Lock::parse(&bad.to_text(), "x").is_err());
        let mut bad = lock();
        bad.packages[0].sha256 = "../../x".to_owned();
        assert!(Lock::parse(&bad.to_text(), "x").is_err());
    }

    proptest::proptest! {
        /// What is accepted can be fetched and kept without harm: no path or name leads anywhere else.
        #[test]
        fn fuzz_lock(text in carrel_fuzz::damaged_text(&[&lock().to_text()], &["../", "[[packages]]\n", "\"", "%2e%2e/"])) {
            if let Ok(lock) = Lock::parse(&text, "x") {
                for package in &lock.packages {
                    proptest::prop_assert!(!package.path.starts_with('/'));
                    proptest::prop_assert!(package.path.split('/').all(|part| part != ".." && !part.is_empty()));
                    proptest::prop_assert!(package.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()));
                }
            }
        }
    }

    #[test]
    fn another_schema_is_refused() {
        let text = lock().to_text().replace("schema = 1", "schema = 2");
        assert!(
            Lock::parse(&text, "x")
                .unwrap_err()
                .to_string()
                .contains("schema 2")
        );
    }
}
