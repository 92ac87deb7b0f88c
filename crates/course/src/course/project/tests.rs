//! Projects read, with everything that can be wrong with one.

use std::os::unix::fs::symlink;

use proptest::prelude::*;

use super::*;
use crate::course::load;

const WHOLE: &str = "id = 'page'
title = 'A page'
summary = 'One page.'
minutes = 40
environment = 'python'
open = ['index.html']
[[stages]]
id = 'text'
title = 'With text'
[[stages]]
id = 'style'
files = 'later/style'
";
const LISTED: &str = "id='c'\ntitle='C'\n[[units]]\nid='u'\ntitle='U'\nactivities=['page']\n";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A course with a lesson `a.md` and the project `page`.
fn write_course(root: &Path) {
    write(root, "course.toml", LISTED);
    write(root, "page/project.toml", WHOLE);
    write(
        root,
        "page/instructions.md",
        "\n# A page\n\nWrite it.\n\n## How\n",
    );
    write(root, "page/files/index.html", "<p>");
    write(root, "page/files/css/style.css", "p {}");
    write(root, "page/stages/01-text/index.html", "<p>text");
    write(root, "page/later/style/index.html", "<p>style");
}

/// What is told of the course after a change, with paths below it.
fn told(change: impl FnOnce(&Path)) -> String {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("course");
    write_course(&root);
    change(&root);
    let problems = match load(&root) {
        Ok(course) => super::super::check_texts(&course),
        Err(problems) => problems,
    };
    let shown = format!("{}/", root.display());
    problems.to_string().replace(&shown, "")
}

fn edited(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from}");
    told(|root| write(root, "page/project.toml", &WHOLE.replacen(from, to, 1)))
}

#[test]
fn a_project_is_read_with_its_files_and_stages() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write_course(root);
    let course = load(root).unwrap_or_else(|problems| panic!("{problems}"));
    let project = course.project("page").unwrap();
    assert_eq!(project.title, "A page");
    assert_eq!(course.title_of("page"), Some("A page"));
    assert_eq!(project.summary.as_deref(), Some("One page."));
    assert_eq!((project.minutes, project.path.as_str()), (Some(40), "page"));
    assert_eq!(project.environment, "python");
    assert_eq!(project.open, ["index.html"]);
    let paths: Vec<&String> = project.files.keys().collect();
    assert_eq!(paths, ["css/style.css", "index.html"]);
    let instructions = &project.instructions;
    assert_eq!(instructions.path, "page/instructions.md");
    assert_eq!(instructions.markdown, "\nWrite it.\n\n## How\n");
    assert_eq!(instructions.first_line, 3);
    let stages: Vec<(&str, &str)> = project
        .stages
        .iter()
        .map(|stage| (stage.id.as_str(), stage.title.as_str()))
        .collect();
    assert_eq!(stages, [("text", "With text"), ("style", "style")]);
    let of_style = &project.stages[1].files["index.html"];
    assert!(of_style.ends_with("later/style/index.html"));
    let (_, activity) = course.activity("page").unwrap();
    assert_eq!(activity.kind.name(), "project");
    assert!(activity.weight().abs() < f64::EPSILON);
    assert_eq!(told(|_| ()), "");
}

#[test]
fn every_problem_of_its_file_is_told_with_place_and_way_out() {
    for (from, to, expected) in [
        (
            "title = 'A page'",
            "titel = 'A page'",
            "page/project.toml:2:1: unknown key `titel`\n  hint: did you mean `title`?",
        ),
        (
            "id = 'page'",
            "id = 'Page 1'",
            "page/project.toml:1:6: `Page 1` is not an id",
        ),
        (
            "id = 'page'\n",
            "",
            "page/project.toml:1:1: `id` is missing",
        ),
        (
            "title = 'A page'",
            "title = ' '",
            "page/project.toml:2:9: `title` is empty",
        ),
        (
            "environment = 'python'\n",
            "",
            "`environment` is missing\n  hint: the environment that its programs are meant for",
        ),
        (
            "environment = 'python'",
            "environment = 'Python 3'",
            "page/project.toml:5:15: `Python 3` is not an id",
        ),
        (
            "minutes = 40",
            "minutes = 0",
            "page/project.toml:4:11: `minutes` is 0\n  hint: the minutes that the project takes, 1 to 1000",
        ),
        (
            "open = ['index.html']",
            "open = ['indx.html']",
            "page/project.toml:6:9: `indx.html` is none of the files to begin with\n  hint: did you mean `index.html`?",
        ),
        (
            "open = ['index.html']",
            "open = ['index.html', 'index.html']",
            "page/project.toml:6:23: `index.html` is opened twice",
        ),
    ] {
        let told = edited(from, to);
        assert!(told.contains(expected), "{to}: {expected} not in:\n{told}");
    }
}

