//! Who runs it: bare fork+exec, our sandbox, and peers where they are installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, bail};
use carrel_sandbox::{Ending, Entry, FileInput, Keeper, KeeperOptions, Root, Spec};

use crate::workload::Workload;

/// One way to run the workload.
pub(crate) struct Runner {
    pub(crate) name: String,
    kind: Kind,
    /// Share of the runs that a slow peer gets.
    pub(crate) share: f64,
}

enum Kind {
    Command(Vec<String>),
    Sandbox {
        workload: Workload,
        idle: Mutex<Vec<Keeper>>,
    },
    Runc {
        bundle: PathBuf,
    },
}

impl Runner {
    /// Bare first, then ours, then the peers found.
    pub(crate) fn available(workload: &Workload, directory: &Path) -> anyhow::Result<Vec<Self>> {
        let command = |name: &str, argv: Vec<String>, share: f64| Self {
            name: name.to_owned(),
            kind: Kind::Command(argv),
            share,
        };
        let sandbox = Kind::Sandbox {
            workload: workload.clone(),
            idle: Mutex::new(Vec::new()),
        };
        let mut runners = vec![
            command("bare fork+exec", workload.argv.clone(), 1.0),
            Self {
                name: "carrel".to_owned(),
                kind: sandbox,
                share: 1.0,
            },
        ];
        if installed("bwrap") {
            runners.push(command(
                "bubblewrap --unshare-all",
                bubblewrap(workload),
                0.5,
            ));
        }
        if installed("runc") {
            let bundle = runc_bundle(workload, directory)?;
            runners.push(Self {
                name: "runc run".to_owned(),
                kind: Kind::Runc { bundle },
                share: 0.1,
            });
        }
        if docker_runs() {
            let words = [
                "docker",
                "run",
                "--rm",
                "--network",
                "none",
                "-v",
                "/usr:/usr:ro",
                "carrel-bench",
            ];
            let argv = words
                .iter()
                .map(|word| (*word).to_owned())
                .chain(workload.argv.clone());
            runners.push(command("docker run", argv.collect(), 0.05));
        }
        Ok(runners)
    }

    /// One run, from the order to the end. An unexpected end is an error.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Command(argv) => run_command(argv),
            Kind::Runc { bundle } => {
                static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
                let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let id = format!("carrel-bench-{}-{number}", std::process::id());
                let bundle = bundle.display().to_string();
                run_command(&["runc", "run", "--bundle", &bundle, &id].map(str::to_owned))
            }
            Kind::Sandbox { workload, idle } => run_sandbox(workload, idle),
        }
    }
}

fn run_command(argv: &[String]) -> anyhow::Result<()> {
    let status = Command::new(&argv[0])
        .args(&argv[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("running `{}`", argv[0]))?;
    if !status.success() {
        bail!("`{}` ended with {status}", argv.join(" "));
    }
    Ok(())
}

fn run_sandbox(workload: &Workload, idle: &Mutex<Vec<Keeper>>) -> anyhow::Result<()> {
    let take = || idle.lock().expect("no run panics").pop();
    let mut keeper = match take() {
        Some(keeper) => keeper,
        None => Keeper::start(host_root(), &KeeperOptions::new("/proc/self/exe".into()))?,
    };
    let mut spec = Spec::new(workload.argv.clone());
    if let Some(file) = &workload.file {
        spec.argv = vec!["/work/program".to_owned()];
        spec.files.push(FileInput {
            path: "program".to_owned(),
            content: std::fs::read(file)?,
            executable: true,
            writable: false,
        });
    }
    let report = keeper.run(spec)?;
    if report.ending != Ending::Exited(0) {
        bail!("`{}` in a sandbox: {:?}", workload.name, report.ending);
    }
    idle.lock().expect("no run panics").push(keeper);
    Ok(())
}

pub(crate) fn host_root() -> Root {
    let mut entries = vec![Entry::Bind {
        source: "/usr".into(),
        target: "/usr".into(),
    }];
    for name in ["bin", "lib", "lib64"] {
        let link = PathBuf::from("usr").join(name);
        entries.push(Entry::Symlink {
            link,
            target: Path::new("/").join(name),
        });
    }
    let cache = PathBuf::from("/etc/ld.so.cache");
    entries.push(Entry::Bind {
        source: cache.clone(),
        target: cache,
    });
    Root::Assembled(entries)
}

fn installed(name: &str) -> bool {
    Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn docker_runs() -> bool {
    Command::new("docker")
        .args([
            "run",
            "--rm",
            "--network",
            "none",
            "-v",
            "/usr:/usr:ro",
            "carrel-bench",
            "/bin/true",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn bubblewrap(workload: &Workload) -> Vec<String> {
    let mut argv: Vec<String> = [
        "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--ro-bind",
        "/usr",
        "/usr",
        "--symlink",
        "usr/bin",
        "/bin",
        "--symlink",
        "usr/lib",
        "/lib",
        "--symlink",
        "usr/lib64",
        "/lib64",
        "--ro-bind",
        "/etc/ld.so.cache",
        "/etc/ld.so.cache",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/tmp",
        "--tmpfs",
        "/work",
        "--chdir",
        "/work",
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(file) = &workload.file {
        argv.extend([
            "--ro-bind".to_owned(),
            file.display().to_string(),
            workload.argv[0].clone(),
        ]);
    }
    argv.extend(workload.argv.clone());
    argv
}

/// A bundle from runc's own template: read-only /usr, no terminal, the workload as arguments.
fn runc_bundle(workload: &Workload, directory: &Path) -> anyhow::Result<PathBuf> {
    let bundle = directory.join(format!("runc-{}", workload.name.replace(['/', ' '], "-")));
    for name in ["usr", "proc", "dev", "sys", "etc", "tmp"] {
        std::fs::create_dir_all(bundle.join("rootfs").join(name))?;
    }
    for name in ["bin", "lib", "lib64"] {
        std::os::unix::fs::symlink(
            Path::new("usr").join(name),
            bundle.join("rootfs").join(name),
        )?;
    }
    run_command(&["runc", "spec", "--bundle", &bundle.display().to_string()].map(str::to_owned))?;
    let path = bundle.join("config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    config["process"]["terminal"] = false.into();
    config["process"]["args"] = workload.argv.clone().into();
    let bind = |source: &Path, target: &str| {
        serde_json::json!({
            "source": source, "destination": target, "type": "bind", "options": ["bind", "ro"]
        })
    };
    let mounts = config["mounts"]
        .as_array_mut()
        .context("runc's template has no mounts")?;
    mounts.push(bind(Path::new("/usr"), "/usr"));
    if let Some(file) = &workload.file {
        mounts.push(bind(file, &workload.argv[0]));
    }
    std::fs::write(&path, serde_json::to_vec(&config)?)?;
    Ok(bundle)
}
