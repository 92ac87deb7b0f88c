//! What changes of a workspace project. It has no results, so none could be others.

use super::challenge::{compare_files, tell_files};
use super::value::compare_one;
use super::{Change, Version};
use crate::course::{Instructions, Project, Stage};

/// A project with the version that it is of.
type Side<'a> = (&'a Version<'a>, &'a Project);

pub(super) fn compare(before: Side<'_>, after: Side<'_>) -> Vec<Change> {
    // Taken apart without `..`, here and below: whoever adds a field says what is told of it.
    let Project {
        id: _,
        title,
        // Where it lies in the files.
        path: _,
        summary,
        minutes,
        environment,
        instructions,
        files,
        open,
        // Told on their own.
        stages: _,
    } = before.1;
    let new = after.1;
    let text = |text: &str| Some(text.to_owned());
    let minutes_of = |minutes: Option<u32>| minutes.map(|minutes| minutes.to_string());
    let list = |paths: &[String]| (!paths.is_empty()).then(|| paths.join(", "));
    let ones = [
        compare_one("title", text(title), text(&new.title), false),
        tell_text("summary", *summary != new.summary),
        compare_one(
            "minutes",
            minutes_of(*minutes),
            minutes_of(new.minutes),
            false,
        ),
        compare_one(
            "environment",
            text(environment),
            text(&new.environment),
            false,
        ),
        tell_text("instructions", differ(instructions, &new.instructions)),
        compare_one("open", list(open), list(&new.open), false),
    ];
    let mut changes: Vec<Change> = ones.into_iter().flatten().collect();
    let changed = compare_files((before.0, files), (after.0, &new.files));
    changes.extend(tell_files("files", changed, false));
    changes.extend(compare_stages(before, after));
    changes
}

fn tell_text(what: &str, differs: bool) -> Option<Change> {
    differs.then(|| Change::Text {
        what: what.to_owned(),
    })
}

fn differ(before: &Instructions, after: &Instructions) -> bool {
    let Instructions {
        path: _,
        markdown,
        first_line: _,
    } = before;
    *markdown != after.markdown
}

fn compare_stages(before: Side<'_>, after: Side<'_>) -> Vec<Change> {
    let ids = |side: Side<'_>| {
        let ids: Vec<&str> = side.1.stages.iter().map(|one| one.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    };
    let mut changes = Vec::new();
    changes.extend(compare_one("stages", ids(before), ids(after), false));
    for new in &after.1.stages {
        let Some(old) = before.1.stages.iter().find(|old| old.id == new.id) else {
            continue;
        };
        let Stage { id, title, files } = old;
        let [was, is] = [title, &new.title].map(|title| Some(title.clone()));
        changes.extend(compare_one(&format!("stage {id}: title"), was, is, false));
        let changed = compare_files((before.0, files), (after.0, &new.files));
        changes.extend(tell_files(&format!("stage {id}: files"), changed, false));
    }
    changes
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::between;
    use super::*;
    use crate::course::{Course, load};

    #[test]
    fn every_change_of_a_project_is_told() {
        type Edit = fn(&mut Project);
        let edits: [(Edit, &str); 11] = [
            (|one| one.title.push('x'), "title: "),
            (
                |one| one.summary = Some("x".to_owned()),
                "summary: other text",
            ),
            (|one| one.minutes = Some(999), "minutes: "),
            (|one| one.environment.push('x'), "environment: "),
            (
                |one| one.instructions.markdown.push('x'),
                "instructions: other text",
            ),
            (|one| one.open.push("x".to_owned()), "open: "),
            (
                |one| {
                    one.files.insert("x.txt".to_owned(), "x".into());
                },
                "files: x.txt",
            ),
            (|one| one.stages.rotate_left(1), "stages: "),
            (|one| one.stages.truncate(1), "stages: "),
            (|one| one.stages[0].title.push('x'), ": title: "),
            (
                |one| {
                    one.stages[1].files.insert("x.txt".to_owned(), "x".into());
                },
                ": files: x.txt",
            ),
        ];
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../courses/sample");
        let before = load(&directory).unwrap_or_else(|problems| panic!("{problems}"));
        for (edit, expected) in edits {
            let mut after = before.clone();
            edit(&mut after.projects[0]);
            let told = between(&(&before).into(), &(&after).into()).to_string();
            assert!(told.contains(expected), "{expected} not in:\n{told}");
        }
    }

    #[test]
    fn another_content_of_a_file_of_a_project_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let write = |root: &Path, path: &str, text: &str| {
            let full = root.join(path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, text).unwrap();
        };
        let version = |name: &str, begin: &str, stage: &str| {
            let root = directory.path().join(name);
            let text = "id='c'\ntitle='C'\n[[units]]\nid='u'\ntitle='U'\nactivities=['page']\n";
            write(&root, "course.toml", text);
            let text = "id='page'\ntitle='Page'\nenvironment='python'\n[[stages]]\nid='one'\n";
            write(&root, "page/project.toml", text);
            write(&root, "page/instructions.md", "Do it.\n");
            write(&root, "page/files/a.html", begin);
            write(&root, "page/stages/1-one/a.html", stage);
            load(&root).unwrap_or_else(|problems| panic!("{problems}"))
        };
        let told = |before: &Course, after: &Course| {
            let [before, after] = [before, after].map(|course| Version::read(course).unwrap());
            between(&before, &after).to_string()
        };
        let before = version("before", "a", "b");
        assert_eq!(told(&before, &version("same", "a", "b")), "");
        assert_eq!(
            told(&before, &version("begin", "x", "b")),
            "project `page` (Page)\n  files: a.html\n"
        );
        assert_eq!(
            told(&before, &version("stage", "a", "x")),
            "project `page` (Page)\n  stage one: files: a.html\n"
        );
    }
}
