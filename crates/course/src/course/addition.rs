//! Adding activities to `course.toml` as its author wrote it: comments, order and blanks stay.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::ActivityKind;

/// Where activities are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section<'a> {
    /// At the end of the unit of this id.
    Unit(&'a str),
    /// Among what is not part of the course yet.
    Drafts,
}

/// Why nothing was added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdditionError {
    /// The text is no TOML.
    #[error("course.toml cannot be read: {0}")]
    Toml(String),
    /// No unit has the id.
    #[error("the course has no unit `{0}`")]
    NoUnit(String),
    /// The unit lists challenges only.
    #[error("unit `{0}` lists `challenges` only; rename the key to `activities` first")]
    ChallengesOnly(String),
    /// It is written in a way that nothing can be added to without writing it anew.
    #[error("course.toml is written in a way that nothing can be added to; list {0} by hand")]
    Form(String),
}

/// The text of a `course.toml` with these paths listed as well; everything else stays as it is.
///
/// # Errors
/// The text is not as it must be for that.
pub fn add_activities(
    text: &str,
    section: Section<'_>,
    paths: &[String],
) -> Result<String, AdditionError> {
    if paths.is_empty() {
        return Ok(text.to_owned());
    }
    let told = |error: toml::de::Error| AdditionError::Toml(error.message().to_owned());
    let document = DeTable::parse(text).map_err(told)?;
    let (key, added) = match section {
        Section::Drafts => ("drafts", add_drafts(text, document.get_ref(), paths)?),
        Section::Unit(id) => add_to_unit(text, document.get_ref(), id, paths)?,
    };
    // What was added is read again: never is a course written that says something else.
    let mut wanted: Table = toml::from_str(text).map_err(told)?;
    if let Some(list) = list_of(&mut wanted, section, key) {
        list.extend(paths.iter().cloned().map(Value::String));
    }
    let is_right = toml::from_str::<Table>(&added).is_ok_and(|read| read == wanted);
    if is_right {
        Ok(added)
    } else {
        let names: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
        Err(AdditionError::Form(names.join(", ")))
    }
}

/// The list of a section; an empty one where there is none.
fn list_of<'a>(
    course: &'a mut Table,
    section: Section<'_>,
    key: &str,
) -> Option<&'a mut Vec<Value>> {
    let table = match section {
        Section::Drafts => course,
        Section::Unit(id) => {
            let units = course.get_mut("units")?.as_array_mut()?;
            let mut tables = units.iter_mut().filter_map(Value::as_table_mut);
            tables.find(|unit| unit.get("id").and_then(Value::as_str) == Some(id))?
        }
    };
    let list = table.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut()
}

fn add_drafts(text: &str, course: &DeTable<'_>, paths: &[String]) -> Result<String, AdditionError> {
    if let Some(list) = course.get("drafts") {
        return Ok(add_to_list(text, list, paths));
    }
    let keys = course.iter().filter(|(key, _)| key.get_ref() != "units");
    let last = keys.map(|(_, value)| value.span().end).max();
    let last = last.ok_or_else(|| AdditionError::Toml("it has no `id`".to_owned()))?;
    Ok(add_key(text, last, "drafts", paths))
}

fn add_to_unit(
    text: &str,
    course: &DeTable<'_>,
    id: &str,
    paths: &[String],
) -> Result<(&'static str, String), AdditionError> {
    let missing = || AdditionError::NoUnit(id.to_owned());
    let units = course.get("units").map(Spanned::get_ref);
    let units = units.and_then(DeValue::as_array).ok_or_else(missing)?;
    let has_id = |unit: &&DeTable<'_>| {
        let said = unit.get("id").and_then(|said| said.get_ref().as_str());
        said == Some(id)
    };
    let mut tables = units.iter().filter_map(|unit| unit.get_ref().as_table());
    let unit = tables.find(has_id).ok_or_else(missing)?;
    if let Some(list) = unit.get("activities") {
        return Ok(("activities", add_to_list(text, list, paths)));
    }
    if let Some(list) = unit.get("challenges") {
        let is_directory = |path: &String| ActivityKind::of_file(path).is_none();
        if !paths.iter().all(is_directory) {
            return Err(AdditionError::ChallengesOnly(id.to_owned()));
        }
        return Ok(("challenges", add_to_list(text, list, paths)));
    }
    let last = unit.iter().map(|(_, value)| value.span().end).max();
    let last = last.ok_or_else(missing)?;
    Ok(("activities", add_key(text, last, "activities", paths)))
}

/// A list under a new key, below the line of the value that ends at `last`.
fn add_key(text: &str, last: usize, key: &str, paths: &[String]) -> String {
    let at = end_of_line(text, last);
    let lines: String = paths
        .iter()
        .map(|path| format!("    {},\n", quote(path)))
        .collect();
    let (before, after) = text.split_at(at);
    format!("{before}\n{key} = [\n{lines}]{after}")
}

