//! Files that were made to confuse or to exhaust whoever reads them.

use carrel_quiz::notation::{parse, parse_with_places};

use crate::problems::{HEAD, check, problems};

/// Found by files that were made to confuse: what is told of each.
#[test]
fn odd_files() {
    for (body, expected) in [
        (
            "## A {#my id}\n\nT\n\n= a\n",
            "q.md:5:6: `id` has no meaning here\n  hint: an id is one word: write `{#my-id}`",
        ),
        (
            "## A {#a .x}\n\nT\n\n= a\n",
            "q.md:5:6: `.x` has no meaning here\n  hint: write `{#a}`",
        ),
        (
            "## A {#a\u{301}}\n\nT\n\n= a\n",
            "an accent that is a character of its own, U+0301",
        ),
        ("## A ##\n\nT\n\n= a\n", "hint: write `## A {#a}`"),
        (
            "#### A {#a}\n\nT\n\n= a\n",
            "q.md:5:1: the line looks like the heading of a question, and is text\n  hint: did you mean `## A {#a}`?",
        ),
        (
            "## A {#a}\n\nT\n\nkind: numeric\n\n= 1\n",
            "q.md:9:1: `kind:` stands below the text",
        ),
        (
            "## A {#a}\nkind: matching\n\nT\n\n- a → b\n- c -> d\n",
            "q.md:10:1: the line is text, and the question has no items\n  hint: write an item as `- item => target`",
        ),
        (
            "## A {#a}\nkind: ordering\n\nT\n\n1) a\n2) b\n",
            "q.md:11:1: the line is text, and the question has no items\n  hint: write an item as `1. first`",
        ),
        (
            "## A {#a}\n\nT\n\n- (x) ```\n  code\n- ( ) b\n",
            "q.md:9:7: the code block is never closed",
        ),
        (
            "## A {#a}\n\nT [[= x]]\n\n- (x) a\n- ( ) b\n",
            "q.md:7:3: the blank `[[= x]]` is shown as it stands",
        ),
        (
            "## A {#a}\nkind: numeric\n\nT\n\n= 1,5\n",
            "numbers here have a point, and nothing between groups of digits: `1.5` or `15`",
        ),
        (
            "## A {#a}\nkind: numeric\n\nT\n\n= 1 ... 2\n",
            "write a range as `1 .. 2`",
        ),
        ("## A {#a}\nkind: numeric\n\nT\n\n= 5 m\n", "`unit: m`"),
        (
            "## A {#a}\nkind: numeric\nvariable a: -2 .. 2\n\n{{1 / a}}\n\n= 1\n",
            "q.md:9:1: question `a`, text: evaluating `text`",
        ),
    ] {
        check(body, &[expected]);
    }
}

#[test]
fn odd_files_as_a_whole() {
    let told = problems("## A {#a}\n\n~~~\nText\n\n= a\n");
    assert_eq!(told.matches("q.md:").count(), 1, "{told}");
    let told = parse("+++\rid = \"q\"\r+++\r", "q.md")
        .unwrap_err()
        .to_string();
    assert!(told.contains("carriage returns only"), "{told}");
    let told = parse(
        "+++\nid = \"q\"\ntitle = \"Q\"\nshufle = true\ntime_limt_seconds = 3\nx = 1\n+++\n",
        "q.md",
    );
    let told = told.unwrap_err().to_string();
    for expected in [
        "q.md:4:1: the front matter: unknown field `shufle`\n  hint: did you mean `shuffle`?",
        "q.md:5:1: ",
        "q.md:6:1: ",
    ] {
        assert!(told.contains(expected), "{expected} is not in:\n{told}");
    }
    for body in [
        "## A {#a} ##\n\nT\n\n= a\n",
        "## A {#a}\nkind: tracing\n\nT\n\n~~~py source\nx\n~~~\n\n~~~output\n1\n~~~\n",
    ] {
        let read = parse(&format!("{HEAD}{body}"), "q.md");
        assert!(read.is_ok(), "{read:?}");
    }
}

/// A line of a megabyte, or thousands of parts, is refused or read while somebody waits.
#[test]
fn large_files_are_read_in_linear_time() {
    let many = 300_000;
    for body in [
        "[".repeat(many),
        "[[".repeat(many),
        "[[= a]] ".repeat(many / 4),
        format!("[[= a]] {}", "[[x]] ".repeat(many)),
        "{{".repeat(many),
        "`".repeat(many),
        "\\".repeat(many),
        format!("{}: x", "p".repeat(many)),
        "> ".repeat(many),
    ] {
        let file = format!("{HEAD}## A {{#a}}\n\n{body}\n\n= a\n");
        let read = parse_with_places(&file, "q.md");
        assert!(read.is_ok() || read.is_err());
    }
    let lines = ["- ( ) o\n", "- o => t\n", "hint: x\n", "+ x\n"];
    for line in lines {
        let file = format!(
            "{HEAD}## A {{#a}}\n\nT\n\n- (x) a\n{}",
            line.repeat(many / 10)
        );
        let told = parse(&file, "q.md").unwrap_err().to_string();
        assert!(
            told.contains("answers and keywords in one question"),
            "{told}"
        );
    }
}
