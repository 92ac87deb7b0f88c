//! What is wrong is told with its place and the way out.

use carrel_quiz::notation::{parse, parse_with_places, write};

pub(crate) const HEAD: &str = "+++\nid = \"q\"\ntitle = \"Q\"\n+++\n";

/// Reads a body whose first line is line 5; gives the problems as text.
pub(crate) fn problems(body: &str) -> String {
    match parse(&format!("{HEAD}{body}"), "q.md") {
        Ok(quiz) => panic!("no problem in {quiz:?}"),
        Err(problems) => problems.to_string(),
    }
}

#[track_caller]
pub(crate) fn check(body: &str, expected: &[&str]) {
    let found = problems(body);
    for part in expected {
        assert!(found.contains(part), "`{part}` is not in:\n{found}");
    }
}

#[test]
fn headings() {
    check(
        "## What is it?\n\nText\n\n= a\n",
        &[
            "q.md:5:1: the question has no id",
            "## What is it? {#what-is-it}",
        ],
    );
    check("# Title\n", &["q.md:5:1: headings of the first level"]);
    check(
        "## A {#a b}\n\nText\n\n= a\n",
        &["q.md:5:6: `b` has no meaning here"],
    );
    check(
        "## A {#a}\n\nText\n\n= a\n\n## B {#a}\n\nText\n\n= a\n",
        &["q.md:11:1", "two questions or pools have the id `a`"],
    );
    check(
        "### A {#a}\n\nText\n\n= a\n",
        &["q.md:5:1: a question of the third level belongs to a pool"],
    );
    check(
        "## P {#p draw=2}\n\n### A {#a}\n\nText\n\n= a\n",
        &["q.md:5:1", "draws 2 of 1 question"],
    );
}

#[test]
fn front_matter_of_several_lines() {
    let quiz = parse(
        "+++\nid = \"q\"\ntitle = \"\"\"\nTwo\nlines\"\"\"\nattempts = 3\nintroduction = { format = \"html\", source = \"<p>é\" }\n+++\n",
        "q.md",
    )
    .unwrap();
    assert_eq!(quiz.title, "Two\nlines");
    assert_eq!(quiz.settings.attempts, Some(3));
    assert_eq!(quiz.introduction.unwrap().source, "<p>é");
    let told = parse(
        "+++\nid = \"q\"\ntitle = \"Q\"\nintroduction = { source = \"a\" }\nduetime = 3\n+++\n\nAgain\n",
        "q.md",
    )
    .unwrap_err()
    .to_string();
    assert!(
        told.contains("q.md:5:1: the front matter: unknown field `duetime`")
            && told.contains("q.md:8:1: the quiz has two introductions"),
        "{told}"
    );
}

#[test]
fn front_matter() {
    let told = parse("## A {#a}\n\nText\n\n= a\n", "q.md")
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("q.md:1:1: there is no front matter") && told.contains("+++\nid ="),
        "{told}"
    );
    let told = parse("+++\nid = \"q\"\ntitle = \"Q\"\natempts = 3\n+++\n", "q.md")
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("q.md:4:1: the front matter: unknown field `atempts`"),
        "{told}"
    );
    let told = parse(
        "+++\nid = \"q\"\ntitle = \"Q\"\nattempts = \"x\"\n+++\n",
        "q.md",
    )
    .unwrap_err()
    .to_string();
    assert!(told.contains("q.md:4:12:"), "{told}");
    let told = parse("+++\ntitle = \"Q\"\n", "q.md")
        .unwrap_err()
        .to_string();
    assert!(told.contains("never closed"), "{told}");
}

#[test]
fn answers() {
    check(
        "## A {#a}\n\nText\n",
        &["q.md:5:1: the question has no answers", "- (x)"],
    );
    check(
        "## A {#a}\n\nText\n\n- ( ) a\n- ( ) b\n",
        &["question `a`: no answer is right"],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) a\n- [ ] b\n",
        &["q.md:9:1: options `( )` and `[ ]`"],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) a\n  > yes\n  no\n",
        &["q.md:11:3: text after feedback"],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) a\nmore\n",
        &["q.md:10:1: text after the answers"],
    );
    check(
        "## A {#a}\nkind: ordering\n\nText\n\n1. a\n2. b\n+ a\n",
        &["q.md:12:1: question `a`, item 3: the distractor is the same as one of the items"],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) a\nfeedbck: no\n",
        &["q.md:10:1: there is no keyword `feedbck`"],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) a\nhnt: no\n",
        &[
            "q.md:10:1: the line looks like the keyword `hint:`",
            "did you mean `hint: no`?",
        ],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) {weigth=2} a\n",
        &["q.md:9:7: `weigth=` is not known here", "weight=…"],
    );
    check(
        "## A {#a}\n\nText\n\n- [x] {weight=2} a\n",
        &["q.md:9:1: question `a`, option a: the score 2"],
    );
    check(
        "## A {#a}\n\nText\n\n= {regex} (\n",
        &["question `a`", "unclosed group"],
    );
}

