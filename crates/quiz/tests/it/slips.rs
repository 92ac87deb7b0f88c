//! What can be read and most likely was meant otherwise: told with its place, and writable all the same.

use carrel_quiz::Kind;
use carrel_quiz::notation::{parse, parse_with_places, write};

const HEAD: &str = "+++\nid = \"q\"\ntitle = \"Q\"\n+++\n";

/// The slips of a body whose first line is line 5; the quiz itself can be read.
#[track_caller]
fn check(body: &str, expected: &[&str]) {
    let file = format!("{HEAD}{body}");
    let parsed = parse_with_places(&file, "q.md").unwrap_or_else(|told| panic!("{told}"));
    let told = parsed.slips.to_string();
    for part in expected {
        assert!(told.contains(part), "`{part}` is not in:\n{told}");
    }
    assert_eq!(parsed.slips.list().len(), 1, "{told}");
    assert_eq!(parse(&file, "q.md").unwrap_err(), parsed.slips);
}

/// A body without slips, which the formatter keeps.
#[track_caller]
fn keep(body: &str) -> carrel_quiz::Question {
    let file = format!("{HEAD}{body}");
    let quiz = parse(&file, "q.md").unwrap_or_else(|told| panic!("{told}"));
    let written = write(&quiz);
    let again = parse(&written, "q.md").unwrap_or_else(|told| panic!("{told}\n{written}"));
    assert_eq!(again, quiz, "{written}");
    quiz.questions().next().unwrap().clone()
}

#[test]
fn feedback_and_options_indented_too_far() {
    check(
        "## A {#a}\n\nWhich?\n\n- (x) four\n    > yes\n- ( ) five\n",
        &[
            "q.md:10:5: the line looks like feedback, and is text",
            "indent it by two blanks",
        ],
    );
    check(
        "## A {#a}\n\nWhich?\n\n- (x) four\n  - ( ) five\n",
        &[
            "q.md:10:3: the line looks like an option",
            "at the first column",
        ],
    );
    let question =
        keep("## A {#a}\n\nWhich?\n\n- (x) four\n  \\  > quoted\n  \\- [ ] task\n- ( ) five\n");
    let Kind::Choice(choice) = &question.kind else {
        panic!("{question:?}");
    };
    assert_eq!(
        choice.options[0].text.source,
        "four\n  > quoted\n- [ ] task"
    );
}

#[test]
fn numbers_where_texts_are_compared() {
    check(
        "## A {#a}\n\nWhat?\n\n= 9.81 +- 0.02\n",
        &[
            "q.md:9:3: `9.81 +- 0.02` looks like a number with a tolerance",
            "`kind: numeric`",
            "`= {exact} \"9.81 +- 0.02\"`",
        ],
    );
    check(
        "## A {#a}\n\nIt is [[= 3 +- 1]].\n",
        &["q.md:7:7: the blank `[[= 3 +- 1]]`", "write `[[# 3 +- 1]]`"],
    );
    let question = keep("## A {#a}\n\nWhat?\n\n= {exact} \"9.81 +- 0.02\"\n= 4\n");
    let Kind::ShortAnswer(key) = &question.kind else {
        panic!("{question:?}");
    };
    assert_eq!(key.patterns[0].pattern, "9.81 +- 0.02");
}

#[test]
fn what_is_said_twice() {
    check(
        "## A {#a}\npoints: 1\npoints: 2\n\nWhat?\n\n= a\n",
        &["q.md:7:1: `points` is said twice"],
    );
    check(
        "## A {#a}\nkind: tracing\n\nWhat?\n\n```python source\nx\n```\n\n```output\n1\n```\n\n```output\n2\n```\n",
        &["q.md:18:1: `output` is said twice"],
    );
    keep("## A {#a}\ntags: a\ntags: b\n\nWhat?\n\n= a\n\nhint: x\nhint: y\n");
}

