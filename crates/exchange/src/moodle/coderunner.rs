//! Programming questions of Moodle's CodeRunner, as directories of challenges
//! (docs/challenge-format.md).
//!
//! A test of CodeRunner runs a program made of the answer and the test's code by
//! a template. Templates of the built-in types are carried over as a small
//! program among the supplied files; an author's own (Twig) are not.

mod program;
mod table;

use roxmltree::Node;

use super::node::{Gathered, child, children, flag, inner_text, number, numbered, value};
use crate::identity::slug;
use crate::markup::{html, markdown};
use crate::report::{Directory, File};
use program::Program;
use table::{ChallengeTable, CheckTable, GroupTable, HintTable, LimitsTable};

/// Most tests of one question.
const TESTS_MAX: usize = 1_000;

/// One test.
#[derive(Debug)]
struct Test {
    code: String,
    stdin: String,
    expected: String,
    extra: String,
    mark: f64,
    example: bool,
    hide_rest: bool,
    display: String,
}

/// A challenge; the reason where Carrel cannot have it.
pub(super) fn read(
    node: Node<'_, '_>,
    id: &str,
    title: &str,
    gathered: &mut Gathered,
) -> Result<Directory, String> {
    refuse(node)?;
    let kind = value(node, "coderunnertype");
    let tests = tests(node, gathered)?;
    let answer = value(node, "answer");
    let program = Program::of(&kind, &tests, &answer)?;
    let mut directory = Directory {
        name: id.to_owned(),
        files: Vec::new(),
    };
    let mut put = |path: String, text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        directory.files.push(File { path, bytes });
    };
    let text = child(node, "questiontext")
        .map(|text| gathered.text(text))
        .unwrap_or_default();
    let mut instructions = markdown(&html(&text));
    instructions.push_str(&examples(&tests));
    put("instructions.md".to_owned(), &instructions);
    put(
        format!("start/{}", program.file),
        &value(node, "answerpreload"),
    );
    if answer.is_empty() {
        gathered.lose("it has no answer: the challenge needs a reference solution in `solution/`");
    } else {
        put(format!("solution/{}", program.file), &answer);
    }
    if let Some((path, text)) = &program.supplied {
        put(format!("supplied/{path}"), text);
    }
    for (number, test) in (1..).zip(&tests) {
        put(format!("data/{number}.in"), &test.stdin);
        put(format!("data/{number}.ans"), &test.expected);
        if let Some(name) = program.test_file {
            let code = format!("{}\n{}", test.code, test.extra);
            put(format!("data/{number}-{name}"), code.trim_end());
        }
    }
    let mut table = challenge(node, id, &program, &tests, gathered);
    if !title.is_empty() {
        title.clone_into(&mut table.title);
    }
    let toml = toml::to_string(&table).map_err(|error| format!("writing its table: {error}"))?;
    put("challenge.toml".to_owned(), &toml);
    supply(node, gathered, &mut directory);
    tell(node, gathered);
    Ok(directory)
}

/// What makes a question one that cannot be carried over.
fn refuse(node: Node<'_, '_>) -> Result<(), String> {
    if !matches!(value(node, "prototypetype").as_str(), "" | "0") {
        return Err("it is a prototype: a way of testing, not a question".to_owned());
    }
    if !value(node, "template").is_empty() {
        return Err("it has a template of its own (Twig)".to_owned());
    }
    if !matches!(value(node, "templateparams").as_str(), "" | "{}")
        && flag(node, "twigall") == Some(true)
    {
        return Err("its texts are filled in by Twig".to_owned());
    }
    match value(node, "grader").as_str() {
        "" | "EqualityGrader" | "NearEqualityGrader" => Ok(()),
        other => Err(format!("it is graded by a `{other}`")),
    }
}

