//! A file: front matter, introduction, questions and pools.

use serde::Deserialize;
use toml::de::DeTable;

use super::attribute::{self, Attributes, Known};
use super::line::{Fence, Line, Marker, read_entries};
use super::problem::{Places, Problems};
use super::{read, rich, slip};
use crate::question::Question;
use crate::quiz::{Item, Pool, Quiz};
use crate::settings::Settings;
use crate::text::Text;

/// The line around the front matter.
pub(super) const FRONT_MATTER_FENCE: &str = "+++";

/// What may stand in the braces of a heading.
const OF_HEADINGS: Known = Known {
    id: true,
    words: &[],
    keys: &["draw", "points"],
};

/// A heading with everything up to the next.
#[derive(Debug)]
struct Section<'a> {
    heading: Option<Heading>,
    lines: Vec<Line<'a>>,
}

#[derive(Debug)]
struct Heading {
    level: usize,
    title: String,
    attributes: Attributes,
    id: String,
    place: (usize, usize),
}

/// Reads a file; what is wrong goes to `problems`.
pub(super) fn read(text: &str, problems: &mut Problems, places: &mut Places) -> Quiz {
    let mut lines: Vec<Line<'_>> = text
        .split('\n')
        .enumerate()
        .map(|(index, text)| Line {
            number: index + 1,
            column: 1,
            text,
        })
        .collect();
    let mut quiz = Quiz::default();
    let front_matter_length = read_front_matter(&lines, &mut quiz, problems);
    let body = lines.split_off(front_matter_length);
    let mut open_pool: Option<Pool> = None;
    for section in split_sections(body, problems) {
        let Some(heading) = &section.heading else {
            read_introduction(&section.lines, &mut quiz, problems);
            continue;
        };
        places.set(&heading.id, "", heading.place);
        let is_pool = heading.level == 2 && heading.attributes.get("draw").is_some();
        if heading.level == 3 && open_pool.is_none() {
            problems.push(
                heading.place,
                "a question of the third level belongs to a pool, and there is none",
                "write `##`, or a pool `## Title {#id draw=1}` above it",
            );
        }
        if heading.level == 2 {
            quiz.items.extend(open_pool.take().map(Item::Pool));
        }
        if is_pool {
            open_pool = Some(read_pool(heading, &section.lines, problems));
            continue;
        }
        let Some(question) = read_question(heading, &section.lines, problems, places) else {
            continue;
        };
        match (&mut open_pool, heading.level) {
            (Some(pool), 3) => pool.questions.push(question),
            _ => quiz.items.push(Item::Question(question)),
        }
    }
    quiz.items.extend(open_pool.map(Item::Pool));
    quiz
}

