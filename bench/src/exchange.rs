//! Import of a large question bank: seconds, and memory at its peak.

use std::time::Instant;

use anyhow::Context;
use carrel_exchange::{Format, read, write};
use carrel_quiz::kind::{
    Choice, ChoiceOption, Kind, MatchItem, MatchTarget, Matching, NumberKey, PartScheme, TextKey,
    Tolerance, TrueFalse,
};
use carrel_quiz::{Item, Question, Quiz, Text};

use crate::table::{Cell, Table};

/// Questions of the bank.
const QUESTIONS: usize = 5_000;
/// Reads of each format; the best counts, as the others tell of the machine's load.
const ROUNDS: usize = 3;

/// Writes the bank in each format and reads it back.
pub(crate) fn measure() -> anyhow::Result<Vec<Table>> {
    let quiz = bank();
    let mut table = Table::new(&format!("import of {QUESTIONS} questions"));
    for format in [Format::MoodleXml, Format::Gift, Format::Qti] {
        let written = write(format, &quiz, &[])?;
        let left_out = written
            .losses
            .iter()
            .filter(|loss| loss.what.contains("left out"))
            .count();
        anyhow::ensure!(
            left_out == 0,
            "{left_out} questions cannot be written as {format}"
        );
        let mut best = f64::INFINITY;
        let mut peak = 0.0_f64;
        for _ in 0..ROUNDS {
            let before = memory("VmRSS")?;
            // Begins the count of the peak anew (proc(5), clear_refs).
            std::fs::write("/proc/self/clear_refs", "5").context("resetting the peak of memory")?;
            let start = Instant::now();
            let imported = read(format, &written.bytes, "bank")?;
            best = best.min(start.elapsed().as_secs_f64());
            peak = peak.max(memory("VmHWM")? - before);
            anyhow::ensure!(imported.quiz.questions().count() == QUESTIONS);
        }
        table.push(
            format.name(),
            vec![
                Cell::new("MB of file", written.bytes.len() as f64 / 1e6),
                Cell::new("seconds", best),
                Cell::new("questions per second", QUESTIONS as f64 / best),
                Cell::new("peak MB above the file", peak),
            ],
        );
    }
    Ok(vec![table])
}

/// A line of the process's own account, in MB.
fn memory(name: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("reading own memory")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kibibytes: f64 = kibibytes.context("the kernel tells no memory")?.parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}

/// Questions of the kinds that all three formats hold, each with texts of a few lines.
fn bank() -> Quiz {
    let items = (0..QUESTIONS).map(|number| {
        let text = format!(
            "<p>Question {number}: which of these holds for a list of {number} items that is sorted \
             in place &amp; without copies?</p><pre>items = list(range({number}))\nitems.sort()</pre>"
        );
        let mut question = Question::new(format!("q{number}"), Text::html(text), kind(number));
        question.title = format!("Lists {number}");
        question.feedback.general = Some(Text::html(format!("<p>See unit {}.</p>", number % 40)));
        Item::Question(question)
    });
    Quiz {
        id: "bank".to_owned(),
        title: "Bank".to_owned(),
        items: items.collect(),
        ..Quiz::default()
    }
}

fn kind(number: usize) -> Kind {
    match number % 5 {
        0 | 1 => {
            let options = ["a", "b", "c", "d"].into_iter().map(|id| {
                let text = Text::html(format!("it takes <b>{id}{number}</b> steps"));
                let mut option = ChoiceOption::new(id, text, id == "b");
                option.feedback = Some(Text::html(format!("about {id}")));
                option
            });
            Kind::Choice(Choice::one(options.collect()))
        }
        2 => Kind::ShortAnswer(TextKey::exact([
            format!("answer {number}"),
            format!("the answer {number}"),
        ])),
        3 => Kind::Numeric(NumberKey::near(
            f64::from(u32::try_from(number).unwrap_or(0)),
            Tolerance::Absolute { by: 0.5 },
        )),
        _ if number.is_multiple_of(2) => Kind::TrueFalse(TrueFalse {
            correct: true,
            feedback_true: None,
            feedback_false: None,
        }),
        _ => {
            let pair = |place: usize| MatchItem {
                id: (place + 1).to_string(),
                text: Text::html(format!("left {place} of {number}")),
                target: ["a", "b", "c"][place].to_owned(),
                weight: 1.0,
                feedback: None,
            };
            let target = |id: &str| MatchTarget {
                id: id.to_owned(),
                text: Text::html(format!("right {id} of {number}")),
            };
            Kind::Matching(Matching {
                items: (0..3).map(pair).collect(),
                targets: ["a", "b", "c"].map(target).to_vec(),
                scheme: PartScheme::EachPart,
                pairs: Vec::new(),
                wrong_pair: 0.0,
                shuffle: true,
            })
        }
    }
}
