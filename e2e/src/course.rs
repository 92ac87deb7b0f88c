//! Courses for load: everything in them can be sent by anybody at any time.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context;
use tempfile::TempDir;

/// A copy of a course without its prerequisites: load is sent by people who did nothing before.
///
/// # Errors
/// The course cannot be read or written, or its `course.toml` is no TOML.
pub fn without_prerequisites(course: &Path) -> anyhow::Result<TempDir> {
    let copy = tempfile::tempdir().context("making a directory")?;
    // The web runs as another user and has to pass.
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o755))?;
    copy_directory(course, copy.path())
        .with_context(|| format!("copying the course `{}`", course.display()))?;
    let file = copy.path().join("course.toml");
    let mut table: toml::Table = fs::read_to_string(&file)
        .context("reading course.toml")?
        .parse()
        .context("reading course.toml")?;
    for (_, value) in &mut table {
        forget_prerequisites(value);
    }
    fs::write(&file, table.to_string()).context("writing course.toml")?;
    Ok(copy)
}

fn copy_directory(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy_directory(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn forget_prerequisites(value: &mut toml::Value) {
    match value {
        toml::Value::Table(table) => {
            table.remove("requires");
            for (_, value) in table {
                forget_prerequisites(value);
            }
        }
        toml::Value::Array(values) => values.iter_mut().for_each(forget_prerequisites),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_course_is_whole_but_for_what_it_requires() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../courses/sample");
        let copy = without_prerequisites(&sample).expect("copied");
        let text = fs::read_to_string(copy.path().join("course.toml")).expect("read");
        assert!(!text.contains("requires"), "{text}");
        let whole = carrel_course::course::load(&sample).expect("the sample course");
        let open = carrel_course::course::load(copy.path()).expect("its copy");
        assert_eq!(open.challenges.len(), whole.challenges.len());
    }
}
