//! Quizzes of other tools, converted by a page: told what was lost, given to be saved, and the
//! course stays as it is.

use std::io::{Cursor, Read as _, Write as _};

use carrel_store::course::Courses as _;

use crate::author_publish::upload;
use crate::operator_pages::open;
use crate::world::{Answer, Person, World};

const PAGE: &str = "/courses/demo/author/import";
const AIKEN: &str = "What?\nA. one\nB. two\nANSWER: B\n";

fn send(world: &World, who: &Person, file: (&str, &[u8]), format: &str) -> String {
    let sent = upload(world, who, PAGE, file, &[("format", format)]);
    assert_eq!(sent.status, 303, "{sent:?}");
    sent.headers["location"].to_str().unwrap().to_owned()
}

/// The link on a page that leads to something below the import.
fn link(page: &Answer, rest: &str) -> String {
    let links = page.text.split("href=\"").skip(1);
    let mut links = links.filter_map(|link| link.split('"').next());
    let found = links.find(|link| link.contains(rest)).unwrap();
    found.replace("&#38;", "&").replace("&amp;", "&")
}

#[test]
fn a_quiz_is_converted_and_saved_and_the_course_stays() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let before = world.wait(world.store.course("demo")).unwrap().digest;
    let refused = upload(&world, &ann, PAGE, ("q.txt", AIKEN.as_bytes()), &[]);
    assert_eq!(refused.status, 403, "{refused:?}");
    let address = send(
        &world,
        &ada,
        ("C:\\my quizzes\\week 1.txt", AIKEN.as_bytes()),
        "",
    );
    let report = open(&world, &ada, &address);
    assert_eq!(report.status, 200, "{report:?}");
    assert!(report.text.contains("Read as: Aiken"), "{report:?}");
    assert!(report.text.contains("Everything was carried over."));
    let quiz = open(&world, &ada, &link(&report, "/quiz?"));
    assert!(quiz.text.contains("- (x) {plain} two"), "{quiz:?}");
    let disposition = quiz.headers["content-disposition"].to_str().unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"week-1.quiz.md"),
        "{disposition}"
    );
    let policy = quiz.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("sandbox"), "{policy}");
    assert!(carrel_quiz::notation::parse(&quiz.text, "week-1.quiz.md").is_ok());
    for who in [&ann, &world.author("bob")] {
        let others = open(&world, who, &address);
        assert!([403, 404].contains(&others.status), "{others:?}");
    }
    let after = world.wait(world.store.course("demo")).unwrap().digest;
    assert_eq!(before, after);
}

#[test]
fn everything_together_is_an_archive() {
    let world = World::start();
    let ada = world.author("ada");
    let moodle = "<?xml version=\"1.0\"?><quiz><question type=\"description\">\
        <name><text>Hello</text></name><questiontext format=\"html\"><text>Hi</text></questiontext>\
        </question><question type=\"ddimageortext\"><name><text>Drag</text></name>\
        <questiontext format=\"html\"><text>Drag it</text></questiontext></question></quiz>";
    let address = send(&world, &ada, ("bank.xml", moodle.as_bytes()), "moodle");
    let report = open(&world, &ada, &address);
    assert_eq!(report.status, 200, "{report:?}");
    assert!(
        report.text.contains("Not carried over, or changed"),
        "{report:?}"
    );
    let bearer = ada.bearer();
    let path = format!("http://{}{}", world.address, link(&report, "/files?"));
    let agent = ureq::Agent::config_builder()
        .proxy(None)
        .build()
        .new_agent();
    let mut answer = agent
        .get(path)
        .header("authorization", bearer)
        .call()
        .unwrap();
    let bytes = answer.body_mut().read_to_vec().unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut losses = String::new();
    let mut file = archive.by_name("import-report.txt").unwrap();
    file.read_to_string(&mut losses).unwrap();
    assert!(losses.contains("ddimageortext"), "{losses}");
    drop(file);
    assert!(
        archive
            .file_names()
            .any(|name| name.unwrap().ends_with(".quiz.md"))
    );
}

#[test]
fn what_is_hostile_or_broken_is_refused_with_its_place() {
    let world = World::start();
    let ada = world.author("ada");
    let entities = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><quiz>&b;</quiz>";
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    bomb.start_file("imsmanifest.xml", options).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..80 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap().into_inner();
    for (file, bytes, format, told) in [
        ("a.xml", entities.as_bytes(), "", "DTD"),
        ("a.gift", b"What? {=\xff}".as_slice(), "", "byte 8"),
        ("a.txt", b"What?\nA. one\n".as_slice(), "aiken", "a.txt:"),
        ("a.zip", bomb.as_slice(), "", "too large"),
        ("a.h5p", b"PK\x03\x04".as_slice(), "", "no zip archive"),
        ("a.doc", b"q".as_slice(), "", "choose one"),
        ("a.txt", b"x".as_slice(), "canvas", "no format"),
    ] {
        let address = send(&world, &ada, (file, bytes), format);
        let refused = open(&world, &ada, &address);
        assert_eq!(refused.status, 422, "{file}: {refused:?}");
        assert!(refused.text.contains(told), "{file}: {refused:?}");
        assert!(!refused.text.contains("Save everything"), "{file}");
    }
    let large = vec![b'x'; (16 << 20) + 1];
    let refused = upload(&world, &ada, PAGE, ("a.xml", &large), &[]);
    assert_eq!(refused.status, 413, "{:?}", refused.status);
}
