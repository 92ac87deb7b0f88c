//! The Test Anything Protocol, <https://testanything.org/tap-version-14-specification.html>.
//!
//! Lines that are not TAP are passed over, as the specification asks: they
//! become part of the output of the next test case.

use crate::case::{CaseResult, CaseStatus};

/// Most test points that are read.
const CASES_MAX: usize = 20_000;
/// Deepest nesting of subtests.
const DEPTH_MAX: usize = 16;
/// Most bytes of comments and other output kept for one case.
const TEXT_BYTES_MAX: usize = 20_000;
/// Columns of indentation of a subtest.
const INDENT: usize = 4;

/// What a TAP stream says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// The test points that have no subtests, in order.
    pub(crate) cases: Vec<CaseResult>,
    /// The reason of `Bail out!`.
    pub(crate) bail_out: Option<String>,
    /// Why the stream is not complete or contradicts itself.
    pub(crate) problem: Option<String>,
}

/// One level of subtests.
#[derive(Default)]
struct Level {
    plan: Option<usize>,
    points: usize,
    last_number: usize,
    failed: bool,
    /// First case in the document that belongs to this level.
    first_case: usize,
}

#[derive(Default)]
struct Parser {
    document: Document,
    levels: Vec<Level>,
    /// Comments since the last test point: part of a failure's message where they follow it.
    noise: String,
    yaml: Option<String>,
    /// The case that comments after it belong to.
    current: Option<usize>,
}

/// Reads a whole stream.
pub(crate) fn parse(stream: &str) -> Document {
    let mut parser = Parser {
        levels: vec![Level::default()],
        ..Parser::default()
    };
    for line in stream.lines() {
        if parser.document.bail_out.is_some() {
            break;
        }
        parser.read_line(line.trim_end_matches('\r'));
    }
    parser.finish()
}

