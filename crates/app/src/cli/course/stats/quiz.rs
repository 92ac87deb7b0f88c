//! Figures of one quiz as text: the whole, question by question, and what was answered.

use carrel_quiz::statistics::{AnswerCount, PartAnswers, PositionStatistics, QuizStatistics};

use super::{quiz_line, show_per_cent, shown, tell_table};
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::terminal::quantity::show_points;
use crate::terminal::text::printable;

/// Most typed answers to one part that are listed.
const TYPED_SHOWN: usize = 10;
/// Most characters of an answer that are shown.
const CHARACTERS_SHOWN: usize = 48;

pub(super) fn tell(terminal: &mut Terminal, figures: &QuizStatistics) -> Result<(), Failure> {
    terminal.line(format_args!("{}", quiz_line(figures)))?;
    let more = [
        ("median", figures.median.map(show_points)),
        (
            "standard deviation",
            figures.standard_deviation.map(show_points),
        ),
        ("skewness", figures.skewness.map(show_points)),
        ("kurtosis", figures.kurtosis.map(show_points)),
        (
            "internal consistency",
            figures.internal_consistency.map(show_per_cent),
        ),
        ("error ratio", figures.error_ratio.map(show_per_cent)),
        ("standard error", figures.standard_error.map(show_points)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            terminal.line(format_args!("  {name}: {value}"))?;
        }
    }
    let all = || figures.positions.iter().chain(&figures.drawn);
    tell_questions(terminal, all())?;
    let mut rows = vec![["answers", "attempts", "share", "points", ""].map(str::to_owned)];
    for one in all() {
        for part in &one.answers {
            add_answers(&mut rows, &one.name, part);
        }
    }
    if rows.len() > 1 {
        tell_table(terminal, &rows)?;
    }
    Ok(())
}

