//! The package archive: which versions go together, and fetching exactly those.
//!
//! `apt-get` decides and fetches, because it is the tool that is kept right for
//! this: it verifies the archive's signatures, and knows mirrors and proxies.
//! It works on directories of ours with an empty package status, so that the
//! host's own packages and their state are neither read nor changed. It is the
//! one program of the host that this crate starts; everything that comes out of
//! a package runs in a sandbox.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::definition::Definition;
use crate::error::Error;
use crate::lock::{self, BUILDER, Lock, LockedPackage, SCHEMA};

/// The keys that Debian's releases are signed with, from the package `debian-archive-keyring`.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// Fetches single files with apt's methods, proxies and hash checks.
const APT_HELPER: &str = "/usr/lib/apt/apt-helper";
/// Packages in one call of it.
const FETCH_BATCH: usize = 200;
/// How often progress of a fetch is looked at.
const FETCH_POLL: Duration = Duration::from_millis(100);
/// The two archives: name, as in locks, and the suffix of its release names.
const ARCHIVES: [&str; 2] = ["debian", "debian-security"];

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

    fn of(&self, archive: &str) -> &str {
        if archive == ARCHIVES[1] {
            &self.security
        } else {
            &self.debian
        }
    }

    fn sources(&self, suite: &str) -> String {
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

/// Chooses the versions for a definition and locks them. `work` is a directory for apt's own files.
///
/// # Errors
/// When the archive cannot be reached or verified, or has no such packages.
pub fn resolve(definition: &Definition, mirrors: &Mirrors, work: &Path) -> Result<Lock, Error> {
    let architecture = lock::machine_architecture()?;
    if !Path::new(KEYRING).exists() {
        return Err(Error::Archive {
            doing: "verifying the package archive".to_owned(),
            problem: format!(
                "`{KEYRING}` is missing; install the package `debian-archive-keyring`"
            ),
        });
    }
    let configuration = configure(definition, mirrors, architecture, work)?;
    let mut update = program("apt-get");
    update
        .env("APT_CONFIG", &configuration)
        .args(["-qq", "update"]);
    // apt-get update ends with 0 although a source failed, unless it is told otherwise.
    update.args(["-o", "APT::Update::Error-Mode=any"]);
    run(update, "reading the package lists")?;

    let mut install = program("apt-get");
    install.env("APT_CONFIG", &configuration);
    install.args([
        "-qq",
        "-y",
        "--print-uris",
        "-o",
        "Acquire::ForceHash=sha256",
        "install",
    ]);
    install.args(definition.all_packages());
    let output = run(
        install,
        &format!("choosing packages for environment `{}`", definition.name),
    )?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut packages = text
        .lines()
        .filter(|line| line.starts_with('\''))
        .map(|line| parse_line(line, mirrors))
        .collect::<Result<Vec<_>, _>>()?;
    packages.sort();
    Ok(Lock {
        schema: SCHEMA,
        name: definition.name.clone(),
        definition: definition.digest(),
        suite: definition.suite.clone(),
        architecture: architecture.to_owned(),
        builder: BUILDER.to_owned(),
        tree: None,
        packages,
    })
}

/// Writes apt's configuration: directories of ours, nothing installed, nothing recommended.
fn configure(
    definition: &Definition,
    mirrors: &Mirrors,
    architecture: &str,
    work: &Path,
) -> Result<PathBuf, Error> {
    for directory in [
        "lists/partial",
        "cache/archives/partial",
        "etc/apt.conf.d",
        "etc/preferences.d",
        "log",
    ] {
        let directory = work.join(directory);
        fs::create_dir_all(&directory).map_err(Error::file("making", &directory))?;
    }
    let write = |name: &str, content: &str| {
        let path = work.join(name);
        fs::write(&path, content)
            .map_err(Error::file("writing", &path))
            .map(|()| path)
    };
    write("status", "")?;
    write("sources.list", &mirrors.sources(&definition.suite))?;
    let at = work.display();
    let text = format!(
        "Dir \"{at}\";\nDir::State \"{at}\";\nDir::State::lists \"{at}/lists\";\nDir::State::status \"{at}/status\";\n\
         Dir::Cache \"{at}/cache\";\nDir::Etc \"{at}/etc\";\nDir::Etc::sourcelist \"{at}/sources.list\";\n\
         Dir::Etc::sourceparts \"/dev/null\";\nDir::Log \"{at}/log\";\n\
         APT::Architecture \"{architecture}\";\nAPT::Architectures {{ \"{architecture}\"; }};\n\
         APT::Install-Recommends \"false\";\nAPT::Install-Suggests \"false\";\nAcquire::Languages \"none\";\n\
         Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled \"false\";\n{}",
        host_proxies()?
    );
    write("apt.conf", &text)
}

/// How the host reaches the network: the proxies of its own apt configuration.
fn host_proxies() -> Result<String, Error> {
    let mut command = program("apt-config");
    command.args(["dump", "--format", "%f \"%v\";%n", "Acquire"]);
    let output = run(command, "reading the host's apt configuration")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let kept = text.lines().filter(|line| {
        let key = line
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        key.starts_with("acquire::") && (key.contains("proxy") || key == "acquire::retries")
    });
    Ok(kept.map(|line| format!("{line}\n")).collect())
}

/// One line of `--print-uris`: `'address' name_version_architecture.deb size SHA256:digest`.
fn parse_line(line: &str, mirrors: &Mirrors) -> Result<LockedPackage, Error> {
    parse_fields(line, mirrors).ok_or_else(|| Error::Archive {
        doing: "reading apt's choice".to_owned(),
        problem: format!("a line that is not understood: {line}"),
    })
}

fn parse_fields(line: &str, mirrors: &Mirrors) -> Option<LockedPackage> {
    let (address, rest) = line.strip_prefix('\'')?.split_once("' ")?;
    let mut fields = rest.split_whitespace();
    let file = fields.next()?.strip_suffix(".deb")?;
    let size = fields.next()?.parse().ok()?;
    let sha256 = fields.next()?.strip_prefix("SHA256:")?.to_owned();
    let mut parts = file.split('_');
    let (name, version, architecture) = (parts.next()?, parts.next()?, parts.next()?);
    // The longer address first: one may be the start of the other.
    let mut archives = ARCHIVES;
    archives.sort_by_key(|archive| std::cmp::Reverse(mirrors.of(archive).len()));
    let (archive, path) = archives.iter().find_map(|archive| {
        let path = address
            .strip_prefix(mirrors.of(archive))?
            .strip_prefix('/')?;
        path.starts_with("pool/").then_some((*archive, path))
    })?;
    Some(LockedPackage {
        name: name.to_owned(),
        version: version.replace("%3a", ":"),
        architecture: architecture.to_owned(),
        archive: archive.to_owned(),
        path: path.to_owned(),
        size,
        sha256,
    })
}

/// Fetches the packages of a lock that are not yet in `cache`, each under its
/// SHA-256. `progress` hears how many bytes of all there are.
///
/// # Errors
/// When a package cannot be fetched, is gone from the mirror, or is not the one that was locked.
pub fn fetch(
    lock: &Lock,
    mirrors: impl Fn() -> Result<Mirrors, Error>,
    cache: &Path,
    work: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), Error> {
    let missing: Vec<&LockedPackage> = lock
        .packages
        .iter()
        .filter(|package| !is_cached(package, cache))
        .collect();
    let mut done = lock.download_bytes() - missing.iter().map(|package| package.size).sum::<u64>();
    progress(done);
    if missing.is_empty() {
        return Ok(());
    }
    let mirrors = mirrors()?;
    for batch in missing.chunks(FETCH_BATCH) {
        let before = done;
        let failure = fetch_batch(batch, &mirrors, work, &mut |bytes| progress(before + bytes))?;
        for package in batch {
            let fetched = work.join(package.cache_name());
            if !fetched.exists() {
                return Err(not_fetched(lock, package, &failure));
            }
            check_package(package, &fetched)?;
            let file = fs::File::open(&fetched).map_err(Error::file("reading", &fetched))?;
            file.sync_all().map_err(Error::file("writing", &fetched))?;
            let kept = cache.join(package.cache_name());
            fs::rename(&fetched, &kept).map_err(Error::file("keeping", &kept))?;
            done += package.size;
        }
        progress(done);
    }
    Ok(())
}

fn is_cached(package: &LockedPackage, cache: &Path) -> bool {
    fs::metadata(cache.join(package.cache_name()))
        .is_ok_and(|metadata| metadata.len() == package.size)
}

/// Fetches into `work`; what failed is told by what is not there, and why in the text.
fn fetch_batch(
    batch: &[&LockedPackage],
    mirrors: &Mirrors,
    work: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<String, Error> {
    let mut command = program(APT_HELPER);
    command.arg("download-file").current_dir(work);
    for package in batch {
        command.arg(format!("{}/{}", mirrors.of(&package.archive), package.path));
        command.arg(work.join(package.cache_name()));
        command.arg(format!("SHA256:{}", package.sha256));
    }
    let complaints = work.join("fetch.log");
    let log = fs::File::create(&complaints).map_err(Error::file("writing", &complaints))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|source| not_started(APT_HELPER, &source))?;
    loop {
        let ended = child
            .try_wait()
            .map_err(Error::file("waiting for", APT_HELPER))?;
        let present = batch
            .iter()
            .filter_map(|package| fs::metadata(work.join(package.cache_name())).ok());
        progress(present.map(|metadata| metadata.len()).sum());
        if ended.is_some() {
            let text = fs::read(&complaints).map_err(Error::file("reading", &complaints))?;
            return Ok(String::from_utf8_lossy(&text).into_owned());
        }
        std::thread::sleep(FETCH_POLL);
    }
}

fn not_fetched(lock: &Lock, package: &LockedPackage, complaints: &str) -> Error {
    let file = package.path.rsplit('/').next().unwrap_or_default();
    let line = complaints
        .lines()
        .find(|line| line.starts_with("E:") && line.contains(file))
        .or_else(|| complaints.lines().find(|line| line.starts_with("E:")))
        .unwrap_or("apt-helper gave no reason")
        .trim_start_matches("E:")
        .trim()
        .to_owned();
    if line.contains(" 404 ") || line.contains("File not found") {
        Error::Gone {
            environment: lock.name.clone(),
            package: format!("{} {}", package.name, package.version),
            problem: line,
        }
    } else {
        Error::Archive {
            doing: format!("fetching the package `{}`", package.name),
            problem: format!("{line} (check the network, or name another mirror with `--mirror`)"),
        }
    }
}

/// Compares a package file with its lock.
pub(crate) fn check_package(package: &LockedPackage, path: &Path) -> Result<(), Error> {
    let mut file = fs::File::open(path).map_err(Error::file("reading", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file
            .read(&mut buffer)
            .map_err(Error::file("reading", path))?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    let found = hex::encode(hasher.finalize());
    if found == package.sha256 {
        return Ok(());
    }
    Err(Error::Package {
        package: format!("{} {}", package.name, package.version),
        problem: format!("has SHA-256 {found}, the lock says {}", package.sha256),
        source: None,
    })
}

fn program(name: impl AsRef<OsStr>) -> Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "apt is the host's own tool and must run on the host: it needs the network"
    )]
    let mut command = Command::new(name);
    command
        .env("LC_ALL", "C.UTF-8")
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn run(mut command: Command, doing: &str) -> Result<Output, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| not_started(&name, &source))?;
    if output.status.success() {
        return Ok(output);
    }
    let complaints = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = complaints
        .lines()
        .filter(|line| line.starts_with("E:"))
        .take(5)
        .collect();
    let said = if lines.is_empty() {
        complaints.trim().to_owned()
    } else {
        lines.join("; ")
    };
    Err(Error::Archive {
        doing: doing.to_owned(),
        problem: format!("`{name}`: {said}"),
    })
}