#[test]
fn values() {
    check(
        "## A {#a}\nkind: numeric\n\nText\n\n= three\n",
        &["q.md:10:3: `three` is no number"],
    );
    check(
        "## A {#a}\nkind: chioce\n\nText\n\n= three\n",
        &["q.md:6:1: there is no kind `chioce`", "short-answer"],
    );
    check(
        "## A {#a}\npoints: two\n\nText\n\n= a\n",
        &["q.md:6:9: `two` is no number"],
    );
    check(
        "## A {#a}\n\nText\n\n= a\nscoring: positions\n",
        &["q.md:10:1: `scoring:` has no meaning here"],
    );
    check(
        "## A {#a}\nkind: ordering\n\nText\n\n1. a\n",
        &["1 item where at least 2 are needed"],
    );
    check(
        "## A {#a}\n\n```\nText\n\n= a\n",
        &["q.md:7:1: the code block is never closed"],
    );
}

#[test]
fn blanks_and_variables() {
    check(
        "## A {#a}\n\nA [[x]] and [[y]].\n\nblank x:\n  = a\nblank z:\n  = b\n",
        &["q.md:11:1: question `a`, blank z: the blank stands 0 times"],
    );
    check(
        "## A {#a}\n\nA [[= x and y.\n\nblank x:\n  = a\n",
        &["q.md:7:3: a blank `[[=` in the text is never closed"],
    );
    check(
        "## A {#a}\nkind: numeric\nvariable x: 1 .. 3\n\n{{x}}?\n\n= {{x + y}}\n",
        &["q.md:11:9: question `a`, answer 1: `x + y`: there is no variable `y`"],
    );
    check(
        "## A {#a}\nvariable x: 1 to 3\n\n{{x}}?\n\n= {{x}}\n",
        &["q.md:6:13: `1 to 3` is no source of values"],
    );
    check(
        "## A {#a}\nvariable x: 1 .. 3\nwhere: x > 4\n\n{{x}}?\n\n= {{x}}\n",
        &["q.md:7:1: question `a`, where 1: ", "meet its conditions"],
    );
    check(
        "## A {#a}\nvariable x: = 1 +\n\n{{x}}?\n\n= {{x}}\n",
        &["q.md:6:18: question `a`, variable x: `1 +`"],
    );
}

/// Values that are out of range are told where they stand.
#[test]
fn values_of_the_front_matter() {
    for (line, expected) in [
        ("penalty = 3", "q.md:4:11: the penalty is 3"),
        ("pass   =   2", "q.md:4:12: `pass` is no share"),
        ("attempts = 0", "q.md:4:12: `attempts` is 0"),
        ("tries = 0", "q.md:4:9: `tries` is 0"),
        (
            "time_limit_seconds = 0",
            "q.md:4:22: `time_limit_seconds` is 0",
        ),
        ("attempts = -1", "q.md:4:12: the front matter: "),
    ] {
        let file =
            format!("+++\nid = \"q\"\ntitle = \"Q\"\n{line}\n+++\n## A {{#a}}\n\nText\n\n= a\n");
        let told = parse(&file, "q.md").unwrap_err().to_string();
        assert!(told.contains(expected), "{expected} is not in:\n{told}");
        assert_eq!(told.matches("q.md:").count(), 1, "{told}");
    }
    let told = parse("+++\ntitle = \"Q\"\nid = \"a b\"\n+++\n", "q.md").unwrap_err();
    assert!(
        told.to_string()
            .starts_with("q.md:3:6: `a b` is no id of a quiz"),
        "{told}"
    );
}

