//! What is run.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// Ends at once without any library: what is left is the cost of a process.
const NOOP: &str =
    "void _start(void) { __asm__ volatile(\"mov $60, %eax; xor %edi, %edi; syscall\"); }\n";

/// A program to run.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) argv: Vec<String>,
    /// A file of ours that the program is, to be placed into a sandbox.
    pub(crate) file: Option<PathBuf>,
}

impl Workload {
    /// A static no-op, `/bin/true`, and Python doing nothing.
    pub(crate) fn all(directory: &Path) -> anyhow::Result<Vec<Self>> {
        let source = directory.join("noop.c");
        let program = directory.join("noop");
        std::fs::write(&source, NOOP)?;
        let status = crate::runner::program("cc")
            .args(["-static", "-nostdlib", "-O2", "-o"])
            .args([&program, &source])
            .status()
            .context("running `cc`; install build-essential")?;
        ensure!(status.success(), "`cc` could not build the static no-op");
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Ok(vec![
            Self {
                name: "static no-op",
                argv: vec![program.display().to_string()],
                file: Some(program),
            },
            Self {
                name: "/bin/true",
                argv: words(&["/bin/true"]),
                file: None,
            },
            Self {
                name: "python3 -c pass",
                argv: words(&["/usr/bin/python3", "-c", "pass"]),
                file: None,
            },
        ])
    }
}
