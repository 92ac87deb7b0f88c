use carrel_quiz::kind::{OrderScheme, PatternKind};

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
    assert_eq!(
        losses,
        [(3, "steps"), (3, "steps"), (11, "days"), (11, "days"),]
    );
    assert!(imported.losses[0].what.contains("drawn"));
    assert!(imported.losses[1].what.contains("numbered"));
    assert!(imported.losses[2].what.contains("RELATIVE_ALL"));
    assert!(imported.losses[3].what.contains("side by side"));
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

#[test]
fn texts_without_a_mark_are_what_moodle_shows() {
    for (text, shown) in [
        ("One\ntwo {T}", Text::plain("One\ntwo")),
        ("Is a < b? {T}", Text::plain("Is a < b?")),
        (
            "<b>One</b> line\ntwo {T}",
            Text::html("<b>One</b> line<br>\ntwo"),
        ),
        ("[moodle]H<sub>2</sub>O {T}", Text::html("H<sub>2</sub>O")),
        ("x &lt; y {T}", Text::html("x &lt; y")),
        ("[plain]<b> {T}", Text::plain("<b>")),
        ("[markdown]*a* {=b ~c}, d", Text::markdown("*a* _____, d")),
        ("Grant {=lies ~sits}here.", Text::plain("Grant _____here.")),
        ("{=Two ~Ten} plus", Text::plain("_____ plus")),
    ] {
        assert_eq!(one(text).text, shown, "{text}");
    }
    let Kind::Choice(choice) = one("Header? {=<stdio.h> ~<i>none</i> ~[html]a&lt;b}").kind else {
        panic!()
    };
    let options: Vec<Text> = choice
        .options
        .into_iter()
        .map(|option| option.text)
        .collect();
    let expected = [
        Text::plain("<stdio.h>"),
        Text::html("<i>none</i>"),
        Text::html("a&lt;b"),
    ];
    assert_eq!(options, expected);
    let Kind::Matching(pairs) = one("M {=a -> <b>x</b> =b -> 1 < 2}").kind else {
        panic!()
    };
    let targets: Vec<&str> = pairs
        .targets
        .iter()
        .map(|target| target.text.source.as_str())
        .collect();
    assert_eq!(targets, ["x", "1 < 2"]);
}

#[test]
fn a_per_cent_sign_is_a_weight_only_where_it_is_one() {
    let Kind::Choice(choice) = one("Q {=%5 of it ~%x% ~%-33.33333%a ~50%}").kind else {
        panic!()
    };
    let options: Vec<(&str, f64)> = choice
        .options
        .iter()
        .map(|option| (option.text.source.as_str(), choice.weight(option)))
        .collect();
    let expected = [
        ("%5 of it", 1.0),
        ("%x%", 0.0),
        ("a", -1.0 / 3.0),
        ("50%", 0.0),
    ];
    assert_eq!(options, expected);
}

#[test]
fn what_courses_write_is_read() {
    let imported = read("Q {~=right~wrong}\n\nR {\n~=a\n~ \n~b}\n\n[html]<p>{1:SA:=few~=some} of {2:MC:=a~b}\nit</p>", "f").unwrap();
    let questions: Vec<&Question> = imported.quiz.questions().collect();
    for (question, right) in [(questions[0], "right"), (questions[1], "a")] {
        let Kind::Choice(choice) = &question.kind else {
            panic!("{question:?}")
        };
        assert_eq!(choice.options.len(), 2);
        assert!(choice.options[0].correct && choice.options[0].text.source == right);
    }
    assert!(matches!(&questions[2].kind, Kind::Blanks(blanks) if blanks.blanks.len() == 2));
    assert_eq!(
        (questions[2].text.source.as_str(), questions[2].points),
        ("<p>[[1]] of [[2]]\nit</p>", 3.0)
    );
    let told: Vec<(u32, &str)> = imported
        .losses
        .iter()
        .map(|loss| (loss.line, loss.question.as_str()))
        .collect();
    assert_eq!(told, [(5, "r"), (8, "1-of-2-it")]);
}

#[test]
fn weights_that_are_no_whole_are_told_by_question() {
    let losses = |text: &str| -> Vec<String> {
        let imported = read(text, "f.gift").unwrap();
        imported.losses.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        losses("Q {~%33.33333%a ~%33.33333%b ~%33.33333%c}"),
        [""; 0]
    );
    let told = losses(
        "::T:: Q\n{~%33.33%a ~%33%b ~%33.34%c}\n\n::U:: S {=%50%a =%90%b}\n\n::V:: {#=%80%3}",
    );
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0].starts_with("line 2: question `t`: its right options give 99.67 %"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("line 4: question `u`: its best answer gives 90 %"),
        "{told:?}"
    );
    assert!(
        told[2].contains("question `v`: its best answer gives 80 %"),
        "{told:?}"
    );
}

proptest::proptest! {
    #[test]
    fn fuzz_gift_letters(text in "[\\\\~=#{}:%>$\\-\\n 0-9a-zé.*\\[\\]]{0,200}") {
        let _ = read(&text, "f");
    }

    #[test]
    fn fuzz_gift(text in carrel_fuzz::damaged_text(
        &[
            "// [id:a] [tag:t]\n::A:: [markdown]Who {=x#f ~%50%y\n~z####g} there\n\n$CATEGORY: $course$/a/b\n\nN {#=3:0.5 =%25%1..2 ~#no}",
            "M {=1 -> a\n=2 -> <b>b</b> = -> c}\n\nS {>3 ALL V REL SHOW abc\na\nb\nc}\n\nT {FALSE#a#b}\n\nE {}",
        ],
        &["{", "}", "~%-33.33333%", "=", "####", "->", "\\n", "[html]", "$CATEGORY:", "::", "<pre>", "//"],
    )) {
        if let Ok(imported) = read(&text, "f") {
            let _ = crate::gift::write(&imported.quiz);
        }
    }
}
