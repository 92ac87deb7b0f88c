//! Workspace projects: page, API, files and archive, and what holds for all of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use carrel_web::publish::publish_directory;
use serde_json::{Value, json};

use crate::operator_pages::{fill, open};
use crate::school::Hand;
use crate::world::{Person, World, tar, write_course};

const PAGE: &str = "/courses/demo/projects/page";
const API: &str = "/courses/demo/projects/page";
/// Stands in the instructions.
const TASK: &str = "Make a page";
/// Stands in a file of the project.
const FILE: &str = "Yours to write";

/// Writes the project `page` into a course.
pub(crate) fn write_project(root: &Path) {
    for (path, text) in [
        (
            "project.toml",
            "id = 'page'\ntitle = 'A page to make'\nsummary = 'A small page.'\nminutes = 40\n\
             environment = 'python'\nopen = ['index.html']\n\
             [[stages]]\nid = 'text'\ntitle = 'With text'\n",
        ),
        (
            "instructions.md",
            "# A page to make\n\nMake a page.\n\n![A page.](images/page.svg)\n\n## How <you> go on\n",
        ),
        (
            "images/page.svg",
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
        ),
        ("files/index.html", "<p><!-- Yours to write. --></p>\n"),
        ("files/css/style.css", "p { color: navy }\n"),
        ("stages/1-text/index.html", "<p>Hello</p>\n"),
    ] {
        let full = root.join("page").join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
    }
    fs::write(root.join("page/files/dot.png"), [0x89, b'P', 0xff]).unwrap();
}

#[test]
fn an_environment_of_a_project_that_no_node_has_is_told_when_publishing() {
    let world = World::start();
    let ada = world.author("ada");
    let root = write(&world, "");
    let file = root.join("page/project.toml");
    let text = fs::read_to_string(&file).unwrap();
    let bearer = ada.bearer();
    let publish = |environment: &str| {
        let text = text.replace("'python'", &format!("'{environment}'"));
        fs::write(&file, text).unwrap();
        let headers = [("authorization", bearer.as_str())];
        let answer = world.send("POST", "/courses/demo/versions", &headers, &tar(&root));
        answer.ok()["missing_environments"].clone()
    };
    assert_eq!(publish("cobol"), json!(["cobol"]));
    assert_eq!(publish("python"), Value::Null, "the node has it");
    // No work waits for it: nobody is called.
    publish("cobol");
    let metrics = world.send("GET", "//metrics", &[], b"").text;
    assert!(!metrics.contains("cobol"), "{metrics}");
}

/// The course `demo`: the lesson `intro`, and the project in a unit with these rules.
fn write(world: &World, rules: &str) -> std::path::PathBuf {
    let root = write_course(world.directory.path(), "demo", "");
    let course = format!(
        "id = 'demo'\ntitle = 'Demo'\n\
         [[units]]\nid = 'one'\ntitle = 'One'\nactivities = ['intro.md']\n\
         [[units]]\nid = 'two'\ntitle = 'Two'\n{rules}\nactivities = ['page', 'double']\n"
    );
    fs::write(root.join("course.toml"), course).unwrap();
    let lesson = "+++\nid = 'intro'\ntitle = 'Introduction'\n+++\nSee [the project](page).\n";
    fs::write(root.join("intro.md"), lesson).unwrap();
    write_project(&root);
    root
}

fn publish(world: &World, rules: &str) -> String {
    let root = write(world, rules);
    world
        .wait(publish_directory(&world.app, &root))
        .unwrap_or_else(|problem| panic!("{:#?}", problem.document()))
        .version
}

fn unpack(bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(entry.name().unwrap().into_owned(), bytes);
    }
    files
}

/// Everything of the project refuses, and shows nothing of it.
fn expect_held(world: &World, who: &Person, version: &str, status: u16) {
    let file = |path: &str| format!("//courses/demo/files/{version}/page/{path}");
    for path in [
        API.to_owned(),
        format!("{API}/archive"),
        format!("{API}/archive?stage=text"),
        format!("/{PAGE}"),
        format!("/{PAGE}?stage=text"),
        format!("/{PAGE}/archive"),
        file("images/page.svg"),
        file("files/dot.png"),
    ] {
        let answer = world.get(who, &path);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        for told in [TASK, FILE, "PNG", "svg xmlns"] {
            assert!(!answer.text.contains(told), "{path}: {answer:?}");
        }
    }
    let done = world.post(who, &format!("{API}/done"), &json!({}));
    assert_eq!(done.status, status, "{done:?}");
    assert_eq!(fill(world, who, &format!("{PAGE}/done"), "").status, status);
}

