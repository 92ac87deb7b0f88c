//! What the tests share: a root assembled from the host, and keepers over it.

use std::path::{Path, PathBuf};

use carrel_sandbox::{Entry, Keeper, KeeperOptions, Report, Root, Spec, probe};

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

/// What programs look for on the host, and what stands there for them.
pub(crate) struct Host {
    /// Port on the host's loopback where TCP and UDP are listened to.
    pub(crate) port: u16,
    /// Abstract Unix socket of the host that is listened to.
    pub(crate) abstract_name: String,
    /// Holds `secret` (root's only) and `setuid`.
    pub(crate) directory: tempfile::TempDir,
    _listeners: (
        std::net::TcpListener,
        std::net::UdpSocket,
        std::os::unix::net::UnixListener,
    ),
}

impl Host {
    pub(crate) fn prepare() -> Self {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::fs::PermissionsExt;
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        let udp = std::net::UdpSocket::bind(("127.0.0.1", port)).unwrap();
        let abstract_name = format!("carrel-test-{port}");
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&abstract_name).unwrap();
        let unix = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let open = |path: &Path, mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(path, mode).unwrap();
        };
        open(directory.path(), 0o755);
        let secret = directory.path().join("secret");
        std::fs::write(&secret, "secret").unwrap();
        open(&secret, 0o600);
        if let Ok(program) = setuid_program() {
            let path = directory.path().join("setuid");
            std::fs::write(&path, program).unwrap();
            open(&path, 0o4755);
        }
        Self {
            port,
            abstract_name,
            directory,
            _listeners: (tcp, udp, unix),
        }
    }

    /// The host's root with `/probe`.
    pub(crate) fn root(&self) -> Root {
        let Root::Assembled(mut entries) = host_root() else {
            unreachable!("host_root assembles");
        };
        entries.push(Entry::Bind {
            source: self.directory.path().into(),
            target: "/probe".into(),
        });
        Root::Assembled(entries)
    }
}

/// A program that exits 1 if it runs as root.
fn setuid_program() -> Result<Vec<u8>, String> {
    let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join("setuid.c");
    let text =
        "#include <unistd.h>\nint main(void) { return geteuid() != getuid() || geteuid() == 0; }\n";
    std::fs::write(&source, text).map_err(|error| error.to_string())?;
    crate::case::compile(&source)
}

/// Why this host cannot run a program with this need, if it cannot.
pub(crate) fn lacks(need: &str) -> Option<String> {
    let landlock = |found: Result<(), String>| {
        found
            .err()
            .map(|reason| format!("this kernel's Landlock: {reason}"))
    };
    let unless = |is_there: bool| (!is_there).then(|| format!("needs {need}"));
    match need {
        "" => None,
        "x86_64" => unless(cfg!(target_arch = "x86_64")),
        "python" => unless(Path::new("/usr/bin/python3").exists()),
        "landlock" => landlock(probe::landlock_files()),
        "landlock_net" => landlock(probe::landlock_network()),
        "landlock_scope" => landlock(probe::landlock_scopes()),
        "setuid" => unless(is_privileged()),
        _ => panic!("no need `{need}` is known"),
    }
}

/// By how much clocks that only keep a test from hanging are longer than on a machine of this
/// year: `CARREL_TEST_PATIENCE`, for emulated machines. No assertion depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's own switch, read nowhere else"
)]
pub(crate) fn patience() -> u64 {
    let factor = std::env::var("CARREL_TEST_PATIENCE").ok();
    factor.and_then(|factor| factor.parse().ok()).unwrap_or(1)
}

pub(crate) fn is_privileged() -> bool {
    rustix::process::geteuid().is_root()
}

/// Tells of a test that cannot run here; with `CARREL_REQUIRE` naming `privileged` that is a failure.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test's own switch, read nowhere else, and what it says"
)]
pub(crate) fn skip(name: &str, reason: &str) {
    let required = std::env::var("CARREL_REQUIRE").unwrap_or_default();
    assert!(!required.contains("privileged"), "{name}: {reason}");
    println!("SKIP: {name}: {reason}");
}

/// Skips where keepers with all layers cannot be had.
pub(crate) fn is_skipped(name: &str) -> bool {
    if !is_privileged() {
        skip(name, "not root");
        return true;
    }
    match Keeper::start(host_root(), &options()) {
        Err(carrel_sandbox::Error::MissingLayers(layers)) => {
            skip(name, &format!("this host lacks {}", layers.join(", ")));
            true
        }
        _ => false,
    }
}
