use carrel_quiz::kind::OrderScheme;

use super::*;

fn one(text: &str) -> Question {
    let imported = read(text, "f.gift").unwrap();
    let mut questions: Vec<Question> = imported.quiz.questions().cloned().collect();
    assert_eq!(questions.len(), 1, "{text}");
    questions.remove(0)
}

fn refused(text: &str) -> Problem {
    match read(text, "f.gift") {
        Err(Error::Invalid { problems, .. }) => problems[0].clone(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn choices_of_one_and_of_many() {
    let question =
        one("::Tomb::Who is buried in [Grant's] tomb {=Grant#Yes. ~%50%Somebody ~nobody####Well.}");
    assert_eq!(
        (question.id.as_str(), question.title.as_str()),
        ("tomb", "Tomb")
    );
    assert_eq!(question.feedback.general.unwrap().source, "Well.");
    let Kind::Choice(choice) = question.kind else {
        panic!()
    };
    let weights: Vec<f64> = choice
        .options
        .iter()
        .map(|option| choice.weight(option))
        .collect();
    assert_eq!(weights, [1.0, 0.5, 0.0]);
    assert_eq!(choice.options[0].feedback.as_ref().unwrap().source, "Yes.");

    let Kind::Choice(many) =
        one("Two people {~%-50%No one ~%50%Grant ~%50%His wife ~%-50%Father}").kind
    else {
        panic!()
    };
    assert_ne!(many.select, carrel_quiz::kind::Select::One);
    assert_eq!(many.right_count(), 2);
}

#[test]
fn true_or_false_with_feedback_for_wrong_then_right() {
    let Kind::TrueFalse(answer) = one("Sun {FALSE#no, it does not#right}").kind else {
        panic!()
    };
    assert!(!answer.correct);
    assert_eq!(answer.feedback_true.unwrap().source, "no, it does not");
    assert_eq!(answer.feedback_false.unwrap().source, "right");
}

#[test]
fn words_numbers_pairs_and_texts() {
    let Kind::ShortAnswer(key) = one("Two plus {=two =%50%2 =t*} equals four.").kind else {
        panic!()
    };
    assert_eq!(key.patterns.len(), 3);
    assert_eq!(key.patterns[1].score, 0.5);
    assert_eq!(key.patterns[2].kind, PatternKind::Wildcard);

    let Kind::Numeric(key) = one("When? {#=1822:0#Right =%50%1820..1824 ~#No}").kind else {
        panic!()
    };
    assert_eq!(key.answers.len(), 3);
    assert!(matches!(key.answers[1].accept, Accept::Range { .. }));
    assert!(matches!(key.answers[2].accept, Accept::Any));
    assert_eq!(key.answers[2].score, 0.0);

    let Kind::Matching(matching) =
        one("Capitals {\n=Canada -> Ottawa\n=Italy -> Rome\n= -> Paris}").kind
    else {
        panic!()
    };
    assert_eq!((matching.items.len(), matching.targets.len()), (2, 3));

    assert!(matches!(one("Write. {}").kind, Kind::Essay(_)));
    let text = one("[html]<b>Read</b> \\{this\\}");
    assert_eq!(
        (text.kind, text.text),
        (Kind::Description, Text::html("<b>Read</b> {this}"))
    );
}

#[test]
fn an_order_has_one_item_on_each_line() {
    let text = "Q {T}\n\n::Steps::[html]Sort.{>2 CONTIGUOUS VERT ABSOLUTE TRUE abc\n\
                Wake -> up\n=Rise\nEat ~ well\n#### One after another.\n}\n\n\
                ::Days::Sort {\n>3 ALL H RELATIVE_ALL_PREVIOUS_AND_NEXT SHOW none\nMon\nTue\nWed}\n\n\
                Sort {>\nA\nB\n}\n\nGreater? {>}";
    let imported = read(text, "f.gift").unwrap();
    let questions: Vec<&Question> = imported.quiz.questions().collect();
    let orders: Vec<(String, OrderScheme)> = questions
        .iter()
        .filter_map(|question| match &question.kind {
            Kind::Ordering(ordering) => {
                let texts = ordering.items.iter().map(|item| item.text.source.as_str());
                Some((texts.collect::<Vec<_>>().join("|"), ordering.scheme))
            }
            _ => None,
        })
        .collect();
    let usual = OrderScheme::LongestCommonSubsequence;
    assert_eq!(
        orders,
        [
            (
                "Wake -> up|=Rise|Eat ~ well".to_owned(),
                OrderScheme::Positions
            ),
            ("Mon|Tue|Wed".to_owned(), usual),
            ("A|B".to_owned(), usual),
        ]
    );
    let told = questions[1].feedback.general.as_ref().unwrap();
    assert_eq!(told.source, "One after another.");
    assert!(matches!(questions[4].kind, Kind::ShortAnswer(_)));
    let losses: Vec<(u32, &str)> = imported
        .losses
        .iter()
        .map(|loss| (loss.line, loss.question.as_str()))
        .collect();
    assert_eq!(losses, [(3, "Steps"), (11, "Days")]);
    assert!(imported.losses[0].what.contains("drawn"));
    assert!(imported.losses[1].what.contains("RELATIVE_ALL"));
    assert!(refused("Q {>2 ALL\none}").message.contains("two items"));
}

#[test]
fn the_missing_word_leaves_a_gap_and_categories_hold_on() {
    let imported = read(
        "$CATEGORY: $course$/top/Tom/Dick\n\nA {=b ~c} d\n\n// [id:k7] [tag:x]\nE {T}",
        "f",
    )
    .unwrap();
    let questions: Vec<&Question> = imported.quiz.questions().collect();
    assert_eq!(questions[0].text.source, "A _____ d");
    assert_eq!(questions[1].category, ["Tom", "Dick"]);
    assert_eq!(
        (questions[1].id.as_str(), questions[1].tags[0].as_str()),
        ("k7", "x")
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, line, word) in [
        ("ok {T}\n\nQ {=a ~b", 3, "no end"),
        ("Q {=a ~b} {T}", 1, "one `{…}`"),
        ("Q\n{~a ~b}", 2, "no option is right"),
        ("Q {#x}", 1, "`x` is no number"),
        ("Q {#5..1}", 1, "must not be above"),
        ("Q {~%200%a ~%50%b}", 1, "-100 to 100"),
        ("Q {=a -> b}", 1, "two pairs"),
        ("::Q {T}", 1, "title has no end"),
        ("Q }", 1, "without `{`"),
    ] {
        let problem = refused(text);
        assert_eq!(problem.line, line, "{text}: {problem}");
        assert!(problem.message.contains(word), "{text}: {problem}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_makes_the_reader_panic(text in "[\\\\~=#{}:%>$\\-\\n 0-9a-zé.*\\[\\]]{0,200}") {
        let _ = read(&text, "f");
    }
}
