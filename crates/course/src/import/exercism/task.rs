//! Which test case belongs to which task of a concept exercise.
//!
//! The Python track marks them: `@pytest.mark.task(taskno=1)` above a test
//! method (<https://exercism.org/docs/tracks/python/test-files>). The file is read line by
//! line, never run.

/// A test case of a Python suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PythonCase {
    /// Class it is a method of.
    pub(super) class: String,
    /// Name of the method.
    pub(super) method: String,
    /// Number of the task it checks.
    pub(super) task: Option<u64>,
}

/// Most test cases that are read out of a file.
const CASES_MAX: usize = 2_000;

/// The test methods of a Python test file, in order.
pub(super) fn python_cases(text: &str) -> Vec<PythonCase> {
    let mut cases = Vec::new();
    let mut class: Option<&str> = None;
    let mut task = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let indented = trimmed.len() < line.len();
        if let Some(name) = trimmed.strip_prefix("class ").filter(|_| !indented) {
            class = Some(identifier(name));
        } else if let Some(argument) = trimmed.strip_prefix("@pytest.mark.task(") {
            let number = argument
                .trim_start()
                .strip_prefix("taskno")
                .map(|rest| rest.trim_start_matches(['=', ' ']));
            task = number.and_then(|number| {
                number
                    .split(|c: char| !c.is_ascii_digit())
                    .next()?
                    .parse()
                    .ok()
            });
        } else if let Some(name) = trimmed.strip_prefix("def ").filter(|_| indented) {
            let method = identifier(name);
            if let Some(class) =
                class.filter(|_| method.starts_with("test") && cases.len() < CASES_MAX)
            {
                cases.push(PythonCase {
                    class: class.to_owned(),
                    method: method.to_owned(),
                    task,
                });
            }
            task = None;
        } else if !indented && !trimmed.is_empty() && !trimmed.starts_with(['#', ')', '@']) {
            class = None;
        }
    }
    cases
}

fn identifier(text: &str) -> &str {
    let end = text.find(|character: char| !character.is_alphanumeric() && character != '_');
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cases_are_read_with_their_task() {
        let text = "import unittest\n\nclass LasagnaTest(unittest.TestCase):\n\n    @pytest.mark.task(taskno=1)\n    def test_a(self):\n        pass\n\n    def helper(self):\n        pass\n\n    @pytest.mark.task(taskno=12)\n    def test_b(self):\n        pass\n\ndef test_free():\n    pass\n";
        let cases = python_cases(text);
        let plain: Vec<_> = cases
            .iter()
            .map(|case| (case.method.as_str(), case.task))
            .collect();
        assert_eq!(plain, [("test_a", Some(1)), ("test_b", Some(12))]);
        assert_eq!(cases[0].class, "LasagnaTest");
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in any::<String>()) {
            python_cases(&text);
        }

        #[test]
        fn python_like_garbage_never_panics(text in "(class |def |    |@pytest\\.mark\\.task\\(|taskno|=|[a-zé1\\(\\):\n]){0,60}") {
            python_cases(&text);
        }
    }
}
