//! Which paths of packages go into a tree, and where.

use crate::definition::Definition;

/// Left out of every environment: documentation, translations, and what only a booted system uses.
const DROPPED: &[&str] = &[
    "boot/",
    "etc/apt/",
    "etc/cron.d/",
    "etc/cron.daily/",
    "etc/cron.weekly/",
    "etc/init.d/",
    "etc/update-motd.d/",
    "home/",
    "media/",
    "mnt/",
    "srv/",
    "usr/lib/systemd/",
    "usr/lib/udev/",
    "usr/share/applications/",
    "usr/share/bash-completion/",
    "usr/share/bug/",
    "usr/share/doc/",
    "usr/share/doc-base/",
    "usr/share/gtk-doc/",
    "usr/share/icons/",
    "usr/share/info/",
    "usr/share/lintian/",
    "usr/share/locale/",
    "usr/share/man/",
    "usr/share/menu/",
    "usr/share/pixmaps/",
    "usr/share/zsh/",
    "var/cache/",
    "var/lib/dpkg/",
    "var/lib/systemd/",
];
/// Directories that Debian merged into `/usr`.
pub(crate) const MERGED: &[&str] = &["bin", "lib", "lib32", "lib64", "libx32", "sbin"];

/// Which paths of packages are wanted.
#[derive(Debug)]
pub(crate) struct Filter {
    dropped: Vec<String>,
}

impl Filter {
    pub(crate) fn new(definition: &Definition) -> Filter {
        let own = definition
            .drop
            .iter()
            .map(|path| path.trim_start_matches('/').to_owned());
        Filter {
            dropped: DROPPED
                .iter()
                .map(|path| (*path).to_owned())
                .chain(own)
                .collect(),
        }
    }

    /// Whether a path of a package is wanted; an entry that ends in `/` drops all beneath it, the directory too.
    pub(crate) fn keeps(&self, path: &str) -> bool {
        let path = merged(path);
        !self
            .dropped
            .iter()
            .any(|dropped| match dropped.strip_suffix('/') {
                Some(directory) => path == directory || path.starts_with(dropped.as_str()),
                None => path == *dropped,
            })
    }
}

/// A path as it is on a merged system: `bin/sh` is `usr/bin/sh`.
pub(crate) fn merged(path: &str) -> String {
    let first = path.split('/').next().unwrap_or_default();
    if MERGED.contains(&first) {
        format!("usr/{path}")
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        Definition::parse(
            "name = \"t\"\nsummary = \"t\"\nsuite = \"bookworm\"\npackages = [\"x\"]\n\
             drop = [\"/usr/lib/big/\", \"/usr/bin/one\"]\n",
            "t",
        )
        .unwrap()
    }

    #[test]
    fn documentation_and_what_the_definition_drops_is_left_out() {
        let filter = Filter::new(&definition());
        assert!(!filter.keeps("usr/share/doc/x/copyright"));
        assert!(!filter.keeps("lib/systemd/system/x.service"));
        assert!(!filter.keeps("usr/lib/big/x"));
        assert!(!filter.keeps("bin/one"));
        assert!(filter.keeps("usr/bin/one-more"));
        assert!(filter.keeps("usr/share/doctor"));
    }
}
