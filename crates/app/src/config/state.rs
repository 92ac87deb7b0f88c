//! Where environments and the compile cache are kept.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Environment variable that names the state directory.
pub const STATE_VARIABLE: &str = "CARREL_STATE_DIRECTORY";
/// State directory of root.
pub const SYSTEM_STATE: &str = "/var/lib/carrel";
/// Most bytes of the compile cache.
pub const COMPILE_CACHE_BYTES_MAX: u64 = 2 << 30;

/// The directories in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Holds everything that Carrel keeps between runs.
    pub directory: PathBuf,
    /// Holds the service's own part (rows, courses, sockets) where that is not in `directory`: of
    /// a service that keeps nothing, such as a preview.
    pub apart: Option<PathBuf>,
}

/// What the environment says, read once.
#[derive(Debug, Clone, Default)]
struct Written {
    root: bool,
    state: Option<OsString>,
    xdg_state: Option<OsString>,
    home: Option<OsString>,
}

impl State {
    /// Flag, then `CARREL_STATE_DIRECTORY`, then the default of this user.
    ///
    /// # Errors
    /// The directory is not absolute, or an ordinary user has no home.
    pub fn resolve(flag: Option<&Path>) -> Result<Self, Failure> {
        let written = Written {
            root: rustix::process::geteuid().is_root(),
            state: super::variable(STATE_VARIABLE),
            xdg_state: super::variable("XDG_STATE_HOME"),
            home: super::variable("HOME"),
        };
        let directory = choose(flag, written)?;
        let directory = std::path::absolute(&directory).map_err(|error| {
            Failure::usage(format!(
                "state directory `{}`: {error}",
                directory.display()
            ))
        })?;
        Ok(Self {
            directory,
            apart: None,
        })
    }

    /// Where compile results are kept.
    #[must_use]
    pub fn compile_cache(&self) -> PathBuf {
        self.directory.join("compile-cache")
    }
}

fn choose(flag: Option<&Path>, written: Written) -> Result<PathBuf, Failure> {
    if let Some(flag) = flag {
        return Ok(flag.to_owned());
    }
    if let Some(state) = written.state {
        return Ok(PathBuf::from(state));
    }
    if written.root {
        return Ok(PathBuf::from(SYSTEM_STATE));
    }
    // Relative XDG directories are to be ignored (XDG Base Directory Specification 0.8).
    let xdg = written
        .xdg_state
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    if let Some(xdg) = xdg {
        return Ok(xdg.join("carrel"));
    }
    match written.home {
        Some(home) => Ok(PathBuf::from(home).join(".local/state/carrel")),
        None => Err(
            Failure::usage("no place for the state directory: `HOME` is not set").hint(format!(
                "name one with --state-directory or {STATE_VARIABLE}"
            )),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> Written {
        Written {
            home: Some("/home/a".into()),
            ..Written::default()
        }
    }

    #[test]
    fn flag_then_variable_then_default() {
        let set = || Written {
            state: Some("/s".into()),
            ..user()
        };
        assert_eq!(
            choose(Some(Path::new("/f")), set()).unwrap(),
            Path::new("/f")
        );
        assert_eq!(choose(None, set()).unwrap(), Path::new("/s"));
        let root = Written {
            root: true,
            ..user()
        };
        assert_eq!(choose(None, root).unwrap(), Path::new(SYSTEM_STATE));
        assert_eq!(
            choose(None, user()).unwrap(),
            Path::new("/home/a/.local/state/carrel")
        );
    }

    #[test]
    fn relative_xdg_is_ignored_and_no_home_is_told() {
        let relative = Written {
            xdg_state: Some("x".into()),
            ..user()
        };
        assert_eq!(
            choose(None, relative).unwrap(),
            Path::new("/home/a/.local/state/carrel")
        );
        let absolute = Written {
            xdg_state: Some("/x".into()),
            ..user()
        };
        assert_eq!(choose(None, absolute).unwrap(), Path::new("/x/carrel"));
        let failure = choose(None, Written::default()).unwrap_err();
        assert!(failure.hints[0].contains(STATE_VARIABLE));
    }
}
