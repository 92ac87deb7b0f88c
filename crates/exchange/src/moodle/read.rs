//! Moodle XML to questions.

use carrel_quiz::question::{Feedback, Hint};
use carrel_quiz::{Item, Question, Quiz};
use roxmltree::Node;

use super::calculated;
use super::coderunner;
use super::kinds::{Carried, read_kind};
use super::node::{Gathered, child, children, flag, inner_text, line_of, number, value};
use super::unread;
use crate::error::{Error, Problem, parse_xml};
use crate::identity::{Identities, slug};
use crate::limits::{FILE_BYTES_MAX, PROBLEMS_MAX, QUESTIONS_MAX};
use crate::report::{Directory, File, Imported, Loss};
use crate::share;

/// Reads a file.
///
/// # Errors
/// It is no XML, holds a DTD, is too large, or breaks a rule of the format: by line.
pub fn read(text: &str, file: &str) -> Result<Imported, Error> {
    let too_large = |what, limit| Error::TooLarge {
        file: file.to_owned(),
        what,
        limit,
    };
    if text.len() > FILE_BYTES_MAX {
        return Err(too_large("its size in bytes", FILE_BYTES_MAX));
    }
    let document = parse_xml(text, file)?;
    let invalid = |problems| Error::Invalid {
        file: file.to_owned(),
        format: "Moodle XML",
        problems,
    };
    let root = document.root_element();
    if !root.has_tag_name("quiz") {
        let problem = Problem {
            line: line_of(root),
            column: 0,
            message: format!(
                "the outermost element is <{}>; a question bank has <quiz>",
                root.tag_name().name()
            ),
        };
        return Err(invalid(vec![problem]));
    }
    let mut reader = Reader::default();
    for node in children(root, "question") {
        reader.take(node);
        if reader.questions.len() > QUESTIONS_MAX {
            return Err(too_large("its number of questions", QUESTIONS_MAX));
        }
    }
    if !reader.problems.is_empty() {
        reader.problems.truncate(PROBLEMS_MAX);
        return Err(invalid(reader.problems));
    }
    Ok(Imported {
        quiz: Quiz {
            id: slug(file),
            items: reader.questions.into_iter().map(Item::Question).collect(),
            ..Quiz::default()
        },
        files: reader.files,
        challenges: reader.challenges,
        losses: reader.losses,
    })
}

#[derive(Default)]
struct Reader {
    ids: Identities,
    category: Vec<String>,
    questions: Vec<Question>,
    files: Vec<File>,
    challenges: Vec<Directory>,
    bytes: usize,
    /// Place of the last question, and the lines before it.
    seen: (usize, u32),
    losses: Vec<Loss>,
    problems: Vec<Problem>,
}

impl Reader {
    /// Line of a question, counted on from the last: counting from the beginning each time would
    /// take minutes for a large bank.
    fn line_at(&mut self, node: Node<'_, '_>) -> u32 {
        let (from, lines) = self.seen;
        let to = node.range().start;
        let between = node
            .document()
            .input_text()
            .get(from..to)
            .unwrap_or_default();
        let more = between.bytes().filter(|byte| *byte == b'\n').count();
        self.seen = (
            to,
            lines.saturating_add(u32::try_from(more).unwrap_or(u32::MAX)),
        );
        self.seen.1.saturating_add(1)
    }

    fn take(&mut self, node: Node<'_, '_>) {
        let Some(kind) = node.attribute("type") else {
            return self.problems.push(Problem {
                line: line_of(node),
                column: 0,
                message: "the question has no `type`".to_owned(),
            });
        };
        if kind == "category" {
            let path = child(node, "category").map(inner_text).unwrap_or_default();
            self.category = category_of(&path);
            let line = self.line_at(node);
            let told = unread::tell_category(node, &self.category);
            self.losses.extend(told.into_iter().map(|what| Loss {
                line,
                question: String::new(),
                what,
            }));
            return;
        }
        let title = child(node, "name").map(inner_text).unwrap_or_default();
        let number = value(node, "idnumber");
        let id = match number.as_str() {
            "" => self.ids.take(&title),
            number => self.ids.take_id(number),
        };
        // A question without a title goes out under its id.
        let title = if title == number {
            String::new()
        } else {
            title
        };
        let mut gathered = Gathered {
            id,
            line: self.line_at(node),
            bytes: self.bytes,
            ..Gathered::default()
        };
        if kind == "coderunner" {
            self.challenge(node, &title, gathered);
            return;
        }
        match read_question(node, kind, title, &mut gathered) {
            Ok(Some(mut question)) => {
                question.category.clone_from(&self.category);
                question.attachments = std::mem::take(&mut gathered.attachments);
                self.questions.push(question);
                self.files.append(&mut gathered.files);
                self.bytes = gathered.bytes;
            }
            Ok(None) => {}
            Err(message) => self.problems.push(Problem {
                line: gathered.line,
                column: 0,
                message: format!("question `{}`: {message}", gathered.id),
            }),
        }
        self.losses.append(&mut gathered.losses);
    }
}

