//! Figures of a quiz as one table: what a row is about stands in its first column.

use carrel_quiz::statistics::{
    AnswerCount, PartAnswers, PositionStatistics, QuizStatistics, Selection,
};

use crate::csv::{Table, number};

/// Columns of the table. Each figure has the name that it has in JSON.
const COLUMNS: [&str; 25] = [
    "about",
    "name",
    "selection",
    "part",
    "answer",
    "text",
    "right",
    "attempts",
    "share",
    "mean_share",
    "points_max",
    "mean",
    "median",
    "standard_deviation",
    "skewness",
    "kurtosis",
    "internal_consistency",
    "error_ratio",
    "standard_error",
    "facility",
    "random_guess_score",
    "intended_weight",
    "effective_weight",
    "discrimination_index",
    "discriminative_efficiency",
];

type Cell = (&'static str, String);

/// The figures as a table: a row of the quiz, one of each selection of attempts, one of each
/// position and each question drawn from a pool, and after each of these one of every answer.
#[must_use]
pub fn table(quiz: &str, figures: &QuizStatistics) -> String {
    let mut table = Table::new(&COLUMNS);
    let selected = selection_name(figures.selection);
    table.add(&quiz_row(quiz, selected, figures));
    for count in &figures.counts {
        table.add(&[
            ("about", "selection".to_owned()),
            ("name", quiz.to_owned()),
            ("selection", selection_name(count.selection).to_owned()),
            ("attempts", count.attempts.to_string()),
            ("mean", number(count.mean)),
        ]);
    }
    let positions = figures.positions.iter().map(|one| ("position", one));
    let drawn = figures.drawn.iter().map(|one| ("drawn", one));
    for (about, one) in positions.chain(drawn) {
        table.add(&position_row(about, selected, one));
        for part in &one.answers {
            for answer in &part.answers {
                table.add(&answer_row(&one.name, selected, part, answer));
            }
            if part.others > 0 {
                table.add(&[
                    ("about", "others".to_owned()),
                    ("name", one.name.clone()),
                    ("selection", selected.to_owned()),
                    ("part", part.part.clone()),
                    ("attempts", part.others.to_string()),
                ]);
            }
        }
    }
    table.into_text()
}

fn quiz_row(quiz: &str, selected: &str, figures: &QuizStatistics) -> [Cell; 13] {
    let counted = figures.counts.iter();
    let mut counted = counted.filter(|count| count.selection == figures.selection);
    let attempts = counted.next().map_or(0, |count| count.attempts);
    [
        ("about", "quiz".to_owned()),
        ("name", quiz.to_owned()),
        ("selection", selected.to_owned()),
        ("attempts", attempts.to_string()),
        ("points_max", number(Some(figures.points_max))),
        ("mean", number(figures.mean)),
        ("median", number(figures.median)),
        ("standard_deviation", number(figures.standard_deviation)),
        ("skewness", number(figures.skewness)),
        ("kurtosis", number(figures.kurtosis)),
        ("internal_consistency", number(figures.internal_consistency)),
        ("error_ratio", number(figures.error_ratio)),
        ("standard_error", number(figures.standard_error)),
    ]
}

fn position_row(about: &str, selected: &str, one: &PositionStatistics) -> [Cell; 12] {
    [
        ("about", about.to_owned()),
        ("name", one.name.clone()),
        ("selection", selected.to_owned()),
        ("attempts", one.attempts.to_string()),
        ("points_max", number(Some(one.points_max))),
        ("facility", number(one.facility)),
        ("standard_deviation", number(one.standard_deviation)),
        ("random_guess_score", number(one.random_guess_score)),
        ("intended_weight", number(one.intended_weight)),
        ("effective_weight", number(one.effective_weight)),
        ("discrimination_index", number(one.discrimination_index)),
        (
            "discriminative_efficiency",
            number(one.discriminative_efficiency),
        ),
    ]
}

fn answer_row(name: &str, selected: &str, part: &PartAnswers, one: &AnswerCount) -> [Cell; 10] {
    let right = one
        .right
        .map_or("", |right| if right { "yes" } else { "no" });
    [
        ("about", "answer".to_owned()),
        ("name", name.to_owned()),
        ("selection", selected.to_owned()),
        ("part", part.part.clone()),
        ("answer", one.answer.clone().unwrap_or_default()),
        ("text", one.text.clone().unwrap_or_default()),
        ("right", right.to_owned()),
        ("attempts", one.count.to_string()),
        ("share", number(Some(one.share))),
        ("mean_share", number(one.mean_share)),
    ]
}

fn selection_name(selection: Selection) -> &'static str {
    match selection {
        Selection::All => "all",
        Selection::First => "first",
        Selection::Last => "last",
        Selection::Highest => "highest",
    }
}

#[cfg(test)]
mod tests {
    use carrel_quiz::kind::{Choice, ChoiceOption, Kind};
    use carrel_quiz::statistics::{GradedAttempt, GradedQuestion};
    use carrel_quiz::{Answer, Item, Question, Quiz, Text};

    use super::*;

    fn attempt(learner: &str, chosen: &str, points: f64) -> GradedAttempt {
        GradedAttempt {
            learner: learner.to_owned(),
            number: 1,
            questions: vec![GradedQuestion {
                question: "q".to_owned(),
                position: "q".to_owned(),
                points,
                points_max: 2.0,
                answer: Some(Answer::Choice {
                    options: vec![chosen.to_owned()],
                }),
            }],
        }
    }

    #[test]
    fn a_table_has_the_quiz_its_questions_and_every_option() {
        let options = [("a", "=1"), ("b", "two"), ("c", "three")]
            .map(|(id, text)| ChoiceOption::new(id, Text::plain(text), id == "a"));
        let kind = Kind::Choice(Choice::one(options.to_vec()));
        let mut question = Question::new("q", Text::plain("?"), kind);
        question.points = 2.0;
        let quiz = Quiz {
            items: vec![Item::Question(question)],
            ..Quiz::default()
        };
        let attempts = [
            attempt("ann", "a", 2.0),
            attempt("bob", "a", 2.0),
            attempt("cid", "b", 0.0),
            attempt("dan", "a", 2.0),
        ];
        let figures = QuizStatistics::new(&quiz, &attempts, Selection::First);
        let text = table("loops", &figures);
        let rows: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(rows[0], COLUMNS.join(","));
        // Four attempts of 2, 2, 0 and 2 points: mean 1.5, variance (3 · 0.25 + 2.25) / 3 = 1.
        assert!(
            rows[1].starts_with("quiz,loops,first,,,,,4,,,2,1.5,2,1,-2,4,"),
            "{}",
            rows[1]
        );
        assert_eq!(
            rows[2],
            format!("selection,loops,all,,,,,4,,,,1.5{}", ",".repeat(13))
        );
        assert!(
            rows[6].starts_with("position,q,first,,,,,4,,,2,,,1,,,,,,0.75,"),
            "{}",
            rows[6]
        );
        let rest = ",".repeat(15);
        assert_eq!(rows[7], format!("answer,q,first,,a,'=1,yes,3,0.75,1{rest}"));
        assert_eq!(rows[8], format!("answer,q,first,,b,two,no,1,0.25,0{rest}"));
        // Nobody chose it, and there is no mean of nobody.
        assert_eq!(rows[9], format!("answer,q,first,,c,three,no,0,0,{rest}"));
        assert_eq!(rows[10..], [""]);
        let columns = rows[1..10].iter().map(|row| row.matches(',').count() + 1);
        assert!(columns.into_iter().all(|count| count == COLUMNS.len()));
    }
}
