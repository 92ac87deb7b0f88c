//! The `host` environment: the host's own runtimes, read-only.
//!
//! Nothing to fetch and nothing to build, but every upgrade of the host changes
//! it: it has no digest, is not repeatable, and is refused for grading unless
//! the operator allows it. Nothing of `/home`, `/root`, `/opt`, `/var`,
//! `/usr/local` and of `/etc` only what runtimes need is shown.

use std::path::{Path, PathBuf};

use crate::tree::Piece;

/// Directories below `/usr` that are shown. `/usr/local` is not: it holds what
/// the operator installed by hand, and often tokens in scripts.
const USR_SHOWN: &[&str] = &[
    "bin", "include", "lib", "lib32", "lib64", "libexec", "libx32", "sbin", "share",
];
/// Directories at the top that are links into `/usr` on a merged system.
const TOP_SHOWN: &[&str] = &["bin", "lib", "lib32", "lib64", "libx32", "sbin"];
/// Files and directories of `/etc` that runtimes read and that hold no secret.
const ETC_SHOWN: &[&str] = &[
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "magic",
    "mime.types",
    "perl",
    "php",
    "ssl/certs",
    "ssl/openssl.cnf",
    "terminfo",
];
/// Prefixes of names in `/etc` that are shown too: per-version configuration of runtimes.
const ETC_PREFIXES_SHOWN: &[&str] = &["java-", "python3", "lua"];
/// Directories that sandboxes mount onto.
const MOUNT_POINTS: &[&str] = &["dev", "proc", "run", "tmp", "work"];

/// `/etc/passwd` inside: root, and the user that programs run as.
pub(crate) const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n\
program:x:1000:1000:program:/work:/bin/sh\n\
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
/// `/etc/group` inside.
pub(crate) const GROUP: &str = "root:x:0:\nprogram:x:1000:\nnogroup:x:65534:\n";
/// `/etc/hosts` inside.
pub(crate) const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost\n";
/// `/etc/nsswitch.conf` inside: files only, so that no name service is asked.
pub(crate) const NSSWITCH: &str =
    "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n";

/// A language and the programs that show it is there: all of them.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("bash", &["bash"]),
    ("c", &["gcc"]),
    ("cpp", &["g++"]),
    ("go", &["go"]),
    ("java", &["java", "javac"]),
    ("javascript", &["node"]),
    ("lua", &["lua"]),
    ("php", &["php"]),
    ("python", &["python3"]),
    ("ruby", &["ruby"]),
    ("rust", &["rustc"]),
    ("sql", &["sqlite3"]),
];

/// The host as an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// What sandboxes see of it, in order.
    pub pieces: Vec<Piece>,
    /// Ids of the languages whose programs were found in `/usr/bin`, sorted.
    pub languages: Vec<&'static str>,
}

/// Looks at the host.
#[must_use]
pub fn host() -> Host {
    look(Path::new("/"))
}

fn look(root: &Path) -> Host {
    let mut pieces = Vec::new();
    directory(&mut pieces, "/usr");
    for name in USR_SHOWN {
        show(root, &mut pieces, &format!("usr/{name}"));
    }
    for name in TOP_SHOWN {
        show(root, &mut pieces, name);
    }
    for name in MOUNT_POINTS {
        directory(&mut pieces, &format!("/{name}"));
    }
    directory(&mut pieces, "/etc");
    directory(&mut pieces, "/etc/ssl");
    for name in ETC_SHOWN {
        show(root, &mut pieces, &format!("etc/{name}"));
    }
    for name in prefixed_names(&root.join("etc")) {
        show(root, &mut pieces, &format!("etc/{name}"));
    }
    show_time_zone(root, &mut pieces);
    for (target, content) in [
        ("/etc/passwd", PASSWD),
        ("/etc/group", GROUP),
        ("/etc/hosts", HOSTS),
        ("/etc/nsswitch.conf", NSSWITCH),
    ] {
        pieces.push(Piece::File {
            target: PathBuf::from(target),
            content: content.as_bytes().to_vec(),
        });
    }
    Host {
        pieces,
        languages: find_languages(root),
    }
}

fn directory(pieces: &mut Vec<Piece>, target: &str) {
    pieces.push(Piece::Directory {
        target: PathBuf::from(target),
    });
}

/// Adds one path of the host as what it is: a link as a link, all else as a view. Absent is absent.
fn show(root: &Path, pieces: &mut Vec<Piece>, relative: &str) {
    let source = root.join(relative);
    let target = Path::new("/").join(relative);
    let Ok(metadata) = std::fs::symlink_metadata(&source) else {
        return;
    };
    if metadata.is_symlink() {
        if let Ok(link) = std::fs::read_link(&source) {
            pieces.push(Piece::Symlink { link, target });
        }
    } else if metadata.is_dir() || metadata.is_file() {
        pieces.push(Piece::Bind { source, target });
    }
}

