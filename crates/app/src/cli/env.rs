//! `carrel env`: build, list and keep environments.

use std::path::PathBuf;

use carrel_image::definition::{HOST, stock_names};
use carrel_image::{Record, Store};
use carrel_model::quantity::number_of;
use clap::Subcommand;
use serde_json::json;

use super::Session;
use crate::config::mirror;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::terminal::Terminal;
use crate::terminal::progress::Stages;
use crate::terminal::quantity::show_bytes;
use crate::terminal::text::printable;
use crate::wire::building::{build, tell};
use crate::wire::environments::{LOCK_FILE, define, failure, failure_of, is_of_another_lock, open};

/// Commands on environments.
#[derive(Debug, Subcommand)]
pub enum EnvCommand {
    /// List the environments that are built, and those that can be.
    #[command(alias = "list")]
    Ls {
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Build environments; one that is built from the same inputs already is left as it is.
    Build(BuildArguments),
    /// Say what is in an environment.
    Show {
        /// Name.
        name: String,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Choose package versions anew and write the lock file.
    Lock(LockArguments),
    /// Read every byte of environments and compare them with their digests.
    Verify {
        /// Names; all that are built where none is given.
        names: Vec<String>,
    },
    /// Remove environments from the store; `carrel env gc` then frees their space.
    #[command(alias = "remove")]
    Rm {
        /// Names.
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Free the space of what no environment uses any more.
    Gc,
}

/// Arguments of `carrel env build`.
#[derive(Debug, clap::Args)]
pub struct BuildArguments {
    /// Names of stock environments, or directories that hold an environment.toml.
    #[arg(required = true)]
    names: Vec<String>,
    /// Package mirror, with {archive} in place of debian and debian-security [default: the host's own package sources].
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// Build again what is built already.
    #[arg(long)]
    force: bool,
}

/// Arguments of `carrel env lock`.
#[derive(Debug, clap::Args)]
pub struct LockArguments {
    /// Name of a stock environment, or directory that holds an environment.toml.
    name: String,
    /// Package mirror, with {archive} in place of debian and debian-security [default: the host's own package sources].
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// File to write [default: environment.lock beside the definition; standard output for a stock environment].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Build it too, so that the lock holds the digest of the tree.
    #[arg(long)]
    build: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(command: &EnvCommand, session: &mut Session) -> Outcome {
    let store = match command {
        EnvCommand::Build(BuildArguments { mirror, .. })
        | EnvCommand::Lock(LockArguments { mirror, .. }) => {
            open(&session.state, mirror::resolve(mirror.as_deref())?)?
        }
        _ => open(&session.state, None)?,
    };
    let terminal = &mut session.terminal;
    match command {
        EnvCommand::Ls { json } => list(&store, *json, terminal),
        EnvCommand::Build(arguments) => build_all(&store, arguments, terminal),
        EnvCommand::Show { name, json } => show(&store, name, *json, terminal),
        EnvCommand::Lock(arguments) => lock(&store, arguments, terminal),
        EnvCommand::Verify { names } => verify(&store, names, terminal),
        EnvCommand::Rm { names } => remove(&store, names, terminal),
        EnvCommand::Gc => collect_garbage(&store, terminal),
    }
}

fn list(store: &Store, json: bool, terminal: &mut Terminal) -> Outcome {
    let records = store.list().map_err(failure)?;
    let host = carrel_image::host::host();
    let others = records
        .iter()
        .filter_map(|record| match is_of_another_lock(store, &record.name) {
            Ok(false) => None,
            Ok(true) => Some(Ok(record.name.as_str())),
            Err(failure) => Some(Err(failure)),
        })
        .collect::<Result<Vec<&str>, Failure>>()?;
    let missing: Vec<&str> = stock_names()
        .filter(|name| !records.iter().any(|record| record.name == *name))
        .collect();
    if json {
        let document = json!({
            "built": records,
            "of_another_lock": others,
            "not_built": missing,
            "host": {"languages": host.languages},
        });
        terminal.json(&document)?;
        return Ok(exit_code::OK);
    }
    let paint = terminal.paint;
    for record in &records {
        let mut mark = String::new();
        if !record.repeatable {
            mark += "  (not repeatable)";
        }
        if others.contains(&record.name.as_str()) {
            mark += "  (from another lock than this carrel's own)";
        }
        let size = show_bytes(record.bytes);
        let digest = paint.dim(short(&record.digest));
        terminal.line(format_args!(
            "{:<8} built      {digest}  {size:>8}  {}{mark}",
            record.name,
            printable(&record.summary)
        ))?;
    }
    for name in missing {
        let summary = define(name)?.definition.summary;
        let text = format!(
            "{name:<8} not built  {:<12}  {:>8}  {}",
            "",
            "",
            printable(&summary)
        );
        terminal.line(format_args!("{}", paint.dim(text)))?;
    }
    let languages = host.languages.join(", ");
    terminal.line(format_args!(
        "{HOST:<8} this host  {:<12}  {:>8}  {languages}  (not repeatable)",
        "", ""
    ))?;
    Ok(exit_code::OK)
}

/// Enough of a digest to tell two apart.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

fn build_all(store: &Store, arguments: &BuildArguments, terminal: &mut Terminal) -> Outcome {
    for name in &arguments.names {
        let defined = define(name)?;
        let current = match &defined.lock {
            Some(lock) => store
                .is_current(&defined.definition, lock)
                .map_err(failure)?,
            None => false,
        };
        if current && !arguments.force {
            let name = &defined.definition.name;
            terminal.note(format_args!("{name} is built already from the same inputs"))?;
            continue;
        }
        build(store, &defined, arguments.force, terminal)?;
    }
    Ok(exit_code::OK)
}

fn show(store: &Store, name: &str, json: bool, terminal: &mut Terminal) -> Outcome {
    if name == HOST {
        let host = carrel_image::host::host();
        if json {
            terminal
                .json(&json!({"name": HOST, "repeatable": false, "languages": host.languages}))?;
        } else {
            terminal.line(format_args!(
                "host: this machine's own runtimes, read-only; not repeatable"
            ))?;
            terminal.line(format_args!("languages: {}", host.languages.join(", ")))?;
        }
        return Ok(exit_code::OK);
    }
    let record = store.show(name).map_err(|error| failure_of(name, error))?;
    if json {
        terminal.json(&record)?;
        return Ok(exit_code::OK);
    }
    for line in record_lines(&record) {
        terminal.line(format_args!("{line}"))?;
    }
    if is_of_another_lock(store, name)? {
        terminal.note(format_args!(
            "{name} was built from another lock than this carrel's own: the one in {}; `carrel env build {name}` takes carrel's own where the mirror still has it",
            store.lock_path(name).display()
        ))?;
    }
    Ok(exit_code::OK)
}

fn record_lines(record: &Record) -> Vec<String> {
    let mut lines = vec![
        format!("name:       {}", record.name),
        format!("summary:    {}", printable(&record.summary)),
        format!("digest:     {}", record.digest),
        format!(
            "repeatable: {}",
            if record.repeatable { "yes" } else { "no" }
        ),
        format!("languages:  {}", record.languages.join(", ")),
        format!(
            "content:    {}, {}",
            number_of(record.files, "file", "files"),
            show_bytes(record.bytes)
        ),
        format!("built at:   {} s after 1970", record.built_at),
        format!("packages:   {}", record.packages.len()),
    ];
    lines.extend(
        record
            .packages
            .iter()
            .map(|(name, version)| format!("  {name} {version}")),
    );
    lines
}

fn lock(store: &Store, arguments: &LockArguments, terminal: &mut Terminal) -> Outcome {
    let mut defined = define(&arguments.name)?;
    let stages = Stages::start(terminal.display.live);
    let name = defined.definition.name.clone();
    let locked = store
        .lock(&defined.definition, &mut |progress| {
            tell(&stages, &name, &progress, terminal)
        })
        .map_err(failure);
    stages.finish();
    let mut locked = locked?;
    if arguments.build {
        defined.lock = Some(locked);
        locked = build(store, &defined, true, terminal)?.lock;
    }
    let beside = defined
        .directory
        .as_ref()
        .map(|directory| directory.join(LOCK_FILE));
    let text = locked.to_text();
    match arguments.output.clone().or(beside) {
        Some(path) => {
            std::fs::write(&path, text).map_err(|error| {
                Failure::usage(format!(
                    "cannot write the lock `{}`: {error}",
                    path.display()
                ))
            })?;
            let packages = number_of(locked.packages.len(), "package", "packages");
            terminal.note(format_args!("locked {packages} in {}", path.display()))?;
        }
        None => terminal.line(format_args!("{}", text.trim_end()))?,
    }
    Ok(exit_code::OK)
}

fn verify(store: &Store, names: &[String], terminal: &mut Terminal) -> Outcome {
    let names = match names {
        [] => store
            .list()
            .map_err(failure)?
            .into_iter()
            .map(|record| record.name)
            .collect(),
        names => names.to_vec(),
    };
    for name in &names {
        let record = store.verify(name).map_err(failure)?;
        terminal.line(format_args!(
            "{name}: {} as built, {}",
            number_of(record.files, "file is", "files are"),
            record.digest
        ))?;
    }
    Ok(exit_code::OK)
}

fn remove(store: &Store, names: &[String], terminal: &mut Terminal) -> Outcome {
    for name in names {
        store
            .remove(name)
            .map_err(|error| failure_of(name, error))?;
        terminal.note(format_args!(
            "removed {name}; carrel env gc frees its space"
        ))?;
    }
    Ok(exit_code::OK)
}

fn collect_garbage(store: &Store, terminal: &mut Terminal) -> Outcome {
    let freed = store.collect_garbage().map_err(failure)?;
    terminal.note(format_args!("freed {}", show_bytes(freed.bytes)))?;
    Ok(exit_code::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_told_with_its_packages() {
        let record = Record {
            package_files: Vec::new(),
            schema: 1,
            name: "python".into(),
            summary: "Python".into(),
            digest: "ab".repeat(32),
            image: "x".into(),
            inputs: "y".into(),
            repeatable: true,
            variables: std::collections::BTreeMap::new(),
            languages: vec!["python".into()],
            packages: vec![("python3".into(), "3.11.2-1".into())],
            files: 10,
            bytes: 2048,
            built_at: 1,
        };
        let lines = record_lines(&record);
        assert_eq!(lines[5], "content:    10 files, 2 KiB");
        assert_eq!(lines.last().map(String::as_str), Some("  python3 3.11.2-1"));
        assert_eq!(short(&record.digest), "abababababab");
    }
}