impl Reader {
    fn challenge(&mut self, node: Node<'_, '_>, title: &str, mut gathered: Gathered) {
        let base = coderunner::id_of(&gathered.id);
        let known = |name: &str| self.challenges.iter().any(|other| other.name == name);
        let id = std::iter::once(base.clone())
            .chain((2..).map(|number| format!("{base}-{number}")))
            .find(|id| !known(id))
            .unwrap_or(base);
        match coderunner::read(node, &id, title, &mut gathered) {
            Ok(directory) => {
                if !self.category.is_empty() {
                    gathered.lose(format!("its category `{}`", self.category.join("/")));
                }
                self.challenges.push(directory);
            }
            Err(reason) => gathered.lose(format!("left out: {reason}")),
        }
        self.bytes = gathered.bytes;
        self.losses.append(&mut gathered.losses);
    }
}

/// The path of a category: a slash within a name is doubled, and a blank stands between one at
/// its end and the slash of the path, as Moodle does.
pub(crate) fn category_path(names: &[String]) -> String {
    let names = names.iter().map(|name| {
        let start = if name.starts_with('/') { " " } else { "" };
        let end = if name.ends_with('/') { " " } else { "" };
        format!("{start}{}{end}", name.replace('/', "//"))
    });
    names.collect::<Vec<_>>().join("/")
}

/// Parts of `$course$/top/Default for X/Loops`; a slash within a name is doubled.
pub(crate) fn category_of(path: &str) -> Vec<String> {
    path.replace("//", "\u{0}")
        .split('/')
        .map(|part| part.trim().replace('\u{0}', "/"))
        .filter(|part| {
            !part.is_empty() && part != "top" && !(part.starts_with('$') && part.ends_with('$'))
        })
        .collect()
}

/// `None`: it was left out, and why has been told.
fn read_question(
    node: Node<'_, '_>,
    kind: &str,
    title: String,
    gathered: &mut Gathered,
) -> Result<Option<Question>, String> {
    let text = child(node, "questiontext")
        .map(|text| gathered.text(text))
        .unwrap_or_default();
    let mut question = Question::new(gathered.id.clone(), text, carrel_quiz::Kind::Description);
    question.title = title;
    question.points = number(node, "defaultgrade").unwrap_or(1.0).max(0.0);
    match read_kind(node, kind, &mut question, gathered)? {
        Carried::Whole => {}
        Carried::Told => return Ok(None),
        Carried::Unknown => {
            gathered.lose(format!(
                "a question of the type `{kind}` cannot be carried over: it was left out"
            ));
            return Ok(None);
        }
    }
    question.feedback = Feedback {
        general: gathered.filled(node, "generalfeedback"),
        correct: gathered.filled(node, "correctfeedback"),
        partially_correct: gathered.filled(node, "partiallycorrectfeedback"),
        incorrect: gathered.filled(node, "incorrectfeedback"),
    };
    question.penalty = number(node, "penalty")
        .map(|penalty| share::of_percent(penalty * 100.0).clamp(0.0, 1.0))
        .filter(|penalty| *penalty > 0.0 && question.kind.is_scored());
    for (after, hint) in (1_u32..).zip(children(node, "hint")) {
        let text = gathered.text(hint);
        question.hints.push(Hint {
            after_tries: after,
            clear_wrong: child(hint, "clearwrong").is_some(),
            show_right_count: child(hint, "shownumcorrect").is_some(),
            ..Hint::new(text)
        });
    }
    if let Some(tags) = child(node, "tags") {
        question.tags = children(tags, "tag").map(inner_text).collect();
    }
    // Moodle 1.9 has its picture beside the text.
    let picture = value(node, "image");
    if !picture.is_empty() || child(node, "image_base64").is_some() {
        gathered.lose(format!(
            "its picture `{picture}`, written as Moodle 1.9 did (`<image>`), was left out: put it into the text"
        ));
    }
    if flag(node, "hidden") == Some(true) {
        gathered.lose("it is hidden in Moodle; here it is not");
    }
    unread::tell(node, &question, gathered);
    if let Some(names) = gathered.names.take()
        && let Err(reason) = calculated::fill(&mut question, &names)
    {
        gathered.lose(format!("{reason}: it was left out"));
        return Ok(None);
    }
    Ok(Some(question))
}
