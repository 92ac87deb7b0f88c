//! A version of a course with digests of the files that its challenges and projects use.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use carrel_model::challenge::{Challenge, Check, CheckKind, Validator};
use sha2::{Digest as _, Sha256};

use crate::course::{Course, Project};

/// One side of a comparison.
#[derive(Debug, Clone)]
pub struct Version<'a> {
    pub(super) course: &'a Course,
    digests: BTreeMap<PathBuf, [u8; 32]>,
}

impl<'a> Version<'a> {
    /// The version without its files: their contents are not compared.
    #[must_use]
    pub fn without_files(course: &'a Course) -> Self {
        Self {
            course,
            digests: BTreeMap::new(),
        }
    }

    /// The version, with digests of every file that its challenges and projects use.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(course: &'a Course) -> io::Result<Self> {
        let mut version = Self::without_files(course);
        let of_challenges = course.challenges.iter().flat_map(files_of);
        let of_projects = course.projects.iter().flat_map(files_of_project);
        for path in of_challenges.chain(of_projects) {
            if !version.digests.contains_key(path) {
                let digest = digest_of(path)?;
                version.digests.insert(path.to_owned(), digest);
            }
        }
        Ok(version)
    }

    pub(super) fn digest(&self, path: &Path) -> Option<&[u8; 32]> {
        self.digests.get(path)
    }
}

fn digest_of(path: &Path) -> io::Result<[u8; 32]> {
    let describe = |error: io::Error| {
        io::Error::new(error.kind(), format!("reading {}: {error}", path.display()))
    };
    let mut file = File::open(path).map_err(describe)?;
    let mut digest = Writer(Sha256::new());
    io::copy(&mut file, &mut digest).map_err(describe)?;
    Ok(digest.0.finalize().into())
}

struct Writer(Sha256);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every file that learners see or checks use; solutions and declared submissions are neither.
fn files_of(challenge: &Challenge) -> Vec<&PathBuf> {
    let mut files: Vec<&PathBuf> = Vec::new();
    files.extend(challenge.supplied.values());
    files.extend(challenge.start.values());
    for step in &challenge.steps {
        files.extend(&step.instructions);
        files.extend(step.start.values());
    }
    for check in &challenge.checks {
        files.extend(files_of_check(check));
    }
    files
}

/// Every file that learners begin with or get at a stage.
fn files_of_project(project: &Project) -> impl Iterator<Item = &PathBuf> {
    let of_stages = project.stages.iter().flat_map(|stage| stage.files.values());
    project.files.values().chain(of_stages)
}

/// Every file that a check uses.
pub(super) fn files_of_check(check: &Check) -> Vec<&PathBuf> {
    match &check.kind {
        CheckKind::Unit(unit) => unit.files.values().collect(),
        CheckKind::Io(io) => {
            let data = io.input.iter().chain([&io.answer]);
            data.chain(io.files.values()).collect()
        }
        CheckKind::Validator(validator) => files_of_validator(validator),
        CheckKind::Interactive(interactive) => files_of_validator(&interactive.validator),
        CheckKind::Static(_) => Vec::new(),
    }
}

fn files_of_validator(validator: &Validator) -> Vec<&PathBuf> {
    let data = validator.input.iter().chain(&validator.answer);
    let programs = validator.program.files.values();
    data.chain(programs)
        .chain(validator.files.values())
        .collect()
}
