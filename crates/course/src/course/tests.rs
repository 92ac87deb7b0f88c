//! Courses read as a whole.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::raw::CHALLENGE_FILE;

fn write_challenge(directory: &Path, id: &str) {
    std::fs::create_dir_all(directory.join("tests")).unwrap();
    std::fs::create_dir_all(directory.join("start")).unwrap();
    std::fs::create_dir_all(directory.join("solution")).unwrap();
    std::fs::write(directory.join("tests/test_a.py"), "").unwrap();
    std::fs::write(directory.join("start/a.py"), "").unwrap();
    std::fs::write(directory.join("solution/a.py"), "").unwrap();
    let text = format!("id = '{id}'\ntitle = 'T'\nlanguage = 'python'\n");
    std::fs::write(directory.join(CHALLENGE_FILE), text).unwrap();
}

#[test]
fn loads_units_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write_challenge(&root.join("b"), "b");
    write_challenge(&root.join("deep/a"), "a");
    write_challenge(&root.join("draft"), "draft");
    let text = "id='c'\ntitle='C'\ndrafts=['draft']\n[[units]]\nid='one'\ntitle='One'\nchallenges=['b','deep/a']\n";
    std::fs::write(root.join(COURSE_FILE), text).unwrap();
    let course = load(root).unwrap();
    let ids: Vec<&str> = course
        .challenges
        .iter()
        .map(|challenge| challenge.id.as_str())
        .collect();
    assert_eq!((course.id.as_str(), ids), ("c", vec!["b", "a"]));
}

#[test]
fn loads_a_track_and_a_single_challenge() {
    let directory = tempfile::tempdir().unwrap();
    write_challenge(&directory.path().join("x/two"), "two");
    write_challenge(&directory.path().join("x/one"), "one");
    let course = load(directory.path()).unwrap();
    assert_eq!(course.challenges.len(), 2);
    assert_eq!(course.challenges[0].id, "one");
    assert_eq!(
        load(&directory.path().join("x/two")).unwrap().challenges[0].id,
        "two"
    );
}

#[test]
fn a_key_of_a_wrong_type_is_told_once_and_hides_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write_challenge(&root.join("a"), "a");
    let told = |text: &str| {
        std::fs::write(root.join(COURSE_FILE), text).unwrap();
        let problems = load(root).unwrap_err();
        let told = problems.list().iter().map(|one| one.message.clone());
        told.collect::<Vec<_>>()
    };
    let activity = "activities=[{path='a'}]\n";
    assert_eq!(
        told(&format!(
            "id='c'\ntitle=3\n[[units]]\nid='u'\ntitle='U'\n{activity}"
        )),
        ["`title`: invalid type: integer `3`, expected a string"]
    );
    assert_eq!(
        told(&format!(
            "id='c'\ntitle='C'\n[[units]]\nid='u'\ntitle=3\n{activity}"
        )),
        ["`title`: invalid type: integer `3`, expected a string"]
    );
    // What is refused in one table is missing in another all the same.
    assert_eq!(
        told(&format!(
            "id='c'\n[[units]]\nid='u'\ntitle=3\n{activity}[[units]]\nid='v'\nactivities=[]\n"
        )),
        [
            "`title`: invalid type: integer `3`, expected a string",
            "`title` is missing",
            "`title` is missing",
        ]
    );
}

#[test]
fn reports_all_problems_of_a_course_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write_challenge(&root.join("a"), "same");
    write_challenge(&root.join("b"), "same");
    write_challenge(&root.join("unlisted"), "unlisted");
    let text = "titel='C'\n[[units]]\nid='one'\nchallenges=['a','b','missing','../out','a']\n";
    std::fs::write(root.join(COURSE_FILE), text).unwrap();
    let text = load(root).unwrap_err().to_string();
    for expected in [
        "course.toml:1:1: unknown key `titel`",
        "`id` is missing",
        "course.toml:2:1: `title` is missing",
        "course.toml:4:21: `missing` holds neither `challenge.toml` nor `project.toml`",
        "path `../out` has a part `..`",
        "challenge `a` is listed twice",
        "has the id `same` of",
        "unlisted: holds a challenge that no unit lists",
    ] {
        assert!(text.contains(expected), "{expected} not in:\n{text}");
    }
}

