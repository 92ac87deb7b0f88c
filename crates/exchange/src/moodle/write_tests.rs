use super::*;
use crate::error::Error;
use crate::moodle::read;
use crate::report::Imported;

const BANK: &str = r#"<?xml version="1.0"?><quiz>
<question type="category"><category><text>$course$/top/Py/a//b</text></category></question>
<question type="multichoice"><name><text>One</text></name>
 <questiontext format="html"><text><![CDATA[<p>Pick <img src="@@PLUGINFILE@@/a b.png"></p>]]></text><file name="a b.png" path="/" encoding="base64">aGk=</file></questiontext>
 <generalfeedback format="html"><text>why</text></generalfeedback><defaultgrade>2</defaultgrade><penalty>0.3333333</penalty><idnumber>one</idnumber>
 <single>true</single><shuffleanswers>false</shuffleanswers><answernumbering>abc</answernumbering>
 <answer fraction="100" format="html"><text>a</text><feedback format="html"><text>yes</text></feedback></answer>
 <answer fraction="33.33333" format="plain_text"><text>b &lt; c</text></answer><answer fraction="0" format="html"><text>c</text></answer>
 <hint format="html"><text>h</text><shownumcorrect/><clearwrong/></hint><tags><tag><text>t &amp; u</text></tag></tags></question>
<question type="multichoice"><name><text>Many</text></name><questiontext format="markdown"><text>*m*</text></questiontext><single>false</single>
 <answer fraction="50" format="html"><text>a</text></answer><answer fraction="50" format="html"><text>b</text></answer><answer fraction="-100" format="html"><text>c</text></answer></question>
<question type="truefalse"><name><text>TF</text></name><questiontext format="html"><text>t</text></questiontext>
 <answer fraction="0"><text>true</text><feedback format="html"><text>no</text></feedback></answer><answer fraction="100"><text>false</text></answer></question>
<question type="shortanswer"><name><text>SA</text></name><questiontext format="html"><text>s</text></questiontext><usecase>1</usecase>
 <answer fraction="100"><text>Par*s</text></answer><answer fraction="50"><text>x</text></answer></question>
<question type="numerical"><name><text>N</text></name><questiontext format="html"><text>n</text></questiontext>
 <answer fraction="100"><text>3.5</text><tolerance>0.1</tolerance></answer><answer fraction="0"><text>*</text></answer>
 <units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit><unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units><unitgradingtype>1</unitgradingtype><unitpenalty>0.1</unitpenalty></question>
<question type="matching"><name><text>M</text></name><questiontext format="html"><text>m</text></questiontext>
 <subquestion format="html"><text>1</text><answer><text>x</text></answer></subquestion><subquestion format="html"><text>2</text><answer><text>y &amp;lt; z</text></answer></subquestion><subquestion format="html"><text></text><answer><text>w</text></answer></subquestion></question>
<question type="ordering"><name><text>O</text></name><questiontext format="html"><text>o</text></questiontext><gradingtype>ABSOLUTE_POSITION</gradingtype>
 <answer fraction="1" format="html"><text>a</text></answer><answer fraction="2" format="html"><text>b</text></answer></question>