fn not_started(name: &str, source: &std::io::Error) -> Error {
    Error::Archive {
        doing: format!("starting `{name}`"),
        problem: format!(
            "{source}; environments from packages need apt, as on Debian; use `host` elsewhere"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_lines_become_locked_packages() {
        let mirrors = Mirrors::named("http://mirror.example").unwrap();
        let digest = "a".repeat(64);
        let line = format!(
            "'http://mirror.example/debian-security/pool/updates/main/z/zlib/zlib1g_1.2.13%2bx_amd64.deb' zlib1g_1%3a1.2.13+x_amd64.deb 86684 SHA256:{digest}"
        );
        let package = parse_line(&line, &mirrors).unwrap();
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("zlib1g", "1:1.2.13+x")
        );
        assert_eq!(package.archive, "debian-security");
        assert_eq!(
            package.path,
            "pool/updates/main/z/zlib/zlib1g_1.2.13%2bx_amd64.deb"
        );
        assert_eq!(package.size, 86_684);
        // Without a SHA-256 nothing can be locked.
        assert!(parse_line(&line.replace("SHA256", "MD5Sum"), &mirrors).is_err());
        assert!(parse_line(&line.replace("mirror.example", "other.example"), &mirrors).is_err());
    }

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

    #[test]
    fn a_package_that_is_gone_is_told_apart_from_a_dead_network() {
        let mirrors = Mirrors::named("http://mirror.example").unwrap();
        let digest = "a".repeat(64);
        let line = format!(
            "'http://mirror.example/debian/pool/x_1_all.deb' x_1_all.deb 1 SHA256:{digest}"
        );
        let package = parse_line(&line, &mirrors).unwrap();
        let lock = Lock {
            schema: SCHEMA,
            name: "small".to_owned(),
            definition: String::new(),
            suite: "bookworm".to_owned(),
            architecture: "amd64".to_owned(),
            builder: BUILDER.to_owned(),
            tree: None,
            packages: vec![package.clone()],
        };
        let gone = not_fetched(
            &lock,
            &package,
            "E: Failed to fetch http://mirror.example/debian/pool/x_1_all.deb  404  Not Found [IP: ::1 80]\n",
        );
        assert!(matches!(gone, Error::Gone { .. }));
        assert!(gone.to_string().contains("carrel env lock small"));
        let dead = not_fetched(
            &lock,
            &package,
            "E: Failed to fetch http://mirror.example/debian/pool/x_1_all.deb  Could not connect\n",
        );
        assert!(matches!(dead, Error::Archive { .. }));
    }
}
