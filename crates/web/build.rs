//! Puts the scripts and styles of the pages (`web-ui/`) into the binary: has them built where that
//! was not done, then writes a table of their bytes that `src/page/asset.rs` includes.
//!
//! `CARREL_WEB_UI` names a directory that was built elsewhere (`web-ui/dist`), for builds on
//! machines without Node.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Files of `web-ui/` that decide what is built.
const SOURCES: [&str; 5] = [
    "src",
    "build.mjs",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
];
/// The list that the build leaves beside its files.
const LIST: &str = "assets.txt";
/// Name of the variable with a directory that was built elsewhere.
const VARIABLE: &str = "CARREL_WEB_UI";

fn main() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../..");
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo:rerun-if-env-changed={VARIABLE}");
    println!("cargo:rerun-if-changed=build.rs");
    let built = match variable(VARIABLE) {
        Ok(directory) => {
            println!("cargo:rerun-if-changed={directory}");
            PathBuf::from(directory)
        }
        Err(_) => {
            for source in SOURCES {
                let path = root.join("web-ui").join(source);
                println!("cargo:rerun-if-changed={}", path.display());
            }
            build(&root)?
        }
    };
    let table = embed(&built, &out)?;
    fs::write(out.join("assets.rs"), table).map_err(|error| format!("writing the table: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "cargo speaks by variables")]
fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

/// Builds `web-ui/`; does nothing where it was built of the same sources.
#[expect(clippy::disallowed_methods, reason = "at build time only")]
fn build(root: &Path) -> Result<PathBuf, String> {
    let remedy = "the pages' scripts are built by Node.js 18 or newer and npm; install them \
                  (`make setup`), then try `scripts/web-ui.sh`; or set CARREL_WEB_UI to a \
                  `web-ui/dist` that was built elsewhere";
    let output = Command::new("sh")
        .arg(root.join("scripts/web-ui.sh"))
        .output()
        .map_err(|error| format!("running scripts/web-ui.sh: {error}; {remedy}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        let more = String::from_utf8_lossy(&output.stdout);
        return Err(format!("scripts/web-ui.sh failed:\n{more}{told}\n{remedy}"));
    }
    Ok(root.join("web-ui/dist"))
}

/// Copies the files of the list and writes constants that hold them.
fn embed(built: &Path, out: &Path) -> Result<String, String> {
    let path = built.join(LIST);
    let list = fs::read_to_string(&path)
        .map_err(|error| format!("reading {}: {error}", path.display()))?;
    let copies = out.join("assets");
    fs::create_dir_all(&copies).map_err(|error| format!("making {}: {error}", copies.display()))?;
    let mut files = String::new();
    let mut bundles = String::new();
    let mut style = None;
    for line in list.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["file", name, _] => {
                let plain = copy(built, &copies, name)?;
                let small = format!("{name}.br");
                let brotli = if built.join(&small).exists() {
                    let path = copy(built, &copies, &small)?;
                    format!("Some(include_bytes!({path:?}))")
                } else {
                    "None".to_owned()
                };
                let _ = writeln!(
                    files,
                    "    File {{ name: {name:?}, bytes: include_bytes!({plain:?}), brotli: {brotli} }},"
                );
            }
            ["style", name] => style = Some((*name).to_owned()),
            ["entry", name, rest @ ..] | ["chunk", name, rest @ ..] => {
                let _ = writeln!(
                    bundles,
                    "    Bundle {{ name: {name:?}, files: &{rest:?} }},"
                );
            }
            _ => return Err(format!("{}: `{line}` is no line of it", path.display())),
        }
    }
    let style = style.ok_or_else(|| format!("{}: there is no style sheet", path.display()))?;
    Ok(format!(
        "const FILES: &[File] = &[\n{files}];\nconst BUNDLES: &[Bundle] = &[\n{bundles}];\nconst STYLE: &str = {style:?};\n"
    ))
}

fn copy(built: &Path, copies: &Path, name: &str) -> Result<PathBuf, String> {
    let target = copies.join(name);
    fs::copy(built.join(name), &target).map_err(|error| format!("copying {name}: {error}"))?;
    Ok(target)
}
