//! What is refused, and how it is told.

use super::tests::{SMALLEST, check_problems, load_ok, with, write};

#[test]
fn tells_every_problem_of_the_file_with_its_place() {
    let toml = "
colour = 'red'
[files]
editable = ['a.py', '../b.py', 'x[0]']
entry = 'b.py'
[limits]
cpu_ms = 0
[[checks]]
id = 'one'
kind = 'io'
input = 'data/missing.in'
answer = '/etc/passwd'
framework = 'pytest'
[[checks]]
id = 'one'
kind = 'unit'
framework = 'pitest'
depends_on = ['two']
step = 'b'
[[checks]]
id = 'bad'
kind = 'static'
required = false
points = 0
must = { call = 'a', import = 'b' }
";
    let directory = with(toml, &[("submissions/wrong_anser/a.py", "")]);
    check_problems(
        directory.path(),
        &[
            "challenge.toml:5:1: unknown key `colour`",
            "challenge.toml:7:21: pattern `../b.py`: has a part `..`",
            "challenge.toml:7:32: pattern `x[0]`",
            "challenge.toml:8:9: entry `b.py` is neither editable",
            "challenge.toml:10:10: limit `cpu_ms` is 0",
            "challenge.toml:11:1: `framework` has no meaning for kind = \"io\"",
            "challenge.toml:14:9: file `data/missing.in` does not exist",
            "challenge.toml:15:10: path `/etc/passwd` is absolute",
            "challenge.toml:20:13: unknown framework `pitest`\n  hint: did you mean `pytest`?",
            "challenge.toml:21:15: unknown check `two`",
            "challenge.toml:22:8: unknown step `b`\n  hint: did you mean `a`?",
            "challenge.toml:23:1: check `bad` gives no points",
            "challenge.toml:28:8: a rule has exactly one key; this one has 2",
            "submissions/wrong_anser: `wrong_anser` is no directory of a verdict\n  hint: did you mean `wrong_answer`?",
        ],
    );
}

#[test]
fn tells_cycles_and_duplicates() {
    let toml = "
[[steps]]
id = 'one'
requires = ['two']
[[steps]]
id = 'two'
[[checks]]
id = 'a'
kind = 'unit'
step = 'one'
depends_on = ['b']
[[checks]]
id = 'b'
kind = 'unit'
step = 'two'
depends_on = ['a']
";
    let directory = with(toml, &[]);
    check_problems(
        directory.path(),
        &[
            "challenge.toml:5:1: steps require each other: `one` → `two` → `one`",
            "challenge.toml:10:1: checks depend on each other: `a` → `b` → `a`",
        ],
    );
    let twice = "[[checks]]\nid = 'b'\nkind = 'unit'\n[[checks]]\nid = 'b'\nkind = 'unit'\n";
    check_problems(
        with(twice, &[]).path(),
        &["challenge.toml:8:6: two checks have the id `b`"],
    );
}

#[test]
fn a_challenge_must_prove_itself() {
    let directory = write(&[SMALLEST[0], SMALLEST[1]]);
    check_problems(
        directory.path(),
        &[
            "challenge.toml:1:1: `editable` is missing",
            "nothing shows that the challenge can be solved",
            "nothing shows that the checks can fail",
        ],
    );
    let directory = with("starter_verdict = 'accepted'\n", &[]);
    check_problems(
        directory.path(),
        &["nothing shows that the checks can fail"],
    );
}

#[test]
fn files_may_not_stand_over_each_other() {
    let directory = with(
        "",
        &[
            ("tests/a.py", ""),
            ("supplied/test_a.py", ""),
            ("solution/b.py", ""),
        ],
    );
    check_problems(
        directory.path(),
        &[
            "check `unit` places a file over the learner's file `a.py`",
            "check `unit` places a file over the supplied file `test_a.py`",
        ],
    );
    let directory = with("[files]\neditable = ['a.py']\n", &[("solution/b.py", "")]);
    check_problems(
        directory.path(),
        &["is in a `solution/`, but `b.py` is not editable"],
    );
}

#[test]
fn missing_and_refused_keys_are_told_once() {
    let directory = write(&[
        ("challenge.toml", "id = 3\n"),
        SMALLEST[1],
        SMALLEST[2],
        SMALLEST[3],
    ]);
    check_problems(
        directory.path(),
        &[
            "challenge.toml:1:6: `id`: invalid type",
            "challenge.toml:1:1: `title` is missing",
            "challenge.toml:1:1: `language` is missing",
        ],
    );
    let directory = write(&[]);
    check_problems(directory.path(), &["holds no `challenge.toml`"]);
}

#[test]
fn an_unknown_language_needs_an_environment() {
    let files = |text: &'static str| {
        write(&[
            ("challenge.toml", text),
            SMALLEST[1],
            SMALLEST[2],
            SMALLEST[3],
        ])
    };
    let directory = files(
        "id='a'\ntitle='A'\nlanguage='pyton'\n[[checks]]\nkind='unit'\nframework='tap'\ncommand=['x']\n",
    );
    check_problems(
        directory.path(),
        &["challenge.toml:3:10: unknown language `pyton`\n  hint: did you mean `python`?"],
    );
    let directory = files(
        "id='a'\ntitle='A'\nlanguage='smalltalk'\nenvironment='st'\n[[checks]]\nkind='unit'\nframework='tap'\ncommand=['x']\n",
    );
    assert_eq!(load_ok(directory.path()).environment, "st");
}

#[test]
fn contradictions_in_declared_submissions_are_told() {
    let declared = "
[[submissions]]
name = 'accepted/x'
failing = ['unit']
[[submissions]]
name = 'wrong_answer/y'
[[submissions]]
name = 'accepted/x.py'
step = 'none'
";
    let directory = with(
        "",
        &[
            ("submissions/accepted/x.py", ""),
            ("submissions/wrong_answer/z/b.py", ""),
            ("submissions.toml", declared),
        ],
    );
    check_problems(
        directory.path(),
        &[
            "submissions/wrong_answer/z: `b.py` is not a file that a learner may send",
            "submissions.toml:2:1: `accepted/x.py` is accepted, but the required check `unit`",
            "submissions.toml:6:8: no submission `wrong_answer/y`",
            "submissions.toml:8:8: two entries for `accepted/x.py`",
        ],
    );
}
