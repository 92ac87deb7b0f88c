//! The languages: how to compile, run and look at the syntax of each.
//!
//! One file per language in `languages/`. A new language is a new file there
//! and its line in [`SOURCES`].

use std::sync::LazyLock;

use carrel_model::Limits;
use serde::Deserialize;

use crate::diagnostic::Pattern;

/// Name of the environment that is the host itself.
pub use carrel_image::definition::HOST;

/// Name that `{output}` stands for: the program a compile step makes.
pub const OUTPUT: &str = "program";

/// Id and definition of every language.
const SOURCES: [(&str, &str); 12] = [
    ("python", include_str!("../languages/python.toml")),
    ("javascript", include_str!("../languages/javascript.toml")),
    ("c", include_str!("../languages/c.toml")),
    ("cpp", include_str!("../languages/cpp.toml")),
    ("bash", include_str!("../languages/bash.toml")),
    ("lua", include_str!("../languages/lua.toml")),
    ("ruby", include_str!("../languages/ruby.toml")),
    ("java", include_str!("../languages/java.toml")),
    ("go", include_str!("../languages/go.toml")),
    ("rust", include_str!("../languages/rust.toml")),
    ("php", include_str!("../languages/php.toml")),
    ("sqlite", include_str!("../languages/sqlite.toml")),
];

/// A language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Id, such as `python`.
    #[serde(skip)]
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Endings of source files, without the dot.
    pub extensions: Vec<String>,
    /// Endings of files that are read by the compiler but not given to it.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Environment that has it.
    pub environment: String,
    /// How it is compiled; `None`: not at all.
    #[serde(default)]
    pub compile: Option<CompileStep>,
    /// Command that tells the version of its compiler or runtime.
    pub version: Vec<String>,
    /// Command that runs a program; placeholders as in [`expand`].
    pub run: Vec<String>,
    /// Processes and threads that its runtime needs at least.
    #[serde(default)]
    pub processes: Option<u64>,
    /// How the syntax of a file is looked at without running it.
    #[serde(default)]
    pub syntax: Option<Syntax>,
    /// How its tools tell the place of an error.
    #[serde(default)]
    pub errors: Vec<Pattern>,
}

/// The default compile step of a language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompileStep {
    /// Command; placeholders as in [`expand`].
    pub command: Vec<String>,
    /// What to keep; empty: everything.
    #[serde(default = "default_outputs")]
    pub outputs: Vec<String>,
    /// Limits of the compile run.
    #[serde(default = "compile_limits")]
    pub limits: Limits,
}

/// Commands that look at the syntax of `{file}`. It is faulty when every one of them fails.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Syntax {
    /// The commands; the message of the last is told.
    pub commands: Vec<Vec<String>>,
}

/// What placeholders of a command stand for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Placeholders<'a> {
    /// `{files}`: every source file, one argument each.
    pub files: &'a [String],
    /// `{entry}`: the main file; `{stem}` is its path without the ending.
    pub entry: &'a str,
    /// `{file}`: the file a syntax check looks at.
    pub file: &'a str,
    /// `{options}`: further arguments of the compiler.
    pub options: &'a [String],
}

fn default_outputs() -> Vec<String> {
    vec![OUTPUT.to_owned()]
}

/// Limits of a compile run where nothing else is said.
#[must_use]
pub fn compile_limits() -> Limits {
    Limits {
        cpu_ms: 20_000,
        wall_ms: 40_000,
        memory_bytes: 1 << 30,
        processes: 64,
        ..Limits::default()
    }
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let parse = |(id, source): &(&str, &str)| {
        let mut language: Language =
            toml::from_str(source).expect("the embedded language files are parsed by a test");
        (*id).clone_into(&mut language.id);
        language
    };
    SOURCES.iter().map(parse).collect()
});

/// Every language, in the order of the table.
#[must_use]
pub fn all() -> &'static [Language] {
    &LANGUAGES
}

/// The language of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.id == id)
}

impl Language {
    /// Whether a file is source of this language, by its ending.
    #[must_use]
    pub fn is_source(&self, path: &str) -> bool {
        has_ending(path, &self.extensions)
    }

    /// Whether a file is read by the compiler but not given to it.
    #[must_use]
    pub fn is_header(&self, path: &str) -> bool {
        has_ending(path, &self.headers)
    }
}

fn has_ending(path: &str, endings: &[String]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty() && endings.iter().any(|known| known.as_str() == ending)
    })
}

