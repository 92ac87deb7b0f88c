//! Fetching exactly the packages of a lock.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Mirrors, not_started, program};
use crate::error::Error;
use crate::lock::{Lock, LockedPackage};

/// Fetches single files with apt's methods, proxies and hash checks.
const APT_HELPER: &str = "/usr/lib/apt/apt-helper";
/// Packages in one call of it.
const FETCH_BATCH: usize = 200;
/// How often progress of a fetch is looked at.
const FETCH_POLL: Duration = Duration::from_millis(100);

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::parse_line;
    use crate::lock::{BUILDER, SCHEMA};

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
