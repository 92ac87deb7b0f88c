//! Frameworks of interpreted languages: our harness and the author's tests in
//! the process that also loads the learner's code.

use carrel_sandbox::FileInput;

use crate::case::{UnitOutcome, UnitRequest};
use crate::error::Error;
use crate::framework::session::{Blocks, Session};
use crate::framework::{outcome, placement, transcript};
use crate::sandboxes::Sandboxes;

/// How one language's harness is started and what it is made of.
pub(crate) struct Harness {
    /// Command; `{harness}` is the directory of its files.
    command: &'static [&'static str],
    /// Its files by name.
    files: &'static [(&'static str, &'static str)],
    /// Endings of source files: these come from memory and are never on disk.
    sources: &'static [&'static str],
    /// Parts of a name that make a source file one to run, not one to import.
    mains: &'static [&'static str],
}

/// jest style and node:test.
pub(crate) const JAVASCRIPT: Harness = Harness {
    command: &[
        "node",
        "--experimental-vm-modules",
        "--no-warnings",
        "{harness}/main.js",
    ],
    files: &[
        ("main.js", include_str!("../../harness/javascript/main.js")),
        (
            "channel.js",
            include_str!("../../harness/javascript/channel.js"),
        ),
        (
            "guard.js",
            include_str!("../../harness/javascript/guard.js"),
        ),
        (
            "loader.js",
            include_str!("../../harness/javascript/loader.js"),
        ),
        (
            "runner.js",
            include_str!("../../harness/javascript/runner.js"),
        ),
        (
            "frontends.js",
            include_str!("../../harness/javascript/frontends.js"),
        ),
        (
            "equality.js",
            include_str!("../../harness/javascript/equality.js"),
        ),
        (
            "expect.js",
            include_str!("../../harness/javascript/expect.js"),
        ),
        ("mock.js", include_str!("../../harness/javascript/mock.js")),
    ],
    sources: &[".js", ".mjs", ".cjs"],
    mains: &[
        ".test.", ".spec.", "_test.", "-test.", "test-", "test_", "/test.",
    ],
};

/// busted. The report channel becomes standard output, because Lua can write
/// to no other descriptor; what the program prints goes to standard error.
pub(crate) const LUA: Harness = Harness {
    command: &[
        "/bin/sh",
        "-c",
        "exec lua5.4 \"$0\"/main.lua 1>&3 3>&-",
        "{harness}",
    ],
    files: &[
        ("main.lua", include_str!("../../harness/lua/main.lua")),
        ("channel.lua", include_str!("../../harness/lua/channel.lua")),
        ("sandbox.lua", include_str!("../../harness/lua/sandbox.lua")),
        ("suite.lua", include_str!("../../harness/lua/suite.lua")),
    ],
    sources: &[".lua"],
    mains: &["_spec.", "_test.", "spec_", "test_"],
};

/// minitest.
pub(crate) const RUBY: Harness = Harness {
    command: &[
        "ruby",
        "--disable=did_you_mean,error_highlight",
        "{harness}/main.rb",
    ],
    files: &[
        ("main.rb", include_str!("../../harness/ruby/main.rb")),
        ("channel.rb", include_str!("../../harness/ruby/channel.rb")),
        ("guard.rb", include_str!("../../harness/ruby/guard.rb")),
    ],
    sources: &[".rb"],
    mains: &["_test.", "_spec.", "test_"],
};

/// unittest and pytest in the learner's process.
pub(crate) const PYTHON: Harness = Harness {
    command: &["python3", "-I", "-B", "{harness}/main.py"],
    files: &[
        ("main.py", include_str!("../../harness/python/main.py")),
        (
            "channel.py",
            include_str!("../../harness/python/channel.py"),
        ),
        (
            "unittest_suite.py",
            include_str!("../../harness/python/unittest_suite.py"),
        ),
        (
            "pytest_suite.py",
            include_str!("../../harness/python/pytest_suite.py"),
        ),
    ],
    sources: &[".py"],
    mains: &["test_", "_test."],
};

/// Runs the suite in one fresh sandbox.
///
/// # Errors
/// A platform fault, or tests that cannot be used as they are.
pub(crate) fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
    harness: &Harness,
) -> Result<UnitOutcome, Error> {
    let session = Session::draw(sandboxes)?;
    let mut files = placement::program_files(request);
    let mut blocks = session.blocks();
    push_options(request, &mut blocks);
    place_tests(request, harness, &mut blocks, &mut files);
    for (name, content) in harness.files {
        files.push(placement::harness_file(name, content.as_bytes()));
    }
    let argv = harness
        .command
        .iter()
        .map(|word| word.replace("{harness}", placement::HARNESS_DIRECTORY))
        .collect();
    let mut spec = placement::spec(request, argv, blocks.into_bytes());
    spec.files = files;
    let report = sandboxes.run(request.environment, spec)?;
    let transcript = transcript::read(&report.report.bytes, &session.key);
    outcome::conclude(request, &session, &transcript, report)
}

fn push_options(request: &UnitRequest<'_>, blocks: &mut Blocks) {
    blocks.push("option", "framework", request.unit.framework.as_bytes());
    let include_skipped = if request.unit.include_skipped {
        "1"
    } else {
        "0"
    };
    blocks.push("option", "include_skipped", include_skipped.as_bytes());
    if let Some(test) = &request.unit.test {
        blocks.push("option", "only", test.as_bytes());
    }
}

/// Sources go over standard input, everything else beside the program.
fn place_tests(
    request: &UnitRequest<'_>,
    harness: &Harness,
    blocks: &mut Blocks,
    files: &mut Vec<FileInput>,
) {
    let is_source = |path: &str| harness.sources.iter().any(|ending| path.ends_with(ending));
    let is_main = |path: &str| {
        let slashed = format!("/{path}");
        let name = slashed.rsplit_once('/').map_or("", |(_, name)| name);
        harness
            .mains
            .iter()
            .any(|part| match part.strip_prefix('/') {
                Some(start) => name.starts_with(start),
                None if part.ends_with(['_', '-']) => name.starts_with(part),
                None => name.contains(part),
            })
    };
    let sources: Vec<&String> = request
        .tests
        .keys()
        .filter(|path| is_source(path))
        .collect();
    let named: Vec<&&String> = sources.iter().filter(|path| is_main(path)).collect();
    for path in &sources {
        blocks.push("test", path, &request.tests[*path]);
    }
    for path in if named.is_empty() {
        sources.iter().collect()
    } else {
        named
    } {
        blocks.push("main", path, b"");
    }
    for (path, content) in request.tests {
        if !is_source(path) {
            files.retain(|file| file.path != *path);
            files.push(placement::read_only(path, content));
        }
    }
}
