//! What the head comment of a hostile program says, read by machine: one
//! `key: value` per line.

use carrel_sandbox::{Ending, Limit, Limits};

use crate::world;

/// Keys of lines that are not directives of expectation.
const LIMIT_NAMES: [&str; 11] = [
    "cpu_ms",
    "wall_ms",
    "memory_bytes",
    "processes",
    "output_bytes",
    "file_bytes",
    "disk_bytes",
    "inodes",
    "open_files",
    "stack_bytes",
    "cpu_rate_milli",
];

/// What must be seen of one run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expectation {
    /// Any of these endings, in the words of [`told`].
    pub(crate) endings: Vec<String>,
    /// `key: value` pairs beside it.
    pub(crate) others: Vec<(String, String)>,
}

impl Expectation {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.others.iter().find(|(name, _)| name == key)?;
        Some(value)
    }
}

/// All that a head comment says.
#[derive(Debug, Clone)]
pub(crate) struct Directives {
    pub(crate) expectation: Expectation,
    pub(crate) limits: Limits,
    /// Layers to leave out, and what is seen then.
    pub(crate) without: Vec<(Vec<String>, Expectation)>,
}

pub(crate) fn parse(text: &str) -> Directives {
    let mut directives = Directives {
        expectation: Expectation::default(),
        limits: limits(),
        without: Vec::new(),
    };
    let comment = |line: &str| {
        let line = line
            .strip_prefix("//")
            .or_else(|| line.strip_prefix("# "))?
            .trim()
            .to_owned();
        Some(line)
    };
    let head = text.lines().map_while(comment);
    for line in head {
        let Some((key, value)) = line.split_once(": ") else {
            continue;
        };
        match key {
            "expect" => directives.expectation.endings = endings(value),
            "limits" => value
                .split(' ')
                .for_each(|pair| set(&mut directives.limits, pair)),
            "without" => directives.without.push(without(value)),
            _ => directives
                .expectation
                .others
                .push((key.to_owned(), value.to_owned())),
        }
    }
    assert!(
        !directives.expectation.endings.is_empty(),
        "no `expect:` line"
    );
    directives
}

fn endings(value: &str) -> Vec<String> {
    value
        .split(" | ")
        .map(|ending| ending.trim().to_owned())
        .collect()
}

/// `layer+layer -> ending | ending; key: value; ...`
fn without(value: &str) -> (Vec<String>, Expectation) {
    let (layers, seen) = value.split_once(" -> ").expect("`layers -> seen`");
    let layers: Vec<String> = layers.split('+').map(str::to_owned).collect();
    for layer in &layers {
        assert!(
            carrel_sandbox::layer::ALL.contains(&layer.as_str()),
            "no layer `{layer}`"
        );
    }
    let mut parts = seen.split("; ");
    let endings = endings(parts.next().unwrap_or_default());
    let others = parts
        .filter_map(|part| part.split_once(": "))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    (layers, Expectation { endings, others })
}

/// Small, so that the whole battery is quick; clocks generous, so that a busy host does no harm.
fn limits() -> Limits {
    let patience = world::patience();
    Limits {
        cpu_ms: 8_000 * patience,
        wall_ms: 20_000 * patience,
        memory_bytes: 96 << 20,
        processes: 32,
        output_bytes: 64 << 10,
        file_bytes: 8 << 20,
        disk_bytes: 16 << 20,
        inodes: 1_024,
        open_files: 64,
        stack_bytes: 8 << 20,
        cpu_rate_milli: 1_000,
    }
}

fn set(limits: &mut Limits, pair: &str) {
    let (name, value) = pair.split_once('=').expect("`name=value`");
    let value: u64 = value.parse().expect("a number");
    let fields = [
        &mut limits.cpu_ms,
        &mut limits.wall_ms,
        &mut limits.memory_bytes,
        &mut limits.processes,
        &mut limits.output_bytes,
        &mut limits.file_bytes,
        &mut limits.disk_bytes,
        &mut limits.inodes,
        &mut limits.open_files,
        &mut limits.stack_bytes,
        &mut limits.cpu_rate_milli,
    ];
    let place = LIMIT_NAMES.iter().position(|known| *known == name);
    *fields
        .into_iter()
        .nth(place.unwrap_or_else(|| panic!("no limit `{name}`")))
        .expect("as many fields as names") = value;
}

/// An ending in the words of the directives.
pub(crate) fn told(ending: &Ending) -> String {
    match ending {
        Ending::Exited(code) => format!("exited {code}"),
        Ending::Signalled(signal) => format!("signalled {signal}"),
        Ending::Limit(Limit::Cpu) => "limit cpu".to_owned(),
        Ending::Limit(Limit::Wall) => "limit wall".to_owned(),
        Ending::Limit(Limit::Memory) => "limit memory".to_owned(),
        Ending::Limit(Limit::Output) => "limit output".to_owned(),
        Ending::Limit(Limit::FileSize) => "limit file_size".to_owned(),
        Ending::ForbiddenSystemCall(Some(name)) => format!("forbidden {name}"),
        Ending::ForbiddenSystemCall(None) => "forbidden".to_owned(),
        Ending::NotStarted(reason) => format!("not started: {reason}"),
        Ending::Cancelled => "cancelled".to_owned(),
        Ending::Stopped => "stopped".to_owned(),
    }
}

#[test]
fn reads_a_head_comment() {
    let text = "// Tries it.\n// expect: exited 0 | limit wall\n// limits: wall_ms=5 inodes=7\n\
                // refused: yes\n// without: pids+ipc -> fault; then: exited 1\n#include <x>\n// expect: no\n";
    let read = parse(text);
    assert_eq!(read.expectation.endings, ["exited 0", "limit wall"]);
    assert_eq!((read.limits.wall_ms, read.limits.inodes), (5, 7));
    assert_eq!(read.expectation.get("refused"), Some("yes"));
    assert_eq!(read.without[0].0, ["pids", "ipc"]);
    assert_eq!(read.without[0].1.get("then"), Some("exited 1"));
}
