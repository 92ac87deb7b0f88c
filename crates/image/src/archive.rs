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
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::definition::Definition;
use crate::error::Error;
use crate::lock::{self, BUILDER, Lock, LockedPackage, SCHEMA};

mod fetch;
mod mirrors;

pub(crate) use fetch::check_package;
pub use fetch::fetch;
pub use mirrors::Mirrors;

/// The keys that Debian's releases are signed with, from the package `debian-archive-keyring`.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// The two archives: name, as in locks, and the suffix of its release names.
const ARCHIVES: [&str; 2] = ["debian", "debian-security"];

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
}
