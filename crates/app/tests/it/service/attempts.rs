//! The service killed while learners answer in attempts.

use std::time::Duration;

use carrel_e2e::{Client, People, Server};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{arguments, program};

const COURSE: &str = "id = \"reading\"\ntitle = \"Reading\"\n\n[[units]]\nid = \"first\"\ntitle = \"First\"\nactivities = [\"letters.quiz.md\"]\n";

const QUIZ: &str = "+++\nid = \"letters\"\ntitle = \"Letters\"\n+++\n\n## First {#first}\n\nA?\n\n= a\n\n## Second {#second}\n\nB?\n\n= b\n";

/// Learners who answer at once.
const LEARNERS: usize = 3;
/// Answers of each.
const ANSWERS: u64 = 60;
/// Times that the process that answers is killed.
const KILLS: usize = 4;

struct World {
    server: Server,
    people: People,
    _course: TempDir,
}

fn start() -> World {
    let course = tempfile::tempdir().unwrap();
    std::fs::write(course.path().join("course.toml"), COURSE).unwrap();
    std::fs::write(course.path().join("letters.quiz.md"), QUIZ).unwrap();
    let arguments = arguments(course.path(), &["--allow-missing-layers"]);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let server = Server::start(&program(), &words).unwrap();
    let people = People::add(&server, "reading", LEARNERS).unwrap();
    World {
        server,
        people,
        _course: course,
    }
}

/// Sends until there is an answer: what broke with the connection is sent again.
async fn insist(client: &mut Client, method: &str, path: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let bytes = body.to_string();
    loop {
        let answer = client
            .request(method, path, &headers, bytes.as_bytes())
            .await;
        match answer {
            Ok(answer) if answer.status < 500 => {
                let told = answer.json();
                assert!(answer.status < 300, "{method} {path}: {told}");
                return told;
            }
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Starts an attempt and types; returns it with the last answers that were acknowledged.
async fn type_answers(mut client: Client) -> (String, [String; 2]) {
    let path = "/api/v1/courses/reading/quizzes/letters/attempts";
    let started = insist(&mut client, "POST", path, &json!({})).await;
    let id = started["id"].as_str().unwrap().to_owned();
    let mut acknowledged = [String::new(), String::new()];
    for sequence in 1..=ANSWERS {
        for (place, question) in ["first", "second"].into_iter().enumerate() {
            let text = format!("{question} {sequence}");
            let path = format!("/api/v1/attempts/{id}/answers/{question}");
            let answer = json!({"type": "short_answer", "text": text});
            let body = json!({"answer": answer, "sequence": sequence});
            insist(&mut client, "PUT", &path, &body).await;
            acknowledged[place] = text;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (id, acknowledged)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_answer_is_there_after_kills_at_any_moment() {
    let mut world = start();
    let typing: Vec<_> = world
        .people
        .learners
        .iter()
        .map(|token| {
            let client = Client::new(world.server.address, Some(token));
            tokio::spawn(type_answers(client))
        })
        .collect();
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(300 + 130 * kill as u64)).await;
        if let Some(pid) = world.server.kill("web") {
            world.server.successor("web", pid).unwrap();
        }
    }
    let mut kept = Vec::new();
    for typed in typing {
        kept.push(typed.await.unwrap());
    }
    // And all of it at once, with nothing left to say good-bye.
    let before = world.server.processes();
    world.server.kill("supervisor").unwrap();
    for process in &before {
        carrel_e2e::server::kill(process.pid, rustix::process::Signal::KILL);
    }
    world.server.restart().unwrap();
    for (number, (id, acknowledged)) in kept.iter().enumerate() {
        let token = &world.people.learners[number];
        let mut client = Client::new(world.server.address, Some(token));
        let path = format!("/api/v1/attempts/{id}");
        let shown = client.get(&path).await.unwrap().json();
        for (place, question) in [0, 1].into_iter().zip(["first", "second"]) {
            let found = &shown["questions"][place];
            assert_eq!(found["id"], question, "{shown}");
            assert_eq!(
                found["answer"]["text"],
                json!(acknowledged[place]),
                "{shown}"
            );
            assert_eq!(found["sequence"], json!(ANSWERS), "none was counted twice");
        }
    }
}