fn tests(node: Node<'_, '_>, gathered: &mut Gathered) -> Result<Vec<Test>, String> {
    let mut tests = Vec::new();
    let cases = child(node, "testcases");
    for case in cases.iter().flat_map(|cases| children(*cases, "testcase")) {
        if case.attribute("testtype") == Some("1") {
            gathered.lose("a test that runs only before an answer is submitted was left out");
            continue;
        }
        let text = |name: &str| child(case, name).map(raw_text).unwrap_or_default();
        let set = |name: &str| matches!(case.attribute(name), Some("1" | "true"));
        let mark = case
            .attribute("mark")
            .and_then(|mark| mark.parse::<f64>().ok());
        tests.push(Test {
            code: text("testcode"),
            stdin: text("stdin"),
            expected: text("expected"),
            extra: text("extra"),
            mark: mark
                .filter(|mark| mark.is_finite() && *mark >= 0.0)
                .unwrap_or(1.0),
            example: set("useasexample"),
            hide_rest: set("hiderestiffail"),
            display: text("display").trim().to_owned(),
        });
    }
    match tests.len() {
        0 => Err("it has no tests".to_owned()),
        1..=TESTS_MAX => Ok(tests),
        _ => Err(format!("it has more than {TESTS_MAX} tests")),
    }
}

/// The text inside, blanks kept: they count in inputs and programs.
fn raw_text(node: Node<'_, '_>) -> String {
    let inner = child(node, "text").unwrap_or(node);
    let text: String = inner
        .descendants()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect();
    text.replace("\r\n", "\n")
}

/// Ids of challenges have no `.` and no `_`.
pub(super) fn id_of(id: &str) -> String {
    let id = slug(id).replace(['.', '_'], "-");
    let mut short = String::with_capacity(id.len());
    for letter in id.chars() {
        if letter != '-' || !short.ends_with('-') {
            short.push(letter);
        }
    }
    match short.trim_matches('-') {
        "" => "question".to_owned(),
        id => id.to_owned(),
    }
}

fn challenge(
    node: Node<'_, '_>,
    id: &str,
    program: &Program,
    tests: &[Test],
    gathered: &mut Gathered,
) -> ChallengeTable {
    let grade = number(node, "defaultgrade")
        .filter(|grade| *grade > 0.0)
        .unwrap_or(1.0);
    let whole = flag(node, "allornothing").unwrap_or(true);
    let marks: f64 = tests.iter().map(|test| test.mark).sum();
    let near = value(node, "grader") == "NearEqualityGrader";
    let mut gates: Vec<String> = Vec::new();
    let mut checks = Vec::new();
    for (number, test) in (1..).zip(tests) {
        let id = number.to_string();
        let points = match marks {
            sum if sum > 0.0 => test.mark / sum * grade,
            _ => grade / tests.len() as f64,
        };
        checks.push(CheckTable {
            kind: "io",
            id: id.clone(),
            title: format!("Test {number}"),
            points: round(points),
            required: true,
            visibility: visibility(test, gathered),
            // What is hidden after a failure is not run either, where it gives no points of its own.
            depends_on: if whole { gates.clone() } else { Vec::new() },
            input: format!("data/{number}.in"),
            answer: format!("data/{number}.ans"),
            comparator: near.then_some("tokens"),
            case_sensitive: near.then_some(false),
            files: program
                .test_file
                .map(|name| [(name.to_owned(), format!("data/{number}-{name}"))].into()),
            arguments: program.numbered.then(|| vec![id.clone()]),
        });
        if test.hide_rest {
            if !whole {
                gathered
                    .lose("what follows a failed test is hidden in CodeRunner; here it is shown");
            }
            gates = vec![id];
        }
    }
    let group = whole.then(|| GroupTable {
        name: String::new(),
        points_max: grade,
        aggregation: "pass_fail",
        checks: checks.iter().map(|check| check.id.clone()).collect(),
    });
    ChallengeTable {
        id: id.to_owned(),
        title: id.to_owned(),
        language: program.language,
        files: table::FilesTable {
            editable: vec![program.file.clone()],
            entry: program.file.clone(),
        },
        compile: program.compile.map(table::CommandTable::of),
        run: program.run.map(table::CommandTable::of),
        limits: limits(node),
        hints: hints(node, gathered),
        groups: group.into_iter().collect(),
        checks,
    }
}

/// The n-th hint is given after n failures, as in Moodle after n tries.
fn hints(node: Node<'_, '_>, gathered: &mut Gathered) -> Vec<HintTable> {
    let texts = children(node, "hint").map(|hint| markdown(&html(&gathered.text(hint))));
    let numbered = (1..).zip(texts.collect::<Vec<_>>());
    numbered
        .map(|(after_failures, text)| HintTable {
            text: text.trim_end().to_owned(),
            after_failures,
        })
        .filter(|hint| !hint.text.is_empty())
        .collect()
}

