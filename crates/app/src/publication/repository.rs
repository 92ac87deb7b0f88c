//! Addresses of repositories and names of revisions, as far as they are given to git.
//!
//! git runs programs that an address or a word of its command line names (`ext::`, options). Only
//! what is known to be neither is passed on: the rest is refused here, before git is asked.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Longest address or revision.
const LENGTH_MAX: usize = 2_048;
/// Protocols that git may use, in the form of `GIT_ALLOW_PROTOCOL`.
pub const PROTOCOLS: &str = "https:ssh:file";

/// Where a course comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A directory as it lies there.
    Directory(PathBuf),
    /// A repository, of which git makes a copy.
    Repository(Address),
}

/// Address of a repository that may be given to git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

/// Name of a revision that may be given to git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(String);

impl Source {
    /// What was written on the command line. A directory is one of files, unless a revision of the
    /// repository that it is was asked for.
    ///
    /// # Errors
    /// It is neither a directory nor an address that is taken.
    pub fn parse(text: &str, revision: Option<&Revision>) -> Result<Self, Failure> {
        let directory = Path::new(text);
        if !directory.is_dir() {
            if let Some(address) = Address::parse(text)? {
                return Ok(Self::Repository(address));
            }
            return Err(
                Failure::usage(format!("`{}` is not a directory", text.escape_debug()))
                    .hint("name the directory that holds course.toml, or a repository: https://…, ssh://…, user@host:path"),
            );
        }
        match revision {
            None => Ok(Self::Directory(directory.to_owned())),
            Some(_) => Address::of_directory(directory).map(Self::Repository),
        }
    }
}

impl Address {
    /// An address; `None`: it looks like a path.
    fn parse(text: &str) -> Result<Option<Self>, Failure> {
        let refuse = |problem: &str| {
            Failure::usage(format!(
                "the repository `{}` {problem}",
                text.escape_debug()
            ))
            .hint("repositories are reached by https://…, ssh://…, user@host:path or a directory")
        };
        if text.starts_with('-') {
            return Err(refuse("looks like an option"));
        }
        if !text.contains(':') {
            return Ok(None);
        }
        if text.contains("::") && !text.starts_with('/') && !text.starts_with('.') {
            return Err(refuse("names a program (`::`), which is not run"));
        }
        if text.len() > LENGTH_MAX || text.chars().any(|one| one.is_control() || one == ' ') {
            return Err(refuse("is no address"));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            return match scheme {
                "https" | "ssh" if is_host(rest.split('/').next().unwrap_or_default()) => {
                    Ok(Some(Self(text.to_owned())))
                }
                "https" | "ssh" => Err(refuse("names no host")),
                "file" if rest.starts_with('/') => Ok(Some(Self(text.to_owned()))),
                "http" | "git" => Err(refuse("is not secure: it could be changed on its way")),
                _ => Err(refuse("has a scheme that is not taken")),
            };
        }
        match text.split_once(':') {
            // As git reads it: `user@host:path`, with no slash before the colon.
            Some((host, path)) if !host.contains('/') && !path.is_empty() => {
                if host.contains('@') && is_host(host) && !path.starts_with('-') {
                    Ok(Some(Self(text.to_owned())))
                } else {
                    Err(refuse("is no address; is `user@` missing before the host?"))
                }
            }
            _ => Ok(None),
        }
    }

    fn of_directory(directory: &Path) -> Result<Self, Failure> {
        let absolute = directory.canonicalize().map_err(|error| {
            Failure::usage(format!("reading `{}`: {error}", directory.display()))
        })?;
        if !is_repository(&absolute) {
            let shown = directory.display();
            return Err(
                match absolute.ancestors().find(|above| is_repository(above)) {
                    Some(top) => {
                        let below = absolute.strip_prefix(top).unwrap_or(&absolute);
                        Failure::usage(format!("`{shown}` is not the top of its git repository"))
                            .hint(format!(
                                "name `{}`, and the course in it with `--path {}`",
                                top.display(),
                                below.display()
                            ))
                    }
                    None => Failure::usage(format!("`{shown}` holds no git repository"))
                        .hint("leave --revision out to publish the files as they lie there"),
                },
            );
        }
        match absolute.to_str() {
            Some(path) => Ok(Self(format!("file://{}", escape_path(path)))),
            None => Err(Failure::usage("the directory has a name that is not UTF-8")),
        }
    }

