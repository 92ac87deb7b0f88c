//! Rules on the learner's source: what it calls, imports, contains, and which
//! constructs it uses, decided on the syntax tree of a real parser.

mod calls;
mod grammar;
mod imports;
mod search;

use std::collections::BTreeMap;

use carrel_model::Cause;
use carrel_model::challenge::{Rule, Static};
use tree_sitter::Tree;

use crate::case::{CaseResult, CaseStatus};
use crate::error::Error;
use crate::static_rule::grammar::Grammar;

/// Largest file that is looked at.
const FILE_BYTES_MAX: usize = 1 << 20;

/// A place in one of the learner's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Line from 1.
    pub(crate) line: usize,
    /// What stands there.
    pub(crate) text: String,
}

/// A parsed file.
pub(crate) struct Parsed<'a> {
    pub(crate) source: &'a [u8],
    pub(crate) tree: Tree,
    pub(crate) grammar: &'static Grammar,
}

/// Looks at the learner's files and says whether the rule holds, with file and line where it is broken.
///
/// # Errors
/// The rule itself cannot be used: no such node kind, a query that does not
/// compile, or a language without a parser (the author's fault).
pub fn evaluate(
    rule: &Static,
    challenge_language: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<CaseResult, Error> {
    let language = rule.language.as_deref().unwrap_or(challenge_language);
    let grammar = grammar::find(language);
    check_rule(rule, language, grammar)?;
    let mut found: Vec<(String, Place)> = Vec::new();
    for (path, content) in files {
        if !is_wanted(rule, language, path) {
            continue;
        }
        if content.len() > FILE_BYTES_MAX {
            let message =
                format!("{path} is larger than {FILE_BYTES_MAX} bytes and was not looked at");
            return Ok(case(rule, CaseStatus::Failed, Some(message)));
        }
        match find_in_file(rule, grammar, content) {
            Ok(places) => found.extend(places.into_iter().map(|place| (path.clone(), place))),
            Err(problem) => {
                return Ok(case(
                    rule,
                    CaseStatus::Failed,
                    Some(format!("{path}: {problem}")),
                ));
            }
        }
    }
    Ok(judge(rule, &found))
}

fn judge(rule: &Static, found: &[(String, Place)]) -> CaseResult {
    let what = describe(&rule.rule);
    match (rule.must, found.first()) {
        (true, Some(_)) | (false, None) => case(rule, CaseStatus::Passed, None),
        (true, None) => case(
            rule,
            CaseStatus::Failed,
            Some(format!("your code must {what}, and does not")),
        ),
        (false, Some(_)) => {
            let places: Vec<String> = found
                .iter()
                .take(5)
                .map(|(path, place)| format!("{path}:{}: {}", place.line, place.text.trim()))
                .collect();
            let message = format!("your code must not {what}\n{}", places.join("\n"));
            case(rule, CaseStatus::Failed, Some(message))
        }
    }
}

fn case(rule: &Static, status: CaseStatus, message: Option<String>) -> CaseResult {
    let word = if rule.must { "must" } else { "must not" };
    CaseResult {
        name: format!("{word} {}", describe(&rule.rule)),
        status,
        message,
        output: None,
        test_code: None,
        cause: (status != CaseStatus::Passed).then_some(Cause::WrongAnswer),
    }
}

fn describe(rule: &Rule) -> String {
    match rule {
        Rule::Calls(name) => format!("call `{name}`"),
        Rule::Imports(name) => format!("import `{name}`"),
        Rule::Contains(text) => format!("contain `{text}`"),
        Rule::Construct(kind) => format!("use a {}", kind.replace('_', " ")),
        Rule::Query(_) => "match the pattern of this rule".to_owned(),
    }
}

/// Without patterns, every file of the rule's language (or of no known one).
fn is_wanted(rule: &Static, language: &str, path: &str) -> bool {
    if !rule.files.is_empty() {
        return rule.files.iter().any(|pattern| matches(pattern, path));
    }
    match crate::language::find(language) {
        Some(language) => {
            language.is_source(path)
                || path.rsplit_once('.').is_some_and(|(_, ending)| {
                    language.headers.iter().any(|header| header == ending)
                })
        }
        None => true,
    }
}

/// Matches a path against a pattern: `*` within one part, `**` over parts.
fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    matches_parts(&pattern, &path)
}

fn matches_parts(pattern: &[&str], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((&"**", rest)) => (0..=path.len()).any(|skip| matches_parts(rest, &path[skip..])),
        Some((part, rest)) => path.split_first().is_some_and(|(first, others)| {
            matches_part(part, first) && matches_parts(rest, others)
        }),
    }
}

