//! Commands that run inside a tree while it is built, and the role of whoever runs them.
//!
//! A trigger sees the tree read-only and writes into its work directory; what
//! it leaves there is collected and put into place by the builder, under the
//! builder's own rules. So a trigger never changes the tree by itself.

use crate::error::Cause;

/// Runs a command inside a tree. Implemented over the sandbox by the program that builds.
pub trait TriggerRunner {
    /// Runs the request with `root` as a read-only root file system, a fresh
    /// writable `/work` (where it starts) and `/tmp`, no network, as nobody in particular.
    ///
    /// # Errors
    /// When the command could not be run at all; a command that ran and failed is a [`Response`].
    fn run(&self, root: &std::path::Path, request: &Request) -> Result<Response, Cause>;
}

/// One command inside a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Program (absolute path) and arguments.
    pub argv: Vec<String>,
    /// The whole environment of the program.
    pub environment: Vec<(String, String)>,
    /// Files placed below `/work` before the start: relative path and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// Paths below `/work` to bring back: files, or directories with all that is beneath.
    pub collect: Vec<String>,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// It ended by itself with code 0.
    pub success: bool,
    /// How it ended, in words, for a message (`exit code 1`, `signal 9`, `wall time limit`).
    pub ending: String,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The regular files it left at the paths asked for.
    pub files: Vec<Collected>,
}

/// A file that a command left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// Relative to `/work`.
    pub path: String,
    /// What it holds.
    pub content: Vec<u8>,
}

/// One of the deterministic steps that stand in for packages' own scripts.
#[derive(Debug)]
pub(crate) struct Step {
    /// What it is called in messages and progress.
    pub(crate) name: String,
    /// What is run.
    pub(crate) request: Request,
    /// Where a collected file goes in the tree (without a leading `/`); `None`: it is not wanted.
    pub(crate) place: fn(&str) -> Option<String>,
}

/// The steps that a tree needs, by what is in it. `has` says whether a path (without a leading `/`) is there.
pub(crate) fn steps<'a>(
    has: &dyn Fn(&str) -> bool,
    paths: impl Iterator<Item = &'a str>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if has("usr/sbin/ldconfig") {
        steps.push(Step {
            name: "ldconfig".to_owned(),
            request: request(
                &["/usr/sbin/ldconfig", "-X", "-C", "/work/ld.so.cache"],
                "ld.so.cache",
            ),
            place: |path| (path == "ld.so.cache").then(|| "etc/ld.so.cache".to_owned()),
        });
    }
    for path in paths {
        let version = path.strip_prefix("usr/bin/python3.").unwrap_or_default();
        if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) {
            steps.push(python_byte_code(has, version));
        }
    }
    steps
}

/// Byte code that is trusted without a look at the source (PEP 552, unchecked
/// hash): it is part of the same read-only tree. One process, a fixed hash seed
/// and a fixed order, so that the bytes are the same every time.
fn python_byte_code(has: &dyn Fn(&str) -> bool, version: &str) -> Step {
    let python = format!("/usr/bin/python3.{version}");
    let own = format!("usr/lib/python3.{version}");
    let mut argv = vec![
        python.as_str(),
        "-S",
        "-X",
        "pycache_prefix=/work/pyc",
        "-m",
        "compileall",
        "-q",
        "-f",
        "--invalidation-mode",
        "unchecked-hash",
        // Deliberately broken sources of the standard library's own tests.
        "-x",
        "/lib2to3/tests/|/test/bad",
    ];
    let directories: Vec<String> = [own, "usr/lib/python3".to_owned()]
        .into_iter()
        .filter(|directory| has(directory))
        .map(|directory| format!("/{directory}"))
        .collect();
    argv.extend(directories.iter().map(String::as_str));
    let mut request = request(&argv, "pyc");
    request
        .environment
        .push(("PYTHONHASHSEED".to_owned(), "0".to_owned()));
    Step {
        name: format!("byte code of python3.{version}"),
        request,
        place: |path| {
            let source = path
                .strip_prefix("pyc/")
                .filter(|path| path.starts_with("usr/lib/python3"))?;
            let (directory, file) = source.rsplit_once('/')?;
            file.ends_with(".pyc")
                .then(|| format!("{directory}/__pycache__/{file}"))
        },
    }
}

fn request(argv: &[&str], collect: &str) -> Request {
    Request {
        argv: argv.iter().map(|&argument| argument.to_owned()).collect(),
        environment: base_environment(),
        files: Vec::new(),
        collect: vec![collect.to_owned()],
    }
}

/// What every command of a build gets.
pub(crate) fn base_environment() -> Vec<(String, String)> {
    [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("HOME", "/work"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str]) -> Vec<String> {
        let has = |path: &str| paths.contains(&path);
        steps(&has, paths.iter().copied())
            .into_iter()
            .map(|step| step.name)
            .collect()
    }

    #[test]
    fn steps_follow_from_what_is_in_the_tree() {
        assert!(names(&["usr/bin/lua"]).is_empty());
        assert_eq!(names(&["usr/sbin/ldconfig"]), ["ldconfig"]);
        assert_eq!(
            names(&[
                "usr/bin/python3.11",
                "usr/bin/python3",
                "usr/bin/python3.11-config"
            ]),
            ["byte code of python3.11"]
        );
    }

    #[test]
    fn byte_code_goes_beside_its_source_and_nowhere_else() {
        let step = python_byte_code(&|_| true, "11");
        let place = step.place;
        assert_eq!(
            place("pyc/usr/lib/python3.11/os.cpython-311.pyc").as_deref(),
            Some("usr/lib/python3.11/__pycache__/os.cpython-311.pyc")
        );
        assert_eq!(place("pyc/etc/passwd.pyc"), None);
        assert_eq!(place("pyc/usr/lib/python3.11/os.py"), None);
        assert!(step.request.argv.contains(&"/usr/lib/python3".to_owned()));
    }
}
