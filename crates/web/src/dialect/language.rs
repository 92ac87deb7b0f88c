//! Our languages under the names and numbers of other services.

use std::collections::BTreeMap;

use carrel_api::Code;
use carrel_store::node::{LanguageReport, NodeRow};

use super::version::{Version, find_version};
use crate::app::App;
use crate::problem::{Problem, Result};

/// A language here and elsewhere. Commands are told to clients for information only.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Our id.
    pub id: &'static str,
    /// Ending of a source file, without the dot.
    pub extension: &'static str,
    /// Other endings that a source file may have.
    pub extensions: &'static [&'static str],
    /// The compiler is given every source file by its ending; others are run whatever they are called.
    pub compiled: bool,
    /// Piston's name.
    pub piston: &'static str,
    /// Piston's aliases.
    pub aliases: &'static [&'static str],
    /// Piston's name of the package, where it is not that of the language.
    pub runtime: Option<&'static str>,
    /// Judge0 CE's ids, the most used one first.
    pub judge0: &'static [i64],
    /// What stands in front of the version in Judge0's name, with the bracket.
    pub title: &'static str,
    /// Name that Judge0 gives the source file.
    pub source_file: &'static str,
    /// How it is compiled; `%s` stands for the compiler options.
    pub compile_command: Option<&'static str>,
    /// How it is run.
    pub run_command: &'static str,
}

const INTERPRETED: Names = Names {
    id: "",
    extension: "",
    extensions: &[],
    compiled: false,
    piston: "",
    aliases: &[],
    runtime: None,
    judge0: &[],
    title: "",
    source_file: "",
    compile_command: None,
    run_command: "",
};

const COMPILED: Names = Names {
    compiled: true,
    run_command: "./program",
    ..INTERPRETED
};

/// The table. Names and aliases are those of Piston's packages; ids are those of Judge0 CE
/// 1.13.1. Its ids of other versions of the same compiler family mean the one that is here.
pub const NAMES: [Names; 12] = [
    Names {
        id: "python",
        extension: "py",
        piston: "python",
        aliases: &["py", "py3", "python3"],
        judge0: &[71],
        title: "Python (",
        source_file: "script.py",
        run_command: "python3 script.py",
        ..INTERPRETED
    },
    Names {
        id: "javascript",
        extension: "js",
        extensions: &["mjs", "cjs"],
        piston: "javascript",
        aliases: &["node-javascript", "node-js", "javascript", "js"],
        runtime: Some("node"),
        judge0: &[63],
        title: "JavaScript (Node.js ",
        source_file: "script.js",
        run_command: "node script.js",
        ..INTERPRETED
    },
    Names {
        id: "c",
        extension: "c",
        piston: "c",
        aliases: &["gcc"],
        runtime: Some("gcc"),
        judge0: &[50, 48, 49],
        title: "C (GCC ",
        source_file: "main.c",
        compile_command: Some("gcc -std=c17 -O2 -Wall -Wextra -o program main.c -lm %s"),
        ..COMPILED
    },
    Names {
        id: "cpp",
        extension: "cpp",
        extensions: &["cc", "cxx"],
        piston: "c++",
        aliases: &["cpp", "g++"],
        runtime: Some("gcc"),
        judge0: &[54, 52, 53],
        title: "C++ (GCC ",
        source_file: "main.cpp",
        compile_command: Some("g++ -std=c++20 -O2 -Wall -o program main.cpp %s"),
        ..COMPILED
    },
    Names {
        id: "bash",
        extension: "sh",
        extensions: &["bash"],
        piston: "bash",
        aliases: &["sh"],
        judge0: &[46],
        title: "Bash (",
        source_file: "script.sh",
        run_command: "bash script.sh",
        ..INTERPRETED
    },
    Names {
        id: "lua",
        extension: "lua",
        piston: "lua",
        judge0: &[64],
        title: "Lua (",
        source_file: "script.lua",
        run_command: "lua5.4 script.lua",
        ..INTERPRETED
    },
    Names {
        id: "ruby",
        extension: "rb",
        piston: "ruby",
        aliases: &["ruby3", "rb"],
        judge0: &[72],
        title: "Ruby (",
        source_file: "script.rb",
        run_command: "ruby script.rb",
        ..INTERPRETED
    },
    Names {
        id: "java",
        extension: "java",
        piston: "java",
        judge0: &[62],
        title: "Java (OpenJDK ",
        source_file: "Main.java",
        compile_command: Some("javac -encoding UTF-8 -d . Main.java %s"),
        run_command: "java -cp . Main",
        ..COMPILED
    },
    Names {
        id: "go",
        extension: "go",
        piston: "go",
        aliases: &["go", "golang"],
        judge0: &[60],
        title: "Go (",
        source_file: "main.go",
        compile_command: Some("go build -o program main.go %s"),
        ..COMPILED
    },
    Names {
        id: "rust",
        extension: "rs",
        piston: "rust",
        aliases: &["rs"],
        judge0: &[73],
        title: "Rust (",
        source_file: "main.rs",
        compile_command: Some("rustc --edition 2021 -O -o program main.rs %s"),
        ..COMPILED
    },
    Names {
        id: "php",
        extension: "php",
        piston: "php",
        judge0: &[68],
        title: "PHP (",
        source_file: "script.php",
        run_command: "php script.php",
        ..INTERPRETED
    },
    Names {
        id: "sqlite",
        extension: "sql",
        piston: "sqlite3",
        aliases: &["sqlite", "sql"],
        judge0: &[82],
        title: "SQL (SQLite ",
        source_file: "script.sql",
        run_command: "sqlite3 -batch -bail :memory: '.read script.sql'",
        ..INTERPRETED
    },
];

