//! One hostile program: found, compiled, made into a spec, its report judged.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use carrel_sandbox::{
    CollectedContent, Error, FileInput, Network, Report, Spec, Stream, WORK_DIRECTORY,
};

use crate::directive::{self, Directives, Expectation};
use crate::world::{self, Host};

/// A program of `tests/hostile`.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) directives: Directives,
    text: String,
    binary: Option<Vec<u8>>,
}

/// All of them, compiled. Those that cannot run here are told and left out.
pub(crate) fn all() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let directory = directory();
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind != "h"))
            .collect();
        paths.sort();
        let halves: Vec<Vec<Case>> = std::thread::scope(|scope| {
            let halves: Vec<_> = [0, 1]
                .map(|half| {
                    let paths: Vec<&PathBuf> = paths.iter().skip(half).step_by(2).collect();
                    scope.spawn(move || paths.into_iter().filter_map(|path| load(path)).collect())
                })
                .into_iter()
                .collect();
            halves
                .into_iter()
                .map(|half| half.join().unwrap())
                .collect()
        });
        halves.into_iter().flatten().collect()
    })
}

/// What the battery finds compiled already: `scripts/test-cgroup-v2.sh` asks for it by name.
#[test]
fn every_hostile_program_compiles() {
    let sources = std::fs::read_dir(directory()).unwrap();
    let sources = sources.map(|entry| entry.unwrap().path());
    let mut count = 0;
    for source in sources.filter(|path| path.extension().is_some_and(|kind| kind == "c")) {
        if let Err(reason) = compile(&source) {
            return world::skip("compiling", &reason);
        }
        count += 1;
    }
    assert!(count > 80, "{count} programs");
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile")
}

fn load(path: &Path) -> Option<Case> {
    let name = path.file_name()?.to_str()?.to_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let directives = directive::parse(&text);
    let need = directives.expectation.get("needs").unwrap_or("").to_owned();
    if let Some(reason) = world::lacks(&need) {
        world::skip(&name, &reason);
        return None;
    }
    let binary = if name.ends_with(".c") {
        match compile(path) {
            Ok(binary) => Some(binary),
            Err(reason) => {
                world::skip(&name, &reason);
                return None;
            }
        }
    } else {
        None
    };
    Some(Case {
        name,
        directives,
        text,
        binary,
    })
}

