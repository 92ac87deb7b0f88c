//! A file: front matter, introduction, questions and pools.

use unicode_normalization::char::is_combining_mark;

use super::attribute::{self, Attributes, Known};
use super::line::{Fence, Line, Marker, read_entries};
use super::place::{Place, Places};
use super::problem::Problems;
use super::{front_matter, read, rich, slip};
use crate::question::Question;
use crate::quiz::{Item, Pool, Quiz};

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
    /// Whether a code block in it is never closed.
    is_open: bool,
    lines: Vec<Line<'a>>,
}

#[derive(Debug)]
struct Heading {
    level: usize,
    title: String,
    attributes: Attributes,
    id: String,
    place: Place,
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
    let front_matter_length = front_matter::read(&lines, &mut quiz, problems, places);
    let body = lines.split_off(front_matter_length);
    let mut open_pool: Option<Pool> = None;
    let sections = split_sections(body, problems);
    let has_questions = sections.iter().any(|section| section.heading.is_some());
    for section in sections {
        let Some(heading) = &section.heading else {
            // A list in an introduction is no question.
            let is_meant = |line: &Line<'_>| {
                !line.text.starts_with("* ") && read::foreign_way_out(line.text).is_some()
            };
            if !has_questions && section.lines.iter().any(is_meant) {
                read::report_foreign(&section.lines, "the file has no question", problems);
            }
            read_introduction(&section.lines, &mut quiz, problems, places);
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
        if section.is_open || heading.level == 1 {
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
fn read_introduction(
    lines: &[Line<'_>],
    quiz: &mut Quiz,
    problems: &mut Problems,
    places: &mut Places,
) {
    let Some((text, stretches)) = read::question_text(lines, None) else {
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
    places.set_text("", "introduction", stretches);
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
        prefix: "",
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
        is_open: false,
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
                is_open: false,
                lines: Vec::new(),
            });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    if fence.is_open() {
        // Nothing below it could be read.
        if let Some(section) = sections.last_mut() {
            section.is_open = true;
        }
        problems.push(
            opened_at,
            "the code block is never closed",
            "close it with a line of the same signs, as many of them",
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
    let text = without_closing(line.text.trim_end());
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
                "write `{} {{#{}}}`; a heading within a text is `####`",
                format!("{} {title}", "#".repeat(level)).trim_end(),
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
    if let Some((message, hint)) = odd_word(braces.text) {
        problems.push(braces.place(), message, hint);
        return Some(heading(Attributes::default(), &text[level..at]));
    }
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

/// A heading without the signs that may close it, as in `## Title {#id} ##`.
fn without_closing(text: &str) -> &str {
    let open = text.trim_end_matches('#');
    if open.len() < text.len() && open.ends_with(' ') && !open.trim_matches(['#', ' ']).is_empty() {
        open.trim_end()
    } else {
        text
    }
}

/// A word in the braces of a heading that is neither its id nor `key=value`.
fn odd_word(braces: &str) -> Option<(String, String)> {
    let inner = braces.strip_prefix("{#")?.strip_suffix('}')?;
    // Marks that write a vowel, as in `काम`, are letters of an id as all others.
    let is_odd = |letter: &char| is_combining_mark(*letter) && !letter.is_alphanumeric();
    if let Some(letter) = inner.chars().find(is_odd) {
        return Some((
            format!(
                "the id `{inner}` has an accent that is a character of its own, U+{:04X}",
                u32::from(letter)
            ),
            "write the letter and its accent as one character".to_owned(),
        ));
    }
    let mut words = inner.split_whitespace();
    let id = words.next()?;
    let odd = words.find(|word| !word.contains('='))?;
    let message = format!("`{odd}` has no meaning here");
    if odd
        .chars()
        .all(|letter| letter.is_alphanumeric() || "-_".contains(letter))
    {
        return Some((
            message,
            format!("an id is one word: write `{{#{id}-{odd}}}`"),
        ));
    }
    Some((
        message,
        format!("write `{{#{id}}}`, or `{{#{id} draw=1}}` for a pool"),
    ))
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