/// How far back a node may have told of itself for its languages to be listed when none
/// does at the moment, milliseconds: a worker that restarts does not empty the list.
const KNOWN_WITHIN_MS: u64 = 7 * 24 * 3_600 * 1_000;

/// A language that some node runs.
#[derive(Debug, Clone, Copy)]
pub struct Offered {
    /// Its names.
    pub names: &'static Names,
    /// Highest version that a node told.
    pub version: Version,
}

/// When to come back: an environment is built in minutes, by a person.
const RETRY_MS: u64 = 60_000;

/// Why a language that this service knows cannot be run, where no node runs it: that is ours, not
/// the caller's mistake. `None`: some node does, or nobody knows such a language.
#[must_use]
pub fn absent(offered: &[Offered], is_meant: impl Fn(&Names) -> bool) -> Option<Problem> {
    if offered.iter().any(|one| is_meant(one.names)) {
        return None;
    }
    let names = NAMES.iter().find(|names| is_meant(names))?;
    let detail = format!(
        "no worker of this service runs `{}` now, because none has the environment for it; that \
         is for those who run this service to mend, not a fault of yours; nothing was kept, so \
         try again later",
        names.id
    );
    Some(Problem::new(Code::NoEnvironment, detail).with_retry_after(RETRY_MS))
}

impl Names {
    /// Whether Piston's clients call it so.
    #[must_use]
    pub fn is_called(&self, language: &str) -> bool {
        self.piston == language || self.aliases.contains(&language)
    }

    /// Whether the file is a source file by its ending.
    #[must_use]
    pub fn is_source(&self, path: &str) -> bool {
        path.rsplit_once('.').is_some_and(|(stem, ending)| {
            !stem.is_empty() && (ending == self.extension || self.extensions.contains(&ending))
        })
    }
}

/// The languages that can be run, in the order of the table.
///
/// # Errors
/// Nodes cannot be read.
pub async fn offered(app: &App) -> Result<Vec<Offered>> {
    let live = choose(&app.nodes.rows(app).await?);
    if !live.is_empty() {
        return Ok(live);
    }
    Ok(choose(&app.store.nodes(KNOWN_WITHIN_MS).await?))
}

fn choose(rows: &[NodeRow]) -> Vec<Offered> {
    let mut highest: BTreeMap<&str, Version> = BTreeMap::new();
    let told = rows.iter().flat_map(|row| row.report.languages.iter());
    for LanguageReport { id, version, .. } in told {
        let version = find_version(version).unwrap_or_default();
        let known = highest.entry(id).or_default();
        *known = version.max(*known);
    }
    let offer = |names: &'static Names| {
        let version = *highest.get(names.id)?;
        Some(Offered { names, version })
    };
    NAMES.iter().filter_map(offer).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_nobody_runs_is_ours_and_what_nobody_knows_is_not() {
        let names = NAMES.iter().find(|names| names.id == "python").unwrap();
        let offered = [Offered {
            names,
            version: [3, 11, 2],
        }];
        let of = |id: &'static str| absent(&offered, |names| names.id == id);
        let problem = of("rust").unwrap();
        assert_eq!(problem.code(), Code::NoEnvironment);
        assert!(problem.document().detail.contains("`rust`"));
        assert!(of("python").is_none() && of("cobol").is_none());
    }

    #[test]
    fn every_name_and_number_means_one_language() {
        let mut seen = BTreeSet::new();
        for names in &NAMES {
            assert!(seen.insert(names.piston.to_owned()), "{}", names.piston);
            let other = names.aliases.iter().filter(|alias| **alias != names.piston);
            for alias in other {
                assert!(seen.insert((*alias).to_owned()), "{alias}");
            }
            for id in names.judge0 {
                assert!(seen.insert(id.to_string()), "{id}");
            }
            assert!(names.is_source(names.source_file), "{}", names.id);
            assert_eq!(names.compiled, names.compile_command.is_some());
        }
    }
}
