//! The service's settings and directories.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::setting::Kind;
use super::settings::Settings;
use super::state::State;
pub use super::table::TABLE;
use crate::failure::Failure;

/// Settings file of root, read where it exists and no other is named.
pub const SYSTEM_FILE: &str = "/etc/carrel/carrel.toml";
/// Environment variable that names the settings file.
pub const FILE_VARIABLE: &str = "CARREL_CONFIG";

/// Environment variable that names the directory of sockets and journals.
pub const RUN_VARIABLE: &str = "CARREL_RUN_DIRECTORY";

/// How the settings of the service are written on the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SettingArguments {
    /// Settings file [default: /etc/carrel/carrel.toml for root, where it exists].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write one setting over file and environment (again for more).
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Where to listen: HOST:PORT or unix:PATH (again for more).
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Vec<String>,
    /// Judge in environments that are not the same bits on every machine, such as `host`.
    #[arg(long)]
    pub allow_unrepeatable: bool,
    /// Judge even where layers of isolation are missing on this host; every result names them.
    #[arg(long)]
    pub allow_missing_layers: bool,
    /// Print every setting with its value and where that was written, and end.
    #[arg(long)]
    pub print_config: bool,
}

/// The defaults.
///
/// # Errors
/// The table is wrong, which a test rules out.
pub fn defaults() -> Result<Settings, Failure> {
    Settings::defaults(TABLE)
}

impl SettingArguments {
    /// The settings in force: file, then environment, then command line.
    ///
    /// # Errors
    /// What is wrong, with its place.
    pub fn resolve(&self) -> Result<Settings, Failure> {
        let mut settings = defaults()?;
        if let Some(file) = self.file() {
            settings.read_file(&file)?;
        }
        settings.read_variables(&|name| super::variable(name))?;
        settings.refuse_unknown_variables(super::variable_names())?;
        for assignment in &self.set {
            settings.set(assignment)?;
        }
        if !self.listen.is_empty() {
            settings.set(&format!("listen={}", self.listen.join(",")))?;
        }
        if self.allow_unrepeatable {
            settings.set("worker.allow_unrepeatable=true")?;
        }
        if self.allow_missing_layers {
            settings.set("worker.allow_missing_layers=true")?;
        }
        settings.read_secret("openid.client_secret_file")?;
        Ok(settings)
    }

    fn file(&self) -> Option<PathBuf> {
        let named = self
            .config
            .clone()
            .or_else(|| super::variable(FILE_VARIABLE).map(PathBuf::from));
        named.or_else(|| {
            let system = Path::new(SYSTEM_FILE);
            (rustix::process::geteuid().is_root() && system.exists()).then(|| system.to_owned())
        })
    }
}

/// Directories of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The web's own: database and published courses. Apart from the rest of
    /// the state directory, which it must not be able to change.
    pub service: PathBuf,
    /// What only lives as long as the host is up: sockets, journals.
    pub run: PathBuf,
}

impl Places {
    /// Those of a state directory.
    #[must_use]
    pub fn of(state: &State) -> Self {
        if let Some(apart) = &state.apart {
            return Self {
                service: apart.join("service"),
                run: apart.join("run"),
            };
        }
        let digest = hex::encode(Sha256::digest(
            state.directory.as_os_str().as_encoded_bytes(),
        ));
        let system = Path::new("/run/carrel").join(&digest[..12]);
        if let Some(run) = super::variable(RUN_VARIABLE)
            .map(PathBuf::from)
            .filter(|run| run.is_absolute())
        {
            return Self {
                service: state.directory.join("service"),
                run,
            };
        }
        // Made by root; the web finds it although it is another user.
        let run = if system.is_dir()
            || (rustix::process::geteuid().is_root() && Path::new("/run").is_dir())
        {
            system
        } else {
            state.directory.join("run")
        };
        Self {
            service: state.directory.join("service"),
            run,
        }
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.service.join("carrel.db")
    }

    /// Published course versions by digest.
    #[must_use]
    pub fn courses(&self) -> PathBuf {
        self.service.join("courses")
    }

    /// Sockets of the bus.
    #[must_use]
    pub fn bus(&self) -> PathBuf {
        self.run.join("bus")
    }

    /// The worker's own: journals of running sandboxes.
    #[must_use]
    pub fn worker(&self) -> PathBuf {
        self.run.join("worker")
    }
}

/// A reference of all settings, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "| Setting | Default | Unit and bounds | Environment variable | What it does |\n| --- | --- | --- | --- | --- |\n",
    );
    for setting in TABLE {
        let bounds = match setting.kind {
            Kind::Number { unit, least, most } => format!("{unit}, {least} to {most}"),
            Kind::Text => "text".to_owned(),
            Kind::Address => "address".to_owned(),
            Kind::Flag => "true or false".to_owned(),
            Kind::List => "list of texts".to_owned(),
        };
        let default = if setting.default.is_empty() {
            "(none)".to_owned()
        } else {
            format!("`{}`", setting.default)
        };
        text.push_str(&format!(
            "| `{}` | {default} | {bounds} | `{}` | {} |\n",
            setting.key,
            setting.variable(),
            setting.about
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::setting::Setting;
    use super::*;

    #[test]
    fn every_default_fits_its_bounds_and_keys_are_told_apart() {
        let settings = defaults().unwrap();
        assert_eq!(settings.number("supervisor.stall_ms"), 15_000);
        assert_eq!(settings.list().count(), TABLE.len());
        let variables: std::collections::BTreeSet<String> =
            TABLE.iter().map(Setting::variable).collect();
        assert_eq!(variables.len(), TABLE.len());
    }

    #[test]
    fn the_command_line_writes_last() {
        let arguments = SettingArguments {
            set: vec!["web.drain_ms=7".to_owned()],
            listen: vec!["127.0.0.1:1".to_owned(), "unix:/s".to_owned()],
            allow_unrepeatable: true,
            ..SettingArguments::default()
        };
        let settings = arguments.resolve().unwrap();
        assert_eq!(settings.number("web.drain_ms"), 7);
        assert_eq!(settings.texts("listen"), ["127.0.0.1:1", "unix:/s"]);
        assert!(settings.flag("worker.allow_unrepeatable"));
    }

    #[test]
    fn two_state_directories_do_not_meet_in_run() {
        let of = |path: &str| {
            Places::of(&State {
                directory: path.into(),
                apart: None,
            })
        };
        assert_ne!(of("/a").run, of("/b").run);
        assert_eq!(of("/a").database(), Path::new("/a/service/carrel.db"));
        let apart = Places::of(&State {
            directory: "/a".into(),
            apart: Some("/t".into()),
        });
        assert_eq!(apart.database(), Path::new("/t/service/carrel.db"));
        assert_eq!(apart.run, Path::new("/t/run"));
    }

    #[test]
    fn the_reference_tells_every_setting() {
        let reference = reference();
        for setting in TABLE {
            assert!(
                reference.contains(&format!("| `{}` |", setting.key)),
                "{}",
                setting.key
            );
        }
    }
}
