//! Building, publishing, verifying and cleaning up.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use carrel_image::error::Cause;
use carrel_image::lock::{BUILDER, SCHEMA, machine_architecture};
use carrel_image::store::Images;
use carrel_image::{
    Built, Definition, Error, Lock, LockedPackage, Request, Response, Stage, Store, Tree,
    TriggerRunner,
};
use sha2::{Digest, Sha256};

use crate::package::{Item, directory, file, hard_link, package, program, symlink};

/// Runs nothing: what a probe asks to be printed is taken from the tree.
struct Printer;

impl TriggerRunner for Printer {
    fn run(&self, root: &Path, request: &Request) -> Result<Response, Cause> {
        let path = request.argv.last().ok_or("no argument")?;
        Ok(Response {
            success: true,
            ending: "exit code 0".to_owned(),
            stdout: fs::read(root.join(path.trim_start_matches('/')))?,
            stderr: Vec::new(),
            files: Vec::new(),
        })
    }
}

fn definition(extra: &str) -> Definition {
    let text = format!(
        "name = \"small\"\nsummary = \"a test\"\nsuite = \"bookworm\"\npackages = [\"alpha\", \"beta\"]\n{extra}\n\
         [links]\n\"/usr/bin/link\" = \"alpha\"\n[files]\n\"/etc/own\" = \"own text\"\n\
         [[probe]]\nlanguage = \"none\"\nrun = [\"/bin/cat\", \"/usr/bin/alpha\"]\nstdout = \"{LONG}\"\n"
    );
    Definition::parse(&text, "environment.toml").unwrap()
}

/// Longer than what is kept inside the image itself.
const LONG: &str = "a text of more than sixty-four bytes, so that it becomes an object of its own";

fn alpha() -> Vec<u8> {
    let items: &[Item<'_>] = &[
        directory("./"),
        directory("./bin"),
        program("./bin/alpha", LONG),
        directory("./usr"),
        directory("./usr/bin"),
        hard_link("./usr/bin/again", "./bin/alpha"),
    ];
    package("alpha", items)
}

fn beta(text: &str) -> Vec<u8> {
    let items: &[Item<'_>] = &[
        directory("./usr"),
        directory("./usr/lib"),
        file("./usr/lib/beta", text),
        symlink("./usr/lib/to-alpha", "../bin/alpha"),
        file("./usr/share/doc/beta/readme", "left out"),
    ];
    package("beta", items)
}

/// Puts packages into the store's cache, as if fetched, and locks them in this order.
fn lock(state: &Path, definition: &Definition, packages: &[(&str, &[u8])]) -> Lock {
    let locked = packages.iter().map(|(name, bytes)| {
        let sha256 = hex::encode(Sha256::digest(bytes));
        fs::create_dir_all(state.join("packages")).unwrap();
        fs::write(state.join("packages").join(format!("{sha256}.deb")), bytes).unwrap();
        LockedPackage {
            name: (*name).to_owned(),
            version: "1:2-3".to_owned(),
            architecture: "all".to_owned(),
            archive: "debian".to_owned(),
            path: format!("pool/main/{name}.deb"),
            size: bytes.len() as u64,
            sha256,
        }
    });
    Lock {
        schema: SCHEMA,
        name: definition.name.clone(),
        definition: definition.digest(),
        suite: definition.suite.clone(),
        architecture: machine_architecture().unwrap().to_owned(),
        builder: BUILDER.to_owned(),
        tree: None,
        packages: locked.collect(),
    }
}

fn build(store: &Store, definition: &Definition, lock: &Lock) -> Result<Built, Error> {
    store.build(definition, Some(lock), &Printer, &mut |_| {})
}

struct World {
    state: tempfile::TempDir,
    store: Store,
    definition: Definition,
    lock: Lock,
}

fn world() -> World {
    let state = tempfile::tempdir().unwrap();
    let definition = definition("");
    let lock = lock(
        state.path(),
        &definition,
        &[("alpha", &alpha()), ("beta", &beta("beta"))],
    );
    let store = Store::open(state.path())
        .unwrap()
        .with_images(Images::LaidOut);
    World {
        state,
        store,
        definition,
        lock,
    }
}

/// Every path below a directory with what it is, for comparison.
fn look(root: &Path) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(root).unwrap().display().to_string();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let what = if metadata.is_dir() {
                open.push(path.clone());
                "directory".to_owned()
            } else if metadata.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else {
                format!(
                    "{:o} {:?}",
                    metadata.mode() & 0o7777,
                    fs::read_to_string(&path).unwrap()
                )
            };
            seen.insert(format!("{relative} {what}"));
        }
    }
    seen
}

