//! Project chores: `cargo xtask tidy` holds the house rules, `cargo xtask generate`
//! writes the files that are made from code.

mod generate;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

/// Project chores.
#[derive(Debug, Parser)]
enum Chore {
    /// Check the house rules: arrows between crates, sizes, forbidden words, promises, generated files.
    Tidy,
    /// Write the generated files: man page, JSON Schemas, OpenAPI document.
    Generate,
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to its developer"
)]
fn main() -> ExitCode {
    let root = root();
    let outcome = match Chore::parse() {
        Chore::Tidy => tidy::run(&root),
        Chore::Generate => generate::write(&root).map(|()| Vec::new()),
    };
    match outcome {
        Ok(problems) if problems.is_empty() => {
            println!("ok");
            ExitCode::SUCCESS
        }
        Ok(problems) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            let count = problems.len();
            eprintln!(
                "{count} {}",
                if count == 1 { "problem" } else { "problems" }
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace: where this crate was built from.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