#[test]
fn an_empty_directory_is_no_course() {
    let directory = tempfile::tempdir().unwrap();
    assert!(
        load(directory.path())
            .unwrap_err()
            .to_string()
            .contains("holds neither")
    );
    assert!(load(&directory.path().join("missing")).is_err());
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn write_lesson(root: &Path, path: &str, id: &str) {
    let text = format!("+++\nid = '{id}'\ntitle = 'About {id}'\n+++\n\nText.\n");
    write(root, path, &text);
}

fn problems_of(root: &Path) -> String {
    load(root).unwrap_err().to_string()
}

#[test]
fn units_hold_activities_of_several_kinds_with_their_rules() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write_challenge(&root.join("leap"), "leap");
    write_lesson(root, "lessons/hello.md", "hello");
    write(root, "README.md", "# No lesson\n");
    write(
        root,
        COURSE_FILE,
        "id='c'\ntitle='C'\ndescription='About C'\nlanguage='pt-BR'\nlicence='CC-BY-4.0'
[[units]]
id='one'
title='One'
due=2026-10-05T08:00:00+02:00
activities=[
  'lessons/hello.md',
  { path='leap', requires=['hello'], points=3, optional=true, closes=2026-10-06T00:00:00Z },
]
[[units]]
id='two'
title='Two'
requires=['one','leap']
",
    );
    let course = load(root).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(course.language, "pt-BR");
    assert_eq!(course.licence.as_deref(), Some("CC-BY-4.0"));
    assert_eq!(course.description.as_deref(), Some("About C"));
    let kinds: Vec<_> = course
        .activities()
        .map(|(unit, activity)| (unit.id.as_str(), activity.kind, activity.weight()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("one", ActivityKind::Lesson, 0.0),
            ("one", ActivityKind::Challenge, 3.0)
        ]
    );
    let (unit, leap) = course.activity("leap").unwrap();
    assert_eq!(leap.requires, ["hello"]);
    assert!(leap.optional);
    let available = unit.availability_of(leap);
    assert_eq!(
        available.due.unwrap().to_string(),
        "2026-10-05T06:00:00Z",
        "as the unit says"
    );
    assert_eq!(
        available.closes.unwrap().to_string(),
        "2026-10-06T00:00:00Z",
        "as it says itself"
    );
    assert_eq!(course.units[1].requires, ["one", "leap"]);
    assert_eq!(course.lessons[0].path, "lessons/hello.md");
    assert_eq!(course.title_of("hello"), Some("About hello"));
    assert_eq!(course.title_of("two"), Some("Two"));
}

#[test]
fn requirements_are_of_what_comes_before() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for id in ["a", "b", "c"] {
        write_lesson(root, &format!("{id}.md"), id);
    }
    write(
        root,
        COURSE_FILE,
        "id='c'\ntitle='C'
[[units]]
id='one'
title='One'
requires=['two']
activities=[{path='a.md',requires=['b']},{path='b.md',requires=['b','one']}]
[[units]]
id='two'
title='Two'
activities=[{path='c.md',requires=['one','a','bb']}]
",
    );
    let text = problems_of(root);
    for expected in [
        "course.toml:6:11: `one` requires `two`, which does not end before it",
        "course.toml:7:36: `a` requires `b`, which does not end before it",
        "course.toml:7:65: `b` requires itself",
        "course.toml:7:69: `b` requires `one`, which does not end before it",
        "course.toml:11:46: there is no `bb`\n  hint: did you mean `b`?",
    ] {
        assert!(text.contains(expected), "{expected} not in:\n{text}");
    }
    assert_eq!(text.matches("course.toml:").count(), 5, "{text}");
}