fn directory_of(store: &Store) -> PathBuf {
    match store.environment("small").unwrap().tree().unwrap() {
        Tree::Directory(path) => path,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_built_environment_is_what_the_packages_and_the_definition_say() {
    let world = world();
    let mut stages = Vec::new();
    let built = world
        .store
        .build(
            &world.definition,
            Some(&world.lock),
            &Printer,
            &mut |progress| {
                if stages.last() != Some(&progress.stage) {
                    stages.push(progress.stage);
                }
            },
        )
        .unwrap();
    assert_eq!(stages.first(), Some(&Stage::Fetch));
    assert_eq!(stages.last(), Some(&Stage::Publish));
    assert!(built.record.repeatable);
    assert_eq!(built.lock.tree.as_ref(), Some(&built.record.digest));
    assert_eq!(
        world.store.list().unwrap(),
        std::slice::from_ref(&built.record)
    );
    assert_eq!(world.store.verify("small").unwrap(), built.record);

    let seen = look(&directory_of(&world.store));
    for line in [
        "bin -> usr/bin".to_owned(),
        "lib -> usr/lib".to_owned(),
        // No setuid bit is left.
        format!("usr/bin/alpha 755 {LONG:?}"),
        format!("usr/bin/again 755 {LONG:?}"),
        "usr/bin/link -> alpha".to_owned(),
        "usr/lib/beta 644 \"beta\"".to_owned(),
        "etc/own 644 \"own text\"".to_owned(),
        "work directory".to_owned(),
    ] {
        assert!(seen.contains(&line), "{line} is not among {seen:#?}");
    }
    assert!(
        !seen.iter().any(|line| line.contains("readme")),
        "documentation is left out"
    );
}

#[test]
fn the_same_inputs_give_the_same_digest_elsewhere_and_in_another_order() {
    let one = world();
    let digest = build(&one.store, &one.definition, &one.lock)
        .unwrap()
        .record
        .digest;
    let mut other = world();
    other.lock.packages.reverse();
    other.lock.tree = Some(digest.clone());
    let built = build(&other.store, &other.definition, &other.lock).unwrap();
    assert_eq!(built.record.digest, digest);
    assert_eq!(built.reproduced, Some(true));
    let image = |world: &World| world.store.show("small").unwrap().image;
    assert_eq!(image(&one), image(&other), "the image is the same too");

    let changed = lock(
        other.state.path(),
        &other.definition,
        &[("alpha", &alpha()), ("beta", &beta("changed"))],
    );
    let changed = Lock {
        tree: Some(digest.clone()),
        ..changed
    };
    let built = build(&other.store, &other.definition, &changed).unwrap();
    assert_ne!(built.record.digest, digest);
    assert_eq!(built.reproduced, Some(false));
    assert!(
        !built.record.repeatable,
        "a tree that is not the locked one is not repeatable"
    );
}

#[test]
fn a_changed_definition_is_not_current_and_its_lock_is_refused() {
    let world = world();
    build(&world.store, &world.definition, &world.lock).unwrap();
    assert!(
        world
            .store
            .is_current(&world.definition, &world.lock)
            .unwrap()
    );
    let changed = definition("epoch = 7");
    assert!(!world.store.is_current(&changed, &world.lock).unwrap());
    let error = build(&world.store, &changed, &world.lock)
        .unwrap_err()
        .to_string();
    assert!(error.contains("carrel env lock small"), "{error}");
}

#[test]
fn a_damaged_package_is_refused_and_forgotten() {
    let world = world();
    let path = world
        .state
        .path()
        .join("packages")
        .join(world.lock.packages[0].cache_name());
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = build(&world.store, &world.definition, &world.lock)
        .unwrap_err()
        .to_string();
    assert!(error.contains("has SHA-256"), "{error}");
    assert!(!path.exists(), "the next build fetches it anew");
    assert!(matches!(world.store.show("small"), Err(Error::Missing(_))));
}

#[test]
fn a_package_under_another_name_is_refused() {
    let mut world = world();
    world.lock.packages[0].version = "9".to_owned();
    let error = build(&world.store, &world.definition, &world.lock)
        .unwrap_err()
        .to_string();
    assert!(error.contains("calls itself alpha 1:2-3"), "{error}");
}

#[test]
fn a_probe_that_prints_something_else_stops_the_build() {
    let world = world();
    let mut definition = world.definition.clone();
    definition.probes[0].stdout = "hello".to_owned();
    let error = build(&world.store, &definition, &world.lock)
        .unwrap_err()
        .to_string();
    assert!(error.contains("probe of none"), "{error}");
    assert!(
        world.store.list().unwrap().is_empty(),
        "nothing is published"
    );
}

#[test]
fn damage_on_disk_is_found() {
    let world = world();
    build(&world.store, &world.definition, &world.lock).unwrap();
    let mut open = vec![world.state.path().join("objects/objects")];
    let mut damaged = 0;
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if fs::read(&path).unwrap() == LONG.as_bytes() {
                fs::remove_file(&path).unwrap();
                fs::write(&path, LONG.to_uppercase()).unwrap();
                damaged += 1;
            }
        }
    }
    assert_eq!(damaged, 1, "the content is stored once");
    let error = world.store.verify("small").unwrap_err().to_string();
    assert!(error.contains("has changed on disk"), "{error}");
}