/// Six decimals: shares of marks are no exact numbers.
fn round(points: f64) -> f64 {
    (points * 1e6).round() / 1e6
}

fn visibility(test: &Test, gathered: &mut Gathered) -> &'static str {
    match test.display.as_str() {
        _ if test.example => "always",
        "" | "SHOW" => "always",
        "HIDE" => "never",
        other => {
            gathered.lose(format!(
                "a test that is shown as `{other}` is never shown in detail"
            ));
            "never"
        }
    }
}

fn limits(node: Node<'_, '_>) -> Option<LimitsTable> {
    let seconds = number(node, "cputimelimitsecs").filter(|seconds| *seconds > 0.0);
    let mebibytes = number(node, "memlimitmb").filter(|mebibytes| *mebibytes >= 1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "held within the bounds of the format"
    )]
    let limits = LimitsTable {
        cpu_ms: seconds.map(|seconds| (seconds * 1_000.0).clamp(1.0, 600_000.0) as u64),
        memory_bytes: mebibytes.map(|size| format!("{} MiB", size.clamp(1.0, 65_536.0) as u64)),
    };
    (limits != LimitsTable::default()).then_some(limits)
}

/// Tests that CodeRunner shows as examples.
fn examples(tests: &[Test]) -> String {
    let mut text = String::new();
    for test in tests.iter().filter(|test| test.example) {
        let block = |name: &str, body: &str| {
            let fence = "`".repeat(longest_ticks(body).max(2) + 1);
            match body.trim_end() {
                "" => String::new(),
                body => format!("\n{name}\n\n{fence}\n{body}\n{fence}\n"),
            }
        };
        if text.is_empty() {
            text.push_str("\n\n## Examples\n");
        }
        text.push_str(&block("Test", &test.code));
        text.push_str(&block("Input", &test.stdin));
        text.push_str(&block("Result", &test.expected));
    }
    text
}

fn longest_ticks(text: &str) -> usize {
    text.split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// Support files of the question lie beside the program.
fn supply(node: Node<'_, '_>, gathered: &mut Gathered, directory: &mut Directory) {
    let cases = child(node, "testcases");
    // Pictures of the text have no place in a challenge.
    for file in std::mem::take(&mut gathered.files) {
        gathered.lose(format!("the picture `{}` of its text", file.path));
    }
    gathered.attachments.clear();
    for holder in cases.into_iter().chain([node]) {
        for file in children(holder, "file") {
            if let Some(number) = gathered.file(file).filter(|number| *number > 1) {
                let name = file.attribute("name").unwrap_or_default();
                let known = numbered(name, number);
                gathered.lose(format!(
                    "a support file `{name}` with other content became `{known}`"
                ));
            }
        }
    }
    for file in std::mem::take(&mut gathered.files) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        directory.files.push(File {
            path: format!("supplied/{name}"),
            bytes: file.bytes,
        });
    }
    gathered.attachments.clear();
}

/// What a challenge has no place for.
fn tell(node: Node<'_, '_>, gathered: &mut Gathered) {
    if !matches!(value(node, "penaltyregime").as_str(), "" | "0") {
        gathered.lose("the penalties of wrong submissions");
    }
    if !matches!(value(node, "uiplugin").as_str(), "" | "ace" | "none") {
        gathered.lose(format!("the editor `{}`", value(node, "uiplugin")));
    }
    let feedback = child(node, "generalfeedback")
        .map(inner_text)
        .unwrap_or_default();
    if !feedback.is_empty() {
        gathered.lose("the general feedback");
    }
    if child(node, "tags").is_some() {
        gathered.lose("tags");
    }
    if !value(node, "globalextra").is_empty() {
        gathered.lose("the text that all its tests have in common (`<globalextra>`)");
    }
    if matches!(value(node, "attachments").parse::<i32>(), Ok(number) if number != 0) {
        gathered.lose("files that learners add");
    }
}

#[cfg(test)]
#[path = "coderunner/tests.rs"]
mod tests_of_coderunner;
