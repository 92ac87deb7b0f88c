//! The tracks whose test suites we can run.

use std::collections::BTreeSet;
use std::path::Path;

use super::task::python_cases;

/// A track.
#[derive(Debug, PartialEq)]
pub(super) struct TrackLanguage {
    /// Slug of the track on Exercism.
    pub(super) slug: &'static str,
    /// Our language id.
    pub(super) language: &'static str,
    /// Our framework id.
    pub(super) framework: &'static str,
    /// Extension of its source files.
    pub(super) extension: &'static str,
}

const LANGUAGES: [TrackLanguage; 7] = [
    entry("python", "python", "unittest", "py"),
    entry("javascript", "javascript", "jest", "js"),
    entry("c", "c", "unity", "c"),
    entry("bash", "bash", "bats", "sh"),
    entry("lua", "lua", "busted", "lua"),
    entry("ruby", "ruby", "minitest", "rb"),
    entry("sqlite", "sqlite", "tap", "sql"),
];

const fn entry(
    slug: &'static str,
    language: &'static str,
    framework: &'static str,
    extension: &'static str,
) -> TrackLanguage {
    TrackLanguage {
        slug,
        language,
        framework,
        extension,
    }
}

/// The track with this slug.
pub(super) fn find(slug: &str) -> Option<&'static TrackLanguage> {
    LANGUAGES.iter().find(|language| language.slug == slug)
}

/// The track of a source file by its extension.
pub(super) fn find_by_file(path: &Path) -> Option<&'static TrackLanguage> {
    let extension = path.extension()?.to_str()?;
    LANGUAGES
        .iter()
        .find(|language| language.extension == extension)
}

/// Slugs of all tracks.
pub(super) fn slugs() -> String {
    LANGUAGES.map(|language| language.slug).join(", ")
}

impl TrackLanguage {
    /// The framework for these tests.
    pub(super) fn framework_for(&self, tests: &[String]) -> &'static str {
        let uses_pytest = |text: &String| {
            text.lines()
                .any(|line| line.starts_with("import pytest") || line.starts_with("from pytest"))
        };
        if self.language == "python" && tests.iter().any(uses_pytest) {
            "pytest"
        } else {
            self.framework
        }
    }

    /// The names that an untouched suite reports, where they can be read without
    /// running it: Python's one file of plain `unittest.TestCase` classes.
    pub(super) fn expected(&self, tests: &[String]) -> Option<Vec<String>> {
        let [text] = tests else { return None };
        if self.language != "python"
            || ["parametrize", "load_tests", "setattr"]
                .iter()
                .any(|word| text.contains(word))
        {
            return None;
        }
        let classes = text.lines().filter(|line| line.starts_with("class "));
        let plain = |line: &str| {
            ["(unittest.TestCase):", "(TestCase):"]
                .iter()
                .any(|end| line.trim_end().ends_with(end))
        };
        let all_plain = classes.clone().all(plain);
        let free = text
            .lines()
            .any(|line| line.starts_with("def test") || line.starts_with("async def test"));
        let names: Vec<String> = python_cases(text)
            .into_iter()
            .map(|case| format!("{}.{}", case.class, case.method))
            .collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        (all_plain && !free && !names.is_empty() && distinct.len() == names.len()).then_some(names)
    }

    /// The command of a `tap` check: how the track's own tests are run and told in TAP.
    ///
    /// SQLite: the test script reads the learner's file and writes
    /// `output.json`; its rows become TAP lines. `.bail` makes an error of the
    /// learner's SQL end the run instead of counting as failed rows.
    pub(super) fn command(&self, tests: &[std::path::PathBuf]) -> Option<Vec<String>> {
        if self.framework != "tap" {
            return None;
        }
        let name = tests.first()?.to_str()?;
        let script = r#"if ! sqlite3 '' --init "$1" -bail .exit >/dev/null 2>errors.txt; then
  cat errors.txt >&2
  echo "Bail out! $(head -n 1 errors.txt)"
  exit 1
fi
sqlite3 :memory: "SELECT '1..' || count(*) FROM json_each(readfile('output.json'));
SELECT iif(json_extract(value, '\$.status') = 'pass', 'ok ', 'not ok ') || (key + 1) || ' - '
    || replace(replace(json_extract(value, '\$.name'), '#', ''), char(10), ' ')
  FROM json_each(readfile('output.json'));""#;
        Some(["sh", "-c", script, "sh", name].map(str::to_owned).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_names_only_where_they_are_certain() {
        let python = find("python").unwrap();
        let plain =
            "class LeapTest(unittest.TestCase):\n    def test_a(self):\n        pass\n".to_owned();
        assert_eq!(
            python.expected(std::slice::from_ref(&plain)),
            Some(vec!["LeapTest.test_a".to_owned()])
        );
        assert_eq!(
            python.expected(&[plain.replace("unittest.TestCase", "Base")]),
            None
        );
        assert_eq!(
            python.expected(&[plain.clone() + "def test_free():\n    pass\n"]),
            None
        );
        assert_eq!(python.expected(&[plain.clone(), plain.clone()]), None);
        assert_eq!(find("ruby").unwrap().expected(&[plain]), None);
    }

    #[test]
    fn pytest_only_where_the_tests_ask_for_it() {
        let python = find("python").unwrap();
        assert_eq!(
            python.framework_for(&["import unittest\n".into()]),
            "unittest"
        );
        assert_eq!(
            python.framework_for(&["import unittest\nimport pytest\n".into()]),
            "pytest"
        );
        assert_eq!(
            find_by_file(Path::new("leap.rb"))
                .unwrap()
                .framework_for(&[]),
            "minitest"
        );
        assert_eq!(find("cobol"), None);
    }
}
