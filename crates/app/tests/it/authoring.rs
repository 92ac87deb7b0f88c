//! Beginning a course, and keeping its quizzes in form.

use crate::test::{Test, sandboxes_work};

#[test]
fn a_new_course_passes_its_check_at_once() {
    let begun = Test::new(&["course", "new", "My_Course", "--environment", "host"])
        .stdout("carrel course check My_Course")
        .run();
    let course = begun.read("My_Course/course.toml");
    assert!(
        course.contains("id = \"my-course\"\ntitle = \"My Course\""),
        "{course}"
    );
    let begun = begun
        .then(&["course", "format", "--check", "My_Course"])
        .run();
    if !std::path::Path::new("/usr/bin/python3").exists() {
        println!("SKIP: its programs are in Python, and this host has none");
        return;
    }
    if sandboxes_work() {
        begun
            .then(&["course", "check", "My_Course", "--allow-unrepeatable"])
            .stdout("as declared")
            .run();
    }
}

#[test]
fn a_new_course_takes_no_environment_that_nobody_knows() {
    let refused = Test::new(&["course", "new", "c", "--environment", "pyhton"])
        .status(2)
        .stderr("there is no environment `pyhton`")
        .stderr("hint: known are bash, c, cpp, go, host, java,")
        .stderr("carrel env build DIRECTORY")
        .run();
    assert!(!refused.has("c"));
    assert!(!refused.has(".state"), "looking makes nothing");
}

#[test]
fn a_new_course_takes_no_directory_that_is_in_use() {
    let refused = Test::new(&["course", "new", "thesis"])
        .file("thesis/thesis.tex", "x")
        .status(2)
        .stderr("`thesis` is not empty")
        .run();
    assert_eq!(refused.list("thesis"), ["thesis.tex"]);
    let refused = refused
        .then(&["course", "new", "new", "--id", "No Id"])
        .status(2)
        .stderr("`No Id` is no id")
        .run();
    assert!(!refused.has("new"));
    let named = refused
        .then(&["course", "new", "a/b", "--title", "Say \"hi\"", "--id", "c"])
        .stdout("carrel env build python")
        .run();
    let course = named.read("a/b/course.toml");
    assert!(
        course.contains("id = \"c\"\ntitle = 'Say \"hi\"'"),
        "{course}"
    );
    let nameless = named
        .then(&["course", "new", "日本"])
        .stdout("its id is `course`")
        .stdout("`--id` gives another")
        .run();
    nameless
        .then(&["course", "new", "a/b/.."])
        .status(2)
        .stderr("is not empty")
        .run();
}

#[test]
fn a_course_begun_where_one_is_has_the_name_of_that_directory() {
    let begun = Test::new(&["course", "new", "."]).absent("--id").run();
    let name = begun.directory.path().file_name().unwrap();
    let name = name.to_str().unwrap().trim_start_matches('.');
    let id = format!("id = \"{}\"", name.to_lowercase());
    let course = begun.read("course.toml");
    assert!(course.contains(&id), "{id}: {course}");
}

const UNTIDY: &str =
    "+++\ntitle=\"Q\"\nid = 'q'\nattempts = 2\n+++\n## One {#one}\nWhat?\n\n= yes\npoints: 2\n";

#[test]
fn formatting_is_done_once_and_checked_without_changing() {
    let world = |arguments: &[&str]| {
        Test::new(arguments)
            .file("c/q.quiz.md", UNTIDY)
            .file("c/other.md", "left alone")
    };
    let checked = world(&["course", "format", "--check", "c"])
        .status(1)
        .stdout("would be formatted: c/q.quiz.md")
        .run();
    assert_eq!(checked.read("c/q.quiz.md"), UNTIDY);
    let formatted = checked
        .then(&["course", "format", "c"])
        .stdout("formatted: c/q.quiz.md")
        .run();
    let text = formatted.read("c/q.quiz.md");
    assert!(
        text.starts_with(
            "+++\ntitle=\"Q\"\nid = 'q'\nattempts = 2\n+++\n\n## One {#one}\npoints: 2\n"
        ),
        "{text}"
    );
    assert_eq!(formatted.list("c"), ["other.md", "q.quiz.md"]);
    let again = formatted
        .then(&["course", "format", "c/q.quiz.md", "c"])
        .stderr("1 of 1 file was formatted already")
        .absent("formatted: ")
        .run();
    assert_eq!(again.read("c/q.quiz.md"), text);
    again.then(&["course", "format", "--check", "c"]).run();
}

#[test]
fn where_one_quiz_has_problems_none_is_changed() {
    let told = Test::new(&["course", "format", "a.quiz.md", "b.quiz.md"])
        .file("a.quiz.md", UNTIDY)
        .file(
            "b.quiz.md",
            "+++\nid = \"b\"\ntitle = \"B\"\n+++\n\n## No id\n\nWhat?\n\n= x\n",
        )
        .status(3)
        .stderr("b.quiz.md:6:1: the question has no id")
        .stderr("no file was changed")
        .run();
    assert_eq!(told.read("a.quiz.md"), UNTIDY);
    told.then(&["course", "format", "notes.md"])
        .file("notes.md", "x")
        .status(2)
        .stderr("`notes.md` is no quiz")
        .run()
        .then(&["course", "format", "nothing.md"])
        .status(2)
        .stderr("`nothing.md` does not exist")
        .run();
}