    /// As it is given to git.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.0
    }
}

/// Whether git finds a repository at this very place: one with a working tree, or a bare one.
fn is_repository(directory: &Path) -> bool {
    directory.join(".git").exists()
        || (directory.join("HEAD").is_file() && directory.join("objects").is_dir())
}

/// git undoes percent signs of `file://` addresses.
fn escape_path(path: &str) -> String {
    path.replace('%', "%25")
}

/// `[user[:password]@]host[:port]`, none of which could be taken for an option.
fn is_host(authority: &str) -> bool {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let plain = |text: &str| !text.is_empty() && !text.starts_with('-');
    user.is_none_or(plain) && plain(host) && !host.starts_with(':')
}

impl Revision {
    /// A branch, a tag or a commit.
    ///
    /// # Errors
    /// It could be something else to git.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = |letter: char| letter.is_alphanumeric() || "._/-+@=".contains(letter);
        let plain = !text.is_empty()
            && text.len() <= LENGTH_MAX
            && !text.starts_with(['-', '+', '.', '/'])
            && !text.contains("..")
            && !text.contains("@{")
            && text.chars().all(fits);
        if plain {
            Ok(Self(text.to_owned()))
        } else {
            Err("name a branch, a tag or a commit".to_owned())
        }
    }

    /// As it is given to git.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_repositories_are_told_from_directories_and_from_programs() {
        let address = |text: &str| Address::parse(text).map(|found| found.is_some());
        for good in [
            "https://git.example/courses/a.git",
            "https://ann@git.example/a",
            "ssh://git@git.example:22/a",
            "git@git.example:courses/a.git",
            "file:///srv/a.git",
        ] {
            assert!(address(good).unwrap(), "{good}");
        }
        for path in [
            "course",
            "my course",
            "/srv/course",
            "./a",
            "../a:b",
            "a/b:c",
            ".",
        ] {
            assert!(!address(path).unwrap(), "{path}");
        }
        for bad in [
            "-u",
            "--upload-pack=touch x",
            "ext::sh -c id",
            "ext::id",
            "fd::7",
            "http://git.example/a",
            "git://git.example/a",
            "ssh://-oProxyCommand=id/a",
            "ssh://a@-oProxyCommand=id/a",
            "-oProxyCommand=id:a",
            "git@-oProxyCommand=id:a",
            "git@host:-a",
            "host:a",
            "https://",
            "https:///a",
            "file://host/a",
            "ftp://a/b",
            "https://a/b\nc",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_revision_is_a_name_and_nothing_else() {
        for good in ["main", "v1.2", "feature/x-y", "0a1b2c", "über"] {
            assert!(Revision::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "-f", "--all", "a..b", "a:b", "a^", "HEAD~1", "a b", "@{u}", "+a", "a*",
        ] {
            assert!(Revision::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_directory_is_taken_as_it_lies_or_at_a_revision() {
        let directory = tempfile::tempdir().unwrap();
        let text = directory.path().to_str().unwrap();
        let plain = Source::parse(text, None).unwrap();
        assert_eq!(plain, Source::Directory(directory.path().to_owned()));
        let revision = Revision::parse("main").unwrap();
        let refused = |path: &Path| {
            let failure = Source::parse(path.to_str().unwrap(), Some(&revision)).unwrap_err();
            format!("{:#} {:?}", failure.error, failure.hints)
        };
        let told = refused(directory.path());
        assert!(told.contains("holds no git repository"), "{told}");
        assert!(told.contains("leave --revision out"), "{told}");
        std::fs::create_dir_all(directory.path().join("lessons")).unwrap();
        std::fs::create_dir(directory.path().join(".git")).unwrap();
        let told = refused(&directory.path().join("lessons"));
        assert!(told.contains("--path lessons"), "{told}");
        match Source::parse(text, Some(&revision)).unwrap() {
            Source::Repository(address) => assert!(address.as_text().starts_with("file:///")),
            other @ Source::Directory(_) => panic!("{other:?}"),
        }
        assert!(Source::parse("/no/such/directory", None).is_err());
    }
}