#[test]
fn ids_are_of_one_thing_for_ever() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write_lesson(root, "a.md", "a");
    write_lesson(root, "b.md", "a");
    write_lesson(root, "c.md", "old");
    write(
        root,
        COURSE_FILE,
        "id='c'\ntitle='C'\nretired=['old','u','gone','gone']
[[units]]
id='a'
title='One'
activities=['a.md','b.md','c.md']
[[units]]
id='u'
title='U'
[[units]]
id='u'
title='U'
[[units]]
id='No Slug'
title='U'
",
    );
    let text = problems_of(root);
    for expected in [
        "b.md: has the id `a` of `",
        "course.toml:5:4: the unit has the id `a` of `",
        "course.toml:3:10: the id `old` is retired, but `",
        "course.toml:3:16: the id `u` is retired, but a unit has it",
        "course.toml:3:27: `gone` is retired twice",
        "course.toml:12:4: two units have the id `u`",
        "course.toml:15:4: `No Slug` is not an id",
    ] {
        assert!(text.contains(expected), "{expected} not in:\n{text}");
    }
}

#[test]
fn what_is_hidden_opens_some_time_and_holds_nobody_up() {
    let problems = |units: &str| {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for id in ["a", "b", "c"] {
            write_challenge(&root.join(id), id);
        }
        let text = format!("id='c0'\ntitle='C'\n{units}");
        std::fs::write(root.join(COURSE_FILE), text).unwrap();
        match load(root) {
            Ok(_) => String::new(),
            Err(problems) => problems.to_string(),
        }
    };
    let unit = |id: &str, rules: &str, activities: &str| {
        format!("[[units]]\nid='{id}'\ntitle='{id}'\n{rules}\nactivities=[{activities}]\n")
    };
    let rest = unit("rest", "requires=['b']", "'c'");
    let with = |rules: &str, b: &str| {
        problems(&(unit("one", rules, &format!("'a', {{ path='b', {b} }}")) + &rest))
    };
    assert_eq!(with("", "optional = true"), "");
    let told = with("", "hidden = true");
    assert!(
        told.contains("`rest` requires `b`, which is hidden"),
        "{told}"
    );
    let told = with("", "hidden_until_open = true");
    assert!(told.contains("of what has no `opens`"), "{told}");
    assert!(told.contains("course.toml:7:"), "{told}");
    let told = with("opens = 2026-10-05T08:00:00Z", "hidden_until_open = true");
    assert!(told.contains("hidden until it opens later"), "{told}");
    let told = with(
        "",
        "opens = 2026-10-05T08:00:00Z, hidden = true, hidden_until_open = true",
    );
    assert!(
        told.contains("both `hidden` and `hidden_until_open`"),
        "{told}"
    );
    // As late as what it requires, and hidden with it.
    let later = |rules: &str, of_rest: &str| {
        let rest = unit("rest", &format!("requires=['b']\n{of_rest}"), "'c'");
        problems(&(unit("one", rules, "'a', 'b'") + &rest))
    };
    let opens = "opens = 2026-10-05T08:00:00Z";
    assert_eq!(
        later(&format!("{opens}\nhidden_until_open = true"), opens),
        ""
    );
    assert_eq!(later("hidden = true", "hidden = true"), "");
}

#[test]
fn moments_have_an_offset_and_follow_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for id in ["a", "b", "c", "d", "e"] {
        write_lesson(root, &format!("{id}.md"), id);
    }
    write(
        root,
        COURSE_FILE,
        "id='c'\ntitle='C'
[[units]]
id='one'
title='One'
opens=2026-10-05T08:00:00Z
closes=2026-10-05T08:00:00Z
activities=['a.md',{path='b.md',due=2026-10-05},{path='c.md',due='2026-10-05T08:00:00Z'}]
[[units]]
id='two'
title='Two'
opens=2026-10-05T08:00:00Z
activities=[{path='d.md',closes=2026-10-04T08:00:00Z},{path='e.md',due=2026-10-06T08:00:00Z,closes=2026-10-06T08:00:00Z,points=2}]
",
    );
    let text = problems_of(root);
    for expected in [
        "course.toml:7:8: `closes` is not after `opens`",
        "course.toml:8:37: `due`: `2026-10-05` is no moment",
        "course.toml:8:66: `due`: expected a date and time",
        "course.toml:13:19: `d.md` and its unit together do not open",
        "course.toml:13:128: `points` of a lesson",
    ] {
        assert!(text.contains(expected), "{expected} not in:\n{text}");
    }
    assert_eq!(text.matches("course.toml:").count(), 5, "{text}");
}