#[test]
fn a_project_is_read_with_its_files_and_stages() {
    let world = World::start();
    let version = publish(&world, "");
    let (ann, eve) = (world.learner("ann"), world.person("eve", None));
    let told = world.get(&ann, API);
    let told = told.ok();
    assert_eq!(told["title"], "A page to make");
    assert_eq!(
        (&told["minutes"], &told["environment"]),
        (&json!(40), &json!("python"))
    );
    assert!(
        !told["instructions"]
            .as_str()
            .unwrap()
            .contains("# A page to make")
    );
    assert_eq!(told["files"]["css/style.css"], "p { color: navy }\n");
    assert_eq!(told["files"]["dot.png"], json!({"base64": "iVD/"}));
    assert_eq!(told["open"], json!(["index.html"]));
    assert_eq!(
        told["stages"],
        json!([{"id": "text", "title": "With text", "files": ["index.html"]}])
    );
    assert_eq!(told["done"], false);
    world.get(&eve, API).is(404, "not_found");
    world
        .get(&ann, "/courses/demo/projects/double")
        .is(404, "not_found");

    let page = open(&world, &ann, PAGE);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains(TASK) && page.text.contains("40"));
    assert_eq!(page.text.matches("<h1>A page to make</h1>").count(), 1);
    // Files of an author are shown, never part of the page.
    assert!(page.text.contains("Yours to write") && !page.text.contains("<!-- Yours"));
    assert!(
        page.text
            .contains("<details class=\"project-file\" open><summary><code>index.html")
    );
    assert!(
        page.text
            .contains("<details class=\"project-file\"><summary><code>css/style.css")
    );
    assert!(page.text.contains("This file has no text to show"));
    let image = format!("/courses/demo/files/{version}/page/images/page.svg");
    assert!(page.text.contains(&image), "{}", page.text);
    assert_eq!(world.get(&ann, &format!("/{image}")).status, 200);
    assert!(page.text.contains(&format!("href=\"{PAGE}/archive\"")));
    assert!(
        page.text
            .contains(&format!("href=\"{PAGE}?stage=text#files\""))
    );
    let stage = open(&world, &ann, &format!("{PAGE}?stage=text"));
    assert!(stage.text.contains("Hello") && !stage.text.contains("css/style.css"));
    assert!(
        stage
            .text
            .contains(&format!("href=\"{PAGE}/archive?stage=text\""))
    );
    assert_eq!(
        open(&world, &ann, &format!("{PAGE}?stage=none")).status,
        404
    );
    // Links of other texts lead there.
    let lesson = open(&world, &ann, "/courses/demo/lessons/intro").text;
    assert!(lesson.contains(&format!("href=\"{PAGE}\"")), "{lesson}");
    let course = open(&world, &ann, "/courses/demo").text;
    assert!(
        course.contains("A small page.") && course.contains("Project"),
        "{course}"
    );
}

#[test]
fn its_files_are_saved_as_a_zip_of_each_moment() {
    let world = World::start();
    publish(&world, "");
    let ann = world.learner("ann");
    let path = format!("/api/v1{API}/archive");
    let files = unpack(world.download(&ann, &path));
    let names: Vec<&String> = files.keys().collect();
    assert_eq!(
        names,
        ["page/css/style.css", "page/dot.png", "page/index.html"]
    );
    assert_eq!(files["page/dot.png"], [0x89, b'P', 0xff]);
    // The page saves the same.
    assert_eq!(
        unpack(world.download(&ann, &format!("{PAGE}/archive"))),
        files
    );
    let stage = unpack(world.download(&ann, &format!("{path}?stage=text")));
    let expected = (
        "page-text/index.html".to_owned(),
        b"<p>Hello</p>\n".to_vec(),
    );
    assert_eq!(stage, BTreeMap::from([expected]));
    let answer = world.get(&ann, &format!("{API}/archive?stage=text"));
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/zip");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"page-text.zip\""
    );
    world
        .get(&ann, &format!("{API}/archive?stage=none"))
        .is(404, "not_found");
    world
        .get(&ann, &format!("{API}/archive?stag=text"))
        .is(400, "invalid_parameter");
}

