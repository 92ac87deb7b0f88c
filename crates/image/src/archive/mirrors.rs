//! Where the package archives are.

use std::fs;

use super::{ARCHIVES, KEYRING, program, run};
use crate::error::Error;

/// Where the two archives are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrors {
    debian: String,
    security: String,
    dated: bool,
}

impl Mirrors {
    /// The mirrors that the host itself uses.
    ///
    /// # Errors
    /// When the host is no Debian, or has no network source.
    pub fn of_host() -> Result<Mirrors, Error> {
        let doing = "looking for the host's package archive";
        let mut command = program("apt-get");
        command.args([
            "indextargets",
            "--format",
            "$(REPO_URI)",
            "Created-By: Packages",
        ]);
        let output = run(command, doing)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let addresses: Vec<String> = text.lines().map(resolve_mirror_list).collect();
        let find = |archive: &str| {
            let found = addresses.iter().find(|address| {
                let address = address.trim_end_matches('/');
                address.contains(":/") && address.rsplit('/').next() == Some(archive)
            });
            found.map(|address| address.trim_end_matches('/').to_owned())
        };
        let debian = find("debian").ok_or_else(|| Error::Archive {
            doing: doing.to_owned(),
            problem: "`apt-get indextargets` names no Debian archive; name a mirror with `--mirror`, such as `--mirror https://mirror.example/{archive}`".to_owned(),
        })?;
        let security = find("debian-security").unwrap_or_else(|| format!("{debian}-security"));
        Ok(Mirrors {
            debian,
            security,
            dated: false,
        })
    }

    /// Mirrors named by the operator: `{archive}` stands for `debian` and `debian-security`,
    /// and is put at the end where it is not said. May be a dated snapshot.
    ///
    /// # Errors
    /// When it is no address that apt could use.
    pub fn named(address: &str) -> Result<Mirrors, Error> {
        let known = ["http://", "https://", "file:/"];
        let plain = !address.contains([' ', '\t', '\n', '\'', '"', '[', ']', '#']);
        if !plain || !known.iter().any(|scheme| address.starts_with(scheme)) {
            return Err(Error::Archive {
                doing: format!("using the mirror `{address}`"),
                problem: "it must start with http://, https:// or file:/ and hold no blanks"
                    .to_owned(),
            });
        }
        let pattern = if address.contains("{archive}") {
            address.to_owned()
        } else {
            format!("{}/{{archive}}", address.trim_end_matches('/'))
        };
        let of = |archive: &str| {
            pattern
                .replace("{archive}", archive)
                .trim_end_matches('/')
                .to_owned()
        };
        Ok(Mirrors {
            debian: of(ARCHIVES[0]),
            security: of(ARCHIVES[1]),
            dated: true,
        })
    }

    pub(super) fn of(&self, archive: &str) -> &str {
        if archive == ARCHIVES[1] {
            &self.security
        } else {
            &self.debian
        }
    }

    pub(super) fn sources(&self, suite: &str) -> String {
        // A snapshot is of the past: its release files say that they have run out.
        let dated = if self.dated {
            " check-valid-until=no"
        } else {
            ""
        };
        let line = |address: &str, release: String| {
            format!("deb [signed-by={KEYRING}{dated}] {address} {release} main\n")
        };
        line(&self.debian, suite.to_owned())
            + &line(&self.debian, format!("{suite}-updates"))
            + &line(&self.security, format!("{suite}-security"))
    }
}

/// `mirror+file:/list` names a file with one address a line; the first counts.
fn resolve_mirror_list(address: &str) -> String {
    let Some(list) = address.strip_prefix("mirror+file:") else {
        return address.to_owned();
    };
    let text = fs::read_to_string(list.trim_end_matches('/')).unwrap_or_default();
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    first
        .and_then(|line| line.split_whitespace().next())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_mirror_may_place_the_archive_anywhere() {
        let mirrors =
            Mirrors::named("https://snapshot.example/archive/{archive}/20250601T000000Z/").unwrap();
        assert_eq!(
            mirrors.of("debian"),
            "https://snapshot.example/archive/debian/20250601T000000Z"
        );
        assert!(mirrors.sources("bookworm").contains("check-valid-until=no"));
        assert!(Mirrors::named("http://x/ y").is_err());
        assert!(Mirrors::named("ftp://x").is_err());
    }

    #[test]
    fn a_mirror_list_gives_its_first_address() {
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("list");
        fs::write(
            &list,
            "# comment\n\nhttps://mirror.example/debian priority:1\n",
        )
        .unwrap();
        let address = format!("mirror+file:{}/", list.display());
        assert_eq!(
            resolve_mirror_list(&address),
            "https://mirror.example/debian"
        );
        assert_eq!(resolve_mirror_list("http://x/debian/"), "http://x/debian/");
    }
}
