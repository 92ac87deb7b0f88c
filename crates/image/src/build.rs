//! Building an environment: packages in, a tree with a digest out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::{self, Mirrors};
use crate::deb::{self, Entry, Kind};
use crate::definition::{Definition, Probe};
use crate::error::Error;
use crate::filter::Filter;
use crate::layout::Layout;
use crate::listing::Listing;
use crate::lock::{Lock, LockedPackage};
use crate::objects::Objects;
use crate::parallel;
use crate::store::Record;
use crate::trigger::{Request, Response, TriggerRunner, base_environment, steps};

/// How far a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done, in the unit of the stage.
    pub done: u64,
    /// How much there is; 0 where that is not known.
    pub total: u64,
}

/// What a build does, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Choosing versions (no unit).
    Resolve,
    /// Fetching packages (bytes).
    Fetch,
    /// Unpacking (packages).
    Unpack,
    /// Running a deterministic trigger or a probe, by name (steps).
    Run(String),
    /// Storing (files).
    Store,
    /// Making it durable and publishing (no unit).
    Publish,
}

/// What a build gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// What is now in the store.
    pub record: Record,
    /// The lock with the digest of the tree: what `environment.lock` should hold.
    pub lock: Lock,
    /// Whether the digest is the one of the lock; `None` where the lock had none yet.
    pub reproduced: Option<bool>,
}

/// One build at work.
pub(crate) struct Build<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) runner: &'a dyn TriggerRunner,
    pub(crate) progress: &'a mut dyn FnMut(Progress),
    /// A fresh directory on the store's file system.
    pub(crate) work: &'a Path,
    /// Where fetched packages are kept.
    pub(crate) cache: &'a Path,
}