#[test]
fn braces_that_are_text_by_their_form() {
    for (line, place) in [
        ("= {score = 0.5} four", "9:3"),
        ("= {wildcard}fo*", "9:3"),
        ("= {wildcrd} fo*", "9:3"),
        ("= {regex, score=1} fo.", "9:3"),
        ("= four {score=0.5}", "9:8"),
    ] {
        check(
            &format!("## A {{#a}}\n\nWhat?\n\n{line}\n= five\n"),
            &[&format!("q.md:{place}: the braces "), "write `{}` before"],
        );
    }
    check(
        "## A {#a}\n\nWhat?\n\n- (x) four\n- ( ) none {#none}\n",
        &["q.md:10:12: the braces stand behind the text"],
    );
    let question = keep(
        "## A {#a}\n\nWhat?\n\n= {} {score = 0.5} four\n= {} four {score=0.5}\n= {1, 2}\n= {x}\n",
    );
    let Kind::ShortAnswer(key) = &question.kind else {
        panic!("{question:?}");
    };
    let texts: Vec<&str> = key
        .patterns
        .iter()
        .map(|one| one.pattern.as_str())
        .collect();
    assert_eq!(
        texts,
        ["{score = 0.5} four", "four {score=0.5}", "{1, 2}", "{x}"]
    );
}

#[test]
fn lists_that_are_not_what_they_seem() {
    check(
        "## A {#a}\nkind: ordering\n\nSort.\n\n2. b\n1. a\n3. c\n",
        &[
            "q.md:11:1: `1.` stands below `2.`",
            "in the order that is right",
        ],
    );
    check(
        "## A {#a}\nkind: ordering\n\nSort.\n\n1) a\n2. b\n3. c\n",
        &["q.md:10:1: the line above the answers is no item"],
    );
    check(
        "## A {#a}\nkind: matching\n\nMatch.\n\n- a -> 1\n- b => 2\n",
        &["q.md:10:1: the line above the answers has no target"],
    );
    check(
        "## A {#a}\nkind: matching\n\nMatch.\n\n- a => 1\n- b => 2\n- => 1\n",
        &["q.md:12:3: there is a target `1` already"],
    );
    for numbers in [["0.", "1.", "2."], ["1.", "1.", "1."], ["1.", "3.", "9."]] {
        let [a, b, c] = numbers;
        keep(&format!(
            "## A {{#a}}\nkind: ordering\n\nSort.\n\n{a} a\n{b} b\n{c} c\n"
        ));
    }
    keep("## A {#a}\nkind: matching\n\nMatch.\n\n- a -> 1\n\n- b => 2\n- c => 3\n");
}

#[test]
fn draws_that_fail_for_some_learners() {
    let body = |condition: &str| {
        format!(
            "## A {{#a}}\nkind: numeric\nvariable a: 1 .. 20\nvariable c: = 60 / (a - 13)\n{condition}\nWhat is {{{{c}}}}?\n\n= {{{{c}}}} +- 1%\n"
        )
    };
    check(
        &body(""),
        &[
            "q.md:8:1: question `a`, variable c: ",
            "of 100 draws of the variables fail: evaluating `variable c` of question `a`: `/` gives no finite number",
            "`where: a != 0`",
        ],
    );
    keep(&body("where: a != 13\n"));
}

#[test]
fn other_notations_are_answered_with_ours() {
    for (lines, place, hint) in [
        ("a)  6\nb)  1\n", "7:1", "write options as `- ( ) wrong`"),
        ("Who?\n* Santa\n* Claus\n", "8:1", "`= answer`"),
        ("Write.\n____\n", "8:1", "`kind: essay`"),
        ("Who? {=Grant ~Lee}\n", "7:1", "this looks like GIFT"),
    ] {
        let file = format!("{HEAD}## A {{#a}}\n\n{lines}");
        let told = parse(&file, "q.md").unwrap_err().to_string();
        let expected = format!("q.md:{place}: the question has no answers");
        assert!(told.contains(&expected) && told.contains(hint), "{told}");
    }
}

#[test]
fn places_of_answers_that_cannot_be_read() {
    for (body, expected) in [
        (
            "## A {#a}\n\nWhat?\n\n= yes\n= {regex} a(b\n",
            "q.md:10:1: question `a`, answer 2: ",
        ),
        (
            "## A {#a}\n\nIt is [[x]].\n\nblank x:\n  = yes\n  = {regex} a(b\n",
            "q.md:11:3: question `a`, blank x answer 2: ",
        ),
        (
            "## A {#a}\nkind: true-false\n\nIs it?\n\nanswer: yes\ntrue: Right.\n",
            "q.md:10:9: `yes` is neither true nor false",
        ),
        ("---\nid: q\n---\n", "not YAML between `---`"),
    ] {
        let file = if body.starts_with("---") {
            body.to_owned()
        } else {
            format!("{HEAD}{body}")
        };
        let told = parse(&file, "q.md").unwrap_err().to_string();
        assert!(told.contains(expected), "{expected} is not in:\n{told}");
    }
}