/// `/etc/localtime` is a link into `/usr/share/zoneinfo`, or a copy of such a file.
fn show_time_zone(root: &Path, pieces: &mut Vec<Piece>) {
    let source = root.join("etc/localtime");
    let inside_usr = std::fs::read_link(&source).is_ok_and(|link| {
        link.starts_with("/usr/share/zoneinfo") || link.starts_with("../usr/share/zoneinfo")
    });
    let is_file = std::fs::symlink_metadata(&source).is_ok_and(|metadata| metadata.is_file());
    if inside_usr || is_file {
        show(root, pieces, "etc/localtime");
    }
}

fn prefixed_names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            ETC_PREFIXES_SHOWN
                .iter()
                .any(|prefix| name.starts_with(prefix))
        })
        .collect();
    names.sort();
    names
}

fn find_languages(root: &Path) -> Vec<&'static str> {
    let programs = root.join("usr/bin");
    LANGUAGES
        .iter()
        .filter(|(_, needed)| {
            // A link may lead through /etc/alternatives, which is absolute: that it is there is enough.
            needed
                .iter()
                .all(|program| std::fs::symlink_metadata(programs.join(program)).is_ok())
        })
        .map(|(language, _)| *language)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn sample() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for directory in [
            "usr/bin",
            "usr/lib",
            "usr/local/bin",
            "etc/ssl/private",
            "etc/java-17-openjdk",
            "home/anna",
            "opt",
        ] {
            std::fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        for file in [
            "etc/shadow",
            "etc/passwd",
            "etc/ld.so.cache",
            "usr/bin/python3",
            "usr/bin/javac",
            "etc/ssl/private/key.pem",
        ] {
            std::fs::write(root.path().join(file), "secret").unwrap();
        }
        symlink("usr/bin", root.path().join("bin")).unwrap();
        symlink("/etc/alternatives/ruby", root.path().join("usr/bin/ruby")).unwrap();
        symlink("/home/anna/zone", root.path().join("etc/localtime")).unwrap();
        root
    }

    fn targets(host: &Host) -> Vec<String> {
        host.pieces
            .iter()
            .map(|piece| piece.target().display().to_string())
            .collect()
    }

    #[test]
    fn only_what_runtimes_need_is_shown() {
        let root = sample();
        let host = look(root.path());
        let targets = targets(&host);
        for shown in [
            "/usr/bin",
            "/usr/lib",
            "/bin",
            "/etc/ld.so.cache",
            "/etc/java-17-openjdk",
            "/work",
            "/proc",
        ] {
            assert!(targets.contains(&shown.to_owned()), "{shown} is missing");
        }
        for piece in &host.pieces {
            let target = piece.target();
            for hidden in [
                "/usr/local",
                "/home",
                "/opt",
                "/etc/shadow",
                "/etc/ssl/private",
                "/etc/localtime",
            ] {
                assert!(!target.starts_with(hidden), "{} is shown", target.display());
            }
            if let Piece::Bind { source, .. } = piece {
                for hidden in [
                    root.path().join("usr"),
                    root.path().join("etc"),
                    root.path().to_owned(),
                ] {
                    assert_ne!(*source, hidden, "a parent of hidden directories is bound");
                }
            }
        }
    }

    #[test]
    fn links_stay_links_and_user_files_are_made() {
        let root = sample();
        let host = look(root.path());
        assert!(host.pieces.contains(&Piece::Symlink {
            link: PathBuf::from("usr/bin"),
            target: PathBuf::from("/bin"),
        }));
        let passwd = host
            .pieces
            .iter()
            .find(|piece| piece.target() == Path::new("/etc/passwd"));
        assert!(
            matches!(passwd, Some(Piece::File { content, .. }) if content == PASSWD.as_bytes())
        );
    }

    #[test]
    fn a_language_needs_all_its_programs() {
        let root = sample();
        assert_eq!(look(root.path()).languages, ["python", "ruby"]);
    }

    #[test]
    fn every_parent_comes_before_its_children() {
        let root = sample();
        let targets = targets(&look(root.path()));
        for (position, target) in targets.iter().enumerate() {
            let parent = Path::new(target).parent().unwrap().display().to_string();
            assert!(
                parent == "/" || targets[..position].contains(&parent),
                "{target}"
            );
        }
    }
}
