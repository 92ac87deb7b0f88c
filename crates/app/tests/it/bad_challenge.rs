//! The author's files are wrong: exit code 3, with file and line.

use crate::test::Test;

#[test]
fn a_misspelt_key_is_told_with_file_line_and_the_nearest_key() {
    Test::new(&["check", "adding"])
        .file(
            "adding/challenge.toml",
            "id = \"adding\"\ntitel = \"Adding\"\nlanguage = \"python\"\n",
        )
        .status(3)
        .stderr("adding/challenge.toml:2:")
        .stderr("titel")
        .stderr("`title`")
        .run();
}

#[test]
fn toml_that_does_not_parse_is_told_with_its_line() {
    Test::new(&["check", "adding"])
        .file("adding/challenge.toml", "id = \"adding\"\ntitle = \n")
        .status(3)
        .stderr("adding/challenge.toml:2:")
        .run();
}

#[test]
fn a_directory_without_a_challenge_is_told() {
    Test::new(&["check", "empty"])
        .file("empty/notes.md", "")
        .status(3)
        .stderr("challenge.toml")
        .run();
}

#[test]
fn every_problem_of_a_course_is_told_at_once() {
    Test::new(&["course", "check", "."])
        .file("one/challenge.toml", "colour = 1\n")
        .file("two/challenge.toml", "[limits]\ncpu_ms = 0\n")
        .status(3)
        .stderr("one/challenge.toml:1:")
        .stderr("two/challenge.toml:2:")
        .run();
}