<question type="cloze"><name><text>C</text></name><questiontext format="html"><text><![CDATA[A {2:SA:=b#f~%50%c} and {1:MC:x~=y}]]></text></questiontext></question>
<question type="essay"><name><text>E</text></name><questiontext format="html"><text>e</text></questiontext><responseformat>monospaced</responseformat><responsefieldlines>5</responsefieldlines><attachments>-1</attachments></question>
<question type="description"><name><text>D</text></name><questiontext format="html"><text>d</text></questiontext></question>
</quiz>"#;

#[test]
fn what_was_read_is_written_and_read_again() {
    let first = read(BANK, "bank").unwrap();
    assert_eq!(first.losses, []);
    assert_eq!(first.quiz.questions().count(), 10);
    let exported = write(&first.quiz, &first.files);
    assert_eq!(exported.losses, []);
    let again = read(&exported.text(), "bank")
        .unwrap_or_else(|error| panic!("{error}\n{}", exported.text()));
    for (one, other) in again.quiz.questions().zip(first.quiz.questions()) {
        assert_eq!(one, other, "{}", exported.text());
    }
    assert_eq!(again, first);
}

#[test]
fn details_are_carried_over() {
    let imported = read(BANK, "bank").unwrap();
    let question = |id: &str| imported.quiz.question(id).unwrap().clone();
    let one = question("one");
    assert_eq!(one.category, ["Py", "a/b"]);
    assert_eq!((one.points, one.penalty), (2.0, Some(1.0 / 3.0)));
    assert_eq!(one.text.source, "<p>Pick <img src=\"a b.png\"></p>");
    assert_eq!(imported.files[0].bytes, b"hi");
    assert_eq!(imported.files[0].path, one.attachments[0].path);
    assert!(one.hints[0].clear_wrong && one.hints[0].show_right_count);
    let Kind::Numeric(key) = question("n").kind else {
        panic!()
    };
    assert_eq!(key.units.unwrap().units[1].multiplier, 0.01);
    assert_eq!(question("c").points, 3.0);
    let Kind::Matching(matching) = question("m").kind else {
        panic!()
    };
    assert_eq!(matching.targets[1].text.source, "y < z");
}

#[test]
fn what_cannot_be_carried_over_is_told_by_name() {
    let imported = read(
        "<quiz>\n<question type=\"ddimageortext\"><name><text>P</text></name></question></quiz>",
        "f",
    )
    .unwrap();
    assert_eq!(
        imported.losses[0].to_string(),
        "line 2: question `p`: a question of the type `ddimageortext` cannot be carried over: it was left out"
    );
}

#[test]
fn settings_are_told_and_the_penalty_stands_at_each_question() {
    let Imported {
        mut quiz, files, ..
    } = read(BANK, "bank").unwrap();
    let penalty_of = |quiz: &Quiz| {
        let text = write(quiz, &files).text().into_owned();
        let (_, after) = text
            .split_once("<idnumber>tf</idnumber>")
            .unwrap_or_else(|| {
                panic!("{text}");
            });
        let before = &text[..text.len() - after.len()];
        let (_, penalty) = before.rsplit_once("<penalty>").unwrap();
        penalty.split('<').next().unwrap().to_owned()
    };
    assert_eq!(penalty_of(&quiz), "0");
    quiz.introduction = Some(Text::plain("Welcome."));
    quiz.settings.attempts = Some(2);
    quiz.settings.tries = Some(3);
    quiz.settings.penalty = 0.25;
    quiz.settings.shuffle = true;
    quiz.settings.pass = Some(0.5);
    assert_eq!(penalty_of(&quiz), "0.25");
    let losses = write(&quiz, &files).losses;
    let told: Vec<String> = losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "settings of the quiz (attempts, tries, shuffled order, points to pass): Moodle XML has no place for them",
            "the introduction: Moodle XML has no place for it",
        ]
    );
}

#[test]
fn hostile_and_broken_files_are_refused() {
    let bomb = "<!DOCTYPE q [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><quiz>&b;</quiz>";
    assert!(matches!(read(bomb, "f"), Err(Error::Dtd { .. })));
    let bare = "<!DOCTYPE quiz>\n<quiz><question type='description'/></quiz>";
    assert_eq!(read(bare, "f").unwrap().quiz.items.len(), 1);
    let whole = "<quiz><question type='description'><name><text>a &lt; b</text></name></question>";
    for end in 6..=whole.len() {
        let error = read(&whole[..end], "f").unwrap_err();
        assert!(matches!(error, Error::CutOff { .. }), "{end}: {error:?}");
    }
    assert!(matches!(
        read("<quiz><b></a></quiz>", "f"),
        Err(Error::Xml { .. })
    ));
    for (text, word) in [
        ("<bank/>", "<quiz>"),
        ("<quiz><question/></quiz>", "no `type`"),
        (
            "<quiz>\n\n<question type=\"multichoice\"><answer fraction=\"x\"><text>a</text></answer></question></quiz>",
            "fraction",
        ),
        (
            "<quiz><question type=\"numerical\"><answer fraction=\"100\"><text>abc</text></answer></question></quiz>",
            "`abc` is no number",
        ),
    ] {
        let error = read(text, "f").unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let path = BANK.replace("a b.png\" path", "../../etc/passwd\" path");
    let imported = read(&path, "f").unwrap();
    assert!(
        imported.files.iter().all(|file| !file.path.contains("..")),
        "{:?}",
        imported.files
    );
}

#[test]
fn what_has_no_place_is_told_by_question_and_category() {
    let bank = r#"<quiz>
<question type="category"><category><text>top/Py</text></category><info format="html"><text>All of it</text></info><idnumber>c7</idnumber></question>
<question type="multichoice"><name><text>Thirds</text></name><single>false</single><shownumcorrect/><newthing>x</newthing>
<answer fraction="33.33"><text>a</text></answer><answer fraction="33"><text>b</text></answer><answer fraction="33.34"><text>c</text></answer></question>
<question type="multichoice"><name><text>One</text></name><single>true</single><shownumcorrect></shownumcorrect><showstandardinstruction>1</showstandardinstruction>
<answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer></question>
<question type="ordering"><name><text>Order</text></name><layouttype>HORIZONTAL</layouttype><numberingstyle>abc</numberingstyle><showgrading>HIDE</showgrading>
<answer fraction="1"><text>a</text></answer><answer fraction="2"><text>b</text></answer></question>
<question type="shortanswer"><name><text>Half</text></name><answer fraction="50"><text>a</text></answer></question>
<question type="cloze"><name><text>Gap</text></name><questiontext><text>{1:MR:%50%a~%40%b~c}</text></questiontext></question>
<question type="essay"><name><text>Essay</text></name><responseformat>editorfilepicker</responseformat><responserequired>0</responserequired><maxbytes>1024</maxbytes><filetypeslist>.pdf</filetypeslist></question>
</quiz>"#;
    let told: Vec<String> = read(bank, "f")
        .unwrap()
        .losses
        .iter()
        .map(|loss| loss.to_string().chars().take(62).collect())
        .collect();
    assert_eq!(
        told,
        [
            "line 2: the description of the category `Py` (`<info>`)",
            "line 2: the id number `c7` of the category `Py` (`<idnumber>`)",
            "line 3: question `thirds`: its right options give 99.67 % toge",
            "line 3: question `thirds`: the number of right parts was shown",
            "line 3: question `thirds`: `<newthing>`, which is not known, w",
            "line 7: question `order`: the items stood side by side: here t",
            "line 7: question `order`: the items were numbered: here they a",
            "line 7: question `order`: how the points come about was not sh",
            "line 9: question `half`: its best answer gives 50 %, not 100 %",
            "line 11: question `essay`: files within the text of an answer ",
            "line 11: question `essay`: an answer was complete without text",
            "line 11: question `essay`: how large files of an answer may be",
            "line 11: question `essay`: which types of files an answer may ",
        ]
    );
}

#[test]
fn a_picture_of_moodle_1_9_is_told() {
    let question = |picture: &str| {
        format!(
            "<quiz><question type=\"truefalse\"><name><text>T</text></name><questiontext><text>t</text></questiontext>{picture}<answer fraction=\"100\"><text>true</text></answer><answer fraction=\"0\"><text>false</text></answer></question></quiz>"
        )
    };
    let losses = |picture: &str| read(&question(picture), "f").unwrap().losses;
    assert_eq!(losses("<image></image>"), []);
    let told = losses("<image>map.gif</image><image_base64>AAAA</image_base64>");
    assert_eq!(told.len(), 1);
    assert!(told[0].what.contains("`map.gif`"), "{told:?}");
}

proptest::proptest! {
    #[test]
    fn fuzz_moodle(text in carrel_fuzz::damaged_text(
        &[
            BANK,
            "<quiz><question type='calculated'><name><text>c</text></name><questiontext><text>{a}+{={a}*2}</text></questiontext><answer fraction='100'><text>{a}*3</text><tolerance>0.1</tolerance></answer><dataset_definitions><dataset_definition><name><text>a</text></name><dataset_items><dataset_item><number>1</number><value>2</value></dataset_item></dataset_items></dataset_definition></dataset_definitions></question><question type='gapselect'><questiontext><text>[[1]] [[2]]</text></questiontext><selectoption><text>x</text><group>1</group></selectoption><selectoption><text>y</text><group>1</group></selectoption></question></quiz>",
        ],
        &["<text>", "</text>", "<answer fraction=\"33.33\">", "</answer>", "{1:MC:=a~b}", "[[3]]", "@@PLUGINFILE@@/", "<file name=\"a\" encoding=\"base64\">", "<![CDATA[", "]]>", "format=\"moodle_auto_format\"", "&amp;lt;"],
    )) {
        if let Ok(imported) = read(&text, "f") {
            let _ = write(&imported.quiz, &imported.files);
        }
    }
}
