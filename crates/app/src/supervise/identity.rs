//! Who the web process runs as: it needs no privilege, so it gets none.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The account that is used where it exists and no other is named.
pub const PREFERRED: &str = "carrel";
/// The account that every host has.
pub const FALLBACK: &str = "nobody";

/// A user and its own group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name.
    pub name: String,
    /// User id.
    pub user: u32,
    /// Group id.
    pub group: u32,
}

/// Whose the web process and its files are. `None`: the caller's, who is no
/// root or asked for it by naming `root`.
///
/// # Errors
/// There is no such user.
pub fn choose(named: Option<&str>) -> Result<Option<Identity>, String> {
    if !rustix::process::geteuid().is_root() || named == Some("root") {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd")
        .map_err(|error| format!("reading /etc/passwd: {error}"))?;
    match named {
        Some(name) => match find(&accounts, name) {
            Some(identity) => Ok(Some(identity)),
            None => Err(format!("there is no user `{}`", name.escape_debug())),
        },
        None => Ok(find(&accounts, PREFERRED).or_else(|| find(&accounts, FALLBACK))),
    }
}

fn find(accounts: &str, name: &str) -> Option<Identity> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next()?;
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        (found == name).then(|| Identity {
            name: name.to_owned(),
            user,
            group,
        })
    })
}

impl Identity {
    /// Makes a file or directory its own.
    ///
    /// # Errors
    /// Of the file system.
    pub fn own(&self, path: &Path) -> io::Result<()> {
        std::os::unix::fs::lchown(path, Some(self.user), Some(self.group))
    }

    /// Makes a directory and everything in it its own; links are not followed.
    ///
    /// # Errors
    /// Of the file system.
    pub fn own_tree(&self, directory: &Path) -> io::Result<()> {
        self.own(directory)?;
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.own_tree(&entry.path())?;
            } else {
                self.own(&entry.path())?;
            }
        }
        Ok(())
    }

    /// The first directory on the way to a path that this user may not pass.
    #[must_use]
    pub fn barrier<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        let mut ancestors: Vec<&Path> = path.ancestors().skip(1).collect();
        ancestors.reverse();
        ancestors.into_iter().find(|directory| {
            let Ok(metadata) = std::fs::metadata(directory) else {
                return false;
            };
            let bit = if metadata.uid() == self.user {
                0o100
            } else if metadata.gid() == self.group {
                0o010
            } else {
                0o001
            };
            metadata.mode() & bit == 0
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ACCOUNTS: &str = "root:x:0:0:root:/root:/bin/sh\n\nnobody:x:65534:65533:n:/:/bin/false\n";

    #[test]
    fn accounts_are_found_by_name() {
        let nobody = find(ACCOUNTS, "nobody").unwrap();
        assert_eq!((nobody.user, nobody.group), (65_534, 65_533));
        assert!(find(ACCOUNTS, "carrel").is_none());
    }

    #[test]
    fn a_closed_directory_on_the_way_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let closed = directory.path().join("closed");
        std::fs::create_dir(&closed).unwrap();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap()
        };
        set(directory.path(), 0o711);
        set(&closed, 0o700);
        let nobody = find(ACCOUNTS, "nobody").unwrap();
        let path = closed.join("state");
        assert_eq!(nobody.barrier(&path), Some(closed.as_path()));
        set(&closed, 0o711);
        assert_eq!(nobody.barrier(&path), None);
    }
}
