//! Questions on programs, where nothing runs them.

use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, BugLine, Choice, ChoiceOption, ChoiceScheme, Kind, LineScheme,
    Outcome, PartScheme, Tracing,
};
use carrel_quiz::{Question, Text, TextFormat};

use super::{Target, exactly};
use crate::markup::{html, line_html, markdown};
use crate::moodle::encode;

/// What may become of a program, in the words of the question that is written.
const ENDS: [&str; 4] = [
    "It ends normally and prints something.",
    "It ends normally and prints nothing.",
    "It ends with an error.",
    "It does not compile.",
];

/// What a program does becomes a text to type, a text for each line, or a choice.
pub(super) fn tracing(
    question: &mut Question,
    tracing: &Tracing,
    target: Target,
    losses: &mut Vec<String>,
) {
    losses.push(
        "its answer is typed and compared as text: nothing runs the program there".to_owned(),
    );
    block(&mut question.text, &tracing.language, &tracing.source);
    if !tracing.stdin.is_empty() {
        append_words(&mut question.text, "It reads:");
        block(&mut question.text, "", &tracing.stdin);
    }
    let (output, end) = match &tracing.expected {
        Outcome::Prints { output } if output.trim().is_empty() => ("", Some(1)),
        Outcome::Prints { output } => (output.as_str(), None),
        Outcome::RuntimeError { output } => (output.as_str(), Some(2)),
        Outcome::CompileError => ("", Some(3)),
    };
    let mut lines: Vec<&str> = output.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    question.kind = match (lines.as_slice(), end) {
        ([line], None) => Kind::ShortAnswer(exactly(line.trim())),
        ([], Some(end)) => Kind::Choice(ends(end)),
        (_, Some(end)) if target == Target::Gift => {
            losses.push("what it prints before its error is not asked".to_owned());
            Kind::Choice(ends(end))
        }
        (lines, None) if target == Target::Gift => {
            let ask = "Write the lines one after the other, with a blank between them.";
            append_words(&mut question.text, ask);
            losses.push("the lines that it prints are asked in one".to_owned());
            let words: Vec<&str> = lines
                .iter()
                .flat_map(|line| line.split_whitespace())
                .collect();
            Kind::ShortAnswer(exactly(&words.join(" ")))
        }
        (lines, end) => {
            losses.push(
                "each line that it prints has a field of its own, which tells how many there are"
                    .to_owned(),
            );
            Kind::Blanks(line_by_line(
                &mut question.text,
                lines,
                end,
                tracing.scheme.into(),
            ))
        }
    };
}

fn ends(right: usize) -> Choice {
    let options = ENDS.iter().zip(["a", "b", "c", "d"]).enumerate();
    let options = options
        .map(|(number, (text, id))| ChoiceOption::new(id, Text::plain(*text), number == right));
    let mut choice = Choice::one(options.collect());
    choice.shuffle = false;
    choice
}

fn line_by_line(text: &mut Text, lines: &[&str], end: Option<usize>, scheme: PartScheme) -> Blanks {
    let mut blanks = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let label = match line.trim() {
            "" => format!("{number}: (empty)"),
            _ => format!("{number}: [[line{number}]]"),
        };
        append_words(text, &label);
        if !line.trim().is_empty() {
            let key = BlankKey::Text(exactly(line.trim()));
            blanks.push(Blank::new(format!("line{number}"), key));
        }
    }
    if let Some(end) = end {
        append_words(text, "[[end]]");
        blanks.push(Blank::new("end", BlankKey::Choice(ends(end))));
    }
    Blanks { blanks, scheme }
}

/// The line with the bug becomes a choice of the lines that are not empty.
pub(super) fn bug_line(question: &mut Question, bug_line: &BugLine, losses: &mut Vec<String>) {
    block(&mut question.text, &bug_line.language, &bug_line.source);
    let bugs = &bug_line.bugs;
    let one = bugs.len() == 1;
    let mut options = Vec::new();
    for (number, line) in (1_u32..).zip(bug_line.source.lines()) {
        let bug = bugs
            .iter()
            .find(|bug| (bug.first_line..=bug.last_line).contains(&number));
        if line.trim().is_empty() && bug.is_none() {
            continue;
        }
        let text = Text::plain(format!("{number}: {}", line.trim_end()));
        let mut option = ChoiceOption::new(format!("line{number}"), text, bug.is_some());
        let note = bug_line.notes.iter().find(|note| note.line == number);
        option.feedback = match bug {
            Some(bug) => bug.feedback.clone(),
            None => note.map(|note| note.feedback.clone()),
        };
        if !one {
            let sign = if bug.is_some() { 1.0 } else { -1.0 };
            option.weight = Some(sign / bugs.len() as f64);
        }
        options.push(option);
    }
    let mut choice = match one {
        true => Choice::one(options),
        false => Choice::many(options),
    };
    choice.shuffle = false;
    losses.push("the line to be named became a choice of lines".to_owned());
    if one {
        losses.push("only one line can be named".to_owned());
    }
    if bug_line.scheme == LineScheme::AllOrNothing && !one {
        choice.scheme = ChoiceScheme::AllOrNothing;
    }
    if !one && bugs.iter().any(|bug| bug.first_line != bug.last_line) {
        losses.push("of a bug of several lines each counts by itself".to_owned());
    }
    question.kind = Kind::Choice(choice);
}

/// Adds a paragraph to a text, in its format where that can be.
pub(super) fn append(text: &mut Text, added: &Text) {
    let formats = (text.format, added.format);
    let paragraph = match formats {
        (TextFormat::Html, _) => format!("<p>{}</p>", line_html(added)),
        (TextFormat::Markdown, TextFormat::Plain) => markdown(&html(added)),
        // Markdown takes HTML as well.
        (TextFormat::Markdown, TextFormat::Html) => line_html(added),
        (TextFormat::Plain, TextFormat::Plain) | (TextFormat::Markdown, TextFormat::Markdown) => {
            added.source.clone()
        }
        (TextFormat::Plain, _) => {
            *text = Text::html(format!("<p>{}</p>", html(text)));
            format!("<p>{}</p>", line_html(added))
        }
    };
    text.source
        .push_str(&format!("\n\n{}", paragraph.trim_end()));
}

/// Adds a paragraph that is the same in every format.
fn append_words(text: &mut Text, words: &str) {
    let paragraph = match text.format {
        TextFormat::Html => format!("\n<p>{words}</p>"),
        TextFormat::Markdown | TextFormat::Plain => format!("\n\n{words}"),
    };
    text.source.push_str(&paragraph);
}

/// Adds code to a text.
fn block(text: &mut Text, language: &str, code: &str) {
    let code = code.trim_end();
    match text.format {
        TextFormat::Html => text
            .source
            .push_str(&format!("\n<pre><code>{}</code></pre>", encode(code))),
        TextFormat::Plain => text.source.push_str(&format!("\n\n{code}")),
        TextFormat::Markdown => {
            let mut fence = "```".to_owned();
            while code.contains(&fence) {
                fence.push('`');
            }
            text.source
                .push_str(&format!("\n\n{fence}{language}\n{code}\n{fence}"));
        }
    }
}
