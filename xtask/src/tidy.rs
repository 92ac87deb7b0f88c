//! The house rules that no lint knows, one module each.

mod arrows;
mod generated;
mod promises;
mod sources;

use std::path::Path;

/// Everything that breaks a rule, as `path:line: what, and what to do`.
pub(crate) fn run(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut problems = arrows::check(root)?;
    problems.extend(sources::check(root)?);
    problems.extend(promises::check(root)?);
    problems.extend(generated::check(root)?);
    Ok(problems)
}
