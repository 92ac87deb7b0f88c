//! Piston's WebSocket.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Message, WebSocket};

use super::hand::{beat, working};
use crate::world::{Person, World};

/// Only a hang reaches it, seconds.
const WAIT_SECONDS: u64 = 60;

fn connect(world: &World, who: &Person) -> WebSocket<TcpStream> {
    let url = format!("ws://{}/api/v2/connect", world.address);
    let mut request = url.into_client_request().unwrap();
    let bearer = who.bearer().parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(world.address).unwrap();
    let patience = Duration::from_secs(WAIT_SECONDS);
    stream.set_read_timeout(Some(patience)).unwrap();
    tungstenite::client(request, stream).unwrap().0
}

fn send(socket: &mut WebSocket<TcpStream>, message: &Value) {
    socket.send(Message::text(message.to_string())).unwrap();
}

/// Everything up to the close, and its code and reason.
fn read_all(socket: &mut WebSocket<TcpStream>) -> (Vec<Value>, u16, String) {
    let mut messages = Vec::new();
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => messages.push(serde_json::from_str(&text).unwrap()),
            Message::Close(Some(frame)) => {
                return (messages, frame.code.into(), frame.reason.to_string());
            }
            _ => {}
        }
    }
}

fn start() -> (World, Person) {
    let world = World::start();
    beat(&world);
    let eve = world.person("eve", None);
    (world, eve)
}

fn init(language: &str, program: &str) -> Value {
    json!({"type": "init", "language": language, "version": "*", "files": [{"content": program}]})
}

#[test]
fn a_run_is_told_in_their_messages() {
    let (world, eve) = start();
    let (messages, code, reason) = working(&world, || {
        let mut socket = connect(&world, &eve);
        send(&mut socket, &init("c", "both"));
        read_all(&mut socket)
    });
    assert_eq!(
        messages,
        [
            json!({"type": "runtime", "language": "c", "version": "12.2.0"}),
            json!({"type": "stage", "stage": "compile"}),
            json!({"type": "data", "stream": "stderr", "data": "warning\n"}),
            json!({"type": "exit", "stage": "compile", "code": 0, "signal": null}),
            json!({"type": "stage", "stage": "run"}),
            json!({"type": "data", "stream": "stdout", "data": "1\n"}),
            json!({"type": "data", "stream": "stderr", "data": "2\n"}),
            json!({"type": "data", "stream": "stdout", "data": "3\n"}),
            json!({"type": "exit", "stage": "run", "code": 0, "signal": null}),
        ]
    );
    assert_eq!((code, reason.as_str()), (4999, "Job Completed"));
}

#[test]
fn input_that_comes_at_once_is_collected() {
    let (world, eve) = start();
    let (messages, ..) = working(&world, || {
        let mut socket = connect(&world, &eve);
        send(&mut socket, &init("python", "echo"));
        for data in ["one\n", "two\n"] {
            send(
                &mut socket,
                &json!({"type": "data", "stream": "stdin", "data": data}),
            );
        }
        read_all(&mut socket)
    });
    let data = json!({"type": "data", "stream": "stdout", "data": "one\ntwo\n"});
    assert!(messages.contains(&data), "{messages:?}");
}

#[test]
fn whoever_breaks_the_protocol_is_told_by_code() {
    let (world, eve) = start();
    let talk = |messages: &[Value]| {
        let mut socket = connect(&world, &eve);
        for message in messages {
            send(&mut socket, message);
        }
        read_all(&mut socket)
    };
    let (_, code, reason) = talk(&[]);
    assert_eq!((code, reason.as_str()), (4001, "Initialization Timeout"));
    let data = json!({"type": "data", "stream": "stdin", "data": ""});
    let (_, code, reason) = talk(&[data]);
    assert_eq!((code, reason.as_str()), (4003, "Not yet initialized"));
    let program = init("python", "echo");
    let (_, code, reason) = talk(&[program.clone(), program.clone()]);
    assert_eq!((code, reason.as_str()), (4000, "Already Initialized"));
    let (_, code, reason) = talk(&[program.clone(), json!({"type": "data", "stream": "stdout"})]);
    assert_eq!((code, reason.as_str()), (4004, "Can only write to stdin"));
    let (_, code, reason) = talk(&[program, json!({"type": "signal", "signal": "SIGNONE"})]);
    assert_eq!((code, reason.as_str()), (4005, "Invalid signal"));
    let (messages, code, reason) = talk(&[json!({"type": "init"})]);
    let message = json!({"type": "error", "message": "language is required as a string"});
    assert_eq!((code, reason.as_str()), (4002, "Notified Error"));
    assert_eq!(messages, [message]);
}

#[test]
fn a_signal_ends_the_run() {
    let (world, eve) = start();
    let mut socket = connect(&world, &eve);
    send(&mut socket, &init("python", "echo"));
    // Nobody works: the run waits. Signals count once it is queued, so they are sent until it ends.
    let runtime = socket.read().unwrap();
    assert!(runtime.to_text().unwrap().contains("runtime"));
    let ender = {
        let signal = json!({"type": "signal", "signal": "SIGKILL"});
        let patience = Duration::from_millis(100);
        socket.get_ref().set_read_timeout(Some(patience)).unwrap();
        loop {
            let _ = socket.send(Message::text(signal.to_string()));
            match socket.read() {
                Ok(message) => break message,
                Err(tungstenite::Error::Io(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let exit: Value = serde_json::from_str(ender.to_text().unwrap()).unwrap();
    assert_eq!(
        exit,
        json!({"type": "exit", "stage": "run", "code": null, "signal": "SIGKILL"})
    );
}
