//! Whether links and images of lessons, quizzes and projects lead somewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carrel_quiz::notation::Places;
use carrel_quiz::text::Attachment;
use carrel_quiz::{Question, TextFormat};

use super::{ActivityKind, Course, CourseQuiz, quiz};
use crate::markdown::{Outline, Reference};
use crate::problem::{Problem, Problems, find_nearest};

/// Schemes that a link may have; others run programs or read local files.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];
/// Ends of the names of images that browsers show.
const IMAGES: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg"];
/// Largest image, bytes: more keeps a learner on a slow line waiting.
const IMAGE_BYTES_MAX: u64 = 8 << 20;

/// Every link and image that leads nowhere, with its place.
///
/// Reads names and sizes of files.
pub(super) fn check_references(course: &Course) -> Problems {
    let mut checker = Checker {
        course,
        outlines: BTreeMap::new(),
        problems: Problems::new(),
    };
    let pages = pages(course);
    for page in &pages {
        let outline = Outline::read(page.markdown);
        checker.outlines.insert(page.path, outline);
    }
    for page in &pages {
        checker.check_page(page);
    }
    for quiz in &course.quizzes {
        checker.check_quiz(quiz);
    }
    checker.problems
}

/// A text with a page of its own: a lesson, or the instructions of a project.
struct Page<'a> {
    path: &'a str,
    markdown: &'a str,
    first_line: usize,
}

fn pages(course: &Course) -> Vec<Page<'_>> {
    let lessons = course.lessons.iter().map(|lesson| Page {
        path: &lesson.path,
        markdown: &lesson.markdown,
        first_line: lesson.first_line,
    });
    let projects = course.projects.iter().map(|project| Page {
        path: &project.instructions.path,
        markdown: &project.instructions.markdown,
        first_line: project.instructions.first_line,
    });
    lessons.chain(projects).collect()
}

struct Checker<'a> {
    course: &'a Course,
    outlines: BTreeMap<&'a str, Outline>,
    problems: Problems,
}

/// What is wrong with a reference in a part of a question or quiz.
struct WrongPart {
    part: String,
    /// Character of its text, counted from 0.
    within: Option<usize>,
    message: String,
    hint: String,
}

/// What is wrong with a reference, and the way out.
type Wrong = (String, String);