/// Replaces the placeholders of a command. `{files}` and `{options}` alone are
/// as many arguments as there are of them; the others may be part of an argument.
/// A file whose name starts with `-` is given as `./-…`, so that no file name is an option.
/// `{quoted_entry}` is one word in the commands of SQLite's shell, whatever its letters.
#[must_use]
pub fn expand(command: &[String], values: &Placeholders<'_>) -> Vec<String> {
    let mut argv = Vec::with_capacity(command.len() + values.files.len());
    let entry = no_option(values.entry);
    let stem = values
        .entry
        .rsplit_once('.')
        .map_or(values.entry, |(stem, _)| stem);
    for argument in command {
        if argument == "{options}" {
            argv.extend_from_slice(values.options);
            continue;
        }
        if argument == "{files}" {
            argv.extend(values.files.iter().map(|file| no_option(file)));
            continue;
        }
        argv.push(replace(
            argument,
            &[
                ("{entry}", &entry),
                ("{quoted_entry}", &quote(values.entry)),
                ("{stem}", stem),
                ("{output}", OUTPUT),
                ("{file}", &no_option(values.file)),
            ],
        ));
    }
    argv
}

/// In quotes, and in a directory: else a name that begins with `|` would be a command there.
fn quote(path: &str) -> String {
    let escaped = path.replace('\\', r"\\").replace('"', r#"\""#);
    format!("\"./{escaped}\"")
}

/// Replaces in one pass: what a value holds is never taken for a placeholder.
fn replace(argument: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(argument.len());
    let mut rest = argument;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((name, value)) = values.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push_str(value);
            rest = &rest[name.len()..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn no_option(path: &str) -> String {
    if path.starts_with('-') {
        format!("./{path}")
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_file_parses_and_is_within_bounds() {
        assert_eq!(all().len(), SOURCES.len());
        for language in all() {
            assert!(!language.extensions.is_empty(), "{}", language.id);
            assert!(!language.run.is_empty(), "{}", language.id);
            assert!(!language.version.is_empty(), "{}", language.id);
            if let Some(compile) = &language.compile {
                assert_eq!(compile.limits.check(), Ok(()), "{}", language.id);
            }
            for pattern in &language.errors {
                assert!(
                    pattern.text.is_ascii() && !pattern.text.is_empty(),
                    "{}",
                    language.id
                );
            }
        }
        assert!(find("python").is_some());
        assert!(find("cobol").is_none());
    }

    #[test]
    fn files_are_source_by_their_ending() {
        let c = find("c").unwrap();
        assert!(c.is_source("src/main.c"));
        assert!(!c.is_source("src/main.h"));
        assert!(!c.is_source("c"));
        assert!(!c.is_source(".c"));
    }

    #[test]
    fn placeholders_become_arguments_and_never_options() {
        let files = ["a.c".to_owned(), "-o.c".to_owned()];
        let values = Placeholders {
            files: &files,
            entry: "-x/Main.java",
            file: "",
            options: &[],
        };
        let command: Vec<String> = ["cc", "{files}", ".read {entry}", "{stem}", "{x}{output}"]
            .map(str::to_owned)
            .to_vec();
        let argv = expand(&command, &values);
        assert_eq!(
            argv,
            [
                "cc",
                "a.c",
                "./-o.c",
                ".read ./-x/Main.java",
                "-x/Main",
                "{x}program"
            ]
        );
    }

    #[test]
    fn a_file_named_like_a_placeholder_is_left_alone() {
        let values = Placeholders {
            files: &[],
            entry: "{output}.py",
            file: "",
            options: &[],
        };
        assert_eq!(expand(&["{entry}".to_owned()], &values), ["{output}.py"]);
    }

    #[test]
    fn a_file_is_one_word_for_the_shell_of_sqlite() {
        let command = [".read {quoted_entry}".to_owned()];
        for (entry, word) in [
            ("my file.sql", r#".read "./my file.sql""#),
            ("|ls.sql", r#".read "./|ls.sql""#),
            (r#"it's "x".sql"#, r#".read "./it's \"x\".sql""#),
        ] {
            let values = Placeholders {
                files: &[],
                entry,
                file: "",
                options: &[],
            };
            assert_eq!(expand(&command, &values), [word]);
        }
        let sqlite = find("sqlite").unwrap();
        assert!(
            sqlite
                .run
                .iter()
                .any(|word| word.contains("{quoted_entry}"))
        );
    }
}
