use super::*;
use crate::gift::read;

const BANK: &str = "$CATEGORY: $course$/Tom\n\n// [id:a] [tag:t]\n::A \\: b::[markdown]Who {=x#f ~%50%y ~z####g}\n\n// [id:b]\n[plain]Two {~%-50%n ~%50%p ~%50%q}\n\n// [id:c]\n[html]<i>Sun</i> {FALSE#no#yes}\n\n// [id:d]\n[plain]W {=a b =%50%c* =\\{1\\}}\n\n// [id:e]\n[plain]N {#=3:0.5 =%25%1..2}\n\n// [id:f]\n[plain]M {=1 -> a =2 -> b = -> c}\n\n// [id:g]\n[plain]E {}\n\n// [id:h]\n[plain]D";

#[test]
fn what_was_read_is_written_and_read_again() {
    let first = read(BANK, "b").unwrap().quiz;
    let exported = write(&first);
    assert!(exported.losses.is_empty(), "{:?}", exported.losses);
    let again =
        read(&exported.text(), "b").unwrap_or_else(|error| panic!("{error}\n{}", exported.text()));
    assert_eq!(again.quiz, first, "{}", exported.text());
}

#[test]
fn what_gift_cannot_hold_is_told_by_name() {
    let mut quiz = read("Q {=a ~b}", "b").unwrap().quiz;
    let carrel_quiz::Item::Question(question) = &mut quiz.items[0] else {
        panic!()
    };
    question.points = 2.0;
    let exported = write(&quiz);
    assert_eq!(exported.losses.len(), 1);
    assert!(
        exported.losses[0]
            .to_string()
            .contains("question `q`: points"),
        "{:?}",
        exported.losses
    );
}

#[test]
fn orders_and_missing_words_are_written_as_gift_has_them() {
    let bank = "[html]Sort <b>it</b> {>3 ALL VERTICAL ABSOLUTE_POSITION SHOW none\none\n[plain]two \\{\\n\\}\nthree}";
    let first = read(bank, "b").unwrap().quiz;
    let exported = write(&first);
    assert_eq!(exported.losses, []);
    assert_eq!(read(&exported.text(), "b").unwrap().quiz, first);

    let key = carrel_quiz::kind::TextKey::exact(["lies"]);
    let blank = carrel_quiz::kind::Blank::new("x", BlankKey::Text(key));
    let blanks = |count: usize| {
        Kind::Blanks(Blanks {
            blanks: vec![blank.clone(); count],
            scheme: carrel_quiz::kind::PartScheme::EachPart,
        })
    };
    let ask = |text: &str, kind| Question::new("q", Text::html(text), kind);
    let written = |question: Question| {
        write(&Quiz {
            items: vec![carrel_quiz::Item::Question(question)],
            ..Quiz::default()
        })
    };
    let exported = written(ask("<p>Grant un[[x]]#s, so.</p>", blanks(1)));
    let text = exported.text();
    assert!(
        text.contains("[html]<p>Grant un{\n\t=lies\n}\\#s, so.</p>"),
        "{text}"
    );
    assert_eq!(exported.losses.len(), 1);
    let again = read(&text, "b").unwrap().quiz;
    let question = again.questions().next().unwrap();
    assert_eq!(question.text.source, "<p>Grant un_____#s, so.</p>");
    assert!(matches!(question.kind, Kind::ShortAnswer(_)));
    let two = written(ask("[[x]] and [[x]]", blanks(2)));
    assert!(two.losses[0].what.contains("left out"), "{:?}", two.losses);
}

#[test]
fn targets_keep_their_angle_brackets() {
    let bank = "[plain]M {=1 -> &lt;i&gt; =2 -> a < b =3 -> R&amp;amp;D}";
    let first = read(bank, "b").unwrap().quiz;
    let Kind::Matching(matching) = &first.questions().next().unwrap().kind else {
        panic!()
    };
    let targets: Vec<&str> = matching
        .targets
        .iter()
        .map(|target| target.text.source.as_str())
        .collect();
    assert_eq!(targets, ["<i>", "a < b", "R&amp;D"]);
    assert_eq!(read(&write(&first).text(), "b").unwrap().quiz, first);
}

#[test]
fn settings_introduction_and_rules_of_an_essay_are_told() {
    let mut quiz = read("Q {}", "b").unwrap().quiz;
    quiz.introduction = Some(Text::plain("Welcome."));
    quiz.settings.time_limit_seconds = Some(60);
    quiz.settings.penalty = 0.5;
    let carrel_quiz::Item::Question(question) = &mut quiz.items[0] else {
        panic!()
    };
    question.kind = Kind::Essay(Essay {
        words_max: Some(100),
        lines: Some(3),
        start: Some(Text::plain("Dear")),
        grader_notes: Some(Text::plain("be kind")),
        ..Essay::default()
    });
    let exported = write(&quiz);
    let told: Vec<String> = exported.losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "settings of the quiz (time limit, penalty): GIFT has no place for them",
            "the introduction: GIFT has no place for it",
            "question `q`: the height of the field: GIFT has no place for that",
            "question `q`: the number of words: GIFT has no place for that",
            "question `q`: the text that the answer starts with: GIFT has no place for that",
            "question `q`: notes for graders: GIFT has no place for that",
        ]
    );
}