impl Checker<'_> {
    fn check_page(&mut self, page: &Page<'_>) {
        let Some(outline) = self.outlines.get(page.path).cloned() else {
            return;
        };
        for reference in &outline.references {
            if let Err((message, hint)) = self.find(page.path, Some(&outline), reference) {
                let before = &page.markdown[..reference.offset];
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                self.problems.push(Problem {
                    path: self.course.directory.join(page.path),
                    line: Some(page.first_line + before.matches('\n').count()),
                    column: Some(before[start..].chars().count() + 1),
                    message,
                    hint: (!hint.is_empty()).then_some(hint),
                });
            }
        }
    }

    fn check_quiz(&mut self, quiz: &CourseQuiz) {
        let mut wrong = Vec::new();
        let mut places = None;
        if let Some(text) = &quiz.quiz.introduction {
            let text = (text.format, text.source.as_str());
            self.check_text(quiz, ("introduction", text), &[], &mut wrong);
        }
        self.tell((quiz, &mut places), None, wrong);
        for question in quiz.quiz.questions() {
            let mut wrong = Vec::new();
            for attachment in &question.attachments {
                if let Err((message, hint)) = self.find_file(&quiz.path, &attachment.path) {
                    wrong.push(WrongPart {
                        part: format!("file {}", attachment.name),
                        within: None,
                        message,
                        hint,
                    });
                }
            }
            // The visitor changes nothing; it is the one place that knows every text.
            question.clone().for_each_string_mut(&mut |passage| {
                if let Some(format) = passage.format {
                    let part = passage.part.to_string();
                    let text = (part.as_str(), (format, passage.source.as_str()));
                    self.check_text(quiz, text, &question.attachments, &mut wrong);
                }
            });
            self.tell((quiz, &mut places), Some(question), wrong);
        }
    }

    fn check_text(
        &self,
        quiz: &CourseQuiz,
        (part, (format, source)): (&str, (TextFormat, &str)),
        attachments: &[Attachment],
        wrong: &mut Vec<WrongPart>,
    ) {
        if format != TextFormat::Markdown {
            return;
        }
        for reference in Outline::read(source).references {
            let is_attached = attachments
                .iter()
                .any(|attachment| attachment.name == reference.destination);
            if is_attached {
                continue;
            }
            if let Err((message, hint)) = self.find(&quiz.path, None, &reference) {
                wrong.push(WrongPart {
                    part: part.to_owned(),
                    within: Some(source[..reference.offset].chars().count()),
                    message,
                    hint,
                });
            }
        }
    }

    fn tell(
        &mut self,
        (quiz, places): (&CourseQuiz, &mut Option<Places>),
        question: Option<&Question>,
        wrong: Vec<WrongPart>,
    ) {
        if wrong.is_empty() {
            return;
        }
        // Read again only where there is something to tell, and once.
        let places = places.get_or_insert_with(|| quiz::find_places(self.course, quiz));
        let id = question.map_or("", |question| question.id.as_str());
        for one in wrong {
            let place = match one.within {
                Some(character) => places.get_within(id, &one.part, character),
                None => places.get(id, &one.part),
            };
            let message = match question {
                Some(_) => format!("question `{id}`: {}", one.message),
                None => one.message,
            };
            self.problems.push(Problem {
                path: self.course.directory.join(&quiz.path),
                line: place.map(|(line, _)| line),
                column: place.map(|(_, column)| column),
                message,
                hint: (!one.hint.is_empty()).then_some(one.hint),
            });
        }
    }

    /// Follows a reference in the file at `from`; `own` are its headings, where it has any.
    fn find(&self, from: &str, own: Option<&Outline>, reference: &Reference) -> Result<(), Wrong> {
        let destination = reference.destination.as_str();
        if let Some(scheme) = scheme_of(destination) {
            return check_scheme(scheme, destination, reference.is_image);
        }
        if destination.is_empty() {
            return wrong("a link leads nowhere", "say where it leads");
        }
        let (path, anchor) = match destination.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (destination, None),
        };
        if path.is_empty() {
            return check_anchor(own, anchor.unwrap_or_default(), "the text");
        }
        let target = self.find_file(from, path)?;
        let full = self.course.directory.join(&target);
        if reference.is_image {
            return check_image(&full, &target);
        }
        if full.is_dir() {
            return self.check_directory(&full, &target, anchor);
        }
        match ActivityKind::of_file(&target) {
            None => Ok(()),
            Some(ActivityKind::Quiz)
                if self.course.quizzes.iter().any(|quiz| quiz.path == target) =>
            {
                Ok(())
            }
            Some(ActivityKind::Lesson) if self.outlines.contains_key(target.as_str()) => {
                self.check_anchor_in(&target, anchor)
            }
            Some(kind) => wrong(
                &format!("`{target}` is no {} of the course", kind.name()),
                "list it in a unit of course.toml, or remove the link",
            ),
        }
    }

    fn check_anchor_in(&self, path: &str, anchor: Option<&str>) -> Result<(), Wrong> {
        match anchor {
            Some(anchor) => check_anchor(self.outlines.get(path), anchor, &format!("`{path}`")),
            None => Ok(()),
        }
    }

    fn check_directory(
        &self,
        full: &Path,
        target: &str,
        anchor: Option<&str>,
    ) -> Result<(), Wrong> {
        let mut projects = self.course.projects.iter();
        if let Some(project) = projects.find(|project| project.path == target) {
            return self.check_anchor_in(&project.instructions.path, anchor);
        }
        let mut challenges = self.course.challenges.iter();
        if challenges.any(|challenge| challenge.directory == full) {
            return Ok(());
        }
        wrong(
            &format!("`{target}` is a directory, and no challenge or project of the course"),
            "link to a lesson, a quiz, the directory of a challenge or project, or a file",
        )
    }

    /// The path relative to the course of what a link in the file at `from` names.
    fn find_file(&self, from: &str, path: &str) -> Result<String, Wrong> {
        let decoded = percent_decode(path);
        if decoded.starts_with('/') {
            return wrong(
                &format!("`{decoded}` is absolute"),
                "links are relative to the file that they stand in",
            );
        }
        let mut parts: Vec<&str> = from.split('/').collect();
        parts.pop();
        for part in decoded.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.pop().is_none() => {
                    return wrong(
                        &format!("`{decoded}` leads out of the course directory"),
                        "put the file into the course",
                    );
                }
                ".." => {}
                part => parts.push(part),
            }
        }
        let target = parts.join("/");
        let root = &self.course.directory;
        let full = root.join(&target);
        let Ok(real) = full.canonicalize() else {
            return Err(self.tell_missing(&target, &full));
        };
        if !root.canonicalize().is_ok_and(|root| real.starts_with(root)) {
            return wrong(
                &format!("`{target}` is a link that leads out of the course directory"),
                "put the file into the course",
            );
        }
        Ok(target)
    }

    fn tell_missing(&self, target: &str, full: &Path) -> Wrong {
        let names = full
            .parent()
            .and_then(|parent| std::fs::read_dir(parent).ok());
        let names: Vec<String> = names
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        let name = PathBuf::from(target);
        let name = name
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let hint = match find_nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "paths are relative to the file that they stand in".to_owned(),
        };
        (format!("`{target}` does not exist"), hint)
    }
}

