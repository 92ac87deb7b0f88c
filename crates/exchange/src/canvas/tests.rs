use std::io::Read as _;

use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, Choice, ChoiceOption, Kind, MatchItem, MatchTarget, Matching,
    NumberKey, PartScheme, TextKey, Tolerance, TrueFalse,
};
use carrel_quiz::text::Attachment;
use carrel_quiz::{Pool, Text};

use super::*;

fn package(items: Vec<Item>) -> (String, Vec<String>, Vec<String>) {
    let quiz = Quiz {
        id: "Final".to_owned(),
        title: "A & B".to_owned(),
        items,
        ..Quiz::default()
    };
    let files = [File {
        path: "p/a b.png".to_owned(),
        bytes: b"picture".to_vec(),
    }];
    let exported = write(&quiz, &files);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(exported.bytes)).unwrap();
    let mut text = String::new();
    zip.by_name("final/final.xml")
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    roxmltree::Document::parse(&text).unwrap();
    for name in ["imsmanifest.xml", "final/assessment_meta.xml"] {
        let mut other = String::new();
        zip.by_name(name)
            .unwrap()
            .read_to_string(&mut other)
            .unwrap();
        roxmltree::Document::parse(&other).unwrap();
    }
    let names = zip
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    (
        text,
        exported.losses.iter().map(ToString::to_string).collect(),
        names,
    )
}

fn question(id: &str, kind: Kind) -> Question {
    Question::new(id, Text::markdown("*Ask*"), kind)
}

fn option(id: &str, correct: bool) -> ChoiceOption {
    ChoiceOption::new(id, Text::plain(format!("<{id}>")), correct)
}

