//! Ids that come to name something else: told, and refused where learners have results.

use carrel_model::Verdict;
use serde_json::json;

use crate::author_publish::upload;
use crate::operator_pages::open;
use crate::school::{self, QUESTIONS, SETTINGS, sit, word};
use crate::world::{Answer, Person, World, tar};

/// The question `word` as an essay.
fn as_essay() -> String {
    let (before, rest) = QUESTIONS.split_once("## The word").unwrap();
    let (_, after) = rest.split_once("## Write").unwrap();
    format!("{before}## The word {{#word}}\nkind: essay\n\nWhich word?\n\n## Write{after}")
}

/// No question `word`.
fn without_word() -> String {
    let (before, rest) = QUESTIONS.split_once("## The word").unwrap();
    let (_, after) = rest.split_once("## Write").unwrap();
    format!("{before}## Write{after}")
}

fn send(world: &World, who: &Person, query: &str, questions: &str) -> Answer {
    let root = school::write(world, SETTINGS, questions, "");
    send_files(world, who, query, &root)
}

fn send_files(world: &World, who: &Person, query: &str, root: &std::path::Path) -> Answer {
    let bearer = who.bearer();
    let headers = [("authorization", bearer.as_str())];
    let path = format!("/courses/demo/versions{query}");
    world.send("POST", &path, &headers, &tar(root))
}

#[track_caller]
fn assert_refused(answer: &Answer, told: &str) {
    answer.is(422, "course_invalid");
    let errors = answer.body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0]["field"], "loops.quiz.md");
    let message = errors[0]["message"].as_str().unwrap();
    assert!(message.contains(told), "{message}");
}

#[test]
fn a_question_of_another_kind_is_told_and_refused_where_it_was_answered() {
    let (world, _hand) = school::start(SETTINGS, QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    // What an author tries is no result.
    sit(&world, &ada);
    let preview = send(&world, &ada, "?preview=true", &as_essay());
    let subjects = preview.ok()["difference"]["subjects"].clone();
    let expected = json!({"type": "reused", "question": "word", "before": "a short-answer question", "after": "an essay question"});
    let changes = subjects[0]["changes"].as_array().unwrap();
    assert!(changes.contains(&expected), "{changes:?}");
    let sitting = sit(&world, &ann);
    sitting.save("word", &word("stop")).ok();
    let told = "the id `word` of quiz `loops` named a short-answer question";
    assert_refused(&send(&world, &ada, "?preview=true", &as_essay()), told);
    let before = world.get(&ada, "/courses/demo").ok()["version"].clone();
    assert_refused(&send(&world, &ada, "", &as_essay()), told);
    assert_eq!(world.get(&ada, "/courses/demo").ok()["version"], before);
    // The page says the same.
    let root = school::write(&world, SETTINGS, &as_essay(), "");
    let page = "/courses/demo/author/publish";
    let sent = upload(&world, &ada, page, ("c.tar", &tar(&root)), &[]);
    let refused = open(&world, &ada, sent.headers["location"].to_str().unwrap());
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.text.contains("an id of its own"), "{refused:?}");
    // Under an id of its own it is a new question.
    let renamed = as_essay().replace("{#word}", "{#which}");
    send(&world, &ada, "", &renamed).ok();
}

#[test]
fn an_id_that_comes_back_is_known_from_earlier_versions() {
    let (world, _hand) = school::start(SETTINGS, QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let sitting = sit(&world, &ann);
    sitting.save("word", &word("stop")).ok();
    send(&world, &ada, "", &without_word()).ok();
    let told = "the id `word` of quiz `loops` named a short-answer question";
    assert_refused(&send(&world, &ada, "", &as_essay()), told);
    // The same question may come back.
    let preview = send(&world, &ada, "?preview=true", QUESTIONS);
    assert!(!preview.text.contains("reused"), "{preview:?}");
    send(&world, &ada, "", QUESTIONS).ok();
}

#[test]
fn an_activity_of_another_kind_is_told_and_refused_where_it_has_results() {
    let (world, _hand) = school::start(SETTINGS, QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    // The quiz takes the id of the challenge, which is gone.
    let root = school::write(&world, SETTINGS, QUESTIONS, "");
    std::fs::remove_dir_all(root.join("double")).unwrap();
    for (file, from, to) in [
        ("course.toml", ", 'double'", ""),
        ("loops.quiz.md", "id = 'loops'", "id = 'double'"),
    ] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        std::fs::write(root.join(file), text.replace(from, to)).unwrap();
    }
    let preview = send_files(&world, &ada, "?preview=true", &root);
    let expected = json!({"type": "reused", "before": "a challenge", "after": "a quiz"});
    let subjects = preview.ok()["difference"]["subjects"].as_array().unwrap();
    let mut changes = subjects
        .iter()
        .flat_map(|subject| subject["changes"].as_array().unwrap());
    assert!(changes.any(|change| *change == expected), "{subjects:?}");
    world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let refused = send_files(&world, &ada, "", &root);
    assert_refused(&refused, "the id `double` named a challenge");
}
