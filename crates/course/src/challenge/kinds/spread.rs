//! Input and answer of a check, or one case per file that `data` matches.

use std::path::PathBuf;

use crate::challenge::context::Context;
use crate::pattern::is_pattern;
use crate::placed::Placed;
use crate::raw::CheckTable;

/// Endings that an answer may have beside its input.
const ANSWER_ENDINGS: [&str; 2] = ["ans", "out"];

/// One input with its answer.
#[derive(Debug)]
pub(super) struct Case {
    /// Name within the check; `None` for the only one.
    pub(super) stem: Option<String>,
    /// File with the input.
    pub(super) input: Option<PathBuf>,
    /// File with the answer.
    pub(super) answer: Option<PathBuf>,
}

/// The cases of a check. With `need_answer`, one without is a problem and left out.
pub(super) fn find_cases(
    context: &mut Context<'_>,
    table: &Placed<CheckTable>,
    need_answer: bool,
) -> Vec<Case> {
    let raw = &table.value;
    if let Some(data) = &raw.data {
        if raw.input.is_some() || raw.answer.is_some() {
            let hint =
                "`data` finds inputs and answers by itself: remove `input` and `answer`, or `data`";
            context.report(&data.span, "`data` beside `input` or `answer`", hint);
        }
        return find_data(context, data, need_answer);
    }
    let input = raw.input.as_ref().and_then(|path| context.find_file(path));
    let answer = match &raw.answer {
        Some(path) => context.find_file(path),
        None => {
            if need_answer {
                let hint = "name the file with the expected output, or use data = \"data/*.in\"";
                context.report_missing(&table.span, "answer", hint);
            }
            None
        }
    };
    vec![Case {
        stem: None,
        input,
        answer,
    }]
}

fn find_data(context: &mut Context<'_>, data: &Placed<String>, need_answer: bool) -> Vec<Case> {
    let Some(pattern) = context.parse_pattern(data) else {
        return Vec::new();
    };
    let inputs: Vec<String> = context
        .tree
        .matching(&pattern)
        .into_iter()
        .filter(|path| {
            !ANSWER_ENDINGS
                .iter()
                .any(|ending| split_ending(path).1 == *ending)
        })
        .map(str::to_owned)
        .collect();
    if inputs.is_empty() {
        let message = format!("`{}` matches no input file", data.value);
        context.report(
            &data.span,
            message,
            "inputs end in `.in`, example: data = \"data/secret/*.in\"",
        );
    }
    let fixed = find_fixed(&data.value);
    let mut cases = Vec::new();
    for path in inputs {
        let (bare, _) = split_ending(&path);
        let answer = ANSWER_ENDINGS
            .iter()
            .find_map(|ending| context.tree.find(&format!("{bare}.{ending}")).cloned());
        if answer.is_none() && need_answer {
            let message = format!("input `{path}` has no answer");
            context.report(&data.span, message, &format!("add `{bare}.ans`"));
            continue;
        }
        let stem = bare.strip_prefix(fixed).unwrap_or(bare).to_owned();
        cases.push(Case {
            stem: Some(stem),
            input: context.tree.find(&path).cloned(),
            answer,
        });
    }
    // `2` comes before `10`, as their author counts.
    cases.sort_by_cached_key(|case| case.stem.as_deref().map(count_naturally));
    cases
}

/// The directories of a pattern before its first star, with the last slash.
fn find_fixed(pattern: &str) -> &str {
    let mut end = 0;
    for part in pattern.split_inclusive('/') {
        if is_pattern(part) || !part.ends_with('/') {
            break;
        }
        end += part.len();
    }
    &pattern[..end]
}

fn split_ending(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or((path, ""))
}

/// A sort key in which runs of digits are compared as numbers.
fn count_naturally(text: &str) -> Vec<(String, usize, String)> {
    let mut key = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits_at = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (word, tail) = rest.split_at(digits_at);
        let digits_end = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (digits, tail) = tail.split_at(digits_end);
        let number = digits.trim_start_matches('0');
        key.push((word.to_owned(), number.len(), number.to_owned()));
        rest = tail;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_part_ends_before_the_first_star() {
        assert_eq!(find_fixed("data/secret/*.in"), "data/secret/");
        assert_eq!(find_fixed("data/**/*.in"), "data/");
        assert_eq!(find_fixed("*.in"), "");
        assert_eq!(find_fixed("data/one.in"), "data/");
    }

    #[test]
    fn numbers_are_counted_as_numbers() {
        let mut names = vec!["10-b", "2-b", "1", "g2/1", "g10/1", "02"];
        names.sort_by_cached_key(|name| count_naturally(name));
        assert_eq!(names, ["1", "02", "2-b", "10-b", "g2/1", "g10/1"]);
    }
}