#[test]
fn clean_up_keeps_what_is_published_or_in_use() {
    let world = world();
    build(&world.store, &world.definition, &world.lock).unwrap();
    let packages = || {
        fs::read_dir(world.state.path().join("packages"))
            .unwrap()
            .count()
    };
    fs::write(world.state.path().join("packages/old.deb"), "x").unwrap();
    world.store.collect_garbage().unwrap();
    assert_eq!(packages(), 2, "those of what is published stay, others go");
    let directory = directory_of(&world.store);
    let before = look(&directory);
    let held = world.store.environment("small").unwrap();
    world.store.remove("small").unwrap();
    world.store.collect_garbage().unwrap();
    assert_eq!(look(&directory), before, "somebody still uses it");
    drop(held);
    let freed = world.store.collect_garbage().unwrap();
    assert!(freed.objects >= 2, "{freed:?}");
    assert_eq!(packages(), 0);
    assert!(!directory.exists());
    assert!(matches!(
        world.store.environment("small"),
        Err(Error::Missing(_))
    ));

    let rebuilt = lock(
        world.state.path(),
        &world.definition,
        &[("alpha", &alpha()), ("beta", &beta("beta"))],
    );
    build(&world.store, &world.definition, &rebuilt).unwrap();
    world.store.collect_garbage().unwrap();
    world.store.verify("small").unwrap();
}

#[test]
fn two_builds_at_once_do_not_meet_and_leftovers_go() {
    let world = world();
    let left = world.state.path().join("tmp/build-dead/root");
    fs::create_dir_all(&left).unwrap();
    let mut second = None;
    world
        .store
        .build(&world.definition, Some(&world.lock), &Printer, &mut |_| {
            if second.is_none() {
                second = Some(build(&world.store, &world.definition, &world.lock));
            }
        })
        .unwrap();
    assert!(matches!(second, Some(Err(Error::Busy(_)))));
    assert!(!left.exists());
    assert_eq!(
        fs::read_dir(world.state.path().join("tmp"))
            .unwrap()
            .count(),
        0
    );
}

/// What a host that cannot mount images does with the first submission after a build.
#[test]
fn several_that_open_an_environment_at_once_all_get_its_tree() {
    let world = world();
    build(&world.store, &world.definition, &world.lock).unwrap();
    // As somebody else who lays out a tree, or builds, holds it.
    let held = fs::File::open(world.state.path().join("lock")).unwrap();
    held.lock().unwrap();
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| directory_of(&world.store)))
            .collect();
        // Time to meet at the lock; too little only makes the test see less.
        std::thread::sleep(std::time::Duration::from_millis(200));
        held.unlock().unwrap();
        for opened in opened {
            assert!(opened.join().unwrap().join("usr/bin/alpha").exists());
        }
    });
}

#[test]
fn names_that_are_no_names_are_missing_and_touch_nothing() {
    let world = world();
    for name in ["../small", "", "a/b", "Small"] {
        assert!(
            matches!(world.store.environment(name), Err(Error::Missing(_))),
            "{name}"
        );
    }
    let host = world.store.environment("host").unwrap();
    assert!(!host.repeatable && host.digest.is_none());
    assert!(matches!(host.tree().unwrap(), Tree::Pieces(pieces) if !pieces.is_empty()));
}

/// Needs root and a kernel that mounts images; elsewhere the laid-out tree is what is used.
#[test]
fn a_mounted_tree_is_the_laid_out_tree() {
    let world = world();
    build(&world.store, &world.definition, &world.lock).unwrap();
    let laid_out = look(&directory_of(&world.store));
    let mounted = world
        .store
        .clone()
        .with_images(Images::Mounted)
        .environment("small")
        .unwrap();
    let before = fs::read_to_string("/proc/self/mounts").unwrap();
    match mounted.tree().unwrap() {
        Tree::Mount(mount) => {
            use std::os::fd::AsRawFd;
            // Detached, so reached through the descriptor only.
            let root = PathBuf::from(format!("/proc/self/fd/{}", mount.as_raw_fd()));
            let root = fs::canonicalize(&root).map_or(root.clone(), |_| root.join("."));
            assert_eq!(look(&root), laid_out);
            let metadata = fs::metadata(root.join("usr/bin/alpha")).unwrap();
            assert_eq!(
                (metadata.uid(), metadata.mtime()),
                (0, world.definition.epoch)
            );
            assert!(
                fs::write(root.join("usr/bin/alpha"), "x").is_err(),
                "it is read-only"
            );
            assert_eq!(fs::read_to_string("/proc/self/mounts").unwrap(), before);
        }
        Tree::Directory(_) => println!("SKIP: this user or kernel cannot mount images"),
        other => panic!("{other:?}"),
    }
}
