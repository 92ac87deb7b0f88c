//! Generated files are committed as the code makes them.

use std::fs;
use std::path::Path;

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in crate::generate::all()? {
        let found = fs::read_to_string(root.join(&file.path)).unwrap_or_default();
        if found != file.content {
            problems.push(format!(
                "{}: not as generated: run `cargo xtask generate`",
                file.path
            ));
        }
    }
    Ok(problems)
}
