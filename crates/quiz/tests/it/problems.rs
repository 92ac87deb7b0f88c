//! What is wrong is told with its place and the way out.

use carrel_quiz::notation::{parse, parse_with_places, write};

const HEAD: &str = "+++\nid = \"q\"\ntitle = \"Q\"\n+++\n";

/// Reads a body whose first line is line 5; gives the problems as text.
fn problems(body: &str) -> String {
    match parse(&format!("{HEAD}{body}"), "q.md") {
        Ok(quiz) => panic!("no problem in {quiz:?}"),
        Err(problems) => problems.to_string(),
    }
}

#[track_caller]
fn check(body: &str, expected: &[&str]) {
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
        &["q.md:5:6: `b` is not known here"],
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
        &["q.md:5:1", "draws 2 of 1 questions"],
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
        &["1 items where at least 2 are needed"],
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
        &["there is no variable `y`"],
    );
    check(
        "## A {#a}\nvariable x: 1 to 3\n\n{{x}}?\n\n= {{x}}\n",
        &["q.md:6:13: `1 to 3` is no source of values"],
    );
    check(
        "## A {#a}\nvariable x: 1 .. 3\nwhere: x > 4\n\n{{x}}?\n\n= {{x}}\n",
        &["meet its conditions"],
    );
    check(
        "## A {#a}\nvariable x: = 1 +\n\n{{x}}?\n\n= {{x}}\n",
        &["q.md:6:1: question `a`, variable x: `1 +`"],
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