fn wrong<T>(message: &str, hint: &str) -> Result<T, Wrong> {
    Err((message.to_owned(), hint.to_owned()))
}

/// The scheme of an absolute address; `//host` counts as one without a name.
fn scheme_of(destination: &str) -> Option<&str> {
    if destination.starts_with("//") {
        return Some("");
    }
    let (scheme, _) = destination.split_once(':')?;
    let right = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    right.then_some(scheme)
}

fn check_scheme(scheme: &str, destination: &str, is_image: bool) -> Result<(), Wrong> {
    if is_image {
        return wrong(
            &format!("the image `{destination}` is elsewhere"),
            "put it into the course: pages load nothing from other sites",
        );
    }
    if SCHEMES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
    {
        return Ok(());
    }
    wrong(
        &format!("`{destination}` has a scheme that links may not have"),
        "http, https and mailto are possible",
    )
}

fn check_anchor(outline: Option<&Outline>, anchor: &str, of: &str) -> Result<(), Wrong> {
    let anchor = percent_decode(anchor);
    let Some(outline) = outline else {
        return wrong(
            &format!("`#{anchor}`: {of} has no headings"),
            "link to a lesson",
        );
    };
    if outline.has_anchor(&anchor) {
        return Ok(());
    }
    let ids = outline.headings.iter().map(|heading| heading.id.as_str());
    let hint = crate::problem::offer_nearest(&anchor, ids, "headings");
    wrong(&format!("{of} has no heading `#{anchor}`"), &hint)
}

fn check_image(full: &Path, target: &str) -> Result<(), Wrong> {
    let extension = full.extension().and_then(|extension| extension.to_str());
    let known = |extension: &str| IMAGES.contains(&extension.to_ascii_lowercase().as_str());
    if !extension.is_some_and(known) {
        return wrong(
            &format!("`{target}` is no image that browsers show"),
            &format!("one of: {}", IMAGES.join(", ")),
        );
    }
    match full.metadata() {
        Ok(metadata) if metadata.len() > IMAGE_BYTES_MAX => wrong(
            &format!("the image `{target}` is larger than {IMAGE_BYTES_MAX} bytes"),
            "make it smaller",
        ),
        Ok(metadata) if metadata.is_file() => Ok(()),
        _ => wrong(&format!("`{target}` is no file"), "name an image"),
    }
}