#[test]
fn every_problem_of_its_directories_is_told_with_place_and_way_out() {
    for (from, to, expected) in [
        (
            "open = ['index.html']",
            "files = 'fils'",
            "page/project.toml:6:9: the directory `fils` does not exist\n  hint: create it, or correct the path (relative to the project directory)",
        ),
        (
            "open = ['index.html']",
            "files = 'instructions.md'",
            "`instructions.md` is a file, and no directory of files",
        ),
        (
            "open = ['index.html']",
            "files = '../page'",
            "path `../page` has a part `..`",
        ),
        (
            "open = ['index.html']",
            "files = '/etc'",
            "path `/etc` is absolute",
        ),
        (
            "open = ['index.html']",
            "instructions = 'instruction.md'",
            "page/project.toml:6:16: file `instruction.md` does not exist\n  hint: did you mean `instructions.md`?",
        ),
        (
            "files = 'later/style'",
            "files = 'files/css'",
            "of the directories `files` and `files/css` one lies in the other",
        ),
        (
            "files = 'later/style'",
            "files = 'stages/01-text'",
            "the directory `stages/01-text` is named twice",
        ),
        (
            "files = 'later/style'",
            "",
            "page/project.toml:10:1: the directory `stages/style` does not exist",
        ),
    ] {
        let told = edited(from, to);
        assert!(told.contains(expected), "{to}: {expected} not in:\n{told}");
    }
}

#[test]
fn every_problem_of_its_stages_is_told_with_place_and_way_out() {
    for (from, to, expected) in [
        (
            "id = 'style'",
            "id = 'text'",
            "page/project.toml:11:6: two stages have the id `text`",
        ),
        (
            "id = 'style'",
            "id = 'The style'",
            "`The style` is not an id",
        ),
        (
            "id = 'style'\n",
            "",
            "page/project.toml:10:1: `id` is missing",
        ),
        (
            "title = 'With text'",
            "title = ''",
            "page/project.toml:9:9: `title` is empty",
        ),
        (
            "title = 'With text'",
            "requires = []",
            "unknown key `requires`",
        ),
    ] {
        let told = edited(from, to);
        assert!(told.contains(expected), "{to}: {expected} not in:\n{told}");
    }
}

#[test]
fn what_is_larger_than_a_project_may_be_is_told() {
    let stages: String = (0..=STAGES_MAX)
        .map(|number| format!("[[stages]]\nid = 's{number}'\n"))
        .collect();
    let (head, _) = WHOLE.split_once("[[stages]]").unwrap();
    let many = told(|root| write(root, "page/project.toml", &format!("{head}{stages}")));
    assert!(many.contains("more than 50 stages"), "{many}");
    let many = told(|root| {
        for number in 0..PROJECT_FILES_MAX {
            write(root, &format!("page/files/{number}.txt"), "");
        }
    });
    assert!(many.contains("`files` holds more than 500 files"), "{many}");
    let large = told(|root| {
        let full = root.join("page/stages/01-text/large");
        let file = std::fs::File::create(full).unwrap();
        file.set_len(PROJECT_BYTES_MAX).unwrap();
    });
    let expected = "page/project.toml:7:1: `stages/01-text` holds more than 8388608 bytes";
    assert!(large.contains(expected), "{large}");
}

#[test]
fn only_files_inside_count_and_something_has_to_be_there() {
    let told = |change: fn(&Path)| told(change);
    let out = told(|root| {
        write(root, "secret", "s");
        symlink("../../secret", root.join("page/files/out")).unwrap();
    });
    let expected = "page/files/out: is a link that leads out of the project directory";
    assert!(out.contains(expected), "{out}");
    let socket = told(|root| {
        let path = root.join("page/files/socket");
        std::os::unix::net::UnixListener::bind(path).unwrap();
    });
    assert!(
        socket.contains("page/files/socket: is neither a file nor a directory"),
        "{socket}"
    );
    let name = told(|root| write(root, "page/files/a\\b", ""));
    assert!(name.contains("has a name that has a backslash"), "{name}");
    let empty = told(|root| {
        std::fs::remove_dir_all(root.join("page/files")).unwrap();
        std::fs::create_dir_all(root.join("page/files/css")).unwrap();
    });
    assert!(
        empty.contains("page/project.toml:1:1: the directory `files` holds no file"),
        "{empty}"
    );
    let silent = told(|root| write(root, "page/instructions.md", "\n"));
    assert!(
        silent.contains("page/instructions.md: is empty"),
        "{silent}"
    );
}

