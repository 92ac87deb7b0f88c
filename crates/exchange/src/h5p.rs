//! H5P packages: Multiple Choice, Fill in the Blanks, True/False, Single Choice Set, and
//! Question Sets of these (<https://h5p.org/documentation/developers/h5p-specification>).

mod content;
mod kinds;

use carrel_quiz::{Item, Pool, Question, Quiz};
use serde::Deserialize;
use serde_json::Value;

use crate::archive::{Archive, append, invalid};
use crate::error::Error;
use crate::identity::{Identities, slug};
use crate::limits::QUESTIONS_MAX;
use crate::report::{Imported, Loss};

/// What is said to be invalid.
const FORMAT: &str = "H5P";
/// The file that links of texts are seen from.
const CONTENT: &str = "content/content.json";

/// What `h5p.json` says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    main_library: String,
    #[serde(default)]
    title: String,
}

/// One content with the library that shows it.
struct Content<'v> {
    /// Such as `H5P.MultiChoice`.
    library: &'v str,
    title: &'v str,
    value: &'v Value,
}

/// Reads a package.
///
/// # Errors
/// It is no zip archive, lacks `h5p.json` or its content, or holds something that is no JSON.
pub fn read(bytes: &[u8], file: &str) -> Result<Imported, Error> {
    let wrong = |what: String| invalid(file, FORMAT, what);
    let mut archive = Archive::open(bytes, file, FORMAT)?;
    let manifest = archive.text("h5p.json").map_err(wrong)?;
    let manifest: Manifest =
        serde_json::from_str(&manifest).map_err(|error| wrong(format!("`h5p.json`: {error}")))?;
    let content = archive.text(CONTENT).map_err(wrong)?;
    let value: Value =
        serde_json::from_str(&content).map_err(|error| wrong(format!("`{CONTENT}`: {error}")))?;
    let mut reader = Reader {
        archive,
        ids: Identities::default(),
        all: Imported {
            quiz: Quiz {
                id: slug(file),
                title: manifest.title.clone(),
                ..Quiz::default()
            },
            files: Vec::new(),
            challenges: Vec::new(),
            losses: Vec::new(),
        },
    };
    let content = Content {
        library: &manifest.main_library,
        title: &manifest.title,
        value: &value,
    };
    if content.library == "H5P.QuestionSet" {
        reader.set(content.value);
    } else {
        let questions = reader.questions(&content);
        reader
            .all
            .quiz
            .items
            .extend(questions.into_iter().map(Item::Question));
    }
    if reader.all.quiz.questions().count() > QUESTIONS_MAX {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "its number of questions",
            limit: QUESTIONS_MAX,
        });
    }
    Ok(reader.all)
}

struct Reader<'a> {
    archive: Archive<'a>,
    ids: Identities,
    all: Imported,
}

impl Reader<'_> {
    fn lose(&mut self, question: &str, what: impl Into<String>) {
        self.all.losses.push(Loss {
            line: 0,
            question: question.to_owned(),
            what: what.into(),
        });
    }

    /// A set of questions: some drawn, or all.
    fn set(&mut self, value: &Value) {
        let list = value["questions"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut questions = Vec::new();
        for entry in list {
            let library = entry["library"].as_str().unwrap_or_default();
            let content = Content {
                library: library.split_whitespace().next().unwrap_or_default(),
                title: entry["metadata"]["title"].as_str().unwrap_or_default(),
                value: &entry["params"],
            };
            questions.extend(self.questions(&content));
        }
        let settings = &mut self.all.quiz.settings;
        settings.pass = value["passPercentage"]
            .as_f64()
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(|percent| percent / 100.0);
        settings.shuffle = value["randomQuestions"].as_bool().unwrap_or(false);
        let introduction = value["introPage"]["introduction"]
            .as_str()
            .unwrap_or_default();
        self.all.quiz.introduction = carrel_quiz::Text::html(introduction).filled();
        let drawn = value["poolSize"]
            .as_u64()
            .and_then(|size| u32::try_from(size).ok())
            .filter(|size| (1..questions.len()).contains(&(*size as usize)));
        let items = &mut self.all.quiz.items;
        match drawn {
            Some(draw) => items.push(Item::Pool(Pool {
                id: self.ids.take("pool"),
                title: String::new(),
                draw,
                points: None,
                questions,
            })),
            None => items.extend(questions.into_iter().map(Item::Question)),
        }
        if value["endGame"]["overallFeedback"]
            .as_array()
            .is_some_and(|list| list.len() > 1)
        {
            self.lose("", "feedback by the points of the whole set");
        }
    }

    /// The questions of one content: several for a set of single choices.
    fn questions(&mut self, content: &Content<'_>) -> Vec<Question> {
        let id = self.ids.take(content.title);
        let mut lost = Vec::new();
        let read = kinds::read(content.library, content.value, &id, &mut lost);
        let mut questions = match read {
            Ok(questions) => questions,
            Err(reason) => {
                self.lose(&id, format!("left out: {reason}"));
                return Vec::new();
            }
        };
        for what in lost {
            self.lose(&id, what);
        }
        let several = questions.len() > 1;
        for question in &mut questions {
            question.id = match several {
                true => self.ids.take(&format!("{id}-1")),
                false => id.clone(),
            };
            content.title.clone_into(&mut question.title);
            content::medium(content.value, question);
            let mut files = Vec::new();
            let lost = self.archive.take_pictures(CONTENT, question, &mut files);
            let one = Imported {
                quiz: Quiz::default(),
                files,
                challenges: Vec::new(),
                losses: lost,
            };
            append(&mut self.all, one);
        }
        questions
    }
}

#[cfg(test)]
#[path = "h5p/tests.rs"]
mod tests;
