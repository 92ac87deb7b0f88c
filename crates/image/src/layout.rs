//! Putting the contents of packages together into one tree.
//!
//! The tree is a map in memory, checked as a whole; only then is it written to
//! disk, so that a link in one package can never lead a file of another astray.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::deb::{Entry, Kind};
use crate::definition::Definition;
use crate::error::Error;
use crate::filter::{MERGED, merged};
use crate::host::{GROUP, HOSTS, NSSWITCH, PASSWD};

/// Directories that sandboxes mount onto, and root's home.
const MOUNT_POINTS: &[&str] = &[
    "dev", "proc", "root", "run", "sys", "tmp", "var/tmp", "work",
];

/// A tree that is being put together.
#[derive(Debug)]
pub(crate) struct Layout {
    environment: String,
    nodes: BTreeMap<String, Kind>,
}

impl Layout {
    /// Puts packages together; `packages` are name and entries, sorted by name.
    pub(crate) fn merge(
        environment: &str,
        packages: Vec<(String, Vec<Entry>)>,
    ) -> Result<Layout, Error> {
        let mut layout = Layout {
            environment: environment.to_owned(),
            nodes: BTreeMap::new(),
        };
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for (package, entries) in packages {
            for entry in entries {
                let path = merged(&entry.path);
                if layout
                    .nodes
                    .get(&path)
                    .is_some_and(|there| !same(there, &entry.kind))
                {
                    let owner = owners.get(&path).map_or("?", String::as_str);
                    return Err(layout.fault(format!(
                        "packages `{owner}` and `{package}` both hold `/{path}` and differ; leave one out, or add the path to `drop`"
                    )));
                }
                if !matches!(entry.kind, Kind::Directory) {
                    owners.insert(path.clone(), package.clone());
                }
                layout.nodes.insert(path, entry.kind);
            }
        }
        Ok(layout)
    }

    /// Adds what no package brings: the user files, mount points, links of the
    /// merged `/usr`, and the links and files of the definition. `contents` takes the files.
    pub(crate) fn furnish(
        &mut self,
        definition: &Definition,
        contents: &Path,
    ) -> Result<(), Error> {
        for name in MERGED {
            if matches!(
                self.nodes.get(&format!("usr/{name}")),
                Some(Kind::Directory)
            ) {
                self.nodes
                    .insert((*name).to_owned(), Kind::Symlink(format!("usr/{name}")));
            }
        }
        for path in MOUNT_POINTS {
            self.nodes.insert((*path).to_owned(), Kind::Directory);
        }
        let made = [
            ("etc/passwd", PASSWD),
            ("etc/group", GROUP),
            ("etc/hosts", HOSTS),
            ("etc/nsswitch.conf", NSSWITCH),
        ];
        let own = definition
            .files
            .iter()
            .map(|(path, content)| (path.as_str(), content.as_str()));
        for (position, (path, content)) in made.into_iter().chain(own).enumerate() {
            let place = contents.join(format!("own-{position}"));
            fs::write(&place, content).map_err(Error::file("writing", &place))?;
            self.place(
                path,
                Kind::File {
                    content: place,
                    executable: false,
                },
            );
        }
        for (path, target) in &definition.links {
            self.place(path, Kind::Symlink(target.clone()));
        }
        self.add_parents()
    }

    /// Adds a file that a trigger made; its parents must be there.
    pub(crate) fn add_file(&mut self, path: &str, content: PathBuf) {
        self.place(
            path,
            Kind::File {
                content,
                executable: false,
            },
        );
    }

    fn place(&mut self, path: &str, kind: Kind) {
        self.nodes
            .insert(merged(path.trim_start_matches('/')), kind);
    }