/// Types of questions, in order.
fn kinds(xml: &str) -> Vec<&str> {
    let label = "<fieldlabel>question_type</fieldlabel><fieldentry>";
    xml.split(label)
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one question of every kind")]
fn every_kind_that_canvas_has_is_written() {
    let mut several = Choice::many(vec![
        option("a", true),
        option("b", true),
        option("c", false),
    ]);
    several.scheme = carrel_quiz::kind::ChoiceScheme::RightMinusWrong;
    let blank = |id: &str, key| Blank::new(id, key);
    let text = |id: &str| blank(id, BlankKey::Text(TextKey::exact(["x & y"])));
    let list = |id: &str| {
        blank(
            id,
            BlankKey::Choice(Choice::one(vec![option("a", true), option("b", false)])),
        )
    };
    let blanks = |first: Blank, second: Blank| {
        let mut question = question(
            "blanks",
            Kind::Blanks(Blanks {
                blanks: vec![first, second],
                scheme: PartScheme::EachPart,
            }),
        );
        question.text.source = "[[1]] and [[two]]".to_owned();
        Item::Question(question)
    };
    let matching = Matching {
        items: vec![MatchItem {
            id: "1".to_owned(),
            text: Text::plain("i"),
            target: "a".to_owned(),
            weight: 1.0,
            feedback: None,
        }],
        targets: vec![MatchTarget {
            id: "a".to_owned(),
            text: Text::plain("t"),
        }],
        scheme: PartScheme::EachPart,
        pairs: Vec::new(),
        wrong_pair: 0.0,
        shuffle: true,
    };
    let yes = TrueFalse {
        correct: true,
        feedback_true: Some(Text::plain("so")),
        feedback_false: None,
    };
    let (xml, losses, _) = package(vec![
        Item::Question(question(
            "one",
            Kind::Choice(Choice::one(vec![option("a", true), option("b", false)])),
        )),
        Item::Question(question("many", Kind::Choice(several))),
        Item::Question(question("tf", Kind::TrueFalse(yes))),
        Item::Question(question(
            "short",
            Kind::ShortAnswer(TextKey::exact(["Oslo"])),
        )),
        Item::Question(question(
            "number",
            Kind::Numeric(NumberKey::near(2.0, Tolerance::Absolute { by: 0.5 })),
        )),
        blanks(text("1"), text("two")),
        blanks(list("1"), list("two")),
        Item::Question(question("match", Kind::Matching(matching))),
        Item::Question(question(
            "essay",
            Kind::Essay(carrel_quiz::kind::Essay::default()),
        )),
        Item::Question(question("text", Kind::Description)),
    ]);
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(
        kinds(&xml),
        [
            "multiple_choice_question",
            "multiple_answers_question",
            "true_false_question",
            "short_answer_question",
            "numerical_question",
            "fill_in_multiple_blanks_question",
            "multiple_dropdowns_question",
            "matching_question",
            "essay_question",
            "text_only_question",
        ]
    );
    assert!(xml.contains("&lt;em&gt;Ask&lt;/em&gt;"), "{xml}");
    assert!(
        xml.contains("[blank1] and [two]") && xml.contains("<mattext>blank1</mattext>"),
        "{xml}"
    );
    assert!(xml.contains(
        "<vargte respident=\"response1\">1.5</vargte><varlte respident=\"response1\">2.5</varlte>"
    ));
    assert!(xml.contains("<varequal respident=\"response_1\">a</varequal></conditionvar><setvar action=\"Add\" varname=\"SCORE\">100.00</setvar>"));
    assert!(
        xml.contains("linkrefid=\"answer_true_fb\"")
            && xml.contains("<itemfeedback ident=\"answer_true_fb\">")
    );
}

#[test]
fn pictures_are_web_resources_and_pools_are_groups() {
    let mut asked = question("one", Kind::Description);
    asked.text = Text::html("<img src=\"a b.png\">");
    asked.attachments.push(Attachment {
        name: "a b.png".to_owned(),
        media_type: "image/png".to_owned(),
        path: "p/a b.png".to_owned(),
    });
    let pool = Pool {
        id: "pool".to_owned(),
        title: "Some".to_owned(),
        draw: 1,
        points: Some(2.0),
        questions: vec![asked],
    };
    let (xml, losses, names) = package(vec![Item::Pool(pool)]);
    assert_eq!(losses, Vec::<String>::new());
    assert!(
        names.contains(&"files/one/1-a_b.png".to_owned()),
        "{names:?}"
    );
    assert!(
        xml.contains("%24IMS-CC-FILEBASE%24/files/one/1-a_b.png"),
        "{xml}"
    );
    assert!(
        xml.contains("<selection_number>1</selection_number>")
            && xml.contains("<points_per_item>2</points_per_item>")
    );
}

#[test]
fn what_canvas_counts_otherwise_is_told() {
    let mixed = Blanks {
        blanks: vec![
            Blank::new("1", BlankKey::Text(TextKey::exact(["x"]))),
            Blank::new(
                "2",
                BlankKey::Choice(Choice::one(vec![option("a", true), option("b", false)])),
            ),
        ],
        scheme: PartScheme::EachPart,
    };
    let many = Choice::many(vec![option("a", true), option("b", false)]);
    let (_, losses, _) = package(vec![
        Item::Question(question("many", Kind::Choice(many))),
        Item::Question(question("mixed", Kind::Blanks(mixed))),
    ]);
    assert_eq!(
        losses,
        [
            "question `many`: in Canvas right options chosen minus wrong ones count",
            "question `mixed`: left out: Canvas has no typed blanks and lists in one text",
        ]
    );
}

#[test]
fn every_field_without_a_place_is_named() {
    use carrel_quiz::kind::{DecimalMark, Essay, EssayFormat, Layout, Numbering, Select};
    let mut many = Choice::many(vec![option("a", true), option("b", false)]);
    many.select = Select::Many {
        min: 1,
        max: Some(1),
    };
    (many.numbering, many.layout) = (Numbering::Digits, Layout::Horizontal);
    (many.scheme, many.shuffle) = (carrel_quiz::kind::ChoiceScheme::RightMinusWrong, false);
    let mut many = question("many", Kind::Choice(many));
    many.tags.push("t".to_owned());
    many.category.push("c".to_owned());
    let mut number = NumberKey::near(2.0, Tolerance::Exact);
    (number.decimal_mark, number.fractions) = (DecimalMark::Comma, false);
    let essay = Essay {
        format: EssayFormat::Code,
        lines: Some(3),
        words_min: Some(3),
        files_max: 2,
        start: Some(Text::plain("s")),
        grader_notes: Some(Text::plain("g")),
        ..Essay::default()
    };
    let shuffled = Choice::one(vec![option("a", true), option("b", false)]);
    let (_, losses, _) = package(vec![
        Item::Question(many),
        Item::Question(question("number", Kind::Numeric(number))),
        Item::Question(question("essay", Kind::Essay(essay))),
        Item::Question(question("one", Kind::Choice(shuffled))),
    ]);
    assert_eq!(
        losses,
        [
            "question `many`: tags",
            "question `many`: the category",
            "question `many`: how many options are to be chosen",
            "question `many`: the numbering of options",
            "question `many`: the layout of options",
            "question `number`: which decimal mark is understood",
            "question `number`: that fractions are not understood",
            "question `essay`: that an essay is written without markup",
            "question `essay`: the height of an essay's field",
            "question `essay`: the number of words of an essay",
            "question `essay`: the text that an essay starts with",
            "question `essay`: notes for graders",
            "question `essay`: files beside a text",
            "question `many`: that options keep their order: Canvas shuffles those of all questions",
        ]
    );
}