/// Parts of answers are told where they stand, not at the heading of their question.
#[test]
fn values_of_answers() {
    for (body, expected) in [
        (
            "## A {#a}\npoints: -1\n\nText\n\n= a\n",
            "q.md:6:9: question `a`, points: ",
        ),
        (
            "## A {#a}\npenalty: 2\n\nText\n\n= a\n",
            "q.md:6:10: question `a`, penalty: ",
        ),
        (
            "## A {#a}\ntries: 0\n\nText\n\n= a\n",
            "q.md:6:8: question `a`, tries: ",
        ),
        (
            "## A {#a}\n\nText\n\n- [x] a\n- [x] b\nchoose: 1..1\n",
            "q.md:11:9: question `a`, choose: ",
        ),
        (
            "## A {#a}\n\nText\n\n- [x] a\nscoring: weights 1 .. 0\n",
            "q.md:10:10: question `a`, scoring: the bounds",
        ),
        (
            "## A {#a}\nkind: numeric\n\nText\n\n= 1\nunit: m\nunit: cm = 0\n",
            "q.md:12:7: question `a`, unit 2: ",
        ),
        (
            "## A {#a}\nkind: numeric\n\nText\n\n= 1\nunit: m\nunits: penalty 2\n",
            "q.md:12:8: question `a`, units: ",
        ),
        (
            "## A {#a}\nkind: numeric\n\nText\n\n= 2 .. 1\n",
            "q.md:10:1: question `a`, answer 1: the range",
        ),
        (
            "## A {#a}\n\nIs [[x]].\n\nblank x:\n  - (x) {weight=3} a\n",
            "q.md:10:3: question `a`, blank x option a: the score 3",
        ),
        (
            "## A {#a}\n\nIs [[x]].\n\nblank x:\n  = a\n  = {score=3} b\n",
            "q.md:11:3: question `a`, blank x answer 2: the score 3",
        ),
        (
            "## A {#a}\n\nIs [[# x]].\n",
            "q.md:7:4: the blank `[[# x]]` cannot be read",
        ),
        ("## A {#a}\n\nIs [[# x]].\n", "a text `[[= x]]`"),
        (
            "## A {#a}\nkind: tracing\nenvironment: a b\n\nWhat?\n\n```py source\nx\n```\n\n```output\n1\n```\n",
            "q.md:7:14: question `a`, environment: ",
        ),
        (
            "## A {#a}\nkind: ordering\n\nSort.\n\n1. a\n   > no\n2. b\n  > yes\n",
            "q.md:13:3: feedback has no place below this line",
        ),
        (
            "## A {#a}\nkind: ordering\n\nSort.\n\n1. a\n2. b\n  > yes\n",
            "write `general: …` below the items",
        ),
        (
            "## A {#a}\nkind: numeric\n\nText\n\n= [1.25, 1.26]\n",
            "write a range as `1.25 .. 1.26`",
        ),
    ] {
        check(body, &[expected]);
    }
}

#[test]
fn weights_of_pairs() {
    for (body, expected) in [
        (
            "## A {#a}\nkind: matching\n\nText\n\n- {weight=1e-300} a => b\n- c => d\n\nscoring: weights\npairs: 1e20\n",
            "question `a`, item 1: ",
        ),
        (
            "## A {#a}\nkind: matching\n\nText\n\n- a => b\n- c => d\n\nscoring: weights\npairs: 1e20\n",
            "question `a`, pairs: 100000000000000000000 is no possible weight",
        ),
    ] {
        check(body, &[expected]);
    }
}

/// What other notations write is told line by line, with how it is written here.
#[test]
fn other_notations_are_known() {
    check(
        "Quiz title: Addition\n\nPoints: 2\n1.  What is 2+3?\n... General.\n+   Right.\n-   Wrong.\na)  6\n... No.\n*c) 5\n",
        &[
            "q.md:5:1: the file has no question: here this is written in another way\n  hint: write `title = \"…\"`",
            "q.md:7:1: here this",
            "q.md:8:1: here this is written in another way\n  hint: a question begins with a heading",
            "q.md:9:1: here this is written in another way\n  hint: write feedback for every answer",
            "q.md:10:1: here this is written in another way\n  hint: write feedback for a right answer",
            "q.md:11:1: here this is written in another way\n  hint: write feedback for a wrong answer",
            "q.md:12:1: here this is written in another way\n  hint: write options as",
            "q.md:13:1: here",
            "q.md:14:1: the line looks like an option, and is text\n  hint: did you mean `- (x) 5`?",
        ],
    );
    check(
        "## A {#a}\n\nWhat is 2+3?\n\n- (x) 5\n... Right.\n",
        &[
            "q.md:10:1: here this is written in another way\n  hint: write feedback for every answer as `general: …`",
        ],
    );
    check(
        "## A {#a}\n\nWhat is 2+3?\n\n- (x) 5\n+ Right.\n",
        &["q.md:10:1: a line `+` has no meaning here", "`correct: …`"],
    );
    let file = format!("{HEAD}Bring\n\n* a pen\n* paper\n");
    assert!(
        parse(&file, "q.md").is_ok(),
        "a list in an introduction is no question"
    );
}

#[test]
fn all_problems_are_told_at_once() {
    let found = problems(
        "## A {#a}\npoints: two\n\nText\n\n- ( ) a\n\n## B {#b}\n\nText\n\n- (x) {x=1} a\nfoo bar\n",
    );
    assert_eq!(found.matches("q.md:").count(), 3, "{found}");
}

