//! What stands between the two lines `+++`, as a type: the JSON Schema for editors is made of it.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use super::line::Line;
use super::place::{Place, Places, Stretches};
use super::problem::Problems;
use super::slip::near;
use crate::quiz::Quiz;
use crate::settings::Settings;
use crate::text::Text;

/// The line around the front matter.
pub(super) const FENCE: &str = "+++";
/// The line around front matter of other tools.
const FENCE_OF_OTHERS: &str = "---";
/// Keys of settings.
const KEYS: [&str; 13] = [
    "time_limit_seconds",
    "grace_seconds",
    "attempts",
    "wait_seconds",
    "grade",
    "tries",
    "immediate",
    "penalty",
    "try_counted",
    "shuffle",
    "sequential",
    "pass",
    "review",
];
/// Keys that are no settings.
const OWN_KEYS: [&str; 3] = ["id", "title", "introduction"];
/// Most keys that are not known and told.
const UNKNOWN_MAX: usize = 200;
/// How a file begins.
const WAY_OUT: &str = "start the file with\n+++\nid = \"my-quiz\"\ntitle = \"My quiz\"\n+++";

/// Front matter of a quiz: TOML between two lines `+++` at the top of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FrontMatter {
    /// Stable id, unique in the course and never reused.
    pub id: String,
    /// Title.
    pub title: String,
    /// Introduction, where it cannot stand below the front matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Text>,
    /// How the quiz is attempted.
    #[serde(flatten)]
    pub settings: Settings,
}

/// Id and title of the front matter; the rest of it are settings.
#[derive(Debug, Deserialize)]
struct Named {
    id: Option<String>,
    title: Option<String>,
    introduction: Option<Text>,
}

/// Reads the front matter; how many lines it took.
pub(super) fn read(
    lines: &[Line<'_>],
    quiz: &mut Quiz,
    problems: &mut Problems,
    places: &mut Places,
) -> usize {
    let is_fence = |line: &Line<'_>| line.text.trim_end() == FENCE;
    if !lines.first().is_some_and(is_fence) {
        return report_missing(lines, problems);
    }
    let Some(end) = lines.iter().skip(1).position(is_fence).map(|at| at + 1) else {
        problems.push(
            (1, 1),
            "the front matter is never closed",
            "close it with a line `+++` before the introduction and the first question",
        );
        return lines.len();
    };
    let inner: Vec<&str> = lines[1..end].iter().map(|line| line.text).collect();
    let text = inner.join("\n");
    note_places(&text, places);
    let named: Named = match toml::from_str(&text) {
        Ok(named) => named,
        Err(error) => {
            report_toml(&error, &text, problems);
            return end + 1;
        }
    };
    if named.id.is_none() || named.title.is_none() {
        let lacking = match (&named.id, &named.title) {
            (None, None) => "`id` and `title`",
            (None, _) => "`id`",
            _ => "`title`",
        };
        let hint = "write `id = \"my-quiz\"` and `title = \"My quiz\"` between the lines `+++`";
        problems.push((1, 1), format!("the front matter lacks {lacking}"), hint);
    }
    quiz.id = named.id.unwrap_or_default();
    quiz.title = named.title.unwrap_or_default();
    quiz.introduction = named.introduction;
    match read_settings(&text, problems) {
        Ok(settings) => quiz.settings = settings,
        Err(error) => report_toml(&error, &text, problems),
    }
    end + 1
}

/// What stands between the lines `+++` of a file, as it is.
pub(super) fn find(text: &str) -> Option<&str> {
    let first = text.find('\n')? + 1;
    let mut end = first;
    for line in text[first..].split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return Some(&text[first..end]);
        }
        end += line.len();
    }
    None
}

/// Whether front matter holds the introduction.
pub(super) fn says_introduction(front: &str) -> bool {
    DeTable::parse(front).is_ok_and(|table| table.get_ref().contains_key("introduction"))
}

