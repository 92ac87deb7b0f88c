use carrel_quiz::kind::{
    Bug, BugLine, LineNote, LineScheme, MatchItem, MatchTarget, Outcome, PartScheme, Tracing,
};

use super::*;

fn ask(kind: Kind) -> Question {
    Question::new("q", Text::markdown("What?"), kind)
}

fn traced(expected: Outcome) -> Question {
    ask(Kind::Tracing(Tracing {
        source: "print(1)\n".to_owned(),
        language: "python".to_owned(),
        environment: None,
        stdin: String::new(),
        expected,
        scheme: LineScheme::AllOrNothing,
    }))
}

fn prints(output: &str) -> Question {
    traced(Outcome::Prints {
        output: output.to_owned(),
    })
}

fn prepared(question: &Question, target: Target) -> Prepared {
    prepare(question, target).unwrap()
}

#[test]
fn what_a_program_prints_is_typed() {
    for target in [Target::MoodleXml, Target::Gift] {
        let one = prepared(&prints("Hi you\n"), target);
        assert_eq!(one.question.kind, Kind::ShortAnswer(exactly("Hi you")));
        assert_eq!(
            one.question.text.source,
            "What?\n\n```python\nprint(1)\n```"
        );
        assert!(one.losses[0].contains("nothing runs the program"));
    }
    let two = prepared(&prints("Hi\n\nyou\n"), Target::MoodleXml);
    let Kind::Blanks(blanks) = &two.question.kind else {
        panic!("{two:?}")
    };
    assert_eq!(blanks.blanks.len(), 2);
    assert!(
        two.question
            .text
            .source
            .ends_with("1: [[line1]]\n\n2: (empty)\n\n3: [[line3]]")
    );
    let two = prepared(&prints("Hi\n\nyou\n"), Target::Gift);
    assert_eq!(two.question.kind, Kind::ShortAnswer(exactly("Hi you")));
}

#[test]
fn how_a_program_ends_is_chosen() {
    let right = |question: &Question, target| {
        let prepared = prepared(question, target);
        let Kind::Choice(choice) = &prepared.question.kind else {
            panic!("{prepared:?}")
        };
        choice.options.iter().position(|option| option.correct)
    };
    for target in [Target::MoodleXml, Target::Gift] {
        assert_eq!(right(&prints(" \n"), target), Some(1));
        assert_eq!(right(&traced(Outcome::CompileError), target), Some(3));
    }
    let fails = traced(Outcome::RuntimeError {
        output: "one".to_owned(),
    });
    assert_eq!(right(&fails, Target::Gift), Some(2));
    let both = prepared(&fails, Target::MoodleXml);
    assert!(matches!(&both.question.kind, Kind::Blanks(blanks) if blanks.blanks.len() == 2));
}

#[test]
fn a_line_with_a_bug_is_chosen_among_the_lines() {
    let bug = |first_line, last_line| Bug {
        first_line,
        last_line,
        feedback: Some(Text::plain("found")),
    };
    let with = |bugs: Vec<Bug>, scheme| {
        ask(Kind::BugLine(BugLine {
            source: "a\n\nb\nc\n".to_owned(),
            language: "c".to_owned(),
            bugs,
            notes: vec![LineNote {
                line: 3,
                feedback: Text::plain("fine"),
            }],
            scheme,
        }))
    };
    let one = prepared(&with(vec![bug(1, 1)], LineScheme::EachPart), Target::Gift);
    let Kind::Choice(choice) = &one.question.kind else {
        panic!("{one:?}")
    };
    let shown: Vec<&str> = choice
        .options
        .iter()
        .map(|option| option.text.source.as_str())
        .collect();
    assert_eq!(shown, ["1: a", "3: b", "4: c"]);
    assert_eq!((choice.select, choice.shuffle), (Select::One, false));
    assert_eq!(choice.options[1].feedback, Some(Text::plain("fine")));
    let bugs = vec![bug(1, 1), bug(3, 4)];
    let two = prepared(&with(bugs, LineScheme::EachPart), Target::MoodleXml);
    let Kind::Choice(choice) = &two.question.kind else {
        panic!("{two:?}")
    };
    assert_eq!(share::of_options(choice).0, [0.5, 0.5, 0.5]);
    assert!(two.losses.iter().any(|loss| loss.contains("several lines")));
}

fn matching(targets: &[&str], items: usize) -> Question {
    let targets = targets.iter().zip(["a", "b", "c"]);
    let items = (0..items).map(|number| MatchItem {
        id: number.to_string(),
        text: Text::plain(format!("item {number}")),
        target: "a".to_owned(),
        weight: 1.0,
        feedback: None,
    });
    ask(Kind::Matching(Matching {
        items: items.collect(),
        targets: targets
            .map(|(text, id)| MatchTarget {
                id: id.to_owned(),
                text: Text::markdown(*text),
            })
            .collect(),
        scheme: PartScheme::EachPart,
        pairs: Vec::new(),
        wrong_pair: 0.0,
        shuffle: true,
    }))
}

#[test]
fn pairs_that_moodle_refuses_take_another_form() {
    let one = prepared(&matching(&["x", "y"], 1), Target::MoodleXml);
    assert!(matches!(&one.question.kind, Kind::Choice(choice) if choice.right_count() == 1));
    assert!(one.question.text.source.ends_with("item 0"));
    assert!(prepare(&matching(&["x"], 1), Target::Gift).is_err());
    let two = prepared(&matching(&["", "*y*", "y"], 2), Target::Gift);
    let Kind::Matching(matching) = &two.question.kind else {
        panic!("{two:?}")
    };
    let shown: Vec<&str> = matching
        .targets
        .iter()
        .map(|target| target.text.source.as_str())
        .collect();
    assert_eq!(shown, ["(a)", "y", "y (c)"]);
    assert_eq!(two.losses.len(), 3, "{:?}", two.losses);
}

#[test]
fn what_would_be_refused_is_left_out_with_its_reason() {
    let option = |correct| ChoiceOption::new("a", Text::plain("a"), correct);
    let reason = |kind: Kind| prepare(&ask(kind), Target::Gift).unwrap_err();
    assert!(reason(Kind::Choice(Choice::one(vec![option(true)]))).contains("two options"));
    let none = Choice::many(vec![option(false), option(false)]);
    assert!(reason(Kind::Choice(none)).contains("none of its options"));
    let arrow = Kind::ShortAnswer(TextKey::exact(["p->next"]));
    assert!(reason(arrow).contains("`->`"));
    let mut key = TextKey::exact(["x"]);
    key.patterns[0] = TextPattern::new(PatternKind::Regex, r"\d+");
    assert!(reason(Kind::ShortAnswer(key)).contains(r"`\d+`"));
    let word = Blank::new("1", BlankKey::Choice(Choice::one(vec![option(true)])));
    let blanks = Kind::Blanks(Blanks {
        blanks: vec![word],
        scheme: PartScheme::EachPart,
    });
    let typed = prepared(&ask(blanks), Target::MoodleXml);
    let Kind::Blanks(blanks) = &typed.question.kind else {
        panic!("{typed:?}")
    };
    assert_eq!(blanks.blanks[0].key, BlankKey::Text(TextKey::exact(["a"])));
}