/// A keyword with a slip would be shown to learners as text.
#[test]
fn mistyped_keywords_are_no_text() {
    for (line, meant) in [
        ("shufle: no", "shuffle: no"),
        ("pionts: 2", "points: 2"),
        ("Points: 2", "points: 2"),
        ("points:2", "points: 2"),
        ("variable: 1 .. 2", "variable name: 1 .. 2"),
    ] {
        let told = [
            "q.md:6:1: the line looks like the keyword `",
            &format!("did you mean `{meant}`?"),
        ];
        check(&format!("## A {{#a}}\n{line}\n\nText\n\n- (x) a\n"), &told);
    }
    check(
        "## A {#a}\nkind: essay\n\nDescribe.\n\nformt: plain\nlines: 12\n",
        &[
            "q.md:10:1: the line looks like the keyword `format:`",
            "`\\formt: plain`",
            "q.md:11:1: `lines:` is part of the text above it\n  hint: leave an empty line above it",
        ],
    );
    check(
        "## A {#a}\npionts: 2\ntags: a\n\nText\n\n= a\n",
        &["q.md:6:1: the line looks like the keyword `points:`"],
    );
    check(
        "## A {#a}\nText\npoints: 2\n\n= a\n",
        &["q.md:7:1: `points:` is part of the text above it"],
    );
}

#[test]
fn text_that_looks_like_a_keyword_can_be_written() {
    for (lines, text) in [
        ("Note: read carefully", "Note: read carefully"),
        ("\\shufle: no", "shufle: no"),
        ("\nPoints: 2", "Points: 2"),
        ("Text\n\\points: 2", "Text\npoints: 2"),
        ("\\- [*] a\n\\##b", "- [*] a\n##b"),
        (
            "```\nshufle: no\n- [*] a\n```",
            "```\nshufle: no\n- [*] a\n```",
        ),
    ] {
        let file = format!("{HEAD}## A {{#a}}\n{lines}\n\n= a\n");
        let quiz = parse(&file, "q.md").unwrap_or_else(|problems| panic!("{problems}"));
        let question = quiz.question("a").unwrap();
        assert_eq!(question.text.source, text);
        let again = parse(&write(&quiz), "q.md").unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(again, quiz);
    }
}

#[test]
fn lines_that_look_like_options_or_headings_are_no_text() {
    check(
        "## A {#a}\n\nText\n\n- [*] a\n- [ ] b\n",
        &[
            "q.md:9:1: the line looks like an option, and is text",
            "did you mean `- [x] a`?",
        ],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) a\n* ( ) b\n",
        &[
            "q.md:10:1: the line looks like an option, and cannot be read\n  hint: did you mean `- ( ) b`?",
        ],
    );
    check(
        "## A {#a}\n\nText\n\n- (x) a\n> fine\n",
        &["q.md:10:1: feedback that belongs to no answer", "`  > …`"],
    );
    check(
        "## A {#a}\nkind: description\n\nText\n\n##B {#b}\n\nText\n",
        &[
            "q.md:10:1: the line looks like the heading of a question",
            "`## B {#b}`",
        ],
    );
    check(
        "Which?\n\n- (x) a\n\n## A {#a}\n\nText\n\n= a\n",
        &["q.md:7:1: `- (x) a` stands before the first question"],
    );
}

#[test]
fn double_brackets_are_blanks_or_told_of() {
    check(
        "## A {#a}\n\nThe [[= Seine]]\nand [[Paris]].\n",
        &[
            "q.md:8:5: `[[Paris]]` is no blank, and is shown as it stands",
            "write `[[= Paris]]`",
            "`blank Paris:`",
        ],
    );
    check(
        "## A {#a}\n\nThe [[=Seine]].\n",
        &["q.md:7:5: `[[=Seine]]` is no blank", "`[[= Seine]]`"],
    );
    check(
        "## A {#a}\n\nIt is [[= a]] or [[? x | ]].\n",
        &["q.md:7:18: the blank `[[? x | ]]` cannot be read"],
    );
    let file = format!("{HEAD}## A {{#a}}\n\n`x[[0]]`, \\[[Paris]], [[= a]]\n");
    let quiz = parse(&file, "q.md").unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        quiz.question("a").unwrap().text.source,
        "`x[[0]]`, \\[[Paris]], [[1]]"
    );
}

/// What is published stays readable: slips are told, and the quiz is there.
#[test]
fn a_slip_can_be_read() {
    let file = format!("{HEAD}## A {{#a}}\npionts: 2\n\n= a\n");
    let parsed = parse_with_places(&file, "q.md").unwrap();
    assert_eq!(parsed.quiz.question("a").unwrap().text.source, "pionts: 2");
    assert_eq!(parsed.slips.list().len(), 1);
    assert_eq!(parse(&file, "q.md").unwrap_err(), parsed.slips);
}
