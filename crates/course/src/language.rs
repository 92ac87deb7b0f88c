//! What the format's defaults need to know about a language. How programs of a
//! language are compiled and run is the judge's table.

/// Defaults for one language.
#[derive(Debug)]
pub(crate) struct Language {
    /// Id.
    pub(crate) id: &'static str,
    /// Environment used where the author names none.
    pub(crate) environment: &'static str,
    /// Unit-test framework used where the author names none.
    pub(crate) framework: Option<&'static str>,
    /// File extensions, to tell the language of a validator.
    extensions: &'static [&'static str],
}

/// All languages with defaults.
pub(crate) const LANGUAGES: [Language; 12] = [
    entry("python", "python", Some("unittest"), &["py"]),
    entry(
        "javascript",
        "node",
        Some("node_test"),
        &["js", "mjs", "cjs"],
    ),
    entry("c", "c", Some("c_main"), &["c"]),
    entry("cpp", "cpp", None, &["cpp", "cc", "cxx"]),
    entry("bash", "bash", Some("bats"), &["sh", "bash"]),
    entry("lua", "lua", Some("busted"), &["lua"]),
    entry("ruby", "ruby", Some("minitest"), &["rb"]),
    entry("java", "java", Some("junit"), &["java"]),
    entry("go", "go", None, &["go"]),
    entry("rust", "rust", None, &["rs"]),
    entry("php", "php", None, &["php"]),
    entry("sqlite", "sqlite", None, &["sql"]),
];

/// All unit-test frameworks.
pub(crate) const FRAMEWORKS: [&str; 12] = [
    "unittest",
    "pytest",
    "node_test",
    "jest",
    "c_main",
    "unity",
    "bats",
    "busted",
    "minitest",
    "junit",
    "tap",
    "junit_xml",
];

const fn entry(
    id: &'static str,
    environment: &'static str,
    framework: Option<&'static str>,
    extensions: &'static [&'static str],
) -> Language {
    Language {
        id,
        environment,
        framework,
        extensions,
    }
}

/// The language of this id.
pub(crate) fn find(id: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.id == id)
}

/// The language of a file by its extension.
pub(crate) fn find_by_path(path: &str) -> Option<&'static Language> {
    let (_, extension) = path.rsplit_once('.')?;
    LANGUAGES
        .iter()
        .find(|language| language.extensions.contains(&extension))
}
