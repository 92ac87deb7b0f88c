//! A runner for tests only: chroot in namespaces of its own, no limits, no protection.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use carrel_image::error::Cause;
use carrel_image::{Collected, Request, Response, TriggerRunner};

/// Mounts, then the command; `$1` is the root, `$2` the work directory.
const SCRIPT: &str = r#"
set -e
root=$1; work=$2; shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,ro,bind "$root"
mount -t tmpfs tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$work" "$root/work"
exec chroot "$root" /usr/bin/env -i -C /work "$@"
"#;

/// Runs requests as root of the host, in a chroot.
#[derive(Debug)]
pub struct Chroot;

impl TriggerRunner for Chroot {
    #[expect(clippy::disallowed_methods, reason = "a runner for tests, where there is no sandbox")]
    fn run(&self, root: &Path, request: &Request) -> Result<Response, Cause> {
        let work = tempfile::tempdir()?;
        fs::set_permissions(work.path(), fs::Permissions::from_mode(0o777))?;
        for (path, content) in &request.files {
            fs::write(work.path().join(path), content)?;
        }
        let variables = request.environment.iter().map(|(name, value)| format!("{name}={value}"));
        let output = Command::new("unshare")
            .args(["--mount", "--pid", "--net", "--ipc", "--fork", "sh", "-c", SCRIPT, "sh"])
            .arg(root)
            .arg(work.path())
            .args(variables)
            .args(&request.argv)
            .output()?;
        let mut files = Vec::new();
        for path in &request.collect {
            collect(work.path(), &work.path().join(path), &mut files)?;
        }
        Ok(Response {
            success: output.status.success(),
            ending: output.status.to_string(),
            stdout: output.stdout,
            stderr: output.stderr,
            files,
        })
    }
}

fn collect(work: &Path, path: &Path, files: &mut Vec<Collected>) -> std::io::Result<()> {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(work, &entry?.path(), files)?;
        }
    } else if metadata.is_file() {
        let relative = path.strip_prefix(work).map_err(std::io::Error::other)?;
        files.push(Collected {
            path: relative.display().to_string(),
            content: fs::read(path)?,
        });
    }
    Ok(())
}
