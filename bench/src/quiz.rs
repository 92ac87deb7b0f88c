//! How many answers one core scores, and how long a large quiz file takes to be read.
//!
//! The mix is that of `docs/quiz-notation.md`, which has every kind: each question with its right
//! answer, with a wrong one, and half-way where there is such a thing.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use carrel_quiz::answer::{Answer, BlankAnswer};
use carrel_quiz::kind::{BlankKey, Outcome};
use carrel_quiz::notation;
use carrel_quiz::right::right_answer;
use carrel_quiz::{Instance, Kind, Question, Quiz, Scorer};

use crate::table::{Cell, Table};

const DOCUMENT: &str = include_str!("../../docs/quiz-notation.md");
/// Questions of the large file.
const BANK: usize = 5_000;

/// A question ready to be scored, with answers to it.
struct Asked {
    question: Question,
    instance: Instance,
    scorer: Scorer,
    answers: Vec<Answer>,
}

/// Scoring and reading, each for as long as a cell is.
pub(crate) fn measure(cell: Duration) -> anyhow::Result<Vec<Table>> {
    let examples = examples()?;
    let asked = examples
        .iter()
        .flat_map(Quiz::questions)
        .filter(|question| question.kind.is_scored())
        .map(ask)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut scoring = Table::new("scoring answers on one core, millions per minute");
    let kept = per_minute(cell, &asked, |one, answer| {
        Ok(one.scorer.score(Some(answer))?.points)
    })?;
    scoring.push(
        "question prepared once",
        vec![Cell::new("million/min", kept)],
    );
    let anew = per_minute(cell, &asked, |one, answer| {
        let scorer = Scorer::new(&one.question, &one.instance)?;
        Ok(scorer.score(Some(answer))?.points)
    })?;
    scoring.push(
        "prepared for each answer",
        vec![Cell::new("million/min", anew)],
    );
    Ok(vec![scoring, read_bank(&examples)?])
}

fn examples() -> anyhow::Result<Vec<Quiz>> {
    let mut quizzes = Vec::new();
    for block in DOCUMENT.split("````markdown\n").skip(1) {
        let (example, _) = block
            .split_once("````\n")
            .context("an example has no end")?;
        let file = if example.starts_with("+++") {
            example.to_owned()
        } else {
            format!("+++\nid = \"example\"\ntitle = \"Example\"\n+++\n\n{example}")
        };
        quizzes.push(notation::parse(&file, "quiz-notation.md")?);
    }
    Ok(quizzes)
}

fn ask(question: &Question) -> anyhow::Result<Asked> {
    let instance = Instance::draw(question, 7)?;
    let scorer = Scorer::new(question, &instance)?;
    let right = right_answer(scorer.question()).context("no right answer is told")?;
    let mut answers = vec![right.clone()];
    answers.extend(spoil(scorer.question(), right));
    Ok(Asked {
        question: question.clone(),
        instance,
        scorer,
        answers,
    })
}

/// What learners answer who do not know.
fn spoil(question: &Question, right: Answer) -> Vec<Answer> {
    match (right, &question.kind) {
        (Answer::Choice { options }, Kind::Choice(choice)) => {
            let wrong = choice.options.iter().filter(|option| !option.correct);
            let mut half = options;
            half.truncate(1);
            let mut answers: Vec<Answer> = wrong
                .map(|option| Answer::Choice {
                    options: vec![option.id.clone()],
                })
                .collect();
            answers.push(Answer::Choice { options: half });
            answers
        }
        (Answer::TrueFalse { value }, _) => vec![Answer::TrueFalse { value: !value }],
        (Answer::Blanks { mut blanks }, Kind::Blanks(key)) => {
            for blank in &key.blanks {
                let wrong = match &blank.key {
                    BlankKey::Choice(choice) => {
                        let last = choice.options.last();
                        BlankAnswer::Chosen(
                            last.map(|option| option.id.clone()).into_iter().collect(),
                        )
                    }
                    BlankKey::Text(_) | BlankKey::Number(_) => {
                        BlankAnswer::Typed("17 and more".to_owned())
                    }
                };
                blanks.insert(blank.id.clone(), wrong);
            }
            vec![Answer::Blanks { blanks }]
        }
        (Answer::ShortAnswer { .. }, _) => ["breaking out of it", "  Return ", "braek"]
            .map(|text| Answer::ShortAnswer {
                text: text.to_owned(),
            })
            .into(),
        (Answer::Numeric { .. }, _) => ["12,5", "1 000 cm/s²", "about ten"]
            .map(|number| Answer::Numeric {
                number: number.to_owned(),
                unit: None,
            })
            .into(),
        (Answer::Ordering { mut items }, _) => {
            items.reverse();
            vec![Answer::Ordering { items }]
        }
        (Answer::Matching { mut targets }, _) => {
            let first = targets.values().next().cloned().unwrap_or_default();
            targets
                .values_mut()
                .for_each(|target| target.clone_from(&first));
            vec![Answer::Matching { targets }]
        }
        (Answer::Tracing { .. }, _) => vec![Answer::Tracing {
            outcome: Outcome::Prints {
                output: "2\n1\n0\ngo\n".to_owned(),
            },
        }],
        (Answer::BugLine { .. }, _) => vec![Answer::BugLine { lines: vec![1, 2] }],
        _ => Vec::new(),
    }
}

/// Answers scored in a minute by one thread, in millions.
fn per_minute(
    cell: Duration,
    asked: &[Asked],
    score: impl Fn(&Asked, &Answer) -> anyhow::Result<f64>,
) -> anyhow::Result<f64> {
    let mut scored = 0_u64;
    let mut points = 0.0;
    let start = Instant::now();
    while start.elapsed() < cell {
        for one in asked {
            for answer in &one.answers {
                points += score(one, black_box(answer))?;
                scored += 1;
            }
        }
    }
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    if black_box(points) <= 0.0 {
        bail!("no answer was right");
    }
    Ok(scored as f64 / minutes / 1e6)
}

/// Reads and writes a file of [`BANK`] questions.
fn read_bank(examples: &[Quiz]) -> anyhow::Result<Table> {
    let mut bank = Quiz {
        id: "bank".to_owned(),
        title: "Bank".to_owned(),
        ..Quiz::default()
    };
    let samples: Vec<&Question> = examples.iter().flat_map(Quiz::questions).collect();
    for (number, sample) in samples.iter().cycle().take(BANK).enumerate() {
        let mut question = (*sample).clone();
        question.id = format!("{}-{number}", question.id);
        bank.items.push(carrel_quiz::Item::Question(question));
    }
    let file = notation::write(&bank);
    let before = resident_peak_bytes();
    let start = Instant::now();
    let read = notation::parse(&file, "bank.quiz.md")?;
    let reading = start.elapsed();
    let peak = resident_peak_bytes() - before;
    let start = Instant::now();
    let written = notation::write(&read);
    let writing = start.elapsed();
    if read != bank || written != file {
        bail!("the file did not read back as it was written");
    }
    let mut table = Table::new(&format!("a quiz file of {BANK} questions"));
    table.push(
        &format!("{} bytes", file.len()),
        vec![
            Cell::new("read ms", reading.as_secs_f64() * 1e3),
            Cell::new("write ms", writing.as_secs_f64() * 1e3),
            Cell::new("peak MiB more", peak / 1_048_576.0),
        ],
    );
    Ok(table)
}

/// Most memory this process ever had, as the kernel counts it; 0 where it does not say.
fn resident_peak_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0
}