/// The text before the first question; one that Markdown cannot hold stands in the front matter.
fn read_introduction(lines: &[Line<'_>], quiz: &mut Quiz, problems: &mut Problems) {
    let Some(text) = read::question_text(lines, None) else {
        return;
    };
    slip::report_introduction(lines, |line| read::starts_answers(line, None), problems);
    if quiz.introduction.is_some() {
        let first = lines.iter().find(|line| !line.is_blank());
        problems.push(
            first.map_or((1, 1), Line::place),
            "the quiz has two introductions",
            "keep either `introduction` in the front matter or the text below it",
        );
    }
    quiz.introduction = Some(text);
}

fn read_question(
    heading: &Heading,
    lines: &[Line<'_>],
    problems: &mut Problems,
    places: &mut Places,
) -> Option<Question> {
    if heading.attributes.get("points").is_some() || heading.attributes.get("draw").is_some() {
        problems.push(
            heading.place,
            "`draw` and `points` in a heading are for pools",
            "write `points: 2` below the heading",
        );
    }
    let mut reader = read::Reader {
        problems,
        places,
        question: &heading.id,
    };
    let mut question = reader.read_question(heading.place, lines)?;
    question.id.clone_from(&heading.id);
    if question.title.is_empty() {
        question.title.clone_from(&heading.title);
    }
    Some(question)
}

fn read_pool(heading: &Heading, lines: &[Line<'_>], problems: &mut Problems) -> Pool {
    let mut title = heading.title.clone();
    let (entries, used) = read_entries(lines, true, problems);
    let mut stray = lines[used..]
        .iter()
        .find(|line| !line.is_blank())
        .map(Line::place);
    for entry in &entries {
        let is_title = matches!(entry.marker, Marker::Keyword { name: "title", .. });
        if is_title && title.is_empty() {
            title = rich::read_string(&entry.lines, Known::NONE, problems).1;
        } else {
            stray = Some(entry.place);
        }
    }
    if let Some(place) = stray {
        problems.push(
            place,
            "a pool has no text of its own",
            "write its questions as `### Title {#id}`; texts for learners are questions of `kind: description`",
        );
    }
    Pool {
        id: heading.id.clone(),
        title,
        draw: heading.attributes.whole("draw", problems).unwrap_or(1),
        points: heading.attributes.number("points", problems),
        questions: Vec::new(),
    }
}

fn split_sections<'a>(lines: Vec<Line<'a>>, problems: &mut Problems) -> Vec<Section<'a>> {
    let mut sections = vec![Section {
        heading: None,
        lines: Vec::new(),
    }];
    let mut fence = Fence::default();
    let mut opened_at = (0, 0);
    for line in lines {
        let was_open = fence.is_open();
        let is_covered = fence.covers(line.text);
        if fence.is_open() && !was_open {
            opened_at = line.place();
        }
        if !is_covered && let Some(heading) = read_heading(line, problems) {
            sections.push(Section {
                heading: Some(heading),
                lines: Vec::new(),
            });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    if fence.is_open() {
        problems.push(
            opened_at,
            "the code block is never closed",
            "close it with a line of as many back-ticks",
        );
    }
    sections
}

/// Level and length of `# `, `## `, `### ` at the start of a line.
pub(super) fn heading_level(text: &str) -> Option<usize> {
    let level = text.bytes().take_while(|byte| *byte == b'#').count();
    let ends = matches!(text.as_bytes().get(level), None | Some(b' ' | b'\t'));
    ((1..=3).contains(&level) && ends).then_some(level)
}

fn read_heading(line: Line<'_>, problems: &mut Problems) -> Option<Heading> {
    let level = heading_level(line.text)?;
    let text = line.text.trim_end();
    let braces = text.rfind("{#").filter(|_| text.ends_with('}'));
    let heading = |attributes: Attributes, title: &str| Heading {
        level,
        title: title.trim().to_owned(),
        id: attributes.id.clone().unwrap_or_default(),
        attributes,
        place: line.place(),
    };
    if level == 1 {
        problems.push(
            line.place(),
            "headings of the first level are not used here",
            "the title stands in the front matter; a question is `## Title {#id}`, a heading within a text `####`",
        );
        return Some(heading(Attributes::default(), &text[level..]));
    }
    let Some(at) = braces else {
        let title = text[level..].trim();
        problems.push(
            line.place(),
            "the question has no id",
            format!(
                "write `{} {title} {{#{}}}`; a heading within a text is `####`",
                "#".repeat(level),
                slug(title)
            ),
        );
        return Some(heading(Attributes::default(), title));
    };
    let braces = Line {
        text: &text[at..],
        number: line.number,
        column: line.column + text[..at].chars().count(),
    };
    let (attributes, rest) = attribute::take(braces, OF_HEADINGS, problems);
    if attributes.id.is_none() || !rest.text.is_empty() {
        problems.push(
            braces.place(),
            "the braces of the heading cannot be read",
            "write `{#id}`; an id is letters, digits, `-`, `_` and `.`",
        );
    }
    Some(heading(attributes, &text[level..at]))
}

/// An id made of a title.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for letter in title.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_end_matches('-').chars().take(40).collect();
    if slug.is_empty() {
        "question-1".to_owned()
    } else {
        slug
    }
}

/// Id and title of the front matter; the rest of it are settings.
#[derive(Debug, Deserialize)]
struct Named {
    id: Option<String>,
    title: Option<String>,
    introduction: Option<Text>,
}

/// Reads the front matter; how many lines it took.
fn read_front_matter(lines: &[Line<'_>], quiz: &mut Quiz, problems: &mut Problems) -> usize {
    let way_out = "start the file with\n+++\nid = \"my-quiz\"\ntitle = \"My quiz\"\n+++";
    let is_fence = |line: &Line<'_>| line.text.trim_end() == FRONT_MATTER_FENCE;
    if !lines.first().is_some_and(is_fence) {
        let first = lines.iter().find(|line| !line.is_blank());
        let message = match first.map(|line| line.text.trim_end()) {
            Some(FRONT_MATTER_FENCE) => "the front matter is not at the start of the file",
            Some("---") => "the front matter is TOML between `+++`, not YAML between `---`",
            _ => "there is no front matter",
        };
        problems.push((1, 1), message, way_out);
        return 0;
    }
    let Some(end) = lines.iter().skip(1).position(is_fence).map(|at| at + 1) else {
        problems.push(
            (1, 1),
            "the front matter is never closed",
            "close it with a line `+++`",
        );
        return lines.len();
    };
    let inner: Vec<&str> = lines[1..end].iter().map(|line| line.text).collect();
    let text = inner.join("\n");
    let named: Named = match toml::from_str(&text) {
        Ok(named) => named,
        Err(error) => {
            report_toml(&error, &text, problems);
            return end + 1;
        }
    };
    if named.id.is_none() || named.title.is_none() {
        problems.push((1, 1), "the front matter lacks `id` or `title`", way_out);
    }
    quiz.id = named.id.unwrap_or_default();
    quiz.title = named.title.unwrap_or_default();
    quiz.introduction = named.introduction;
    match read_settings(&text) {
        Ok(settings) => quiz.settings = settings,
        Err(error) => report_toml(&error, &text, problems),
    }
    end + 1
}

/// What is left of the front matter are settings; places stay those of the file.
fn read_settings(text: &str) -> Result<Settings, toml::de::Error> {
    let mut table = DeTable::parse(text)?;
    for key in ["id", "title", "introduction"] {
        table.get_mut().remove(key);
    }
    Settings::deserialize(toml::de::Deserializer::from(table))
}

fn report_toml(error: &toml::de::Error, source: &str, problems: &mut Problems) {
    let at = error.span().map_or(0, |span| span.start).min(source.len());
    let before = source.get(..at).unwrap_or_default();
    let line = before.matches('\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    // The front matter starts on the second line.
    problems.push(
        (line + 2, column),
        format!("the front matter: {}", error.message().replace('\n', " ")),
        "docs/quiz-notation.md lists its keys; when a quiz is open and due is said in course.toml",
    );
}
