//! Blanks of Moodle, in and out.

use super::*;

const TEXT: &str = "<p>A {2:SHORTANSWER:%100%Berlin#Right \\} yes~%50%Bonn~*#No} b {:MC:=x &lt; y~z} c {1:NM:=23.8:0.1~%50%23:2} { d } {1:OTHER:x}</p>";

use carrel_quiz::kind::PatternKind;

#[test]
fn blanks_are_read_in_place() {
    let (text, blanks) = read(TEXT).unwrap();
    assert_eq!(text, "<p>A [[1]] b [[2]] c [[3]] { d } {1:OTHER:x}</p>");
    assert_eq!(blanks.blanks[0].weight, 2.0);
    let BlankKey::Text(key) = &blanks.blanks[0].key else {
        panic!()
    };
    assert_eq!(
        key.patterns[0].feedback.as_ref().unwrap().source,
        "Right } yes"
    );
    assert_eq!(
        (key.patterns[1].score, key.patterns[2].kind),
        (0.5, PatternKind::Wildcard)
    );
    let BlankKey::Choice(choice) = &blanks.blanks[1].key else {
        panic!()
    };
    assert!(choice.options[0].correct && choice.options[0].text.source == "x < y");
    assert!(read("no blank {here}").is_err());
    for wrong in ["{1:NM:=x}", "{1:MC:=one}", "{1:MC:a~%50%b}", "{1:MC}"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_was_read_is_written_and_read_again() {
    let (text, blanks) = read(TEXT).unwrap();
    let mut losses = Vec::new();
    let asked = Text::html(text.clone());
    let written = write(&asked, &blanks, 4.0, &mut |what| {
        losses.push(what.to_owned())
    });
    assert_eq!(losses, Vec::<String>::new());
    let written = written.source;
    assert_eq!(read(&written).unwrap(), (text, blanks), "{written}");
}

#[test]
fn signs_of_blanks_are_written_as_moodle_reads_them() {
    let one = |text: &str, right: bool| {
        let mut option = ChoiceOption::new("a", Text::plain(text), right);
        option.feedback = Some(Text::plain("R&D &"));
        option
    };
    let options = vec![one("vector<int>", true), one("a~#} &", false)];
    let key = BlankKey::Choice(Choice::one(options));
    let written = write_blank(&Blank::new("1", key), 1.0, &mut |_| {});
    assert_eq!(
        written,
        "{1:MULTICHOICE_S:=vector&amp;lt;int&amp;gt;#R&amp;amp;D &amp;amp;~a&#126;&#35;&#125; &amp;amp;#R&amp;amp;D &amp;amp;}"
    );
    let (_, blanks) = read(&written).unwrap();
    let BlankKey::Choice(choice) = &blanks.blanks[0].key else {
        panic!()
    };
    assert_eq!(choice.options[0].text.source, "vector&lt;int&gt;");
    assert_eq!(choice.options[1].text.source, "a~#} &amp;");
    let told = choice.options[1].feedback.as_ref().unwrap();
    assert_eq!(told.source, "R&amp;D &amp;");
    let key = BlankKey::Text(TextKey::exact(["R &"]));
    let written = write_blank(&Blank::new("1", key), 1.0, &mut |_| {});
    assert_eq!(written, "{1:SHORTANSWER:=R &#38;}");
    let hostile = "{1:SA:".repeat(50_000) + &"{".repeat(200_000);
    assert!(!holds_blank(&hostile) && read(&hostile).is_err());
}

#[test]
fn shares_of_several_choices_are_those_of_moodle() {
    for (source, weights, written) in [
        ("{1:MR:=a~=b~c}", [0.5, 0.5, -0.5], "%50%a~%50%b~%-50%c"),
        ("{1:MR:%50%a~%0.0%b~c}", [1.0, 0.0, 0.0], "=a~%0.0%b~%0.0%c"),
        ("{1:MR:=a~%0%b~c}", [1.0, -1.0, -1.0], "=a~%-100%b~%-100%c"),
    ] {
        let (_, blanks) = read(source).unwrap();
        let BlankKey::Choice(choice) = &blanks.blanks[0].key else {
            panic!()
        };
        let found: Vec<f64> = choice.options.iter().map(|o| choice.weight(o)).collect();
        assert_eq!(found, weights, "{source}");
        let again = write_blank(&blanks.blanks[0], 1.0, &mut |_| {});
        assert_eq!(again, format!("{{1:MULTIRESPONSE:{written}}}"));
        assert_eq!(read(&again).unwrap().1, blanks, "{again}");
    }
}

proptest::proptest! {
    #[test]
    fn fuzz_cloze(text in "[{}:~=#%\\\\*0-9a-zSAMNC]{0,120}") {
        let _ = read(&text);
    }
}