#[test]
fn links_images_and_anchors_are_followed_there_and_back() {
    let told = |text: &str, lesson: &str| {
        told(|root| {
            write(root, "page/instructions.md", text);
            let lesson = format!("+++\nid='a'\ntitle='A'\n+++\n# Top\n{lesson}");
            write(root, "a.md", &lesson);
            let listed = LISTED.replace("['page']", "['a.md', 'page']");
            write(root, "course.toml", &listed);
        })
    };
    let right = "# A page\n## How\n[a](../a.md#top) [b](#how) [c](files/css/style.css)\n";
    let back = "[a](page) [b](page#how) [c](page/instructions.md#how)\n";
    assert_eq!(told(right, back), "");
    for (text, lesson, expected) in [
        (
            "# A page\n\n[a](../b.md)\n",
            "",
            "page/instructions.md:3:1: `b.md` does not exist\n  hint: did you mean `a.md`?",
        ),
        (
            "![a](files/css/style.css)\n",
            "",
            "page/instructions.md:1:1: `page/files/css/style.css` is no image",
        ),
        (
            "# A page\n[a](#a-page)\n",
            "",
            "page/instructions.md:2:1: the text has no heading `#a-page`",
        ),
        (
            "## How\n",
            "[a](page#who)\n",
            "a.md:6:1: `page/instructions.md` has no heading `#who`\n  hint: did you mean `how`?",
        ),
        ("## How\n", "[a](page/files)\n", "no challenge or project"),
    ] {
        let told = told(text, lesson);
        assert!(told.contains(expected), "{expected} not in:\n{told}");
    }
}

#[test]
fn it_is_an_activity_among_the_others() {
    let course = |text: &str| told(|root| write(root, "course.toml", text));
    let forgotten = course("id='c'\ntitle='C'\n[[units]]\nid='u'\ntitle='U'\nactivities=[]\n");
    assert_eq!(
        forgotten,
        "page: holds a project that no unit lists\n  hint: list it in a unit of course.toml, or in `drafts`"
    );
    let draft = "id='c'\ntitle='C'\ndrafts=['page']\n[[units]]\nid='u'\ntitle='U'\n";
    assert_eq!(course(draft), "");
    for (from, to, expected) in [
        (
            "['page']",
            "[{ path='page', points=2 }]",
            "`points` of a project, which has no score",
        ),
        (
            "['page']",
            "['page', 'page']",
            "project `page` is listed twice",
        ),
        ("id='u'", "id='page'", "the unit has the id `page` of `"),
        (
            "[[units]]",
            "retired=['page']\n[[units]]",
            "the id `page` is retired, but `",
        ),
        (
            "title='U'",
            "title='U'\nrequires=['page']",
            "`u` requires `page`, which does not end before it",
        ),
    ] {
        let told = course(&LISTED.replacen(from, to, 1));
        assert!(told.contains(expected), "{expected} not in:\n{told}");
    }
    let both = told(|root| write(root, "page/challenge.toml", ""));
    assert!(
        both.contains("`page` holds both `challenge.toml` and `project.toml`"),
        "{both}"
    );
    // What lies in a project belongs to it.
    let inner = told(|root| write(root, "page/files/a.quiz.md", "no quiz"));
    assert_eq!(inner, "");
}

proptest! {
    /// Whatever `project.toml` holds: a project whose files are there, or problems.
    #[test]
    fn fuzz_project(text in carrel_fuzz::damaged_text(&[WHOLE], &["[[stages]]\n", "files='.'\n", "'../x'", "open=['css']\n", "id='text'\n", "\u{0}"])) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        write_course(root);
        write(root, "page/project.toml", &text);
        let mut problems = Problems::new();
        match read(&root.join("page"), "page", &mut problems) {
            None => prop_assert!(!problems.is_empty()),
            Some(project) => {
                prop_assert!(problems.is_empty());
                prop_assert!(!project.files.is_empty());
                prop_assert!(project.open.iter().all(|path| project.files.contains_key(path)));
                prop_assert!(project.stages.iter().all(|stage| !stage.files.is_empty()));
            }
        }
    }
}