fn matches_part(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return rest.is_empty();
    };
    for piece in middle {
        match rest.find(piece) {
            Some(place) => rest = &rest[place + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn check_rule(
    rule: &Static,
    language: &str,
    grammar: Option<&'static Grammar>,
) -> Result<(), Error> {
    let problem = match (&rule.rule, grammar) {
        (Rule::Contains(text), _) if text.is_empty() => "the text to look for is empty".to_owned(),
        (Rule::Contains(_), _) => return Ok(()),
        (_, None) => format!(
            "there is no parser for language `{language}`; known are {}; use `contains`, which needs none",
            grammar::names().join(", ")
        ),
        (Rule::Construct(kind), Some(grammar)) => match grammar.has_kind(kind) {
            true => return Ok(()),
            false => format!("the parser of `{language}` has no node kind `{kind}`"),
        },
        (Rule::Query(query), Some(grammar)) => match grammar.compile_query(query) {
            Ok(_) => return Ok(()),
            Err(problem) => format!("the query does not compile: {problem}"),
        },
        (Rule::Calls(name) | Rule::Imports(name), Some(_)) if name.trim().is_empty() => {
            "the name to look for is empty".to_owned()
        }
        (Rule::Calls(_) | Rule::Imports(_), Some(_)) => return Ok(()),
    };
    Err(Error::Challenge {
        challenge: "static rule".to_owned(),
        problem,
    })
}

fn find_in_file(
    rule: &Static,
    grammar: Option<&'static Grammar>,
    content: &[u8],
) -> Result<Vec<Place>, String> {
    let Some(grammar) = grammar else {
        let Rule::Contains(text) = &rule.rule else {
            return Ok(Vec::new());
        };
        return Ok(search::in_text(content, text));
    };
    let parsed = Parsed {
        source: content,
        tree: grammar.parse(content)?,
        grammar,
    };
    match &rule.rule {
        Rule::Calls(name) => Ok(calls::find(&parsed, name)),
        Rule::Imports(name) => Ok(imports::find(&parsed, name)),
        Rule::Contains(text) => Ok(search::in_code(&parsed, text)),
        Rule::Construct(kind) => Ok(search::constructs(&parsed, kind)),
        Rule::Query(query) => search::query(&parsed, query),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule, must: bool, language: &str, source: &str) -> CaseResult {
        let ending = match language {
            "python" => "py",
            "javascript" => "js",
            "bash" => "sh",
            "ruby" => "rb",
            other => other,
        };
        let files = BTreeMap::from([(format!("main.{ending}"), source.as_bytes().to_vec())]);
        let rule = Static {
            files: Vec::new(),
            rule,
            must,
            language: None,
        };
        evaluate(&rule, language, &files).unwrap()
    }

    fn found(rule: Rule, language: &str, source: &str) -> bool {
        check(rule, true, language, source).status == CaseStatus::Passed
    }

    fn calls(name: &str) -> Rule {
        Rule::Calls(name.to_owned())
    }

    #[test]
    fn broken_rules_name_file_and_line() {
        let result = check(
            calls("sorted"),
            false,
            "python",
            "x = 1\ny = sorted([2, 1])\n",
        );
        assert_eq!(result.status, CaseStatus::Failed);
        assert_eq!(
            result.message.as_deref(),
            Some("your code must not call `sorted`\nmain.py:2: sorted([2, 1])")
        );
    }

    #[test]
    fn long_chains_and_many_star_imports_come_to_an_end() {
        let chain = format!("a{};", ".b()".repeat(100_000));
        assert!(!found(Rule::Imports("fs".to_owned()), "javascript", &chain));
        assert!(found(calls("b"), "javascript", &chain));
        let stars: String = (0..4_000)
            .map(|number| format!("from m{number} import *\nf()\n"))
            .collect();
        assert!(!found(calls("math.sqrt"), "python", &stars));
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let source = "# sorted(x)\nprint('sorted(x)')\n\"\"\"sorted(\"\"\"\n";
        assert!(!found(calls("sorted"), "python", source));
        assert!(!found(
            Rule::Contains("sorted".to_owned()),
            "python",
            source
        ));
        assert!(found(Rule::Contains("print(".to_owned()), "python", source));
        assert!(!found(
            Rule::Contains("goto".to_owned()),
            "c",
            "int x; // goto\n"
        ));
    }

    #[test]
    fn methods_and_dotted_paths_are_calls() {
        assert!(found(calls("sort"), "python", "a.sort()\n"));
        assert!(found(
            calls("math.sqrt"),
            "python",
            "import math\nmath.sqrt(2)\n"
        ));
        assert!(!found(
            calls("math.sqrt"),
            "python",
            "import cmath\ncmath.sqrt(2)\n"
        ));
        assert!(found(
            calls("Array.prototype.sort"),
            "javascript",
            "Array.prototype.sort(x)"
        ));
        assert!(found(calls("sort"), "javascript", "[3, 1].map(f).sort();"));
        assert!(!found(
            calls("sort"),
            "javascript",
            "const sort = 1; sorted();"
        ));
    }

    #[test]
    fn python_aliases_are_seen_through() {
        assert!(found(
            calls("math.sqrt"),
            "python",
            "from math import sqrt as s\ns(2)\n"
        ));
        assert!(found(
            calls("sqrt"),
            "python",
            "from math import sqrt as s\ns(2)\n"
        ));
        assert!(found(
            calls("numpy.sort"),
            "python",
            "import numpy as np\nnp.sort(x)\n"
        ));
        assert!(found(
            calls("sorted"),
            "python",
            "order = sorted\norder(x)\n"
        ));
        assert!(found(
            calls("math.sqrt"),
            "python",
            "from math import *\nsqrt(2)\n"
        ));
    }

    #[test]
    fn calls_in_the_other_languages() {
        for (language, source) in [
            ("c", "int main(void) { qsort(a, 1, 2, f); }"),
            ("cpp", "int main() { std::qsort(a, 1, 2, f); }"),
            ("java", "class A { void f() { x.qsort(1); } }"),
            ("ruby", "a.qsort\nqsort(1)\n"),
            ("lua", "t.qsort(1)\n"),
            ("bash", "ls | qsort -n\n"),
        ] {
            assert!(found(calls("qsort"), language, source), "{language}");
            assert!(!found(calls("bsearch"), language, source), "{language}");
        }
    }

    #[test]
    fn imports_in_every_language() {
        for (language, source, name) in [
            ("python", "import os.path as p\n", "os"),
            ("python", "from collections import Counter\n", "collections"),
            (
                "python",
                "from collections import Counter\n",
                "collections.Counter",
            ),
            ("python", "m = __import__('os')\n", "os"),
            ("javascript", "import fs from 'node:fs';", "fs"),
            ("javascript", "const fs = require('fs');", "fs"),
            ("c", "#include <stdlib.h>\n", "stdlib.h"),
            ("cpp", "#include \"deep/algorithm\"\n", "deep/algorithm"),
            (
                "java",
                "import java.util.Arrays;\nclass A {}",
                "java.util.Arrays",
            ),
            ("java", "import java.util.*;\nclass A {}", "java.util"),
            ("ruby", "require 'set'\n", "set"),
            (
                "lua",
                "local x = require('string.buffer')\n",
                "string.buffer",
            ),
            ("bash", "source ./lib.sh\n", "./lib.sh"),
        ] {
            assert!(
                found(Rule::Imports(name.to_owned()), language, source),
                "{language} {name}"
            );
        }
        assert!(!found(
            Rule::Imports("os".to_owned()),
            "python",
            "import ossify\n# import os\n"
        ));
    }

    #[test]
    fn constructs_and_queries() {
        assert!(found(
            Rule::Construct("for_statement".to_owned()),
            "python",
            "for x in y: pass\n"
        ));
        assert!(!found(
            Rule::Construct("while_statement".to_owned()),
            "python",
            "for x in y: pass\n"
        ));
        let query = "(function_definition name: (identifier) @name (#eq? @name \"f\"))";
        assert!(found(
            Rule::Query(query.to_owned()),
            "python",
            "def f(): pass\n"
        ));
        assert!(!found(
            Rule::Query(query.to_owned()),
            "python",
            "def g(): pass\n"
        ));
    }

    #[test]
    fn unusable_rules_are_the_authors() {
        let files = BTreeMap::new();
        for (rule, language) in [
            (Rule::Construct("for_loop".to_owned()), "python"),
            (Rule::Query("(".to_owned()), "python"),
            (Rule::Calls("f".to_owned()), "cobol"),
        ] {
            let rule = Static {
                files: Vec::new(),
                rule,
                must: true,
                language: None,
            };
            assert!(matches!(
                evaluate(&rule, language, &files),
                Err(Error::Challenge { .. })
            ));
        }
    }

    #[test]
    fn text_of_unknown_languages_is_searched_as_it_is() {
        assert!(found(
            Rule::Contains("SELECT *".to_owned()),
            "cobol",
            "-- SELECT * FROM t"
        ));
    }

    #[test]
    fn deep_nesting_and_odd_bytes_do_no_harm() {
        let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
        let _ = check(calls("f"), true, "python", &deep);
        let _ = check(calls("f"), true, "javascript", &"[".repeat(200_000));
        let files = BTreeMap::from([("main.py".to_owned(), vec![0xff, 0, b'f', b'(', b')'])]);
        let rule = Static {
            files: Vec::new(),
            rule: calls("f"),
            must: true,
            language: None,
        };
        assert!(evaluate(&rule, "python", &files).is_ok());
    }

    #[test]
    fn patterns_choose_files() {
        assert!(matches("src/*.py", "src/a.py") && !matches("src/*.py", "src/b/a.py"));
        assert!(matches("**/*.py", "a.py") && matches("**/*.py", "x/y/a.py"));
        assert!(!matches("*.py", "a.pyc"));
    }
}
