//! Quizzes from other tools and for them.

use std::io::Write as _;

use crate::schema;
use crate::test::{Ended, Test};

const COURSE: &str = "\
id = \"c\" # mine
title = \"C\"

[[units]]
id = \"one\"
title = \"One\"
activities = [\"hello.md\"]
";
const LESSON: &str = "+++\nid = \"hello\"\ntitle = \"Hello\"\n+++\n\nHello.\n";

const GIFT: &str = "::Capital:: The capital of France is {=Paris ~Rome#No. ~Oslo}\n\n::Sum:: What is 1 + 1? {#2:0.1}\n";
const AIKEN: &str = "Which is a fruit?\nA. Pear\nB. Stone\nANSWER: A\n";
const MOODLE: &str = r#"<?xml version="1.0"?><quiz>
<question type="multichoice"><name><text>Tree</text></name>
<questiontext format="html"><text><![CDATA[<p>What is it? <img src="@@PLUGINFILE@@/tree.png"></p>]]></text><file name="tree.png" encoding="base64">iVBORw0KGgo=</file></questiontext>
<single>true</single><answer fraction="100"><text>a tree</text></answer><answer fraction="0"><text>a bush</text></answer></question>
<question type="ddimageortext"><name><text>Drag</text></name><questiontext><text>x</text></questiontext></question>
<question type="coderunner"><name><text>Square it</text></name>
<questiontext format="html"><text>Write sqr.</text></questiontext><coderunnertype>python3</coderunnertype><prototypetype>0</prototypetype>
<answer><![CDATA[def sqr(n):
    return n * n]]></answer>
<testcases><testcase testtype="0" mark="1.0"><testcode><text>print(sqr(2))</text></testcode><stdin><text></text></stdin><expected><text>4</text></expected><extra><text></text></extra><display><text>SHOW</text></display></testcase></testcases></question>
</quiz>"#;
const QTI: &str = "<qti-assessment-item xmlns='http://www.imsglobal.org/xsd/imsqtiasi_v3p0' identifier='planet' title='Planet'>\
<qti-response-declaration identifier='RESPONSE' cardinality='single' base-type='identifier'><qti-correct-response><qti-value>A</qti-value></qti-correct-response></qti-response-declaration>\
<qti-item-body><qti-choice-interaction response-identifier='RESPONSE' max-choices='1'><qti-prompt>Which is a planet?</qti-prompt>\
<qti-simple-choice identifier='A'>Mars</qti-simple-choice><qti-simple-choice identifier='B'>Sun</qti-simple-choice></qti-choice-interaction></qti-item-body>\
<qti-response-processing template='https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct'/></qti-assessment-item>";

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in entries {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*path, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn h5p() -> Vec<u8> {
    zip(&[
        (
            "h5p.json",
            r#"{"title": "Fruit", "mainLibrary": "H5P.TrueFalse", "language": "en"}"#,
        ),
        (
            "content/content.json",
            r#"{"question": "<p>A pear is a fruit.</p>", "correct": "true"}"#,
        ),
    ])
}

fn world(arguments: &[&str]) -> Test {
    Test::new(arguments)
        .file("c/course.toml", COURSE)
        .file("c/hello.md", LESSON)
        .file("capitals.txt", GIFT)
        .file("fruit.txt", AIKEN)
        .file("bank.xml", MOODLE)
        .file("planet.xml", QTI)
        .bytes("fruit.h5p", &h5p())
}

/// The course is sound: checking it gets as far as what it runs, and it runs nothing.
fn assert_sound(ended: Ended) -> Ended {
    ended
        .then(&["course", "check", "c", "--only", "hello"])
        .run()
}

#[test]
fn every_format_becomes_a_quiz_of_the_course() {
    let imported = world(&[
        "course",
        "import",
        "capitals.txt",
        "fruit.txt",
        "planet.xml",
        "fruit.h5p",
        "--into",
        "c",
        "--unit",
        "one",
        "--quiz",
        "capitals",
        "--quiz",
        "pears",
        "--json",
    ])
    .run();
    let report = schema::assert_fits(&imported, "import-report");
    let told: Vec<(&str, &str, &str)> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let quiz = &file["activities"][0];
            assert_eq!(
                (&quiz["unit"], &quiz["kind"]),
                (&"one".into(), &"quiz".into())
            );
            (
                file["format"].as_str().unwrap(),
                quiz["path"].as_str().unwrap(),
                quiz["id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("gift", "quizzes/capitals.quiz.md", "capitals"),
            ("aiken", "quizzes/pears.quiz.md", "pears"),
            ("qti", "quizzes/planet.quiz.md", "planet"),
            ("h5p", "quizzes/fruit.quiz.md", "fruit"),
        ]
    );
    let quiz = imported.read("c/quizzes/capitals.quiz.md");
    assert!(
        quiz.starts_with(
            "+++\nid = \"capitals\"\ntitle = \"Capitals\"\n+++\n\n## Capital {#capital}\n"
        ),
        "{quiz}"
    );
    // The author's comment stays, and the list goes on.
    let course = imported.read("c/course.toml");
    assert_eq!(
        course,
        COURSE.replace(
            "[\"hello.md\"]",
            "[\"hello.md\", \"quizzes/capitals.quiz.md\", \"quizzes/pears.quiz.md\", \
             \"quizzes/planet.quiz.md\", \"quizzes/fruit.quiz.md\"]"
        )
    );
    let sound = assert_sound(imported);
    sound.then(&["course", "format", "--check", "c"]).run();
}

#[test]
fn moodle_brings_files_and_challenges_and_what_is_lost_is_named() {
    let imported = world(&[
        "course", "import", "bank.xml", "--into", "c", "--prefix", "m-",
    ])
    .stdout("bank.xml (moodle):\n  quiz quizzes/m-bank.quiz.md, 1 question, 1 file, a draft")
    .stdout("challenge challenges/m-square-it, a draft")
    .stdout("question `drag`: a question of the type `ddimageortext` cannot be carried over")
    .run();
    let picture = "c/quizzes/files/m-bank/tree/tree.png";
    assert!(imported.has(picture), "{}", imported.stdout);
    let quiz = imported.read("c/quizzes/m-bank.quiz.md");
    assert!(
        quiz.contains("file: tree.png; image/png; files/m-bank/tree/tree.png"),
        "{quiz}"
    );
    let challenge = imported.read("c/challenges/m-square-it/challenge.toml");
    assert!(challenge.contains("id = \"m-square-it\""), "{challenge}");
    assert!(imported.read("c/course.toml").contains(
        "drafts = [\n    \"quizzes/m-bank.quiz.md\",\n    \"challenges/m-square-it\",\n]"
    ));
    assert!(imported.list("c").iter().all(|name| !name.starts_with('.')));
    assert_sound(imported);
}

#[test]
fn a_report_of_losses_and_challenges_fits_its_schema() {
    let arguments = ["course", "import", "bank.xml", "--into", "c", "--json"];
    let imported = world(&arguments).run();
    let report = schema::assert_fits(&imported, "import-report");
    let file = &report["files"][0];
    assert_eq!(file["activities"][1]["kind"], "challenge");
    assert_eq!(file["losses"][0]["question"], "drag");
}

#[test]
fn nothing_is_overwritten_and_nothing_is_written_in_part() {
    let before = ["course.toml", "hello.md"];
    // The second file cannot be read, so the first is not written either.
    let refused = world(&[
        "course",
        "import",
        "capitals.txt",
        "bad.gift",
        "--into",
        "c",
    ])
    .file("bad.gift", "What? {=a ~b\n")
    .status(3)
    .stderr("bad.gift is not valid GIFT:\nbad.gift:1:")
    .run();
    assert_eq!(refused.list("c"), before);
    assert_eq!(refused.read("c/course.toml"), COURSE);
    let twice = ["course", "import", "capitals.txt", "--into", "c"];
    let refused = refused.then(&twice).run().then(&twice);
    refused
        .status(2)
        .stderr("c/quizzes/capitals.quiz.md` exists already")
        .stderr("--quiz ID")
        .run();
    world(&[
        "course",
        "import",
        "capitals.txt",
        "--into",
        "c",
        "--quiz",
        "hello",
    ])
    .status(2)
    .stderr("`hello`, from `capitals.txt`, is the id of the lesson `hello.md`")
    .run();
    world(&["course", "import", "capitals.txt", "--into", "c"])
        .file(
            "c/course.toml",
            &format!("retired = [\"capitals\"]\n{COURSE}"),
        )
        .status(2)
        .stderr("is the id of something that the course had once")
        .run();
    world(&["course", "import", "fruit.txt", "fruit.h5p", "--into", "c"])
        .status(2)
        .stderr("`fruit`, from `fruit.h5p`, is the id of another file that is imported")
        .run();
}

#[test]
fn what_cannot_be_told_apart_is_asked_about_with_the_formats_there_are() {
    world(&["course", "import", "essay.txt", "--into", "c"])
        .file("essay.txt", "Only words.\n")
        .status(2)
        .stderr("`essay.txt` has none of the formats that are read")
        .stderr("--from FORMAT")
        .stderr("  moodle: Moodle XML")
        .absent("canvas")
        .run();
    world(&["course", "import", "both.txt", "--into", "c"])
        .file("both.txt", "Which is a set?\nA. {1}\nB. [1]\nANSWER: A\n")
        .status(2)
        .stderr("can be read as `aiken`")
        .run()
        .then(&[
            "course", "import", "both.txt", "--into", "c", "--from", "aiken",
        ])
        .run();
    world(&[
        "course",
        "import",
        "fruit.txt",
        "--into",
        "c",
        "--from",
        "word",
    ])
    .status(2)
    .stderr("the formats are gift, aiken, moodle")
    .absent("canvas")
    .run();
    world(&[
        "course",
        "import",
        "fruit.txt",
        "--into",
        "c",
        "--unit",
        "two",
    ])
    .status(2)
    .stderr("the course has no unit `two`")
    .stderr("its units are `one`")
    .run();
    world(&["course", "import", "fruit.txt", "--into", "."])
        .status(2)
        .stderr("holds no course.toml")
        .run();
}

#[test]
fn hostile_files_are_refused_and_leave_nothing() {
    let manifest = "<manifest><resources><resource type='imsqti_item_xmlv2p1' href='../../../etc/passwd'/></resources></manifest>";
    let refused = world(&["course", "import", "p.zip", "--into", "c"])
        .bytes("p.zip", &zip(&[("imsmanifest.xml", manifest)]))
        .status(3)
        .stderr("leads out of the package")
        .run();
    assert_eq!(refused.list("c"), ["course.toml", "hello.md"]);
    let bomb = "<!DOCTYPE quiz [<!ENTITY a \"aaaaaaaaaa\">]><quiz><question type='essay'><name><text>&a;</text></name></question></quiz>";
    world(&["course", "import", "bomb.xml", "--into", "c"])
        .file("bomb.xml", bomb)
        .status(3)
        .stderr("bomb.xml has a DTD with entities (`<!ENTITY …>`), which is not read")
        .run();
    world(&["course", "import", "cut.xml", "--into", "c"])
        .file("cut.xml", "<quiz>\n<question type='essay'>")
        .status(3)
        .stderr("cut.xml is cut off: it ends in line 2 and has no `</quiz>`")
        .run();
    world(&["course", "import", "old.xml", "--into", "c"])
        .file("old.xml", "<questestinterop/>")
        .status(2)
        .stderr("`old.xml` is QTI 1.2")
        .run();
    world(&["course", "import", "broken.zip", "--into", "c"])
        .file("broken.zip", "PK\u{3}\u{4} not really")
        .status(3)
        .stderr("broken.zip is not valid QTI:\nbroken.zip:1: it is no zip archive")
        .run();
}

#[test]
fn what_an_author_must_mend_stays_a_draft() {
    // Links of Markdown are followed; this one leads nowhere.
    let gift = "::Map:: [markdown]Look at the [map](map.png). Is it round? {T}\n";
    let imported = world(&[
        "course", "import", "map.gift", "--into", "c", "--unit", "one",
    ])
    .file("map.gift", gift)
    .stdout("quiz quizzes/map.quiz.md, 1 question, a draft")
    .stdout(
        "to be mended: quizzes/map.quiz.md:9:13: question `map`: `quizzes/map.png` does not exist",
    )
    .run();
    assert!(
        imported
            .read("c/course.toml")
            .contains("drafts = [\n    \"quizzes/map.quiz.md\",\n]")
    );
    assert_sound(imported);
}

#[test]
fn what_goes_out_comes_back_with_the_same_questions() {
    for (format, extension) in [("moodle", "xml"), ("qti", "zip"), ("qti2.2", "zip")] {
        let file = format!("out.{extension}");
        let exported = world(&[
            "course",
            "import",
            "bank.xml",
            "capitals.txt",
            "--into",
            "c",
        ])
        .run()
        .then(&[
            "course",
            "export",
            "c/quizzes/bank.quiz.md",
            "--to",
            format,
            "-o",
            &file,
        ])
        .stdout(&format!("{file} ({format}): quiz `bank`, 1 question"))
        .run();
        let again = exported
            .then(&["course", "import", &file, "--into", "c", "--quiz", "again"])
            .stdout("quiz quizzes/again.quiz.md, 1 question, 1 file")
            .run();
        let text = again.read("c/quizzes/again.quiz.md");
        assert!(
            text.contains("(x) a tree") || text.contains("(x) {html} a tree"),
            "{text}"
        );
        let files = again.list("c/quizzes/files/again/tree");
        assert!(
            files.len() == 1 && files[0].ends_with("tree.png"),
            "{files:?}"
        );
    }
}

#[test]
fn a_course_is_exported_quiz_by_quiz_and_over_nothing() {
    let imported = world(&[
        "course",
        "import",
        "capitals.txt",
        "bank.xml",
        "--into",
        "c",
        "--unit",
        "one",
    ])
    .run();
    let exported = imported
        .then(&["course", "export", "c", "--to", "canvas"])
        .stdout("c-canvas/capitals.zip (canvas): quiz `capitals`, 2 questions")
        .stdout("not carried over, for no format has them: lesson `hello`, challenge `square-it`")
        .run();
    assert_eq!(exported.list("c-canvas"), ["bank.zip", "capitals.zip"]);
    let refused = exported
        .then(&["course", "export", "c", "--to", "canvas"])
        .status(2)
        .stderr("c-canvas` exists already")
        .stderr("--output PATH")
        .run();
    let mut gift = refused
        .then(&[
            "course", "export", "c", "--to", "gift", "-o", "gift", "--json",
        ])
        .run();
    let report = schema::assert_fits(&gift, "export-report");
    assert_eq!(report["quizzes"][0]["file"], "gift/capitals.gift");
    // GIFT has no pictures, and says so by the question's name.
    let losses = report["quizzes"][1]["losses"].to_string();
    assert!(
        losses.contains("\"tree\"") && losses.contains("embedded files"),
        "{losses}"
    );
    assert!(gift.read("gift/capitals.gift").contains("Paris"));
    for path in ["c", "c/quizzes/capitals.quiz.md"] {
        gift = gift
            .then(&["course", "export", path, "--to", "gift", "-o", "no/x"])
            .status(2)
            .stderr("`no` is no directory")
            .stderr("make it first")
            .absent(".carrel-")
            .run();
    }
    gift.then(&["course", "export", "c", "--to", "h5p"])
        .status(2)
        .stderr("`h5p` (H5P) is read, not written")
        .stderr("  gift: ")
        .run()
        .then(&["course", "export", "capitals.txt", "--to", "gift"])
        .status(2)
        .stderr("is neither a course nor a quiz")
        .run();
}
