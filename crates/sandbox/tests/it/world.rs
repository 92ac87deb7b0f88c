//! What the tests share: a root assembled from the host, and keepers over it.

use std::path::{Path, PathBuf};

use carrel_sandbox::{Entry, Keeper, KeeperOptions, Report, Root, Spec};

pub(crate) fn options() -> KeeperOptions {
    KeeperOptions::new(PathBuf::from(env!("CARGO_BIN_EXE_carrel-keeper")))
}

pub(crate) fn host_root() -> Root {
    let mut entries = vec![Entry::Bind {
        source: "/usr".into(),
        target: "/usr".into(),
    }];
    for name in ["bin", "lib", "lib64", "sbin"] {
        let path = Path::new("/").join(name);
        if let Ok(link) = std::fs::read_link(&path) {
            entries.push(Entry::Symlink { link, target: path });
        } else if path.is_dir() {
            entries.push(Entry::Bind {
                source: path.clone(),
                target: path,
            });
        }
    }
    for file in ["/etc/ld.so.cache", "/etc/alternatives"] {
        if Path::new(file).exists() {
            entries.push(Entry::Bind {
                source: file.into(),
                target: file.into(),
            });
        }
    }
    let passwd = b"root:x:0:0::/:/bin/sh\nlearner:x:1000:1000::/tmp:/bin/sh\n".to_vec();
    entries.push(Entry::File {
        target: "/etc/passwd".into(),
        content: passwd,
    });
    Root::Assembled(entries)
}

pub(crate) fn keeper() -> Keeper {
    Keeper::start(host_root(), &options()).expect("a keeper starts")
}

pub(crate) fn shell(script: &str) -> Spec {
    Spec::new(["/bin/sh", "-c", script].map(str::to_owned).to_vec())
}

pub(crate) fn run(script: &str) -> Report {
    keeper()
        .run(shell(script))
        .expect("the run is no fault of ours")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