fn tell_questions<'a>(
    terminal: &mut Terminal,
    questions: impl Iterator<Item = &'a PositionStatistics>,
) -> Result<(), Failure> {
    let head = [
        "question",
        "attempts",
        "facility",
        "deviation",
        "discrimination",
        "efficiency",
        "weight meant",
        "real",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for one in questions {
        rows.push([
            printable(&one.name),
            one.attempts.to_string(),
            shown(one.facility.map(|share| show_per_cent(share * 100.0))),
            shown(one.standard_deviation.map(show_points)),
            shown(one.discrimination_index.map(show_per_cent)),
            shown(one.discriminative_efficiency.map(show_per_cent)),
            shown(one.intended_weight.map(show_per_cent)),
            shown(one.effective_weight.map(show_per_cent)),
        ]);
    }
    tell_table(terminal, &rows)
}

/// What can be chosen is listed whole, of what was typed the most frequent.
fn add_answers(rows: &mut Vec<[String; 5]>, question: &str, part: &PartAnswers) {
    let empty = String::new;
    let name = match part.part.as_str() {
        "" => printable(question),
        part => format!("{}, {}", printable(question), printable(part)),
    };
    rows.push([name, empty(), empty(), empty(), empty()]);
    let mut others = part.others;
    for (place, one) in part.answers.iter().enumerate() {
        if place >= TYPED_SHOWN && one.right.is_none() {
            others += one.count;
            continue;
        }
        rows.push([
            format!("  {}", show_answer(one)),
            one.count.to_string(),
            show_per_cent(one.share * 100.0),
            shown(one.mean_share.map(|share| show_per_cent(share * 100.0))),
            match one.right {
                Some(true) => "right".to_owned(),
                Some(false) | None => empty(),
            },
        ]);
    }
    if others > 0 {
        let label = "  others".to_owned();
        rows.push([label, others.to_string(), empty(), empty(), empty()]);
    }
}

/// In one line, beginning with the id of what was chosen.
fn show_answer(one: &AnswerCount) -> String {
    let answer = match (&one.answer, &one.text) {
        (None, _) => return "(nothing)".to_owned(),
        (Some(id), Some(text)) if id != text => format!("{id}: {text}"),
        (Some(answer), _) => answer.clone(),
    };
    let line = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(CHARACTERS_SHOWN).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    printable(&cut)
}

#[cfg(test)]
mod tests {
    use carrel_quiz::kind::{Choice, ChoiceOption, Kind, TextKey};
    use carrel_quiz::statistics::{GradedAttempt, GradedQuestion, Selection};
    use carrel_quiz::{Answer, Item, Question, Quiz, Text};

    use super::*;
    use crate::terminal::tests::captured;

    fn question(id: &str, kind: Kind) -> Item {
        Item::Question(Question::new(id, Text::plain("?"), kind))
    }

    fn attempt(learner: &str, chosen: &str, typed: &str, points: [f64; 2]) -> GradedAttempt {
        let options = vec![chosen.to_owned()];
        let text = typed.to_owned();
        let answers = [
            Some(Answer::Choice { options }),
            (!typed.is_empty()).then_some(Answer::ShortAnswer { text }),
        ];
        let questions = ["one", "two"].into_iter().zip(answers).zip(points);
        GradedAttempt {
            learner: learner.to_owned(),
            number: 1,
            questions: questions
                .map(|((id, answer), points)| GradedQuestion {
                    question: id.to_owned(),
                    position: id.to_owned(),
                    points,
                    points_max: 1.0,
                    answer,
                })
                .collect(),
        }
    }

    #[test]
    fn figures_of_a_quiz_are_told_as_text() {
        let options = [("a", "four"), ("b", "five\u{1b}[2J"), ("c", "six")]
            .map(|(id, text)| ChoiceOption::new(id, Text::plain(text), id == "a"));
        let quiz = Quiz {
            items: vec![
                question("one", Kind::Choice(Choice::one(options.to_vec()))),
                question("two", Kind::ShortAnswer(TextKey::exact(["x"]))),
            ],
            ..Quiz::default()
        };
        let attempts = [
            attempt("ann", "a", "x", [1.0, 1.0]),
            attempt("bob", "b", "y\nz", [0.0, 0.0]),
            attempt("cid", "a", "", [1.0, 0.0]),
        ];
        let figures = QuizStatistics::new(&quiz, &attempts, Selection::Highest);
        let (mut terminal, out, _) = captured();
        tell(&mut terminal, &figures).unwrap();
        // Points 2, 0, 1. Each question: 1 of variance 1/3; together 1/6: r = 1/2.
        assert_eq!(
            out.text(),
            "3 attempts, mean 1 of 2 points\n\
             \x20 median: 1\n\
             \x20 standard deviation: 1\n\
             \x20 skewness: 0\n\
             \x20 internal consistency: 67 %\n\
             \x20 error ratio: 58 %\n\
             \x20 standard error: 0.58\n\
             \x20 question  attempts  facility  deviation  discrimination  efficiency  weight meant  real\n\
             \x20 one              3      67 %       0.58            50 %       100 %          50 %  50 %\n\
             \x20 two              3      33 %       0.58            50 %       100 %          50 %  50 %\n\
             \x20 answers             attempts  share  points\n\
             \x20 one\n\
             \x20   a: four                  2   67 %   100 %  right\n\
             \x20   b: five\\u{1b}[2J         1   33 %     0 %\n\
             \x20   c: six                   0    0 %       -\n\
             \x20 two\n\
             \x20   (nothing)                1   33 %     0 %\n\
             \x20   x                        1   33 %   100 %\n\
             \x20   y z                      1   33 %     0 %\n"
        );
    }

    #[test]
    fn typed_answers_are_cut_and_options_are_not() {
        let one = |answer: &str, right| AnswerCount {
            answer: Some(answer.to_owned()),
            text: None,
            right,
            count: 1,
            share: 0.1,
            mean_share: None,
        };
        let mut part = PartAnswers {
            part: "2".to_owned(),
            answers: (0..12).map(|n| one(&n.to_string(), None)).collect(),
            others: 3,
        };
        part.answers.push(one("z", Some(false)));
        let mut rows = Vec::new();
        add_answers(&mut rows, "gaps", &part);
        let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!((names[0], names[10]), ("gaps, 2", "  9"));
        assert_eq!(names[11..], ["  z", "  others"]);
        assert_eq!(rows[12][1], "5");
        assert_eq!(show_answer(&one(&"é".repeat(60), None)).chars().count(), 49);
    }
}
