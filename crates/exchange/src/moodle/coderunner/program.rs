//! The built-in types of CodeRunner: how answer and test become one program.

use std::fmt::Write as _;

use super::Test;

/// How a type of question is run.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) language: &'static str,
    /// The learner's file.
    pub(super) file: String,
    /// A program around the learner's: path and text.
    pub(super) supplied: Option<(&'static str, String)>,
    pub(super) compile: Option<&'static [&'static str]>,
    pub(super) run: Option<&'static [&'static str]>,
    /// Name under which the code of a test lies beside the program.
    pub(super) test_file: Option<&'static str>,
    /// Whether the program is told the number of the test.
    pub(super) numbered: bool,
}

const PYTHON_RUN: &str = r#"# Runs the learner's program and then the code of the test, as one program.
import sys

source = open("answer.py", encoding="utf-8").read() + "\n" + open("coderunner_test.py", encoding="utf-8").read()
sys.argv = ["answer.py"]
exec(compile(source, "answer.py", "exec"), {"__name__": "__main__"})
"#;

/// `input` shows what it reads, as if it had been typed.
const PYTHON_INPUT: &str = r#"import builtins

read = builtins.input


def shown(prompt=""):
    text = read(prompt)
    print(text)
    return text


builtins.input = shown
"#;

const NODE_RUN: &str = r#"// Runs the learner's program and then the code of the test, as one program.
const { readFileSync } = require("node:fs");
const { runInThisContext } = require("node:vm");

global.require = require;
const source = readFileSync("answer.js", "utf8") + "\n" + readFileSync("coderunner_test.js", "utf8");
runInThisContext(source, { filename: "answer.js" });
"#;

const C_HEADERS: &str = "#include <ctype.h>\n#include <math.h>\n#include <stdbool.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n";
const CPP_HEADERS: &str = "#include <algorithm>\n#include <cctype>\n#include <cmath>\n#include <cstdlib>\n#include <fstream>\n#include <iomanip>\n#include <iostream>\n#include <map>\n#include <set>\n#include <string>\n#include <vector>\nusing namespace std;\n";

impl Program {
    /// The program of a type; the reason where it is none of the built-in ones that Carrel has.
    pub(super) fn of(kind: &str, tests: &[Test], answer: &str) -> Result<Self, String> {
        let coded = tests.iter().any(|test| !test.code.trim().is_empty());
        Ok(match kind {
            "python3" if !coded => plain("python", "answer.py"),
            "python3" => python(PYTHON_RUN.to_owned()),
            "python3_w_input" => python(format!("{PYTHON_INPUT}\n\n{PYTHON_RUN}")),
            "nodejs" if !coded => plain("javascript", "answer.js"),
            "nodejs" => Self {
                supplied: Some(("coderunner_run.js", NODE_RUN.to_owned())),
                run: Some(&["node", "coderunner_run.js"]),
                test_file: Some("coderunner_test.js"),
                ..plain("javascript", "answer.js")
            },
            "c_program" => plain("c", "answer.c"),
            "cpp_program" => plain("cpp", "answer.cpp"),
            "java_program" => plain("java", &format!("{}.java", public_class(answer))),
            "php" if !coded => plain("php", "answer.php"),
            "c_function" => Self {
                supplied: Some(("coderunner_main.c", main_of("answer.c", C_HEADERS, tests))),
                compile: Some(&[
                    "gcc",
                    "-std=c17",
                    "-O2",
                    "-o",
                    "program",
                    "coderunner_main.c",
                    "-lm",
                ]),
                run: Some(&["./program"]),
                numbered: true,
                ..plain("c", "answer.c")
            },
            "cpp_function" => Self {
                supplied: Some((
                    "coderunner_main.cpp",
                    main_of("answer.cpp", CPP_HEADERS, tests),
                )),
                compile: Some(&[
                    "g++",
                    "-std=c++20",
                    "-O2",
                    "-o",
                    "program",
                    "coderunner_main.cpp",
                ]),
                run: Some(&["./program"]),
                numbered: true,
                ..plain("cpp", "answer.cpp")
            },
            other => return Err(format!("its type `{other}` has no counterpart")),
        })
    }
}

/// A program that reads and writes, run as its language runs it.
fn plain(language: &'static str, file: &str) -> Program {
    Program {
        language,
        file: file.to_owned(),
        supplied: None,
        compile: None,
        run: None,
        test_file: None,
        numbered: false,
    }
}

fn python(runner: String) -> Program {
    Program {
        supplied: Some(("coderunner_run.py", runner)),
        run: Some(&["python3", "coderunner_run.py"]),
        test_file: Some("coderunner_test.py"),
        ..plain("python", "answer.py")
    }
}

/// The public class of a Java program, after which its file must be named.
fn public_class(source: &str) -> &str {
    let after = source.split("public class ").nth(1).unwrap_or("Main");
    let name = after.trim_start();
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    match &name[..end.unwrap_or(name.len())] {
        "" => "Main",
        name => name,
    }
}

/// A main program that holds the code of every test and runs the one it is told.
fn main_of(file: &str, headers: &str, tests: &[Test]) -> String {
    let mut source = format!("{headers}\n#include \"{file}\"\n\n");
    for (number, test) in (1..).zip(tests) {
        let code = format!("{}\n{}", test.code, test.extra);
        let _ = writeln!(
            source,
            "static void coderunner_test_{number}(void) {{\n{};\n}}\n",
            code.trim_end()
        );
    }
    source.push_str("int main(int count, char **arguments) {\n    switch (count > 1 ? atoi(arguments[1]) : 0) {\n");
    for (number, _) in (1..).zip(tests) {
        let _ = writeln!(
            source,
            "    case {number}:\n        coderunner_test_{number}();\n        return 0;"
        );
    }
    source.push_str("    }\n    return 1;\n}\n");
    source
}
