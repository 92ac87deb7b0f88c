use std::collections::BTreeMap;

use crate::answer::{Answer, BlankAnswer};
use crate::kind::{
    Blank, BlankKey, Blanks, Choice, ChoiceOption, Essay, Kind, MatchItem, MatchTarget, Matching,
    OrderItem, OrderScheme, Ordering, PartScheme, TextKey, TrueFalse,
};
use crate::question::Question;
use crate::quiz::{Item, Quiz};
use crate::statistics::{GradedAttempt, GradedQuestion, PartAnswers, QuizStatistics, Selection};
use crate::text::Text;

/// Answers to one question, one attempt each, by part.
fn answered(kind: Kind, answers: &[Option<Answer>]) -> Vec<PartAnswers> {
    let quiz = Quiz {
        items: vec![Item::Question(Question::new("q", Text::plain("?"), kind))],
        ..Quiz::default()
    };
    let attempts = answers
        .iter()
        .enumerate()
        .map(|(learner, answer)| GradedAttempt {
            learner: learner.to_string(),
            number: 1,
            questions: vec![GradedQuestion {
                question: "q".to_owned(),
                position: "q".to_owned(),
                points: 0.0,
                points_max: 1.0,
                answer: answer.clone(),
            }],
        });
    let attempts: Vec<_> = attempts.collect();
    let mut found = QuizStatistics::new(&quiz, &attempts, Selection::All);
    found.positions.remove(0).answers
}

/// As `part: answer=count…`; what is right has a `*`, what is not offered a `?`.
fn lines(parts: &[PartAnswers]) -> Vec<String> {
    let lines = parts.iter().map(|part| {
        let answers = part.answers.iter().map(|one| {
            let answer = one.answer.as_deref().unwrap_or("nothing");
            let count = one.count;
            let mark = match one.right {
                Some(true) => "*",
                Some(false) => "",
                None => "?",
            };
            format!(" {answer}{mark}={count}")
        });
        format!("{}:{}", part.part, answers.collect::<String>())
    });
    lines.collect()
}

#[test]
fn whatever_can_be_chosen_is_counted_whether_it_was_or_not() {
    let truth = Kind::TrueFalse(TrueFalse {
        correct: false,
        feedback_true: None,
        feedback_false: None,
    });
    let given = [Some(Answer::TrueFalse { value: true }), None];
    assert_eq!(
        lines(&answered(truth, &given)),
        [": nothing?=1 true=1 false*=0"]
    );

    let essay = |text: &str| {
        let (text, files) = (text.to_owned(), Vec::new());
        Some(Answer::Essay { text, files })
    };
    let given = [essay("Because."), essay(" "), None];
    // Whoever wrote something did not answer nothing.
    let found = answered(Kind::Essay(Essay::default()), &given);
    assert_eq!(lines(&found), [": nothing?=2"]);

    let options = ["a", "b"].map(|id| ChoiceOption::new(id, Text::plain(id), id == "a"));
    let several = Kind::Choice(Choice::many(options.to_vec()));
    // z was an option of an earlier version.
    let chosen = ["b", "z"].map(str::to_owned).to_vec();
    let given = [Some(Answer::Choice { options: chosen })];
    assert_eq!(lines(&answered(several, &given)), [": b=1 z?=1 a*=0"]);

    let blanks = Kind::Blanks(Blanks {
        blanks: vec![
            Blank::new("1", BlankKey::Text(TextKey::exact(["x"]))),
            Blank::new("2", BlankKey::Choice(Choice::one(options.to_vec()))),
            Blank::new("10", BlankKey::Choice(Choice::many(options.to_vec()))),
        ],
        scheme: PartScheme::EachPart,
    });
    let both = ["a", "b"].map(str::to_owned).to_vec();
    let given = [Some(Answer::Blanks {
        blanks: BTreeMap::from([
            ("1".to_owned(), BlankAnswer::Typed(" y ".to_owned())),
            ("2".to_owned(), BlankAnswer::Chosen(vec!["b".to_owned()])),
            ("10".to_owned(), BlankAnswer::Chosen(both)),
        ]),
    })];
    assert_eq!(
        lines(&answered(blanks, &given)),
        ["1: y?=1", "2: b=1 a*=0", "10: a*=1 b=1"]
    );
}

#[test]
fn pairs_and_places_that_nobody_chose_are_counted() {
    let item = |id: &str, target: &str| MatchItem {
        id: id.to_owned(),
        text: Text::plain(id),
        target: target.to_owned(),
        weight: 1.0,
        feedback: None,
    };
    let target = |id: &str| MatchTarget {
        id: id.to_owned(),
        text: Text::plain(format!("the  {id}")),
    };
    let matching = Kind::Matching(Matching {
        items: vec![item("dog", "x"), item("cat", "y")],
        targets: ["x", "y", "z"].map(target).to_vec(),
        scheme: PartScheme::EachPart,
        pairs: Vec::new(),
        wrong_pair: 0.0,
        shuffle: true,
    });
    let targets = BTreeMap::from([("dog".to_owned(), "z".to_owned())]);
    let found = answered(matching, &[Some(Answer::Matching { targets })]);
    assert_eq!(lines(&found), ["cat: x=0 y*=0 z=0", "dog: z=1 x*=0 y=0"]);
    assert_eq!(found[1].answers[0].text.as_deref(), Some("the z"));

    let item = |id: &str| OrderItem {
        id: id.to_owned(),
        text: Text::plain(if id == "3" { "1" } else { id }),
    };
    let order = |distractors: Vec<OrderItem>, items: Vec<OrderItem>| {
        Kind::Ordering(Ordering {
            items,
            distractors,
            scheme: OrderScheme::Positions,
        })
    };
    let short = order(vec![item("9")], ["1", "2", "3"].map(item).to_vec());
    let items = ["9", "1"].map(str::to_owned).to_vec();
    let found = answered(short, &[Some(Answer::Ordering { items })]);
    // 3 reads as 1 does: either is right where the other is.
    assert_eq!(
        lines(&found),
        [
            "1: 9=1 1*=0 2=0 3*=0",
            "2: 1=1 2*=0 3=0 9=0",
            "3: 1*=0 2=0 3*=0 9=0"
        ]
    );
    // A table of hundred places by hundred items would tell nobody anything.
    let all: Vec<String> = (1..=100).map(|number| number.to_string()).collect();
    let long = order(Vec::new(), all.iter().map(|id| item(id)).collect());
    let found = answered(long, &[Some(Answer::Ordering { items: all })]);
    assert_eq!((found.len(), found[99].answers.len()), (100, 1));
}