#[test]
fn who_is_done_with_a_project_has_passed_it() {
    let world = World::start();
    publish(&world, "");
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    let activity = |who: &Person| {
        let progress = world.get(who, "/courses/demo/progress");
        progress.ok()["units"][1]["activities"][0].clone()
    };
    let before = activity(&ann);
    assert_eq!(
        (&before["kind"], &before["passed"]),
        (&json!("project"), &json!(false))
    );
    assert_eq!(
        (&before["weight"], &before["minutes"]),
        (&json!(0.0), &json!(40))
    );
    let marked = fill(&world, &ann, &format!("{PAGE}/done"), "");
    assert_eq!(marked.status, 303, "{marked:?}");
    assert_eq!(
        marked.headers["location"],
        "/courses/demo/challenges/double"
    );
    for who in [&bob, &ada] {
        let done = world.post(who, &format!("{API}/done"), &json!({}));
        assert_eq!(done.status, 204, "{done:?}");
    }
    for who in [&ann, &bob] {
        assert_eq!(activity(who)["passed"], true);
        assert_eq!(world.get(who, API).ok()["done"], true);
    }
    let page = open(&world, &ann, PAGE).text;
    assert!(
        page.contains("✓ Done") && !page.contains("Mark as done"),
        "{page}"
    );
    // Where there are no points there is no column.
    let book = world.get(&ada, "/courses/demo/gradebook");
    let columns = book.ok()["columns"].as_array().unwrap().clone();
    assert_eq!(columns.len(), 1, "{columns:?}");
    assert_eq!(columns[0]["id"], "double");
}

#[test]
fn what_is_hidden_holds_for_page_files_and_archive_alike() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let open_then = publish(&world, "");
    assert_eq!(world.get(&ann, API).status, 200);
    let hidden = publish(&world, "hidden = true");
    // Also of the version in which it was not hidden.
    for version in [&open_then, &hidden] {
        expect_held(&world, &ann, version, 404);
    }
    let course = open(&world, &ann, "/courses/demo").text;
    assert!(!course.contains("A page to make"), "{course}");
    assert_eq!(world.get(&ada, API).status, 200);
    assert_eq!(open(&world, &ada, PAGE).status, 200);
}

#[test]
fn files_of_what_is_a_draft_or_went_away_are_not_served() {
    let world = World::start();
    let ann = world.learner("ann");
    let listed = publish(&world, "");
    let root = write(&world, "");
    let text = fs::read_to_string(root.join("course.toml")).unwrap();
    let without = text.replace("activities = ['page', 'double']", "activities = []");
    let drafts = format!("drafts = ['page', 'double']\n{without}");
    fs::write(root.join("course.toml"), drafts).unwrap();
    fs::write(root.join("double/secret.json"), "{}").unwrap();
    let lesson = "+++\nid = 'intro'\ntitle = 'Introduction'\n+++\nText.\n";
    fs::write(root.join("intro.md"), lesson).unwrap();
    let published = world.wait(publish_directory(&world.app, &root));
    let drafted = published
        .unwrap_or_else(|problem| panic!("{:#?}", problem.document()))
        .version;
    for (version, path) in [
        (&listed, "page/files/dot.png"),
        (&drafted, "page/files/dot.png"),
        (&drafted, "page/images/page.svg"),
        (&drafted, "double/secret.json"),
    ] {
        let place = format!("//courses/demo/files/{version}/{path}");
        assert_eq!(world.get(&ann, &place).status, 404, "{place}");
    }
}

#[test]
fn what_must_be_passed_first_and_times_hold_it_as_a_whole() {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let version = publish(&world, "requires = ['intro']");
    expect_held(&world, &ann, &version, 409);
    let told = open(&world, &ann, PAGE).text;
    assert!(told.contains("Introduction"), "it says what: {told}");
    let seen = open(&world, &ada, PAGE).text;
    assert!(seen.contains(TASK) && seen.contains("Locked: first pass Introduction."));
    let read = fill(&world, &ann, "/courses/demo/lessons/intro/seen", "");
    assert_eq!(read.headers["location"], PAGE);
    assert_eq!(open(&world, &ann, PAGE).status, 200);
    let opens = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3_600);
    let version = publish(&world, &format!("opens = {opens:.0}"));
    expect_held(&world, &ann, &version, 409);
    hand.advance(3_700);
    assert_eq!(world.get(&ann, &format!("{API}/archive")).status, 200);
}

#[test]
fn what_changes_of_a_project_is_told_before_it_is_published() {
    let world = World::start();
    publish(&world, "");
    let ada = world.author("ada");
    let root = write(&world, "");
    fs::write(root.join("page/files/index.html"), "<p>Begin here.</p>\n").unwrap();
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str())];
    let path = "/courses/demo/versions?preview=true";
    let told = world.send("POST", path, &headers, &tar(&root));
    let subjects = &told.ok()["difference"]["subjects"];
    assert_eq!(
        subjects,
        &json!([{
            "kind": "project", "id": "page", "title": "A page to make",
            "changes": [{
                "type": "files", "what": "files", "paths": ["index.html"],
                "affects_results": false,
            }],
        }])
    );
    // What is wrong with it is told by file and line.
    let toml = root.join("page/project.toml");
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, text.replace("minutes", "minuts")).unwrap();
    let refused = world.send("POST", path, &headers, &tar(&root));
    refused.is(422, "course_invalid");
    let fields = refused.fields();
    assert!(fields.contains(&"page/project.toml:4:1"), "{fields:?}");
}