/// Tells of front matter that is not there; how many lines stand in its place.
fn report_missing(lines: &[Line<'_>], problems: &mut Problems) -> usize {
    let first = lines.iter().position(|line| !line.is_blank());
    let found = first.map(|at| (at, lines[at].text.trim_end()));
    let (at, message) = match found {
        Some((at, FENCE)) => (at, "the front matter is not at the start of the file"),
        Some((at, FENCE_OF_OTHERS)) => (
            at,
            "the front matter is TOML between `+++`, not YAML between `---`",
        ),
        _ => (0, "there is no front matter"),
    };
    let (place, hint) = match found {
        Some((_, FENCE)) => (
            lines[at].place(),
            "take away what stands above it, empty lines too",
        ),
        _ => ((at + 1, 1), WAY_OUT),
    };
    problems.push(place, message, hint);
    // What others put between their lines is no introduction.
    let Some((at, fence @ (FENCE | FENCE_OF_OTHERS))) = found else {
        return 0;
    };
    let mut rest = lines.iter().skip(at + 1);
    let length = rest.position(|line| line.text.trim_end() == fence);
    length.map_or(at, |length| at + length + 2)
}

/// Notes where the values of the front matter stand.
fn note_places(text: &str, places: &mut Places) {
    let Ok(table) = DeTable::parse(text) else {
        return;
    };
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        if !(KEYS.contains(&name) || OWN_KEYS.contains(&name)) {
            continue;
        }
        places.set("", name, place_of(text, &value.span()));
        let source = match value.get_ref() {
            DeValue::Table(table) if key.get_ref() == "introduction" => table.get("source"),
            _ => None,
        };
        if let Some(source) = source {
            let place = place_of(text, &source.span());
            places.set_text("", "introduction", Stretches::whole(place));
        }
    }
}

/// What is left of the front matter are settings; places stay those of the file.
fn read_settings(text: &str, problems: &mut Problems) -> Result<Settings, toml::de::Error> {
    let mut table = DeTable::parse(text)?;
    for key in OWN_KEYS {
        table.get_mut().remove(key);
    }
    // Not only the first that is not known is told.
    let unknown: Vec<(String, Range<usize>)> = table
        .get_ref()
        .keys()
        .filter(|key| !KEYS.contains(&key.get_ref().as_ref()))
        .take(UNKNOWN_MAX)
        .map(|key| (key.get_ref().to_string(), key.span()))
        .collect();
    for (key, span) in unknown {
        let near = KEYS
            .iter()
            .filter_map(|known| Some((near(&key, known)?, known)));
        let hint = near.min().map_or_else(
            || {
                format!(
                    "its keys are {}; when a quiz is open and due is said in course.toml",
                    KEYS.join(", ")
                )
            },
            |(_, known)| format!("did you mean `{known}`?"),
        );
        let message = format!("the front matter: unknown field `{key}`");
        problems.push(place_of(text, &span), message, hint);
    }
    let all = std::mem::take(table.get_mut()).into_iter();
    *table.get_mut() = all
        .filter(|(key, _)| KEYS.contains(&key.get_ref().as_ref()))
        .collect();
    Settings::deserialize(toml::de::Deserializer::from(table))
}

/// Line and column in the file of a place in the front matter.
fn place_of(source: &str, span: &Range<usize>) -> Place {
    let before = source.get(..span.start).unwrap_or_default();
    let line = before.matches('\n').count();
    let own = before.rsplit('\n').next().unwrap_or_default();
    // The front matter starts on the second line.
    (line + 2, own.chars().count() + 1)
}

fn report_toml(error: &toml::de::Error, source: &str, problems: &mut Problems) {
    problems.push(
        place_of(source, &error.span().unwrap_or_default()),
        format!("the front matter: {}", error.message().replace('\n', " ")),
        "docs/quiz-notation.md lists its keys; when a quiz is open and due is said in course.toml",
    );
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::notation::parse;
    use crate::settings::ReviewRules;

    #[test]
    fn keys_without_end_are_told_in_part() {
        let keys = (0..30_000).map(|index| format!("k{index} = 1\n"));
        let keys: String = keys.collect();
        let text = format!("+++\nid = 'q'\ntitle = 'Q'\n{keys}+++\n");
        let told = parse(&text, "q.md").unwrap_err();
        assert_eq!(told.list().len(), UNKNOWN_MAX);
    }

    #[test]
    fn everything_that_the_schema_names_is_read() {
        let front = FrontMatter {
            id: "q".to_owned(),
            title: "Q".to_owned(),
            introduction: Some(Text::html("<p>Read.</p>")),
            settings: Settings {
                time_limit_seconds: Some(60),
                attempts: Some(2),
                tries: None,
                pass: Some(0.5),
                review: ReviewRules::default(),
                ..Settings::default()
            },
        };
        let written = toml::Table::try_from(&front).unwrap();
        let schema = schemars::schema_for!(FrontMatter).to_value();
        let named: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(written.keys().collect::<BTreeSet<_>>(), named);
        let of_settings = named.iter().map(|key| key.as_str());
        let of_settings: BTreeSet<&str> = of_settings
            .filter(|key| !["id", "title", "introduction"].contains(key))
            .collect();
        assert_eq!(of_settings, BTreeSet::from(KEYS));
        // The introduction is a table of its own here; the formatter writes it in one line.
        assert!(written.to_string().contains("[introduction]"));
        let text = format!("+++\n{written}+++\n");
        let quiz = parse(&text, "q.md").unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!((quiz.id, quiz.title), (front.id, front.title));
        assert_eq!(quiz.introduction, front.introduction);
        assert_eq!(quiz.settings, front.settings);
    }
}
