//! What is shown of a question holds nothing of its key, and answers find their way back.

use carrel_quiz::answer::{Answer, BlankAnswer};
use carrel_quiz::kind::{
    Accept, BlankKey, Bug, Choice, ChoiceScheme, LineNote, LineScheme, NumberAnswer, NumberKey,
    OrderScheme, Outcome, PartScheme, PatternKind, TextKey, TextPattern,
};
use carrel_quiz::notation::parse;
use carrel_quiz::presentation::{BlankField, Names, Segment, ShownKind};
use carrel_quiz::right::right_answer;
use carrel_quiz::template::Amount;
use carrel_quiz::{Instance, Kind, Presentation, Question, Scorer, Text};
use proptest::prelude::*;

use crate::strategies::question;

/// Stands in every place that a learner must not see.
const SECRET: &str = "se-cr-et";

fn secret() -> Option<Text> {
    Some(Text::markdown(SECRET))
}

/// The question with another key, other ids of parts, and secrets all over; the order shown is the same.
fn spoil(mut question: Question, mut instance: Instance) -> (Question, Instance) {
    question.title = SECRET.to_owned();
    question.tags = vec![SECRET.to_owned()];
    question.category = vec![SECRET.to_owned()];
    let feedback = &mut question.feedback;
    (feedback.general, feedback.correct) = (secret(), secret());
    (feedback.partially_correct, feedback.incorrect) = (secret(), secret());
    for hint in &mut question.hints {
        hint.text = Text::plain(SECRET);
    }
    spoil_kind(&mut question.kind);
    for ids in instance.order.values_mut() {
        for id in ids {
            id.insert_str(0, SECRET);
        }
    }
    (question, instance)
}

fn spoil_kind(kind: &mut Kind) {
    match kind {
        Kind::Choice(choice) => spoil_choice(choice),
        Kind::TrueFalse(key) => {
            key.correct = !key.correct;
            (key.feedback_true, key.feedback_false) = (secret(), secret());
        }
        Kind::Blanks(blanks) => {
            blanks.scheme = PartScheme::AllOrNothing;
            for blank in &mut blanks.blanks {
                blank.weight = 17.0;
                match &mut blank.key {
                    BlankKey::Text(key) => spoil_text(key),
                    BlankKey::Number(key) => spoil_number(key),
                    BlankKey::Choice(choice) => spoil_choice(choice),
                }
            }
        }
        Kind::ShortAnswer(key) => spoil_text(key),
        Kind::Numeric(key) => spoil_number(key),
        Kind::Matching(matching) => {
            matching.scheme = PartScheme::AllOrNothing;
            for target in &mut matching.targets {
                target.id.insert_str(0, SECRET);
            }
            for item in &mut matching.items {
                item.id.insert_str(0, SECRET);
                item.target.clone_from(&matching.targets[0].id);
                item.weight = 17.0;
                item.feedback = secret();
            }
            matching.wrong_pair = 17.0;
        }
        Kind::Ordering(ordering) => {
            ordering.items.append(&mut ordering.distractors);
            ordering.items.reverse();
            ordering.scheme = OrderScheme::Positions;
            for item in &mut ordering.items {
                item.id.insert_str(0, SECRET);
            }
        }
        Kind::Tracing(tracing) => {
            tracing.environment = Some(SECRET.to_owned());
            tracing.expected = Outcome::RuntimeError {
                output: SECRET.to_owned(),
            };
            tracing.scheme = LineScheme::EachPart;
        }
        Kind::BugLine(bug_line) => {
            let bug = |line| Bug {
                first_line: line,
                last_line: line,
                feedback: secret(),
            };
            bug_line.bugs = vec![bug(3), bug(2)];
            bug_line.notes = vec![LineNote {
                line: 1,
                feedback: Text::plain(SECRET),
            }];
        }
        Kind::Essay(essay) => essay.grader_notes = secret(),
        Kind::Description => {}
    }
}

fn spoil_choice(choice: &mut Choice) {
    choice.scheme = ChoiceScheme::EveryDecision;
    for option in &mut choice.options {
        option.id.insert_str(0, SECRET);
        option.correct = !option.correct;
        option.weight = Some(0.123_456);
        (option.feedback, option.feedback_not_chosen) = (secret(), secret());
    }
}

fn spoil_text(key: &mut TextKey) {
    key.patterns = vec![TextPattern::new(PatternKind::Exact, SECRET)];
    key.rules.typos = 3;
}

fn spoil_number(key: &mut NumberKey) {
    let accept = Accept::Range {
        min: Amount::Number(0.123_456),
        max: Amount::Expression(SECRET.to_owned()),
    };
    key.answers = vec![NumberAnswer::new(accept)];
    if let Some(units) = &mut key.units {
        units.penalty = Some(0.123_456);
        for unit in &mut units.units {
            unit.multiplier = 0.123_456;
        }
    }
}