/// Compiles one C program with the host's compiler, unless that was done before.
#[expect(clippy::disallowed_methods, reason = "tests run the host's C compiler")]
pub(crate) fn compile(source: &Path) -> Result<Vec<u8>, String> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    let binary = directory.join(source.file_stem().ok_or("no name")?);
    let age = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let header = source.with_file_name("hostile.h");
    if age(&binary) <= age(source).max(age(&header)) {
        let output = Command::new("cc")
            .args(["-O1", "-w", "-pthread", "-o"])
            .arg(&binary)
            .arg(source)
            .arg("-lrt")
            .output()
            .map_err(|error| format!("no C compiler: {error}"))?;
        if !output.status.success() {
            panic!("{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    std::fs::read(&binary).map_err(|error| error.to_string())
}

impl Case {
    /// The spec of its run.
    pub(crate) fn spec(&self, host: &Host) -> Spec {
        let program = format!("{WORK_DIRECTORY}/program");
        let mut argv = match self.name.rsplit_once('.') {
            Some((_, "sh")) => vec!["/bin/sh".to_owned(), "-c".to_owned(), self.text.clone()],
            Some((_, "py")) => vec![
                "/usr/bin/python3".to_owned(),
                "-c".to_owned(),
                self.text.clone(),
            ],
            _ => vec![program],
        };
        argv.extend([host.port.to_string(), host.abstract_name.clone()]);
        let mut spec = Spec::new(argv);
        spec.limits = self.directives.limits;
        if let Some(binary) = &self.binary {
            spec.files.push(file("program", binary, true));
        }
        spec.files.push(file("held/readonly", b"held", false));
        let get = |key| self.directives.expectation.get(key);
        spec.report_channel = get("report_channel").is_some();
        if get("network").is_some() {
            spec.network = Network::Loopback;
        }
        if let Some(count) = get("stdin_bytes") {
            spec.stdin = Stream::Bytes(vec![b'x'; count.parse().unwrap()]);
        }
        spec.collect = get("collect").map(str::to_owned).into_iter().collect();
        if let Some(bytes) = get("collect_bytes_max") {
            spec.collect_bytes_max = bytes.parse().unwrap();
        }
        spec
    }

    /// What is wrong with what was seen, if anything.
    pub(crate) fn judge(
        &self,
        result: &Result<Report, Error>,
        expected: &Expectation,
    ) -> Option<String> {
        let report = match result {
            Err(_) if expected.endings.iter().any(|ending| ending == "fault") => return None,
            Err(error) => return Some(format!("platform fault: {}", chain(error))),
            Ok(report) => report,
        };
        let told = directive::told(&report.ending);
        let mut wrong = Vec::new();
        if !expected.endings.contains(&told) {
            let endings = expected.endings.join("` or `");
            wrong.push(format!("`{told}` and not `{endings}`"));
        }
        wrong.extend(self.judge_limits(report, expected));
        if let Some(collected) = expected.get("collected") {
            wrong.extend(judge_collected(report, collected));
        }
        if wrong.is_empty() {
            return None;
        }
        let streams = [&report.stdout.bytes, &report.stderr.bytes]
            .map(|bytes| world::text(&bytes[..bytes.len().min(600)]));
        Some(format!("{} {streams:?}", wrong.join(", ")))
    }

    fn judge_limits(&self, report: &Report, expected: &Expectation) -> Vec<String> {
        let mut wrong = Vec::new();
        let limits = &self.directives.limits;
        let mut check = |key: &str, seen: bool| {
            if expected
                .get(key)
                .is_some_and(|value| (value == "yes") != seen)
            {
                wrong.push(format!("`{key}` is {seen}"));
            }
        };
        check("refused", report.processes_refused > 0);
        check("full", report.disk_full);
        check("cpu_over", report.usage.cpu_us > limits.cpu_ms * 1_000);
        if let Some(kind) = expected.get("incident")
            && !report
                .incidents
                .iter()
                .any(|incident| incident.kind == kind)
        {
            wrong.push(format!("no incident `{kind}`"));
        }
        if report.missing_layers.is_empty() {
            if report.usage.processes_peak > limits.processes {
                wrong.push(format!("peak of {} processes", report.usage.processes_peak));
            }
            if report.usage.memory_peak_bytes > limits.memory_bytes {
                wrong.push(format!("peak of {} bytes", report.usage.memory_peak_bytes));
            }
        }
        for output in [&report.stdout, &report.stderr] {
            if output.bytes.len() as u64 > limits.output_bytes {
                wrong.push("more output was kept than allowed".to_owned());
            }
        }
        wrong
    }
}

/// `refused REASON`: some path is; `bytes N`: that many files in full; `absent`; `any`: nothing leaked.
fn judge_collected(report: &Report, expected: &str) -> Option<String> {
    let refused: Vec<&str> = report
        .files
        .iter()
        .filter_map(|file| match &file.content {
            CollectedContent::Refused(reason) => Some(reason.as_str()),
            CollectedContent::Bytes(_) => None,
        })
        .collect();
    let taken = report.files.len() - refused.len();
    let leaked = report.files.iter().any(|file| match &file.content {
        CollectedContent::Bytes(bytes) => world::text(bytes).contains("root:"),
        CollectedContent::Refused(_) => false,
    });
    let right = match expected.split_once(' ') {
        Some(("refused", reason)) => refused.contains(&reason),
        Some(("bytes", count)) => count.parse() == Ok(taken) && refused.is_empty(),
        _ => expected == "any" || report.files.is_empty(),
    };
    (leaked || !right).then(|| format!("collected {taken} files, refused {refused:?}"))
}

fn file(path: &str, content: &[u8], executable: bool) -> FileInput {
    FileInput {
        path: path.to_owned(),
        content: content.to_vec(),
        executable,
        writable: false,
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