/// Bytes written as `%20`; what is no such code stays as it is.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let is_code =
            |code: &&str| bytes[at] == b'%' && code.bytes().all(|b| b.is_ascii_hexdigit());
        let code = text.get(at + 1..at + 3).filter(is_code);
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn check(text: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("course");
        write(
            &root,
            "lessons/a.md",
            &format!("+++\nid='a'\ntitle='A'\n+++\n{text}"),
        );
        write(
            &root,
            "lessons/b.md",
            "+++\nid='b'\ntitle='B'\n+++\n# One\n# Two words\n",
        );
        write(&root, "lessons/draft.md", "+++\nid='d'\ntitle='D'\n+++\n");
        write(&root, "images/tree one.svg", "<svg/>");
        write(&root, "data/words.csv", "a,b");
        write(&root, "../secret.md", "");
        let text = "id='c'\ntitle='C'\ndrafts=['lessons/draft.md']\n[[units]]\nid='u'\ntitle='U'\nactivities=['lessons/a.md','lessons/b.md']\n";
        write(&root, "course.toml", text);
        let course = load(&root).unwrap_or_else(|problems| panic!("{problems}"));
        let shown = format!("{}/", root.display());
        check_references(&course).to_string().replace(&shown, "")
    }

    #[test]
    fn what_leads_somewhere_is_right() {
        let text = "# Top\n[a](b.md) [b](b.md#two-words) [c](#top) [d](https://example.org)
[e](mailto:a@example.org) ![f](../images/tree%20one.svg) ![g](<../images/tree one.svg>)
[h](../data/words.csv) [i](./b.md) `[no](link)` [j](../lessons/../lessons/b.md#one)\n";
        assert_eq!(check(text), "");
    }

    #[test]
    fn texts_of_questions_are_followed_too() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let text = "+++\nid = 'q'\ntitle = 'Q'\n+++\n\nSee [this](intro.md).\n
## One {#one}\nfile: a.png; image/png; images/a.png\n\nLook:\n\\= é ![a](a.png) [b](nowhere.md)\n
= yes\n  > Right, [as](told.md).\n\ngeneral: one\n  two ![c](c.png)\n
## Two {#two}\n\nIt is [[= a]] and [[? *b | [c](c.md)]], [d](d.md)\nor [[e]].\n
blank e: {weight=2}\n  - (x) {fixed} [f](f.md)\n    > [g](g.md)\n  - ( ) h\n
## Three {#three}\nkind: matching\n\nMatch.\n\n- one => [h](h.md)\n- {target=x} [i](i.md)\n+ {#x} [j](j.md)\n
## Four {#four}\nkind: ordering\n\nSort.\n\n1. [k](k.md)\n2. two\n";
        write(root, "q/q.quiz.md", text);
        let text = "id='c'\ntitle='C'\n[[units]]\nid='u'\ntitle='U'\nactivities=['q/q.quiz.md']\n";
        write(root, "course.toml", text);
        let course = load(root).unwrap_or_else(|problems| panic!("{problems}"));
        let told = check_references(&course).to_string();
        for expected in [
            "q/q.quiz.md:6:5: `q/intro.md` does not exist",
            "q/q.quiz.md:9:1: question `one`: `q/images/a.png` does not exist",
            "q/q.quiz.md:12:18: question `one`: `q/nowhere.md` does not exist",
            "q/q.quiz.md:15:12: question `one`: `q/told.md` does not exist",
            "q/q.quiz.md:18:7: question `one`: `q/c.png` does not exist",
            "q/q.quiz.md:22:19: question `two`: `q/c.md` does not exist",
            "q/q.quiz.md:22:41: question `two`: `q/d.md` does not exist",
            "q/q.quiz.md:26:17: question `two`: `q/f.md` does not exist",
            "q/q.quiz.md:27:7: question `two`: `q/g.md` does not exist",
            "q/q.quiz.md:35:10: question `three`: `q/h.md` does not exist",
            "q/q.quiz.md:36:14: question `three`: `q/i.md` does not exist",
            "q/q.quiz.md:37:8: question `three`: `q/j.md` does not exist",
            "q/q.quiz.md:44:4: question `four`: `q/k.md` does not exist",
        ] {
            assert!(told.contains(expected), "{expected} not in:\n{told}");
        }
        assert_eq!(told.matches("q.quiz.md:").count(), 13, "{told}");
    }

    #[test]
    fn what_leads_nowhere_is_told_with_its_place() {
        for (text, expected) in [
            (
                "[a](c.md)",
                "lessons/a.md:5:1: `lessons/c.md` does not exist",
            ),
            (
                "\n\nx [a](bb.md)",
                "lessons/a.md:7:3: `lessons/bb.md` does not exist\n  hint: did you mean `b.md`?",
            ),
            (
                "[a](b.md#tow-words)",
                "`lessons/b.md` has no heading `#tow-words`\n  hint: did you mean `two-words`?",
            ),
            ("[a](#nowhere)", "the text has no heading `#nowhere`"),
            (
                "[a](draft.md)",
                "`lessons/draft.md` is no lesson of the course",
            ),
            (
                "[a](../../secret.md)",
                "`../../secret.md` leads out of the course directory",
            ),
            ("[a](/etc/passwd)", "`/etc/passwd` is absolute"),
            (
                "[a](javascript:alert(1))",
                "has a scheme that links may not have",
            ),
            (
                "[a](//example.org/x)",
                "has a scheme that links may not have",
            ),
            (
                "![a](https://example.org/x.png)",
                "the image `https://example.org/x.png` is elsewhere",
            ),
            (
                "![a](../data/words.csv)",
                "`data/words.csv` is no image that browsers show",
            ),
            ("[a](../data)", "`data` is a directory, and no challenge"),
            ("[a]()", "a link leads nowhere"),
            ("[a](%zz%+1.md)", "`lessons/%zz%+1.md` does not exist"),
        ] {
            let told = check(text);
            assert!(
                told.contains(expected),
                "{text}: {expected} not in:\n{told}"
            );
            assert_eq!(told.matches("lessons/a.md:").count(), 1, "{told}");
        }
    }
}