proptest! {
    #[test]
    fn nothing_of_the_key_is_shown(question in question("q"), seed in any::<u64>()) {
        // What is put in place of the key is no expression.
        prop_assume!(question.template.is_none());
        let instance = Instance::draw(&question, seed).unwrap();
        let shown = Presentation::new(&question, &instance, 2.0).unwrap();
        let json = serde_json::to_string(&shown).unwrap();
        prop_assert!(serde_json::from_str::<Presentation>(&json).is_ok());
        let (spoilt, instance) = spoil(question, instance);
        let shown = Presentation::new(&spoilt, &instance, 2.0).unwrap();
        let of_spoilt = serde_json::to_string(&shown).unwrap();
        prop_assert!(!of_spoilt.contains(SECRET), "{}", of_spoilt);
        prop_assert_eq!(of_spoilt, json);
    }

    #[test]
    fn answers_find_their_way_back(question in question("q"), seed in any::<u64>()) {
        let instance = Instance::draw(&question, seed).unwrap();
        let names = Names::new(&question, &instance);
        let scorer = Scorer::new(&question, &instance).unwrap();
        if let Some(right) = right_answer(scorer.question()) {
            let on_page = names.answer_for_page(right.clone());
            prop_assert_eq!(names.answer_from_page(on_page).unwrap(), right);
        }
    }
}

fn read(body: &str) -> Question {
    let quiz = parse(
        &format!("+++\nid = \"q\"\ntitle = \"Q\"\n+++\n\n{body}"),
        "q.md",
    );
    let quiz = quiz.unwrap_or_else(|problems| panic!("{problems}"));
    quiz.questions().next().unwrap().clone()
}

#[test]
fn an_ordering_goes_by_places() {
    let question = read("## Q {#q}\nkind: ordering\n\nSort.\n\n1. one\n2. two\n3. three\n+ four\n");
    let instance = Instance::draw(&question, 7).unwrap();
    let shown = Presentation::new(&question, &instance, 1.0).unwrap();
    let ShownKind::Ordering { items } = &shown.kind else {
        panic!("{shown:?}");
    };
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["i1", "i2", "i3", "i4"]);
    // Answered as a person would: by what the items say.
    let pick = |text: &str| {
        let item = items.iter().find(|item| item.text.source == text);
        item.unwrap().name.clone()
    };
    let answer = Answer::Ordering {
        items: vec![pick("one"), pick("two"), pick("three")],
    };
    let answer = Names::new(&question, &instance)
        .answer_from_page(answer)
        .unwrap();
    let score = carrel_quiz::score::score(&question, &instance, Some(&answer)).unwrap();
    assert_eq!(score.fraction, 1.0);
}

#[test]
fn values_are_filled_in_and_blanks_cut_out() {
    let question = read(
        "## Q {#q}\nvariable a: one of 7\n\n{{a}} + 1 is [[= 8]]; it is [[? *even | odd | {{a}}]].\n",
    );
    let instance = Instance::draw(&question, 1).unwrap();
    let shown = Presentation::new(&question, &instance, 1.0).unwrap();
    let ShownKind::Blanks { blanks } = &shown.kind else {
        panic!("{shown:?}");
    };
    assert_eq!(
        shown.segments(),
        [
            Segment::Text("7 + 1 is "),
            Segment::Blank(&blanks[0]),
            Segment::Text("; it is "),
            Segment::Blank(&blanks[1]),
            Segment::Text("."),
        ]
    );
    let BlankField::Choice(choice) = &blanks[1].field else {
        panic!("{blanks:?}");
    };
    assert!(
        choice
            .options
            .iter()
            .any(|option| option.text.source == "7")
    );
    let even = choice
        .options
        .iter()
        .find(|option| option.text.source == "even");
    let answer = Answer::Blanks {
        blanks: [
            ("1".to_owned(), BlankAnswer::Typed("8".to_owned())),
            (
                "2".to_owned(),
                BlankAnswer::Chosen(vec![even.unwrap().name.clone()]),
            ),
        ]
        .into(),
    };
    let names = Names::new(&question, &instance);
    let inside = names.answer_from_page(answer.clone()).unwrap();
    let score = carrel_quiz::score::score(&question, &instance, Some(&inside)).unwrap();
    assert_eq!(score.fraction, 1.0, "{score:?}");
    assert_eq!(names.answer_for_page(inside), answer);
}

#[test]
fn what_was_not_shown_is_refused() {
    let question = read("## Q {#q}\n\nWhich?\n\n- (x) a\n- ( ) b\n");
    let names = Names::new(&question, &Instance::draw(&question, 1).unwrap());
    for wrong in [
        "a",
        "o0",
        "o3",
        "o01",
        "o+1",
        "i1",
        "",
        "é1",
        "o99999999999999999999",
    ] {
        let answer = Answer::Choice {
            options: vec![wrong.to_owned()],
        };
        let error = names.answer_from_page(answer).unwrap_err();
        assert_eq!(error.name, wrong);
    }
    assert_eq!(names.part_for_page("blank 1"), "blank 1");
    assert!(["o1", "o2"].contains(&names.part_for_page("a").as_str()));
    // Options that a later version took out are left out.
    let gone = Answer::Choice {
        options: vec!["gone".to_owned()],
    };
    let none = Answer::Choice { options: vec![] };
    assert_eq!(names.answer_for_page(gone), none);
}