    /// Every parent must be a directory: it is made where absent, and told where it is something else.
    pub(crate) fn add_parents(&mut self) -> Result<(), Error> {
        let parents: BTreeSet<String> = self
            .nodes
            .keys()
            .flat_map(|path| {
                path.match_indices('/')
                    .map(|(end, _)| path[..end].to_owned())
            })
            .collect();
        for parent in parents {
            match self.nodes.get(&parent) {
                Some(Kind::Directory) => {}
                None => {
                    self.nodes.insert(parent, Kind::Directory);
                }
                Some(_) => {
                    return Err(self.fault(format!(
                        "`/{parent}` is a file or link for one package and a directory for another; leave one out, or add the path to `drop`"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Writes the tree below `root`, which must be an empty directory.
    pub(crate) fn write(&self, root: &Path) -> Result<(), Error> {
        for (path, kind) in &self.nodes {
            self.write_node(root, path, kind)?;
        }
        Ok(())
    }

    /// Writes one entry that was added after [`Layout::write`].
    pub(crate) fn write_node(&self, root: &Path, path: &str, kind: &Kind) -> Result<(), Error> {
        let place = root.join(path);
        match kind {
            Kind::Directory => {
                if !place.is_dir() {
                    fs::create_dir(&place).map_err(Error::file("making", &place))?;
                }
                set_mode(&place, 0o755)
            }
            Kind::File {
                content,
                executable,
            } => {
                fs::hard_link(content, &place).map_err(Error::file("placing", &place))?;
                set_mode(&place, if *executable { 0o755 } else { 0o644 })
            }
            Kind::Symlink(target) => {
                symlink(target, &place).map_err(Error::file("placing", &place))
            }
        }
    }

    /// All entries, sorted by path.
    pub(crate) fn nodes(&self) -> &BTreeMap<String, Kind> {
        &self.nodes
    }

    /// Whether there is a file, link or directory at this path (without a leading `/`).
    pub(crate) fn has(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    fn fault(&self, problem: String) -> Error {
        Error::Layout {
            environment: self.environment.clone(),
            problem,
        }
    }
}

fn same(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (
            Kind::File {
                content,
                executable,
            },
            Kind::File {
                content: other_content,
                executable: other_executable,
            },
        ) => {
            let read = |path: &Path| fs::read(path).ok();
            executable == other_executable
                && content != other_content
                && read(content) == read(other_content)
        }
        _ => one == other,
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(Error::file("setting the mode of", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(directory: &Path, name: &str, text: &str) -> Kind {
        let content = directory.join(name);
        fs::write(&content, text).unwrap();
        Kind::File {
            content,
            executable: false,
        }
    }

    fn entry(path: &str, kind: Kind) -> Entry {
        Entry {
            path: path.to_owned(),
            kind,
        }
    }

    fn definition() -> Definition {
        Definition::parse(
            "name = \"t\"\nsummary = \"t\"\nsuite = \"bookworm\"\npackages = [\"x\"]\ndrop = [\"/usr/lib/big/\", \"/usr/bin/one\"]\n\
             [links]\n\"/usr/bin/awk\" = \"mawk\"\n[files]\n\"/etc/deep/x\" = \"hi\"\n",
            "t",
        )
        .unwrap()
    }

    #[test]
    fn top_directories_are_merged_into_usr() {
        let directory = tempfile::tempdir().unwrap();
        let packages = vec![
            (
                "a".to_owned(),
                vec![
                    entry("bin", Kind::Directory),
                    entry("bin/sh", Kind::Symlink("dash".to_owned())),
                ],
            ),
            (
                "b".to_owned(),
                vec![
                    entry("usr/bin", Kind::Directory),
                    entry("usr/bin/b", file(directory.path(), "1", "b")),
                ],
            ),
        ];
        let mut layout = Layout::merge("t", packages).unwrap();
        layout.furnish(&definition(), directory.path()).unwrap();
        let root = directory.path().join("root");
        fs::create_dir(&root).unwrap();
        layout.write(&root).unwrap();
        assert_eq!(
            fs::read_link(root.join("bin")).unwrap(),
            Path::new("usr/bin")
        );
        assert_eq!(
            fs::read_link(root.join("usr/bin/awk")).unwrap(),
            Path::new("mawk")
        );
        assert_eq!(fs::read_to_string(root.join("bin/b")).unwrap(), "b");
        assert_eq!(fs::read_to_string(root.join("etc/deep/x")).unwrap(), "hi");
        assert!(root.join("work").is_dir() && root.join("var/tmp").is_dir());
        assert!(
            !layout.has("lib"),
            "no link to a directory that is not there"
        );
    }

    #[test]
    fn packages_that_differ_are_refused_and_equal_ones_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let packages = |other: &str| {
            vec![
                (
                    "a".to_owned(),
                    vec![entry("x", file(directory.path(), "1", "same"))],
                ),
                (
                    "b".to_owned(),
                    vec![entry("x", file(directory.path(), "2", other))],
                ),
            ]
        };
        assert!(Layout::merge("t", packages("same")).is_ok());
        let error = Layout::merge("t", packages("other"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`a` and `b`") && error.contains("/x"),
            "{error}"
        );
    }

    #[test]
    fn a_file_below_a_link_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let packages = vec![
            (
                "a".to_owned(),
                vec![entry("opt/x", Kind::Symlink("/etc".to_owned()))],
            ),
            (
                "b".to_owned(),
                vec![entry("opt/x/passwd", file(directory.path(), "1", "evil"))],
            ),
        ];
        let mut layout = Layout::merge("t", packages).unwrap();
        let error = layout
            .furnish(&definition(), directory.path())
            .unwrap_err()
            .to_string();
        assert!(error.contains("`/opt/x`"), "{error}");
    }
}