impl Parser {
    fn read_line(&mut self, line: &str) {
        if self.read_yaml(line) {
            return;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let depth = indent / INDENT;
        let text = line.trim();
        if let Some(reason) = text.strip_prefix("Bail out!") {
            self.document.bail_out = Some(reason.trim().to_owned());
        } else if depth >= DEPTH_MAX {
            self.note("subtests are nested too deeply");
        } else if text == "---" && self.current.is_some() {
            self.yaml = Some(String::new());
        } else if let Some(comment) = text.strip_prefix('#') {
            self.read_comment(comment, indent);
        } else if let Some((passed, rest)) =
            read_status(text).filter(|_| indent.is_multiple_of(INDENT))
        {
            self.read_point(depth, passed, rest);
        } else if let Some(count) = read_plan(text).filter(|_| indent.is_multiple_of(INDENT)) {
            self.read_plan_line(depth, count);
        } else if !text.starts_with("TAP version") && !text.starts_with("pragma ") {
            push_text(&mut self.noise, line);
        }
    }

    fn read_yaml(&mut self, line: &str) -> bool {
        let Some(yaml) = &mut self.yaml else {
            return false;
        };
        if line.trim() != "..." {
            push_text(yaml, line);
            return true;
        }
        let yaml = self.yaml.take().unwrap_or_default();
        if let Some(case) = self
            .current
            .and_then(|place| self.document.cases.get_mut(place))
            && matches!(case.status, CaseStatus::Failed | CaseStatus::Errored)
        {
            push_text(
                case.message.get_or_insert_with(String::new),
                dedent(&yaml).trim_end(),
            );
        }
        true
    }

    fn read_comment(&mut self, comment: &str, indent: usize) {
        if comment.trim_start().starts_with("Subtest:") {
            self.current = None;
            return;
        }
        let comment = comment.strip_prefix(' ').unwrap_or(comment);
        match self
            .current
            .and_then(|place| self.document.cases.get_mut(place))
        {
            Some(case) if case.status == CaseStatus::Failed && indent.is_multiple_of(INDENT) => {
                push_text(case.message.get_or_insert_with(String::new), comment);
            }
            _ => {}
        }
    }

    fn read_plan_line(&mut self, depth: usize, count: usize) {
        self.open(depth);
        let level = &mut self.levels[depth];
        if level.plan.is_some() {
            return self.note("the plan came twice");
        }
        level.plan = Some(count);
    }

    fn read_point(&mut self, depth: usize, passed: bool, rest: &str) {
        if self.document.cases.len() >= CASES_MAX {
            return self.note("there are too many test points");
        }
        let children = (self.levels.len() > depth + 1).then(|| self.close_to(depth));
        self.open(depth);
        let first = self.document.cases.len();
        let level = &mut self.levels[depth];
        let (number, rest) = read_number(rest);
        let next = level.last_number.saturating_add(1);
        let number = number.unwrap_or(next);
        let repeated = number != next;
        level.last_number = number;
        level.points += 1;
        if repeated {
            self.note(&format!("test point {number} is out of order"));
        }
        let (name, directive) = split_directive(rest);
        let status = status_of(passed, directive);
        self.levels[depth].failed |= status == CaseStatus::Failed;
        let name = if name.is_empty() {
            format!("test {number}")
        } else {
            name
        };
        match children {
            Some(children) if children.first < first => {
                self.name_children(&name, status, &children)
            }
            _ => self.push_case(name, status),
        }
    }

    fn push_case(&mut self, name: String, status: CaseStatus) {
        let output = std::mem::take(&mut self.noise);
        self.document.cases.push(CaseResult {
            name,
            status,
            message: None,
            output: (!output.is_empty()).then_some(output),
            test_code: None,
            cause: None,
        });
        self.current = Some(self.document.cases.len() - 1);
    }

    /// The cases of a subtest get the name of the point that closes it; a point
    /// that failed though all inside passed is a case of its own.
    fn name_children(&mut self, name: &str, status: CaseStatus, children: &Closed) {
        for case in &mut self.document.cases[children.first..] {
            case.name = format!("{name} > {}", case.name);
            if status == CaseStatus::Skipped {
                case.status = CaseStatus::Skipped;
            }
        }
        if status == CaseStatus::Failed && !children.failed {
            self.push_case(name.to_owned(), status);
        }
        if status == CaseStatus::Passed && children.failed {
            self.note(&format!(
                "test point `{name}` passed though its subtest did not"
            ));
        }
    }

    fn open(&mut self, depth: usize) {
        if self.levels.len() > depth + 1 {
            self.close_to(depth);
        }
        while self.levels.len() <= depth {
            let first_case = self.document.cases.len();
            self.levels.push(Level {
                first_case,
                ..Level::default()
            });
        }
    }

    /// Ends the levels below this one; what the outermost of them held.
    fn close_to(&mut self, depth: usize) -> Closed {
        let mut closed = Closed {
            first: self.document.cases.len(),
            failed: false,
        };
        while self.levels.len() > depth + 1 {
            let Some(level) = self.levels.pop() else {
                break;
            };
            self.check_level(&level);
            closed.first = level.first_case;
            closed.failed |= level.failed;
        }
        closed
    }

    fn check_level(&mut self, level: &Level) {
        match level.plan {
            Some(plan) if plan != level.points => {
                self.note(&format!(
                    "{plan} test points were planned and {} came",
                    level.points
                ));
            }
            None => self.note("the plan (`1..N`) is missing"),
            Some(_) => {}
        }
    }

    fn note(&mut self, problem: &str) {
        if self.document.problem.is_none() {
            self.document.problem = Some(problem.to_owned());
        }
    }

    fn finish(mut self) -> Document {
        self.close_to(0);
        if let Some(level) = self.levels.pop() {
            self.check_level(&level);
        }
        self.document
    }
}

struct Closed {
    first: usize,
    failed: bool,
}

fn read_status(text: &str) -> Option<(bool, &str)> {
    let (passed, rest) = match (text.strip_prefix("ok"), text.strip_prefix("not ok")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return None,
    };
    (rest.is_empty() || rest.starts_with(' ')).then_some((passed, rest.trim_start()))
}

fn read_plan(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("1..")?;
    let digits = rest
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(rest.len());
    let after = rest[digits..].trim_start();
    (after.is_empty() || after.starts_with('#'))
        .then(|| rest[..digits].parse().ok())
        .flatten()
}

fn read_number(text: &str) -> (Option<usize>, &str) {
    let digits = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let ends = text[digits..].is_empty() || text[digits..].starts_with(' ');
    match text[..digits].parse().ok().filter(|_| ends) {
        Some(number) => (Some(number), text[digits..].trim_start()),
        None => (None, text),
    }
}

/// Description and directive; `\#` is no directive.
fn split_directive(text: &str) -> (String, &str) {
    let text = text
        .strip_prefix("- ")
        .unwrap_or(if text == "-" { "" } else { text });
    let mut escaped = false;
    let mut end = text.len();
    for (place, character) in text.char_indices() {
        let starts = character == '#' && !escaped && (place == 0 || text[..place].ends_with(' '));
        if starts {
            end = place;
            break;
        }
        escaped = character == '\\' && !escaped;
    }
    let name = text[..end].trim().replace("\\#", "#").replace("\\\\", "\\");
    let name = name.strip_suffix(" {").map_or(name.clone(), str::to_owned);
    (name, text[end..].trim_start_matches('#').trim())
}

fn status_of(passed: bool, directive: &str) -> CaseStatus {
    let word = directive.get(..4).unwrap_or_default().to_ascii_lowercase();
    match (word.as_str(), passed) {
        ("skip", _) | ("todo", false) => CaseStatus::Skipped,
        (_, true) => CaseStatus::Passed,
        (_, false) => CaseStatus::Failed,
    }
}

fn push_text(target: &mut String, line: &str) {
    if target.len() + line.len() > TEXT_BYTES_MAX {
        return;
    }
    if !target.is_empty() {
        target.push('\n');
    }
    target.push_str(line);
}

fn dedent(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.get(least..).unwrap_or(""))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report with a bit of everything.
    const WHOLE: &str = "TAP version 14\n1..4\nok 1 - adds\nnot ok 2 - subtracts\n  ---\n  message: 3 is not 4\n  ...\n\
        # while subtracting\nok 3 # SKIP no network\n    ok 1 - inner\n    1..1\nnot ok 4 later # TODO\n";