impl Build<'_> {
    /// Chooses versions.
    pub(crate) fn resolve(&mut self, mirrors: &Mirrors) -> Result<Lock, Error> {
        self.tell(Stage::Resolve, 0, 0);
        let work = self.make_directory("apt")?;
        archive::resolve(self.definition, mirrors, &work)
    }

    /// Fetches, unpacks, runs the steps and probes, and stores the tree.
    pub(crate) fn make(
        &mut self,
        lock: &Lock,
        mirrors: impl Fn() -> Result<Mirrors, Error>,
        objects: &Objects,
    ) -> Result<(Listing, String), Error> {
        let total = lock.download_bytes();
        let fetched = self.make_directory("fetched")?;
        let progress = &mut *self.progress;
        archive::fetch(lock, mirrors, self.cache, &fetched, &mut |done| {
            progress(Progress {
                stage: Stage::Fetch,
                done,
                total,
            });
        })?;
        let packages = self.unpack(lock)?;
        let mut layout = Layout::merge(&self.definition.name, packages)?;
        let contents = self.make_directory("made")?;
        layout.furnish(self.definition, &contents)?;
        let root = self.make_directory("root")?;
        layout.write(&root)?;
        self.run_steps(&mut layout, &root, &contents)?;
        self.run_probes(&root)?;
        self.store(&layout, objects)
    }

    fn unpack(&mut self, lock: &Lock) -> Result<Vec<(String, Vec<Entry>)>, Error> {
        let total = lock.packages.len() as u64;
        self.tell(Stage::Unpack, 0, total);
        let filter = Filter::new(self.definition);
        let (work, cache) = (self.work, self.cache);
        let progress = &mut *self.progress;
        parallel::map(
            &lock.packages,
            |position, locked| {
                let contents = work.join(format!("contents-{position}"));
                fs::create_dir(&contents).map_err(Error::file("making", &contents))?;
                let entries = unpack_one(locked, cache, &contents, &filter)?;
                Ok((locked.name.clone(), entries))
            },
            &mut |done| {
                progress(Progress {
                    stage: Stage::Unpack,
                    done: done as u64,
                    total,
                });
            },
        )
    }

    fn run_steps(
        &mut self,
        layout: &mut Layout,
        root: &Path,
        contents: &Path,
    ) -> Result<(), Error> {
        let paths: Vec<String> = layout.nodes().keys().cloned().collect();
        let steps = steps(&|path| layout.has(path), paths.iter().map(String::as_str));
        let total = (steps.len() + self.definition.probes.len()) as u64;
        for (position, step) in steps.iter().enumerate() {
            self.tell(Stage::Run(step.name.clone()), position as u64, total);
            let response = self.run(root, &step.name, &step.request)?;
            if !response.success {
                return Err(self.step_failed(&step.name, &response));
            }
            let mut placed = Vec::new();
            for (number, file) in response.files.iter().enumerate() {
                if let Some(path) = (step.place)(&file.path) {
                    let content = contents.join(format!("step-{position}-{number}"));
                    fs::write(&content, &file.content).map_err(Error::file("writing", &content))?;
                    layout.add_file(&path, content);
                    placed.push(path);
                }
            }
            if placed.is_empty() {
                return Err(self.step_failed(&step.name, &response));
            }
            layout.add_parents()?;
            self.lay_placed(layout, root, placed)?;
        }
        Ok(())
    }

    /// Puts what a step made into the tree on disk too, for the steps and probes after it.
    fn lay_placed(
        &self,
        layout: &Layout,
        root: &Path,
        mut placed: Vec<String>,
    ) -> Result<(), Error> {
        placed.sort();
        for path in &placed {
            for (end, _) in path.match_indices('/') {
                let parent = &path[..end];
                if !root.join(parent).is_dir() {
                    layout.write_node(root, parent, &Kind::Directory)?;
                }
            }
            if let Some(kind) = layout.nodes().get(path) {
                layout.write_node(root, path, kind)?;
            }
        }
        Ok(())
    }

    fn run_probes(&mut self, root: &Path) -> Result<(), Error> {
        let probes = self.definition.probes.clone();
        let total = probes.len() as u64;
        for (position, probe) in probes.iter().enumerate() {
            let name = format!("probe of {}", probe.language);
            self.tell(Stage::Run(name.clone()), position as u64, total);
            let response = self.run(root, &name, &probe_request(probe, self.definition))?;
            if !response.success || response.stdout != probe.stdout.as_bytes() {
                return Err(self.step_failed(&name, &response));
            }
        }
        Ok(())
    }

    fn run(&self, root: &Path, name: &str, request: &Request) -> Result<Response, Error> {
        self.runner
            .run(root, request)
            .map_err(|source| Error::Trigger {
                environment: self.definition.name.clone(),
                trigger: name.to_owned(),
                problem: "could not be run".to_owned(),
                source: Some(source),
            })
    }

    fn step_failed(&self, name: &str, response: &Response) -> Error {
        let tail = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            let lines: Vec<&str> = text.lines().rev().take(8).collect();
            lines.into_iter().rev().collect::<Vec<_>>().join("\n  ")
        };
        Error::Trigger {
            environment: self.definition.name.clone(),
            trigger: name.to_owned(),
            problem: format!(
                "ended with {} and did not give what it should\n  {}\n  {}",
                response.ending,
                tail(&response.stdout),
                tail(&response.stderr)
            ),
            source: None,
        }
    }

    fn store(&mut self, layout: &Layout, objects: &Objects) -> Result<(Listing, String), Error> {
        let nodes: Vec<(&String, &Kind)> = layout.nodes().iter().collect();
        let total = nodes.len() as u64;
        let progress = &mut *self.progress;
        objects.import(self.definition.epoch, &nodes, &mut |done| {
            progress(Progress {
                stage: Stage::Store,
                done: done as u64,
                total,
            });
        })
    }

    pub(crate) fn tell(&mut self, stage: Stage, done: u64, total: u64) {
        (self.progress)(Progress { stage, done, total });
    }

    fn make_directory(&self, name: &str) -> Result<PathBuf, Error> {
        let directory = self.work.join(name);
        fs::create_dir(&directory).map_err(Error::file("making", &directory))?;
        Ok(directory)
    }
}

fn unpack_one(
    locked: &LockedPackage,
    cache: &Path,
    contents: &Path,
    filter: &Filter,
) -> Result<Vec<Entry>, Error> {
    let path = cache.join(locked.cache_name());
    if let Err(error) = archive::check_package(locked, &path) {
        // A damaged file would be found again and again; without it the next build fetches it anew.
        fs::remove_file(&path).map_err(Error::file("removing", &path))?;
        return Err(error);
    }
    let package = deb::read(&path, contents, &|path| filter.keeps(path))?;
    let said = &package.control;
    if said.package != locked.name
        || said.version != locked.version
        || said.architecture != locked.architecture
    {
        return Err(Error::Package {
            package: format!("{} {}", locked.name, locked.version),
            problem: format!(
                "calls itself {} {} for {}",
                said.package, said.version, said.architecture
            ),
            source: None,
        });
    }
    Ok(package.entries)
}

fn probe_request(probe: &Probe, definition: &Definition) -> Request {
    let mut environment = base_environment();
    for (name, value) in &definition.variables {
        environment.retain(|(known, _)| known != name);
        environment.push((name.clone(), value.clone()));
    }
    Request {
        argv: probe.run.clone(),
        environment,
        files: probe
            .files
            .iter()
            .map(|(path, content)| (path.clone(), content.as_bytes().to_vec()))
            .collect(),
        collect: Vec::new(),
    }
}