#[test]
fn what_no_unit_lists_is_told_and_what_is_listed_must_exist() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write_lesson(root, "lessons/forgotten.md", "forgotten");
    write_lesson(root, "lessons/draft.md", "draft");
    write(root, "lessons/readme.md", "no front matter");
    write(root, "quizzes/new.quiz.md", "");
    write(root, "file.txt", "");
    write_challenge(&root.join("leap"), "leap");
    write_lesson(root, "leap/notes.md", "notes");
    write(
        root,
        COURSE_FILE,
        "id='c'\ntitle='C'\nlanguage='englisch sprache'\ndrafts=['lessons/draft.md']
[[units]]
id='one'
title='One'
activities=['lessons/missing.md','file.txt',{requires=['x']},{path='leap',pints=2}]
challenges=['leap']
",
    );
    let text = problems_of(root);
    for expected in [
        "lessons/forgotten.md: is a lesson that no unit lists",
        "quizzes/new.quiz.md: is a quiz that no unit lists",
        "course.toml:3:10: `englisch sprache` is no language tag",
        "course.toml:8:13: `lessons/missing.md` does not exist",
        "course.toml:8:34: `file.txt` is a file, but neither a lesson",
        "course.toml:8:45: `path` is missing",
        "unknown key `pints`\n  hint: did you mean `points`?",
        "course.toml:9:13: the unit has both `activities` and `challenges`",
        "course.toml:9:13: challenge `leap` is listed twice",
    ] {
        assert!(text.contains(expected), "{expected} not in:\n{text}");
    }
    for unexpected in ["draft.md", "readme.md", "notes.md", "there is no `x`"] {
        assert!(!text.contains(unexpected), "{unexpected} in:\n{text}");
    }
}

const WHOLE: &str = "id='c'\ntitle='C'\ndescription='D'\nlanguage='en'\nlicence='MIT'\nretired=['x']\ndrafts=['d.md']
[[units]]
id='one'
title='One'
opens=2026-10-05T08:00:00Z
due=2026-10-06T08:00:00Z
activities=['a.md',{path='b.md',requires=['a'],points=0,optional=true,closes=2026-10-07T08:00:00+02:00}]
[[units]]
id='two'
title='Two'
requires=['one']
challenges=[]
";
const PIECES: [&str; 9] = [
    "[[units]]\n",
    "activities=",
    "'../x'",
    "requires=['two']",
    "{path=",
    "'a.md'",
    "inf",
    "9999-12-31T23:59:59Z",
    "\u{0}",
];

proptest! {
    /// Whatever `course.toml` holds: a course whose requirements can be met, or problems with their places.
    #[test]
    fn fuzz_course(text in carrel_fuzz::damaged_text(&[WHOLE], &PIECES)) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for id in ["a", "b", "d"] {
            write_lesson(root, &format!("{id}.md"), id);
        }
        write(root, COURSE_FILE, &text);
        match load(root) {
            Err(problems) => prop_assert!(!problems.is_empty()),
            Ok(course) => {
                let mut passed: Vec<&str> = Vec::new();
                for unit in &course.units {
                    for id in &unit.requires {
                        prop_assert!(passed.contains(&id.as_str()), "{id} comes later");
                    }
                    for activity in &unit.activities {
                        for id in &activity.requires {
                            prop_assert!(passed.contains(&id.as_str()), "{id} comes later");
                        }
                        passed.push(&activity.id);
                    }
                    passed.push(&unit.id);
                }
            }
        }
    }
}