    proptest::proptest! {
        /// Whatever a program writes, there is a document, no larger than what was written.
        #[test]
        fn fuzz_tap(text in carrel_fuzz::damaged_text(&[WHOLE], &["1..0\n", "Bail out!", "ok ", "not ok ", "    ", "# TODO", "  ---\n", "1..99999999999999999999\n"])) {
            let document = parse(&text);
            proptest::prop_assert!(document.cases.len() <= text.lines().count());
        }
    }

    fn names(document: &Document) -> Vec<(&str, CaseStatus)> {
        document
            .cases
            .iter()
            .map(|case| (case.name.as_str(), case.status))
            .collect()
    }

    #[test]
    fn points_directives_and_diagnostics_are_read() {
        let document = parse(
            "TAP version 14\n1..5\nok 1 - adds\nhello\nnot ok 2 - subtracts\n  ---\n  message: 3 is not 4\n  ...\n\
             # while subtracting\nok 3 # SKIP no network\nnot ok 4 later # TODO\nok 5 a \\# b\n",
        );
        assert_eq!(document.problem, None);
        assert_eq!(
            names(&document),
            [
                ("adds", CaseStatus::Passed),
                ("subtracts", CaseStatus::Failed),
                ("test 3", CaseStatus::Skipped),
                ("later", CaseStatus::Skipped),
                ("a # b", CaseStatus::Passed),
            ]
        );
        assert_eq!(
            document.cases[1].message.as_deref(),
            Some("message: 3 is not 4\nwhile subtracting")
        );
        assert_eq!(document.cases[1].output.as_deref(), Some("hello"));
    }

    #[test]
    fn subtests_become_cases_with_the_names_of_both() {
        let document = parse(
            "1..2\n# Subtest: group\n    ok 1 - one\n    not ok 2 - two\n    1..2\nnot ok 1 - group\nok 2 - alone\n",
        );
        assert_eq!(document.problem, None);
        assert_eq!(
            names(&document),
            [
                ("group > one", CaseStatus::Passed),
                ("group > two", CaseStatus::Failed),
                ("alone", CaseStatus::Passed),
            ]
        );
    }

    #[test]
    fn a_group_that_fails_by_itself_is_told() {
        let document = parse("1..1\n    1..1\n    ok 1 - one\nnot ok 1 - group\n");
        assert_eq!(
            names(&document).last(),
            Some(&("group", CaseStatus::Failed))
        );
    }

    #[test]
    fn incomplete_and_contradicting_streams_are_noticed() {
        for stream in [
            "",
            "ok 1 - a\n",
            "1..2\nok 1\n",
            "1..1\nok 1\nok 2\n",
            "1..1\n1..1\nok 1\n",
            "1..2\nok 1\nok 1\n",
            "1..1\n    1..2\n    ok 1\nok 1 - group\n",
            "1..1\n    1..1\n    not ok 1\nok 1 - group\n",
        ] {
            assert!(parse(stream).problem.is_some(), "{stream:?}");
        }
    }

    #[test]
    fn bail_out_ends_the_reading() {
        let document = parse("1..2\nok 1\nBail out! no database\nok 2\n");
        assert_eq!(document.bail_out.as_deref(), Some("no database"));
        assert_eq!(document.cases.len(), 1);
    }

    #[test]
    fn the_largest_number_is_no_reason_to_panic() {
        let document = parse(&format!("1..2\nok {}\nok\n", usize::MAX));
        assert!(document.problem.is_some());
        assert_eq!(document.cases.len(), 2);
    }

    #[test]
    fn hostile_nesting_ends_in_a_problem() {
        let stream: String = (0..500)
            .map(|depth| format!("{}ok 1\n", "    ".repeat(depth)))
            .collect();
        assert!(parse(&stream).problem.is_some());
    }
}
