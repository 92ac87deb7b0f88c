//! Courses with lessons and quizzes, as their authors work on them.

use crate::schema;
use crate::test::{Test, sandboxes_work};

const COURSE: &str = r#"
id = "c"
title = "C"

[[units]]
id = "one"
title = "One"
activities = ["hello.md", "what.quiz.md"]
"#;

const LESSON: &str = "+++\nid = \"hello\"\ntitle = \"Hello\"\n+++\n\n# Hello\n\nSee [the quiz](what.quiz.md) and [above](#hello).\n";

const QUIZ: &str = r#"+++
id = "what"
title = "What does it do?"
+++

## Two lines {#lines}
kind: tracing
environment: host

What does it print when it reads 2?

```bash source
read -r n
echo "$n"
echo $((n + 1))
```

```stdin
2
```

```output
2
3
```

## An end {#end}
kind: tracing
environment: host

What happens?

```bash source
echo begin
exit 3
```

outcome: runtime error

```output
begin
```
"#;

fn world(arguments: &[&str]) -> Test {
    Test::new(arguments)
        .file("c/course.toml", COURSE)
        .file("c/hello.md", LESSON)
        .file("c/what.quiz.md", QUIZ)
}

#[test]
fn programs_of_tracing_questions_are_run_and_compared() {
    if !sandboxes_work() {
        return;
    }
    let ended = world(&["course", "check", "c", "--allow-unrepeatable", "--json"]).run();
    let report = schema::assert_fits(&ended, "course-check");
    assert_eq!(report["as_declared"], true, "{report:#}");
    assert_eq!(report["questions"], 2);
    assert_eq!(report["traced"].as_array().unwrap().len(), 2);
}

#[test]
fn a_tracing_question_with_another_answer_than_its_program_gives_is_refused() {
    if !sandboxes_work() {
        return;
    }
    world(&["course", "check", "c", "--allow-unrepeatable"])
        .file("c/what.quiz.md", &QUIZ.replace("2\n3\n", "2\n4\n"))
        .status(1)
        .stdout("DIFF  what lines: does something else than its answer says")
        .stdout("the program prints:\n        2\n        3\n")
        .stdout("the answer says: it prints:\n        2\n        4\n")
        .stdout("the course is refused")
        .run();
    world(&["course", "check", "c", "--allow-unrepeatable"])
        .file("c/what.quiz.md", &QUIZ.replace("exit 3", "exit 0"))
        .status(1)
        .stdout("DIFF  what end")
        .stdout("it ends with an error, having printed:\n        begin\n")
        .run();
    world(&["course", "check", "c", "--allow-unrepeatable"])
        .file(
            "c/what.quiz.md",
            &QUIZ.replace("echo begin", "echo $RANDOM$RANDOM"),
        )
        .status(1)
        .stdout("the program does not do the same every time")
        .run();
}

#[test]
fn links_that_lead_nowhere_are_told_with_their_place() {
    world(&["course", "check", "c"])
        .file("c/hello.md", &LESSON.replace("#hello", "#nothing"))
        .status(3)
        .stderr("hello.md:8:34: the text has no heading `#nothing`")
        .run();
}

#[test]
fn a_project_is_counted_and_its_environment_has_to_be_there() {
    if !sandboxes_work() {
        return;
    }
    let project = |environment: &str| {
        let course = COURSE.replace(r#"["hello.md", "what.quiz.md"]"#, r#"["page"]"#);
        let text = format!("id = 'page'\ntitle = 'Page'\nenvironment = '{environment}'\n");
        Test::new(&["course", "check", "c", "--allow-unrepeatable", "--json"])
            .file("c/course.toml", &course)
            .file("c/page/project.toml", &text)
            .file("c/page/instructions.md", "Make it.\n")
            .file("c/page/files/a.html", "<p>\n")
    };
    let report = schema::assert_fits(&project("host").run(), "course-check");
    assert_eq!(report["as_declared"], true, "{report:#}");
    assert_eq!(report["projects"], 1);
    project("nowhere")
        .status(5)
        .stderr("there is no environment `nowhere`")
        .run();
}