fn add_to_list(text: &str, list: &Spanned<DeValue<'_>>, paths: &[String]) -> String {
    let Range { start, end } = list.span();
    let close = end.saturating_sub(1).max(start);
    let last = list
        .get_ref()
        .as_array()
        .and_then(|items| items.iter().last());
    let Some(last) = last.map(Spanned::span) else {
        let (before, after) = text.split_at(start + 1);
        let lines: String = paths
            .iter()
            .map(|path| format!("\n    {},", quote(path)))
            .collect();
        let gap = if after.starts_with(']') { "\n" } else { "" };
        return format!("{before}{lines}{gap}{after}");
    };
    let between = text.get(last.end..close).unwrap_or_default();
    if !text[start..end].contains('\n') {
        let more: String = paths
            .iter()
            .map(|path| format!(", {}", quote(path)))
            .collect();
        return format!("{}{more}{}", &text[..last.end], &text[last.end..]);
    }
    let indent = indent_of(text, last.start);
    let lines: String = paths
        .iter()
        .map(|path| format!("\n{indent}{},", quote(path)))
        .collect();
    // A comment behind the last one stays with it.
    let comma = comma_of(between);
    let line_end = end_of_line(text, comma.map_or(last.end, |at| last.end + at)).min(close);
    let missing = if comma.is_some() { "" } else { "," };
    format!(
        "{}{missing}{}{lines}{}",
        &text[..last.end],
        &text[last.end..line_end],
        &text[line_end..]
    )
}

/// Where the comma behind the last item is, if it has one.
fn comma_of(between: &str) -> Option<usize> {
    let mut is_comment = false;
    between.bytes().position(|byte| {
        match byte {
            b'#' => is_comment = true,
            b'\n' => is_comment = false,
            _ => {}
        }
        byte == b',' && !is_comment
    })
}

fn end_of_line(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let length = rest.find('\n').unwrap_or(rest.len());
    // A line of another system ends with two characters.
    from + rest[..length].trim_end_matches('\r').len()
}

/// What stands before an item on its line, where that is blank.
fn indent_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
    let before = &text[start..at];
    if before.trim().is_empty() && start > 0 {
        before
    } else {
        "    "
    }
}

fn quote(path: &str) -> String {
    Value::String(path.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"c\"\ntitle = \"C\" # mine\n";

    #[track_caller]
    fn check(section: Section<'_>, before: &str, after: &str) {
        let paths = ["x.quiz.md".to_owned(), "y".to_owned()];
        let added = add_activities(&format!("{HEAD}{before}"), section, &paths);
        assert_eq!(added.as_deref(), Ok(format!("{HEAD}{after}").as_str()));
    }

    #[test]
    fn a_list_goes_on_as_it_was_written() {
        let unit = |list: &str| format!("\n[[units]]\nid = \"u\"\nactivities = {list}\n# end\n");
        for (before, after) in [
            ("[]", "[\n    \"x.quiz.md\",\n    \"y\",\n]"),
            ("[\"a\"]", "[\"a\", \"x.quiz.md\", \"y\"]"),
            ("[\"a\", ]", "[\"a\", \"x.quiz.md\", \"y\", ]"),
            (
                "[\n  \"a\", # one, two\n]",
                "[\n  \"a\", # one, two\n  \"x.quiz.md\",\n  \"y\",\n]",
            ),
            (
                "[\n  \"a\" # one, two\n]",
                "[\n  \"a\", # one, two\n  \"x.quiz.md\",\n  \"y\",\n]",
            ),
            (
                "[\n  { path = \"a\", points = 2 }\n  ,\n  # last\n]",
                "[\n  { path = \"a\", points = 2 }\n  ,\n  \"x.quiz.md\",\n  \"y\",\n  # last\n]",
            ),
            (
                "[ # none yet\n]",
                "[\n    \"x.quiz.md\",\n    \"y\", # none yet\n]",
            ),
        ] {
            check(Section::Unit("u"), &unit(before), &unit(after));
        }
    }

    #[test]
    fn a_key_that_is_not_there_is_added_where_it_belongs() {
        let added = "= [\n    \"x.quiz.md\",\n    \"y\",\n]";
        check(
            Section::Drafts,
            "\n[[units]]\nid = \"u\"\n",
            &format!("drafts {added}\n\n[[units]]\nid = \"u\"\n"),
        );
        check(
            Section::Unit("u"),
            "\n[[units]]\nid = \"u\"\ntitle = \"U\"\n\n[[units]]\nid = \"v\"\n",
            &format!(
                "\n[[units]]\nid = \"u\"\ntitle = \"U\"\nactivities {added}\n\n[[units]]\nid = \"v\"\n"
            ),
        );
        check(
            Section::Unit("u"),
            "[[units]]\nid = \"u\"",
            &format!("[[units]]\nid = \"u\"\nactivities {added}"),
        );
    }

    #[test]
    fn what_cannot_be_added_is_told() {
        let add = |text: &str, section, path: &str| {
            add_activities(text, section, &[path.to_owned()]).map_err(|error| error.to_string())
        };
        let course = format!("{HEAD}[[units]]\nid = \"u\"\nchallenges = [\"a\"]\n");
        let unit = Section::Unit("u");
        assert!(add(&course, unit, "b").unwrap().contains("[\"a\", \"b\"]"));
        assert_eq!(
            add(&course, unit, "b.quiz.md").unwrap_err(),
            "unit `u` lists `challenges` only; rename the key to `activities` first"
        );
        assert_eq!(
            add(&course, Section::Unit("w"), "b").unwrap_err(),
            "the course has no unit `w`"
        );
        let inline = "id = \"c\"\nunits = [{ id = \"u\", title = \"U\" }]\n";
        assert_eq!(
            add(inline, unit, "b").unwrap_err(),
            "course.toml is written in a way that nothing can be added to; list `b` by hand"
        );
        assert!(add("id = ", unit, "b").is_err());
        assert_eq!(add_activities("?", unit, &[]), Ok("?".to_owned()));
    }
}
